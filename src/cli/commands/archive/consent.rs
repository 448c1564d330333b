//! Consent to delete messages, which the user gives on a terminal or with `--yes`.

use std::sync::Arc;

use crate::failure::{Failure, Kind};
use crate::io::prompt::Prompt;
use crate::session::context::Context;

/// Requires consent to the deletion that `text` describes.
///
/// # Errors
/// When the user does not agree, or standard input or standard error is not a terminal.
pub(super) fn require(yes: bool, text: &str, context: &Context) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    let environment = &context.environment;
    if !environment.stdin_terminal || !environment.stderr_terminal {
        return Err(Failure::usage(format!("{text}: --yes is needed without a terminal"))
            .because("nothing was deleted")
            .hint("--dry-run shows how much would be deleted"));
    }
    let prompt = Prompt::new(Arc::clone(&context.report));
    let reply = prompt.line(&format!("{text}. Continue? [y/N]")).map_err(|error| {
        Failure::new(Kind::Local, "cannot read the reply").because(error.to_string())
    })?;
    match reply.unwrap_or_default().to_ascii_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Failure::usage("nothing was deleted")),
    }
}
