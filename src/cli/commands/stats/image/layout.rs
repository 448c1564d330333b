//! The parts of a picture, and where they are.

use chrono::{DateTime, Utc};
use omnilogs::stats::Summary;
use omnilogs::zone::Zone;
use plotters::element::Rectangle;
use plotters::prelude::DrawingBackend;
use plotters::style::Color;

use super::canvas::{Canvas, DrawResult, MARGIN};
use super::palette::{EDGE, FAINT, PANEL, TEXT};
use super::{delivery, groups, latencies, timeline};
use crate::commands::stats::chart::{Bins, ChartStyle};
use crate::commands::stats::{findings, headline};

/// The heights of the parts, in units.
const TITLE: u32 = 48;
const TEXT_LINE: u32 = 20;
const DELIVERY: u32 = 220;
const TIMELINE: u32 = 300;
const LATENCIES: u32 = 250;
/// The number of characters of a line of text that is as wide as the canvas.
const MAX_LINE: usize = 120;

/// The height of the canvas, in units.
pub(super) fn height(summary: &Summary) -> u32 {
    let latencies = if has_latencies(summary) { LATENCIES } else { 0 };
    let delivery = if summary.total.finals > 0 { DELIVERY } else { 0 };
    head_height(summary)
        + delivery
        + timeline_height(summary)
        + groups::height(summary)
        + latencies
        + MARGIN
}

fn head_height(summary: &Summary) -> u32 {
    let lines = u32::try_from(text(summary).len()).unwrap_or(0);
    TITLE + lines * TEXT_LINE + 16
}

/// The sentences of the screen.
pub(super) fn text(summary: &Summary) -> Vec<String> {
    if summary.total.messages == 0 {
        return vec!["no messages".to_owned()];
    }
    let style = ChartStyle { colour: false, ascii: false };
    let mut lines = headline::lines(summary, None, MAX_LINE, style);
    lines.extend(findings::lines(summary, MAX_LINE));
    // A line of the screen may have been broken in two.
    lines.iter().flat_map(|line| line.lines()).map(str::to_owned).collect()
}

fn timeline_height(summary: &Summary) -> u32 {
    if summary.timeline.is_empty() { 0 } else { TIMELINE }
}

fn has_latencies(summary: &Summary) -> bool {
    summary.timeline.iter().any(|bucket| bucket.latency.is_some())
}

/// Draws the title, the sentences, and every part that has figures.
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
    for (at, line) in (0_u32..).zip(text(summary)) {
        let top = canvas.px(TITLE + 14 + at * TEXT_LINE);
        let indent = line.len() - line.trim_start().len();
        let left = left + canvas.px(u32::try_from(indent * 7).unwrap_or(0));
        canvas.text(line.trim_start(), (left, top), 14, FAINT)?;
    }
    let mut top = head_height(summary);
    let bins = Bins::new(summary, zone, timeline::MAX_BINS);
    let time = bins.map(|bins| bins.column_time()).unwrap_or_default();
    if summary.total.finals > 0 {
        let part = canvas.part(top, DELIVERY, &format!("Delivered share by {time}"))?;
        delivery::draw(&part, summary, zone)?;
        top += DELIVERY;
    }
    if !summary.timeline.is_empty() {
        let part = canvas.part(top, TIMELINE, &format!("Messages by {time} and status"))?;
        timeline::draw(&part, summary, zone)?;
        top += TIMELINE;
    }
    let part = canvas.part(top, groups::height(summary), &groups::title(summary))?;
    groups::draw(&part, summary)?;
    top += groups::height(summary);
    if has_latencies(summary) {
        let part = canvas.part(top, LATENCIES, "Latency from sent to done, of final messages")?;
        latencies::draw(&part, summary, zone)?;
    }
    Ok(())
}

/// The title of the picture: the window, or the time from the first bucket to the last.
pub(super) fn title(summary: &Summary, zone: Zone) -> String {
    let shown = |millis: i64| {
        let instant = DateTime::<Utc>::from_timestamp_millis(millis)?;
        Some(zone.at(instant).format("%Y-%m-%d %H:%M").to_string())
    };
    let ends = summary.window.and_then(|(since, until)| Some((shown(since)?, shown(until)?)));
    match ends {
        Some((since, until)) => format!("Messages sent {since} to {until}, {zone}"),
        None => "Messages".to_owned(),
    }
}
