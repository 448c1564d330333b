//! `omnilogs archive`: keeps messages longer than the API does.
//!
//! Each command has a file. This file has what the commands share: the options, the lease, and the
//! form of times and gaps in JSON.

mod comparison;
mod consent;
mod erase;
mod import;
mod init;
mod prune;
mod status;
mod sync;
mod verify;

use std::time::Duration;

use clap::{Args, Subcommand};
use omnilogs::Timestamp;
use omnilogs::archive::{Account, GapRecord, Lease, PageCounts, Store};
use omnilogs::model::TimeRange;
use serde_json::{Value, json};

use crate::args::{ArchiveLocationArgs, ConnectionArgs, SandboxSourceArgs};

use crate::credentials::{self, ResolvedAccount};
use crate::failure::Failure;
use crate::help::with_help_marker;
use crate::io::output::{json_document, print};
use crate::session::archive::{self, ArchivePlace, ArchiveUser};
use crate::session::context::Context;
use crate::session::sandbox_server;
use crate::settings;
use crate::text::{count, quoted_name};

/// The name of `archive sync` in the records of its runs.
const SYNC_PROGRAM: &str = "omnilogs archive sync";

/// Options of `archive`: which archive is used, and the command.
#[derive(Debug, Args)]
pub(crate) struct ArchiveArgs {
    #[command(flatten)]
    location: ArchiveLocationArgs,
    #[command(subcommand)]
    command: ArchiveCommand,
}

/// The commands for the archive.
#[derive(Debug, Subcommand)]
#[command(mut_subcommands(|below| with_help_marker(below, "archive")))]
pub(crate) enum ArchiveCommand {
    /// Fetch what is missing, late, pending or changed; once, or until stopped with --every
    ///
    /// The exit status is 0 when the archive holds everything that it is meant to hold, and 3 when
    /// gaps remain.
    Sync(sync::SyncArgs),
    /// Show what the archive holds, what is missing, and until when the API can fill it
    ///
    /// The exit status is 3 while a gap is open and not acknowledged. A time that no sync listed before
    /// it expired at the API is a gap, too. In an archive with several accounts, all of them are shown;
    /// with --profile or OMNILOGS_PROFILE, only the account of that profile.
    Status(status::StatusArgs),
    /// Check whether the archive is damaged; nothing is changed
    ///
    /// The exit status is 11 when the archive is damaged. Checking everything with --full takes about
    /// 12 seconds per gigabyte. With --live, it is 3 when the API has messages that the archive lacks.
    /// All accounts of the archive are checked; --live compares only that of the profile.
    Verify(verify::VerifyArgs),
    /// Delete old messages with every version of them
    ///
    /// The space is used again for new messages; --compact returns it to the disk. What was deleted
    /// no longer counts as held, and a sync does not fetch it again. In an archive with several
    /// accounts, all of them are pruned; with --profile or OMNILOGS_PROFILE, only the account of that
    /// profile. --dry-run says how much would be deleted.
    Prune(prune::PruneArgs),
    /// Delete every message to one person, and search the archive for copies
    ///
    /// Later syncs leave out the messages to that person for as long as the API has them. The
    /// archive records that something was erased, but not what. The exit status is 3 while a copy is
    /// left, for example in the text of another message. Backups and exported files are not reached.
    /// In an archive with several accounts, the messages of all of them are erased, also with
    /// --profile. --dry-run says how much would be deleted.
    Erase(erase::EraseArgs),
    /// Store the rows of saved responses
    ///
    /// The rows belong to the account of the profile. A row that the archive has is not stored twice.
    /// A file does not prove that nothing is missing between its rows, so that a sync still lists
    /// those times. The exit status is 3 when a row cannot be read.
    Import(import::ImportArgs),
    /// Create the archive, or bring it to the format of this version
    ///
    /// sync does both for a file by itself. A file in an older format is copied before it is changed.
    Init(init::InitArgs),
}

/// Runs the command, with the account resolved once.
pub(crate) fn run(
    args: &ArchiveArgs,
    connection: &ConnectionArgs,
    context: &Context,
) -> Result<(), Failure> {
    let ArchiveArgs { location, command } = args;
    refuse_dry_run(command, connection)?;
    let account = &credentials::resolve(&settings::account_args(connection), &context.environment)?;
    let context = &context.in_zone(connection, &account.defaults);
    let setup = ArchiveSetup { location, connection, account, context };
    match command {
        ArchiveCommand::Sync(args) => sync::run(args, setup),
        ArchiveCommand::Status(args) => status::run(args, setup),
        ArchiveCommand::Verify(args) => verify::run(args, setup),
        ArchiveCommand::Prune(args) => prune::run(args, setup),
        ArchiveCommand::Erase(args) => erase::run(args, setup),
        ArchiveCommand::Import(args) => import::run(args, setup),
        ArchiveCommand::Init(args) => init::run(args, setup),
    }
}

/// Refuses `--dry-run`, which every command accepts, where it has no meaning: the command would send
/// requests or change the archive nevertheless.
fn refuse_dry_run(command: &ArchiveCommand, connection: &ConnectionArgs) -> Result<(), Failure> {
    let (name, hint) = match command {
        _ if !connection.dry_run => return Ok(()),
        ArchiveCommand::Prune(_) | ArchiveCommand::Erase(_) => return Ok(()),
        ArchiveCommand::Sync(_) => ("sync", "omnilogs archive status shows what is missing"),
        ArchiveCommand::Import(_) => ("import", "omnilogs --input=FILE shows the rows of a file"),
        ArchiveCommand::Status(_) => ("status", "omit --dry-run"),
        ArchiveCommand::Verify(_) => ("verify", "omit --dry-run"),
        ArchiveCommand::Init(_) => ("init", "omit --dry-run"),
    };
    Err(Failure::usage(format!("archive {name} has no dry run")).hint(hint))
}

/// The input of every command: the options that they share, the account, and the context.
#[derive(Clone, Copy)]
struct ArchiveSetup<'a> {
    location: &'a ArchiveLocationArgs,
    connection: &'a ConnectionArgs,
    account: &'a ResolvedAccount,
    context: &'a Context,
}

impl ArchiveSetup<'_> {
    /// Where the archive of the account is.
    ///
    /// # Errors
    /// When the place is not known, or the password for the server cannot be read.
    fn place(&self) -> Result<ArchivePlace, Failure> {
        self.place_for(ArchiveUser::Account(self.account))
    }

    fn place_for(&self, user: ArchiveUser<'_>) -> Result<ArchivePlace, Failure> {
        archive::place(self.location, user, self.connection, &self.context.environment)
    }
}

/// The name of the account in the archive, and the address of the server that has its messages.
fn identity(source: &SandboxSourceArgs, account: &ResolvedAccount) -> (String, String) {
    match source.sandbox {
        Some(scenario) => {
            let seed = source.seed.unwrap_or(sandbox_server::SEED);
            ("sandbox".to_owned(), format!("{}{}:{seed}", archive::SANDBOX, scenario.name()))
        }
        None => (account.chosen.name.clone(), account.endpoint.origin()),
    }
}

/// Runs an action with the right to write to the archive, which is given back after a failure too.
fn under_lease<T>(
    store: &mut dyn Store,
    command: &str,
    context: &Context,
    action: impl FnOnce(&mut dyn Store, &Lease) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let lease = archive::lease(store, command, context)?;
    let result = action(store, &lease);
    release(store, &lease, result, context)
}

/// Gives a lease back. The failure of the action before comes first: it is often the cause of a
/// lease that cannot be given back.
fn release<T>(
    store: &mut dyn Store,
    lease: &Lease,
    result: Result<T, Failure>,
    context: &Context,
) -> Result<T, Failure> {
    let released = store.release_lease(lease);
    let value = result?;
    released.map_err(|error| archive::store_failure(error, context))?;
    Ok(value)
}

/// The accounts that a deletion concerns: one that was named, or all of the archive.
struct DeletedAccounts {
    names: Vec<String>,
    is_named: bool,
}

impl DeletedAccounts {
    fn new(accounts: &[Account], named: Option<&Account>) -> Self {
        let concerned = named.map_or(accounts, std::slice::from_ref);
        Self {
            names: concerned.iter().map(|account| account.name.clone()).collect(),
            is_named: named.is_some(),
        }
    }

    /// The end of a clause about the deletion. It is empty for all of an archive with only one account.
    fn clause(&self) -> String {
        match &*self.names {
            [name] if self.is_named => format!(" in {}", quoted_name("account", name)),
            [] | [_] => String::new(),
            names => format!(" in all {} accounts", names.len()),
        }
    }
}

/// The milliseconds of a duration.
fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// Writes a JSON value, indented on a terminal.
fn print_json(value: &Value, context: &Context) -> Result<(), Failure> {
    print(json_document(value, context.environment.stdout_terminal)?.as_bytes())
}

/// A time in JSON: RFC 3339, in UTC.
fn json_time(millis: i64) -> Value {
    let time = Timestamp::from_millis(millis).to_datetime();
    let utc = time.map(|time| time.to_utc().to_rfc3339_opts(chrono::SecondsFormat::Millis, true));
    utc.map_or(Value::Null, Value::String)
}

/// A range of times in JSON.
fn json_range(range: TimeRange) -> Value {
    json!({ "since": json_time(range.since), "until": json_time(range.until) })
}

/// A gap in JSON.
fn json_gap(gap: &GapRecord) -> Value {
    json!({
        "since": json_time(gap.range.since),
        "until": json_time(gap.range.until),
        "reason": gap.reason,
        "atLeast": gap.at_least,
        "found": json_time(gap.found),
        "lost": gap.lost.map(json_time),
        "acknowledged": gap.acknowledged.map(json_time),
    })
}

/// How many rows a run left out, if any.
fn left_out(counts: PageCounts) -> Option<String> {
    let text = format!("{} left out because they were erased", count(counts.suppressed));
    (counts.suppressed > 0).then_some(text)
}

/// What a run did with the rows that it received, with the other members of its report.
fn with_counts(counts: PageCounts, mut report: Value) -> Value {
    let figures = [
        ("rows", counts.rows()),
        ("new", counts.new),
        ("changed", counts.changed),
        ("unchanged", counts.unchanged),
        ("suppressed", counts.suppressed),
        ("faulty", counts.faulty),
    ];
    if let Some(members) = report.as_object_mut() {
        members.extend(figures.map(|(name, figure)| (name.to_owned(), figure.into())));
    }
    report
}
