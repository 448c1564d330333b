//! `archive prune`: deletes old messages, in steps, so that no transaction is long.

use std::time::Duration;

use clap::Args;
use omnilogs::Timestamp;
use omnilogs::archive::{DeletedCounts, Lease, OpenMode, PruneOptions, Store};
use serde_json::json;

use super::{ArchiveSetup, DeletedAccounts, consent, json_time, millis, print_json, under_lease};
use crate::args::values;
use crate::failure::Failure;
use crate::io::output::print;
use crate::session::archive::{self, ArchivePlace};
use crate::session::archive_reading;
use crate::session::context::Context;
use crate::settings;
use crate::text::{byte_count, counted};
use crate::time_input::time_text;

const PROGRAM: &str = "omnilogs archive prune";

/// Messages that are deleted in one transaction.
const MESSAGES_PER_STEP: usize = 1000;

/// Options of `archive prune`.
#[derive(Debug, Args)]
pub(crate) struct PruneArgs {
    /// Delete messages that were sent more than DURATION ago, such as 400d
    #[arg(long, value_name = "DURATION", value_parser = values::duration)]
    older_than: Duration,

    /// Keep messages whose final status is a failure
    #[arg(long)]
    keep_failed: bool,

    /// Also return the space to the disk; for a file, this needs as much space again for a while
    #[arg(long)]
    compact: bool,

    /// Delete without a prompt
    #[arg(long)]
    yes: bool,
}

/// Deletes old messages.
pub(super) fn run(args: &PruneArgs, setup: ArchiveSetup<'_>) -> Result<(), Failure> {
    prune(args, setup).map_err(archive::without_prune_hint)
}

fn prune(args: &PruneArgs, setup: ArchiveSetup<'_>) -> Result<(), Failure> {
    let ArchiveSetup { location, connection, account, context } = setup;
    let json = settings::is_json("archive prune", connection)?;
    let place = setup.place()?;
    let mode = if connection.dry_run { OpenMode::Read } else { OpenMode::Write };
    let mut store = archive::open(&place, mode, location, context)?;
    let failed = |error| archive::store_failure(error, context);
    let before = context.clock.now().timestamp_millis().saturating_sub(millis(args.older_than));
    let accounts = store.accounts().map_err(failed)?;
    let named = archive_reading::named_account(&accounts, account)?;
    let concerned = DeletedAccounts::new(&accounts, named);
    let clause = concerned.clause();
    let account = named.map(|named| named.id);
    let prune = PruneOptions { account, before, keeps_failed: args.keep_failed };
    let old = store.count_prunable(&prune).map_err(failed)?;
    let messages = counted(old.messages, "message");
    let outcome = if connection.dry_run {
        PruneOutcome { deleted: old, is_dry: true, freed: 0 }
    } else {
        let zone = context.environment.zone;
        let time = time_text(Timestamp::from_millis(before), zone);
        let text = format!("this deletes {messages} sent before {time}{clause}");
        consent::require(args.yes, &text, context)?;
        context.signals.end_in_order();
        delete(&mut *store, &prune, args.compact, context)?
    };
    if json {
        return print_json(&outcome.json(&place, &concerned, before), context);
    }
    if connection.dry_run {
        let text = format!("would delete {messages}{clause}; nothing was deleted\n");
        return print(text.as_bytes());
    }
    context.report.say(&outcome.sentence(&clause, args.compact));
    Ok(())
}

/// The outcome of a run.
struct PruneOutcome {
    /// The messages that were deleted, or would be.
    deleted: DeletedCounts,
    /// Whether nothing was deleted, because of `--dry-run`.
    is_dry: bool,
    /// Bytes that were returned to the disk.
    freed: u64,
}

impl PruneOutcome {
    fn sentence(&self, clause: &str, compacted: bool) -> String {
        let DeletedCounts { messages, versions } = self.deleted;
        let (messages, versions) = (counted(messages, "message"), counted(versions, "version"));
        let freed = byte_count(self.freed);
        let compacted =
            if compacted { format!("; {freed} returned to the disk") } else { String::new() };
        format!("deleted {messages}, {versions}{clause}{compacted}")
    }

    fn json(
        &self,
        place: &ArchivePlace,
        accounts: &DeletedAccounts,
        before: i64,
    ) -> serde_json::Value {
        json!({
            "archive": place.to_string(),
            "accounts": accounts.names,
            "dryRun": self.is_dry,
            "before": json_time(before),
            "messages": self.deleted.messages,
            "versions": self.deleted.versions,
            "freedBytes": self.freed,
        })
    }
}

fn delete(
    store: &mut dyn Store,
    prune: &PruneOptions,
    compact: bool,
    context: &Context,
) -> Result<PruneOutcome, Failure> {
    let mut deleted = DeletedCounts::default();
    let mut rest = "";
    let result = under_lease(store, PROGRAM, context, |store, lease| {
        delete_in_steps(store, lease, prune, &mut deleted, context)?;
        rest = "; their space is still taken";
        if compact { return_space(store, lease, context) } else { Ok(0) }
    });
    context.report.status("");
    match result {
        Ok(freed) => Ok(PruneOutcome { deleted, is_dry: false, freed }),
        // What was deleted stays deleted, whatever failed then.
        Err(failure) if deleted.messages > 0 => {
            let messages = counted(deleted.messages, "message");
            Err(failure.because(format!("deleted {messages} before{rest}")))
        }
        Err(failure) => Err(failure),
    }
}

/// Deletes messages, and counts them in `deleted`.
fn delete_in_steps(
    store: &mut dyn Store,
    lease: &Lease,
    prune: &PruneOptions,
    deleted: &mut DeletedCounts,
    context: &Context,
) -> Result<(), Failure> {
    let failed = |error| archive::store_failure(error, context);
    let mut after = None;
    loop {
        let step = store.prune(lease, prune, after.as_ref(), MESSAGES_PER_STEP).map_err(failed)?;
        deleted.add(step.deleted);
        after = step.next;
        if after.is_none() {
            return Ok(());
        }
        if context.interrupt.is_raised() {
            return Err(Failure::new(context.signals.kind(), "interrupted")
                .hint("run it again; it deletes the others"));
        }
        let messages = counted(deleted.messages, "message");
        context.report.status(&format!("{messages} deleted"));
        let now = context.clock.now().timestamp_millis();
        store.renew_lease(lease, now).map_err(failed)?;
    }
}

/// Returns the free space of the archive to the disk. The result is the number of bytes.
fn return_space(store: &mut dyn Store, lease: &Lease, context: &Context) -> Result<u64, Failure> {
    let failed = |error| archive::store_failure(error, context);
    let before = store.figures().map_err(failed)?;
    if let Some(free) = before.free_bytes {
        let needed = byte_count(before.bytes.saturating_sub(free));
        context
            .report
            .say(&format!("compacting the file, which needs up to {needed} more meanwhile"));
    }
    store.compact(lease).map_err(failed)?;
    let after = store.figures().map_err(failed)?;
    Ok(before.bytes.saturating_sub(after.bytes))
}
