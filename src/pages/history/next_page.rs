//! The pages after the first one: each ends at the boundary, and must repeat a row of its instant.

use super::first_page::subsecond_time;
use super::reasons::{BEYOND, NO_LINK, UNDATED, UNPROVED_ORDER, WRONG_ORDER};
use super::{History, HistoryState, Link};
use crate::model::Timestamp;
use crate::pages::boundary::ResponseComparison;
use crate::pages::response_rows::ResponseRows;
use crate::pages::response_size::ResponseRoom;
use crate::query::Query;
use crate::source::{Source, SourceError};

/// The slacks to try, in milliseconds: a server may read the end to the second or to the minute.
const SLACKS: [i64; 2] = [1000, 60_000];

/// How many stale responses per page are taken for those of a cache, which can return the response to
/// an earlier request. A server with more of them ignores the end.
const MAX_STALE: u32 = 2;

/// A response with its request, and its comparison with the boundary.
struct LinkedResponse {
    response: ResponseRows,
    found: ResponseComparison,
    request: Query,
    end: i64,
}

impl LinkedResponse {
    /// Whether a row is newer than the end of the request, as in the response of a cache to an earlier
    /// request.
    fn is_stale(&self) -> bool {
        self.response.times.iter().flatten().next().is_some_and(|newest| *newest > self.end)
    }
}

/// Whether a response is linked to the page before it.
enum LinkResult {
    /// The response repeats the row that it must repeat, if any.
    Yes(LinkedResponse),
    /// Rows above the boundary fill the response.
    Blocked(LinkedResponse),
    /// The response does not repeat the row that it must repeat.
    No(LinkedResponse),
}

impl<S: Source> History<S> {
    /// Requests a page that ends at the boundary, and decides how to continue.
    pub(super) fn next_page_down(&mut self) -> Result<ResponseRows, SourceError> {
        let Some(instant) = self.boundary.instant() else { return Ok(ResponseRows::none()) };
        self.keep_reserve()?;
        let received = match self.linked(instant)? {
            LinkResult::Yes(received) => received,
            LinkResult::Blocked(received) => {
                self.unblock(instant, &received);
                return Ok(ResponseRows::none());
            }
            LinkResult::No(received) => {
                self.note_missing_link(instant, &received);
                if received.found.oldest.is_none() {
                    return Ok(ResponseRows::none());
                }
                received
            }
        };
        self.list(instant, received)
    }

    /// Lists the rows of a response.
    fn list(
        &mut self,
        instant: i64,
        received: LinkedResponse,
    ) -> Result<ResponseRows, SourceError> {
        self.subsecond_time = self.subsecond_time.or_else(|| subsecond_time(&received.response));
        let LinkedResponse { mut response, mut found, request, end } = received;
        let advances = found.oldest.is_some_and(|oldest| oldest < instant);
        if self.was_short && (advances || found.any_new) {
            // If the response before had had room, it would have contained these rows.
            self.requester.size.note_cap();
        }
        if (advances || found.any_new)
            && let Some((range, at_least)) = self.incomplete_if_capped.take()
        {
            self.requester.size.note_cap();
            self.requester.note_crowd(range, at_least);
        }
        let mut is_cut = false;
        self.state = HistoryState::Next;
        if (advances || found.below_window) && self.order_is_open() {
            match self.prove_order(&mut response, &request) {
                Ok(cut) => is_cut = cut,
                // The page is returned, and proves nothing.
                Err(error) => self.state = HistoryState::Failed(error),
            }
            found = self.boundary.compare(&response, self.window);
        }
        let room = if is_cut { ResponseRoom::None } else { self.room(&response, &request) };
        self.was_short = room == ResponseRoom::Unknown;
        if advances {
            self.link = Link::Boundary;
        } else if !matches!(self.state, HistoryState::Failed(_)) {
            self.decide(&response, &found, (&request, end))?;
        }
        self.boundary.advance(&response, found.oldest, self.window);
        if matches!(self.state, HistoryState::Crowd(_)) {
            // By now, the rows of the boundary in this response are listed too.
            self.start_crowd(self.room(&response, &request) == ResponseRoom::Unknown);
        }
        self.requester.report.duplicates += found.repeated;
        response.keep(&found.kept);
        if !response.logs.is_empty() {
            self.note_listed(&response, room);
        }
        Ok(response)
    }

    fn receive(&mut self, end: i64) -> Result<LinkedResponse, SourceError> {
        let request = self.request(Some(end), self.page_limit());
        let response = self.requester.fetch(&request)?;
        let found = self.boundary.compare(&response, self.window);
        Ok(LinkedResponse { response, found, request, end })
    }

    /// Sends requests until a response repeats a row of the boundary: first the same request twice,
    /// because a replica may be behind, then with an end that is later by a second and by a minute.
    fn linked(&mut self, instant: i64) -> Result<LinkResult, SourceError> {
        if let Link::Below(end) = self.link {
            let mut received = self.receive(end)?;
            if received.response.sent == 0 || received.is_stale() {
                received = self.receive(end)?;
            }
            return Ok(if self.is_blocked(&received) {
                LinkResult::Blocked(received)
            } else {
                LinkResult::Yes(received)
            });
        }
        let slack = self.ends.slack;
        let is_exact = self.ends.is_exact;
        let wider = SLACKS.into_iter().filter(|it| *it > slack && !is_exact);
        // A later end does not help if the server reads the end to the millisecond.
        let wider = wider.chain([slack, slack].into_iter().filter(|_| is_exact));
        let slacks: Vec<i64> = [slack, slack].into_iter().chain(wider).collect();
        let mut best: Option<LinkedResponse> = None;
        let mut stale = 0;
        for slack in slacks {
            let end = self.end_above(instant, slack);
            let mut received = self.receive(end)?;
            if matches!(self.link, Link::EarlierRun(_)) && received.response.sent == 0 {
                received = self.receive(end)?;
            }
            while stale < MAX_STALE && received.is_stale() {
                stale += 1;
                received = self.receive(end)?;
            }
            if received.found.unlisted_above {
                self.boundary.next_is_open = false;
                self.note_order_gap(WRONG_ORDER);
            }
            if let Some(repeated) = self.repeated_time(instant, &received) {
                self.ends.slack = slack;
                let is_within_second = end.div_euclid(1000) * 1000 < repeated;
                self.ends.is_exact |= is_within_second && !received.is_stale();
                self.check_above(instant, &received)?;
                return Ok(LinkResult::Yes(received));
            }
            if self.is_blocked(&received) {
                self.ends.slack = slack;
                return Ok(LinkResult::Blocked(received));
            }
            if best.as_ref().is_none_or(|best| received.found.newest > best.found.newest) {
                best = Some(received);
            }
        }
        let received = match best {
            Some(best) => best,
            None => self.receive(self.end_above(instant, slack))?,
        };
        let may_lack = self.link == Link::EarlierRun(None);
        Ok(if may_lack { LinkResult::Yes(received) } else { LinkResult::No(received) })
    }

    /// The time of the row that the response had to repeat, if it does.
    fn repeated_time(&self, instant: i64, received: &LinkedResponse) -> Option<i64> {
        match self.link {
            Link::EarlierRun(Some(edge)) => {
                received.response.times.contains(&Some(edge)).then_some(edge)
            }
            _ => received.found.touches.then_some(instant),
        }
    }

    /// Proves that the millisecond above the boundary is listed, if that is open. A response that had
    /// room for more rows proves it; otherwise, a request for this time alone does.
    fn check_above(&mut self, instant: i64, received: &LinkedResponse) -> Result<(), SourceError> {
        if !std::mem::take(&mut self.boundary.next_is_open)
            || self.room(&received.response, &received.request) == ResponseRoom::Left
        {
            return Ok(());
        }
        let request = Query {
            since: Some(Timestamp::from_millis(instant)),
            until: Some(Timestamp::from_millis(instant.saturating_add(2))),
            ..self.request(None, self.page_rows)
        };
        self.boundary.next_is_open = true;
        let mut response = self.requester.fetch(&request)?;
        if response.sent == 0 {
            response = self.requester.fetch(&request)?;
        }
        let found = self.boundary.compare(&response, self.window);
        self.boundary.next_is_open = false;
        if found.unlisted_above {
            self.note_order_gap(WRONG_ORDER);
        } else if !found.touches && self.room(&response, &request) != ResponseRoom::Left {
            self.note_order_gap(UNPROVED_ORDER);
        }
        Ok(())
    }

    /// The end to request, so that the server returns the rows of `instant`.
    pub(super) fn end_above(&self, instant: i64, slack: i64) -> i64 {
        let above = match (slack, self.ends.is_included) {
            // The response must contain rows of the next millisecond, whether the server includes the
            // end or not.
            _ if self.boundary.next_is_open => 2,
            (0, true) => 0,
            _ => 1,
        };
        let end = instant.saturating_add(above + slack);
        // Rows newer than the window were left out of the first page.
        if slack > 0 { end } else { self.window.until.map_or(end, |until| end.min(until + 1)) }
    }

    /// Whether rows above the boundary left no room for other rows.
    fn is_blocked(&self, received: &LinkedResponse) -> bool {
        let LinkedResponse { response, found, request, .. } = received;
        found.above && found.oldest.is_none() && self.room(response, request) != ResponseRoom::Left
    }

    /// Decides how to continue when rows above the boundary fill the responses.
    fn unblock(&mut self, instant: i64, received: &LinkedResponse) {
        let newest = received.response.times.iter().flatten().next().copied();
        self.state = HistoryState::Next;
        if received.request.limit < Some(self.page_rows) {
            self.ends.full_pages = true;
        } else if self.boundary.next_is_open {
            self.boundary.next_is_open = false;
            self.note_order_gap(UNPROVED_ORDER);
        } else if self.ends.slack == 0 && !self.ends.is_included && newest == Some(received.end) {
            // The server includes the end, and the rows of the end fill the response.
            self.ends.is_included = true;
            if let Link::Below(end) = &mut self.link {
                *end = instant;
            }
        } else if self.ends.slack > 0 && !matches!(self.link, Link::Below(_)) {
            self.start_crowd(false);
        } else {
            self.state = HistoryState::Stuck(BEYOND);
        }
    }

    /// Records the rows that may be missing because a response did not repeat a row of the boundary.
    fn note_missing_link(&mut self, instant: i64, linked: &LinkedResponse) {
        let found = &linked.found;
        let has_expired = !self.reserve.keeps_longer
            && self.requester.expired_before().is_some_and(|expired| instant < expired);
        self.state = match found.newest {
            Some(newest) => {
                let since = Some(Timestamp::from_millis(newest));
                let until = Some(Timestamp::from_millis(instant));
                self.requester.note_gap(since, until, NO_LINK);
                HistoryState::Next
            }
            None if has_expired => HistoryState::Last,
            None if found.undated => HistoryState::Stuck(UNDATED),
            None => HistoryState::Stuck(NO_LINK),
        };
    }

    /// Decides how to continue after a response without a row below the boundary.
    fn decide(
        &mut self,
        response: &ResponseRows,
        found: &ResponseComparison,
        (request, end): (&Query, i64),
    ) -> Result<(), SourceError> {
        let mut room = self.room(response, request);
        if found.any_new && room != ResponseRoom::None {
            // The next request proves that nothing is left.
            return Ok(());
        }
        if found.below_window && !found.undated {
            // Rows come newest first: if rows from before the window follow, the window is listed.
            self.state = HistoryState::Last;
            return Ok(());
        }
        if room == ResponseRoom::Unknown && request.limit == Some(self.page_rows) {
            room = self.room_by_another_request(response, request)?;
        }
        let newest = response.times.iter().flatten().next().copied();
        self.state = match room {
            ResponseRoom::Left => HistoryState::Last,
            _ if request.limit < Some(self.page_rows) => {
                self.ends.full_pages = true;
                HistoryState::Next
            }
            _ if found.oldest.is_none() => HistoryState::Stuck(UNDATED),
            _ if found.above && newest > Some(end) => HistoryState::Stuck(BEYOND),
            _ if found.above && self.ends.slack == 0 && !self.ends.is_included => {
                self.ends.is_included = true;
                HistoryState::Next
            }
            _ => {
                self.start_crowd(room == ResponseRoom::Unknown);
                return Ok(());
            }
        };
        Ok(())
    }
}
