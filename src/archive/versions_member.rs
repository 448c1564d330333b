//! The member `versions`, with which `show` gives a row all versions of its message.
//!
//! The server does not send it. An import must take it off again, or it would store texts that the
//! server never sent.

use serde_json::value::RawValue;

use super::seen_at_member::{with_seen_at, without_seen_at};
use crate::model::{Log, Timestamp};

/// The row with the member `versions` as its last member: each version with the member `seenAt`. A row
/// that is not a JSON object, or of which no version is known, stays as it is.
#[must_use]
pub fn with_versions<'a>(
    row: &Log,
    versions: impl IntoIterator<Item = (&'a Log, Timestamp)>,
) -> Log {
    let texts: Vec<_> =
        versions.into_iter().map(|(version, seen_at)| with_seen_at(version, seen_at)).collect();
    let members = row.json().trim_end().strip_suffix('}').filter(|_| !texts.is_empty());
    let Some(members) = members else { return row.clone() };
    let texts: Vec<_> = texts.iter().map(Log::json).collect();
    Log::new(format!("{members}{VERSIONS}{}]}}", texts.join(",")))
}

/// The rows that the server sent, with when each was first seen, of a row to which a listing of an
/// archive added the member `versions` or `seenAt`. A row without such a member, or with one of another
/// form, stays as it is.
#[must_use]
pub fn as_sent(row: Log) -> Vec<(Log, Option<Timestamp>)> {
    match versions_and_current(&row) {
        Some(rows) => rows,
        None => vec![without_seen_at(row)],
    }
}

/// What is between the members of the server and the first version.
const VERSIONS: &str = ",\"versions\":[";

fn versions_and_current(row: &Log) -> Option<Vec<(Log, Option<Timestamp>)>> {
    let members = row.json().strip_suffix('}').filter(|_| row.is_text_as_sent())?;
    // The server can have a member of this name, too, in the row and so in its versions. The array of
    // the added one reaches to the end of the row, and contains theirs.
    members.match_indices(VERSIONS).find_map(|(at, _)| {
        let (before, array) = (members.get(..at)?, members.get(at + VERSIONS.len() - 1..)?);
        let texts: Vec<&RawValue> = serde_json::from_str(array).ok()?;
        let current = Log::new(format!("{before}}}"));
        let version = |text: &&RawValue| {
            let (version, seen_at) = without_seen_at(Log::new(text.get()));
            let is_version = seen_at.is_some() && version.identity() == current.identity();
            is_version.then_some((version, seen_at))
        };
        let mut rows: Vec<_> = texts.iter().map(version).collect::<Option<_>>()?;
        if rows.is_empty() || !current.is_readable() {
            return None;
        }
        if rows.iter().all(|(version, _)| version.json() != current.json()) {
            rows.push((current, None));
        }
        Some(rows)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = r#"{"messageId":"m","n":1.50,"status":"PENDING"}"#;
    const NEW: &str = r#"{"messageId":"m", "versions":[1],"n":1.50 }"#;

    fn seen(millis: i64) -> Timestamp {
        Timestamp::from_millis(1_795_644_668_123 + millis)
    }

    fn restored(row: Log) -> Vec<(String, Option<Timestamp>)> {
        let rows = as_sent(row).into_iter();
        rows.map(|(row, seen_at)| (row.json().to_owned(), seen_at)).collect()
    }

    #[test]
    fn the_versions_of_a_row_are_the_same_after_they_were_added_and_taken_off() {
        let (old, new) = (Log::new(OLD), Log::new(NEW));
        let row = with_versions(&new, [(&new, seen(2)), (&old, seen(1))]);
        assert!(serde_json::from_str::<serde_json::Value>(row.json()).is_ok(), "{row:?}");
        let expected = [(NEW.to_owned(), Some(seen(2))), (OLD.to_owned(), Some(seen(1)))];
        assert_eq!(restored(row), expected);
        // The current version has a member of the server with this name and form.
        let own = with_versions(&old, [(&old, seen(0))]);
        let row = with_versions(&own, [(&own, seen(2)), (&old, seen(1))]);
        let expected = [(own.json().to_owned(), Some(seen(2))), (OLD.to_owned(), Some(seen(1)))];
        assert_eq!(restored(row), expected);
    }

    #[test]
    fn a_row_that_differs_from_its_versions_is_kept_beside_them() {
        let row = with_versions(&Log::new(NEW), [(&Log::new(OLD), seen(1))]);
        let expected = [(OLD.to_owned(), Some(seen(1))), (NEW.to_owned(), None)];
        assert_eq!(restored(row), expected);
    }

    #[test]
    fn versions_of_another_form_stay() {
        for text in [
            r#"{"messageId":"m","versions":[]}"#,
            r#"{"messageId":"m","versions":[{"messageId":"m"}]}"#,
            r#"{"messageId":"m","versions":[1,2]}"#,
            r#"{"messageId":"m","versions":[{"messageId":"other","seenAt":"2026-11-25T22:11:08.000+00:00"}]}"#,
            r#"{"versions":[{"messageId":"m","seenAt":"2026-11-25T22:11:08.000+00:00"}],"messageId":"m"}"#,
            r#"{"a":{"versions":[{"messageId":"m","seenAt":"2026-11-25T22:11:08.000+00:00"}]}}"#,
        ] {
            assert_eq!(restored(Log::new(text)), [(text.to_owned(), None)]);
        }
    }
}
