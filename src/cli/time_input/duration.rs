//! Durations: `1500ms`, `90s`, `15m`, `2h`, `1h30m`, `1d`, `2w`.

use std::time::Duration;

use crate::failure::Failure;
use crate::text::quoted;

/// Units in milliseconds; each may be used once, in this order.
const UNITS: [(&str, u64); 6] = [
    ("w", 604_800_000),
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1000),
    ("ms", 1),
];

/// Parses a duration.
///
/// # Errors
/// When the text is not a duration, has no unit, or is too long to be represented.
pub(crate) fn duration(text: &str) -> Result<Duration, Failure> {
    let text = text.trim();
    if let Some(millis) = millis(text) {
        return Ok(Duration::from_millis(millis));
    }
    let forms = "write a duration such as 500ms, 90s, 15m, 1h30m, 1d or 2w";
    if text.is_empty() {
        return Err(Failure::usage("a duration is missing").hint(forms));
    }
    if text.len() <= 6 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Failure::usage(format!("the duration {text} has no unit"))
            .hint(format!("write {text}s for seconds")));
    }
    Err(Failure::usage(format!("{} is not a duration", quoted(text))).hint(forms))
}

/// A duration in milliseconds; `None` when the text is not a duration.
pub(super) fn millis(text: &str) -> Option<u64> {
    let mut rest = text;
    let mut units = UNITS.iter();
    let mut sum = 0_u64;
    while !rest.is_empty() {
        let (number, after) = split_where(rest, |byte| !byte.is_ascii_digit());
        let (name, after) = split_where(after, |byte| byte.is_ascii_digit());
        let (_, factor) = units.find(|(unit, _)| *unit == name)?;
        sum = sum.checked_add(number.parse::<u64>().ok()?.checked_mul(*factor)?)?;
        rest = after;
    }
    (!text.is_empty()).then_some(sum)
}

/// Splits before the first byte that matches; that byte must be ASCII or follow only ASCII.
fn split_where(text: &str, matches: impl Fn(u8) -> bool) -> (&str, &str) {
    let at = text.bytes().position(matches).unwrap_or(text.len());
    text.split_at_checked(at).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_in_every_unit() {
        for (text, wanted) in [
            ("1500ms", 1500),
            ("90s", 90_000),
            ("15m", 900_000),
            ("2h", 7_200_000),
            ("1h30m", 5_400_000),
            ("1d", 86_400_000),
            ("2w", 1_209_600_000),
            ("1w1d2h3m4s5ms", 698_584_005),
            ("0s", 0),
            (" 5s ", 5000),
        ] {
            assert_eq!(duration(text).map(|d| d.as_millis()), Ok(wanted), "{text}");
        }
    }

    #[test]
    fn text_that_is_not_a_duration_is_refused() {
        for text in [
            "",
            "s",
            "h1",
            "1.5h",
            "-2h",
            "+2h",
            "1d1w",
            "2W",
            "1h 30m",
            "30m1h",
            "1m1m",
            "1é",
            "１h",
            "1H",
            "99999999999999999999s",
            "18446744073709551615d",
            "1h30",
        ] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_error_for_a_number_without_a_unit_says_how_to_write_seconds() {
        let failure = duration("30").unwrap_err();
        assert_eq!(failure.hints, ["write 30s for seconds"]);
    }
}
