//! Draws rows with comfy-table: two spaces between columns, no lines, colours by status group.

use std::borrow::Cow;
use std::io::{self, Write};

use comfy_table::{Attribute, Cell, CellAlignment, ColumnConstraint, Row, Table, Width, presets};

use super::super::width::{truncate, wrap};
use super::cell::TableCell;
use super::layout::GAP;

/// How many rows comfy-table draws at once: it keeps several copies of them in memory.
const ROWS_AT_ONCE: usize = 100;

/// The shape of a column.
#[derive(Clone, Copy, Debug)]
pub(super) struct ColumnShape {
    pub(super) width: usize,
    /// Whether cells are aligned to the right.
    pub(super) right: bool,
    /// Whether long cells continue on further lines; otherwise they are cut off.
    pub(super) wraps: bool,
}

/// Draws rows in columns of these shapes, below a header if there is one. No line ends in spaces.
pub(super) fn draw<W: Write>(
    header: Option<&[String]>,
    rows: &[Vec<TableCell>],
    shapes: &[ColumnShape],
    colour: bool,
    out: &mut W,
) -> io::Result<()> {
    if colour {
        // The caller has decided about colour; otherwise crossterm would read the environment.
        crossterm::style::force_color_output(true);
    }
    if let Some(titles) = header {
        write_lines(vec![header_row(titles, shapes)], shapes, colour, out)?;
    }
    for some in rows.chunks(ROWS_AT_ONCE) {
        let drawn =
            some.iter().map(|row| row.iter().zip(shapes).map(|(c, l)| cell(c, *l)).collect());
        write_lines(drawn.map(|cells: Vec<Cell>| Row::from(cells)).collect(), shapes, colour, out)?;
    }
    Ok(())
}

fn write_lines<W: Write>(
    rows: Vec<Row>,
    shapes: &[ColumnShape],
    colour: bool,
    out: &mut W,
) -> io::Result<()> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).force_no_tty().add_rows(rows);
    if colour {
        table.enforce_styling();
        // Otherwise the spaces after a cell would be styled, too, and could not be trimmed.
        table.style_text_only();
    }
    let last = shapes.len().saturating_sub(1);
    for (index, (column, shape)) in table.column_iter_mut().zip(shapes).enumerate() {
        let gap = if index == last { 0 } else { u16::try_from(GAP).unwrap_or_default() };
        let width = u16::try_from(shape.width).unwrap_or(u16::MAX).saturating_add(gap);
        column
            .set_padding((0, gap))
            .set_constraint(ColumnConstraint::Absolute(Width::Fixed(width)));
        if shape.right {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    for line in table.lines() {
        out.write_all(line.trim_end_matches(' ').as_bytes())?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

fn header_row(titles: &[String], shapes: &[ColumnShape]) -> Row {
    let titles = titles.iter().zip(shapes);
    let cells = titles.map(|(title, shape)| {
        Cell::new(truncate(title, shape.width)).add_attribute(Attribute::Bold)
    });
    Row::from(cells.collect::<Vec<_>>())
}

fn cell(shown: &TableCell, shape: ColumnShape) -> Cell {
    let room = shape.width.saturating_sub(shown.mark.len());
    let fitted =
        if shape.wraps { wrap(&shown.text, room) } else { truncate(shown.fitting(room), room) };
    let text = match shown.mark {
        "" => fitted,
        mark => Cow::Owned(format!("{fitted}{mark}")),
    };
    let cell = Cell::new_owned(text.into_owned());
    match shown.colour {
        Some(colour) => cell.fg(colour.into()),
        None => cell,
    }
}
