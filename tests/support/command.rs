//! The built program with nothing from the environment of the tests.

use std::ffi::OsStr;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Output};

use assert_cmd::Command;
use tempfile::TempDir;

use super::messages::NUMBER;
use super::{PATIENCE, preload, programs};

/// The API key of a run that queries a test server.
const KEY: &str = "test-key";

/// The built program, with an empty home, UTC and no other environment.
pub struct Omnilogs {
    pub command: Command,
    pub(super) home: TempDir,
}

/// The exit status and the output of a run.
pub struct Ran {
    /// As a shell reports it: 128 and the number of the signal that ended the run.
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

/// The exit status as a shell reports it.
pub fn exit_code(status: ExitStatus) -> i32 {
    status.code().or_else(|| Some(128 + status.signal()?)).unwrap_or(-1)
}

pub fn omnilogs() -> Omnilogs {
    let home = TempDir::new().unwrap();
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("omnilogs"));
    command.env_clear().env("HOME", home.path()).env("TZ", "UTC").current_dir(home.path());
    Omnilogs { command, home }
}

/// The path of a program that every machine has. The standard library starts a program by its path
/// much faster than by its name: it then need not copy the page tables of the tests.
pub(super) fn system_program(program: &str) -> PathBuf {
    programs::path_of(program).unwrap_or_else(|| panic!("no {program}"))
}

impl Omnilogs {
    pub fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.command.args(args);
        self
    }

    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Loads `tests/support/preload.c` with this setting.
    #[cfg(target_os = "linux")]
    pub fn with_preload(self, name: &str, value: &str) -> Self {
        let variables = preload::variables(name, value).into_iter();
        variables.fold(self, |run, (name, value)| run.env(name, value))
    }

    pub fn stdin(mut self, text: impl Into<Vec<u8>>) -> Self {
        self.command.write_stdin(text);
        self
    }

    /// Runs the program through another one that takes a command line, such as `env` or `prlimit`.
    pub fn wrapped_by(mut self, outer: &[&str]) -> Self {
        let mut command = Command::new(system_program(outer[0]));
        command.args(&outer[1..]).arg(self.command.get_program()).args(self.command.get_args());
        command.env_clear().current_dir(self.home.path());
        command.envs(self.command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        self.command = command;
        self
    }

    /// Queries this server with an API key from the environment.
    pub fn at(self, base_url: &str) -> Self {
        self.env("OMNILOGS_BASE_URL", base_url).env("OMNILOGS_API_KEY", KEY)
    }

    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Writes the configuration file at its default path, readable by its owner alone.
    pub fn config(self, text: &str) -> Self {
        let path = self.home.path().join(".config/omnilogs/config.toml");
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        set_mode(&path, 0o600);
        self
    }

    pub fn run(mut self) -> Ran {
        Ran::from(self.command.timeout(PATIENCE).output().unwrap())
    }

    /// Runs, and returns the peak resident memory in KiB of the process, or of one that it started if
    /// that has more. The program itself states its peak at the end; that of the others is the highest
    /// one that was seen.
    pub fn run_measured(self) -> (Ran, u64) {
        let peak_file = tempfile::NamedTempFile::new().unwrap();
        let peak_file = peak_file.path();
        let preload = preload::variables("PRELOAD_PEAK", peak_file.to_str().unwrap());
        let (mut command, _home) = self.into_command();
        let pipe = std::process::Stdio::piped;
        let child = command.envs(preload).stdin(pipe()).stdout(pipe()).stderr(pipe());
        let mut child = child.spawn().unwrap();
        let own = child.id().to_string();
        let children = format!("/proc/{own}/task/{own}/children");
        let (mut peak, started) = (0, std::time::Instant::now());
        while child.try_wait().unwrap().is_none() {
            if started.elapsed() > PATIENCE {
                child.kill().unwrap();
            }
            let children = std::fs::read_to_string(&children).unwrap_or_default();
            let status = |process| format!("/proc/{process}/status");
            peak = children.split_whitespace().map(status).filter_map(peak_in).fold(peak, u64::max);
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        let ran = Ran::from(child.wait_with_output().unwrap());
        (ran, peak.max(peak_in(peak_file).unwrap()))
    }
}

/// The peak resident memory in KiB that a file of `/proc`, or a line of it, states.
fn peak_in(status: impl AsRef<Path>) -> Option<u64> {
    let status = std::fs::read_to_string(status).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

pub fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

impl From<Output> for Ran {
    #[track_caller]
    fn from(output: Output) -> Self {
        let ran = Self {
            code: exit_code(output.status),
            stdout: String::from_utf8(output.stdout).expect("standard output is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("standard error is UTF-8"),
        };
        ran.check_invariants();
        ran
    }
}

impl Ran {
    /// Checks what is true for every run of every test: it does not panic, and standard error
    /// contains neither the key of [`Omnilogs::at`] nor the phone number of the messages.
    #[track_caller]
    pub fn check_invariants(&self) {
        assert!(self.code != 101 && !self.stderr.contains("panicked"), "{}", self.stderr);
        for marked in [KEY, NUMBER] {
            assert!(!self.stderr.contains(marked), "{marked} is on stderr:\n{}", self.stderr);
        }
    }

    /// Returns the run if it ended with this status; otherwise panics and shows both streams.
    #[track_caller]
    pub fn code(self, wanted: i32) -> Self {
        assert_eq!(self.code, wanted, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// The last line of standard error as JSON.
    #[track_caller]
    pub fn error_json(&self) -> serde_json::Value {
        let line = self.stderr.lines().last().unwrap_or_default();
        serde_json::from_str(line).unwrap_or_else(|_| panic!("not a JSON line:\n{}", self.stderr))
    }

    #[track_caller]
    pub fn says(self, wanted: &str) -> Self {
        assert!(self.stderr.contains(wanted), "{wanted:?} is not in:\n{}", self.stderr);
        self
    }
}
