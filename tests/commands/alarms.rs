//! Alarms: `stats --fail-if` and `--fail-on-match`. A run that fails for another reason must not look
//! like an alarm.

use std::process::Stdio;

use serde_json::{Value, json};

use crate::support::messages::{NUMBER, message_with, results, seconds_before};
use crate::support::{Omnilogs, Ran, Response, Server, omnilogs};

/// Message `mN` of a channel, delivered or not.
fn row(n: usize, channel: &str, delivered: bool) -> Value {
    let (group, name) = if delivered {
        ("DELIVERED", "DELIVERED_TO_HANDSET")
    } else {
        ("UNDELIVERABLE", "UNDELIVERABLE_NOT_DELIVERED")
    };
    message_with(
        &format!("m{n}"),
        &[
            ("channel", channel.into()),
            ("status.groupName", group.into()),
            ("status.name", name.into()),
        ],
    )
}

/// Ten SMS of which four failed, and two PUSH that were delivered.
fn rows() -> Vec<Value> {
    let sms = (0..10).map(|n| row(n, "SMS", n >= 4));
    sms.chain((10..12).map(|n| row(n, "PUSH", true))).collect()
}

/// Statistics over these rows in a file.
fn stats_of(rows: impl IntoIterator<Item = Value>, args: &[&str]) -> Omnilogs {
    let run = omnilogs().args(["stats", "--input", "rows.json"]).args(args);
    std::fs::write(run.home().join("rows.json"), results(rows)).unwrap();
    run
}

fn stats(args: &[&str]) -> Ran {
    stats_of(rows(), args).run()
}

/// The lines that say why a run failed.
fn causes(ran: &Ran) -> Vec<&str> {
    ran.stderr.lines().filter_map(|line| line.strip_prefix("  because: ")).collect()
}

#[test]
fn a_broken_limit_ends_with_10_and_a_message_and_the_statistics_are_shown() {
    let ran = stats(&["--fail-if", "delivered<95%", "--fail-if", "messages<5"]).code(10);
    assert_eq!(ran.stdout, stats(&[]).code(0).stdout);
    assert_eq!(
        causes(&ran),
        ["66.7% delivered (8 of 12 final messages); the limit is delivered<95%"]
    );
    ran.says("error: a limit is broken\n");
}

#[test]
fn limits_that_are_not_broken_end_with_0_and_say_nothing_in_a_script() {
    let ran = stats(&["--fail-if", "delivered<50%", "--fail-if", "p90>1h"]).code(0);
    assert_eq!(ran.stderr, "");
    stats(&["--fail-if", "delivered<50%", "-v"]).code(0).says("no limit is broken");
}

#[test]
fn with_by_each_group_is_checked_and_named_in_words_and_in_json() {
    let limits = ["--by", "channel", "--fail-if", "delivered<95%", "--fail-if", "p99>=1s"];
    let ran = stats(&[&limits[..], &["-o", "json"]].concat()).code(10);
    assert_eq!(
        causes(&ran),
        [
            "channel SMS: 60% delivered (6 of 10 final messages); the limit is delivered<95%",
            "channel SMS: p99 is 1.0 s (1000 ms); the limit is p99>=1s",
            "channel PUSH: p99 is 1.0 s (1000 ms); the limit is p99>=1s",
        ]
    );
    let error = &ran.error_json()["error"];
    assert_eq!((&error["code"], &error["kind"]), (&json!(10), &json!("condition")));
    let broken = error["brokenLimits"].as_array().unwrap();
    assert_eq!(
        broken[0],
        json!({"limit": "delivered<95%", "group": {"channel": "SMS"}, "value": 0.6,
               "unit": "share", "messages": 10, "final": 10})
    );
    assert_eq!((&broken[2]["value"], &broken[2]["unit"]), (&json!(1000.0), &json!("milliseconds")));
    // The document is complete, whatever the exit status.
    let document: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(document["total"]["messages"], 12);
}

#[test]
fn a_country_with_several_country_codes_is_one_group() {
    let row = |n: usize, network: &str, delivered| {
        let mut row = row(n, "SMS", delivered);
        row["mccmnc"] = network.into();
        row
    };
    let rows = [row(0, "310410", true), row(1, "311480", false), row(2, "23415", true)];
    let words = ["--by", "country", "--fail-if", "delivered<95%", "-o", "json"];
    let ran = stats_of(rows, &words).run().code(10);
    assert_eq!(
        causes(&ran),
        [
            "country United States: 50% delivered (1 of 2 final messages); the limit is delivered<95%"
        ]
    );
    ran.says(r#""group":{"country":"United States"}"#);
}

#[test]
fn groups_that_are_not_shown_are_checked_too() {
    let ran =
        stats(&["--by", "channel", "--sort", "messages", "--top", "1", "--fail-if", "messages<5"]);
    assert_eq!(causes(&ran.code(10)), ["channel PUSH: 2 messages; the limit is messages<5"]);
}

#[test]
fn fewer_final_messages_than_the_minimum_are_never_an_alarm_and_are_named() {
    let ran = stats(&["--fail-if", "delivered<95%", "--min", "13"]).code(0);
    ran.says("delivered<95% was not checked: 12 final messages, fewer than --min 13");
    let by = ["--by", "channel", "--fail-if", "messages<11", "--min", "5"];
    let ran = stats(&by).code(10).says(
        "messages<11 was not checked for 1 group (channel PUSH): fewer than --min 5 final messages",
    );
    assert_eq!(causes(&ran).len(), 1, "{}", ran.stderr);
}

#[test]
fn a_metric_without_data_is_not_an_alarm_and_is_named() {
    for (limit, why) in [
        ("delivered<95%", "no message has a final status"),
        ("p90>1s", "no message with a final status has a latency"),
        ("cost>1", "no message has a price"),
    ] {
        let bare = json!({"channel": "SMS", "status": {"name": "PENDING_ENROUTE"}});
        let ran = stats_of([bare], &["--fail-if", limit]).run().code(0);
        ran.says(&format!("{limit} was not checked: {why}"));
    }
    stats(&["--fail-if", "cost>0.01USD"]).code(0).says("no message has a price in USD");
    stats(&["--fail-if", "cost>0.11EUR"]).code(10).says("cost 0.12 EUR; the limit is cost>0.11EUR");
}

#[test]
fn without_messages_only_a_limit_on_their_number_is_broken() {
    let empty = Server::always(Response::json(results([])));
    let run = |limit| {
        let words = ["stats", "--since", "1h", "--fail-if", limit];
        omnilogs().at(&empty.url()).args(words).run()
    };
    run("messages<1").code(10).says("0 messages; the limit is messages<1");
    run("delivered<95%").code(0).says("no message has a final status");
}

#[test]
fn a_run_that_fails_for_another_reason_is_not_an_alarm() {
    let limit =
        ["stats", "--since", "1h", "--retries", "0", "--fail-if", "messages<1000000", "-o", "json"];
    for (response, code) in [
        (Response::error("401 Unauthorized"), 4),
        (Response::error("503 Service Unavailable"), 5),
        (Response::nothing(), 6),
        (Response::new("429 Too Many Requests", &[("Retry-After", "900")], ""), 7),
        (Response::json("no rows"), 8),
        (Response::error("400 Bad Request"), 9),
    ] {
        let server = Server::always(response);
        let ran = omnilogs().at(&server.url()).args(limit).run().code(code);
        assert_eq!(ran.error_json()["error"]["brokenLimits"], Value::Null);
        assert!(!ran.stderr.contains("limit"), "{}", ran.stderr);
    }
}

#[test]
fn an_incomplete_run_ends_with_3_and_says_what_its_rows_would_break() {
    let rows = (0..1000).map(|n| seconds_before(n, "text"));
    let page = Response::json(results(rows));
    let server = Server::sequence([page, Response::error("400 Bad Request")]);
    let words =
        ["--since", "2026-11-22T10:00:00Z", "--until", "2026-11-22T11:00:00Z", "--retries", "0"];
    let run = omnilogs().at(&server.url()).args(["stats", "-o", "json"]).args(words);
    let ran = run.args(["--fail-if", "messages<100000"]).run().code(3);
    let error = &ran.error_json()["error"];
    assert_eq!((&error["kind"], &error["brokenLimits"]), (&json!("incomplete"), &Value::Null));
    ran.says("because: of the rows that were read, 1,000 messages; the limit is messages<100000");
}

#[test]
fn a_malformed_limit_is_refused_before_anything_is_sent_with_a_form_that_works() {
    let server = Server::always(Response::json(results([])));
    for (limit, what, hint) in [
        ("delivered", "delivered is not compared with anything", "'delivered<95%'"),
        ("delivered<0.95", "\"0.95\" is not a count", "'delivered<95%'"),
        ("deliverd<95%", "\"deliverd\" is not a metric", "did you mean delivered?"),
        ("p90>30", "the duration 30 has no unit", "write 30s"),
        ("-5", "\"-5\" is not a metric", "metrics: delivered, failed"),
    ] {
        let words = ["stats", "--fail-if", limit];
        let ran = omnilogs().at(&server.url()).args(words).run().code(2);
        ran.says(what).says(hint);
    }
    let words = ["stats", "--fail-if", "messages<10", "--min", "10"];
    omnilogs().at(&server.url()).args(words).run().code(2).says("is never true with --min 10");
    assert_eq!(server.targets(), [""; 0]);
}

#[test]
fn a_limit_by_sender_names_no_phone_number_on_standard_error() {
    let row = message_with("m1", &[("from", NUMBER.into())]);
    let args = ["--by", "sender", "--fail-if", "messages<5", "-o", "json"];
    let ran = stats_of([row], &args).run().code(10);
    assert!(ran.stdout.contains(NUMBER), "{}", ran.stdout);
    ran.says("sender 44********23: 1 message; the limit is messages<5");
}

#[test]
fn a_key_with_hostile_bytes_stays_one_line() {
    let sender = "x\n::error::\u{1b}[2J\u{202e}";
    let row = message_with("m1", &[("from", sender.into())]);
    let args = ["--by", "sender", "--fail-if", "messages<5", "-o", "json"];
    let ran = stats_of([row], &args).run().code(10);
    assert_eq!(causes(&ran).len(), 1, "{}", ran.stderr);
    assert!(!ran.stderr.contains(['\u{1b}', '\u{202e}']), "{}", ran.stderr);
    assert!(!ran.stderr.lines().any(|line| line.starts_with("::error::")), "{}", ran.stderr);
}

#[test]
fn of_very_many_broken_limits_the_first_are_listed_and_all_are_counted() {
    let rows =
        (0..300).map(|n| message_with(&format!("m{n}"), &[("bulkId", format!("b{n}").into())]));
    let args = ["--by", "bulkId", "--fail-if", "messages<5", "-o", "json"];
    let ran = stats_of(rows, &args).run().code(10);
    assert_eq!(ran.error_json()["error"]["brokenLimits"].as_array().unwrap().len(), 100);
    ran.says("error: 300 limits are broken\n").says("because: 200 more are not listed");
}

#[test]
fn a_file_that_cannot_be_written_is_not_an_alarm() {
    let args = ["--fail-if", "delivered<95%", "--output-file", "/nowhere/out.json"];
    stats(&args).code(1);
}

#[test]
fn a_file_of_a_run_that_breaks_a_limit_is_complete_and_in_its_place() {
    let run =
        stats_of(rows(), &["--fail-if", "delivered<95%", "-o", "csv", "--output-file", "out"]);
    let (ran, text) = {
        let home = run.home().to_owned();
        let run = run.start();
        run.end_and_inspect(|| std::fs::read_to_string(home.join("out")).unwrap())
    };
    ran.code(10);
    assert_eq!(text.lines().count(), 3, "{text}");
}

fn listing(args: &[&str]) -> Omnilogs {
    let run = omnilogs().args(["--input", "rows.json"]).args(args);
    std::fs::write(run.home().join("rows.json"), results(rows())).unwrap();
    run
}

#[test]
fn a_listing_that_shows_a_message_can_end_with_10() {
    let ran = listing(&["--failed", "--fail-on-match", "-o", "jsonl"]).run().code(10);
    assert_eq!(ran.stdout.lines().count(), 4);
    assert_eq!(ran.error_json()["error"]["kind"], "condition");
    ran.says("error: 4 messages were shown\n").says("--fail-on-match was given");
    listing(&["--pending", "--fail-on-match"]).run().code(0).says("no messages");
    listing(&["--message-id", "m1", "--fail-on-match"]).run().code(10).says("a message was shown");
}

#[test]
fn a_match_counts_after_local_filters_and_when_the_reader_closes_the_pipe() {
    listing(&["--grep", "no such text", "--fail-on-match"]).run().code(0);
    let rows = (0..2000).map(|n| row(n, "SMS", false)).collect::<Vec<_>>();
    let run = omnilogs().args(["--input", "rows.json", "--fail-on-match", "-o", "jsonl"]);
    std::fs::write(run.home().join("rows.json"), results(rows)).unwrap();
    let mut run = run.start();
    run.until_it_prints();
    run.close_output().code(10);
    // A few rows are written when the listing ends.
    let (mut command, _home) = listing(&["--fail-on-match", "-o", "jsonl"]).into_command();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    command.stdin(Stdio::null()).stdout(writer).stderr(Stdio::null());
    assert_eq!(command.status().unwrap().code(), Some(10));
}

#[test]
fn a_listing_that_fails_for_another_reason_has_no_match() {
    let page = Response::json(results((0..1000).map(|n| seconds_before(n, "text"))));
    let server = Server::sequence([page, Response::error("400 Bad Request")]);
    let words = ["--since", "2026-11-22T10:00:00Z", "--until", "2026-11-22T11:00:00Z", "--all"];
    let run = omnilogs().at(&server.url()).args(words).args(["--retries", "0", "--fail-on-match"]);
    run.run().code(3);
    let both = ["--sandbox", "--fail-on-match", "--fail-on-empty"];
    omnilogs().args(both).run().code(2).says("cannot be used with");
    omnilogs().args(["follow", "--fail-on-match"]).run().code(2).says("cannot be used with follow");
}
