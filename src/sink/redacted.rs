//! Rows with what others should not see hidden, before any format sees them.

use std::io;

use super::{Flow, Sink};
use crate::model::Log;
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

    /// The sink behind it.
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S: Sink> Sink for Redacted<S> {
    fn begin(&mut self) -> io::Result<()> {
        self.inner.begin()
    }

    fn log(&mut self, log: &Log) -> io::Result<Flow> {
        self.inner.log(&self.redaction.redact(log))
    }

    fn end_page(&mut self) -> io::Result<()> {
        self.inner.end_page()
    }

    fn finish(&mut self) -> io::Result<()> {
        self.inner.finish()
    }
}
