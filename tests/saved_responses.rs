//! Saved responses: `--input` reads them, applies every filter and says what it could not read.

use serde_json::{Value, json};

use crate::support::messages::{message, message_with, results};
use crate::support::{Omnilogs, Ran, omnilogs};

/// A case of the folder `tests/fixtures/cases` with these words after it.
fn case(name: &str, words: &[&str]) -> Ran {
    let path = format!("{}/tests/fixtures/cases/{name}", env!("CARGO_MANIFEST_DIR"));
    omnilogs().args(["--input", &path]).args(words).run()
}

/// A run over this text on standard input.
fn over(text: impl Into<Vec<u8>>) -> Omnilogs {
    omnilogs().args(["--input", "-", "-o", "jsonl"]).stdin(text)
}

/// The ids of the rows on standard output.
fn ids(ran: &Ran) -> Vec<String> {
    let rows = ran.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    rows.map(|row| row["messageId"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn over_a_file_any_channel_is_accepted() {
    for (typed, wanted) in
        [("RCS", "c1"), ("rcs", "c1"), ("APPLE_MB", "c2"), ("open_channel", "c4"), ("SMS", "c5")]
    {
        let ran = case("channels.json", &["--channel", typed, "-o", "jsonl"]).code(0);
        assert_eq!(ids(&ran), [wanted], "{typed}");
    }
    case("channels.json", &["--channel", "PIGEON"]).code(0).says("with channel \"PIGEON\"");
    case("channels.json", &["--channel", ""]).code(2);
    let counted = omnilogs().args(["stats", "--input", "-", "-c", "RCS", "-o", "json"]);
    let rows = results([message_with("m1", &[("channel", json!("RCS"))]), message("m2", "x")]);
    let counted: Value = serde_json::from_str(&counted.stdin(rows).run().code(0).stdout).unwrap();
    assert_eq!(counted["total"]["messages"], 1);
}

#[test]
fn a_parameter_of_the_api_is_refused_over_a_file() {
    for command in [&[][..], &["stats"]] {
        let ran = omnilogs().args(command).args(["--input", "-", "--param", "a=b"]).run();
        ran.code(2).says("--param does not go with --input").says("because: --param is sent");
    }
}

#[test]
fn a_number_in_any_notation_is_found_in_a_file_that_has_it_in_any_notation() {
    let rows =
        ["447700900123", "+447700900123", "+44 7700 900123", "00447700900123", "447700900124"];
    let rows = rows.iter().zip(1..).map(|(number, n)| {
        message_with(&format!("m{n}"), &[("to", json!(number)), ("from", json!(number))])
    });
    let rows = results(rows);
    for flag in ["--to", "--from"] {
        for typed in ["447700900123", "+44 (0)7700 900123", "0044-7700-900123"] {
            let ran = over(rows.clone()).args([flag, typed]).run().code(0);
            assert_eq!(ids(&ran), ["m1", "m2", "m3", "m4"], "{flag} {typed}");
        }
    }
    let ran = case("excel.json", &["--to", "+44 7700 900123", "-o", "jsonl"]).code(0);
    assert_eq!(ids(&ran), ["12345678901234567890", "2", "3"]);
    let ran = case("excel.json", &["--from", "00123", "-o", "jsonl"]).code(0);
    assert_eq!(ids(&ran), ["12345678901234567890"]);
}
