//! Reads every page of a query into a sink of figures. It shows no row.

use omnilogs::pump::pump;
use omnilogs::sink::{FilteringSink, RedactingSink, Sink};

use super::context::Context;
use super::prepare::PreparedRun;
use super::run_result::{report_anomalies, run_result};
use super::source::PageReader;
use super::summary::{self, RunTotals};
use crate::failure::{Failure, Kind};
use crate::text::counted;

/// How many rows were read, and how the run ended.
pub(crate) struct RunEnding {
    pub(crate) rows: u64,
    /// The rows that reached the sink. Without any, it is reported that no messages were found, unless
    /// reading failed.
    pub(crate) kept: u64,
    /// Whether reading ended early. A gap is not a failure: its rows may not exist.
    pub(crate) has_failed: bool,
    pub(crate) ending: Result<(), Failure>,
}

/// Reads the pages of the query into a sink, and reports their anomalies.
///
/// # Errors
/// When the sink fails. Incomplete pages are not an error here: [`RunEnding`] has their failure.
pub(crate) fn read(
    prepared: &PreparedRun<'_>,
    mut reader: PageReader,
    sink: &mut dyn Sink,
    context: &Context,
) -> Result<(RunEnding, PageReader), Failure> {
    let zone = prepared.output_settings.zone;
    if context.report.has_status_line() {
        reader = reader.with_progress(zone, context);
    }
    let sink: Box<dyn Sink + '_> = match prepared.output_settings.redaction {
        Some(redaction) => Box::new(RedactingSink::new(sink, redaction)),
        None => Box::new(sink),
    };
    let local = prepared.local.clone();
    let mut sink = FilteringSink::new(sink, Box::new(move |log| local.keeps(log)))
        .with_limit(prepared.matches);
    let outcome = pump(reader.pages.as_mut(), &mut sink, &context.interrupt);
    let (held_back, has_enough) = (sink.filtered_out(), sink.has_enough());
    context.report.status("");
    let mut outcome = outcome.map_err(|error| Failure::new(Kind::Local, error.to_string()))?;
    sink.drop_unwanted_gaps(&mut outcome.report.gaps);
    let rerun = prepared.rerun_command();
    let totals = RunTotals {
        query: &prepared.query,
        outcome: &outcome,
        rows_shown: outcome.rows - held_back,
        rows_before: 0,
        held_back,
        has_enough,
        outcomes: None,
        zone,
        today: prepared.output_settings.today,
        kind: reader.kind,
        archive: reader.archive,
        rerun: &rerun,
    };
    // The output has the totals; standard error has the rest.
    report_anomalies(&totals, context);
    if held_back > 0 && totals.rows_shown > 0 {
        let removed = counted(held_back, "message");
        context.report.summary(&format!("{removed} removed by local filters"));
    }
    if let Some(from) = summary::from_archive(&totals) {
        context.report.summary(&from);
    }
    let ending = run_result(&totals, &reader, context);
    let (rows, kept, has_failed) = (outcome.rows, totals.rows_shown, outcome.failure.is_some());
    Ok((RunEnding { rows, kept, has_failed, ending }, reader))
}
