//! Writes rows for a terminal that is too narrow for a table: one field per line, and a blank line
//! after each row.

use std::io::{self, Write};

use super::cell::TableCell;
use super::columns::TableColumn;
use super::drawing::{ColumnShape, draw};
use super::layout::GAP;

/// The most lines of one value, except an id and an address, of which a part is of no use.
const MAX_LINES: usize = 4;

/// The longest id or address, in columns: that of an e-mail address (RFC 3696, erratum 1690). A longer
/// value is neither, and is cut like any other.
const MAX_ADDRESS_WIDTH: usize = 320;

/// The least width of values, even on a narrower terminal.
const MIN_ROOM: usize = 8;

/// Writes the rows without the fields that a row does not have.
pub(super) fn write<W: Write>(
    rows: &[Vec<TableCell>],
    columns: &[TableColumn],
    terminal: usize,
    truncate: bool,
    colour: bool,
    out: &mut W,
) -> io::Result<()> {
    let label = columns.iter().map(|column| column.title().len()).max().unwrap_or_default();
    let room = terminal.saturating_sub(label + GAP).max(MIN_ROOM);
    let shapes = [
        ColumnShape { width: label, right: false, wraps: false },
        ColumnShape { width: room, right: false, wraps: true },
    ];
    for row in rows {
        let named = row.iter().zip(columns).filter(|(value, _)| !value.text.is_empty());
        let fields: Vec<Vec<TableCell>> = named
            .map(|(value, column)| {
                let mut value = value.clone();
                if truncate {
                    let most = room * MAX_LINES;
                    let is_copied = column.is_id() || column.is_address();
                    value.cut(if is_copied { most.max(MAX_ADDRESS_WIDTH) } else { most });
                }
                vec![TableCell::plain(column.title().to_owned()), value]
            })
            .collect();
        draw(None, &fields, &shapes, colour, out)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}
