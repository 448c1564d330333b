//! CSV as in RFC 4180, but with `\n` as the line end, which other tools in a pipe expect; and TSV
//! with the escapes of jq's `@tsv`.
//!
//! CSV is exact: a missing value is an empty cell, an empty text is `""`.

use std::io::{self, Write};

use super::csv_cell::{CsvCellStyle, WriteCell, write_csv, write_tsv};
use super::{Column, Flow, RunEnd, Sink, SinkError};
use crate::model::{Cell, Coverage, Log};

/// The bytes at the start of a file by which spreadsheets recognize UTF-8.
#[doc(hidden)]
pub const BYTE_ORDER_MARK: &[u8] = "\u{FEFF}".as_bytes();

/// The two formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dialect {
    /// Comma-separated values, quoted.
    Csv,
    /// Tab-separated values, escaped. A missing value and an empty one look the same.
    Tsv,
}

/// The options of [`Csv`].
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "the options are independent")]
#[non_exhaustive]
pub struct CsvOptions {
    /// The format.
    pub dialect: Dialect,
    /// The columns; `None`: the fixed header of all documented fields.
    pub columns: Option<Vec<Column>>,
    /// Whether the first line names the columns.
    pub header: bool,
    /// Whether to guard spreadsheets: write a `'` before text that one of them could evaluate as a
    /// formula, at the beginning of a cell or after a separator inside it. Plain numbers such as
    /// `+41793026727` or `-0.01` stay unchanged.
    pub safe: bool,
    /// Whether the output goes to a terminal, where dangerous characters are written in their visible
    /// form. A pipe receives every cell as it was sent.
    pub terminal: bool,
    /// The ASCII character between the cells of CSV; not a quotation mark or a line end.
    pub delimiter: u8,
    /// Whether the output begins with a byte order mark, by which spreadsheets recognize UTF-8.
    pub bom: bool,
}

impl CsvOptions {
    /// All documented fields with their names, every cell as it was sent.
    #[must_use]
    pub fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            columns: None,
            header: true,
            safe: false,
            terminal: false,
            delimiter: b',',
            bom: false,
        }
    }
}

/// Writes CSV or TSV. Without rows it writes only the header.
#[derive(Debug)]
pub struct Csv<W> {
    out: W,
    columns: Vec<Column>,
    header: bool,
    bom: bool,
    dialect: Dialect,
    separator: u8,
    write: WriteCell,
    style: CsvCellStyle,
    line: Vec<u8>,
}

impl<W: Write> Csv<W> {
    /// Writes into this writer.
    pub fn new(out: W, options: CsvOptions) -> Self {
        let CsvOptions { dialect, columns, header, safe, terminal, delimiter, bom } = options;
        let (separator, write): (u8, WriteCell) = match dialect {
            Dialect::Csv => (delimiter, write_csv),
            Dialect::Tsv => (b'\t', write_tsv),
        };
        Self {
            out,
            columns: columns.unwrap_or_else(|| Column::documented().collect()),
            header,
            bom,
            dialect,
            separator,
            write,
            style: CsvCellStyle { safe, visible: terminal, delimiter },
            line: Vec::new(),
        }
    }

    fn end_line(&mut self) -> io::Result<()> {
        if self.line.is_empty() && self.dialect == Dialect::Csv {
            // Readers skip empty lines, so a row of one empty cell must not be an empty line.
            self.line.extend_from_slice(b"\"\"");
        }
        self.line.push(b'\n');
        self.out.write_all(&self.line)
    }
}

impl<W: Write> Sink for Csv<W> {
    fn begin(&mut self) -> Result<(), SinkError> {
        if self.bom {
            self.out.write_all(BYTE_ORDER_MARK)?;
        }
        if !self.header {
            return Ok(());
        }
        self.line.clear();
        for (index, column) in self.columns.iter().enumerate() {
            if index > 0 {
                self.line.push(self.separator);
            }
            (self.write)(Cell::Text(column.name().into()), self.style, &mut self.line);
        }
        Ok(self.end_line()?)
    }

    fn log(&mut self, log: &Log) -> Result<Flow, SinkError> {
        self.line.clear();
        for (index, column) in self.columns.iter().enumerate() {
            if index > 0 {
                self.line.push(self.separator);
            }
            (self.write)(column.value(log), self.style, &mut self.line);
        }
        self.end_line()?;
        Ok(Flow::Continue)
    }

    fn end_page(&mut self, _coverage: &Coverage) -> Result<(), SinkError> {
        Ok(self.out.flush()?)
    }

    fn finish(&mut self, _end: &RunEnd) -> Result<(), SinkError> {
        Ok(self.out.flush()?)
    }
}

#[cfg(test)]
mod tests;
