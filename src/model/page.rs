//! One response of a source: its rows, and what was odd about them.

use super::{Anomalies, Log, TimeRange, Timestamp};

/// The decoded response to one request.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Page {
    /// The rows, in the order in which the server sent them.
    pub logs: Vec<Log>,
    /// What was odd about the response.
    pub anomalies: Anomalies,
    /// Size of the decoded body in bytes.
    pub bytes: usize,
    /// The `sentAt` times that are listed completely: each message of this range that fits the
    /// query is on this page or on an earlier one of the same run, unless a reported gap holds it.
    /// The ranges of the pages of a run follow each other without a hole, newest first. A page may
    /// hold rows that are older than its range: more rows of their instant may be on the next page.
    /// `None` where nothing is known, as for one response alone.
    pub covers: Option<TimeRange>,
    /// The time at which the source responded: by its own clock where it states that (the HTTP
    /// header `Date`), else by the clock of this machine. `None` for a source without a clock.
    pub server_time: Option<Timestamp>,
}

impl Page {
    /// What is odd about the documented fields of the rows. Formats that pass a row on as it came
    /// have no use for it.
    #[must_use]
    pub fn field_anomalies(&self) -> Anomalies {
        let mut odd = Anomalies::default();
        for (log, row) in self.logs.iter().zip(1..) {
            log.check(|anomaly| odd.note(anomaly, row));
        }
        odd
    }
}
