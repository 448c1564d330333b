//! Counts the messages that a follow has shown, by their outcomes.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use omnilogs::pages::follow::Event;
use omnilogs::{Log, Outcome, Timestamp};

use crate::session::outcomes::{OutcomeCounts, outcomes_text};
use crate::text::{count, counted};

/// Old messages are removed from the pending ones only when there are at least this many of these.
const MIN_CLEANUP_SIZE: usize = 10_000;

/// The numbers of messages that are shown. The outcomes are those of the new messages: when one of
/// them is pending and changes, it moves to its new outcome. A change of any other message, which an
/// earlier run showed or which was sent before the first rows, has no outcome here.
pub(super) struct FollowCounts {
    new: u64,
    changed: u64,
    outcomes: OutcomeCounts,
    /// The times of sending of the pending messages in `outcomes`, by a hash of their identity.
    /// Messages that are too old to change are removed.
    pending: HashMap<u64, i64>,
    hasher: RandomState,
    /// The latest time of sending of a pending message, in milliseconds since 1970.
    newest: i64,
    /// The follow shows no change of a message that was sent this much before the newest one, in
    /// milliseconds.
    max_age: i64,
    /// The number of pending messages with which old ones are removed the next time.
    next_cleanup: usize,
}

impl FollowCounts {
    /// The counts of a follow with this lookback.
    pub(super) fn new(lookback: Duration) -> Self {
        // More than the lookback and the margin for which a follow watches a message.
        let max_age = lookback.saturating_mul(2) + Duration::from_secs(3600);
        Self {
            new: 0,
            changed: 0,
            outcomes: OutcomeCounts::default(),
            pending: HashMap::new(),
            hasher: RandomState::new(),
            newest: i64::MIN,
            max_age: i64::try_from(max_age.as_millis()).unwrap_or(i64::MAX),
            next_cleanup: MIN_CLEANUP_SIZE,
        }
    }

    /// Counts a message that is shown.
    pub(super) fn note(&mut self, event: &Event) {
        let log = event.log();
        let key = self.hasher.hash_one(log.identity());
        let was_pending = self.pending.remove(&key).is_some();
        if was_pending {
            self.outcomes.pending = self.outcomes.pending.saturating_sub(1);
        }
        if matches!(event, Event::New(_)) {
            self.new += 1;
        } else {
            self.changed += 1;
            if !was_pending {
                return;
            }
        }
        let outcome = log.outcome();
        self.outcomes.add(outcome);
        if outcome == Outcome::Pending {
            self.note_pending(key, log);
        }
    }

    fn note_pending(&mut self, key: u64, log: &Log) {
        let sent = log.sent_at().map_or(self.newest, Timestamp::millis);
        self.newest = self.newest.max(sent);
        self.pending.insert(key, sent);
        if self.pending.len() >= self.next_cleanup {
            let oldest = self.newest.saturating_sub(self.max_age);
            self.pending.retain(|_, sent| *sent >= oldest);
            self.next_cleanup = MIN_CLEANUP_SIZE.max(2 * self.pending.len());
        }
    }

    /// The text of the status line: `5 new: 4 delivered, 1 failed`.
    pub(super) fn short(&self) -> String {
        self.with_outcomes(format!("{} new", count(self.new)))
    }

    /// The text of the summary: `5 messages: 4 delivered, 1 failed · 2 changes`.
    pub(super) fn whole(&self) -> String {
        let messages = self.with_outcomes(counted(self.new, "message"));
        format!("{messages} · {}", counted(self.changed, "change"))
    }

    fn with_outcomes(&self, messages: String) -> String {
        match outcomes_text(&self.outcomes) {
            Some(outcomes) => format!("{messages}: {outcomes}"),
            None => messages,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: usize, status: &str) -> Log {
        Log::new(format!(r#"{{"messageId":"m{id}","status":{{"name":"{status}"}}}}"#))
    }

    fn changed(id: usize, status: &str) -> Event {
        Event::Changed { log: row(id, status), previous: "PENDING_ENROUTE".into(), after: None }
    }

    #[test]
    fn a_message_that_was_pending_is_counted_by_its_new_outcome() {
        let mut counts = FollowCounts::new(Duration::from_secs(60));
        assert_eq!(counts.short(), "0 new");
        for id in 0..3 {
            counts.note(&Event::New(row(id, "PENDING_ENROUTE")));
        }
        counts.note(&Event::New(row(3, "REJECTED_DND")));
        assert_eq!(counts.short(), "4 new: 3 pending, 1 failed");
        counts.note(&changed(0, "DELIVERED_TO_HANDSET"));
        let outcomes = "1 delivered, 2 pending, 1 failed";
        assert_eq!(counts.short(), format!("4 new: {outcomes}"));
        assert_eq!(counts.whole(), format!("4 messages: {outcomes} · 1 change"));
    }

    #[test]
    fn the_outcomes_are_those_of_the_messages_that_are_counted() {
        let mut counts = FollowCounts::new(Duration::from_secs(60));
        counts.note(&Event::New(row(0, "REJECTED_DND")));
        // Shown by an earlier run, or older than the first rows.
        counts.note(&changed(1, "DELIVERED_TO_HANDSET"));
        counts.note(&changed(0, "DELIVERED_TO_HANDSET"));
        assert_eq!(counts.whole(), "1 message: 1 failed · 2 changes");
    }

    #[test]
    fn pending_messages_that_are_too_old_to_change_are_removed() {
        let mut counts = FollowCounts::new(Duration::ZERO);
        for id in 0..2 * MIN_CLEANUP_SIZE {
            let sent = Timestamp::from_millis(i64::try_from(id).unwrap() * 3600);
            let sent = sent.to_wire();
            let status = r#"{"name":"PENDING_ENROUTE"}"#;
            let row = format!(r#"{{"messageId":"m{id}","sentAt":"{sent}","status":{status}}}"#);
            counts.note(&Event::New(Log::new(row)));
        }
        assert!(counts.pending.len() < MIN_CLEANUP_SIZE + 1001, "{}", counts.pending.len());
        assert_eq!(counts.outcomes.pending, 2 * MIN_CLEANUP_SIZE as u64);
    }
}
