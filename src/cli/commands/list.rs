//! The default action: list messages.

use omnilogs::Query;
use omnilogs::pump::{Delivered, pump};
use omnilogs::sink::{Filtered, SinkError};

use crate::args::{ConnectionArgs, ListArgs};
use crate::failure::{Failure, Kind};
use crate::io::digest::{Meter, Metered};
use crate::io::output::{Output, ended_by_writing};
use crate::session::context::Context;
use crate::session::manifest;
use crate::session::prepare::{Prepared, prepare};
use crate::session::rerun_command::Again;
use crate::session::resume::{self, Checkpointing, Resumed};
use crate::session::run_result::{ending, tell};
use crate::session::sink;
use crate::session::source::Opened;
use crate::session::summary::Facts;
use crate::settings::{self, LocalFilter, Shown};

/// Lists messages.
pub(crate) fn run(
    args: &ListArgs,
    connection: &ConnectionArgs,
    context: &Context,
) -> Result<(), Failure> {
    let is_saved = args.origin.input.is_some();
    let prepared = prepare(args.into(), connection, context, |query, shown| {
        settings::refuse_sorting_of_pages(shown, query, is_saved)
    })?;
    let Some(mut prepared) = prepared else { return Ok(()) };
    let shown = &prepared.shown;
    let meter = Meter::new(shown.manifest.is_some() || shown.resume);
    // Files are opened before anything is sent, so that a bad path costs nothing.
    let (output, resumed) = match &shown.output_file {
        Some(path) if shown.resume => {
            let typed = typed(args, shown, &prepared.account.endpoint.origin());
            let kind = settings::source_kind(&args.origin);
            let query = &mut prepared.query;
            let Some(resumed) = resume::begin(path, &typed, &meter, query, kind, context)? else {
                return Ok(());
            };
            (Output::resumable(resumed.rows()?), Some(resumed))
        }
        path => (Output::open(path.as_deref())?, None),
    };
    let manifest = prepared.shown.manifest.as_deref().map(Output::replacing).transpose()?;
    // JSON passes rows on as they came.
    let checks_rows = !prepared.shown.format.is_json();
    let opened = prepared.open_pages(resumed.as_ref().and_then(Resumed::point), checks_rows)?;
    let again = prepared.again();
    let Prepared { query, shown, local, .. } = prepared;
    let run = Run { opened, query, meter, resumed, again, manifest, context };
    run.show(local, shown, output)
}

/// What decides which rows are written, and how: the query that a resumed run must share.
fn typed(args: &ListArgs, shown: &Shown, host: &str) -> String {
    let Shown { format, columns, no_header, redaction, csv_safe, .. } = shown;
    let ListArgs { filters, local, origin, .. } = args;
    format!(
        "{host} {filters:?} {local:?} {origin:?} {format:?} {columns:?} {no_header} {redaction:?} {csv_safe}"
    )
}

/// A listing that is ready to run.
struct Run<'a> {
    opened: Opened,
    query: Query,
    meter: Meter,
    resumed: Option<Resumed>,
    again: Again,
    manifest: Option<Output>,
    context: &'a Context,
}

/// What a run leaves to be told.
struct Told {
    held_back: u64,
    result: Result<Delivered, SinkError>,
}

impl Run<'_> {
    /// Runs the pages into the format and says what came of it.
    fn show(
        mut self,
        local: LocalFilter,
        mut shown: Shown,
        mut output: Output,
    ) -> Result<(), Failure> {
        let (zone, fail_on_empty) = (shown.zone, shown.fail_on_empty);
        let file = shown.output_file.clone();
        let rows_before = self.resumed.as_ref().map_or(0, Resumed::rows_before);
        shown.no_header |= self.resumed.as_ref().is_some_and(Resumed::has_begun);
        if !shown.terminal && self.context.report.has_status_line() {
            self.opened = self.opened.with_progress(zone, self.context);
        }
        let told = self.pump(local, shown, &mut output);
        self.context.report.status("");
        let delivered = match told.result {
            Ok(delivered) => delivered,
            Err(error) => return ended_by_writing(error, output),
        };
        let facts = Facts {
            query: &self.query,
            delivered: &delivered,
            shown: delivered.rows - told.held_back,
            rows_before,
            held_back: told.held_back,
            zone,
            kind: self.opened.kind,
            again: &self.again,
        };
        tell(&facts, self.context);
        let ending = ending(&facts, &self.opened, self.context);
        output.close(ending.is_ok())?;
        if let Some(manifest) = self.manifest {
            manifest::write(manifest, &facts, &self.meter, file.as_deref())?;
        }
        end(ending, self.resumed.as_ref())?;
        if fail_on_empty && facts.shown == 0 {
            return Err(Failure::new(Kind::Condition, "no message was shown")
                .because("--fail-on-empty was given"));
        }
        Ok(())
    }

    fn pump(&mut self, local: LocalFilter, shown: Shown, output: &mut Output) -> Told {
        let sink = sink::sink(shown, Metered::new(output, self.meter.clone()));
        let mut sink = Filtered::new(sink, Box::new(move |log| local.keeps(log)));
        let pages = self.opened.pages.as_mut();
        let interrupt = &self.context.interrupt;
        let result = match &mut self.resumed {
            Some(resumed) => {
                let mut proving = Checkpointing::new(&mut sink, resumed, self.meter.clone());
                pump(pages, &mut proving, interrupt)
            }
            None => pump(pages, &mut sink, interrupt),
        };
        Told { held_back: sink.held_back(), result }
    }
}

/// Ends as the run ended; what a later run can go on from stays, or is put in its place.
fn end(ending: Result<(), Failure>, resumed: Option<&Resumed>) -> Result<(), Failure> {
    match (ending, resumed) {
        (Ok(()), Some(resumed)) => resumed.finish(),
        (Err(failure), Some(_)) => Err(failure.hint("the same command goes on from here")),
        (ending, None) => ending,
    }
}
