//! An Excel workbook (`.xlsx`), written as a stream: rows are compressed as they arrive. The memory must
//! not grow with the number of rows, and no temporary file is written.
//!
//! A cell shows the value that was sent. Phone numbers, ids and other values that are not amounts are
//! text, so that no spreadsheet drops a zero or evaluates a text as a formula. Times are dates in one
//! zone.

mod cell;
mod parts;
mod stream;

use std::io::{self, Write};

use self::cell::CellWriter;
use self::stream::PartStream;
use super::{Column, Flow, RunEnd, Sink, SinkError};
use crate::model::{Field, Log};
use crate::zone::Zone;

/// The limits of one sheet.
#[derive(Clone, Copy, Debug)]
struct SheetLimits {
    /// The most rows, including the header.
    rows: u32,
    /// The bytes before compression from which on the next row is on another sheet.
    bytes: u64,
}

/// Excel reads no more rows of a sheet. With 4 GiB in a sheet, the file would need the 64-bit form of
/// zip, which Excel does not read from a stream; a quarter of a GiB is left for the last row.
const MAX_SHEET: SheetLimits = SheetLimits { rows: 1_048_576, bytes: 0xF000_0000 };

/// How many bytes of rows are compressed at once.
const PIECE_BYTES: usize = 64 << 10;

/// The default columns: every documented field, in the order in which people read them.
const COLUMNS: [Column; 27] = [
    Column::Field(Field::SentAt),
    Column::Field(Field::Channel),
    Column::Field(Field::From),
    Column::Field(Field::To),
    Column::Result,
    Column::Field(Field::Text),
    Column::Field(Field::MessageCount),
    Column::Field(Field::PricePerMessage),
    Column::Field(Field::Currency),
    Column::Country,
    Column::Field(Field::Mccmnc),
    Column::Field(Field::DoneAt),
    Column::Latency,
    Column::Field(Field::StatusGroupName),
    Column::Field(Field::StatusName),
    Column::Field(Field::StatusDescription),
    Column::Field(Field::StatusAction),
    Column::Field(Field::ErrorName),
    Column::Field(Field::ErrorDescription),
    Column::Field(Field::ErrorPermanent),
    Column::Field(Field::MessageId),
    Column::Field(Field::BulkId),
    Column::Field(Field::StatusGroupId),
    Column::Field(Field::StatusId),
    Column::Field(Field::ErrorGroupId),
    Column::Field(Field::ErrorGroupName),
    Column::Field(Field::ErrorId),
];

/// The options of [`Workbook`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WorkbookOptions {
    /// The columns; `None`: every documented field, with the result, the latency and the country.
    pub columns: Option<Vec<Column>>,
    /// Whether the first row names the columns. It stays in view, and has a filter for each column.
    pub header: bool,
    /// The zone of the dates, which the header names.
    pub zone: Zone,
}

impl Default for WorkbookOptions {
    /// Every documented field, with a header, in UTC.
    fn default() -> Self {
        Self { columns: None, header: true, zone: Zone::UTC }
    }
}

/// How often the rows exceeded the limits of a workbook.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct WorkbookLimits {
    /// How many sheets the rows are on: a sheet has at most 1,048,576 rows.
    pub sheets: u32,
    /// How many cells were cut off at 32,767 characters (UTF-16 code units), the most in a cell.
    pub cut_cells: u64,
}

/// Writes a workbook. Without rows it writes one sheet with only the header.
///
/// The file is complete only after [`Sink::finish`].
pub struct Workbook<W: Write> {
    stream: PartStream<W>,
    columns: Vec<Column>,
    header: bool,
    cells: CellWriter,
    sheet_limits: SheetLimits,
    /// The rows that are not compressed yet.
    piece: Vec<u8>,
    /// The number of rows of each sheet so far, including the header.
    sheets: Vec<u32>,
    /// The size of the last sheet before compression, in bytes.
    sheet_bytes: u64,
}

impl<W: Write> Workbook<W> {
    /// Writes into this writer.
    pub fn new(out: W, options: WorkbookOptions) -> Self {
        let WorkbookOptions { columns, header, zone } = options;
        let columns = columns.unwrap_or_else(|| COLUMNS.to_vec());
        Self {
            stream: PartStream::new(out),
            header,
            cells: CellWriter::new(columns.len(), zone),
            columns,
            sheet_limits: MAX_SHEET,
            piece: Vec::new(),
            sheets: Vec::new(),
            sheet_bytes: 0,
        }
    }

    /// How often the rows so far exceeded the limits of a workbook.
    #[must_use]
    pub fn limits(&self) -> WorkbookLimits {
        let sheets = u32::try_from(self.sheets.len()).unwrap_or(u32::MAX);
        WorkbookLimits { sheets, cut_cells: self.cells.cut_cells() }
    }

    /// Begins the next sheet.
    fn begin_sheet(&mut self) -> io::Result<()> {
        if self.sheets.is_empty() {
            parts::write_first(&mut self.stream)?;
        } else {
            self.end_sheet()?;
        }
        self.sheets.push(0);
        self.sheet_bytes = 0;
        self.stream.begin(&parts::sheet_path(self.sheets.len()))?;
        let start = parts::sheet_start(&self.columns, self.header);
        self.piece.extend_from_slice(start.as_bytes());
        if self.header {
            let number = self.next_row();
            self.cells.header(&self.columns, number, &mut self.piece);
        }
        Ok(())
    }

    /// Counts a row, and returns its number.
    fn next_row(&mut self) -> u32 {
        self.sheets.last_mut().map_or(0, |rows| {
            *rows += 1;
            *rows
        })
    }

    fn end_sheet(&mut self) -> io::Result<()> {
        let rows = self.sheets.last().copied().unwrap_or_default();
        let end = parts::sheet_end(self.columns.len(), rows, self.header);
        self.piece.extend_from_slice(end.as_bytes());
        self.compress()
    }

    fn compress(&mut self) -> io::Result<()> {
        self.sheet_bytes += self.piece.len() as u64;
        self.stream.write(&self.piece)?;
        self.piece.clear();
        Ok(())
    }

    fn has_room(&self) -> bool {
        let rows = self.sheets.last();
        rows.is_some_and(|rows| *rows < self.sheet_limits.rows)
            && self.sheet_bytes < self.sheet_limits.bytes
    }
}

impl<W: Write> Sink for Workbook<W> {
    fn begin(&mut self) -> Result<(), SinkError> {
        Ok(self.begin_sheet()?)
    }

    fn log(&mut self, log: &Log) -> Result<Flow, SinkError> {
        if !self.has_room() {
            self.begin_sheet()?;
        }
        let number = self.next_row();
        self.cells.row(log, &self.columns, number, &mut self.piece);
        if self.piece.len() >= PIECE_BYTES {
            self.compress()?;
        }
        Ok(Flow::Continue)
    }

    fn finish(&mut self, _end: &RunEnd) -> Result<(), SinkError> {
        self.end_sheet()?;
        let filtered = if self.header { self.columns.len() } else { 0 };
        parts::write_last(&mut self.stream, &self.sheets, filtered)?;
        Ok(self.stream.finish()?)
    }
}

impl<W: Write> std::fmt::Debug for Workbook<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Workbook").field("sheets", &self.sheets).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
