//! `completions`: prints the script that connects a shell to the completion of this program.
//!
//! The script runs the program to get candidates, so that profile names, columns and options are
//! always those of the installed program and the current configuration.

use anyhow::Context as _;
use clap::Args;
use clap_complete::env::Shells;

use crate::failure::Failure;
use crate::io::output::print;

/// Options of `completions`.
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// Shell to print the script for
    #[arg(value_name = "SHELL", value_parser = ["bash", "zsh", "fish", "powershell", "elvish"])]
    pub(crate) shell: String,
}

/// The variable by which the script requests candidates.
pub(crate) const VARIABLE: &str = "COMPLETE";

/// The script for a shell.
pub(crate) fn script(shell: &str) -> Result<String, Failure> {
    let shells = Shells::builtins();
    let completer = shells
        .completer(shell)
        .ok_or_else(|| Failure::usage("completions are not available for this shell"))?;
    let mut script = Vec::new();
    completer
        .write_registration(VARIABLE, "omnilogs", "omnilogs", "omnilogs", &mut script)
        .context("cannot write the completion script")?;
    Ok(String::from_utf8_lossy(&script).into_owned())
}

pub(crate) fn run(args: &CompletionsArgs) -> Result<(), Failure> {
    let script = script(&args.shell)?;
    print(script.as_bytes())
}
