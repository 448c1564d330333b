//! What was shown of each message: enough to tell a new one and a new status, and no more.
//!
//! A message takes some sixty bytes. What is older than the window is forgotten, so memory is
//! bounded by the messages of one window however long a run lasts.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use crate::model::Log;
use crate::pages::answer::moment;

/// What there is to say about a row.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum RowState {
    /// The message was not seen before.
    New,
    /// It was, with this status.
    Changed(Arc<str>),
    /// Nothing.
    Old,
}

/// The messages of the window, by a hash of their identity.
#[derive(Default)]
pub(super) struct KnownMessages {
    hasher: RandomState,
    messages: HashMap<u64, Message>,
    /// Each name of a status once, shared by the messages that have it.
    statuses: HashSet<Arc<str>>,
}

struct Message {
    /// When it was sent; when it was last met, for a row that does not say.
    moment: i64,
    status: Arc<str>,
    /// Statuses that it had before. None of them is shown twice, so that a server that answers
    /// with an older state now and then, or holds two rows of one message, does not make it flicker.
    earlier: Vec<Arc<str>>,
}

impl KnownMessages {
    /// How many messages are remembered.
    pub(super) fn len(&self) -> usize {
        self.messages.len()
    }

    /// When each message was sent, in no order.
    pub(super) fn moments(&self) -> impl Iterator<Item = i64> {
        self.messages.values().map(|message| message.moment)
    }

    /// Remembers a row, and says what is new about it.
    pub(super) fn note(&mut self, log: &Log, now: i64) -> RowState {
        let key = self.hasher.hash_one(log.identity());
        let status = self.shared(&log.status_name());
        let at = moment(log);
        let Some(message) = self.messages.get_mut(&key) else {
            let moment = at.unwrap_or(now);
            self.messages.insert(key, Message { moment, status, earlier: Vec::new() });
            return RowState::New;
        };
        message.moment = at.unwrap_or(now);
        if message.status == status || message.earlier.contains(&status) {
            return RowState::Old;
        }
        let previous = std::mem::replace(&mut message.status, status);
        message.earlier.push(Arc::clone(&previous));
        RowState::Changed(previous)
    }

    /// Forgets what was sent before this moment.
    pub(super) fn forget_before(&mut self, start: i64) {
        self.messages.retain(|_, message| message.moment >= start);
        if self.messages.capacity() > 4 * self.messages.len() + 1024 {
            self.messages.shrink_to(2 * self.messages.len());
        }
        self.statuses.retain(|name| Arc::strong_count(name) > 1);
    }

    fn shared(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.statuses.get(name) {
            return Arc::clone(known);
        }
        let shared: Arc<str> = name.into();
        self.statuses.insert(Arc::clone(&shared));
        shared
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str, status: &str, sent: &str) -> Log {
        let json = format!(
            r#"{{"messageId":"{id}","channel":"SMS","sentAt":"{sent}","status":{{"name":"{status}"}}}}"#
        );
        Log::read(json, |_| ())
    }

    const NOON: &str = "2026-11-22T12:00:00.000+0000";
    const ONE: &str = "2026-11-22T13:00:00.000+0000";

    #[test]
    fn each_status_of_a_message_is_news_once() {
        let mut seen = KnownMessages::default();
        assert_eq!(seen.note(&row("m", "A", NOON), 0), RowState::New);
        assert_eq!(seen.note(&row("m", "A", NOON), 0), RowState::Old);
        assert_eq!(seen.note(&row("m", "B", NOON), 0), RowState::Changed("A".into()));
        // An older answer, then a newer one again.
        assert_eq!(seen.note(&row("m", "A", NOON), 0), RowState::Old);
        assert_eq!(seen.note(&row("m", "B", NOON), 0), RowState::Old);
        assert_eq!(seen.note(&row("m", "C", NOON), 0), RowState::Changed("B".into()));
    }

    #[test]
    fn what_is_older_than_the_window_is_forgotten() {
        let mut seen = KnownMessages::default();
        let noon = moment(&row("m", "A", NOON)).unwrap();
        seen.note(&row("m1", "A", NOON), 0);
        seen.note(&row("m2", "B", ONE), 0);
        seen.note(&row("m3", "C", "soon"), noon);
        seen.forget_before(noon);
        assert_eq!(seen.len(), 3);
        seen.forget_before(noon + 1);
        assert_eq!((seen.len(), seen.statuses.len()), (1, 1));
    }
}
