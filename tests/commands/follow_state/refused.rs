//! States and output files that a run must not continue.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use rustix::process::Signal;
use serde_json::json;

use super::{Traffic, folder_with_state, followed, followed_into_file, read_json, refused};
use crate::support::command::set_mode;
use crate::support::messages::NUMBER;
use crate::support::restricted::without_root_capabilities;
use crate::support::{Ran, Response, Server, omnilogs};

#[test]
fn a_state_of_another_query_or_account_is_refused() {
    let (_folder, state, traffic, _) = followed(&[]);
    let before = fs::read(&state).unwrap();
    for words in [
        &["--channel", "SMS"][..],
        &["--to", NUMBER],
        &["--since", "1h"],
        &["--grep", "x"],
        &["--pending"],
        &["--param", "a=b"],
    ] {
        let ran = refused(&traffic, traffic.follow(&state, words), 2);
        ran.says("it belongs to another query").says("omnilogs --all --since ");
    }
    let other = traffic.follow(&state, &[]).env("OMNILOGS_API_KEY", "another-key");
    refused(&traffic, other, 2).says("it belongs to another account").says("--same-account");
    assert_eq!(fs::read(&state).unwrap(), before);
    // A key that was replaced is of the same account, and the query must still be the same.
    let of = |args: &[&str]| traffic.follow(&state, args).env("OMNILOGS_API_KEY", "another-key");
    refused(&traffic, of(&["--same-account", "--pending"]), 2).says("another query");
    of(&["--same-account", "--for", "1s"]).run().code(0);
    of(&["--for", "1s"]).run().code(0);
    refused(&traffic, traffic.follow(&state, &[]), 2).says("it belongs to another account");
    traffic.follow(&state, &["--same-account", "--for", "1s"]).run().code(0);
    // How a pipe is written has no effect on what was shown.
    traffic.rest(&state, &["-o", "csv", "--redact"]);
}

#[test]
fn an_output_file_of_another_format_or_one_that_cannot_be_appended_to_is_refused() {
    let (folder, state) = folder_with_state();
    let rows = folder.path().join("rows");
    let rows = rows.to_str().unwrap();
    let traffic = Traffic::start();
    for format in ["json", "table", "xml", "md"] {
        let run = traffic.follow(&state, &["-o", format, "--output-file", rows]);
        refused(&traffic, run, 2).says("works only with a format that can be appended to");
    }
    let run = traffic.follow(&state, &["--jq", ".", "--output-file", rows]);
    refused(&traffic, run, 2).says("without --jq");
    traffic.follow(&state, &["--output-file", rows]).args(["--for", "1s"]).run().code(0);
    for words in [
        &["-o", "csv", "--output-file", rows][..],
        &["--redact", "--output-file", rows],
        &["-o", "jsonl"],
    ] {
        refused(&traffic, traffic.follow(&state, words), 2).says("another query or to another");
    }
}

#[test]
fn a_state_that_is_cut_empty_or_of_another_version_is_refused_and_kept() {
    let (_folder, state, traffic, _) = followed(&[]);
    let whole = fs::read(&state).unwrap();
    let mut other = read_json(&state);
    other["version"] = 2.into();
    let mut strange = read_json(&state);
    strange["follow"]["messages"][0][2] = json!([99]);
    let mut far = read_json(&state);
    far["follow"]["watched"] = i64::MIN.into();
    let cases = [
        (other.to_string().into_bytes(), "another version of omnilogs wrote it"),
        (strange.to_string().into_bytes(), "it is damaged"),
        (far.to_string().into_bytes(), "it is damaged"),
        (b"{}".to_vec(), "another version"),
        (b"[]".to_vec(), "it is damaged"),
        (b"not json".to_vec(), "it is damaged"),
        (vec![0; 4096], "it is damaged"),
        (Vec::new(), "it is empty"),
    ];
    let cut = (1..10).map(|part| (whole[..whole.len() * part / 10].to_vec(), "it is damaged"));
    for (bytes, why) in cases.into_iter().chain(cut) {
        fs::write(&state, &bytes).unwrap();
        refused(&traffic, traffic.follow(&state, &[]), 2).says(why).says("start over: rm -- ");
    }
}

#[test]
fn a_state_that_cannot_be_written_is_reported_before_anything_is_sent() {
    let (folder, state, traffic, _) = followed(&[]);
    let path = folder.path();
    let of = |name: &str| traffic.follow(&path.join(name), &["--for", "1s"]);
    let before = traffic.server.targets().len();
    set_mode(&state, 0o400);
    let run = traffic.follow(&state, &["--for", "1s"]);
    let ran = Ran::from(without_root_capabilities(run)).code(1);
    ran.says("cannot write ").says("Permission denied");
    set_mode(&state, 0o600);
    fs::create_dir(path.join("closed")).unwrap();
    set_mode(&path.join("closed"), 0o500);
    Ran::from(without_root_capabilities(of("closed/state"))).code(1).says("Permission denied");
    of("no/such/state").run().code(1).says("No such file");
    fs::create_dir(path.join("dir")).unwrap();
    of("dir").run().code(1).says("cannot write ");
    symlink(&state, path.join("link")).unwrap();
    of("link").run().code(2).says("it is a link");
    fs::hard_link(&state, path.join("second")).unwrap();
    of("second").run().code(2).says("it has a second name (a hard link)");
    fs::remove_file(path.join("second")).unwrap();
    assert!(
        std::process::Command::new("mkfifo").arg(path.join("fifo")).status().unwrap().success()
    );
    of("fifo").run().code(2).says("it is not a regular file");
    traffic.follow(Path::new("-"), &[]).run().code(2).says("--state needs a file");
    assert_eq!(traffic.server.targets().len(), before);
    traffic.rest(&state, &[]);
}

#[test]
fn one_file_for_two_purposes_and_a_second_run_on_a_state_are_refused() {
    let (folder, state) = folder_with_state();
    let traffic = Traffic::start();
    let name = state.to_str().unwrap();
    let run = traffic.follow(&state, &["--output-file", name]);
    refused(&traffic, run, 2).says("--output-file and --state name the same file");
    let next = format!("{name}.next");
    let run = traffic.follow(&state, &["--output-file", &next]);
    refused(&traffic, run, 2).says("a file of --state");
    let mut first = traffic.follow(&state, &[]).start();
    first.until_it_prints();
    let second = traffic.follow(&state, &["--for", "1s"]).run().code(2);
    second.says("another run uses ").says("wait until it ends");
    first.signal(Signal::TERM);
    first.end().code(143);
    omnilogs()
        .args(["--sandbox", "--state", name])
        .run()
        .code(2)
        .says("--state works with follow only");
    drop(folder);
}

#[test]
fn an_output_file_that_was_changed_is_refused_and_not_cut() {
    let (_folder, state, traffic, rows) = followed_into_file();
    let args = ["--output-file", rows.to_str().unwrap()];
    let text = fs::read_to_string(&rows).unwrap();
    let changed = text.replacen("long", "LONG", text.matches("long").count()) + "more\n";
    fs::write(&rows, &changed).unwrap();
    let ran = refused(&traffic, traffic.follow(&state, &args), 2);
    ran.says("it was changed since the state was written");
    assert_eq!(fs::read_to_string(&rows).unwrap(), changed);
    fs::write(&rows, "no end of the line").unwrap();
    refused(&traffic, traffic.follow(&state, &args), 2).says("its last line has no line break");
}

#[test]
fn a_state_of_another_host_is_refused_and_not_changed() {
    let (_folder, state, traffic, _) = followed(&[]);
    let before = read_json(&state);
    let other = Server::always(Response::error("401 Unauthorized"));
    let run = traffic.follow(&state, &[]).env("OMNILOGS_BASE_URL", other.url());
    refused(&traffic, run, 2).says("another account");
    assert_eq!(other.targets(), Vec::<String>::new());
    assert_eq!(read_json(&state), before);
    traffic.rest(&state, &[]);
}
