//! Invalid bytes and escapes, duplicate keys, and endless nesting.

use super::{FORMATS, ids, list, page, row, row_with, two_rows, warnings};
use crate::support::{Ran, Response, Server};

fn list_body(body: impl AsRef<[u8]>) -> Ran {
    list_body_as(body, "jsonl", 0)
}

fn list_body_as(body: impl AsRef<[u8]>, format: &'static str, code: i32) -> Ran {
    let server = Server::always(Response::json(body));
    list(&server.url()).format(format).code(code)
}

/// H27.
#[test]
fn a_byte_order_mark_is_skipped() {
    let ran = list_body([b"\xEF\xBB\xBF", two_rows().as_bytes()].concat());
    assert_eq!((ids(&ran).join(" ").as_str(), warnings(&ran).len()), ("m1 m2", 0));
}

/// H27.
#[test]
fn utf_16_is_named_with_or_without_a_byte_order_mark() {
    let units: Vec<u16> = two_rows().encode_utf16().collect();
    let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
    for (mark, body) in
        [(&b"\xFF\xFE"[..], &little), (b"\xFE\xFF", &big), (b"", &little), (b"", &big)]
    {
        let ran = list_body_as([mark, body].concat(), "jsonl", 8);
        ran.says("the body is UTF-16, not UTF-8");
    }
}

/// The two rows with bytes that are not UTF-8 in the second, in this field.
fn with_bad_bytes(field: &str) -> Vec<u8> {
    let bad = row_with("m2", r#""unknown":"xMARKx""#).replace(r#""InfoSMS""#, r#""fMARKf""#);
    let body = page(&[row("m1"), bad]);
    let kept = if field == "from" { "fMARKf" } else { "xMARKx" };
    let gone = if field == "from" { "xMARKx" } else { "fMARKf" };
    let body = body.replace(gone, "ok");
    let (before, after) = body.split_once(&kept[1..5]).unwrap();
    [before.as_bytes(), b"\xFF\xC3", after.as_bytes()].concat()
}

/// H28.
#[test]
fn invalid_utf8_in_any_field_loses_no_row() {
    for field in ["from", "unknown"] {
        let ran = list_body(with_bad_bytes(field));
        assert_eq!(ids(&ran), ["m1", "m2"]);
        assert!(ran.stdout.lines().nth(1).unwrap().contains('\u{FFFD}'), "{}", ran.stdout);
        assert_eq!(
            warnings(&ran),
            ["row 2 contained bytes that are not UTF-8; each is shown as U+FFFD"],
            "{field}"
        );
    }
    let table = list_body_as(with_bad_bytes("from"), "table", 0);
    assert!(table.stdout.contains("f\u{FFFD}"), "{}", table.stdout);
}

/// H29.
#[test]
fn half_a_surrogate_pair_loses_no_row_and_is_shown_as_a_replacement() {
    let body = page(&[row("m1").replace("InfoSMS", r"A\ud83d"), row("m2")]);
    let ran = list_body(&body);
    // Formats for programs keep the text as it was sent.
    assert!(ran.stdout.contains(r#""from":"A\ud83d""#), "{}", ran.stdout);
    assert_eq!(ran.stdout.lines().count(), 2);
    let table = list_body_as(&body, "table", 0);
    assert!(table.stdout.contains("A\u{FFFD}"), "{}", table.stdout);
    assert_eq!(warnings(&table), ["row 1 contained half of a surrogate pair, shown as U+FFFD"]);
}

/// H29.
#[test]
fn a_nul_is_shown_as_an_escape_in_the_table_and_kept_in_json() {
    let body = page(&[row("m1").replace("InfoSMS", r"A\u0000B")]);
    assert!(list_body(&body).stdout.contains(r#""from":"A\u0000B""#));
    let table = list_body_as(&body, "table", 0).stdout;
    assert!(table.contains(r"A\0B") && !table.contains('\0'), "{table}");
}

/// H30.
#[test]
fn of_a_duplicate_key_the_last_counts_and_json_keeps_both() {
    for (members, kept) in [
        (r#""from":"Second""#, r#""from":"Second""#),
        (r#""new":1,"new":2"#, r#""new":1,"new":2"#),
        (r#""status":{"groupName":"PENDING","groupName":"EXPIRED"}"#, r#""groupName":"EXPIRED""#),
    ] {
        let body = page(&[row("m1"), row_with("m2", members)]);
        let ran = list_body(&body);
        assert!(ran.stdout.contains(kept), "{}", ran.stdout);
        let csv = list_body_as(&body, "csv", 0);
        assert_eq!(
            warnings(&csv),
            ["row 2 had the same key twice; the last value counts"],
            "{members}"
        );
    }
    let body = page(&[row_with("m1", r#""from":"Second""#)]);
    let csv = list_body_as(&body, "csv", 0).stdout;
    assert!(csv.contains("Second") && !csv.contains("InfoSMS"), "{csv}");
}

fn nested(depth: usize) -> String {
    "[".repeat(depth) + &"]".repeat(depth)
}

/// H31.
#[test]
fn an_unknown_field_nested_a_hundred_thousand_deep_costs_nothing_in_any_format() {
    for depth in [200, 100_000] {
        let body = page(&[row_with("m1", &format!(r#""new":{}"#, nested(depth)))]);
        for format in FORMATS {
            let ran = list_body_as(&body, format, 0);
            assert!(ran.stdout.contains("m1") && warnings(&ran).is_empty(), "{format}");
        }
        let redacted = list_body_with(&body, ["--redact", "--wide"], 0);
        assert!(redacted.stdout.contains("m1"));
    }
}

/// H31.
#[test]
fn a_jq_program_refuses_rows_that_are_nested_too_deep_for_it_rather_than_crash() {
    for (depth, code) in [(490, 0), (100_000, 1)] {
        let body = page(&[row_with("m1", &format!(r#""new":{},"text":"[{{""#, nested(depth)))]);
        for program in [".results[].messageId", "[..] | length", "tojson"] {
            let ran = list_body_with(&body, ["--jq", program], code);
            assert_eq!(ran.stdout.is_empty(), code == 1, "{program}");
        }
    }
}

fn list_body_with(body: &str, words: [&str; 2], code: i32) -> Ran {
    let server = Server::always(Response::json(body));
    list(&server.url()).args(words).format("json").code(code)
}

/// H31.
#[test]
fn a_response_of_nothing_but_nesting_is_not_understood() {
    let objects = r#"{"a":"#.repeat(100_000) + "1" + &"}".repeat(100_000);
    for body in [nested(100_000), objects.clone(), format!(r#"{{"results":{objects}}}"#)] {
        assert_eq!(list_body_as(body, "jsonl", 8).stdout, "");
    }
}
