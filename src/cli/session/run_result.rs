//! Reports how a run over pages ended: warnings, the summary, and the failure.

use omnilogs::SourceKind;
use omnilogs::source::Gap;

use super::archive_reading::ArchiveState;
use super::context::Context;
use super::source::PageReader;
use super::source_failure;
use super::summary::{self, RunTotals};
use crate::failure::{Failure, Kind};
use crate::text::counted;

/// Reports anomalies, an empty result and ids without a row, for a run whose output has its own
/// totals.
pub(crate) fn report_anomalies(totals: &RunTotals<'_>, context: &Context) {
    let report = &context.report;
    let run = &totals.outcome.report;
    for sentence in summary::anomalies(&run.anomalies, true) {
        report.warn(&sentence);
    }
    for sentence in summary::anomalies(&run.anomalies, false) {
        report.detail(1, &sentence);
    }
    if is_empty(totals) {
        report.say(&summary::no_messages(totals, context.clock.now()));
    }
    if let Some(sentence) = summary::ids_without_rows(totals) {
        report.say(&sentence);
    }
}

/// Whether a run that did not fail has shown no row.
fn is_empty(totals: &RunTotals<'_>) -> bool {
    totals.rows_shown == 0 && totals.outcome.failure.is_none() && totals.rows_before == 0
}

/// Reports anomalies and the summary.
pub(crate) fn report_run(totals: &RunTotals<'_>, context: &Context) {
    let report = &context.report;
    report_anomalies(totals, context);
    let next = summary::next_steps(totals);
    if is_empty(totals) {
        // Older messages may match.
        if let Some(next) = next.filter(|_| totals.held_back > 0) {
            report.summary(&next);
        }
        return;
    }
    if totals.outcome.failure.is_none() || totals.outcome.rows > 0 {
        report.summary(&summary::line(totals));
    }
    if let Some(next) = next.filter(|_| totals.rows_shown > 0) {
        report.summary(&next);
    }
}

/// The result of the run: complete, incomplete, or failed without any row.
pub(crate) fn run_result(
    totals: &RunTotals<'_>,
    reader: &PageReader,
    context: &Context,
) -> Result<(), Failure> {
    let interrupted = context.signals.kind();
    let outcome = totals.outcome;
    let rows = outcome.rows + totals.rows_before;
    let gaps = &outcome.report.gaps;
    let is_saved = totals.kind == SourceKind::File;
    if let (Some(archive), None) = (totals.archive, &outcome.failure) {
        return archive_result(totals, archive, context);
    }
    let mut failure = match &outcome.failure {
        Some(error) => {
            let mut failure = source_failure::failure(error, &reader.origins, interrupted);
            if rows == 0 || failure.kind == interrupted {
                return Err(failure);
            }
            failure.causes.insert(0, failure.message);
            failure.kind = Kind::Incomplete;
            failure.message = format!(
                "incomplete: {} received, the remaining rows are missing",
                counted(rows, "row")
            );
            failure
        }
        None if gaps.is_empty() => return Ok(()),
        None if !is_saved => Failure::new(Kind::Incomplete, "incomplete: some rows are missing"),
        None => {
            Failure::new(Kind::Incomplete, "incomplete: some rows of the file could not be read")
                .hint("save the response again, or remove these rows from the file")
        }
    };
    if let Some(archive) = totals.archive {
        return Err(unread(failure, totals, archive, context));
    }
    // The times of rows that a file lacks are unknown, and reading it again does not help.
    if is_saved {
        failure.causes.extend(gaps.iter().map(|gap| gap.reason.clone()));
        return Err(failure);
    }
    for gap in gaps {
        failure = failure.because(summary::missing(gap, totals.zone));
        failure = failure.hint(totals.rerun.command(gap));
    }
    Err(failure)
}

/// Adds to the failure of a run over the archive which time was not read. To list a gap of the archive
/// again would not fill it.
fn unread(
    failure: Failure,
    totals: &RunTotals<'_>,
    archive: ArchiveState,
    context: &Context,
) -> Failure {
    let report = &totals.outcome.report;
    let rest = Gap {
        since: report.since,
        // Another row of the time of the last one may follow. Without it, the time is not known.
        until: report.reached,
        at_least: 0,
        reason: "not every message was read".to_owned(),
    };
    let failure =
        failure.because(summary::missing(&rest, totals.zone)).hint(totals.rerun.command(&rest));
    with_gaps(failure, totals, archive, context)
}

/// Adds the gaps of the archive to the causes of a failure, unless the run accepts them.
fn with_gaps(
    mut failure: Failure,
    totals: &RunTotals<'_>,
    archive: ArchiveState,
    context: &Context,
) -> Failure {
    let gaps = &totals.outcome.report.gaps;
    let missing = gaps.iter().map(|gap| summary::missing(gap, totals.zone));
    if archive.allows_gaps {
        for gap in missing {
            context.report.warn(&format!("messages may be missing from the archive {gap}"));
        }
    } else {
        failure.causes.extend(missing);
    }
    failure
}

/// The result of a run over the archive that read all that it has.
fn archive_result(
    totals: &RunTotals<'_>,
    archive: ArchiveState,
    context: &Context,
) -> Result<(), Failure> {
    let message = "incomplete: messages may be missing from the archive";
    let failure = Failure::new(Kind::Incomplete, message);
    let failure = with_gaps(failure, totals, archive, context);
    if failure.causes.is_empty() {
        return Ok(());
    }
    Err(failure
        .hint("omnilogs archive sync fills what the API still has")
        .hint("--allow-gaps accepts what is missing"))
}
