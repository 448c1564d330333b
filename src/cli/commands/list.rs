//! The default action: list messages.

use omnilogs::pump::{RunOutcome, pump};
use omnilogs::sink::{FilteringSink, SinkError};
use omnilogs::{Query, Source as _};

use crate::args::{ConnectionArgs, ListArgs, LocalFilterArgs};
use crate::failure::{Failure, Kind};
use crate::io::digest::OutputDigest;
use crate::io::output::{Output, ended_by_writing, sink_failure};
use crate::session::checkpoint::Progress;
use crate::session::context::Context;
use crate::session::fingerprint::QueryIdentity;
use crate::session::manifest::{Manifest, unwritten};
use crate::session::outcomes::{OutcomeCountingSink, OutcomeCounts};
use crate::session::paging;
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
    let is_saved = args.origin.input.is_some();
    let is_archived = args.origin.archive.is_given();
    let prepared = prepare(args.into(), connection, context, |query, output_settings| {
        if output_settings.resume && is_saved {
            return Err(Failure::usage("--resume cannot be used with --input")
                .because("a file is always read from its beginning")
                .hint("omit --resume"));
        }
        if output_settings.resume && is_archived {
            return Err(Failure::usage("--resume cannot be used with --archive")
                .because("the archive is read in seconds, from its newest message")
                .hint("omit --resume"));
        }
        if args.versions && !output_settings.format.is_json() {
            return Err(Failure::usage("--versions works only with -o json, -o jsonl or --jq")
                .because("the other formats have no place for when a version was seen")
                .hint("omnilogs --archive --all --versions -o jsonl"));
        }
        settings::refuse_sorting_of_pages(output_settings, query, is_saved)
    })?;
    let Some(mut prepared) = prepared else { return Ok(()) };
    let OutputSettings { manifest, resume, output_file, format, .. } = &prepared.output_settings;
    let digest = OutputDigest::new();
    let is_proved = manifest.is_some() || *resume;
    // The JSON formats write rows as they were received.
    let checks_rows = !format.is_json();
    // Files are opened before anything is sent, so that a bad path costs nothing.
    let manifest = manifest.as_deref().map(Output::file).transpose()?;
    let (reader, output, resumed) = match output_file.clone() {
        Some(path) if *resume => {
            let source = prepared.open_source()?;
            let query = &mut prepared.query;
            let typed =
                QueryIdentity::new(query, &args.filters, &args.local, &prepared.output_settings);
            let (kind, identity) = (source.source.kind(), (&source.identity, &typed));
            let resumed = resume::begin(&path, identity, &digest, query, kind, context)?;
            let point = resumed.resume();
            let reader = prepared.pages_of(source, point, checks_rows)?;
            (reader, Output::resumable(resumed.rows()?), Some(resumed))
        }
        path => {
            let output =
                paging::open(path.as_deref(), prepared.output_settings.pager.as_ref(), context)?;
            (prepared.open_pages(checks_rows)?, output, None)
        }
    };
    let output = if is_proved { output.with_digest(digest.clone()) } else { output };
    let rerun = prepared.rerun_command();
    let PreparedRun { query, output_settings, local, matches, .. } = prepared;
    let typed = &args.local;
    let run = Run { reader, query, typed, matches, digest, resumed, rerun, manifest, context };
    run.show(local, output_settings, output)
}

/// A listing that is ready to run.
struct Run<'a> {
    reader: PageReader,
    query: Query,
    /// The local filters as they were typed.
    typed: &'a LocalFilterArgs,
    /// How many rows that match the local filters are wanted.
    matches: Option<u64>,
    digest: OutputDigest,
    resumed: Option<ResumableRun>,
    rerun: RerunCommand,
    manifest: Option<Output>,
    context: &'a Context,
}

/// The result of a run and of writing its manifest.
fn with_manifest(run: Result<(), Failure>, proved: Result<(), Failure>) -> Result<(), Failure> {
    match (run, proved) {
        (Err(failure), Err(manifest)) => Err(failure.because(manifest.message)),
        (run, proved) => run.and(proved),
    }
}

fn nothing_shown() -> Failure {
    Failure::new(Kind::Condition, "no message was shown").because("--fail-on-empty was given")
}

fn matched(shown: u64) -> Failure {
    let what = match shown {
        1 => "a message was shown".to_owned(),
        several => format!("{} were shown", counted(several, "message")),
    };
    Failure::new(Kind::Condition, what).because("--fail-on-match was given")
}

/// How many rows were shown and removed, and how the run ended.
struct Rows {
    kept: u64,
    held_back: u64,
    /// Whether as many rows matched the local filters as were wanted.
    has_enough: bool,
    outcomes: Option<OutcomeCounts>,
    result: Result<RunOutcome, SinkError>,
}

impl Run<'_> {
    /// Writes the pages in the output format and reports the result.
    fn show(
        mut self,
        local: LocalFilter,
        mut output_settings: OutputSettings,
        mut output: Output,
    ) -> Result<(), Failure> {
        let zone = output_settings.zone;
        let OutputSettings { fail_on_empty, fail_on_match, .. } = output_settings;
        let today = output_settings.today;
        let file = output_settings.output_file.clone();
        let before = self.resumed.as_ref().map_or_else(Progress::default, |r| r.before().clone());
        output_settings.no_header |= before.bytes > 0;
        output_settings.csv.bom &= before.bytes == 0;
        if !output_settings.terminal && self.context.report.has_status_line() {
            self.reader = self.reader.with_progress(zone, self.context);
        }
        let Rows { kept, held_back, has_enough, outcomes, result } =
            self.pump(local, output_settings, &mut output);
        self.context.report.status("");
        let shown = result.and_then(|outcome| match output.show() {
            Ok(()) => Ok(outcome),
            Err(error) => Err(error.into()),
        });
        let (mut outcome, write_error) = match shown {
            Ok(outcome) => (outcome, None),
            Err(error) => {
                let report = self.reader.pages.report();
                (RunOutcome { rows: kept + held_back, report, failure: None }, Some(error))
            }
        };
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
        let (manifest, digest, output_file) = (self.manifest.take(), &self.digest, file.as_deref());
        let prove = |unwritten: Option<&'static str>| {
            let Some(to) = manifest else { return Ok(()) };
            let (totals, local, before) = (&totals, self.typed, &before);
            Manifest { totals, local, before, digest, output: output_file, unwritten }.write(to)
        };
        if let Some(error) = write_error {
            let proved = prove(Some(unwritten(&error)));
            with_manifest(self.leave(ended_by_writing(error, output)), proved)?;
            // A reader that has read enough has read a message.
            return if fail_on_match && kept > 0 { Err(matched(kept)) } else { Ok(()) };
        }
        report_run(&totals, self.context);
        let ending = run_result(&totals, &self.reader, self.context);
        if let Err(error) = output.try_close(ending.is_ok()) {
            let error = SinkError::Io(error);
            let proved = prove(Some(unwritten(&error)));
            let written = sink_failure(&error).map_or(Ok(()), Err);
            return with_manifest(self.leave(written), proved);
        }
        // The manifest comes last: it states that the file is in its place.
        let finished = if has_window { self.put_in_place() } else { Ok(()) };
        let misplaced = finished.is_err().then_some("the output could not be put in its place");
        let proved = prove(misplaced);
        with_manifest(finished.and(if has_window { ending } else { self.leave(ending) }), proved)?;
        match totals.rows_shown + before.shown() {
            0 if fail_on_empty => Err(nothing_shown()),
            shown if fail_on_match && shown > 0 => Err(matched(shown)),
            _ => Ok(()),
        }
    }

    /// Puts the file of a run that can be resumed in its place.
    fn put_in_place(&self) -> Result<(), Failure> {
        self.resumed.as_ref().map_or(Ok(()), ResumableRun::finish)
    }

    /// Keeps the files that a later run can continue when this one failed.
    fn leave(&self, ending: Result<(), Failure>) -> Result<(), Failure> {
        match &self.resumed {
            Some(resumed) => ending.map_err(|failure| resumed.leave(failure)),
            None => ending,
        }
    }

    fn pump(
        &mut self,
        local: LocalFilter,
        output_settings: OutputSettings,
        output: &mut Output,
    ) -> Rows {
        let sink = sink::sink(output_settings, output, &self.context.report);
        let mut sink = OutcomeCountingSink::new(sink, self.context.report.has_summary());
        let before = self.resumed.as_ref().map_or(0, |run| run.before().shown());
        let matches = self.matches.map(|matches| matches.saturating_sub(before));
        let mut filtering = FilteringSink::new(&mut sink, Box::new(move |log| local.keeps(log)))
            .with_limit(matches);
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
        let (kept, held_back) = (filtering.kept(), filtering.held_back());
        let has_enough = filtering.has_enough();
        Rows { kept, held_back, has_enough, outcomes: sink.counts(), result }
    }
}
