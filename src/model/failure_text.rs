//! Why a message was not delivered, or not yet, in a few words: the columns `why` and `result`.

use std::borrow::Cow;

use super::codes::{self, Code, ErrorGroup};
use super::status::published;
use super::{Field, Log, Outcome};

impl Log {
    /// What went wrong; `None` where nothing did, or where the row says nothing about it.
    ///
    /// The error of the row comes first, then its status, when the message failed. Each is worded
    /// by our own text, else by the row's own description, else by the name of the code.
    #[must_use]
    pub fn failure(&self) -> Option<Cow<'_, str>> {
        self.error_text()
            .or_else(|| self.status_text().filter(|_| self.outcome() == Outcome::Failed))
    }

    /// What a message that was not delivered waits for, or what went wrong, in the same words.
    #[must_use]
    pub fn reason(&self) -> Option<Cow<'_, str>> {
        self.error_text().or_else(|| self.status_text())
    }

    /// The code that says most about a failed message: the name of its error, or that of its status
    /// where the row has no error; the id of one without a name.
    #[must_use]
    pub(crate) fn failure_code(&self) -> Cow<'_, str> {
        let (name, id) = self.code(Field::ErrorName, Field::ErrorId);
        let known =
            if name.is_empty() { id.and_then(codes::error_by_id) } else { codes::error(&name) };
        let (name, id) = if self.means_success(&name, id, known.and_then(|error| error.group)) {
            self.code(Field::StatusName, Field::StatusId)
        } else {
            (name, id)
        };
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
        let (status, status_id) = self.code(Field::StatusName, Field::StatusId);
        let status = published(&status, status_id).map(Code::Status);
        let (name, id) = self.code(Field::ErrorName, Field::ErrorId);
        let error =
            if name.is_empty() { id.and_then(codes::error_by_id) } else { codes::error(&name) };
        let is_success = self.means_success(&name, id, error.and_then(|error| error.group));
        [status, error.filter(|_| !is_success).map(Code::Error)]
    }

    fn error_text(&self) -> Option<Cow<'_, str>> {
        let (name, id) = self.code(Field::ErrorName, Field::ErrorId);
        let known = if name.is_empty() { codes::error_by_id(id?) } else { codes::error(&name) };
        if self.means_success(&name, id, known.and_then(|error| error.group)) {
            return None;
        }
        let text = known.and_then(|error| error.text).map(|text| Cow::Borrowed(text.short));
        text.or_else(|| self.description(Field::ErrorDescription)).or_else(|| named(&name))
    }

    /// Whether the error of the row says that there is none: its group decides, since voice has
    /// codes such as `VOICE_ANSWERED` in the group OK.
    fn means_success(&self, name: &str, id: Option<u32>, group: Option<ErrorGroup>) -> bool {
        let group_name = self.cell(Field::ErrorGroupName).into_text();
        let is_ok = ErrorGroup::parse(&group_name).or(group) == Some(ErrorGroup::Ok);
        // An answered call that failed is listed in the group OK, too.
        (is_ok && !name.eq_ignore_ascii_case("EC_VOICE_NO_ANSWER"))
            || name.eq_ignore_ascii_case("NO_ERROR")
            || (name.is_empty() && id.is_none_or(|id| id == 0))
    }

    fn status_text(&self) -> Option<Cow<'_, str>> {
        let (name, id) = self.code(Field::StatusName, Field::StatusId);
        let known = published(&name, id);
        let text = known.and_then(|status| status.text).map(|text| Cow::Borrowed(text.short));
        let group = || self.status_group().map(|group| codes::status_phrase(group).into());
        text.or_else(|| self.description(Field::StatusDescription))
            .or_else(|| named(&name))
            .or_else(group)
    }

    fn description(&self, field: Field) -> Option<Cow<'_, str>> {
        Some(self.words(field)).filter(|text| !text.trim().is_empty())
    }
}

/// The name of a code in words.
fn named(name: &str) -> Option<Cow<'static, str>> {
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
    fn an_error_says_more_than_the_status_it_goes_with() {
        let undelivered = r#"{"name":"UNDELIVERABLE_NOT_DELIVERED"}"#;
        assert_eq!(
            failure(undelivered, r#"{"id":27,"name":"ec_absent_subscriber"}"#).as_deref(),
            Some("phone not on any network")
        );
        for status in [undelivered, r#"{"name":"PENDING_ENROUTE"}"#] {
            let text = failure(status, r#"{"id":1}"#);
            assert_eq!(text.as_deref(), Some("number does not exist"), "{status}");
        }
    }

    #[test]
    fn an_object_is_not_the_name_of_an_error() {
        let status = r#"{"name":"PENDING_ENROUTE"}"#;
        assert_eq!(failure(status, r#"{"name":{"a":["b"]},"description":[1]}"#), None);
    }

    #[test]
    fn an_error_without_an_own_text_is_worded_by_the_row_or_by_its_name() {
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
    fn a_status_is_worded_where_there_is_no_error() {
        for (status, expected) in [
            (r#"{"id":10,"name":"REJECTED_DND"}"#, "on a do-not-disturb list"),
            (r#"{"id":10}"#, "on a do-not-disturb list"),
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
    fn there_is_no_reason_where_nothing_went_wrong() {
        for status in
            ["DELIVERED_TO_HANDSET", "DELIVERED_TO_OPERATOR", "PENDING_ENROUTE", "SEEN_BY_USER"]
        {
            let status = format!(r#"{{"name":"{status}"}}"#);
            assert_eq!(failure(&status, r#"{"id":0}"#), None, "{status}");
            assert_eq!(failure(&status, r#"{"name":"VOICE_ANSWERED"}"#), None, "{status}");
        }
        assert_eq!(failure("null", "null"), None);
    }
}
