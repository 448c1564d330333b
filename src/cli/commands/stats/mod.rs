//! `omnilogs stats`: how many messages were delivered, how long they took, what they cost.

mod chart;
mod comparison;
mod data_formats;
mod delivery;
mod figures;
mod findings;
mod groups;
mod headline;
mod image;
mod limits;
mod markdown;
mod options;
mod prometheus;
mod screen;
mod stack;
mod timeline;
mod view;

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap_complete::engine::ArgValueCompleter;
use omnilogs::query::Extent;
use omnilogs::stats::{BucketWidth, ComparedSummary, Key, Stats, Summary};
use omnilogs::{Query, SourceKind, Timestamp};

use self::comparison::{EarlierWindow, Windows, WindowsSink};
use self::image::Plot;
use self::limits::AlarmLimits;
use self::options::{GroupChoice, OrderName, parse_keys};
use self::view::View;
use crate::args::{
    ConnectionArgs, ExtentArgs, FilterArgs, FormatArgs, LocalFilterArgs, OriginArgs, OutputArgs,
    completion,
};
use crate::choices::FormatName;
use crate::failure::Failure;
use crate::io::json_colour::JsonColour;
use crate::io::output::{Output, ended_by_writing};
use crate::io::pager::{LINES_BELOW_SUMMARY, PagerSettings};
use crate::session::context::Context;
use crate::session::counted_run::{RunEnding, read};
use crate::session::listing_output;
use crate::session::prepare::{PreparedRun, RunArgs, resolve};
use crate::session::summary::sent_with;
use crate::settings::{self, OutputSettings};

const NOTES: &str = "\
-o json gives groups, total, timeline, incident and worst; jsonl, csv and tsv give one group per \
line, without a limit on their number. -o prometheus gives metrics of the window for \
node_exporter's textfile folder, with the keys as labels and at most 100 groups unless --top \
says otherwise; an incomplete run writes none. Amounts are exact decimals by currency, each \
price counted once per row; latencies are milliseconds of messages with a final status. An \
incident is a time range in which a channel, a network, a sender or all messages were delivered \
at least 10 percentage points less than at other times, and which chance does not explain.";

/// Options of `stats`.
#[derive(Debug, Args)]
#[command(after_help = NOTES)]
pub(crate) struct StatsArgs {
    #[command(flatten)]
    pub(crate) filters: FilterArgs,
    #[command(flatten)]
    pub(crate) extent: ExtentArgs,
    #[command(flatten)]
    pub(crate) local: LocalFilterArgs,

    /// Group by these keys, separated with commas: channel, status, statusName, sender, country, network,
    /// bucket (time), bulkId, error [default: channel]
    #[arg(long, value_name = "KEY,…", help_heading = "Output",
          add = ArgValueCompleter::new(completion::keys))]
    pub(crate) by: Option<String>,

    /// Width of the time buckets: 5m, 30m, 1h, 1d, 7d … [default: chosen from the window]
    #[arg(long, value_name = "WIDTH", help_heading = "Output", value_parser = options::every)]
    pub(crate) every: Option<BucketWidth>,

    /// Order of the groups [default: failed, or by time with --by bucket]
    #[arg(long, value_name = "ORDER", help_heading = "Output", ignore_case = true)]
    pub(crate) sort: Option<OrderName>,

    /// Show at most N groups [default: 5 in table and md]
    #[arg(long, value_name = "N", help_heading = "Output", value_parser = options::top)]
    pub(crate) top: Option<usize>,

    /// Leave out groups of fewer than N messages; --fail-if checks nothing with fewer final messages
    #[arg(
        long,
        value_name = "N",
        help_heading = "Output",
        default_value_t = 0,
        hide_default_value = true
    )]
    pub(crate) min: u64,

    /// Exit with status 10 if this is true: 'delivered<95%', 'p90>30s'; may be repeated
    ///
    /// A metric, one of <, <=, > and >=, and a value. Metrics: delivered, failed, pending, messages,
    /// p50, p90, p99, cost. A value with % is a share: delivered and failed of the messages with a
    /// final status, pending of all messages. Other values are counts, durations (p90>30s) or
    /// amounts (cost>100EUR). With --by, each group is checked, otherwise all messages together.
    /// Standard error names each limit that is broken, and what was not checked for lack of data.
    /// An incomplete run ends with 3.
    #[arg(long, value_name = "LIMIT", help_heading = "Output", allow_hyphen_values = true)]
    pub(crate) fail_if: Vec<String>,

    /// Compare with the same window earlier: yesterday, or a duration such as 1h
    ///
    /// Without --since, the window is as long as the duration. A window that the API no longer has
    /// is refused; no row is requested twice.
    #[arg(long, value_name = "WHEN", help_heading = "Output", value_parser = options::shift)]
    pub(crate) vs: Option<Duration>,

    /// Also show a large chart of messages by status, and of latency, over time
    #[arg(long, help_heading = "Output")]
    pub(crate) chart: bool,

    /// Also draw delivered share, messages, groups and latency to FILE.svg or FILE.png
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) plot: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) origin: OriginArgs,
}

/// The number of groups in a table without `--top`: they have room on a screen of 24 lines.
const DEFAULT_TOP: usize = 5;
/// The same for buckets of time.
const DEFAULT_TOP_BUCKETS: usize = 12;

/// Writes a summary in the format of the view.
///
/// # Errors
/// When writing fails.
fn render(
    summary: &Summary,
    earlier: Option<&EarlierWindow>,
    choice: GroupChoice,
    view: &View,
    out: &mut dyn Write,
) -> io::Result<()> {
    let by_time = summary.keys.first() == Some(&Key::Bucket);
    let top = match view.format {
        FormatName::Table | FormatName::Md if by_time => Some(DEFAULT_TOP_BUCKETS),
        FormatName::Table | FormatName::Md => Some(DEFAULT_TOP),
        FormatName::Prometheus => Some(prometheus::DEFAULT_TOP),
        _ => None,
    };
    let mut summary = summary.clone();
    if let Some(earlier) = earlier {
        summary.add_groups_of(&earlier.summary);
    }
    let left_out = choice.apply(&mut summary, top);
    match view.format {
        FormatName::Table => screen::write(&summary, earlier, left_out, view, out),
        FormatName::Md => markdown::write(&summary, earlier, left_out, out),
        FormatName::Prometheus => prometheus::write(&summary, view, out),
        _ => {
            let before = earlier.map(|earlier| &earlier.summary);
            let summary = ComparedSummary { summary: &summary, before };
            if view.json_colour && view.format.is_json() {
                data_formats::write(summary, view, &mut JsonColour::new(out))
            } else {
                data_formats::write(summary, view, out)
            }
        }
    }
}

/// The result of counting.
struct CountResult {
    summary: Summary,
    /// The window of `--vs`.
    earlier: Option<EarlierWindow>,
    /// How reading ended.
    ending: Result<(), Failure>,
    /// Whether any row was read.
    has_rows: bool,
}

/// Counts messages.
pub(crate) fn run(
    args: &StatsArgs,
    connection: &ConnectionArgs,
    context: &Context,
) -> Result<(), Failure> {
    let keys = parse_keys(args.by.as_deref())?;
    let limits = AlarmLimits::parse(&args.fail_if, args.by.is_some(), args.min)?;
    let format = FormatArgs { output: args.output.clone(), ..FormatArgs::default() };
    let run_args = RunArgs {
        filters: &args.filters,
        extent: args.extent,
        local: &args.local,
        format: &format,
        origin: &args.origin,
        versions: false,
        is_counted: true,
        plot: args.plot.as_deref(),
        state: None,
    };
    let kind = settings::source_kind(&args.origin);
    let mut windows = None;
    let prepared = resolve(run_args, connection, context, |query, output_settings, now| {
        if args.filters.limit.is_none() {
            query.extent = Extent::All;
        }
        if let Some(shift) = args.vs {
            windows = Some(Windows::new(shift, query, kind, now)?);
        }
        let view = View::new(output_settings, args.chart)?;
        if view.format == FormatName::Prometheus {
            prometheus::check(&keys, args.vs.is_some())?;
        }
        Ok(())
    })?;
    if connection.dry_run {
        let second = windows.and_then(|windows| windows.second(&prepared.query));
        let queries: Vec<_> = [prepared.query.clone()].into_iter().chain(second).collect();
        return prepared.print_requests(&queries);
    }
    let view = View::new(&prepared.output_settings, args.chart)?;
    let plot = args.plot.as_deref().map(Plot::open).transpose()?;
    let OutputSettings { output_file, pager, .. } = &prepared.output_settings;
    let pager = pager.clone().map(|it| PagerSettings { lines_below: LINES_BELOW_SUMMARY, ..it });
    let output = listing_output::open(output_file.as_deref(), pager.as_ref(), context)?;
    let window = window(&prepared.query, kind, prepared.now.into());
    let counted = if let Some((windows, shift)) = windows.zip(args.vs) {
        compare(prepared, &keys, args.every, (windows, shift), context)?
    } else {
        let stats = Stats::new(keys, view.zone).with_buckets(args.every, window);
        count_all(&prepared, stats, context)?
    };
    if counted.ending.is_err() && !counted.has_rows {
        return counted.ending;
    }
    let choice = GroupChoice { sort: args.sort, top: args.top, min: args.min };
    let view = View { finished: context.clock.now().timestamp_millis(), ..view };
    let verdict = limits.check(&counted.summary);
    limits.result(verdict, show(counted, choice, &view, plot, output), context)
}

/// The window of a query, in milliseconds since 1970; `None` where the source decides.
fn window(query: &Query, kind: SourceKind, now: Timestamp) -> Option<(i64, i64)> {
    let kept = kind.kept_since(now);
    let since = query.since.into_iter().chain(kept).map(Timestamp::millis).max()?;
    let until = match (query.until, kept) {
        (Some(until), Some(_)) => until.millis().min(now.millis()),
        (Some(until), None) => until.millis(),
        (None, Some(_)) => now.millis(),
        (None, None) if kind == SourceKind::Archive => now.millis(),
        (None, None) => return None,
    };
    (since <= until && query.extent == Extent::All).then_some((since, until))
}

/// Counts the messages of one window.
fn count_all(
    prepared: &PreparedRun<'_>,
    mut stats: Stats,
    context: &Context,
) -> Result<CountResult, Failure> {
    let (run, _) = read(prepared, prepared.open_pages(true)?, &mut stats, context)?;
    let (has_rows, ending) = (run.rows > 0, run.ending);
    Ok(CountResult { summary: stats.summary(), earlier: None, ending, has_rows })
}

/// Counts the messages of two windows.
fn compare(
    mut prepared: PreparedRun<'_>,
    keys: &[Key],
    every: Option<BucketWidth>,
    (windows, shift): (Windows, Duration),
    context: &Context,
) -> Result<CountResult, Failure> {
    let zone = prepared.output_settings.zone;
    let of = |window| Stats::new(keys.to_vec(), zone).with_buckets(every, Some(window));
    let (mut now, mut before) = (of(windows.now), of(windows.before));
    let mut sink = WindowsSink { windows, now: &mut now, before: &mut before };
    let second = windows.second(&prepared.query);
    let (reader, second_handle) = if second.is_some() && prepared.archive.is_none() {
        let (first_handle, second_handle) = prepared.open_source()?.shared();
        (prepared.pages_of(first_handle, None, true)?, Some(second_handle))
    } else {
        (prepared.open_pages(true)?, None)
    };
    // The first reader keeps the connection that both use.
    let (first, connection) = read(&prepared, reader, &mut sink, context)?;
    let mut query = prepared.query.clone();
    query.since = Some(Timestamp::from_millis(windows.now.0));
    let first_kept = first.kept;
    let run = match second {
        Some(query) if first.ending.is_ok() => {
            prepared.query = query;
            let reader = match second_handle {
                Some(handle) => prepared.pages_of(handle, None, true)?,
                None => prepared.open_pages(true)?,
            };
            let (second, _) = read(&prepared, reader, &mut sink, context)?;
            RunEnding { rows: first.rows + second.rows, ..second }
        }
        _ => first,
    };
    let earlier = EarlierWindow { label: comparison::label(shift), summary: before.summary() };
    let summary = now.summary();
    if summary.total.messages == 0 && !run.has_failed {
        // A run that kept no row has reported this.
        let nothing =
            (first_kept > 0).then(|| nothing_sent(&prepared, &query, connection.kind, context));
        let sentences = nothing.into_iter().chain(earlier.sentence());
        sentences.for_each(|sentence| context.report.say(&sentence));
    }
    let (has_rows, ending) = (run.rows > 0, run.ending);
    Ok(CountResult { summary, earlier: Some(earlier), ending, has_rows })
}

/// The sentence for a window without messages beside one that has some.
fn nothing_sent(
    prepared: &PreparedRun<'_>,
    query: &Query,
    kind: SourceKind,
    context: &Context,
) -> String {
    let sent = sent_with(query, kind, prepared.output_settings.zone, context.clock.now());
    if prepared.local.is_empty() {
        return format!("no messages {sent}");
    }
    format!("no message {sent} matches the local filters")
}

/// Writes the result. Files are replaced only when the result is complete.
fn show(
    counted: CountResult,
    choice: GroupChoice,
    view: &View,
    plot: Option<Plot>,
    mut output: Output,
) -> Result<(), Failure> {
    let CountResult { summary, earlier, ending, .. } = counted;
    let ending = ending.map_err(|failure| output.explain_incomplete(failure));
    // Metrics cannot say that messages are missing: no file, or an old one, is better than a part.
    if view.format == FormatName::Prometheus
        && let Err(failure) = ending
    {
        output.close(false)?;
        return Err(failure.hint("-o prometheus writes metrics only of a complete run"));
    }
    if let Err(error) = render(&summary, earlier.as_ref(), choice, view, &mut output) {
        return ended_by_writing(error, output);
    }
    output.close(ending.is_ok())?;
    match (ending, plot) {
        (Ok(()), Some(plot)) => plot.draw(&summary, view.zone),
        (Err(failure), Some(_)) => Err(failure.hint("--plot draws only a complete run")),
        (ending, None) => ending,
    }
}

#[cfg(test)]
mod tests;
