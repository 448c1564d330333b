//! A message as people see it: its outcome over every channel that failover tried.
//!
//! A view is made from rows of any source. A source with several versions of a row, such as an archive
//! or the saved output of a follow, gives all of them, and the last one counts.

use std::collections::HashMap;

use omnilogs::model::Identity;
use omnilogs::sink::{Colour, DeliveryResult, duration};
use omnilogs::{Field, Finality, Log, Outcome, StatusGroup, Timestamp};

/// One version of a row.
#[derive(Clone, Debug)]
pub(super) struct RowVersion {
    pub(super) log: Log,
    /// When an archive first saw the version.
    pub(super) seen_at: Option<Timestamp>,
    /// Whether an archive says that this version counts.
    pub(super) is_current: bool,
}

impl From<Log> for RowVersion {
    fn from(log: Log) -> Self {
        Self { log, seen_at: None, is_current: false }
    }
}

/// A message: its attempts over one channel or more, in the order of their times. Failover sends a
/// message that one channel could not deliver over the next one, with the same id.
#[derive(Debug)]
pub(super) struct MessageView {
    attempts: Vec<Attempt>,
}

/// A message on one channel: the versions of its row, oldest first. There is at least one.
#[derive(Debug)]
pub(super) struct Attempt {
    first: RowVersion,
    later: Vec<RowVersion>,
}

impl Attempt {
    /// The current version of the row.
    pub(super) fn row(&self) -> &Log {
        &self.later.last().unwrap_or(&self.first).log
    }

    /// Every version, oldest first.
    pub(super) fn versions(&self) -> impl Iterator<Item = &RowVersion> {
        std::iter::once(&self.first).chain(&self.later)
    }

    pub(super) fn channel(&self) -> String {
        self.row().cell(Field::Channel).into_text().into_owned()
    }

    /// Adds a version, unless one with the same status and `doneAt` is there and no archive says when
    /// it was seen. The version that counts in the archive comes last, or else one with a final status,
    /// whatever the order of the rows; the others are in the order in which they were seen, or else in
    /// that of `doneAt`.
    fn add(&mut self, row: RowVersion) {
        let is_known = self.versions().any(|known| {
            (known.seen_at, row.seen_at) == (None, None)
                && known.log.status_name() == row.log.status_name()
                && known.log.done_at() == row.log.done_at()
        });
        if is_known {
            return;
        }
        let mut versions = vec![self.first.clone()];
        versions.append(&mut self.later);
        versions.push(row);
        versions.sort_by_key(|RowVersion { log, seen_at, is_current }| {
            (*is_current, log.finality() == Finality::Final, *seen_at, log.done_at())
        });
        let mut versions = versions.into_iter();
        if let Some(first) = versions.next() {
            self.first = first;
        }
        self.later = versions.collect();
    }
}

impl MessageView {
    /// The messages of these rows, in the order of their first rows.
    pub(super) fn of_rows(rows: impl IntoIterator<Item = impl Into<RowVersion>>) -> Vec<Self> {
        let mut views: Vec<Self> = Vec::new();
        let mut by_id: HashMap<Box<str>, usize> = HashMap::new();
        for row in rows {
            let row = row.into();
            let known = match row.log.identity() {
                Identity::Message { id, .. } => *by_id.entry(id).or_insert(views.len()),
                // A row without an id is a message of its own.
                Identity::Row(_) => views.len(),
            };
            if let Some(view) = views.get_mut(known) {
                view.add(row);
            } else {
                let attempt = Attempt { first: row, later: Vec::new() };
                views.push(Self { attempts: vec![attempt] });
            }
        }
        views
    }

    fn add(&mut self, row: RowVersion) {
        let identity = row.log.identity();
        match self.attempts.iter_mut().find(|attempt| attempt.first.log.identity() == identity) {
            Some(attempt) => attempt.add(row),
            None => self.attempts.push(Attempt { first: row, later: Vec::new() }),
        }
        self.attempts.sort_by_key(|attempt| attempt.first.log.sent_at());
    }

    /// The attempts, oldest first.
    pub(super) fn attempts(&self) -> &[Attempt] {
        &self.attempts
    }

    /// The current rows, oldest attempt first.
    pub(super) fn rows(&self) -> impl Iterator<Item = &Log> {
        self.attempts.iter().map(Attempt::row)
    }

    /// The attempt that decides the outcome of the message: the one that was delivered, or else one
    /// that is pending, or else the last.
    pub(super) fn decisive(&self) -> Option<&Attempt> {
        let with = |outcome| self.attempts.iter().rfind(|it| it.row().outcome() == outcome);
        with(Outcome::Delivered).or_else(|| with(Outcome::Pending)).or(self.attempts.last())
    }

    /// The outcome of the message.
    pub(super) fn outcome(&self) -> Outcome {
        self.decisive().map_or(Outcome::Pending, |attempt| attempt.row().outcome())
    }

    /// A field of the message, from the decisive attempt, or else from any attempt that has it.
    pub(super) fn text(&self, field: Field) -> String {
        let rows = self.decisive().into_iter().chain(&self.attempts);
        let texts = rows.map(|attempt| attempt.row().cell(field).into_text());
        texts.into_iter().find(|text| !text.is_empty()).unwrap_or_default().into_owned()
    }

    /// The message id; empty when the row has none.
    pub(super) fn id(&self) -> String {
        self.text(Field::MessageId)
    }

    /// The colour of the outcome.
    pub(super) fn colour(&self) -> Colour {
        self.decisive().map_or(Colour::Teal, |it| DeliveryResult::of(it.row()).colour())
    }

    /// The outcome of the message in one sentence without a full stop: `✓ Delivered over SMS after
    /// VIBER failed`.
    pub(super) fn sentence(&self) -> String {
        let Some(decisive) = self.decisive() else { return "No row".to_owned() };
        let row = decisive.row();
        let result = DeliveryResult::of(row);
        let over = over(&[decisive.channel()]);
        let failed: Vec<String> = self
            .attempts
            .iter()
            .filter(|it| !std::ptr::eq(*it, decisive) && it.row().outcome() == Outcome::Failed)
            .map(Attempt::channel)
            .collect();
        let after = if failed.is_empty() {
            String::new()
        } else {
            format!(" after {} failed", list(&failed))
        };
        let why = row.reason().map(|reason| format!(": {reason}")).unwrap_or_default();
        let mark = result.mark();
        match row.outcome() {
            Outcome::Delivered => format!("{mark} Delivered{over}{after}{}", self.took(row)),
            Outcome::Pending if row.finality() == Finality::Unknown => {
                format!("{mark} Not known whether it arrived{over}{after}: {}", status_clause(row))
            }
            Outcome::Pending => format!("{mark} Pending{over}{after}{why}"),
            Outcome::Failed => {
                let all = [failed, vec![decisive.channel()]].concat();
                format!("{mark} {}{}{why}", failed_word(row), self::over(&all))
            }
        }
    }

    /// How long a delivered message took, from the first attempt, in words.
    fn took(&self, delivered: &Log) -> String {
        let first = self.attempts.first().and_then(|attempt| attempt.first.log.sent_at());
        let Some((sent, done)) = first.zip(delivered.done_at()) else { return String::new() };
        let millis = done.millis() - sent.millis();
        match millis {
            // The clocks of two systems can disagree.
            ..0 => String::new(),
            _ if self.attempts.len() > 1 => format!(", {} after it was sent", duration(millis)),
            _ => format!(" in {}", duration(millis)),
        }
    }
}

/// The word for a failure in a sentence. A message that expired without a report may have arrived,
/// so it is not called undelivered.
fn failed_word(row: &Log) -> &'static str {
    match row.status_group() {
        Some(StatusGroup::Expired) => "Expired",
        Some(StatusGroup::Rejected) => "Rejected",
        _ => "Not delivered",
    }
}

/// The status of a row, as the end of a sentence.
fn status_clause(row: &Log) -> String {
    let name = row.status_name();
    if name.is_empty() { "it has no status".to_owned() } else { name.into_owned() }
}

/// ` over SMS`, ` over VIBER and SMS`; nothing where a row has no channel.
fn over(channels: &[String]) -> String {
    let named: Vec<String> = channels.iter().filter(|name| !name.is_empty()).cloned().collect();
    if named.is_empty() { String::new() } else { format!(" over {}", list(&named)) }
}

/// `A`, `A and B`, `A, B and C`.
fn list(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn row(channel: &str, sent: &str, done: &str, status: &str, error: &str) -> Log {
        let time = |second: &str| format!("2026-11-22T10:00:{second}+0000");
        let row = json!({"messageId": "m1", "channel": channel, "sentAt": time(sent),
            "doneAt": if done.is_empty() { Value::Null } else { json!(time(done)) },
            "status": {"name": status}, "error": {"name": error}});
        Log::new(row.to_string())
    }

    fn sentence(rows: Vec<Log>) -> String {
        let views = MessageView::of_rows(rows);
        assert_eq!(views.len(), 1);
        views[0].sentence()
    }

    #[test]
    fn the_sentence_has_the_outcome_of_the_message_over_all_channels() {
        let failed = "UNDELIVERABLE_NOT_DELIVERED";
        let viber = || row("VIBER", "01", "02", failed, "EC_ABSENT_SUBSCRIBER");
        let sms = |status, done, error| row("SMS", "03", done, status, error);
        let delivered = || sms("DELIVERED_TO_HANDSET", "05", "NO_ERROR");
        for (rows, expected) in [
            (vec![delivered()], "✓ Delivered over SMS in 2.0 s"),
            (
                vec![delivered(), viber()],
                "✓ Delivered over SMS after VIBER failed, 4.0 s after it was sent",
            ),
            (
                vec![viber(), sms("PENDING_WAITING_DELIVERY", "", "NO_ERROR")],
                "… Pending over SMS after VIBER failed: waiting for delivery",
            ),
            (
                vec![viber(), sms(failed, "05", "EC_ABSENT_SUBSCRIBER_SM")],
                "✗ Not delivered over VIBER and SMS: phone off or out of reach",
            ),
            (
                vec![sms("REJECTED_SENDER", "03", "NO_ERROR")],
                "✗ Rejected over SMS: sender is blocked",
            ),
            (
                vec![sms("EXPIRED_DLR_UNKNOWN", "05", "NO_ERROR")],
                "✗ Expired over SMS: no delivery report",
            ),
            (vec![sms("SEEN", "", "")], "? Not known whether it arrived over SMS: SEEN"),
            (
                vec![Log::new(r#"{"messageId":"m1"}"#)],
                "? Not known whether it arrived: it has no status",
            ),
        ] {
            assert_eq!(sentence(rows), expected);
        }
    }

    #[test]
    fn attempts_are_in_order_of_time_whatever_the_order_of_the_rows() {
        let sms = row("SMS", "03", "05", "DELIVERED_TO_HANDSET", "");
        let viber = row("VIBER", "01", "02", "UNDELIVERABLE_NOT_DELIVERED", "");
        let view = MessageView::of_rows([sms, viber]).remove(0);
        let channels: Vec<_> = view.attempts().iter().map(Attempt::channel).collect();
        assert_eq!(channels, ["VIBER", "SMS"]);
    }

    #[test]
    fn versions_of_a_row_are_in_order_and_the_final_one_counts() {
        let pending = row("SMS", "03", "", "PENDING_ENROUTE", "");
        let operator = row("SMS", "03", "04", "DELIVERED_TO_OPERATOR", "");
        let delivered = row("SMS", "03", "05", "DELIVERED_TO_HANDSET", "");
        let rows = [&delivered, &pending, &operator, &pending].map(Clone::clone);
        let view = MessageView::of_rows(rows).remove(0);
        let names: Vec<_> =
            view.attempts()[0].versions().map(|row| row.log.status_name().into_owned()).collect();
        assert_eq!(names, ["PENDING_ENROUTE", "DELIVERED_TO_OPERATOR", "DELIVERED_TO_HANDSET"]);
        assert_eq!(view.outcome(), Outcome::Delivered);
    }

    #[test]
    fn rows_without_an_id_are_messages_of_their_own() {
        let rows = [r#"{"text":"a"}"#, r#"{"text":"b"}"#, r#"{"text":"a"}"#].map(Log::new);
        assert_eq!(MessageView::of_rows(rows).len(), 3);
    }
}
