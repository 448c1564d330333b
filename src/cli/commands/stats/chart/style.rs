//! How a chart is drawn, and the mark of an outcome that is too small to draw.

use omnilogs::Outcome;
use omnilogs::sink::Colour;

/// What a chart may be drawn with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ChartStyle {
    /// Colour shows what a part means, else a letter does.
    pub(crate) colour: bool,
    /// Nothing but ASCII.
    pub(crate) ascii: bool,
}

impl ChartStyle {
    /// Steps that a character shows: with colour, one in its own and one in its background.
    pub(super) fn steps_per_cell(self) -> usize {
        if self.colour && !self.ascii { 2 } else { 1 }
    }

    /// The text, in this colour if there is any.
    pub(crate) fn paint(self, text: &str, colour: Colour) -> String {
        if self.colour { colour.paint(text) } else { text.to_owned() }
    }
}

/// The outcomes in the order in which bars are made of them.
pub(crate) const OUTCOMES: [Outcome; 3] = [Outcome::Delivered, Outcome::Pending, Outcome::Failed];

/// What is put beside a bar for an outcome that has messages, but too few for a step of the bar.
pub(crate) fn mark(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Delivered => "+",
        Outcome::Pending => "~",
        Outcome::Failed => "!",
    }
}

/// The colour of an outcome.
pub(crate) fn outcome_colour(outcome: Outcome) -> Colour {
    match outcome {
        Outcome::Delivered => Colour::Green,
        Outcome::Pending => Colour::Amber,
        Outcome::Failed => Colour::Red,
    }
}

/// The word for an outcome.
pub(crate) fn outcome_name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Delivered => "delivered",
        Outcome::Pending => "pending",
        Outcome::Failed => "failed",
    }
}

/// The character for several marks where there is room for one.
pub(crate) const SEVERAL: &str = "*";

/// Lines of at most this width that say what the marks mean; none when there are no marks.
pub(crate) fn legend_of_marks(
    marked: &[Outcome],
    has_several: bool,
    width: Option<usize>,
    style: ChartStyle,
) -> Vec<String> {
    if marked.is_empty() {
        return Vec::new();
    }
    let mut entries = vec![("too few to draw:".to_owned(), "too few to draw:".len())];
    for outcome in OUTCOMES.into_iter().filter(|outcome| marked.contains(outcome)) {
        let (mark, name) = (mark(outcome), outcome_name(outcome));
        let painted = style.paint(mark, outcome_colour(outcome));
        entries.push((format!("{painted} {name}"), mark.len() + 1 + name.len()));
    }
    if has_several {
        let entry = format!("{SEVERAL} several");
        entries.push((entry.clone(), entry.len()));
    }
    let mut lines: Vec<(String, usize)> = Vec::new();
    for (entry, taken) in entries {
        match lines.last_mut() {
            Some((line, used)) if *used + 2 + taken <= width.unwrap_or(usize::MAX) => {
                line.push_str("  ");
                line.push_str(&entry);
                *used += 2 + taken;
            }
            _ => lines.push((entry, taken)),
        }
    }
    lines.into_iter().map(|(line, _)| line).collect()
}
