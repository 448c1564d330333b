//! Rows with fewer or more fields than the API documents.

use serde_json::{Value, json};

use super::{ids, list, page, row, row_with, warnings};
use crate::support::{Ran, Response, Server};

fn list_rows(rows: &[String], format: &'static str) -> Ran {
    let server = Server::always(Response::json(page(rows)));
    list(&server.url()).format(format).code(0)
}

/// Every member of the documented row and of its nested objects, with its value.
fn members() -> Vec<(String, Value)> {
    let row: Value = serde_json::from_str(&row("m1")).unwrap();
    let mut members = Vec::new();
    for (name, value) in row.as_object().unwrap() {
        members.push((format!("/{name}"), value.clone()));
        for (inner, value) in value.as_object().into_iter().flatten() {
            members.push((format!("/{name}/{inner}"), value.clone()));
        }
    }
    members
}

/// The row with one member replaced or, for `None`, removed.
fn with(place: &str, value: Option<&Value>) -> String {
    let mut row: Value = serde_json::from_str(&row("m1")).unwrap();
    if let Some(value) = value {
        *row.pointer_mut(place).unwrap() = value.clone();
    } else {
        let (parent, name) = place.rsplit_once('/').unwrap();
        row.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name);
    }
    row.to_string()
}

/// Checks that every format shows all of these rows, unchanged.
fn check_all_shown(rows: &[String]) {
    let ran = list_rows(rows, "jsonl");
    assert_eq!(ran.stdout.lines().map(str::to_owned).collect::<Vec<_>>(), rows);
    let csv = list_rows(rows, "csv").stdout;
    let mut read = csv::Reader::from_reader(csv.as_bytes());
    assert_eq!(read.records().map(Result::unwrap).count(), rows.len());
    let xml = list_rows(rows, "xml").stdout;
    assert_eq!(xml.matches("<results>").count() + xml.matches("<results/>").count(), rows.len());
    assert!(list_rows(rows, "table").stdout.lines().count() >= rows.len());
    let json: Value = serde_json::from_str(&list_rows(rows, "json").stdout).unwrap();
    assert_eq!(json["results"].as_array().unwrap().len(), rows.len());
}

/// H35.
#[test]
fn a_row_is_never_dropped_for_a_member_that_is_null() {
    let rows: Vec<_> = members().iter().map(|(place, _)| with(place, Some(&Value::Null))).collect();
    check_all_shown(&rows);
}

/// H35.
#[test]
fn a_row_is_never_dropped_for_a_member_that_is_missing() {
    let rows: Vec<_> = members().iter().map(|(place, _)| with(place, None)).collect();
    check_all_shown(&rows);
}

/// H35.
#[test]
fn a_row_is_never_dropped_for_a_member_of_a_wrong_type() {
    for wrong in [json!([1, "x"]), json!({"a": 1}), json!(true), json!(""), json!(-1.5)] {
        let rows: Vec<_> = members().iter().map(|(place, _)| with(place, Some(&wrong))).collect();
        check_all_shown(&rows);
    }
}

/// H35.
#[test]
fn null_and_missing_are_an_empty_cell() {
    let rows = [with("/text", Some(&Value::Null)), with("/text", None)];
    let csv = list_rows(&rows, "csv").stdout;
    let mut read = csv::Reader::from_reader(csv.as_bytes());
    let column = read.headers().unwrap().iter().position(|name| name == "text").unwrap();
    let cells: Vec<_> = read.records().map(|row| row.unwrap()[column].to_owned()).collect();
    assert_eq!(cells, ["", ""]);
}

/// H35.
#[test]
fn a_row_that_is_not_an_object_is_kept_in_json_with_a_warning() {
    for odd in ["null", "17", r#""m2""#, "[]", "true"] {
        let rows = [row("m1"), odd.to_owned(), "{}".to_owned()];
        let ran = list_rows(&rows, "jsonl");
        assert_eq!(ran.stdout.lines().map(str::to_owned).collect::<Vec<_>>(), rows);
        let table = list_rows(&rows, "table");
        let warning =
            "row 2 could not be read; the cells are empty, JSON formats keep the row as sent";
        assert!(warnings(&table).contains(&warning), "{odd}: {}", table.stderr);
        assert!(table.stdout.contains("m1"));
    }
}

/// H36.
#[test]
fn unknown_fields_channels_and_status_groups_are_shown_as_sent() {
    let new = r#""applicationId":"shop","entity":{"id":[1,{"k":0.10}]},"é\"":null"#;
    let strange = row_with("m1", new)
        .replace(r#""SMS""#, r#""PIGEON""#)
        .replace(r#""DELIVERED""#, r#""EATEN""#)
        .replace(r#""groupId":3"#, r#""groupId":99"#)
        .replace("DELIVERED_TO_HANDSET", "EATEN_BY_CAT");
    let rows = [strange, row("m2")];
    let ran = list_rows(&rows, "jsonl");
    assert_eq!(ran.stdout.lines().map(str::to_owned).collect::<Vec<_>>(), rows);
    assert_eq!(ids(&ran), ["m1", "m2"]);
    assert!(list_rows(&rows, "json").stdout.contains(new));
    for format in ["table", "csv", "tsv", "xml"] {
        let ran = list_rows(&rows, format);
        assert!(warnings(&ran).is_empty(), "{}", ran.stderr);
        let shown = ran.stdout;
        assert!(shown.contains("PIGEON") && shown.contains("EATEN"), "{format}: {shown}");
    }
}

/// H35. Rows in JSON output are not parsed, so there are no warnings about their fields.
#[test]
fn json_output_contains_a_row_as_received_without_warnings_about_its_fields() {
    let rows = [with("/sentAt", Some(&json!("soon"))), with("/messageCount", Some(&json!("x")))];
    for format in ["json", "jsonl"] {
        assert!(warnings(&list_rows(&rows, format)).is_empty());
    }
    assert_eq!(warnings(&list_rows(&rows, "csv")).len(), 2);
}
