//! The sink for each format.

use std::io::Write;
use std::sync::Arc;

use omnilogs::sink::{
    ColumnSelection, Csv, CsvOptions, Dialect, Json, JsonLines, Markdown, RedactingSink, Sink,
    SortingSink, Table, TableOptions, Workbook, WorkbookOptions, Xml,
};

use super::first_row_sink::FirstRowSink;
use super::reported_workbook::ReportedWorkbook;
use crate::choices::FormatName;
use crate::io::jq::Jq;
use crate::io::json_colour::JsonColour;
use crate::io::report::Report;
use crate::settings::OutputSettings;

/// The sink for the output settings: it writes rows in their format, and sorts and redacts them first
/// where the settings say so.
pub(crate) fn sink<'w, W: Write + 'w>(
    mut settings: OutputSettings,
    out: W,
    report: &Arc<Report>,
) -> Box<dyn Sink + 'w> {
    let (redaction, sort) = (settings.redaction, std::mem::take(&mut settings.sort));
    let mut sink = format_sink(settings, out, report);
    if let Some(redaction) = redaction {
        sink = Box::new(RedactingSink::new(sink, redaction));
    }
    // Rows are sorted before they are redacted: by their values, and not by what hides them.
    if sort.is_empty() { sink } else { Box::new(SortingSink::new(sink, sort)) }
}

/// The sink for the format alone.
fn format_sink<'w, W: Write + 'w>(
    settings: OutputSettings,
    out: W,
    report: &Arc<Report>,
) -> Box<dyn Sink + 'w> {
    let by_row = settings.format == FormatName::Jsonl;
    if let Some(program) = settings.jq {
        return Box::new(Jq::new(program, out, settings.terminal, by_row));
    }
    let csv = |dialect: Dialect| {
        let mut options = CsvOptions::new(dialect);
        options.columns.clone_from(&settings.columns);
        options.header = !settings.no_header;
        options.safe = settings.csv.safe;
        options.delimiter = settings.csv.delimiter;
        // A terminal would show it as an odd character.
        options.bom = settings.csv.bom && !settings.terminal;
        options.terminal = settings.terminal;
        options
    };
    let out = if settings.json_colour && settings.format.is_json() {
        Box::new(JsonColour::new(out)) as Box<dyn Write + 'w>
    } else {
        Box::new(out)
    };
    match settings.format {
        FormatName::Table if settings.terminal => {
            Box::new(FirstRowSink::new(Table::new(out, table_options(settings))))
        }
        // Metrics have no rows, and `prepare` has refused them.
        FormatName::Table | FormatName::Prometheus => {
            Box::new(Table::new(out, table_options(settings)))
        }
        FormatName::Json if settings.terminal => Box::new(Json::indented(out)),
        FormatName::Json => Box::new(Json::compact(out)),
        FormatName::Jsonl => Box::new(JsonLines::new(out)),
        FormatName::Csv => Box::new(Csv::new(out, csv(Dialect::Csv))),
        FormatName::Tsv => Box::new(Csv::new(out, csv(Dialect::Tsv))),
        FormatName::Xml => Box::new(Xml::new(out)),
        FormatName::Md => Box::new(Markdown::new(out, settings.columns, settings.zone)),
        FormatName::Xlsx => {
            let workbook = Workbook::new(out, workbook_options(settings));
            Box::new(ReportedWorkbook::new(workbook, Arc::clone(report)))
        }
    }
}

fn workbook_options(settings: OutputSettings) -> WorkbookOptions {
    let mut options = WorkbookOptions::default();
    options.columns = settings.columns;
    options.header = !settings.no_header;
    options.zone = settings.zone;
    options
}

fn table_options(settings: OutputSettings) -> TableOptions {
    let mut options = TableOptions::default();
    options.width = settings.width;
    options.colour = settings.colour;
    options.columns = match settings.columns {
        Some(columns) => ColumnSelection::Chosen(columns),
        None if settings.wide => ColumnSelection::Wide,
        None => ColumnSelection::Fitting,
    };
    options.header = !settings.no_header;
    options.truncate = !settings.no_truncate;
    options.changes = settings.changes;
    options.zone = settings.zone;
    options.today = Some(settings.today);
    options
}
