//! Bytes of a body as text: the byte order mark goes, what is no UTF-8 becomes U+FFFD.
//!
//! Where a byte was replaced is remembered, so that the row that holds it can be named.

use std::borrow::Cow;
use std::ops::Range;

use super::DecodeError;

/// A body as text.
pub(crate) struct Text<'b> {
    text: Cow<'b, str>,
    /// Where U+FFFD stands in place of bytes that are no UTF-8.
    replaced: Vec<usize>,
}

impl<'b> Text<'b> {
    /// Reads UTF-8 with or without a byte order mark.
    ///
    /// # Errors
    /// When the body is UTF-16 or UTF-32.
    pub(crate) fn read(body: &'b [u8]) -> Result<Self, DecodeError> {
        check_encoding(body)?;
        let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
        if let Ok(text) = std::str::from_utf8(body) {
            return Ok(Self { text: Cow::Borrowed(text), replaced: Vec::new() });
        }
        let (mut text, mut replaced) = (String::with_capacity(body.len()), Vec::new());
        for chunk in body.utf8_chunks() {
            text.push_str(chunk.valid());
            if !chunk.invalid().is_empty() {
                replaced.push(text.len());
                text.push('\u{FFFD}');
            }
        }
        Ok(Self { text: Cow::Owned(text), replaced })
    }

    /// The same, untied from the bytes that it was read from.
    pub(crate) fn into_owned(self) -> Text<'static> {
        Text { text: Cow::Owned(self.text.into_owned()), replaced: self.replaced }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether any byte was replaced.
    pub(super) fn is_mended(&self) -> bool {
        !self.replaced.is_empty()
    }

    /// Whether a byte was replaced in this stretch of the text.
    pub(super) fn is_mended_in(&self, stretch: &Range<usize>) -> bool {
        let first = self.replaced.partition_point(|at| *at < stretch.start);
        self.replaced.get(first).is_some_and(|at| *at < stretch.end)
    }

    /// Where a part of the text stands in it.
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
            Some("the API answers in UTF-8; something in between, or an editor, changed it"),
        )),
    }
}

/// The name of an encoding in which ASCII takes more than one byte, told by the mark or the zeros.
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
    fn bytes_that_are_no_utf8_are_replaced_and_remembered() {
        let text = Text::read(b"\xEF\xBB\xBFab\xFFc\xC3").unwrap();
        assert_eq!(text.as_str(), "ab\u{FFFD}c\u{FFFD}");
        assert!(text.is_mended_in(&(2..3)) && text.is_mended_in(&(5..9)));
        assert!(!text.is_mended_in(&(0..2)) && !text.is_mended_in(&(3..6)));
    }

    #[test]
    fn utf_16_is_named() {
        let told = |body: &[u8]| match Text::read(body) {
            Err(DecodeError::NotUnderstood { message, .. }) => message,
            _ => String::new(),
        };
        for body in [&b"\xFF\xFE{\0"[..], b"\xFE\xFF\0{", b"\0{\0}", b"<\0?\0"] {
            assert_eq!(told(body), "the body is UTF-16, not UTF-8");
        }
        assert_eq!(told(b"\xFF\xFE\0\0{\0\0\0"), "the body is UTF-32, not UTF-8");
    }
}
