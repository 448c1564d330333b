//! All the pages of one query, over any source.
//!
//! Nothing here prints, waits or retries: a failure of the source ends the pages, and the
//! [`RunReport`] says which rows were returned before it and which are missing.

pub mod await_final;
mod awaited;
mod boundary;
mod crowded_range;
mod field_checks;
pub mod follow;
mod history;
mod merged;
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
pub use merged::list;
pub use named_ids::NamedIds;
pub use prefetch::Prefetch;
pub use response_rows::paging_time;
pub use shared_source::SharedSource;

use crate::model::{Anomalies, Coverage, Identity, Page, TimeRange, Timestamp};
use crate::source::{Gap, SourceError};

/// The pages of a query, newest rows first. They are `Send`, so that one page can be fetched while
/// the page before it is written.
pub trait Pages: Send {
    /// The next page, decoded completely; `None` after the last page, which may be empty. An error is
    /// the last item.
    fn next_page(&mut self) -> Option<Result<Page, SourceError>>;

    /// The report of the pages so far.
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

/// Where an earlier run over the same window was interrupted, and what it proved. The values come
/// from the [`Coverage`] of the last page whose rows were kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resume {
    /// The earlier run returned every row from this instant on, and this run returns the rows before
    /// it. It is `range.since` of that page.
    pub since: Timestamp,
    /// Where rows of the earlier run may be missing; these are gaps of this run too.
    pub gaps: Vec<Gap>,
    /// Whether the earlier run proved that the source returns the newest rows first.
    pub order_proved: bool,
    /// Messages from before this time had expired when the earlier run began. Messages that expired
    /// since then without being listed are a gap of this run.
    pub expired_before: Option<Timestamp>,
    /// The latest rows of the earlier run without a time to page by, some thousands at most. They are
    /// not returned again. A row that was returned twice occurs twice.
    pub undated: Vec<Identity>,
    /// See [`RunReport::edges`].
    pub edges: Vec<Option<Timestamp>>,
    /// See [`RunReport::unproved_end`].
    pub unproved_end: Option<Timestamp>,
    /// Rows without a time to page by that the earlier run received but did not keep, because older
    /// rows that are requested again come before them. If the source does not return them again, they
    /// are a gap of this run.
    pub awaited: Vec<Identity>,
}

/// The report of a run over pages: how much was read, and where rows may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RunReport {
    /// Requests, successful or not. A request and its retries count once.
    pub requests: u64,
    /// Pages that were returned. Requests that only prove something, or repeat rows, do not count.
    pub pages: u64,
    /// Rows that were returned.
    pub rows: u64,
    /// Rows that were left out because an overlapping page had returned them.
    pub duplicates: u64,
    /// The size of the decoded bodies in bytes.
    pub bytes: u64,
    /// The start of the time range of the requests; `None` if the query has none.
    pub since: Option<Timestamp>,
    /// The end of the time range of the requests; `None` if the query has none.
    pub until: Option<Timestamp>,
    /// The oldest time of sending of the rows that were returned.
    pub reached: Option<Timestamp>,
    /// Where rows may be missing.
    pub gaps: Vec<Gap>,
    /// Whether rows of a file were not read because of an unreadable row before them. They are in a
    /// gap, which names that row.
    pub has_hidden_rows: bool,
    /// Whether the responses prove that the source returns the newest rows first.
    pub order_proved: bool,
    /// For each [part](crate::query::Query::parts) of the query, the time of a row that the first
    /// response to a resumed run must contain; `None` if no such row is known.
    pub edges: Vec<Option<Timestamp>>,
    /// Rows without a time to page by that were received and not returned yet. The source may not
    /// return them again to a resumed run.
    pub waiting: Vec<Identity>,
    /// If the query has an end: the newest time of sending that was received, until the run proves
    /// that the source left out no row between this time and the end.
    pub unproved_end: Option<Timestamp>,
    /// Messages from before this time had expired when the run, or the earlier run that it resumes,
    /// began; `None` if messages do not expire.
    pub expired_before: Option<Timestamp>,
    /// The ids of the query that no row has. Only [`NamedIds`] sets them, after the last page.
    pub ids_without_rows: Vec<String>,
    /// The anomalies of the responses.
    pub anomalies: Anomalies,
}

impl RunReport {
    /// The coverage at the end of a page that covers `range`.
    pub(crate) fn coverage(self, range: Option<TimeRange>) -> Coverage {
        let Self { gaps, order_proved, edges, waiting, .. } = self;
        let Self { unproved_end, until, expired_before, .. } = self;
        Coverage { range, gaps, order_proved, edges, waiting, unproved_end, until, expired_before }
    }
}
