//! Passes on the rows that match a local filter, and counts the others.

use std::fmt;

use super::{Flow, RunEnd, Sink, SinkError};
use crate::model::{Coverage, Log};

/// Passes on the rows that match, and counts the others.
pub struct FilteringSink<S> {
    inner: S,
    keep: Box<dyn Fn(&Log) -> bool>,
    kept: u64,
    held_back: u64,
}

impl<S: Sink> FilteringSink<S> {
    /// Rows for which `keep` is true go into `inner`.
    pub fn new(inner: S, keep: Box<dyn Fn(&Log) -> bool>) -> Self {
        Self { inner, keep, kept: 0, held_back: 0 }
    }

    /// How many rows were kept so far.
    pub fn kept(&self) -> u64 {
        self.kept
    }

    /// How many rows did not match so far.
    pub fn held_back(&self) -> u64 {
        self.held_back
    }
}

impl<S> fmt::Debug for FilteringSink<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FilteringSink").field("held_back", &self.held_back).finish_non_exhaustive()
    }
}

impl<S: Sink> Sink for FilteringSink<S> {
    fn begin(&mut self) -> Result<(), SinkError> {
        self.inner.begin()
    }

    fn log(&mut self, log: &Log) -> Result<Flow, SinkError> {
        if (self.keep)(log) {
            self.kept += 1;
            return self.inner.log(log);
        }
        self.held_back += 1;
        Ok(Flow::Continue)
    }

    fn end_page(&mut self, coverage: &Coverage) -> Result<(), SinkError> {
        self.inner.end_page(coverage)
    }

    fn finish(&mut self, end: &RunEnd) -> Result<(), SinkError> {
        self.inner.finish(end)
    }
}
