//! What a follow returns: messages, changes, and notes about the follow itself.

use std::time::Duration;

use crate::model::Log;
use crate::model::Timestamp;
use crate::source::{Gap, SourceError};

/// Something that happened to a message.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// A message that was not shown before.
    New(Log),
    /// A message that was shown before, with another status.
    Changed {
        /// The row as it is now.
        log: Log,
        /// The name of the status that it had before.
        previous: String,
        /// How long it took from sending to the final status, for a message that has one.
        after: Option<Duration>,
    },
}

impl Event {
    /// The row as it is now.
    #[must_use]
    pub fn log(&self) -> &Log {
        match self {
            Self::New(log) | Self::Changed { log, .. } => log,
        }
    }

    /// The row to be shown: as it is now, with the previous status beside it where there is one.
    #[must_use]
    pub fn row(self) -> Log {
        match self {
            Self::New(log) => log,
            Self::Changed { log, previous, .. } => log.with_previous_status(&previous),
        }
    }

    /// A change of the row from the status `previous`.
    pub(super) fn changed(log: Log, previous: &str) -> Self {
        let millis = log.latency_millis().and_then(|millis| u64::try_from(millis).ok());
        let after = millis.map(Duration::from_millis);
        Self::Changed { log, previous: previous.to_owned(), after }
    }

    /// When it happened, as far as the row says: sent for a new message, done for a changed one.
    pub(super) fn time(&self) -> Option<i64> {
        let time = match self {
            Self::New(log) => log.sent_at(),
            Self::Changed { log, .. } => log.done_at().or_else(|| log.sent_at()),
        };
        time.map(Timestamp::millis)
    }
}

/// Something about the follow itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Note {
    /// The source failed; the follow continues. Reported once for each kind of failure.
    Failure(SourceError),
    /// The source responds again; what was missed in the meantime is being fetched.
    Recovered {
        /// How long it did not respond.
        after: Duration,
    },
    /// Messages of this time range may be missing, and will not be fetched later.
    Missing(Gap),
}

/// Why the messages of a follow may be incomplete.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shortfall {
    /// No poll has succeeded; the latest failed with this error.
    NeverSucceeded(SourceError),
    /// The latest poll failed.
    LastPollFailed {
        /// Why.
        error: SourceError,
        /// Messages sent after this time may be missing.
        since: Timestamp,
    },
    /// This many gaps were reported.
    Gaps(u64),
}

/// The result of one poll.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct FollowUpdate {
    /// What happened, oldest first.
    pub events: Vec<Event>,
    /// What the user needs to know.
    pub notes: Vec<Note>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Log {
        Log::read(json, |_| ())
    }

    #[test]
    fn a_change_to_a_final_status_says_how_long_it_took() {
        let after = |status: &str, done: &str| {
            let row = format!(
                r#"{{"sentAt":"2026-11-22T12:00:00.000+0000","doneAt":"{done}","status":{{"name":"{status}"}}}}"#
            );
            match Event::changed(read(&row), "PENDING_ENROUTE") {
                Event::Changed { after, .. } => after,
                Event::New(_) => panic!("a change is not a new message"),
            }
        };
        let done = "2026-11-22T12:00:04.200+0000";
        assert_eq!(after("DELIVERED_TO_HANDSET", done), Some(Duration::from_millis(4_200)));
        assert_eq!(after("PENDING_ACCEPTED", done), None);
        assert_eq!(after("DELIVERED_TO_HANDSET", "2026-11-22T11:00:00.000+0000"), None);
    }
}
