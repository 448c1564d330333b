//! Sends queries to the source, and counts requests, responses and rows.

use super::RunReport;
use super::response_rows::ResponseRows;
use super::response_size::ResponseSize;
use crate::model::{Anomalies, Anomaly, Page, TimeRange, Timestamp};
use crate::query::{Extent, Query, RowFilter};
use crate::source::{Gap, Source, SourceError};

/// A row counts as sent in the future if its time is this many milliseconds ahead; clocks can differ
/// by less.
const FUTURE_MILLIS: i64 = 5 * 60 * 1000;

/// A source, with the report of the requests to it.
pub(super) struct Requester<S> {
    source: S,
    pub(super) report: RunReport,
    /// The known length of responses.
    pub(super) size: ResponseSize,
    /// The time of the source at its latest response.
    pub(super) server_time: Option<i64>,
    /// The filters other than the window; `None` if there are none.
    filters: Option<RowFilter>,
    now: i64,
}

impl<S: Source> Requester<S> {
    pub(super) fn new(source: S, query: &Query, now: Timestamp) -> Self {
        let filters = Query {
            since: None,
            until: None,
            limit: None,
            extent: Extent::OnePage,
            extra: Vec::new(),
            ..query.clone()
        };
        Self {
            source,
            report: RunReport { since: query.since, until: query.until, ..RunReport::default() },
            size: ResponseSize::default(),
            server_time: None,
            filters: (filters != Query::default()).then(|| RowFilter::new(&filters)),
            now: now.millis(),
        }
    }

    pub(super) fn fetch(&mut self, query: &Query) -> Result<ResponseRows, SourceError> {
        self.report.requests += 1;
        let page = self.source.fetch(query)?;
        self.report.bytes += page.bytes as u64;
        let response = ResponseRows::read(page, query.limit);
        self.size.note(response.sent);
        self.server_time = response.server_time.map(Timestamp::millis).or(self.server_time);
        self.report.anomalies.add(&response.anomalies, self.report.rows);
        Ok(response)
    }

    /// Counts the rows as returned, and makes a page of them; `None` if there are none.
    pub(super) fn count_page(&mut self, mut response: ResponseRows) -> Option<Page> {
        if response.logs.is_empty() {
            return None;
        }
        let odd = self.odd_rows(&response);
        response.anomalies.add(&odd, 0);
        self.report.anomalies.add(&odd, self.report.rows);
        self.report.rows += response.logs.len() as u64;
        self.report.pages += 1;
        if let Some(oldest) = response.times.iter().rev().flatten().next() {
            let before = self.report.reached.map_or(i64::MAX, Timestamp::millis);
            self.report.reached = Some(Timestamp::from_millis(before.min(*oldest)));
        }
        let ResponseRows { logs, anomalies, bytes, server_time, .. } = response;
        Some(Page { logs, anomalies, bytes, covers: None, server_time })
    }

    /// The anomalies of rows that do not match the query, or that were sent in the future.
    fn odd_rows(&self, response: &ResponseRows) -> Anomalies {
        let mut odd = Anomalies::default();
        let (since, until) = (self.report.since, self.report.until);
        let now = self.server_time.unwrap_or(self.now);
        for ((at, log), row) in response.rows().zip(1..) {
            let fits = row <= response.requested
                && self.filters.as_ref().is_none_or(|filters| filters.matches(log))
                && at.is_none_or(|at| {
                    since.is_none_or(|since| at >= since.millis())
                        && until.is_none_or(|until| at <= until.millis())
                });
            if !fits {
                odd.note(Anomaly::NotInQuery, row);
            }
            if at.is_some_and(|at| at > now.saturating_add(FUTURE_MILLIS)) {
                odd.note(Anomaly::FutureSentAt, row);
            }
        }
        odd
    }

    /// Records that rows from `since` to `until` may be missing.
    pub(super) fn note_gap(
        &mut self,
        since: Option<Timestamp>,
        until: Option<Timestamp>,
        reason: impl Into<String>,
    ) {
        self.report.gaps.push(Gap { since, until, at_least: 0, reason: reason.into() });
    }

    /// Records that some of the rows of a crowded range, which has at least this many, could not be
    /// listed.
    pub(super) fn note_crowd(&mut self, range: TimeRange, at_least: usize) {
        let since = Some(Timestamp::from_millis(range.since));
        let until = Some(Timestamp::from_millis(range.until.saturating_sub(1)));
        let reason = if since == until {
            "more messages were sent in one millisecond than a response can have, and some cannot be listed separately"
        } else {
            "more messages were sent in the shortest time that the server distinguishes than a response can have"
        };
        let at_least = at_least as u64;
        self.report.gaps.push(Gap { since, until, at_least, reason: reason.to_owned() });
    }

    /// The time before which messages may have expired, in milliseconds since 1970; `None` if messages
    /// do not expire, or the time of the server is not known.
    pub(super) fn expired_before(&self) -> Option<i64> {
        let kept = i64::try_from(self.source.retention()?.as_millis()).ok()?;
        // HTTP dates are cut to the second.
        Some(self.server_time?.saturating_add(999).saturating_sub(kept))
    }
}
