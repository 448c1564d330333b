//! Finds numbers that may be phone numbers in texts about a run: errors, warnings, text of a server.
//! `redaction` redacts the rows of a run.

use std::ops::Range;

use super::harmless_numbers::{harmless_length, is_separator};

/// The fewest digits of a phone number.
pub(crate) const MIN_PHONE_DIGITS: usize = 7;

/// The text with `…` in place of each number that may be a phone number: seven digits or more, of any
/// script, with or without blanks, dashes, points, slashes and brackets between them, also as encoded
/// in a URL. Dates, times, UUIDs, IP addresses, fractions of one and HTTP statuses stay.
#[must_use]
pub fn without_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut copied = 0;
    for Range { start, end } in phone_numbers(text) {
        out.push_str(text.get(copied..start).unwrap_or_default());
        out.push('…');
        copied = end;
    }
    out + text.get(copied..).unwrap_or_default()
}

/// Whether a text may contain a phone number, which [`without_numbers`] would hide.
#[must_use]
pub fn has_phone_number(text: &str) -> bool {
    !phone_numbers(text).is_empty()
}

/// The byte ranges of the numbers that may be phone numbers, in order and without overlaps.
fn phone_numbers(text: &str) -> Vec<Range<usize>> {
    let mut numbers = numbers_of(&characters(text, false));
    if text.contains(['%', '\u{FF05}']) {
        // A percent sign is one of a URL or not: `%20` may be a blank, or the end of a number.
        numbers.extend(numbers_of(&characters(text, true)));
        numbers.sort_by_key(|number| number.start);
    }
    let mut merged: Vec<Range<usize>> = Vec::new();
    for number in numbers {
        match merged.last_mut() {
            Some(last) if number.start < last.end => last.end = last.end.max(number.end),
            _ => merged.push(number),
        }
    }
    merged
}

/// The numbers of seven digits or more in these characters, each with its byte offsets.
fn numbers_of(characters: &[(Range<usize>, char)]) -> Vec<Range<usize>> {
    let text: Vec<char> = characters.iter().map(|(_, c)| *c).collect();
    let mut numbers = Vec::new();
    let (mut number, mut digits) = (0..0, 0);
    let mut harmless_end = 0;
    for (at, (bytes, c)) in characters.iter().enumerate() {
        if at >= harmless_end
            && let Some(length) = harmless_length(&text, at, digits > 0)
        {
            harmless_end = at + length;
        }
        if at >= harmless_end && c.is_numeric() {
            if digits == 0 {
                number.start = bytes.start;
            }
            number.end = bytes.end;
            digits += 1;
        } else if at < harmless_end || !is_separator(*c) {
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

/// The characters of a text with their byte offsets. Full-width forms are those of ASCII. `decodes` says
/// whether percent-encoded bytes are decoded.
fn characters(text: &str, decodes: bool) -> Vec<(Range<usize>, char)> {
    let mut characters = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let start = text.len() - rest.len();
        let encoded = if decodes { decoded(rest) } else { None };
        let (c, length) = encoded.unwrap_or((c, c.len_utf8()));
        let ascii = match c {
            '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0),
            _ => None,
        };
        characters.push((start..start + length, ascii.unwrap_or(c)));
        rest = rest.get(length..).unwrap_or_default();
    }
    characters
}

/// The percent-encoded character at the start of a text, and the length of its code; also of a code that
/// is encoded again. A character outside ASCII is likely a blank or a dash; it becomes a no-break
/// space.
fn decoded(text: &str) -> Option<(char, usize)> {
    let mut code = text.strip_prefix('%')?;
    while let Some(again) = code.strip_prefix("25") {
        code = again;
    }
    let hex = code.get(..2)?;
    let byte = u8::from_str_radix(hex, 16).ok().filter(|_| !hex.starts_with('+'))?;
    let c = if byte.is_ascii() { char::from(byte) } else { '\u{A0}' };
    Some((c, text.len() - code.len() + hex.len()))
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
    fn a_phone_number_is_hidden_in_every_notation() {
        for text in [
            "+44-7700-900-777",
            "44.7700.900777",
            "(0)7700/[900] 777",
            "06.12.34.56.78",
            "12.34.56.78",
            "0.7700900777",
            "44\u{2011}7700\u{a0}900\u{2013}777",
            "０７７００－９００－７７７",
            "44%207700%20900%20777",
            "44\u{200b}7700\u{200d}900777",
            "12345678-1234-1234-1234-447700900777",
        ] {
            let shown = without_numbers(&format!("no route to {text}, code 1234"));
            assert_eq!(
                shown.trim_start_matches("no route to ").trim_start_matches(['+', '(']),
                "…, code 1234",
                "{text}"
            );
            assert!(has_phone_number(text), "{text}");
        }
        assert_eq!(without_numbers("HTTP 429 447700900777"), "HTTP 429 …");
        assert_eq!(without_numbers("2026-11-22 447700900777"), "2026-11-22 …");
    }

    #[test]
    fn numbers_that_are_certainly_no_phone_numbers_stay() {
        for text in [
            "2026-11-22T10:00:05.123+0100, 2026-11-22 10:00:05.123456Z and 22.11.2026 10:00",
            "at 10:00:05 2026/11/22 from 10.200.30.40:8080/1 or 10.200.30.0/24",
            "https://10.200.30.40:8080/omni/1/logs?sentSince=2026-11-22T10%3A00%3A05.123%2B01:00",
            "82bf2748-1234-4567-8901-d35c62eb1610",
            "price 0.00712345, share 0.987654, load 0.9523809523809523",
            "HTTP/1.1 503 1000",
        ] {
            assert_eq!(without_numbers(text), text);
            assert!(!has_phone_number(text), "{text}");
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
