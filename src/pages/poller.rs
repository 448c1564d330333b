//! Polls a source with as few requests as possible, and notices incomplete responses.
//!
//! A listing proves by a further request that a short response is complete. At every poll, that would
//! double the number of requests. So a poll proves a response complete only if it is longer than every
//! response before it, and from time to time. A caller that requests the same time range at every poll
//! needs only the latter.

use std::time::Duration;

use super::response_rows::sent_millis;
use super::{History, Pages};
use crate::model::{Log, Page, Timestamp};
use crate::query::{Extent, Query};
use crate::source::{Gap, Source, SourceError};

/// Of the responses that a server may have cut off, one in this many is proved complete.
pub(super) const PROOF_EVERY: u32 = 12;
/// A response with fewer rows is not cut off: a server that ignores the limit returns this many rows.
const MIN_SUSPICIOUS_ROWS: usize = Query::DEFAULT_ROWS as usize;

/// When a response is proved complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// If it is longer than every response before it, and from time to time.
    Now,
    /// From time to time: the next polls request missing rows again.
    Later,
}

/// The newest rows of a query.
#[derive(Default)]
pub(super) struct NewestRows {
    pub(super) logs: Vec<Log>,
    /// The oldest time of sending of these rows, if the source may have older ones; `None` if these are
    /// all rows.
    pub(super) cut_at: Option<i64>,
    /// The time that the first response states.
    pub(super) server_time: Option<Timestamp>,
}

/// A source, and the known length of its responses.
pub(super) struct Poller<S> {
    source: S,
    /// Responses up to this length were proved complete.
    complete_up_to: usize,
    /// Responses from this length on are cut off.
    cut_from: usize,
    /// The number of suspicious responses since the last proof.
    unproven: u32,
}

impl<S: Source + Send> Poller<S> {
    pub(super) fn new(source: S) -> Self {
        let cut_from = Query::MAX_ROWS as usize;
        Self { source, complete_up_to: MIN_SUSPICIOUS_ROWS - 1, cut_from, unproven: PROOF_EVERY }
    }

    /// See [`Source::set_deadline`].
    pub(super) fn set_deadline(&mut self, deadline: Option<Duration>) {
        self.source.set_deadline(deadline);
    }

    /// See [`Source::retention`].
    pub(super) fn retention(&self) -> Option<Duration> {
        self.source.retention()
    }

    /// Fetches the newest rows of each part of a query: `wanted` rows, or as many as one response has
    /// if that is more.
    pub(super) fn newest_rows(
        &mut self,
        query: &Query,
        wanted: usize,
        now: Timestamp,
    ) -> Result<NewestRows, SourceError> {
        let mut newest = NewestRows::default();
        for part in query.parts() {
            let (page, is_cut) = if wanted > Query::MAX_ROWS as usize {
                self.newest_of_several_pages(part, wanted as u64, now)?
            } else {
                self.newest(&part, Proof::Now)?
            };
            if is_cut {
                newest.cut_at = newest.cut_at.max(page.logs.iter().filter_map(sent_millis).min());
            }
            newest.server_time = newest.server_time.or(page.server_time);
            newest.logs.extend(page.logs);
        }
        Ok(newest)
    }

    /// Calls `take` with every page of the query. A row can come twice. Returns the gaps. `now` is the
    /// time of this machine.
    pub(super) fn all(
        &mut self,
        query: &Query,
        now: Timestamp,
        proof: Proof,
        mut take: impl FnMut(Page),
    ) -> Result<Vec<Gap>, SourceError> {
        let mut gaps = Vec::new();
        for part in query.parts() {
            let (page, may_be_cut) = self.newest(&part, proof)?;
            let length = page.logs.len();
            let oldest = page.logs.iter().filter_map(sent_millis).min();
            take(page);
            if may_be_cut {
                gaps.extend(self.older_rows(part, (length, oldest), now, &mut take)?);
            }
        }
        Ok(gaps)
    }

    /// Fetches the newest rows with one request. Returns whether the source may have older ones.
    fn newest(&mut self, query: &Query, proof: Proof) -> Result<(Page, bool), SourceError> {
        let query = Query { limit: Some(Query::MAX_ROWS), ..query.clone() };
        let page = self.source.fetch(&query)?;
        let rows = page.logs.len();
        self.unproven += u32::from(rows >= MIN_SUSPICIOUS_ROWS);
        let is_due = self.unproven >= PROOF_EVERY;
        let is_suspicious = match proof {
            Proof::Now => rows > self.complete_up_to || (rows == self.complete_up_to && is_due),
            Proof::Later => rows >= MIN_SUSPICIOUS_ROWS && is_due,
        };
        Ok((page, rows >= self.cut_from || is_suspicious))
    }

    /// Fetches this many of the newest rows. Returns whether the source may have older ones.
    fn newest_of_several_pages(
        &mut self,
        query: Query,
        wanted: u64,
        now: Timestamp,
    ) -> Result<(Page, bool), SourceError> {
        let query = Query { extent: Extent::Rows(wanted), ..query };
        let mut history = History::new(&mut self.source, query, now);
        let mut all = Page::default();
        while let Some(page) = history.next_page() {
            let page = page?;
            all.server_time = all.server_time.or(page.server_time);
            all.logs.extend(page.logs);
        }
        let is_cut = all.logs.len() as u64 >= wanted;
        Ok((all, is_cut))
    }

    /// Pages through the rows that are older than a response of this length, which goes back to
    /// `oldest`, and records whether that response was cut off.
    fn older_rows(
        &mut self,
        query: Query,
        (length, oldest): (usize, Option<i64>),
        now: Timestamp,
        take: &mut impl FnMut(Page),
    ) -> Result<Vec<Gap>, SourceError> {
        let since = query.since.map(Timestamp::millis);
        let end = oldest.filter(|oldest| since.is_none_or(|since| *oldest >= since));
        let until = end.map(Timestamp::from_millis).or(query.until);
        let query = Query { until, extent: Extent::All, ..query };
        let mut history = History::new(&mut self.source, query, now);
        let mut was_cut = false;
        while let Some(page) = history.next_page() {
            let page = page?;
            let mut times = page.logs.iter().filter_map(sent_millis);
            was_cut |= times.any(|at| end.is_some_and(|end| at < end));
            take(page);
        }
        if was_cut {
            self.cut_from = self.cut_from.min(length);
        } else {
            self.complete_up_to = self.complete_up_to.max(length);
        }
        self.unproven = 0;
        Ok(history.report().gaps)
    }
}
