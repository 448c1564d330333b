use std::io::{BufReader, Cursor};

use proptest::prelude::*;

use super::*;
use crate::model::{Anomaly, Channel, Field, StatusGroup, Timestamp};

/// The result of reading a file: the ids of its rows, the report, and the error, if any.
struct ReadFile {
    ids: Vec<String>,
    pages: Vec<usize>,
    report: RunReport,
    failure: Option<SourceError>,
}

fn outcome(mut saved: SavedResponse) -> ReadFile {
    let (mut ids, mut pages, mut failure) = (Vec::new(), Vec::new(), None);
    while let Some(page) = saved.next_page() {
        match page {
            Ok(page) => {
                pages.push(page.logs.len());
                ids.extend(
                    page.logs.iter().map(|log| log.cell(Field::MessageId).into_text().into()),
                );
            }
            Err(error) => failure = Some(error),
        }
    }
    assert!(saved.next_page().is_none());
    ReadFile { ids, pages, report: saved.report(), failure }
}

fn read_with(body: impl AsRef<[u8]>, query: &Query) -> ReadFile {
    let reader = Box::new(Cursor::new(body.as_ref().to_vec()));
    outcome(SavedResponse::open("logs.json".into(), reader, query))
}

fn read(body: impl AsRef<[u8]>) -> ReadFile {
    read_with(body, &Query::default())
}

fn anomalies(outcome: &ReadFile) -> Vec<(Anomaly, u64, u64)> {
    outcome.report.anomalies.iter().collect()
}

fn row(id: &str) -> String {
    format!("{{\"messageId\": \"{id}\", \"to\":\"447700900001\"}}")
}

const NO_PARAMETERS: &str = include_str!("../../tests/fixtures/api/no-parameters.json");
const CHANNEL: &str = include_str!("../../tests/fixtures/api/channel.xml");
const BULK_IDS: &str = include_str!("../../tests/fixtures/api/bulk-ids.xml");

#[test]
fn every_layout_of_the_same_rows_gives_the_same_rows() {
    let (a, b) = (row("a"), row("b"));
    for body in [
        format!("{{\"results\":[{a},{b}]}}"),
        format!("\u{FEFF}{{\n\"x\": [1,{{}}],\n\"results\" : [\n {a} ,\n {b} ,\n]\n,}}\n"),
        format!("{{\"results\":[{a}]}}{{\"results\":[]}}\n\n{{\"results\":[{b}],\"x\":1}}"),
        format!("[{a},{b}]"),
        format!("[\n{a},\n{b},\n]\n"),
        format!("[{a}]\n[{b}]"),
        format!("[{{\"results\":[{a}]}},{{\"results\":[{b}]}}]"),
        format!("{a}\n{b}\n"),
        format!("\u{FEFF}\n{a}\r\n\r\n{b}"),
        format!("{}\n{}", a.replace(',', ",\n"), b.replace(',', ",\n")),
        format!("{{\"results\":[{a},\n{b}]}}").replace("\"}", "\",}"),
        "<o><results><messageId>a</messageId></results><results><messageId>b</messageId></results></o>".into(),
        "<?xml version='1.0'?><o><results><result><messageId>a</messageId></result></results></o>\n\
         \u{FEFF}<?xml version='1.0'?><o><results><messageId>b</messageId></results></o><!-- end -->\n".into(),
    ] {
        let outcome = read(&body);
        assert_eq!((outcome.ids, outcome.failure), (vec!["a".into(), "b".into()], None), "{body}");
        assert_eq!((outcome.pages, outcome.report.rows), (vec![2], 2));
        assert!(outcome.report.bytes >= body.len() as u64 - 12, "{body}");
    }
}

#[test]
fn the_documented_responses_are_read_and_filtered() {
    let push = Query { channels: vec![Channel::Push.to_string()], ..Query::default() };
    assert_eq!(read_with(NO_PARAMETERS, &push).ids, ["1f21d8d7-f306-4f53-9f6e-eddfce9849ea"]);
    assert_eq!(read_with(CHANNEL, &push).ids.len(), 2);
    assert_eq!(read_with(BULK_IDS, &push).ids.len(), 0);
    let both = format!("{CHANNEL}{BULK_IDS}");
    let delivered = Query { statuses: vec![StatusGroup::Delivered], ..Query::default() };
    assert_eq!(read_with(&both, &delivered).ids.len(), 2);
    assert_eq!(read_with(&both, &Query { limit: Some(1), ..delivered }).ids.len(), 1);
    let since = Timestamp::parse("2015-02-23T17:00:00.000+01:00");
    let outcome = read_with(BULK_IDS, &Query { since, ..Query::default() });
    assert_eq!(outcome.ids, ["07e03aae-fabc-44ad-b1ce-222e14094d70"]);
    assert_eq!(outcome.report.since, since);
}

#[test]
fn a_page_holds_a_thousand_rows_and_the_limit_counts_rows_that_match() {
    let lines: String = (0..2500).map(|id| row(&id.to_string()) + "\n").collect();
    assert_eq!(read(&lines).pages, [1000, 1000, 500]);
    let outcome = read_with(&lines, &Query { limit: Some(1500), ..Query::default() });
    assert_eq!((outcome.pages, outcome.report.pages), (vec![1000, 500], 2));
    assert!(outcome.report.bytes < lines.len() as u64);
    let one = Query { message_ids: vec!["2499".into()], ..Query::default() };
    assert_eq!(read_with(&lines, &one).pages, [1]);
    let none = Query { from: Some("Other".into()), ..Query::default() };
    let outcome = read_with(&lines, &none);
    assert_eq!((outcome.pages, outcome.report.rows), (vec![0], 0));
    let document = format!("{{\"results\":[{}]}}", lines.trim_end().replace('\n', ","));
    assert_eq!(read(document).pages, [1000, 1000, 500]);
}

#[test]
fn a_file_without_rows_is_not_an_error() {
    for body in ["", "\n \n", "{\"results\":[]}", "[]", "<omniLogsResponse/>"] {
        let outcome = read(body);
        assert_eq!((outcome.pages, outcome.failure), (vec![0], None), "{body}");
        assert!(outcome.report.anomalies.is_empty());
    }
    for body in ["null\n", "{\"results\":null}"] {
        let failure = read(body).failure;
        assert!(matches!(failure, Some(SourceError::NotUnderstood { .. })), "{body}: {failure:?}");
    }
}

/// The text about the rows that could not be read.
fn unreadable(outcome: &ReadFile) -> &str {
    outcome.report.gaps.first().map_or("", |gap| &gap.reason)
}

#[test]
fn rows_before_a_cut_are_returned_and_the_row_that_is_cut_is_named() {
    let (a, b) = (row("a"), row("b"));
    for body in [
        format!("{{\"results\":[{a},{b},{{\"messageId\":\"c"),
        format!("{{\"results\":[{a},{b}"),
        format!("[{a},{b},"),
        format!("{a}\n{b}\n{{\"messageId\":"),
        "<o><results><messageId>a</messageId></results><results><messageId>b</messageId></results><results>".into(),
    ] {
        let outcome = read(&body);
        assert_eq!((outcome.ids.concat(), outcome.failure.clone()), ("ab".into(), None), "{body}");
        let wanted = "row 3 and all after it cannot be read (the file ends within it)";
        assert_eq!(unreadable(&outcome), wanted, "{body}");
        // Whether rows are missing does not depend on the filters.
        let none = Query { to: vec!["Other".into()], ..Query::default() };
        assert_eq!(unreadable(&read_with(&body, &none)), wanted, "{body}");
    }
    let cut = Some(SourceError::File {
        name: "logs.json".into(),
        reason: "it ends in the middle of its first row".into(),
    });
    assert_eq!((read("{\"results\":[").failure, read("{").failure), (cut.clone(), cut));
}

#[test]
fn a_bad_line_costs_that_line_and_is_named() {
    let (a, b) = (row("a"), row("b"));
    for bad in ["{\"to\":1,,}", "oops", "{\"to\":\"4477", "{\"to\":[}"] {
        for (body, wanted) in [
            (format!("{a}\n{bad}\n{b}\n"), "row 2 cannot be read (line 2 is not JSON)"),
            (format!("{bad}\n{a}\n{b}\n"), "row 1 cannot be read (line 1 is not JSON)"),
            (format!("{a}\r\n\r\n\n{bad}\r\n{b}"), "row 2 cannot be read (line 4 is not JSON)"),
            (format!("{a} {bad}\n{b}"), "row 2 cannot be read (line 1 is not JSON)"),
        ] {
            let outcome = read(&body);
            assert_eq!((outcome.ids.concat().as_str(), &outcome.failure), ("ab", &None), "{body}");
            assert_eq!(
                (unreadable(&outcome), outcome.report.gaps[0].at_least),
                (wanted, 1),
                "{body}"
            );
            assert_eq!(outcome.report.rows, 2);
        }
    }
    let limited = read_with(format!("{a}\noops\n"), &Query { limit: Some(1), ..Query::default() });
    assert_eq!((limited.ids, limited.report.gaps), (vec!["a".to_owned()], Vec::new()));
}

#[test]
fn the_size_of_the_buffer_does_not_change_how_lines_are_read() {
    let (a, b) = (row("a"), row("b"));
    let error = r#"{"requestError":{"serviceException":{"messageId":"X"}}}"#;
    let nested = r#"{"messageId":"c","new":{"results":[1],"errorCode":"x"}}"#;
    let lines =
        format!("{a}\n{nested}\n{{\"results\":[{b},{a}]}}\n[{b}]\n{{}}\n{a}\n{error}\n{b}\n");
    for capacity in [1, 7, 100, 10_000] {
        let reader = BufReader::with_capacity(capacity, Cursor::new(lines.clone().into_bytes()));
        let outcome =
            outcome(SavedResponse::open("logs.json".into(), Box::new(reader), &Query::default()));
        assert_eq!(outcome.ids, ["a", "c", "b", "a", "b", "", "a"], "{capacity}");
        let failure = outcome.failure.unwrap().to_string();
        assert!(failure.contains("it holds an error of the API instead of logs (X)"), "{failure}");
    }
}

#[test]
fn a_line_that_is_json_but_not_an_object_is_left_out_and_named() {
    let outcome = read(format!("{}\n\"text\"\n[1]\n{{}}\n", row("a")));
    assert_eq!((outcome.report.rows, outcome.ids.len()), (2, 2));
    assert_eq!(anomalies(&outcome), []);
    assert_eq!(
        unreadable(&outcome),
        "row 2 cannot be read (not an object); row 3 cannot be read (not an object)"
    );
}

#[test]
fn rows_with_anomalies_are_counted_from_the_start_of_the_file() {
    let lines: String = (1..=1200)
        .map(|id| {
            if id == 1100 {
                "{\"to\":\"\u{FFFF}\",\"sentAt\":\"x\"}\n".into()
            } else {
                row("a") + "\n"
            }
        })
        .collect();
    let mut bytes = lines.clone().into_bytes();
    let at = lines.find('\u{FFFF}').unwrap();
    bytes[at] = 0xFF;
    let wanted = [(Anomaly::InvalidUtf8, 1, 1100), (Anomaly::UnreadableDate, 1, 1100)];
    assert_eq!(anomalies(&read(&bytes)), wanted);
    let list = format!("[{}]", lines.trim_end().replace('\n', ","));
    assert_eq!(anomalies(&read(list)), [(Anomaly::UnreadableDate, 1, 1100)]);
}

#[test]
fn a_file_without_logs_is_described() {
    for (body, wanted) in [
        (&b"{\"name\":\"x\",\"version\":1}"[..], "it holds no message logs"),
        (b"{\n\"name\":\"x\"\n}", "it holds no message logs"),
        (b"5", "it holds no message logs"),
        (b"{\"results\":{}}", "expected a list of rows in results, got an object"),
        (b"\xFF\xFE{\0}\0", "the body is UTF-16, not UTF-8"),
        (b"{\"errorCode\":\"E429\",\"description\":\"Too\x7F many\"}",
         "it holds an error of the API instead of logs (E429)"),
        (b"{\"results\":[],\"requestError\":{\"serviceException\":{\"messageId\":\"X\"}}}",
         "it holds an error of the API instead of logs (X)"),
        (b"<ApiException><requestError><serviceException><messageId>X</messageId></serviceException></requestError></ApiException>",
         "it holds an error of the API instead of logs (X)"),
        (b"<!doctype html><title>Log in</title>", "an HTML page titled \u{ab}Log in\u{bb}"),
        (b"<!DOCTYPE a><a/>", "with a document type"),
        (b"some text\nand more", "not JSON that can be read"),
        (b"\x1F\x8B\x08\0\0", "it is compressed (gzip)"),
        (b"PK\x03\x04x", "it is compressed (zip)"),
        (b"{\"results\":[,]}", "not JSON that can be read"),
        (b"{\"results\" []}", "not JSON that can be read"),
        (b"[\n]]", "not JSON that can be read"),
    ] {
        let body_text = String::from_utf8_lossy(body);
        let Some(SourceError::NotUnderstood { message, .. }) = read(body).failure else {
            panic!("{body_text}")
        };
        assert!(message.starts_with("cannot read logs.json: "), "{message}");
        assert!(message.contains(wanted), "{body_text}: {message}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    struct FailingReader;
    impl io::Read for FailingReader {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is gone"))
        }
    }
    let outcome = outcome(SavedResponse::open(
        "x".into(),
        Box::new(BufReader::new(FailingReader)),
        &Query::default(),
    ));
    assert_eq!(outcome.failure.unwrap().to_string(), "cannot read x: the disk is gone");
}

#[test]
fn rows_before_a_syntax_error_are_returned_and_the_row_with_it_is_named() {
    for (body, why) in [
        (format!("{{\"results\":[\n{},\n{{\"to\":nope}},{{}}]}}", row("a")), "expected ident"),
        (format!("{{\"results\":[{}\n{{\"to\":2}}]}}", row("a")), "not JSON"),
        (
            "<o><results><messageId>a</messageId></results><results></x>".into(),
            "well-formed at byte",
        ),
    ] {
        let outcome = read(&body);
        assert_eq!((outcome.ids.concat().as_str(), &outcome.failure), ("a", &None), "{body}");
        let said = unreadable(&outcome);
        assert!(
            said.starts_with("row 2 and all after it cannot be read (") && said.contains(why),
            "{said}"
        );
    }
}

#[test]
fn rows_that_are_lost_behind_a_bad_row_of_their_line_are_mentioned() {
    let rows = |bad: &str| format!("{{\"messageId\":\"a\"}},{bad},{{\"messageId\":\"c\"}}");
    let bad = r#"{"messageId":"b" "x":1}"#;
    let wanted = "row 2 and all after it on line 1 cannot be read (not JSON)";
    for body in [
        format!("{{\"results\":[{}]}}\n", rows(bad)),
        format!("{{\"results\":[{}]}}", rows(bad)),
        format!("[{}]", rows(bad)),
        format!("[{}]", rows(bad).replacen("},", "}", 1)),
        format!("[{}]", rows(r#"{"messageId":"b,"x":1}"#)),
        format!("{}\n", rows(bad).replace("},{", "}{")),
        format!("{}\n", rows("oops").replace(',', " ")),
    ] {
        let outcome = read(&body);
        assert_eq!((outcome.ids[0].as_str(), &outcome.failure), ("a", &None), "{body}");
        assert!(unreadable(&outcome).starts_with("row 2 and all after it"), "{body}");
        assert!(outcome.report.has_hidden_rows, "{body}");
    }
    let outcome = read(format!("[{}]", rows(bad)));
    assert_eq!((outcome.ids.concat().as_str(), unreadable(&outcome)), ("a", wanted));
    // The next line is read.
    let lines = format!("{}\n{{\"to\":1}}{bad}{{\"to\":2}}\n{}\n", row("a"), row("d"));
    let outcome = read(&lines);
    assert_eq!(outcome.ids, ["a", "", "d"]);
    let wanted = "row 3 and all after it on line 2 cannot be read (not JSON)";
    assert_eq!(unreadable(&outcome), wanted);
    // Values of a row are not mistaken for other rows.
    for bad in [
        r#"{"to":1,,"status":{"id":1},"new":[{"id":1}],"text":"torn"#,
        r#"{"to":1 "price": {"currency":"EUR"}}"#,
    ] {
        let outcome = read(format!("{}\n{bad}\n{}\n", row("a"), row("b")));
        assert_eq!(outcome.ids, ["a", "b"]);
        assert_eq!(unreadable(&outcome), "row 2 cannot be read (line 2 is not JSON)", "{bad}");
        assert!(!outcome.report.has_hidden_rows);
    }
    let outcome = read(format!("{{\"results\":[\n{},\n{bad},\n{}]}}", row("a"), row("c")));
    assert!(unreadable(&outcome).starts_with("row 2 and all after it cannot be read ("));
    assert!(outcome.report.has_hidden_rows);
}

proptest! {
    #[test]
    fn no_bytes_make_reading_panic_and_every_file_ends(
        start in prop::sample::select(vec!["", "{", "[", "<", "{\"results\":[", "{\"to\":1}\n"]),
        rest in "[\\[\\]{}<>/,:\"\\\\a1\n ]{0,60}",
        tail: Vec<u8>,
    ) {
        let outcome = read([start.as_bytes(), rest.as_bytes(), &tail].concat());
        prop_assert_eq!(outcome.report.rows, outcome.ids.len() as u64);
    }

    #[test]
    fn a_file_gives_the_same_rows_as_a_response(
        rows in prop::collection::vec("\\{\"to\":\"[a,\\]}{]{0,4}\"\\}|7|\\[1,\\[\\]\\]|\"x\\\\\"]\"", 0..6),
        cut in 0..80_usize,
        capacity in 1..9_usize,
    ) {
        let body = format!("{{\"a\":[1],\"results\":[{}],\"b\":{{}}}}", rows.join(" , "));
        let end = body.len().saturating_sub(cut);
        for body in [&body[..], &body[..end]] {
            let mut document = json_file::JsonFile::new(BufReader::with_capacity(capacity, body.as_bytes()));
            let (mut anomalies, mut logs) = (Anomalies::default(), Vec::new());
            let last = loop {
                match document.next(&mut anomalies, logs.len() as u64) {
                    Ok(Some(SavedRow::Log(log))) => logs.push(log.json().to_owned()),
                    Ok(Some(SavedRow::Unreadable { .. })) => panic!("a document has no lines"),
                    Ok(None) => break Ok(()),
                    Err(error) => break Err(error),
                }
            };
            match crate::wire::decode_content(body.as_bytes(), crate::wire::DecodeOptions::default()) {
                Ok(page) => {
                    prop_assert!(last.is_ok());
                    let wanted: Vec<&str> = page.logs.iter().map(Log::json).collect();
                    prop_assert_eq!(logs, wanted);
                }
                Err(crate::wire::DecodeError::CutOff { .. }) if body.is_empty() => {
                    prop_assert!(last.is_ok());
                }
                Err(_) => prop_assert!(matches!(last, Err(ReadError::CutOff))),
            }
        }
    }
}
