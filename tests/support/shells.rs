//! The built program in shells.

use std::ffi::OsStr;
use std::path::PathBuf;

use assert_cmd::Command;

use super::Omnilogs;
use super::command::system_program;

/// A search path that begins with the folder of the built program.
pub fn search_path() -> String {
    let program = PathBuf::from(assert_cmd::cargo::cargo_bin!("omnilogs"));
    format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap())
}

/// A line of a shell that starts a sync which repeats itself, and ends it by a signal after its first round,
/// however long that takes.
pub fn until_synced(command: &str) -> String {
    format!(
        "{{ {command} 2> synced.txt & until grep --quiet synced: synced.txt; do \
         kill -0 $! && sleep 0.1 || break; done; \
         kill $!; wait $!; status=$?; cat synced.txt >&2; [ $status -eq 143 ]; }}"
    )
}

impl Omnilogs {
    /// Runs this line in bash instead of the program.
    pub fn in_bash(self, line: &str) -> Self {
        self.in_shell(system_program("bash"), &["-c", line])
    }

    /// Runs a shell instead of the program, in the same environment, with the built program in the
    /// search path.
    pub fn in_shell(mut self, shell: impl AsRef<OsStr>, args: &[&str]) -> Self {
        let mut command = Command::new(shell);
        command.args(args).env_clear().current_dir(self.home());
        command.envs(self.command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.env("PATH", search_path());
        self.command = command;
        self
    }
}
