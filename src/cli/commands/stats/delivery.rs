//! The delivered share over time: three lines from 0 to 100 %, and the times below them.

use chrono::{DateTime, FixedOffset};
use omnilogs::sink::Colour;
use omnilogs::sink::width::wrap_words;
use omnilogs::stats::Summary;
use omnilogs::zone::Zone;

use crate::commands::stats::chart::{Bins, ChartStyle, SHARE_LINES, Share, draw_shares};

/// The maximum number of columns of a terminal that the chart uses.
const MAX_WIDTH: usize = 400;
/// A narrower chart is not readable.
const MIN_WIDTH: usize = 30;
/// The maximum number of characters per column of the chart.
const MAX_COLUMN: usize = 4;
/// Characters in front of the chart: the scale and a space.
const MARGIN: usize = 5;
/// The minimum number of characters from the start of one time to the start of the next.
const MIN_LABEL_DISTANCE: usize = 12;

/// The lines of the chart; none when no message has a final status, or the terminal is too narrow.
pub(super) fn lines(summary: &Summary, width: usize, zone: Zone, style: ChartStyle) -> Vec<String> {
    let room = width.min(MAX_WIDTH).saturating_sub(MARGIN);
    let Some(bins) = Bins::new(summary, zone, room) else { return Vec::new() };
    if width < MIN_WIDTH || summary.total.finals == 0 {
        return Vec::new();
    }
    let column = (room / bins.len()).clamp(1, MAX_COLUMN);
    let incident = summary.findings.incident.as_ref();
    let range =
        incident.map(|incident| (bins.column_of(incident.start).unwrap_or(0), incident.end));
    let share = |(at, [whole, part]): (usize, [u64; 2])| {
        let is_low = range.is_some_and(|(first, end)| at >= first && bins.begins_before(at, end));
        Share { whole, part, colour: if is_low { Colour::Red } else { Colour::Green } }
    };
    let shares: Vec<_> = bins.deliveries().into_iter().enumerate().map(share).collect();
    let title = format!("Delivered share by {}, {zone}", bins.column_time());
    let mut lines = vec![wrap_words(&title, width, 2)];
    let scale: [_; SHARE_LINES] = ["100%", "", "0%"];
    let drawn = draw_shares(&shares, column, style);
    for (label, line) in scale.into_iter().zip(drawn) {
        lines.push(format!("{label:>4} {line}").trim_end().to_owned());
    }
    let sign = if style.ascii { '^' } else { '▲' };
    let marked = range.map(|(first, _)| (first, sign));
    let start = incident.map(|incident| incident.start);
    lines.push(format!("{:MARGIN$}{}", "", axis(&bins, column, room, marked.zip(start))));
    lines
}

/// The times under the chart, with the day at the start and where it changes, and a sign under the
/// column in which an incident began.
fn axis(
    bins: &Bins<'_>,
    column: usize,
    room: usize,
    incident: Option<((usize, char), DateTime<FixedOffset>)>,
) -> String {
    let mut labels: Vec<(usize, String)> = Vec::new();
    if let Some(((bin, sign), start)) = incident {
        let text = format!("{sign}{}", start.format("%H:%M"));
        // At the right edge the sign follows the time, so that the sign is under its column.
        let place = bin * column;
        if place + text.chars().count() <= room {
            labels.push((place, text));
        } else {
            let text = format!("{}{sign}", start.format("%H:%M"));
            labels.push(((place + 1).saturating_sub(text.chars().count()), text));
        }
    }
    let step = MIN_LABEL_DISTANCE.div_ceil(column);
    // Times need no date where the chart has only one day.
    let day = |at: usize| bins.start(at).map(|start| start.date_naive());
    let last_bin = bins.len().saturating_sub(1);
    let mut last_day = day(0).filter(|first| Some(*first) == day(last_bin));
    for at in (0..bins.len()).step_by(step) {
        let Some(start) = bins.start(at) else { continue };
        let day = start.date_naive();
        let form = if last_day == Some(day) { "%H:%M" } else { "%m-%d %H:%M" };
        let text = start.format(form).to_string();
        let (place, end) = (at * column, at * column + text.len());
        let is_free =
            labels.iter().all(|(other, text)| end < *other || place > other + text.chars().count());
        if is_free && end <= room {
            labels.push((place, text));
            last_day = Some(day);
        }
    }
    labels.sort_by_key(|(place, _)| *place);
    let mut line = String::new();
    let mut used = 0;
    for (place, text) in labels {
        line.push_str(&" ".repeat(place.saturating_sub(used)));
        used = place.max(used) + text.chars().count();
        line.push_str(&text);
    }
    line
}
