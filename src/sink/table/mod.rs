//! A table for people: it fits the terminal and aligns by display width. No text of a message may
//! control the terminal or break a line.
//!
//! The first page decides the widths, so that rows can be written as they arrive. A result begins with
//! a mark, and `~` follows a status that is not final, so that no information depends on colour.

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

/// The most rows that are kept until the page ends.
const MAX_HELD_ROWS: usize = 1000;

/// The narrowest terminal with a table; a narrower one shows one field per line. Time, status and a
/// destination of 15 digits need this width.
const MIN_TABLE_WIDTH: usize = 44;

/// The narrowest terminal with a table of the default columns whatever their cells need. A narrower one
/// has a table only if it fits the first page, since results that are cut off say little.
const STANDARD_WIDTH: usize = 80;

/// The options of [`Table`].
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "the options are independent")]
#[non_exhaustive]
pub struct TableOptions {
    /// The width of the terminal in columns; 0 for an unknown width. `None` for a pipe or a file, where
    /// no cell is cut off.
    pub width: Option<usize>,
    /// Whether statuses are coloured by their group.
    pub colour: bool,
    /// The columns of the table.
    pub columns: ColumnSelection,
    /// Whether the first line names the columns.
    pub header: bool,
    /// Whether long cells are cut off on a terminal; otherwise they continue on further lines.
    pub truncate: bool,
    /// Whether rows will be shown again when their status changes, which needs a wider status.
    pub changes: bool,
    /// The zone in which times are shown.
    pub zone: Zone,
    /// The current day, whose times a terminal shows without their date. `None`: every time has its
    /// date.
    pub today: Option<NaiveDate>,
}

impl Default for TableOptions {
    /// A table for a pipe or a file, without colours, with times in UTC.
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
    /// The most important columns, as many as fit the width.
    Fitting,
    /// The columns of use to a person, with the exact status and error: as many as fit a wide terminal.
    /// On a narrow one, all of them with one field per line.
    Wide,
    /// These columns.
    Chosen(Vec<Column>),
}

/// Writes a table. Without rows it writes only the header, and on a terminal nothing.
#[derive(Debug)]
pub struct Table<W> {
    out: W,
    options: TableOptions,
    columns: Vec<TableColumn>,
    held: Vec<Log>,
    layout: Option<TableLayout>,
}

/// The decisions that the first page makes.
#[derive(Debug)]
struct TableLayout {
    times: TimeFormat,
    form: TableForm,
}

#[derive(Debug)]
enum TableForm {
    /// One row per line on a terminal, with columns of these widths, which fit these needs.
    Fixed(Vec<usize>, Needs),
    /// One row per line in a pipe; a later page may make the columns wider.
    Growing(Vec<usize>),
    /// One field per line on a terminal of this width.
    Fields(usize),
}

impl<W: Write> Table<W> {
    /// Writes into this writer.
    pub fn new(out: W, mut options: TableOptions) -> Self {
        options.width = match options.width {
            Some(0) => Some(STANDARD_WIDTH),
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

    /// Writes the rows that are kept, with the header before the first ones.
    fn write_held(&mut self) -> io::Result<()> {
        let has_header = self.layout.is_none() && self.options.header;
        let held = std::mem::take(&mut self.held);
        let (mut layout, rows) = match self.layout.take() {
            Some(mut layout) => {
                let rows = cells_of(&held, &self.columns, &layout.times);
                self.refit(&rows, &mut layout);
                (layout, rows)
            }
            None => self.choose_layout(&held),
        };
        let written = self.write(&rows, &mut layout, has_header);
        self.layout = Some(layout);
        written
    }

    /// Chooses the layout for the rows of the first page; also returns their cells.
    fn choose_layout(&mut self, held: &[Log]) -> (TableLayout, Vec<Vec<TableCell>>) {
        let times = TimeFormat::choose(&self.options, held);
        let rows = cells_of(held, &self.columns, &times);
        let form = self.choose_form(&rows, &times);
        let TableForm::Fields(terminal) = form else { return (TableLayout { times, form }, rows) };
        self.columns = self.field_columns();
        let times = times.alone(terminal);
        let rows = cells_of(held, &self.columns, &times);
        (TableLayout { times, form }, rows)
    }

    /// Chooses the form for the cells of the first page.
    fn choose_form(&self, rows: &[Vec<TableCell>], times: &TimeFormat) -> TableForm {
        let Some(terminal) = self.options.width else {
            return TableForm::Growing(layout::typical(&self.columns, times));
        };
        let needs = Needs::reserved(&self.columns, self.options.changes);
        match self.fixed(rows, times, needs, terminal) {
            Some(TableForm::Fixed(widths, needs)) if self.is_readable(&widths, times, &needs) => {
                TableForm::Fixed(widths, needs)
            }
            _ => TableForm::Fields(terminal),
        }
    }

    /// Whether a table of these widths shows as much of its cells as on a usual terminal. Chosen columns
    /// need not: a person who chooses columns wants a table.
    fn is_readable(&self, widths: &[usize], times: &TimeFormat, needs: &Needs) -> bool {
        self.options.columns != ColumnSelection::Fitting
            || self.options.width >= Some(STANDARD_WIDTH)
            || layout::are_fair(widths, &self.columns, times, needs)
    }

    /// A table for a terminal of this width, if that is wide enough.
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
        if terminal < MIN_TABLE_WIDTH {
            return None;
        }
        let fit = |needs: &Needs| {
            layout::fit(&self.columns, times, self.options.changes, needs, terminal)
        };
        // A later page may have the longest phone number, and times of another day.
        fit(&needs.with_longest(&self.columns, times))?;
        let widths = fit(&needs)?;
        Some(TableForm::Fixed(widths, needs))
    }

    /// Makes columns wider when they would cut off a phone number or a date of a later page.
    fn refit(&self, rows: &[Vec<TableCell>], layout: &mut TableLayout) {
        let (TableForm::Fixed(widths, needs), Some(terminal)) = (&layout.form, self.options.width)
        else {
            return;
        };
        let mut all = needs.clone();
        for row in rows {
            all.add(row);
        }
        if all.are_exceeded_by(widths)
            && let Some(form) = self.fixed(&[], &layout.times, all, terminal)
        {
            layout.form = form;
        }
    }

    /// The columns for one field per line.
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
        if self.held.len() == MAX_HELD_ROWS {
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
