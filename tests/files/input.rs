//! Saved responses: `--input` reads them, applies every filter and reports the rows that it could not
//! read.

use serde_json::{Value, json};

use crate::support::messages::{message, message_with, results};
use crate::support::{Omnilogs, Ran, omnilogs};

/// Runs over a file of `tests/fixtures/cases` with these arguments.
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
        ran.code(2).says("--param cannot be used with --input").says("because: --param is sent");
    }
}

#[test]
fn a_dry_run_of_a_file_is_refused() {
    over("{}").args(["--dry-run"]).run().code(2).says("nothing is sent when a file is read");
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

/// The manifest of a run that ends with 3.
fn manifest_of_incomplete(run: Omnilogs) -> Value {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("manifest.json");
    run.args(["--manifest", path.to_str().unwrap()]).run().code(3);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn a_row_that_cannot_be_read_makes_the_run_incomplete_and_is_named() {
    for quiet in [&[][..], &["-q"]] {
        let words = [&["-o", "jsonl"], quiet].concat();
        let ran = case("torn.jsonl", &words).code(3);
        assert_eq!(ids(&ran), ["a", "c"]);
        let ran = ran.says("incomplete: some rows of the file could not be read");
        ran.says("row 2 cannot be read (line 2 is not JSON)");
    }
    case("torn.jsonl", &["--to", "447700900456"]).code(3).says("row 2");
    let path = format!("{}/tests/fixtures/cases/torn.jsonl", env!("CARGO_MANIFEST_DIR"));
    for quiet in [&[][..], &["-q"]] {
        let run = omnilogs().args(["--input", &path, "-o", "csv"]).args(quiet);
        let manifest = manifest_of_incomplete(run);
        assert_eq!((&manifest["complete"], &manifest["rows"]), (&json!(false), &json!(2)));
        assert!(manifest["gaps"][0]["reason"].as_str().unwrap().starts_with("row 2 cannot"));
    }
    omnilogs().args(["stats", "--input", &path]).run().code(3).says("row 2 cannot be read");
    let ran = case("torn.jsonl", &["-o", "json"]).code(3);
    assert_eq!(ran.error_json()["error"]["kind"], "incomplete", "{}", ran.stderr);
}

#[test]
fn a_response_that_is_torn_in_the_middle_gives_the_rows_before_and_ends_with_3() {
    let whole = results([message("m1", "x"), message("m2", "x"), message("m3", "x")]);
    let torn = whole.replacen("\"messageId\":\"m2\",", "\"messageId\":\"m", 1);
    let lines = |bad: &str| format!("{}\n{bad}\n{}\n", message("m1", "x"), message("m3", "x"));
    let xml = "<r><results><messageId>m1</messageId></results><results><messageId>m2</results></r>";
    for (text, rows, row) in [
        (torn.clone(), vec!["m1"], "row 2 and all after it"),
        (whole[..whole.len() - 30].to_owned(), vec!["m1", "m2"], "row 3 and all after it"),
        (format!("{whole}{torn}"), vec!["m1", "m2", "m3", "m1"], "row 5 and all after it"),
        (
            format!("{whole}\n{whole}").replacen("m3", "m3\u{1}", 1),
            vec!["m1", "m2", "m1", "m2", "m3"],
            "row 3 cannot be read (line 1",
        ),
        (lines("{\"messageId\":\"m2\"\r"), vec!["m1", "m3"], "row 2 cannot be read (line 2"),
        (lines("\r\n\nnul,"), vec!["m1", "m3"], "row 2 cannot be read (line 4"),
        (xml.to_owned(), vec!["m1"], "row 2 and all after it"),
        (xml[..60].to_owned(), vec!["m1"], "row 2 and all after it"),
    ] {
        let ran = over(text.clone()).run();
        assert_eq!(ran.code, 3, "{text}: {}", ran.stderr);
        assert_eq!(ids(&ran), rows, "{text}");
        ran.says(row);
    }
    let ran = over(format!("{whole}\n{whole}")).run().code(0);
    assert_eq!(ids(&ran), ["m1", "m2", "m3", "m1", "m2", "m3"]);
}

#[test]
fn an_incomplete_run_says_that_its_file_is_not_written() {
    let torn = format!("{}/tests/fixtures/cases/torn.jsonl", env!("CARGO_MANIFEST_DIR"));
    for command in ["omnilogs", "omnilogs stats"] {
        let line = format!("{command} --input \"$TORN\" -O out.csv");
        let ran = omnilogs().env("TORN", &torn).in_bash(&line).run().code(3);
        ran.says("because: out.csv was not written, because it would be incomplete");
        let line = format!("echo old > out.csv; {line}; code=$?; cat out.csv; exit $code");
        let ran = omnilogs().env("TORN", &torn).in_bash(&line).run().code(3);
        assert_eq!(ran.stdout, "old\n");
        ran.says("because: out.csv was not changed, because it would be incomplete");
    }
}

/// curl saves a response on one line.
#[test]
fn rows_after_a_bad_row_of_the_same_line_are_not_lost_without_a_word() {
    for (text, shown) in [
        (r#"{"results":[{"messageId":"a"},{"messageId":"b" "x":1},{"messageId":"c"}]}"#, vec!["a"]),
        (r#"[{"messageId":"a"},{"messageId":"b" "x":1},{"messageId":"c"}]"#, vec!["a"]),
        (
            "{\"messageId\":\"a\"}\n{bad}{\"messageId\":\"c\"}\n{\"messageId\":\"d\"}\n",
            vec!["a", "d"],
        ),
    ] {
        let ran = over(text).run().code(3);
        assert_eq!(ids(&ran), shown, "{text}");
        ran.says("row 2 and all after it");
        let run = omnilogs().args(["--input", "-", "-o", "csv"]).stdin(text);
        let reason = manifest_of_incomplete(run)["gaps"][0]["reason"].to_string();
        assert!(reason.contains("row 2 and all after it"), "{reason}");
    }
}

#[test]
fn the_manifest_does_not_describe_a_file_that_was_not_written() {
    let torn = format!("{}/tests/fixtures/cases/torn.jsonl", env!("CARGO_MANIFEST_DIR"));
    for file in ["out.csv", "out.xlsx"] {
        let line = format!(
            "omnilogs --input \"$TORN\" --output-file {file} --manifest m.json; \
             code=$?; test ! -e {file} && cat m.json && exit $code"
        );
        let ran = omnilogs().env("TORN", &torn).in_bash(&line).run().code(3);
        let manifest: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(manifest["output"], Value::Null, "{manifest}");
        assert_eq!((&manifest["complete"], &manifest["shown"]), (&json!(false), &json!(2)));
    }
    // What a stream was given cannot be taken back.
    for to in ["--output-file /dev/stdout", ""] {
        let line = format!(
            "omnilogs --input \"$TORN\" -o csv {to} --manifest m.json > out; \
             code=$?; cat m.json && wc -c < out >&2; exit $code"
        );
        let ran = omnilogs().env("TORN", &torn).in_bash(&line).run().code(3);
        let manifest: Value = serde_json::from_str(&ran.stdout).unwrap();
        let bytes = manifest["output"]["bytes"].as_u64().unwrap();
        assert!(ran.stderr.trim_end().ends_with(&format!("\n{bytes}")), "{}", ran.stderr);
    }
}

#[test]
fn the_rows_of_two_results_are_shown_without_a_warning_about_a_row() {
    let text = r#"{"results":[{"messageId":"a"}],"results":[{"messageId":"c"}]}"#;
    for text in [text.to_owned(), text.replace("],", "],\n")] {
        let ran = over(text).run().code(0);
        assert_eq!((ids(&ran), &*ran.stderr), (vec!["a".to_owned(), "c".to_owned()], ""));
    }
}

#[test]
fn an_id_with_the_form_of_a_phone_number_is_not_named() {
    for flag in ["--message-id", "--bulk-id"] {
        for number in ["447700900123", "+447700900123", "07700900123"] {
            let given = format!("m1,{number},1234567890123456");
            let run = over(r#"{"messageId":"a"}"#).args([flag, &given, "--manifest", "m.json"]);
            let home = run.home().to_owned();
            let (mut command, kept) = run.into_command();
            let ran = command.output().unwrap();
            let stderr = String::from_utf8(ran.stderr).unwrap();
            assert!(stderr.contains("no message has 3 of 3 ids: "), "{stderr}");
            let manifest = std::fs::read_to_string(home.join("m.json")).unwrap();
            for text in [stderr, manifest] {
                assert!(!text.contains("900123"), "{text}");
                for shown in ["m1", "…", "1234567890123456"] {
                    assert!(text.contains(shown), "{text}");
                }
            }
            drop((home, kept));
        }
    }
}

#[test]
fn a_row_that_is_not_an_object_is_missing_and_not_a_message() {
    let lines = "{\"messageId\":\"a\"}\n\"str\"\n42\n[1]\nnull\n{\"messageId\":\"c\"}\n";
    let response = r#"{"results":[{"messageId":"a"},"str",42,[1],null,{"messageId":"c"}]}"#;
    for text in [lines, response] {
        assert_eq!(ids(&over(text).run().code(3).says("row 2 cannot be read")), ["a", "c"]);
        let run = omnilogs().args(["--input", "-", "-o", "csv"]).stdin(text);
        let manifest = manifest_of_incomplete(run);
        assert_eq!((&manifest["rows"], &manifest["shown"]), (&json!(2), &json!(2)));
        assert_eq!(manifest["gaps"][0]["atLeast"], 4);
        let counted = omnilogs().args(["stats", "--input", "-", "-o", "json"]).stdin(text);
        let counted: Value = serde_json::from_str(&counted.run().code(3).stdout).unwrap();
        assert_eq!(counted["total"]["messages"], 2);
    }
}

/// The rows were sent by the clock of a server that is not known.
#[test]
fn the_clock_of_this_machine_does_not_limit_the_times_of_a_file() {
    let row = r#"{"messageId":"fut","sentAt":"2098-01-01T00:00:00.000+0000"}"#;
    for range in [["--since", "2097-06-01"], ["--until", "2099-01-01"]] {
        for words in [&[][..], &["--strict"]] {
            let ran = over(row).args(range).args(words).run().code(0);
            assert_eq!((ids(&ran), &*ran.stderr), (vec!["fut".to_owned()], ""), "{range:?}");
            let counted = omnilogs().args(["stats", "--input", "-", "-o", "json"]).stdin(row);
            let ran = counted.args(range).args(words).run().code(0);
            assert!(!ran.stderr.contains("future"), "{}", ran.stderr);
        }
    }
}

#[test]
fn a_compressed_file_is_named_as_such() {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(results([message("m1", "x")]).as_bytes()).unwrap();
    let packed = encoder.finish().unwrap();
    for bytes in [&packed[..], &packed[..packed.len() / 2]] {
        let ran = over(bytes).run().code(8).says("it is compressed (gzip)");
        ran.says("try: decompress it first: gunzip -c");
    }
}

#[test]
fn many_ids_are_matched_over_a_file() {
    let rows: Vec<_> = (0..500).map(|n| message(&format!("m{n}"), "x").to_string()).collect();
    let wanted: Vec<_> = (100..5100).map(|n| format!("m{n}")).collect();
    let run = over(rows.join("\n"));
    std::fs::write(run.home().join("ids.txt"), wanted.join("\n")).unwrap();
    let ran = run.args(["--message-id", "@ids.txt"]).run().code(0);
    assert_eq!(ids(&ran), wanted[..400]);
}

/// A file of 16 MiB, of which only one message at a time is in memory.
#[test]
fn memory_does_not_grow_with_a_file_of_xml() {
    let row = format!("<results><text>{}</text></results>", "x".repeat(16 << 10));
    let peak_kib = |rows| {
        let run = omnilogs().args(["--input", "saved.xml", "-c", "SMS"]);
        let xml = format!("<r>{}</r>", row.repeat(rows));
        std::fs::write(run.home().join("saved.xml"), xml).unwrap();
        let (ran, peak_kib) = run.run_measured();
        ran.code(0);
        peak_kib
    };
    // 16 MiB against half of one.
    let (small, large) = (peak_kib(32), peak_kib(1024));
    assert!(small > 5_000 && large < small + 4_000, "{small} and {large} KiB");
}

#[test]
fn a_response_of_a_newer_endpoint_is_shown_and_filtered_by_its_own_names() {
    let ran = case("sms3.json", &["--columns", "to,from,text,mccmnc,messageCount", "-o", "csv"]);
    let rows: Vec<_> = ran.code(0).stdout.lines().skip(1).map(str::to_owned).collect();
    assert_eq!(rows, ["12025550173,InfoSMS,,310410,1", "12025550174,InfoSMS,Order 7 is ready,,2"]);
    for filter in [
        &["--to", "+1 202 555 0174"][..],
        &["--grep", "order", "-i"],
        &["--from", "InfoSMS", "--status", "pending"],
    ] {
        let ran = case("sms3.json", &[&["-o", "jsonl"], filter].concat()).code(0);
        assert_eq!(ids(&ran), ["m2"], "{filter:?}");
    }
    let ran = case("sms3.json", &["--mcc", "310", "--mnc", "410", "-o", "jsonl"]).code(0);
    assert_eq!(ids(&ran), ["90000000000000000000402"]);
    let ran = case("sms3.json", &["--redact", "-o", "json"]).code(0);
    assert!(!ran.stdout.contains("2025550") && !ran.stdout.contains("Order 7"), "{}", ran.stdout);
    let xml = "<r><results><sender>S</sender><destination>12025550175</destination>\
               <content><text>1</text></content><messageId>m1</messageId></results></r>";
    let ran = over(xml).args(["--to", "12025550175", "--grep", "^1$"]).run().code(0);
    assert_eq!(
        ran.stdout.trim_end(),
        r#"{"sender":"S","destination":"12025550175","content":{"text":"1"},"messageId":"m1"}"#
    );
}

#[test]
fn a_documented_name_without_a_value_gives_way_to_the_name_of_a_newer_endpoint() {
    const NULLS: &str = r#"{"messageId":"q1","to":null,"destination":"12025550173","from":null,"sender":"InfoSMS","text":null,"content":{"text":"Alpha"},"mccmnc":null,"mccMnc":"310410","sentAt":"2026-11-28T09:00:00.000+0000"}"#;
    let empty = NULLS.replace("null", "\"\"");
    let string = NULLS.replace(r#"{"text":"Alpha"}"#, "\"Alpha\"");
    let xml = "<r><results><messageId>q1</messageId><to/><destination>12025550173</destination>\
               <from xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:nil=\"true\"/>\
               <sender>InfoSMS</sender><text/><content><text>Alpha</text></content><mccmnc/>\
               <mccMnc>310410</mccMnc></results></r>";
    for row in [NULLS, &empty, &string, xml] {
        let shown = |words: &[&str]| {
            let columns =
                ["-o", "csv", "--no-header", "--columns", "messageId,to,from,text,mccmnc"];
            let ran = omnilogs().args(["--input", "-"]).args(columns).args(words).stdin(row).run();
            ran.code(0).stdout
        };
        for filter in [
            &[][..],
            &["--to", "12025550173"],
            &["--from", "InfoSMS"],
            &["--grep", "alpha", "-i"],
            &["--mcc", "310"],
            &["--country", "US"],
        ] {
            let expected = "q1,12025550173,InfoSMS,Alpha,310410\n";
            assert_eq!(shown(filter).replace('\r', ""), expected, "{filter:?} {row}");
        }
        let redacted = "q1,1********73,InfoSMS,[5 characters],310410\n";
        assert_eq!(shown(&["--redact"]).replace('\r', ""), redacted, "{row}");
        let redacted = "q1,1********73,InfoSMS,Alpha,310410\n";
        assert_eq!(shown(&["--redact=to,from"]).replace('\r', ""), redacted, "{row}");
    }
}
