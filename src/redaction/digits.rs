//! Finds the digits and characters of phone numbers and e-mail addresses in a text.

pub(super) use crate::visible::MIN_PHONE_DIGITS as MIN_NUMBER;

/// Whether people write this character between the digits of a number.
pub(super) fn is_between_digits(c: char) -> bool {
    " +-()./\u{A0}\u{2009}\u{2010}\u{2011}\u{2012}\u{2013}\u{202F}".contains(c)
}

/// A digit of a text.
pub(super) struct Digit {
    /// Its byte offset.
    pub(super) at: usize,
    pub(super) byte: u8,
}

/// The runs of digits of a text, with up to [`MAX_BETWEEN`] separators between two digits.
pub(super) fn runs(text: &str) -> Vec<Vec<Digit>> {
    let mut runs: Vec<Vec<Digit>> = Vec::new();
    let mut between = usize::MAX;
    for (at, c) in text.char_indices() {
        if c.is_ascii_digit() {
            let digit = Digit { at, byte: u8::try_from(c).unwrap_or_default() };
            match runs.last_mut() {
                Some(run) if between <= MAX_BETWEEN => run.push(digit),
                _ => runs.push(vec![digit]),
            }
            between = 0;
        } else {
            between = if is_between_digits(c) { between.saturating_add(1) } else { usize::MAX };
        }
    }
    runs
}

/// The most separators between two digits of one number, as in `+41 (0) 79`.
const MAX_BETWEEN: usize = 3;

/// The text with `*` in place of each marked byte. Only digits may be marked.
pub(super) fn masked_text(text: &str, masked: &[bool]) -> String {
    text.char_indices().map(|(at, c)| if masked.get(at) == Some(&true) { '*' } else { c }).collect()
}
