//! The output and files of a run as bytes, and the search for marks in them.

use std::fs::File;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::marks;
use crate::support::Omnilogs;
use crate::support::PATIENCE;
use crate::support::running::ChildGuard;

/// A run whose request cannot arrive is interrupted after this time.
const MAX_TIME_WITHOUT_SERVER: Duration = Duration::from_millis(700);
/// A run that continues for longer than this after its first request, or its first output, is interrupted.
const MAX_TIME_AFTER_START: Duration = Duration::from_millis(150);

/// The exit status, output and files of a run.
pub(super) struct RunBytes {
    code: Option<i32>,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    /// The command lines of the program and its child processes.
    command_lines: Vec<u8>,
    /// Files that the run has written, by name.
    pub(super) files: Vec<(String, Vec<u8>)>,
}

/// Runs to the end; interrupts a run that continues after its first request or its first output. Where
/// `has_server` is false, no request can arrive.
pub(super) fn run(
    run: Omnilogs,
    has_server: bool,
    has_sent_request: impl Fn() -> bool,
) -> RunBytes {
    let (mut command, home) = run.into_command();
    let (out, err) = (home.path().join("stdout"), home.path().join("stderr"));
    command.stdin(Stdio::null());
    command.stdout(File::create(&out).unwrap()).stderr(File::create(&err).unwrap());
    let mut child = ChildGuard(command.spawn().unwrap());
    let mut command_lines = Vec::new();
    let has_printed = || out.metadata().unwrap().len() > 0;
    let max_time = if has_server { PATIENCE } else { MAX_TIME_WITHOUT_SERVER };
    let (spawned, mut started) = (Instant::now(), None);
    let code = loop {
        command_lines.extend(command_lines_of(&child.0));
        if let Some(status) = child.0.try_wait().unwrap() {
            break status.code();
        }
        if started.is_none() && (has_sent_request() || has_printed()) {
            started = Some(Instant::now());
        }
        if spawned.elapsed() > max_time
            || started.is_some_and(|at| at.elapsed() > MAX_TIME_AFTER_START)
        {
            kill_process(Pid::from_child(&child.0), Signal::INT).unwrap();
        }
        thread::sleep(Duration::from_millis(4));
    };
    let read = |path| std::fs::read(path).unwrap();
    RunBytes { code, stdout: read(out), stderr: read(err), command_lines, files: written(&home) }
}

/// The files that a run has written in its home.
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

/// Whether a file holds rows, as the archive does. All other files describe the run, and must contain
/// nothing personal.
fn is_output(name: &str) -> bool {
    name.starts_with("a.db")
        || name == "out"
        || name == "out.partial"
        || name == "out.svg"
        || name.starts_with(".omnilogs-")
}

fn command_lines_of(child: &Child) -> Vec<u8> {
    let id = child.id();
    let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children"));
    let ids = children.unwrap_or_default();
    let ids = ids.split_whitespace().map(str::to_owned).chain([id.to_string()]);
    // A process that has just ended has no command line.
    ids.flat_map(|id| std::fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default()).collect()
}

impl RunBytes {
    /// The first mark in a forbidden place, or that the run panicked.
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

/// Checks that no mark is in a forbidden place.
#[track_caller]
pub(super) fn check(seen: &RunBytes, what: &str) {
    let stderr = String::from_utf8_lossy(&seen.stderr);
    assert_eq!(seen.fault(), None, "{what}: {stderr}");
}

fn empty_run() -> RunBytes {
    let none = Vec::new;
    let files = Vec::new();
    RunBytes { code: Some(0), stdout: none(), stderr: none(), command_lines: none(), files }
}

/// C29. The search finds each form of each mark in each forbidden place, and accepts marks where
/// they are allowed.
#[test]
fn each_form_of_a_mark_is_found_wherever_it_is_planted() {
    let is_caught = |seen: &RunBytes| seen.fault().is_some();
    let within = |form: &str| format!("some words, {form}, and more").into_bytes();
    assert!(!is_caught(&empty_run()));
    let file = |name: &str, form: &str| vec![(name.to_owned(), within(form))];
    for (_, form) in marks::secrets() {
        assert!(is_caught(&RunBytes { stdout: within(&form), ..empty_run() }), "{form}");
        assert!(is_caught(&RunBytes { stderr: within(&form), ..empty_run() }), "{form}");
        assert!(is_caught(&RunBytes { command_lines: within(&form), ..empty_run() }), "{form}");
        for name in ["manifest.json", "out", "out.partial", "out.checkpoint", "out.svg"] {
            assert!(is_caught(&RunBytes { files: file(name, &form), ..empty_run() }), "{form}");
        }
    }
    for (_, form) in marks::personal() {
        assert!(is_caught(&RunBytes { stderr: within(&form), ..empty_run() }), "{form}");
        assert!(!is_caught(&RunBytes { stdout: within(&form), ..empty_run() }), "{form}");
        for (name, wrong) in [("manifest.json", true), ("out.checkpoint", true), ("out", false)] {
            let seen = RunBytes { files: file(name, &form), ..empty_run() };
            assert_eq!(is_caught(&seen), wrong, "{name}: {form}");
        }
    }
    assert!(is_caught(&RunBytes { code: Some(101), ..empty_run() }));
}
