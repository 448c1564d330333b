//! Everything in a window, newest first, asked for page by page.
//!
//! The API has no cursor, so the window's end moves down to the oldest row seen. How its bounds
//! count and how many rows it gives are not taken for granted; that it gives the newest rows that
//! fit is. What cannot be listed becomes a gap of the [`Account`].

use super::answer::Answer;
use super::asker::Asker;
use super::cap::Cap;
use super::edge::Edge;
use super::tie::Tie;
use super::walk::{self, Next};
use super::{Account, Pages};
use crate::model::{Oddity, Page, Timestamp};
use crate::query::Query;
use crate::source::{Source, SourceError};

/// How much of the window is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// What one request brings, asked for as typed: no paging, and every row as sent.
    OnePage,
    /// This many of the newest rows.
    Rows(u64),
    /// Every row.
    All,
}

/// The pages of one question. The query's own limit counts for [`Wanted::OnePage`] alone.
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
    /// Whether a page was handed on, be it an empty one.
    handed_on: bool,
}

enum State {
    OnePage,
    Walk,
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
    pub fn new(source: S, mut query: Query, wanted: Wanted, now: Timestamp) -> Self {
        let until = query.until.unwrap_or(now).millis();
        if wanted != Wanted::OnePage {
            query.until.get_or_insert(now);
        }
        Self {
            asker: Asker::new(source, &query, now),
            query,
            left: match wanted {
                Wanted::Rows(rows) => Some(rows),
                Wanted::OnePage | Wanted::All => None,
            },
            page_rows: Query::MOST_ROWS,
            edge: Edge::default(),
            // No server is known to give fewer rows than its own default when asked for more.
            cap: Cap::new(Query::DEFAULT_ROWS as usize),
            end: until,
            until,
            counts_end_in: false,
            state: if wanted == Wanted::OnePage { State::OnePage } else { State::Walk },
            handed_on: false,
        }
    }

    /// Goes on where an earlier run over the same window stopped: everything newer than `edge` was
    /// handed on by it, nothing at `edge` or older was.
    #[must_use]
    pub fn resuming(mut self, edge: Timestamp) -> Self {
        self.edge.close(edge.millis());
        self.end = edge.millis().saturating_add(1).min(self.until);
        self
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
            ..self.query.clone()
        }
    }

    /// No more rows than are wanted, and those that the overlap will repeat.
    fn page_limit(&self) -> u32 {
        let enough = self.left.map(|left| left.saturating_add(self.edge.repeats as u64));
        let enough = enough.and_then(|rows| u32::try_from(rows).ok()).unwrap_or(u32::MAX);
        enough.min(self.page_rows)
    }

    fn walk(&mut self) -> Result<Answer, SourceError> {
        let limit = self.page_limit();
        let mut answer = self.asker.ask(&self.question(self.end, limit))?;
        let (start, ceiling) = (self.start(), self.edge.ceiling());
        let sifted = self.edge.sift(&answer, start, self.end);
        let brought_new = ceiling.is_some() && sifted.any_new_inside;
        let fill = self.cap.note(answer.sent, limit as usize, brought_new);
        let next = walk::next(&sifted, fill, ceiling, self.end, self.until);
        self.edge.advance(&answer, sifted.oldest, start);
        self.asker.account.duplicates += answer.keep(&sifted.kept);
        self.state = State::Walk;
        match next {
            Next::Below(end) => self.end = end,
            Next::AtEdge => {
                self.counts_end_in = true;
                self.end = self.edge.ceiling().unwrap_or(self.end);
            }
            Next::Tie { suspected: false } => self.start_tie(false),
            Next::Tie { suspected: true } => self.state = State::Probe,
            Next::Stuck(reason) => self.state = State::Stuck(reason),
            Next::End if ceiling.is_some() && answer.oddities.has(Oddity::NullResults) => {
                self.state = State::Stuck("the answer held null where the rows should be");
            }
            Next::End => self.state = State::Done,
        }
        Ok(answer)
    }

    /// Asks whether there are rows strictly below the edge, and lists none of them yet.
    fn probe(&mut self) -> Result<Answer, SourceError> {
        let none = Answer::read(Page::default());
        let Some(edge) = self.edge.ceiling() else { return Ok(none) };
        let end = self.below(edge);
        let start = self.start();
        let fits = |at: i64| start.is_none_or(|start| at >= start);
        if !fits(end) {
            self.start_tie(true);
            return Ok(none);
        }
        let answer = self.asker.ask(&self.question(end, self.page_rows))?;
        let any = |is: &dyn Fn(i64) -> bool| answer.moments.iter().flatten().any(|at| is(*at));
        if any(&|at| at > end) {
            self.state = State::Stuck(walk::BEYOND);
        } else if any(&|at| at < edge && fits(at)) {
            self.cap.is_lower_than_asked();
            self.start_tie(false);
        } else if !self.counts_end_in && any(&|at| at == end) {
            self.counts_end_in = true;
            self.state = State::Probe;
        } else {
            self.start_tie(true);
        }
        Ok(none)
    }

    /// The end under which a server gives what is older than `moment`, as far as is known.
    fn below(&self, moment: i64) -> i64 {
        if self.counts_end_in { moment.saturating_sub(1) } else { moment }
    }

    fn start_tie(&mut self, suspected: bool) {
        self.state = State::Done;
        if let Some(edge) = self.edge.ceiling() {
            let query = self.question(self.end, self.page_rows);
            let tie = Tie::new(&query, edge, self.end, self.edge.listed().clone());
            self.state = State::Tie { tie, suspected };
        }
    }

    fn part(&mut self, mut tie: Tie, suspected: bool) -> Result<Answer, SourceError> {
        if let Some(answer) = tie.next(&mut self.asker, &mut self.edge, &self.cap) {
            self.state = State::Tie { tie, suspected };
            return answer;
        }
        if let Some(doubt) = tie.doubt(suspected) {
            let at = Some(Timestamp::from_millis(tie.moment));
            self.asker.note_gap(at, at, doubt);
        }
        if tie.found_more() {
            self.cap.is_lower_than_asked();
        }
        let below = tie.moment.saturating_sub(1);
        self.edge.close(below);
        self.end = self.below(tie.moment);
        let over =
            self.start().is_some_and(|start| below < start) || (suspected && !tie.found_more());
        self.state = if over { State::Done } else { State::Walk };
        Ok(Answer::read(Page::default()))
    }

    /// Ends with a gap from the window's start to the oldest row that was listed.
    fn give_up(&mut self, reason: &str) {
        let until = self.edge.ceiling().unwrap_or(self.until);
        let until = Some(Timestamp::from_millis(until));
        self.asker.note_gap(self.query.since, until, reason);
        self.state = State::Done;
    }

    fn step(&mut self) -> Result<Answer, SourceError> {
        match std::mem::replace(&mut self.state, State::Done) {
            State::OnePage => self.asker.ask(&self.query),
            State::Walk => self.walk(),
            State::Probe => self.probe(),
            State::Tie { tie, suspected } => self.part(tie, suspected),
            State::Stuck(reason) => {
                self.give_up(reason);
                Ok(Answer::read(Page::default()))
            }
            State::Done => Ok(Answer::read(Page::default())),
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
                    if let Some(page) = self.hand_on(answer) {
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
