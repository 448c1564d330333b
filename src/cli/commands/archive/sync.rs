//! `archive sync`: brings the archive up to date, once or at intervals.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use omnilogs::archive::{
    ArchiveAccount, Lease, OpenMode, Store, StoreError, SyncOptions, SyncProgress, SyncReport, sync,
};
use omnilogs::{Source, SourceError, Timestamp};
use serde_json::json;

use super::{
    ArchiveSetup, SYNC_PROGRAM, identity, json_gap, json_range, json_time, left_out, print_json,
    with_counts,
};
use crate::args::{ArchiveLocationArgs, ConnectionArgs, OriginArgs, SandboxSourceArgs, values};
use crate::failure::{Failure, Kind};
use crate::io::service_manager::ServiceManager;
use crate::session::archive::{self, ArchivePlace, ArchiveUser};
use crate::session::context::Context;
use crate::session::source::{self, SourceHandle};
use crate::session::source_failure;
use crate::settings;
use crate::text::{count, counted};
use crate::time_input::short_time_text;

/// Options of `archive sync`.
#[derive(Debug, Args)]
pub(crate) struct SyncArgs {
    /// Sync every DURATION, until stopped
    #[arg(long, value_name = "DURATION", value_parser = values::interval)]
    every: Option<Duration>,

    /// Stop after DURATION
    #[arg(long = "for", value_name = "DURATION", value_parser = values::duration)]
    time: Option<Duration>,

    #[command(flatten)]
    source: SandboxSourceArgs,
}

/// Brings the archive up to date.
pub(super) fn run(args: &SyncArgs, setup: ArchiveSetup<'_>) -> Result<(), Failure> {
    let ArchiveSetup { location, connection, account, context } = setup;
    let json = settings::is_json("archive sync", connection)?;
    for warning in &account.warnings {
        context.report.warn(warning);
    }
    let user = match args.source.sandbox {
        Some(_) => ArchiveUser::Sandbox,
        None => ArchiveUser::Account(account),
    };
    let place = setup.place_for(user)?;
    let (name, base_url) = identity(&args.source, account);
    let origin = OriginArgs { server: args.source.clone(), ..OriginArgs::default() };
    let handle = source::source(account, connection, &origin, context)?;
    let manager = ServiceManager::of(&context.environment);
    let deadline = args.time.map(|time| context.clock.elapsed() + time);
    let rounds = Rounds { every: args.every, deadline, json, manager, context };
    let mut store = rounds.open(&place, location)?;
    context.report.detail(1, &format!("archive {place}"));
    let options = options(connection, args.every);
    let result = rounds.run(&mut *store, (&name, &base_url), handle, &options, &place);
    // The archive is closed before a signal ends the program, so that all of it is in its file.
    drop(store);
    if args.every.is_some() {
        // A signal is the normal end of a run with --every.
        context.signals.end();
    }
    result
}

fn options(connection: &ConnectionArgs, every: Option<Duration>) -> SyncOptions {
    let mut options = SyncOptions::new(SYNC_PROGRAM, archive::host_name());
    // Pending messages may take half of the requests that the rate allows until the next round; the
    // other half is for listings.
    let minutes = every.unwrap_or(Duration::from_secs(300)).as_secs().div_ceil(60);
    options.refresh_requests =
        settings::requests_per_minute(connection).saturating_mul(minutes.max(1)) / 2;
    options
}

/// Syncs once, or with `--every` in rounds.
struct Rounds<'a> {
    /// The time from the beginning of a round to the beginning of the next.
    every: Option<Duration>,
    /// When the command ends, as the elapsed time of the clock.
    deadline: Option<Duration>,
    json: bool,
    manager: ServiceManager,
    context: &'a Context,
}

impl Rounds<'_> {
    /// Opens the archive. With `--every`, waits for a server that cannot be reached, as between two
    /// rounds: after a power failure it may start later than this program.
    fn open(
        &self,
        place: &ArchivePlace,
        location: &ArchiveLocationArgs,
    ) -> Result<Box<dyn Store>, Failure> {
        let context = self.context;
        let mut failures: u64 = 0;
        loop {
            let began = context.clock.elapsed();
            let error = match archive::open_store(place, OpenMode::Create, location, context) {
                Ok(store) => return Ok(store),
                Err(error) => error,
            };
            let Some(every) = self.every.filter(|_| error.is_transient()) else {
                return Err(archive::store_failure(error, context));
            };
            self.note_failure(&mut failures, &error);
            self.manager.status(&error.to_string());
            if self.rest(began + every) {
                context.signals.end();
                return Err(archive::store_failure(error, context));
            }
        }
    }

    /// Counts a failure that does not end the command. The 1st, 2nd, 4th, 8th and so on are warnings,
    /// so that a long outage does not fill the log.
    fn note_failure(&self, failures: &mut u64, reason: &dyn fmt::Display) {
        *failures += 1;
        if failures.is_power_of_two() {
            self.context.report.warn(&format!("{reason}; still trying"));
        }
    }

    /// Waits until the next round is due. Returns whether a signal or the deadline came first.
    fn rest(&self, next: Duration) -> bool {
        let Self { deadline, context, .. } = self;
        let until = deadline.map_or(next, |deadline| next.min(deadline));
        let left = until.saturating_sub(context.clock.elapsed());
        let is_stopped = context.interrupt.is_raised() || context.clock.sleep(left);
        is_stopped || deadline.is_some_and(|at| until >= at)
    }

    fn run(
        &self,
        store: &mut dyn Store,
        account: (&str, &str),
        mut handle: SourceHandle,
        options: &SyncOptions,
        place: &ArchivePlace,
    ) -> Result<(), Failure> {
        let context = self.context;
        let is_over = || self.deadline.is_some_and(|at| context.clock.elapsed() >= at);
        handle.source.set_deadline(self.deadline);
        let mut failures: u64 = 0;
        let mut unreleased = None;
        loop {
            let began = context.clock.elapsed();
            let round =
                self.round(store, account, handle.source.as_mut(), options, &mut unreleased);
            if let Ok(report) = &round {
                self.show(report, place)?;
            }
            let Some(every) = self.every else { return self.result(round, &handle) };
            if let Some(reason) = failure_of(&round) {
                if !reason.is_transient() || is_over() || context.interrupt.is_raised() {
                    return self.result_of_last(round, &handle);
                }
                self.note_failure(&mut failures, &reason);
            } else {
                failures = 0;
            }
            self.manager.ready();
            self.manager.status(&match &round {
                Ok(report) => sentence(report, context),
                Err(error) => error.to_string(),
            });
            if self.rest(began + every) {
                return self.result_of_last(round, &handle);
            }
        }
    }

    /// Syncs once under a lease of its own, so that other programs can write between two rounds.
    /// `unreleased` is the lease of an earlier round that could not give it back.
    fn round(
        &self,
        store: &mut dyn Store,
        (name, base_url): (&str, &str),
        source: &mut (dyn Source + Send),
        options: &SyncOptions,
        unreleased: &mut Option<Lease>,
    ) -> Result<SyncReport, StoreError> {
        let context = self.context;
        let lease = archive::try_lease(store, SYNC_PROGRAM, unreleased.as_ref(), context)?;
        *unreleased = Some(lease.clone());
        let mut is_ready = false;
        let mut show = |progress: &SyncProgress| {
            let SyncProgress { requests, counts, .. } = progress;
            let text = format!(
                "{}, {} new, {} changed",
                counted(*requests, "request"),
                count(counts.new),
                count(counts.changed)
            );
            context.report.status(&text);
            if !std::mem::replace(&mut is_ready, true) {
                // The first round can take hours, and the service works once a page is stored.
                self.manager.ready();
            }
            self.manager.status(&format!("syncing: {text}"));
        };
        let result = store.add_account(&lease, name, base_url).and_then(|account| {
            let archive = ArchiveAccount { store: &mut *store, lease: &lease, account };
            let clock = Arc::clone(&context.clock);
            sync(archive, source, clock, &context.interrupt, options, &mut show)
        });
        context.report.status("");
        let is_unreachable = matches!(&result, Err(StoreError::Unreachable { .. }));
        if !is_unreachable && store.release_lease(&lease).is_ok() {
            *unreleased = None;
        }
        result
    }

    /// Writes the report: JSON to standard output, else a sentence to standard error.
    fn show(&self, report: &SyncReport, place: &ArchivePlace) -> Result<(), Failure> {
        if self.json {
            return print_json(&json_report(report, place), self.context);
        }
        self.context.report.say(&sentence(report, self.context));
        Ok(())
    }

    /// The result of a command with `--every`, by its last round. A signal and the end of `--for` are
    /// the normal ends.
    fn result_of_last(
        &self,
        round: Result<SyncReport, StoreError>,
        handle: &SourceHandle,
    ) -> Result<(), Failure> {
        match &round {
            _ if self.context.interrupt.is_raised() => Ok(()),
            Ok(SyncReport { failure: Some(SourceError::OutOfTime), .. }) => Ok(()),
            _ => self.result(round, handle),
        }
    }

    /// The result of a command with one round.
    fn result(
        &self,
        round: Result<SyncReport, StoreError>,
        handle: &SourceHandle,
    ) -> Result<(), Failure> {
        let context = self.context;
        match round {
            Ok(report) => self.verdict(&report, handle),
            Err(_) if context.interrupt.is_raised() => {
                Err(Failure::new(context.signals.kind(), "interrupted"))
            }
            Err(error) => Err(archive::store_failure(error, context)),
        }
    }

    fn verdict(&self, report: &SyncReport, handle: &SourceHandle) -> Result<(), Failure> {
        let kind = self.context.signals.kind();
        let Some(error) = &report.failure else {
            return if report.is_complete() { Ok(()) } else { Err(gaps_remain(report)) };
        };
        let mut failure = source_failure::failure(error, &handle.origins, kind);
        if failure.kind.is_signal() || !report.has_received {
            return Err(failure);
        }
        failure.kind = Kind::Incomplete;
        let message = "incomplete: the archive could not be brought up to date".to_owned();
        failure.causes.insert(0, std::mem::replace(&mut failure.message, message));
        Err(failure.hint("run it again; it continues with what is missing"))
    }
}

/// The error of a round.
enum RoundFailure<'r> {
    Source(&'r SourceError),
    Store(&'r StoreError),
}

impl RoundFailure<'_> {
    /// Whether the next round may succeed. If so, a command with `--every` continues.
    fn is_transient(&self) -> bool {
        match self {
            Self::Source(error) => !error.stops_further_requests(),
            Self::Store(error) => error.is_transient(),
        }
    }
}

impl fmt::Display for RoundFailure<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Source(error) => error.fmt(f),
            Self::Store(error) => error.fmt(f),
        }
    }
}

/// The error of a round; `None` when it succeeded.
fn failure_of(round: &Result<SyncReport, StoreError>) -> Option<RoundFailure<'_>> {
    match round {
        Ok(report) => report.failure.as_ref().map(RoundFailure::Source),
        Err(error) => Some(RoundFailure::Store(error)),
    }
}

fn gaps_remain(report: &SyncReport) -> Failure {
    let gaps = report.holes.len() + report.gaps.len();
    let what = counted(gaps as u64, "gap");
    Failure::new(Kind::Incomplete, format!("incomplete: {what} in the archive"))
        .hint("omnilogs archive status lists them")
        .hint("omnilogs archive status --acknowledge accepts those that cannot be filled")
}

/// The result of a round in one sentence.
fn sentence(report: &SyncReport, context: &Context) -> String {
    let zone = context.environment.zone;
    let today = zone.at(context.clock.now()).date_naive();
    let counts = report.counts;
    let mut parts = vec![format!("{} new, {} changed", count(counts.new), count(counts.changed))];
    parts.extend(left_out(counts));
    if let Some(newest) = report.newest.filter(|_| report.is_complete()) {
        let time = short_time_text(Timestamp::from_millis(newest), zone, today);
        parts.push(format!("complete up to {time}"));
    }
    if !report.holes.is_empty() || !report.gaps.is_empty() {
        let gaps = report.holes.len() + report.gaps.len();
        parts.push(counted(gaps as u64, "gap"));
    }
    if report.pending > 0 {
        parts.push(format!("{} pending", count(report.pending)));
    }
    let what = match report.outcome() {
        "failed" => "sync failed",
        "interrupted" => "sync interrupted",
        _ => "synced",
    };
    format!("{what}: {} ({})", parts.join(" · "), counted(report.requests, "request"))
}

fn json_report(report: &SyncReport, place: &ArchivePlace) -> serde_json::Value {
    let other = json!({
        "archive": place.to_string(),
        "outcome": report.outcome(),
        "requests": report.requests,
        "pending": report.pending,
        "unresolved": report.unresolved,
        "start": report.start.map(json_time),
        "completeUntil": report.newest.filter(|_| report.is_complete()).map(json_time),
        "holes": report.holes.iter().copied().map(json_range).collect::<Vec<_>>(),
        "gaps": report.gaps.iter().map(json_gap).collect::<Vec<_>>(),
    });
    with_counts(report.counts, other)
}
