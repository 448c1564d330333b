//! Test support: messages that differ in a few fields, and the table of them.

use serde_json::{Value, json};

use super::{ColumnSelection, TableOptions};
use crate::sink::test_support::written;
use crate::sink::{Column, Table};
use crate::zone::Zone;

pub(super) fn options(width: Option<usize>) -> TableOptions {
    TableOptions {
        width,
        colour: false,
        columns: ColumnSelection::Fitting,
        header: true,
        truncate: true,
        changes: false,
        zone: Zone::parse("Europe/Zagreb").unwrap(),
        today: None,
    }
}

/// A message with these fields in place of the default ones.
pub(super) fn message(changes: &Value) -> String {
    let mut row = json!({
        "bulkId": "bafdeb3d-719b-4cce-8762-54d47b40f3c5",
        "messageId": "07e03aae-fabc-44ad-b1ce-222e14094d70",
        "to": "41793026727", "from": "InfoSMS", "text": "Test SMS.",
        "sentAt": "2026-11-22T10:00:05.123+0100", "doneAt": "2026-11-22T10:00:09.323+0100",
        "messageCount": 1, "mccmnc": "22801",
        "price": {"pricePerMessage": 0.01, "currency": "EUR"},
        "status": {"groupName": "DELIVERED", "name": "DELIVERED_TO_HANDSET"},
        "error": {"id": 0, "name": "NO_ERROR"}, "channel": "SMS",
    });
    for (key, value) in changes.as_object().unwrap() {
        row[key] = value.clone();
    }
    row.to_string()
}

pub(super) fn table(options: TableOptions, rows: &[String]) -> String {
    let rows: Vec<_> = rows.iter().map(String::as_str).collect();
    written(|out| Table::new(out, options), &rows)
}

pub(super) fn status(group: &str, name: &str) -> Value {
    json!({"status": {"groupName": group, "name": name}})
}

pub(super) fn chosen(names: &str) -> ColumnSelection {
    ColumnSelection::Chosen(names.split(',').map(|name| Column::parse(name).unwrap()).collect())
}
