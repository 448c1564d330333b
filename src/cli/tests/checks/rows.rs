//! Checks what holds for every row, whichever body it came from: it is complete, every format can
//! write it, and reading the output gives the same message.

use omnilogs::model::{Cell, Field, Log};
use omnilogs::redaction::Redaction;
use omnilogs::sink::{
    Column, ColumnSelection, Csv, CsvOptions, Dialect, Json, JsonLines, RedactingSink, Table,
    TableOptions, width,
};
use omnilogs::wire::{self, DecodeOptions};

use super::visible::assert_safe_to_display;
use super::written::{safe, through, written};
use super::xml_rows;

/// Checks the rows of a page.
pub(super) fn check(logs: &[Log]) {
    logs.iter().for_each(row);
    json(logs);
    csv(logs);
    tsv(logs);
    xml_rows::check(logs);
    table(logs);
    redacted(logs);
}

/// Checks that two rows have the same cells.
fn same(one: &Log, other: &Log) {
    for column in Column::all() {
        let is_same = is_same(&column.value(one), &column.value(other));
        assert!(is_same, "{} of {} is not that of {}", column.name(), one.json(), other.json());
    }
}

/// Whether two cells are the same, ignoring the layout of lists and objects.
fn is_same(one: &Cell<'_>, other: &Cell<'_>) -> bool {
    match (one, other) {
        (Cell::Other(one), Cell::Other(other)) => compact(one) == compact(other),
        (one, other) => one == other,
    }
}

fn compact(json: &str) -> String {
    written(&[Log::new(json)], |logs, out| through(Json::compact(out), logs))
}

fn row(log: &Log) {
    let again = wire::row(log.json().as_bytes(), |_| ()).expect("a row's own text is JSON");
    assert_eq!(again.json(), log.json());
    same(log, &again);
    assert_eq!(log.identity(), again.identity());
    log.check(|_| ());
    if log.json().starts_with('{') {
        let changed = log.with_previous_status("PENDING");
        assert_eq!(changed.previous_status().as_deref(), Some("PENDING"));
        same(log, &changed);
    }
}

fn json(logs: &[Log]) {
    let compact = written(logs, |logs, out| through(Json::compact(out), logs));
    let indented = written(logs, |logs, out| through(Json::indented(out), logs));
    let lines = written(logs, |logs, out| through(JsonLines::new(out), logs));
    for output in [&compact, &indented, &lines] {
        safe(output);
    }
    let by_line: Vec<Log> = lines
        .lines()
        .map(|line| wire::row(line.as_bytes(), |_| ()).expect("a line is a row"))
        .collect();
    for back in [read(&compact), read(&indented), by_line] {
        assert_eq!(back.len(), logs.len(), "rows were lost");
        logs.iter().zip(&back).for_each(|(one, other)| same(one, other));
        let again = written(&back, |logs, out| through(Json::compact(out), logs));
        assert_eq!(again, compact, "rows that were read back are printed differently");
    }
    values(logs, &compact);
}

fn read(json: &str) -> Vec<Log> {
    let page = wire::decode(json.as_bytes(), Some("application/json"), DecodeOptions::default());
    let page = page.expect("printed JSON can be read");
    assert!(page.anomalies.is_empty(), "{:?} in printed JSON", page.anomalies);
    page.logs
}

/// Checks that every value is the one that was sent, including unknown fields, if a strict parser
/// accepts it.
fn values(logs: &[Log], printed: &str) {
    let Ok(printed) = serde_json::from_str::<serde_json::Value>(printed) else { return };
    let rows = printed["results"].as_array().expect("a list of rows");
    for (log, printed) in logs.iter().zip(rows) {
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(log.json()).ok().as_ref(),
            Some(printed)
        );
    }
}

fn csv_options(dialect: Dialect) -> CsvOptions {
    let mut options = CsvOptions::new(dialect);
    options.columns = Some(Column::all().collect());
    options
}

/// The cells of a row, as CSV and TSV must have them.
fn cells(log: &Log) -> Vec<String> {
    Column::all().map(|column| column.value(log).into_text().into_owned()).collect()
}

fn csv(logs: &[Log]) {
    let mut options = csv_options(Dialect::Csv);
    let exact = written(logs, |logs, out| through(Csv::new(out, options.clone()), logs));
    let mut reader = csv::Reader::from_reader(exact.as_bytes());
    let records: Vec<_> = reader.records().map(|record| record.expect("CSV")).collect();
    assert_eq!(records.len(), logs.len(), "a row is a record");
    for (log, record) in logs.iter().zip(records) {
        assert_eq!(record.iter().collect::<Vec<_>>(), cells(log));
    }
    options.terminal = true;
    options.safe = true;
    let shown = written(logs, |logs, out| through(Csv::new(out, options.clone()), logs));
    shown.lines().for_each(assert_safe_to_display);
}

fn tsv(logs: &[Log]) {
    let options = csv_options(Dialect::Tsv);
    let exact = written(logs, |logs, out| through(Csv::new(out, options), logs));
    assert_eq!(exact.split('\n').count(), logs.len() + 2, "a row is a line");
    for (log, line) in logs.iter().zip(exact.split('\n').skip(1)) {
        assert_eq!(line.split('\t').map(unescaped).collect::<Vec<_>>(), cells(log));
    }
}

/// A TSV cell without the escapes of jq's `@tsv`.
fn unescaped(cell: &str) -> String {
    let mut text = String::new();
    let mut rest = cell.chars();
    while let Some(c) = rest.next() {
        text.push(match c {
            '\\' => match rest.next() {
                Some('t') => '\t',
                Some('n') => '\n',
                Some('r') => '\r',
                Some('\\') => '\\',
                other => panic!("{cell:?} holds a backslash before {other:?}"),
            },
            c => c,
        });
    }
    text
}

fn table(logs: &[Log]) {
    let all = || ColumnSelection::Chosen(Column::all().collect());
    for (width, columns, truncate) in [
        (None, ColumnSelection::Fitting, true),
        (Some(80), ColumnSelection::Fitting, true),
        (Some(200), all(), true),
        (Some(100), ColumnSelection::Wide, false),
        (Some(20), all(), true),
    ] {
        let mut options = TableOptions::default();
        options.width = width;
        options.columns = columns;
        options.truncate = truncate;
        let shown = written(logs, |logs, out| through(Table::new(out, options), logs));
        for line in shown.lines() {
            assert_safe_to_display(line);
            // In narrower tables, a column can be narrower than its name.
            let max = width.filter(|width| *width >= 80).unwrap_or(usize::MAX);
            assert!(width::display_width(line) <= max, "{line:?} is wider than {max}");
        }
    }
}

/// Checks that a field which redaction changes shows that something is hidden.
fn redacted(logs: &[Log]) {
    let hidden = written(logs, |logs, out| {
        through(RedactingSink::new(JsonLines::new(out), Redaction::default()), logs);
    });
    assert_eq!(hidden.lines().count(), logs.len(), "a row was lost");
    for (log, line) in logs.iter().zip(hidden.lines()) {
        let shown = wire::row(line.as_bytes(), |_| ()).expect("a row stays a row");
        if !shown.json().starts_with('{') {
            continue;
        }
        for field in Field::ALL {
            let (was, is) = (log.cell(field), shown.cell(field));
            match field {
                Field::To | Field::From => {
                    let long =
                        was.clone().into_text().bytes().filter(u8::is_ascii_digit).count() > 6;
                    let is_number = matches!(was, Cell::Number(_)) && long;
                    assert!(!is_number || was.into_text() != is.into_text(), "a number is shown");
                }
                Field::Text => {
                    let hidden = is.into_text();
                    let is_gone = hidden.contains(['*', '[']);
                    assert!(is_gone || was.into_text().len() <= 5, "{hidden:?} is shown");
                }
                // A value that the API does not document for a field is hidden like unknown text.
                _ => {
                    let text = is.clone().into_text();
                    let is_hidden = text.contains(['*', '[', '…']);
                    assert!(is_hidden || is_same(&was, &is), "{} changed", field.name());
                }
            }
        }
    }
}
