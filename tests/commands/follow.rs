//! `omnilogs follow`: new messages and changes, its end in time, and its exit status.

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;
use std::time::Duration;

use rustix::process::Signal;

use crate::support::command::exit_code;
use crate::support::documentation::file;
use crate::support::messages::{message_with, results};
use crate::support::{Omnilogs, Ran, Response, Server, at_once, omnilogs};

pub(super) fn row(id: &str, sent: &str, status: &str) -> String {
    let group = status.split('_').next().unwrap();
    format!(
        r#"{{"bulkId":"b","messageId":"{id}","channel":"SMS","to":"41793026727","price":0.0100,"sentAt":"2026-11-22T12:00:{sent}.000+0000","doneAt":"2026-11-22T12:00:59.200+0000","status":{{"groupName":"{group}","name":"{status}"}}}}"#
    )
}

pub(super) fn page(rows: &[String]) -> Response {
    Response::json(format!(r#"{{"results":[{}]}}"#, rows.join(",")))
}

/// A message that is delivered between two polls, and a new message.
pub(super) fn changing() -> Server {
    let pending = row("m1", "55", "PENDING_ENROUTE");
    let delivered = row("m1", "55", "DELIVERED_TO_HANDSET");
    let new = row("m2", "58", "REJECTED_DND");
    Server::sequence([
        page(&[row("m0", "01", "DELIVERED_TO_HANDSET"), pending]),
        page(&[new, delivered]),
    ])
}

pub(super) fn follow(server: &Server, args: &[&str]) -> Omnilogs {
    let fixed = ["follow", "--interval", "1s", "--retries", "0", "--request-timeout", "1h"];
    omnilogs().at(&server.url()).args(fixed).args(args)
}

/// A follow that is interrupted after this many responses have been handled.
fn interrupted_after(polls: usize, server: &Server, args: &[&str]) -> Ran {
    let run = follow(server, args).start();
    // The next request shows that the response before it has been handled.
    run.until(|| server.targets().len() > polls);
    run.signal(Signal::INT);
    run.end().code(130)
}

#[test]
fn a_followed_message_is_shown_again_with_its_previous_status() {
    let server = changing();
    let ran = interrupted_after(2, &server, &["-o", "jsonl"]);
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
    assert!(!ran.stderr.contains("warning"), "{}", ran.stderr);
    assert!(server.targets()[1].contains("sentSince="), "{:?}", server.targets());
}

#[test]
fn the_table_says_what_changed_and_every_format_can_follow() {
    let columns = ["--columns", "messageId,status.name"];
    let table = interrupted_after(2, &changing(), &columns);
    let last: Vec<_> = table.stdout.lines().last().unwrap().splitn(2, ' ').map(str::trim).collect();
    assert_eq!(last, ["m1", "PENDING → DELIVERED_TO_HANDSET, 4.2 s"]);
    at_once(["json", "csv", "tsv", "xml"], |format| {
        let ran = interrupted_after(2, &changing(), &["-o", format]);
        assert_eq!(ran.stdout.matches("m1").count(), 2, "{}", ran.stdout);
        if format == "json" {
            let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
            assert_eq!(json["results"][3]["omnilogs"]["previousStatus"], "PENDING_ENROUTE");
        }
    });
}

#[test]
fn local_filters_apply_to_a_follow() {
    let args = ["--error", "dnd", "-o", "csv", "--columns", "messageId"];
    let ran = interrupted_after(2, &changing(), &args);
    assert_eq!(ran.stdout.lines().collect::<Vec<_>>(), ["messageId", "m2"]);
    // What is not shown is not counted.
    ran.says("followed: 1 message: 1 failed · 0 changes");
}

#[test]
fn a_follow_with_a_local_filter_starts_with_the_requested_number_of_matches() {
    let delivered =
        |n: usize| row(&format!("d{n}"), &format!("{:02}", 40 - n), "DELIVERED_TO_HANDSET");
    let failed = |n: usize| row(&format!("f{n}"), &format!("{:02}", 20 - n), "REJECTED_DND");
    let rows: Vec<_> = (0..15).map(delivered).chain((0..5).map(failed)).collect();
    let server = Server::always(page(&rows));
    let args = ["--error", "rejected", "--limit", "3", "-o", "csv", "--columns", "messageId"];
    let ran = interrupted_after(1, &server, &args);
    assert_eq!(ran.stdout.lines().collect::<Vec<_>>(), ["messageId", "f2", "f1", "f0"]);
}

#[test]
fn each_poll_requests_every_combination_of_several_values() {
    let server = Server::always(page(&[]));
    let args = ["--failed", "-c", "sms,push", "-v"];
    let ran = interrupted_after(6, &server, &args);
    let requested = |group: &str, channel: &str| {
        let has = |target: &&String| {
            target.contains(&format!("generalStatus={group}"))
                && target.contains(&format!("channel={channel}"))
        };
        server.targets().iter().take(6).filter(has).count()
    };
    for group in ["UNDELIVERABLE", "EXPIRED", "REJECTED"] {
        assert_eq!((requested(group, "SMS"), requested(group, "PUSH")), (1, 1), "{group}");
    }
    // 6 requests each second are more than 120 per minute.
    ran.says("6 requests for each page: 2 channels × 3 status groups")
        .says("120 per minute are allowed");
}

#[test]
fn a_failure_is_reported_once_and_the_follow_continues() {
    let first = page(&[row("m0", "01", "DELIVERED_TO_HANDSET")]);
    let last = page(&[row("m2", "58", "PENDING_ENROUTE"), row("m0", "01", "DELIVERED_TO_HANDSET")]);
    let down = Response::error("503 Service Unavailable");
    let server = Server::sequence([first, down.clone(), down, last]);
    let ran = interrupted_after(4, &server, &["-o", "jsonl"]);
    assert_eq!(ran.stdout.lines().count(), 2, "{}", ran.stdout);
    assert_eq!(ran.stderr.matches("warning: HTTP 503").count(), 1, "{}", ran.stderr);
    assert_eq!(ran.stderr.matches("responds again after").count(), 1, "{}", ran.stderr);
}

#[test]
fn refused_credentials_end_a_follow_with_their_code() {
    let server = Server::always(Response::error("401 Unauthorized"));
    for format in ["jsonl", "json", "csv", "table", "xml"] {
        let ran = follow(&server, &["-o", format]).run().code(4);
        // An empty list would look like a result.
        assert_eq!(ran.stdout, "", "{format}");
    }
    assert_eq!(server.targets().len(), 5, "one request for each");
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
    // The first rows are flushed before the array is closed.
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
    refused(&["--for", "10s"]).says("--for works with follow only");
    refused(&["--lookback", "10m", "--channel", "SMS"]).says("--lookback works with follow only");
    refused(&["follow", "--interval", "500ms"]).says("shorter than 1s");
    refused(&["follow", "--all"]).says("--all cannot be used with follow");
    refused(&["-f", "--input", "x.json"]).says("--input cannot be used with follow");
    for option in [&["--resume"][..], &["--manifest", "m.json"], &["--sort", "to"], &["-a"]] {
        for words in [&["follow"][..], &["-f"], &["list", "-f"]] {
            refused(&[words, option].concat()).says("cannot be used with follow");
        }
    }
    refused(&["-f", "--until", "2h"]).says("--until is in the past");
    refused(&["follow", "--grep", "("]).says("--grep");
    assert_eq!(server.targets(), [""; 0]);
}

/// A server that responds to this number of requests, and accepts all later ones without a response.
pub(super) fn silent_after(count: usize, response: Response) -> Server {
    Server::start(move |n, _| {
        if n < count {
            return response.clone();
        }
        Response::nothing().then_pause(Duration::from_secs(3600))
    })
}

/// K18.
#[test]
fn a_follow_of_a_server_that_never_responds_ends_in_its_time_with_the_code_of_the_error() {
    let server = silent_after(0, Response::nothing());
    at_once(["jsonl", "json", "table"], |format| {
        let ran = follow(&server, &["--for", "2s", "-o", format]).run();
        let ran = ran.code(6);
        assert_eq!(ran.stdout, "", "{format}");
        ran.says("sent no complete response within ");
    });
}

/// A mistyped number looks like a quiet log.
#[test]
fn a_follow_that_showed_nothing_names_the_filters_as_they_were_sent() {
    let server = Server::always(page(&[]));
    let args = ["--for", "1s", "--to", "+44 20 1234 5678 99", "-c", "sms"];
    let ran = follow(&server, &args).run().code(0);
    ran.says("no messages were shown with destination 44**********99, channel SMS");
    let server = Server::always(page(&[row("m1", "55", "PENDING_ENROUTE")]));
    let ran = follow(&server, &["--for", "1s", "--to", "41793026727"]).run().code(0);
    assert!(!ran.stderr.contains("no messages"), "{}", ran.stderr);
}

/// K18.
#[test]
fn a_follow_of_a_server_that_stops_responding_ends_as_incomplete() {
    let server = silent_after(1, page(&[row("m1", "55", "PENDING_ENROUTE")]));
    let ran = follow(&server, &["--for", "5s", "-o", "jsonl"]).run();
    let ran = ran.code(3);
    assert_eq!(ran.stdout.lines().count(), 1);
    assert_eq!(ran.error_json()["error"]["kind"], "incomplete");
    ran.says("incomplete: messages after ").says("may be missing").says("omnilogs --all --since '");
}

#[test]
fn a_follow_of_a_server_that_sends_single_bytes_ends_in_its_time() {
    let each = Duration::from_millis(20);
    let start = "HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n";
    let server = Server::always(Response::raw(start).then_repeat(" ", each));
    let ran = follow(&server, &["--for", "2s", "-o", "jsonl"]).run();
    ran.code(6);
}

#[test]
fn a_follow_that_is_throttled_beyond_its_time_ends_at_once_with_the_seconds() {
    let throttled = Response::new("429 Too Many Requests", &[("Retry-After", "600")], "");
    let server = Server::always(throttled.clone());
    let ran = follow(&server, &["--for", "50s", "-o", "jsonl"]).run();
    assert_eq!(ran.code(7).error_json()["error"]["retryAfterSeconds"], 600);
    assert_eq!(server.targets().len(), 1);
    let server = Server::sequence([page(&[row("m1", "55", "PENDING_ENROUTE")]), throttled]);
    let ran = follow(&server, &["--for", "50s", "-o", "jsonl"]).run();
    assert_eq!(ran.code(3).error_json()["error"]["retryAfterSeconds"], 600);
}

#[test]
fn an_interrupted_follow_counts_what_it_showed_and_reports_no_error() {
    at_once([Signal::INT, Signal::TERM], |signal| {
        let server = changing();
        let mut run = follow(&server, &["-o", "jsonl"]).start();
        run.until_it_prints();
        run.until(|| server.targets().len() > 2);
        run.signal(signal);
        let ran = run.end();
        assert_eq!(ran.stdout.lines().count(), 4);
        assert!(!ran.stderr.contains("error"), "{}", ran.stderr);
        ran.says("followed: 3 messages: 2 delivered, 1 failed · 1 change");
    });
}

#[test]
fn a_lowered_pace_is_reported_once() {
    let server =
        Server::always(Response::new("429 Too Many Requests", &[("Retry-After", "1")], ""));
    let args = ["follow", "--interval", "1s", "--rate", "8/m", "--retries", "3"];
    let mut run = omnilogs().at(&server.url()).args(args).start();
    run.until(|| server.targets().len() > 1);
    run.until_stderr_contains("slowing down to");
    run.signal(Signal::INT);
    let ran = run.end().code(130);
    assert_eq!(ran.stderr.matches("HTTP 429: slowing down to ").count(), 1, "{}", ran.stderr);
}

/// K20.
#[test]
fn messages_sent_before_a_follow_that_found_nothing_are_not_shown_as_new() {
    let at_half = [("Date", "Sun, 22 Nov 2026 12:00:30 GMT"), ("Content-Type", "application/json")];
    let empty = Response::new("200 OK", &at_half, r#"{"results":[]}"#);
    let rows = page(&[row("new", "31", "PENDING_ENROUTE"), row("old", "29", "PENDING_ENROUTE")]);
    let server = Server::sequence([empty, rows]);
    let ran = interrupted_after(2, &server, &["-o", "csv", "--columns", "messageId"]);
    assert_eq!(ran.stdout.lines().collect::<Vec<_>>(), ["messageId", "new"]);
    let second = &server.targets()[1];
    assert!(second.contains("sentSince=2026-11-22T12:00:30.000"), "{second}");
}

/// Messages of today, with the statuses that the first, the second and the third poll find.
fn sample() -> Server {
    const DAY: i64 = 86_400;
    const NO_ERROR: [&str; 2] = ["OK", "NO_ERROR"];
    let now = || chrono::Utc::now().timestamp();
    // The program must start on the day of the messages, whose date is shown on any other day.
    while now() % DAY > DAY - 30 {
        std::thread::sleep(Duration::from_secs(1));
    }
    let started = now();
    let row = |to: &str, seconds: i64, millis: i64, status: [&str; 2], error: [&str; 2]| {
        let sent = (started - seconds).max(started - started % DAY) * 1000;
        let time = |at: i64| chrono::DateTime::from_timestamp_millis(at).unwrap().to_rfc3339();
        let fields = [
            ("to", to.into()),
            ("sentAt", time(sent).into()),
            ("doneAt", time(sent + millis).into()),
            ("status.groupName", status[0].into()),
            ("status.name", status[1].into()),
            ("error.groupName", error[0].into()),
            ("error.name", error[1].into()),
        ];
        message_with(to, &fields)
    };
    let delivered = ["DELIVERED", "DELIVERED_TO_HANDSET"];
    let barred = ["UNDELIVERABLE", "UNDELIVERABLE_NOT_DELIVERED"];
    let last = |status| row("3850000153", 1, 6500, status, NO_ERROR);
    let at_first = [
        last(["PENDING", "PENDING_ENROUTE"]),
        row("41793026727", 98, 900, barred, ["HANDSET_ERRORS", "EC_CALL_BARRED"]),
        row("12025550127", 157, 3900, delivered, NO_ERROR),
        row("447700900117", 183, 6100, delivered, NO_ERROR),
    ];
    let accepted = last(["PENDING", "DELIVERED_TO_OPERATOR"]);
    let pages = [results(at_first), results([accepted]), results([last(delivered)])];
    Server::sequence(pages.map(Response::json))
}

#[test]
fn the_reference_shows_what_a_follow_prints() {
    let page = file("docs/reference.md");
    let (command, shown) = page.split_once("```console\n$ ").unwrap().1.split_once('\n').unwrap();
    let (shown, _) = shown.split_once("```").unwrap();
    let server = sample();
    let words = command.split_whitespace().skip(1).filter(|word| *word != "--sandbox");
    let mut run = omnilogs().at(&server.url()).args(words).args(["--utc"]).on_terminal(80);
    run.until("6.5 s");
    run.type_in("\u{3}");
    let lines = run.end().code(130).lines();
    let without_time = |line: &str| {
        let has_time = line.get(..8).is_some_and(|start| start.matches(':').count() == 2);
        if has_time { format!("hh:mm:ss{}", &line[8..]) } else { line.to_owned() }
    };
    let printed = lines.iter().map(|line| without_time(line)).take(shown.lines().count());
    assert_eq!(printed.collect::<Vec<_>>(), shown.lines().map(without_time).collect::<Vec<_>>());
}
