//! The default action: lists messages.

use omnilogs::pump::{RunOutcome, pump};
use omnilogs::sink::{FilteringSink, SinkError};
use omnilogs::{Log, Query, Source as _};

use crate::args::{ConnectionArgs, ListArgs, LocalFilterArgs};
use crate::failure::{Failure, Kind};
use crate::io::digest::OutputDigest;
use crate::io::output::{Output, sink_failure};
use crate::session::checkpoint::Progress;
use crate::session::context::Context;
use crate::session::fingerprint::QueryIdentity;
use crate::session::listing_output;
use crate::session::manifest::{Manifest, unwritten};
use crate::session::outcomes::{OutcomeCountingSink, OutcomeCounts};
use crate::session::prepare::{PreparedRun, prepare};
use crate::session::rerun_command::RerunCommand;
use crate::session::resume::{self, CheckpointSink, ResumableRun};
use crate::session::run_result::{report_run, run_result};
use crate::session::sink;
use crate::session::source::PageReader;
use crate::session::summary::RunTotals;
use crate::settings::{self, LocalFilter, OutputSettings};
use crate::text::counted;

/// Lists messages.
pub(crate) fn run(
    args: &ListArgs,
    connection: &ConnectionArgs,
    context: &Context,
) -> Result<(), Failure> {
    let prepared = prepare(args.into(), connection, context, |query, output_settings| {
        refuse_unsupported(args, query, output_settings)
    })?;
    let Some(mut prepared) = prepared else { return Ok(()) };
    let OutputSettings { manifest, resume, output_file, format, .. } = &prepared.output_settings;
    let digest = OutputDigest::new();
    let needs_digest = manifest.is_some() || *resume;
    // The JSON formats write rows as they were received.
    let checks_rows = !format.is_json();
    // Files are opened before anything is sent, so that a bad path costs nothing.
    let manifest = manifest.as_deref().map(Output::file).transpose()?;
    let (mut reader, output, resumed) = match output_file.clone() {
        Some(path) if *resume => {
            let source = prepared.open_source()?;
            let query = &mut prepared.query;
            let identity =
                QueryIdentity::new(query, &args.filters, &args.local, &prepared.output_settings);
            let (kind, identities) = (source.source.kind(), (&source.identity, &identity));
            let resumed = resume::begin(&path, identities, &digest, query, kind, context)?;
            let reader = prepared.pages_of(source, resumed.resume(), checks_rows)?;
            (reader, Output::resumable(resumed.rows()?), Some(resumed))
        }
        path => {
            let output = listing_output::open(
                path.as_deref(),
                prepared.output_settings.pager.as_ref(),
                context,
            )?;
            (prepared.open_pages(checks_rows)?, output, None)
        }
    };
    let OutputSettings { terminal, zone, .. } = prepared.output_settings;
    if !terminal && context.report.has_status_line() {
        reader = reader.with_progress(zone, context);
    }
    let output = if needs_digest { output.with_digest(digest.clone()) } else { output };
    let rerun = prepared.rerun_command();
    let PreparedRun { query, output_settings, local, matches, .. } = prepared;
    let local_args = &args.local;
    let run =
        ListRun { reader, query, local_args, matches, digest, resumed, rerun, manifest, context };
    run.show(local, output_settings, output)
}

/// Refuses options that the source or the format does not support.
fn refuse_unsupported(
    args: &ListArgs,
    query: &Query,
    output_settings: &OutputSettings,
) -> Result<(), Failure> {
    let is_saved = args.origin.input.is_some();
    if output_settings.resume && is_saved {
        return Err(Failure::usage("--resume cannot be used with --input")
            .because("a file is always read from its beginning")
            .hint("omit --resume"));
    }
    if output_settings.resume && args.origin.archive.is_given() {
        return Err(Failure::usage("--resume cannot be used with --archive")
            .because("the archive is read in seconds, from its newest message")
            .hint("omit --resume"));
    }
    if args.versions && !output_settings.format.is_json() {
        return Err(Failure::usage("--versions works only with -o json, -o jsonl or --jq")
            .because("the other formats have no place for the time when a version was seen")
            .hint("omnilogs --archive --all --versions -o jsonl"));
    }
    settings::refuse_sorting_of_pages(output_settings, query, is_saved)
}

/// A listing that is ready to run.
struct ListRun<'a> {
    reader: PageReader,
    query: Query,
    /// The local filters of the command line.
    local_args: &'a LocalFilterArgs,
    /// The maximum number of rows that match the local filters; `None` for all of them.
    matches: Option<u64>,
    digest: OutputDigest,
    resumed: Option<ResumableRun>,
    rerun: RerunCommand,
    manifest: Option<Output>,
    context: &'a Context,
}

/// The result of a run and of writing its manifest.
fn with_manifest(run: Result<(), Failure>, manifest: Result<(), Failure>) -> Result<(), Failure> {
    match (run, manifest) {
        (Err(failure), Err(manifest)) => Err(failure.because(manifest.message)),
        (run, manifest) => run.and(manifest),
    }
}

/// Applies `--fail-on-empty` and `--fail-on-match`.
fn condition(shown: u64, fail_on_empty: bool, fail_on_match: bool) -> Result<(), Failure> {
    let (what, flag) = match shown {
        0 if fail_on_empty => ("no message was shown".to_owned(), "--fail-on-empty"),
        1 if fail_on_match => ("a message was shown".to_owned(), "--fail-on-match"),
        2.. if fail_on_match => {
            (format!("{} were shown", counted(shown, "message")), "--fail-on-match")
        }
        _ => return Ok(()),
    };
    Err(Failure::new(Kind::Condition, what).because(format!("{flag} was given")))
}

/// The numbers of rows that were shown and removed, and how the run ended.
struct ListCounts {
    kept: u64,
    held_back: u64,
    /// Whether the maximum number of rows that match the local filters was reached.
    has_enough: bool,
    outcomes: Option<OutcomeCounts>,
    result: Result<RunOutcome, SinkError>,
}

impl ListRun<'_> {
    /// Writes the pages in the output format and reports the result.
    fn show(
        mut self,
        local: LocalFilter,
        output_settings: OutputSettings,
        mut output: Output,
    ) -> Result<(), Failure> {
        let zone = output_settings.zone;
        let OutputSettings { fail_on_empty, fail_on_match, .. } = output_settings;
        let today = output_settings.today;
        let output_file = output_settings.output_file.clone();
        let before = self.resumed.as_ref().map_or_else(Progress::default, |r| r.before().clone());
        let ListCounts { kept, held_back, has_enough, outcomes, result } =
            self.pump(local, output_settings, &before, &mut output);
        self.context.report.status("");
        let (mut outcome, write_error) = self.outcome(result, kept + held_back, &mut output);
        let has_window = outcome.failure.is_none() && outcome.report.gaps.is_empty();
        let beyond = self.resumed.as_ref().and_then(ResumableRun::beyond);
        outcome.report.gaps.extend(beyond.cloned());
        let totals = RunTotals {
            query: &self.query,
            outcome: &outcome,
            rows_shown: kept,
            rows_before: before.rows,
            held_back,
            has_enough,
            outcomes,
            zone,
            today,
            kind: self.reader.kind,
            archive: self.reader.archive,
            rerun: &self.rerun,
        };
        let manifest = Manifest {
            file: self.manifest.take(),
            totals: &totals,
            local: self.local_args,
            before: &before,
            digest: &self.digest,
            output: output_file.as_deref(),
            has_output: output.is_stream(),
        };
        let written = if let Some(error) = write_error {
            output.discard();
            Err(error)
        } else {
            report_run(&totals, self.context);
            let ending = run_result(&totals, &self.reader, self.context)
                .map_err(|failure| output.explain_incomplete(failure));
            output.try_close(ending.is_ok()).map(|()| ending).map_err(SinkError::from)
        };
        match written {
            Ok(ending) => {
                self.end(ending, has_window, manifest)?;
                condition(kept + before.shown(), fail_on_empty, fail_on_match)
            }
            Err(error) => {
                self.end_unwritten(&error, manifest)?;
                // The rows that were shown count although the rest could not be written. Without any,
                // the result is not known to be empty.
                condition(kept, false, fail_on_match)
            }
        }
    }

    /// The outcome of the run after this many rows, and the error if not all of them could be written.
    fn outcome(
        &self,
        result: Result<RunOutcome, SinkError>,
        rows: u64,
        output: &mut Output,
    ) -> (RunOutcome, Option<SinkError>) {
        match result.and_then(|outcome| Ok((outcome, output.show()?))) {
            Ok((outcome, ())) => (outcome, None),
            Err(error) => {
                let report = self.reader.pages.report();
                (RunOutcome { rows, report, failure: None }, Some(error))
            }
        }
    }

    /// Ends a run whose rows were all written.
    fn end(
        &self,
        ending: Result<(), Failure>,
        has_window: bool,
        mut manifest: Manifest<'_>,
    ) -> Result<(), Failure> {
        let finished = if has_window { self.put_in_place() } else { Ok(()) };
        manifest.has_output |= match self.resumed {
            Some(_) => has_window && finished.is_ok(),
            None => ending.is_ok(),
        };
        let misplaced = finished.is_err().then_some("the output could not be put in its place");
        // The manifest comes last: it states that the file is in its place.
        let manifest = manifest.write(misplaced);
        with_manifest(finished.and(if has_window { ending } else { self.leave(ending) }), manifest)
    }

    /// Ends a run whose rows could not all be written. A closed pipe is not a failure.
    fn end_unwritten(&self, error: &SinkError, manifest: Manifest<'_>) -> Result<(), Failure> {
        let manifest = manifest.write(Some(unwritten(error)));
        with_manifest(self.leave(sink_failure(error).map_or(Ok(()), Err)), manifest)
    }

    /// Puts the file of a run that can be resumed into its place.
    fn put_in_place(&self) -> Result<(), Failure> {
        self.resumed.as_ref().map_or(Ok(()), ResumableRun::finish)
    }

    /// Keeps the files of a run that failed and can be resumed.
    fn leave(&self, ending: Result<(), Failure>) -> Result<(), Failure> {
        match &self.resumed {
            Some(resumed) => ending.map_err(|failure| resumed.leave(failure)),
            None => ending,
        }
    }

    /// Writes the rows to the output, after those that an earlier run wrote.
    fn pump(
        &mut self,
        local: LocalFilter,
        mut output_settings: OutputSettings,
        before: &Progress,
        output: &mut Output,
    ) -> ListCounts {
        output_settings.no_header |= before.bytes > 0;
        output_settings.csv.bom &= before.bytes == 0;
        let sink = sink::sink(output_settings, output, &self.context.report);
        let mut sink = OutcomeCountingSink::new(sink, self.context.report.has_summary());
        let matches = self.matches.map(|matches| matches.saturating_sub(before.shown()));
        let keep: Box<dyn Fn(&Log) -> bool> = match self.reader.version_filter.take() {
            Some(filter) => Box::new(move |_| filter.keeps_next()),
            None => Box::new(move |log| local.keeps(log)),
        };
        let mut filtering = FilteringSink::new(&mut sink, keep).with_limit(matches);
        let pages = self.reader.pages.as_mut();
        let interrupt = &self.context.interrupt;
        let mut result = match &mut self.resumed {
            Some(resumed) => {
                let mut sink = CheckpointSink::new(&mut filtering, resumed, self.digest.clone());
                pump(pages, &mut sink, interrupt)
            }
            None => pump(pages, &mut filtering, interrupt),
        };
        if let Ok(outcome) = &mut result {
            filtering.drop_unwanted_gaps(&mut outcome.report.gaps);
        }
        let (kept, held_back) = (filtering.kept(), filtering.filtered_out());
        let has_enough = filtering.has_enough();
        ListCounts { kept, held_back, has_enough, outcomes: sink.counts(), result }
    }
}
