//! Sinks take rows: output formats, filters, statistics.
//!
//! A sink never fetches rows and never decides what an error means. It returns every error of its
//! writer, and completes its format even when a later page fails.

mod colour;
mod column;
mod csv;
mod csv_cell;
mod delivery_result;
mod duration;
mod filtering;
mod formula;
mod json;
mod json_layout;
mod json_lines;
mod markdown;
mod redacting;
mod sorting;
mod table;
#[cfg(test)]
mod test_support;
#[doc(hidden)]
pub mod width;
mod workbook;
mod xml;
mod xml_text;

pub use colour::{Colour, bold};
pub use column::Column;
pub use csv::{BYTE_ORDER_MARK, Csv, CsvOptions, Dialect};
pub use csv_cell::{CsvCellStyle, write_csv, write_tsv};
pub use delivery_result::DeliveryResult;
pub use duration::duration;
pub use filtering::FilteringSink;
pub use json::Json;
pub use json_lines::JsonLines;
pub use markdown::{Markdown, markdown_text};
pub use redacting::RedactingSink;
pub use sorting::{SortKey, SortingSink};
pub use table::{ColumnSelection, Table, TableOptions, printable};
pub use workbook::{Workbook, WorkbookLimits, WorkbookOptions};
pub use xml::Xml;

use std::error::Error;
use std::io;

use crate::model::{Coverage, Gap, Log};

/// Whether a sink takes more rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// It takes more rows.
    Continue,
    /// It takes no more rows. This is not an error.
    Stop,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RunEnd {
    /// The sink received every row that the query selects.
    Complete,
    /// The sink took no more rows.
    Stopped,
    /// Rows may be missing.
    Incomplete {
        /// Where rows may be missing.
        gaps: Vec<Gap>,
        /// Why the pages ended early, if they did; safe to show.
        failure: Option<String>,
    },
}

/// Why a sink cannot take rows.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SinkError {
    /// Writing failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// Anything else, such as the error of a database. Its text must be safe to show.
    #[error(transparent)]
    Other(Box<dyn Error + Send + Sync>),
}

impl SinkError {
    /// An error other than a failed write.
    pub fn other(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Other(error.into())
    }
}

/// Takes rows, usually the newest first.
pub trait Sink {
    /// Called before the first row, also for a result without rows: writes headers and opening brackets.
    ///
    /// # Errors
    /// When the sink cannot write.
    fn begin(&mut self) -> Result<(), SinkError> {
        Ok(())
    }

    /// Takes one row.
    ///
    /// # Errors
    /// When the sink cannot write.
    fn log(&mut self, log: &Log) -> Result<Flow, SinkError>;

    /// Called after the last row of a page, with the coverage that is proved by then: writes and
    /// flushes buffered rows.
    ///
    /// # Errors
    /// When the sink cannot write.
    fn end_page(&mut self, _coverage: &Coverage) -> Result<(), SinkError> {
        Ok(())
    }

    /// Called after the last page, also when a page failed, with the end of the run: writes closing
    /// brackets and flushes.
    ///
    /// # Errors
    /// When the sink cannot write.
    fn finish(&mut self, _end: &RunEnd) -> Result<(), SinkError> {
        Ok(())
    }
}

impl<S: Sink + ?Sized> Sink for &mut S {
    fn begin(&mut self) -> Result<(), SinkError> {
        (**self).begin()
    }

    fn log(&mut self, log: &Log) -> Result<Flow, SinkError> {
        (**self).log(log)
    }

    fn end_page(&mut self, coverage: &Coverage) -> Result<(), SinkError> {
        (**self).end_page(coverage)
    }

    fn finish(&mut self, end: &RunEnd) -> Result<(), SinkError> {
        (**self).finish(end)
    }
}

impl<S: Sink + ?Sized> Sink for Box<S> {
    fn begin(&mut self) -> Result<(), SinkError> {
        (**self).begin()
    }

    fn log(&mut self, log: &Log) -> Result<Flow, SinkError> {
        (**self).log(log)
    }

    fn end_page(&mut self, coverage: &Coverage) -> Result<(), SinkError> {
        (**self).end_page(coverage)
    }

    fn finish(&mut self, end: &RunEnd) -> Result<(), SinkError> {
        (**self).finish(end)
    }
}

#[cfg(test)]
mod tests;
