//! Listings of a whole window: what interrupted runs report, and how they are continued.

use std::fs;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use ring::digest::{SHA256, digest};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::support::messages::seconds_before;
use crate::support::model::{ServerBehavior, response_to, serve};
use crate::support::{Omnilogs, Response, Server, omnilogs};

/// This number of messages, three in each millisecond that has any.
fn messages(count: usize) -> Vec<Value> {
    (0..count)
        .map(|n| {
            let mut row = seconds_before(n / 3, &format!("text {n}, \"quoted\""));
            row["messageId"] = format!("m{n}").into();
            row
        })
        .collect()
}

/// The SHA-256 in hexadecimal digits.
fn sha256(bytes: &[u8]) -> String {
    let hex = |text: String, byte: &u8| text + &format!("{byte:02x}");
    digest(&SHA256, bytes).as_ref().iter().fold(String::new(), hex)
}

fn listing(server: &Server, words: &[&str]) -> Omnilogs {
    omnilogs().at(&server.url()).args(["--all", "--rate", "0"]).args(words)
}

fn ids(jsonl: &str) -> Vec<String> {
    let id = |line| serde_json::from_str::<Value>(line).unwrap()["messageId"].to_string();
    jsonl.lines().map(id).collect()
}

/// A server that kills the run shortly after its N-th request.
fn killing(held: Vec<Value>, at: usize, later: u64, victim: Arc<Mutex<Option<Pid>>>) -> Server {
    Server::start(move |number, head| {
        if number == at {
            let victim = Arc::clone(&victim);
            thread::spawn(move || {
                thread::sleep(Duration::from_micros(later));
                if let Some(pid) = victim.lock().unwrap().take() {
                    // It may have ended already.
                    let _ = kill_process(pid, Signal::KILL);
                }
            });
        }
        response_to(&held, head, 100)
    })
}

#[test]
fn a_run_that_is_killed_at_any_time_resumes_to_the_same_bytes() {
    let held = messages(700);
    let mut killed = 0;
    for format in ["jsonl", "csv"] {
        let plain = serve(held.clone(), ServerBehavior { cap: 100, ..ServerBehavior::default() });
        let whole = listing(&plain, &["-o", format]).run().code(0).stdout;
        for at in 0..12 {
            let home = tempfile::tempdir().unwrap();
            let path = home.path().join("rows");
            let victim = Arc::new(Mutex::new(None));
            let later = at as u64 * 700 % 2900;
            let server = killing(held.clone(), at, later, Arc::clone(&victim));
            let resuming = || {
                let words = ["-o", format, "--resume", "--output-file", path.to_str().unwrap()];
                listing(&server, &words).into_command()
            };
            let (mut command, kept) = resuming();
            let mut child = {
                // The server waits for the lock before it kills.
                let mut victim = victim.lock().unwrap();
                let child = command.spawn().unwrap();
                *victim = Some(Pid::from_child(&child));
                child
            };
            killed += usize::from(!child.wait().unwrap().success());
            victim.lock().unwrap().take();
            drop(kept);
            let (mut command, kept) = resuming();
            let ran = command.output().unwrap();
            drop(kept);
            let stderr = String::from_utf8(ran.stderr).unwrap();
            assert_eq!(ran.status.code(), Some(0), "{format}, killed at {at}: {stderr}");
            let rows = fs::read_to_string(&path).unwrap();
            assert!(rows == whole, "{format}, killed at {at}: {} of {}", rows.len(), whole.len());
            let left = fs::read_dir(home.path()).unwrap().count();
            assert_eq!(left, 1, "nothing is left beside the file");
        }
    }
    assert!(killed > 8, "{killed} of 24 runs were killed");
}

#[test]
fn the_suggested_command_fetches_exactly_what_is_missing() {
    let held = messages(500);
    let failing = held.clone();
    let server = Server::start(move |number, head| match number {
        0..6 => response_to(&failing, head, 100),
        _ => Response::new("400 Bad Request", &[], ""),
    });
    let ran = listing(&server, &["-o", "jsonl"]).run().code(3);
    let first = ids(&ran.stdout);
    assert!(first.len() > 100 && first.len() < 500, "{}", first.len());
    let command =
        ran.stderr.lines().find_map(|line| line.trim().strip_prefix("try: omnilogs --all"));
    let words: Vec<_> = command.expect("a command is suggested").split(' ').skip(1).collect();
    assert!(words.contains(&"--until"), "{words:?}");
    let repaired = serve(held, ServerBehavior::default());
    let rest = ids(&listing(&repaired, &words).args(["-o", "jsonl"]).run().code(0).stdout);
    let mut all: Vec<_> = first.iter().chain(&rest).cloned().collect();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 500);
    // Only the timestamp at which the run ended is fetched again.
    assert!(first.len() + rest.len() <= 503, "{} and {}", first.len(), rest.len());
}

#[test]
fn a_millisecond_with_too_many_messages_is_reported_with_their_minimum_number() {
    let held: Vec<_> = (0..2500)
        .map(|n| {
            let mut row = seconds_before(7, "to everybody");
            row["messageId"] = format!("m{n}").into();
            row
        })
        .collect();
    let server = serve(held, ServerBehavior::default());
    let run = listing(&server, &["-o", "jsonl", "--manifest", "manifest.json"]);
    let (home, path) = (run.home().to_owned(), run.home().join("manifest.json"));
    let (mut command, kept) = run.into_command();
    let ran = command.output().unwrap();
    assert_eq!(ran.status.code(), Some(3));
    let stderr = String::from_utf8(ran.stderr).unwrap();
    assert!(
        stderr.contains("at 2026-11-22 10:59:52.000 +00:00, which has at least 1,000 messages"),
        "{stderr}"
    );
    let manifest: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    assert_eq!(manifest["complete"], false);
    assert_eq!(manifest["gaps"][0]["atLeast"], 1000);
    assert_eq!(manifest["rows"], 1000);
    drop((home, kept));
}

#[test]
fn the_manifest_proves_what_was_written() {
    let held = messages(450);
    let server = serve(held, ServerBehavior { cap: 100, ..ServerBehavior::default() });
    let run = listing(&server, &["-o", "csv", "--output-file", "rows.csv", "--grep", "text 1"])
        .args(["--manifest", "manifest.json", "--channel", "SMS"]);
    let home = run.home().to_owned();
    let (mut command, kept) = run.into_command();
    assert!(command.output().unwrap().status.success());
    let rows = fs::read(home.join("rows.csv")).unwrap();
    let manifest: Value =
        serde_json::from_slice(&fs::read(home.join("manifest.json")).unwrap()).unwrap();
    let proof = json!({"file": "rows.csv", "bytes": rows.len(), "sha256": sha256(&rows)});
    assert_eq!(manifest["output"], proof);
    assert_eq!((&manifest["complete"], &manifest["rows"]), (&json!(true), &json!(450)));
    let shown = rows.split(|byte| *byte == b'\n').count() as u64 - 2;
    assert_eq!(manifest["shown"], shown);
    assert_eq!(manifest["heldBack"], 450 - shown);
    assert_eq!(manifest["gaps"], json!([]));
    assert!(manifest["duplicates"].as_u64().unwrap() > 0);
    drop(kept);
}

#[test]
fn a_resumed_run_over_the_sandbox_does_not_mention_the_retention_of_the_api() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows");
    // Two requests per minute: the first page is proved and written, and the run waits.
    let words = ["--sandbox", "--all", "--rate", "2/m", "-o", "jsonl", "--resume", "--output-file"];
    let run = || omnilogs().args(words).args([&path]).start();
    let first = run();
    first.until(|| {
        let checkpoint = fs::read_to_string(folder.path().join("rows.checkpoint"));
        checkpoint.is_ok_and(|text| !text.contains("\"coversSince\":null"))
    });
    first.signal(Signal::INT);
    assert!(!first.end().stderr.contains("error: cannot"));
    let mut second = run();
    second.until_stderr_contains("rows of an earlier run");
    second.signal(Signal::INT);
    let ran = second.end();
    assert!(!ran.stderr.contains("no longer has these messages"), "{}", ran.stderr);
}
