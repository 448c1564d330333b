//! `archive import`: stores the rows of saved responses. They do not prove that nothing is missing
//! between them, so an import must not extend the coverage of the archive. It must not store a text that
//! the server did not send, so it takes off what an export of every version, and `show`, add to a row.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, ValueHint};
use omnilogs::archive::{
    AccountId, KeyedRow, Lease, OpenMode, PageCounts, PageWrite, RunCounts, RunId, RunStart, Store,
    StoreError, as_sent,
};
use omnilogs::model::{Page, Timestamp};
use omnilogs::pages::Prefetch;
use omnilogs::saved::SavedResponse;
use omnilogs::{Query, SourceError};
use serde_json::json;

use super::{ArchiveSetup, left_out, print_json, under_lease, with_counts};
use crate::credentials::{Origin, ResolvedAccount};
use crate::failure::{Failure, Kind};
use crate::io::file_uses::FileUses;
use crate::session::archive::{self, ArchivePlace};
use crate::session::context::Context;
use crate::session::source;
use crate::session::source_failure::{self, RequestOrigins};
use crate::settings;
use crate::text::{count, counted};

const PROGRAM: &str = "omnilogs archive import";

/// Options of `archive import`.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// Saved responses: JSON, JSON lines or XML (- for standard input)
    #[arg(value_name = "FILE", required = true, value_hint = ValueHint::FilePath)]
    files: Vec<PathBuf>,
}

/// Stores the rows of saved responses.
pub(super) fn run(args: &ImportArgs, setup: ArchiveSetup<'_>) -> Result<(), Failure> {
    let ArchiveSetup { location, connection, account, context } = setup;
    let json = settings::is_json("archive import", connection)?;
    let place = setup.place()?;
    refuse_one_file_twice(&args.files, &place)?;
    // Every file is opened before the archive, so that a mistyped name changes nothing.
    let files: Vec<_> =
        args.files.iter().map(|file| open_file(file, context)).collect::<Result<_, _>>()?;
    let mut store = archive::open(&place, OpenMode::Create, location, context)?;
    context.signals.end_in_order();
    let (name, base_url) = (&account.chosen.name, server_of_rows(account));
    let outcome = under_lease(&mut *store, PROGRAM, context, |store, lease| {
        Import::begin(store, lease, (name, &base_url), context)?.store_files(files)
    })?;
    if json {
        print_json(&outcome.json(&place), context)?;
    } else {
        context.report.say(&outcome.sentence());
    }
    outcome.verdict()
}

/// The base URL that the user named, which the rows are then said to come from. The default says
/// nothing about files: the next sync with the server of the account would be refused.
fn server_of_rows(account: &ResolvedAccount) -> String {
    match account.endpoint_origin {
        Origin::Default => String::new(),
        _ => account.endpoint.origin(),
    }
}

/// Refuses to read a pipe twice, and to read the archive while it is written to.
fn refuse_one_file_twice(files: &[PathBuf], place: &ArchivePlace) -> Result<(), Failure> {
    let mut uses = FileUses::default();
    for file in files {
        uses.reads("archive import", Some(file));
    }
    if place.file().is_some() {
        for (name, path) in place.files() {
            uses.writes(name, Some(&path));
        }
    }
    uses.check()
}

/// Opens a file; its name for messages is returned too.
fn open_file(file: &Path, context: &Context) -> Result<(String, SavedResponse), Failure> {
    let (name, reader) = source::saved_file(file, "", context)?;
    let saved = SavedResponse::open(name.clone(), reader, &Query::default());
    Ok((name, saved.checking_fields(false)))
}

/// The outcome of an import.
#[derive(Default)]
struct ImportOutcome {
    counts: PageCounts,
    /// The rows that cannot be read: the name of the file, and the reason.
    unreadable: Vec<String>,
    /// Whether rows after those were not read either.
    has_hidden_rows: bool,
    /// Why the import stopped before the end of the last file.
    failure: Option<Failure>,
}

impl ImportOutcome {
    fn sentence(&self) -> String {
        let counts = self.counts;
        let mut parts = vec![
            format!("{} new", count(counts.new)),
            format!("{} changed", count(counts.changed)),
            format!("{} unchanged", count(counts.unchanged)),
        ];
        parts.extend(left_out(counts));
        format!("imported {}: {}", counted(counts.rows(), "row"), parts.join(", "))
    }

    fn json(&self, place: &ArchivePlace) -> serde_json::Value {
        with_counts(
            self.counts,
            json!({ "archive": place.to_string(), "unreadable": self.unreadable }),
        )
    }

    fn verdict(self) -> Result<(), Failure> {
        if let Some(mut failure) = self.failure {
            failure.causes.extend(self.unreadable);
            return Err(failure.hint("run it again; nothing is stored twice"));
        }
        if self.unreadable.is_empty() {
            return Ok(());
        }
        let mut failure = Failure::new(Kind::Incomplete, "incomplete: some rows cannot be read");
        failure.causes = self.unreadable;
        if self.has_hidden_rows {
            return Err(failure
                .hint("the rows that were read are in the archive")
                .hint("correct the file and import it again; nothing is stored twice"));
        }
        Err(failure.hint("the other rows are in the archive"))
    }
}

/// An import in progress, as one run of the archive.
struct Import<'a> {
    store: &'a mut dyn Store,
    lease: &'a Lease,
    account: AccountId,
    run: RunId,
    context: &'a Context,
}

impl<'a> Import<'a> {
    fn begin(
        store: &'a mut dyn Store,
        lease: &'a Lease,
        (name, base_url): (&str, &str),
        context: &'a Context,
    ) -> Result<Self, Failure> {
        let failed = |error| archive::store_failure(error, context);
        let account = store.add_account(lease, name, base_url).map_err(failed)?;
        let host = archive::host_name();
        let started = context.clock.now().timestamp_millis();
        let start = RunStart { account, started, program: PROGRAM, host: &host };
        let run = store.begin_run(lease, &start).map_err(failed)?;
        Ok(Self { store, lease, account, run, context })
    }

    fn store_files(
        mut self,
        files: Vec<(String, SavedResponse)>,
    ) -> Result<ImportOutcome, Failure> {
        let mut outcome = ImportOutcome::default();
        for (name, saved) in files {
            self.store_file(&name, saved, &mut outcome)?;
            if outcome.failure.is_some() {
                break;
            }
        }
        let PageCounts { new, changed, .. } = outcome.counts;
        let rows = outcome.counts.rows();
        let counts = RunCounts { requests: 0, rows, new, changed, clock_offset: None };
        let is_whole = outcome.failure.is_none() && outcome.unreadable.is_empty();
        let word = if is_whole { "complete" } else { "incomplete" };
        let ended = self.context.clock.now().timestamp_millis();
        self.store
            .end_run(self.lease, self.run, ended, word, &counts)
            .map_err(|error| archive::store_failure(error, self.context))?;
        Ok(outcome)
    }

    fn store_file(
        &mut self,
        name: &str,
        saved: SavedResponse,
        outcome: &mut ImportOutcome,
    ) -> Result<(), Failure> {
        let context = self.context;
        // While a page is written, the thread that reads the next one also computes what the archive
        // keeps of its rows.
        let mut pages = Prefetch::with(saved, rows_by_time).context("cannot start a thread")?;
        loop {
            // Checked after the page and after the end of the file: a signal may have ended both this
            // file and the program that wrote it.
            let page = pages.next_converted();
            let is_interrupted = context.interrupt.is_raised_by_now();
            let page = if is_interrupted { Some(Err(SourceError::Interrupted)) } else { page };
            let rows_by_time = match page {
                None => break,
                Some(Ok(rows_by_time)) => rows_by_time,
                Some(Err(error)) => {
                    let origins = RequestOrigins::default();
                    let kind = context.signals.kind();
                    outcome.failure = Some(source_failure::failure(&error, &origins, kind));
                    break;
                }
            };
            for (seen_at, rows) in &rows_by_time {
                let counts = self.write_page(*seen_at, rows);
                outcome.counts.add(counts.map_err(|error| archive::store_failure(error, context))?);
            }
            let rows = counted(outcome.counts.rows(), "row");
            context.report.status(&format!("{rows} imported"));
        }
        context.report.status("");
        let report = pages.latest_report();
        outcome.unreadable.extend(report.gaps.iter().map(|gap| format!("{name}: {}", gap.reason)));
        outcome.has_hidden_rows |= report.has_hidden_rows;
        Ok(())
    }

    /// Stores rows that were first seen at a time; without one, they are seen now.
    fn write_page(
        &mut self,
        seen_at: Option<Timestamp>,
        rows: &[KeyedRow],
    ) -> Result<PageCounts, StoreError> {
        let now = self.context.clock.now().timestamp_millis();
        self.store.write_page(&PageWrite {
            lease: self.lease,
            now,
            account: self.account,
            run: self.run,
            // At a time to come, the mark of an erased number would have expired.
            seen_at: seen_at.map_or(now, |seen_at| seen_at.millis().min(now)),
            rows,
            covers: None,
        })
    }
}

/// The rows as the server sent them, by the time at which they were first seen, which an export from an
/// archive adds to them.
fn rows_by_time(page: Page) -> BTreeMap<Option<Timestamp>, Vec<KeyedRow>> {
    let mut rows: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for log in page.logs {
        for (log, seen_at) in as_sent(log) {
            rows.entry(seen_at).or_default().push(KeyedRow::with_columns(log));
        }
    }
    rows
}
