//! What a text may contain, and how machine formats write it.

use serde_json::{Value, json};

use crate::support::messages::{message, message_with, results};
use crate::support::{Ran, Response, Server, omnilogs};

/// Characters that control terminals, reorder or hide text, or break lines and cells.
const HOSTILE: &str =
    "a\u{1b}[2Jb\u{7}\u{9b}31mc\u{202e}d\u{200b}e\r\nf\tg\0h\u{feff}\u{7f}\u{85}\u{2028}\u{e0041}z";

fn listed(rows: Vec<Value>, words: &[&str]) -> Ran {
    let server = Server::always(Response::json(results(rows)));
    omnilogs().at(&server.url()).args(words).run().code(0)
}

fn texts(stdout: &str) -> Vec<String> {
    let mut reader = csv::Reader::from_reader(stdout.as_bytes());
    let at = reader.headers().unwrap().iter().position(|name| name == "text").unwrap();
    reader.records().map(|record| record.unwrap()[at].to_owned()).collect()
}

/// T06.
#[test]
fn hostile_characters_are_escaped_in_json_and_parse_back_to_themselves() {
    for format in ["json", "jsonl"] {
        let out = listed(vec![message("m1", HOSTILE)], &["-o", format]).stdout;
        assert!(out.trim_end().bytes().all(|byte| (0x20..0x7F).contains(&byte)), "{out:?}");
        let value: Value = serde_json::from_str(&out).unwrap();
        let row = if format == "json" { &value["results"][0] } else { &value };
        assert_eq!(row["text"], HOSTILE);
    }
}

/// T06. Letters of every script stay readable.
#[test]
fn letters_of_every_script_are_not_escaped_in_json() {
    let text = "Grüße, 您的卡, مرحبا, שלום, 👩\u{200d}👧";
    let out = listed(vec![message("m1", text)], &["-o", "jsonl"]).stdout;
    assert!(out.contains("Grüße, 您的卡, مرحبا, שלום"), "{out}");
    assert_eq!(serde_json::from_str::<Value>(&out).unwrap()["text"], text);
}

/// T06. A jq program gets the original string; its raw output is made visible only on a terminal.
#[test]
fn a_jq_program_sees_the_identical_string() {
    let words = ["--jq", ".results[0].text | length"];
    let out = listed(vec![message("m1", HOSTILE)], &words).stdout;
    assert_eq!(out.trim_end(), HOSTILE.chars().count().to_string());
}

/// T07.
#[test]
fn csv_into_a_pipe_has_the_exact_bytes() {
    let out = listed(vec![message("m1", HOSTILE)], &["-o", "csv"]).stdout;
    assert!(out.contains(HOSTILE), "{out:?}");
    assert_eq!(texts(&out), [HOSTILE]);
}

/// T08.
#[test]
fn formulas_are_exact_by_default_and_guarded_on_request() {
    let cells = ["=1+1", "+cmd|x", "-2+3", "@SUM(A1)", "\t=1", "\r=1"];
    let numbers = ["+41793026727", "-0.01"];
    let rows = |texts: &[&str]| texts.iter().map(|text| message("m1", text)).collect::<Vec<_>>();
    let plain = listed(rows(&cells), &["-o", "csv"]).stdout;
    assert_eq!(texts(&plain), cells);
    let safe = listed(rows(&cells), &["-o", "csv", "--csv-safe"]).stdout;
    assert_eq!(texts(&safe), ["'=1+1", "'+cmd|x", "'-2+3", "'@SUM(A1)", "'\t'=1", "'\r'=1"]);
    let safe = listed(rows(&numbers), &["-o", "csv", "--csv-safe"]).stdout;
    assert_eq!(texts(&safe), numbers);
}

/// T08.
#[test]
fn the_rule_for_formulas_is_documented() {
    let help = omnilogs().args(["--help"]).run().code(0).stdout;
    let line = help.lines().skip_while(|line| !line.contains("--csv-safe")).nth(1).unwrap();
    assert!(line.contains("formula"), "{line}");
}

/// Reads CSV strictly by RFC 4180, but with `\n` at line ends.
fn read_csv_strictly(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let (mut quoted, mut characters) = (false, text.chars().peekable());
    while let Some(c) = characters.next() {
        match c {
            '"' if quoted && characters.peek() == Some(&'"') => {
                cell.push('"');
                characters.next();
            }
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            c => cell.push(c),
        }
    }
    assert!(!quoted && cell.is_empty() && row.is_empty());
    rows
}

/// T09.
#[test]
fn quotes_delimiters_line_ends_and_nul_survive_two_csv_readers() {
    let cells = ["say \"hi\"", "a,b;c", "one\r\ntwo", "nul\0", "\"", "", ",", " x "];
    let rows = cells.iter().map(|text| message("m1", text)).collect();
    let out = listed(rows, &["-o", "csv", "--columns", "text,messageId"]).stdout;
    assert_eq!(texts(&out), cells);
    let read = read_csv_strictly(&out);
    let wanted: Vec<_> = cells.iter().map(|cell| [*cell, "m1"]).collect();
    assert_eq!(read[0], ["text", "messageId"]);
    assert_eq!(read[1..], wanted);
}

/// T10.
#[test]
fn a_command_to_a_build_server_cannot_begin_a_line() {
    let commands = ["::error::x", "\n::add-mask::x", "  ##[error]x", "a\r\n::stop-commands::x"];
    let rows: Vec<_> = commands.iter().map(|text| message("m1", text)).collect();
    for words in [vec![], vec!["--columns", "text,to"], vec!["--columns", "text", "--no-header"]] {
        let out = listed(rows.clone(), &words).stdout;
        let obeyed =
            |line: &str| line.trim_start().starts_with("::") || line.trim_start().starts_with("##");
        assert!(!out.lines().any(obeyed), "{words:?}: {out}");
    }
}

/// T12.
#[test]
fn a_text_of_a_megabyte_is_complete_in_json_and_csv() {
    let text = "long ".repeat(1 << 18);
    let rows = || vec![message("m1", &text)];
    let json: Value = serde_json::from_str(&listed(rows(), &["-o", "json"]).stdout).unwrap();
    assert_eq!(json["results"][0]["text"], text.as_str());
    assert_eq!(texts(&listed(rows(), &["-o", "csv"]).stdout), [text.as_str()]);
}

/// T12. A letter with ten thousand combining marks, in a table into a pipe: truncated, and the rest
/// of the row is intact.
#[test]
fn endless_combining_marks_are_cut_in_a_table_and_complete_in_json() {
    let smear = format!("a{}z", "\u{301}".repeat(10_000));
    let out = listed(vec![message("m1", &smear)], &[]).stdout;
    assert!(out.chars().filter(|c| *c == '\u{301}').count() < 100, "{}", out.len());
    assert!(out.contains("…z"), "{out}");
    let json: Value =
        serde_json::from_str(&listed(vec![message("m1", &smear)], &["-o", "jsonl"]).stdout)
            .unwrap();
    assert_eq!(json["text"], smear.as_str());
}

/// T13.
#[test]
fn empty_null_and_missing_values_and_texts_that_look_like_them_are_distinct() {
    let mut missing = message("m5", "");
    missing.as_object_mut().unwrap().remove("text");
    let rows = vec![
        message("m1", ""),
        message("m2", "  "),
        message("m3", "null"),
        message("m4", "-"),
        missing.clone(),
        message_with("m6", &[("text", Value::Null)]),
    ];
    let json: Value = serde_json::from_str(&listed(rows.clone(), &["-o", "json"]).stdout).unwrap();
    assert_eq!(json["results"], json!(rows));
    let out = listed(rows, &["-o", "csv", "--columns", "messageId,text"]).stdout;
    assert_eq!(out, "messageId,text\nm1,\"\"\nm2,\"  \"\nm3,\"null\"\nm4,\"-\"\nm5,\nm6,\n");
}

/// T01. T02. T03. T04. T05.
#[test]
fn a_table_into_a_pipe_shows_hidden_characters_and_keeps_a_row_on_its_line() {
    let out = listed(vec![message("m1", HOSTILE), message("m2", "plain")], &[]).stdout;
    assert_eq!(out.lines().count(), 3, "{out}");
    let shown = "a^[[2Jb^G<U+009B>31mc<U+202E>d<U+200B>e\\r\\nf\\tg\\0h<U+FEFF>^?<U+0085><U+2028><U+E0041>z";
    assert!(out.contains(shown), "{out}");
}

/// T02. The raw bytes 0x80 to 0x9F are not UTF-8: each is shown as U+FFFD, and none is written.
#[test]
fn raw_bytes_of_c1_control_characters_are_never_written() {
    let mut body = results([message("m1", "XX")]).into_bytes();
    let at = body.windows(2).position(|pair| pair == b"XX").unwrap();
    body.splice(at..at + 2, 0x80..=0x9F);
    let server = Server::always(Response::json(body));
    for format in ["table", "json", "jsonl", "csv", "tsv", "xml"] {
        let ran = omnilogs().at(&server.url()).args(["-o", format]).run().code(0);
        assert_eq!(ran.stdout.matches('\u{fffd}').count(), 32, "{format}: {}", ran.stdout);
        assert!(ran.stderr.contains("not UTF-8"), "{}", ran.stderr);
    }
}

#[test]
fn no_cell_of_the_saved_formulas_can_be_evaluated_by_any_spreadsheet() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/cases/inject.json");
    for format in ["csv", "tsv"] {
        let words = ["--input", path, "--csv-safe", "-o", format, "--columns", "messageId,text"];
        let out = omnilogs().args(words).run().code(0).stdout;
        // Whatever delimiter a spreadsheet uses, and whatever characters it hides.
        for separators in
            [&[',', '\n', '\r'][..], &['\t', '\n', '\r'], &[';', '\n', '\r'], &['|', '\n']]
        {
            for cell in out.split(separators) {
                let hidden = |c: char| c.is_whitespace() || "\"\u{feff}\u{200b}".contains(c);
                let shown = cell.trim_start_matches(hidden);
                let signs = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
                assert!(!shown.starts_with(signs), "{format}: {cell:?}");
            }
        }
    }
}
