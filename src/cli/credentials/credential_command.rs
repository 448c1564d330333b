//! `credential_command`: a program of the user, such as a password manager, that prints credentials.
//!
//! Messages contain neither its standard error nor the command itself, which may contain secrets.

use std::io::{ErrorKind, Read as _};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use omnilogs::client::{Credentials, CredentialsError};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use secrecy::zeroize::Zeroizing;

use super::Origin;
use crate::failure::{Failure, Kind};
use crate::io::system_error::error_text;
use crate::io::{private_file, process_group};

/// How long the command may take, in which a person may have to unlock a password store.
pub(super) const LIMIT: Duration = Duration::from_secs(30);
/// The most that the command may print; only the first line is used.
const MAX_BYTES: usize = 64 << 10;
/// How often the status and the output of the command are polled.
const POLL_INTERVAL: Duration = Duration::from_millis(5);

/// Parses credentials as the command prints them: an API key, or another kind after its scheme.
pub(super) fn parse_credentials(line: &str) -> Result<Credentials, CredentialsError> {
    let basic = line.split_once(' ').filter(|(word, _)| word.eq_ignore_ascii_case("basic"));
    match basic.map(|(_, pair)| pair.split_once(':').unwrap_or((pair, ""))) {
        Some((username, password)) => Credentials::basic(username, password),
        None => Credentials::app(line),
    }
}

/// Runs the command and returns the first line that it prints, without spaces around it.
///
/// # Errors
/// When the command cannot be run, fails, takes too long or prints nothing.
pub(super) fn first_line(
    command: &str,
    limit: Duration,
    origin: &Origin,
) -> Result<Zeroizing<String>, Failure> {
    let failed = |why: String| {
        Failure::new(Kind::Credentials, format!("the credential command failed: {why}"))
            .because(format!("it is set by {origin}"))
            .hint("run it by hand to see what it says; it must print the credentials and nothing else")
    };
    let mut child = RunningCommand::start(command).map_err(|error| failed(error_text(&error)))?;
    let outcome = child.output(limit);
    if outcome.is_err() {
        child.kill();
    }
    let (bytes, status) = outcome.map_err(failed)?;
    if !status.success() {
        return Err(failed(status.to_string()));
    }
    let text = private_file::text(&bytes).map_err(|why| failed(format!("its output {why}")))?;
    match text.lines().next().map(str::trim).filter(|line| !line.is_empty()) {
        Some(line) => Ok(Zeroizing::new(line.to_owned())),
        None => Err(failed("its first line is empty".into())),
    }
}

/// A command that runs.
struct RunningCommand {
    child: Child,
    stdout: Option<ChildStdout>,
    /// Whether the command has its own process group.
    has_group: bool,
    /// The output so far.
    printed: Zeroizing<Vec<u8>>,
}

impl RunningCommand {
    fn start(command: &str) -> std::io::Result<Self> {
        // On a terminal the command stays in the group of this program: in another group, the system
        // would stop a command that prompts for a password there.
        let has_group = std::fs::File::open("/dev/tty").is_err();
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(command);
        shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child =
            if has_group { process_group::start(&mut shell)? } else { shell.spawn()? };
        let stdout = child.stdout.take();
        if let Some(stdout) = &stdout {
            fcntl_setfl(stdout, fcntl_getfl(stdout)? | OFlags::NONBLOCK)?;
        }
        // Allocated in full at the start: growing would leave copies that are not wiped.
        let printed = Zeroizing::new(Vec::with_capacity(MAX_BYTES + 1));
        Ok(Self { child, stdout, has_group, printed })
    }

    /// Waits until the command ends, and returns its output. It does not wait for the end of the pipe,
    /// which a process that the command started may hold open for longer.
    fn output(&mut self, limit: Duration) -> Result<(Zeroizing<Vec<u8>>, ExitStatus), String> {
        let deadline = Instant::now() + limit;
        loop {
            // Polled before the output is read, so that the output is complete.
            let ended = self.child.try_wait();
            self.read()?;
            if let Some(status) = ended.map_err(|error| error_text(&error))? {
                process_group::forget(&self.child);
                return Ok((std::mem::take(&mut self.printed), status));
            }
            if Instant::now() >= deadline {
                return Err(format!("it took longer than {} s", limit.as_secs_f32()));
            }
            std::thread::sleep(POLL_INTERVAL);
        }
    }

    /// Reads the bytes that are in the pipe, without waiting for more.
    fn read(&mut self) -> Result<(), String> {
        let mut chunk = Zeroizing::new([0; 4096]);
        while let Some(stdout) = &mut self.stdout {
            match stdout.read(&mut *chunk) {
                Ok(0) => self.stdout = None,
                Ok(read) => self.printed.extend_from_slice(chunk.get(..read).unwrap_or_default()),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error_text(&error)),
            }
            if self.printed.len() > MAX_BYTES {
                return Err(format!("its output is larger than {} KiB", MAX_BYTES >> 10));
            }
        }
        Ok(())
    }

    /// Kills the command, with its child processes if it has its own process group.
    fn kill(&mut self) {
        if self.has_group {
            process_group::end(&self.child);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use omnilogs::client::Scheme;

    use super::*;

    fn run(command: &str, limit: Duration) -> Result<String, Failure> {
        let origin = Origin::Flag("--test");
        first_line(command, limit, &origin).map(|line| line.to_string())
    }

    #[test]
    fn only_the_first_line_is_used() {
        assert_eq!(run("printf ' key \\nurl: x\\n'", LIMIT), Ok("key".into()));
    }

    #[test]
    fn a_command_that_fails_is_reported_by_its_status_without_its_text() {
        let failure = run("echo hunter2; echo hunter2 >&2; exit 3", LIMIT).unwrap_err();
        assert_eq!(failure.kind, Kind::Credentials);
        assert_eq!(failure.message, "the credential command failed: exit status: 3");
        assert!(!format!("{failure:?}").contains("hunter2"));
    }

    #[test]
    fn a_command_that_prints_nothing_usable_is_an_error() {
        for command in
            ["true", "echo", "printf '\\377'", "head -c 70000 /dev/zero", "no-such-program"]
        {
            assert_eq!(run(command, LIMIT).unwrap_err().kind, Kind::Credentials, "{command}");
        }
    }

    #[test]
    fn a_command_that_does_not_end_is_stopped() {
        for command in ["sleep 5", "exec >&-; sleep 5", "echo key; sleep 5"] {
            let failure = run(command, Duration::from_millis(50)).unwrap_err();
            assert!(failure.message.contains("took longer than 0.05 s"), "{command}: {failure:?}");
        }
    }

    #[test]
    fn its_output_is_used_once_it_has_ended_even_if_the_pipe_is_still_open() {
        let started = Instant::now();
        assert_eq!(run("sleep 60 & echo key", LIMIT), Ok("key".into()));
        assert!(started.elapsed() < LIMIT);
        let long = format!("sleep 60 & printf '%s\\n' key {}", "x".repeat(60_000));
        assert_eq!(run(&long, LIMIT), Ok("key".into()));
    }

    #[test]
    fn a_command_that_takes_too_long_is_ended_with_its_child_processes() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ids");
        let command = format!(
            "sleep 300 & echo $$ $! >'{0}.new'; mv '{0}.new' '{0}'; sleep 300",
            file.display()
        );
        // A busy machine may need longer until the command has come so far.
        let mut limit = Duration::from_millis(100);
        while !file.exists() {
            assert!(run(&command, limit).unwrap_err().message.contains("took longer"));
            limit *= 2;
        }
        for id in std::fs::read_to_string(file).unwrap().split_whitespace() {
            // A process that was killed is still listed until the system has ended it.
            let started = Instant::now();
            while is_running(id) {
                assert!(started.elapsed() < Duration::from_secs(60), "{id} still runs");
                std::thread::sleep(POLL_INTERVAL);
            }
        }
    }

    fn is_running(id: &str) -> bool {
        let status = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        let state = status.rsplit(") ").next().unwrap_or_default();
        !state.is_empty() && !state.starts_with(['Z', 'X'])
    }

    #[test]
    fn it_may_print_any_kind_of_credentials() {
        for (line, scheme) in [
            ("key", Scheme::App),
            ("App key", Scheme::App),
            ("Bearer token", Scheme::Bearer),
            ("IBSSO token", Scheme::Ibsso),
            ("Basic user:pass:word", Scheme::Basic),
        ] {
            assert_eq!(parse_credentials(line).unwrap().scheme(), scheme, "{line}");
        }
        assert!(parse_credentials("Basic dXNlcjpwYXNz").is_err());
    }
}
