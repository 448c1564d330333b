//! One response of a source: its rows and their anomalies.

use super::{Anomalies, Log, TimeRange, Timestamp};

/// The decoded response to one request.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Page {
    /// The rows, in the order in which the server sent them.
    pub logs: Vec<Log>,
    /// The anomalies of the response as a whole, and of its rows as far as decoding met them; see
    /// [`field_anomalies`](Self::field_anomalies) for the others.
    pub anomalies: Anomalies,
    /// Size of the decoded body in bytes.
    pub bytes: usize,
    /// The `sentAt` times that are listed completely: each message of this range that matches the
    /// query is on this page or on an earlier page of the same run, unless it is in a reported gap.
    /// The ranges of the pages of a run are adjacent, newest first. A page can have rows that are older
    /// than its range: more rows of their instant can be on the next page. `None` where nothing is
    /// known, as for a single response.
    pub covers: Option<TimeRange>,
    /// The time at which the source responded: by its own clock where it states that (the HTTP
    /// header `Date`), else by the clock of this machine. `None` for a source without a clock.
    pub server_time: Option<Timestamp>,
}

impl Page {
    /// The anomalies of the documented fields of the rows. They are not in `anomalies`, because
    /// formats that pass rows on unchanged do not read the fields.
    #[must_use]
    pub fn field_anomalies(&self) -> Anomalies {
        let mut anomalies = Anomalies::default();
        for (log, row) in self.logs.iter().zip(1..) {
            log.check(|anomaly| anomalies.note(anomaly, row));
        }
        anomalies
    }
}
