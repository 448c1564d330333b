//! `archive status`: shows what the archive holds, what is missing, and until when the API has it.

use std::fmt::Write as _;

use clap::Args;
use omnilogs::Timestamp;
use omnilogs::archive::{
    Account, AccountFigures, AccountId, Ledger, OpenMode, RunRecord, Scope, Store, StoreError,
    StoreFigures,
};
use omnilogs::model::TimeRange;
use omnilogs::source::API_RETENTION;
use omnilogs::visible::visible;
use serde_json::json;

use super::{
    ArchiveSetup, SYNC_PROGRAM, json_gap, json_range, json_time, millis, print_json, under_lease,
};
use crate::failure::{Failure, Kind};
use crate::io::output::print;
use crate::session::archive::{self, ArchivePlace};
use crate::session::archive_reading;
use crate::session::context::Context;
use crate::settings;
use crate::text::{byte_count, count, counted};
use crate::time_input::time_text;

const PROGRAM: &str = "omnilogs archive status";

/// A hole of which the API loses the beginning in less time than this gets a warning, in
/// milliseconds.
const MIN_TIME_LEFT: i64 = 6 * 60 * 60 * 1000;
/// A last sync that began longer ago than this gets a warning, in milliseconds.
const MAX_SYNC_AGE: i64 = 24 * 60 * 60 * 1000;

/// The newest runs among which the last sync is searched: imports are runs too.
const MAX_RUNS: usize = 1000;

/// The name under which the archive keeps the start of the latest sync whose failure was acknowledged
/// for an account of which no time was listed.
const ACKNOWLEDGED_SYNC: &str = "acknowledged sync";

/// The reasons for which an account is incomplete, as JSON has them.
const GAPS: &str = "gaps";
const UNLISTED: &str = "unlisted";

/// The outcome of a sync after which nothing is missing.
const COMPLETE: &str = "complete";

/// Options of `archive status`.
#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    /// Accept the gaps that are known now: they no longer make a command end with 3
    #[arg(long)]
    acknowledge: bool,
}

/// Shows the state of the archive.
pub(super) fn run(args: &StatusArgs, setup: ArchiveSetup<'_>) -> Result<(), Failure> {
    let ArchiveSetup { location, connection, account, context } = setup;
    let json = settings::is_json("archive status", connection)?;
    let place = setup.place()?;
    let mode = if args.acknowledge { OpenMode::Write } else { OpenMode::Read };
    let mut store = archive::open(&place, mode, location, context)?;
    let failed = |error| archive::store_failure(error, context);
    let all = store.accounts().map_err(failed)?;
    let named = archive_reading::named_account(&all, account)?;
    let accounts = named.map_or(&*all, std::slice::from_ref);
    let now = context.clock.now().timestamp_millis();
    if args.acknowledge {
        acknowledge(&mut *store, accounts, now, context)?;
    }
    let state = ArchiveContents::read(&mut *store, accounts, now).map_err(failed)?;
    if json {
        print_json(&state.json(&place), context)?;
    } else {
        print(state.text(&place, context).as_bytes())?;
    }
    state.warn(context);
    state.verdict()
}

fn acknowledge(
    store: &mut dyn Store,
    accounts: &[Account],
    now: i64,
    context: &Context,
) -> Result<(), Failure> {
    let failed = |error| archive::store_failure(error, context);
    let gaps = under_lease(store, PROGRAM, context, |store, lease| {
        let mut gaps = 0;
        for account in accounts {
            let id = account.id;
            let last_run = last_sync(store, id).map_err(failed)?;
            // What no sync has recorded yet is acknowledged, too.
            let server_now = server_time(last_run.as_ref(), now);
            let ledger = store.ledger(id, Scope::ALL).map_err(failed)?;
            for gap in ledger.losses(archive::edge(server_now), server_now) {
                store.record_gap(lease, id, Scope::ALL, &gap).map_err(failed)?;
            }
            gaps += store.acknowledge_gaps(lease, id, now).map_err(failed)?;
            // Where nothing was listed, no gap can be recorded.
            if let Some(run) = unlisted_sync(&ledger, last_run.as_ref()) {
                let acknowledged = store.bookmark(id, ACKNOWLEDGED_SYNC).map_err(failed)?;
                gaps += u64::from(!is_accepted(run, acknowledged));
                store.set_bookmark(lease, id, ACKNOWLEDGED_SYNC, run.started).map_err(failed)?;
            }
        }
        Ok(gaps)
    })?;
    context.report.say(&format!("{} acknowledged", counted(gaps, "gap")));
    Ok(())
}

/// The last sync of an account.
fn last_sync(store: &mut dyn Store, account: AccountId) -> Result<Option<RunRecord>, StoreError> {
    let runs = store.runs(account, MAX_RUNS)?;
    Ok(runs.into_iter().find(|run| run.program == SYNC_PROGRAM))
}

/// The time of the server, by which the ledger is kept, as far as the last sync knows it.
fn server_time(last_sync: Option<&RunRecord>, now: i64) -> i64 {
    now.saturating_add(last_sync.and_then(|run| run.counts.clock_offset).unwrap_or_default())
}

/// The last sync, if syncs ran and none of them listed anything. After a complete one, `prune` can have
/// removed the times that were listed.
fn unlisted_sync<'a>(ledger: &Ledger, last_sync: Option<&'a RunRecord>) -> Option<&'a RunRecord> {
    last_sync.filter(|run| ledger.newest().is_none() && run.outcome != COMPLETE)
}

/// Whether it was acknowledged that this sync and those before it have listed nothing. `acknowledged` is
/// the start of the latest sync of which that was acknowledged.
fn is_accepted(sync: &RunRecord, acknowledged: Option<i64>) -> bool {
    acknowledged.is_some_and(|started| started >= sync.started)
}

/// What the archive holds.
struct ArchiveContents {
    /// Of the whole archive.
    figures: StoreFigures,
    /// The accounts that are shown.
    accounts: Vec<AccountState>,
    /// The time of the run, in milliseconds since 1970.
    now: i64,
}

/// What the archive holds of one account.
struct AccountState {
    account: Account,
    figures: AccountFigures,
    ledger: Ledger,
    /// Messages without a final status that the API still has.
    pending: u64,
    /// Messages without a final status that the API no longer has.
    unresolved: u64,
    /// The last sync.
    last_run: Option<RunRecord>,
    /// The start of the latest sync that was acknowledged although no time was listed.
    acknowledged_sync: Option<i64>,
}

impl ArchiveContents {
    fn read(store: &mut dyn Store, shown: &[Account], now: i64) -> Result<Self, StoreError> {
        let read = |account| AccountState::read(store, account, now);
        let accounts = shown.iter().map(read).collect::<Result<_, _>>()?;
        Ok(Self { figures: store.figures()?, accounts, now })
    }

    fn verdict(&self) -> Result<(), Failure> {
        let gaps: usize = self.accounts.iter().map(AccountState::open_gaps).sum();
        if gaps == 0 {
            let is_unlisted = |state: &&AccountState| state.incomplete() == Some(UNLISTED);
            let Some(state) = self.accounts.iter().find(is_unlisted) else { return Ok(()) };
            let name = visible(&state.account.name);
            let what = format!("incomplete: no sync of {name} has listed any time yet");
            return Err(Failure::new(Kind::Incomplete, what)
                .hint("omnilogs archive sync says why it fails")
                .hint("omnilogs archive status --acknowledge accepts it until the next sync"));
        }
        let what = counted(gaps as u64, "gap");
        Err(Failure::new(Kind::Incomplete, format!("incomplete: {what} in the archive"))
            .hint("omnilogs archive sync fills those that the API still has")
            .hint("omnilogs archive status --acknowledge accepts the others"))
    }

    fn warn(&self, context: &Context) {
        let zone = context.environment.zone;
        for state in &self.accounts {
            let name = visible(&state.account.name);
            if let Some(run) = &state.last_run
                && self.now.saturating_sub(run.started) > MAX_SYNC_AGE
            {
                let time = time_text(Timestamp::from_millis(run.started), zone);
                context.report.warn(&format!("{name}: the last sync began at {time}"));
            }
            for hole in state.ledger.holes() {
                let deadline = hole.since.saturating_add(millis(API_RETENTION));
                if deadline.saturating_sub(self.now) < MIN_TIME_LEFT {
                    let deadline = time_text(Timestamp::from_millis(deadline), zone);
                    context.report.warn(&format!(
                        "{name}: the API has the beginning of a gap only until {deadline}"
                    ));
                }
            }
        }
    }

    fn text(&self, place: &ArchivePlace, context: &Context) -> String {
        let StoreFigures { messages, versions, bytes, free_bytes, erasures } = self.figures;
        let mut text = String::new();
        let _ = writeln!(text, "archive     {place}");
        let _ = writeln!(
            text,
            "holds       {}, {}, {}{}",
            counted(messages, "message"),
            counted(versions, "version"),
            byte_count(bytes),
            free_bytes.map(|free| format!(" ({} free)", byte_count(free))).unwrap_or_default()
        );
        if erasures > 0 {
            let _ = writeln!(text, "erasures    {erasures}");
        }
        for state in &self.accounts {
            state.write_text(&mut text, context);
        }
        if self.accounts.is_empty() {
            let _ = writeln!(text, "no account yet: omnilogs archive sync adds the first");
        }
        text
    }

    fn json(&self, place: &ArchivePlace) -> serde_json::Value {
        let StoreFigures { messages, versions, bytes, free_bytes, erasures } = self.figures;
        json!({
            "archive": place.to_string(),
            "messages": messages,
            "versions": versions,
            "bytes": bytes,
            "freeBytes": free_bytes,
            "erasures": erasures,
            "accounts": self.accounts.iter().map(AccountState::json).collect::<Vec<_>>(),
        })
    }
}

impl AccountState {
    fn read(store: &mut dyn Store, account: &Account, now: i64) -> Result<Self, StoreError> {
        let id = account.id;
        let last_run = last_sync(store, id)?;
        let server_now = server_time(last_run.as_ref(), now);
        let kept_since = archive::edge(server_now);
        Ok(Self {
            figures: store.account_figures(id)?,
            ledger: store.ledger(id, Scope::ALL)?.with_losses(kept_since, server_now),
            pending: store.count_pending(id, TimeRange { since: kept_since, until: i64::MAX })?,
            unresolved: store
                .count_pending(id, TimeRange { since: i64::MIN, until: kept_since })?,
            last_run,
            acknowledged_sync: store.bookmark(id, ACKNOWLEDGED_SYNC)?,
            account: account.clone(),
        })
    }

    /// Why the account makes the exit status 3; `None` if it does not.
    fn incomplete(&self) -> Option<&'static str> {
        if self.open_gaps() > 0 {
            Some(GAPS)
        } else if self.unlisted_sync().is_some_and(|sync| !self.accepts(sync)) {
            Some(UNLISTED)
        } else {
            None
        }
    }

    /// Gaps that are not acknowledged, and holes that are not recorded as a gap.
    fn open_gaps(&self) -> usize {
        let open = self.ledger.gaps.iter().filter(|gap| gap.acknowledged.is_none()).count();
        open + self.unrecorded_holes().len()
    }

    fn unlisted_sync(&self) -> Option<&RunRecord> {
        unlisted_sync(&self.ledger, self.last_run.as_ref())
    }

    fn accepts(&self, sync: &RunRecord) -> bool {
        is_accepted(sync, self.acknowledged_sync)
    }

    /// Holes of the ledger that no recorded gap contains.
    fn unrecorded_holes(&self) -> Vec<TimeRange> {
        let contains = |hole: &TimeRange| {
            let gaps = self.ledger.gaps.iter().map(|gap| gap.range);
            gaps.into_iter().any(|gap| gap.since <= hole.since && hole.until <= gap.until)
        };
        self.ledger.holes().into_iter().filter(|hole| !contains(hole)).collect()
    }

    /// The time until which nothing is lost even if no sync runs: the API keeps the first time that
    /// is not listed until then.
    fn safe_until(&self) -> Option<i64> {
        let first = self.ledger.holes().first().map(|hole| hole.since);
        Some(first.or(self.ledger.newest())?.saturating_add(millis(API_RETENTION)))
    }

    fn write_text(&self, text: &mut String, context: &Context) {
        let zone = context.environment.zone;
        let time = |millis| time_text(Timestamp::from_millis(millis), zone);
        let Account { name, base_url, .. } = &self.account;
        let name = visible(name);
        let _ = match base_url.as_str() {
            "" => writeln!(text, "\naccount     {name}, only imported"),
            base_url => writeln!(text, "\naccount     {name} at {}", visible(base_url)),
        };
        let _ = writeln!(text, "messages    {}", count(self.figures.messages));
        if let (Some(start), Some(newest)) = (self.ledger.start, self.ledger.newest()) {
            let _ = writeln!(text, "range       {} to {}", time(start), time(newest));
        }
        let _ = writeln!(text, "pending     {}", self.pending);
        let _ = writeln!(text, "unresolved  {}", self.unresolved);
        if let Some(run) = &self.last_run {
            let outcome = if run.outcome.is_empty() { "not ended" } else { &run.outcome };
            let _ = writeln!(text, "last run    {}, {}", time(run.started), visible(outcome));
        }
        if let Some(sync) = self.unlisted_sync() {
            let state = if self.accepts(sync) { ", acknowledged" } else { "" };
            let _ =
                writeln!(text, "gap         every time{state}: no sync has listed any time yet");
        }
        if let Some(safe) = self.safe_until() {
            let _ = writeln!(text, "safe until  {}", time(safe));
        }
        for hole in self.unrecorded_holes() {
            let deadline = time(hole.since.saturating_add(millis(API_RETENTION)));
            let _ = writeln!(
                text,
                "gap         {} to {}, not listed yet; the API has it until {deadline}",
                time(hole.since),
                time(hole.until)
            );
        }
        for gap in &self.ledger.gaps {
            let state = match (gap.lost, gap.acknowledged) {
                (_, Some(_)) => "acknowledged".to_owned(),
                (Some(_), None) => "lost".to_owned(),
                (None, None) => {
                    let deadline = gap.range.since.saturating_add(millis(API_RETENTION));
                    format!("the API has it until {}", time(deadline))
                }
            };
            let (since, until) = (time(gap.range.since), time(gap.range.until));
            let _ =
                writeln!(text, "gap         {since} to {until}, {state}: {}", visible(&gap.reason));
        }
    }

    fn json(&self) -> serde_json::Value {
        let run = self.last_run.as_ref().map(|run| {
            json!({
                "started": json_time(run.started),
                "ended": run.ended.map(json_time),
                "outcome": run.outcome,
                "requests": run.counts.requests,
                "new": run.counts.new,
                "changed": run.counts.changed,
            })
        });
        let base_url = Some(&self.account.base_url).filter(|base_url| !base_url.is_empty());
        json!({
            "name": self.account.name,
            "baseUrl": base_url,
            "messages": self.figures.messages,
            "start": self.ledger.start.map(json_time),
            "newest": self.ledger.newest().map(json_time),
            "pending": self.pending,
            "unresolved": self.unresolved,
            "incomplete": self.incomplete(),
            "holes": self.unrecorded_holes().into_iter().map(json_range).collect::<Vec<_>>(),
            "gaps": self.ledger.gaps.iter().map(json_gap).collect::<Vec<_>>(),
            "safeUntil": self.safe_until().map(json_time),
            "lastRun": run,
        })
    }
}
