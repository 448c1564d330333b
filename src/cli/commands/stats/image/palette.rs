//! Colours of a picture: dark enough on the panel, and apart for most colour-blind eyes by
//! lightness, too.

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

/// p50, p90, p99.
pub(super) const LATENCIES: [RGBColor; 3] =
    [RGBColor(0x25, 0x63, 0xEB), RGBColor(0x7C, 0x3A, 0xED), RGBColor(0x94, 0xA3, 0xB8)];

/// The colour of an outcome.
pub(super) fn of_outcome(outcome: Outcome) -> RGBColor {
    match outcome {
        Outcome::Delivered => DELIVERED,
        Outcome::Pending => PENDING,
        Outcome::Failed => FAILED,
    }
}

/// The colour of a status group; `None` is a group that is not known.
pub(super) fn of(group: Option<StatusGroup>) -> RGBColor {
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
