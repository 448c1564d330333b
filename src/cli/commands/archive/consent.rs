//! Whether messages may be deleted: the user says so on a terminal, or with `--yes`.

use std::io::BufRead as _;

use crate::failure::{Failure, Kind};
use crate::session::context::Context;

/// Returns when the user agrees to what `text` says.
///
/// # Errors
/// When the user does not, or there is nobody to agree.
pub(super) fn require(yes: bool, text: &str, context: &Context) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    let environment = &context.environment;
    if !environment.stdin_terminal || !environment.stderr_terminal {
        return Err(Failure::usage(format!("{text}: --yes is needed without a terminal"))
            .because("nothing was deleted")
            .hint("--dry-run shows how much it would be"));
    }
    context.report.prompt(&format!("{text}. Continue? [y/N]"));
    let mut reply = String::new();
    std::io::stdin().lock().read_line(&mut reply).map_err(|error| {
        Failure::new(Kind::Local, "cannot read the reply").because(error.to_string())
    })?;
    match reply.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Failure::usage("nothing was deleted")),
    }
}
