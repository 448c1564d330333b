//! The bytes of a body as text: a byte order mark is removed, and bytes that are not UTF-8 become
//! U+FFFD.
//!
//! The replaced bytes and their places are kept, so that a message can name the row with them and the
//! row keeps the bytes that the server sent.

use std::borrow::Cow;

use super::DecodeError;

/// The most replacements in one body. A body with more is not text with a few damaged characters, and
/// would take many times its size in memory.
const MAX_REPLACEMENTS: usize = 1_000_000;

/// A body as text.
pub(crate) struct Text<'b> {
    text: Cow<'b, str>,
    /// Where U+FFFD replaces bytes that are not UTF-8, in order.
    replacements: Vec<ReplacedBytes>,
}

/// Bytes that U+FFFD replaces.
#[derive(Clone, Copy)]
struct ReplacedBytes {
    at: usize,
    bytes: [u8; Self::MAX_BYTES],
    length: u8,
}

impl ReplacedBytes {
    /// The most bytes that one U+FFFD replaces: the longest character without its last byte.
    const MAX_BYTES: usize = 3;

    fn new(at: usize, invalid: &[u8]) -> Self {
        let mut bytes = [0; Self::MAX_BYTES];
        let mut length = 0;
        for (to, from) in bytes.iter_mut().zip(invalid) {
            *to = *from;
            length += 1;
        }
        Self { at, bytes, length }
    }

    fn bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or_default()
    }
}

impl<'b> Text<'b> {
    /// Reads UTF-8 with or without a byte order mark.
    ///
    /// # Errors
    /// When the body is UTF-16 or UTF-32, or has more than [`MAX_REPLACEMENTS`] replacements.
    pub(crate) fn read(body: &'b [u8]) -> Result<Self, DecodeError> {
        check_encoding(body)?;
        let body = body.strip_prefix(super::BYTE_ORDER_MARK).unwrap_or(body);
        if let Ok(text) = std::str::from_utf8(body) {
            return Ok(Self { text: Cow::Borrowed(text), replacements: Vec::new() });
        }
        let (mut text, mut replacements) = (String::with_capacity(body.len()), Vec::new());
        for chunk in body.utf8_chunks() {
            text.push_str(chunk.valid());
            if !chunk.invalid().is_empty() {
                if replacements.len() == MAX_REPLACEMENTS {
                    let message = "the body is not UTF-8".to_owned();
                    return Err(DecodeError::not_understood(message, None));
                }
                replacements.push(ReplacedBytes::new(text.len(), chunk.invalid()));
                text.push('\u{FFFD}');
            }
        }
        Ok(Self { text: Cow::Owned(text), replacements })
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// A copy without the bytes at these places, which must be in order and single-byte characters;
    /// `None` without places.
    pub(super) fn without(&self, places: impl Iterator<Item = usize>) -> Option<Text<'static>> {
        let mut places = places.peekable();
        places.peek()?;
        let (mut text, mut replacements) = (String::with_capacity(self.text.len()), Vec::new());
        let (mut from, mut removed, mut old) = (0, 0, self.replacements.iter().peekable());
        for place in places.chain([self.text.len()]) {
            text.push_str(self.text.get(from..place).unwrap_or_default());
            while let Some(earlier) = old.next_if(|replacement| replacement.at < place) {
                replacements.push(ReplacedBytes { at: earlier.at - removed, ..*earlier });
            }
            from = place + 1;
            removed += 1;
        }
        Some(Text { text: Cow::Owned(text), replacements })
    }

    /// Whether any byte was replaced.
    pub(super) fn has_replacements(&self) -> bool {
        !self.replacements.is_empty()
    }

    /// The bytes of a part of the text as the server sent them; `None` when none of them was
    /// replaced, so that the part itself has the same bytes.
    pub(super) fn bytes_sent(&self, part: &str) -> Option<Vec<u8>> {
        if self.replacements.is_empty() {
            return None;
        }
        let start = part.as_ptr().addr().wrapping_sub(self.text.as_ptr().addr());
        let end = start.saturating_add(part.len());
        let first = self.replacements.partition_point(|replacement| replacement.at < start);
        let mut inside = self
            .replacements
            .get(first..)?
            .iter()
            .take_while(|replacement| replacement.at < end)
            .peekable();
        inside.peek()?;
        let (mut bytes, mut from) = (Vec::with_capacity(part.len()), start);
        for replacement in inside {
            bytes.extend_from_slice(self.text.as_bytes().get(from..replacement.at)?);
            bytes.extend_from_slice(replacement.bytes());
            from = replacement.at + '\u{FFFD}'.len_utf8();
        }
        bytes.extend_from_slice(self.text.as_bytes().get(from..end)?);
        Some(bytes)
    }
}

/// Refuses UTF-16 and UTF-32, which the first bytes show.
///
/// # Errors
/// When it is UTF-16 or UTF-32.
pub(crate) fn check_encoding(start: &[u8]) -> Result<(), DecodeError> {
    match wide_encoding(start) {
        None => Ok(()),
        Some(encoding) => Err(DecodeError::not_understood(
            format!("the body is {encoding}, not UTF-8"),
            Some("the API sends UTF-8: check whether a proxy or an editor changed the encoding"),
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
    fn bytes_that_are_not_utf8_are_replaced_and_kept() {
        let text = Text::read(b"\xEF\xBB\xBFab\xFFc\xC3").unwrap();
        assert_eq!(text.as_str(), "ab\u{FFFD}c\u{FFFD}");
        let sent = |from: usize, to: usize| text.bytes_sent(&text.as_str()[from..to]);
        assert_eq!(sent(2, 5).unwrap(), b"\xFF");
        assert_eq!(sent(5, 9).unwrap(), b"c\xC3");
        assert_eq!(sent(0, 9).unwrap(), b"ab\xFFc\xC3");
        assert_eq!((sent(0, 2), sent(5, 6)), (None, None));
    }

    #[test]
    fn bytes_are_removed_and_replacements_move_with_the_text() {
        let text = Text::read(b"a,\xFFb,,c\xE6\xBC,").unwrap();
        let without = text.without([1, 6, 12].into_iter()).unwrap();
        assert_eq!(without.as_str(), "a\u{FFFD}b,c\u{FFFD}");
        assert_eq!(without.bytes_sent(without.as_str()).unwrap(), b"a\xFFb,c\xE6\xBC");
        assert_eq!(without.bytes_sent(&without.as_str()[4..6]), None);
        assert!(text.without(std::iter::empty()).is_none());
    }

    #[test]
    fn a_body_with_too_many_replacements_is_refused() {
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
