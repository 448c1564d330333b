//! Everything in a window, newest first, asked for page by page.
//!
//! The API has no cursor, so the window's end moves down to the oldest row seen. How its bounds
//! count and how many rows it gives are not taken for granted; that it gives the newest rows that
//! fit is, and is put to the test where their order casts doubt on it. What cannot be listed becomes a gap of the [`Account`].

mod steps;

use std::collections::HashSet;

use super::answer::Answer;
use super::asker::Asker;
use super::boundary::Edge;
use super::crowded_range::Tie;
use super::response_size::Cap;
use super::{Account, Pages, Resume};
use crate::model::{Identity, Page, TimeRange, Timestamp};
use crate::query::{Extent, Query};
use crate::source::{Source, SourceError};

/// The pages of one question. The query's own limit counts for [`Extent::OnePage`] alone.
///
/// Each page is in order of sending, newest first, by instant; rows of one instant keep the
/// server's order, and a row that does not say readably when it was sent stays behind the row that
/// the server sent before it. Such rows are never an edge to page from.
///
/// Rows that overlapping pages repeat are handed on once, as they were when first met. A row that
/// arrives in a stretch that is already listed is not handed on.
pub struct History<S> {
    asker: Asker<S>,
    /// The question; paging moves its end and sets its limit.
    query: Query,
    /// How many rows are still wanted; `None` for all.
    left: Option<u64>,
    page_rows: u32,
    edge: Edge,
    cap: Cap,
    /// The end that is asked for next, and that of the window.
    end: i64,
    until: i64,
    /// Whether the server was seen to count the end in.
    counts_end_in: bool,
    state: State,
    /// Every row from this instant on was passed on, unless a gap holds it.
    covered: i64,
    /// Whether a page was handed on, be it an empty one.
    handed_on: bool,
}

enum State {
    OnePage,
    Walk,
    /// Whether the first answer holds the newest rows.
    ProveOrder {
        newest: i64,
        /// Its rows of that moment.
        known: HashSet<Identity>,
    },
    /// Whether older rows exist, which would prove that the answer at the edge was cut off.
    Probe,
    Tie {
        tie: Tie,
        suspected: bool,
    },
    /// Rows may be left that cannot be asked for.
    Stuck(&'static str),
    Done,
}

impl<S: Source> History<S> {
    /// Asks `source`; nothing is asked before the first page is. Where the query names no end,
    /// paging ends the window at `now`, from the first request on, so that messages which arrive
    /// meanwhile move nothing.
    pub fn new(source: S, mut query: Query, now: Timestamp) -> Self {
        let until = query.until.unwrap_or(now).millis();
        let extent = query.extent;
        if extent != Extent::OnePage {
            query.until.get_or_insert(now);
        }
        Self {
            asker: Asker::new(source, &query, now),
            query,
            left: match extent {
                Extent::Rows(rows) => Some(rows),
                Extent::OnePage | Extent::All => None,
            },
            page_rows: Query::MOST_ROWS,
            edge: Edge::default(),
            // No server is known to give fewer rows than its own default when asked for more.
            cap: Cap::new(Query::DEFAULT_ROWS as usize),
            end: until,
            until,
            counts_end_in: false,
            state: if extent == Extent::OnePage { State::OnePage } else { State::Walk },
            covered: until.saturating_add(1),
            handed_on: false,
        }
    }

    /// Continues an earlier run over the same window.
    #[must_use]
    pub fn resuming(mut self, resume: Resume) -> Self {
        let since = resume.since.millis();
        self.edge.close(since.saturating_sub(1));
        self.end = since.min(self.until);
        self.covered = since;
        self.asker.account.gaps = resume.gaps;
        self.asker.account.order_proved = resume.order_proved;
        self
    }

    /// Every row from this instant on was passed on, unless a gap holds it.
    pub(super) fn covered_since(&self) -> i64 {
        self.covered
    }

    /// The range that is listed and that no earlier page covers; down to the start of the window
    /// when the paging is over.
    fn cover(&mut self) -> Option<TimeRange> {
        let start = self.start().unwrap_or(i64::MIN);
        let since = match self.state {
            State::OnePage => return None,
            State::Done if self.left == Some(0) => self.asker.account.reached?.millis() + 1,
            State::Done => start,
            _ => self.edge.ceiling()?.saturating_add(1).max(start),
        };
        let range = TimeRange { since, until: self.covered };
        self.covered = since.min(self.covered);
        (!range.is_empty()).then_some(range)
    }

    /// Asks for this many rows a page, from 1, instead of the most that the API gives.
    #[must_use]
    pub fn with_page_rows(mut self, rows: u32) -> Self {
        self.page_rows = rows.max(1);
        self
    }

    /// Suspects that answers are cut off from this many rows on.
    #[cfg(test)]
    pub(super) fn suspicious_from(mut self, rows: usize) -> Self {
        self.cap = Cap::new(rows);
        self
    }

    fn start(&self) -> Option<i64> {
        self.query.since.map(Timestamp::millis)
    }

    /// The question for one page that ends at `end`.
    fn question(&self, end: i64, rows: u32) -> Query {
        // The typed end keeps its own offset.
        let until = self.query.until.filter(|until| until.millis() == end);
        Query {
            until: until.or(Some(Timestamp::from_millis(end))),
            limit: Some(rows),
            extent: Extent::OnePage,
            ..self.query.clone()
        }
    }

    /// No more rows than are wanted, and those that the overlap will repeat.
    fn page_limit(&self) -> u32 {
        let enough = self.left.map(|left| left.saturating_add(self.edge.repeats as u64));
        let enough = enough.and_then(|rows| u32::try_from(rows).ok()).unwrap_or(u32::MAX);
        enough.min(self.page_rows)
    }

    fn step(&mut self) -> Result<Answer, SourceError> {
        match std::mem::replace(&mut self.state, State::Done) {
            State::OnePage => self.asker.ask(&self.query),
            State::Walk => self.walk(),
            State::ProveOrder { newest, known } => self.prove_order(newest, &known),
            State::Probe => self.probe(),
            State::Tie { tie, suspected } => self.part(tie, suspected),
            State::Stuck(reason) => {
                self.give_up(reason);
                Ok(Answer::none())
            }
            State::Done => Ok(Answer::none()),
        }
    }

    fn hand_on(&mut self, mut answer: Answer) -> Option<Page> {
        if let Some(left) = &mut self.left {
            answer.truncate(*left);
            *left -= answer.logs.len() as u64;
            if *left == 0 {
                self.state = State::Done;
            }
        }
        self.asker.hand_on(answer)
    }
}

impl<S: Source + Send> Pages for History<S> {
    fn next_page(&mut self) -> Option<Result<Page, SourceError>> {
        if self.left == Some(0) {
            self.state = State::Done;
        }
        while !matches!(self.state, State::Done) {
            let paging = !matches!(self.state, State::OnePage);
            match self.step() {
                Ok(answer) => {
                    let page = self.hand_on(answer);
                    let is_over = matches!(self.state, State::Done);
                    if paging && (page.is_some() || is_over) {
                        let page = Page { covers: self.cover(), ..page.unwrap_or_default() };
                        if !page.logs.is_empty() || page.covers.is_some() {
                            self.handed_on = true;
                            return Some(Ok(page));
                        }
                    } else if let Some(page) = page {
                        self.handed_on = true;
                        return Some(Ok(page));
                    }
                }
                Err(error) => {
                    if paging {
                        self.give_up(&error.to_string());
                    }
                    self.handed_on = true;
                    return Some(Err(error));
                }
            }
        }
        // No rows at all: the one page is an empty one.
        (!std::mem::replace(&mut self.handed_on, true)).then(|| Ok(Page::default()))
    }

    fn account(&self) -> Account {
        self.asker.account.clone()
    }
}
