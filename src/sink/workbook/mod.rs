//! An Excel workbook (`.xlsx`), written as a stream: rows are compressed as they come, and nothing is
//! held back or put into a temporary file.
//!
//! A cell shows what was sent. Phone numbers, ids and whatever else is not an amount are text, so that
//! no spreadsheet drops a zero or takes a text for a formula; times are dates in one zone.

mod cell;
mod parts;
mod stream;

use std::io::{self, Write};

use self::cell::CellWriter;
use self::stream::PartStream;
use super::{Column, Flow, RunEnd, Sink, SinkError};
use crate::model::{Field, Log};
use crate::zone::Zone;

/// What a sheet has room for.
#[derive(Clone, Copy, Debug)]
struct SheetRoom {
    /// Rows, the header included.
    rows: u32,
    /// Bytes before compression, after which no row is started.
    bytes: u64,
}

/// No spreadsheet program reads more rows. With 4 GiB in a sheet, the file would need the 64-bit form
/// of zip, which Excel does not read from a stream; a quarter of a GiB is left for the last row.
const MAX_SHEET: SheetRoom = SheetRoom { rows: 1_048_576, bytes: 0xF000_0000 };

/// Rows are compressed in pieces of this many bytes.
const PIECE: usize = 64 << 10;

/// The columns when none are chosen: everything that is documented, in the order of reading.
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

/// What is written and how.
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

/// What a workbook could not hold as it was sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct WorkbookLimits {
    /// How many sheets the rows are on: a sheet holds 1,048,576 rows.
    pub sheets: u32,
    /// How many cells were cut to the 32,767 characters that a cell holds.
    pub cut_cells: u64,
}

/// Writes a workbook. Without rows it is one sheet with the header alone.
///
/// The writer has a complete file only after [`Sink::finish`].
pub struct Workbook<W: Write> {
    stream: PartStream<W>,
    columns: Vec<Column>,
    header: bool,
    cells: CellWriter,
    room: SheetRoom,
    /// Rows that are not compressed yet.
    piece: Vec<u8>,
    /// The rows of each sheet so far, the header included.
    sheets: Vec<u32>,
    /// The bytes of the last sheet before compression.
    sheet_bytes: u64,
}

impl<W: Write> Workbook<W> {
    /// Into this writer.
    pub fn new(out: W, options: WorkbookOptions) -> Self {
        let WorkbookOptions { columns, header, zone } = options;
        let columns = columns.unwrap_or_else(|| COLUMNS.to_vec());
        Self {
            stream: PartStream::new(out),
            header,
            cells: CellWriter::new(columns.len(), zone),
            columns,
            room: MAX_SHEET,
            piece: Vec::new(),
            sheets: Vec::new(),
            sheet_bytes: 0,
        }
    }

    /// What the workbook cannot hold as it was sent, of the rows so far.
    #[must_use]
    pub fn limits(&self) -> WorkbookLimits {
        let sheets = u32::try_from(self.sheets.len()).unwrap_or(u32::MAX);
        WorkbookLimits { sheets, cut_cells: self.cells.cut() }
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
        rows.is_some_and(|rows| *rows < self.room.rows) && self.sheet_bytes < self.room.bytes
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
        if self.piece.len() >= PIECE {
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
