//! Numbers, booleans and types that the API does not document: shown as received.

use super::{list, page, row, warnings};
use crate::support::{Ran, Response, Server, omnilogs};

fn list_rows(rows: &[String], format: &'static str) -> Ran {
    let server = Server::always(Response::json(page(rows)));
    list(&server.url()).format(format).code(0)
}

/// The row with one value replaced.
fn with(from: &str, to: &str) -> String {
    let row = row("m1");
    assert!(row.contains(from), "{from}");
    row.replace(from, to)
}

/// H32.
#[test]
fn a_price_is_shown_digit_for_digit_in_every_format() {
    for price in [
        "1e400",
        "123456789012345678901234567890.123456789012345678901234567890",
        "1E-35",
        "0.0100",
        "-0",
        "0",
    ] {
        let rows = [with("0.0100", price)];
        for format in ["jsonl", "json", "csv", "tsv", "xml"] {
            let ran = list_rows(&rows, format);
            assert!(ran.stdout.contains(price), "{format}: {}", ran.stdout);
            assert!(warnings(&ran).is_empty(), "{}", ran.stderr);
        }
        assert!(
            list_rows(&rows, "jsonl").stdout.contains(&format!(r#""pricePerMessage":{price},"#))
        );
    }
}

/// H32.
#[test]
fn a_sum_is_exact_and_a_price_that_cannot_be_added_is_counted() {
    let long = "123456789012345678901234567890.123456789012345678901234567890";
    let prices = ["1e400", long, "0.0100", "-0", "0.02"];
    let server = Server::always(Response::json(page(&prices.map(|price| with("0.0100", price)))));
    let run = |format| {
        omnilogs().at(&server.url()).args(["stats", "--limit", "9", "-o", format]).run().code(0)
    };
    let table = run("table").stdout;
    let sum = "123456789012345678901234567890.153456789012345678901234567890";
    assert!(table.contains(&format!("cost {sum} EUR")), "{table}");
    assert!(table.contains("not in the cost: 1 price (not a plain number)"), "{table}");
    let json = run("json").stdout;
    assert!(
        json.contains(&format!(r#""cost":{{"EUR":{sum}}},"failedCost":{{}},"refusedPrices":1"#)),
        "{json}"
    );
}

/// H32.
#[test]
fn a_price_that_is_sent_as_text_is_still_a_price() {
    let ran = list_rows(&[with("0.0100", r#""0.01""#)], "jsonl");
    assert!(ran.stdout.contains(r#""pricePerMessage":"0.01""#), "{}", ran.stdout);
    let csv = list_rows(&[with("0.0100", r#""0.01""#)], "csv");
    assert!(csv.stdout.contains(",0.01,") && warnings(&csv).is_empty(), "{}", csv.stderr);
}

/// H33.
#[test]
fn integral_forms_of_a_count_are_accepted() {
    for count in ["1.0", r#""1""#, "2147483648", "-1"] {
        let sent = format!(r#""messageCount":{count}"#);
        let ran = list_rows(&[with(r#""messageCount":1"#, &sent)], "jsonl");
        assert!(ran.stdout.contains(&sent), "{}", ran.stdout);
        let ran = list_rows(&[with(r#""messageCount":1"#, &sent)], "csv");
        assert!(warnings(&ran).is_empty(), "{count}: {}", ran.stderr);
    }
}

/// H33.
#[test]
fn a_count_that_is_not_a_64_bit_integer_keeps_its_row_and_causes_a_warning() {
    for count in ["18446744073709551616", "1.5", r#""one""#, "true", "[1]", "{}"] {
        let sent = format!(r#""messageCount":{count}"#);
        let ran = list_rows(&[with(r#""messageCount":1"#, &sent)], "jsonl");
        assert!(ran.stdout.contains(&sent), "{}", ran.stdout);
        let ran = list_rows(&[with(r#""messageCount":1"#, &sent)], "csv");
        let warning = "row 1 had a field of an unexpected type, shown as sent";
        assert_eq!(warnings(&ran), [warning], "{count}");
    }
}

/// H33.
#[test]
fn a_boolean_may_be_sent_as_text() {
    for (truth, odd) in [(r#""true""#, 0), ("true", 0), (r#""yes""#, 1), ("1", 1)] {
        let sent = format!(r#""permanent":{truth}"#);
        let ran = list_rows(&[with(r#""permanent":false"#, &sent)], "jsonl");
        assert!(ran.stdout.contains(&sent), "{}", ran.stdout);
        let ran = list_rows(&[with(r#""permanent":false"#, &sent)], "csv");
        assert_eq!(warnings(&ran).len(), odd, "{truth}: {}", ran.stderr);
    }
}

/// H34.
#[test]
fn a_number_where_text_is_expected_is_the_text_of_the_number() {
    let rows = [with(r#""447700900123""#, "447700900123").replace(r#""m1""#, "17")];
    let ran = list_rows(&rows, "jsonl");
    assert!(ran.stdout.contains(r#""to":447700900123"#), "{}", ran.stdout);
    let csv = list_rows(&rows, "csv");
    assert!(warnings(&csv).is_empty(), "{}", csv.stderr);
    let csv = csv.stdout;
    assert!(csv.lines().nth(1).unwrap().starts_with("b1,17,SMS,447700900123,"), "{csv}");
}
