//! The summary for people, on one screen of 80 columns: the delivered share and its change, the share
//! over time, the worst groups, and the network, reason and sender with most failures.

use std::io::{self, Write};

use omnilogs::sink::width::wrap_words;
use omnilogs::stats::{Figures, MAX_CURRENCIES, MAX_GROUPS, Summary};

use super::comparison::EarlierWindow;
use super::options::GroupsLeftOut;
use super::view::{PIPE_WIDTH, View};
use super::{delivery, findings, groups, headline, timeline};
use crate::commands::stats::chart::{ChartStyle, joined};
use crate::text::{count, counted};

/// With fewer columns than this, bars and charts are not readable.
const MIN_WIDTH: usize = 40;

/// Writes the screen. Without messages, it is only the table of the groups that had some in the earlier
/// window; without such groups, a terminal gets nothing, and a pipe or a file the header of the table.
pub(super) fn write(
    summary: &Summary,
    earlier: Option<&EarlierWindow>,
    left_out: GroupsLeftOut,
    view: &View,
    out: &mut dyn Write,
) -> io::Result<()> {
    if summary.groups.is_empty() && summary.total.messages == 0 && view.width.is_some() {
        return Ok(());
    }
    let style = ChartStyle { colour: view.colour, ascii: view.width.is_none() };
    let width = view.width.unwrap_or(PIPE_WIDTH);
    let mut lines = Vec::new();
    if summary.total.messages > 0 {
        lines.extend(headline::lines(summary, earlier, width, style));
        let chart = delivery::lines(summary, width, view.zone, style);
        if !chart.is_empty() {
            lines.push(String::new());
            lines.extend(chart);
        }
        lines.push(String::new());
    }
    let earlier = earlier.map(|earlier| &earlier.summary);
    let (table, marked) = groups::lines(summary, earlier, view.width, style);
    lines.extend(table);
    if !summary.groups.is_empty() || left_out.total() > 0 {
        let legend = if width < MIN_WIDTH { Vec::new() } else { groups::legend(&marked, style) };
        lines.extend(footer(left_out, legend, width));
    }
    for note in notes(summary) {
        lines.push(view.width.map_or(note.clone(), |width| wrap_words(&note, width, 2)));
    }
    let findings = findings::lines(summary, width);
    if !findings.is_empty() {
        lines.push(String::new());
        lines.extend(findings);
    }
    let chart = if view.chart {
        timeline::lines(summary, view.width, view.zone, style)
    } else {
        Vec::new()
    };
    if !chart.is_empty() {
        lines.push(String::new());
        lines.extend(chart);
    }
    for line in lines {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// The lines below the table: the number of groups that are not shown, and the legend of the bars.
fn footer(left_out: GroupsLeftOut, legend: Vec<(String, usize)>, width: usize) -> Vec<String> {
    let mut parts = Vec::new();
    let hidden =
        [(left_out.beyond, "more group", "--top"), (left_out.small, "small group", "--min")];
    for (groups, noun, option) in hidden.into_iter().filter(|(groups, ..)| *groups > 0) {
        let text = format!("{}, see {option}", counted(groups, noun));
        parts.push((text.clone(), text.len()));
    }
    parts.extend(legend);
    joined(parts, width)
}

/// Notes about messages that a figure does not include, or includes with a restriction.
fn notes(summary: &Summary) -> Vec<String> {
    let mut notes = Vec::new();
    if summary.overflow > 0 {
        let (beyond, most) = (counted(summary.overflow, "message"), count(MAX_GROUPS as u64));
        notes.push(format!("(other): {beyond} of groups beyond the first {most}"));
    }
    let total = &summary.total;
    notes.extend(not_in_the_cost(total));
    if summary.latency_digits < 3 {
        let digits = counted(u64::from(summary.latency_digits), "significant digit");
        notes.push(format!("too many groups for finer percentiles: they are right to {digits}"));
    }
    if let Some(clamped) = total.latency.map(|l| l.clamped).filter(|clamped| *clamped > 0) {
        let clamped = counted(clamped, "message");
        notes.push(format!("done before they were sent, counted as 0 ms: {clamped}"));
    }
    if summary.untimed > 0 && total.messages > 0 {
        let untimed = counted(summary.untimed, "message");
        notes.push(format!("without a time of sending: {untimed}"));
    }
    notes
}

/// The messages whose price could not be added to the cost, and why.
fn not_in_the_cost(total: &Figures) -> Option<String> {
    let mut parts = Vec::new();
    if total.refused_prices > 0 {
        let prices = counted(total.refused_prices, "price");
        let why = if total.cost.len() < MAX_CURRENCIES {
            "not a plain number".to_owned()
        } else {
            format!("not a plain number, or in a currency beyond the first {MAX_CURRENCIES}")
        };
        parts.push(format!("{prices} ({why})"));
    }
    // Where no message has a price, the screen shows no cost that could be taken for the whole.
    if total.unpriced > 0 && !(total.cost.is_empty() && parts.is_empty()) {
        parts.push(format!("{} without a price per message", counted(total.unpriced, "message")));
    }
    (!parts.is_empty()).then(|| format!("not in the cost: {}", parts.join(", ")))
}
