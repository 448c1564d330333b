use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};

use proptest::prelude::*;
use quick_xml::Reader;
use quick_xml::events::Event;
use zip::ZipArchive;

use super::*;
use crate::sink::test_support::{SharedBytes, SmallDisk, run};

/// The parts of a file, by their paths.
fn parts(file: Vec<u8>) -> BTreeMap<String, String> {
    let mut zip = ZipArchive::new(Cursor::new(file)).unwrap();
    let length = zip.len();
    let read = |at| {
        let mut part = zip.by_index(at).unwrap();
        let mut text = String::new();
        part.read_to_string(&mut text).unwrap();
        (part.name().unwrap().into_owned(), text)
    };
    (0..length).map(read).collect()
}

/// A cell: its place, its type, its style and its value.
type ReadCell = (String, String, String, String);

/// The cells of a sheet, read by a strict XML reader.
fn cells(sheet: &str) -> Vec<ReadCell> {
    let mut reader = Reader::from_str(sheet);
    let (mut cells, mut is_value): (Vec<ReadCell>, bool) = (Vec::new(), false);
    loop {
        match reader.read_event().unwrap() {
            Event::Start(tag) if tag.name().as_ref() == "c" => {
                let of = |name: &str| {
                    let found = tag.try_get_attribute(name).unwrap();
                    found.map(|it| it.value.into_owned()).unwrap_or_default()
                };
                cells.push((of("r"), of("t"), of("s"), String::new()));
            }
            Event::Start(tag) => is_value = ["v", "t"].contains(&tag.name().as_ref()),
            Event::End(_) => is_value = false,
            Event::Text(text) if is_value => {
                cells.last_mut().unwrap().3.push_str(&text);
            }
            Event::GeneralRef(entity) if is_value => {
                cells.last_mut().unwrap().3.push(match entity.as_ref() {
                    "amp" => '&',
                    "lt" => '<',
                    "gt" => '>',
                    other => panic!("{other:?}"),
                });
            }
            Event::Eof => return cells,
            _ => {}
        }
    }
}

/// The text of a cell as a spreadsheet reads it, with `_x001B_` as one character.
fn unescaped(text: &str) -> String {
    let mut read = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let code = rest.strip_prefix("_x").and_then(|rest| {
            let (digits, end) = rest.split_at_checked(4)?;
            u32::from_str_radix(digits, 16).ok().filter(|_| end.starts_with('_'))
        });
        if let Some(code) = code {
            read.push(char::from_u32(code).unwrap());
            rest = &rest[7..];
        } else {
            read.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    read
}

fn options(columns: &[&str]) -> WorkbookOptions {
    let columns = columns.iter().map(|name| Column::parse(name).unwrap()).collect();
    WorkbookOptions { columns: Some(columns), ..WorkbookOptions::default() }
}

/// The parts of a workbook with these rows.
fn file(options: WorkbookOptions, rows: &[&str]) -> BTreeMap<String, String> {
    let out = SharedBytes::default();
    run(&mut Workbook::new(out.clone(), options), rows).unwrap();
    parts(out.bytes())
}

/// The cells of the rows below the header, without their places.
fn seen(options: WorkbookOptions, row: &str) -> Vec<[String; 3]> {
    let sheet = cells(&file(options, &[row])["xl/worksheets/sheet1.xml"]);
    let rows = sheet.into_iter().filter(|(place, ..)| place.ends_with('2'));
    rows.map(|(_, kind, format, value)| [kind, format, value]).collect()
}

fn text(value: &str) -> [String; 3] {
    ["inlineStr".to_owned(), "3".to_owned(), value.to_owned()]
}

#[test]
fn numbers_of_phones_ids_and_codes_are_text_and_amounts_are_numbers() {
    let row = r#"{"to":"0041793026727","from":"+447700900123","messageId":"00012345678901234567",
        "bulkId":12345678901234567890,"mccmnc":"00101","messageCount":3,
        "price":{"pricePerMessage":0.0100,"currency":"EUR"},"status":{"id":5,"groupId":3},
        "error":{"permanent":true},"text":"007"}"#;
    let columns = [
        "to",
        "from",
        "messageId",
        "bulkId",
        "mccmnc",
        "status.id",
        "text",
        "messageCount",
        "price.pricePerMessage",
        "error.permanent",
    ];
    let number = |kind: &str, value: &str| [kind.to_owned(), String::new(), value.to_owned()];
    assert_eq!(
        seen(options(&columns), row),
        [
            text("0041793026727"),
            text("+447700900123"),
            text("00012345678901234567"),
            text("12345678901234567890"),
            text("00101"),
            text("5"),
            text("007"),
            number("", "3"),
            number("", "0.0100"),
            number("b", "1"),
        ]
    );
}

#[test]
fn an_amount_that_a_spreadsheet_would_round_or_cannot_read_is_text() {
    let price = |price: &str| {
        let row = format!(r#"{{"price":{{"pricePerMessage":{price}}}}}"#);
        seen(options(&["price.pricePerMessage"]), &row).remove(0)
    };
    for exact in ["0.0104", "-1.5", "1E-35", "123456789012345", "0.000000000123456789012345"] {
        assert_eq!(price(exact), [String::new(), String::new(), exact.to_owned()], "{exact}");
    }
    for inexact in ["1234567890123456", "0.1234567890123456", "1e400"] {
        assert_eq!(price(inexact), text(inexact), "{inexact}");
    }
    assert_eq!(price("\"0.01\""), [String::new(), String::new(), "0.01".to_owned()]);
    assert_eq!(price("\"a lot\""), text("a lot"));
    assert_eq!(price("\"inf\""), text("inf"));
    assert_eq!(price("{\"a\":1}"), text("{\"a\":1}"));
}

#[test]
fn a_readable_time_is_a_date_in_the_zone_and_another_is_the_text_that_was_sent() {
    let date = |sent: &str, zone: &str| {
        let zone = Zone::parse(zone).unwrap();
        let options = WorkbookOptions { zone, ..options(&["sentAt"]) };
        seen(options, &format!(r#"{{"sentAt":"{sent}"}}"#)).remove(0)
    };
    let serial = |value: &str| [String::new(), "2".to_owned(), value.to_owned()];
    assert_eq!(date("2026-11-22T00:00:00.000+0000", "UTC"), serial("46348.00000000000"));
    assert_eq!(date("2026-11-22T12:00:00.000+0000", "UTC"), serial("46348.50000000000"));
    assert_eq!(date("2026-11-22T12:00:00.000+0000", "+06:00"), serial("46348.75000000000"));
    assert_eq!(date("2026-11-22T23:59:59.999+0000", "UTC"), serial("46348.99999998843"));
    assert_eq!(date("2026-11-22T23:30:00.000+0000", "Europe/Zagreb"), serial("46349.02083333333"));
    for kept in
        ["1900-02-28T12:00:00.000+0000", "0000-01-01T00:00:00.000+0000", "soon", "2026-02-30"]
    {
        assert_eq!(date(kept, "UTC"), text(kept), "{kept}");
    }
}

#[test]
fn the_header_names_the_columns_stays_in_view_and_has_a_filter() {
    let zone = Zone::parse("Europe/Zagreb").unwrap();
    let file = file(WorkbookOptions { zone, ..options(&["sentAt", "to"]) }, &["{}", "{}"]);
    let sheet = &file["xl/worksheets/sheet1.xml"];
    let named: Vec<_> =
        cells(sheet).into_iter().map(|(place, _, _, value)| (place, value)).collect();
    let expected = [("A1", "sentAt (Europe/Zagreb)"), ("B1", "to")];
    assert_eq!(named, expected.map(|(place, name)| (place.to_owned(), name.to_owned())));
    assert!(sheet.contains(r#"<pane ySplit="1" topLeftCell="A2""#), "{sheet}");
    assert!(sheet.contains(r#"<autoFilter ref="A1:B3"/>"#), "{sheet}");
    assert!(file["xl/workbook.xml"].contains("'Messages'!$A$1:$B$3"));
}

#[test]
fn without_a_header_there_is_no_filter_and_without_rows_only_the_header() {
    let bare = file(WorkbookOptions { header: false, ..options(&["to"]) }, &[r#"{"to":"1"}"#]);
    let sheet = &bare["xl/worksheets/sheet1.xml"];
    assert_eq!(cells(sheet).len(), 1);
    assert!(!sheet.contains("autoFilter") && !sheet.contains("pane"), "{sheet}");
    assert!(!bare["xl/workbook.xml"].contains("definedName"));
    let empty = file(WorkbookOptions::default(), &[]);
    assert_eq!(cells(&empty["xl/worksheets/sheet1.xml"]).len(), COLUMNS.len());
}

#[test]
fn every_documented_field_has_a_column() {
    for column in Column::documented() {
        assert_eq!(COLUMNS.iter().filter(|it| **it == column).count(), 1, "{}", column.name());
    }
}

#[test]
fn a_result_has_the_colour_of_its_outcome() {
    let format = |status: &str| {
        let row = format!(r#"{{"status":{{"name":"{status}"}}}}"#);
        seen(options(&["result"]), &row).remove(0)[1].clone()
    };
    let statuses =
        ["DELIVERED_TO_HANDSET", "PENDING_ENROUTE", "REJECTED_NETWORK", "EXPIRED_EXPIRED", "SEEN"];
    assert_eq!(statuses.map(format), ["4", "5", "6", "7", "8"]);
    let styles = &file(WorkbookOptions::default(), &[])["xl/styles.xml"];
    assert_eq!(styles.matches("<xf ").count() - 1, 9, "the last format is 8: {styles}");
}

#[test]
fn columns_have_the_letters_of_spreadsheets() {
    let named = [0, 25, 26, 51, 52, 701, 702, 16_383].map(cell::letters);
    assert_eq!(named, ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA", "XFD"]);
}

#[test]
fn another_sheet_follows_a_full_sheet() {
    for limits in [SheetLimits { rows: 3, ..MAX_SHEET }, SheetLimits { bytes: 1, ..MAX_SHEET }] {
        let out = SharedBytes::default();
        let mut workbook = Workbook::new(out.clone(), options(&["to"]));
        workbook.sheet_limits = limits;
        // Two of these rows fill a piece, so that their bytes are counted.
        let row = format!(r#"{{"to":"{}"}}"#, "1".repeat(PIECE_BYTES / 2 - 100));
        run(&mut workbook, &[row.as_str(); 5]).unwrap();
        let file = parts(out.bytes());
        let rows: Vec<usize> = (1..)
            .map_while(|number| file.get(&parts::sheet_path(number)))
            .map(|sheet| cells(sheet).len() - 1)
            .collect();
        assert_eq!((rows.as_slice(), workbook.limits().sheets), (&[2, 2, 1][..], 3), "{limits:?}");
        let workbook = &file["xl/workbook.xml"];
        for name in ["name=\"Messages\"", "name=\"Messages 2\"", "name=\"Messages 3\""] {
            assert!(workbook.contains(name), "{workbook}");
        }
    }
}

#[test]
fn a_text_that_is_too_long_for_a_cell_is_cut_between_characters_and_counted() {
    let whole = "a".repeat(32_767);
    let pairs = format!("a{}", "😀".repeat(16_384));
    for (sent, kept, cut) in [
        (&whole, &whole[..], 0),
        (&format!("{whole}b"), &whole[..], 1),
        (&pairs, &pairs[..65_533], 1),
    ] {
        let out = SharedBytes::default();
        let mut workbook = Workbook::new(out.clone(), options(&["text"]));
        run(&mut workbook, &[&format!(r#"{{"text":"{sent}"}}"#)]).unwrap();
        let file = parts(out.bytes());
        let seen = cells(&file["xl/worksheets/sheet1.xml"]).pop().unwrap().3;
        assert!(seen == kept, "{} units of {}", seen.encode_utf16().count(), kept.len());
        assert_eq!(workbook.limits().cut_cells, cut);
    }
}

/// The zip crate would complete the file when it is dropped, and print the error.
#[test]
fn a_disk_that_is_too_small_is_an_error_at_every_size() {
    let row = r#"{"to":"447700900123","text":"hello","sentAt":"2026-11-22T10:00:00+0000"}"#;
    let out = SharedBytes::default();
    run(&mut Workbook::new(out.clone(), WorkbookOptions::default()), &[row; 50]).unwrap();
    let length = out.bytes().len();
    for room in (0..length).step_by(37) {
        let mut workbook = Workbook::new(SmallDisk(room), WorkbookOptions::default());
        let error = run(&mut workbook, &[row; 50]).unwrap_err();
        let SinkError::Io(error) = error else { panic!("{error}") };
        assert_eq!(error.kind(), io::ErrorKind::StorageFull, "{room} of {length}");
        // A later call does not succeed.
        assert!(workbook.finish(&RunEnd::Complete).is_err(), "{room} of {length}");
    }
    assert!(
        run(&mut Workbook::new(SmallDisk(length), WorkbookOptions::default()), &[row; 50]).is_ok()
    );
}

#[test]
fn the_same_rows_make_the_same_file() {
    let written = || {
        let out = SharedBytes::default();
        run(&mut Workbook::new(out.clone(), WorkbookOptions::default()), &["{}"]).unwrap();
        out.bytes()
    };
    assert_eq!(written(), written());
}

proptest! {
    #[test]
    fn any_text_is_read_back_as_it_was_sent(
        sent in "(\\PC|[\u{0}-\u{1f}_xX0-9<>&\"'=\u{202e}\u{fffe}אב😀]|_x[0-9A-Fa-f]{4}_){1,40}",
    ) {
        let row = serde_json::json!({ "text": sent }).to_string();
        let [kind, _, value] = seen(options(&["text"]), &row).remove(0);
        prop_assert_eq!(kind, "inlineStr");
        prop_assert_eq!(unescaped(&value), sent);
    }
}
