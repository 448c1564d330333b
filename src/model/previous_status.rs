//! A row that is shown again because its status changed, with the earlier status beside it.
//!
//! The key is this crate's own, at the row's end, so that it reads back from what was saved.

use std::borrow::Cow;

use super::json_text::unquote;
use super::{Field, Log};

/// What stands before the earlier status. Inside a JSON string its quotes would be escaped.
const KEY: &str = r#""omnilogs":{"previousStatus":"#;

impl Log {
    /// The status as a person names it: its name, else its group, else its id; empty without any.
    #[must_use]
    pub fn status_name(&self) -> Cow<'_, str> {
        [Field::StatusName, Field::StatusGroupName, Field::StatusId]
            .into_iter()
            .map(|field| self.cell(field).into_text())
            .find(|name| !name.is_empty())
            .unwrap_or_default()
    }

    /// The row with an earlier status beside it, as `"omnilogs":{"previousStatus":"…"}`; every other
    /// byte of its text is as it was. A row that is no object stays as it is.
    #[must_use]
    pub fn with_previous_status(&self, previous: &str) -> Self {
        let members = self.json().strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        let Some(members) = members else { return self.clone() };
        let comma = if members.trim().is_empty() { "" } else { "," };
        let previous = serde_json::Value::from(previous);
        Self::read(format!("{{{members}{comma}{KEY}{previous}}}}}"), |_| ())
    }

    /// The earlier status that stands beside the row.
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
    fn the_earlier_status_stands_at_the_end_and_nothing_else_moves() {
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
    fn a_text_that_looks_like_the_key_is_none() {
        let row = read(r#"{"text":"\"omnilogs\":{\"previousStatus\":\"A\"}}"}"#);
        assert_eq!(row.previous_status(), None);
    }

    #[test]
    fn a_status_without_a_name_goes_by_its_group_or_id() {
        let name =
            |status: &str| read(&format!(r#"{{"status":{status}}}"#)).status_name().into_owned();
        assert_eq!(name(r#"{"groupName":"PENDING","id":3}"#), "PENDING");
        assert_eq!(name(r#"{"name":null,"id":3}"#), "3");
        assert_eq!(name("null"), "");
    }
}
