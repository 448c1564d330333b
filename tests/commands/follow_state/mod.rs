//! `follow --state`: a follow that was killed or stopped, also a long time ago, continues without losing
//! or repeating a row, and the state of another query or account is refused.

mod continued;
mod refused;
mod stopped;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{Duration, Utc};
use serde_json::Value;

use crate::support::messages::message_with;
use crate::support::model::{StoredMessages, response_to};
use crate::support::{Omnilogs, Ran, Server, omnilogs};

/// Messages that each request adds while there is traffic.
const PER_REQUEST: usize = 6;

/// A pending message of this request, with a text longer than a pipe of one page holds.
fn pending(request: usize, n: usize) -> Value {
    let sent = Utc::now().format("%Y-%m-%dT%H:%M:%S%.3f+0000").to_string();
    message_with(
        &format!("r{request}-{n}"),
        &[
            ("sentAt", sent.into()),
            ("text", "long text ".repeat(300).into()),
            ("status.groupName", "PENDING".into()),
            ("status.name", "PENDING_ENROUTE".into()),
        ],
    )
}

/// The API of an account with traffic: each request adds messages, and delivers half of the pending
/// ones.
struct Traffic {
    server: Server,
    held: StoredMessages,
    flows: Arc<AtomicBool>,
}

impl Traffic {
    fn start() -> Self {
        let held = StoredMessages::default();
        let flows = Arc::new(AtomicBool::new(true));
        let (of_server, is_flowing) = (Arc::clone(&held), Arc::clone(&flows));
        let server = Server::start(move |request, head| {
            let mut held = of_server.lock().unwrap();
            if is_flowing.load(Ordering::SeqCst) {
                let open = held.iter_mut().filter(|row| row["status"]["groupName"] == "PENDING");
                for row in open.step_by(2) {
                    row["status"]["groupName"] = "DELIVERED".into();
                    row["status"]["name"] = "DELIVERED_TO_HANDSET".into();
                }
                held.extend((0..PER_REQUEST).map(|n| pending(request, n)));
            }
            response_to(&held, head, 1000)
        });
        Self { server, held, flows }
    }

    fn follow(&self, state: &Path, args: &[&str]) -> Omnilogs {
        let fixed = ["follow", "--interval", "1s", "--retries", "0", "-q", "--rate", "0"];
        let run = omnilogs().at(&self.server.url()).args(fixed).args(["--state"]).args([state]);
        let run = if args.contains(&"-o") { run } else { run.args(["-o", "jsonl"]) };
        run.args(args)
    }

    /// Stops the traffic, and shows the rest of it.
    fn rest(&self, state: &Path, args: &[&str]) -> Ran {
        self.flows.store(false, Ordering::SeqCst);
        let mut shown = String::new();
        let follow = |time: &str| {
            let ran = self.follow(state, args).args(["--for", time]).run();
            shown.push_str(&ran.stdout);
            ran
        };
        let had_time = |ran: &Ran| !(ran.code == 3 && ran.stderr.contains("in the remaining time"));
        let ran = with_more_time(follow, had_time).code(0);
        Ran { stdout: shown, ..ran }
    }
}

/// The first of several follows that had time enough. On a busy machine, the time can end before every
/// message was requested: then another run continues.
fn with_more_time(follow: impl FnMut(&str) -> Ran, had_time: impl FnMut(&Ran) -> bool) -> Ran {
    let mut runs = ["1s", "2s", "4s", "8s", "16s", "32s"].into_iter().map(follow);
    runs.find(had_time).expect("no follow had the time to show everything")
}

/// The id and the status of a row.
fn key(line: &str) -> (String, String) {
    let row: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("not a row: {line}"));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&row["messageId"]), text(&row["status"]["name"]))
}

fn folder_with_state() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    (folder, state)
}

/// How many rows a state counts as shown: each message once for each status.
fn acknowledged(state: &Path) -> usize {
    let stored = read_json(state);
    let messages = stored["follow"]["messages"].as_array();
    messages.into_iter().flatten().map(|message| message[2].as_array().unwrap().len()).sum()
}

/// A state that was written after a poll of this traffic, and the rows of it.
fn followed(args: &[&str]) -> (tempfile::TempDir, PathBuf, Traffic, String) {
    let (folder, state) = folder_with_state();
    let traffic = Traffic::start();
    let ran = traffic.follow(&state, args).args(["--for", "1s"]).run().code(0);
    (folder, state, traffic, ran.stdout)
}

/// The same, with the rows in a file.
fn followed_into_file() -> (tempfile::TempDir, PathBuf, Traffic, PathBuf) {
    let (folder, state) = folder_with_state();
    let rows = folder.path().join("rows.jsonl");
    let traffic = Traffic::start();
    let args = ["--output-file", rows.to_str().unwrap(), "--for", "1s"];
    traffic.follow(&state, &args).run().code(0);
    (folder, state, traffic, rows)
}

fn read_json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// Moves the times of a state and of the messages back, as if the run had ended earlier.
fn age(state: &Path, traffic: &Traffic, by: Duration) {
    let mut stored = read_json(state);
    let earlier = |time: &Value| time.as_i64().map(|time| (time - by.num_milliseconds()).into());
    let follow = &mut stored["follow"];
    for name in ["newest", "watched", "since", "unread", "knownFrom"] {
        follow[name] = earlier(&follow[name]).unwrap_or_default();
    }
    for message in follow["messages"].as_array_mut().unwrap() {
        message[1] = earlier(&message[1]).unwrap();
    }
    fs::write(state, stored.to_string()).unwrap();
    for row in traffic.held.lock().unwrap().iter_mut() {
        let sent = chrono::DateTime::parse_from_str(
            row["sentAt"].as_str().unwrap(),
            "%Y-%m-%dT%H:%M:%S%.3f%z",
        );
        row["sentAt"] =
            (sent.unwrap() - by).format("%Y-%m-%dT%H:%M:%S%.3f+0000").to_string().into();
    }
}

/// A message that was sent so long ago.
fn sent_ago(id: &str, ago: Duration) -> Value {
    let sent = (Utc::now() - ago).format("%Y-%m-%dT%H:%M:%S%.3f+0000").to_string();
    message_with(id, &[("sentAt", sent.into())])
}

/// A run that must be refused before anything is sent.
#[track_caller]
fn refused(traffic: &Traffic, run: Omnilogs, code: i32) -> Ran {
    let before = traffic.server.targets().len();
    let ran = run.args(["--for", "1s"]).run().code(code);
    assert_eq!(traffic.server.targets().len(), before);
    assert_eq!(ran.stdout, "");
    ran
}
