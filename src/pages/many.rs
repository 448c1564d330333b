//! One question that takes several requests a page: its parts' pages, merged newest first.
//!
//! Memory holds one page of each part, however many rows go by.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use std::vec;

use super::response_rows::sent_millis;
use super::response_size::ResponseSize;
use super::{History, Pages, Resume, RunReport};
use crate::model::{Identity, Log, Page, TimeRange, Timestamp};
use crate::query::{Extent, Query};
use crate::source::{Gap, Source, SourceError, SourceKind};

/// All pages of a query, however long its id lists are. With `resume`, continues an earlier run over
/// the same window.
pub fn ask<S: Source + Send + 'static>(
    source: S,
    query: Query,
    now: Timestamp,
    resume: Option<Resume>,
) -> Box<dyn Pages> {
    let parts = query.split_ids();
    if parts.len() == 1 {
        let history = History::new(source, query, now);
        return Box::new(match resume {
            Some(resume) => history.resuming(resume),
            None => history,
        });
    }
    let many = Many::new(source, parts, now);
    Box::new(match resume {
        Some(resume) => many.resuming(resume),
        None => many,
    })
}

/// The pages of several queries as if they were one, newest rows first.
///
/// A row that two queries return is passed on once. The number of rows counts over all of them;
/// [`Extent::OnePage`] sends each query once and passes on as many rows as one response would have
/// held.
pub(super) struct Many<S> {
    heads: Vec<Head<S>>,
    /// The next row of each query: its time, then the queries in order.
    queue: BinaryHeap<(i64, Reverse<usize>)>,
    left: u64,
    /// The rows passed on of the latest time.
    at: (i64, HashSet<Identity>),
    rows: u64,
    duplicates: u64,
    reached: Option<i64>,
    /// A failure that is reported after the rows before it.
    failure: Option<SourceError>,
    /// Every row from this instant on was passed on.
    covered: i64,
    /// Gaps of the run that is resumed.
    earlier_gaps: Vec<Gap>,
    state: State,
}

#[derive(PartialEq, Eq)]
enum State {
    New,
    Going,
    Done,
}

/// One question, and what is left of its latest page.
struct Head<S> {
    pages: History<Shared<S>>,
    rows: vec::IntoIter<Log>,
    next: Option<Log>,
    at: i64,
}

/// One source for several histories, which take turns.
struct Shared<S>(Arc<Mutex<S>>);

impl<S: Source> Source for Shared<S> {
    fn fetch(&mut self, query: &Query) -> Result<Page, SourceError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fetch(query)
    }

    fn kind(&self) -> SourceKind {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).kind()
    }

    fn retention(&self) -> Option<Duration> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retention()
    }

    fn set_deadline(&mut self, deadline: Option<Duration>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).set_deadline(deadline);
    }
}

impl<S: Source + Send> Head<S> {
    /// Moves to the next row, asking for the next page where need be.
    fn advance(&mut self) -> Result<(), SourceError> {
        loop {
            if let Some(log) = self.rows.next() {
                // A row without a usable moment stays behind the row before it.
                self.at = sent_millis(&log).unwrap_or(self.at).min(self.at);
                self.next = Some(log);
                return Ok(());
            }
            match self.pages.next_page() {
                None => return Ok(()),
                Some(page) => self.rows = page?.logs.into_iter(),
            }
        }
    }
}

impl<S: Source + Send> Many<S> {
    /// Asks `source` all the questions, which differ in their ids alone.
    pub(super) fn new(source: S, queries: Vec<Query>, now: Timestamp) -> Self {
        let extent = queries.first().map(|query| query.extent).unwrap_or_default();
        let limit = queries.first().and_then(|query| query.limit).unwrap_or(Query::DEFAULT_ROWS);
        let source = Arc::new(Mutex::new(source));
        let size = ResponseSize::default();
        let heads = queries.into_iter().map(|query| Head {
            pages: History::new(Shared(Arc::clone(&source)), query, now).sharing(size.clone()),
            rows: Vec::new().into_iter(),
            next: None,
            at: i64::MAX,
        });
        Self {
            heads: heads.collect(),
            queue: BinaryHeap::new(),
            left: match extent {
                Extent::OnePage => u64::from(limit),
                Extent::Rows(rows) => rows,
                Extent::All => u64::MAX,
            },
            at: (i64::MAX, HashSet::new()),
            rows: 0,
            duplicates: 0,
            reached: None,
            failure: None,
            covered: i64::MAX,
            earlier_gaps: Vec::new(),
            state: State::New,
        }
    }

    /// Continues an earlier run over the same window, as [`History::resuming`] does.
    #[must_use]
    pub(super) fn resuming(mut self, resume: Resume) -> Self {
        let Resume { since, gaps, order_proved, expired_before, undated } = resume;
        self.covered = since.millis();
        self.earlier_gaps = gaps;
        let resumed = |head: Head<S>| {
            let (gaps, undated) = (Vec::new(), undated.clone());
            let resume = Resume { since, gaps, order_proved, expired_before, undated };
            Head { pages: head.pages.resuming(resume), ..head }
        };
        self.heads = self.heads.into_iter().map(resumed).collect();
        self
    }

    /// The range that is passed on completely and that no earlier page covers.
    fn cover(&mut self, since: i64) -> Option<TimeRange> {
        let range = TimeRange { since, until: self.covered };
        self.covered = since.min(self.covered);
        (!range.is_empty()).then_some(range)
    }

    /// What the pages cover down to when the row that was passed on last is of the instant `at`.
    fn covered_since(&self) -> i64 {
        let is_over = self.queue.is_empty() && self.failure.is_none() && self.left > 0;
        if !is_over {
            return self.at.0.saturating_add(1);
        }
        self.heads.iter().map(|head| head.pages.covered_since()).max().unwrap_or(i64::MAX)
    }

    /// Puts a question's next row into the queue.
    fn enqueue(&mut self, index: usize) {
        let Some(head) = self.heads.get_mut(index) else { return };
        match head.advance() {
            Ok(()) if head.next.is_some() => self.queue.push((head.at, Reverse(index))),
            Ok(()) => {}
            Err(error) => self.failure = Some(error),
        }
    }

    /// The newest remaining row that was not passed on yet.
    fn next_row(&mut self) -> Option<Log> {
        while self.failure.is_none() && self.left > 0 {
            let (at, Reverse(index)) = self.queue.pop()?;
            let log = self.heads.get_mut(index).and_then(|head| head.next.take())?;
            if self.at.0 != at {
                self.at.0 = at;
                self.at.1.clear();
            }
            let new = self.at.1.insert(log.identity());
            self.left -= u64::from(new);
            // Not before a further row is wanted: it may take a request.
            if self.left > 0 {
                self.enqueue(index);
            }
            if new {
                self.reached = sent_millis(&log).or(self.reached);
                return Some(log);
            }
            self.duplicates += 1;
        }
        None
    }
}

impl<S: Source + Send> Pages for Many<S> {
    fn next_page(&mut self) -> Option<Result<Page, SourceError>> {
        if self.state == State::Done {
            return None;
        }
        let first = std::mem::replace(&mut self.state, State::Going) == State::New;
        if first {
            for index in 0..self.heads.len() {
                if self.failure.is_none() {
                    self.enqueue(index);
                }
            }
        }
        let mut page = Page::default();
        while page.logs.len() < Query::MAX_ROWS as usize {
            let Some(log) = self.next_row() else { break };
            page.bytes += log.json().len();
            page.logs.push(log);
        }
        self.rows += page.logs.len() as u64;
        page.covers = self.cover(self.covered_since());
        if !page.logs.is_empty() || page.covers.is_some() {
            return Some(Ok(page));
        }
        self.state = State::Done;
        match self.failure.take() {
            Some(error) => Some(Err(error)),
            None => first.then_some(Ok(page)),
        }
    }

    fn report(&self) -> RunReport {
        let mut all = RunReport {
            rows: self.rows,
            duplicates: self.duplicates,
            reached: self.reached.map(Timestamp::from_millis),
            gaps: self.earlier_gaps.clone(),
            order_proved: true,
            ..RunReport::default()
        };
        for report in self.heads.iter().map(|head| head.pages.report()) {
            all.requests += report.requests;
            all.pages += report.pages;
            all.bytes += report.bytes;
            all.duplicates += report.duplicates;
            (all.since, all.until) = (report.since, report.until);
            all.anomalies.add(&report.anomalies, 0);
            all.order_proved &= report.order_proved;
            all.expired_before = all.expired_before.or(report.expired_before);
            for gap in report.gaps {
                // What has left the source is missing in every part.
                if !all.gaps.contains(&gap) {
                    all.gaps.push(gap);
                }
            }
        }
        if self.left == 0 {
            // Older than the rows that were wanted.
            let reached = all.reached.map(Timestamp::millis);
            all.gaps.retain(|gap| gap.until.map(Timestamp::millis) >= reached);
        }
        all
    }
}
