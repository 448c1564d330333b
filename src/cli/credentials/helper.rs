//! `credential_command`: a program of the user's that prints credentials, such as a password
//! manager.
//!
//! What it says on standard error is not passed on, and neither is the command: both may hold
//! secrets.

use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use omnilogs::client::{Credentials, CredentialsError};
use secrecy::zeroize::Zeroizing;

use super::Origin;
use crate::failure::{Failure, Kind};
use crate::io::private_file::{self, Unreadable};

/// How long it may take; a person may have to unlock a store meanwhile.
pub(super) const LIMIT: Duration = Duration::from_secs(30);
/// It may print this much, of which the first line counts.
const MOST_BYTES: usize = 64 << 10;
/// How often it is looked whether it has ended.
const LOOK: Duration = Duration::from_millis(5);

/// Credentials as the command prints them: an API key, or another kind by its scheme.
pub(super) fn understood(line: &str) -> Result<Credentials, CredentialsError> {
    let basic = line.split_once(' ').filter(|(word, _)| word.eq_ignore_ascii_case("basic"));
    match basic.map(|(_, pair)| pair.split_once(':').unwrap_or((pair, ""))) {
        Some((username, password)) => Credentials::basic(username, password),
        None => Credentials::app(line),
    }
}

/// Runs the command and gives the first line that it prints, without spaces around it.
///
/// # Errors
/// When it cannot be run, fails, takes too long or prints nothing.
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
    let mut child = shell(command)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| failed(private_file::plain(&error)))?;
    let deadline = Instant::now() + limit;
    let outcome = printed(&mut child, limit)
        .and_then(|bytes| Ok((bytes, ended(&mut child, deadline).ok_or_else(|| too_long(limit))?)));
    if outcome.is_err() {
        // It may have ended just now; then there is nothing to kill.
        let _ = child.kill();
        let _ = child.wait();
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

fn too_long(limit: Duration) -> String {
    format!("it took longer than {} s", limit.as_secs_f32())
}

/// What it prints until it closes its output. Read by a thread, which is left behind when the
/// command does not end: something that it started may hold the pipe open.
fn printed(child: &mut Child, limit: Duration) -> Result<Zeroizing<Vec<u8>>, String> {
    let (sender, receiver) = mpsc::channel();
    let stdout = child.stdout.take().ok_or("it has no output")?;
    std::thread::spawn(move || {
        // Nobody waits for it any more when the time is over.
        let _ = sender.send(private_file::capped(stdout, MOST_BYTES, MOST_BYTES));
    });
    match receiver.recv_timeout(limit) {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(Unreadable::Because(why))) => Err(format!("its output {why}")),
        Ok(Err(Unreadable::Missing)) => Err("its output is gone".into()),
        Err(_) => Err(too_long(limit)),
    }
}

fn ended(child: &mut Child, deadline: Instant) -> Option<ExitStatus> {
    loop {
        if let Ok(Some(status)) = child.try_wait() {
            return Some(status);
        }
        if Instant::now() >= deadline {
            return None;
        }
        std::thread::sleep(LOOK);
    }
}

#[cfg(unix)]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(command);
    shell
}

#[cfg(not(unix))]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("cmd");
    shell.arg("/C").arg(command);
    shell
}

#[cfg(all(test, unix))]
mod tests {
    use omnilogs::client::Scheme;

    use super::*;

    fn run(command: &str, limit: Duration) -> Result<String, Failure> {
        let origin = Origin::Flag("--test");
        first_line(command, limit, &origin).map(|line| line.to_string())
    }

    #[test]
    fn the_first_line_counts_and_the_rest_does_not() {
        assert_eq!(run("printf ' key \\nurl: x\\n'", LIMIT), Ok("key".into()));
    }

    #[test]
    fn a_command_that_fails_is_told_by_its_status_and_shows_nothing_of_itself() {
        let failure = run("echo hunter2; echo hunter2 >&2; exit 3", LIMIT).unwrap_err();
        assert_eq!(failure.kind, Kind::Credentials);
        assert_eq!(failure.message, "the credential command failed: exit status: 3");
        assert!(!format!("{failure:?}").contains("hunter2"));
    }

    #[test]
    fn a_command_that_prints_nothing_of_use_is_a_failure() {
        for command in
            ["true", "echo", "printf '\\377'", "head -c 70000 /dev/zero", "no-such-program"]
        {
            assert_eq!(run(command, LIMIT).unwrap_err().kind, Kind::Credentials, "{command}");
        }
    }

    #[test]
    fn a_command_that_does_not_end_is_given_up() {
        for command in ["sleep 5", "exec >&-; sleep 5", "echo key; sleep 5"] {
            let failure = run(command, Duration::from_millis(50)).unwrap_err();
            assert!(failure.message.contains("took longer than 0.05 s"), "{command}: {failure:?}");
        }
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
            assert_eq!(understood(line).unwrap().scheme(), scheme, "{line}");
        }
        assert!(understood("Basic dXNlcjpwYXNz").is_err());
    }
}
