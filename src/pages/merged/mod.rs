//! The pages of a query of several parts, each of which takes its own requests: their rows are merged,
//! newest first.
//!
//! Memory holds one page of each part, and a limited number of rows of parts that are read ahead.
//! Nothing here decides how a query is split into parts.

mod part;
mod repeated_rows;

use std::collections::{BinaryHeap, VecDeque};

use self::part::{Part, parts_that_move_on};
use self::repeated_rows::RepeatedRows;
use super::awaited::Awaited;
use super::history::ExpiredAtFirst;
use super::history::History;
use super::response_rows::sent_millis;
use super::response_size::{ResponseRoom, ResponseSize};
use super::shared_source::SharedSource;
use super::{Pages, Resume, RunReport};
use crate::model::{Identity, Log, Page, TimeRange, Timestamp};
use crate::query::{Extent, Query};
use crate::source::{Gap, Source, SourceError};

/// The maximum number of rows of all pages in memory, unless pages for that number of parts would be
/// shorter than [`MIN_PAGE_ROWS`].
const MAX_ROWS_IN_MEMORY: usize = 10_000;
const MIN_PAGE_ROWS: usize = 100;

/// The pages of a query, also if it takes several requests for each page. With `resume`, continues an
/// earlier run over the same window. `now` is the time of this machine, by which rows from the future
/// are recognized.
pub fn list<S: Source + Send + 'static>(
    source: S,
    query: Query,
    now: Timestamp,
    resume: Option<Resume>,
) -> Box<dyn Pages> {
    let parts = query.parts();
    if parts.len() == 1 {
        let history = History::new(source, query, now);
        return Box::new(match resume {
            Some(resume) => history.resuming(resume),
            None => history,
        });
    }
    let many = MergedPages::new(source, parts, now);
    Box::new(match resume {
        Some(resume) => many.resuming(resume),
        None => many,
    })
}

/// The pages of several queries as if they were one, newest rows first.
///
/// A row that two queries return is returned once. The number of rows applies to all of them together.
/// With [`Extent::OnePage`], each query is sent once, and the newest rows of all responses are
/// returned: as many as the limit, or fewer if a response may lack the next row.
pub(super) struct MergedPages<S> {
    parts: Vec<Part<S>>,
    source: SharedSource<S>,
    /// The known length of responses.
    size: ResponseSize,
    /// The limit of each request, if every part is requested once.
    one_page: Option<u32>,
    /// The number of requests that found out whether a response had room for more rows.
    proofs: u64,
    /// The next row of each part. Of rows of the same time, that of the last part comes first, because
    /// its status is the later one.
    queue: BinaryHeap<NextRow>,
    left: u64,
    repeated: RepeatedRows,
    rows: u64,
    duplicates: u64,
    reached: Option<i64>,
    /// A failure that is reported after the rows before it.
    failure: Option<SourceError>,
    /// Rows without a usable time that are returned before the failure.
    undated: VecDeque<(usize, Log)>,
    /// Whether a response may lack the next row.
    is_cut: bool,
    /// Every row from this instant on was returned.
    covered: i64,
    /// The gaps of the run that is resumed.
    earlier_gaps: Vec<Gap>,
    /// Rows of that run that must be received again.
    awaited: Awaited,
    /// The query of the first part, whose window is that of all parts.
    window: Query,
    /// The number of rows of the pages that are returned.
    page_rows: usize,
    state: PartsState,
}

#[derive(PartialEq, Eq)]
enum PartsState {
    New,
    Going,
    Done,
}

/// The next row of a part.
struct NextRow {
    at: i64,
    part: usize,
    log: Log,
}

impl NextRow {
    fn place(&self) -> (i64, usize) {
        (self.at, self.part)
    }
}

impl PartialEq for NextRow {
    fn eq(&self, other: &Self) -> bool {
        self.place() == other.place()
    }
}

impl Eq for NextRow {}

impl PartialOrd for NextRow {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for NextRow {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.place().cmp(&other.place())
    }
}

impl<S: Source + Send> MergedPages<S> {
    /// The merged pages of these queries, which are the [parts](Query::parts) of one.
    pub(super) fn new(source: S, queries: Vec<Query>, now: Timestamp) -> Self {
        let extent = queries.first().map(|query| query.extent).unwrap_or_default();
        let limit = queries.first().and_then(|query| query.limit).unwrap_or(Query::DEFAULT_ROWS);
        let window = queries.first().cloned().unwrap_or_default();
        let (source, size) = (SharedSource::new(source), ResponseSize::default());
        let known = (size.clone(), ExpiredAtFirst::default());
        let moves_on = parts_that_move_on(&queries);
        let page_rows = (MAX_ROWS_IN_MEMORY / queries.len().max(1)).max(MIN_PAGE_ROWS);
        let page_rows = u32::try_from(page_rows).unwrap_or(Query::MAX_ROWS).min(Query::MAX_ROWS);
        let part = |(query, moves_on): (Query, bool)| {
            Part::new(source.clone(), query, now, known.clone(), moves_on).with_page_rows(page_rows)
        };
        let parts: Vec<_> = queries.into_iter().zip(moves_on).map(part).collect();
        let min_undated = Query::MAX_ROWS as usize * parts.len().min(10);
        Self {
            parts,
            source,
            size,
            one_page: (extent == Extent::OnePage).then_some(limit),
            proofs: 0,
            queue: BinaryHeap::new(),
            left: match extent {
                Extent::OnePage => u64::from(limit),
                Extent::Rows(rows) => rows,
                Extent::All => u64::MAX,
            },
            repeated: RepeatedRows::new(min_undated),
            rows: 0,
            duplicates: 0,
            reached: None,
            failure: None,
            undated: VecDeque::new(),
            is_cut: false,
            covered: i64::MAX,
            earlier_gaps: Vec::new(),
            awaited: Awaited::default(),
            window,
            page_rows: Query::MAX_ROWS as usize,
            state: PartsState::New,
        }
    }

    /// Requests this many rows per page, at least 1, and returns pages of as many rows.
    #[cfg(test)]
    #[must_use]
    pub(super) fn with_page_rows(mut self, rows: u32) -> Self {
        self.page_rows = rows as usize;
        self.parts = self.parts.into_iter().map(|part| part.with_page_rows(rows)).collect();
        self
    }

    /// Continues an earlier run over the same window, as [`History::resuming`] does.
    #[must_use]
    pub(super) fn resuming(mut self, resume: Resume) -> Self {
        let Resume {
            since,
            gaps,
            order_proved,
            expired_before,
            undated,
            unproved_end,
            edges,
            awaited,
        } = resume;
        self.awaited = Awaited::new(awaited);
        self.covered = since.millis();
        self.earlier_gaps = gaps;
        let edges = edges.into_iter().chain(std::iter::repeat(None));
        let resumed = |(part, edge): (Part<S>, Option<Timestamp>)| {
            let (gaps, undated, awaited) = (Vec::new(), undated.clone(), Vec::new());
            part.resuming(Resume {
                since,
                gaps,
                order_proved,
                expired_before,
                undated,
                edges: vec![edge],
                unproved_end,
                awaited,
            })
        };
        self.parts = self.parts.into_iter().zip(edges).map(resumed).collect();
        self
    }

    /// For each part, the time of one of its rows that is known and not covered. There is none for a
    /// part whose rows can change their status group, because a resumed run may not receive them.
    fn edges(&self) -> Vec<Option<Timestamp>> {
        let mut edges = vec![None; self.parts.len()];
        for NextRow { part, log, .. } in &self.queue {
            if let Some(edge) = edges.get_mut(*part) {
                *edge = sent_millis(log);
            }
        }
        let edges = edges.into_iter().zip(&self.parts).enumerate();
        let known = edges.map(|(index, (next, part))| {
            let latest = self.repeated.has_row_of(index).then(|| self.repeated.at());
            latest.or(next).filter(|_| part.keeps_its_rows())
        });
        known.map(|edge| edge.map(Timestamp::from_millis)).collect()
    }

    /// The rows without a usable time that were read and not returned yet.
    fn waiting(&self) -> Vec<Identity> {
        let next = self.queue.iter().map(|next| &next.log);
        let next = next.filter(|log| sent_millis(log).is_none());
        next.chain(self.parts.iter().flat_map(Part::undated)).map(Log::identity).collect()
    }

    /// Returns the range that was returned completely and that no earlier page covers, and marks it as
    /// covered.
    fn cover(&mut self) -> Option<TimeRange> {
        if self.one_page.is_some() {
            return None;
        }
        let since = self.covered_since();
        let range = TimeRange { since, until: self.covered };
        self.covered = since.min(self.covered);
        (!range.is_empty()).then_some(range)
    }

    /// Whether no part has a row left, although more rows could be returned.
    fn is_over(&self) -> bool {
        self.state != PartsState::New && self.queue.is_empty() && self.left > 0
    }

    /// The instant down to which the pages cover the window.
    fn covered_since(&self) -> i64 {
        if !self.is_over() || self.failure.is_some() {
            return self.repeated.at().saturating_add(1);
        }
        self.parts.iter().map(Part::covered_since).max().unwrap_or(i64::MAX)
    }

    /// Puts the next row of a part into the queue.
    fn enqueue(&mut self, index: usize) {
        let Some(part) = self.parts.get_mut(index) else { return };
        match part.next() {
            Ok(Some((at, log))) => self.queue.push(NextRow { at, part: index, log }),
            Ok(None) => {
                let read = part.read();
                if let Err(error) = self.check_room(read) {
                    self.fail(error);
                }
            }
            Err(error) => self.fail(error),
        }
    }

    /// Ends the run. Rows that were read but not returned are missing; the gap of the failed part
    /// includes their times. Rows without a usable time are in no gap, so they are returned.
    fn fail(&mut self, error: SourceError) {
        self.failure = Some(error);
        let waiting = std::mem::take(&mut self.queue).into_vec();
        let waiting = waiting.into_iter().filter(|next| sent_millis(&next.log).is_none());
        self.undated = waiting.map(|next| (next.part, next.log)).collect();
        for (index, part) in self.parts.iter_mut().enumerate() {
            self.undated.extend(part.take_undated().map(|log| (index, log)));
        }
    }

    /// Finds out whether the only response of a part had all of its rows: a server may return fewer
    /// rows than requested, and rows that follow in other parts would then come too early.
    fn check_room(&mut self, sent: usize) -> Result<(), SourceError> {
        let Some(limit) = self.one_page.filter(|_| sent > 0) else { return Ok(()) };
        let is_known = |size: &ResponseSize| {
            size.room(sent, limit as usize) != ResponseRoom::Unknown || size.is_capped()
        };
        if !is_known(&self.size) {
            // Without filters and time range, the server should have more rows.
            let twice = u32::try_from(sent * 2 + 1).unwrap_or(Query::MAX_ROWS);
            let open = Query { limit: Some(twice.min(Query::MAX_ROWS)), ..Query::default() };
            self.proofs += 1;
            let other = self.source.fetch(&open)?.logs.len();
            self.size.note(other);
            let known: usize = self.parts.iter().map(Part::read).sum();
            if known > other && other < open.limit.unwrap_or_default() as usize {
                self.size.note_cap();
            }
        }
        self.is_cut = self.size.room(sent, limit as usize) == ResponseRoom::None;
        Ok(())
    }

    /// The newest row that is left and was not returned yet.
    fn next_row(&mut self) -> Option<Log> {
        while self.failure.is_none() && self.left > 0 && !self.is_cut {
            let NextRow { at, part, log } = self.queue.pop()?;
            let time = sent_millis(&log);
            let is_new = self.repeated.note(part, at, time.is_some(), log.identity());
            self.left -= u64::from(is_new);
            // This can take a request, so it is done only if a further row is to be returned.
            if self.left > 0 {
                self.enqueue(part);
            }
            if is_new {
                self.reached = time.or(self.reached);
                return Some(log);
            }
            self.duplicates += 1;
        }
        self.next_undated()
    }

    /// The next row without a usable time, which is returned although the run has failed.
    fn next_undated(&mut self) -> Option<Log> {
        while self.left > 0 {
            let (part, log) = self.undated.pop_front()?;
            let at = self.repeated.at();
            if self.repeated.note(part, at, false, log.identity()) {
                self.left -= 1;
                return Some(log);
            }
            self.duplicates += 1;
        }
        None
    }
}

impl<S: Source + Send> Pages for MergedPages<S> {
    fn next_page(&mut self) -> Option<Result<Page, SourceError>> {
        if self.state == PartsState::Done {
            return None;
        }
        let first = std::mem::replace(&mut self.state, PartsState::Going) == PartsState::New;
        if first {
            for index in 0..self.parts.len() {
                if self.failure.is_none() && self.left > 0 {
                    self.enqueue(index);
                }
            }
        }
        let mut page = Page::default();
        while page.logs.len() < self.page_rows {
            let Some(log) = self.next_row() else { break };
            page.bytes += log.json().len();
            self.awaited.note(&log);
            page.logs.push(log);
        }
        self.rows += page.logs.len() as u64;
        page.covers = self.cover();
        if !page.logs.is_empty() || page.covers.is_some() {
            return Some(Ok(page));
        }
        self.state = PartsState::Done;
        match self.failure.take() {
            Some(error) => Some(Err(error)),
            None => first.then_some(Ok(page)),
        }
    }

    fn report(&self) -> RunReport {
        let mut all = RunReport {
            requests: self.proofs,
            rows: self.rows,
            duplicates: self.duplicates,
            reached: self.reached.map(Timestamp::from_millis),
            gaps: self.earlier_gaps.clone(),
            order_proved: true,
            edges: self.edges(),
            waiting: self.waiting(),
            ..RunReport::default()
        };
        for report in self.parts.iter().map(Part::report) {
            all.requests += report.requests;
            all.pages += report.pages;
            all.bytes += report.bytes;
            all.duplicates += report.duplicates;
            (all.since, all.until) = (report.since, report.until);
            all.anomalies.add(&report.anomalies, 0);
            all.order_proved &= report.order_proved;
            all.unproved_end = all.unproved_end.max(report.unproved_end);
            all.expired_before = all.expired_before.or(report.expired_before);
            for gap in report.gaps {
                // Expired messages are the same gap in every part.
                if !all.gaps.contains(&gap) {
                    all.gaps.push(gap);
                }
            }
        }
        if self.is_over() {
            all.gaps.extend(self.awaited.gap(&self.window));
        }
        if self.left == 0 {
            // Gaps below the last row that was to be returned do not matter.
            let reached = all.reached.map(Timestamp::millis);
            all.gaps.retain(|gap| gap.until.map(Timestamp::millis) >= reached);
        }
        all
    }
}
