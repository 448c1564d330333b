//! The results of a follow: new messages, changes, and notes about the follow itself.

use std::time::Duration;

use crate::model::Log;
use crate::model::Timestamp;
use crate::source::{Gap, SourceError};

/// An event of a message.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// A message that was not shown before.
    New(Log),
    /// A message that was shown before with another status.
    Changed {
        /// The current row.
        log: Log,
        /// The name of the previous status.
        previous: String,
        /// The time from sending to the final status; `None` if the status is not final.
        after: Option<Duration>,
    },
}

impl Event {
    /// The current row.
    #[must_use]
    pub fn log(&self) -> &Log {
        match self {
            Self::New(log) | Self::Changed { log, .. } => log,
        }
    }

    /// The row to write: the current row, with the previous status added if the status changed.
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

    /// The time of the event by its row: `sentAt` for a new message, `doneAt` for a change.
    pub(super) fn time(&self) -> Option<i64> {
        let time = match self {
            Self::New(log) => log.sent_at(),
            Self::Changed { log, .. } => log.done_at().or_else(|| log.sent_at()),
        };
        time.map(Timestamp::millis)
    }
}

/// A note about the follow, or the wait, itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Note {
    /// The source failed, and the follow continues. Each kind of failure is reported once.
    Failure(SourceError),
    /// The source responds again. The messages that were missed are fetched by the next polls.
    Recovered {
        /// How long the source failed.
        after: Duration,
    },
    /// Messages of this time range may be missing, and no later poll fetches them.
    Missing(Gap),
}

/// Why the messages of a follow may be incomplete.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shortfall {
    /// No poll succeeded. The value is the error of the latest poll.
    NeverSucceeded(SourceError),
    /// The latest poll failed.
    LastPollFailed {
        /// Its error.
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
    /// The events, oldest first.
    pub events: Vec<Event>,
    /// The notes.
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
