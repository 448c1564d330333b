//! The built program in shells.

use std::path::PathBuf;

use assert_cmd::Command;

use super::Omnilogs;

/// A search path that begins with the folder of the built program.
pub fn search_path() -> String {
    let program = PathBuf::from(assert_cmd::cargo::cargo_bin!("omnilogs"));
    format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap())
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
