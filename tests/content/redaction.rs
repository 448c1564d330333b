//! `--redact`: no personal data of a row is left, whatever the command and format.

use serde_json::json;

use crate::support::messages::{message_with, results};
use crate::support::{Ran, omnilogs};

const INBOUND: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/cases/inbound.json");

#[track_caller]
fn check_nothing_personal(ran: &Ran, what: &str) {
    let digits: String = ran.stdout.chars().filter(char::is_ascii_alphanumeric).collect();
    for secret in ["choose", "VOTE", "blue", "customer", "7700900", "9001", "9002"] {
        let hidden = !ran.stdout.contains(secret) && !digits.contains(secret);
        assert!(hidden, "{secret} is left by {what}:\n{}", ran.stdout);
    }
}

#[test]
fn no_personal_data_of_an_unknown_field_is_left_in_any_format() {
    for words in [
        vec!["-o", "json"],
        vec!["-o", "jsonl"],
        vec!["-o", "csv"],
        vec!["-o", "tsv"],
        vec!["-o", "xml"],
        vec!["-o", "table", "--wide"],
        vec!["--columns", "to,from,text,messageId,bulkId,why"],
        vec!["--jq", ".results[]"],
        vec!["-o", "jsonl", "--jq", ".callbackData, .cleanText, .keyword, .to, .from"],
    ] {
        let ran = omnilogs().args(["--input", INBOUND, "--redact"]).args(&words).run().code(0);
        check_nothing_personal(&ran, &words.join(" "));
    }
    for words in [["--by", "sender"], ["-o", "json"], ["-o", "csv"]] {
        let ran = omnilogs().args(["stats", "--input", INBOUND, "--redact"]).args(words).run();
        check_nothing_personal(&ran.code(0), &words.join(" "));
    }
}

#[test]
fn documented_fields_that_are_not_personal_stay() {
    let ran = omnilogs().args(["--input", INBOUND, "--redact", "-o", "jsonl"]).run().code(0);
    let row: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(row["messageId"], "90000000000000001");
    assert_eq!((&row["to"], &row["from"]), (&json!("44********22"), &json!("44********11")));
    assert_eq!(row["price"], json!({ "pricePerMessage": 0, "currency": "EUR" }));
    assert_eq!((&row["smsCount"], &row["text"]), (&json!(1), &json!("[26 characters]")));
}

#[test]
fn a_number_in_a_description_is_hidden_in_the_column_why_too() {
    let row = message_with(
        "m1",
        &[
            (
                "status",
                json!({ "groupName": "REJECTED", "name": "REJECTED_NEW", "description": "no route to +44 7700 900123" }),
            ),
            ("error", json!(null)),
        ],
    );
    let words = ["--input", "-", "--redact", "--columns", "why", "-o", "csv", "--no-header"];
    let ran = omnilogs().args(words).stdin(results([row])).run().code(0);
    assert_eq!(ran.stdout, "no route to +44 **** ****23\n");
}

#[test]
fn the_number_of_a_row_is_hidden_with_any_signs_between_its_digits_and_in_other_scripts() {
    for (written, expected) in [
        ("44,7700,900,222", "44,****,***,*22"),
        ("44:7700:900222", "44:****:****22"),
        ("44\t7700\n900222", "44\t****\n****22"),
        ("４４７７００９００２２２", "４４********２２"),
        ("at 10:00:05, 7,700,900 of 1,234,567.89", "at 10:00:05, 7,700,900 of 1,234,567.89"),
    ] {
        let fields = [("to", json!("447700900222")), ("status", json!({ "description": written }))];
        let row = message_with("m1", &fields);
        let words = ["--input", "-", "--redact", "-o", "jsonl"];
        let ran = omnilogs().args(words).stdin(results([row])).run().code(0);
        let row: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(row["status"]["description"], expected);
    }
}
