//! Follows a query: reports each new message, and each message again when its status changes.
//!
//! Messages arrive late and their statuses change. So every poll reads a window of the last minutes
//! again and compares it with the messages that were shown. Nothing here prints or sleeps: the caller
//! polls, shows the events, and sleeps until the next poll is due.

mod catch_up;
mod event;
mod known_messages;
mod poll_events;
mod start;
mod state;
mod sweep;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

pub use event::{Event, FollowUpdate, Note, Shortfall};
pub use state::{EventMark, FollowState};

use std::sync::Arc;
use std::time::Duration;

use self::catch_up::CatchUp;
use self::known_messages::{KnownMessages, RowState};
use self::poll_events::PollEvents;
use self::sweep::Sweep;
use super::poll_failures::PollFailures;
use super::poller::{PROOF_EVERY, Poller, Proof};
use super::response_rows::sent_millis;
use super::schedule::Schedule;
use super::server_clock::ServerClock;
use crate::clock::Clock;
use crate::model::Timestamp;
use crate::query::Query;
use crate::source::{Gap, Source, SourceError};

/// The maximum number of messages of a window that each poll reads completely: they fit into one
/// response, with room for late ones.
const MAX_SMALL_WINDOW: usize = 800;
/// The part of a larger window, before the newest message, that each poll reads. The rest is read in
/// rounds.
const HEAD: Duration = Duration::from_secs(30);
/// The maximum number of gaps that are kept to recognize repeated ones.
const MAX_REPORTED_GAPS: usize = 64;

/// Options of a follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FollowOptions {
    /// The time from one poll to the next.
    pub interval: Duration,
    /// How much older than the newest message a message may be when it arrives late or changes.
    pub lookback: Duration,
    /// How long to follow; `None` for no end.
    pub duration: Option<Duration>,
    /// The number of earlier messages that the first poll shows.
    pub limit: usize,
}

impl Default for FollowOptions {
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(5),
            lookback: Duration::from_secs(15 * 60),
            duration: None,
            limit: 10,
        }
    }
}

/// The result of a successful poll.
enum PollProgress {
    /// All messages up to now were fetched.
    Current,
    /// All messages up to now were fetched, except some from before the start.
    ReadingStart,
    /// Some missed messages were not fetched yet.
    CatchingUp,
}

/// Follows the messages that match a query.
///
/// A window with more messages than a response can hold is read in parts: its newest part at each
/// poll, the rest in rounds, so that the number of requests does not grow with the traffic. Messages
/// from before the start count as known. Times of sending are compared with each other and with the
/// clock of the server, so that a wrong clock of this machine does not matter.
pub struct Follow<S> {
    poller: Poller<S>,
    clock: ServerClock,
    query: Query,
    options: FollowOptions,
    known: KnownMessages,
    sweep: Sweep,
    failures: PollFailures,
    schedule: Schedule,
    catch_up: Option<CatchUp>,
    /// When the newest message was sent, but not later than when it was received.
    newest: Option<i64>,
    /// Messages of the window that were sent before this time, and existed at the start, were not read
    /// yet.
    unread: Option<i64>,
    /// A message from before this time that is not known may have been shown by an earlier process,
    /// whose window was shorter.
    known_from: Option<i64>,
    has_started: bool,
    /// The time up to which no message is missing, by the server's clock.
    watched: i64,
    reported_gaps: Vec<Gap>,
    /// The error that ends the follow at the next poll, after the events before it were shown.
    ending: Option<SourceError>,
    /// The number of gaps that were reported.
    gaps: u64,
}

impl<S: Source + Send> Follow<S> {
    /// Creates a follow of the messages that match `query`, whose limit is ignored. Its time starts
    /// now.
    pub fn new(source: S, query: Query, options: FollowOptions, clock: Arc<dyn Clock>) -> Self {
        let clock = ServerClock::new(clock);
        Self {
            poller: Poller::new(source),
            query: Query { limit: None, ..query },
            options,
            known: KnownMessages::default(),
            sweep: Sweep::default(),
            failures: PollFailures::new(options.interval),
            schedule: Schedule::new(options.interval, options.duration, clock.elapsed()),
            catch_up: None,
            newest: None,
            unread: None,
            known_from: None,
            has_started: false,
            watched: clock.now(),
            reported_gaps: Vec::new(),
            ending: None,
            gaps: 0,
            clock,
        }
    }

    /// How long to wait before the next poll; `None` when the time of the follow is over. The last poll
    /// comes at the end of the time.
    #[must_use]
    pub fn time_to_next_poll(&self) -> Option<Duration> {
        if self.ending.is_some() {
            return Some(Duration::ZERO);
        }
        self.schedule.time_to_next_poll(self.clock.elapsed())
    }

    /// Whether any poll succeeded.
    #[must_use]
    pub fn has_succeeded(&self) -> bool {
        self.schedule.has_succeeded()
    }

    /// Why messages up to now may be missing; `None` if none are.
    #[must_use]
    pub fn shortfall(&self) -> Option<Shortfall> {
        match self.schedule.failure() {
            Some(error) if self.schedule.has_succeeded() => Some(Shortfall::LastPollFailed {
                error: error.clone(),
                since: Timestamp::from_millis(self.watched),
            }),
            Some(error) => Some(Shortfall::NeverSucceeded(error.clone())),
            None => (self.gaps > 0).then_some(Shortfall::Gaps(self.gaps)),
        }
    }

    /// The time ranges in which messages may be missing: the gaps that were reported or, if they are
    /// many, the latest of them.
    #[must_use]
    pub fn gaps(&self) -> &[Gap] {
        &self.reported_gaps
    }

    /// Fetches new messages and changes. A transient failure becomes a note.
    ///
    /// # Errors
    /// When the follow cannot continue: the run is interrupted, the server refuses the credentials or
    /// the query (after a success: three times in a row), or the first response is not one of the
    /// API.
    pub fn poll(&mut self) -> Result<FollowUpdate, SourceError> {
        if let Some(error) = self.ending.take() {
            return Err(error);
        }
        let now = self.clock.now();
        let is_late = self.is_late(now);
        self.poller.set_deadline(self.schedule.start(self.clock.elapsed()));
        let mut events = PollEvents::default();
        let outcome = self.step(now, is_late, &mut events);
        let at = self.clock.elapsed();
        match outcome {
            Ok(progress) => {
                match progress {
                    PollProgress::Current => self.schedule.succeeded(at),
                    PollProgress::ReadingStart => self.schedule.succeeded_with_more_to_read(at),
                    PollProgress::CatchingUp => self.schedule.partly_succeeded(at),
                }
                let over = self.failures.succeeded(at);
                events.notes.extend(over.map(|after| Note::Recovered { after }));
            }
            Err(SourceError::OutOfTime) => self.schedule.ran_out_of_time(at),
            Err(error) => match self.failures.failed(&error, at) {
                Some(failure) => {
                    self.schedule.failed(&error, at, failure.wait);
                    events.notes.extend(failure.is_new.then_some(Note::Failure(error)));
                }
                None if events.is_empty() => return Err(error),
                None => self.ending = Some(error),
            },
        }
        Ok(events.into_update())
    }

    fn step(
        &mut self,
        now: i64,
        is_late: bool,
        events: &mut PollEvents,
    ) -> Result<PollProgress, SourceError> {
        if !self.has_started {
            return self.begin(now, events);
        }
        self.read_rest_of_start(now, events)?;
        let Some(newest) = self.newest else {
            // There was no message so far, so that every message is new.
            self.fetch(None, None, now, events)?;
            self.watched = self.start_of_poll();
            return Ok(PollProgress::Current);
        };
        let start = self.start(newest);
        if is_late && self.catch_up.is_none() {
            self.catch_up = Some(CatchUp::new(start));
        }
        if self.catch_up.is_some() {
            return self.catch_up(now, events);
        }
        let head = if self.known.len() <= MAX_SMALL_WINDOW {
            start
        } else {
            start.max(newest - millis(HEAD))
        };
        self.fetch(Some(head), None, now, events)?;
        self.watched = self.start_of_poll();
        self.read_slices((start, head), now, events)?;
        self.drop_old_messages();
        Ok(PollProgress::Current)
    }

    /// Reads the slices of the older part of a large window that are due.
    fn read_slices(
        &mut self,
        window: (i64, i64),
        now: i64,
        events: &mut PollEvents,
    ) -> Result<(), SourceError> {
        let lookback = self.options.lookback;
        if window.0 >= window.1 {
            return Ok(());
        }
        // Slices that become due while others are fetched are left to the next poll.
        let at = self.clock.elapsed();
        loop {
            let times = || self.known.times().collect();
            let Some((first, last)) = self.sweep.next(at, window, lookback, times) else {
                return Ok(());
            };
            if let Err(error) = self.fetch(Some(first), Some(last), now, events) {
                self.sweep.put_back((first, last));
                // At the end of the follow, the slices that are not due yet are not read either.
                let is_over = self.schedule.is_past_end(self.clock.elapsed());
                return if is_over { Ok(()) } else { Err(error) };
            }
        }
    }

    /// Fetches one time range and compares the rows with the messages that were shown. Returns the
    /// number of rows.
    fn fetch(
        &mut self,
        since: Option<i64>,
        until: Option<i64>,
        now: i64,
        events: &mut PollEvents,
    ) -> Result<usize, SourceError> {
        let query = self.window(since, until);
        let proof = self.proof(since, until);
        let first = query.since.map(Timestamp::millis);
        let known_from = self.known_from;
        let (known, newest, clock) = (&mut self.known, &mut self.newest, &mut self.clock);
        let mut rows = 0;
        let gaps = self.poller.all(&query, Timestamp::from_millis(now), proof, |page| {
            rows += page.logs.len();
            let now = clock.note(page.server_time);
            for log in page.logs {
                let at = sent_millis(&log);
                // A server that ignores the window returns rows from before it, which may have been
                // shown and dropped since.
                if at.zip(first).is_some_and(|(at, first)| at < first) {
                    continue;
                }
                *newest = (*newest).max(at.map(|at| at.min(now)));
                let is_too_old = at.zip(known_from).is_some_and(|(at, from)| at < from);
                match known.note(&log, now) {
                    RowState::New if is_too_old => {}
                    RowState::New => events.add(Event::New(log), now),
                    RowState::Changed(previous) => events.add(Event::changed(log, &previous), now),
                    RowState::Unchanged => {}
                }
            }
        })?;
        self.report_gaps(gaps, events);
        Ok(rows)
    }

    /// How to prove that the response for a time range is complete. If it is the whole window, many
    /// later polls read it again.
    fn proof(&self, since: Option<i64>, until: Option<i64>) -> Proof {
        let time = self.options.interval.saturating_mul(2 * PROOF_EVERY);
        let is_window = until.is_none() && since == self.newest.map(|newest| self.start(newest));
        if is_window && time <= self.options.lookback { Proof::Later } else { Proof::Now }
    }

    /// The query for the part of a time range that is within the time range of the followed query.
    fn window(&self, since: Option<i64>, until: Option<i64>) -> Query {
        Query {
            since: later(self.query.since, since.map(Timestamp::from_millis)),
            until: earlier(self.query.until, until.map(Timestamp::from_millis)),
            ..self.query.clone()
        }
    }

    /// When the current poll started, by the server's clock as the latest response states it.
    fn start_of_poll(&self) -> i64 {
        let took = self.schedule.time_of_poll(self.clock.elapsed());
        self.clock.now().saturating_sub(millis(took))
    }

    /// The start of the window that ends with the newest message.
    fn start(&self, newest: i64) -> i64 {
        window_start(newest, &self.options)
    }

    /// Drops the messages that have left the window.
    fn drop_old_messages(&mut self) {
        if let Some(newest) = self.newest {
            let start = self.start(newest);
            let catching_up = self.catch_up.as_ref().map_or(i64::MAX, CatchUp::from);
            self.known.drop_before(start.min(catching_up));
        }
    }

    /// Reports each gap once, although each poll finds the gaps of the poll before it again.
    fn report_gaps(&mut self, gaps: Vec<Gap>, events: &mut PollEvents) {
        for gap in gaps {
            if self.reported_gaps.iter().any(|known| known.until == gap.until) {
                continue;
            }
            if self.reported_gaps.len() >= MAX_REPORTED_GAPS {
                self.reported_gaps.remove(0);
            }
            self.reported_gaps.push(gap.clone());
            self.gaps += 1;
            events.notes.push(Note::Missing(gap));
        }
    }
}

/// The start of the window that ends with the newest message.
fn window_start(newest: i64, options: &FollowOptions) -> i64 {
    let FollowOptions { lookback, interval, .. } = *options;
    newest.saturating_sub(millis(lookback.saturating_add(sweep::margin(lookback, interval))))
}

/// The later of two starts; `None` means no start.
fn later(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    [a, b].into_iter().flatten().max_by_key(|at| at.millis())
}

/// The earlier of two ends; `None` means no end.
fn earlier(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    [b, a].into_iter().flatten().min_by_key(|at| at.millis())
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}
