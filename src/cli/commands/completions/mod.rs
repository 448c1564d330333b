//! `completions`: prints the script that connects a shell to the completion of this program.
//!
//! The script runs the program to get candidates, so that profile names, columns and options are
//! always those of the installed program and the current configuration.

mod candidates;
mod shell_line;
mod shells;

use anyhow::Context as _;
use clap::Args;

use crate::failure::Failure;
use crate::io::output::print;

pub(crate) use self::shells::SHELLS;

/// How to install the script, in the long help and the manual page.
const INSTALLATION: &str = "\
A shell reads the script when it starts: open a new one to try it. The script runs the program for \
candidates, so it need not be written again when the program is updated.

bash: with the package bash-completion, write the script to \
~/.local/share/bash-completion/completions/omnilogs. Without that package, add this line to \
~/.bashrc:

  source <(omnilogs completions bash)

zsh: write it to ~/.zfunc/_omnilogs, and have this line in ~/.zshrc:

  fpath=(~/.zfunc $fpath); autoload -U compinit && compinit

fish: write it to ~/.config/fish/completions/omnilogs.fish.

For all users, the folders are /usr/share/bash-completion/completions, \
/usr/share/zsh/site-functions and /usr/share/fish/vendor_completions.d.";

/// Options of `completions`.
#[derive(Debug, Args)]
#[command(after_long_help = INSTALLATION)]
pub(crate) struct CompletionsArgs {
    /// Shell to print the script for
    #[arg(value_name = "SHELL", ignore_case = true,
          value_parser = ["bash", "zsh", "fish", "powershell", "elvish"])]
    pub(crate) shell: String,
}

/// The variable by which a script requests candidates. It has the name of the program, so that no
/// variable of another program turns a run into a completion.
pub(crate) const VARIABLE: &str = "OMNILOGS_COMPLETE";

/// Prints the script.
pub(crate) fn run(args: &CompletionsArgs) -> Result<(), Failure> {
    let shell = SHELLS
        .completer(&args.shell.to_ascii_lowercase())
        .ok_or_else(|| Failure::usage("completions are not available for this shell"))?;
    let mut script = Vec::new();
    shell
        .write_registration(VARIABLE, "omnilogs", "omnilogs", "omnilogs", &mut script)
        .context("cannot write the completion script")?;
    print(&script)
}
