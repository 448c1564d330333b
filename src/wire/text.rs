//! The bytes of a body as text: a byte order mark is removed, bytes that are not UTF-8 become U+FFFD.
//!
//! Where a byte was replaced is remembered, so that the row that holds it can be named.

use std::borrow::Cow;
use std::ops::Range;

use super::DecodeError;

/// Replacements at most in one body. More is not text with a damaged character here and there, and
/// would cost many times the memory of the body.
const MAX_REPLACEMENTS: usize = 1_000_000;

/// A body as text.
pub(crate) struct Text<'b> {
    text: Cow<'b, str>,
    /// Where U+FFFD replaces bytes that are not UTF-8.
    replaced: Vec<usize>,
}

impl<'b> Text<'b> {
    /// Reads UTF-8 with or without a byte order mark.
    ///
    /// # Errors
    /// When the body is UTF-16 or UTF-32, or most of it is not UTF-8.
    pub(crate) fn read(body: &'b [u8]) -> Result<Self, DecodeError> {
        check_encoding(body)?;
        let body = body.strip_prefix(super::BYTE_ORDER_MARK).unwrap_or(body);
        if let Ok(text) = std::str::from_utf8(body) {
            return Ok(Self { text: Cow::Borrowed(text), replaced: Vec::new() });
        }
        let (mut text, mut replaced) = (String::with_capacity(body.len()), Vec::new());
        for chunk in body.utf8_chunks() {
            text.push_str(chunk.valid());
            if !chunk.invalid().is_empty() {
                if replaced.len() == MAX_REPLACEMENTS {
                    let message = "the body is not UTF-8".to_owned();
                    return Err(DecodeError::not_understood(message, None));
                }
                replaced.push(text.len());
                text.push('\u{FFFD}');
            }
        }
        Ok(Self { text: Cow::Owned(text), replaced })
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// A copy without the bytes at these places, which must be single-byte characters in order;
    /// `None` when no place is named.
    pub(super) fn without(&self, places: impl Iterator<Item = usize>) -> Option<Text<'static>> {
        let mut places = places.peekable();
        places.peek()?;
        let (mut text, mut replaced) = (String::with_capacity(self.text.len()), Vec::new());
        let (mut from, mut removed, mut old) = (0, 0, self.replaced.iter().peekable());
        for place in places.chain([self.text.len()]) {
            text.push_str(self.text.get(from..place).unwrap_or_default());
            while let Some(at) = old.next_if(|at| **at < place) {
                replaced.push(at - removed);
            }
            from = place + 1;
            removed += 1;
        }
        Some(Text { text: Cow::Owned(text), replaced })
    }

    /// Whether any byte was replaced.
    pub(super) fn has_replacements(&self) -> bool {
        !self.replaced.is_empty()
    }

    /// Whether a byte was replaced in this range of the text.
    pub(super) fn has_replacement_in(&self, range: &Range<usize>) -> bool {
        let first = self.replaced.partition_point(|at| *at < range.start);
        self.replaced.get(first).is_some_and(|at| *at < range.end)
    }

    /// The range of a part of the text.
    pub(super) fn range_of(&self, part: &str) -> Range<usize> {
        let start = part.as_ptr().addr().wrapping_sub(self.text.as_ptr().addr());
        start..start.saturating_add(part.len())
    }
}

/// Refuses a text that is not UTF-8 by how it begins.
///
/// # Errors
/// When it is UTF-16 or UTF-32.
pub(crate) fn check_encoding(start: &[u8]) -> Result<(), DecodeError> {
    match wide_encoding(start) {
        None => Ok(()),
        Some(encoding) => Err(DecodeError::not_understood(
            format!("the body is {encoding}, not UTF-8"),
            Some("the API sends UTF-8; a proxy or an editor changed it"),
        )),
    }
}

/// The name of an encoding in which ASCII takes more than one byte, recognized by the byte order
/// mark or the zeros.
fn wide_encoding(body: &[u8]) -> Option<&'static str> {
    match body {
        [0xFF, 0xFE, 0, 0, ..]
        | [0, 0, 0xFE, 0xFF, ..]
        | [0, 0, 0, b'{' | b'[' | b'<', ..]
        | [b'{' | b'[' | b'<', 0, 0, 0, ..] => Some("UTF-32"),
        [0xFF, 0xFE, ..]
        | [0xFE, 0xFF, ..]
        | [0, b'{' | b'[' | b'<', ..]
        | [b'{' | b'[' | b'<', 0, ..] => Some("UTF-16"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_not_utf8_are_replaced_and_remembered() {
        let text = Text::read(b"\xEF\xBB\xBFab\xFFc\xC3").unwrap();
        assert_eq!(text.as_str(), "ab\u{FFFD}c\u{FFFD}");
        assert!(text.has_replacement_in(&(2..3)) && text.has_replacement_in(&(5..9)));
        assert!(!text.has_replacement_in(&(0..2)) && !text.has_replacement_in(&(3..6)));
    }

    #[test]
    fn bytes_are_taken_out_and_replacements_move_with_the_text() {
        let text = Text::read(b"a,\xFFb,,c\xFF,").unwrap();
        let without = text.without([1, 6, 12].into_iter()).unwrap();
        assert_eq!(without.as_str(), "a\u{FFFD}b,c\u{FFFD}");
        assert!(without.has_replacement_in(&(1..2)) && without.has_replacement_in(&(7..8)));
        assert!(!without.has_replacement_in(&(2..6)));
        assert!(text.without(std::iter::empty()).is_none());
    }

    #[test]
    fn a_body_that_is_hardly_utf8_at_all_is_refused() {
        let body = [&b"{\"a\":\""[..], &vec![0xFF; MAX_REPLACEMENTS + 1], b"\"}"].concat();
        assert!(Text::read(&body).is_err());
        assert!(Text::read(&body[..body.len() - 3]).is_ok());
    }

    #[test]
    fn utf_16_is_named() {
        let message = |body: &[u8]| match Text::read(body) {
            Err(DecodeError::NotUnderstood { message, .. }) => message,
            _ => String::new(),
        };
        for body in [&b"\xFF\xFE{\0"[..], b"\xFE\xFF\0{", b"\0{\0}", b"<\0?\0"] {
            assert_eq!(message(body), "the body is UTF-16, not UTF-8");
        }
        assert_eq!(message(b"\xFF\xFE\0\0{\0\0\0"), "the body is UTF-32, not UTF-8");
    }
}
