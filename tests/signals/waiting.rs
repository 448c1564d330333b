//! Ctrl-C and SIGTERM while a run waits for settings from pipes, for the request rate or for the next
//! poll, and what is left on the terminal.

use std::io::Write;
use std::os::fd::OwnedFd;
use std::thread;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;

use super::listing::{ENDS, stalled};
use crate::support::command::set_mode;
use crate::support::messages::{many, message, message_with, results, seconds_before};
use crate::support::model::{ServerBehavior, serve};
use crate::support::{Omnilogs, Ran, Response, Server, at_once, omnilogs};

fn fifo(run: &Omnilogs, name: &str) {
    let path = run.home().join(name);
    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    set_mode(&path, 0o600);
}

/// C25. The pipe stays open and no data arrives.
#[test]
fn a_signal_ends_the_wait_for_data_from_a_pipe() {
    let server = Server::always(Response::json(results([])));
    for words in [
        &["--input", "-"][..],
        &["--input", "fifo"],
        &["stats", "--input", "-"],
        &["--message-id", "@-"],
        &["wait", "--message-id", "@-"],
        &["--api-key-file", "-"],
        &["--api-key-file", "fifo"],
        &["--output-file", "fifo"],
    ] {
        for (signal, code, kind) in ENDS {
            let run = omnilogs().at(&server.url()).args(words).args(["-o", "json"]);
            fifo(&run, "fifo");
            let (input, held_open) = std::io::pipe().unwrap();
            let run = run.start_reading(OwnedFd::from(input));
            run.until_it_handles_signals();
            run.signal(signal);
            let ran = run.end().code(code);
            assert_eq!(ran.error_json()["error"]["kind"], kind, "{words:?}");
            assert_eq!(ran.stdout, "", "{words:?}");
            drop(held_open);
        }
    }
    assert_eq!(server.targets(), [""; 0]);
}

/// C25. Ctrl-C also ends the program that writes the pipe, whose end then looks like the end of the data.
#[test]
fn an_input_that_ends_after_a_signal_is_incomplete() {
    let row = message("m1", "hi").to_string() + "\n";
    let archive = ["archive", "import", "-", "--archive=new.db"];
    let cases = [
        (&["--input", "-", "-o", "jsonl", "-O", "out", "--manifest", "made"][..], row.as_str()),
        (&["--input", "-", "-o", "jsonl", "-O", "out", "--manifest", "made"], ""),
        (&["stats", "--input", "-", "-o", "json", "-O", "out"], &row),
        (&["show", "m1", "--input", "-"], &row),
        (&["--sandbox", "--message-id", "@-", "-O", "out"], "m1\n"),
        (&archive, &row),
    ];
    let cases = cases.into_iter().flat_map(|case| ENDS.map(|end| (case, end)));
    at_once(cases, |((words, data), (signal, code, _))| {
        let (input, mut writer) = std::io::pipe().unwrap();
        let run = omnilogs().args(words).start_reading(OwnedFd::from(input));
        run.until_it_handles_signals();
        writer.write_all(data.as_bytes()).unwrap();
        run.signal(signal);
        drop(writer);
        let home = run.home().to_owned();
        // A manifest states that the run was not complete.
        let manifest = || std::fs::read_to_string(home.join("made")).unwrap_or_default();
        let placed = || home.join("out").exists() || manifest().contains("\"complete\": true");
        let (ran, placed) = run.end_and_inspect(placed);
        assert_eq!(ran.code, code, "{words:?} {data:?}: {}", ran.stderr);
        assert!(!placed && ran.stdout.is_empty(), "{words:?} {data:?}: {}", ran.stdout);
    });
}

/// C25.
#[test]
fn a_signal_ends_the_wait_for_a_command_that_prints_credentials() {
    for (signal, code, _) in ENDS {
        let run = omnilogs().config("credential_command = \"touch ran; sleep 3\"\n");
        let ran = run.home().join("ran");
        let run = run.args(["-n", "1"]).start();
        run.until(|| ran.exists());
        run.signal(signal);
        run.end().code(code).says("error: interrupted");
    }
}

fn rows(ran: &Ran) -> Vec<Value> {
    assert!(ran.stdout.is_empty() || ran.stdout.ends_with('\n'), "{}", ran.stdout);
    ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// C25. Two requests a minute, and both are spent on the first page and the proof of its order.
#[test]
fn a_signal_ends_the_wait_for_the_request_rate() {
    for (signal, code, kind) in ENDS {
        let held = (0..3).map(|n| seconds_before(n, "hello")).collect();
        let server = serve(held, ServerBehavior::default());
        let words = ["--all", "--rate", "2/m", "-o", "jsonl"];
        let mut run = omnilogs().at(&server.url()).args(words).start();
        run.until_it_prints();
        run.signal(signal);
        let ran = run.end().code(code);
        assert_eq!(ran.error_json()["error"]["kind"], kind);
        assert_eq!((rows(&ran).len(), server.targets().len()), (3, 2));
    }
}

/// Commands that poll, and what makes each of them poll again.
const POLLING: [&[&str]; 2] = [
    &["follow", "--interval", "1s", "-o", "jsonl", "-n", "1000"],
    &["wait", "--bulk-id", "b1", "--interval", "1s", "-o", "jsonl"],
];

/// C25.
#[test]
fn a_signal_ends_a_follow_and_a_wait_while_they_sleep_or_fetch() {
    let pending = || {
        let status = Value::from("PENDING_ENROUTE");
        let group = Value::from("PENDING");
        message_with("m1", &[("status.name", status), ("status.groupName", group)])
    };
    let ends = POLLING.into_iter().flat_map(|words| ENDS.map(|end| (words, end)));
    let cases = ends.flat_map(|(words, end)| [true, false].map(|stalls| (words, end, stalls)));
    at_once(cases, |(words, (signal, code, kind), stalls)| {
        let page = Response::json(results([pending()]));
        let next = if stalls { stalled() } else { page.clone() };
        let server = Server::sequence([page, next]);
        let run = omnilogs().at(&server.url()).args(words).start();
        // Either during a request or in the pause after it.
        run.until(|| server.targets().len() >= 2);
        run.signal(signal);
        let ran = run.end().code(code);
        assert!(rows(&ran).len() <= 1, "{words:?}: {}", ran.stdout);
        if words[0] == "follow" {
            // A follow usually ends by a signal, so this is not an error.
            assert!(!ran.stderr.contains("error"), "{}", ran.stderr);
            ran.says("followed: 1 message: 1 pending · 0 changes");
        } else {
            assert_eq!(ran.error_json()["error"]["kind"], kind, "{words:?}");
        }
    });
}

/// C25.
#[test]
fn a_signal_ends_the_printing_of_a_follow_and_a_wait_at_a_whole_row() {
    for words in POLLING {
        for (signal, code, _) in ENDS {
            let server = Server::always(Response::json(many(800)));
            let start = || {
                let mut run = omnilogs().at(&server.url()).args(words).start();
                run.until_it_prints();
                run.stop(signal);
                run
            };
            let ran = start().end().code(code);
            assert!((1..800).contains(&rows(&ran).len()), "{words:?}: {}", rows(&ran).len());
            assert_eq!(start().signal_until_it_ends(signal), code, "{words:?}");
        }
    }
}

/// C25.
#[test]
fn a_signal_ends_statistics_and_the_file_is_the_old_one() {
    for (signal, code, kind) in ENDS {
        let page = Response::json(results((0..3).map(|n| seconds_before(n, "hello"))));
        let server = Server::sequence([page, stalled()]);
        let run =
            omnilogs().at(&server.url()).args(["stats", "-o", "json", "--output-file", "out"]);
        let file = run.home().join("out");
        std::fs::write(&file, "old").unwrap();
        let run = run.start();
        run.until(|| server.targets().len() == 2);
        run.signal(signal);
        let (ran, left) = run.end_and_inspect(|| std::fs::read_to_string(&file).unwrap());
        assert_eq!(ran.code(code).error_json()["error"]["kind"], kind);
        assert_eq!(left, "old");
    }
}

/// C25. The progress line is removed, the cursor is visible, and the last line is the summary.
#[test]
fn ctrl_c_ends_a_follow_and_a_wait_and_leaves_the_terminal_as_it_was() {
    let pending = message_with("m1", &[("status.name", Value::from("PENDING_ENROUTE"))]);
    // A terminal shows ^C where rows that are printed at the same time go on: first the row, which the
    // status line follows.
    for (words, signs, last) in [
        (&["follow"][..], &["on its way", "Ctrl-C to stop"][..], "followed: "),
        (&["wait", "--message-id", "m1"], &["1 PENDING_ENROUTE"], "error: interrupted"),
    ] {
        for columns in [80, 200] {
            let server = Server::always(Response::json(results([pending.clone()])));
            let run = omnilogs().at(&server.url()).env("TERM", "xterm").args(words);
            let mut run = run.on_terminal(columns);
            for sign in signs {
                run.until(sign);
            }
            run.type_in("\x03");
            let screen = run.end().code(130);
            assert!(screen.cursor_is_shown());
            let lines = screen.lines();
            assert!(lines.last().unwrap().starts_with(last), "{lines:#?}");
            assert!(!lines.iter().any(|line| line.contains("Ctrl-C to stop")), "{lines:#?}");
            assert!(!lines.iter().any(|line| line.contains("^C")), "{lines:#?}");
        }
    }
}

/// More pages than a run takes.
fn endless_pages() -> Server {
    let held = (0..3600).map(|n| seconds_before(n, "hello")).collect();
    // Slow enough that the 3600 rows of an hour do not run out.
    let before = |_, _: &mut Vec<Value>| thread::sleep(Duration::from_millis(20));
    serve(held, ServerBehavior { cap: 2, before })
}

/// C25. The status line with the progress, which comes after two seconds, is removed as well.
#[test]
fn ctrl_c_ends_a_long_listing_into_a_file_and_removes_the_progress() {
    let server = endless_pages();
    let words = ["--all", "--rate", "0", "-o", "csv", "--output-file", "out"];
    let run = omnilogs().at(&server.url()).env("TERM", "xterm").args(words);
    let mut run = run.on_terminal(80);
    run.until(" pages · back to ");
    run.type_in("\x03");
    let screen = run.end().code(130);
    let lines = screen.lines();
    assert!(screen.cursor_is_shown() && !screen.text().contains(" left"), "{lines:#?}");
    assert!(!lines.iter().any(|line| line.contains("^C")), "{lines:#?}");
    assert_eq!(lines.last().unwrap(), "error: interrupted", "{lines:#?}");
}

/// C25. The signal arrives when its handler has just been installed.
#[cfg(target_os = "linux")]
#[test]
fn a_signal_ends_a_run_that_is_only_starting() {
    let server = Server::always(Response::json(many(50)));
    for (signal, code, kind) in ENDS {
        let number = signal.as_raw().to_string();
        let run = omnilogs().at(&server.url()).args(["-o", "json", "--all"]);
        let ran = run.with_preload("PRELOAD_SIGNAL", &number).run().code(code);
        assert_eq!(ran.error_json()["error"]["kind"], kind);
        assert_eq!(ran.stdout, "");
    }
}

/// C25. A run that is stopped before or after it installs its handlers is never a success.
#[test]
fn a_signal_at_any_time_never_ends_with_0_and_rows_missing() {
    let server = Server::always(Response::json(many(50)));
    for after in 0..20 {
        let run = omnilogs().at(&server.url()).args(["-o", "jsonl", "-n", "50"]).start();
        std::thread::sleep(std::time::Duration::from_millis(after * 2));
        run.signal(Signal::TERM);
        let ran = run.end();
        assert!([143, 0].contains(&ran.code), "{}: {}", ran.code, ran.stderr);
        assert!(ran.code != 0 || rows(&ran).len() == 50, "after {after} steps");
    }
}
