//! Latency over time: three lines on a logarithmic scale.

use omnilogs::stats::{Latency, Summary};
use omnilogs::zone::Zone;
use plotters::element::{PathElement, Text};
use plotters::prelude::{Circle, DrawingBackend, IntoLogRange, LineSeries};
use plotters::style::Color;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::canvas::{Canvas, DrawResult};
use super::palette::{FAINT, GRID, LATENCIES};
use super::timeline::{MAX_BINS, axis, chart, legend};
use crate::commands::stats::chart::Bins;
use crate::commands::stats::figures::latency;

/// A percentile: its name, and its value.
type Percentile = (&'static str, fn(&Latency) -> u64);

const LINES: [Percentile; 3] = [
    ("p50", |latency| latency.p50),
    ("p90", |latency| latency.p90),
    ("p99", |latency| latency.p99),
];

/// The labels of the scale, with their values in milliseconds: lengths of time that people count in.
const MARKS: [(f64, &str); 11] = [
    (1.0, "1 ms"),
    (10.0, "10 ms"),
    (100.0, "100 ms"),
    (1e3, "1 s"),
    (1e4, "10 s"),
    (6e4, "1 min"),
    (6e5, "10 min"),
    (3.6e6, "1 h"),
    (3.6e7, "10 h"),
    (8.64e8, "10 days"),
    (8.64e9, "100 days"),
];

#[expect(clippy::cast_precision_loss, reason = "a picture shows three digits")]
pub(super) fn draw<DB: DrawingBackend>(
    canvas: &Canvas<DB>,
    summary: &Summary,
    zone: Zone,
) -> DrawResult<DB> {
    let Some(bins) = Bins::new(summary, zone, MAX_BINS) else { return Ok(()) };
    let all = LINES.map(|(_, of)| bins.latencies(of));
    let present = || all.iter().flatten().flatten().copied();
    let least = present().min().unwrap_or(1).max(1) as f64;
    let most = present().max().unwrap_or(1).max(2) as f64;
    let mut chart = chart(canvas)
        .build_cartesian_2d(0.0..bins.len() as f64, (least * 0.8..most * 1.2).log_scale())?;
    let area = chart.plotting_area();
    let right = bins.len() as f64;
    scale(canvas, least * 0.8..most * 1.2, |at| {
        [area.map_coordinate(&(0.0, at)), area.map_coordinate(&(right, at))]
    })?;
    for (values, colour) in all.iter().zip(LATENCIES) {
        let point = |(at, value): (usize, &Option<u64>)| {
            value.map(|millis| (at as f64 + 0.5, millis.max(1) as f64))
        };
        let points: Vec<_> = values.iter().enumerate().map(point).collect();
        // Times without a final message break the line.
        for run in points.split(Option::is_none).filter(|run| !run.is_empty()) {
            let run: Vec<_> = run.iter().flatten().copied().collect();
            if let [alone] = run.as_slice() {
                let dot = Circle::new(*alone, canvas.px(2), colour.filled());
                chart.plotting_area().draw(&dot)?;
            }
            chart.draw_series(LineSeries::new(run, colour.stroke_width(2 * canvas.stroke())))?;
        }
    }
    let total = summary.total.latency.as_ref();
    let entries = LINES.iter().zip(LATENCIES).map(|((name, of), colour)| {
        (format!("{name}, {} over all", latency(total.map(of))), colour)
    });
    legend(canvas, entries)?;
    let area = chart.plotting_area();
    axis(canvas, &bins, |at| area.map_coordinate(&(at as f64, least * 0.8)))
}

/// Draws a line with a label for each of [`MARKS`] in the range.
fn scale<DB: DrawingBackend>(
    canvas: &Canvas<DB>,
    range: std::ops::Range<f64>,
    ends: impl Fn(f64) -> [(i32, i32); 2],
) -> DrawResult<DB> {
    let base = canvas.area.get_base_pixel();
    let style = canvas.style(13, FAINT).pos(Pos::new(HPos::Right, VPos::Center));
    for (millis, label) in MARKS.into_iter().filter(|(millis, _)| range.contains(millis)) {
        let line = ends(millis).map(|(x, y)| (x - base.0, y - base.1));
        canvas.area.draw(&PathElement::new(line, GRID.stroke_width(canvas.stroke())))?;
        let [(x, y), _] = line;
        canvas.area.draw(&Text::new(label, (x - canvas.px(8), y), style.clone()))?;
    }
    Ok(())
}
