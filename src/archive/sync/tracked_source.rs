//! A source that counts its requests and records the times of its responses.
//!
//! What a response proves depends on when the server sent it. Paging sends requests that the sync
//! does not see, so that the times are recorded here, where every response passes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::Clock;
use crate::model::{Page, Timestamp};
use crate::query::Query;
use crate::source::{API_RETENTION, Source, SourceError, SourceKind};

/// An HTTP date is cut to the second: the server sent the response up to this many milliseconds
/// later.
const DATE_RESOLUTION: i64 = 999;

/// A source that records its requests and responses in a shared [`Tracking`].
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

/// Locks the tracking; the caller must not send a request while it holds the lock.
pub(super) fn lock(state: &Mutex<Tracking>) -> MutexGuard<'_, Tracking> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Tracking {
    /// The time of this machine, in milliseconds since 1970.
    pub(super) fn local_now(&self) -> i64 {
        self.clock.now().timestamp_millis()
    }

    /// The time of the server, in milliseconds since 1970: by its latest response or, before the
    /// first one, by the clock of this machine.
    pub(super) fn server_now(&self) -> i64 {
        self.local_now().saturating_add(self.offset.unwrap_or(0))
    }

    /// Messages that were sent before this time may have expired on the server.
    pub(super) fn edge(&self) -> i64 {
        self.server_now().saturating_add(DATE_RESOLUTION).saturating_sub(self.retention)
    }

    /// The server's clock minus that of this machine, in milliseconds; `None` before the first
    /// response.
    pub(super) fn offset(&self) -> Option<i64> {
        self.offset
    }

    pub(super) fn requests(&self) -> u64 {
        self.requests
    }

    /// Discards the times of earlier responses.
    pub(super) fn begin_listing(&mut self) {
        self.stated = None;
    }

    /// The earliest time that a response stated since [`begin_listing`](Self::begin_listing). A
    /// listing proves nothing about later times.
    pub(super) fn first_response(&self) -> i64 {
        self.stated.map_or_else(|| self.server_now(), |(earliest, _)| earliest)
    }

    /// The earliest time of sending that the responses of a listing prove anything about: older
    /// messages may have expired before the latest response.
    pub(super) fn proved_since(&self) -> i64 {
        let latest = self.stated.map_or_else(|| self.server_now(), |(_, latest)| latest);
        latest.saturating_add(DATE_RESOLUTION).saturating_sub(self.retention)
    }

    fn note(&mut self, stated: Option<Timestamp>) {
        let local = self.local_now();
        let stated = stated.map_or(local, Timestamp::millis);
        // The stated time is cut to the second, so that equal clocks seem to differ by less than one.
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
