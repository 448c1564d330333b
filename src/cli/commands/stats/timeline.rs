//! `--chart`: messages over time as stacked columns by status, and latency as sparklines.

use omnilogs::StatusGroup;
use omnilogs::sink::Colour;
use omnilogs::sink::width::wrap_words;
use omnilogs::stats::{Latency, Summary};
use omnilogs::zone::Zone;

use super::figures::latency;
use super::stack::{STACK, stacked};
use super::view::PIPE_WIDTH;
use crate::commands::stats::chart::{
    Bins, ChartStyle, ColumnChart, ColumnPart, draw_columns, joined, legend_of_marks, sparkline,
};
use crate::text::count;

/// The maximum number of columns of a terminal that a chart uses.
const MAX_WIDTH: usize = 400;
/// A narrower chart is not readable.
const MIN_WIDTH: usize = 40;
/// The maximum number of characters per column of the chart, with its gap.
const MAX_COLUMN: usize = 4;
/// The minimum number of characters from the start of one label of the axis to the start of the next.
const MIN_LABEL_DISTANCE: usize = 7;

/// The lines of the timeline; none when no bucket has messages, or the terminal is too narrow.
pub(super) fn lines(
    summary: &Summary,
    width: Option<usize>,
    zone: Zone,
    style: ChartStyle,
) -> Vec<String> {
    let width = width.unwrap_or(PIPE_WIDTH).min(MAX_WIDTH);
    let margin = count(summary.total.messages).len().max(4) + 2;
    let Some(bins) = Bins::new(summary, zone, width.saturating_sub(margin)) else {
        return Vec::new();
    };
    if width < MIN_WIDTH {
        return Vec::new();
    }
    let column = (width.saturating_sub(margin) / bins.len()).clamp(1, MAX_COLUMN);
    let counts = bins.counts();
    let stacks: Vec<Vec<u64>> =
        counts.iter().map(|by_status| stacked(by_status).to_vec()).collect();
    let parts = STACK.map(|(group, letter, outcome)| ColumnPart {
        colour: Colour::of_group(group),
        letter,
        outcome,
    });
    let chart = ColumnChart { counts: &stacks, parts: &parts, width: column };
    let drawn = draw_columns(&chart, style);
    let time = bins.column_time();
    let mut lines = vec![format!("Messages sent by {time}, {zone}")];
    let label = margin - 2;
    let (bar, corner, dash) = if style.ascii { ("|", "+", "-") } else { ("│", "└", "─") };
    for (at, line) in drawn.lines.iter().enumerate() {
        let text = if at == 0 { count(drawn.greatest) } else { String::new() };
        lines.push(format!("{text:>label$} {bar}{line}").trim_end().to_owned());
    }
    lines.push(format!("{:>label$} {corner}{}", "0", dash.repeat(bins.len() * column)));
    if !drawn.marks.is_empty() {
        lines.push(format!("{:margin$}{}", "", drawn.marks));
    }
    lines.extend(
        axis(&bins, column, width.saturating_sub(margin))
            .into_iter()
            .map(|l| format!("{:margin$}{l}", "")),
    );
    lines.extend(legend(&stacks, &parts, width, style));
    lines.extend(legend_of_marks(&drawn.marked, drawn.has_several, width, style));
    lines.extend(latencies(&bins, (column, label, width), style, &time));
    lines
}

/// Two lines of labels: the time of day, and below it the day where it begins. The number of columns
/// between two labels divides 24, so that hourly columns have the same labels every day.
fn axis(bins: &Bins<'_>, column: usize, room: usize) -> [String; 2] {
    let steps = [1, 2, 3, 4, 6, 8, 12, 24];
    let step = steps.into_iter().find(|step| step * column >= MIN_LABEL_DISTANCE).unwrap_or(24);
    let (mut times, mut days) = (String::new(), String::new());
    let mut last_day = String::new();
    let fits = |at: &usize| at * column + "00:00".len() <= room;
    for at in (0..bins.len()).step_by(step).take_while(fits) {
        let Some(local) = bins.start(at) else { continue };
        let day = local.format("%m-%d").to_string();
        times = format!("{times:width$}{}", local.format("%H:%M"), width = at * column);
        if day != last_day {
            days = format!("{days:width$}{day}", width = at * column);
            last_day = day;
        }
    }
    [times, days]
}

/// The legend: the meanings of the parts of the columns, and their numbers of messages.
fn legend(
    stacks: &[Vec<u64>],
    parts: &[ColumnPart],
    width: usize,
    style: ChartStyle,
) -> Vec<String> {
    let mut entries = Vec::new();
    for (at, ((group, ..), part)) in STACK.iter().zip(parts).enumerate() {
        let sum: u64 = stacks.iter().filter_map(|column| column.get(at)).sum();
        if sum == 0 {
            continue;
        }
        let name = group.map_or("other", StatusGroup::as_str);
        let text = format!(" {name} {}", count(sum));
        let letter = part.letter.to_string();
        let sample = if style.colour && !style.ascii { "█" } else { letter.as_str() };
        let taken = 1 + text.len();
        entries.push((style.paint(sample, part.colour) + &text, taken));
    }
    joined(entries, width)
}

/// The sparklines of p50 and p90, below a title with their maxima.
fn latencies(
    bins: &Bins<'_>,
    (column, label, width): (usize, usize, usize),
    style: ChartStyle,
    time: &str,
) -> Vec<String> {
    type Percentile = (&'static str, fn(&Latency) -> u64);
    let percentiles: [Percentile; 2] =
        [("p50", |latency| latency.p50), ("p90", |latency| latency.p90)];
    let mut greatest = Vec::new();
    let mut lines = Vec::new();
    for (name, percentile) in percentiles {
        let values = bins.latencies(percentile);
        let Some(most) = values.iter().flatten().max() else { return Vec::new() };
        greatest.push(format!("{name} up to {}", latency(Some(*most))));
        let line = format!("{name:>label$}  {}", sparkline(&values, column, style));
        lines.push(line.trim_end().to_owned());
    }
    let title = format!("Latency by {time}: {}", greatest.join(", "));
    [vec![String::new(), wrap_words(&title, width, 2)], lines].concat()
}
