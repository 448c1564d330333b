//! Waits until messages that are known by their ids have come to their end.
//!
//! What is final is read from the status table, never from a group's name. A message is at its end
//! when every row that is shown of it is final; failover gives it one row for each channel it
//! tried. Nothing here prints or sleeps.

mod states;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use self::states::States;
use super::asking::{Asking, Proof};
use super::follow::Note;
use super::trouble::Trouble;
use crate::clock::Clock;
use crate::model::{Log, Timestamp};
use crate::source::{Source, SourceError};

/// How to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitOptions {
    /// Time from one poll to the next.
    pub interval: Duration,
    /// How long to wait at most.
    pub timeout: Duration,
}

/// Which ids are waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ids {
    /// Of messages. One is decided as soon as all of its rows are final.
    Messages(Vec<String>),
    /// Of bulks. Rows of a bulk may still be arriving, and nothing tells how many there will be:
    /// one is decided when it has a row and, at two polls in a row, the same rows, all final.
    Bulks(Vec<String>),
}

/// How far the wait has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Rows by the name of their status, most first.
    pub statuses: Vec<(String, u64)>,
    /// Ids that are decided.
    pub decided: usize,
    /// Ids that have rows and are not decided.
    pub undecided: usize,
    /// Ids that the API has not shown.
    pub never_shown: usize,
}

/// How a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Every message was delivered, on one channel at least.
    Delivered,
    /// Every message is final; so many were not delivered.
    NotDelivered(u64),
    /// Time ran out before all ids were decided.
    TimeRanOut,
}

/// What one poll brought.
#[derive(Debug, Default)]
pub struct Awaited {
    /// Rows that have become final, oldest first.
    pub rows: Vec<Log>,
    /// What a person should know.
    pub notes: Vec<Note>,
}

/// Waits for messages to come to their end.
pub struct Await<S> {
    asking: Asking<S>,
    clock: Arc<dyn Clock>,
    options: WaitOptions,
    states: States,
    trouble: Trouble,
    started: Duration,
    due: Duration,
}

impl<S: Source + Send> Await<S> {
    /// Waits for these ids; the time starts now.
    pub fn new(source: S, ids: Ids, options: WaitOptions, clock: Arc<dyn Clock>) -> Self {
        let started = clock.elapsed();
        Self {
            asking: Asking::new(source),
            states: States::new(ids),
            trouble: Trouble::new(options.interval),
            options,
            started,
            due: started,
            clock,
        }
    }

    /// How long to rest before the next poll; `None` when all is decided or time ran out. The last
    /// poll comes at the end of the time.
    #[must_use]
    pub fn rest(&self) -> Option<Duration> {
        let at = self.clock.elapsed();
        let end = self.started.saturating_add(self.options.timeout);
        // However short the time is, it is asked once.
        let is_first = self.due == self.started;
        let goes_on = !self.states.are_decided() && (is_first || at < end);
        goes_on.then(|| self.due.min(end).saturating_sub(at))
    }

    /// Asks for what is not decided yet. Trouble that may pass is part of what is said.
    ///
    /// # Errors
    /// When going on has no point: the run was asked to stop, credentials or the query are refused
    /// (three times in a row once there was an answer), or the very first answer is none of the API.
    pub fn poll(&mut self) -> Result<Awaited, SourceError> {
        self.due = self.clock.elapsed() + self.options.interval;
        let now = Timestamp::from(self.clock.now());
        let mut awaited = Awaited::default();
        let query = self.states.question();
        // A message that an answer left out is asked for again; a bulk might be taken for decided.
        let proof = if query.bulk_ids.is_empty() { Proof::Later } else { Proof::Now };
        let states = &mut self.states;
        let outcome = self.asking.all(&query, now, proof, |logs| {
            awaited.rows.extend(logs.into_iter().filter(|log| states.note(log)));
        });
        awaited.rows.sort_by_key(Log::sent_at);
        let at = self.clock.elapsed();
        match outcome {
            Ok(gaps) => {
                self.states.end_poll();
                let over = self.trouble.worked(at);
                awaited.notes.extend(gaps.into_iter().map(Note::Missing));
                awaited.notes.extend(over.map(|after| Note::Recovered { after }));
            }
            Err(error) => {
                let Some(passing) = self.trouble.failed(&error, at) else { return Err(error) };
                self.due = at + passing.wait;
                awaited.notes.extend(passing.is_new.then_some(Note::Trouble(error)));
            }
        }
        Ok(awaited)
    }

    /// How far it has come.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.states.progress()
    }

    /// How it ended, or stands now.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        if !self.states.are_decided() {
            return Outcome::TimeRanOut;
        }
        match self.states.not_delivered() {
            0 => Outcome::Delivered,
            messages => Outcome::NotDelivered(messages),
        }
    }

    /// Ids that have rows and are not decided.
    #[must_use]
    pub fn undecided(&self) -> Vec<&str> {
        self.states.undecided()
    }

    /// Ids that the API has never shown: not sent, not by this account, or too long ago.
    #[must_use]
    pub fn never_shown(&self) -> Vec<&str> {
        self.states.never_shown()
    }
}
