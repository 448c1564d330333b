//! The canvas of a picture: its units, and text on it.

use plotters::coord::Shift;
use plotters::drawing::DrawingAreaErrorKind;
use plotters::element::Text;
use plotters::prelude::{DrawingArea, DrawingBackend, IntoTextStyle};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{RGBColor, TextStyle};

use super::palette::TEXT;

/// The width of a picture, in units of the layout. A PNG has several pixels per unit.
pub(super) const WIDTH: u32 = 960;
/// The margin on each side, in units.
pub(super) const MARGIN: u32 = 28;

/// The result of drawing.
pub(super) type DrawResult<DB> =
    Result<(), DrawingAreaErrorKind<<DB as DrawingBackend>::ErrorType>>;

/// An area to draw on, and its scale.
pub(super) struct Canvas<DB: DrawingBackend> {
    pub(super) area: DrawingArea<DB, Shift>,
    scale: u32,
}

impl<DB: DrawingBackend> Canvas<DB> {
    pub(super) fn new(area: DrawingArea<DB, Shift>, scale: u32) -> Self {
        Self { area, scale }
    }

    /// The number of pixels of this many units.
    pub(super) fn px(&self, units: u32) -> i32 {
        i32::try_from(units * self.scale).unwrap_or(i32::MAX)
    }

    /// A position in the whole picture as a position in this part of it.
    pub(super) fn inside(&self, (x, y): (i32, i32)) -> (i32, i32) {
        let base = self.area.get_base_pixel();
        (x - base.0, y - base.1)
    }

    /// The width of a line in pixels.
    pub(super) fn stroke(&self) -> u32 {
        self.scale
    }

    /// The style of a text that is anchored at the left, in the middle of its height.
    pub(super) fn style(&self, size: u32, colour: RGBColor) -> TextStyle<'static> {
        let font = ("sans-serif", f64::from(size * self.scale));
        font.with_color(colour).into_text_style(&self.area).pos(Pos::new(HPos::Left, VPos::Center))
    }

    /// Draws a line of text; `at` is the left end of the line, in the middle of its height.
    pub(super) fn text(
        &self,
        text: &str,
        at: (i32, i32),
        size: u32,
        colour: RGBColor,
    ) -> DrawResult<DB> {
        self.area.draw(&Text::new(text.to_owned(), at, self.style(size, colour)))
    }

    /// Draws the title of a part of the canvas, and returns the area below the title. The part begins
    /// at `top` and has this height, in units.
    pub(super) fn part(
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
}
