//! The messages that were shown, with just enough data to recognize a new message and a new status.
//!
//! A message takes about sixty bytes. Messages older than the window are dropped, so that memory is
//! bounded by the messages of one window, however long a run lasts.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use ring::digest::{Context, SHA256};

use crate::model::{Identity, Log};
use crate::pages::response_rows::sent_millis;

/// How a row differs from the messages that were shown.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum RowState {
    /// The message was not shown before.
    New,
    /// The message was shown with this other status.
    Changed(Arc<str>),
    /// The message was shown with the status of the row.
    Unchanged,
}

/// A random value that makes the hashes of one follow different from those of another.
pub(super) type Salt = [u8; 16];

/// The messages of the window, by a salted hash of their identity. With the same salt, the hash is the
/// same in every process.
pub(super) struct KnownMessages {
    salt: Salt,
    messages: HashMap<u64, KnownMessage>,
    /// The status names, each once, shared by the messages that have them.
    statuses: HashSet<Arc<str>>,
}

pub(super) struct KnownMessage {
    /// When the message was sent; for a row without a usable time, when it was last read.
    pub(super) time: i64,
    pub(super) status: Arc<str>,
    /// The statuses that the message had before. They are not shown again: a server can return an older
    /// state from time to time, or two rows of one message.
    pub(super) earlier: Vec<Arc<str>>,
}

impl Default for KnownMessages {
    /// Without messages, and with a new salt.
    fn default() -> Self {
        let random = RandomState::new();
        let halves = [0_u8, 1].map(|half| random.hash_one(half).to_le_bytes());
        let mut salt = Salt::default();
        salt.iter_mut().zip(halves.as_flattened()).for_each(|(to, from)| *to = *from);
        Self::new(salt)
    }
}

impl KnownMessages {
    /// Without messages, and with this salt.
    pub(super) fn new(salt: Salt) -> Self {
        Self { salt, messages: HashMap::new(), statuses: HashSet::new() }
    }

    pub(super) fn salt(&self) -> Salt {
        self.salt
    }

    /// Each message with its key, in no particular order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, &KnownMessage)> {
        self.messages.iter().map(|(key, message)| (*key, message))
    }

    /// Adds a message that an earlier process knew.
    pub(super) fn insert(&mut self, key: u64, time: i64, status: &str, earlier: &[&str]) {
        let status = self.shared(status);
        let earlier = earlier.iter().map(|name| self.shared(name)).collect();
        self.messages.insert(key, KnownMessage { time, status, earlier });
    }

    /// The key of the message of a row.
    pub(super) fn key(&self, log: &Log) -> u64 {
        let mut context = Context::new(&SHA256);
        context.update(&self.salt);
        match log.identity() {
            Identity::Message { id, channel } => {
                context.update(&(id.len() as u64).to_le_bytes());
                context.update(id.as_bytes());
                context.update(channel.as_bytes());
            }
            Identity::Row(row) => context.update(&row),
        }
        let hash = context.finish();
        hash.as_ref().iter().take(8).fold(0, |key, byte| key << 8 | u64::from(*byte))
    }

    /// The number of known messages.
    pub(super) fn len(&self) -> usize {
        self.messages.len()
    }

    /// When each message was sent, in no particular order.
    pub(super) fn times(&self) -> impl Iterator<Item = i64> {
        self.messages.values().map(|message| message.time)
    }

    /// Records a row as shown. Returns how it differs from the messages that were shown before.
    pub(super) fn note(&mut self, log: &Log, now: i64) -> RowState {
        let key = self.key(log);
        let status = self.shared(&log.status_name());
        let at = sent_millis(log);
        let Some(message) = self.messages.get_mut(&key) else {
            let time = at.unwrap_or(now);
            self.messages.insert(key, KnownMessage { time, status, earlier: Vec::new() });
            return RowState::New;
        };
        message.time = at.unwrap_or(now);
        if message.status == status || message.earlier.contains(&status) {
            return RowState::Unchanged;
        }
        let previous = std::mem::replace(&mut message.status, status);
        message.earlier.push(Arc::clone(&previous));
        RowState::Changed(previous)
    }

    /// Drops the messages that were sent before this time.
    pub(super) fn drop_before(&mut self, start: i64) {
        self.messages.retain(|_, message| message.time >= start);
        if self.messages.capacity() > 4 * self.messages.len() + 1024 {
            self.messages.shrink_to(2 * self.messages.len());
        }
        self.statuses.retain(|name| Arc::strong_count(name) > 1);
    }

    /// The shared copy of a status name.
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
    fn each_status_of_a_message_is_reported_once() {
        let mut known = KnownMessages::default();
        assert_eq!(known.note(&row("m", "A", NOON), 0), RowState::New);
        assert_eq!(known.note(&row("m", "A", NOON), 0), RowState::Unchanged);
        assert_eq!(known.note(&row("m", "B", NOON), 0), RowState::Changed("A".into()));
        // An older response, then a newer one again.
        assert_eq!(known.note(&row("m", "A", NOON), 0), RowState::Unchanged);
        assert_eq!(known.note(&row("m", "B", NOON), 0), RowState::Unchanged);
        assert_eq!(known.note(&row("m", "C", NOON), 0), RowState::Changed("B".into()));
    }

    #[test]
    fn messages_older_than_the_window_are_dropped() {
        let mut known = KnownMessages::default();
        let noon = sent_millis(&row("m", "A", NOON)).unwrap();
        known.note(&row("m1", "A", NOON), 0);
        known.note(&row("m2", "B", ONE), 0);
        known.note(&row("m3", "C", "soon"), noon);
        known.drop_before(noon);
        assert_eq!(known.len(), 3);
        known.drop_before(noon + 1);
        assert_eq!((known.len(), known.statuses.len()), (1, 1));
    }
}
