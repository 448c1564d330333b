//! Lists a time range that has more rows than a response can hold, part by part: an instant, or the
//! shortest range that the server distinguishes.
//!
//! Requests are narrowed by status group; if a status group still has too many rows, by its channels,
//! and so on, depth first. Status groups are a closed set: if the responses to all of them have room
//! left, the range is complete. The values of other filters are known from rows only: their rows are
//! listed, but never count as complete.

use super::boundary::{Boundary, RowCounts, count};
use super::requester::Requester;
use super::response_rows::ResponseRows;
use super::response_size::ResponseRoom;
use super::split_filter::SplitFilter;
use crate::model::{Log, TimeRange, Timestamp};
use crate::query::Query;
use crate::source::{Source, SourceError};

/// A range that is being listed part by part.
pub(super) struct CrowdedRange {
    range: TimeRange,
    /// The requests that are left, the next one last.
    parts: Vec<NarrowedRequest>,
    /// The rows of the range that are listed.
    listed: RowCounts,
    /// Whether it is only suspected that the server returns fewer rows than requested. Then nothing is
    /// missing if the first split finds no further row.
    suspected: bool,
    /// Whether a part returned a row that the request for the whole range had not returned.
    found_more: bool,
    /// Whether the range may have rows that no part lists.
    unlisted: bool,
    /// New rows of a range of several instants, kept until all are known and can be sorted.
    rows: Vec<Log>,
}

/// A request for a part of the range.
struct NarrowedRequest {
    query: Query,
    /// The filter that narrows the request; `None` for the whole range.
    by: Option<Narrowing>,
    /// Whether the request is repeated, because the first response lacked rows.
    is_second: bool,
}

/// A filter that narrows a request.
struct Narrowing {
    filter: SplitFilter,
    value: String,
    /// Whether a row with the value was received.
    seen: bool,
    /// The request without this filter.
    whole: Query,
}

impl CrowdedRange {
    /// The rows of `query` in `range`, of which `listed` are listed already. A request with the end
    /// `end` returns the rows of the range.
    pub(super) fn new(
        query: &Query,
        range: TimeRange,
        end: i64,
        listed: RowCounts,
        suspected: bool,
    ) -> Self {
        let since = query.since.map_or(i64::MIN, Timestamp::millis);
        let whole = Query {
            // One millisecond earlier, in case the server excludes the bound itself.
            since: Some(Timestamp::from_millis(since.max(range.since.saturating_sub(1)))),
            until: Some(Timestamp::from_millis(end)),
            ..query.clone()
        };
        let parts = vec![NarrowedRequest { query: whole, by: None, is_second: false }];
        Self {
            range,
            parts,
            listed,
            suspected,
            found_more: false,
            unlisted: false,
            rows: Vec::new(),
        }
    }

    pub(super) fn range(&self) -> TimeRange {
        self.range
    }

    /// Requests the next part, and returns its new rows; `None` after the last part.
    pub(super) fn next<S: Source>(
        &mut self,
        requester: &mut Requester<S>,
        boundary: &mut Boundary,
    ) -> Option<Result<ResponseRows, SourceError>> {
        let part = self.parts.pop()?;
        let mut response = match (requester.fetch(&part.query), &part.by) {
            (Ok(response), _) => response,
            // A server that does not know a value has no rows of it, unless it returned one before.
            (Err(SourceError::Refused { .. }), Some(by)) => {
                self.unlisted |= by.seen;
                return Some(Ok(ResponseRows::none()));
            }
            (Err(error), _) => return Some(Err(error)),
        };
        let is_seen = part.by.as_ref().is_none_or(|by| by.seen);
        let holds_range = response.times.iter().flatten().any(|at| self.range.contains(*at));
        let needs_second_request = response.sent == 0 || is_seen && !holds_range;
        if needs_second_request && !part.is_second {
            // A replica that is behind can lack rows once.
            self.parts.push(NarrowedRequest { is_second: true, ..part });
            return Some(Ok(ResponseRows::none()));
        }
        self.unlisted |= is_seen && !holds_range;
        self.split_further(part, &response, requester);
        // Rows below the range show that this response had more room than that for the whole range.
        let is_below = response.times.iter().flatten().any(|at| *at < self.range.since);
        let kept = self.new_rows(&response, boundary);
        let repeated = response
            .rows()
            .zip(&kept)
            .filter(|((at, _), kept)| !**kept && at.is_none_or(|at| at >= self.range.since));
        requester.report.duplicates += repeated.count() as u64;
        response.keep(&kept);
        self.found_more |= !response.logs.is_empty() || is_below;
        if self.range.until - self.range.since > 1 {
            self.rows.append(&mut response.logs);
            return Some(Ok(ResponseRows::none()));
        }
        Some(Ok(response))
    }

    /// Returns the rows that were kept, newest first.
    pub(super) fn take_rows(&mut self) -> ResponseRows {
        ResponseRows::of_rows(std::mem::take(&mut self.rows))
    }

    /// Returns for each row whether it is new, and records it as listed.
    fn new_rows(&mut self, response: &ResponseRows, boundary: &mut Boundary) -> Vec<bool> {
        let mut met = RowCounts::new();
        let mut kept = Vec::with_capacity(response.sent);
        for (at, log) in response.rows() {
            kept.push(match at {
                Some(at) if self.range.contains(at) => {
                    let identity = log.identity();
                    let times = count(&mut met, identity.clone());
                    let listed = self.listed.entry(identity).or_default();
                    let is_new = times > *listed;
                    *listed = times.max(*listed);
                    is_new
                }
                Some(_) => false,
                None => boundary.note_unplaced(log.identity(), &mut met),
            });
        }
        kept
    }

    /// The least number of rows of the range, if some of them may be missing.
    pub(super) fn incomplete(&self) -> Option<usize> {
        self.incomplete_if_capped().filter(|_| self.found_more || !self.suspected)
    }

    /// Whether a part returned a row that the request for the whole range had not returned.
    pub(super) fn found_more(&self) -> bool {
        self.found_more
    }

    /// The least number of rows of the range, if some of them are missing should the server return
    /// fewer rows than requested.
    pub(super) fn incomplete_if_capped(&self) -> Option<usize> {
        let rows = self.listed.values().map(|times| *times as usize).sum();
        self.unlisted.then_some(rows)
    }

    fn split_further<S: Source>(
        &mut self,
        part: NarrowedRequest,
        response: &ResponseRows,
        requester: &Requester<S>,
    ) {
        let limit = part.query.limit.map_or(usize::MAX, |limit| limit as usize);
        // Rows come newest first: if rows from below the range follow, none of the range was cut off.
        let is_whole = requester.size.room(response.sent, limit) == ResponseRoom::Left
            || response.times.iter().flatten().any(|at| *at < self.range.since);
        let (query, from) = match part.by {
            Some(by) if self.is_ignored(&by, response) => {
                // The server ignores this filter for this value, and so for the other values too.
                let same = |part: &NarrowedRequest| {
                    part.by.as_ref().is_some_and(|b| b.filter.turn == by.filter.turn)
                };
                while self.parts.last().is_some_and(same) {
                    self.parts.pop();
                }
                (by.whole, Some(by.filter))
            }
            by => (part.query, by.map(|by| by.filter)),
        };
        if !is_whole && self.suspected && !self.found_more && from.is_some() {
            self.unlisted = true;
        } else if !is_whole {
            self.push_parts(&query, from, response);
        }
    }

    fn rows_in_range<'a>(&self, response: &'a ResponseRows) -> impl Iterator<Item = &'a Log> {
        let range = self.range;
        let inside = move |(at, _): &(Option<i64>, _)| at.is_some_and(|at| range.contains(at));
        response.rows().filter(inside).map(|(_, log)| log)
    }

    fn is_ignored(&self, by: &Narrowing, response: &ResponseRows) -> bool {
        self.rows_in_range(response)
            .any(|log| !by.filter.value_of(log).eq_ignore_ascii_case(&by.value))
    }

    /// Splits a request with too many rows by the next filter after `from` that the query does not
    /// set.
    fn push_parts(&mut self, query: &Query, from: Option<SplitFilter>, response: &ResponseRows) {
        for filter in SplitFilter::after(from).into_iter().filter(|filter| filter.is_open(query)) {
            let values = filter.values(self.rows_in_range(response));
            // Rows without a usable time may have left no room for some of the range.
            self.unlisted |= !values.is_complete || response.times.contains(&None);
            if values.list.is_empty() {
                continue;
            }
            self.parts.extend(values.list.into_iter().rev().map(|(value, seen)| NarrowedRequest {
                query: filter.narrow(query, &value),
                by: Some(Narrowing { filter, value, seen, whole: query.clone() }),
                is_second: false,
            }));
            return;
        }
        self.unlisted = true;
    }
}
