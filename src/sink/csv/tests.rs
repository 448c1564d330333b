use proptest::prelude::*;

use super::*;
use crate::model::Field;
use crate::sink::test_support::written;

fn options(dialect: Dialect, columns: &[&str]) -> CsvOptions {
    let columns = columns.iter().map(|name| Column::parse(name).unwrap()).collect();
    CsvOptions { columns: Some(columns), ..CsvOptions::new(dialect) }
}

fn csv(columns: &[&str], rows: &[&str]) -> String {
    written(|out| Csv::new(out, options(Dialect::Csv, columns)), rows)
}

#[test]
fn another_delimiter_separates_the_cells_and_a_byte_order_mark_begins_the_file() {
    let row = r#"{"to":"447700900123","text":"a|b","price":{"pricePerMessage":0.01}}"#;
    let columns = ["to", "text", "price.pricePerMessage"];
    let with = |delimiter, bom| {
        let options = CsvOptions { delimiter, bom, ..options(Dialect::Csv, &columns) };
        written(|out| Csv::new(out, options), &[row])
    };
    let expected = "to|text|price.pricePerMessage\n447700900123|\"a|b\"|0.01\n";
    assert_eq!(with(b'|', false), expected);
    assert_eq!(with(b'|', true), format!("\u{FEFF}{expected}"));
    // A name in the header may contain the delimiter, too.
    assert_eq!(with(b'.', false), "to.text.\"price.pricePerMessage\"\n447700900123.a|b.\"0.01\"\n");
}

/// A strict reader of RFC 4180: quotes only around a complete cell, doubled inside.
fn strict_reader(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut rest) = (Vec::new(), Vec::new(), text);
    while !rest.is_empty() {
        let mut cell = String::new();
        if let Some(mut quoted) = rest.strip_prefix('"') {
            loop {
                let (part, after) = quoted.split_once('"').expect("the quotes are closed");
                cell.push_str(part);
                let Some(more) = after.strip_prefix('"') else {
                    rest = after;
                    break;
                };
                cell.push('"');
                quoted = more;
            }
        } else {
            let end = rest.find([',', '\n']).expect("the line is ended");
            assert!(!rest[..end].contains(['"', '\r']), "a bare quote or carriage return");
            cell.push_str(&rest[..end]);
            rest = &rest[end..];
        }
        row.push(cell);
        if let Some(after) = rest.strip_prefix('\n') {
            rows.push(std::mem::take(&mut row));
            rest = after;
        } else {
            rest = rest.strip_prefix(',').expect("a cell ends at a comma or a line end");
        }
    }
    rows
}

fn crate_reader(text: &str) -> Vec<Vec<String>> {
    csv_crate_rows(text).map(|row| row.iter().map(str::to_owned).collect()).collect()
}

fn csv_crate_rows(text: &str) -> impl Iterator<Item = ::csv::StringRecord> {
    let reader = ::csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.into_records().map(Result::unwrap)
}

#[test]
fn the_header_is_the_same_for_all_rows() {
    let all = CsvOptions::new(Dialect::Csv);
    assert_eq!(
        written(|out| Csv::new(out, all.clone()), &[]),
        "bulkId,messageId,channel,to,from,text,sentAt,doneAt,messageCount,mccmnc,\
         price.pricePerMessage,price.currency,status.groupId,status.groupName,status.id,status.name,\
         status.description,status.action,error.groupId,error.groupName,error.id,error.name,\
         error.description,error.permanent\n"
    );
    let row = r#"{"messageCount":1,"price":{"pricePerMessage":0.0100},"new":1,"error":{"permanent":true}}"#;
    let text = written(|out| Csv::new(out, CsvOptions { header: false, ..all }), &[row]);
    assert_eq!(text, ",,,,,,,,1,,0.0100,,,,,,,,,,,,,true\n");
}

#[test]
fn a_missing_value_differs_from_an_empty_one() {
    assert_eq!(
        csv(&["to", "text"], &[r#"{"text":""}"#, r#"{"text":null}"#, r#"{"text":"null"}"#]),
        "to,text\n,\"\"\n,\n,\"null\"\n"
    );
}

#[test]
fn a_row_of_one_empty_cell_is_still_a_row() {
    let text = csv(&["text"], &["{}", r#"{"text":"x"}"#]);
    assert_eq!(text, "text\n\"\"\nx\n");
    assert_eq!(crate_reader(&text).len(), 3);
}

#[test]
fn a_tsv_row_is_one_line() {
    let row = r#"{"to":"1","text":"a\tb\n\"c\""}"#;
    assert_eq!(
        written(|out| Csv::new(out, options(Dialect::Tsv, &["to", "text", "from"])), &[row]),
        "to\ttext\tfrom\n1\ta\\tb\\n\"c\"\t\n"
    );
}

#[test]
fn computed_columns_are_written_like_any_other() {
    let row = r#"{"sentAt":"2015-02-23T17:40:31.773+0100","doneAt":"2015-02-23T17:40:31.787+0100","status":{"name":"DELIVERED_TO_HANDSET"}}"#;
    let failed = r#"{"mccmnc":"23410","status":{"name":"REJECTED_DND"}}"#;
    assert_eq!(
        csv(&["latency", "final", "why", "country"], &[row, failed]),
        "latency,final,why,country\n14,true,,\n,true,on a do-not-disturb list,United Kingdom\n"
    );
}

proptest! {
    #[test]
    fn two_readers_read_back_every_text(texts in prop::collection::vec((any::<String>(), "[\",;\r\n\0 a-]*"), 1..8)) {
        let rows: Vec<_> = texts
            .iter()
            .map(|(to, text)| serde_json::json!({ "to": to, "text": text }).to_string())
            .collect();
        let rows: Vec<_> = rows.iter().map(String::as_str).collect();
        let columns = Some(vec![Column::Field(Field::To), Column::Field(Field::Text)]);
        let options = CsvOptions { columns, header: false, ..options(Dialect::Csv, &[]) };
        let text = written(|out| Csv::new(out, options), &rows);
        let sent: Vec<_> = texts.into_iter().map(|(to, text)| vec![to, text]).collect();
        prop_assert_eq!(strict_reader(&text), sent.clone());
        prop_assert_eq!(crate_reader(&text), sent);
    }
}
