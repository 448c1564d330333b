//! `docs/codes.md` has every status and error that `omnilogs explain --list` has, in the same words.
//!
//! `INSTA_UPDATE=always cargo test page_of_codes` writes the page again.

use std::fmt::Write;
use std::path::Path;

use serde_json::Value;

use crate::support::omnilogs;

const PAGE: &str = "docs/codes.md";

const INTRODUCTION: &str = "\
# Codes

Every published status and error, as `omnilogs explain NAME` shows it without an account and without a network. A
message has a status; a failed message has an error too, which says more.

The *reason* is the text in the column `RESULT` of a table. A *final* status does not change any more. After a
*permanent* error, the same message to the same destination fails again.
";

/// The codes that the program lists.
fn listed() -> Vec<Value> {
    let list = omnilogs().args(["explain", "--list", "-o", "jsonl"]).run().code(0).stdout;
    list.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A value as a cell of a table.
fn cell(code: &Value, key: &str) -> String {
    match &code[key] {
        Value::Null => String::new(),
        Value::Bool(is_true) => (if *is_true { "yes" } else { "no" }).to_owned(),
        Value::String(text) if key == "name" => format!("`{text}`"),
        Value::String(text) => text.replace('|', "\\|"),
        other => other.to_string(),
    }
}

/// A table of codes: each column has a heading and a key.
fn table(out: &mut String, codes: &[&Value], columns: &[(&str, &str)]) {
    let headings: Vec<&str> = columns.iter().map(|(heading, _)| *heading).collect();
    writeln!(out, "\n| {} |\n|{}", headings.join(" | "), "---|".repeat(columns.len())).unwrap();
    for code in codes {
        let cells: Vec<String> = columns.iter().map(|(_, key)| cell(code, key)).collect();
        writeln!(out, "| {} |", cells.join(" | ")).unwrap();
    }
}

/// The page for these codes. Codes with a text of their own come first.
fn page(codes: &[Value]) -> String {
    let with = |kind: &str, is_own: bool| -> Vec<&Value> {
        let is_wanted = |code: &&Value| code["kind"] == kind && code["short"].is_null() != is_own;
        codes.iter().filter(is_wanted).collect()
    };
    let texts = [("meaning", "meaning"), ("what to do", "advice")];
    let group = [&[("id", "id"), ("group", "name")][..], &texts].concat();
    let code = [("id", "id"), ("name", "name"), ("group", "group")];
    let status = [&code[..], &[("final", "final"), ("reason", "short")], &texts].concat();
    let error = [&code[..], &[("permanent", "permanent"), ("reason", "short")], &texts].concat();
    let brief = |last: &'static str| [&code[..], &[(last, last), ("messages", "family")]].concat();
    let mut out = INTRODUCTION.to_owned();
    for (heading, codes, columns) in [
        ("Status groups", with("statusGroup", false), group.clone()),
        ("Statuses", with("status", true), status),
        ("Error groups", with("errorGroup", false), group),
        ("Errors", with("error", true), error),
        ("Further statuses", with("status", false), brief("final")),
        ("Further errors", with("error", false), brief("permanent")),
    ] {
        writeln!(out, "\n## {heading}").unwrap();
        if heading.starts_with("Further") {
            out += "\nThe platform publishes only their names. The description in the row of a message says more.\n";
        }
        table(&mut out, &codes, &columns);
    }
    out
}

#[test]
fn the_page_of_codes_is_what_the_program_explains() {
    let codes = listed();
    let written = page(&codes);
    for code in &codes {
        assert!(written.contains(code["name"].as_str().unwrap()), "{code}");
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        std::fs::write(&path, &written).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    assert!(kept == written, "{PAGE} differs; INSTA_UPDATE=always cargo test page_of_codes");
}
