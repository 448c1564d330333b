//! The summary as Markdown for tickets and chats: the sentences of the screen as a list, and the groups
//! as a table. It must not draw charts, whose characters do not line up there.

use std::io::{self, Write};

use omnilogs::sink::markdown_text;
use omnilogs::stats::{Figures, Summary};

use super::comparison::EarlierWindow;
use super::figures::{costs, latency, percent, value_text};
use super::options::GroupsLeftOut;
use super::{findings, headline};
use crate::commands::stats::chart::ChartStyle;
use crate::text::{count, counted};

/// Sentences are not wrapped, since the page that shows them wraps lines.
const WIDTH: usize = 10_000;

/// Writes the list and the table; without messages, only the table.
pub(super) fn write(
    summary: &Summary,
    earlier: Option<&EarlierWindow>,
    left_out: GroupsLeftOut,
    out: &mut dyn Write,
) -> io::Result<()> {
    if summary.total.messages > 0 {
        let style = ChartStyle { colour: false, ascii: false };
        let mut sentences = headline::lines(summary, earlier, WIDTH, style);
        sentences.extend(findings::lines(summary, WIDTH));
        for sentence in sentences {
            writeln!(out, "- {}", markdown_text(&sentence))?;
        }
        writeln!(out)?;
    }
    let before = earlier.map(|earlier| earlier.summary.by_values());
    let mut titles: Vec<&str> = summary.keys.iter().map(|key| key.name()).collect();
    titles.extend(["messages", "delivered"]);
    titles.extend(before.as_ref().map(|_| "before"));
    titles.extend(["pending", "failed", "p50", "p90", "cost"]);
    line(&titles, out)?;
    // Names to the left, figures to the right.
    let rule = |at| if at < summary.keys.len() { "---" } else { "---:" };
    line(&(0..titles.len()).map(rule).collect::<Vec<_>>(), out)?;
    for group in &summary.groups {
        let figures = &group.figures;
        let names = summary.keys.iter().zip(&group.values);
        let mut cells: Vec<String> =
            names.map(|(key, value)| markdown_text(&value_text(*key, value))).collect();
        cells.extend([count(figures.messages), share(figures)]);
        if let Some(before) = &before {
            cells.push(before.get(&*group.values).map_or("-".to_owned(), |of| share(of)));
        }
        cells.extend([count(figures.pending()), count(figures.failed())]);
        cells.extend([
            latency(figures.latency.as_ref().map(|latency| latency.p50)),
            latency(figures.latency.as_ref().map(|latency| latency.p90)),
            markdown_text(&costs(&figures.cost).join(" + ")),
        ]);
        line(&cells, out)?;
    }
    if left_out.total() > 0 {
        writeln!(out, "\n{} not shown", counted(left_out.total(), "more group"))?;
    }
    Ok(())
}

fn share(figures: &Figures) -> String {
    percent(figures.delivered, figures.finals)
}

fn line(cells: &[impl AsRef<str>], out: &mut dyn Write) -> io::Result<()> {
    let cells: Vec<&str> = cells.iter().map(AsRef::as_ref).collect();
    writeln!(out, "| {} |", cells.join(" | "))
}
