//! Waits until messages that are known by their ids have a final status.
//!
//! What is final is read from the status table, never from the name of a group. Failover gives a
//! message a row for each channel it tried: one that was delivered decides it, and a failure counts
//! only when no other channel has tried for a while. Nothing here prints or sleeps.

mod id_states;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use self::id_states::IdStates;
use super::follow::Note;
use super::poll_failures::PollFailures;
use super::poller::{Poller, Proof};
use super::schedule::Schedule;
use crate::clock::Clock;
use crate::model::{Log, Timestamp};
use crate::source::{Gap, Source, SourceError};

/// How to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WaitOptions {
    /// Time from one poll to the next.
    pub interval: Duration,
    /// How long to wait at most.
    pub timeout: Duration,
    /// How long a failed message is watched for a try over another channel before it counts.
    pub settle: Duration,
}

impl Default for WaitOptions {
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(5),
            timeout: Duration::from_secs(10 * 60),
            settle: Duration::from_secs(10),
        }
    }
}

/// Which ids are waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WaitIds {
    /// Of messages. One is done when any of its rows was delivered, or when all of them are
    /// final and nothing changed for the time that failures have to settle.
    Messages(Vec<String>),
    /// Of bulks. Rows of a bulk may still be arriving, and nothing says how many there will be: one
    /// is done when two polls in a row show the same rows, at least one, all final, and its
    /// failures have settled.
    Bulks(Vec<String>),
}

/// The progress of a wait.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct WaitProgress {
    /// Rows by the name of their status, most first.
    pub statuses: Vec<(String, u64)>,
    /// Ids that are done.
    pub done: usize,
    /// Ids that have rows and are not done.
    pub pending: usize,
    /// Ids without a row.
    pub never_shown: usize,
}

/// How a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitOutcome {
    /// Every message was delivered, on one channel at least.
    Delivered,
    /// Every message is final; this many were not delivered.
    NotDelivered(u64),
    /// Time ran out before all ids were done.
    TimeRanOut,
}

/// The result of one poll.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct WaitUpdate {
    /// Rows that have become final, oldest first.
    pub rows: Vec<Log>,
    /// What the user needs to know.
    pub notes: Vec<Note>,
}

/// Waits for messages to have a final status.
pub struct FinalStatusWait<S> {
    poller: Poller<S>,
    clock: Arc<dyn Clock>,
    states: IdStates,
    failures: PollFailures,
    schedule: Schedule,
    gaps: Vec<Gap>,
}

impl<S: Source + Send> FinalStatusWait<S> {
    /// Waits for these ids; the time starts now.
    pub fn new(source: S, ids: WaitIds, options: WaitOptions, clock: Arc<dyn Clock>) -> Self {
        let schedule = Schedule::new(options.interval, Some(options.timeout), clock.elapsed());
        Self {
            poller: Poller::new(source),
            states: IdStates::new(ids, options.settle),
            failures: PollFailures::new(options.interval),
            schedule,
            gaps: Vec::new(),
            clock,
        }
    }

    /// How long to rest before the next poll; `None` when all is done or time ran out. The last
    /// poll comes at the end of the time.
    #[must_use]
    pub fn rest(&self) -> Option<Duration> {
        let rest = self.schedule.rest(self.clock.elapsed());
        rest.filter(|_| !self.states.are_done())
    }

    /// Fetches the messages that are not done yet. A failure that may pass is one of the notes.
    ///
    /// # Errors
    /// When there is no point in continuing: the run was interrupted, the credentials or the query
    /// are refused (three times in a row after a success), or the first response is not one of the
    /// API.
    pub fn poll(&mut self) -> Result<WaitUpdate, SourceError> {
        self.poller.set_deadline(self.schedule.start(self.clock.elapsed()));
        let mut update = WaitUpdate::default();
        let outcome = self.read_all(&mut update);
        update.rows.sort_by_cached_key(Log::sent_at);
        let at = self.clock.elapsed();
        match outcome {
            Ok(()) => {
                self.schedule.succeeded(at);
                let over = self.failures.succeeded(at);
                update.notes.extend(over.map(|after| Note::Recovered { after }));
            }
            Err(SourceError::OutOfTime) => self.schedule.ran_out_of_time(at),
            Err(error) => {
                let Some(failure) = self.failures.failed(&error, at) else { return Err(error) };
                self.schedule.failed(&error, at, failure.wait);
                update.notes.extend(failure.is_new.then_some(Note::Failure(error)));
            }
        }
        Ok(update)
    }

    /// Reads the rows of every id that is not done, a request's worth of ids at a time: what is
    /// read counts, though a later request may fail.
    fn read_all(&mut self, update: &mut WaitUpdate) -> Result<(), SourceError> {
        let query = self.states.query();
        // A message that a response left out is requested again; a bulk might count as done.
        let proof = if query.bulk_ids.is_empty() { Proof::Later } else { Proof::Now };
        for part in query.parts() {
            let now = Timestamp::from(self.clock.now());
            let (states, at) = (&mut self.states, self.clock.elapsed());
            let gaps = self.poller.all(&part, now, proof, |page| {
                update.rows.extend(page.logs.into_iter().filter(|log| states.note(log, at)));
            })?;
            self.states.checked(&part, gaps.is_empty(), self.clock.elapsed());
            self.schedule.note_response();
            for gap in gaps {
                // Each poll finds the gaps of the one before again.
                if !self.gaps.iter().any(|known| known.until == gap.until) {
                    self.gaps.push(gap.clone());
                    update.notes.push(Note::Missing(gap));
                }
            }
        }
        Ok(())
    }

    /// Whether the API has responded to any request for rows.
    #[must_use]
    pub fn has_succeeded(&self) -> bool {
        self.schedule.has_succeeded()
    }

    /// Why the latest poll did not succeed, when it did not.
    #[must_use]
    pub fn failure(&self) -> Option<&SourceError> {
        self.schedule.failure()
    }

    /// The time ranges of which rows may be missing.
    #[must_use]
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    /// The progress so far.
    #[must_use]
    pub fn progress(&self) -> WaitProgress {
        self.states.progress()
    }

    /// How it ended. Failures that had no time to settle are failures.
    #[must_use]
    pub fn outcome(&self) -> WaitOutcome {
        if !self.states.are_final() {
            return WaitOutcome::TimeRanOut;
        }
        match self.states.not_delivered() {
            0 => WaitOutcome::Delivered,
            messages => WaitOutcome::NotDelivered(messages),
        }
    }

    /// Ids that have rows and are not done.
    #[must_use]
    pub fn pending(&self) -> Vec<&str> {
        self.states.pending()
    }

    /// Ids for which the API returned no row: not sent, not by this account, or too long ago.
    #[must_use]
    pub fn never_shown(&self) -> Vec<&str> {
        self.states.never_shown()
    }

    /// Ids for which there was no time to send a request, or no response to it.
    #[must_use]
    pub fn never_checked(&self) -> Vec<&str> {
        self.states.never_checked()
    }
}
