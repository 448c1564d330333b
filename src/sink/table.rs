//! A table for people: it fits the terminal, aligns by display width, and no text from a message
//! can drive the terminal or break a line.
//!
//! Widths are decided on the first page and hold from then on, so that rows stream. Behind a
//! status that is not known to be final stands a `~`, which tells it without colour, too.

mod cells;
mod columns;
mod drawing;
mod fields;
mod layout;
mod times;

use std::io::{self, Write};

use self::cells::shown_row;
use self::columns::TableColumn;
use self::drawing::{Lane, draw};
use self::times::Times;
use super::{Column, Flow, Sink};
use crate::model::Log;
use crate::zone::Zone;

/// Rows are held back until the page ends, but never more than these.
const MOST_HELD: usize = 1000;

/// Below this many columns no table can be read: one field a line instead.
const NARROWEST_TABLE: usize = 40;

/// What is shown and how.
#[derive(Clone, Debug)]
pub struct TableOptions {
    /// Columns of the terminal; `None`: into a pipe or a file, where nothing is cut. Zero is taken
    /// for a terminal that does not know.
    pub width: Option<usize>,
    /// Whether statuses are coloured, by their group.
    pub colour: bool,
    /// Which columns.
    pub columns: Selection,
    /// Whether the first line names the columns.
    pub header: bool,
    /// Whether long cells are cut on a terminal; else they go on in further lines.
    pub truncate: bool,
    /// The zone in which times are shown.
    pub zone: Zone,
}

/// Which columns a table has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// Those that matter most, as many as the width takes.
    Fitting,
    /// All that are of use to a person, the ids among them; where they do not fit, one field a
    /// line.
    Wide,
    /// These.
    Chosen(Vec<Column>),
}

/// Writes the table. Without rows it is the header alone.
#[derive(Debug)]
pub struct Table<W> {
    out: W,
    options: TableOptions,
    columns: Vec<TableColumn>,
    held: Vec<Log>,
    settled: Option<Settled>,
}

/// What the first page decides.
#[derive(Debug)]
struct Settled {
    times: Times,
    form: Form,
}

#[derive(Debug)]
enum Form {
    /// A row a line on a terminal, the columns so wide.
    Fixed(Vec<usize>),
    /// A row a line into a pipe; a later page may make the columns wider.
    Growing(Vec<usize>),
    /// A field a line on a terminal of this width.
    Fields(usize),
}

impl<W: Write> Table<W> {
    /// Into this writer.
    pub fn new(out: W, mut options: TableOptions) -> Self {
        options.width = match options.width {
            Some(0) => Some(80),
            width => width.map(|width| width.min(layout::WIDEST)),
        };
        let columns = match &options.columns {
            Selection::Fitting => columns::fitting(options.width),
            Selection::Wide => columns::wide(),
            Selection::Chosen(chosen) => chosen.iter().copied().map(TableColumn::One).collect(),
        };
        Self { out, options, columns, held: Vec::new(), settled: None }
    }

    /// Decides the form by the rows held back.
    fn settle(&self) -> Settled {
        let times = Times::choose(self.options.zone, self.options.width, &self.held);
        let Some(terminal) = self.options.width else {
            return Settled { form: Form::Growing(layout::typical(&self.columns, &times)), times };
        };
        let fixed = (terminal >= NARROWEST_TABLE)
            .then(|| layout::fit(&self.columns, &times, &self.needed(&times), terminal));
        match fixed.flatten() {
            Some(widths) => Settled { form: Form::Fixed(widths), times },
            None => Settled { form: Form::Fields(terminal), times: times.alone(terminal) },
        }
    }

    /// What the cells of the rows held back need.
    fn needed(&self, times: &Times) -> Vec<usize> {
        let mut widths = vec![0; self.columns.len()];
        for log in &self.held {
            layout::widen(&mut widths, &shown_row(log, &self.columns, times));
        }
        widths
    }

    /// Writes the rows held back, and before the first ones the header.
    fn write_held(&mut self) -> io::Result<()> {
        let has_header = self.settled.is_none() && self.options.header;
        let mut settled = self.settled.take().unwrap_or_else(|| self.settle());
        let logs = self.held.drain(..);
        let rows: Vec<_> = logs.map(|log| shown_row(&log, &self.columns, &settled.times)).collect();
        let TableOptions { colour, truncate, .. } = self.options;
        let (widths, wraps) = match &mut settled.form {
            Form::Fields(terminal) => {
                let terminal = *terminal;
                self.settled = Some(settled);
                return fields::write(
                    rows,
                    &self.columns,
                    terminal,
                    truncate,
                    colour,
                    &mut self.out,
                );
            }
            Form::Fixed(widths) => (widths, !truncate),
            Form::Growing(widths) => {
                rows.iter().for_each(|row| layout::widen(widths, row));
                (widths, false)
            }
        };
        let lanes: Vec<_> = widths
            .iter()
            .zip(&self.columns)
            .map(|(width, column)| Lane {
                width: *width,
                right: column.room(&settled.times).right,
                wraps,
            })
            .collect();
        let titles = columns::titles(&self.columns, &settled.times);
        let header = has_header.then_some(titles.as_slice());
        self.settled = Some(settled);
        draw(header, &rows, &lanes, colour, &mut self.out)
    }
}

impl<W: Write> Sink for Table<W> {
    fn log(&mut self, log: &Log) -> io::Result<Flow> {
        self.held.push(log.clone());
        if self.held.len() == MOST_HELD {
            self.write_held()?;
        }
        Ok(Flow::Continue)
    }

    fn end_page(&mut self) -> io::Result<()> {
        if !self.held.is_empty() {
            self.write_held()?;
        }
        self.out.flush()
    }

    fn finish(&mut self) -> io::Result<()> {
        if self.settled.is_none() || !self.held.is_empty() {
            self.write_held()?;
        }
        self.out.flush()
    }
}

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
