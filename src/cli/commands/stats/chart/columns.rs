//! Stacked columns on an axis.

use omnilogs::Outcome;
use omnilogs::sink::Colour;

use super::proportion::lengths;
use super::style::{ChartStyle, OUTCOMES, SEVERAL, mark, outcome_colour};

/// Lines of the highest column.
const HEIGHT: usize = 10;

/// A part of the columns, such as the messages of one status group.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ColumnPart {
    pub(crate) colour: Colour,
    /// The letter of the part where there is no colour.
    pub(crate) letter: char,
    pub(crate) outcome: Outcome,
}

/// A chart of stacked columns.
#[derive(Debug)]
pub(crate) struct ColumnChart<'c> {
    /// For each column, the count of each part.
    pub(crate) counts: &'c [Vec<u64>],
    /// The parts, from the bottom of a column up.
    pub(crate) parts: &'c [ColumnPart],
    /// Characters per column, with the gap to the next one.
    pub(crate) width: usize,
}

/// The text of a [`ColumnChart`].
#[derive(Debug)]
pub(crate) struct ColumnChartText {
    /// The highest line first.
    pub(crate) lines: Vec<String>,
    /// A mark under each column for the outcomes in it that are too small to draw; empty when there
    /// are none.
    pub(crate) marks: String,
    /// The outcomes that have a mark somewhere.
    pub(crate) marked: Vec<Outcome>,
    /// Whether a column is too narrow for its marks.
    pub(crate) has_several: bool,
    /// The count of the highest column.
    pub(crate) greatest: u64,
}

/// Draws the columns, the highest as high as the chart.
pub(crate) fn draw_columns(chart: &ColumnChart<'_>, style: ChartStyle) -> ColumnChartText {
    let greatest = chart.counts.iter().map(|column| column.iter().sum()).max().unwrap_or(0);
    let per_line = style.steps_per_cell();
    let heights: Vec<Vec<usize>> =
        chart.counts.iter().map(|column| lengths(column, greatest, HEIGHT * per_line)).collect();
    let lines = (0..HEIGHT).rev().map(|line| {
        let mut text = String::new();
        for heights in &heights {
            let part = |level| part_at(chart.parts, heights, level);
            let (lower, upper) = (part(line * per_line), part(line * per_line + per_line - 1));
            push_cell(&mut text, lower, upper, chart.width, style);
        }
        text
    });
    let lines = lines.collect();
    let mut text = ColumnChartText {
        lines,
        marks: String::new(),
        marked: Vec::new(),
        has_several: false,
        greatest,
    };
    for (counts, heights) in chart.counts.iter().zip(&heights) {
        let missing = missing(chart.parts, counts, heights);
        text.push_marks(&missing, chart.width, style);
    }
    text.marks.truncate(text.marks.trim_end().len());
    text
}

impl ColumnChartText {
    fn push_marks(&mut self, missing: &[Outcome], width: usize, style: ChartStyle) {
        let bar = (width - usize::from(width > 1)).max(1);
        if missing.len() > bar {
            self.has_several = true;
            self.marks.push_str(SEVERAL);
        } else {
            for outcome in missing {
                self.marks.push_str(&style.paint(mark(*outcome), outcome_colour(*outcome)));
            }
        }
        let taken = if missing.len() > bar { 1 } else { missing.len() };
        self.marks.push_str(&" ".repeat(width - taken));
        for outcome in missing {
            if !self.marked.contains(outcome) {
                self.marked.push(*outcome);
            }
        }
    }
}

/// The part of a column at a level, counted from the bottom.
fn part_at<'p>(parts: &'p [ColumnPart], heights: &[usize], level: usize) -> Option<&'p ColumnPart> {
    let mut top = 0;
    let reaches = |height: &usize| {
        top += height;
        level < top
    };
    parts.get(heights.iter().position(reaches)?)
}

/// The outcomes of a column that are too small to draw.
fn missing(parts: &[ColumnPart], counts: &[u64], heights: &[usize]) -> Vec<Outcome> {
    let is_missing = |outcome: &Outcome| {
        let of =
            parts.iter().zip(counts).zip(heights).filter(|((part, _), _)| part.outcome == *outcome);
        let (count, height) = of.fold((0_u128, 0), |(sum, levels), ((_, count), height)| {
            (sum + u128::from(*count), levels + height)
        });
        count > 0 && height == 0
    };
    OUTCOMES.into_iter().filter(is_missing).collect()
}

fn push_cell(
    line: &mut String,
    lower: Option<&ColumnPart>,
    upper: Option<&ColumnPart>,
    width: usize,
    style: ChartStyle,
) {
    let gap = usize::from(width > 1);
    let bar = width - gap;
    match (lower, upper) {
        (None, _) => line.push_str(&" ".repeat(bar)),
        (Some(low), _) if !style.colour || style.ascii => {
            line.push_str(&style.paint(&low.letter.to_string().repeat(bar), low.colour));
        }
        (Some(low), Some(up)) if low.colour == up.colour => {
            line.push_str(&low.colour.paint(&"█".repeat(bar)));
        }
        (Some(low), Some(up)) => line.push_str(&low.colour.paint_on(up.colour, &"▄".repeat(bar))),
        (Some(low), None) => line.push_str(&low.colour.paint(&"▄".repeat(bar))),
    }
    line.push_str(&" ".repeat(gap));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::test_support::half_cells;
    use super::*;

    const PLAIN: ChartStyle = ChartStyle { colour: false, ascii: false };
    const COLOUR: ChartStyle = ChartStyle { colour: true, ascii: false };

    const PARTS: [ColumnPart; 3] = [
        ColumnPart { colour: Colour::Green, letter: 'D', outcome: Outcome::Delivered },
        ColumnPart { colour: Colour::Amber, letter: 'P', outcome: Outcome::Pending },
        ColumnPart { colour: Colour::Red, letter: 'R', outcome: Outcome::Failed },
    ];

    fn drawn(counts: &[Vec<u64>], style: ChartStyle, width: usize) -> ColumnChartText {
        let text = draw_columns(&ColumnChart { counts, parts: &PARTS, width }, style);
        assert_eq!(text.lines.len(), HEIGHT);
        text
    }

    /// Three columns, of which the highest has 16 messages.
    fn sixteen() -> Vec<Vec<u64>> {
        vec![vec![12, 0, 4], vec![0, 0, 0], vec![2, 0, 0]]
    }

    #[test]
    fn without_colour_the_parts_are_letters() {
        let chart = drawn(&sixteen(), PLAIN, 1);
        let lines = ["R  ", "R  ", "D  ", "D  ", "D  ", "D  ", "D  ", "D  ", "D  ", "D D"];
        assert_eq!((chart.lines, chart.greatest), (lines.map(String::from).to_vec(), 16));
        assert_eq!(chart.marks, "");
    }

    #[test]
    fn with_colour_a_character_shows_two_levels() {
        let chart = drawn(&sixteen(), COLOUR, 3);
        assert_eq!(chart.lines[0], Colour::Red.paint("██") + "       ");
        assert_eq!(chart.lines[2], Colour::Green.paint_on(Colour::Red, "▄▄") + "       ");
        assert_eq!(
            chart.lines[8],
            Colour::Green.paint("██") + "    " + &Colour::Green.paint("▄▄") + " "
        );
    }

    #[test]
    fn outcomes_too_small_to_draw_have_a_mark_and_no_area() {
        let counts = [vec![996, 1, 3], vec![1000, 0, 0], vec![120, 0, 4], vec![0, 1, 2]];
        let chart = drawn(&counts, PLAIN, 3);
        assert!(!chart.lines.concat().contains(['R', 'P']), "{:#?}", chart.lines);
        assert_eq!(chart.marks, "~!    !  ~!");
        assert_eq!(chart.marked, [Outcome::Pending, Outcome::Failed]);
        let chart = drawn(&counts, PLAIN, 1);
        assert_eq!((chart.marks.as_str(), chart.has_several), ("* !*", true));
    }

    proptest! {
        #[test]
        fn drawn_shares_are_the_true_ones_to_a_step(
            counts in prop::collection::vec(
                prop::collection::vec(prop_oneof![Just(0), 0_u64..30, 0_u64..2000], 3),
                1..6,
            ),
        ) {
            let greatest = counts.iter().map(|column| column.iter().sum::<u64>()).max().unwrap();
            for style in [PLAIN, COLOUR] {
                let chart = drawn(&counts, style, 2);
                let lines: Vec<_> = chart.lines.iter().map(|line| half_cells(line)).collect();
                for (at, column) in counts.iter().enumerate() {
                    for (part, count) in PARTS.iter().zip(column) {
                        // A lower half block is like a left one: the first half has its own colour,
                        // the second the colour of the background.
                        let halves = lines.iter().flat_map(|line| line.iter().skip(at * 4).take(2));
                        let is_shown = |half: &&Option<(char, Option<u8>)>| match half {
                            Some((_, Some(colour))) => *colour == part.colour.number(),
                            Some((letter, None)) => *letter == part.letter,
                            None => false,
                        };
                        let drawn = halves.filter(is_shown).count();
                        let per_line = style.steps_per_cell();
                        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
                        let (exact, drawn) = (
                            *count as f64 * (HEIGHT * per_line) as f64 / greatest.max(1) as f64,
                            (drawn * per_line) as f64 / 2.0,
                        );
                        prop_assert!((exact - drawn).abs() <= 1.0, "{exact} {drawn} {chart:#?}");
                    }
                }
            }
        }
    }
}
