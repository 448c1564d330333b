//! Finds trailing commas in a JSON text, so that they can be removed.
//!
//! The page of the API prints them (`"channel": "SMS",}`). Only a comma between a value and a closing
//! bracket counts; a comma in a string, a doubled comma and a comma without a value do not.

/// The byte offsets of the trailing commas of a JSON text, in order. An iterator, because a body may
/// contain millions.
pub(super) fn trailing_commas(json: &str) -> impl Iterator<Item = usize> {
    let (mut in_string, mut escaped) = (false, false);
    // Whether the last token ended a value, and the offset of a comma that followed a value.
    let (mut after_value, mut comma) = (false, None);
    json.bytes().enumerate().filter_map(move |(at, byte)| {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            return None;
        }
        let pending: Option<usize> = comma.take();
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' => comma = pending,
            b',' => {
                comma = after_value.then_some(at);
                after_value = false;
            }
            b']' | b'}' => {
                after_value = true;
                return pending;
            }
            b'[' | b'{' | b':' => after_value = false,
            b'"' => {
                in_string = true;
                after_value = true;
            }
            _ => after_value = true,
        }
        None
    })
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
        for json in [r#"{"a":",}","b":"\",]"}"#, "[,]", "{,}", "[1,,]", r#"{"a":,}"#, "[1,2]", ","]
        {
            assert_eq!(without(json), None, "{json}");
        }
    }
}
