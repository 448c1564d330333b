//! The delivered share over time, as columns on a scale from 0 to 100 %.

use omnilogs::stats::Summary;
use omnilogs::zone::Zone;
use plotters::element::{PathElement, Rectangle, Text};
use plotters::prelude::DrawingBackend;
use plotters::style::Color;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::canvas::{Canvas, DrawResult};
use super::palette::{DELIVERED, FAILED, FAINT, GRID};
use super::timeline::{MAX_BINS, axis, chart, legend};
use crate::commands::stats::chart::Bins;
use crate::commands::stats::figures::percent;
use crate::commands::stats::headline::period;

/// Draws the columns: green, and red during an incident.
#[expect(clippy::cast_precision_loss, reason = "a picture shows three digits")]
pub(super) fn draw<DB: DrawingBackend>(
    canvas: &Canvas<DB>,
    summary: &Summary,
    zone: Zone,
) -> DrawResult<DB> {
    let Some(bins) = Bins::new(summary, zone, MAX_BINS) else { return Ok(()) };
    let chart = chart(canvas).build_cartesian_2d(0.0..bins.len() as f64, 0.0..1.0)?;
    let area = chart.plotting_area();
    let place = |x: f64, y: f64| canvas.inside(area.map_coordinate(&(x, y)));
    let style = canvas.style(13, FAINT).pos(Pos::new(HPos::Right, VPos::Center));
    for (share, label) in [(0.0, "0%"), (0.25, "25%"), (0.5, "50%"), (0.75, "75%"), (1.0, "100%")] {
        let line = [place(0.0, share), place(bins.len() as f64, share)];
        canvas.area.draw(&PathElement::new(line, GRID.stroke_width(canvas.stroke())))?;
        let (x, y) = line[0];
        canvas.area.draw(&Text::new(label, (x - canvas.px(8), y), style.clone()))?;
    }
    let incident = summary.findings.incident.as_ref();
    let range =
        incident.map(|incident| (bins.column_of(incident.start).unwrap_or(0), incident.end));
    for (at, [finals, delivered]) in bins.deliveries().into_iter().enumerate() {
        if finals == 0 {
            continue;
        }
        let share = delivered as f64 / finals as f64;
        let (lower, upper) = (place(at as f64 + 0.08, 0.0), place(at as f64 + 0.92, share));
        let is_low = range.is_some_and(|(first, end)| at >= first && bins.begins_before(at, end));
        let colour = if is_low { FAILED } else { DELIVERED };
        if lower.1 > upper.1 {
            let corners = [(lower.0, upper.1), (upper.0, lower.1)];
            canvas.area.draw(&Rectangle::new(corners, colour.filled()))?;
        }
    }
    let total = &summary.total;
    let all = format!("delivered, {} of final messages", percent(total.delivered, total.finals));
    let low = incident.map(|incident| {
        let share = percent(incident.inside.delivered, incident.inside.finals);
        (format!("{}, {share}", period(incident, summary)), FAILED)
    });
    legend(canvas, std::iter::once((all, DELIVERED)).chain(low))?;
    axis(canvas, &bins, |at| area.map_coordinate(&(at as f64, 0.0)))
}
