//! Why a message was not delivered, or not yet, in a few words: for the columns `why` and `result`.

use std::borrow::Cow;

use super::codes::{self, Code, ErrorCode, ErrorGroup};
use super::{Field, Log, Outcome, StatusGroup};

/// The error of a row.
pub(super) struct RowError<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) id: Option<u32>,
    pub(super) published: Option<&'static ErrorCode>,
}

impl Log {
    /// What went wrong; `None` where nothing did, or where the row does not say.
    ///
    /// The error of the row comes first, then, for a message that failed, its status. The words are
    /// the short text of the code, else the description in the row, else the name of the code.
    #[must_use]
    pub fn failure(&self) -> Option<Cow<'_, str>> {
        self.error_text()
            .or_else(|| self.status_text().filter(|_| self.outcome() == Outcome::Failed))
    }

    /// Why a message was not delivered, or not yet, in the same words as [`failure`](Self::failure).
    #[must_use]
    pub fn reason(&self) -> Option<Cow<'_, str>> {
        self.error_text().or_else(|| self.status_text())
    }

    /// The code that explains a failed message best: the name of its error, or that of its status
    /// where the row has no error; the id of a code without a name.
    #[must_use]
    pub(crate) fn failure_code(&self) -> Cow<'_, str> {
        let ((name, id), published) = if let Some(error) = self.error() {
            ((error.name, error.id), error.published.map(|code| code.name))
        } else {
            let known = self.published_status().map(|code| code.name);
            (self.code(Field::StatusName, Field::StatusId), known)
        };
        // One spelling for a name that rows can have in any letter case.
        if let Some(published) = published {
            return Cow::Borrowed(published);
        }
        match id {
            Some(id) if name.is_empty() => Cow::Owned(id.to_string()),
            _ => name,
        }
    }

    /// The published code that explains the row best: that of its error, or else of its status.
    #[must_use]
    pub fn explaining_code(&self) -> Option<Code> {
        let [status, error] = self.published_codes();
        error.or(status)
    }

    /// The published codes of the row: that of its status, and that of its error unless it says that
    /// there is none.
    #[must_use]
    pub fn published_codes(&self) -> [Option<Code>; 2] {
        [self.status_code(), self.error_code()].map(|code| code.and_then(|code| code.published))
    }

    /// The error of the row; `None` where the row has none, or one that means success.
    pub(super) fn error(&self) -> Option<RowError<'_>> {
        let (name, id) = self.code(Field::ErrorName, Field::ErrorId);
        let published = if name.is_empty() { self.unnamed_error(id) } else { codes::error(&name) };
        let error = RowError { name, id, published };
        (!self.means_success(&error)).then_some(error)
    }

    /// The published error with the id, the group and the channel of a row that does not name it.
    fn unnamed_error(&self, id: Option<u32>) -> Option<&'static ErrorCode> {
        // The ids of error groups are not used: families share them, too.
        let group = ErrorGroup::parse(&self.cell(Field::ErrorGroupName).into_text())?;
        codes::error_by_id(id?, group, &self.cell(Field::Channel).into_text())
    }

    fn error_text(&self) -> Option<Cow<'_, str>> {
        let error = self.error()?;
        let text = error.published.and_then(|code| code.text);
        text.map(|text| Cow::Borrowed(text.short))
            .or_else(|| self.description(Field::ErrorDescription))
            .or_else(|| in_words(&error.name))
    }

    /// Whether the error of the row means success. The group decides, because voice has codes such
    /// as `VOICE_ANSWERED` in the group OK.
    fn means_success(&self, error: &RowError<'_>) -> bool {
        let RowError { name, id, published } = error;
        let group_name = self.cell(Field::ErrorGroupName).into_text();
        let group = ErrorGroup::parse(&group_name).or(published.and_then(|code| code.group));
        // An example of the API documentation has this failure in the group OK.
        (group == Some(ErrorGroup::Ok) && !name.eq_ignore_ascii_case("EC_VOICE_NO_ANSWER"))
            || name.eq_ignore_ascii_case("NO_ERROR")
            || (name.is_empty() && id.is_none_or(|id| id == 0))
    }

    fn status_text(&self) -> Option<Cow<'_, str>> {
        let name = self.words(Field::StatusName);
        let known = self.published_status();
        let text = known.and_then(|status| status.text).map(|text| Cow::Borrowed(text.short));
        let group = || self.status_group().map(|group| codes::status_phrase(group).into());
        text.or_else(|| self.description(Field::StatusDescription))
            .or_else(|| in_words(without_group(&name, known.map(|status| status.group))))
            .or_else(group)
    }

    /// The description of a status without a name; `None` for a name, which says it itself.
    pub(crate) fn unnamed_status_text(&self) -> Option<Cow<'_, str>> {
        let is_unnamed = self.words(Field::StatusName).is_empty();
        self.description(Field::StatusDescription).filter(|_| is_unnamed)
    }

    fn description(&self, field: Field) -> Option<Cow<'_, str>> {
        Some(self.words(field)).filter(|text| !text.trim().is_empty())
    }
}

/// The name of a published status without that of its group, which precedes the reason.
fn without_group(name: &str, group: Option<StatusGroup>) -> &str {
    let rest = group.and_then(|group| name.strip_prefix(group.as_str())?.strip_prefix('_'));
    rest.unwrap_or(name)
}

/// The name of a code in words; `None` for an empty name.
fn in_words(name: &str) -> Option<Cow<'static, str>> {
    (!name.is_empty()).then(|| Cow::Owned(codes::readable(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(status: &str, error: &str) -> Option<String> {
        let log = Log::read(format!(r#"{{"status":{status},"error":{error}}}"#), |_| ());
        log.failure().map(Cow::into_owned)
    }

    #[test]
    fn the_code_of_a_failure_is_that_of_its_error_or_else_of_its_status() {
        let code = |status: &str, error: &str| {
            let log = Log::read(format!(r#"{{"status":{status},"error":{error}}}"#), |_| ());
            log.failure_code().into_owned()
        };
        let rejected = r#"{"id":6,"name":"REJECTED_NETWORK"}"#;
        assert_eq!(
            code(rejected, r#"{"id":27,"name":"EC_ABSENT_SUBSCRIBER"}"#),
            "EC_ABSENT_SUBSCRIBER"
        );
        assert_eq!(code(rejected, r#"{"id":0,"name":"NO_ERROR"}"#), "REJECTED_NETWORK");
        assert_eq!(code(rejected, r#"{"id":4711}"#), "4711");
        assert_eq!(code("{}", "{}"), "");
    }

    #[test]
    fn the_error_of_a_row_comes_before_its_status() {
        let undelivered = r#"{"name":"UNDELIVERABLE_NOT_DELIVERED"}"#;
        assert_eq!(
            failure(undelivered, r#"{"id":27,"name":"ec_absent_subscriber"}"#).as_deref(),
            Some("phone not on any network")
        );
        for status in [undelivered, r#"{"name":"PENDING_ENROUTE"}"#] {
            let text = failure(status, r#"{"id":1,"groupName":"HANDSET_ERRORS"}"#);
            assert_eq!(text.as_deref(), Some("number does not exist"), "{status}");
        }
    }

    #[test]
    fn an_object_is_not_the_name_of_an_error() {
        let status = r#"{"name":"PENDING_ENROUTE"}"#;
        assert_eq!(failure(status, r#"{"name":{"a":["b"]},"description":[1]}"#), None);
    }

    #[test]
    fn an_error_without_a_text_has_the_words_of_the_row_or_of_its_name() {
        let status = r#"{"groupName":"UNDELIVERABLE","name":"UNDELIVERABLE_NOT_DELIVERED"}"#;
        for (error, expected) in [
            (
                r#"{"id":6017,"name":"EC_SENDER_IP_BLACKLISTED","description":"IP listed"}"#,
                "IP listed",
            ),
            (r#"{"id":6017,"name":"EC_SENDER_IP_BLACKLISTED"}"#, "sender ip blacklisted"),
            (r#"{"id":9999,"name":"EC_NEW","description":"Something new"}"#, "Something new"),
            (r#"{"id":9999,"name":"EC_SOMETHING_NEW","description":" "}"#, "something new"),
            (r#"{"id":9999,"description":"Something new"}"#, "Something new"),
        ] {
            assert_eq!(failure(status, error).as_deref(), Some(expected), "{error}");
        }
    }

    #[test]
    fn a_row_without_an_error_has_the_words_of_its_status() {
        for (status, expected) in [
            (r#"{"id":10,"name":"REJECTED_DND"}"#, "on a do-not-disturb list"),
            (r#"{"id":10,"groupName":"REJECTED"}"#, "on a do-not-disturb list"),
            (
                r#"{"groupName":"REJECTED","name":"REJECTED_BY_X","description":"X said no"}"#,
                "X said no",
            ),
            (r#"{"groupName":"REJECTED","name":"REJECTED_BY_X"}"#, "rejected by x"),
            (r#"{"groupName":"EXPIRED"}"#, "expired"),
        ] {
            for error in [
                "null",
                r#"{"id":0,"name":"NO_ERROR"}"#,
                r#"{"groupName":"OK","id":10000,"name":"NORMAL_HANGUP"}"#,
            ] {
                assert_eq!(failure(status, error).as_deref(), Some(expected), "{status} {error}");
            }
        }
    }

    #[test]
    fn a_message_that_did_not_fail_has_no_failure() {
        for status in
            ["DELIVERED_TO_HANDSET", "DELIVERED_TO_OPERATOR", "PENDING_ENROUTE", "SEEN_BY_USER"]
        {
            let status = format!(r#"{{"name":"{status}"}}"#);
            assert_eq!(failure(&status, r#"{"id":0}"#), None, "{status}");
            assert_eq!(failure(&status, r#"{"id":5}"#), None, "{status}");
            assert_eq!(failure(&status, r#"{"name":"VOICE_ANSWERED"}"#), None, "{status}");
        }
        assert_eq!(failure("null", "null"), None);
    }
}
