//! The figures in the formats for programs: JSON as one document; JSON lines, CSV and TSV with one
//! group per line.

use std::io::{self, Write};

use omnilogs::Cell;
use omnilogs::sink::{BYTE_ORDER_MARK, CsvCellStyle, write_csv, write_tsv};
use omnilogs::stats::{
    BEFORE_COLUMNS, ComparedSummary, FIGURE_COLUMNS, Group, Key, Summary, cells, cells_before,
};
use omnilogs::visible::escape_json;

use super::view::View;
use crate::choices::FormatName;
use crate::settings::CsvSettings;

/// Writes the figures in the format of the view.
pub(super) fn write(
    summary: ComparedSummary<'_>,
    view: &View,
    out: &mut dyn Write,
) -> io::Result<()> {
    let is_terminal = view.width.is_some();
    match view.format {
        FormatName::Jsonl => {
            for row in summary.rows() {
                line(out, &serde_json::to_string(&row)?)?;
            }
            Ok(())
        }
        FormatName::Csv | FormatName::Tsv => write_cells(summary, view, out),
        _ if is_terminal => line(out, &serde_json::to_string_pretty(&summary)?),
        _ => line(out, &serde_json::to_string(&summary)?),
    }
}

fn line(out: &mut dyn Write, json: &str) -> io::Result<()> {
    out.write_all(escape_json(json).as_bytes())?;
    out.write_all(b"\n")
}

fn write_cells(summary: ComparedSummary<'_>, view: &View, out: &mut dyn Write) -> io::Result<()> {
    let (separator, write) = if view.format == FormatName::Tsv {
        (b'\t', write_tsv as fn(Cell<'_>, CsvCellStyle, &mut Vec<u8>))
    } else {
        (view.csv.delimiter, write_csv as fn(Cell<'_>, CsvCellStyle, &mut Vec<u8>))
    };
    let CsvSettings { safe, delimiter, bom } = view.csv;
    let style = CsvCellStyle { safe, visible: view.width.is_some(), delimiter };
    if bom && !style.visible {
        out.write_all(BYTE_ORDER_MARK)?;
    }
    let mut put = |cells: Vec<Cell<'_>>| {
        let mut line = Vec::new();
        for (at, cell) in cells.into_iter().enumerate() {
            if at > 0 {
                line.push(separator);
            }
            write(cell, style, &mut line);
        }
        line.push(b'\n');
        out.write_all(&line)
    };
    if view.header {
        let before: &[&str] = if summary.before.is_some() { &BEFORE_COLUMNS } else { &[] };
        let names = summary.summary.keys.iter().copied().map(Key::name).chain(FIGURE_COLUMNS);
        let names = names.chain(before.iter().copied());
        put(names.map(|name| Cell::Text(name.into())).collect())?;
    }
    let before = summary.before.map(Summary::by_values);
    let row = |group: &Group| {
        let mut row = cells(group);
        if let Some(before) = &before {
            row.extend(cells_before(before.get(&*group.values).copied()));
        }
        put(row)
    };
    summary.summary.groups.iter().try_for_each(row)
}
