//! Charts made of characters: stacked columns, bars and sparklines that fit a terminal.
//!
//! With colour, a colour tells what a part means; without, a letter does; into a pipe only ASCII
//! is drawn. Nothing here knows where the figures come from.

mod bins;
mod columns;
mod ink;
mod parts;
mod sparkline;

pub(crate) use bins::Bins;
pub(crate) use columns::{Columns, draw_columns};
pub(crate) use ink::{Ink, Look, paint};
pub(crate) use parts::{in_proportion, scaled, shared_out};
pub(crate) use sparkline::sparkline;
