//! Warns on standard error when a limit of the workbook format changed the result.

use std::io::Write;
use std::sync::Arc;

use omnilogs::Log;
use omnilogs::model::Coverage;
use omnilogs::sink::{Flow, RunEnd, Sink, SinkError, Workbook};

use crate::io::report::Report;
use crate::text::counted;

/// Passes everything on, and reports at the end which limits were exceeded.
pub(super) struct ReportedWorkbook<W: Write> {
    sink: Workbook<W>,
    report: Arc<Report>,
}

impl<W: Write> ReportedWorkbook<W> {
    pub(super) fn new(sink: Workbook<W>, report: Arc<Report>) -> Self {
        Self { sink, report }
    }
}

impl<W: Write> Sink for ReportedWorkbook<W> {
    fn begin(&mut self) -> Result<(), SinkError> {
        self.sink.begin()
    }

    fn log(&mut self, log: &Log) -> Result<Flow, SinkError> {
        self.sink.log(log)
    }

    fn end_page(&mut self, coverage: &Coverage) -> Result<(), SinkError> {
        self.sink.end_page(coverage)
    }

    fn finish(&mut self, end: &RunEnd) -> Result<(), SinkError> {
        self.sink.finish(end)?;
        let limits = self.sink.limits();
        if limits.sheets > 1 {
            let sheets = counted(limits.sheets, "sheet");
            let text = format!("the messages are on {sheets}: a sheet holds 1,048,576 rows");
            self.report.warn(&text);
        }
        if limits.cut_cells > 0 {
            let cells = counted(limits.cut_cells, "cell");
            let text = format!("{cells} cut: a cell holds 32,767 characters; -o csv cuts nothing");
            self.report.warn(&text);
        }
        Ok(())
    }
}
