//! Reads the header `Retry-After`: how long the client should wait (RFC 9110, section 10.2.3).
//!
//! Every value gives a duration or `None`. `retry` decides whether to wait that long.

use std::time::{Duration, SystemTime};

/// The longest wait; a longer one is shortened to it. Nine digits of seconds are more than 31 years.
pub(super) const MAX_RETRY_AFTER: Duration = Duration::from_secs(999_999_999);

/// The wait in the headers named `Retry-After`: seconds, or the time until a date. A date counts from
/// the `Date` of the response (`response_date`), because the two clocks may differ, or else from
/// `now`. `None` without such a header, with several of them, or when its value is 0, a time in the past,
/// or not readable.
pub(super) fn retry_after<'a>(
    headers: impl IntoIterator<Item = &'a [u8]>,
    response_date: Option<SystemTime>,
    now: SystemTime,
) -> Option<Duration> {
    let mut headers = headers.into_iter();
    let (value, None) = (headers.next()?, headers.next()) else { return None };
    let value = std::str::from_utf8(value).ok()?.trim_matches([' ', '\t']);
    let wait = if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        seconds(value)
    } else {
        let until = httpdate::parse_http_date(value).ok()?;
        until.duration_since(response_date.unwrap_or(now)).ok()?
    };
    (!wait.is_zero()).then(|| wait.min(MAX_RETRY_AFTER))
}

/// The time in the `Date` header of a response.
pub(super) fn date(header: Option<&[u8]>) -> Option<SystemTime> {
    httpdate::parse_http_date(std::str::from_utf8(header?).ok()?.trim()).ok()
}

/// More than nine digits give the longest wait, so that no number overflows.
fn seconds(digits: &str) -> Duration {
    match digits.trim_start_matches('0') {
        "" => Duration::ZERO,
        digits if digits.len() > 9 => MAX_RETRY_AFTER,
        digits => digits.parse().map_or(MAX_RETRY_AFTER, Duration::from_secs),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Wed, 22 Feb 2023 10:00:00 GMT.
    const RESPONSE_DATE: Duration = Duration::from_secs(1_677_060_000);

    fn read(headers: &[&str]) -> Option<u64> {
        let now = SystemTime::UNIX_EPOCH + RESPONSE_DATE + Duration::from_secs(3600);
        let response_date = Some(SystemTime::UNIX_EPOCH + RESPONSE_DATE);
        retry_after(headers.iter().map(|h| h.as_bytes()), response_date, now)
            .map(|wait| wait.as_secs())
    }

    #[test]
    fn a_number_means_seconds() {
        assert_eq!(read(&["2"]), Some(2));
        assert_eq!(read(&[" 007 "]), Some(7));
        assert_eq!(read(&["999999999"]), Some(999_999_999));
    }

    #[test]
    fn a_date_counts_from_the_date_of_the_response() {
        assert_eq!(read(&["Wed, 22 Feb 2023 10:00:42 GMT"]), Some(42));
    }

    #[test]
    fn a_date_counts_from_the_local_clock_when_the_response_has_no_date() {
        let now = SystemTime::UNIX_EPOCH + RESPONSE_DATE;
        let header = b"Wed, 22 Feb 2023 10:00:42 GMT".as_slice();
        assert_eq!(retry_after([header], None, now), Some(Duration::from_secs(42)));
        assert_eq!(date(Some(b"Wed, 22 Feb 2023 10:00:00 GMT")), Some(now));
        assert_eq!(date(Some(b"yesterday")), None);
    }

    #[test]
    fn a_header_without_a_readable_wait_is_ignored() {
        for header in [
            "0",
            "000",
            "-5",
            "+5",
            "1e9",
            "2.5",
            "",
            "soon",
            "5 s",
            "Wed, 22 Feb 2023 10:00:00 GMT",
            "Tue, 21 Feb 2023 10:00:00 GMT",
            "Wed, 99 Feb 2023 10:00:00 GMT",
            "٣",
        ] {
            assert_eq!(read(&[header]), None, "{header}");
        }
        assert_eq!(read(&[]), None);
        assert_eq!(read(&["2", "3"]), None);
    }

    #[test]
    fn an_absurd_wait_is_shortened_to_the_longest_one() {
        for header in ["1000000000", "99999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"] {
            assert_eq!(read(&[header]), Some(MAX_RETRY_AFTER.as_secs()), "{header}");
        }
    }

    /// A time that a header can name: from 1970 to the last second of 9999.
    fn a_time() -> impl Strategy<Value = SystemTime> + Clone {
        prop_oneof![0_u64..253_402_300_800, 1_677_000_000_u64..1_678_000_000]
            .prop_map(|seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
    }

    /// Header values: digits and dates, complete and with one byte changed, and arbitrary text.
    fn a_header() -> impl Strategy<Value = Vec<u8>> {
        let date = a_time().prop_map(|time| httpdate::fmt_http_date(time).into_bytes());
        let changed = (date.clone(), any::<prop::sample::Index>(), any::<u8>()).prop_map(
            |(mut date, at, byte)| {
                let at = at.index(date.len());
                date[at] = byte;
                date
            },
        );
        let digits = "[ \t]?[+-]?[0-9]{0,30}[ \t]?".prop_map(String::into_bytes);
        prop_oneof![date, changed, digits, any::<Vec<u8>>()]
    }

    proptest! {
        #[test]
        fn no_header_overflows_or_gives_more_than_the_longest_wait(
            headers in prop::collection::vec(a_header(), 0..3),
            response_date in prop::option::of(a_time()),
            now in a_time(),
        ) {
            let wait = retry_after(headers.iter().map(Vec::as_slice), response_date, now);
            prop_assert!(wait.is_none_or(|wait| wait > Duration::ZERO && wait <= MAX_RETRY_AFTER));
            prop_assert!(wait.is_none() || headers.len() == 1);
        }

        #[test]
        fn no_number_of_seconds_is_shortened(seconds in 1_u64..=999_999_999, zeros in 0_usize..20) {
            let padded = format!("{}{seconds}", "0".repeat(zeros));
            prop_assert_eq!(read(&[&padded]), Some(seconds));
        }

        #[test]
        fn no_wait_ends_before_the_requested_date(
            until in a_time(), response_date in a_time(), now in a_time(), has_date: bool
        ) {
            let header = httpdate::fmt_http_date(until);
            let from = if has_date { response_date } else { now };
            let wait = retry_after([header.as_bytes()], has_date.then_some(response_date), now);
            match until.duration_since(from) {
                Ok(requested) if requested > Duration::ZERO => prop_assert_eq!(wait, Some(requested.min(MAX_RETRY_AFTER))),
                _ => prop_assert_eq!(wait, None),
            }
        }

        #[test]
        fn a_number_of_more_than_nine_digits_gives_the_longest_wait(digits in "[0-9]{10,40}") {
            let value = digits.trim_start_matches('0');
            if value.len() > 9 {
                prop_assert_eq!(read(&[&digits]), Some(MAX_RETRY_AFTER.as_secs()));
            }
        }
    }
}
