//! Formats the JSON text of a row: without spaces, or with one value per line.
//!
//! Only white space between tokens changes; digits, escapes and the order of keys stay. Nesting of any
//! depth is formatted.

use crate::model::{Token, Tokens};

/// Deeper levels are not indented further: otherwise a malicious row could turn a megabyte of brackets
/// into terabytes of spaces.
const MAX_INDENT_LEVEL: usize = 32;

/// Writes the row without white space between tokens.
pub(super) fn compact(json: &str, out: &mut Vec<u8>) {
    if is_compact(json.as_bytes()) {
        out.extend_from_slice(json.as_bytes());
        return;
    }
    for token in Tokens::new(json) {
        out.extend_from_slice(token.text().as_bytes());
    }
}

/// Whether the row has no white space between tokens, like the rows of the API.
fn is_compact(json: &[u8]) -> bool {
    let (mut in_string, mut escaped) = (false, false);
    for byte in json {
        if in_string {
            in_string = escaped || *byte != b'"';
            escaped = !escaped && *byte == b'\\';
        } else if *byte <= b' ' {
            return false;
        } else {
            in_string = *byte == b'"';
        }
    }
    true
}

/// Writes the row with one value per line and two spaces per level, starting at this level.
pub(super) fn indent(json: &str, level: usize, out: &mut Vec<u8>) {
    let mut depth = level;
    let mut tokens = Tokens::new(json).peekable();
    while let Some(token) = tokens.next() {
        if matches!(token, Token::Close(_)) {
            depth = depth.saturating_sub(1);
            new_line(depth, out);
        }
        out.extend_from_slice(token.text().as_bytes());
        match token {
            Token::Open(_) => {
                if let Some(Token::Close(close)) = tokens.peek() {
                    out.extend_from_slice(close.as_bytes());
                    tokens.next();
                } else {
                    depth = depth.saturating_add(1);
                    new_line(depth, out);
                }
            }
            Token::Comma => new_line(depth, out),
            Token::Colon => out.push(b' '),
            Token::Close(_) | Token::String(_) | Token::Scalar(_) => (),
        }
    }
}

fn new_line(depth: usize, out: &mut Vec<u8>) {
    out.push(b'\n');
    out.extend(std::iter::repeat_n(b' ', depth.min(MAX_INDENT_LEVEL) * 2));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn laid_out(lay_out: impl Fn(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        lay_out(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn only_white_space_between_tokens_changes() {
        let row = "{ \"b\" : 0.0100 ,\n\"a\":\"x, \\\" y\", \"e\":[ ], \"o\":{\t}, \"n\":[1E-35,{\"c\":null}] }";
        assert_eq!(
            laid_out(|out| compact(row, out)),
            r#"{"b":0.0100,"a":"x, \" y","e":[],"o":{},"n":[1E-35,{"c":null}]}"#
        );
        assert_eq!(
            laid_out(|out| indent(row, 1, out)),
            r#"{
    "b": 0.0100,
    "a": "x, \" y",
    "e": [],
    "o": {},
    "n": [
      1E-35,
      {
        "c": null
      }
    ]
  }"#
        );
    }

    #[test]
    fn a_row_of_a_hundred_thousand_levels_is_formatted() {
        let row = format!("{}1{}", "[ ".repeat(100_000), "]".repeat(100_000));
        assert_eq!(laid_out(|out| compact(&row, out)).len(), 200_001);
        assert!(laid_out(|out| indent(&row, 0, out)).len() < 200_001 * 70);
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::vec((any::<String>(), inner), 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn every_layout_parses_to_the_same_value(value in json()) {
            for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
                let small = laid_out(|out| compact(&text, out));
                prop_assert_eq!(&small, &value.to_string());
                let large = laid_out(|out| indent(&text, 0, out));
                prop_assert_eq!(serde_json::from_str::<Value>(&large).unwrap(), value.clone());
                prop_assert_eq!(large, serde_json::to_string_pretty(&value).unwrap());
            }
        }
    }
}
