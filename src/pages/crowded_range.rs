//! One moment with more rows than an answer holds, listed part by part.
//!
//! The parts are asked for depth first: channels, in a channel that is still too full its status
//! groups, and so on. Channels and status groups have published values, so parts by them that all
//! have room left are taken for complete. The other filters are known by their values in the rows
//! alone: what is found by them is listed, but never taken for all there is.

use std::collections::HashSet;

use super::answer::Answer;
use super::asker::Asker;
use super::boundary::Edge;
use super::response_size::Cap;
use super::split_filter::Facet;
use crate::model::{Identity, Timestamp};
use crate::query::Query;
use crate::source::{Source, SourceError};

/// A moment that is being listed part by part.
pub(super) struct Tie {
    pub(super) moment: i64,
    /// What is to be asked for, the next one last.
    parts: Vec<Part>,
    /// The rows of the moment that are listed.
    listed: HashSet<Identity>,
    /// Whether a row was found that one question for the whole moment had not brought.
    found_more: bool,
    /// Whether rows may be left that no part lists.
    unlisted: bool,
}

/// A narrowed question.
struct Part {
    query: Query,
    by: Option<By>,
}

/// What a question was narrowed by.
struct By {
    facet: Facet,
    value: String,
    /// Whether a row was seen to have the value.
    seen: bool,
    /// The question before it was narrowed.
    whole: Query,
}

impl Tie {
    /// Lists the rows of `moment` in `query`, of which `listed` are listed; `end` is an end under
    /// which the server gave no newer rows.
    pub(super) fn new(query: &Query, moment: i64, end: i64, listed: HashSet<Identity>) -> Self {
        let since = query.since.map_or(i64::MIN, Timestamp::millis);
        let whole = Query {
            // One millisecond earlier, lest the server leaves out the bound itself.
            since: Some(Timestamp::from_millis(since.max(moment.saturating_sub(1)))),
            until: Some(Timestamp::from_millis(end)),
            ..query.clone()
        };
        let parts = vec![Part { query: whole, by: None }];
        Self { moment, parts, listed, found_more: false, unlisted: false }
    }

    /// Asks for the next part, and gives its new rows; `None` when all parts were asked for.
    pub(super) fn next<S: Source>(
        &mut self,
        asker: &mut Asker<S>,
        edge: &mut Edge,
        cap: &Cap,
    ) -> Option<Result<Answer, SourceError>> {
        let part = self.parts.pop()?;
        let mut answer = match (asker.ask(&part.query), &part.by) {
            (Ok(answer), _) => answer,
            // A server that does not know a value has no rows of it, unless it has shown some.
            (Err(SourceError::Refused { .. }), Some(by)) => {
                self.unlisted |= by.seen;
                return Some(Ok(Answer::none()));
            }
            (Err(error), _) => return Some(Err(error)),
        };
        self.part_further(part, &answer, cap);
        let kept: Vec<_> = answer
            .rows()
            .map(|(at, log)| match at {
                Some(at) if at == self.moment => self.listed.insert(log.identity()),
                Some(_) => false,
                None => {
                    let new = !edge.is_known_stray(log);
                    edge.note_stray(log);
                    new
                }
            })
            .collect();
        let repeated = answer
            .rows()
            .zip(&kept)
            .filter(|((at, _), kept)| !**kept && at.is_none_or(|at| at >= self.moment));
        asker.account.duplicates += repeated.count() as u64;
        answer.keep(&kept);
        self.found_more |= answer.moments.iter().any(Option::is_some);
        Some(Ok(answer))
    }

    /// How many rows the moment holds at least, when some of them may be missing. `suspected`: that
    /// the server gives fewer rows than it is asked for is only supposed, so that nothing is missing
    /// if nothing more was found.
    pub(super) fn doubt(&self, suspected: bool) -> Option<usize> {
        (self.unlisted && (self.found_more || !suspected)).then_some(self.listed.len())
    }

    /// Whether parts brought rows that one question for the whole moment had not brought.
    pub(super) fn found_more(&self) -> bool {
        self.found_more
    }

    fn part_further(&mut self, part: Part, answer: &Answer, cap: &Cap) {
        let asked = part.query.limit.map_or(usize::MAX, |limit| limit as usize);
        // Newest first: where older rows follow, no row of the moment was cut off.
        let is_whole = !cap.may_cut(answer.sent, asked)
            || answer.moments.iter().flatten().any(|at| *at < self.moment);
        let (query, from) = match part.by {
            Some(by) if self.is_ignored(&by, answer) => {
                // The server does not heed this filter: neither will it for the other values.
                let same = |part: &Part| part.by.as_ref().is_some_and(|b| b.facet == by.facet);
                while self.parts.last().is_some_and(same) {
                    self.parts.pop();
                }
                (by.whole, Some(by.facet))
            }
            by => (part.query, by.map(|by| by.facet)),
        };
        if !is_whole {
            self.push_parts(&query, from, answer);
        }
    }

    fn is_ignored(&self, by: &By, answer: &Answer) -> bool {
        answer.rows_at(self.moment).any(|log| !by.facet.of(log).eq_ignore_ascii_case(&by.value))
    }

    /// Parts a question that is too full by the next filter after `from` that it leaves open.
    fn push_parts(&mut self, query: &Query, from: Option<Facet>, answer: &Answer) {
        let later = Facet::ALL.into_iter().filter(|facet| from.is_none_or(|from| *facet > from));
        for facet in later.filter(|facet| facet.is_open(query)) {
            let values = facet.values(answer.rows_at(self.moment));
            // Rows without a usable moment may have taken the place of some of this one.
            self.unlisted |= !values.is_whole || answer.moments.contains(&None);
            if values.list.is_empty() {
                continue;
            }
            self.parts.extend(values.list.into_iter().rev().map(|(value, seen)| Part {
                query: facet.narrow(query, &value),
                by: Some(By { facet, value, seen, whole: query.clone() }),
            }));
            return;
        }
        self.unlisted = true;
    }
}
