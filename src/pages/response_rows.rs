//! The rows of one response, prepared for paging: sorted newest first, each with its time.

use std::cmp::Reverse;

use crate::model::{Anomalies, Anomaly, Log, Page, Timestamp};

/// The first millisecond of the year 2000. An earlier time is a placeholder for a missing one (1970,
/// the year 1), and paging would end too early if it were the oldest row.
const EARLIEST_MILLIS: i64 = 946_684_800_000;

/// The rows of one response, newest first. A row without a usable time stays after the row that the
/// server sent before it.
pub(super) struct ResponseRows {
    pub(super) logs: Vec<Log>,
    /// When each row was sent, in milliseconds since 1970; `None` if the row has no usable time.
    pub(super) times: Vec<Option<i64>>,
    pub(super) anomalies: Anomalies,
    pub(super) bytes: usize,
    pub(super) server_time: Option<Timestamp>,
    /// The number of rows that the server sent, including those that were dropped since.
    pub(super) sent: usize,
    /// The number of rows that were requested.
    pub(super) requested: u64,
}

impl ResponseRows {
    /// A response without rows.
    pub(super) fn none() -> Self {
        Self::read(Page::default(), None)
    }

    /// Reads the response to a query with this limit.
    pub(super) fn read(page: Page, limit: Option<u32>) -> Self {
        let Page { logs, mut anomalies, bytes, server_time, .. } = page;
        let times: Vec<_> = logs.iter().map(sent_millis).collect();
        let (sent, requested) = (logs.len(), limit.map_or(u64::MAX, u64::from));
        let was_sorted = times.iter().flatten().is_sorted_by_key(|at| Reverse(*at));
        let (times, logs) = if was_sorted {
            (times, logs)
        } else {
            anomalies.note(Anomaly::Unsorted, 0);
            newest_first(logs, &times)
        };
        Self { logs, times, anomalies, bytes, server_time, sent, requested }
    }

    /// Rows of several responses, in any order. Rows without a usable time come last.
    pub(super) fn of_rows(logs: Vec<Log>) -> Self {
        let mut rows: Vec<_> = logs.into_iter().map(|log| (sent_millis(&log), log)).collect();
        rows.sort_by_key(|(at, _)| Reverse(*at));
        let sent = rows.len();
        let (times, logs) = rows.into_iter().unzip();
        Self { logs, times, sent, ..Self::none() }
    }

    /// Drops every row that is older than this instant.
    pub(super) fn cut_below(&mut self, instant: i64) {
        let kept: Vec<_> = self.times.iter().map(|at| at.is_none_or(|at| at >= instant)).collect();
        self.keep(&kept);
    }

    /// Each row with its time.
    pub(super) fn rows(&self) -> impl Iterator<Item = (Option<i64>, &Log)> {
        self.times.iter().copied().zip(&self.logs)
    }

    /// The rows of one instant.
    pub(super) fn rows_at(&self, instant: i64) -> impl Iterator<Item = &Log> {
        self.rows().filter(move |(at, _)| *at == Some(instant)).map(|(_, log)| log)
    }

    /// Keeps the rows that are marked, and returns how many were dropped.
    pub(super) fn keep(&mut self, kept: &[bool]) -> u64 {
        let before = self.logs.len();
        if kept.contains(&false) {
            let mut marks = kept.iter();
            self.logs.retain(|_| marks.next().copied().unwrap_or(true));
            let mut marks = kept.iter();
            self.times.retain(|_| marks.next().copied().unwrap_or(true));
        }
        (before - self.logs.len()) as u64
    }

    /// Keeps the newest rows, up to this number.
    pub(super) fn truncate(&mut self, rows: u64) {
        let rows = usize::try_from(rows).unwrap_or(usize::MAX);
        self.logs.truncate(rows);
        self.times.truncate(rows);
    }
}

/// When the message of a row was sent, if paging can use that time: pages are sorted by these times,
/// and a row without one can be anywhere.
#[must_use]
#[doc(hidden)]
pub fn paging_time(log: &Log) -> Option<Timestamp> {
    sent_millis(log).map(Timestamp::from_millis)
}

/// [`paging_time`] in milliseconds since 1970.
pub(super) fn sent_millis(log: &Log) -> Option<i64> {
    log.sent_at().map(Timestamp::millis).filter(|at| *at >= EARLIEST_MILLIS)
}

/// Sorts rows by time, newest first. Rows of one instant keep the order of the server.
fn newest_first(logs: Vec<Log>, times: &[Option<i64>]) -> (Vec<Option<i64>>, Vec<Log>) {
    let mut last = times.iter().flatten().next().copied().unwrap_or_default();
    let mut rows: Vec<_> = times
        .iter()
        .zip(logs)
        .map(|(at, log)| {
            last = at.unwrap_or(last);
            (last, *at, log)
        })
        .collect();
    rows.sort_by_key(|(place, ..)| Reverse(*place));
    rows.into_iter().map(|(_, at, log)| (at, log)).unzip()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(sent: &[&str]) -> ResponseRows {
        let row = |(n, at): (usize, &&str)| {
            Log::read(format!(r#"{{"messageId":"m{n}","sentAt":"{at}"}}"#), |_| ())
        };
        let logs = sent.iter().enumerate().map(row).collect();
        ResponseRows::read(Page { logs, ..Page::default() }, None)
    }

    fn ids(response: &ResponseRows) -> Vec<String> {
        let id = |log: &Log| log.cell(crate::model::Field::MessageId).into_text().into_owned();
        response.logs.iter().map(id).collect()
    }

    #[test]
    fn rows_are_ordered_by_instant_whatever_their_offset() {
        let response = response(&[
            "2026-10-25T02:30:00.000+0200",
            "2026-10-25T02:10:00.000+0100",
            "2026-10-25T01:00:00.000Z",
        ]);
        assert_eq!(ids(&response), ["m1", "m2", "m0"]);
        assert!(response.anomalies.has(Anomaly::Unsorted));
    }

    #[test]
    fn a_row_without_a_readable_time_stays_behind_the_row_before_it() {
        let response = response(&[
            "2026-10-25T02:00:00.000Z",
            "yesterday",
            "2026-10-25T03:00:00.000Z",
            "1970-01-01T00:00:00.000Z",
        ]);
        assert_eq!(ids(&response), ["m2", "m3", "m0", "m1"]);
        assert_eq!(response.times.iter().flatten().count(), 2);
    }

    #[test]
    fn rows_that_come_in_order_are_left_as_they_are() {
        let response = response(&["soon", "2026-10-25T03:00:00Z", "2026-10-25T03:00:00Z", ""]);
        assert_eq!(ids(&response), ["m0", "m1", "m2", "m3"]);
        assert!(response.anomalies.is_empty());
    }
}
