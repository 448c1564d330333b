//! Takes trailing commas out of a JSON text, and touches nothing else.
//!
//! The API's own page prints them (`"channel": "SMS",}`). Only a comma between a value and a
//! closing bracket goes; a comma in a string, a doubled one or one without a value stays.

/// The text without its trailing commas; `None` when there are none.
pub(super) fn without_trailing_commas(json: &[u8]) -> Option<Vec<u8>> {
    let commas = trailing_commas(json);
    if commas.is_empty() {
        return None;
    }
    let mut kept = Vec::with_capacity(json.len());
    let mut from = 0;
    for comma in commas {
        kept.extend_from_slice(json.get(from..comma).unwrap_or_default());
        from = comma + 1;
    }
    kept.extend_from_slice(json.get(from..).unwrap_or_default());
    Some(kept)
}

/// Where the trailing commas stand. Structure is ASCII, so that bytes that are no UTF-8 do not
/// matter here.
fn trailing_commas(json: &[u8]) -> Vec<usize> {
    let mut found = Vec::new();
    let (mut in_string, mut escaped) = (false, false);
    // Whether the last thing read was a whole value, and the comma that followed it.
    let (mut after_value, mut comma) = (false, None);
    for (at, byte) in json.iter().enumerate() {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' => continue,
            b',' => {
                comma = after_value.then_some(at);
                after_value = false;
                continue;
            }
            b']' | b'}' => {
                found.extend(comma);
                after_value = true;
            }
            b'[' | b'{' | b':' => after_value = false,
            b'"' => {
                in_string = true;
                after_value = true;
            }
            _ => after_value = true,
        }
        comma = None;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mended(json: &str) -> Option<String> {
        without_trailing_commas(json.as_bytes()).map(|json| String::from_utf8(json).unwrap())
    }

    #[test]
    fn a_comma_before_a_closing_bracket_goes_and_the_rest_stays_as_it_was() {
        assert_eq!(mended("{\"a\":[1, 2 , ]\n,\n}").unwrap(), "{\"a\":[1, 2  ]\n\n}");
        assert_eq!(mended(r#"[{"a":{},},]"#).unwrap(), r#"[{"a":{}}]"#);
    }

    #[test]
    fn commas_in_strings_and_commas_without_a_value_stay() {
        for json in [r#"{"a":",}","b":"\",]"}"#, "[,]", "{,}", "[1,,]", r#"{"a":,}"#, "[1,2]", ","]
        {
            assert_eq!(mended(json), None, "{json}");
        }
    }
}
