//! Shells and other programs that a test runs beside the built program.

use std::path::{Path, PathBuf};

use assert_cmd::Command;

use super::Omnilogs;

/// Set where every program must be there: a test then fails instead of being skipped.
const REQUIRED: &str = "OMNILOGS_TESTS_SKIP_NOTHING";

/// The path of a program; `None`, with a word on standard error, when the machine does not have it
/// and the test is skipped.
#[track_caller]
pub fn found(program: &str) -> Option<PathBuf> {
    let folders = ["/usr/local/bin", "/usr/bin", "/bin", "/opt/homebrew/bin"];
    let path = folders.iter().map(|folder| Path::new(folder).join(program)).find(|it| it.exists());
    if path.is_none() {
        assert!(std::env::var_os(REQUIRED).is_none(), "{program} is not installed");
        eprintln!("skipped: {program} is not installed");
    }
    path
}

/// A search path that begins with the folder of the built program.
pub fn search_path() -> String {
    let program = PathBuf::from(assert_cmd::cargo::cargo_bin!("omnilogs"));
    format!("{}:/usr/local/bin:/usr/bin:/bin", program.parent().unwrap().display())
}

impl Omnilogs {
    /// Runs this line in bash instead, in the same environment, with the built program in the
    /// search path.
    pub fn in_bash(mut self, line: &str) -> Self {
        let mut command = Command::new("bash");
        command.args(["-c", line]).env_clear().current_dir(self.home());
        command.envs(self.command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.env("PATH", search_path());
        self.command = command;
        self
    }
}
