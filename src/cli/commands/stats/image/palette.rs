//! The colours of a picture. They have enough contrast on the panel, and differ in lightness too, for
//! people who do not see all colours.

use omnilogs::{Outcome, StatusGroup};
use plotters::style::RGBColor;

pub(super) const PANEL: RGBColor = RGBColor(0xFB, 0xFB, 0xFD);
pub(super) const EDGE: RGBColor = RGBColor(0xC9, 0xCF, 0xD8);
pub(super) const GRID: RGBColor = RGBColor(0xE3, 0xE6, 0xEC);
pub(super) const TEXT: RGBColor = RGBColor(0x1F, 0x29, 0x37);
pub(super) const FAINT: RGBColor = RGBColor(0x5B, 0x65, 0x74);

pub(super) const DELIVERED: RGBColor = RGBColor(0x2E, 0x9E, 0x5B);
pub(super) const PENDING: RGBColor = RGBColor(0xE8, 0xB0, 0x2C);
pub(super) const FAILED: RGBColor = RGBColor(0xC8, 0x35, 0x35);

/// The colours of p50, p90 and p99.
pub(super) const LATENCIES: [RGBColor; 3] =
    [RGBColor(0x25, 0x63, 0xEB), RGBColor(0x7C, 0x3A, 0xED), RGBColor(0x94, 0xA3, 0xB8)];

/// The colour of an outcome.
pub(super) fn outcome_colour(outcome: Outcome) -> RGBColor {
    match outcome {
        Outcome::Delivered => DELIVERED,
        Outcome::Pending => PENDING,
        Outcome::Failed => FAILED,
    }
}

/// The colour of a status group; `None` is a group that is not known.
pub(super) fn group_colour(group: Option<StatusGroup>) -> RGBColor {
    match group {
        Some(StatusGroup::Delivered) => DELIVERED,
        Some(StatusGroup::Accepted) => RGBColor(0xF4, 0xD0, 0x6F),
        Some(StatusGroup::Pending) => PENDING,
        Some(StatusGroup::Expired) => RGBColor(0xA8, 0x3E, 0xB5),
        Some(StatusGroup::Undeliverable) => RGBColor(0xE5, 0x73, 0x73),
        Some(StatusGroup::Rejected) => FAILED,
        Some(_) | None => RGBColor(0x4B, 0xA3, 0xB5),
    }
}

/// Colours and their replacements on a dark page. The colours of outcomes and of latencies can be
/// seen on both.
const DARK: [(RGBColor, &str); 5] = [
    (PANEL, "#0D1117"),
    (EDGE, "#3D444D"),
    (GRID, "#262C36"),
    (TEXT, "#E6EDF3"),
    (FAINT, "#A3ADB8"),
];

/// The style sheet that replaces colours of an SVG on a dark page.
pub(super) fn dark_style() -> String {
    let rules = DARK.map(|(RGBColor(red, green, blue), dark)| {
        let light = format!("#{red:02X}{green:02X}{blue:02X}");
        format!("[fill=\"{light}\"]{{fill:{dark}}}[stroke=\"{light}\"]{{stroke:{dark}}}")
    });
    format!("@media (prefers-color-scheme:dark){{{}}}", rules.concat())
}
