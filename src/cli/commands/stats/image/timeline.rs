//! Messages over time as stacked columns, and the legend and the axis of time that charts share.

use omnilogs::StatusGroup;
use omnilogs::stats::Summary;
use omnilogs::zone::Zone;
use plotters::chart::ChartBuilder;
use plotters::element::{PathElement, Rectangle, Text};
use plotters::prelude::DrawingBackend;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, RGBColor};

use super::canvas::{Canvas, DrawResult};
use super::palette::{self, EDGE, FAINT, GRID, TEXT};
use crate::commands::stats::chart::{Bins, OUTCOMES, mark};
use crate::commands::stats::stack::{STACK, stacked};
use crate::text::count;

/// The maximum number of columns. With more buckets, a column has several.
pub(super) const MAX_BINS: usize = 120;
/// The width of the labels beside a chart and the height of those under it, in units.
const LABELS: (u32, u32) = (64, 40);
/// The height of the legend above a chart, in units.
pub(super) const LEGEND: u32 = 22;

/// A chart with space for its legend and its labels.
pub(super) fn chart<DB: DrawingBackend>(canvas: &Canvas<DB>) -> ChartBuilder<'_, '_, DB> {
    let mut chart = ChartBuilder::on(&canvas.area);
    chart
        .margin_top(canvas.px(LEGEND))
        .y_label_area_size(canvas.px(LABELS.0))
        .x_label_area_size(canvas.px(LABELS.1));
    chart
}

#[expect(clippy::cast_precision_loss, reason = "a picture shows three digits")]
pub(super) fn draw<DB: DrawingBackend>(
    canvas: &Canvas<DB>,
    summary: &Summary,
    zone: Zone,
) -> DrawResult<DB> {
    let Some(bins) = Bins::new(summary, zone, MAX_BINS) else { return Ok(()) };
    let stacks: Vec<[u64; 7]> = bins.counts().iter().map(stacked).collect();
    let greatest = stacks.iter().map(|stack| stack.iter().sum::<u64>()).max().unwrap_or(0).max(1);
    let mut chart =
        chart(canvas).build_cartesian_2d(0.0..bins.len() as f64, 0.0..greatest as f64 * 1.05)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .disable_x_axis()
        .y_labels(5)
        .bold_line_style(GRID.stroke_width(canvas.stroke()))
        .light_line_style(GRID.mix(0.0))
        .axis_style(EDGE.stroke_width(canvas.stroke()))
        .label_style(canvas.style(13, FAINT))
        .y_label_formatter(&|messages| whole(*messages))
        .draw()?;
    let area = chart.plotting_area();
    for (at, stack) in stacks.iter().enumerate() {
        let place =
            |x: f64, count: u64| canvas.inside(area.map_coordinate(&(at as f64 + x, count as f64)));
        column(canvas, stack, place)?;
    }
    let entries = STACK.into_iter().enumerate().filter_map(|(at, (group, ..))| {
        let sum: u64 = stacks.iter().filter_map(|stack| stack.get(at)).sum();
        let name = group.map_or("other", StatusGroup::as_str);
        (sum > 0).then(|| (format!("{name} {}", count(sum)), palette::group_colour(group)))
    });
    legend(canvas, entries)?;
    axis(canvas, &bins, |at| area.map_coordinate(&(at as f64, 0.0)))
}

/// Draws one column: its parts, and above it a mark for each outcome that is too small for a pixel.
fn column<DB: DrawingBackend>(
    canvas: &Canvas<DB>,
    stack: &[u64; 7],
    place: impl Fn(f64, u64) -> (i32, i32),
) -> DrawResult<DB> {
    let mut marked = OUTCOMES.map(|outcome| (outcome, 0, 0));
    let mut below = 0;
    for ((group, _, outcome), count) in STACK.into_iter().zip(stack) {
        let (lower, upper) = (place(0.08, below), place(0.92, below + count));
        below += count;
        let height = lower.1 - upper.1;
        if height > 0 {
            let corners = [(lower.0, upper.1), (upper.0, lower.1)];
            canvas.area.draw(&Rectangle::new(corners, palette::group_colour(group).filled()))?;
        }
        for (known, messages, pixels) in &mut marked {
            if *known == outcome {
                *messages += count;
                *pixels += height;
            }
        }
    }
    let (x, mut y) = place(0.5, below);
    for (outcome, messages, pixels) in marked {
        if messages > 0 && pixels == 0 {
            y -= canvas.px(10);
            let style = canvas.style(11, palette::outcome_colour(outcome));
            let style = style.pos(Pos::new(HPos::Center, VPos::Center));
            canvas.area.draw(&Text::new(mark(outcome), (x, y), style))?;
        }
    }
    Ok(())
}

/// The label of a count on an axis; empty for a number between two counts.
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

/// Draws a legend: coloured squares with names, from the left.
pub(super) fn legend<DB: DrawingBackend>(
    canvas: &Canvas<DB>,
    entries: impl Iterator<Item = (String, RGBColor)>,
) -> DrawResult<DB> {
    let mut x = canvas.px(LABELS.0);
    for (name, colour) in entries {
        let square = [(x, canvas.px(3)), (x + canvas.px(11), canvas.px(14))];
        canvas.area.draw(&Rectangle::new(square, colour.filled()))?;
        canvas.text(&name, (x + canvas.px(16), canvas.px(9)), 13, TEXT)?;
        let width = canvas.area.estimate_text_size(&name, &canvas.style(13, TEXT))?.0;
        x += canvas.px(16 + 18) + i32::try_from(width).unwrap_or(0);
    }
    Ok(())
}

/// Draws the axis of time: the time of day under every few columns, and the day where it begins.
pub(super) fn axis<DB: DrawingBackend>(
    canvas: &Canvas<DB>,
    bins: &Bins<'_>,
    place: impl Fn(usize) -> (i32, i32),
) -> DrawResult<DB> {
    let step = bins.len().div_ceil(12);
    let base = canvas.area.get_base_pixel();
    let mut last_day = String::new();
    let style = canvas.style(13, FAINT).pos(Pos::new(HPos::Left, VPos::Top));
    for at in (0..bins.len()).step_by(step.max(1)) {
        let Some(local) = bins.start(at) else { continue };
        let (x, y) = place(at);
        let (x, y) = (x - base.0, y - base.1);
        let mark = vec![(x, y), (x, y + canvas.px(4))];
        canvas.area.draw(&PathElement::new(mark, EDGE.stroke_width(canvas.stroke())))?;
        let time = local.format("%H:%M").to_string();
        canvas.area.draw(&Text::new(time, (x, y + canvas.px(6)), style.clone()))?;
        let day = local.format("%m-%d").to_string();
        if day != last_day {
            canvas.area.draw(&Text::new(day.clone(), (x, y + canvas.px(22)), style.clone()))?;
            last_day = day;
        }
    }
    Ok(())
}
