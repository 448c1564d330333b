//! The program with restrictions of the system: a file size limit, or no root capabilities.

use std::process::{Command, Output, Stdio};

use super::command::system_program;
use super::{Omnilogs, programs};

/// Runs the program with a limit on the size of every file, as a quota imposes it.
pub fn with_file_size_limit(run: Omnilogs, bytes: usize, output: impl Into<Stdio>) -> Output {
    let mut limited = Command::new(system_program("prlimit"));
    // The signal that comes with the limit would end the program before it can report the reason.
    limited.arg(format!("--fsize={bytes}:{bytes}"));
    limited.args(["sh", "-c", "trap '' XFSZ; exec \"$@\"", "sh"]);
    within(limited, run, output)
}

/// Runs the program without the capabilities that let root read and write every file.
pub fn without_root_capabilities(run: Omnilogs) -> Output {
    let mut bounded = Command::new(system_program("setpriv"));
    bounded.arg("--bounding-set=-all");
    if rustix::process::geteuid().is_root() {
        return within(bounded, run, Stdio::piped());
    }
    within(Command::new(system_program("env")), run, Stdio::piped())
}

/// Whether a process can mount file systems in its own namespace. If not, the test counts as skipped.
///
/// # Panics
/// When it cannot, and nothing may be skipped.
#[track_caller]
pub fn can_mount() -> bool {
    let mount = |flags| {
        let words = [flags, "mount", "-t", "tmpfs", "tmpfs", "/mnt"];
        Command::new(system_program("unshare"))
            .args(words)
            .output()
            .is_ok_and(|ran| ran.status.success())
    };
    let can = mount("-m") || mount("-rm");
    if !can {
        programs::skip("this machine does not let a process mount file systems");
    }
    can
}

/// Runs the program through another one that takes a command line.
fn within(mut outer: Command, run: Omnilogs, output: impl Into<Stdio>) -> Output {
    let (plain, _home) = run.into_command();
    outer.arg(plain.get_program()).args(plain.get_args()).env_clear();
    outer.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    outer.env("PATH", std::env::var_os("PATH").unwrap());
    outer.current_dir(plain.get_current_dir().unwrap());
    outer.stdin(Stdio::null()).stdout(output).stderr(Stdio::piped());
    outer.spawn().unwrap().wait_with_output().unwrap()
}
