//! Commands that explain, follow and wait, as a script meets them.

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::support::command::exit_code;
use crate::support::{Answer, Omnilogs, Ran, Server, omnilogs};

fn row(id: &str, sent: &str, status: &str) -> String {
    let group = status.split('_').next().unwrap();
    format!(
        r#"{{"bulkId":"b","messageId":"{id}","channel":"SMS","to":"41793026727","price":0.0100,"sentAt":"2026-11-22T12:00:{sent}.000+0000","doneAt":"2026-11-22T12:00:59.200+0000","status":{{"groupName":"{group}","name":"{status}"}}}}"#
    )
}

fn page(rows: &[String]) -> Answer {
    Answer::json(format!(r#"{{"results":[{}]}}"#, rows.join(",")))
}

/// A message that is delivered between two polls, and one that comes then.
fn changing() -> Server {
    let pending = row("m1", "55", "PENDING_ENROUTE");
    let delivered = row("m1", "55", "DELIVERED_TO_HANDSET");
    let new = row("m2", "58", "REJECTED_DND");
    Server::sequence([
        page(&[row("m0", "01", "DELIVERED_TO_HANDSET"), pending]),
        page(&[new, delivered]),
    ])
}

fn follow(server: &Server, args: &[&str]) -> Omnilogs {
    let fixed = ["follow", "--interval", "1s", "--retries", "0"];
    omnilogs().at(&server.url()).args(fixed).args(args)
}

#[test]
fn a_followed_message_is_shown_again_with_its_previous_status() {
    let server = changing();
    let ran = follow(&server, &["--for", "2s", "-o", "jsonl"]).run().code(0);
    let delivered = row("m1", "55", "DELIVERED_TO_HANDSET");
    let changed = format!(
        r#"{},"omnilogs":{{"previousStatus":"PENDING_ENROUTE"}}}}"#,
        delivered.strip_suffix('}').unwrap()
    );
    let wanted = [
        row("m0", "01", "DELIVERED_TO_HANDSET"),
        row("m1", "55", "PENDING_ENROUTE"),
        row("m2", "58", "REJECTED_DND"),
        changed,
    ];
    assert_eq!(ran.stdout.lines().collect::<Vec<_>>(), wanted);
    assert_eq!(ran.stderr, "");
    assert!(server.targets()[1].contains("sentSince="), "{:?}", server.targets());
}

#[test]
fn the_table_says_what_changed_and_every_format_can_follow() {
    let table = omnilogs()
        .at(&changing().url())
        .args(["-f", "--interval", "1s", "--for", "1s", "--columns", "messageId,status.name"])
        .run()
        .code(0);
    let last: Vec<_> = table.stdout.lines().last().unwrap().splitn(2, ' ').map(str::trim).collect();
    assert_eq!(last, ["m1", "PENDING → DELIVERED_TO_HANDSET, 4.2 s"]);
    for format in ["json", "csv", "tsv", "xml"] {
        let ran = follow(&changing(), &["--for", "1s", "-o", format]).run().code(0);
        assert_eq!(ran.stdout.matches("m1").count(), 2, "{}", ran.stdout);
        if format == "json" {
            let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
            assert_eq!(json["results"][3]["omnilogs"]["previousStatus"], "PENDING_ENROUTE");
        }
    }
}

#[test]
fn local_filters_apply_to_a_follow() {
    let ran =
        follow(&changing(), &["--for", "1s", "--pending", "-o", "csv", "--columns", "messageId"])
            .run()
            .code(0);
    assert_eq!(ran.stdout.lines().collect::<Vec<_>>(), ["messageId", "m1"]);
}

#[test]
fn a_failure_is_reported_once_and_the_follow_continues() {
    let first = page(&[row("m0", "01", "DELIVERED_TO_HANDSET")]);
    let last = page(&[row("m2", "58", "PENDING_ENROUTE"), row("m0", "01", "DELIVERED_TO_HANDSET")]);
    let down = Answer::error("503 Service Unavailable");
    let server = Server::sequence([first, down.clone(), down, last]);
    let ran = follow(&server, &["--for", "5s", "-o", "jsonl"]).run().code(0);
    assert_eq!(ran.stdout.lines().count(), 2, "{}", ran.stdout);
    assert_eq!(ran.stderr.matches("warning: HTTP 503").count(), 1, "{}", ran.stderr);
    assert_eq!(ran.stderr.matches("responds again after").count(), 1, "{}", ran.stderr);
}

#[test]
fn refused_credentials_end_a_follow_with_their_code() {
    let server = Server::always(Answer::error("401 Unauthorized"));
    for format in ["jsonl", "json", "csv", "table", "xml"] {
        let ran = follow(&server, &["-o", format]).run().code(4);
        // An empty list would look like an answer.
        assert_eq!(ran.stdout, "", "{format}");
    }
    assert_eq!(server.targets().len(), 5, "asked once for each");
}

#[test]
fn ctrl_c_ends_a_follow_with_130_after_whole_rows() {
    let server = changing();
    let command = follow(&server, &["-o", "json"]);
    let mut process = std::process::Command::new(command.command.get_program());
    process.args(command.command.get_args()).env_clear();
    for (name, value) in command.command.get_envs() {
        process.env(name, value.unwrap_or_default());
    }
    let mut child = process.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    // The first rows are flushed though the array is open.
    let mut text = Vec::new();
    stdout.read_until(b'}', &mut text).unwrap();
    let pid = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    stdout.read_to_end(&mut text).unwrap();
    assert_eq!(exit_code(child.wait().unwrap()), 130);
    let json: serde_json::Value = serde_json::from_slice(&text).unwrap();
    assert!(json["results"].as_array().unwrap().len() >= 2);
}

#[test]
fn options_without_a_meaning_for_a_follow_are_refused_before_anything_is_sent() {
    let server = changing();
    let refused = |args: &[&str]| omnilogs().at(&server.url()).args(args).run().code(2);
    refused(&["--for", "10s"]).says("--for needs follow");
    refused(&["--lookback", "10m", "--channel", "SMS"]).says("--lookback needs follow");
    refused(&["follow", "--interval", "500ms"]).says("at least 1s");
    refused(&["follow", "--all"]).says("--all does not go with follow");
    refused(&["-f", "--input", "x.json"]).says("--input does not go with follow");
    refused(&["-f", "--until", "2h"]).says("--until has passed");
    refused(&["follow", "--grep", "("]).says("--grep");
    assert_eq!(server.targets(), [""; 0]);
}

fn wait(server: &Server, args: &[&str]) -> Omnilogs {
    let fixed = ["wait", "--interval", "1s", "--settle", "0s", "--retries", "0", "-o", "jsonl"];
    omnilogs().at(&server.url()).args(fixed).args(args)
}

#[test]
fn the_bar_of_a_wait_counts_by_group_where_statuses_have_no_room() {
    let rows = [
        row("m1", "55", "PENDING_WAITING_DELIVERY"),
        row("m2", "55", "PENDING_ENROUTE"),
        row("m3", "55", "UNDELIVERABLE_NOT_DELIVERED"),
        row("m4", "55", "DELIVERED_TO_OPERATOR"),
    ];
    for (columns, bar) in
        [(80, "1/5 · 1 never shown · 2 PENDING · "), (200, " · 1 PENDING_ENROUTE")]
    {
        let server = Server::always(page(&rows));
        let ids = ["--message-id", "m1,m2,m3,m4,m5", "--timeout", "20s", "--columns", "messageId"];
        let command = omnilogs().at(&server.url()).args(["wait", "--interval", "1s"]).args(ids);
        let mut screen = command.on_terminal(columns);
        screen.until(bar);
        screen.type_in("\x03");
        screen.end().code(130);
    }
}

#[test]
fn there_is_one_request_however_short_the_time() {
    let delivered = row("m1", "55", "DELIVERED_TO_HANDSET");
    let server = Server::always(page(std::slice::from_ref(&delivered)));
    let waited = wait(&server, &["--message-id", "m1", "--timeout", "0s"]).run().code(0);
    assert_eq!(waited.stdout, format!("{delivered}\n"));
    let followed = follow(&server, &["--for", "0s", "-o", "jsonl"]).run().code(0);
    assert_eq!(followed.stdout, format!("{delivered}\n"));
}

#[test]
fn a_refused_word_is_answered_with_one_that_works() {
    let refused = |args: &[&str], says: &str| {
        omnilogs().args(args).run().code(2).says(says);
    };
    refused(&["follow", "--for", "5x"], "write a duration such as 500ms, 90s, 15m");
    refused(&["follow", "--interval", "5"], "for seconds write 5s");
    refused(&["explain"], "omnilogs explain EC_ABSENT_SUBSCRIBER 5 PENDING");
    refused(&["explain", "EC_ABSENT_SUBSCRIBR"], "omnilogs explain EC_ABSENT_SUBSCRIBER");
    refused(&["stats", "--by", "chanel"], "did you mean channel?");
    refused(&["wait"], "omnilogs wait --message-id ID,ID");
    refused(&["wait", "--message-id", "a b"], "one with a blank in it");
    refused(&["wait", "--message-id", "a,,b"], "--message-id ID,ID");
}

#[test]
fn a_wait_ends_with_0_when_all_are_delivered() {
    let server = Server::sequence([
        page(&[row("m1", "55", "PENDING_ENROUTE")]),
        page(&[row("m1", "55", "DELIVERED_TO_HANDSET")]),
    ]);
    let ran = wait(&server, &["--message-id", "m1"]).run().code(0);
    assert_eq!(ran.stdout, row("m1", "55", "DELIVERED_TO_HANDSET") + "\n");
    assert!(server.targets()[0].contains("messageId=m1"), "{:?}", server.targets());
}

#[test]
fn a_wait_ends_with_10_when_some_were_not_delivered() {
    let server = Server::always(page(&[
        row("m1", "55", "DELIVERED_TO_HANDSET"),
        row("m2", "56", "UNDELIVERABLE_NOT_DELIVERED"),
    ]));
    let ran = wait(&server, &["--bulk-id", "b"]).run().code(10);
    assert_eq!(ran.stdout.lines().count(), 2);
    assert_eq!(ran.error_json()["error"]["code"], 10);
    // Two polls in a row must show the same.
    assert_eq!(server.targets().len(), 2);
}

#[test]
fn a_wait_whose_time_runs_out_names_what_is_pending_and_what_was_never_shown() {
    let server = Server::always(page(&[row("m1", "55", "PENDING_ENROUTE")]));
    wait(&server, &["--message-id", "m1,m2", "--timeout", "1s"])
        .run()
        .code(3)
        .says("not final yet: m1\n")
        .says("never shown by the API: m2\n");
}

#[test]
fn a_wait_without_ids_explains_itself() {
    omnilogs().args(["wait"]).run().code(2).says("wait needs ids").says("--message-id ID,ID");
    omnilogs().args(["wait", "--message-id", "a b"]).run().code(2).says("--message-id");
    omnilogs().args(["wait", "--message-id", "a", "--bulk-id", "b"]).run().code(2);
}

#[test]
fn codes_are_explained_without_an_account() {
    let ran = omnilogs().args(["explain", "5", "pending"]).run().code(0);
    for name in ["DELIVERED_TO_HANDSET", "EC_UNIDENTIFIED_SUBSCRIBER", "PENDING  status group 1"] {
        assert!(ran.stdout.contains(name), "{}", ran.stdout);
    }
    let ran = omnilogs().args(["explain", "EC_ABSENT_SUBSCRIBR", "-o", "json"]).run().code(2);
    assert_eq!(ran.stdout, "");
    assert_eq!(ran.error_json()["error"]["kind"], "usage");
    ran.says("omnilogs explain EC_ABSENT_SUBSCRIBER");
    omnilogs().args(["explain"]).run().code(2);
    let list = omnilogs().args(["explain", "--list", "-o", "csv"]).run().code(0);
    // Groups of statuses, statuses, groups of errors, errors, and the header.
    assert_eq!(list.stdout.lines().count(), 6 + 64 + 11 + 394 + 1);
}

#[test]
fn every_id_that_is_not_decided_when_time_runs_out_is_named() {
    let ids: Vec<_> = (0..150).map(|n| format!("never-{n:03}")).collect();
    let server = Server::always(page(&[]));
    let ran = omnilogs()
        .at(&server.url())
        .args(["wait", "--timeout", "0s", "--message-id", &ids.join(",")])
        .run()
        .code(3);
    for id in &ids {
        assert!(ran.stderr.contains(id.as_str()), "{id}: {}", ran.stderr);
    }
}

#[test]
fn a_timeout_is_the_time_of_a_wait_and_a_request_timeout_that_of_one_attempt() {
    let server = Server::always(page(&[row("m1", "55", "DELIVERED_TO_HANDSET")]));
    for args in [
        &["wait", "--message-id", "m1", "--timeout", "20s", "--request-timeout", "10s"][..],
        &["--request-timeout", "10s", "wait", "--message-id", "m1", "--timeout", "20s"],
        &["--request-timeout", "10s", "--message-id", "m1"],
    ] {
        omnilogs().at(&server.url()).args(args).run().code(0);
    }
    // Before the command, it would mean one attempt to some and the whole wait to others.
    for args in [&["--timeout", "2s", "wait", "--message-id", "m1"][..], &["--timeout", "2s"]] {
        let ran = omnilogs().at(&server.url()).args(args).run().code(2);
        ran.says("unexpected argument '--timeout'").says("--request-timeout limits one attempt");
    }
    assert_eq!(server.targets().len(), 3);
}

/// A server that accepts every request after this many and never responds.
fn silent_after(count: usize, answer: Answer) -> Server {
    Server::start(move |n, _| {
        if n < count {
            return answer.clone();
        }
        Answer::nothing().then_pause(Duration::from_secs(60))
    })
}

/// How long a run took.
fn timed(run: Omnilogs) -> (Ran, Duration) {
    let started = Instant::now();
    let ran = run.run();
    (ran, started.elapsed())
}

#[test]
fn a_follow_of_a_server_that_never_responds_ends_in_its_time_with_the_code_of_the_error() {
    let server = silent_after(0, Answer::nothing());
    for format in ["jsonl", "json", "table"] {
        let (ran, took) = timed(follow(&server, &["--for", "2s", "-o", format]));
        let ran = ran.code(6);
        // Far less than the 60 seconds that one attempt may take.
        assert!(took < Duration::from_secs(30), "{took:?}");
        assert_eq!(ran.stdout, "", "{format}");
        ran.says("sent no complete response within ");
    }
}

#[test]
fn a_follow_of_a_server_that_falls_silent_ends_as_incomplete() {
    let server = silent_after(1, page(&[row("m1", "55", "PENDING_ENROUTE")]));
    let (ran, took) = timed(follow(&server, &["--for", "3s", "-o", "jsonl"]));
    assert!(took < Duration::from_secs(30), "{took:?}");
    let ran = ran.code(3);
    assert_eq!(ran.stdout.lines().count(), 1);
    assert_eq!(ran.error_json()["error"]["kind"], "incomplete");
    ran.says("incomplete: messages after ").says("may be missing").says("omnilogs --all --since '");
}

#[test]
fn a_follow_of_a_server_that_drips_bytes_ends_in_its_time() {
    let each = Duration::from_millis(20);
    let start = "HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n";
    let server = Server::always(Answer::raw(start).then_for_ever(" ", each));
    let (ran, took) = timed(follow(&server, &["--for", "2s", "-o", "jsonl"]));
    assert!(took < Duration::from_secs(30), "{took:?}");
    ran.code(6);
}

#[test]
fn a_follow_that_is_throttled_beyond_its_time_ends_at_once_with_the_seconds() {
    let throttled = Answer::new("429 Too Many Requests", &[("Retry-After", "600")], "");
    let server = Server::always(throttled.clone());
    let (ran, took) = timed(follow(&server, &["--for", "50s", "-o", "jsonl"]));
    assert!(took < Duration::from_secs(30), "{took:?}");
    assert_eq!(ran.code(7).error_json()["error"]["retryAfterSeconds"], 600);
    assert_eq!(server.targets().len(), 1);
    let server = Server::sequence([page(&[row("m1", "55", "PENDING_ENROUTE")]), throttled]);
    let (ran, took) = timed(follow(&server, &["--for", "50s", "-o", "jsonl"]));
    assert!(took < Duration::from_secs(30), "{took:?}");
    assert_eq!(ran.code(3).error_json()["error"]["retryAfterSeconds"], 600);
}

#[test]
fn a_wait_for_a_server_that_never_responds_ends_in_its_time_with_the_code_of_the_error() {
    let server = silent_after(0, Answer::nothing());
    let (ran, took) = timed(wait(&server, &["--message-id", "m1", "--timeout", "2s"]));
    assert!(took < Duration::from_secs(30), "{took:?}");
    let ran = ran.code(6);
    assert!(!ran.stderr.contains("never shown"), "{}", ran.stderr);
}

#[test]
fn a_wait_for_a_server_that_falls_silent_names_what_is_pending_and_what_failed() {
    let server = silent_after(1, page(&[row("m1", "55", "PENDING_ENROUTE")]));
    let (ran, took) = timed(wait(&server, &["--message-id", "m1", "--timeout", "3s"]));
    assert!(took < Duration::from_secs(30), "{took:?}");
    ran.code(3).says("not final yet: m1").says("the last poll failed: ");
}

#[test]
fn a_failover_that_delivers_after_the_first_channel_failed_is_a_delivery() {
    let viber = row("m1", "55", "UNDELIVERABLE_NOT_DELIVERED").replace("SMS", "VIBER");
    let (pending, delivered) =
        (row("m1", "57", "PENDING_ENROUTE"), row("m1", "57", "DELIVERED_TO_HANDSET"));
    let both = |sms: &String| page(&[sms.clone(), viber.clone()]);
    let first = page(std::slice::from_ref(&viber));
    let server = Server::sequence([first.clone(), first, both(&pending), both(&delivered)]);
    let command = ["wait", "--interval", "1s", "-o", "jsonl", "--message-id", "m1"];
    let ran = omnilogs().at(&server.url()).args(command).run().code(0);
    assert_eq!(ran.stdout, format!("{viber}\n{delivered}\n"));
    // The verdict is there when the time of the wait is over before the failure has settled.
    let server = Server::always(page(&[viber]));
    let ran = omnilogs().at(&server.url()).args(command).args(["--timeout", "2s"]).run();
    ran.code(10);
}

#[test]
fn a_reader_that_leaves_does_not_change_the_verdict_of_a_wait() {
    let (delivered, failed, pending) = (
        row("m1", "55", "DELIVERED_TO_HANDSET"),
        row("m2", "56", "UNDELIVERABLE_NOT_DELIVERED"),
        row("m2", "56", "PENDING_ENROUTE"),
    );
    let first = page(&[delivered.clone(), pending.clone()]);
    for (last, code) in [(failed, 10), (row("m2", "56", "DELIVERED_TO_HANDSET"), 0), (pending, 3)] {
        for format in ["jsonl", "json", "table", "csv", "xml"] {
            let pages = [first.clone(), page(&[delivered.clone(), last.clone()])];
            let server = Server::sequence(pages);
            let ids = ["--message-id", "m1,m2", "--timeout", "3s", "-o", format];
            let command = omnilogs().at(&server.url()).args(["wait", "--interval", "1s"]);
            let ran = command.args(["--settle", "0s"]).args(ids).start().close_output();
            ran.code(code);
        }
    }
}

#[test]
fn an_interrupted_follow_says_what_it_showed_and_no_error() {
    for signal in [Signal::INT, Signal::TERM] {
        let server = changing();
        let mut run = follow(&server, &["-o", "jsonl"]).start();
        run.until_printing();
        run.until(|| server.targets().len() > 2);
        run.signal(signal);
        let ran = run.end();
        assert_eq!(ran.stdout.lines().count(), 4);
        assert!(!ran.stderr.contains("error"), "{}", ran.stderr);
        ran.says("followed: 3 messages, 1 change");
    }
}

#[test]
fn a_lowered_pace_is_reported_once() {
    let server = Server::always(Answer::new("429 Too Many Requests", &[("Retry-After", "1")], ""));
    let args = ["--interval", "1s", "--rate", "8/m", "--retries", "3", "--for", "6s"];
    let ran = omnilogs().at(&server.url()).args(["follow"]).args(args).run().code(7);
    assert_eq!(ran.stderr.matches("HTTP 429: the pace is down to ").count(), 1, "{}", ran.stderr);
}

#[test]
fn what_was_sent_before_a_follow_that_found_nothing_does_not_come_as_new() {
    let at_half = [("Date", "Sun, 22 Nov 2026 12:00:30 GMT"), ("Content-Type", "application/json")];
    let empty = Answer::new("200 OK", &at_half, r#"{"results":[]}"#);
    let rows = page(&[row("new", "31", "PENDING_ENROUTE"), row("old", "29", "PENDING_ENROUTE")]);
    let server = Server::sequence([empty, rows]);
    let ran = follow(&server, &["--for", "2s", "-o", "csv", "--columns", "messageId"]).run();
    assert_eq!(ran.code(0).stdout.lines().collect::<Vec<_>>(), ["messageId", "new"]);
    let second = &server.targets()[1];
    assert!(second.contains("sentSince=2026-11-22T12:00:30.000"), "{second}");
}
