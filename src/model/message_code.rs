//! The status and the error of a message, whether they are published or not.

use std::borrow::Cow;

use super::codes::{self, Code, ErrorGroup, Family};
use super::{Field, Log, StatusGroup};

/// The status or the error of a message, as its row has it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct MessageCode<'a> {
    /// The published code; `None` when the code is not published.
    pub published: Option<Code>,
    /// The name; empty when the row has none.
    pub name: Cow<'a, str>,
    /// The id; `None` when the row has none.
    pub id: Option<u32>,
    /// The group: in its published spelling, or as it was sent; empty when the row has none.
    pub group: Cow<'a, str>,
    /// The description in the row; empty when the row has none.
    pub description: Cow<'a, str>,
}

impl Log {
    /// The status of the row; `None` when the row has neither a name, an id nor a group of a status.
    #[must_use]
    pub fn status_code(&self) -> Option<MessageCode<'_>> {
        let (name, id) = self.code(Field::StatusName, Field::StatusId);
        let group = match self.named_status_group() {
            Some(group) => Cow::Borrowed(group.as_str()),
            None => self.words(Field::StatusGroupName),
        };
        if name.is_empty() && id.is_none() && group.is_empty() {
            return None;
        }
        let published = self.row_status().or_else(|| dlt_code(&name));
        let description = self.words(Field::StatusDescription);
        Some(MessageCode { published, name, id, group, description })
    }

    /// The error of the row; `None` when the row has none, or one that means success.
    #[must_use]
    pub fn error_code(&self) -> Option<MessageCode<'_>> {
        let error = self.error()?;
        let sent = self.words(Field::ErrorGroupName);
        let group = ErrorGroup::parse(&sent);
        let published = error.published.and_then(|code| {
            let channel = self.cell(Field::Channel).into_text();
            codes::error_of_row(code.name, group, &channel).map(Code::Error)
        });
        Some(MessageCode {
            published,
            name: error.name,
            id: error.id,
            group: group.map_or(sent, |group| Cow::Borrowed(group.as_str())),
            description: self.words(Field::ErrorDescription),
        })
    }

    /// The published status of the row, with the group of the row where the name is in several groups.
    fn row_status(&self) -> Option<Code> {
        let known = self.published_status()?;
        let channel = self.cell(Field::Channel).into_text();
        let group: Option<StatusGroup> = self.named_status_group();
        codes::status_of_row(known.name, group, &channel).map(Code::Status)
    }
}

/// The code of DLT with this name. The platform's list marks these codes as statuses, although their
/// names and ids are those of errors: a row can have them as either.
fn dlt_code(name: &str) -> Option<Code> {
    codes::error(name).filter(|code| code.family == Family::Dlt).map(Code::Error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(status: &str, error: &str) -> [Option<Code>; 2] {
        Log::new(format!(r#"{{"channel":"SMS","status":{status},"error":{error}}}"#))
            .published_codes()
    }

    #[test]
    fn a_name_of_several_groups_is_the_code_of_the_group_in_the_row() {
        for group in [StatusGroup::Expired, StatusGroup::Rejected] {
            let status = format!(r#"{{"name":"signals_blocked","groupName":"{group}"}}"#);
            let [Some(Code::Status(found)), None] = codes(&status, "null") else { panic!() };
            assert_eq!(found.group, group);
        }
        for group in [ErrorGroup::User, ErrorGroup::Operator] {
            let error =
                format!(r#"{{"name":"EC_NOTSUBMITTEDTOSMPPCHANNEL","groupName":"{group}"}}"#);
            let [None, Some(Code::Error(found))] = codes("null", &error) else { panic!() };
            assert_eq!(found.group, Some(group));
        }
    }

    #[test]
    fn a_code_of_dlt_is_published_as_a_status_and_as_an_error() {
        let code = r#"{"name":"EC_BLOCKED_BY_DLT","id":4106,"groupName":"REJECTED"}"#;
        let [Some(status), Some(error)] = codes(code, code) else { panic!() };
        assert_eq!((status.name(), status), ("EC_BLOCKED_BY_DLT", error));
        assert_eq!(codes(r#"{"name":"EC_ABSENT_SUBSCRIBER"}"#, "null"), [None, None]);
    }

    #[test]
    fn a_row_without_a_name_an_id_and_a_group_has_no_status() {
        for (status, has_status) in [
            ("null", false),
            (r#"{"description":"x","name":null}"#, false),
            (r#"{"name":"NEW"}"#, true),
            (r#"{"id":6}"#, true),
            (r#"{"groupName":"SEEN"}"#, true),
        ] {
            let row = Log::new(format!(r#"{{"status":{status}}}"#));
            assert_eq!(row.status_code().is_some(), has_status, "{status}");
        }
    }
}
