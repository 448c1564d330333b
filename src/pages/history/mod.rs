//! All rows of a window, newest first, page by page.
//!
//! The API has no cursor, so the end of the window moves down to the oldest row that was received.
//! This module must not assume whether the server includes the bounds, how precisely it reads times,
//! in which order it returns rows, and how many at once. Each page must repeat a row of the page
//! before it, the order is proved once, and a response counts as complete only if it had room for
//! more rows. Ranges that cannot be proved become gaps of the [`RunReport`].

mod crowded_instant;
mod first_page;
mod next_page;
mod order;
mod reasons;
mod retention;

use super::awaited::Awaited;
use super::boundary::{Boundary, Window};
use super::crowded_range::CrowdedRange;
use super::requester::Requester;
use super::response_rows::ResponseRows;
use super::response_size::ResponseSize;
use super::{Pages, Resume, RunReport};
use crate::model::{Page, TimeRange, Timestamp};
use crate::query::{Extent, Query};
use crate::source::{Source, SourceError};

pub(super) use self::retention::ExpiredAtFirst;
use self::retention::Reserve;

/// The part of the end of a window that a server can leave out, in milliseconds: a minute, if it reads
/// the end to the minute, and a second, if it excludes the end itself.
#[cfg(feature = "archive")]
pub(crate) const END_MARGIN: i64 = 61_000;

/// The pages of one query. The limit of the query is used for [`Extent::OnePage`] only.
///
/// The rows of a page are sorted by time of sending, newest first. Rows of one instant keep the order
/// of the server, and a row without a readable time of sending stays after the row that the server
/// sent before it. Paging never continues from such a row.
///
/// A row that overlapping pages repeat is returned once, as it was first received. A row that arrives
/// in a range that is already listed is not returned.
pub(crate) struct History<S> {
    requester: Requester<S>,
    /// The query; paging moves its end and sets its limit.
    query: Query,
    /// The number of rows that are still to be returned; `None` for all.
    left: Option<u64>,
    page_rows: u32,
    window: Window,
    boundary: Boundary,
    /// How the server handles the end of a window, as far as its responses show it.
    ends: EndHandling,
    link: Link,
    /// Whether a request must prove that the server reads the end of the window to the millisecond.
    end_is_checked: bool,
    /// The number of rows on the pages whose order is proved; see `order`.
    rows_in_order: usize,
    /// Whether the latest response had fewer rows than requested, and may still be cut off.
    was_short: bool,
    /// A range with its least number of rows. Rows of it are missing if the server returns fewer rows
    /// than requested, which an older row would show.
    incomplete_if_capped: Option<(TimeRange, usize)>,
    /// A response length for which a further request did not show whether the response had room.
    room_is_open: Option<usize>,
    /// The newest time of the first page.
    first_newest: Option<i64>,
    /// The time of a known row that is not at the start or the end of a second.
    subsecond_time: Option<i64>,
    reserve: Reserve,
    /// Rows of an earlier run that must be received again.
    awaited: Awaited,
    state: HistoryState,
    /// Every row from this instant on was returned, unless a gap contains it.
    covered: i64,
    /// Whether a page was returned, possibly an empty one.
    has_started: bool,
}

/// How the server handles the end of a window, as far as its responses show it.
#[derive(Clone, Copy, Debug, Default)]
struct EndHandling {
    /// Requests end later by this many milliseconds, for a server that reads the end to the second or
    /// to the minute.
    slack: i64,
    /// Whether the server includes the end itself.
    is_included: bool,
    /// Whether the server reads the end to the millisecond.
    is_exact: bool,
    /// Whether to request full pages even if fewer rows are to be returned, because responses had too
    /// many repeated rows.
    full_pages: bool,
}

/// The row that the next response must repeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    /// A row of the boundary's instant.
    Boundary,
    /// A row of this time, if one is known: the boundary is that of an earlier run.
    EarlierRun(Option<i64>),
    /// None: the boundary is below a crowded range. The value is the end to request.
    Below(i64),
}

/// What the history does next.
enum HistoryState {
    /// Send the query once, as it is.
    OnePage,
    /// Request the first page.
    First,
    /// Request the page below the boundary.
    Next,
    /// Request the next part of a crowded range.
    Crowd(CrowdedRange),
    /// End with a gap: rows may be left that cannot be requested. The value is the reason.
    Stuck(&'static str),
    /// Return the rows of the reserve: all others are listed.
    Last,
    /// Return the error. The page before it was returned first.
    Failed(SourceError),
    Done,
}

impl<S: Source> History<S> {
    /// The pages of a query. Sends no request before the first page. `now` is the time of this
    /// machine, by which rows from the future are recognized.
    pub(crate) fn new(source: S, query: Query, now: Timestamp) -> Self {
        let extent = query.extent;
        let window = Window {
            since: query.since.map(Timestamp::millis),
            until: query.until.map(Timestamp::millis),
        };
        Self {
            requester: Requester::new(source, &query, now),
            query,
            left: match extent {
                Extent::Rows(rows) => Some(rows),
                Extent::OnePage | Extent::All => None,
            },
            page_rows: Query::MAX_ROWS,
            window,
            boundary: Boundary::default(),
            ends: EndHandling::default(),
            link: Link::Boundary,
            end_is_checked: true,
            rows_in_order: 0,
            was_short: false,
            incomplete_if_capped: None,
            room_is_open: None,
            first_newest: None,
            subsecond_time: None,
            reserve: Reserve::default(),
            awaited: Awaited::default(),
            state: if extent == Extent::OnePage {
                HistoryState::OnePage
            } else {
                HistoryState::First
            },
            covered: window.until.unwrap_or(i64::MAX).saturating_add(1),
            has_started: false,
        }
    }

    /// Continues an earlier run over the same window.
    #[must_use]
    pub(super) fn resuming(mut self, resume: Resume) -> Self {
        let since = resume.since.millis();
        self.boundary.close(since.saturating_sub(1));
        let edge = resume.edges.into_iter().next().flatten();
        self.link = Link::EarlierRun(edge.map(Timestamp::millis));
        self.first_newest = resume.unproved_end.map(Timestamp::millis);
        self.end_is_checked = self.first_newest.is_some();
        self.state = HistoryState::Next;
        self.covered = since;
        self.requester.report.gaps = resume.gaps;
        self.requester.report.order_proved = resume.order_proved;
        self.boundary.note_unplaced_rows(resume.undated);
        self.awaited = Awaited::new(resume.awaited);
        self.reserve.resume(since, resume.expired_before.map(Timestamp::millis));
        self
    }

    /// Requests this many rows per page, at least 1, instead of the maximum of the API.
    #[must_use]
    pub(super) fn with_page_rows(mut self, rows: u32) -> Self {
        self.page_rows = rows.max(1);
        self
    }

    /// Skips the proof that the server reads the end to the millisecond: the caller does not use the
    /// last [`END_MARGIN`] of the window.
    #[cfg(feature = "archive")]
    #[must_use]
    pub(crate) fn with_end_margin(mut self) -> Self {
        self.end_is_checked = false;
        self
    }

    /// Shares with the other parts of a run the known length of responses, and the time before which
    /// messages had expired at the first response.
    #[must_use]
    pub(super) fn sharing(mut self, size: ResponseSize, expired: ExpiredAtFirst) -> Self {
        self.requester.size = size;
        self.reserve = Reserve::sharing(expired);
        self
    }

    /// The instant from which on every row was returned, unless a gap contains it.
    pub(super) fn covered_since(&self) -> i64 {
        self.covered
    }

    /// Returns the range that is listed and that no earlier page covers, and marks it as covered.
    /// After the last page, it reaches down to the start of the window.
    fn cover(&mut self) -> Option<TimeRange> {
        let start = self.window.since.unwrap_or(i64::MIN);
        let since = match self.state {
            HistoryState::OnePage => return None,
            HistoryState::Done if self.left == Some(0) => {
                self.requester.report.reached?.millis() + 1
            }
            HistoryState::Done => start,
            // Rows of the boundary's instant may follow, and rows above it if that is open.
            _ => {
                let open = i64::from(self.boundary.next_is_open);
                self.boundary.instant()?.max(start).saturating_add(1 + open)
            }
        };
        let range = TimeRange { since, until: self.covered };
        self.covered = since.min(self.covered);
        (!range.is_empty()).then_some(range)
    }

    /// The request for one page that ends at `end`. It begins one millisecond before the window, in
    /// case the server excludes the bound itself.
    fn request(&self, end: Option<i64>, rows: u32) -> Query {
        // Bounds keep the UTC offset that the user typed.
        Query {
            since: self.query.since.map(|since| since.plus_millis(-1)),
            until: match (end, self.query.until) {
                (Some(end), Some(until)) => {
                    Some(until.plus_millis(end.saturating_sub(until.millis())))
                }
                (end, _) => end.map(Timestamp::from_millis),
            },
            limit: Some(rows),
            extent: Extent::OnePage,
            ..self.query.clone()
        }
    }

    /// The number of rows to request: those that are still to be returned, and those that the overlap
    /// will repeat.
    fn page_limit(&self) -> u32 {
        if self.ends.slack > 0 || self.ends.full_pages {
            return self.page_rows;
        }
        let enough = self.left.map(|left| left.saturating_add(self.boundary.repeats as u64));
        let enough = enough.and_then(|rows| u32::try_from(rows).ok()).unwrap_or(u32::MAX);
        enough.min(self.page_rows)
    }

    fn step(&mut self) -> Result<ResponseRows, SourceError> {
        match std::mem::replace(&mut self.state, HistoryState::Done) {
            HistoryState::OnePage => self.requester.fetch(&self.query),
            HistoryState::First => self.first_page(),
            HistoryState::Next => self.next_page_down(),
            HistoryState::Crowd(crowd) => self.part(crowd),
            HistoryState::Stuck(reason) => {
                self.give_up(reason);
                Ok(ResponseRows::none())
            }
            HistoryState::Last => self.last_page(),
            HistoryState::Failed(error) => Err(error),
            HistoryState::Done => Ok(ResponseRows::none()),
        }
    }

    fn finish_page(&mut self, mut response: ResponseRows) -> Option<Page> {
        if let Some(left) = &mut self.left {
            response.truncate(*left);
            *left -= response.logs.len() as u64;
            if *left == 0 {
                self.state = HistoryState::Done;
            }
        }
        for log in &response.logs {
            self.awaited.note(log);
        }
        self.requester.count_page(response)
    }

    /// Records a gap for the rows of an earlier run that were not received again.
    fn note_awaited(&mut self) {
        if self.left != Some(0) {
            self.requester.report.gaps.extend(self.awaited.gap(&self.query));
        }
    }

    /// Ends the pages with a gap from the start of the window to the oldest listed row.
    fn give_up(&mut self, reason: &str) {
        if let Some((range, at_least)) = self.incomplete_if_capped.take() {
            self.requester.note_crowd(range, at_least);
        }
        let until = self.boundary.instant().or(self.window.until).map(Timestamp::from_millis);
        self.requester.note_gap(self.query.since, until, reason);
        self.state = HistoryState::Done;
    }
}

impl<S: Source + Send> Pages for History<S> {
    fn next_page(&mut self) -> Option<Result<Page, SourceError>> {
        if self.left == Some(0) {
            self.state = HistoryState::Done;
        }
        while !matches!(self.state, HistoryState::Done) {
            let is_paging = !matches!(self.state, HistoryState::OnePage);
            let response = match self.step() {
                Ok(response) => response,
                Err(error) => {
                    if is_paging {
                        self.give_up(&error.to_string());
                        self.note_awaited();
                    }
                    self.has_started = true;
                    return Some(Err(error));
                }
            };
            let page = self.finish_page(response);
            let is_over = matches!(self.state, HistoryState::Done);
            if is_over {
                self.note_awaited();
            }
            if page.is_none() && !(is_paging && is_over) {
                continue;
            }
            let mut page = page.unwrap_or_default();
            if is_paging && !matches!(self.state, HistoryState::Failed(_)) {
                page.covers = self.cover();
            }
            if !page.logs.is_empty() || page.covers.is_some() {
                self.has_started = true;
                return Some(Ok(page));
            }
        }
        // Without any row, the pages are one empty page.
        (!std::mem::replace(&mut self.has_started, true)).then(|| Ok(Page::default()))
    }

    fn report(&self) -> RunReport {
        let is_open = self.query.until.is_some() && self.end_is_checked && !self.ends.is_exact;
        let unproved_end = self.first_newest.filter(|_| is_open).map(Timestamp::from_millis);
        let is_met = |at: &i64| self.window.since.is_none_or(|since| *at >= since);
        // Rows of the boundary that can change their status group may not be in a later response.
        let rows_stay = !self.query.statuses.iter().any(|group| group.can_move_on());
        let edge = self.boundary.instant().filter(|_| rows_stay && self.link == Link::Boundary);
        let edge = edge.filter(is_met).map(Timestamp::from_millis);
        RunReport { edges: vec![edge], unproved_end, ..self.requester.report.clone() }
    }
}
