//! The same rows into two sinks.

use super::{Flow, RunEnd, Sink, SinkError};
use crate::model::{Coverage, Log};

/// Passes every row to both; one that has asked for no more gets none. Both are finished, also
/// when the first one fails there; the first error is the one told.
#[derive(Debug)]
pub struct Tee<A, B> {
    first: A,
    second: B,
    first_flow: Flow,
    second_flow: Flow,
}

impl<A: Sink, B: Sink> Tee<A, B> {
    /// Rows go into `first`, then into `second`.
    pub fn new(first: A, second: B) -> Self {
        Self { first, second, first_flow: Flow::Continue, second_flow: Flow::Continue }
    }

    /// The two sinks behind it.
    pub fn into_inner(self) -> (A, B) {
        (self.first, self.second)
    }
}

impl<A: Sink, B: Sink> Sink for Tee<A, B> {
    fn begin(&mut self) -> Result<(), SinkError> {
        self.first.begin()?;
        self.second.begin()
    }

    fn log(&mut self, log: &Log) -> Result<Flow, SinkError> {
        if self.first_flow == Flow::Continue {
            self.first_flow = self.first.log(log)?;
        }
        if self.second_flow == Flow::Continue {
            self.second_flow = self.second.log(log)?;
        }
        Ok(match (self.first_flow, self.second_flow) {
            (Flow::Stop, Flow::Stop) => Flow::Stop,
            _ => Flow::Continue,
        })
    }

    fn end_page(&mut self, coverage: &Coverage) -> Result<(), SinkError> {
        self.first.end_page(coverage)?;
        self.second.end_page(coverage)
    }

    fn finish(&mut self, end: &RunEnd) -> Result<(), SinkError> {
        let first = self.first.finish(end);
        let second = self.second.finish(end);
        first.and(second)
    }
}
