//! `archive verify`: checks whether the archive is damaged. It changes nothing.

use std::time::Duration;

use clap::Args;
use omnilogs::archive::{Account, OpenMode, Store, Verification, VerifyDepth};
use omnilogs::visible::visible;
use serde_json::json;

use super::comparison::{self, LiveComparison};
use super::{ArchiveSetup, identity, print_json};
use crate::args::{OriginArgs, SandboxSourceArgs, values};
use crate::failure::{Failure, Kind};
use crate::io::output::print;
use crate::session::archive::{self, ArchivePlace};
use crate::session::source;
use crate::settings;
use crate::text::counted;

/// Options of `archive verify`.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// Also check every text against its hash, and every column against its text
    #[arg(long)]
    full: bool,

    /// Also compare the newest covered time with the API, at most DURATION of it
    #[arg(long, value_name = "DURATION", value_parser = values::duration)]
    live: Option<Duration>,

    #[command(flatten)]
    source: SandboxSourceArgs,
}

/// Checks the archive.
pub(super) fn run(args: &VerifyArgs, setup: ArchiveSetup<'_>) -> Result<(), Failure> {
    verify(args, setup).map_err(archive::without_verify_hint)
}

fn verify(args: &VerifyArgs, setup: ArchiveSetup<'_>) -> Result<(), Failure> {
    let ArchiveSetup { location, connection, context, .. } = setup;
    let json = settings::is_json("archive verify", connection)?;
    let place = setup.place()?;
    let mut store = archive::open(&place, OpenMode::Read, location, context)?;
    let depth = if args.full { VerifyDepth::Full } else { VerifyDepth::Structure };
    let found = store.verify(depth).map_err(|error| archive::store_failure(error, context))?;
    // The ledger of a damaged archive says nothing about what it should have.
    let live = args.live.filter(|_| found.problems.is_empty());
    let compared = live.map(|length| compare(args, length, &mut *store, setup)).transpose()?;
    if json {
        let value = json!({
            "archive": place.to_string(),
            "full": args.full,
            "messages": found.messages,
            "versions": found.versions,
            "problems": found.problems,
            "staleMessages": found.stale_messages,
            "live": compared.map(|compared| compared.json()),
        });
        print_json(&value, context)?;
    } else {
        let compared = compared.map(|compared| format!("{}\n", compared.text(context)));
        let text = text(&found, args.full) + &compared.unwrap_or_default();
        print(text.as_bytes())?;
    }
    verdict(&found, &place)?;
    let figures = store.figures().map_err(|error| archive::store_failure(error, context))?;
    compared.map_or(Ok(()), |compared| compared.verdict(figures.erasures))
}

/// Compares the account of the run in the archive with the API.
fn compare(
    args: &VerifyArgs,
    length: Duration,
    store: &mut dyn Store,
    setup: ArchiveSetup<'_>,
) -> Result<LiveComparison, Failure> {
    let ArchiveSetup { connection, account, context, .. } = setup;
    let (name, base_url) = identity(&args.source, account);
    let accounts = store.accounts().map_err(|error| archive::store_failure(error, context))?;
    let is_its_own = |known: &Account| known.name == name && known.base_url == base_url;
    let Some(archived) = accounts.into_iter().find(is_its_own) else {
        return Err(Failure::usage(format!("the archive has no account {name} at {base_url}"))
            .hint("omnilogs archive status lists its accounts"));
    };
    let origin = OriginArgs { server: args.source.clone(), ..OriginArgs::default() };
    let handle = source::source(account, connection, &origin, context)?;
    comparison::compare(store, &archived, length, handle, context)
}

fn text(found: &Verification, full: bool) -> String {
    let what = if full { "structure, ledger, hashes and columns" } else { "structure and ledger" };
    // After damage to the structure, nothing is counted.
    let is_counted = found.problems.is_empty() || found.messages > 0;
    let counts = if is_counted {
        let versions = counted(found.versions, "version");
        format!(": {}, {versions}", counted(found.messages, "message"))
    } else {
        String::new()
    };
    let mut lines = vec![format!("checked {what}{counts}")];
    lines.extend(found.problems.iter().map(|problem| format!("damaged: {}", visible(problem))));
    if found.stale_messages > 0 {
        let messages = counted(found.stale_messages, "message");
        lines
            .push(format!("damaged: {messages} with columns that differ from the current version"));
    }
    if lines.len() == 1 {
        lines.push("no damage found".to_owned());
    }
    lines.push(String::new());
    lines.join("\n")
}

fn verdict(found: &Verification, place: &ArchivePlace) -> Result<(), Failure> {
    let is_stale = found.stale_messages > 0;
    if found.problems.is_empty() && !is_stale {
        return Ok(());
    }
    let failure =
        Failure::new(Kind::Archive, format!("the archive {place} is damaged; nothing was changed"));
    Err(if found.problems.is_empty() {
        failure.hint("omnilogs archive init --rebuild computes the columns again from the versions")
    } else if place.file().is_some() {
        failure.hint("restore a copy, or move the file away and start a new archive")
    } else {
        failure.hint("restore a backup of the database")
    })
}
