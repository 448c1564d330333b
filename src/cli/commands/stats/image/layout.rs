//! Which parts the canvas has, and where.

use omnilogs::stats::Summary;
use omnilogs::zone::Zone;
use plotters::element::Rectangle;
use plotters::prelude::DrawingBackend;
use plotters::style::Color;

use super::canvas::{Canvas, DrawResult, MARGIN};
use super::palette::{EDGE, FAINT, PANEL, TEXT};
use super::{latencies, shares, timeline};
use crate::commands::stats::figures::{clauses, joined};

const HEAD: u32 = 104;
const TIMELINE: u32 = 300;
const LATENCIES: u32 = 250;
/// Characters of a line of text as wide as the canvas.
const LINE: usize = 120;

/// Units that the canvas is high.
pub(super) fn height(summary: &Summary) -> u32 {
    let latencies = if has_latencies(summary) { LATENCIES } else { 0 };
    HEAD + timeline_height(summary) + shares::height(summary) + latencies + MARGIN
}

fn timeline_height(summary: &Summary) -> u32 {
    if summary.timeline.is_empty() { 0 } else { TIMELINE }
}

fn has_latencies(summary: &Summary) -> bool {
    summary.timeline.iter().any(|hour| hour.latency.is_some())
}

/// Draws the title, the totals and every part that there are figures for.
pub(super) fn draw<DB: DrawingBackend>(
    canvas: &Canvas<DB>,
    summary: &Summary,
    zone: Zone,
) -> DrawResult<DB> {
    canvas.area.fill(&PANEL)?;
    let (width, height) = canvas.area.dim_in_pixel();
    let corner = |length: u32| i32::try_from(length).unwrap_or(i32::MAX) - 1;
    let edge = [(0, 0), (corner(width), corner(height))];
    canvas.area.draw(&Rectangle::new(edge, EDGE.stroke_width(canvas.stroke())))?;
    let left = canvas.px(MARGIN);
    canvas.text(&title(summary, zone), (left, canvas.px(32)), 24, TEXT)?;
    let lines = joined(&clauses(&summary.total), " · ", LINE);
    for (at, line) in (0_u32..).zip(lines.iter().take(2)) {
        canvas.text(line, (left, canvas.px(60 + at * 20)), 14, FAINT)?;
    }
    let mut top = HEAD;
    if !summary.timeline.is_empty() {
        let part = canvas.part(top, TIMELINE, "Messages by hour and status")?;
        timeline::draw(&part, summary, zone)?;
        top += TIMELINE;
    }
    let part = canvas.part(top, shares::height(summary), &shares::title(summary))?;
    shares::draw(&part, summary)?;
    top += shares::height(summary);
    if has_latencies(summary) {
        let part = canvas.part(top, LATENCIES, "Latency from sent to done, of final messages")?;
        latencies::draw(&part, summary, zone)?;
    }
    Ok(())
}

/// What the canvas is about: the hours from the first to the last.
fn title(summary: &Summary, zone: Zone) -> String {
    let shown = |at: &omnilogs::stats::HourFigures| at.start.format("%Y-%m-%d %H:%M").to_string();
    match (summary.timeline.first(), summary.timeline.last()) {
        (Some(first), Some(last)) => {
            format!(
                "Messages sent {} to {}, {zone}",
                shown(first),
                last.start.format("%Y-%m-%d %H:59")
            )
        }
        _ => "Messages".to_owned(),
    }
}
