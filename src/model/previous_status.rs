//! The earlier status of a row that is shown again because its status changed.
//!
//! It is a member at the end of the row, under a key of this crate, so that it can be read from saved
//! rows.

use std::borrow::Cow;

use super::json_text::unquote;
use super::{Field, Log};

/// The text before the earlier status. It cannot occur inside a JSON string, where its quotes would be
/// escaped.
const KEY: &str = r#""omnilogs":{"previousStatus":"#;

impl Log {
    /// The name of the status, else its group, else its id; empty when the row has none of them.
    #[must_use]
    pub fn status_name(&self) -> Cow<'_, str> {
        [Field::StatusName, Field::StatusGroupName, Field::StatusId]
            .into_iter()
            .map(|field| self.words(field))
            .find(|name| !name.is_empty())
            .unwrap_or_default()
    }

    /// The row with an earlier status added, as `"omnilogs":{"previousStatus":"…"}`. The rest of its
    /// text is unchanged. A row that is not an object is returned unchanged.
    #[must_use]
    pub fn with_previous_status(&self, previous: &str) -> Self {
        let members = self.json().strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        let Some(members) = members else { return self.clone() };
        let comma = if members.trim().is_empty() { "" } else { "," };
        let previous = serde_json::Value::from(previous);
        Self::read(format!("{{{members}{comma}{KEY}{previous}}}}}"), |_| ())
    }

    /// The earlier status that was added to the row; `None` for a row as it was sent.
    #[must_use]
    pub fn previous_status(&self) -> Option<Cow<'_, str>> {
        let (_, rest) = self.json().rsplit_once(KEY)?;
        unquote(rest.strip_suffix("}}")?).map(|(previous, _)| previous)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Log {
        Log::read(json, |_| ())
    }

    #[test]
    fn the_earlier_status_is_added_at_the_end_and_nothing_else_changes() {
        let row = read(r#"{ "new":0.0100, "status":{"name":"B"} }"#);
        assert_eq!(row.previous_status(), None);
        let now = row.with_previous_status("A\"\u{1b}");
        assert_eq!(
            now.json(),
            r#"{ "new":0.0100, "status":{"name":"B"} ,"omnilogs":{"previousStatus":"A\"\u001b"}}"#
        );
        assert_eq!(now.status_name(), "B");
        assert_eq!(now.previous_status().as_deref(), Some("A\"\u{1b}"));
        assert_eq!(
            read("{ }").with_previous_status("A").json(),
            r#"{ "omnilogs":{"previousStatus":"A"}}"#
        );
        assert_eq!(read("[1]").with_previous_status("A").json(), "[1]");
    }

    #[test]
    fn the_text_of_a_message_with_the_key_in_it_is_not_an_earlier_status() {
        let row = read(r#"{"text":"\"omnilogs\":{\"previousStatus\":\"A\"}}"}"#);
        assert_eq!(row.previous_status(), None);
    }

    #[test]
    fn a_status_without_a_name_has_the_name_of_its_group_or_its_id() {
        let name =
            |status: &str| read(&format!(r#"{{"status":{status}}}"#)).status_name().into_owned();
        assert_eq!(name(r#"{"groupName":"PENDING","id":3}"#), "PENDING");
        assert_eq!(name(r#"{"name":null,"id":3}"#), "3");
        assert_eq!(name(r#"{"name":{"a": 1},"groupName":"PENDING"}"#), "PENDING");
        assert_eq!(name("null"), "");
    }
}
