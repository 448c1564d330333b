//! Readers that close the pipe, and full disks.

use std::fs::{self, File};
use std::process::{Output, Stdio};

use crate::support::messages::{many, message, results, seconds_before};
use crate::support::model::{ServerBehavior, serve};
use crate::support::restricted::with_file_size_limit;
use crate::support::{Omnilogs, Response, Server, at_once, omnilogs};

/// Arguments for every format.
pub(super) const FORMATS: [&[&str]; 10] = [
    &["-o", "table"],
    &["-o", "json"],
    &["-o", "jsonl"],
    &["-o", "csv"],
    &["-o", "tsv"],
    &["-o", "xml"],
    &["--jq", ".results[].messageId"],
    &["-o", "jsonl", "--jq", ".text"],
    &["-o", "table", "--wide", "--no-header"],
    &["-o", "csv", "--redact"],
];

/// Commands that print something other than rows.
const PRINTING: [&[&str]; 17] = [
    &["--help"],
    &["--version"],
    &["man"],
    &["completions", "bash"],
    &["config", "show"],
    &["config", "path"],
    &["explain", "5"],
    &["stats"],
    &["stats", "-o", "json"],
    &["stats", "-o", "jsonl"],
    &["stats", "-o", "csv"],
    &["stats", "-o", "tsv"],
    &["explain", "--list", "-o", "json"],
    &["explain", "--list", "-o", "csv"],
    &["doctor", "-o", "json"],
    &["doctor"],
    &["--dry-run"],
];

fn all_command_lines() -> impl Iterator<Item = &'static [&'static str]> {
    FORMATS.into_iter().chain(PRINTING)
}

/// Runs with this standard output.
fn into(run: Omnilogs, output: impl Into<Stdio>) -> Output {
    let (mut command, _home) = run.into_command();
    command.stdin(Stdio::null()).stdout(output).stderr(Stdio::piped());
    command.spawn().unwrap().wait_with_output().unwrap()
}

/// C22.
#[test]
fn a_reader_that_closes_the_pipe_ends_the_run_quietly_in_every_format() {
    let server = Server::always(Response::json(many(300)));
    for format in FORMATS {
        let mut run = omnilogs().at(&server.url()).args(format).args(["-n", "1000"]).start();
        run.until_it_prints();
        let ran = run.close_output();
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{format:?}");
    }
}

/// C22.
#[test]
fn a_reader_that_was_never_there_ends_the_run_quietly() {
    let server = serve(vec![message("m1", "hi")], ServerBehavior::default());
    for words in all_command_lines() {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let ran = into(omnilogs().at(&server.url()).args(words), writer);
        let stderr = String::from_utf8_lossy(&ran.stderr);
        assert_eq!((ran.status.code(), stderr.as_ref()), (Some(0), ""), "{words:?}");
    }
}

/// C22.
#[test]
fn no_more_pages_are_fetched_after_the_reader_closed_the_pipe() {
    let long = "long text ".repeat(200);
    let held = (0..3000).map(|n| seconds_before(n, &long)).collect();
    let server = serve(held, ServerBehavior { cap: 100, ..ServerBehavior::default() });
    let words = ["--all", "-o", "jsonl", "--until", "2026-11-22T12:00:00Z"];
    let mut run = omnilogs().at(&server.url()).args(words).start();
    run.until_it_prints();
    assert_eq!(run.close_output().code, 0);
    // There are thirty pages; one is being printed, and one may be in flight.
    assert!(server.targets().len() < 10, "{}", server.targets().len());
}

/// C23.
#[test]
fn a_full_disk_is_an_error_in_every_format_and_command() {
    let server = Server::always(Response::json(results([message("m1", "hi")])));
    for words in all_command_lines() {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let ran = into(omnilogs().at(&server.url()).args(words), full);
        let stderr = String::from_utf8_lossy(&ran.stderr);
        assert_eq!(ran.status.code(), Some(1), "{words:?}: {stderr}");
        assert!(stderr.contains("output incomplete: no space left"), "{words:?}: {stderr}");
    }
}

/// C22. C23.
#[test]
fn a_follow_and_a_wait_end_when_their_reader_is_gone_or_the_disk_is_full() {
    let server = Server::always(Response::json(results([message("m1", "hi")])));
    for words in [&["follow", "--since", "2026-11-22"][..], &["wait", "--message-id", "m1"]] {
        for format in ["table", "json", "jsonl", "csv", "tsv", "xml"] {
            let run = || omnilogs().at(&server.url()).args(words).args(["-o", format]);
            let (reader, writer) = std::io::pipe().unwrap();
            drop(reader);
            assert_eq!(into(run(), writer).status.code(), Some(0), "{words:?} {format}");
            let full = File::options().write(true).open("/dev/full").unwrap();
            let ran = into(run(), full);
            let stderr = String::from_utf8_lossy(&ran.stderr);
            assert_eq!(ran.status.code(), Some(1), "{words:?} {format}: {stderr}");
            assert!(stderr.contains("output incomplete: no space left"), "{words:?}: {stderr}");
        }
    }
}

/// C23.
#[test]
fn a_disk_that_fills_up_during_a_long_response_is_an_error() {
    let server = Server::always(Response::json(many(300)));
    for format in FORMATS {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let ran = into(omnilogs().at(&server.url()).args(format).args(["-n", "300"]), full);
        assert_eq!(ran.status.code(), Some(1), "{format:?}");
    }
}

/// Runs with each of these limits on the bytes that can be written: the output is a prefix of the
/// complete output and the status is 1, or 0 if everything fits.
fn sweep(server: &Server, words: &[&str], rooms: impl Fn(&str) -> Vec<usize>) {
    let run = || omnilogs().at(&server.url()).args(words);
    let whole = run().run().code(0).stdout;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out");
    for room in rooms(&whole).into_iter().chain([whole.len()]) {
        let ran = with_file_size_limit(run(), room, File::create(&path).unwrap());
        let stderr = String::from_utf8(ran.stderr).unwrap();
        let expected = i32::from(room < whole.len());
        assert_eq!(ran.status.code(), Some(expected), "{words:?}, {room} bytes: {stderr}");
        assert_eq!(stderr.contains("output incomplete"), expected == 1, "{words:?}: {stderr}");
        assert_eq!(fs::read_to_string(&path).unwrap(), whole[..room], "{words:?}");
    }
}

/// Room for nothing, for nearly everything, and up to, before and behind the end of each line.
fn around_the_lines(whole: &str) -> Vec<usize> {
    let ends = whole.match_indices('\n').map(|(at, _)| at);
    let mut rooms: Vec<_> = ends.flat_map(|at| [at, at + 1, at + 2]).collect();
    rooms.extend([0, 1, whole.len() / 2, whole.len() - 1]);
    rooms.retain(|room| *room < whole.len());
    rooms.sort_unstable();
    rooms.dedup();
    rooms
}

/// C23.
#[test]
fn a_quota_that_is_reached_anywhere_is_an_error_and_a_sufficient_one_is_not() {
    let server = Server::always(Response::json("{\"results\":[{\"messageId\":\"m1\"}]}"));
    let narrow = ["--columns", "messageId"];
    at_once(FORMATS, |format| {
        let has_columns = ["table", "csv", "tsv"].contains(&format[1]) && format.len() == 2;
        let words = [format, if has_columns { &narrow[..] } else { &[] }].concat();
        sweep(&server, &words, around_the_lines);
    });
    at_once(["table", "json", "jsonl", "csv", "tsv"], |format| {
        let words = ["stats", "-n", "1", "-o", format];
        sweep(&server, &words, |whole| vec![0, whole.len() / 2, whole.len() - 1]);
    });
}

/// C23. The buffer of the writer is 64 KiB, so each of these limits fails another write.
#[test]
fn the_first_and_each_later_write_that_fails_is_an_error_in_every_format() {
    let server = Server::always(Response::json(many(100)));
    let buffer = 64 << 10;
    at_once(FORMATS.into_iter().filter(|words| !words.contains(&"--jq")), |format| {
        sweep(&server, &[format, &["-n", "100"]].concat(), |whole| {
            let length = whole.len();
            let edges = (1..=length / buffer).flat_map(|n| [n * buffer - 1, n * buffer]);
            edges.chain([length - 1]).filter(|room| *room < length).collect()
        });
    });
}

/// C24. A documented limit: the standard library opens `/dev/null` in place of a closed stream.
#[test]
fn a_standard_output_that_was_closed_before_the_start_counts_as_written() {
    let server = Server::always(Response::json(results([message("m1", "hi")])));
    let closing = ["/bin/sh", "-c", "exec \"$@\" >&-", "sh"];
    let (mut command, _home) = omnilogs().at(&server.url()).wrapped_by(&closing).into_command();
    let ran = command.output().unwrap();
    assert_eq!((ran.status.code(), ran.stderr.as_slice()), (Some(0), b"".as_slice()));
    assert_eq!(server.targets().len(), 1);
}
