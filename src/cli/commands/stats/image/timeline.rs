//! Messages by hour as stacked columns, and the axis of time that latencies share.

use chrono::{DateTime, Utc};
use omnilogs::StatusGroup;
use omnilogs::stats::Summary;
use omnilogs::zone::Zone;
use plotters::chart::ChartBuilder;
use plotters::element::{PathElement, Rectangle, Text};
use plotters::prelude::DrawingBackend;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, RGBColor};

use super::canvas::{Drawn, Page};
use super::palette::{self, EDGE, FAINT, GRID, TEXT};
use crate::commands::stats::chart::Bins;
use crate::text::count;

/// Columns at most; a longer run has several hours in one.
pub(super) const MOST_BINS: usize = 120;
/// Units beside and under a chart for its labels.
pub(super) const LABELS: (u32, u32) = (64, 40);
/// Units above a chart for its legend.
pub(super) const LEGEND: u32 = 22;

/// From the bottom of a column up.
const STACK: [Option<StatusGroup>; 7] = [
    Some(StatusGroup::Delivered),
    Some(StatusGroup::Accepted),
    Some(StatusGroup::Pending),
    Some(StatusGroup::Expired),
    Some(StatusGroup::Undeliverable),
    Some(StatusGroup::Rejected),
    None,
];

#[expect(clippy::cast_precision_loss, reason = "a picture shows three digits")]
pub(super) fn draw<DB: DrawingBackend>(
    page: &Page<DB>,
    summary: &Summary,
    zone: Zone,
) -> Drawn<DB> {
    let Some(bins) = Bins::new(&summary.timeline, MOST_BINS) else { return Ok(()) };
    let counts = bins.counts();
    let index = |group: Option<StatusGroup>| group.map_or(StatusGroup::ALL.len(), |g| g as usize);
    let of = |kinds: &[u64; 7], group| kinds.get(index(group)).copied().unwrap_or(0);
    let greatest = counts.iter().map(|kinds| kinds.iter().sum::<u64>()).max().unwrap_or(0).max(1);
    let mut chart = ChartBuilder::on(&page.area)
        .margin_top(page.px(LEGEND))
        .y_label_area_size(page.px(LABELS.0))
        .x_label_area_size(page.px(LABELS.1))
        .build_cartesian_2d(0.0..bins.len() as f64, 0.0..greatest as f64 * 1.05)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .disable_x_axis()
        .y_labels(5)
        .bold_line_style(GRID.stroke_width(page.stroke()))
        .light_line_style(GRID.mix(0.0))
        .axis_style(EDGE.stroke_width(page.stroke()))
        .label_style(page.style(13, FAINT))
        .y_label_formatter(&|messages| whole(*messages))
        .draw()?;
    for (at, kinds) in counts.iter().enumerate() {
        let (left, mut below) = (at as f64, 0);
        for group in STACK {
            let above = below + of(kinds, group);
            if above > below {
                let corners = [(left + 0.08, below as f64), (left + 0.92, above as f64)];
                let bar = Rectangle::new(corners, palette::of(group).filled());
                chart.plotting_area().draw(&bar)?;
            }
            below = above;
        }
    }
    let entries = STACK.into_iter().filter_map(|group| {
        let sum: u64 = counts.iter().map(|kinds| of(kinds, group)).sum();
        let name = group.map_or("other", StatusGroup::as_str);
        (sum > 0).then(|| (format!("{name} {}", count(sum)), palette::of(group)))
    });
    legend(page, entries)?;
    let area = chart.plotting_area();
    axis(page, &bins, zone, |at| area.map_coordinate(&(at as f64, 0.0)))
}

/// A count on an axis; nothing between two counts.
fn whole(messages: f64) -> String {
    if messages.fract() > 0.0 {
        return String::new();
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number of messages"
    )]
    count(messages as u64)
}

/// Squares with names, from the left.
pub(super) fn legend<DB: DrawingBackend>(
    page: &Page<DB>,
    entries: impl Iterator<Item = (String, RGBColor)>,
) -> Drawn<DB> {
    let mut x = page.px(LABELS.0);
    for (name, colour) in entries {
        let square = [(x, page.px(3)), (x + page.px(11), page.px(14))];
        page.area.draw(&Rectangle::new(square, colour.filled()))?;
        page.text(&name, (x + page.px(16), page.px(9)), 13, TEXT)?;
        let width = page.area.estimate_text_size(&name, &page.style(13, TEXT))?.0;
        x += page.px(16 + 18) + i32::try_from(width).unwrap_or(0);
    }
    Ok(())
}

/// The time of day under every few columns, and the day where it begins.
pub(super) fn axis<DB: DrawingBackend>(
    page: &Page<DB>,
    bins: &Bins<'_>,
    zone: Zone,
    place: impl Fn(usize) -> (i32, i32),
) -> Drawn<DB> {
    let step = bins.len().div_ceil(12);
    let base = page.area.get_base_pixel();
    let mut last_day = String::new();
    let style = page.style(13, FAINT).pos(Pos::new(HPos::Left, VPos::Top));
    for at in (0..bins.len()).step_by(step.max(1)) {
        let Some(start) = DateTime::<Utc>::from_timestamp_millis(bins.start(at)) else { continue };
        let (x, y) = place(at);
        let (x, y) = (x - base.0, y - base.1);
        let local = zone.at(start);
        let mark = vec![(x, y), (x, y + page.px(4))];
        page.area.draw(&PathElement::new(mark, EDGE.stroke_width(page.stroke())))?;
        let time = local.format("%H:%M").to_string();
        page.area.draw(&Text::new(time, (x, y + page.px(6)), style.clone()))?;
        let day = local.format("%m-%d").to_string();
        if day != last_day {
            page.area.draw(&Text::new(day.clone(), (x, y + page.px(22)), style.clone()))?;
            last_day = day;
        }
    }
    Ok(())
}
