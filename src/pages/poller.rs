//! A source that is polled, with as few requests as possible and no incomplete response.
//!
//! A listing proves with one more request that a short response was the end; to do so at every poll
//! would double the requests. Here a response is proved complete when it is longer than every one
//! before, and from time to time. A caller that requests the same time range at every poll needs
//! the latter only.

use std::time::Duration;

use super::response_rows::sent_millis;
use super::{History, Pages};
use crate::model::{Log, Page, Timestamp};
use crate::query::{Extent, Query};
use crate::source::{Gap, Source, SourceError};

/// One in this many responses that a server may have cut off is proved complete.
pub(super) const PROOF_EVERY: u32 = 12;
/// A shorter response is not cut off: a server that ignores the limit returns this many rows.
const SUSPICIOUS: usize = Query::DEFAULT_ROWS as usize;

/// When a response is proved complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// When it is longer than every one before, and from time to time.
    Now,
    /// From time to time: the next polls request what is missing again.
    Later,
}

/// The newest rows of a query.
#[derive(Default)]
pub(super) struct Start {
    pub(super) logs: Vec<Log>,
    /// The time of sending from which on these are all rows; `None` when there are no others.
    pub(super) cut_at: Option<i64>,
    /// The time that the first response states.
    pub(super) server_time: Option<Timestamp>,
}

/// A source, and how long its responses are.
pub(super) struct Poller<S> {
    source: S,
    /// Responses up to this length were proved complete.
    complete_up_to: usize,
    /// Responses from this length on are cut off.
    cut_from: usize,
    /// How many responses came since the last proof.
    unproven: u32,
}

impl<S: Source + Send> Poller<S> {
    pub(super) fn new(source: S) -> Self {
        let cut_from = Query::MAX_ROWS as usize;
        Self { source, complete_up_to: SUSPICIOUS - 1, cut_from, unproven: PROOF_EVERY }
    }

    /// Ends every later request at this time.
    pub(super) fn set_deadline(&mut self, deadline: Option<Duration>) {
        self.source.set_deadline(deadline);
    }

    /// How long the source keeps messages.
    pub(super) fn retention(&self) -> Option<Duration> {
        self.source.retention()
    }

    /// The newest rows: as many as are wanted, or as one response holds if that is more.
    pub(super) fn start(
        &mut self,
        query: &Query,
        wanted: usize,
        now: Timestamp,
    ) -> Result<Start, SourceError> {
        let mut start = Start::default();
        for part in query.parts() {
            let (page, is_cut) = if wanted > Query::MAX_ROWS as usize {
                self.several(part, wanted as u64, now)?
            } else {
                self.newest(&part, Proof::Now)?
            };
            if is_cut {
                start.cut_at = start.cut_at.max(page.logs.iter().filter_map(sent_millis).min());
            }
            start.server_time = start.server_time.or(page.server_time);
            start.logs.extend(page.logs);
        }
        Ok(start)
    }

    /// Passes on every row that fits the query, a page at a time, some perhaps twice; returns the
    /// gaps. `now` ends the paging when the query has no end.
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
                gaps.extend(self.rest(part, (length, oldest), now, &mut take)?);
            }
        }
        Ok(gaps)
    }

    /// The newest rows that one response holds, and whether there may be older ones.
    fn newest(&mut self, query: &Query, proof: Proof) -> Result<(Page, bool), SourceError> {
        let query = Query { limit: Some(Query::MAX_ROWS), ..query.clone() };
        let page = self.source.fetch(&query)?;
        let rows = page.logs.len();
        self.unproven += u32::from(rows >= SUSPICIOUS);
        let is_due = self.unproven >= PROOF_EVERY;
        let is_suspicious = match proof {
            Proof::Now => rows > self.complete_up_to || (rows == self.complete_up_to && is_due),
            Proof::Later => rows >= SUSPICIOUS && is_due,
        };
        Ok((page, rows >= self.cut_from || is_suspicious))
    }

    /// This many of the newest rows, and whether there may be older ones.
    fn several(
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

    /// Pages through what is older than a response of this length that goes back to `oldest`, and
    /// learns whether that response was cut off.
    fn rest(
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
