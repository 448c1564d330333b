//! The newest messages as they come, and each message again when its status changes.
//!
//! Messages are no log lines: they come late and their states change, so the last stretch is asked
//! for again and again and held against what was seen. Nothing here prints or sleeps: who follows
//! polls, shows what came, and rests until the next poll is due.

mod catch_up;
mod event;
mod known_messages;
mod poll_events;
mod start;
mod sweep;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

pub use event::{Event, FollowUpdate, Note, Shortfall};

use std::sync::Arc;
use std::time::Duration;

use self::catch_up::CatchUp;
use self::known_messages::{KnownMessages, RowState};
use self::poll_events::PollEvents;
use self::sweep::Sweep;
use super::answer::moment;
use super::poll_failures::PollFailures;
use super::poller::{PROOF_EVERY, Poller, Proof};
use super::schedule::Schedule;
use super::server_clock::ServerClock;
use crate::clock::Clock;
use crate::model::Timestamp;
use crate::query::Query;
use crate::source::{Gap, Source, SourceError};

/// A window with so many messages fits a page, and is asked for whole at each poll.
const SMALL: usize = 800;
/// Of a larger window each poll asks for this much before the newest message; the rest is looked
/// through in turns.
const HEAD: Duration = Duration::from_secs(30);
/// So many stretches that could not be listed are remembered, each of them told once.
const TOLD_GAPS: usize = 64;

/// How to follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FollowOptions {
    /// Time from one poll to the next.
    pub interval: Duration,
    /// How far back, from the newest message, rows may come late and states may change.
    pub lookback: Duration,
    /// How long to follow; `None` for ever.
    pub duration: Option<Duration>,
    /// How many of the messages that are there at the start are shown.
    pub limit: usize,
}

/// How far a poll has come.
enum PollProgress {
    /// Everything up to now is fetched.
    Current,
    /// Everything up to now is fetched, and of the messages at the start some are not read yet.
    ReadingStart,
    /// Missed messages are left to fetch.
    CatchingUp,
}

/// Follows the messages that fit a query.
///
/// A window that holds more than a page is asked for in parts: its newest end at each poll, the
/// rest in turns, so that the number of requests does not grow with the traffic. What is older than
/// the first answer at the start counts as seen. Moments of sending are compared with each other
/// and never with the time of day, so a wrong clock costs nothing but repeated rows.
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
    /// When the newest message was sent, at most the time at which it was seen.
    newest: Option<i64>,
    /// What is older than this and inside the window was there at the start, and is not read yet.
    unread: Option<i64>,
    has_begun: bool,
    /// The time of day up to which nothing is missing.
    watched: i64,
    told_gaps: Vec<Gap>,
    /// An end that waits until what came before it is shown.
    ending: Option<SourceError>,
    /// How many gaps were reported.
    gaps: u64,
}

impl<S: Source + Send> Follow<S> {
    /// Follows what fits `query`; its limit does not count. The time for which to follow starts now.
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
            has_begun: false,
            watched: clock.now(),
            told_gaps: Vec::new(),
            ending: None,
            gaps: 0,
            clock,
        }
    }

    /// How long to rest before the next poll; `None` when the time to follow is over. The last poll
    /// comes at its end.
    #[must_use]
    pub fn rest(&self) -> Option<Duration> {
        if self.ending.is_some() {
            return Some(Duration::ZERO);
        }
        self.schedule.rest(self.clock.elapsed())
    }

    /// Whether the source has responded to any poll.
    #[must_use]
    pub fn has_succeeded(&self) -> bool {
        self.schedule.has_succeeded()
    }

    /// What is missing of the messages up to now, when anything is.
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

    /// Asks, and says what is new. Trouble that may pass is part of what is said.
    ///
    /// # Errors
    /// When going on has no point: the run was asked to stop, credentials or the query are refused
    /// (three times in a row once there was an answer), or the very first answer is none of the API.
    pub fn poll(&mut self) -> Result<FollowUpdate, SourceError> {
        if let Some(error) = self.ending.take() {
            return Err(error);
        }
        let now = self.clock.now();
        let is_late = self.is_late(now);
        self.poller.set_deadline(self.schedule.start(self.clock.elapsed()));
        let mut found = PollEvents::default();
        let outcome = self.step(now, is_late, &mut found);
        let at = self.clock.elapsed();
        match outcome {
            Ok(progress) => {
                match progress {
                    PollProgress::Current => self.schedule.succeeded(at),
                    PollProgress::ReadingStart => self.schedule.succeeded_and_goes_on(at),
                    PollProgress::CatchingUp => self.schedule.partly_succeeded(at),
                }
                let over = self.failures.worked(at);
                found.notes.extend(over.map(|after| Note::Recovered { after }));
            }
            Err(SourceError::OutOfTime) => self.schedule.ran_out_of_time(at),
            Err(error) => match self.failures.failed(&error, at) {
                Some(passing) => {
                    self.schedule.failed(&error, at, passing.wait);
                    found.notes.extend(passing.is_new.then_some(Note::Failure(error)));
                }
                None if found.is_empty() => return Err(error),
                None => self.ending = Some(error),
            },
        }
        Ok(found.polled())
    }

    fn step(
        &mut self,
        now: i64,
        is_late: bool,
        found: &mut PollEvents,
    ) -> Result<PollProgress, SourceError> {
        if !self.has_begun {
            return self.begin(now, found);
        }
        self.read_what_was_there(now, found)?;
        let Some(newest) = self.newest else {
            // Nothing has ever been seen: whatever comes is new.
            self.ask(None, None, now, found)?;
            self.watched = self.start_of_poll();
            return Ok(PollProgress::Current);
        };
        let start = self.start(newest);
        if is_late && self.catch_up.is_none() {
            self.catch_up = Some(CatchUp::new(start));
        }
        if self.catch_up.is_some() {
            return self.catch_up(now, found);
        }
        let head = if self.known.len() <= SMALL { start } else { start.max(newest - millis(HEAD)) };
        self.ask(Some(head), None, now, found)?;
        self.watched = self.start_of_poll();
        self.look_through((start, head), now, found)?;
        self.forget();
        Ok(PollProgress::Current)
    }

    /// Asks for the older part of a large window, a slice at a time.
    fn look_through(
        &mut self,
        window: (i64, i64),
        now: i64,
        found: &mut PollEvents,
    ) -> Result<(), SourceError> {
        let lookback = self.options.lookback;
        if window.0 >= window.1 {
            return Ok(());
        }
        // What becomes due while these are asked for is left to the next poll.
        let at = self.clock.elapsed();
        loop {
            let moments = || self.known.moments().collect();
            let Some((first, last)) = self.sweep.next(at, window, lookback, moments) else {
                return Ok(());
            };
            if let Err(error) = self.ask(Some(first), Some(last), now, found) {
                self.sweep.put_back((first, last));
                // The slices that are not due before the end are never requested either.
                let is_over = self.schedule.is_past_end(self.clock.elapsed());
                return if is_over { Ok(()) } else { Err(error) };
            }
        }
    }

    /// Asks for one stretch and holds the answer against what was seen; says how many rows it held.
    fn ask(
        &mut self,
        since: Option<i64>,
        until: Option<i64>,
        now: i64,
        found: &mut PollEvents,
    ) -> Result<usize, SourceError> {
        let query = self.window(since, until);
        let proof = self.proof(since, until);
        let first = query.since.map(Timestamp::millis);
        let (seen, newest, clock) = (&mut self.known, &mut self.newest, &mut self.clock);
        let mut rows = 0;
        let gaps = self.poller.all(&query, Timestamp::from_millis(now), proof, |page| {
            rows += page.logs.len();
            let now = clock.note(page.server_time);
            for log in page.logs {
                let at = moment(&log);
                // A row before the window, from a server that ignores the filter, may have been
                // shown and forgotten.
                if at.zip(first).is_some_and(|(at, first)| at < first) {
                    continue;
                }
                *newest = (*newest).max(at.map(|at| at.min(now)));
                match seen.note(&log, now) {
                    RowState::New => found.add(Event::New(log), now),
                    RowState::Changed(previous) => found.add(Event::changed(log, &previous), now),
                    RowState::Old => {}
                }
            }
        })?;
        self.tell(gaps, found);
        Ok(rows)
    }

    /// Whether the stretch is the whole window, which many later polls ask for again.
    fn proof(&self, since: Option<i64>, until: Option<i64>) -> Proof {
        let time = self.options.interval.saturating_mul(2 * PROOF_EVERY);
        let is_window = until.is_none() && since == self.newest.map(|newest| self.start(newest));
        if is_window && time <= self.options.lookback { Proof::Later } else { Proof::Now }
    }

    /// The question about a stretch, inside the one that was asked for at all.
    fn window(&self, since: Option<i64>, until: Option<i64>) -> Query {
        Query {
            since: later(self.query.since, since.map(Timestamp::from_millis)),
            until: earlier(self.query.until, until.map(Timestamp::from_millis)),
            ..self.query.clone()
        }
    }

    /// When the poll under way started, by the server's clock as the latest response states it.
    fn start_of_poll(&self) -> i64 {
        let took = self.schedule.time_of_poll(self.clock.elapsed());
        self.clock.now().saturating_sub(millis(took))
    }

    /// The oldest time of sending that is watched.
    fn start(&self, newest: i64) -> i64 {
        let FollowOptions { lookback, interval, .. } = self.options;
        newest.saturating_sub(millis(lookback.saturating_add(sweep::margin(lookback, interval))))
    }

    /// Drops what has left the window.
    fn forget(&mut self) {
        if let Some(newest) = self.newest {
            let start = self.start(newest);
            let catching_up = self.catch_up.as_ref().map_or(i64::MAX, CatchUp::from);
            self.known.forget_before(start.min(catching_up));
        }
    }

    /// Tells each gap once: a poll meets those of the one before it again.
    fn tell(&mut self, gaps: Vec<Gap>, found: &mut PollEvents) {
        for gap in gaps {
            if self.told_gaps.iter().any(|told| told.until == gap.until) {
                continue;
            }
            if self.told_gaps.len() >= TOLD_GAPS {
                self.told_gaps.remove(0);
            }
            self.told_gaps.push(gap.clone());
            self.gaps += 1;
            found.notes.push(Note::Missing(gap));
        }
    }
}

/// The later of two starts; `None` is the earliest of all.
fn later(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    [a, b].into_iter().flatten().max_by_key(|at| at.millis())
}

/// The earlier of two ends; `None` is the latest of all.
fn earlier(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    [b, a].into_iter().flatten().min_by_key(|at| at.millis())
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}
