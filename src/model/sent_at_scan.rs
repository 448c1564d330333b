//! Finds the `sentAt` of a row without parsing the row.
//!
//! Paging reads this field of every row, and no other, so that parsing would be most of its work.
//! Where the bytes are ambiguous, nothing is found, and the caller parses the row.

use std::sync::LazyLock;

use memchr::memmem::Finder;
use memchr::{memchr, memrchr};

const KEY: &str = "\"sentAt\"";

/// Built once, because building a finder takes as long as searching a row.
static KEY_FINDER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(KEY));
static ESCAPE_FINDER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(br"\u"));

/// The JSON text of the value, if the key is in the row's own object; `None` when that is not
/// certain, or when the value is not a plain string. The row must be valid JSON.
pub(super) fn find(row: &str) -> Option<&str> {
    let (before, rest) = row.split_at_checked(KEY_FINDER.find(row.as_bytes())?)?;
    // After a backslash, the first quote is inside a string. After a `\u`, the same key, written with
    // escapes, can have come before.
    if before.ends_with('\\') || ESCAPE_FINDER.find(before.as_bytes()).is_some() {
        return None;
    }
    let brace = before.find(|c: char| !c.is_ascii_whitespace())?;
    if !before.get(brace..)?.starts_with('{') || memrchr(b'{', before.as_bytes()) != Some(brace) {
        return None;
    }
    // Without a colon after it, the text is a value, not a key.
    let rest = rest.get(KEY.len()..)?.trim_ascii_start().strip_prefix(':')?.trim_ascii_start();
    let end = memchr(b'"', rest.strip_prefix('"')?.as_bytes())?;
    let value = rest.get(..end + 2)?;
    memchr(b'\\', value.as_bytes()).is_none().then_some(value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::Field;
    use crate::model::index::Index;

    #[test]
    fn a_plain_time_of_the_row_itself_is_found() {
        for row in [r#"{"sentAt":"2026","to":{}}"#, r#" { "text":"[a\"b\"}","sentAt" : "2026" }"#] {
            assert_eq!(find(row), Some("\"2026\""), "{row}");
        }
    }

    #[test]
    fn an_ambiguous_row_is_left_to_the_parser() {
        for row in [
            r#"{"new":{"sentAt":"2026"},"sentAt":"2025"}"#,
            r#"{"list":[1,["sentAt"]],"from":"sentAt","sentAt":"2026"}"#,
            r#"{"text":"{","sentAt":"2026"}"#,
            r#"[{"sentAt":"2026"}]"#,
            r#"{"sentAt":2026}"#,
            r#"{"sentAt":"20\u0032"}"#,
            r#"{"text":"\"sentAt\":"}"#,
            r#"{"sent\u0041t":"2026"}"#,
            "\"sentAt\"",
            "{}",
        ] {
            assert_eq!(find(row), None, "{row}");
        }
    }

    /// A member of a row, made of parts that can be mistaken for each other.
    fn member() -> impl Strategy<Value = String> {
        let name = prop::sample::select(vec!["sentAt", "text", "a{", "sent\\u0041t", "\\\"sentAt"]);
        let value = prop::sample::select(vec![
            r#""2026""#,
            r#""sentAt""#,
            r#""\"sentAt\":\"x\"""#,
            r#""{""#,
            r#""\\""#,
            r#"{"sentAt":"in"}"#,
            r#"["sentAt",{"sentAt":"in"}]"#,
            "1",
            "null",
        ]);
        let space = prop::sample::select(vec!["", " ", "\n\t"]);
        (name, value, space).prop_map(|(name, value, s)| format!("{s}\"{name}\"{s}:{s}{value}{s}"))
    }

    proptest! {
        #[test]
        fn the_value_that_is_found_is_that_of_the_parsed_row(
            members in prop::collection::vec(member(), 0..6),
        ) {
            let row = format!("{{{}}}", members.join(","));
            prop_assert!(serde_json::from_str::<serde_json::Value>(&row).is_ok(), "{}", row);
            if let Some(found) = find(&row) {
                prop_assert_eq!(found, Index::first(&row, Field::SentAt));
            }
        }
    }
}
