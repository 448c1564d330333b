//! The member `seenAt`, with which a listing of every version says when a version was first seen.
//!
//! The server does not send it. An import must take it off again, or it would store texts that the
//! server never sent.

use crate::model::{Log, Timestamp};

/// The row with the member `seenAt` as its last member. A row that is not a JSON object stays as it
/// is.
#[must_use]
pub fn with_seen_at(log: &Log, seen_at: Timestamp) -> Log {
    let object = log.json().trim_end().strip_suffix('}').filter(|_| log.is_readable());
    let Some(members) = object else { return log.clone() };
    let comma = if is_empty_object(members) { "" } else { "," };
    let seen_at = seen_at.to_wire();
    Log::new(format!("{members}{comma}\"seenAt\":\"{seen_at}\"}}"))
}

/// The row as it was before a listing of every version added the member `seenAt`, and the time in
/// that member. A row whose last member does not have exactly the form that the listing writes stays
/// as it is.
#[must_use]
pub fn without_seen_at(log: Log) -> (Log, Option<Timestamp>) {
    match split(&log) {
        Some((text, seen_at)) => (Log::new(text), Some(seen_at)),
        None => (log, None),
    }
}

fn split(log: &Log) -> Option<(String, Timestamp)> {
    let (before, text) = log.json().strip_suffix("\"}")?.rsplit_once("\"seenAt\":\"")?;
    let seen_at = Timestamp::from_millis(Timestamp::parse(text)?.millis());
    let members = match before.strip_suffix(',') {
        Some(members) if !is_empty_object(members) => members,
        None if is_empty_object(before) => before,
        _ => return None,
    };
    let is_written = seen_at.to_wire() == text && log.is_text_as_sent() && log.is_readable();
    is_written.then(|| (format!("{members}}}"), seen_at))
}

/// Whether a JSON object whose last brace was removed has no members.
fn is_empty_object(members: &str) -> bool {
    members.trim() == "{"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_the_same_after_its_time_was_added_and_taken_off() {
        for text in [
            "{}",
            "{ }",
            r#"{"messageId":"m"}"#,
            r#"{"messageId":"m" , "n":1.50 }"#,
            r#"{"text":",\"seenAt\":\"2026-11-25T22:11:08.000+00:00\""}"#,
            // A member of the server itself.
            r#"{"messageId":"m","seenAt":"2026-11-25T22:11:08.000+00:00"}"#,
        ] {
            for millis in [0, 1_795_644_668_123] {
                let row = with_seen_at(&Log::new(text), Timestamp::from_millis(millis));
                assert!(serde_json::from_str::<serde_json::Value>(row.json()).is_ok(), "{row:?}");
                let (row, seen_at) = without_seen_at(row);
                assert_eq!((row.json(), seen_at), (text, Some(Timestamp::from_millis(millis))));
            }
        }
    }

    #[test]
    fn a_member_of_another_form_stays() {
        for text in [
            r#"{"messageId":"m"}"#,
            r#"{"text":",\"seenAt\":\"2026-11-25T22:11:08.000+00:00\""}"#,
            r#"{"messageId":"m","seenAt":"2026-11-25T22:11:08.000+0000"}"#,
            r#"{"messageId":"m","seenAt":"2026-11-25T22:11:08.000+01:00"}"#,
            r#"{"messageId":"m","seenAt":"yesterday"}"#,
            r#"{"messageId":"m", "seenAt": "2026-11-25T22:11:08.000+00:00"}"#,
            r#"{"seenAt":"2026-11-25T22:11:08.000+00:00","messageId":"m"}"#,
            r#"{"a":{"b":1,"seenAt":"2026-11-25T22:11:08.000+00:00"}}"#,
            r#"["seenAt":"2026-11-25T22:11:08.000+00:00"}"#,
        ] {
            let (row, seen_at) = without_seen_at(Log::new(text));
            assert_eq!((row.json(), seen_at), (text, None));
        }
    }
}
