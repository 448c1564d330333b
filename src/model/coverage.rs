//! The time ranges that are listed completely, and those in which messages may be missing.

use super::{Identity, Timestamp};

/// A half-open range of `sentAt` times, in milliseconds since 1970: `since <= time < until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimeRange {
    /// The first millisecond; `i64::MIN` for as far back as the source keeps messages.
    pub since: i64,
    /// The millisecond after the last one; `i64::MAX` where there is no end.
    pub until: i64,
}

impl TimeRange {
    /// Whether the range contains this time.
    #[must_use]
    pub const fn contains(self, millis: i64) -> bool {
        self.since <= millis && millis < self.until
    }

    /// Whether the range contains no time.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.since >= self.until
    }
}

/// A time range in which messages may be missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The first instant; `None` for the start of the window.
    pub since: Option<Timestamp>,
    /// The last instant; `None` for now.
    pub until: Option<Timestamp>,
    /// The smallest number of rows in the range, including those that were listed; 0 when that is not
    /// known.
    pub at_least: u64,
    /// Why messages may be missing, as a clause.
    pub reason: String,
}

/// The state of a run over pages at the end of a page: all that a later run needs to resume it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// The range that the page covers: see [`Page::covers`](super::Page::covers).
    pub range: Option<TimeRange>,
    /// The gaps so far, those of this page included.
    pub gaps: Vec<Gap>,
    /// Whether the rows so far prove that the source returns the newest rows first.
    pub order_proved: bool,
    /// For each [part](crate::query::Query::parts) of the query, the time of the row that a resumed
    /// run must find first; `None` where no such row is known.
    pub edges: Vec<Option<Timestamp>>,
    /// The rows without a readable `sentAt` that were received and not passed on yet. The source may
    /// not return them again to a resumed run.
    pub waiting: Vec<Identity>,
    /// The newest `sentAt` so far, until it is proved that the source left out no row between it and
    /// the end of the window.
    pub unproved_end: Option<Timestamp>,
    /// The end of the window: that of the query, or else the time of the source's clock when the run
    /// started.
    pub until: Option<Timestamp>,
    /// Messages sent before this time had expired at the source when the run started; `None` for a
    /// source whose messages do not expire.
    pub expired_before: Option<Timestamp>,
}
