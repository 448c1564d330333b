//! The first rows of a run and no more.

use super::{Flow, RunEnd, Sink, SinkError};
use crate::model::{Coverage, Log};

/// Passes this many rows on, then asks for no more.
#[derive(Debug)]
pub struct Limited<S> {
    inner: S,
    left: u64,
}

impl<S: Sink> Limited<S> {
    /// The first `rows` rows go into `inner`.
    pub fn new(inner: S, rows: u64) -> Self {
        Self { inner, left: rows }
    }

    /// The sink behind it.
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S: Sink> Sink for Limited<S> {
    fn begin(&mut self) -> Result<(), SinkError> {
        self.inner.begin()
    }

    fn log(&mut self, log: &Log) -> Result<Flow, SinkError> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(Flow::Stop) };
        self.left = left;
        let flow = self.inner.log(log)?;
        // Said with the last row, so that no further page is fetched.
        Ok(if left == 0 { Flow::Stop } else { flow })
    }

    fn end_page(&mut self, coverage: &Coverage) -> Result<(), SinkError> {
        self.inner.end_page(coverage)
    }

    fn finish(&mut self, end: &RunEnd) -> Result<(), SinkError> {
        self.inner.finish(end)
    }
}
