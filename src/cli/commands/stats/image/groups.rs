//! The first groups as bars: their shares of all messages, and their outcomes.

use omnilogs::stats::{Group, Key, Summary};
use plotters::element::{Rectangle, Text};
use plotters::prelude::DrawingBackend;
use plotters::style::Color;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::canvas::{Canvas, DrawResult};
use super::palette::{FAINT, GRID, TEXT, outcome_colour};
use super::timeline::{LEGEND, legend};
use crate::commands::stats::chart::{OUTCOMES, lengths, mark, outcome_name};
use crate::commands::stats::figures::{percent, value_text};
use crate::text::count;

/// The maximum number of groups that are drawn.
const MAX_GROUPS_DRAWN: usize = 12;
/// The height of a row, in units.
const ROW: u32 = 24;
/// Where bars begin and where the longest ends, in units from the left.
const BARS: (u32, u32) = (250, 640);
/// The number of characters of a name that have room before its bar.
const MAX_NAME: usize = 34;

/// The height of this part, in units.
pub(super) fn height(summary: &Summary) -> u32 {
    let rows = u32::try_from(summary.groups.len().min(MAX_GROUPS_DRAWN)).unwrap_or(0);
    60 + LEGEND + rows * ROW
}

pub(super) fn title(summary: &Summary) -> String {
    let keys: Vec<_> = summary.keys.iter().copied().map(Key::name).collect();
    let most = if summary.groups.len() > MAX_GROUPS_DRAWN {
        format!(", the first {MAX_GROUPS_DRAWN} of {} groups", count(summary.groups.len() as u64))
    } else {
        String::new()
    };
    format!("Shares by {}{most}", keys.join(", "))
}

pub(super) fn draw<DB: DrawingBackend>(canvas: &Canvas<DB>, summary: &Summary) -> DrawResult<DB> {
    let groups = summary.groups.iter().take(MAX_GROUPS_DRAWN);
    let entry = |outcome| (outcome_name(outcome).to_owned(), outcome_colour(outcome));
    legend(canvas, OUTCOMES.into_iter().map(entry))?;
    let greatest = groups.clone().map(|group| group.figures.messages).max().unwrap_or(0).max(1);
    for (row, group) in (0_u32..).zip(groups) {
        bar(
            canvas,
            LEGEND + 4 + row * ROW,
            (&summary.keys, group),
            greatest,
            summary.total.messages,
        )?;
    }
    Ok(())
}

fn bar<DB: DrawingBackend>(
    canvas: &Canvas<DB>,
    top: u32,
    (keys, group): (&[Key], &Group),
    greatest: u64,
    all: u64,
) -> DrawResult<DB> {
    let figures = &group.figures;
    let (upper, lower) = (canvas.px(top + 3), canvas.px(top + ROW - 4));
    let middle = i32::midpoint(upper, lower);
    let name: Vec<_> =
        keys.iter().zip(&group.values).map(|(key, value)| value_text(*key, value)).collect();
    let name = omnilogs::sink::width::truncate(&name.join(" / "), MAX_NAME).into_owned();
    let style = canvas.style(13, TEXT).pos(Pos::new(HPos::Right, VPos::Center));
    canvas.area.draw(&Text::new(name, (canvas.px(BARS.0 - 10), middle), style))?;
    let room = canvas.px(BARS.1) - canvas.px(BARS.0);
    let track = [(canvas.px(BARS.0), upper), (canvas.px(BARS.1), lower)];
    canvas.area.draw(&Rectangle::new(track, GRID.mix(0.5).filled()))?;
    let counts = [figures.delivered, figures.pending(), figures.failed()];
    let lengths = lengths(&counts, greatest, usize::try_from(room).unwrap_or(0));
    let mut begin = canvas.px(BARS.0);
    let mut missing = Vec::new();
    for ((outcome, count), length) in OUTCOMES.into_iter().zip(counts).zip(lengths) {
        let end = begin + i32::try_from(length).unwrap_or(0);
        if length > 0 {
            let part = [(begin, upper), (end, lower)];
            canvas.area.draw(&Rectangle::new(part, outcome_colour(outcome).filled()))?;
        } else if count > 0 {
            missing.push(outcome);
        }
        begin = end;
    }
    // An outcome that is too small for a pixel has a mark and no area.
    for outcome in missing {
        canvas.text(mark(outcome), (begin + canvas.px(3), middle), 13, outcome_colour(outcome))?;
        begin += canvas.px(9);
    }
    let delivered = match figures.finals {
        0 => "none final".to_owned(),
        finals => format!("{} of final delivered", percent(figures.delivered, finals)),
    };
    let share = percent(figures.messages, all);
    let text = format!("{} ({share}), {delivered}", count(figures.messages));
    canvas.text(&text, (canvas.px(BARS.1 + 10), middle), 13, FAINT)
}
