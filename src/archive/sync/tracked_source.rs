//! A source whose requests are counted and whose clock is read.
//!
//! What a response proves depends on the time at which the server sent it, and paging sends requests
//! of its own. So the times are noted here, where every response passes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::Clock;
use crate::model::{Page, Timestamp};
use crate::query::Query;
use crate::source::{API_RETENTION, Source, SourceError, SourceKind};

/// HTTP dates are cut to the second: the server sent the response up to this much later.
const DATE_RESOLUTION: i64 = 999;

/// A source, and what its responses said about its clock.
pub(super) struct TrackedSource<S> {
    source: S,
    state: Arc<Mutex<Tracking>>,
}

/// The requests and the clock of a source.
pub(super) struct Tracking {
    clock: Arc<dyn Clock>,
    /// Requests that were sent.
    requests: u64,
    /// The server's clock minus that of this machine, in milliseconds, at the latest response.
    offset: Option<i64>,
    /// The earliest and the latest time that a response stated since the last reset.
    stated: Option<(i64, i64)>,
    /// How long the server keeps messages, in milliseconds.
    retention: i64,
}

impl<S: Source> TrackedSource<S> {
    pub(super) fn new(source: S, clock: Arc<dyn Clock>) -> (Self, Arc<Mutex<Tracking>>) {
        let retention = source.retention().unwrap_or(API_RETENTION);
        let retention = i64::try_from(retention.as_millis()).unwrap_or(i64::MAX);
        let tracking = Tracking { clock, requests: 0, offset: None, stated: None, retention };
        let state = Arc::new(Mutex::new(tracking));
        (Self { source, state: Arc::clone(&state) }, state)
    }
}

/// The tracking, for a short while.
pub(super) fn lock(state: &Mutex<Tracking>) -> MutexGuard<'_, Tracking> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Tracking {
    /// The time of this machine, in milliseconds since 1970.
    pub(super) fn local_now(&self) -> i64 {
        self.clock.now().timestamp_millis()
    }

    /// The time of the server, in milliseconds since 1970, as far as its responses state it.
    pub(super) fn server_now(&self) -> i64 {
        self.local_now().saturating_add(self.offset.unwrap_or(0))
    }

    /// What was sent before this may be forgotten by the server.
    pub(super) fn edge(&self) -> i64 {
        self.server_now().saturating_add(DATE_RESOLUTION).saturating_sub(self.retention)
    }

    /// See [`Tracking::offset`](Self).
    pub(super) fn offset(&self) -> Option<i64> {
        self.offset
    }

    pub(super) fn requests(&self) -> u64 {
        self.requests
    }

    /// Forgets the times that responses stated.
    pub(super) fn begin_listing(&mut self) {
        self.stated = None;
    }

    /// The earliest time that a response stated since [`begin_listing`](Self::begin_listing): a
    /// listing proves nothing about later times.
    pub(super) fn first_response(&self) -> i64 {
        self.stated.map_or_else(|| self.server_now(), |(earliest, _)| earliest)
    }

    /// The time of sending from which on the responses prove anything: the server may have forgotten
    /// earlier messages when it sent the latest one.
    pub(super) fn proved_since(&self) -> i64 {
        let latest = self.stated.map_or_else(|| self.server_now(), |(_, latest)| latest);
        latest.saturating_add(DATE_RESOLUTION).saturating_sub(self.retention)
    }

    fn note(&mut self, stated: Option<Timestamp>) {
        let local = self.local_now();
        let stated = stated.map_or(local, Timestamp::millis);
        // The stated time is cut to the second, so that equal clocks seem to differ by up to that.
        let offset = stated.saturating_sub(local);
        self.offset = Some(if (-DATE_RESOLUTION..=0).contains(&offset) { 0 } else { offset });
        let (earliest, latest) = self.stated.unwrap_or((stated, stated));
        self.stated = Some((earliest.min(stated), latest.max(stated)));
    }
}

impl<S: Source> Source for TrackedSource<S> {
    fn fetch(&mut self, query: &Query) -> Result<Page, SourceError> {
        lock(&self.state).requests += 1;
        let page = self.source.fetch(query)?;
        lock(&self.state).note(page.server_time);
        Ok(page)
    }

    fn set_deadline(&mut self, deadline: Option<Duration>) {
        self.source.set_deadline(deadline);
    }

    fn kind(&self) -> SourceKind {
        self.source.kind()
    }

    fn retention(&self) -> Option<Duration> {
        self.source.retention()
    }
}
