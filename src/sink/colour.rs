//! The colours of outcomes, and the only place that writes colour sequences.
//!
//! Green, red and magenta are colours of the terminal's palette. Yellow and cyan of most palettes are
//! not readable on white, so amber and teal are fixed colours that are readable on white and on black.
//! A program that supports only 16 colours, such as `watch`, shows these two in the colour of other
//! text.

use crate::model::StatusGroup;

/// A colour with a meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// Delivered; a passed check.
    Green,
    /// Pending; a warning.
    Amber,
    /// Failed; an error.
    Red,
    /// Expired.
    Magenta,
    /// An unknown status group.
    Teal,
}

impl Colour {
    /// The colour of a status group.
    #[must_use]
    pub fn of_group(group: Option<StatusGroup>) -> Self {
        match group {
            Some(StatusGroup::Delivered) => Self::Green,
            Some(StatusGroup::Accepted | StatusGroup::Pending) => Self::Amber,
            Some(StatusGroup::Undeliverable | StatusGroup::Rejected) => Self::Red,
            Some(StatusGroup::Expired) => Self::Magenta,
            None => Self::Teal,
        }
    }

    /// The index of the colour in the 256 colours of a terminal.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::Red => 1,
            Self::Green => 2,
            Self::Magenta => 5,
            Self::Teal => 31,
            Self::Amber => 130,
        }
    }

    /// The sequence that switches to this colour.
    #[must_use]
    pub fn start(self) -> String {
        format!("\u{1b}[38;5;{}m", self.number())
    }

    /// The text in this colour.
    #[must_use]
    pub fn paint(self, text: &str) -> String {
        format!("{}{text}\u{1b}[0m", self.start())
    }

    /// The text in this colour, on a background of another colour.
    #[must_use]
    pub fn paint_on(self, background: Self, text: &str) -> String {
        format!("\u{1b}[38;5;{};48;5;{}m{text}\u{1b}[0m", self.number(), background.number())
    }
}

/// The text in bold.
#[must_use]
#[doc(hidden)]
pub fn bold(text: &str) -> String {
    format!("\u{1b}[1m{text}\u{1b}[0m")
}

impl From<Colour> for comfy_table::Color {
    fn from(colour: Colour) -> Self {
        Self::AnsiValue(colour.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The relative luminance of a colour of the 6×6×6 cube, from 0 to 1, as WCAG defines it.
    fn luminance(number: u8) -> f64 {
        let channel = |level: u8| {
            let value =
                if level == 0 { 0.0 } else { f64::from(55 + 40 * u32::from(level)) / 255.0 };
            if value <= 0.03928 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        let cube = number - 16;
        0.2126 * channel(cube / 36) + 0.7152 * channel(cube / 6 % 6) + 0.0722 * channel(cube % 6)
    }

    #[test]
    fn the_fixed_colours_can_be_read_on_white_and_on_black() {
        for colour in [Colour::Amber, Colour::Teal] {
            let luminance = luminance(colour.number());
            let (on_white, on_black) = (1.05 / (luminance + 0.05), (luminance + 0.05) / 0.05);
            assert!(on_white > 4.0 && on_black > 4.0, "{colour:?}: {on_white} {on_black}");
        }
    }
}
