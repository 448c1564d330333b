//! `completions`: the script that hooks the program's own completion into a shell.
//!
//! The script asks the program for candidates, so that profile names, columns and later options are
//! completed as they are on that machine.

use anyhow::Context as _;
use clap::Args;
use clap_complete::env::Shells;

use crate::failure::Failure;
use crate::io::output::print;

/// What `completions` takes.
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL", value_parser = ["bash", "zsh", "fish", "powershell", "elvish"])]
    pub(crate) shell: String,
}

/// The variable by which the script asks.
pub(crate) const VARIABLE: &str = "COMPLETE";

/// The script for a shell.
pub(crate) fn script(shell: &str) -> Result<String, Failure> {
    let shells = Shells::builtins();
    let completer = shells.completer(shell).ok_or_else(|| Failure::usage("no such shell"))?;
    let mut script = Vec::new();
    completer
        .write_registration(VARIABLE, "omnilogs", "omnilogs", "omnilogs", &mut script)
        .context("the script cannot be made")?;
    Ok(String::from_utf8_lossy(&script).into_owned())
}

pub(crate) fn run(args: &CompletionsArgs) -> Result<(), Failure> {
    let script = script(&args.shell)?;
    print(script.as_bytes())
}
