//! A table for people: it fits the terminal, aligns by display width, and no text from a message
//! can drive the terminal or break a line.
//!
//! Widths are decided on the first page and hold from then on, so that rows stream. A result begins
//! with a mark, and a status that is not final is followed by `~`, so that nothing depends on colour.

mod cell;
mod columns;
mod drawing;
mod fields;
mod layout;
mod time_format;

use std::io::{self, Write};

pub use self::cell::printable;

use self::cell::{TableCell, row_cells};
use self::columns::TableColumn;
use self::drawing::{ColumnShape, draw};
use self::layout::Needs;
use self::time_format::TimeFormat;
use super::{Column, Flow, RunEnd, Sink, SinkError};
use chrono::NaiveDate;

use crate::model::{Coverage, Log};
use crate::zone::Zone;

/// Rows are kept until the page ends, but never more than these.
const MAX_HELD: usize = 1000;

/// With fewer columns one field per line is shown instead of a table: time, destination and status
/// need as many when the destination is a number of 15 digits.
const MIN_TABLE: usize = 44;

/// What is shown and how.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
#[non_exhaustive]
pub struct TableOptions {
    /// Columns of the terminal; `None`: into a pipe or a file, where nothing is cut. Zero is taken
    /// for a terminal that does not know.
    pub width: Option<usize>,
    /// Whether statuses are coloured, by their group.
    pub colour: bool,
    /// Which columns.
    pub columns: ColumnSelection,
    /// Whether the first line names the columns.
    pub header: bool,
    /// Whether long cells are cut on a terminal; else they continue on further lines.
    pub truncate: bool,
    /// Whether rows will be shown again with what changed, for which the status needs room.
    pub changes: bool,
    /// The zone in which times are shown.
    pub zone: Zone,
    /// The day on which a terminal shows the table: its times are shown without their date. `None`:
    /// every time has its date.
    pub today: Option<NaiveDate>,
}

/// A table for a pipe or a file, in plain letters, with times in UTC.
impl Default for TableOptions {
    fn default() -> Self {
        Self {
            width: None,
            colour: false,
            columns: ColumnSelection::Fitting,
            header: true,
            truncate: true,
            changes: false,
            zone: Zone::UTC,
            today: None,
        }
    }
}

/// Which columns a table has.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ColumnSelection {
    /// Those that matter most, as many as the width takes.
    Fitting,
    /// More of what is of use to a person, what went wrong among it: as many as a wide terminal
    /// takes; where they make no table, all of them, one field per line.
    Wide,
    /// These.
    Chosen(Vec<Column>),
}

/// Writes the table. Without rows it is the header alone, and nothing at all on a terminal.
#[derive(Debug)]
pub struct Table<W> {
    out: W,
    options: TableOptions,
    columns: Vec<TableColumn>,
    held: Vec<Log>,
    layout: Option<TableLayout>,
}

/// What is decided on the first page.
#[derive(Debug)]
struct TableLayout {
    times: TimeFormat,
    form: TableForm,
}

#[derive(Debug)]
enum TableForm {
    /// One row per line on a terminal, in columns of these widths, which fit these needs.
    Fixed(Vec<usize>, Needs),
    /// One row per line into a pipe; a later page may make the columns wider.
    Growing(Vec<usize>),
    /// One field per line on a terminal of this width.
    Fields(usize),
}

impl<W: Write> Table<W> {
    /// Into this writer.
    pub fn new(out: W, mut options: TableOptions) -> Self {
        options.width = match options.width {
            Some(0) => Some(80),
            width => width.map(|width| width.min(layout::MAX_CELL_WIDTH)),
        };
        let columns = match &options.columns {
            ColumnSelection::Fitting => columns::fitting(options.width),
            ColumnSelection::Wide => columns::wide(options.width),
            ColumnSelection::Chosen(chosen) => {
                chosen.iter().copied().map(TableColumn::One).collect()
            }
        };
        Self { out, options, columns, held: Vec::new(), layout: None }
    }

    /// Writes the rows that are kept, and before the first ones the header.
    fn write_held(&mut self) -> io::Result<()> {
        let has_header = self.layout.is_none() && self.options.header;
        let held = std::mem::take(&mut self.held);
        let (mut layout, rows) = match self.layout.take() {
            Some(mut layout) => {
                let rows = cells_of(&held, &self.columns, &layout.times);
                self.refit(&rows, &mut layout);
                (layout, rows)
            }
            None => self.settle(&held),
        };
        let written = self.write(&rows, &mut layout, has_header);
        self.layout = Some(layout);
        written
    }

    /// Decides by the first page, whose rows come back as they are shown.
    fn settle(&mut self, held: &[Log]) -> (TableLayout, Vec<Vec<TableCell>>) {
        let times = TimeFormat::choose(&self.options, held);
        let rows = cells_of(held, &self.columns, &times);
        let form = self.form(&rows, &times);
        let TableForm::Fields(terminal) = form else { return (TableLayout { times, form }, rows) };
        self.columns = self.field_columns();
        let times = times.alone(terminal);
        let rows = cells_of(held, &self.columns, &times);
        (TableLayout { times, form }, rows)
    }

    /// The form that suits the first page.
    fn form(&self, rows: &[Vec<TableCell>], times: &TimeFormat) -> TableForm {
        let Some(terminal) = self.options.width else {
            return TableForm::Growing(layout::typical(&self.columns, times));
        };
        let needs = Needs::reserved(&self.columns, self.options.changes);
        self.fixed(rows, times, needs, terminal).unwrap_or(TableForm::Fields(terminal))
    }

    /// A table on a terminal of this width, if it has room for one.
    fn fixed(
        &self,
        rows: &[Vec<TableCell>],
        times: &TimeFormat,
        mut needs: Needs,
        terminal: usize,
    ) -> Option<TableForm> {
        for row in rows {
            needs.add(row);
        }
        if terminal < MIN_TABLE {
            return None;
        }
        let fit = |needs: &Needs| {
            layout::fit(&self.columns, times, self.options.changes, needs, terminal)
        };
        // A later page may have the longest number that there is, and times of another day.
        fit(&needs.with_longest(&self.columns, times))?;
        let widths = fit(&needs)?;
        Some(TableForm::Fixed(widths, needs))
    }

    /// Makes columns wider where a phone number or a date of a later page would be cut.
    fn refit(&self, rows: &[Vec<TableCell>], layout: &mut TableLayout) {
        let (TableForm::Fixed(widths, needs), Some(terminal)) = (&layout.form, self.options.width)
        else {
            return;
        };
        let mut all = needs.clone();
        for row in rows {
            all.add(row);
        }
        if all.are_cut(widths)
            && let Some(form) = self.fixed(&[], &layout.times, all, terminal)
        {
            layout.form = form;
        }
    }

    /// The columns that are shown one field per line.
    fn field_columns(&self) -> Vec<TableColumn> {
        match self.options.columns {
            ColumnSelection::Fitting => columns::fitting_fields(),
            ColumnSelection::Wide => columns::wide(None),
            ColumnSelection::Chosen(_) => self.columns.clone(),
        }
    }

    fn write(
        &mut self,
        rows: &[Vec<TableCell>],
        layout: &mut TableLayout,
        has_header: bool,
    ) -> io::Result<()> {
        let TableOptions { colour, truncate, .. } = self.options;
        let (widths, wraps) = match &mut layout.form {
            TableForm::Fields(terminal) => {
                return fields::write(
                    rows,
                    &self.columns,
                    *terminal,
                    truncate,
                    colour,
                    &mut self.out,
                );
            }
            TableForm::Fixed(widths, _) => (widths, !truncate),
            TableForm::Growing(widths) => {
                for row in rows {
                    layout::widen(widths, row);
                }
                (widths, false)
            }
        };
        let times = &layout.times;
        let sides = self.columns.iter().map(|column| column.room(times).right);
        let shapes: Vec<_> = widths
            .iter()
            .zip(sides)
            .map(|(width, right)| ColumnShape { width: *width, right, wraps })
            .collect();
        let titles = columns::titles(&self.columns, times);
        draw(has_header.then_some(titles.as_slice()), rows, &shapes, colour, &mut self.out)
    }
}

/// The cells of rows.
fn cells_of(logs: &[Log], columns: &[TableColumn], times: &TimeFormat) -> Vec<Vec<TableCell>> {
    logs.iter().map(|log| row_cells(log, columns, times)).collect()
}

impl<W: Write> Sink for Table<W> {
    fn log(&mut self, log: &Log) -> Result<Flow, SinkError> {
        self.held.push(log.clone());
        if self.held.len() == MAX_HELD {
            self.write_held()?;
        }
        Ok(Flow::Continue)
    }

    fn end_page(&mut self, _coverage: &Coverage) -> Result<(), SinkError> {
        if !self.held.is_empty() {
            self.write_held()?;
        }
        Ok(self.out.flush()?)
    }

    fn finish(&mut self, _end: &RunEnd) -> Result<(), SinkError> {
        let is_empty_file = self.layout.is_none() && self.options.width.is_none();
        if is_empty_file || !self.held.is_empty() {
            self.write_held()?;
        }
        Ok(self.out.flush()?)
    }
}

#[cfg(test)]
mod test_support;
#[cfg(test)]
mod tests;
