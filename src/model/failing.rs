//! What went wrong with a message, in the few words of the table of codes.

use super::codes::{self, ErrorCode};
use super::status::published;
use super::{Field, Log, StatusGroup};

impl Log {
    /// What went wrong, in [`codes::MOST_SHORT`] characters at most: of a row with an error the error's words, else
    /// those of a status that is final and not delivered. `None` where nothing went wrong, or
    /// nothing that is published.
    #[must_use]
    pub fn failure(&self) -> Option<&'static str> {
        if let Some(error) = self.error_code() {
            return Some(error.short);
        }
        let (name, id) = self.code(Field::StatusName, Field::StatusId);
        let status = published(Some(&name), id)?;
        (status.is_final && status.group != StatusGroup::Delivered).then_some(status.short)
    }

    /// The error, by its name, or by its id when the row has no name.
    fn error_code(&self) -> Option<&'static ErrorCode> {
        let (name, id) = self.code(Field::ErrorName, Field::ErrorId);
        let known = if name.is_empty() {
            codes::errors().find(|error| Some(error.id) == id)
        } else {
            codes::errors().find(|error| error.name.eq_ignore_ascii_case(&name))
        };
        known.filter(|error| error.id != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(status: &str, error: &str) -> Option<&'static str> {
        Log::read(format!(r#"{{"status":{status},"error":{error}}}"#), |_| ()).failure()
    }

    #[test]
    fn an_error_says_more_than_the_status_it_goes_with() {
        let undelivered = r#"{"name":"UNDELIVERABLE_NOT_DELIVERED"}"#;
        assert_eq!(
            failure(undelivered, r#"{"id":27,"name":"ec_absent_subscriber"}"#),
            Some("phone not registered in any network")
        );
        assert_eq!(failure(undelivered, r#"{"id":1}"#), Some("number does not exist"));
        assert_eq!(
            failure(r#"{"name":"PENDING_ENROUTE"}"#, r#"{"id":1}"#),
            Some("number does not exist")
        );
    }

    #[test]
    fn a_status_speaks_where_no_error_is_known() {
        let refused = Some("on a do-not-disturb list");
        for error in ["null", r#"{"id":0,"name":"NO_ERROR"}"#, r#"{"id":9999,"name":"EC_NEW"}"#] {
            assert_eq!(failure(r#"{"id":10,"name":"REJECTED_DND"}"#, error), refused, "{error}");
        }
        assert_eq!(failure(r#"{"id":10}"#, "null"), refused);
    }

    #[test]
    fn nothing_is_said_where_nothing_went_wrong() {
        for status in [
            "DELIVERED_TO_HANDSET",
            "DELIVERED_TO_OPERATOR",
            "PENDING_ENROUTE",
            "REJECTED_BY_THE_MOON",
        ] {
            assert_eq!(
                failure(&format!(r#"{{"name":"{status}"}}"#), r#"{"id":0}"#),
                None,
                "{status}"
            );
        }
        assert_eq!(failure("null", "null"), None);
    }
}
