//! A sink that redacts rows before an output format receives them.

use super::{Flow, RunEnd, Sink, SinkError};
use crate::model::{Coverage, Log};
use crate::redaction::Redaction;

/// Redacts each row and passes it on.
#[derive(Debug)]
pub struct RedactingSink<S> {
    inner: S,
    redaction: Redaction,
}

impl<S: Sink> RedactingSink<S> {
    /// Passes rows to `inner` with these fields redacted.
    pub fn new(inner: S, redaction: Redaction) -> Self {
        Self { inner, redaction }
    }
}

impl<S: Sink> Sink for RedactingSink<S> {
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
