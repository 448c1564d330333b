//! `archive erase`: deletes the messages of one person, and searches for copies that are left.
//!
//! It must not show the number or the id of the person.

use std::fmt::Write as _;

use clap::Args;
use omnilogs::Timestamp;
use omnilogs::archive::{
    DeletedCounts, Erasure, ErasureReport, ErasureTarget, OpenMode, Store, StoreError,
};
use omnilogs::query::phone_number;
use omnilogs::redaction::redact_destination;
use serde_json::json;

use super::{ArchiveSetup, DeletedAccounts, consent, json_time, print_json, under_lease};
use crate::failure::{Failure, Kind};
use crate::io::output::print;
use crate::session::archive::{self, ArchivePlace};
use crate::session::context::Context;
use crate::settings;
use crate::text::counted;
use crate::time_input::time_text;

const PROGRAM: &str = "omnilogs archive erase";

/// How long a sync leaves out the rows of what was erased, in milliseconds: the retention of the
/// API, and an hour more for clocks that differ.
const SUPPRESSION: i64 = 49 * 60 * 60 * 1000;

/// The copies that an erasure in a file cannot reach.
const COPIES_OUTSIDE_FILE: &str = "backups and copies of the archive, exported files, and blocks \
                                   that a disk or a snapshot keeps";

/// The copies that an erasure on a server cannot reach.
const COPIES_OUTSIDE_SERVER: &str = "backups, replicas and the write-ahead log of the server, \
                                     deleted rows until VACUUM, exported files, and blocks that a \
                                     disk or a snapshot keeps";

/// Options of `archive erase`.
#[derive(Debug, Args)]
pub(crate) struct EraseArgs {
    #[command(flatten)]
    target: TargetArgs,

    /// Erase without a prompt
    #[arg(long)]
    yes: bool,
}

/// The messages that are erased.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct TargetArgs {
    /// Erase the messages to this number or address, in any notation
    #[arg(long, value_name = "DESTINATION", allow_hyphen_values = true)]
    to: Option<String>,

    /// Erase the message with this id
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    message_id: Option<String>,
}

impl TargetArgs {
    /// What is erased, and its description, which hides the number and the id.
    ///
    /// # Errors
    /// When the value of the option is empty, or has the form of a phone number and cannot be one:
    /// no message has such a number, so that an erasure would find nothing and look successful.
    fn target(&self) -> Result<(ErasureTarget, String), Failure> {
        let (option, target, name) = match (&self.to, &self.message_id) {
            (Some(to), _) => {
                if let Err(error) = phone_number(to) {
                    return Err(settings::invalid_phone_number("--to", error));
                }
                let name = format!("the destination {}", redact_destination(to.trim()));
                ("--to", ErasureTarget::Destination(to.trim().to_owned()), name)
            }
            (None, id) => {
                let id = id.as_deref().unwrap_or_default().trim().to_owned();
                ("--message-id", ErasureTarget::MessageId(id), "the message id".to_owned())
            }
        };
        match &target {
            ErasureTarget::Destination(text) | ErasureTarget::MessageId(text)
                if text.is_empty() =>
            {
                Err(Failure::usage(format!("{option} is empty")))
            }
            _ => Ok((target, name)),
        }
    }
}

/// Erases the messages of one person.
pub(super) fn run(args: &EraseArgs, setup: ArchiveSetup<'_>) -> Result<(), Failure> {
    erase(args, setup).map_err(archive::without_prune_hint)
}

fn erase(args: &EraseArgs, setup: ArchiveSetup<'_>) -> Result<(), Failure> {
    let ArchiveSetup { location, connection, context, .. } = setup;
    let json = settings::is_json("archive erase", connection)?;
    let (target, name) = args.target.target()?;
    let place = setup.place()?;
    let mode = if connection.dry_run { OpenMode::Read } else { OpenMode::Write };
    let mut store = archive::open(&place, mode, location, context)?;
    let failed = |error| archive::store_failure(error, context);
    let now = context.clock.now().timestamp_millis();
    let erasure = Erasure { target, now, suppressed_until: now.saturating_add(SUPPRESSION) };
    let known = store.count_erasable(&erasure).map_err(failed)?;
    let messages = counted(known.messages, "message");
    // The person has a right to the erasure whatever account sent the messages.
    let accounts = DeletedAccounts::new(&store.accounts().map_err(failed)?, None);
    let clause = accounts.clause();
    if connection.dry_run {
        let text = format!("would erase {messages}{clause}; nothing was deleted\n");
        let value = json_outcome(&place, &accounts, known, None);
        return if json { print_json(&value, context) } else { print(text.as_bytes()) };
    }
    consent::require(args.yes, &format!("this erases {messages} of {name}{clause}"), context)?;
    context.signals.end_in_order();
    let report = under_lease(&mut *store, PROGRAM, context, |store, lease| {
        match store.erase(lease, &erasure) {
            Ok(report) => Ok(report),
            Err(error) => Err(erase_failure(error, store, &erasure, context)),
        }
    })?;
    if json {
        let until = erasure.suppressed_until;
        print_json(
            &json_outcome(&place, &accounts, report.deleted, Some((&report, until))),
            context,
        )?;
    } else {
        let name = format!("{name}{clause}");
        print(text(&report, &place, &name, erasure.suppressed_until, context).as_bytes())?;
    }
    verdict(&report)
}

/// The failure of an erasure, which says whether the messages are deleted. Rows are deleted first, and
/// then their copies in the file are overwritten; on a full disk, only the second step can fail.
fn erase_failure(
    error: StoreError,
    store: &mut dyn Store,
    erasure: &Erasure,
    context: &Context,
) -> Failure {
    let is_local = error.is_local_failure();
    let hint = match error {
        StoreError::Full { .. } => "free space on the disk, and run the same command again",
        StoreError::FileTooLarge { .. } => {
            "raise the file size limit (ulimit -f), and run the same command again"
        }
        _ => "run the same command again",
    };
    let mut failure = archive::store_failure(error, context);
    if !is_local {
        return failure;
    }
    match store.count_erasable(erasure) {
        Ok(DeletedCounts { messages: 0, .. }) => {
            failure.hints.clear();
            failure
                .because(
                    "the messages are deleted, but the file and its -wal can still hold copies of \
                     them",
                )
                .hint(format!("{hint}: it overwrites the copies"))
        }
        Ok(_) => failure.because("nothing was deleted"),
        Err(_) => failure.because("the messages may be deleted, but copies of them may be left"),
    }
}

/// The copies that an erasure cannot reach.
fn copies_outside(place: &ArchivePlace) -> &'static str {
    if place.file().is_some() { COPIES_OUTSIDE_FILE } else { COPIES_OUTSIDE_SERVER }
}

fn text(
    report: &ErasureReport,
    place: &ArchivePlace,
    name: &str,
    until: i64,
    context: &Context,
) -> String {
    let DeletedCounts { messages, versions } = report.deleted;
    let until = time_text(Timestamp::from_millis(until), context.environment.zone);
    let mut text = String::new();
    let _ = writeln!(
        text,
        "erased {}, {} of {name}",
        counted(messages, "message"),
        counted(versions, "version")
    );
    let _ = writeln!(text, "found {} in the archive afterwards", counted(report.found, "time"));
    let _ = writeln!(text, "a sync leaves it out until {until}; the API no longer has it then");
    let _ = writeln!(text, "not reached: {}", copies_outside(place));
    text
}

fn json_outcome(
    place: &ArchivePlace,
    accounts: &DeletedAccounts,
    deleted: DeletedCounts,
    done: Option<(&ErasureReport, i64)>,
) -> serde_json::Value {
    json!({
        "archive": place.to_string(),
        "accounts": accounts.names,
        "dryRun": done.is_none(),
        "messages": deleted.messages,
        "versions": deleted.versions,
        "found": done.map(|(report, _)| report.found),
        "mentions": done.map(|(report, _)| report.mentions),
        "suppressedUntil": done.map(|(_, until)| json_time(until)),
        "notReached": copies_outside(place),
    })
}

fn verdict(report: &ErasureReport) -> Result<(), Failure> {
    if report.found == 0 && report.mentions == 0 {
        return Ok(());
    }
    let found = counted(report.found, "time");
    let failure = Failure::new(Kind::Incomplete, format!("incomplete: found {found} afterwards"));
    Err(if report.mentions > 0 {
        let messages = counted(report.mentions, "other message");
        failure
            .because(format!("{messages} with it, for example in the text"))
            .hint("erase each of them with --message-id")
    } else {
        failure.hint("run it again when no other program has the archive open")
    })
}
