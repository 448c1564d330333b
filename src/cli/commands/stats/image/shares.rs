//! The greatest groups as bars: how much of all they are, and how they ended.

use omnilogs::stats::{Group, Key, Summary};
use plotters::element::{Rectangle, Text};
use plotters::prelude::DrawingBackend;
use plotters::style::Color;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::canvas::{Drawn, Page};
use super::palette::{DELIVERED, FAILED, FAINT, GRID, TEXT, UNDECIDED};
use super::timeline::{LEGEND, legend};
use crate::commands::stats::figures::{percent, shown};
use crate::text::count;

/// Groups that are drawn.
const MOST: usize = 12;
const ROW: u32 = 24;
/// Units from the left: where bars begin and end, and the figures after them.
const BARS: (u32, u32) = (250, 640);
/// Characters of a name that fit before its bar.
const NAME: usize = 34;

/// Units that this part is high.
pub(super) fn height(summary: &Summary) -> u32 {
    let rows = u32::try_from(summary.groups.len().min(MOST)).unwrap_or(0);
    60 + LEGEND + rows * ROW
}

pub(super) fn title(summary: &Summary) -> String {
    let keys: Vec<_> = summary.keys.iter().copied().map(Key::name).collect();
    let most = if summary.groups.len() > MOST {
        format!(", the first {MOST} of {} groups", count(summary.groups.len() as u64))
    } else {
        String::new()
    };
    format!("Shares by {}{most}", keys.join(", "))
}

pub(super) fn draw<DB: DrawingBackend>(page: &Page<DB>, summary: &Summary) -> Drawn<DB> {
    let names = ["delivered", "undecided", "failed"].map(str::to_owned);
    legend(page, names.into_iter().zip([DELIVERED, UNDECIDED, FAILED]))?;
    let groups = summary.groups.iter().take(MOST);
    let greatest = groups.clone().map(|group| group.figures.messages).max().unwrap_or(0).max(1);
    for (row, group) in (0_u32..).zip(groups) {
        bar(page, LEGEND + 4 + row * ROW, group, greatest, summary.total.messages)?;
    }
    Ok(())
}

fn bar<DB: DrawingBackend>(
    page: &Page<DB>,
    top: u32,
    group: &Group,
    greatest: u64,
    all: u64,
) -> Drawn<DB> {
    let figures = &group.figures;
    let (upper, lower) = (page.px(top + 3), page.px(top + ROW - 4));
    let middle = i32::midpoint(upper, lower);
    let name: Vec<_> = group.values.iter().map(shown).collect();
    let name = omnilogs::sink::width::truncate(&name.join(" / "), NAME).into_owned();
    let style = page.style(13, TEXT).pos(Pos::new(HPos::Right, VPos::Center));
    page.area.draw(&Text::new(name, (page.px(BARS.0 - 10), middle), style))?;
    let room = page.px(BARS.1) - page.px(BARS.0);
    let track = [(page.px(BARS.0), upper), (page.px(BARS.1), lower)];
    page.area.draw(&Rectangle::new(track, GRID.mix(0.5).filled()))?;
    // The ends of parts are rounded, not their lengths, so that they add up.
    let end = |messages: u64| {
        let exact = u128::from(messages) * u128::from(room.unsigned_abs()) / u128::from(greatest);
        page.px(BARS.0) + i32::try_from(exact).unwrap_or(room)
    };
    let ends = [figures.delivered, figures.delivered + figures.undecided(), figures.messages];
    let mut begin = 0;
    for (messages, colour) in ends.into_iter().zip([DELIVERED, UNDECIDED, FAILED]) {
        if messages > begin {
            let part = [(end(begin), upper), (end(messages).max(end(begin) + 1), lower)];
            page.area.draw(&Rectangle::new(part, colour.filled()))?;
        }
        begin = messages;
    }
    let delivered = match figures.finals {
        0 => "none final".to_owned(),
        finals => format!("{} of final delivered", percent(figures.delivered, finals)),
    };
    let share = percent(figures.messages, all);
    let text = format!("{} ({share}), {delivered}", count(figures.messages));
    page.text(&text, (page.px(BARS.1 + 10), middle), 13, FAINT)
}
