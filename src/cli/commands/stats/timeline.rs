//! `--chart`: the whole run as stacked columns by status, and how latency went.

use omnilogs::StatusGroup;
use omnilogs::sink::Colour;
use omnilogs::sink::width::wrap_words;
use omnilogs::stats::{Latency, Summary};
use omnilogs::zone::Zone;

use super::figures::latency;
use super::stack::{STACK, stacked};
use super::view::PIPED;
use crate::commands::stats::chart::{
    Bins, ChartStyle, ColumnPart, Columns, draw_columns, legend_of_marks, sparkline,
};
use crate::text::count;

/// Columns of a terminal that a chart makes use of.
const MAX_WIDTH: usize = 400;
/// A chart narrower than this says nothing.
const MIN_WIDTH: usize = 40;
/// Characters that a column of the chart takes at most, its gap among them.
const MAX_COLUMN: usize = 4;
/// What a label under the axis needs.
const LABEL: usize = 7;

/// The lines of the timeline; none where there is no hour or no room.
pub(super) fn lines(
    summary: &Summary,
    width: Option<usize>,
    zone: Zone,
    style: ChartStyle,
) -> Vec<String> {
    let width = width.unwrap_or(PIPED).min(MAX_WIDTH);
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
    let chart = Columns { counts: &stacks, parts: &parts, width: column };
    let drawn = draw_columns(&chart, style);
    let every = bins.every();
    let mut lines = vec![format!("Messages sent by {every}, {zone}")];
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
    lines.extend(legend_of_marks(&drawn.marked, drawn.has_several, Some(width), style));
    lines.extend(latencies(&bins, (column, label, width), style, &every));
    lines
}

/// Two lines of labels: the time of day, and below it the day where it begins. Times that are labelled
/// are a whole number of hours apart where columns allow it.
fn axis(bins: &Bins<'_>, column: usize, room: usize) -> [String; 2] {
    let steps = [1, 2, 3, 4, 6, 8, 12, 24];
    let step = steps.into_iter().find(|step| step * column >= LABEL).unwrap_or(24);
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

/// What the parts of the columns mean, and how many messages they count.
fn legend(
    stacks: &[Vec<u64>],
    parts: &[ColumnPart],
    width: usize,
    style: ChartStyle,
) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for (at, ((group, ..), part)) in STACK.iter().zip(parts).enumerate() {
        let sum: u64 = stacks.iter().filter_map(|column| column.get(at)).sum();
        if sum == 0 {
            continue;
        }
        let name = group.map_or("other", StatusGroup::as_str);
        let text = format!(" {name} {}", count(sum));
        if used > 0 && used + text.len() + 3 > width {
            lines.push(String::new());
            used = 0;
        }
        let Some(line) = lines.last_mut() else { continue };
        line.push_str(if used > 0 { "  " } else { "" });
        let letter = part.letter.to_string();
        let sample = if style.colour && !style.ascii { "█" } else { letter.as_str() };
        line.push_str(&style.paint(sample, part.colour));
        line.push_str(&text);
        used += text.len() + 3;
    }
    lines
}

/// A sparkline for the usual latency and one for a bad one.
fn latencies(
    bins: &Bins<'_>,
    (column, label, width): (usize, usize, usize),
    style: ChartStyle,
    every: &str,
) -> Vec<String> {
    type Which = (&'static str, fn(&Latency) -> u64);
    let rows: [Which; 2] = [("p50", |latency| latency.p50), ("p90", |latency| latency.p90)];
    let mut greatest = Vec::new();
    let mut lines = Vec::new();
    for (name, of) in rows {
        let values = bins.latencies(of);
        let Some(most) = values.iter().flatten().max() else { return Vec::new() };
        greatest.push(format!("{name} up to {}", latency(Some(*most))));
        let line = format!("{name:>label$}  {}", sparkline(&values, column, style));
        lines.push(line.trim_end().to_owned());
    }
    let title = format!("Latency by {every}: {}", greatest.join(", "));
    [vec![String::new(), wrap_words(&title, width, 2)], lines].concat()
}
