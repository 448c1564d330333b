//! Ctrl-C and SIGTERM while the program waits, fetches and prints.

use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;

use crate::support::messages::{many, message, results, seconds_before};
use crate::support::model::{ServerBehavior, serve};
use crate::support::running::Running;
use crate::support::{Response, Server, omnilogs};

/// More rows than pipes and buffers can hold.
const ROWS: usize = 800;

pub(super) const ENDS: [(Signal, i32, &str); 2] =
    [(Signal::INT, 130, "interrupted"), (Signal::TERM, 143, "terminated")];

fn throttling() -> Server {
    Server::always(Response::new("429 Too Many Requests", &[("Retry-After", "50")], ""))
}

/// A response that starts and never continues.
pub(super) fn stalled() -> Response {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{";
    Response::raw(head).then_pause(Duration::from_secs(3600))
}

fn stalling() -> Server {
    Server::always(stalled())
}

/// C25.
#[test]
fn a_signal_ends_the_wait_for_a_throttled_server() {
    for (signal, code, kind) in ENDS {
        let server = throttling();
        let mut run = omnilogs().at(&server.url()).args(["-v", "-o", "json"]).start();
        run.until_stderr_contains("attempt 1 failed");
        run.signal(signal);
        let ran = run.end().code(code);
        assert_eq!(ran.error_json()["error"]["kind"], kind);
        assert_eq!(server.targets().len(), 1);
    }
}

/// C25.
#[test]
fn a_signal_ends_the_wait_for_a_response_that_does_not_arrive() {
    for (signal, code, kind) in ENDS {
        let server = stalling();
        let run = omnilogs().at(&server.url()).args(["-o", "json"]).start();
        run.until(|| server.targets().len() == 1);
        run.signal(signal);
        let ran = run.end().code(code);
        assert_eq!(ran.error_json()["error"]["kind"], kind);
    }
}

/// A run that received a signal after it started to print more than pipes and buffers can hold.
fn interrupted_while_printing(format: &str, signal: Signal) -> Running {
    let server = Server::always(Response::json(many(ROWS)));
    let mut run = omnilogs().at(&server.url()).args(["-o", format, "-n", "1000"]).start();
    run.until_it_prints();
    run.stop(signal);
    run
}

/// C25.
#[test]
fn a_signal_ends_the_printing_at_a_whole_row() {
    for (signal, code, _) in ENDS {
        let ran = interrupted_while_printing("jsonl", signal).end().code(code);
        assert!(ran.stdout.ends_with('\n'));
        let rows = ran.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let ids: Vec<_> = rows.map(|row| row["messageId"].as_str().unwrap().to_owned()).collect();
        let wanted: Vec<_> = (0..ids.len()).map(|n| format!("m{n}")).collect();
        assert_eq!(ids, wanted);
        assert!(ids.len() < ROWS, "all rows were printed");
    }
}

/// C25.
#[test]
fn an_interrupted_document_is_closed() {
    for (signal, code, _) in ENDS {
        let ran = interrupted_while_printing("json", signal).end().code(code);
        let document: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert!(document["results"].as_array().unwrap().len() < ROWS);
        let ran = interrupted_while_printing("xml", signal).end().code(code);
        let count = |tag: &str| ran.stdout.matches(tag).count();
        assert_eq!(count("<results>"), count("</results>"));
        assert!(ran.stdout.ends_with("</omniLogsResponse>\n") && count("<results>") < ROWS);
    }
}

/// C25. The output of a jq program for a row is printed completely.
#[test]
fn an_interrupted_jq_program_has_printed_whole_rows() {
    let server = Server::always(Response::json(many(ROWS)));
    let words = ["-o", "jsonl", "-n", "1000", "--jq", "[.messageId, .text]"];
    let mut run = omnilogs().at(&server.url()).args(words).start();
    run.until_it_prints();
    run.stop(Signal::INT);
    let ran = run.end().code(130);
    let rows = ran.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    assert!(
        (1..ROWS).contains(&rows.map(|row| assert_eq!(row.as_array().unwrap().len(), 2)).count())
    );
}

/// C25.
#[test]
fn an_interrupted_csv_ends_with_a_whole_line() {
    for format in ["csv", "tsv"] {
        let ran = interrupted_while_printing(format, Signal::TERM).end().code(143);
        let last = ran.stdout.lines().last().unwrap();
        assert!(ran.stdout.ends_with('\n') && last.contains("long text"), "{format}: {last}");
        assert!(ran.stdout.lines().count() < ROWS, "{format}");
    }
}

/// C25. A table is printed page by page, so the current page is the last.
#[test]
fn an_interrupted_table_ends_with_its_page() {
    // A page fills the pipe.
    let long = "long text ".repeat(40);
    let held = (0..300).map(|n| seconds_before(n, &long)).collect();
    let server = serve(held, ServerBehavior { cap: 100, ..ServerBehavior::default() });
    let words = ["--all", "--until", "2026-11-22T12:00:00Z"];
    let mut run = omnilogs().at(&server.url()).args(words).start();
    run.until_it_prints();
    run.stop(Signal::TERM);
    let ran = run.end().code(143);
    let last = ran.stdout.lines().last().unwrap();
    assert!(ran.stdout.ends_with('\n') && last.contains("long text"), "{last}");
    assert!([101, 201].contains(&ran.stdout.lines().count()), "{}", ran.stdout.lines().count());
}

/// C25.
#[test]
fn a_second_signal_ends_the_run_at_once_although_its_output_is_not_read() {
    for (signal, code, _) in ENDS {
        let run = interrupted_while_printing("jsonl", signal);
        assert_eq!(run.signal_until_it_ends(signal), code);
    }
}

/// C25.
#[test]
fn an_interrupted_run_leaves_the_old_output_file() {
    let server = stalling();
    let run = omnilogs().at(&server.url());
    let path = run.home().join("out");
    std::fs::write(&path, "old").unwrap();
    let run = run.args(["--output-file", "out"]).start();
    run.until(|| server.targets().len() == 1);
    run.signal(Signal::INT);
    let folder = run.home().to_owned();
    let (ran, seen) = run.end_and_inspect(|| {
        let names = std::fs::read_dir(&folder).unwrap();
        let names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
        (std::fs::read_to_string(&path).unwrap(), names)
    });
    ran.code(130);
    assert_eq!(seen, ("old".to_owned(), vec!["out".into()]));
}

/// C25.
#[test]
fn ctrl_c_on_a_terminal_ends_the_countdown_and_leaves_the_terminal_as_it_was() {
    let server = throttling();
    let mut run = omnilogs().at(&server.url()).env("TERM", "xterm").on_terminal(80);
    run.until("throttled: next request in ");
    run.type_in("\x03");
    let screen = run.end().code(130);
    assert!(screen.cursor_is_shown());
    let lines = screen.lines();
    let left = |line: &&String| line.contains("throttled: next");
    assert_eq!(lines.iter().find(left), None, "the countdown stays: {lines:#?}");
    assert!(lines.iter().any(|line| line.ends_with("error: interrupted")), "{lines:#?}");
}

/// C25.
#[test]
fn the_countdown_on_a_terminal_is_removed_before_the_rows_are_printed() {
    let server = Server::sequence([
        Response::new("429 Too Many Requests", &[("Retry-After", "2")], ""),
        Response::json(results([message("m1", "hello")])),
    ]);
    let mut run = omnilogs().at(&server.url()).env("TERM", "xterm").on_terminal(80);
    run.until("next request in ");
    let screen = run.end().code(0);
    let lines = screen.lines();
    assert!(lines[0].contains("SENT UTC"), "{lines:#?}");
    assert!(lines[1].ends_with("  m1"), "{lines:#?}");
    assert!(!screen.text().contains("next request"), "{lines:#?}");
}

/// C25.
#[test]
fn the_sandbox_server_ends_with_the_status_of_its_signal() {
    for (signal, code, _) in ENDS {
        let mut run = omnilogs().args(["sandbox"]).start();
        run.until_stderr_contains("serving generated messages");
        run.signal(signal);
        let ran = run.end().code(code);
        assert!(ran.stdout.starts_with("OMNILOGS_BASE_URL=http://127.0.0.1:"), "{}", ran.stdout);
        assert!(!ran.stderr.contains("error"), "{}", ran.stderr);
    }
}
