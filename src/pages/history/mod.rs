//! Everything in a window, newest first, page by page.
//!
//! The API has no cursor, so the window's end moves down to the oldest row seen. How its bounds
//! count, how finely it reads times, in which order it returns rows and how many at once is taken
//! for granted nowhere: each page must repeat a row of the page before it, the order is proved
//! once, and a response counts as complete only if it had room for more. What cannot be proved
//! becomes a gap of the [`RunReport`].

mod crowd;
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

/// How much of the end of a window a server that reads it to the minute may leave out, and a second
/// for one that leaves out the end itself, in milliseconds.
#[cfg(feature = "archive")]
pub(crate) const END_MARGIN: i64 = 61_000;

/// The pages of one query. The query's own limit counts for [`Extent::OnePage`] alone.
///
/// Each page is in order of sending, newest first, by instant; rows of one instant keep the
/// server's order, and a row that does not state readably when it was sent stays behind the row
/// that the server sent before it. Such rows are never a boundary to page from.
///
/// Rows that overlapping pages repeat are passed on once, as they were when first met. A row that
/// arrives in a range that is already listed is not passed on.
pub(crate) struct History<S> {
    requester: Requester<S>,
    /// The query; paging moves its end and sets its limit.
    query: Query,
    /// How many rows are still wanted; `None` for all.
    left: Option<u64>,
    page_rows: u32,
    window: Window,
    boundary: Boundary,
    /// What is known of how the server reads the end of a window.
    ends: Ends,
    link: Link,
    /// Whether it must be shown that the server reads the end of the window to the millisecond.
    end_is_checked: bool,
    /// Rows of the pages that were seen to be in order; see `order`.
    rows_in_order: usize,
    /// Whether the latest response was shorter than requested, and may be cut off all the same.
    was_short: bool,
    /// A range of which rows are missing if rows older than it are met: the server then returns
    /// fewer rows than requested.
    doubt_if_capped: Option<(TimeRange, usize)>,
    /// The length of responses of which another request did not show whether they had room.
    room_is_open: Option<usize>,
    /// The newest time of the first page.
    first_newest: Option<i64>,
    /// The time of a known row that is not at the start or the end of a second.
    second_part: Option<i64>,
    reserve: Reserve,
    /// Rows of an earlier run that must come again.
    awaited: Awaited,
    state: HistoryState,
    /// Every row from this instant on was passed on, unless a gap holds it.
    covered: i64,
    /// Whether a page was passed on, possibly an empty one.
    has_started: bool,
}

/// How the server reads the end of a window, as far as it was seen.
#[derive(Clone, Copy, Debug, Default)]
struct Ends {
    /// Requests end later by this, for a server that reads it to the second or the minute.
    slack: i64,
    /// Whether the end itself was seen to be included.
    is_included: bool,
    /// Whether the end was seen to be read to the millisecond.
    is_exact: bool,
    /// Request full pages, although fewer rows are wanted: too many repeated ones came.
    full_pages: bool,
}

/// What the next response must repeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    /// A row of the boundary's instant.
    Boundary,
    /// A row of this time, if one is known: the boundary is that of an earlier run.
    EarlierRun(Option<i64>),
    /// Nothing: the boundary lies below a crowded range. This end is requested.
    Below(i64),
}

enum HistoryState {
    OnePage,
    First,
    Next,
    Crowd(CrowdedRange),
    /// Rows may be left that cannot be requested.
    Stuck(&'static str),
    /// Everything is listed but for what the reserve holds.
    Last,
    /// A page came before it.
    Failed(SourceError),
    Done,
}

impl<S: Source> History<S> {
    /// Reads from `source`; nothing is requested before the first page. `now` is the time of this
    /// machine, for rows that were sent in the future.
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
            ends: Ends::default(),
            link: Link::Boundary,
            end_is_checked: true,
            rows_in_order: 0,
            was_short: false,
            doubt_if_capped: None,
            room_is_open: None,
            first_newest: None,
            second_part: None,
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
        self.boundary.note_strays(resume.undated);
        self.awaited = Awaited::new(resume.awaited);
        self.reserve.resume(since, resume.expired_before.map(Timestamp::millis));
        self
    }

    /// Requests this many rows per page, from 1, instead of the most that the API returns.
    #[must_use]
    pub(super) fn with_page_rows(mut self, rows: u32) -> Self {
        self.page_rows = rows.max(1);
        self
    }

    /// The last [`END_MARGIN`] of the window are of no interest to the caller, so that no
    /// request has to prove that the server reads the end to the millisecond.
    #[cfg(feature = "archive")]
    #[must_use]
    pub(crate) fn with_end_margin(mut self) -> Self {
        self.end_is_checked = false;
        self
    }

    /// Shares with the other parts of a run what is known of the length of responses, and what had
    /// expired when the first one came.
    #[must_use]
    pub(super) fn sharing(mut self, size: ResponseSize, expired: ExpiredAtFirst) -> Self {
        self.requester.size = size;
        self.reserve = Reserve::sharing(expired);
        self
    }

    /// The instant from which on every row was passed on, unless a gap holds it.
    pub(super) fn covered_since(&self) -> i64 {
        self.covered
    }

    /// The range that is listed and that no earlier page covers; down to the start of the window
    /// when the paging is over.
    fn cover(&mut self) -> Option<TimeRange> {
        let start = self.window.since.unwrap_or(i64::MIN);
        let since = match self.state {
            HistoryState::OnePage => return None,
            HistoryState::Done if self.left == Some(0) => {
                self.requester.report.reached?.millis() + 1
            }
            HistoryState::Done => start,
            // The start itself is covered when nothing is left to be proved.
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
    /// case that the server leaves out the bound itself.
    fn request(&self, end: Option<i64>, rows: u32) -> Query {
        // What was typed keeps its own offset.
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

    /// No more rows than are wanted, and those that the overlap will repeat.
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

    fn hand_on(&mut self, mut response: ResponseRows) -> Option<Page> {
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
        self.requester.hand_on(response)
    }

    /// Notes the rows of an earlier run that did not come again.
    fn note_awaited(&mut self) {
        if self.left != Some(0) {
            self.requester.report.gaps.extend(self.awaited.gap(&self.query));
        }
    }

    /// Ends with a gap from the window's start to the oldest row that was listed.
    fn give_up(&mut self, reason: &str) {
        if let Some((range, at_least)) = self.doubt_if_capped.take() {
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
            let page = self.hand_on(response);
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
        // No rows at all: the one page is an empty one.
        (!std::mem::replace(&mut self.has_started, true)).then(|| Ok(Page::default()))
    }

    fn report(&self) -> RunReport {
        let is_open = self.query.until.is_some() && self.end_is_checked && !self.ends.is_exact;
        let unproved_end = self.first_newest.filter(|_| is_open).map(Timestamp::from_millis);
        let is_met = |at: &i64| self.window.since.is_none_or(|since| *at >= since);
        // A later run may find the rows of the boundary in another status group.
        let stays = !self.query.statuses.iter().any(|group| group.can_move_on());
        let edge = self.boundary.instant().filter(|_| stays && self.link == Link::Boundary);
        let edge = edge.filter(is_met).map(Timestamp::from_millis);
        RunReport { edges: vec![edge], unproved_end, ..self.requester.report.clone() }
    }
}
