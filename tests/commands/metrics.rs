//! `omnilogs stats -o prometheus`: what `promtool` accepts, escaped labels, and bounded series.

use std::collections::HashSet;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::messages::{message_with, results, seconds_before};
use crate::support::programs::found;
use crate::support::{Omnilogs, Response, Server, omnilogs};

/// Metrics of these rows.
fn metrics_of(rows: impl IntoIterator<Item = Value>, args: &[&str]) -> Omnilogs {
    let run = omnilogs().args(["stats", "--input", "rows.json", "-o", "prometheus"]).args(args);
    fs::write(run.home().join("rows.json"), results(rows)).unwrap();
    run
}

/// Checks that `promtool` finds no fault, and that no two samples have the same labels.
#[track_caller]
fn check(metrics: &str) {
    let mut series = HashSet::new();
    for line in metrics.lines().filter(|line| !line.starts_with('#')) {
        let (labels, value) = line.rsplit_once(' ').unwrap();
        assert!(value.parse::<f64>().is_ok(), "{line}");
        assert!(series.insert(labels), "twice: {labels}");
    }
    let Some(promtool) = found("promtool") else { return };
    let mut child = Command::new(promtool)
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(metrics.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap()).concat();
    assert!(output.status.success() && text.is_empty(), "{text}\n{metrics}");
}

/// The value of the sample with these labels.
#[track_caller]
fn value(metrics: &str, series: &str) -> f64 {
    let start = format!("{series} ");
    let line = metrics.lines().find_map(|line| line.strip_prefix(&start));
    line.unwrap_or_else(|| panic!("{series} is not in\n{metrics}")).parse().unwrap()
}

fn count(metrics: &str, start: &str) -> usize {
    metrics.lines().filter(|line| line.starts_with(start)).count()
}

#[test]
fn promtool_finds_no_fault_in_the_metrics_of_any_key() {
    let window = ["--since", "6h", "-o", "prometheus"];
    for key in
        ["channel", "channel,status", "statusName,error", "sender", "country,network", "bulkId"]
    {
        let words = [&["stats", "--sandbox", "--by", key], &window[..]].concat();
        let ran = omnilogs().args(words).run().code(0);
        check(&ran.stdout);
        assert!(count(&ran.stdout, "omnilogs_messages{") >= 3, "{key}\n{}", ran.stdout);
    }
    check(&omnilogs().args(["stats", "--sandbox=empty", "-o", "prometheus"]).run().code(0).stdout);
}

#[test]
fn the_metrics_have_base_units_and_the_figures_of_the_window() {
    let rows = [
        message_with("m1", &[]),
        message_with("m2", &[("doneAt", json!("2026-11-22T10:00:15.461+0000"))]),
        message_with(
            "m3",
            &[
                ("status.name", json!("REJECTED_NETWORK")),
                ("status.groupName", json!("REJECTED")),
                ("price.pricePerMessage", json!(0.025)),
            ],
        ),
        message_with(
            "m4",
            &[
                ("channel", json!("PUSH")),
                ("status.name", json!("PENDING_ENROUTE")),
                ("status.groupName", json!("PENDING")),
                ("price", Value::Null),
            ],
        ),
    ];
    let now =
        || chrono::Duration::milliseconds(chrono::Utc::now().timestamp_millis()).as_seconds_f64();
    let before = now();
    let metrics = metrics_of(rows, &[]).run().code(0).stdout;
    check(&metrics);
    for (series, wanted) in [
        (r#"omnilogs_messages{channel="SMS",outcome="delivered"}"#, 2.0),
        (r#"omnilogs_messages{channel="SMS",outcome="failed"}"#, 1.0),
        (r#"omnilogs_messages{channel="SMS",outcome="pending"}"#, 0.0),
        (r#"omnilogs_messages{channel="PUSH",outcome="pending"}"#, 1.0),
        (r#"omnilogs_delivered_ratio{channel="SMS"}"#, 2.0 / 3.0),
        (r#"omnilogs_latency_seconds{channel="SMS",quantile="0.5"}"#, 1.0),
        (r#"omnilogs_latency_seconds{channel="SMS",quantile="0.99"}"#, 10.071),
        (r#"omnilogs_latency_seconds_sum{channel="SMS"}"#, 12.071),
        (r#"omnilogs_latency_seconds_count{channel="SMS"}"#, 3.0),
        (r#"omnilogs_cost{channel="SMS",currency="EUR"}"#, 0.045),
        (r#"omnilogs_failed_cost{channel="SMS",currency="EUR"}"#, 0.025),
        ("omnilogs_window_messages", 4.0),
    ] {
        let got = value(&metrics, series);
        assert!((got - wanted).abs() < 1e-12, "{series} {got}");
    }
    // A metric without data has no sample: 0 would be a value.
    for series in [
        "omnilogs_delivered_ratio{channel=\"PUSH\"",
        "omnilogs_latency_seconds{channel=\"PUSH\"",
        "omnilogs_cost{channel=\"PUSH\"",
    ] {
        assert_eq!(count(&metrics, series), 0, "{metrics}");
    }
    let finished = value(&metrics, "omnilogs_last_success_timestamp_seconds");
    assert!((before..=now()).contains(&finished));
}

#[test]
fn the_window_of_a_query_is_its_length_in_seconds() {
    let empty = Server::always(Response::json(results([])));
    let words = ["stats", "--since", "2h", "-o", "prometheus"];
    let metrics = omnilogs().at(&empty.url()).args(words).run().code(0).stdout;
    let seconds = value(&metrics, "omnilogs_window_seconds");
    assert!((7199.0..=7201.0).contains(&seconds), "{seconds}");
    assert!((value(&metrics, "omnilogs_window_messages")).abs() < f64::EPSILON);
}

/// The value of a label of the text format, without its escapes.
fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        out.push(match letter {
            '\\' => match letters.next() {
                Some('n') => '\n',
                Some(escaped @ ('\\' | '"')) => escaped,
                other => panic!("{other:?} after a backslash in {text}"),
            },
            letter => letter,
        });
    }
    out
}

#[test]
fn a_label_has_exactly_the_value_that_was_sent() {
    let long = "ž".repeat(5_000);
    let senders = [
        "a\"b",
        "a\\",
        "a\\\"",
        "a\nb",
        "\n",
        "a\r\nb",
        "{},=#",
        "\u{1b}[2J",
        "\u{202e}x",
        "😀",
        "(other)",
        " ",
        "\t",
        "a\u{0}b",
        &long,
    ];
    let row =
        |(at, sender): (usize, &&str)| message_with(&format!("m{at}"), &[("from", json!(sender))]);
    let metrics =
        metrics_of(senders.iter().enumerate().map(row), &["--by", "sender"]).run().code(0);
    check(&metrics.stdout);
    let mut shown: Vec<_> = metrics
        .stdout
        .split('\n')
        .filter_map(|line| line.strip_prefix("omnilogs_delivered_ratio{sender=\""))
        .map(|rest| unescaped(rest.split_once("\"} 1").unwrap().0))
        .collect();
    let cut = shown.iter().position(|label| label.starts_with('ž')).unwrap();
    // A label has at most 256 bytes of a text, because it is repeated in every series.
    assert_eq!(shown.remove(cut), format!("{}…", "ž".repeat(128)));
    shown.sort();
    let mut wanted = senders[..senders.len() - 1].to_vec();
    wanted.sort_unstable();
    assert_eq!(shown, wanted);
}

#[test]
fn on_a_terminal_control_characters_in_labels_are_visible() {
    let row = message_with("m1", &[("from", json!("x\u{1b}[2J\u{202e}\ny"))]);
    let screen = metrics_of([row], &["--by", "sender"]).on_terminal(200).end().code(0);
    let text = screen.lines().join("\n");
    assert!(text.contains(r#"sender="x^[[2J<U+202E>"#), "{text}");
}

#[test]
fn a_group_without_a_value_has_no_label_and_an_empty_row_is_counted() {
    let metrics = metrics_of([json!({}), message_with("m1", &[])], &["--by", "channel,sender"]);
    let metrics = metrics.run().code(0).stdout;
    check(&metrics);
    assert!((value(&metrics, r#"omnilogs_messages{outcome="pending"}"#) - 1.0).abs() < 1e-9);
}

#[test]
fn the_number_of_series_is_limited_and_all_messages_are_counted() {
    let rows = || {
        (0..12_000).map(|n| json!({"bulkId": format!("b{n}"), "status": {"name": "REJECTED_DND"}}))
    };
    let groups = |args: &[&str]| {
        let metrics =
            metrics_of(rows(), &[&["--by", "bulkId"], args].concat()).run().code(0).stdout;
        check(&metrics);
        assert!((value(&metrics, "omnilogs_window_messages") - 12_000.0).abs() < 1e-9);
        count(&metrics, "omnilogs_delivered_ratio{")
    };
    assert_eq!(groups(&[]), 100);
    assert_eq!(groups(&["--top", "7"]), 7);
    // The groups after the first 10,000 have no series, not even one named (other).
    assert_eq!(groups(&["--top", "20000"]), 10_000);
}

#[test]
fn an_incomplete_run_writes_no_metrics_and_keeps_the_old_file() {
    let page = Response::json(results((0..1000).map(|n| seconds_before(n, "text"))));
    let window =
        ["--since", "2026-11-22T10:00:00Z", "--until", "2026-11-22T11:00:00Z", "--retries", "0"];
    let server = Server::sequence([page.clone(), Response::error("400 Bad Request")]);
    let run = omnilogs().at(&server.url()).args(["stats", "-o", "prometheus"]).args(window);
    let ran = run.run().code(3).says("-o prometheus writes metrics only of a complete run");
    assert_eq!(ran.stdout, "");
    let server = Server::sequence([page, Response::error("400 Bad Request")]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("omnilogs.prom");
    fs::write(&file, "old\n").unwrap();
    let run = omnilogs().at(&server.url()).args(["stats", "-o", "prometheus"]).args(window);
    run.args(["--output-file"]).args([&file]).run().code(3);
    assert_eq!(fs::read_to_string(&file).unwrap(), "old\n");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn the_file_for_the_textfile_folder_is_readable_by_others_and_the_only_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("omnilogs.prom");
    let run = metrics_of([message_with("m1", &[])], &["--output-file", file.to_str().unwrap()]);
    run.wrapped_by(&["/bin/sh", "-c", "umask 022; exec \"$@\"", "sh"]).run().code(0);
    let written = fs::read_to_string(&file).unwrap();
    check(&written);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o644);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_broken_limit_writes_its_metrics() {
    let ran = metrics_of([message_with("m1", &[])], &["--fail-if", "messages<2"]).run().code(10);
    check(&ran.stdout);
    assert!(ran.stdout.ends_with('\n') && ran.stdout.contains("omnilogs_window_messages 1\n"));
}

#[test]
fn options_without_a_meaning_for_metrics_are_refused_before_anything_is_sent() {
    let server = Server::always(Response::json(results([])));
    let run =
        |args: &[&str]| omnilogs().at(&server.url()).args(args).args(["-o", "prometheus"]).run();
    run(&["stats", "--by", "channel,bucket"]).code(2).says("cannot be used with --by bucket");
    run(&["stats", "--since", "1h", "--vs", "1h"]).code(2).says("offset 1d");
    for words in [&["--limit", "5"][..], &["follow"], &["wait", "m1"], &["show", "447700900123"]] {
        run(words).code(2).says("-o prometheus works with stats only");
    }
    run(&["explain", "5"]).code(2);
    run(&["doctor"]).code(2);
    let config = format!(
        "base_url = \"{}\"\napi_key = \"k\"\n[defaults]\noutput = \"prometheus\"\n",
        server.url()
    );
    let ran = omnilogs().config(&config).run().code(2);
    ran.says("output takes table, json, jsonl, csv, tsv, xml, md");
    assert_eq!(server.targets(), [""; 0]);
}
