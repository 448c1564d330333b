//! A chart of shares over time: a few lines from 0 to 100 %.

use omnilogs::sink::Colour;

use super::ChartStyle;
use super::proportion::rounded;

/// Lines of the chart.
pub(crate) const SHARE_LINES: usize = 3;

/// Parts of a character, the full one last.
const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Thirds of a character, the full one last, where only ASCII is used.
const ASCII: [char; 3] = ['.', ':', '#'];
/// The bottom of a column whose share is too small to draw.
const TOO_SMALL: char = '_';

/// A share, which is one column: the part of a whole, and the colour. Nothing is drawn for a whole
/// of 0.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Share {
    pub(crate) whole: u64,
    pub(crate) part: u64,
    pub(crate) colour: Colour,
}

/// Draws a column for each share, as high as its share of the lines and `width` characters wide. The
/// top line comes first.
pub(crate) fn draw_shares(shares: &[Share], width: usize, style: ChartStyle) -> Vec<String> {
    let ramp: &[char] = if style.ascii { &ASCII } else { &BLOCKS };
    let line = |line: usize| {
        let mut text = String::new();
        for share in shares {
            let character = character(*share, line, ramp);
            let cell: String = std::iter::repeat_n(character, width).collect();
            if character == ' ' {
                text.push_str(&cell);
            } else {
                text.push_str(&style.paint(&cell, share.colour));
            }
        }
        text
    };
    (0..SHARE_LINES).rev().map(line).collect()
}

/// The character of a share on a line, counted from the bottom.
fn character(share: Share, line: usize, ramp: &[char]) -> char {
    let steps = rounded(u128::from(share.part), share.whole, SHARE_LINES * ramp.len());
    let filled = steps.saturating_sub(line * ramp.len()).min(ramp.len());
    match filled.checked_sub(1).and_then(|at| ramp.get(at)) {
        Some(part) => *part,
        None if line == 0 && share.whole > 0 => TOO_SMALL,
        None => ' ',
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::test_support::half_cells;
    use super::*;

    fn share(whole: u64, part: u64) -> Share {
        Share { whole, part, colour: Colour::Green }
    }

    fn drawn(shares: &[Share], width: usize, ascii: bool) -> Vec<String> {
        draw_shares(shares, width, ChartStyle { colour: false, ascii })
    }

    #[test]
    fn a_column_is_as_high_as_its_share_of_all_lines() {
        let shares = [share(10, 10), share(2, 1), share(3, 1), share(9, 0), share(0, 0)];
        assert_eq!(drawn(&shares, 1, false), ["█    ", "█▄   ", "███_ "]);
        assert_eq!(drawn(&shares, 2, true), ["##        ", "##::      ", "######__  "]);
    }

    proptest! {
        #[test]
        fn no_share_is_drawn_wrong_by_a_step(
            shares in prop::collection::vec((0_u64..3000, 0_u64..=1000), 1..80),
            colour in any::<bool>(),
            ascii in any::<bool>(),
            width in 1_usize..4,
        ) {
            let shares: Vec<Share> =
                shares.iter().map(|(whole, of)| share(*whole, whole * of / 1000)).collect();
            let lines = draw_shares(&shares, width, ChartStyle { colour, ascii });
            prop_assert_eq!(lines.len(), SHARE_LINES);
            let ramp: &[char] = if ascii { &ASCII } else { &BLOCKS };
            for (at, share) in shares.iter().enumerate() {
                let shown: Vec<Option<char>> = lines
                    .iter()
                    .map(|line| half_cells(line)[at * width * 2].map(|(letter, _)| letter))
                    .collect();
                let steps: usize = shown
                    .iter()
                    .flatten()
                    .map(|letter| ramp.iter().position(|part| part == letter).map_or(0, |at| at + 1))
                    .sum();
                let all = (SHARE_LINES * ramp.len()) as u128;
                let (whole, part) = (u128::from(share.whole), u128::from(share.part));
                // Half a step at most, multiplied by the whole so that nothing is rounded.
                prop_assert!((steps as u128 * whole).abs_diff(part * all) * 2 <= whole);
                // A full line is below every line that has something.
                let filled = shown.iter().skip_while(|letter| letter.is_none());
                prop_assert!(filled.clone().skip(1).all(|letter| *letter == ramp.last().copied()));
                prop_assert_eq!(shown[SHARE_LINES - 1].is_none(), share.whole == 0);
                prop_assert_eq!(
                    shown[SHARE_LINES - 1] == Some(TOO_SMALL), steps == 0 && share.whole > 0
                );
            }
        }
    }
}
