//! Command lines that are refused or warned about.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use crate::support::messages::{message, message_with, results};
use crate::support::{Ran, Response, Server, omnilogs};

/// Runs a command line that must be refused before anything is sent.
fn refused<S: AsRef<std::ffi::OsStr>>(words: impl IntoIterator<Item = S>) -> Ran {
    let server = Server::always(Response::json(results([])));
    let ran = omnilogs().at(&server.url()).args(words).run().code(2);
    assert_eq!((server.targets(), ran.stdout.as_str()), (Vec::new(), ""));
    ran
}

/// C01.
#[test]
fn a_misspelled_option_or_value_gets_a_suggestion() {
    for (typed, meant) in [
        (vec!["--chanel", "SMS"], "--channel"),
        (vec!["confg"], "config"),
        (vec!["config", "shwo"], "show"),
        (vec!["-o", "jsno"], "json"),
    ] {
        refused(typed).says(meant);
    }
}

#[test]
fn an_option_of_another_command_is_refused_with_the_name_of_that_command() {
    refused(["--by", "network"]).says("--by is an option of stats: omnilogs stats --by …");
    refused(["--settle", "1s"]).says("--settle is an option of wait");
    refused(["--nowhere"]).says("try: omnilogs --help shows every option");
}

#[test]
fn words_with_a_fixed_set_of_values_are_read_in_any_letter_case() {
    let server = Server::always(Response::json(results([message_with("m1", &[])])));
    let words = ["-o", "JSONL", "--color", "Never", "--accept", "JSON", "-c", "sms"];
    let ran = omnilogs().at(&server.url()).args(words).run().code(0);
    assert!(ran.stdout.starts_with("{\"") && ran.stdout.lines().count() == 1, "{}", ran.stdout);
    omnilogs().args(["completions", "Bash"]).run().code(0);
    // The error of a command line that is refused is JSON, too.
    let ran = omnilogs().args(["-o", "JSON", "--no-such-option"]).run().code(2);
    assert_eq!(ran.error_json()["error"]["code"], 2);
}

/// C01.
#[test]
fn a_number_or_an_address_behind_a_command_that_takes_none_is_refused() {
    const NUMBER: &str = "447700900123";
    for command in ["list", "follow", "stats", "doctor", "config", "config path", "archive status"]
    {
        for word in [NUMBER, "a@b.example", "82bf2748", "82bf2748-5c33-4c8a-9d7e-2f6d6a1c0b7e"] {
            let words = command.split(' ').chain([word]);
            let ran = refused(words).says("try: omnilogs");
            let command = command.split(' ').next().unwrap();
            assert!(ran.stderr.contains(command), "{command}: {}", ran.stderr);
            assert!(!ran.stderr.contains(NUMBER), "{}", ran.stderr);
            assert!(!ran.stderr.contains("omnilogs show"), "{command}: {}", ran.stderr);
        }
    }
    let ran = refused(["archive", "erase", NUMBER, "--yes"]);
    assert!(!ran.stderr.contains("omnilogs show"), "{}", ran.stderr);
    // A value of an option is not a command.
    let server = Server::always(Response::json(results([message("m1", "stats")])));
    omnilogs().at(&server.url()).args(["--grep", "stats", NUMBER]).run().code(0);
    assert!(server.targets()[0].contains(NUMBER), "{:?}", server.targets());
}

/// C01.
#[test]
fn a_single_flag_that_is_given_twice_is_refused() {
    for typed in
        [["-n", "1", "-n", "2"], ["--from", "a", "--from", "b"], ["-o", "csv", "-o", "json"]]
    {
        refused(typed).says("cannot be used multiple times");
    }
}

/// C01.
#[test]
fn a_refusal_gives_the_cause_and_no_fragments_of_the_usage() {
    let stderr = refused(["--chanel", "SMS"]).stderr;
    assert!(!stderr.contains("<COMMAND>"), "{stderr}");
}

#[test]
fn a_refused_value_with_a_line_break_stays_one_line_of_the_message() {
    let value = r"invalid value 'a\nb' for '--delimiter <CHAR>'";
    refused(["-o", "csv", "--delimiter", "a\nb"]).says(&format!("error: {value}"));
    refused(["--limit", "1\n\nUsage: x"]).says(r"invalid value '1\n\nUsage: x' for '--limit <N>'");
    refused(["--chan\nnel"]).says(r"unexpected argument '--chan\nnel'");
}

/// C02.
#[test]
fn a_time_of_a_hundred_thousand_characters_is_refused_with_a_short_message() {
    let long = "x".repeat(100_000);
    let stderr = refused(["--since", &long]).says("2026-11-22").stderr;
    assert!(stderr.len() < 2000, "{}", stderr.len());
}

/// C03.
#[test]
fn a_time_that_a_clock_change_skips_is_refused_with_both_readings() {
    refused(["--since", "2026-03-29 02:30", "-z", "Europe/Zagreb"])
        .says("2026-03-29T01:30:00+01:00")
        .says("2026-03-29T03:30:00+02:00");
}

/// C03.
#[test]
fn a_time_that_a_clock_change_repeats_is_refused_with_both_instants() {
    refused(["--until", "2026-10-25 02:30", "-z", "Europe/Zagreb"])
        .says("2026-10-25T02:30:00+02:00")
        .says("2026-10-25T02:30:00+01:00");
}

/// C05.
#[test]
fn an_end_in_the_future_is_warned_about_and_requested() {
    let server = Server::always(Response::json(results([message("m1", "hi")])));
    let ran = omnilogs().at(&server.url()).args(["--until", "2100-01-01"]).run().code(0);
    assert!(ran.stderr.contains("--until is in the future"), "{}", ran.stderr);
    assert_eq!(server.targets(), ["/omni/1/logs?sentUntil=2100-01-01T00:00:00.000%2B00:00"]);
}

/// C06.
#[test]
fn a_window_older_than_48_hours_is_warned_about_with_the_oldest_time_that_can_be_shown() {
    let server = Server::always(Response::json(results([])));
    let run = |words: &[&str]| omnilogs().at(&server.url()).args(words).run();
    run(&["--since", "3d"]).code(0).says("messages sent before 20").says("cannot be shown");
    assert_eq!(server.targets().len(), 1);
    run(&["--since", "3d", "--strict"]).code(2).says("48 hours");
    assert_eq!(server.targets().len(), 1);
}

/// C08.
#[test]
fn a_value_newer_than_this_tool_can_be_sent_as_a_parameter() {
    let server = Server::always(Response::json(results([])));
    omnilogs().at(&server.url()).args(["--param", "channel=CARRIER_PIGEON"]).run().code(0);
    assert_eq!(server.targets(), ["/omni/1/logs?channel=CARRIER_PIGEON"]);
}

/// C09. A NUL cannot be part of an argument, but of a line in a file of ids it can.
#[test]
fn a_nul_in_a_file_of_ids_is_encoded_or_refused_and_never_sent_raw() {
    let server = Server::always(Response::json(results([])));
    let run = omnilogs().at(&server.url()).args(["--message-id", "@-"]).stdin("a\0b\n");
    run.run().code(0);
    assert_eq!(server.targets(), ["/omni/1/logs?messageId=a%00b"]);
}

fn not_utf8(before: &str) -> OsString {
    let mut bytes = before.as_bytes().to_vec();
    bytes.push(0xFF);
    OsString::from_vec(bytes)
}

/// C10.
#[test]
fn an_argument_that_is_not_utf8_is_named() {
    refused([OsString::from("--from"), not_utf8("caf")]).says("--from");
    refused([not_utf8("--grep=")]).says("--grep");
    refused([OsString::from("-n"), not_utf8("1")]).says("-n");
}

/// C10.
#[test]
fn an_argument_that_is_not_utf8_is_named_beside_a_path_of_any_bytes() {
    let words = ["--config".into(), not_utf8("/nowhere"), "--to".into(), not_utf8("x")];
    let stderr = refused::<OsString>(words).says("--to").stderr;
    assert!(!stderr.contains("--config"), "{stderr}");
}

/// C10.
#[test]
fn a_path_may_be_any_bytes() {
    let server = Server::always(Response::json(results([message("m1", "hi")])));
    let run = omnilogs().at(&server.url());
    let file = run.home().join(not_utf8("out"));
    let config = run.home().join(not_utf8("config"));
    std::fs::write(&config, "[defaults]\noutput = \"json\"\n").unwrap();
    let mut run = run.args(["--config".into(), config, "--output-file".into(), file.clone()]);
    assert!(run.command.output().unwrap().status.success());
    let rows: serde_json::Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    assert_eq!(rows["results"][0]["messageId"], "m1");
}
