//! Charts made of characters: stacked columns, shares over time, bars and sparklines that fit a terminal.
//!
//! With colour, the colour shows what a part means; without, a letter does; into a pipe only ASCII
//! is drawn. Areas are in proportion to the numbers, to the finest step that can be drawn; what is
//! smaller has a mark and no area. Nothing here knows where the figures come from.

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
pub(crate) use columns::{ColumnPart, Columns, draw_columns};
pub(crate) use proportion::lengths;
pub(crate) use shares::{SHARE_LINES, Share, draw_shares};
pub(crate) use sparkline::sparkline;
pub(crate) use style::{ChartStyle, OUTCOMES, legend_of_marks, mark, outcome_colour, outcome_name};
