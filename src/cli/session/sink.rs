//! The sink for each format.

use std::io::Write;

use omnilogs::sink::{
    Csv, CsvOptions, Dialect, Json, JsonLines, Redacted, Selection, Sink, Sorted, Table,
    TableOptions, Xml,
};

use crate::choices::FormatName;
use crate::io::jq::Jq;
use crate::settings::Shown;

/// The sink that writes rows as they are to be shown.
pub(crate) fn sink<'w, W: Write + 'w>(mut shown: Shown, out: W) -> Box<dyn Sink + 'w> {
    let (redaction, sort) = (shown.redaction, std::mem::take(&mut shown.sort));
    let mut sink = plain(shown, out);
    if let Some(redaction) = redaction {
        sink = Box::new(Redacted::new(sink, redaction));
    }
    // Sorted by what the rows hold, not by what is left to see of it.
    if sort.is_empty() { sink } else { Box::new(Sorted::new(sink, sort)) }
}

fn plain<'w, W: Write + 'w>(shown: Shown, out: W) -> Box<dyn Sink + 'w> {
    let by_row = shown.format == FormatName::Jsonl;
    if let Some(program) = shown.jq {
        return Box::new(Jq::new(program, out, shown.terminal, by_row));
    }
    let csv = |dialect: Dialect| {
        let mut options = CsvOptions::new(dialect);
        options.columns.clone_from(&shown.columns);
        options.header = !shown.no_header;
        options.safe = shown.csv_safe;
        options.terminal = shown.terminal;
        options
    };
    match shown.format {
        FormatName::Table => Box::new(Table::new(out, table(shown))),
        FormatName::Json if shown.terminal => Box::new(Json::indented(out)),
        FormatName::Json => Box::new(Json::compact(out)),
        FormatName::Jsonl => Box::new(JsonLines::new(out)),
        FormatName::Csv => Box::new(Csv::new(out, csv(Dialect::Csv))),
        FormatName::Tsv => Box::new(Csv::new(out, csv(Dialect::Tsv))),
        FormatName::Xml => Box::new(Xml::new(out)),
    }
}

fn table(shown: Shown) -> TableOptions {
    let mut options = TableOptions::default();
    options.width = shown.width;
    options.colour = shown.colour;
    options.columns = match shown.columns {
        Some(columns) => Selection::Chosen(columns),
        None if shown.wide => Selection::Wide,
        None => Selection::Fitting,
    };
    options.header = !shown.no_header;
    options.truncate = !shown.no_truncate;
    options.changes = shown.changes;
    options.zone = shown.zone;
    options
}
