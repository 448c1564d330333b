//! A run that a test observes and interrupts.

use std::io::{BufRead, BufReader, Read};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::command::exit_code;
use super::{Omnilogs, PATIENCE, Ran};

/// A process that is killed at the end of the test, also when the test fails.
pub struct ChildGuard(pub Child);

impl Drop for ChildGuard {
    fn drop(&mut self) {
        // Usually it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A run in progress. Its standard output is a pipe with a capacity of one memory page that is
/// not read until [`Running::end`].
pub struct Running {
    child: ChildGuard,
    stdout: std::fs::File,
    first: Vec<u8>,
    stderr: Receiver<String>,
    stderr_text: String,
    home: TempDir,
}

/// Whether the tests run with ignored signals, as after `nohup` or as a job of a script in the
/// background. A program inherits these, and does not end by them.
static IGNORES_SIGNALS: LazyLock<bool> = LazyLock::new(|| {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|bits| u64::from_str_radix(bits.trim(), 16).ok()).unwrap_or(0);
    let ending = [Signal::HUP, Signal::INT, Signal::QUIT, Signal::TERM];
    ending.iter().any(|signal| ignored & (1 << (signal.as_raw() - 1)) != 0)
});

impl Omnilogs {
    /// The command, and its home folder, which is removed when it is dropped. A signal ends the
    /// program as it does when a person has started it.
    pub fn into_command(mut self) -> (Command, TempDir) {
        if *IGNORES_SIGNALS {
            self = self.wrapped_by(&["/usr/bin/env", "--default-signal"]);
        }
        let mut command = Command::new(self.command.get_program());
        command.args(self.command.get_args()).env_clear();
        let set = self.command.get_envs().filter_map(|(name, value)| Some((name, value?)));
        command.envs(set);
        if let Some(folder) = self.command.get_current_dir() {
            command.current_dir(folder);
        }
        (command, self.home)
    }

    /// Starts the program and does not wait.
    pub fn start(self) -> Running {
        self.start_reading(Stdio::null())
    }

    /// Like [`Omnilogs::start`], with this standard input.
    pub fn start_reading(self, input: impl Into<Stdio>) -> Running {
        let (mut command, home) = self.into_command();
        let (reader, writer) = std::io::pipe().unwrap();
        rustix::pipe::fcntl_setpipe_size(&writer, 4096).unwrap();
        let child = command
            .stdin(input)
            .stdout(OwnedFd::from(writer))
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut child = ChildGuard(child);
        // It holds the write end of the pipe, which only the program may keep open.
        drop(command);
        let lines = BufReader::new(child.0.stderr.take().unwrap()).lines();
        let (sender, stderr) = channel();
        thread::spawn(move || lines.map_while(Result::ok).all(|line| sender.send(line).is_ok()));
        let stdout = OwnedFd::from(reader).into();
        Running { child, stdout, first: Vec::new(), stderr, stderr_text: String::new(), home }
    }
}

impl Running {
    pub fn home(&self) -> &std::path::Path {
        self.home.path()
    }

    /// Waits until a condition is true that another thread or process brings about.
    #[track_caller]
    pub fn until(&self, holds: impl Fn() -> bool) {
        let started = Instant::now();
        while !holds() {
            assert!(started.elapsed() < PATIENCE, "it did not happen:\n{}", self.stderr_text);
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until a condition is true, or the program has ended; `true` when it has not.
    #[track_caller]
    pub fn until_or_end(&mut self, holds: impl Fn() -> bool) -> bool {
        let started = Instant::now();
        loop {
            if self.child.0.try_wait().unwrap().is_some() {
                return false;
            }
            if holds() {
                return true;
            }
            assert!(started.elapsed() < PATIENCE, "it did not happen:\n{}", self.stderr_text);
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Waits until the program has installed its signal handlers.
    #[track_caller]
    pub fn until_it_handles_signals(&self) {
        let status = format!("/proc/{}/status", self.child.0.id());
        self.until(|| {
            let status = std::fs::read_to_string(&status).unwrap();
            let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap();
            let caught = u64::from_str_radix(caught.trim(), 16).unwrap();
            let both = [Signal::INT, Signal::TERM].map(|signal| 1 << (signal.as_raw() - 1));
            both.iter().all(|bit| caught & bit != 0)
        });
    }

    /// Waits until standard error contains this text.
    #[track_caller]
    pub fn until_stderr_contains(&mut self, wanted: &str) {
        while !self.stderr_text.contains(wanted) {
            match self.stderr.recv_timeout(PATIENCE) {
                Ok(line) => self.stderr_text += &(line + "\n"),
                Err(why) => {
                    panic!("{wanted:?} is not in standard error ({why}):\n{}", self.stderr_text)
                }
            }
        }
    }

    /// Waits until the program has started to print.
    pub fn until_it_prints(&mut self) {
        let mut byte = [0];
        self.stdout.read_exact(&mut byte).unwrap();
        self.first.push(byte[0]);
    }

    pub fn signal(&self, signal: Signal) {
        let id = Pid::from_child(&self.child.0);
        kill_process(id, signal).unwrap();
    }

    /// Sends a signal that stops the run in order, and waits until the program has noticed it: it then has
    /// a thread that limits the time to stop.
    #[track_caller]
    pub fn stop(&mut self, signal: Signal) {
        self.signal(signal);
        let threads = format!("/proc/{}/task", self.child.0.id());
        let has_stop_timer = || {
            let threads = std::fs::read_dir(&threads).into_iter().flatten().flatten();
            let mut names =
                threads.filter_map(|it| std::fs::read_to_string(it.path().join("comm")).ok());
            names.any(|name| name.trim_end() == "stop timer")
        };
        self.until_or_end(has_stop_timer);
    }

    /// Waits until the program, or a process that it started, has computed for a third of a second,
    /// which no short task does.
    #[track_caller]
    pub fn until_it_computes(&self) {
        let id = self.child.0.id();
        self.until(|| {
            let processes = std::fs::read_dir("/proc").unwrap().flatten();
            let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
            ids.filter(|process| *process == id || stat(*process, 1) == u64::from(id))
                .map(|process| stat(process, 11))
                .sum::<u64>()
                > 33
        });
    }

    /// Waits for the end of the run without reading its output.
    #[track_caller]
    pub fn end_unread(mut self) -> i32 {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.0.try_wait().unwrap() {
                return exit_code(status);
            }
            assert!(started.elapsed() < PATIENCE, "it does not end");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Sends a signal again and again until the run ends, without reading its output.
    #[track_caller]
    pub fn signal_until_it_ends(mut self, signal: Signal) -> i32 {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.0.try_wait().unwrap() {
                return exit_code(status);
            }
            assert!(started.elapsed() < PATIENCE, "it does not end");
            self.signal(signal);
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Closes standard output, as `head` does when it has read enough.
    pub fn close_output(self) -> Ran {
        self.close_output_and_inspect(|| ()).0
    }

    /// Also returns what `inspect` finds after the run has ended, before its home is removed.
    pub fn close_output_and_inspect<T>(self, inspect: impl FnOnce() -> T) -> (Ran, T) {
        let Self { mut child, stdout, stderr, stderr_text, home, .. } = self;
        drop(stdout);
        let code = exit_code(child.0.wait().unwrap());
        let found = inspect();
        drop(home);
        let ran = Ran { code, stdout: String::new(), stderr: stderr_text + &rest_of(&stderr) };
        ran.check_invariants();
        (ran, found)
    }

    /// Reads the output until the run ends.
    pub fn end(self) -> Ran {
        self.end_and_inspect(|| ()).0
    }

    /// Also returns what `inspect` finds after the run has ended, before its home is removed.
    pub fn end_and_inspect<T>(self, inspect: impl FnOnce() -> T) -> (Ran, T) {
        let Self { mut child, mut stdout, first, stderr, stderr_text, home } = self;
        let mut bytes = first;
        stdout.read_to_end(&mut bytes).unwrap();
        let code = exit_code(child.0.wait().unwrap());
        let found = inspect();
        drop(home);
        let stdout = String::from_utf8(bytes).expect("standard output is UTF-8");
        let ran = Ran { code, stdout, stderr: stderr_text + &rest_of(&stderr) };
        ran.check_invariants();
        (ran, found)
    }
}

fn rest_of(stderr: &Receiver<String>) -> String {
    stderr.iter().map(|line| line + "\n").collect()
}

/// A number behind the name in a process's `stat`: 1 is its parent, 11 its time in user mode, in
/// hundredths of a second. Zero when the process has ended.
fn stat(process: u32, field: usize) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // The name, in parentheses, may hold blanks.
    let behind = stat.rsplit(')').next().unwrap_or_default();
    behind.split_whitespace().nth(field).and_then(|number| number.parse().ok()).unwrap_or(0)
}
