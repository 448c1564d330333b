//! The steps of a history: a page further down, a look below the edge, a part of a tie.

use std::collections::HashSet;

use super::{History, State};
use crate::model::{Anomaly, Identity, Log, Timestamp};
use crate::pages::answer::Answer;
use crate::pages::crowded_range::Tie;
use crate::pages::response_size::Fill;
use crate::pages::walk::{self, Next};
use crate::query::Query;
use crate::source::{Source, SourceError};

impl<S: Source> History<S> {
    /// Asks for a page that ends at the edge, and decides where to go from there.
    pub(super) fn walk(&mut self) -> Result<Answer, SourceError> {
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
            Next::Below(end) => {
                self.end = end;
                let newest = sifted.newest.filter(|newest| *newest <= self.until);
                if let Some(newest) = newest
                    && (ceiling, answer.was_sorted) == (None, false)
                    && fill != Fill::Short
                {
                    let known = answer.rows_at(newest).map(Log::identity).collect();
                    self.state = State::ProveOrder { newest, known };
                }
            }
            Next::AtEdge => {
                self.counts_end_in = true;
                self.end = self.edge.ceiling().unwrap_or(self.end);
            }
            Next::Tie { suspected: false } => self.start_tie(false),
            Next::Tie { suspected: true } => self.state = State::Probe,
            Next::Stuck(reason) => self.state = State::Stuck(reason),
            Next::End if ceiling.is_some() && answer.anomalies.has(Anomaly::NullResults) => {
                self.state = State::Stuck("the answer held null where the rows should be");
            }
            Next::End => self.state = State::Done,
        }
        Ok(answer)
    }

    /// Asks whether there are rows newer than the newest of the first answer, or more of its own
    /// moment. The API documents no order, and a server that gives the oldest rows first cannot
    /// be paged from the end.
    pub(super) fn prove_order(
        &mut self,
        newest: i64,
        known: &HashSet<Identity>,
    ) -> Result<Answer, SourceError> {
        // One millisecond earlier, lest the server leaves out the bound itself.
        let since = self.start().unwrap_or(i64::MIN).max(newest.saturating_sub(1));
        let since = Some(Timestamp::from_millis(since));
        let answer =
            self.asker.ask(&Query { since, ..self.question(self.until, self.page_rows) })?;
        let newer =
            answer.moments.iter().flatten().any(|at| (newest + 1..=self.until).contains(at));
        let more = answer.rows_at(newest).any(|log| !known.contains(&log.identity()));
        if newer || more {
            let newest = Some(Timestamp::from_millis(newest));
            let reason = "the server does not give the newest rows first";
            self.asker.note_gap(newest, self.query.until, reason);
        }
        self.state = State::Walk;
        Ok(Answer::none())
    }

    /// Asks whether there are rows strictly below the edge, and lists none of them yet.
    pub(super) fn probe(&mut self) -> Result<Answer, SourceError> {
        let none = Answer::none();
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

    /// Asks for a part of a tie; after the last one, goes below it.
    pub(super) fn part(&mut self, mut tie: Tie, suspected: bool) -> Result<Answer, SourceError> {
        if let Some(answer) = tie.next(&mut self.asker, &mut self.edge, &self.cap) {
            self.state = State::Tie { tie, suspected };
            return answer;
        }
        if let Some(at_least) = tie.doubt(suspected) {
            self.asker.note_tie(tie.moment, at_least);
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
        Ok(Answer::none())
    }

    /// Ends with a gap from the window's start to the oldest row that was listed.
    pub(super) fn give_up(&mut self, reason: &str) {
        let until = self.edge.ceiling().unwrap_or(self.until);
        let until = Some(Timestamp::from_millis(until));
        self.asker.note_gap(self.query.since, until, reason);
        self.state = State::Done;
    }
}
