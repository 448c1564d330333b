//! Charts made of characters: stacked columns, shares over time, bars and sparklines that fit a terminal.
//!
//! The meaning of a part is its colour, or else a letter; a pipe gets ASCII only. Areas are in
//! proportion to the numbers, to the finest step that can be drawn; a smaller part has a mark and no
//! area. Nothing here depends on where the figures come from.

mod bar;
mod bins;
mod columns;
mod proportion;
mod shares;
mod sparkline;
mod style;
#[cfg(test)]
mod test_support;

pub(crate) use bar::{draw_bar, sample};
pub(crate) use bins::Bins;
pub(crate) use columns::{ColumnChart, ColumnPart, draw_columns};
pub(crate) use proportion::lengths;
pub(crate) use shares::{SHARE_LINES, Share, draw_shares};
pub(crate) use sparkline::sparkline;
pub(crate) use style::{
    ChartStyle, OUTCOMES, joined, legend_of_marks, mark, outcome_colour, outcome_name,
};
