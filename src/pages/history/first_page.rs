//! The first page of a history: the newest rows, and whether they are all rows.

use std::collections::HashSet;

use super::reasons::{BEYOND, OUTSIDE, UNDATED};
use super::{History, HistoryState, Link};
use crate::model::{Identity, Timestamp};
use crate::pages::boundary::ResponseComparison;
use crate::pages::response_rows::ResponseRows;
use crate::pages::response_size::ResponseRoom;
use crate::query::{Extent, Query};
use crate::source::{Source, SourceError};

impl<S: Source> History<S> {
    /// Requests the newest rows. The request has no end unless the query has one: an end by a wrong
    /// clock would hide rows.
    pub(super) fn first_page(&mut self) -> Result<ResponseRows, SourceError> {
        let end = self.window.until.map(|until| until + 1);
        let mut request = self.request(end, self.page_limit());
        let mut response = self.requester.fetch(&request)?;
        if response.sent == 0 {
            response = self.repeat_empty_request(&mut request)?;
        }
        self.note_response(&response);
        let found = self.boundary.compare(&response, self.window);
        self.first_newest = found.newest;
        self.subsecond_time = subsecond_time(&response).or(self.subsecond_time);
        self.end_window_at(found.newest);
        if found.oldest.is_none() {
            let mut room = self.room(&response, &request);
            if room == ResponseRoom::Unknown && response.sent > 0 {
                room = self.room_by_another_request(&response, &request)?;
            }
            self.state = match () {
                () if response.sent == 0 || room == ResponseRoom::Left => HistoryState::Last,
                () if found.undated => HistoryState::Stuck(UNDATED),
                () if found.above => HistoryState::Stuck(BEYOND),
                () => HistoryState::Stuck(OUTSIDE),
            };
            self.boundary.advance(&response, None, self.window);
            self.note_listed(&response, ResponseRoom::Left);
            response.keep(&found.kept);
            return Ok(response);
        }
        let wanted = self.left.unwrap_or(u64::MAX);
        let kept = found.kept.iter().filter(|kept| **kept).count() as u64;
        if kept >= wanted {
            response.keep(&found.kept);
            return Ok(response);
        }
        if let Err(error) = self.judge_first_page(&mut response, found, &request) {
            // The rows that were received before the failure are returned, and prove nothing.
            let found = self.boundary.compare(&response, self.window);
            self.boundary.advance(&response, found.oldest, self.window);
            response.keep(&found.kept);
            self.state = HistoryState::Failed(error);
        }
        Ok(response)
    }

    /// Decides whether the first page has all rows of the window, and otherwise proves its order.
    fn judge_first_page(
        &mut self,
        response: &mut ResponseRows,
        found: ResponseComparison,
        request: &Query,
    ) -> Result<(), SourceError> {
        let mut room = self.room(response, request);
        let is_instant = found.oldest == found.newest;
        if room == ResponseRoom::Unknown
            && (is_instant || self.is_restricted())
            && response.sent < 500
        {
            room = self.room_by_another_request(response, request)?;
        }
        // A response was twice as long, so that the server cut off nothing even if its responses
        // differ in length.
        let is_whole =
            room == ResponseRoom::Left && response.sent * 2 <= self.requester.size.longest();
        let mut found = found;
        let mut is_cut = false;
        if !is_whole && self.order_is_open() {
            is_cut = self.prove_order(response, request)?;
            // The response may now have rows that arrived meanwhile.
            self.window.until = self.query.until.map(Timestamp::millis);
            found = self.boundary.compare(response, self.window);
            self.end_window_at(found.newest);
        }
        self.boundary.advance(response, found.oldest, self.window);
        let room = if is_cut { ResponseRoom::None } else { room };
        self.link = Link::Boundary;
        self.was_short = room == ResponseRoom::Unknown;
        self.state = HistoryState::Next;
        if is_whole {
            self.state = HistoryState::Last;
        }
        self.requester.report.duplicates += found.repeated;
        response.keep(&found.kept);
        self.note_listed(response, room);
        Ok(())
    }

    /// If the query has no end, ends the window at the time of the server or at its newest row,
    /// whichever is later.
    fn end_window_at(&mut self, newest: Option<i64>) {
        if self.window.until.is_none() {
            let end = self.requester.server_time.max(newest);
            self.window.until = end;
            self.requester.report.until = end.map(Timestamp::from_millis);
            self.covered = end.map_or(i64::MAX, |end| end.saturating_add(1));
        }
    }

    /// Repeats a request that returned no rows: the response may come from a replica that is behind,
    /// or from a server that reads the end to the minute. `request` becomes the request of the
    /// response.
    fn repeat_empty_request(&mut self, request: &mut Query) -> Result<ResponseRows, SourceError> {
        let slack = if self.window.until.is_some() { 60_000 } else { 0 };
        let until = request.until.map(|until| until.plus_millis(slack));
        let wider = Query { until, ..request.clone() };
        let response = self.requester.fetch(&wider)?;
        // A row without a usable time may be inside too.
        let may_be_inside = |at: &Option<i64>| {
            self.window.until.is_none_or(|until| at.is_none_or(|at| at <= until))
        };
        if response.sent == 0 || response.times.iter().any(may_be_inside) {
            *request = wider;
            return Ok(response);
        }
        // All rows are newer than the window.
        self.subsecond_time = self.subsecond_time.or_else(|| subsecond_time(&response));
        self.requester.fetch(request)
    }

    pub(super) fn room(&self, response: &ResponseRows, request: &Query) -> ResponseRoom {
        let requested = request.limit.map_or(usize::MAX, |limit| limit as usize);
        self.requester.size.room(response.sent, requested)
    }

    /// Whether the query has a filter or a time range.
    fn is_restricted(&self) -> bool {
        let extent = self.query.extent;
        Query { limit: None, ..self.query.clone() } != Query { extent, ..Query::default() }
    }

    /// Finds out whether a response had room for more rows by another request, without filters and
    /// time range, which has more rows to return. Its rows are not returned.
    pub(super) fn room_by_another_request(
        &mut self,
        response: &ResponseRows,
        request: &Query,
    ) -> Result<ResponseRoom, SourceError> {
        if self.room_is_open == Some(response.sent) {
            return Ok(ResponseRoom::Unknown);
        }
        let limit = u32::try_from(response.sent * 2 + 1).unwrap_or(Query::MAX_ROWS);
        let open = Query { limit: Some(limit.min(Query::MAX_ROWS)), ..Query::default() };
        let mut other = self.requester.fetch(&open)?;
        if other.sent == 0 {
            other = self.requester.fetch(&open)?;
        }
        let room = self.room(response, request);
        if room != ResponseRoom::Unknown || other.sent == 0 {
            return Ok(room);
        }
        // If more rows are known than the server returned, although they were requested, it cuts off
        // its responses.
        let rows = response.logs.iter().chain(&other.logs);
        let known: HashSet<Identity> = rows.map(crate::model::Log::identity).collect();
        let known = known.len().max(usize::try_from(self.requester.report.rows).unwrap_or(0));
        if known > other.sent {
            self.requester.size.note_cap();
        } else {
            self.room_is_open = Some(response.sent);
        }
        Ok(self.room(response, request))
    }

    /// Returns what is left when the window is listed down to its start.
    pub(super) fn last_page(&mut self) -> Result<ResponseRows, SourceError> {
        self.check_end_of_window()?;
        Ok(self.rest_of_reserve())
    }

    /// Proves that the server did not leave out the newest rows because it reads the end of the window
    /// to the second or to the minute, or records a gap. The other pages prove this only if one of
    /// them ended within a second.
    fn check_end_of_window(&mut self) -> Result<(), SourceError> {
        let until = self.query.until.map(Timestamp::millis);
        let is_checked = self.query.extent == Extent::All && self.end_is_checked;
        let Some(until) = until.filter(|_| is_checked) else {
            return Ok(());
        };
        let newest = self.first_newest.or(self.window.since.map(|since| since - 1));
        if self.ends_are_exact()? || newest.is_some_and(|newest| newest >= until) {
            return Ok(());
        }
        let newest = newest.unwrap_or(i64::MIN);
        for slack in [60_000, 1000] {
            let request = Query {
                since: (newest > i64::MIN).then(|| Timestamp::from_millis(newest)),
                ..self.request(Some(until.saturating_add(slack)), self.page_rows)
            };
            let mut response = self.requester.fetch(&request)?;
            if response.sent == 0 {
                response = self.requester.fetch(&request)?;
            }
            let is_missing = |at: &i64| newest < *at && *at <= until;
            if response.times.iter().flatten().any(is_missing) {
                break;
            }
            // A row above the window shows that the server read the end as a later time than that of
            // the window.
            let reaches = slack == 60_000 || response.times.iter().flatten().any(|at| *at > until);
            let is_whole = reaches && self.room(&response, &request) == ResponseRoom::Left;
            self.subsecond_time = self.subsecond_time.or_else(|| subsecond_time(&response));
            if is_whole || self.ends_are_exact()? {
                return Ok(());
            }
        }
        self.requester.note_gap(
            Some(Timestamp::from_millis(newest)).filter(|_| newest > i64::MIN),
            Some(Timestamp::from_millis(until)),
            "the server may read the end of the window to the second or to the minute",
        );
        Ok(())
    }

    /// Whether the server reads an end to the millisecond: it then returns a known row from within a
    /// second if the end is the next millisecond.
    fn ends_are_exact(&mut self) -> Result<bool, SourceError> {
        if !self.ends.is_exact
            && let Some(instant) = self.subsecond_time.take()
        {
            let end = Some(Timestamp::from_millis(instant + 1));
            let request = Query { until: end, since: None, ..self.request(None, 1) };
            let response = self.requester.fetch(&request)?;
            let newest = response.times.iter().flatten().next();
            self.ends.is_exact = newest.is_some_and(|at| (instant..=instant + 1).contains(at));
        }
        Ok(self.ends.is_exact)
    }
}

/// The time of a row that is not at the start or the end of a second.
pub(super) fn subsecond_time(response: &ResponseRows) -> Option<i64> {
    let is_within = |at: &i64| (1..999).contains(&at.rem_euclid(1000));
    response.times.iter().flatten().copied().find(is_within)
}
