//! The program where the system allows it less: under a quota, or without the powers of root.

use std::process::{Command, Output, Stdio};

use super::Omnilogs;

/// Runs the program where no file may be larger than this, as under a quota.
pub fn under_quota(run: Omnilogs, bytes: usize, output: impl Into<Stdio>) -> Output {
    let mut limited = Command::new("prlimit");
    // The signal that comes with the limit would end the program before it could say why.
    limited.arg(format!("--fsize={bytes}:{bytes}"));
    limited.args(["sh", "-c", "trap '' XFSZ; exec \"$@\"", "sh"]);
    within(limited, run, output)
}

/// Runs the program without what lets root read and write every file, whoever runs the tests.
pub fn without_powers(run: Omnilogs) -> Output {
    let mut bounded = Command::new("setpriv");
    bounded.arg("--bounding-set=-all");
    if rustix::process::geteuid().is_root() {
        return within(bounded, run, Stdio::piped());
    }
    within(Command::new("env"), run, Stdio::piped())
}

/// Runs the program by another one that takes a command line.
fn within(mut outer: Command, run: Omnilogs, output: impl Into<Stdio>) -> Output {
    let (plain, _home) = run.plain();
    outer.arg(plain.get_program()).args(plain.get_args()).env_clear();
    outer.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    outer.env("PATH", std::env::var_os("PATH").unwrap());
    outer.current_dir(plain.get_current_dir().unwrap());
    outer.stdin(Stdio::null()).stdout(output).stderr(Stdio::piped());
    outer.spawn().unwrap().wait_with_output().unwrap()
}
