//! Waits until messages with given ids have a final status.
//!
//! Whether a status is final comes from the status table, never from the name of a group. With
//! failover, a message has a row for each channel that was tried. One delivered row makes the message
//! delivered; a failure counts only if no row of another channel appears for a while. Nothing here
//! prints or sleeps.

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

/// Options of a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WaitOptions {
    /// The time from one poll to the next.
    pub interval: Duration,
    /// The maximum time of the wait.
    pub timeout: Duration,
    /// How long to wait for the row of another channel before a failed message counts as failed.
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

/// The ids to wait for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WaitIds {
    /// Message ids. A message is done when one of its rows is delivered, or when all of its rows are
    /// final and none changed during [`WaitOptions::settle`].
    Messages(Vec<String>),
    /// Bulk ids. The API does not say how many rows a bulk will have. So a bulk is done when two polls
    /// in a row return the same rows, at least one, all of them are final, and none of the failed
    /// ones changed during [`WaitOptions::settle`].
    Bulks(Vec<String>),
}

/// The progress of a wait.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct WaitProgress {
    /// The number of rows with each status name, the most frequent one first.
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
    /// Every message has a final status; this many were not delivered.
    NotDelivered(u64),
    /// The time ran out before all ids were done.
    TimeRanOut,
}

/// The result of one poll.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct WaitUpdate {
    /// Rows that got a final status, oldest first.
    pub rows: Vec<Log>,
    /// Notes about the wait itself.
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
    /// Creates a wait for these ids. Its time starts now.
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

    /// How long to wait before the next poll; `None` when all ids are done or the time ran out. The
    /// last poll comes at the end of the time.
    #[must_use]
    pub fn time_to_next_poll(&self) -> Option<Duration> {
        let time = self.schedule.time_to_next_poll(self.clock.elapsed());
        time.filter(|_| !self.states.are_done())
    }

    /// Fetches the messages that are not done yet. A transient failure becomes a note.
    ///
    /// # Errors
    /// When the wait cannot continue: the run is interrupted, the server refuses the credentials or
    /// the query (after a success: three times in a row), or the first response is not one of the
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

    /// Reads the rows of every id that is not done, with as many ids per request as fit. Rows that
    /// were read count even if a later request fails.
    fn read_all(&mut self, update: &mut WaitUpdate) -> Result<(), SourceError> {
        let query = self.states.query();
        // A message that a response left out is requested by the next poll. A bulk could count as
        // done without it.
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
                // Each poll finds the gaps of the poll before it again.
                if !self.gaps.iter().any(|known| known.until == gap.until) {
                    self.gaps.push(gap.clone());
                    update.notes.push(Note::Missing(gap));
                }
            }
        }
        Ok(())
    }

    /// Whether any request for rows succeeded.
    #[must_use]
    pub fn has_succeeded(&self) -> bool {
        self.schedule.has_succeeded()
    }

    /// The failure of the latest poll; `None` if it succeeded.
    #[must_use]
    pub fn failure(&self) -> Option<&SourceError> {
        self.schedule.failure()
    }

    /// The time ranges in which rows may be missing.
    #[must_use]
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    /// The progress so far.
    #[must_use]
    pub fn progress(&self) -> WaitProgress {
        self.states.progress()
    }

    /// How the wait ended. Failures count even if they had no time to settle.
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

    /// Ids for which the API returned no row: the message was not sent, not by this account, or has
    /// expired.
    #[must_use]
    pub fn never_shown(&self) -> Vec<&str> {
        self.states.never_shown()
    }

    /// Ids that no successful request contained, because the time ran out or the requests failed.
    #[must_use]
    pub fn never_checked(&self) -> Vec<&str> {
        self.states.never_checked()
    }
}
