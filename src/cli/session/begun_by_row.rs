//! A sink that begins with its first row: an empty table on a terminal has no header.

use omnilogs::Log;
use omnilogs::model::Coverage;
use omnilogs::sink::{Flow, RunEnd, Sink, SinkError};

/// Passes everything on, but nothing before the first row.
pub(super) struct BegunByRow<S> {
    sink: S,
    has_begun: bool,
}

impl<S> BegunByRow<S> {
    pub(super) fn new(sink: S) -> Self {
        Self { sink, has_begun: false }
    }
}

impl<S: Sink> Sink for BegunByRow<S> {
    fn log(&mut self, log: &Log) -> Result<Flow, SinkError> {
        if !std::mem::replace(&mut self.has_begun, true) {
            self.sink.begin()?;
        }
        self.sink.log(log)
    }

    fn end_page(&mut self, coverage: &Coverage) -> Result<(), SinkError> {
        if self.has_begun { self.sink.end_page(coverage) } else { Ok(()) }
    }

    fn finish(&mut self, end: &RunEnd) -> Result<(), SinkError> {
        if self.has_begun { self.sink.finish(end) } else { Ok(()) }
    }
}
