//! `archive verify`: whether the archive is whole. It changes nothing.

use std::path::Path;

use clap::Args;
use omnilogs::archive::{OpenMode, Store as _, Verification, VerifyDepth};
use omnilogs::visible::visible;
use serde_json::json;

use super::{archive_path, print_json, wants_json};
use crate::args::{ArchiveLocationArgs, ConnectionArgs};
use crate::failure::{Failure, Kind};
use crate::io::output::print;
use crate::session::archive;
use crate::session::context::Context;
use crate::text::counted;

/// Options of `archive verify`.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// Also check every text against its hash, and every column against its text
    #[arg(long)]
    full: bool,
}

/// Checks the archive.
pub(crate) fn run(
    args: &VerifyArgs,
    location: &ArchiveLocationArgs,
    connection: &ConnectionArgs,
    context: &Context,
) -> Result<(), Failure> {
    let json = wants_json("verify", connection)?;
    let path = archive_path(location, connection, context)?;
    let mut store = archive::open(&path, OpenMode::Read, location, context)?;
    let depth = if args.full { VerifyDepth::Full } else { VerifyDepth::Structure };
    let found = store.verify(depth).map_err(|error| archive::store_failure(error, context))?;
    if json {
        let value = json!({
            "archive": visible(&path.display().to_string()),
            "full": args.full,
            "messages": found.messages,
            "versions": found.versions,
            "problems": found.problems,
            "staleMessages": found.stale_messages,
        });
        print_json(&value, context)?;
    } else {
        print(text(&found, args.full).as_bytes())?;
    }
    verdict(&found, &path)
}

fn text(found: &Verification, full: bool) -> String {
    let what = if full { "structure, ledger, hashes and columns" } else { "structure and ledger" };
    let mut lines = vec![format!(
        "checked {what}: {}, {}",
        counted(found.messages, "message"),
        counted(found.versions, "version")
    )];
    lines.extend(found.problems.iter().map(|problem| format!("damaged: {}", visible(problem))));
    if found.stale_messages > 0 {
        let messages = counted(found.stale_messages, "message");
        lines.push(format!("damaged: {messages} with columns that differ from the text"));
    }
    if lines.len() == 1 {
        lines.push("no damage found".to_owned());
    }
    lines.push(String::new());
    lines.join("\n")
}

fn verdict(found: &Verification, path: &Path) -> Result<(), Failure> {
    let is_stale = found.stale_messages > 0;
    if found.problems.is_empty() && !is_stale {
        return Ok(());
    }
    let failure = Failure::new(
        Kind::Archive,
        format!(
            "the archive {} is damaged; nothing was changed",
            visible(&path.display().to_string())
        ),
    );
    Err(if found.problems.is_empty() {
        failure.hint("omnilogs archive init --rebuild computes the columns again from the texts")
    } else {
        failure.hint("restore a copy, or move the file away and start a new archive")
    })
}
