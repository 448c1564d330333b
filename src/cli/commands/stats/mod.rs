//! `omnilogs stats`: how many messages were delivered, how long they took, what they cost.

mod chart;
pub(crate) mod figures;
mod groups;
mod image;
mod json;
mod screen;
mod stack;
mod timeline;
mod view;

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use clap_complete::engine::ArgValueCompleter;
use omnilogs::pump::{RunOutcome, pump};
use omnilogs::query::Extent;
use omnilogs::sink::{FilteringSink, RedactingSink, Sink, SinkError};
use omnilogs::stats::{Key, Stats, Summary};

use self::image::Plot;
use self::view::View;
use crate::args::{
    ConnectionArgs, ExtentArgs, FilterArgs, FormatArgs, LocalFilterArgs, OriginArgs, OutputArgs,
    completion,
};
use crate::choices::FormatName;
use crate::failure::{Failure, Kind};
use crate::io::output::{Output, ended_by_writing};
use crate::session::context::Context;
use crate::session::prepare::{PreparedRun, RunArgs, prepare};
use crate::session::run_result::{report_run, run_result};
use crate::session::source::PageReader;
use crate::session::summary::RunTotals;
use crate::settings::{LocalFilter, OutputSettings};
use crate::text::{closest, quoted};

const EXAMPLES: &str = "\
Examples (each runs without an account):
  omnilogs stats --sandbox
  omnilogs stats --sandbox --channel SMS --by country,statusName
  omnilogs stats --sandbox --since 6h --by hour,status -o csv
  omnilogs stats --sandbox --plot report.svg

-o json gives groups, total and timeline; jsonl, csv and tsv give one group per line. Amounts
are exact decimals by currency, each price counted once per row; latencies are milliseconds of
messages with a final status.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct StatsArgs {
    #[command(flatten)]
    pub(crate) filters: FilterArgs,
    #[command(flatten)]
    pub(crate) extent: ExtentArgs,
    #[command(flatten)]
    pub(crate) local: LocalFilterArgs,

    /// Group by these keys, separated with commas: channel, status, statusName, sender, country, network,
    /// hour, bulkId, error [default: channel,status]
    #[arg(long, value_name = "KEY,…", help_heading = "Output",
          add = ArgValueCompleter::new(completion::keys))]
    pub(crate) by: Option<String>,

    /// Also draw timeline, shares and latencies to FILE.svg or FILE.png
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) plot: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) origin: OriginArgs,
}

/// Writes a summary as it is to be shown.
///
/// # Errors
/// When writing fails.
pub(crate) fn render(summary: &Summary, view: &View, out: &mut dyn Write) -> io::Result<()> {
    match view.format {
        FormatName::Table => screen::write(summary, view, out),
        _ => json::write(summary, view, out),
    }
}

/// The keys of a list; an unknown one is refused with all of them.
pub(crate) fn parse_keys(list: Option<&str>) -> Result<Vec<Key>, Failure> {
    let Some(list) = list else { return Ok(vec![Key::Channel, Key::Status]) };
    let mut keys = Vec::new();
    for name in list.split(',').map(str::trim) {
        let key = Key::parse(name).ok_or_else(|| unknown_key(name))?;
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    Ok(keys)
}

fn unknown_key(name: &str) -> Failure {
    let names = Key::ALL.map(Key::name);
    let failure = Failure::usage(if name.is_empty() {
        "--by: a key is empty".to_owned()
    } else {
        format!("--by: {} is not a key", quoted(name))
    });
    let failure = match closest(name, names) {
        Some(meant) => failure.hint(format!("did you mean {meant}?")),
        None => failure,
    };
    failure.hint(format!("keys: {}", names.join(",")))
}

/// Counts messages.
pub(crate) fn run(
    args: &StatsArgs,
    connection: &ConnectionArgs,
    context: &Context,
) -> Result<(), Failure> {
    let keys = parse_keys(args.by.as_deref())?;
    let format = FormatArgs { output: args.output.clone(), ..FormatArgs::default() };
    let run_args = RunArgs {
        filters: &args.filters,
        extent: args.extent,
        local: &args.local,
        format: &format,
        origin: &args.origin,
        plot: args.plot.as_deref(),
    };
    let prepared = prepare(run_args, connection, context, |query, output_settings| {
        if args.filters.limit.is_none() {
            query.extent = Extent::All;
        }
        View::new(output_settings).map(drop)
    })?;
    let Some(prepared) = prepared else { return Ok(()) };
    let view = View::new(&prepared.output_settings)?;
    // Files are opened before anything is sent, so that a bad path costs nothing.
    let plot = args.plot.as_deref().map(Plot::open).transpose()?;
    let output = Output::open(prepared.output_settings.output_file.as_deref())?;
    let mut reader = prepared.open_pages(true)?;
    let rerun = prepared.rerun_command();
    let PreparedRun { query, output_settings, local, .. } = prepared;
    if context.report.has_status_line() {
        reader = reader.with_progress(view.zone, context);
    }
    let mut stats = Stats::new(keys, view.zone);
    let counted = count(&mut stats, &output_settings, local, &mut reader, context);
    context.report.status("");
    let (outcome, held_back) = counted.map_err(|e| Failure::new(Kind::Local, e.to_string()))?;
    let totals = RunTotals {
        query: &query,
        outcome: &outcome,
        rows_shown: outcome.rows - held_back,
        rows_before: 0,
        held_back,
        outcomes: None,
        zone: view.zone,
        today: output_settings.today,
        kind: reader.kind,
        rerun: &rerun,
    };
    let summary = stats.summary();
    report_run(&totals, context);
    let ending = run_result(&totals, &reader, context);
    if ending.is_err() && totals.outcome.rows == 0 {
        return ending;
    }
    show(&summary, &view, plot, output, ending)
}

/// Runs the pages into the statistics.
fn count(
    stats: &mut Stats,
    output_settings: &OutputSettings,
    local: LocalFilter,
    reader: &mut PageReader,
    context: &Context,
) -> Result<(RunOutcome, u64), SinkError> {
    let sink: Box<dyn Sink + '_> = match output_settings.redaction {
        Some(redaction) => Box::new(RedactingSink::new(stats, redaction)),
        None => Box::new(stats),
    };
    let mut sink = FilteringSink::new(sink, Box::new(move |log| local.keeps(log)));
    let outcome = pump(reader.pages.as_mut(), &mut sink, &context.interrupt)?;
    Ok((outcome, sink.held_back()))
}

/// Writes what was counted; files only when nothing is missing in it.
fn show(
    summary: &Summary,
    view: &View,
    plot: Option<Plot>,
    mut output: Output,
    ending: Result<(), Failure>,
) -> Result<(), Failure> {
    if let Err(error) = render(summary, view, &mut output) {
        return ended_by_writing(error, output);
    }
    output.close(ending.is_ok())?;
    match (ending, plot) {
        (Ok(()), Some(plot)) => plot.draw(summary, view.zone),
        (Err(failure), Some(_)) => Err(failure.hint("--plot draws nothing of a part")),
        (ending, None) => ending,
    }
}

#[cfg(test)]
mod tests;
