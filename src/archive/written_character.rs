//! Characters as the bytes of a row write them: as such, or as an escape sequence of JSON or of a URL.

/// Reads the character at the beginning of these bytes, with the number of its bytes. What is not a
/// character reads as U+FFFD.
pub(super) fn first_character(bytes: &[u8]) -> Option<(char, usize)> {
    match bytes {
        [] => None,
        [b'\\', ..] => Some(json_escape(bytes).unwrap_or(('\\', 1))),
        [b'%', ..] => Some(url_escape(bytes).unwrap_or(('%', 1))),
        [byte, ..] if byte.is_ascii() => Some((char::from(*byte), 1)),
        _ => Some(first_of_utf8(bytes)),
    }
}

/// Reads the character that ends where these bytes end, with the number of its bytes.
pub(super) fn last_character(bytes: &[u8]) -> Option<(char, usize)> {
    // The longest first: the last bytes of an escape sequence are none of the text.
    (1..=bytes.len().min(6)).rev().find_map(|length| {
        let (character, read) = first_character(bytes.get(bytes.len() - length..)?)?;
        (read == length).then_some((character, length))
    })
}

fn json_escape(bytes: &[u8]) -> Option<(char, usize)> {
    let character = match bytes.get(1)? {
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'b' => '\u{8}',
        b'f' => '\u{C}',
        sign @ (b'"' | b'/' | b'\\') => char::from(*sign),
        b'u' => {
            let code = bytes
                .get(2..6)?
                .iter()
                .try_fold(0, |code, byte| Some(code * 16 + char::from(*byte).to_digit(16)?))?;
            return Some((char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 6));
        }
        _ => return None,
    };
    Some((character, 2))
}

/// Reads `%20`, or the several that write one character in UTF-8.
fn url_escape(bytes: &[u8]) -> Option<(char, usize)> {
    let mut utf8 = [0; 4];
    let mut length = 0;
    for (to, escape) in utf8.iter_mut().zip(bytes.chunks(3)) {
        let [b'%', high, low] = escape else { break };
        let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|it| u8::try_from(it).ok());
        let (Some(high), Some(low)) = (digit(high), digit(low)) else { break };
        *to = high * 16 + low;
        length += 1;
    }
    let utf8 = utf8.get(..length).filter(|utf8| !utf8.is_empty())?;
    let (character, read) = first_of_utf8(utf8);
    Some((character, read * 3))
}

fn first_of_utf8(bytes: &[u8]) -> (char, usize) {
    let start = bytes.get(..bytes.len().min(4)).unwrap_or_default();
    let valid = start.utf8_chunks().next().map(|chunk| chunk.valid()).unwrap_or_default();
    match valid.chars().next() {
        Some(character) => (character, character.len_utf8()),
        None => (char::REPLACEMENT_CHARACTER, 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_is_read_however_it_is_written() {
        for (text, character) in [
            ("4", '4'),
            ("é", 'é'),
            (r"\u0034", '4'),
            (r"\/", '/'),
            (r"\ud83d", char::REPLACEMENT_CHARACTER),
            ("%20", ' '),
            ("%C2%A0", '\u{A0}'),
            ("%", '%'),
            (r"\", '\\'),
        ] {
            let expected = Some((character, text.len()));
            assert_eq!(first_character(text.as_bytes()), expected, "{text}");
            assert_eq!(first_character(format!("{text}zz").as_bytes()), expected, "{text}");
            assert_eq!(last_character(format!("7{text}").as_bytes()), expected, "{text}");
        }
        assert_eq!(first_character(b"\xFF4"), Some((char::REPLACEMENT_CHARACTER, 1)));
        assert_eq!(first_character(b"%C3%28"), Some((char::REPLACEMENT_CHARACTER, 3)));
        assert_eq!(first_character(b""), None);
    }
}
