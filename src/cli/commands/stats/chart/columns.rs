//! Stacked columns that stand on an axis.

use super::{Ink, Look, in_proportion, paint, scaled, shared_out};

/// Lines that the highest column takes.
const HEIGHT: usize = 10;

/// What is drawn: for each column how much of each part, the parts from the bottom up.
#[derive(Debug)]
pub(crate) struct Columns<'c> {
    pub(crate) counts: &'c [Vec<u64>],
    /// What the parts mean: their colour, and the letter that stands for them without it.
    pub(crate) parts: &'c [(Ink, char)],
    /// Characters that a column is wide, the gap to the next one among them.
    pub(crate) width: usize,
}

/// The lines of the chart, the highest first, and the count that the highest column stands for.
pub(crate) fn draw_columns(chart: &Columns<'_>, look: Look) -> (Vec<String>, u64) {
    let greatest = chart.counts.iter().map(|column| column.iter().sum()).max().unwrap_or(0);
    // A coloured character shows two levels: one in its own colour, one in its background's.
    let per_line = if look.colour && !look.ascii { 2 } else { 1 };
    let levels = HEIGHT * per_line;
    let stacks: Vec<Vec<usize>> = chart
        .counts
        .iter()
        .map(|column| stack(column, chart.parts, scaled(column.iter().sum(), greatest, levels)))
        .collect();
    let lines = (0..HEIGHT).rev().map(|line| {
        let mut text = String::new();
        for stack in &stacks {
            let part = |level: usize| stack.get(level).and_then(|part| chart.parts.get(*part));
            let (lower, upper) = (part(line * per_line), part(line * per_line + per_line - 1));
            cell(&mut text, lower, upper, chart.width, look);
        }
        text
    });
    (lines.collect(), greatest)
}

/// The part that each level of a column belongs to, from the bottom up. Of what arrived, what is
/// undecided and what failed each is seen; only these three, since a level for each of many
/// parts would make a few failures look like half of the messages.
fn stack(column: &[u64], parts: &[(Ink, char)], levels: usize) -> Vec<usize> {
    let outcome = |ink: Ink| match ink {
        Ink::Good => 0,
        Ink::Open => 1,
        _ => 2,
    };
    let of = |wanted: usize| -> Vec<u64> {
        let counts = column.iter().zip(parts);
        counts.map(|(count, (ink, _))| if outcome(*ink) == wanted { *count } else { 0 }).collect()
    };
    let outcomes = [of(0), of(1), of(2)];
    let shares = shared_out(levels, &outcomes.each_ref().map(|counts| counts.iter().sum()));
    let mut stack = Vec::with_capacity(levels);
    for (counts, share) in outcomes.iter().zip(shares) {
        for (part, share) in in_proportion(share, counts).into_iter().enumerate() {
            stack.extend(std::iter::repeat_n(part, share));
        }
    }
    stack
}

fn cell(
    line: &mut String,
    lower: Option<&(Ink, char)>,
    upper: Option<&(Ink, char)>,
    width: usize,
    look: Look,
) {
    let gap = usize::from(width > 1);
    let bar = width - gap;
    match (lower, upper) {
        (None, _) => line.push_str(&" ".repeat(bar)),
        (Some((_, letter)), _) if !look.colour => line.push_str(&letter.to_string().repeat(bar)),
        (Some((ink, letter)), _) if look.ascii => {
            paint(line, &letter.to_string().repeat(bar), *ink, None);
        }
        (Some((low, _)), Some((up, _))) if low == up => paint(line, &"█".repeat(bar), *low, None),
        (Some((low, _)), Some((up, _))) => paint(line, &"▄".repeat(bar), *low, Some(*up)),
        (Some((low, _)), None) => paint(line, &"▄".repeat(bar), *low, None),
    }
    line.push_str(&" ".repeat(gap));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(look: Look, width: usize) -> Vec<String> {
        let columns = [vec![6, 2], vec![0, 0], vec![1, 0]];
        let parts = [(Ink::Good, 'D'), (Ink::Bad, 'R')];
        let (lines, greatest) =
            draw_columns(&Columns { counts: &columns, parts: &parts, width }, look);
        assert_eq!((lines.len(), greatest), (HEIGHT, 8));
        lines
    }

    #[test]
    fn without_colour_letters_stand_for_the_parts() {
        let lines = drawn(Look { colour: false, ascii: false }, 1);
        assert_eq!(lines, ["R  ", "R  ", "R  ", "D  ", "D  ", "D  ", "D  ", "D  ", "D  ", "D D"]);
    }

    #[test]
    fn with_colour_a_character_shows_two_levels() {
        let lines = drawn(Look { colour: true, ascii: false }, 3);
        assert_eq!(lines[0], "\x1b[31m██\x1b[0m       ");
        assert_eq!(lines[9], "\x1b[32m██\x1b[0m    \x1b[32m██\x1b[0m ");
    }

    #[test]
    fn many_kinds_of_failure_take_no_more_room_than_one() {
        let parts = [
            (Ink::Good, 'D'),
            (Ink::Late, 'E'),
            (Ink::Bad, 'U'),
            (Ink::Bad, 'R'),
            (Ink::Open, 'P'),
        ];
        let stack = stack(&[960, 10, 12, 9, 9], &parts, 10);
        assert_eq!(stack, [0, 0, 0, 0, 0, 0, 0, 0, 4, 2]);
    }

    #[test]
    fn a_pipe_gets_ascii_alone() {
        let lines = drawn(Look { colour: false, ascii: true }, 2);
        assert!(lines.iter().all(|line| line.is_ascii()));
    }
}
