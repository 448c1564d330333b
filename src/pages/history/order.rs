//! Proves that the server returns the newest matching rows, which the API does not document.
//!
//! A page that may be cut off is compared with a second response: to the same request, from just above
//! the oldest instant of the page on. The second response has room for more rows, so it contains all
//! rows of its range. If it has no row that the page lacks, the page is the newest part of its window.

use std::collections::HashSet;

use super::History;
use super::reasons::{UNPROVED_ORDER, WRONG_ORDER};
use crate::model::{Identity, Log, Timestamp};
use crate::pages::boundary::{RowCounts, count};
use crate::pages::response_rows::ResponseRows;
use crate::pages::response_size::ResponseRoom;
use crate::query::Query;
use crate::source::{Source, SourceError};

/// Pages are proved until they have this many rows in total: a few rows can be in order by chance.
const ROWS_TO_PROVE: usize = 64;
/// How often a short page is proved at most. It is requested and proved again if rows arrived.
const MAX_ROUNDS: u32 = 3;

/// Where a second response begins. A server may read the bound to the second or to the minute, or
/// exclude it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ResponseStart {
    /// The bound that is sent.
    since: i64,
    /// The instant from which on the page is proved.
    from: i64,
}

/// The outcome of a proof.
enum ProofOutcome {
    /// The page has all rows from this instant on.
    From {
        from: i64,
        /// Whether this is not proved for the first millisecond, because the server may exclude the
        /// bound.
        next_is_open: bool,
    },
    /// Rows arrived meanwhile. This later response to the request of the page contains them.
    Replaced(ResponseRows),
    /// The server does not return the newest rows first.
    Wrong,
    /// No second response had room for more rows.
    Open,
}

impl<S: Source> History<S> {
    /// Whether the order of a page that may be cut off must still be proved.
    pub(super) fn order_is_open(&self) -> bool {
        !self.requester.report.order_proved && self.rows_in_order < ROWS_TO_PROVE
    }

    /// Proves the order of the response to `request`, which may be cut off, or records a gap. Returns
    /// whether rows were removed from the response because they are not proved.
    pub(super) fn prove_order(
        &mut self,
        response: &mut ResponseRows,
        request: &Query,
    ) -> Result<bool, SourceError> {
        let request = Query { limit: Some(self.page_rows), ..request.clone() };
        for round in 1.. {
            let instants = self.instants(response);
            let Some(oldest) = instants.first().copied() else { return Ok(false) };
            match self.outcome(response, &request, &instants)? {
                ProofOutcome::From { from, next_is_open } => {
                    self.boundary.next_is_open = next_is_open;
                    let first = instants.into_iter().find(|at| *at >= from);
                    // The next page proves the rows of the oldest instant, which it must repeat.
                    let Some(first) = first.filter(|_| from > oldest.saturating_add(1)) else {
                        break;
                    };
                    if self.boundary.instant().is_some_and(|instant| first >= instant) {
                        return Ok(self.note_order_gap(UNPROVED_ORDER));
                    }
                    response.cut_below(first);
                    self.note_in_order(response.sent);
                    return Ok(true);
                }
                ProofOutcome::Replaced(later) => {
                    *response = later;
                    // A page of this length, or one that was proved this often, is not in order by
                    // chance.
                    if response.sent >= ROWS_TO_PROVE || round == MAX_ROUNDS {
                        break;
                    }
                }
                ProofOutcome::Wrong => return Ok(self.note_order_gap(WRONG_ORDER)),
                ProofOutcome::Open => return Ok(self.note_order_gap(UNPROVED_ORDER)),
            }
        }
        self.note_in_order(response.sent);
        Ok(false)
    }

    fn note_in_order(&mut self, rows: usize) {
        self.rows_in_order += rows;
        self.requester.report.order_proved = self.rows_in_order >= ROWS_TO_PROVE;
    }

    pub(super) fn note_order_gap(&mut self, reason: &str) -> bool {
        self.rows_in_order = ROWS_TO_PROVE;
        // The gap is the whole window, because earlier pages may have been in order by chance.
        self.requester.note_gap(self.query.since, self.query.until, reason);
        false
    }

    fn outcome(
        &mut self,
        response: &ResponseRows,
        request: &Query,
        instants: &[i64],
    ) -> Result<ProofOutcome, SourceError> {
        let requested = request.limit.map_or(usize::MAX, |limit| limit as usize);
        for start in starts(instants) {
            let since = Some(Timestamp::from_millis(start.since));
            let request_from = Query { since, ..request.clone() };
            // A replica that is behind can lack rows once.
            for is_second in [false, true] {
                let second = self.requester.fetch(&request_from)?;
                if self.has_more(&second, response, start.from) {
                    return self.repeat_request(response, &second, request);
                }
                if self.requester.size.room(second.sent, requested) != ResponseRoom::Left {
                    break;
                }
                if self.lacks(&second, response, start.from) || second.sent == 0 && !is_second {
                    continue;
                }
                let includes_bound = second.rows_at(start.since).next().is_some();
                let next_is_open = start.from == start.since && !includes_bound;
                return Ok(ProofOutcome::From { from: start.from, next_is_open });
            }
        }
        Ok(ProofOutcome::Open)
    }

    /// Decides what rows that the page lacks mean: they arrived meanwhile, or the order is wrong. Only
    /// in the first case does the same request return them when it is repeated.
    fn repeat_request(
        &mut self,
        response: &ResponseRows,
        second: &ResponseRows,
        request: &Query,
    ) -> Result<ProofOutcome, SourceError> {
        let mut later = self.requester.fetch(request)?;
        if later.sent == 0 {
            later = self.requester.fetch(request)?;
        }
        let Some(oldest) = self.instants(&later).first().copied() else {
            return Ok(ProofOutcome::Wrong);
        };
        // If rows of the page have expired, their absence proves nothing about the order.
        let expired = self.requester.expired_before().unwrap_or(i64::MIN);
        let oldest_before = self.instants(response).first().copied();
        if !self.reserve.keeps_longer && oldest_before.is_some_and(|at| at < expired) {
            return Ok(ProofOutcome::Wrong);
        }
        let held: HashSet<Identity> = later.logs.iter().map(Log::identity).collect();
        let dated = response.rows().chain(second.rows()).filter(|(at, _)| at.is_some());
        let undated = second.rows().filter(|(at, _)| at.is_none());
        let is_wrong = dated
            .chain(undated)
            .filter(|(at, _)| at.is_none_or(|at| at > oldest && self.is_inside(at)))
            .any(|(_, log)| !held.contains(&log.identity()));
        Ok(if is_wrong { ProofOutcome::Wrong } else { ProofOutcome::Replaced(later) })
    }

    /// Whether a time is neither above the window of the query nor above the boundary.
    fn is_inside(&self, at: i64) -> bool {
        self.query.until.is_none_or(|until| at <= until.millis())
            && self.boundary.instant().is_none_or(|instant| at <= instant)
    }

    /// The distinct times of the rows inside, oldest first.
    fn instants(&self, response: &ResponseRows) -> Vec<i64> {
        let inside = response.times.iter().rev().flatten().copied();
        let mut instants: Vec<_> = inside.filter(|at| self.is_inside(*at)).collect();
        instants.dedup();
        instants
    }

    /// Whether a response lacks a row of the page from this instant on.
    fn lacks(&self, second: &ResponseRows, page: &ResponseRows, from: i64) -> bool {
        let held: HashSet<Identity> = second.logs.iter().map(Log::identity).collect();
        page.rows()
            .filter(|(at, _)| at.is_some_and(|at| at >= from && self.is_inside(at)))
            .any(|(_, log)| !held.contains(&log.identity()))
    }

    /// Whether a response has a row from this instant on that the page lacks.
    fn has_more(&self, second: &ResponseRows, page: &ResponseRows, from: i64) -> bool {
        let mut held = RowCounts::new();
        for log in &page.logs {
            count(&mut held, log.identity());
        }
        let mut met = RowCounts::new();
        second.rows().filter(|(at, _)| at.is_none_or(|at| at >= from && self.is_inside(at))).any(
            |(at, log)| {
                let identity = log.identity();
                let listed = match at {
                    None => self.boundary.unplaced_count(&identity),
                    Some(_) if at == self.boundary.instant() => {
                        self.boundary.listed().get(&identity).copied().unwrap_or(0)
                    }
                    Some(_) => 0,
                };
                let held = held.get(&identity).copied().unwrap_or(0).max(listed);
                count(&mut met, identity) > held
            },
        )
    }
}

/// Where second responses can begin, the one that proves the most rows first.
fn starts(instants: &[i64]) -> Vec<ResponseStart> {
    let Some(oldest) = instants.first().copied() else { return Vec::new() };
    let above = |millis: i64| oldest.saturating_add(millis);
    let mut starts = vec![
        ResponseStart { since: above(1), from: above(1) },
        // For a server that excludes the bound and has a row there.
        ResponseStart { since: oldest, from: above(1) },
    ];
    // For a server that reads the bound to the second or to the minute, and for one where many rows
    // arrive meanwhile.
    let middle = instants.get(instants.len() / 2).copied();
    let later = [above(1002), above(60_002)].into_iter().chain(middle.filter(|at| *at > above(1)));
    let is_known = |from: &i64| instants.last().is_some_and(|newest| from <= newest);
    starts.extend(later.filter(is_known).map(|from| ResponseStart { since: from - 1, from }));
    starts
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_second_response_begins_above_the_oldest_instant_however_the_bound_is_read() {
        let starts = |instants: &[i64]| -> Vec<(i64, i64)> {
            super::starts(instants).iter().map(|start| (start.since, start.from)).collect()
        };
        assert_eq!(starts(&[5]), [(6, 6), (5, 6)]);
        assert_eq!(starts(&[5, 9, 2000]), [(6, 6), (5, 6), (1006, 1007), (8, 9)]);
    }
}
