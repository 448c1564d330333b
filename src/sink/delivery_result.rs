//! The outcome of a message and its reason as one phrase: the column `result`.
//!
//! The mark at the start shows the outcome without colour. The texts of codes come from
//! [`crate::model::codes`]; this module must not contain any.

use std::borrow::Cow;
use std::fmt;

use super::{Colour, duration};
use crate::model::{Finality, Log, Outcome, StatusGroup, codes};

/// The outcome of a message and its reason. It is displayed as one phrase: `✓ delivered, 1.7 s`,
/// `… pending: waiting for delivery`, `✗ rejected: sender is blocked`.
#[derive(Clone, Debug)]
pub struct DeliveryResult<'a> {
    outcome: Outcome,
    /// The group that the phrase names; `None` when it is not published.
    group: Option<StatusGroup>,
    /// The outcome or the group in one word, or an unknown status.
    word: Cow<'a, str>,
    /// Why the message was not delivered, or not yet.
    reason: Option<Cow<'a, str>>,
    /// The latency of a delivered message, in milliseconds.
    latency: Option<i64>,
}

impl<'a> DeliveryResult<'a> {
    /// The result of a row.
    #[must_use]
    pub fn of(log: &'a Log) -> Self {
        let finality = log.finality();
        if finality == Finality::Unknown {
            return Self::unknown(log);
        }
        let outcome = log.outcome_of(finality);
        let is_delivered = outcome == Outcome::Delivered;
        let of_row = if is_delivered { None } else { log.status_group() };
        let group = match outcome {
            Outcome::Delivered => Some(StatusGroup::Delivered),
            Outcome::Pending => Some(shown_group(of_row.unwrap_or(StatusGroup::Pending), false)),
            // The name of the status may contradict the group that the row names.
            Outcome::Failed => of_row.filter(|group| is_failure(*group)),
        };
        let word = group.map_or("failed", codes::status_phrase);
        Self {
            outcome,
            group,
            word: Cow::Borrowed(word),
            reason: if is_delivered { None } else { log.reason() },
            // Below zero when the clocks of two systems disagree.
            latency: if is_delivered {
                log.millis_until_done().filter(|it| *it >= 0)
            } else {
                None
            },
        }
    }

    /// The result of a row with an unknown status and an unknown group: the status as it was sent.
    fn unknown(log: &'a Log) -> Self {
        let name = log.status_name();
        Self {
            outcome: Outcome::Pending,
            group: None,
            word: if name.is_empty() { Cow::Borrowed("no status") } else { name },
            reason: log.failure().or_else(|| log.unnamed_status_text()),
            latency: None,
        }
    }

    /// The previous status of a row whose status has changed, as in `pending → ✓ delivered, 1.7 s`:
    /// one word, or more where that word would be the same as now.
    pub(super) fn before(&self, log: &'a Log) -> Option<Cow<'a, str>> {
        let previous = log.previous_status()?;
        let Some(known) = codes::status(&previous) else { return Some(previous) };
        let word = codes::status_phrase(shown_group(known.group, known.is_final));
        if word != self.word {
            return Some(Cow::Borrowed(word));
        }
        Some(known.text.map_or(previous, |text| Cow::Borrowed(text.short)))
    }

    /// Whether the phrase contains no text of the row, which could be anything.
    pub(super) fn is_own_text(&self) -> bool {
        self.reason.is_none() && self.group.is_some()
    }

    /// The outcome of the message; pending when it is unknown.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// The colour of the phrase.
    #[must_use]
    pub fn colour(&self) -> Colour {
        match self.group {
            None if self.outcome == Outcome::Failed => Colour::Red,
            group => Colour::of_group(group),
        }
    }

    /// The sign in front of the phrase.
    #[must_use]
    pub fn mark(&self) -> &'static str {
        match self.outcome {
            Outcome::Delivered => "✓",
            Outcome::Failed => "✗",
            Outcome::Pending if self.group.is_none() => "?",
            Outcome::Pending => "…",
        }
    }

    /// The phrase without the group, for narrow columns; `None` when it has no reason, or its status is
    /// unknown.
    #[must_use]
    pub fn brief(&self) -> Option<String> {
        let reason = self.reason.as_ref().filter(|_| self.group.is_some())?;
        Some(format!("{} {reason}", self.mark()))
    }
}

/// The group whose word is shown. The intermediate status of a message that the operator confirmed is
/// in the group DELIVERED, but the message is pending.
fn shown_group(group: StatusGroup, is_final: bool) -> StatusGroup {
    if is_final || group == StatusGroup::Accepted { group } else { StatusGroup::Pending }
}

fn is_failure(group: StatusGroup) -> bool {
    matches!(group, StatusGroup::Undeliverable | StatusGroup::Rejected | StatusGroup::Expired)
}

impl fmt::Display for DeliveryResult<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mark, word) = (self.mark(), &self.word);
        match (&self.reason, self.latency) {
            // The name of a status often begins with that of its group.
            (Some(reason), _) if reason.to_lowercase().starts_with(word.as_ref()) => {
                write!(f, "{mark} {reason}")
            }
            (Some(reason), _) => write!(f, "{mark} {word}: {reason}"),
            (None, Some(millis)) => write!(f, "{mark} {word}, {}", duration(millis)),
            (None, None) => write!(f, "{mark} {word}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn row(status: &Value, error: &Value) -> Log {
        let row = json!({"status": status, "error": error,
            "sentAt": "2026-11-22T10:00:05.123+0100", "doneAt": "2026-11-22T10:00:06.823+0100"});
        Log::new(row.to_string())
    }

    fn phrase(status: &Value, error: &Value) -> (String, Option<String>, Colour) {
        let row = row(status, error);
        let result = DeliveryResult::of(&row);
        (result.to_string(), result.brief(), result.colour())
    }

    #[test]
    fn each_outcome_has_a_mark_a_reason_and_a_colour() {
        let no_error = json!({"id": 0, "name": "NO_ERROR"});
        let name = |name: &str| json!({ "name": name });
        for (status, error, whole, brief, colour) in [
            ("DELIVERED_TO_HANDSET", &no_error, "✓ delivered, 1.7 s", None, Colour::Green),
            (
                "PENDING_WAITING_DELIVERY",
                &no_error,
                "… pending: waiting for delivery",
                Some("… waiting for delivery"),
                Colour::Amber,
            ),
            (
                "DELIVERED_TO_OPERATOR",
                &no_error,
                "… pending: accepted by the operator",
                Some("… accepted by the operator"),
                Colour::Amber,
            ),
            (
                "UNDELIVERABLE_NOT_DELIVERED",
                &name("EC_ABSENT_SUBSCRIBER_SM"),
                "✗ undeliverable: phone off or out of reach",
                Some("✗ phone off or out of reach"),
                Colour::Red,
            ),
            (
                "REJECTED_SENDER",
                &no_error,
                "✗ rejected: sender is blocked",
                Some("✗ sender is blocked"),
                Colour::Red,
            ),
            (
                "EXPIRED_DLR_UNKNOWN",
                &no_error,
                "✗ expired: no delivery report",
                Some("✗ no delivery report"),
                Colour::Magenta,
            ),
        ] {
            let shown = phrase(&name(status), error);
            assert_eq!(shown, (whole.to_owned(), brief.map(str::to_owned), colour), "{status}");
        }
    }

    #[test]
    fn a_reason_that_repeats_the_group_replaces_it() {
        let rejected = json!({"groupName": "REJECTED", "name": "REJECTED_BY_X"});
        assert_eq!(phrase(&rejected, &Value::Null).0, "✗ rejected by x");
        let voice = json!({"groupName": "REJECTED", "name": "REJECTED_INVALID_SSML"});
        let (whole, brief, _) = phrase(&voice, &Value::Null);
        assert_eq!(whole, "✗ rejected: invalid ssml");
        assert_eq!(brief.as_deref(), Some("✗ invalid ssml"));
        let expired = json!({"groupName": "EXPIRED"});
        assert_eq!(phrase(&expired, &Value::Null).0, "✗ expired");
        let accepted = json!({"groupName": "ACCEPTED", "name": "MESSAGE_ACCEPTED"});
        assert_eq!(phrase(&accepted, &Value::Null).0, "… accepted: message accepted");
    }

    #[test]
    fn a_name_that_contradicts_its_group_decides() {
        let status = json!({"groupName": "REJECTED", "name": "DELIVERED_TO_HANDSET"});
        assert_eq!(phrase(&status, &Value::Null).0, "✓ delivered, 1.7 s");
        let status = json!({"groupName": "DELIVERED", "name": "REJECTED_DND"});
        let (whole, _, colour) = phrase(&status, &Value::Null);
        assert_eq!((whole.as_str(), colour), ("✗ failed: on a do-not-disturb list", Colour::Red));
    }

    #[test]
    fn an_unknown_status_is_shown_as_it_was_sent_and_a_missing_one_is_named() {
        let unknown = json!({"name": "SEEN_BY_THE_MOON", "groupName": "SEEN"});
        assert_eq!(
            phrase(&unknown, &Value::Null),
            ("? SEEN_BY_THE_MOON".to_owned(), None, Colour::Teal)
        );
        assert_eq!(phrase(&Value::Null, &Value::Null).0, "? no status");
    }

    #[test]
    fn a_latency_below_zero_is_left_out() {
        let json = r#"{"status":{"name":"DELIVERED_TO_HANDSET"},
            "sentAt":"2026-11-22T10:00:05+0100","doneAt":"2026-11-22T10:00:04+0100"}"#;
        assert_eq!(DeliveryResult::of(&Log::new(json)).to_string(), "✓ delivered");
    }

    #[test]
    fn every_published_code_fits_into_the_column_on_a_terminal_of_eighty_columns() {
        use crate::model::codes;
        let statuses = codes::statuses().map(|status| {
            (json!({"name": status.name, "groupName": status.group.as_str()}), Value::Null)
        });
        let failed = json!({"name": "UNDELIVERABLE_NOT_DELIVERED"});
        let errors = codes::errors().map(|error| (failed.clone(), json!({ "name": error.name })));
        for (status, error) in statuses.chain(errors) {
            let (whole, brief, _) = phrase(&status, &error);
            let text = codes::error(error["name"].as_str().unwrap_or_default())
                .map_or(codes::status(status["name"].as_str().unwrap()).unwrap().text, |e| e.text);
            let shown = brief.unwrap_or(whole);
            assert!(text.is_none() || shown.chars().count() <= 33, "{shown}");
        }
    }
}
