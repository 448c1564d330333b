//! A source that is asked again and again: as few requests as can be, and never half an answer.
//!
//! A single run proves that a short answer was the end by one more request; to do so at every poll
//! would double them. Here that proof is had for answers longer than any before, and now and then.
//! Who asks for the same stretch at every poll can do with now and then alone.

use std::time::Duration;

use super::answer::moment;
use super::{History, Pages};
use crate::model::{Log, Timestamp};
use crate::query::{Extent, Query};
use crate::source::{Gap, Source, SourceError};

/// Now and then: once in so many answers that a server may have cut off.
pub(super) const PROOF_EVERY: u32 = 12;
/// A shorter answer is not taken for cut off: a server that does not heed the limit gives so many.
const SUSPICIOUS: usize = Query::DEFAULT_ROWS as usize;

/// When an answer is proven to be whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// When it is longer than any that was, and now and then.
    Now,
    /// Now and then: what is missing is asked for again by the next polls.
    Later,
}

/// A source, and how long its answers are.
pub(super) struct Asking<S> {
    source: S,
    /// Answers up to this length were proven to be whole.
    whole: usize,
    /// Answers from this length on are cut off.
    cut: usize,
    /// How many answers came since the last proof.
    unproven: u32,
}

impl<S: Source + Send> Asking<S> {
    pub(super) fn new(source: S) -> Self {
        let cut = Query::MOST_ROWS as usize;
        Self { source, whole: SUSPICIOUS - 1, cut, unproven: PROOF_EVERY }
    }

    /// Ends every later request at this time.
    pub(super) fn set_deadline(&mut self, deadline: Option<Duration>) {
        self.source.set_deadline(deadline);
    }

    /// How long the source keeps messages.
    pub(super) fn retention(&self) -> Option<Duration> {
        self.source.retention()
    }

    /// The newest rows: as many as are wanted, or as one answer holds if that is more. Where older
    /// ones may be left, says down to which moment these are all.
    pub(super) fn start(
        &mut self,
        query: &Query,
        wanted: usize,
        now: Timestamp,
    ) -> Result<(Vec<Log>, Option<i64>), SourceError> {
        let mut rows = Vec::new();
        let mut cut_at = None;
        for part in query.split_ids() {
            let (logs, is_cut) = if wanted > Query::MOST_ROWS as usize {
                self.several(part, wanted as u64, now)?
            } else {
                self.newest(&part, Proof::Now)?
            };
            if is_cut {
                cut_at = cut_at.max(logs.iter().filter_map(moment).min());
            }
            rows.extend(logs);
        }
        Ok((rows, cut_at))
    }

    /// Hands on every row that fits the query, a page at a time, some perhaps twice; gives the
    /// stretches that could not be listed. `now` ends the paging when the query names no end.
    pub(super) fn all(
        &mut self,
        query: &Query,
        now: Timestamp,
        proof: Proof,
        mut take: impl FnMut(Vec<Log>),
    ) -> Result<Vec<Gap>, SourceError> {
        let mut gaps = Vec::new();
        for part in query.split_ids() {
            let (logs, may_be_cut) = self.newest(&part, proof)?;
            let length = logs.len();
            let oldest = logs.iter().filter_map(moment).min();
            take(logs);
            if may_be_cut {
                gaps.extend(self.rest(part, (length, oldest), now, &mut take)?);
            }
        }
        Ok(gaps)
    }

    /// The newest rows that one answer holds; and whether older ones may be left.
    fn newest(&mut self, query: &Query, proof: Proof) -> Result<(Vec<Log>, bool), SourceError> {
        let query = Query { limit: Some(Query::MOST_ROWS), ..query.clone() };
        let logs = self.source.fetch(&query)?.logs;
        let rows = logs.len();
        self.unproven += u32::from(rows >= SUSPICIOUS);
        let is_due = self.unproven >= PROOF_EVERY;
        let is_suspicious = match proof {
            Proof::Now => rows > self.whole || (rows == self.whole && is_due),
            Proof::Later => rows >= SUSPICIOUS && is_due,
        };
        Ok((logs, rows >= self.cut || is_suspicious))
    }

    /// So many of the newest rows; and whether older ones may be left.
    fn several(
        &mut self,
        query: Query,
        wanted: u64,
        now: Timestamp,
    ) -> Result<(Vec<Log>, bool), SourceError> {
        let query = Query { extent: Extent::Rows(wanted), ..query };
        let mut history = History::new(&mut self.source, query, now);
        let mut rows = Vec::new();
        while let Some(page) = history.next_page() {
            rows.extend(page?.logs);
        }
        let is_cut = rows.len() as u64 >= wanted;
        Ok((rows, is_cut))
    }

    /// Pages through what is older than an answer of this length that goes back to `oldest`, and
    /// learns whether the answer was cut off.
    fn rest(
        &mut self,
        query: Query,
        (length, oldest): (usize, Option<i64>),
        now: Timestamp,
        take: &mut impl FnMut(Vec<Log>),
    ) -> Result<Vec<Gap>, SourceError> {
        let since = query.since.map(Timestamp::millis);
        let end = oldest.filter(|oldest| since.is_none_or(|since| *oldest >= since));
        let until = end.map(Timestamp::from_millis).or(query.until);
        let query = Query { until, extent: Extent::All, ..query };
        let mut history = History::new(&mut self.source, query, now);
        let mut was_cut = false;
        while let Some(page) = history.next_page() {
            let logs = page?.logs;
            was_cut |= logs.iter().filter_map(moment).any(|at| end.is_some_and(|end| at < end));
            take(logs);
        }
        if was_cut {
            self.cut = self.cut.min(length);
        } else {
            self.whole = self.whole.max(length);
        }
        self.unproven = 0;
        Ok(history.account().gaps)
    }
}
