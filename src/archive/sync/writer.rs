//! Writes the pages and the gaps of a run to the store, and keeps the ranges that the run listed.

use std::sync::{Arc, Mutex};

use super::SyncProgress;
use super::claims;
use super::tracked_source::{Tracking, lock};
use crate::archive::account::AccountId;
use crate::archive::error::StoreError;
use crate::archive::keyed_row::KeyedRow;
use crate::archive::lease::Lease;
use crate::archive::ledger::{GapRecord, Ledger, LedgerPiece, ListedRange, Scope};
use crate::archive::page_write::{PageCounts, PageWrite};
use crate::archive::ranges;
use crate::archive::run::RunId;
use crate::archive::selection::{PendingMessage, Selection};
use crate::archive::store::Store;
use crate::model::{Gap, Log, TimeRange, Timestamp};
use crate::query::Query;

/// One run's access to the store.
pub(super) struct Writer<'a> {
    store: &'a mut dyn Store,
    lease: &'a Lease,
    account: AccountId,
    run: RunId,
    scope: &'a str,
    tracking: Arc<Mutex<Tracking>>,
    progress: &'a mut dyn FnMut(&SyncProgress),
    counts: PageCounts,
    has_received: bool,
    /// The ranges that this run has listed.
    listed: Vec<TimeRange>,
    /// The latest time of listing by earlier runs that was believed when claims were withdrawn.
    believed_until: i64,
}

impl<'a> Writer<'a> {
    pub(super) fn new(
        store: &'a mut dyn Store,
        lease: &'a Lease,
        account: AccountId,
        run: RunId,
        scope: &'a str,
        tracking: Arc<Mutex<Tracking>>,
        progress: &'a mut dyn FnMut(&SyncProgress),
    ) -> Self {
        Self {
            store,
            lease,
            account,
            run,
            scope,
            tracking,
            progress,
            counts: PageCounts::default(),
            has_received: false,
            listed: Vec::new(),
            believed_until: i64::MAX,
        }
    }

    pub(super) fn counts(&self) -> PageCounts {
        self.counts
    }

    /// Whether a page was received.
    pub(super) fn has_received(&self) -> bool {
        self.has_received
    }

    /// The ranges that this run has listed so far, in no particular order.
    pub(super) fn listed(&self) -> &[TimeRange] {
        &self.listed
    }

    pub(super) fn ledger(&mut self) -> Result<Ledger, StoreError> {
        self.store.ledger(self.account, Scope(self.scope))
    }

    /// Sets the start of the archive, and returns it.
    pub(super) fn set_start(&mut self, start: i64) -> Result<i64, StoreError> {
        self.store.set_start(self.lease, self.account, Scope(self.scope), start)?;
        Ok(start)
    }

    /// Withdraws what the ledger claims because of a clock that was ahead. See [`claims`].
    pub(super) fn withdraw_claims(&mut self) -> Result<(), StoreError> {
        let (now, offset) = {
            let tracking = lock(&self.tracking);
            (tracking.server_now(), tracking.offset())
        };
        let runs = self.store.runs(self.account, claims::RECENT_RUNS)?;
        let mut limit = claims::believed_until(&runs, offset, now);
        if limit < self.believed_until {
            self.believed_until = limit;
        } else {
            // The earlier runs were judged before. What was left of their claims is proved, and what
            // this run has listed since is right.
            limit = claims::believed_until(&[], offset, now);
        }
        let listed = self.ledger()?.listed;
        if listed.iter().all(|piece| piece.listed_at <= limit) {
            return Ok(());
        }
        let mut newest = Vec::new();
        for piece in &listed {
            newest.push(self.newest_message(*piece, now)?);
        }
        for piece in listed.iter().filter(|piece| piece.listed_at > limit) {
            let part = claims::proved_part(piece, &listed, &newest);
            let scope = Scope(self.scope);
            self.store.correct_ledger(self.lease, self.account, scope, *piece, part)?;
        }
        Ok(())
    }

    /// The time of sending of the newest message of a piece that was sent before `now`; `None` if there is
    /// no such message, or it may come from a listing with other filters.
    fn newest_message(&mut self, piece: LedgerPiece, now: i64) -> Result<Option<i64>, StoreError> {
        if Scope(self.scope) != Scope::ALL {
            return Ok(None);
        }
        let range = TimeRange { until: piece.range.until.min(now), ..piece.range };
        let account = Some(self.account);
        let selection = Selection { account, range: Some(range), ..Selection::default() };
        Ok(self.store.rows(&selection, None, 1)?.first().map(|row| row.at))
    }

    /// Joins the pieces of the ledger from before `edge`, whose messages have expired.
    pub(super) fn fold(&mut self, edge: i64) -> Result<(), StoreError> {
        self.store.fold_ledger(self.lease, self.account, Scope(self.scope), edge)
    }

    /// Writes the rows of a page, and records the part of the requested range that the page proves:
    /// the range that the paging states, without the gaps, without the times after the first
    /// response of the listing, and without the times whose messages may have expired before its
    /// latest response.
    pub(super) fn write_listed(
        &mut self,
        logs: Vec<Log>,
        covers: Option<TimeRange>,
        requested: TimeRange,
        gaps: &[Gap],
    ) -> Result<(), StoreError> {
        let (listed_at, since) = {
            let tracking = lock(&self.tracking);
            (tracking.first_response(), tracking.proved_since())
        };
        let proved = TimeRange { since, until: listed_at };
        let requested = ranges::intersection(requested, proved);
        let covers =
            covers.zip(requested).and_then(|(one, other)| ranges::intersection(one, other));
        let gaps: Vec<_> = gaps.iter().map(range_of).collect();
        let mut pieces = covers.map(|covers| ranges::uncovered(covers, &gaps)).unwrap_or_default();
        let first = (!pieces.is_empty()).then(|| pieces.remove(0));
        self.write(logs, first, listed_at)?;
        for piece in pieces {
            self.write(Vec::new(), Some(piece), listed_at)?;
        }
        Ok(())
    }

    /// Writes rows that prove nothing about a time range.
    pub(super) fn write_rows(&mut self, logs: Vec<Log>) -> Result<(), StoreError> {
        self.write(logs, None, 0)
    }

    fn write(
        &mut self,
        logs: Vec<Log>,
        covers: Option<TimeRange>,
        listed_at: i64,
    ) -> Result<(), StoreError> {
        self.has_received = true;
        let (now, seen_at, requests) = {
            let tracking = lock(&self.tracking);
            (tracking.local_now(), tracking.server_now(), tracking.requests())
        };
        if !logs.is_empty() || covers.is_some() {
            let scope = Scope(self.scope);
            let rows: Vec<_> = logs.into_iter().map(KeyedRow::new).collect();
            let page = PageWrite {
                lease: self.lease,
                now,
                account: self.account,
                run: self.run,
                seen_at,
                rows: &rows,
                covers: covers.map(|range| ListedRange { scope, range, listed_at }),
            };
            self.counts.add(self.store.write_page(&page)?);
            self.listed.extend(covers);
        }
        (self.progress)(&SyncProgress { requests, counts: self.counts });
        Ok(())
    }

    /// Keeps the lease from expiring during a long wait.
    pub(super) fn renew_lease(&mut self) -> Result<(), StoreError> {
        let now = lock(&self.tracking).local_now();
        self.store.renew_lease(self.lease, now)
    }

    /// Records a gap for each part of a range that was never listed.
    pub(super) fn record_gap(
        &mut self,
        range: TimeRange,
        reason: &str,
        at_least: u64,
    ) -> Result<(), StoreError> {
        let now = lock(&self.tracking).server_now();
        let known = TimeRange { since: range.since, until: range.until.min(now) };
        for range in self.ledger()?.uncovered(known) {
            let gap = GapRecord {
                range,
                reason: reason.to_owned(),
                at_least,
                found: now,
                lost: None,
                acknowledged: None,
            };
            self.store.record_gap(self.lease, self.account, Scope(self.scope), &gap)?;
        }
        Ok(())
    }

    /// Records what was lost before `edge`.
    pub(super) fn record_lost(&mut self, edge: i64) -> Result<(), StoreError> {
        let now = lock(&self.tracking).server_now();
        for gap in self.ledger()?.losses(edge, now) {
            self.store.record_gap(self.lease, self.account, Scope(self.scope), &gap)?;
        }
        Ok(())
    }

    pub(super) fn count_pending(&mut self, range: TimeRange) -> Result<u64, StoreError> {
        self.store.count_pending(self.account, range)
    }

    pub(super) fn pending(
        &mut self,
        range: TimeRange,
        after: Option<&PendingMessage>,
        limit: usize,
    ) -> Result<Vec<PendingMessage>, StoreError> {
        self.store.pending(self.account, range, after, limit)
    }

    /// The number of requests that list a range, if the server has as many messages of it as the
    /// archive.
    pub(super) fn requests_for_listing(&mut self, range: TimeRange) -> Result<u64, StoreError> {
        let messages = self.store.count_messages(self.account, range)?;
        Ok(messages / u64::from(Query::MAX_ROWS) + 1)
    }

    pub(super) fn bookmark(&mut self, name: &str) -> Result<Option<i64>, StoreError> {
        self.store.bookmark(self.account, name)
    }

    pub(super) fn set_bookmark(&mut self, name: &str, value: i64) -> Result<(), StoreError> {
        self.store.set_bookmark(self.lease, self.account, name, value)
    }

    pub(super) fn scope(&self) -> &str {
        self.scope
    }
}

/// The half-open range of a gap.
fn range_of(gap: &Gap) -> TimeRange {
    TimeRange {
        since: gap.since.map_or(i64::MIN, Timestamp::millis),
        until: gap.until.map_or(i64::MAX, |until| until.millis().saturating_add(1)),
    }
}

/// The part of a gap within the requested range; `None` if the gap is outside of it.
pub(super) fn gap_within(gap: &Gap, requested: TimeRange) -> Option<TimeRange> {
    ranges::intersection(range_of(gap), requested)
}
