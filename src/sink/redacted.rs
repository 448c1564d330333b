//! Rows with what others should not see hidden, before any format sees them.

use super::{Flow, RunEnd, Sink, SinkError};
use crate::model::{Coverage, Log};
use crate::redaction::Redaction;

/// Passes every row on redacted.
#[derive(Debug)]
pub struct Redacted<S> {
    inner: S,
    redaction: Redaction,
}

impl<S: Sink> Redacted<S> {
    /// Rows go into `inner` with these fields hidden.
    pub fn new(inner: S, redaction: Redaction) -> Self {
        Self { inner, redaction }
    }
}

impl<S: Sink> Sink for Redacted<S> {
    fn begin(&mut self) -> Result<(), SinkError> {
        self.inner.begin()
    }

    fn log(&mut self, log: &Log) -> Result<Flow, SinkError> {
        self.inner.log(&self.redaction.redact(log))
    }

    fn end_page(&mut self, coverage: &Coverage) -> Result<(), SinkError> {
        self.inner.end_page(coverage)
    }

    fn finish(&mut self, end: &RunEnd) -> Result<(), SinkError> {
        self.inner.finish(end)
    }
}
