//! A horizontal bar, whose parts are outcomes.

use omnilogs::Outcome;

use super::proportion::lengths;
use super::style::{ChartStyle, OUTCOMES, mark, outcome_colour};

/// Columns beside a bar for the marks of outcomes that are too small to draw. A bar with a length has
/// a part for at least one of the three outcomes.
const MARK_COLUMNS: usize = 2;

/// A bar for these messages by outcome, in the order of [`OUTCOMES`], where `greatest` messages
/// fill the width; and the outcomes that have messages, but too few to draw.
pub(crate) fn draw_bar(
    counts: [u64; 3],
    greatest: u64,
    width: usize,
    style: ChartStyle,
) -> (String, Vec<Outcome>) {
    let room = width.saturating_sub(MARK_COLUMNS).max(1);
    let lengths = lengths(&counts, greatest, room * style.steps_per_cell());
    let mut steps = Vec::new();
    for (outcome, length) in OUTCOMES.into_iter().zip(&lengths) {
        steps.extend(std::iter::repeat_n(outcome, *length));
    }
    let mut bar = String::new();
    for run in runs(&steps, style.steps_per_cell()) {
        bar.push_str(&draw_run(run, style));
    }
    let cells = steps.len().div_ceil(style.steps_per_cell());
    let missing: Vec<_> = OUTCOMES
        .into_iter()
        .zip(counts)
        .zip(lengths)
        .filter(|((_, count), length)| *count > 0 && *length == 0)
        .map(|((outcome, _), _)| outcome)
        .collect();
    for outcome in missing.iter().rev().take(width.saturating_sub(cells)).rev() {
        bar.push_str(&style.paint(mark(*outcome), outcome_colour(*outcome)));
    }
    (bar, missing)
}

/// A run of equal cells: the outcomes of their two halves, and the number of cells.
type CellRun = (Outcome, Option<Outcome>, usize);

fn runs(steps: &[Outcome], steps_per_cell: usize) -> Vec<CellRun> {
    let mut runs: Vec<CellRun> = Vec::new();
    for cell in steps.chunks(steps_per_cell) {
        let [left, rest @ ..] = cell else { continue };
        let right = if steps_per_cell == 1 { Some(*left) } else { rest.first().copied() };
        match runs.last_mut() {
            Some((l, r, length)) if (*l, *r) == (*left, right) => *length += 1,
            _ => runs.push((*left, right, 1)),
        }
    }
    runs
}

fn draw_run((left, right, length): CellRun, style: ChartStyle) -> String {
    let shade = match (left, style.colour, style.ascii) {
        (_, true, false) => match right {
            Some(right) if right != left => {
                let text = "▌".repeat(length);
                return outcome_colour(left).paint_on(outcome_colour(right), &text);
            }
            Some(_) => "█",
            None => "▌",
        },
        (outcome, _, ascii) => shade(outcome, ascii),
    };
    style.paint(&shade.repeat(length), outcome_colour(left))
}

/// The character of an outcome where no coloured half blocks are used.
fn shade(outcome: Outcome, ascii: bool) -> &'static str {
    match (outcome, ascii) {
        (Outcome::Delivered, false) => "█",
        (Outcome::Pending, false) => "▒",
        (Outcome::Failed, false) => "░",
        (Outcome::Delivered, true) => "#",
        (Outcome::Pending, true) => "=",
        (Outcome::Failed, true) => "x",
    }
}

/// A character of a bar, for its legend.
pub(crate) fn sample(outcome: Outcome, style: ChartStyle) -> String {
    let is_coloured_block = style.colour && !style.ascii;
    let text = if is_coloured_block { "█" } else { shade(outcome, style.ascii) };
    style.paint(text, outcome_colour(outcome))
}

#[cfg(test)]
mod tests {
    use omnilogs::sink::Colour;
    use proptest::prelude::*;

    use super::super::test_support::half_cells;
    use super::*;

    const PLAIN: ChartStyle = ChartStyle { colour: false, ascii: false };
    const COLOUR: ChartStyle = ChartStyle { colour: true, ascii: false };
    const PIPE: ChartStyle = ChartStyle { colour: false, ascii: true };

    #[test]
    fn a_bar_shows_its_parts_and_a_mark_for_what_is_too_small() {
        let (bar, missing) = draw_bar([80, 10, 10], 100, 12, PLAIN);
        assert_eq!((bar.as_str(), missing), ("████████▒░", vec![]));
        let (bar, missing) = draw_bar([997, 2, 1], 1000, 12, PIPE);
        assert_eq!(
            (bar.as_str(), missing),
            ("##########~!", vec![Outcome::Pending, Outcome::Failed])
        );
        let (bar, _) = draw_bar([1, 1, 1], 1000, 12, PIPE);
        assert_eq!(bar, "+~!");
        assert_eq!(draw_bar([0, 0, 0], 0, 12, PIPE).0, "");
    }

    #[test]
    fn with_colour_a_character_shows_two_steps() {
        let (bar, missing) = draw_bar([50, 15, 20], 100, 12, COLOUR);
        assert_eq!(missing, []);
        let wanted = Colour::Green.paint("█████")
            + &Colour::Amber.paint("█")
            + &Colour::Amber.paint_on(Colour::Red, "▌")
            + &Colour::Red.paint("█")
            + &Colour::Red.paint("▌");
        assert_eq!(bar, wanted);
    }

    proptest! {
        #[test]
        fn drawn_shares_are_the_true_ones_to_a_step(
            counts in prop::array::uniform3(prop_oneof![Just(0), 0_u64..100, 0_u64..2000]),
            more in 0_u64..5000,
            width in 3_usize..40,
        ) {
            let greatest = counts.iter().sum::<u64>() + more;
            for style in [PLAIN, COLOUR, PIPE, ChartStyle { colour: true, ascii: true }] {
                let (bar, missing) = draw_bar(counts, greatest, width, style);
                let halves = half_cells(&bar);
                prop_assert!(halves.len() <= 2 * width, "{bar}");
                for (outcome, count) in OUTCOMES.into_iter().zip(counts) {
                    let is_shown = |half: &&Option<(char, Option<u8>)>| match half {
                        Some((_, Some(colour))) => *colour == outcome_colour(outcome).number(),
                        Some((letter, None)) => shade(outcome, style.ascii).starts_with(*letter),
                        None => false,
                    };
                    let is_mark = |half: &&Option<(char, Option<u8>)>| {
                        half.is_some_and(|(letter, _)| "+~!".contains(letter))
                    };
                    let drawn = halves.iter().filter(|h| is_shown(h) && !is_mark(h)).count();
                    let (room, per_cell) = (width.saturating_sub(2).max(1), style.steps_per_cell());
                    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
                    let (exact, drawn) = (
                        count as f64 * (room * per_cell) as f64 / greatest.max(1) as f64,
                        (drawn * per_cell) as f64 / 2.0,
                    );
                    prop_assert!((exact - drawn).abs() <= 1.0, "{outcome:?} {exact} {drawn}: {bar}");
                    let is_missing = count > 0 && drawn == 0.0;
                    prop_assert_eq!(missing.contains(&outcome), is_missing);
                    prop_assert_eq!(bar.contains(mark(outcome)), is_missing, "{}", bar);
                }
            }
        }
    }
}
