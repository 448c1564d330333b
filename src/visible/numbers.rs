//! Finds numbers that may be phone numbers in texts about a run: errors, warnings, text of a server.
//! `redaction` redacts the rows of a run.

use std::ops::Range;

/// The fewest digits of a phone number.
pub(crate) const MIN_PHONE_DIGITS: usize = 7;

/// The text with `…` in place of each number that may be a phone number: seven digits or more, with or
/// without blanks and brackets between them. Dates and addresses of hosts stay.
#[must_use]
pub fn without_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut copied = 0;
    for Range { start, end } in phone_numbers(text, &[' ', '(', ')']) {
        out.push_str(text.get(copied..start).unwrap_or_default());
        out.push('…');
        copied = end;
    }
    out + text.get(copied..).unwrap_or_default()
}

/// Whether a text that a person typed may contain a phone number. Unlike in [`without_numbers`], points
/// and slashes may be between the digits as well.
#[must_use]
pub fn has_phone_number(text: &str) -> bool {
    !phone_numbers(text, &[' ', '(', ')', '.', '/']).is_empty()
}

/// The byte ranges of the numbers that have enough digits, of any script, with only these characters
/// between them.
fn phone_numbers(text: &str, between: &[char]) -> Vec<Range<usize>> {
    let mut numbers = Vec::new();
    let (mut number, mut digits) = (0..0, 0);
    for (at, c) in text.char_indices() {
        if c.is_numeric() {
            if digits == 0 {
                number.start = at;
            }
            number.end = at + c.len_utf8();
            digits += 1;
        } else if !between.contains(&c) {
            if digits >= MIN_PHONE_DIGITS {
                numbers.push(number.clone());
            }
            digits = 0;
        }
    }
    if digits >= MIN_PHONE_DIGITS {
        numbers.push(number);
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_can_be_a_phone_number_is_hidden_and_a_short_one_stays() {
        for (text, expected) in [
            ("'41793026727' and 1000", "'…' and 1000"),
            ("+44 7700 900123 twice (0)7700 900 123.", "+… twice (…."),
            ("４１７９３０２６", "…"),
            (
                "HTTP 429 after 3 tries (10.200.30.40:8080)",
                "HTTP 429 after 3 tries (10.200.30.40:8080)",
            ),
            ("since 2026-11-22 10:00:05", "since 2026-11-22 10:00:05"),
            ("", ""),
        ] {
            assert_eq!(without_numbers(text), expected);
        }
    }

    #[test]
    fn a_typed_phone_number_is_recognized_also_with_points_in_it() {
        for text in ["41793026727", "+44 7700 900123", "(202) 555.0100", "０７７００９００"]
        {
            assert!(has_phone_number(text), "{text}");
        }
        for text in ["2026-13-40", "123456", "", "tomorrow"] {
            assert!(!has_phone_number(text), "{text}");
        }
    }
}
