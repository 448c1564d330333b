//! The page: where each part stands, and how text is set.

use omnilogs::stats::Summary;
use omnilogs::zone::Zone;
use plotters::coord::Shift;
use plotters::drawing::DrawingAreaErrorKind;
use plotters::element::{Rectangle, Text};
use plotters::prelude::{DrawingArea, DrawingBackend, IntoTextStyle};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, RGBColor, TextStyle};

use super::palette::{EDGE, FAINT, PANEL, TEXT};
use super::{latencies, shares, timeline};
use crate::commands::stats::figures::{clauses, joined};

/// Units of the layout; a PNG has several pixels for each.
pub(super) const WIDTH: u32 = 960;
const MARGIN: u32 = 28;
const HEAD: u32 = 104;
const TIMELINE: u32 = 300;
const LATENCIES: u32 = 250;
/// Characters of a line of text as wide as the page.
const LINE: usize = 120;

/// What drawing may end in.
pub(super) type Drawn<DB> = Result<(), DrawingAreaErrorKind<<DB as DrawingBackend>::ErrorType>>;

/// Units that the page is high.
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

/// Something to draw on.
pub(super) struct Page<DB: DrawingBackend> {
    pub(super) area: DrawingArea<DB, Shift>,
    scale: u32,
}

impl<DB: DrawingBackend> Page<DB> {
    pub(super) fn new(area: DrawingArea<DB, Shift>, scale: u32) -> Self {
        Self { area, scale }
    }

    /// Pixels of so many units.
    pub(super) fn px(&self, units: u32) -> i32 {
        i32::try_from(units * self.scale).unwrap_or(i32::MAX)
    }

    /// A line's width in pixels.
    pub(super) fn stroke(&self) -> u32 {
        self.scale
    }

    /// Text of this size and colour, anchored at its left and middle.
    pub(super) fn style(&self, size: u32, colour: RGBColor) -> TextStyle<'static> {
        let font = ("sans-serif", f64::from(size * self.scale));
        font.with_color(colour).into_text_style(&self.area).pos(Pos::new(HPos::Left, VPos::Center))
    }

    /// A line of text that begins there, half above and half below.
    pub(super) fn text(
        &self,
        text: &str,
        at: (i32, i32),
        size: u32,
        colour: RGBColor,
    ) -> Drawn<DB> {
        self.area.draw(&Text::new(text.to_owned(), at, self.style(size, colour)))
    }

    /// A part of the page with its title, as units from the page's top.
    fn part(
        &self,
        top: u32,
        height: u32,
        title: &str,
    ) -> Result<Self, DrawingAreaErrorKind<DB::ErrorType>> {
        self.text(title, (self.px(MARGIN), self.px(top + 12)), 17, TEXT)?;
        let margin = self.px(MARGIN);
        let area = self.area.clone().shrink(
            (margin, self.px(top + 26)),
            (self.px(WIDTH) - 2 * margin, self.px(height - 30)),
        );
        Ok(Self { area, scale: self.scale })
    }

    /// Everything.
    pub(super) fn draw(&self, summary: &Summary, zone: Zone) -> Drawn<DB> {
        self.area.fill(&PANEL)?;
        let (width, height) = self.area.dim_in_pixel();
        let corner = |length: u32| i32::try_from(length).unwrap_or(i32::MAX) - 1;
        let edge = [(0, 0), (corner(width), corner(height))];
        self.area.draw(&Rectangle::new(edge, EDGE.stroke_width(self.stroke())))?;
        let left = self.px(MARGIN);
        self.text(&title(summary, zone), (left, self.px(32)), 24, TEXT)?;
        let lines = joined(&clauses(&summary.total), " · ", LINE);
        for (at, line) in (0_u32..).zip(lines.iter().take(2)) {
            self.text(line, (left, self.px(60 + at * 20)), 14, FAINT)?;
        }
        let mut top = HEAD;
        if !summary.timeline.is_empty() {
            let part = self.part(top, TIMELINE, "Messages by hour and status")?;
            timeline::draw(&part, summary, zone)?;
            top += TIMELINE;
        }
        let part = self.part(top, shares::height(summary), &shares::title(summary))?;
        shares::draw(&part, summary)?;
        top += shares::height(summary);
        if has_latencies(summary) {
            let part = self.part(top, LATENCIES, "Latency from sent to done, of final messages")?;
            latencies::draw(&part, summary, zone)?;
        }
        Ok(())
    }
}

/// What the page is about: the hours from the first to the last.
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
