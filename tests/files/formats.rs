//! How the format of a file is chosen, and the forms of CSV that spreadsheets read.

use std::fs;

use serde_json::json;

use crate::support::messages::{message, message_with, results};
use crate::support::{Ran, Response, Server, omnilogs};

/// Writes a file of this name, and returns its bytes.
fn written(name: &str, words: &[&str]) -> (Ran, Vec<u8>) {
    let row = message_with("m1", &[("text", json!("one;two|three, four"))]);
    let server = Server::always(Response::json(results([row])));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    let run = omnilogs().at(&server.url()).args(words).args(["-O"]).args([&path]);
    (run.run(), fs::read(&path).unwrap_or_default())
}

#[test]
fn the_extension_of_the_output_file_chooses_the_format() {
    for (name, start) in [
        ("a.json", "{\"results\":["),
        ("a.jsonl", "{\"bulkId\":"),
        ("a.ndjson", "{\"bulkId\":"),
        ("a.csv", "bulkId,messageId,"),
        ("a.CSV", "bulkId,messageId,"),
        ("a.b.tsv", "bulkId\tmessageId\t"),
        ("a.xml", "<?xml "),
        ("a.md", "| SENT |"),
        ("a.markdown", "| SENT |"),
        ("a.xlsx", "PK\u{3}\u{4}"),
        ("a.txt", "SENT "),
        ("a", "SENT "),
        (".csv", "SENT "),
    ] {
        let (ran, file) = written(name, &[]);
        ran.code(0);
        assert!(file.starts_with(start.as_bytes()), "{name}: {}", String::from_utf8_lossy(&file));
    }
}

#[test]
fn an_option_or_a_program_of_jq_chooses_the_format_of_any_file_name() {
    for (name, words, start) in [
        ("a.json", &["-o", "csv"][..], "bulkId,"),
        ("a.dat", &["-o", "csv"], "bulkId,"),
        ("a.csv", &["--jq", ".results[].messageId"], "m1\n"),
        ("a.2026", &["--jq", ".results[].messageId"], "m1\n"),
    ] {
        let (ran, file) = written(name, words);
        ran.code(0);
        assert!(file.starts_with(start.as_bytes()), "{name}: {}", String::from_utf8_lossy(&file));
    }
}

#[test]
fn the_extension_overrides_the_configuration() {
    let server = Server::always(Response::json(results([message("m1", "hi")])));
    let folder = tempfile::tempdir().unwrap();
    for (name, start) in [("a.csv", "bulkId,"), ("a", "{\"results\"")] {
        let path = folder.path().join(name);
        let run = omnilogs().at(&server.url()).config("[defaults]\noutput = \"json\"\n");
        run.args(["-O"]).args([&path]).run().code(0);
        let file = fs::read_to_string(&path).unwrap();
        assert!(file.starts_with(start), "{name}: {file}");
    }
}

#[test]
fn an_unknown_extension_is_refused_with_those_that_are_known() {
    for (name, hint) in [
        ("a.xls", "extensions: txt, json, jsonl, ndjson, csv, tsv, xml, md, markdown, xlsx, prom"),
        ("a.22", "with the format: -o csv"),
        ("a.SVG", "omnilogs stats --plot FILE"),
    ] {
        let (ran, file) = written(name, &[]);
        let extension = name.split('.').next_back().unwrap();
        ran.code(2)
            .says(&format!("no output format has the extension \".{extension}\""))
            .says(hint);
        assert!(file.is_empty());
    }
}

#[test]
fn csv_has_the_delimiter_and_the_byte_order_mark_that_spreadsheets_need() {
    let columns = ["--columns", "messageId,text,price.pricePerMessage"];
    let csv = |words: &[&str]| {
        let (ran, file) = written("a.csv", &[&columns, words].concat());
        ran.code(0);
        String::from_utf8(file).unwrap()
    };
    let header = "messageId;text;price.pricePerMessage\n";
    assert_eq!(csv(&["--delimiter", ";"]), format!("{header}m1;\"one;two|three, four\";0.01\n"));
    assert_eq!(
        csv(&["--delimiter", "tab"]),
        format!("{}m1\t\"one;two|three, four\"\t0.01\n", header.replace(';', "\t"))
    );
    assert_eq!(csv(&["--delimiter=\\t"]), csv(&["--delimiter=\t"]));
    assert!(csv(&["--csv-bom", "--delimiter=|"]).starts_with("\u{feff}messageId|text|price"));
    assert!(csv(&["--csv-bom", "--no-header"]).starts_with("\u{feff}m1,"));
    let (ran, file) = written("a.tsv", &["--csv-bom"]);
    ran.code(0);
    assert!(file.starts_with("\u{feff}bulkId\t".as_bytes()));
}

#[test]
fn stats_has_the_same_forms_of_csv() {
    let (ran, file) = written("a.csv", &["stats", "-n", "1", "--csv-bom", "--delimiter", ";"]);
    ran.code(0);
    assert!(file.starts_with("\u{feff}channel;messages;".as_bytes()));
    let (ran, file) = written("a.prom", &["stats", "-n", "1"]);
    ran.code(0);
    assert!(file.starts_with(b"# HELP omnilogs_"));
}

#[test]
fn a_delimiter_that_no_csv_has_is_refused() {
    for delimiter in ["", "ab", "\"", "\n", "x", "7", "¦"] {
        let ran = omnilogs().args(["--sandbox", "-o", "csv", "--delimiter", delimiter]).run();
        ran.code(2).says("not one character such as ; or |");
    }
    let refused = |words: &[&str]| omnilogs().args(["--sandbox"]).args(words).run().code(2);
    refused(&["--delimiter", ";"]).says("--delimiter works with the format csv only");
    refused(&["--delimiter", ";", "-o", "tsv"]).says("--delimiter works with the format csv only");
    refused(&["--csv-bom", "-o", "json"]).says("--csv-bom works with the formats csv and tsv only");
}
