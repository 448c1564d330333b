//! Brings an archive up to date: what is missing, late, pending or changed is fetched and stored.
//!
//! There is no cursor that could move past a hole. A ledger states which times of sending were listed
//! completely; each page extends it in the transaction that stores its rows. A run that ends anywhere
//! leaves a ledger that says exactly what is held, and the next run fills the rest.
//!
//! Nothing here waits between runs, prints, or opens a database: a run needs a [`Source`], a
//! [`Store`] and a [`Clock`], and so can be tested in virtual time.

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

/// Messages appear in the API up to this long after they were sent as a rule: each run lists this
/// much of what it has once more.
pub const DEFAULT_LOOKBACK: Duration = Duration::from_secs(15 * 60);

/// An archive begins this much after the earliest time that the server keeps when the first run
/// starts, so that the run has the time to list it before it expires.
const FIRST_MARGIN: i64 = 5 * 60_000;

/// After this many failures with nothing received between them, the server is taken to be down.
const MAX_FAILURES_IN_A_ROW: u32 = 3;

/// Why a time is lost.
const LOST: &str = "the time was not listed before the server forgot its messages";

/// What a run synchronises.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SyncOptions {
    /// The filters, with one value each: see [`Query::parts`]. Its time range, limit and extent are
    /// not used. A run with filters covers nothing for a run with others.
    pub query: Query,
    /// How much of what was listed is listed once more by each run.
    pub lookback: Duration,
    /// How many requests may read pending messages by their ids.
    pub refresh_requests: u64,
    /// The program and what it does, for the record of the run.
    pub program: String,
    /// The machine that it runs on, for the record of the run.
    pub host: String,
}

impl SyncOptions {
    /// Synchronises every message of an account.
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

/// How far a run has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SyncProgress {
    /// Requests that were sent.
    pub requests: u64,
    /// What became of the rows so far.
    pub counts: PageCounts,
}

/// What a run did, and what is missing after it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SyncReport {
    /// Requests that were sent.
    pub requests: u64,
    /// What became of the rows that were received.
    pub counts: PageCounts,
    /// Whether the server sent anything at all.
    pub has_received: bool,
    /// Why the run ended early, or the first failure that left a range unlisted.
    pub failure: Option<SourceError>,
    /// The first millisecond of sending that the archive is meant to hold.
    pub start: Option<i64>,
    /// The millisecond after the newest that is listed.
    pub newest: Option<i64>,
    /// Times between the two that are not listed, oldest first.
    pub holes: Vec<TimeRange>,
    /// Recorded gaps that were not acknowledged, oldest first.
    pub gaps: Vec<GapRecord>,
    /// What was sent before this may be forgotten by the server, in milliseconds since 1970.
    pub edge: i64,
    /// Messages that are not final and that the server still has.
    pub pending: u64,
    /// Messages that were not final when the server forgot them.
    pub unresolved: u64,
}

impl SyncReport {
    /// Whether the archive holds everything that it is meant to hold.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.failure.is_none() && self.holes.is_empty() && self.gaps.is_empty()
    }

    /// The outcome in a word, as the record of the run has it.
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

/// Why a step ended.
enum Halt {
    Store(StoreError),
    Source(SourceError),
}

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Brings the archive of one account up to date, once. `progress` is called after each page.
///
/// # Errors
/// When the archive cannot be used. A failure of the source is part of the report.
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
        Err(Halt::Source(error)) => sync.failure = Some(error),
        Err(Halt::Store(error)) => return Err(error),
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

/// A run.
struct Sync<'a, S> {
    source: TrackedSource<S>,
    tracking: Arc<Mutex<Tracking>>,
    writer: Writer<'a>,
    interrupt: &'a Interrupt,
    options: &'a SyncOptions,
    /// Failures since anything was received.
    failures: u32,
    /// The first failure that left a range unlisted.
    failure: Option<SourceError>,
}

impl<S: Source + Send> Sync<'_, S> {
    fn steps(&mut self) -> Result<(), Halt> {
        self.read_server_clock()?;
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

    /// Records what the server has forgotten. This comes last, when everything that it still had is
    /// listed, so that what is lost is one gap.
    fn settle_past(&mut self) -> Result<(), StoreError> {
        if lock(&self.tracking).offset().is_none() {
            // The server's clock is not known.
            return Ok(());
        }
        self.writer.record_lost(self.edge(), LOST)?;
        self.writer.fold(self.edge())
    }

    /// What was sent before this may be forgotten by the server.
    fn edge(&self) -> i64 {
        lock(&self.tracking).edge()
    }

    fn server_now(&self) -> i64 {
        lock(&self.tracking).server_now()
    }

    /// One request for one row: what is missing depends on the server's clock.
    fn read_server_clock(&mut self) -> Result<(), Halt> {
        let query = Query { limit: Some(1), extent: Extent::OnePage, ..self.filters() };
        self.source.fetch(&query).map(|_| ()).map_err(Halt::Source)
    }

    /// The query without a time range and a limit.
    fn filters(&self) -> Query {
        let query = self.options.query.clone();
        Query { since: None, until: None, limit: None, extent: Extent::All, ..query }
    }

    /// Reads the pending messages of the last hours that the server keeps, oldest first, before
    /// anything else takes time: by their ids or by listing their times, whichever is fewer requests.
    fn last_chance(&mut self) -> Result<(), Halt> {
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
    fn list_again(&mut self) -> Result<(), Halt> {
        for age in [LAST_AGE, LATE_AGE] {
            for range in self.due_again(age)? {
                self.list(range, &[])?;
            }
        }
        Ok(())
    }

    fn due_again(&mut self, age: i64) -> Result<Vec<TimeRange>, Halt> {
        let listed = self.writer.ledger()?.listed;
        Ok(due_again(&listed, age, self.server_now(), self.edge()))
    }

    /// Notes that a request failed; ends the run when further ones would fail too.
    fn note_failure(&mut self, error: SourceError) -> Result<(), Halt> {
        self.failures += 1;
        if error.stops_further_requests() || self.failures >= MAX_FAILURES_IN_A_ROW {
            return Err(Halt::Source(error));
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
