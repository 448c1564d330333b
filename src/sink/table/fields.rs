//! Rows for a terminal that is too narrow for a table: a field a line, a blank line after each row.

use std::io::{self, Write};

use super::cells::Shown;
use super::columns::TableColumn;
use super::drawing::{Lane, draw};
use super::layout::GAP;

/// A value goes on below itself, but no longer than so many lines.
const MOST_LINES: usize = 4;

/// Values keep this much room even where the terminal has less.
const LEAST_ROOM: usize = 8;

/// Writes the rows, leaving out the fields that a row does not have.
pub(super) fn write<W: Write>(
    rows: &[Vec<Shown>],
    columns: &[TableColumn],
    terminal: usize,
    truncate: bool,
    colour: bool,
    out: &mut W,
) -> io::Result<()> {
    let label = columns.iter().map(|column| column.title().len()).max().unwrap_or_default();
    let room = terminal.saturating_sub(label + GAP).max(LEAST_ROOM);
    let lanes = [
        Lane { width: label, right: false, wraps: false },
        Lane { width: room, right: false, wraps: true },
    ];
    for row in rows {
        let named = row.iter().zip(columns).filter(|(value, _)| !value.text.is_empty());
        let fields: Vec<Vec<Shown>> = named
            .map(|(value, column)| {
                let mut value = value.clone();
                if truncate {
                    value.cut(room * MOST_LINES);
                }
                vec![Shown::plain(column.title().to_owned()), value]
            })
            .collect();
        draw(None, &fields, &lanes, colour, out)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}
