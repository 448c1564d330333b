//! Where rows go: one log after another goes in; a format, a limit or a count comes of it.
//!
//! A sink never asks for rows and never decides what an error means. It passes every error of its
//! writer on, and closes its format even when a later page fails.

mod column;
mod csv;
mod csv_cell;
mod filtered;
mod json;
mod json_layout;
mod json_lines;
mod limited;
mod redacted;
mod sorted;
mod table;
mod tee;
#[cfg(test)]
mod test_support;
pub mod width;
mod xml;
mod xml_text;

pub use column::Column;
pub use csv::{Csv, CsvOptions, Dialect};
pub use csv_cell::{Manner, write_csv, write_tsv};
pub use filtered::Filtered;
pub use json::Json;
pub use json_lines::JsonLines;
pub use limited::Limited;
pub use redacted::Redacted;
pub use sorted::{SortKey, Sorted};
pub use table::{Selection, Table, TableOptions, duration, harmless};
pub use tee::Tee;
pub use xml::Xml;

use std::io;

use crate::model::Log;

/// Whether more rows are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Go on.
    Continue,
    /// No more rows, please; this is no error.
    Stop,
}

/// A taker of rows, newest first as a rule.
pub trait Sink {
    /// Before the first row, also when there will be none: headers, opening brackets.
    ///
    /// # Errors
    /// When writing fails.
    fn begin(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// Takes one row.
    ///
    /// # Errors
    /// When writing fails.
    fn log(&mut self, log: &Log) -> io::Result<Flow>;

    /// After the last row of a page: what is held back for speed is written and flushed here.
    ///
    /// # Errors
    /// When writing fails.
    fn end_page(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// After the last page, also when a page failed: closing brackets, last flush.
    ///
    /// # Errors
    /// When writing fails.
    fn finish(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<S: Sink + ?Sized> Sink for &mut S {
    fn begin(&mut self) -> io::Result<()> {
        (**self).begin()
    }

    fn log(&mut self, log: &Log) -> io::Result<Flow> {
        (**self).log(log)
    }

    fn end_page(&mut self) -> io::Result<()> {
        (**self).end_page()
    }

    fn finish(&mut self) -> io::Result<()> {
        (**self).finish()
    }
}

impl<S: Sink + ?Sized> Sink for Box<S> {
    fn begin(&mut self) -> io::Result<()> {
        (**self).begin()
    }

    fn log(&mut self, log: &Log) -> io::Result<Flow> {
        (**self).log(log)
    }

    fn end_page(&mut self) -> io::Result<()> {
        (**self).end_page()
    }

    fn finish(&mut self) -> io::Result<()> {
        (**self).finish()
    }
}

#[cfg(test)]
mod tests;
