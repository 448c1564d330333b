//! The timeline of the whole run: stacked columns by status, and how latency went.

use chrono::{DateTime, Utc};
use omnilogs::StatusGroup;
use omnilogs::sink::width::wrap;
use omnilogs::stats::{Latency, Summary};
use omnilogs::zone::Zone;

use super::figures::latency;
use super::view::PIPED;
use crate::commands::stats::chart::{Bins, Columns, Ink, Look, draw_columns, paint, sparkline};
use crate::text::count;

/// Columns of a terminal that a chart makes use of.
const MOST: usize = 400;
/// A chart narrower than this says nothing.
const NARROWEST: usize = 40;
/// Characters that a column of the chart takes at most, its gap among them.
const WIDEST: usize = 4;
/// What a label under the axis needs.
const LABEL: usize = 7;

/// The statuses from the bottom of a column up, with the letters that stand for them; the index is
/// that of [`omnilogs::stats::HourFigures::by_status`].
const STACK: [(usize, char); 7] = [
    (StatusGroup::Delivered as usize, 'D'),
    (StatusGroup::Accepted as usize, 'A'),
    (StatusGroup::Pending as usize, 'P'),
    (StatusGroup::Expired as usize, 'E'),
    (StatusGroup::Undeliverable as usize, 'U'),
    (StatusGroup::Rejected as usize, 'R'),
    (StatusGroup::ALL.len(), '?'),
];

/// The lines of the timeline; none where there is no hour or no room.
pub(super) fn lines(
    summary: &Summary,
    width: Option<usize>,
    zone: Zone,
    look: Look,
) -> Vec<String> {
    let width = width.unwrap_or(PIPED).min(MOST);
    let margin = count(summary.total.messages).len().max(4) + 2;
    let Some(bins) = Bins::new(&summary.timeline, width.saturating_sub(margin)) else {
        return Vec::new();
    };
    if width < NARROWEST {
        return Vec::new();
    }
    let column = (width.saturating_sub(margin) / bins.len()).clamp(1, WIDEST);
    let counts = bins.counts();
    let stacked: Vec<Vec<u64>> = counts
        .iter()
        .map(|kinds| STACK.iter().map(|(kind, _)| kinds.get(*kind).copied().unwrap_or(0)).collect())
        .collect();
    let parts = STACK.map(|(kind, letter)| (Ink::of(StatusGroup::ALL.get(kind).copied()), letter));
    let chart = Columns { counts: &stacked, parts: &parts, width: column };
    let (drawn, greatest) = draw_columns(&chart, look);
    let every = match bins.hours {
        1 => "hour".to_owned(),
        hours => format!("{hours} hours"),
    };
    let mut lines = vec![format!("Messages sent by {every}, {zone}")];
    let label = margin - 2;
    let (bar, corner, dash) = if look.ascii { ("|", "+", "-") } else { ("│", "└", "─") };
    for (at, line) in drawn.iter().enumerate() {
        let text = if at == 0 { count(greatest) } else { String::new() };
        lines.push(format!("{text:>label$} {bar}{line}").trim_end().to_owned());
    }
    lines.push(format!("{:>label$} {corner}{}", "0", dash.repeat(bins.len() * column)));
    lines.extend(
        axis(&bins, column, width.saturating_sub(margin), zone)
            .into_iter()
            .map(|l| format!("{:margin$}{l}", "")),
    );
    lines.extend(legend(&stacked, &parts, width, look));
    lines.extend(latencies(&bins, (column, label, width), look, &every));
    lines
}

/// Two lines of labels: the time of day, and below it the day where it begins.
fn axis(bins: &Bins<'_>, column: usize, room: usize, zone: Zone) -> [String; 2] {
    let steps = [1, 2, 3, 4, 6, 8, 12, 24];
    let step = steps.into_iter().find(|step| step * column >= LABEL).unwrap_or(24);
    let (mut times, mut days) = (String::new(), String::new());
    let mut last_day = String::new();
    let fits = |at: &usize| at * column + "00:00".len() <= room;
    for at in (0..bins.len()).step_by(step).take_while(fits) {
        let Some(start) = DateTime::<Utc>::from_timestamp_millis(bins.start(at)) else { continue };
        let local = zone.at(start);
        let day = local.format("%m-%d").to_string();
        times = format!("{times:width$}{}", local.format("%H:%M"), width = at * column);
        if day != last_day {
            days = format!("{days:width$}{day}", width = at * column);
            last_day = day;
        }
    }
    [times, days]
}

/// What the parts of the columns mean, and how many messages they stand for.
fn legend(stacked: &[Vec<u64>], parts: &[(Ink, char)], width: usize, look: Look) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for (at, ((kind, _), (ink, letter))) in STACK.iter().zip(parts).enumerate() {
        let sum: u64 = stacked.iter().filter_map(|column| column.get(at)).sum();
        if sum == 0 {
            continue;
        }
        let name = StatusGroup::ALL.get(*kind).map_or("other", |group| group.as_str());
        let text = format!(" {name} {}", count(sum));
        if used > 0 && used + text.len() + 3 > width {
            lines.push(String::new());
            used = 0;
        }
        let Some(line) = lines.last_mut() else { continue };
        line.push_str(if used > 0 { "  " } else { "" });
        match (look.colour, look.ascii) {
            (true, true) => paint(line, &letter.to_string(), *ink, None),
            (true, false) => paint(line, "█", *ink, None),
            (false, _) => line.push(*letter),
        }
        line.push_str(&text);
        used += text.len() + 3;
    }
    lines
}

/// A sparkline for the usual latency and one for a bad one.
fn latencies(
    bins: &Bins<'_>,
    (column, label, width): (usize, usize, usize),
    look: Look,
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
        let line = format!("{name:>label$}  {}", sparkline(&values, column, look));
        lines.push(line.trim_end().to_owned());
    }
    let title = format!("Latency by {every}: {}", greatest.join(", "));
    [vec![String::new(), wrap(&title, width).into_owned()], lines].concat()
}
