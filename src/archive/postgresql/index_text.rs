//! Shortens texts for indexes. The server refuses an index row of more than about 2,700 bytes, and a
//! text from outside can have any length.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::archive::message_columns::{MessageKey, escaped, row_hash};

/// The maximum length of a text in an index, in bytes.
const MAX_BYTES: usize = 512;

/// A text as an index holds it. A long text is cut and ends with the hash of the whole text, so that
/// two different texts stay different. The caller escapes the character NUL, which the server
/// refuses.
pub(super) fn indexed(text: &str) -> Cow<'_, str> {
    if text.len() <= MAX_BYTES {
        return Cow::Borrowed(text);
    }
    let mut end = MAX_BYTES - 64;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let start = text.get(..end).unwrap_or_default();
    Cow::Owned(format!("{start}{}", hash_text(text)))
}

/// A text that is not escaped yet, such as the reason of a gap, as an index holds it.
pub(super) fn plain(text: &str) -> String {
    indexed(&escaped(text)).into_owned()
}

/// The key of a message as an index holds it. A long id becomes a hash, like the key of a message
/// without an id, because no request can contain an id of this length.
pub(super) fn stored_key(key: &MessageKey) -> MessageKey {
    let ident =
        if key.ident.len() <= MAX_BYTES { key.ident.clone() } else { hash_text(&key.ident) };
    MessageKey { ident, channel: indexed(&key.channel).into_owned() }
}

/// A message id as the index holds it.
pub(super) fn stored_ident(id: &str) -> String {
    let ident = escaped(id).into_owned();
    stored_key(&MessageKey { ident, channel: String::new() }).ident
}

fn hash_text(text: &str) -> String {
    row_hash(text.as_bytes()).iter().fold(String::from("\u{1}"), |mut hash, byte| {
        let _ = write!(hash, "{byte:02x}");
        hash
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_and_stay_different() {
        let long = "é".repeat(2000);
        let other = format!("{long}x");
        let (one, two) = (indexed(&long), indexed(&other));
        assert!(one.len() <= MAX_BYTES && two.len() <= MAX_BYTES);
        assert_ne!(one, two);
        assert_eq!(indexed(&one), one);
        assert_eq!(indexed("short"), "short");
        assert_eq!(stored_ident("m\0"), "m\\0");
        let key = stored_key(&MessageKey { ident: long, channel: other });
        assert_eq!(key.message_id(), None);
        assert_eq!(stored_key(&key), key);
    }
}
