//! Brings an archive up to date: fetches and stores messages that are missing, late, pending or
//! changed.
//!
//! A sync keeps no cursor, which could move past a hole. A ledger records which times of sending
//! were listed completely, and each page extends it in the transaction that stores the rows. So the
//! ledger is exact wherever a run ends, and the next run fills the rest.
//!
//! Nothing here waits between runs, prints, or opens a database: a run needs a [`Source`], a
//! [`Store`] and a [`Clock`], and so can be tested in virtual time.

mod claims;
mod listing;
mod plan;
mod refresh;
mod tracked_source;
mod writer;

#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use self::plan::{LAST_AGE, LATE_AGE, due_again};
use self::tracked_source::{TrackedSource, Tracking, lock};
use self::writer::Writer;
use super::account::AccountId;
use super::error::StoreError;
use super::lease::Lease;
use super::ledger::GapRecord;
use super::page_write::PageCounts;
use super::run::{RunCounts, RunStart};
use super::store::Store;
use crate::clock::{Clock, Interrupt};
use crate::model::TimeRange;
use crate::query::{Extent, Query};
use crate::source::{Source, SourceError};

/// How long before the newest listed time a run begins to list. Most messages appear in the API
/// within this time after they were sent.
pub const DEFAULT_LOOKBACK: Duration = Duration::from_secs(15 * 60);

/// An archive begins this many milliseconds after the earliest time that the server keeps at the
/// beginning of the first run, so that the run can list that time before its messages expire.
const FIRST_MARGIN: i64 = 5 * 60_000;

/// After this many failures without a response between them, a run treats the server as down.
const MAX_FAILURES_IN_A_ROW: u32 = 3;

/// What a run syncs, and how.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SyncOptions {
    /// The filters, with one value each: see [`Query::parts`]. Its time range, limit and extent are
    /// not used. A run with filters covers nothing for a run with other filters.
    pub query: Query,
    /// How long before the newest listed time each run begins to list.
    pub lookback: Duration,
    /// The maximum number of requests that read pending messages by their ids.
    pub refresh_requests: u64,
    /// The program and its command, for the record of the run.
    pub program: String,
    /// The name of the machine that it runs on, for the record of the run.
    pub host: String,
}

impl SyncOptions {
    /// The options that sync every message of an account.
    #[must_use]
    pub fn new(program: impl Into<String>, host: impl Into<String>) -> Self {
        Self {
            query: Query::default(),
            lookback: DEFAULT_LOOKBACK,
            refresh_requests: u64::from(Query::PUBLISHED_RATE / 2),
            program: program.into(),
            host: host.into(),
        }
    }

    /// The filters as one text; empty when there are none.
    fn scope(&self) -> String {
        let query = Query { since: None, until: None, limit: None, ..self.query.clone() };
        let parameter = |p: crate::query::Parameter| format!("{}={}", p.name, p.value);
        query.parameters().into_iter().map(parameter).collect::<Vec<_>>().join("&")
    }
}

/// The progress of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SyncProgress {
    /// Requests that were sent.
    pub requests: u64,
    /// The rows that were received so far.
    pub counts: PageCounts,
}

/// The result of a run, and what is missing after it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SyncReport {
    /// Requests that were sent.
    pub requests: u64,
    /// The rows that were received.
    pub counts: PageCounts,
    /// Whether the server sent a page at all.
    pub has_received: bool,
    /// Why the run ended early, or else the first failure that left a range unlisted.
    pub failure: Option<SourceError>,
    /// The earliest time of sending that the archive is meant to hold, in milliseconds since 1970.
    pub start: Option<i64>,
    /// The millisecond after the newest listed time, since 1970.
    pub newest: Option<i64>,
    /// The ranges between `start` and `newest` that are neither listed nor recorded as lost, oldest
    /// first.
    pub holes: Vec<TimeRange>,
    /// The recorded gaps that were not acknowledged, oldest first.
    pub gaps: Vec<GapRecord>,
    /// Messages that were sent before this time may have expired on the server, in milliseconds
    /// since 1970.
    pub edge: i64,
    /// Messages without a final status that the server still has.
    pub pending: u64,
    /// Messages that had no final status when they expired on the server.
    pub unresolved: u64,
}

impl SyncReport {
    /// Whether the archive holds everything that it is meant to hold.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.failure.is_none() && self.holes.is_empty() && self.gaps.is_empty()
    }

    /// The outcome as one word, for the record of the run.
    #[must_use]
    pub fn outcome(&self) -> &'static str {
        match &self.failure {
            Some(SourceError::Interrupted | SourceError::OutOfTime) => "interrupted",
            Some(_) if !self.has_received => "failed",
            _ if self.is_complete() => "complete",
            _ => "gaps",
        }
    }
}

/// The account of an archive that a run writes to.
pub struct ArchiveAccount<'a> {
    /// The archive.
    pub store: &'a mut dyn Store,
    /// The right to write to it.
    pub lease: &'a Lease,
    /// The account.
    pub account: AccountId,
}

/// Why a step of a run failed.
enum StepError {
    Store(StoreError),
    Source(SourceError),
}

impl From<StoreError> for StepError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Brings the archive of one account up to date, once. Calls `progress` after each page.
///
/// # Errors
/// When the archive cannot be used. A failure of the source is part of the [`SyncReport`].
pub fn sync<S: Source + Send>(
    archive: ArchiveAccount<'_>,
    source: S,
    clock: Arc<dyn Clock>,
    interrupt: &Interrupt,
    options: &SyncOptions,
    progress: &mut dyn FnMut(&SyncProgress),
) -> Result<SyncReport, StoreError> {
    let ArchiveAccount { store, lease, account } = archive;
    let (source, tracking) = TrackedSource::new(source, clock);
    let started = lock(&tracking).local_now();
    let SyncOptions { program, host, .. } = options;
    let run = store.begin_run(lease, &RunStart { account, started, program, host })?;
    let scope = options.scope();
    let writer = Writer::new(store, lease, account, run, &scope, Arc::clone(&tracking), progress);
    let mut sync =
        Sync { source, tracking, writer, interrupt, options, failures: 0, failure: None };
    match sync.steps() {
        Ok(()) => {}
        Err(StepError::Source(error)) => sync.failure = Some(error),
        Err(StepError::Store(error)) => return Err(error),
    }
    sync.settle_past()?;
    let report = sync.report()?;
    let (ended, clock_offset) = {
        let tracking = lock(&sync.tracking);
        (tracking.local_now(), tracking.offset())
    };
    let PageCounts { new, changed, .. } = report.counts;
    let (requests, rows) = (report.requests, report.counts.rows());
    let counts = RunCounts { requests, rows, new, changed, clock_offset };
    store.end_run(lease, run, ended, report.outcome(), &counts)?;
    Ok(report)
}

/// The state of a run.
struct Sync<'a, S> {
    source: TrackedSource<S>,
    tracking: Arc<Mutex<Tracking>>,
    writer: Writer<'a>,
    interrupt: &'a Interrupt,
    options: &'a SyncOptions,
    /// The number of failures since the last response.
    failures: u32,
    /// The first failure that left a range unlisted.
    failure: Option<SourceError>,
}

impl<S: Source + Send> Sync<'_, S> {
    fn steps(&mut self) -> Result<(), StepError> {
        self.read_server_clock()?;
        self.writer.withdraw_claims()?;
        let ledger = self.writer.ledger()?;
        let start = match ledger.start {
            Some(start) => start,
            None => self.writer.set_start(self.edge() + FIRST_MARGIN)?,
        };
        self.last_chance()?;
        let since = start.max(self.edge());
        if let Some(newest) = ledger.newest() {
            self.list_all(&ledger.uncovered(TimeRange { since, until: newest }))?;
        }
        let lookback = i64::try_from(self.options.lookback.as_millis()).unwrap_or(i64::MAX);
        let head =
            ledger.newest().map_or(since, |newest| newest.saturating_sub(lookback).max(since));
        self.list_all(&[TimeRange { since: head, until: i64::MAX }])?;
        self.list_again()?;
        self.refresh()
    }

    /// Records the times whose messages expired before they were listed. This comes last, after the
    /// times that the server still had, so that what is lost is one gap.
    fn settle_past(&mut self) -> Result<(), StoreError> {
        if lock(&self.tracking).offset().is_none() {
            // Without a response, the server's clock is not known.
            return Ok(());
        }
        self.writer.withdraw_claims()?;
        self.writer.record_lost(self.edge())?;
        self.writer.fold(self.edge())
    }

    /// Messages that were sent before this time may have expired on the server.
    fn edge(&self) -> i64 {
        lock(&self.tracking).edge()
    }

    fn server_now(&self) -> i64 {
        lock(&self.tracking).server_now()
    }

    /// Requests one row, because the response states the server's clock, on which the ranges to list
    /// depend.
    fn read_server_clock(&mut self) -> Result<(), StepError> {
        let query = Query { limit: Some(1), extent: Extent::OnePage, ..self.filters() };
        self.source.fetch(&query).map(|_| ()).map_err(StepError::Source)
    }

    /// The query with its filters alone, without a time range and a limit.
    fn filters(&self) -> Query {
        let query = self.options.query.clone();
        Query { since: None, until: None, limit: None, extent: Extent::All, ..query }
    }

    /// Reads the pending messages of the oldest hours that the server keeps, oldest first, by their
    /// ids or by listing their times, whichever takes fewer requests. This comes first, because
    /// their final status is lost when they expire.
    fn last_chance(&mut self) -> Result<(), StepError> {
        for range in self.due_again(LAST_AGE)? {
            let pending = self.writer.count_pending(range)?;
            if pending == 0 {
                continue;
            }
            if refresh::requests_for_ids(pending) < self.writer.requests_for_listing(range)? {
                self.read_pending(range, u64::MAX)?;
            } else {
                self.list(range, &[])?;
            }
        }
        Ok(())
    }

    /// Lists the times that were listed only when they were young.
    fn list_again(&mut self) -> Result<(), StepError> {
        for age in [LAST_AGE, LATE_AGE] {
            for range in self.due_again(age)? {
                self.list(range, &[])?;
            }
        }
        Ok(())
    }

    fn due_again(&mut self, age: i64) -> Result<Vec<TimeRange>, StepError> {
        let listed = self.writer.ledger()?.listed;
        Ok(due_again(&listed, age, self.server_now(), self.edge()))
    }

    /// Counts a failed request, and keeps the first failure.
    ///
    /// # Errors
    /// Returns the failure, which ends the run, if further requests would fail too.
    fn note_failure(&mut self, error: SourceError) -> Result<(), StepError> {
        self.failures += 1;
        if error.stops_further_requests() || self.failures >= MAX_FAILURES_IN_A_ROW {
            return Err(StepError::Source(error));
        }
        self.failure.get_or_insert(error);
        Ok(())
    }

    fn report(&mut self) -> Result<SyncReport, StoreError> {
        let ledger = self.writer.ledger()?;
        let (edge, requests) = {
            let tracking = lock(&self.tracking);
            (tracking.edge(), tracking.requests())
        };
        let pending = self.writer.count_pending(TimeRange { since: edge, until: i64::MAX })?;
        let unresolved = self.writer.count_pending(TimeRange { since: i64::MIN, until: edge })?;
        Ok(SyncReport {
            requests,
            counts: self.writer.counts(),
            has_received: self.writer.has_received(),
            failure: self.failure.take(),
            start: ledger.start,
            newest: ledger.newest(),
            holes: ledger.holes(),
            gaps: ledger.gaps.into_iter().filter(|gap| gap.acknowledged.is_none()).collect(),
            edge,
            pending,
            unresolved,
        })
    }
}
