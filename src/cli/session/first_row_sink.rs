//! Begins a sink with its first row, so that an empty table on a terminal has no header.

use omnilogs::Log;
use omnilogs::model::Coverage;
use omnilogs::sink::{Flow, RunEnd, Sink, SinkError};

/// Passes everything on, starting with the first row.
pub(super) struct FirstRowSink<S> {
    sink: S,
    has_started: bool,
}

impl<S> FirstRowSink<S> {
    pub(super) fn new(sink: S) -> Self {
        Self { sink, has_started: false }
    }
}

impl<S: Sink> Sink for FirstRowSink<S> {
    fn log(&mut self, log: &Log) -> Result<Flow, SinkError> {
        if !std::mem::replace(&mut self.has_started, true) {
            self.sink.begin()?;
        }
        self.sink.log(log)
    }

    fn end_page(&mut self, coverage: &Coverage) -> Result<(), SinkError> {
        if self.has_started { self.sink.end_page(coverage) } else { Ok(()) }
    }

    fn finish(&mut self, end: &RunEnd) -> Result<(), SinkError> {
        if self.has_started { self.sink.finish(end) } else { Ok(()) }
    }
}
