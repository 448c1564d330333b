//! Runs that a signal ends at any instant, and the runs that continue them.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::{Traffic, acknowledged, folder_with_state, key};
use crate::support::command::exit_code;
use crate::support::running::ChildGuard;
use crate::support::{Omnilogs, PATIENCE, at_once};

/// Options for all messages: after a run that was killed before it had a state, the next one shows the
/// last messages again.
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
    let before = traffic.server.requests();
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
            while traffic.server.requests() < count {
                assert!(started.elapsed() < PATIENCE, "no request");
                std::thread::sleep(std::time::Duration::from_millis(1));
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

/// Checks that every message of the server is in these rows with its last status, none of them twice,
/// and each change after what it changed from.
#[track_caller]
fn check_each_row_once<'l>(lines: impl IntoIterator<Item = &'l str>, traffic: &Traffic) {
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

/// Kills twenty runs.
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
            let before = traffic.server.requests();
            let (mut command, _home) = run.into_command();
            let child = command.stdin(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            let child = ChildGuard(child);
            let requests = before + 1 + usize::try_from(random.below(3)).unwrap();
            let longer = fs::metadata(&rows).map_or(0, |found| found.len()) + random.below(60_000);
            let started = std::time::Instant::now();
            while traffic.server.requests() < requests
                && fs::metadata(&rows).map_or(0, |found| found.len()) <= longer
            {
                assert!(started.elapsed() < PATIENCE, "nothing happens");
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
            send(&child.0, Signal::KILL);
        }
        traffic.rest(&state, &args);
        check_each_row_once(fs::read_to_string(&rows).unwrap().lines(), &traffic);
        let mut names: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["rows.jsonl", "state"]);
    });
}

/// Kills twenty runs.
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
        check_each_row_once(lines.iter().map(String::as_str), &traffic);
    });
}
