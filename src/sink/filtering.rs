//! A sink that passes on the rows that match a local filter, and counts the others.

use std::fmt;

use super::{Flow, RunEnd, Sink, SinkError};
use crate::model::{Coverage, Gap, Log, Timestamp};

/// Passes on the rows that match, and counts the others.
pub struct FilteringSink<S> {
    inner: S,
    keep: Box<dyn Fn(&Log) -> bool>,
    kept: u64,
    filtered_out: u64,
    /// The most rows to keep.
    limit: Option<u64>,
    /// The time of sending of the last row that was kept, once the limit is reached.
    last: Option<Timestamp>,
}

impl<S: Sink> FilteringSink<S> {
    /// Passes the rows for which `keep` returns `true` to `inner`.
    pub fn new(inner: S, keep: Box<dyn Fn(&Log) -> bool>) -> Self {
        Self { inner, keep, kept: 0, filtered_out: 0, limit: None, last: None }
    }

    /// Takes no more rows once this many were kept.
    #[must_use]
    pub fn with_limit(self, limit: Option<u64>) -> Self {
        Self { limit, ..self }
    }

    /// Whether the limit is reached.
    pub fn has_enough(&self) -> bool {
        self.limit.is_some_and(|limit| self.kept >= limit)
    }

    /// Once the limit is reached, removes the gaps that are older than the last row that was kept:
    /// their rows would not have been kept.
    pub fn drop_unwanted_gaps(&self, gaps: &mut Vec<Gap>) {
        if let Some(last) = self.last.filter(|_| self.has_enough()) {
            gaps.retain(|gap| gap.until.is_none_or(|until| until.millis() >= last.millis()));
        }
    }

    /// How many rows were kept so far.
    pub fn kept(&self) -> u64 {
        self.kept
    }

    /// How many rows did not match so far.
    pub fn filtered_out(&self) -> u64 {
        self.filtered_out
    }
}

impl<S> fmt::Debug for FilteringSink<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FilteringSink")
            .field("filtered_out", &self.filtered_out)
            .finish_non_exhaustive()
    }
}

impl<S: Sink> Sink for FilteringSink<S> {
    fn begin(&mut self) -> Result<(), SinkError> {
        self.inner.begin()
    }

    fn log(&mut self, log: &Log) -> Result<Flow, SinkError> {
        if self.has_enough() {
            return Ok(Flow::Stop);
        }
        if (self.keep)(log) {
            self.kept += 1;
            let flow = self.inner.log(log)?;
            if self.has_enough() {
                self.last = log.sent_at();
                return Ok(Flow::Stop);
            }
            return Ok(flow);
        }
        self.filtered_out += 1;
        Ok(Flow::Continue)
    }

    fn end_page(&mut self, coverage: &Coverage) -> Result<(), SinkError> {
        self.inner.end_page(coverage)
    }

    fn finish(&mut self, end: &RunEnd) -> Result<(), SinkError> {
        self.inner.finish(end)
    }
}
