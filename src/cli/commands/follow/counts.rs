//! How many messages a follow has shown, and how they ended.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use omnilogs::pages::follow::Event;
use omnilogs::{Log, Outcome, Timestamp};

use crate::session::outcomes::{OutcomeCounts, outcomes_text};
use crate::text::{count, counted};

/// Pending messages are first looked through for old ones when there are this many.
const FIRST_LOOK: usize = 10_000;

/// Counts the messages that are shown. A message that was counted as pending moves to its end; one
/// that an earlier run showed, or that was sent before the first rows, is a change and no more.
pub(super) struct FollowCounts {
    new: u64,
    changed: u64,
    outcomes: OutcomeCounts,
    /// When the pending messages that are counted were sent, by a hash of their identity. Those
    /// that are too old to change any more are dropped.
    pending: HashMap<u64, i64>,
    hasher: RandomState,
    newest: i64,
    /// A message that was sent this much before the newest one changes no more, in milliseconds.
    watched: i64,
    next_look: usize,
}

impl FollowCounts {
    /// Of a follow that looks back so far.
    pub(super) fn new(lookback: Duration) -> Self {
        // A follow watches a message for the lookback and a part of it.
        let watched = lookback.saturating_mul(2) + Duration::from_secs(3600);
        Self {
            new: 0,
            changed: 0,
            outcomes: OutcomeCounts::default(),
            pending: HashMap::new(),
            hasher: RandomState::new(),
            newest: i64::MIN,
            watched: i64::try_from(watched.as_millis()).unwrap_or(i64::MAX),
            next_look: FIRST_LOOK,
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
        if self.pending.len() >= self.next_look {
            let oldest = self.newest.saturating_sub(self.watched);
            self.pending.retain(|_, sent| *sent >= oldest);
            self.next_look = FIRST_LOOK.max(2 * self.pending.len());
        }
    }

    /// For the status line: `5 new: 4 delivered, 1 failed`.
    pub(super) fn short(&self) -> String {
        self.with_outcomes(format!("{} new", count(self.new)))
    }

    /// For the end: `5 messages: 4 delivered, 1 failed · 2 changes`.
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
    fn a_message_that_was_pending_is_counted_by_its_end() {
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
    fn pending_messages_that_are_too_old_to_change_are_forgotten() {
        let mut counts = FollowCounts::new(Duration::ZERO);
        for id in 0..2 * FIRST_LOOK {
            let sent = Timestamp::from_millis(i64::try_from(id).unwrap() * 3600);
            let sent = sent.to_wire();
            let status = r#"{"name":"PENDING_ENROUTE"}"#;
            let row = format!(r#"{{"messageId":"m{id}","sentAt":"{sent}","status":{status}}}"#);
            counts.note(&Event::New(Log::new(row)));
        }
        assert!(counts.pending.len() < FIRST_LOOK + 1001, "{}", counts.pending.len());
        assert_eq!(counts.outcomes.pending, 2 * FIRST_LOOK as u64);
    }
}
