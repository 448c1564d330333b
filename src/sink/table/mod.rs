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

/// The narrowest terminal with a table of the default columns whatever their cells need. A narrower one,
/// and chosen columns, have a table only if each column is readable, since results that are cut off say
/// little; otherwise one field per line.
const STANDARD_WIDTH: usize = 80;

/// The narrowest terminal with a table that cuts off cells. On a narrower one a table gains too little for
/// what it would hide.
const MIN_CUTTING_WIDTH: usize = 44;

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
            ColumnSelection::Fitting => columns::fitting(options.width, options.changes),
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
                self.keep_readable(&held, rows, layout)?
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
        let Some(terminal) = self.options.width else {
            let form = TableForm::Growing(layout::typical(&self.columns, &times));
            return (TableLayout { times, form }, cells_of(held, &self.columns, &times));
        };
        let whole = self.whole_in_default(held, terminal);
        loop {
            let rows = cells_of(held, &self.columns, &times);
            let form = self.fixed(&rows, &times, self.needs(&whole), terminal);
            if let Some((widths, needs)) = form
                && self.is_readable(&widths, &times, &needs)
            {
                return (TableLayout { times, form: TableForm::Fixed(widths, needs) }, rows);
            }
            match columns::without_least_important(&self.columns, &whole) {
                Some(fewer) if !whole.is_empty() => self.columns = fewer,
                _ => return self.fields(held, &times, terminal),
            }
        }
    }

    /// The layout of one field per line, and the cells of these rows.
    fn fields(
        &mut self,
        held: &[Log],
        times: &TimeFormat,
        terminal: usize,
    ) -> (TableLayout, Vec<Vec<TableCell>>) {
        self.columns = self.field_columns();
        let times = times.alone(terminal);
        let rows = cells_of(held, &self.columns, &times);
        (TableLayout { times, form: TableForm::Fields(terminal) }, rows)
    }

    /// The default columns on this terminal, each with the width of its longest cell that a default
    /// table of these rows shows completely. Only a table of the wide columns is compared with them.
    fn whole_in_default(&self, held: &[Log], terminal: usize) -> Vec<(TableColumn, usize)> {
        if self.options.columns != ColumnSelection::Wide || terminal < columns::MIN_WIDE {
            return Vec::new();
        }
        let options = TableOptions { columns: ColumnSelection::Fitting, ..self.options.clone() };
        let default = Table::new(io::sink(), options);
        let times = TimeFormat::choose(&default.options, held);
        let rows = cells_of(held, &default.columns, &times);
        let Some((widths, _)) = default.fixed(&rows, &times, default.needs(&[]), terminal) else {
            return Vec::new();
        };
        let longest = |at: usize, width: usize| {
            let cells = rows.iter().filter_map(|row| row.get(at)).map(TableCell::width);
            cells.filter(|cell| *cell <= width).max().unwrap_or_default()
        };
        let columns = default.columns.iter().zip(widths).enumerate();
        columns.map(|(at, (column, width))| (*column, longest(at, width))).collect()
    }

    /// The needs before any row is known, with these widths of some columns.
    fn needs(&self, required: &[(TableColumn, usize)]) -> Needs {
        let mut needs = Needs::reserved(&self.columns, self.options.changes);
        for (column, width) in required {
            // The time has a format of its own.
            if let Some(at) = self.columns.iter().position(|it| it == column && !it.is_time()) {
                needs.require(at, *width);
            }
        }
        needs
    }

    /// Whether a table of these widths shows as much of its cells as on a usual terminal.
    fn is_readable(&self, widths: &[usize], times: &TimeFormat, needs: &Needs) -> bool {
        let is_usual = self.options.width >= Some(STANDARD_WIDTH)
            && self.options.columns == ColumnSelection::Fitting
            && !self.options.changes;
        let changes = self.options.changes;
        let is_narrow = self.options.width < Some(MIN_CUTTING_WIDTH);
        is_usual
            || (layout::are_readable(widths, &self.columns, times, changes, needs)
                && (!is_narrow || layout::are_whole(widths, &self.columns, needs)))
    }

    /// The widths of a table for a terminal of this width, if that is wide enough, and the needs that
    /// they fit.
    fn fixed(
        &self,
        rows: &[Vec<TableCell>],
        times: &TimeFormat,
        mut needs: Needs,
        terminal: usize,
    ) -> Option<(Vec<usize>, Needs)> {
        for row in rows {
            needs.add(row);
        }
        let fit = |needs: &Needs| {
            layout::fit(&self.columns, times, self.options.changes, needs, terminal)
        };
        // A later page may have the longest phone number, and times of another day.
        fit(&needs.with_longest(&self.columns, times))?;
        let widths = fit(&needs)?;
        Some((widths, needs))
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
            && let Some((widths, needs)) = self.fixed(&[], &layout.times, all, terminal)
        {
            layout.form = TableForm::Fixed(widths, needs);
        }
    }

    /// The layout for the rows of a later page, and their cells: one field per line from a page on whose
    /// results do not fit the table of the first page.
    fn keep_readable(
        &mut self,
        held: &[Log],
        rows: Vec<Vec<TableCell>>,
        layout: TableLayout,
    ) -> io::Result<(TableLayout, Vec<Vec<TableCell>>)> {
        let (TableForm::Fixed(widths, _), Some(terminal)) = (&layout.form, self.options.width)
        else {
            return Ok((layout, rows));
        };
        let mut needs = self.needs(&[]);
        for row in &rows {
            needs.add(row);
        }
        if self.is_readable(widths, &layout.times, &needs) {
            return Ok((layout, rows));
        }
        self.out.write_all(b"\n")?;
        Ok(self.fields(held, &layout.times, terminal))
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
