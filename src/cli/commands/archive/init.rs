//! `archive init`: creates an archive, or brings it to the format of this program.

use clap::Args;
use omnilogs::archive::OpenMode;
use omnilogs::visible::visible;
use serde_json::json;

use super::{archive_path, print_json, wants_json};
use crate::args::{ArchiveLocationArgs, ConnectionArgs};
use crate::failure::Failure;
use crate::session::archive;
use crate::session::context::Context;
use crate::text::counted;

const PROGRAM: &str = "omnilogs archive init";

/// Options of `archive init`.
#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// Compute the columns of every message again from its texts
    #[arg(long)]
    rebuild: bool,
}

/// Creates or updates the archive.
pub(crate) fn run(
    args: &InitArgs,
    location: &ArchiveLocationArgs,
    connection: &ConnectionArgs,
    context: &Context,
) -> Result<(), Failure> {
    let json = wants_json("init", connection)?;
    let path = archive_path(location, connection, context)?;
    let is_new = !path.exists();
    let mut store = archive::open(&path, OpenMode::Create, location, context)?;
    let failed = |error| archive::store_failure(error, context);
    let mut rebuilt = 0;
    if args.rebuild {
        context.signals.end_in_order();
        let lease = archive::lease(&mut *store, PROGRAM, context)?;
        let result = store.rebuild(&lease).map_err(failed);
        store.release_lease(&lease).map_err(failed)?;
        rebuilt = result?;
    }
    let name = visible(&path.display().to_string()).into_owned();
    if json {
        let value = json!({ "archive": name, "created": is_new, "rebuiltMessages": rebuilt });
        return print_json(&value, context);
    }
    let what = if is_new { "created" } else { "ready" };
    let rebuilt = if args.rebuild {
        format!("; {} corrected", counted(rebuilt, "message"))
    } else {
        String::new()
    };
    context.report.say(&format!("{what}: {name}{rebuilt}"));
    Ok(())
}
