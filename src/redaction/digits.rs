//! Finds the digits and characters of phone numbers and e-mail addresses in a text.

use std::borrow::Cow;

pub(super) use crate::visible::MIN_PHONE_DIGITS as MIN_NUMBER;

/// Whether people write this character between the digits of a number.
pub(super) fn is_between_digits(c: char) -> bool {
    " +-()./\u{A0}\u{2009}\u{2010}\u{2011}\u{2012}\u{2013}\u{202F}".contains(c)
}

/// A digit of a text.
pub(super) struct Digit {
    /// Its byte offset.
    pub(super) at: usize,
    /// The digit in ASCII.
    pub(super) byte: u8,
}

/// The runs of digits of a text, with up to [`MAX_BETWEEN`] separators between two digits; none for a
/// text with too few digits for a number, as most texts are.
pub(super) fn runs(text: &str) -> Vec<Vec<Digit>> {
    if text.bytes().filter(u8::is_ascii_digit).count() < MIN_NUMBER {
        return Vec::new();
    }
    let ascii = |c: char| u8::try_from(c).ok().filter(u8::is_ascii_digit);
    runs_of(text, ascii, is_between_digits)
}

/// The runs of digits of any script, with up to [`MAX_BETWEEN`] characters between two digits that are
/// neither letters nor digits. Amounts and times are in such runs, too: only for numbers that are known.
pub(super) fn loose_runs(text: &str) -> Vec<Vec<Digit>> {
    runs_of(text, digit, |c| !c.is_alphanumeric())
}

/// Whether [`loose_runs`] can join digits that [`runs`] does not. Few texts have such characters.
pub(super) fn has_loose_runs(text: &str) -> bool {
    let is_loose = |byte| !matches!(byte, b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b' ' | b'(' | b')' | b'+' | b'-'..=b'/');
    text.len() >= MIN_NUMBER
        && text.bytes().any(is_loose)
        && text.chars().filter(|c| digit(*c).is_some()).nth(MIN_NUMBER - 1).is_some()
}

fn runs_of(
    text: &str,
    digit: impl Fn(char) -> Option<u8>,
    is_between: impl Fn(char) -> bool,
) -> Vec<Vec<Digit>> {
    let mut runs: Vec<Vec<Digit>> = Vec::new();
    let mut between = usize::MAX;
    for (at, c) in text.char_indices() {
        if let Some(byte) = digit(c) {
            let digit = Digit { at, byte };
            match runs.last_mut() {
                Some(run) if between <= MAX_BETWEEN => run.push(digit),
                _ => runs.push(vec![digit]),
            }
            between = 0;
        } else {
            between = if is_between(c) { between.saturating_add(1) } else { usize::MAX };
        }
    }
    runs
}

/// The text with each digit of another script in ASCII.
pub(super) fn with_ascii_digits(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    text.chars().map(|c| digit(c).map_or(c, char::from)).collect()
}

/// A decimal digit of ASCII, or of the full-width, Arabic, Persian or Devanagari form, as ASCII.
fn digit(c: char) -> Option<u8> {
    let value = |zero: char| u32::from(c).checked_sub(u32::from(zero)).filter(|value| *value < 10);
    let zeros = ['0', '\u{FF10}', '\u{660}', '\u{6F0}', '\u{966}'];
    let value = zeros.into_iter().find_map(value)?;
    u8::try_from(value).ok().map(|value| b'0' + value)
}

/// The most separators between two digits of one number, as in `+41 (0) 79`.
const MAX_BETWEEN: usize = 3;

/// The text with `*` in place of each marked byte. Only digits may be marked.
pub(super) fn masked_text(text: &str, masked: &[bool]) -> String {
    text.char_indices().map(|(at, c)| if masked.get(at) == Some(&true) { '*' } else { c }).collect()
}
