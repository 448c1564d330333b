//! The summary for people: the whole in a sentence, the groups, the timeline.

use std::io::{self, Write};

use omnilogs::sink::width::wrap_words;
use omnilogs::stats::{Figures, MAX_CURRENCIES, MAX_GROUPS, Summary};

use super::figures::{clauses, joined};
use super::view::{PIPED, View};
use super::{groups, timeline};
use crate::commands::stats::chart::ChartStyle;
use crate::text::{count, counted};

/// Writes all of it; without messages the titles of the table alone.
pub(super) fn write(summary: &Summary, view: &View, out: &mut dyn Write) -> io::Result<()> {
    let style = ChartStyle { colour: view.colour, ascii: view.width.is_none() };
    let mut lines = Vec::new();
    if summary.total.messages > 0 {
        let mark = if style.ascii { ", " } else { " · " };
        lines.extend(joined(&clauses(&summary.total), mark, view.width.unwrap_or(PIPED)));
        lines.push(String::new());
    }
    let (table, left_out) = groups::lines(summary, view.width, style);
    lines.extend(table);
    if let Some(width) = view.width
        && !left_out.is_empty()
    {
        let names = left_out.join(", ");
        let note = format!("no room at {width} columns for {names}; -o csv has all");
        lines.push(wrap_words(&note, width, 2));
    }
    for note in notes(summary, view.width.is_some()) {
        lines.push(view.width.map_or(note.clone(), |width| wrap_words(&note, width, 2)));
    }
    let timeline = timeline::lines(summary, view.width, view.zone, style);
    if !timeline.is_empty() {
        lines.push(String::new());
        lines.extend(timeline);
    }
    for line in lines {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// What the figures do not hold.
fn notes(summary: &Summary, is_terminal: bool) -> Vec<String> {
    let mut notes = Vec::new();
    let shown = groups::MAX_SHOWN;
    if is_terminal && summary.groups.len() > shown {
        let hidden = count((summary.groups.len() - shown) as u64);
        notes.push(format!("and {hidden} smaller groups; -o csv has all"));
    }
    if summary.overflow() > 0 {
        let (beyond, most) = (counted(summary.overflow(), "message"), count(MAX_GROUPS as u64));
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
        notes.push(format!("in no hour of the timeline: {untimed}"));
    }
    notes
}

/// What could not be added to the cost, and why.
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
    // Where no message has a price, no cost is shown that could be taken for that of all.
    if total.unpriced > 0 && !(total.cost.is_empty() && parts.is_empty()) {
        parts.push(format!("{} without a price per message", counted(total.unpriced, "message")));
    }
    (!parts.is_empty()).then(|| format!("not in the cost: {}", parts.join(", ")))
}
