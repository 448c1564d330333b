//! A run as bytes, and the search for marks in whatever it left.

use std::fs::File;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::marks;
use crate::support::Omnilogs;
use crate::support::running::Kept;

/// A run that goes on for so long is asked to end.
const ENOUGH: Duration = Duration::from_millis(700);
/// Likewise when it has asked the server, and still goes on after this.
const ANSWERED: Duration = Duration::from_millis(150);

/// What came of a run, as bytes.
pub(super) struct Seen {
    code: Option<i32>,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    /// The command lines of the program and of what it started.
    command_lines: Vec<u8>,
    /// Files that the run has written, by name.
    pub(super) files: Vec<(String, Vec<u8>)>,
}

/// Runs to the end, or until it has had its answer and goes on all the same.
pub(super) fn run(run: Omnilogs, asked: impl Fn() -> bool) -> Seen {
    let (mut command, home) = run.plain();
    let (out, err) = (home.path().join("stdout"), home.path().join("stderr"));
    command.stdin(Stdio::null());
    command.stdout(File::create(&out).unwrap()).stderr(File::create(&err).unwrap());
    let mut child = Kept(command.spawn().unwrap());
    let mut command_lines = Vec::new();
    let (started, mut answered) = (Instant::now(), None);
    let code = loop {
        command_lines.extend(command_lines_of(&child.0));
        if let Some(status) = child.0.try_wait().unwrap() {
            break status.code();
        }
        if answered.is_none() && asked() {
            answered = Some(Instant::now());
        }
        if started.elapsed() > ENOUGH || answered.is_some_and(|at| at.elapsed() > ANSWERED) {
            kill_process(Pid::from_child(&child.0), Signal::INT).unwrap();
        }
        thread::sleep(Duration::from_millis(4));
    };
    let read = |path| std::fs::read(path).unwrap();
    Seen { code, stdout: read(out), stderr: read(err), command_lines, files: written(&home) }
}

/// What a run has left in its home beside what was there before.
fn written(home: &TempDir) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(home.path()).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_file()
            && !["stdout", "stderr", "key", "saved.json"].contains(&name.as_str())
        {
            files.push((name, std::fs::read(entry.path()).unwrap()));
        }
    }
    files
}

/// Files of rows; all others are a run's own records, which name no person.
fn is_output(name: &str) -> bool {
    name == "out" || name == "out.partial" || name == "out.svg" || name.starts_with(".omnilogs-")
}

fn command_lines_of(child: &Child) -> Vec<u8> {
    let id = child.id();
    let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children"));
    let ids = children.unwrap_or_default();
    let ids = ids.split_whitespace().map(str::to_owned).chain([id.to_string()]);
    // A process that has just ended has none.
    ids.flat_map(|id| std::fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default()).collect()
}

impl Seen {
    /// The first mark where it must not be, or a panic.
    fn fault(&self) -> Option<String> {
        if self.code == Some(101) || marks::is_in("panicked", &self.stderr) {
            return Some("it panicked".into());
        }
        let files = self.files.iter().map(|(name, bytes)| (name.as_str(), bytes));
        let streams =
            [("stdout", &self.stdout), ("stderr", &self.stderr), ("argv", &self.command_lines)];
        let everywhere = streams.into_iter().chain(files.clone());
        let records = files.filter(|(name, _)| !is_output(name)).chain([("stderr", &self.stderr)]);
        let found = |(place, bytes): (&str, &Vec<u8>), marks: &[(&str, String)]| {
            let mark = marks.iter().find(|(_, form)| marks::is_in(form, bytes))?;
            Some(format!("the {} is in {place} as {}", mark.0, mark.1))
        };
        let (secrets, personal) = (marks::secrets(), marks::personal());
        let mut faults = everywhere
            .filter_map(|place| found(place, &secrets))
            .chain(records.filter_map(|place| found(place, &personal)));
        faults.next()
    }
}

/// Looks for every mark where it must not be.
#[track_caller]
pub(super) fn check(seen: &Seen, what: &str) {
    let stderr = String::from_utf8_lossy(&seen.stderr);
    assert_eq!(seen.fault(), None, "{what}: {stderr}");
}

fn nothing_seen() -> Seen {
    let none = Vec::new;
    let files = Vec::new();
    Seen { code: Some(0), stdout: none(), stderr: none(), command_lines: none(), files }
}

/// C29. The search finds each form of each mark in each place where it must not be, and lets pass
/// what may be there.
#[test]
fn each_form_of_a_mark_is_found_wherever_it_is_planted() {
    let is_caught = |seen: &Seen| seen.fault().is_some();
    let within = |form: &str| format!("some words, {form}, and more").into_bytes();
    assert!(!is_caught(&nothing_seen()));
    let file = |name: &str, form: &str| vec![(name.to_owned(), within(form))];
    for (_, form) in marks::secrets() {
        assert!(is_caught(&Seen { stdout: within(&form), ..nothing_seen() }), "{form}");
        assert!(is_caught(&Seen { stderr: within(&form), ..nothing_seen() }), "{form}");
        assert!(is_caught(&Seen { command_lines: within(&form), ..nothing_seen() }), "{form}");
        for name in ["manifest.json", "out", "out.partial", "out.checkpoint", "out.svg"] {
            assert!(is_caught(&Seen { files: file(name, &form), ..nothing_seen() }), "{form}");
        }
    }
    for (_, form) in marks::personal() {
        assert!(is_caught(&Seen { stderr: within(&form), ..nothing_seen() }), "{form}");
        assert!(!is_caught(&Seen { stdout: within(&form), ..nothing_seen() }), "{form}");
        for (name, wrong) in [("manifest.json", true), ("out.checkpoint", true), ("out", false)] {
            let seen = Seen { files: file(name, &form), ..nothing_seen() };
            assert_eq!(is_caught(&seen), wrong, "{name}: {form}");
        }
    }
    assert!(is_caught(&Seen { code: Some(101), ..nothing_seen() }));
}
