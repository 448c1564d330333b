//! All the pages of one query, over any source.
//!
//! Nothing here prints, waits or retries: a failure of the source ends the pages, and the
//! [`RunReport`] says what was delivered before it and what is missing.

pub mod await_final;
mod awaited;
mod boundary;
mod crowded_range;
mod field_checks;
pub mod follow;
mod history;
mod many;
mod named_ids;
mod poll_failures;
mod poller;
mod prefetch;
mod requester;
mod response_rows;
mod response_size;
mod schedule;
mod server_clock;
mod shared_source;
mod split_filter;

#[cfg(test)]
pub(crate) mod test_support;
#[cfg(test)]
mod tests;

pub use field_checks::FieldChecks;
#[cfg(feature = "archive")]
pub(crate) use history::END_MARGIN;
pub(crate) use history::History;
pub use many::list;
pub use named_ids::NamedIds;
pub use prefetch::Prefetch;
pub use response_rows::paging_time;
pub use shared_source::SharedSource;

use crate::model::{Anomalies, Coverage, Identity, Page, TimeRange, Timestamp};
use crate::source::{Gap, SourceError};

/// The pages of a query, newest rows first. Sendable, so that one page can be fetched while the
/// one before it is written.
pub trait Pages: Send {
    /// The next page, decoded whole; `None` after the last page, which may hold no rows. After an
    /// error there are no further pages.
    fn next_page(&mut self) -> Option<Result<Page, SourceError>>;

    /// What was requested and found so far.
    fn report(&self) -> RunReport;
}

impl<P: Pages + ?Sized> Pages for Box<P> {
    fn next_page(&mut self) -> Option<Result<Page, SourceError>> {
        (**self).next_page()
    }

    fn report(&self) -> RunReport {
        (**self).report()
    }
}

/// Where an earlier run over the same window ended, and what it proved. All of it comes from the
/// [`Coverage`] of the last page that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resume {
    /// Every row from this instant on was passed on by the earlier run, none before it:
    /// `range.since` of that page.
    pub since: Timestamp,
    /// Where rows of the earlier run may be missing; they stay gaps of this run.
    pub gaps: Vec<Gap>,
    /// Whether the earlier run has proved that the source returns the newest rows first.
    pub order_proved: bool,
    /// What had left the source when the earlier run began. What left it since then, and is not
    /// listed, is a gap of this run.
    pub expired_before: Option<Timestamp>,
    /// The latest rows of the earlier run that have no time in the window to be paged by, some
    /// thousands at most: they are not passed on again. A row that was passed on twice is there twice.
    pub undated: Vec<Identity>,
    /// See [`RunReport::edges`].
    pub edges: Vec<Option<Timestamp>>,
    /// See [`RunReport::unproved_end`].
    pub unproved_end: Option<Timestamp>,
    /// Rows without such a time that the earlier run met and that do not count, because rows that
    /// must be requested again come before them. Those that this run does not meet are a gap of it.
    pub awaited: Vec<Identity>,
}

/// The result of a run over pages: how much was read, and where rows may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RunReport {
    /// Requests, successful or not; what the source retried counts once.
    pub requests: u64,
    /// Pages that were passed on. Requests that only prove something, or repeat rows, do not count.
    pub pages: u64,
    /// Rows passed on.
    pub rows: u64,
    /// Rows that overlapping pages repeated, dropped.
    pub duplicates: u64,
    /// Bytes of decoded bodies.
    pub bytes: u64,
    /// The start of the time range of the requests; `None` when the query has none.
    pub since: Option<Timestamp>,
    /// The end of the time range of the requests; `None` when the query has none.
    pub until: Option<Timestamp>,
    /// The oldest time of sending of the rows passed on: how far back the run has come.
    pub reached: Option<Timestamp>,
    /// Where rows may be missing.
    pub gaps: Vec<Gap>,
    /// Whether the source was seen to return the newest rows first.
    pub order_proved: bool,
    /// For each [part](crate::query::Query::parts) of the query, the time of a row that a run which
    /// continues from here must meet first; `None` where no such row is known.
    pub edges: Vec<Option<Timestamp>>,
    /// Rows without a readable time of sending that were received and not passed on yet. A run that
    /// continues from here may not be returned them again.
    pub waiting: Vec<Identity>,
    /// The newest time of sending that was met in a window whose end the query states, as long as it
    /// is not proved that the source left out no row between it and that end.
    pub unproved_end: Option<Timestamp>,
    /// What was sent before this time had left the source when the run began, or the earlier run
    /// that it continues; `None` where messages do not expire.
    pub expired_before: Option<Timestamp>,
    /// Ids that the query names and no row had; known at the end of [`NamedIds`] alone.
    pub ids_without_rows: Vec<String>,
    /// What was odd about the responses.
    pub anomalies: Anomalies,
}

impl RunReport {
    /// What the run has proved when the page that covers `range` ends.
    pub(crate) fn coverage(self, range: Option<TimeRange>) -> Coverage {
        let Self { gaps, order_proved, edges, waiting, .. } = self;
        let Self { unproved_end, until, expired_before, .. } = self;
        Coverage { range, gaps, order_proved, edges, waiting, unproved_end, until, expired_before }
    }
}
