//! Finds the `sentAt` of a row without reading what stands before it.
//!
//! Paging asks every row for it and for nothing else. Where the bytes leave any doubt, nothing is
//! found here, and the row has to be read.

use std::sync::LazyLock;

use memchr::memmem::Finder;
use memchr::{memchr, memrchr};

const KEY: &str = "\"sentAt\"";

/// Prepared once: to prepare them costs as much as to look through a row.
static KEYS: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(KEY));
static ESCAPES: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(br"\u"));

/// The value as its JSON text, when no other object is open where the name stands; `None` when that
/// cannot be told, or the value is no plain string. The row is valid JSON.
pub(super) fn find(row: &str) -> Option<&str> {
    let (before, rest) = row.split_at_checked(KEYS.find(row.as_bytes())?)?;
    // Inside a string the second quote would stand behind a backslash, at the beginning of a longer
    // name the first; and a name written with escapes may stand before this one.
    if before.ends_with('\\') || ESCAPES.find(before.as_bytes()).is_some() {
        return None;
    }
    let brace = before.find(|c: char| !c.is_ascii_whitespace())?;
    if !before.get(brace..)?.starts_with('{') || memrchr(b'{', before.as_bytes()) != Some(brace) {
        return None;
    }
    // Without a colon it is a value that reads like the name.
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
    fn a_plain_moment_of_the_row_itself_is_found() {
        for row in [
            r#"{"sentAt":"2026","to":{}}"#,
            r#" { "text":"[a\"b\"}","sentAt" : "2026" }"#,
            r#"{"list":[1,["sentAt"]],"from":"sentAt","sentAt":"2026"}"#,
        ] {
            let wanted = if row.contains("from") { None } else { Some("\"2026\"") };
            assert_eq!(find(row), wanted, "{row}");
        }
    }

    #[test]
    fn where_there_is_doubt_nothing_is_found() {
        for row in [
            r#"{"new":{"sentAt":"2026"},"sentAt":"2025"}"#,
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

    /// A member of a row, out of parts that could be taken for each other.
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
        fn what_is_found_is_what_reading_the_row_finds(
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
