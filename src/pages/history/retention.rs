//! Rows that expire during a long run.
//!
//! A run lists the newest rows first and the oldest rows last, which may have expired by then. So the
//! oldest part of the window is fetched early, further parts are fetched before they expire, and their
//! rows, the reserve, are returned at the end. A range that expires nevertheless becomes a gap.

use std::sync::{Arc, OnceLock};

use super::History;
use crate::model::{Log, Timestamp};
use crate::pages::boundary::{RowCounts, count};
use crate::pages::response_rows::ResponseRows;
use crate::pages::response_size::ResponseRoom;
use crate::query::{Extent, Query};
use crate::source::{Source, SourceError};

/// A window that begins this close to the oldest message that the source keeps is meant to begin with
/// that message, such as a window of exactly 48 hours.
const NEAR_MILLIS: i64 = 5_000;
/// A window that begins this long after the oldest message that the source keeps is listed before it
/// expires.
const FAR_MILLIS: i64 = 60 * 60 * 1000;
/// A run that is not longer than this need not list messages that expire during the run.
const SHORT_MILLIS: i64 = 60_000;
/// The longest part of a window that is fetched early at once.
const MAX_RESERVE_MILLIS: i64 = 15 * 60 * 1000;
/// The next part is fetched if its messages begin to expire within this time.
const AHEAD_MILLIS: i64 = 30_000;
/// The maximum number of rows in the reserve, so that memory stays bounded.
const MAX_ROWS: usize = 20_000;
/// The maximum number of requests for one part: each is for a shorter part, until the rows fit into a
/// response.
const MAX_REQUESTS: u32 = 4;

/// Messages from before this time had expired at the first response of a run. Clones share the time,
/// because the histories that are parts of one run began together.
#[derive(Clone, Default)]
pub(in crate::pages) struct ExpiredAtFirst(Arc<OnceLock<i64>>);

impl ExpiredAtFirst {
    /// Records the time at a response, if it is the first one.
    fn note(&self, expired: i64) {
        self.0.get_or_init(|| expired);
    }

    fn get(&self) -> Option<i64> {
        self.0.get().copied()
    }
}

/// The oldest part of a window, fetched early, and the times before which messages had expired.
#[derive(Default)]
pub(super) struct Reserve {
    /// Whether it is decided if a reserve is needed.
    is_decided: bool,
    /// The start of the reserve; `None` if nothing was fetched early.
    start: Option<i64>,
    /// The end of the reserve: it has all rows from the start to before this instant.
    until: i64,
    /// The length of the next part, in milliseconds.
    length: i64,
    rows: Vec<Log>,
    /// Rows of the reserve's range that pages returned.
    returned: RowCounts,
    /// Whether the source returned a row that should have expired.
    pub(super) keeps_longer: bool,
    /// At the first response of this run, or of the run that it resumes.
    expired_at_first: ExpiredAtFirst,
    /// An earlier run listed every row from this instant on.
    listed_before: Option<i64>,
    /// Messages from before this time had expired when the reserve was last checked.
    expired_at_last: Option<i64>,
    /// Messages from before this time had expired when the oldest rows were listed, by a response
    /// that had room for more rows.
    expired_at_listing: Option<i64>,
}

impl Reserve {
    /// Continues an earlier run that listed every row from this instant on.
    pub(super) fn resume(&mut self, listed: i64, expired: Option<i64>) {
        self.listed_before = Some(listed);
        if let Some(expired) = expired {
            self.expired_at_first.note(expired);
        }
    }

    /// The reserve of a part of a run.
    pub(super) fn sharing(expired_at_first: ExpiredAtFirst) -> Self {
        Self { expired_at_first, ..Self::default() }
    }

    /// Records a response, at which messages from before `expired` had expired.
    fn note(&mut self, response: &ResponseRows, expired: Option<i64>) {
        let Some(expired) = expired else { return };
        self.expired_at_first.note(expired);
        let oldest = response.times.iter().rev().flatten().next();
        self.keeps_longer |= oldest.is_some_and(|at| *at < expired - 2 * NEAR_MILLIS);
    }

    fn note_returned(&mut self, response: &ResponseRows) {
        for (at, log) in response.rows() {
            if at.is_some_and(|at| at < self.until) && !self.rows.is_empty() {
                count(&mut self.returned, log.identity());
            }
        }
    }
}

impl<S: Source> History<S> {
    /// Records how far back a response goes, and the time before which messages had expired.
    pub(super) fn note_response(&mut self, response: &ResponseRows) {
        let expired = self.requester.expired_before();
        self.reserve.note(response, expired);
        let first = self.reserve.expired_at_first.get();
        self.requester.report.expired_before = first.map(Timestamp::from_millis);
    }

    /// Records a page whose rows are returned, and whether its response had room for more rows.
    pub(super) fn note_listed(&mut self, response: &ResponseRows, room: ResponseRoom) {
        self.note_response(response);
        self.reserve.note_returned(response);
        let expired = self.requester.expired_before();
        self.reserve.expired_at_listing = expired.filter(|_| room == ResponseRoom::Left);
    }

    /// Fetches the oldest part of the window, if it may expire before the pages reach it.
    pub(super) fn keep_reserve(&mut self) -> Result<(), SourceError> {
        if self.query.extent != Extent::All || self.reserve.keeps_longer {
            return Ok(());
        }
        let Some(expired) = self.requester.expired_before() else { return Ok(()) };
        if !std::mem::replace(&mut self.reserve.is_decided, true) {
            let since = self.window.since.unwrap_or(i64::MIN);
            let start = since.max(expired);
            let is_listed = self.boundary.instant().is_none_or(|at| at <= start);
            if is_listed || since > expired.saturating_add(FAR_MILLIS) {
                return Ok(());
            }
            self.reserve.until = start;
            self.reserve.length = MAX_RESERVE_MILLIS;
            self.fetch_part()?;
            // The window of a query without a start, or with one at the end of the retention,
            // begins with what the source kept at the time of the request.
            let first = self.reserve.expired_at_first.get().unwrap_or(expired);
            let is_near = since <= first.saturating_add(NEAR_MILLIS);
            let expired = self.requester.expired_before().unwrap_or(expired);
            self.reserve.start = Some(start.max(expired));
            // The messages that expired since the first response of this run, or of the run that it
            // resumes.
            if !is_near || expired.saturating_sub(first) > SHORT_MILLIS {
                self.note_expired_range(since.max(first), expired);
            }
            return Ok(());
        }
        let is_reached = self.boundary.instant().is_none_or(|at| at < self.reserve.until);
        // Until the next check, as much may expire as since the last one.
        let since_last = expired
            .saturating_sub(self.reserve.expired_at_last.replace(expired).unwrap_or(expired));
        let ahead = AHEAD_MILLIS.saturating_add(since_last.saturating_mul(3));
        let is_due = expired.saturating_add(ahead) >= self.reserve.until;
        let is_kept = self.reserve.start.is_some() && self.reserve.rows.len() < MAX_ROWS;
        if is_kept && is_due && !is_reached {
            let since = self.reserve.until;
            self.fetch_part()?;
            self.note_expired_range(since, self.requester.expired_before().unwrap_or(since));
        }
        Ok(())
    }

    /// Fetches the next part, and shortens it until its rows fit into a response.
    fn fetch_part(&mut self) -> Result<(), SourceError> {
        let since = self.reserve.until;
        let rows = self.page_rows as usize;
        let mut was_empty = false;
        for _ in 0..MAX_REQUESTS {
            // The reserve need not contain rows that pages have returned.
            let listed = self.boundary.instant().unwrap_or(since);
            let end = since.saturating_add(self.reserve.length).min(listed);
            let query = Query {
                since: Some(Timestamp::from_millis(since.saturating_sub(1))),
                ..self.request(Some(end), self.page_rows)
            };
            let response = self.requester.fetch(&query)?;
            self.reserve.note(&response, self.requester.expired_before());
            let inside = |at: Option<i64>| at.is_some_and(|at| since <= at && at < end);
            let newest = response.times.iter().copied().find(|at| inside(*at)).flatten();
            if self.requester.size.room(response.sent, rows) != ResponseRoom::Left {
                self.reserve.length = (self.reserve.length / 8).max(1);
                continue;
            }
            if response.sent == 0 && !was_empty {
                was_empty = true;
                continue;
            }
            // A server that reads the end to the second or the minute leaves out the last rows.
            let until = match newest {
                _ if self.ends.is_exact => end,
                Some(newest) => newest + 1,
                None => end.saturating_sub(60_000),
            };
            self.reserve.until = until.max(since);
            let found = response.rows().filter(|(at, _)| inside(*at)).map(|(_, log)| log.clone());
            self.reserve.rows.extend(found);
            if response.sent < rows / 8 {
                self.reserve.length = self.reserve.length.saturating_mul(4).min(MAX_RESERVE_MILLIS);
            }
            return Ok(());
        }
        Ok(())
    }

    /// Returns the rows of the reserve that no page has returned, and records a gap if rows may have
    /// expired before they were fetched.
    pub(super) fn rest_of_reserve(&mut self) -> ResponseRows {
        self.note_expired();
        let reserve = std::mem::take(&mut self.reserve);
        let mut returned = reserve.returned;
        let rows = reserve
            .rows
            .into_iter()
            .filter(|log| match returned.get_mut(&log.identity()) {
                Some(times) if *times > 0 => {
                    *times -= 1;
                    false
                }
                _ => true,
            })
            .collect();
        ResponseRows::of_rows(rows)
    }

    fn note_expired(&mut self) {
        let reserve = &self.reserve;
        let Some(now) = self.requester.expired_before().filter(|_| !reserve.keeps_longer) else {
            return;
        };
        let first = reserve.expired_at_first.get().unwrap_or(now);
        let listed = reserve.expired_at_listing.unwrap_or(now);
        let start = match (reserve.start, self.window.since) {
            (Some(start), _) => start.max(reserve.until),
            (None, Some(since)) if since > first.saturating_add(NEAR_MILLIS) => since,
            (None, _) if now - first <= SHORT_MILLIS => now,
            (None, _) => first,
        };
        self.note_expired_range(start, listed);
    }

    fn note_expired_range(&mut self, since: i64, until: i64) {
        let until = self.reserve.listed_before.map_or(until, |listed| until.min(listed));
        if since < until {
            self.requester.note_gap(
                Some(Timestamp::from_millis(since)),
                Some(Timestamp::from_millis(until - 1)),
                "messages of this time expired during the run",
            );
        }
    }
}
