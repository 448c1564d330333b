//! `follow --state`: a follow that is killed, stopped or moved in time continues without losing or
//! repeating a row, and a state that is not its own is refused.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{Duration, Utc};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::support::command::{exit_code, set_mode};
use crate::support::messages::{NUMBER, message_with};
use crate::support::model::{StoredMessages, response_to};
use crate::support::restricted::{with_file_size_limit, without_root_capabilities};
use crate::support::running::ChildGuard;
use crate::support::{Omnilogs, PATIENCE, Ran, Response, Server, at_once, omnilogs};

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

/// The API of an account with traffic: each request adds messages, and delivers half of those that
/// are pending.
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

    /// Stops the traffic, and follows to the end of it.
    fn rest(&self, state: &Path, args: &[&str]) -> Ran {
        self.flows.store(false, Ordering::SeqCst);
        self.follow(state, args).args(["--for", "1s"]).run().code(0)
    }
}

/// A run that is killed before it has a state is followed by one that shows the last messages once more.
const ALL: [&str; 2] = ["-n", "500"];

/// Numbers that look random and are the same in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// A run that is ended by a signal.
struct Ended {
    /// The whole lines that it wrote to its pipe.
    lines: Vec<String>,
}

fn send(child: &Child, signal: Signal) {
    // It may have ended already.
    let _ = kill_process(Pid::from_child(child), signal);
}

/// Runs until a random instant: after a response, or after a line of output.
fn ended_at_random(run: Omnilogs, traffic: &Traffic, random: &mut Random, signal: Signal) -> Ended {
    let before = traffic.server.targets().len();
    let (mut command, _home) = run.into_command();
    let (reader, writer) = std::io::pipe().unwrap();
    rustix::pipe::fcntl_setpipe_size(&writer, 4096).unwrap();
    let child = command.stdout(writer).stderr(Stdio::null()).stdin(Stdio::null()).spawn().unwrap();
    let mut child = ChildGuard(child);
    drop(command);
    let mut lines = BufReader::new(reader).split(b'\n').map(Result::unwrap);
    let mut read = Vec::new();
    if random.below(2) == 0 {
        // In the middle of the rows of a poll, between two polls, or while the state is written.
        let count = 1 + random.below(20);
        read.extend(lines.by_ref().take(usize::try_from(count).unwrap()));
        send(&child.0, signal);
        read.extend(lines);
    } else {
        let count = before + 1 + usize::try_from(random.below(3)).unwrap();
        let started = std::time::Instant::now();
        std::thread::scope(|scope| {
            let rest = scope.spawn(|| lines.collect::<Vec<_>>());
            while traffic.server.targets().len() < count {
                assert!(started.elapsed() < PATIENCE, "no request");
                std::thread::yield_now();
            }
            send(&child.0, signal);
            read = rest.join().unwrap();
        });
    }
    let code = exit_code(child.0.wait().unwrap());
    assert_eq!(code, 128 + signal.as_raw());
    // A kill cuts the last line.
    let whole =
        |line: Vec<u8>| serde_json::from_slice::<Value>(&line).ok().map(|row| row.to_string());
    Ended { lines: read.into_iter().filter_map(whole).collect() }
}

/// The id and the status of a row.
fn key(line: &str) -> (String, String) {
    let row: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("not a row: {line}"));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&row["messageId"]), text(&row["status"]["name"]))
}

/// Checks that every message of the server is in these rows with its last status, none of them twice,
/// and each change after what it changed from.
#[track_caller]
fn is_exact<'l>(lines: impl IntoIterator<Item = &'l str>, traffic: &Traffic) {
    let mut statuses: HashMap<String, String> = HashMap::new();
    let mut seen = HashSet::new();
    for line in lines {
        let (id, status) = key(line);
        assert!(seen.insert((id.clone(), status.clone())), "twice: {id} {status}");
        let row: Value = serde_json::from_str(line).unwrap();
        let previous = row["omnilogs"]["previousStatus"].as_str();
        assert_eq!(previous, statuses.get(&id).map(String::as_str), "{id}");
        statuses.insert(id, status);
    }
    let held = traffic.held.lock().unwrap();
    assert!(held.len() > 10, "{}", held.len());
    for row in held.iter() {
        let last = row["status"]["name"].as_str();
        let id = row["messageId"].as_str().unwrap();
        assert_eq!(statuses.get(id).map(String::as_str), last, "{id}");
    }
    assert_eq!(statuses.len(), held.len());
}

fn folder_with_state() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    (folder, state)
}

/// Twenty of the forty kills.
#[test]
fn after_kills_at_random_instants_an_output_file_has_every_row_once() {
    at_once([11, 12], |seed| {
        let (folder, state) = folder_with_state();
        let rows = folder.path().join("rows.jsonl");
        let args = ["--output-file", rows.to_str().unwrap(), ALL[0], ALL[1]];
        let (traffic, mut random) = (Traffic::start(), Random(seed));
        for _ in 0..10 {
            let run = traffic.follow(&state, &args);
            // A file is written without a pipe to slow it down: the responses are the instants.
            let before = traffic.server.targets().len();
            let (mut command, _home) = run.into_command();
            let child = command.stdin(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            let child = ChildGuard(child);
            let requests = before + 1 + usize::try_from(random.below(3)).unwrap();
            let longer = fs::metadata(&rows).map_or(0, |found| found.len()) + random.below(60_000);
            let started = std::time::Instant::now();
            while traffic.server.targets().len() < requests
                && fs::metadata(&rows).map_or(0, |found| found.len()) <= longer
            {
                assert!(started.elapsed() < PATIENCE, "nothing happens");
                std::thread::yield_now();
            }
            send(&child.0, Signal::KILL);
        }
        traffic.rest(&state, &args);
        is_exact(fs::read_to_string(&rows).unwrap().lines(), &traffic);
        let mut names: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["rows.jsonl", "state"]);
    });
}

/// How many rows a state counts as shown: each message once for each status.
fn acknowledged(state: &Path) -> usize {
    let stored = read_json(state);
    let messages = stored["follow"]["messages"].as_array();
    messages.into_iter().flatten().map(|message| message[2].as_array().unwrap().len()).sum()
}

/// The other twenty of the forty kills.
#[test]
fn after_kills_at_random_instants_a_pipe_repeats_only_rows_that_no_state_counts_as_shown() {
    at_once([21, 22], |seed| {
        let (_folder, state) = folder_with_state();
        let (traffic, mut random) = (Traffic::start(), Random(seed));
        let mut seen: HashSet<(String, String)> = HashSet::new();
        let mut exact: Vec<String> = Vec::new();
        let mut take = |lines: Vec<String>, unacknowledged: usize| {
            let keys: Vec<_> = lines.iter().map(|line| key(line)).collect();
            let repeated = keys.iter().filter(|key| seen.contains(key)).count();
            assert!(repeated <= unacknowledged, "{repeated} of {unacknowledged}");
            let unique: HashSet<_> = keys.iter().collect();
            assert_eq!(unique.len(), keys.len(), "a run repeats its own row");
            exact.extend(lines.into_iter().filter(|line| !seen.contains(&key(line))));
            seen.extend(keys);
            seen.len()
        };
        let mut unacknowledged = 0;
        for _ in 0..10 {
            let run = traffic.follow(&state, &ALL);
            let lines = ended_at_random(run, &traffic, &mut random, Signal::KILL).lines;
            let shown = take(lines, unacknowledged);
            // What counts as shown is in the pipe.
            unacknowledged = shown.checked_sub(acknowledged(&state)).unwrap();
        }
        let rest = traffic.rest(&state, &ALL).stdout;
        let shown = take(rest.lines().map(str::to_owned).collect(), unacknowledged);
        // A row that was shown before a kill may have changed before it was shown again.
        assert!(shown >= acknowledged(&state));
        let last: HashMap<_, _> = exact.iter().map(|line| key(line)).collect();
        for row in traffic.held.lock().unwrap().iter() {
            let id = row["messageId"].as_str().unwrap();
            assert_eq!(last.get(id).map(String::as_str), row["status"]["name"].as_str(), "{id}");
        }
    });
}

#[test]
fn a_follow_that_sigterm_or_ctrl_c_stops_repeats_nothing_in_a_pipe() {
    at_once([(31, Signal::TERM), (32, Signal::INT)], |(seed, signal)| {
        let (_folder, state) = folder_with_state();
        let (traffic, mut random) = (Traffic::start(), Random(seed));
        let mut lines = Vec::new();
        for _ in 0..6 {
            let run = traffic.follow(&state, &ALL);
            lines.extend(ended_at_random(run, &traffic, &mut random, signal).lines);
        }
        lines.extend(traffic.rest(&state, &ALL).stdout.lines().map(str::to_owned));
        is_exact(lines.iter().map(String::as_str), &traffic);
    });
}

/// A state that was written after a poll of this traffic, and the rows of it.
fn followed(args: &[&str]) -> (tempfile::TempDir, PathBuf, Traffic, String) {
    let (folder, state) = folder_with_state();
    let traffic = Traffic::start();
    let ran = traffic.follow(&state, args).args(["--for", "1s"]).run().code(0);
    (folder, state, traffic, ran.stdout)
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

#[test]
fn what_was_sent_while_no_follow_ran_is_shown_oldest_first_and_once() {
    let (_folder, state, traffic, _) = followed(&[]);
    age(&state, &traffic, Duration::hours(5));
    traffic.flows.store(false, Ordering::SeqCst);
    let missed = [("late", 10), ("mid", 150), ("early", 290)];
    traffic
        .held
        .lock()
        .unwrap()
        .extend(missed.map(|(id, minutes)| sent_ago(id, Duration::minutes(minutes))));
    let ran = traffic.rest(&state, &[]);
    let ids: Vec<_> = ran.stdout.lines().map(|line| key(line).0).collect();
    let new: Vec<_> = ids.iter().filter(|id| !id.starts_with('r')).collect();
    assert_eq!(new, ["early", "mid", "late"], "{ids:?}");
    assert_eq!(traffic.rest(&state, &[]).stdout, "");
}

#[test]
fn what_expired_while_no_follow_ran_is_named_as_missing() {
    let (folder, state, traffic, _) = followed(&[]);
    age(&state, &traffic, Duration::hours(60));
    traffic.flows.store(false, Ordering::SeqCst);
    traffic.held.lock().unwrap().push(sent_ago("kept", Duration::hours(40)));
    let run = omnilogs().at(&traffic.server.url()).args(["follow", "-o", "jsonl", "--for", "1s"]);
    let ran = run.args(["--state"]).args([&state]).run().code(3);
    assert!(ran.stdout.contains("kept"), "{}", ran.stdout);
    ran.says("messages may be missing from ").says("the API keeps messages for 48 hours");
    drop(folder);
}

#[test]
fn a_longer_lookback_or_interval_repeats_nothing() {
    let (_folder, state, traffic, _) = followed(&["--lookback", "1m"]);
    traffic.flows.store(false, Ordering::SeqCst);
    // Shown by an earlier run, and so old that it is no longer known.
    traffic.held.lock().unwrap().push(sent_ago("forgotten", Duration::minutes(10)));
    let ran = traffic.rest(&state, &["--lookback", "2h"]);
    assert!(!ran.stdout.contains("forgotten"), "{}", ran.stdout);
}

#[test]
fn the_state_holds_no_number_no_text_and_no_key_and_only_its_owner_reads_it() {
    let (_folder, state, _traffic, rows) = followed(&[]);
    assert!(rows.contains(NUMBER));
    let text = fs::read_to_string(&state).unwrap();
    for secret in [NUMBER, "long text", "test-key", "r0-1"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    assert_eq!(fs::metadata(&state).unwrap().permissions().mode() & 0o777, 0o600);
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
fn an_output_file_of_another_format_or_without_a_form_to_append_to_is_refused() {
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
fn a_state_that_cannot_be_written_is_found_out_before_anything_is_sent() {
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
fn the_first_run_shows_the_last_messages_and_later_runs_only_what_is_new() {
    let (_folder, state, traffic, rows) = followed(&["-n", "3"]);
    assert!(rows.lines().count() >= 3, "{rows}");
    assert_eq!(traffic.rest(&state, &["-n", "3"]).stdout.matches("previousStatus").count(), 0);
    let quiet = traffic.follow(&state, &["--fail-on-empty", "--for", "1s"]).run().code(10);
    assert_eq!(quiet.stdout, "");
}

#[test]
fn a_csv_file_has_one_header_and_a_moved_one_is_started_again() {
    let (folder, state) = folder_with_state();
    let rows = folder.path().join("rows.csv");
    let args = [
        "-o",
        "csv",
        "--columns",
        "messageId,status.name",
        "--output-file",
        rows.to_str().unwrap(),
    ];
    let traffic = Traffic::start();
    for _ in 0..3 {
        traffic.follow(&state, &args).args(["--for", "1s"]).run().code(0);
    }
    traffic.rest(&state, &args);
    let text = fs::read_to_string(&rows).unwrap();
    assert_eq!(text.matches("messageId,status.name\n").count(), 1, "{text}");
    let (lines, unique): (Vec<_>, HashSet<_>) = (text.lines().collect(), text.lines().collect());
    assert_eq!(lines.len(), unique.len());
    // As logrotate does.
    fs::rename(&rows, folder.path().join("rows.csv.1")).unwrap();
    traffic.held.lock().unwrap().push(sent_ago("new", Duration::seconds(1)));
    traffic.rest(&state, &args);
    assert_eq!(
        fs::read_to_string(&rows).unwrap(),
        "messageId,status.name\nnew,DELIVERED_TO_HANDSET\n"
    );
}

#[test]
fn an_output_file_that_was_changed_is_refused_and_not_cut() {
    let (folder, state) = folder_with_state();
    let rows = folder.path().join("rows.jsonl");
    let args = ["--output-file", rows.to_str().unwrap()];
    let traffic = Traffic::start();
    traffic.follow(&state, &args).args(["--for", "1s"]).run().code(0);
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
fn rows_that_a_killed_run_wrote_and_that_have_expired_stay_in_the_file() {
    let (folder, state) = folder_with_state();
    let rows = folder.path().join("rows.jsonl");
    let args = ["--output-file", rows.to_str().unwrap()];
    let traffic = Traffic::start();
    traffic.follow(&state, &args).args(["--for", "1s"]).run().code(0);
    let text = fs::read_to_string(&rows).unwrap();
    let written = sent_ago("written", Duration::hours(50)).to_string();
    for (hours, is_kept) in [(1, false), (50, true)] {
        fs::write(&rows, format!("{text}{written}\n{{\"half")).unwrap();
        if is_kept {
            age(&state, &traffic, Duration::hours(hours));
        }
        traffic.flows.store(false, Ordering::SeqCst);
        let ran = traffic.follow(&state, &args).args(["--for", "1s"]).run();
        assert!([0, 3].contains(&ran.code), "{}", ran.stderr);
        let now = fs::read_to_string(&rows).unwrap();
        assert_eq!(now.contains("\"written\""), is_kept, "{now}");
        assert!(!now.contains("{\"half"));
    }
}

#[test]
fn a_state_that_cannot_be_saved_any_more_ends_the_follow_with_its_name() {
    let (_folder, state) = folder_with_state();
    let traffic = Traffic::start();
    // Enough for a state without messages.
    let output = with_file_size_limit(traffic.follow(&state, &[]), 500, Stdio::piped());
    let ran = Ran::from(output).code(1);
    ran.says(&format!("cannot write {}", state.display())).says("File too large");
    let left = fs::metadata(&state).unwrap();
    assert!(left.size() > 0 && acknowledged(&state) == 0);
}

#[test]
fn a_server_that_fails_leaves_the_state_as_it_was() {
    let (_folder, state, traffic, _) = followed(&[]);
    let port = traffic.server.port();
    let before = read_json(&state);
    let failing = Server::always(Response::error("401 Unauthorized"));
    // The state belongs to the host of its account.
    let run = traffic.follow(&state, &[]).env("OMNILOGS_BASE_URL", failing.url());
    refused(&traffic, run, 2).says("another account");
    assert_ne!(port, failing.port());
    assert_eq!(read_json(&state), before);
    traffic.rest(&state, &[]);
}
