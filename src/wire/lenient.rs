//! Finds trailing commas in a JSON text, so that they can be removed.
//!
//! The page of the API prints them (`"channel": "SMS",}`). Only a comma between a value and a closing
//! bracket counts; a comma in a string, a doubled comma and a comma without a value do not.

use std::iter;

use memchr::memchr2;

/// The byte offsets of the trailing commas of a JSON text, in order. An iterator, because a body may
/// contain millions.
pub(super) fn trailing_commas(json: &str) -> impl Iterator<Item = usize> {
    let bytes = json.as_bytes();
    let mut next = 0;
    // Whether the last token ended a value, and the offset of a comma that followed a value.
    let (mut after_value, mut comma) = (false, None);
    iter::from_fn(move || {
        while let Some(byte) = bytes.get(next) {
            let at = next;
            next += 1;
            let pending: Option<usize> = comma.take();
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' => comma = pending,
                b',' => {
                    comma = after_value.then_some(at);
                    after_value = false;
                }
                b']' | b'}' => {
                    after_value = true;
                    if pending.is_some() {
                        return pending;
                    }
                }
                b'[' | b'{' | b':' => after_value = false,
                b'"' => {
                    next = after_string(bytes, next);
                    after_value = true;
                }
                _ => after_value = true,
            }
        }
        None
    })
}

/// The offset after the closing quote of a string whose text begins at `at`. Most of a response is
/// text, so this searches for the quote instead of looking at each byte.
fn after_string(bytes: &[u8], mut at: usize) -> usize {
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        at += found + 1;
        if bytes.get(at - 1) == Some(&b'"') {
            return at;
        }
        // The character after the backslash.
        at += 1;
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::text::Text;

    fn without(json: &str) -> Option<String> {
        let text = Text::read(json.as_bytes()).unwrap();
        Some(text.without(trailing_commas(json))?.as_str().to_owned())
    }

    #[test]
    fn a_comma_before_a_closing_bracket_is_removed_and_the_rest_is_unchanged() {
        assert_eq!(without("{\"a\":[1, 2 , ]\n,\n}").unwrap(), "{\"a\":[1, 2  ]\n\n}");
        assert_eq!(without(r#"[{"a":{},},]"#).unwrap(), r#"[{"a":{}}]"#);
    }

    #[test]
    fn commas_in_strings_and_commas_without_a_value_stay() {
        for json in [
            r#"{"a":",}","b":"\",]"}"#,
            r#"["\\\",]","\\",",]"]"#,
            r#"["a\",]"#,
            "[,]",
            "{,}",
            "[1,,]",
            r#"{"a":,}"#,
            "[1,2]",
            ",",
        ] {
            assert_eq!(without(json), None, "{json}");
        }
    }
}
