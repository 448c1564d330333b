//! The style of charts: colours, names and marks of outcomes, and lines of legends.

use omnilogs::Outcome;
use omnilogs::sink::Colour;
use omnilogs::sink::width::wrap_words;

/// How a chart is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ChartStyle {
    /// Whether the meaning of a part is its colour, and not a letter.
    pub(crate) colour: bool,
    /// Whether only ASCII is used.
    pub(crate) ascii: bool,
}

impl ChartStyle {
    /// The steps per character: with colour, one in the foreground and one in the background.
    pub(super) fn steps_per_cell(self) -> usize {
        if self.colour && !self.ascii { 2 } else { 1 }
    }

    /// The text, in this colour if colours are used.
    pub(crate) fn paint(self, text: &str, colour: Colour) -> String {
        if self.colour { colour.paint(text) } else { text.to_owned() }
    }
}

/// The outcomes in the order in which bars are made of them.
pub(crate) const OUTCOMES: [Outcome; 3] = [Outcome::Delivered, Outcome::Pending, Outcome::Failed];

/// The mark beside a bar for an outcome with messages that are too few for a step of the bar.
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

/// Entries on as many lines as they need, each entry with its width, which colours do not change. An
/// entry is broken only if it alone is wider than `width`.
pub(crate) fn joined(entries: Vec<(String, usize)>, width: usize) -> Vec<String> {
    const GAP: &str = "  ";
    let mut lines: Vec<(String, usize)> = Vec::new();
    for (entry, taken) in entries {
        match lines.last_mut() {
            Some((line, used)) if *used + GAP.len() + taken <= width => {
                line.extend([GAP, entry.as_str()]);
                *used += GAP.len() + taken;
            }
            _ if taken <= width => lines.push((entry, taken)),
            _ => lines.push((wrap_words(&entry, width, 2), width)),
        }
    }
    lines.into_iter().map(|(line, _)| line).collect()
}

/// Lines of at most this width with the meanings of the marks; none without marks.
pub(crate) fn legend_of_marks(
    marked: &[Outcome],
    has_several: bool,
    width: usize,
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
    joined(entries, width)
}
