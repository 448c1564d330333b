//! Which times are listed completely, and in which messages may be missing.

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
    /// Its first instant; `None`: as far back as the window goes.
    pub since: Option<Timestamp>,
    /// Its last instant; `None`: now.
    pub until: Option<Timestamp>,
    /// How many rows it holds at least, those that were listed included; 0 when that is not known.
    pub at_least: u64,
    /// Why, as a clause.
    pub reason: String,
}

/// What a run over pages has proved when a page ends. A run that is resumed needs just this.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// What the page that ends covers: see [`Page::covers`](super::Page::covers).
    pub range: Option<TimeRange>,
    /// Where rows may be missing in what was covered so far, this page included.
    pub gaps: Vec<Gap>,
    /// Whether the source was seen to return the newest rows first.
    pub order_proved: bool,
    /// For each [part](crate::query::Query::parts) of the query, the time of a row that a run which
    /// continues from here must meet first; `None` where no such row is known.
    pub edges: Vec<Option<Timestamp>>,
    /// Rows without a readable time of sending that were received and not passed on yet. A run that
    /// continues from here may not be returned them again.
    pub waiting: Vec<Identity>,
    /// The newest time of sending that was met, as long as it is not proved that the source left out no
    /// row between it and the end of the window.
    pub unproved_end: Option<Timestamp>,
    /// The end of the window: of the query, or else as the clock of the source fixed it.
    pub until: Option<Timestamp>,
    /// What was sent before this time had left the source when the run began; `None` where messages
    /// do not expire.
    pub expired_before: Option<Timestamp>,
}
