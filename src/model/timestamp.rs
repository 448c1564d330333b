//! A time as the API writes it: an instant in milliseconds with a UTC offset.
//!
//! The API prints `2015-02-23T17:40:31.773+0100` (without a colon in the offset, which RFC 3339
//! parsers reject) and accepts `2015-02-22T17:42:05.390+01:00`. Both are read. A text that does not
//! identify an instant (without an offset, 30 February, a leap second) is rejected.

use chrono::{DateTime, FixedOffset, NaiveDate, SecondsFormat, Utc};

/// An instant with its UTC offset. Compared by instant, then by offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    millis: i64,
    offset_seconds: i32,
}

impl Timestamp {
    /// A timestamp in UTC, from milliseconds since 1970.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self { millis, offset_seconds: 0 }
    }

    /// Milliseconds since 1970 in UTC.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.millis
    }

    /// The same offset, this many milliseconds later (earlier, when negative).
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self { millis: self.millis.saturating_add(millis), ..self }
    }

    /// The date and time with the offset; `None` outside of the years 0 to 9999.
    #[must_use]
    pub fn to_datetime(self) -> Option<DateTime<FixedOffset>> {
        let instant = DateTime::<Utc>::from_timestamp_millis(self.millis)?;
        let local = instant.with_timezone(&FixedOffset::east_opt(self.offset_seconds)?);
        (0..=9999).contains(&chrono::Datelike::year(&local)).then_some(local)
    }

    /// The format for the parameters of the API: `2015-02-22T17:42:05.390+01:00`. Outside of the years
    /// 0 to 9999: the milliseconds since 1970.
    #[must_use]
    pub fn to_wire(self) -> String {
        match self.to_datetime() {
            Some(time) => time.to_rfc3339_opts(SecondsFormat::Millis, false),
            None => self.millis.to_string(),
        }
    }

    /// Reads the formats that the API is known to print: date and time separated by `T` or a space,
    /// with or without a fraction, and an offset as `Z`, `+0100`, `+01:00` or `+01`.
    /// A fraction is truncated to milliseconds. `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let number = |from: usize, to: usize| digits(bytes.get(from..to)?);
        let is = |at: usize, wanted: &[u8]| bytes.get(at).is_some_and(|b| wanted.contains(b));
        if !(is(4, b"-") && is(7, b"-") && is(10, b"Tt ") && is(13, b":") && is(16, b":")) {
            return None;
        }
        let year = i32::try_from(number(0, 4)?).ok()?;
        let date = NaiveDate::from_ymd_opt(year, number(5, 7)?, number(8, 10)?)?;
        let time = date.and_hms_opt(number(11, 13)?, number(14, 16)?, number(17, 19)?)?;
        let rest = bytes.get(19..)?;
        let (fraction_millis, rest) = fraction(rest)?;
        let offset_seconds = offset(rest)?;
        let millis = time.and_utc().timestamp_millis() + i64::from(fraction_millis)
            - i64::from(offset_seconds) * 1000;
        Some(Self { millis, offset_seconds })
    }
}

impl From<DateTime<FixedOffset>> for Timestamp {
    fn from(time: DateTime<FixedOffset>) -> Self {
        Self { millis: time.timestamp_millis(), offset_seconds: time.offset().local_minus_utc() }
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(time: DateTime<Utc>) -> Self {
        Self::from_millis(time.timestamp_millis())
    }
}

/// The number of one to nine ASCII digits; `None` for anything else, such as a sign.
fn digits(bytes: &[u8]) -> Option<u32> {
    if bytes.is_empty() || bytes.len() > 9 {
        return None;
    }
    let mut number = 0;
    for byte in bytes {
        if !byte.is_ascii_digit() {
            return None;
        }
        number = number * 10 + u32::from(byte - b'0');
    }
    Some(number)
}

/// Reads a fraction such as `.773` (one to nine digits) from the start: its milliseconds, and the
/// rest. Without a fraction: 0.
fn fraction(rest: &[u8]) -> Option<(u32, &[u8])> {
    let Some((b'.' | b',', after)) = rest.split_first() else { return Some((0, rest)) };
    let count = after.iter().take_while(|b| b.is_ascii_digit()).count();
    let (written, rest) = after.split_at_checked(count)?;
    let value = digits(written)?;
    let power = 10_u32.pow(u32::try_from(written.len().abs_diff(3)).ok()?);
    Some((if written.len() < 3 { value * power } else { value / power }, rest))
}

/// Reads `Z`, `+0100`, `+01:00` or `+01` as seconds east of UTC; `None` for 19 hours or more.
fn offset(rest: &[u8]) -> Option<i32> {
    let (sign, written) = match rest {
        b"Z" | b"z" => return Some(0),
        [b'+', written @ ..] => (1, written),
        [b'-', written @ ..] => (-1, written),
        _ => return None,
    };
    let (hours, minutes) = match written {
        [h1, h2] => (digits(&[*h1, *h2])?, 0),
        [h1, h2, m1, m2] | [h1, h2, b':', m1, m2] => (digits(&[*h1, *h2])?, digits(&[*m1, *m2])?),
        _ => return None,
    };
    (hours <= 18 && minutes < 60)
        .then(|| sign * i32::try_from(hours * 3600 + minutes * 60).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_format_of_the_api_is_read_as_the_same_instant() {
        let wanted = 1_424_709_631_773;
        for form in [
            "2015-02-23T17:40:31.773+0100",
            "2015-02-23T17:40:31.773+01:00",
            "2015-02-23T16:40:31.773Z",
            "2015-02-23 17:40:31.773+01",
            "2015-02-23T17:40:31.773999+0100",
        ] {
            assert_eq!(Timestamp::parse(form).map(Timestamp::millis), Some(wanted), "{form}");
        }
        let whole = Timestamp::parse("2015-02-23T17:40:31+0100").unwrap();
        assert_eq!(whole.millis(), 1_424_709_631_000);
        assert_eq!(
            Timestamp::parse("2015-02-23T17:40:31.7+0100").unwrap().millis(),
            1_424_709_631_700
        );
    }

    #[test]
    fn a_text_that_is_not_an_instant_is_not_read() {
        for form in [
            "",
            "1424709631773",
            "2015-02-23T17:40:31.773",
            "2015-02-30T17:40:31.773+0100",
            "2015-02-23T17:40:60.000+0100",
            "2015-02-23T17:40:31.+0100",
            "2015-02-23T17:40:31.773+1900",
            "2015-02-23T17:40:31.773+01:0",
            "２０１５-02-23T17:40:31Z",
            "2015-02-23T17:40:31.773+0100 ",
        ] {
            assert_eq!(Timestamp::parse(form), None, "{form}");
        }
    }

    /// A time of the years 0 to 9999, and a UTC offset in minutes.
    fn any_time() -> impl Strategy<Value = DateTime<FixedOffset>> {
        let years = -62_167_219_200_000_i64 + 86_400_000..253_402_300_800_000 - 86_400_000;
        let millis = prop_oneof![years, 0_i64..4_000_000_000_000];
        let minutes = prop_oneof![Just(0), (-18..=18).prop_map(|h| h * 60), -1139..=1139];
        (millis, any::<bool>(), minutes).prop_map(|(millis, is_whole, minutes)| {
            let millis = if is_whole { millis.div_euclid(1000) * 1000 } else { millis };
            let offset = FixedOffset::east_opt(minutes * 60).unwrap();
            DateTime::from_timestamp_millis(millis).unwrap().with_timezone(&offset)
        })
    }

    proptest! {
        #[test]
        fn a_time_is_read_back_from_every_format_that_can_contain_it(
            time in any_time(), separator in "[Tt ]", point in "[.,]", finer in "[0-9]{0,6}"
        ) {
            let seconds = time.offset().local_minus_utc();
            let day_and_time = time.format(&format!("%Y-%m-%d{separator}%H:%M:%S")).to_string();
            let millis = time.timestamp_subsec_millis();
            let mut fractions = vec![format!("{point}{millis:03}{finer}")];
            if millis % 10 == 0 {
                fractions.push(format!("{point}{:02}", millis / 10));
            }
            if millis == 0 {
                fractions.push(String::new());
            }
            let mut offsets = vec![time.format("%z").to_string(), time.format("%:z").to_string()];
            if seconds % 3600 == 0 {
                offsets.push(offsets[0][..3].to_owned());
            }
            if seconds == 0 {
                offsets.extend(["Z", "z", "-00:00"].map(str::to_owned));
            }
            for fraction in &fractions {
                for offset in &offsets {
                    let form = format!("{day_and_time}{fraction}{offset}");
                    prop_assert_eq!(Timestamp::parse(&form), Some(Timestamp::from(time)), "{}", form);
                }
            }
            let read = Timestamp::from(time);
            prop_assert_eq!(Timestamp::parse(&read.to_wire()), Some(read));
            prop_assert_eq!(read.to_datetime(), Some(time));
        }
    }

    #[test]
    fn the_format_for_requests_keeps_the_offset_and_the_milliseconds() {
        let time = Timestamp::parse("2015-02-22T17:42:05.390+0100").unwrap();
        assert_eq!(time.to_wire(), "2015-02-22T17:42:05.390+01:00");
        assert_eq!(Timestamp::from_millis(0).to_wire(), "1970-01-01T00:00:00.000+00:00");
    }
}
