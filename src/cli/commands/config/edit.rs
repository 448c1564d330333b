//! `config edit`: opens the file in the user's editor, and checks it afterwards.

use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use crate::config_file;
use crate::failure::{Failure, Kind};
use crate::io::environment::Environment;
use crate::io::system_error::error_text;
use crate::session::context::Context;

/// The editor when no variable names one; every Unix has it.
const DEFAULT_EDITOR: &str = "vi";

/// Opens the file in the editor, after writing it if it does not exist, and checks the result.
pub(super) fn run(path: &Path, context: &Context) -> Result<(), Failure> {
    let editor = editor(&context.environment)?;
    if !path.exists() {
        super::init::write(path)?;
    }
    let before = mode(path);
    // The editor has the terminal, and decides what Ctrl-C means.
    context.signals.lend_terminal(true);
    let ended = edit(editor, path);
    context.signals.lend_terminal(false);
    restrict(path, before);
    ended?;
    let config = config_file::load(path, &context.environment)
        .map_err(|failure| failure.hint("omnilogs config edit opens the file again"))?;
    if config.is_none() {
        return Err(Failure::usage(format!("{} no longer exists", path.display())));
    }
    context.report.say(&format!("{} is valid", path.display()));
    context.report.summary("omnilogs doctor checks the account");
    Ok(())
}

/// The editor of the environment, which may need no terminal, or the default one, which does.
fn editor(environment: &Environment) -> Result<&OsStr, Failure> {
    let set = ["VISUAL", "EDITOR"].into_iter().find(|name| environment.has(name));
    match set.and_then(|name| environment.var_os(name)) {
        Some(editor) => Ok(editor),
        None if environment.stdin_terminal && environment.stdout_terminal => {
            Ok(DEFAULT_EDITOR.as_ref())
        }
        None => Err(Failure::usage(format!(
            "config edit needs a terminal, where it starts {DEFAULT_EDITOR}"
        ))
        .hint("set VISUAL or EDITOR to an editor that needs none")
        .hint("omnilogs config init writes the file, omnilogs config path says where it is")),
    }
}

/// Runs the editor as git does: through the shell, since the variable can have options.
fn edit(editor: &OsStr, path: &Path) -> Result<(), Failure> {
    let mut line = editor.to_owned();
    line.push(" \"$@\"");
    let failure = |why: String| {
        Failure::new(Kind::Local, format!("the editor {} failed", editor.display()))
            .because(why)
            .hint("set VISUAL or EDITOR to an editor")
    };
    let status = Command::new("/bin/sh")
        .arg("-c")
        .arg(line)
        .arg(editor)
        .arg(path)
        .status()
        .map_err(|error| failure(error_text(&error)))?;
    if status.success() { Ok(()) } else { Err(failure(status.to_string())) }
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).map_or(0o600, |found| found.permissions().mode() & 0o777)
}

/// Takes back permissions of others that an editor added when it replaced the file by a new one.
fn restrict(path: &Path, before: u32) {
    let after = mode(path);
    if after & !before & 0o077 != 0 {
        // If this fails, the check that follows refuses a secret that others can read.
        let _ = std::fs::set_permissions(path, std::fs::Permissions::from_mode(after & before));
    }
}
