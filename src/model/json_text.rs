//! Decodes JSON string literals. Half of a surrogate pair, which strict parsers reject, becomes U+FFFD.

use std::borrow::Cow;

/// The text of a JSON string literal (with its quotes); `None` for anything else. The flag says that
/// half of a surrogate pair was replaced by U+FFFD.
pub(crate) fn unquote(literal: &str) -> Option<(Cow<'_, str>, bool)> {
    let inner = literal.strip_prefix('"')?.strip_suffix('"')?;
    if !inner.contains('\\') {
        return Some((Cow::Borrowed(inner), false));
    }
    if let Ok(text) = serde_json::from_str::<String>(literal) {
        return Some((Cow::Owned(text), false));
    }
    let replaced = without_lone_surrogates(literal);
    serde_json::from_str::<String>(&replaced).ok().map(|text| (Cow::Owned(text), true))
}

/// The literal with `\uFFFD` in place of each `\uD8xx` to `\uDFxx` without its other half.
fn without_lone_surrogates(literal: &str) -> String {
    let mut out = String::with_capacity(literal.len());
    let mut rest = literal;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        let length = match (unit(escape), escape.get(6..).and_then(unit)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 12,
            (Some(0xD800..=0xDFFF), _) => {
                out.push_str("\\uFFFD");
                rest = escape.get(6..).unwrap_or_default();
                continue;
            }
            (Some(_), _) => 6,
            (None, _) => escape.char_indices().nth(2).map_or(escape.len(), |(end, _)| end),
        };
        let (kept, after) = escape.split_at_checked(length).unwrap_or((escape, ""));
        out.push_str(kept);
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The code unit of a `\uXXXX` at the start of the text.
fn unit(text: &str) -> Option<u32> {
    let hex = text.strip_prefix("\\u")?.get(..4)?;
    hex.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u32::from_str_radix(hex, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_a_surrogate_pair_is_read_as_the_replacement_character() {
        assert_eq!(unquote(r#""a\ud800b""#), Some(("a\u{FFFD}b".into(), true)));
        assert_eq!(
            unquote(r#""\udc00\ud83d\ude42\ud83d""#),
            Some(("\u{FFFD}🙂\u{FFFD}".into(), true))
        );
        assert_eq!(unquote(r#""\\ud800 \ud800\\n""#), Some(("\\ud800 \u{FFFD}\\n".into(), true)));
    }

    #[test]
    fn a_plain_string_is_borrowed() {
        assert!(matches!(unquote("\"Test SMS.\""), Some((Cow::Borrowed("Test SMS."), false))));
        assert_eq!(unquote("12"), None);
    }
}
