//! How a chart is drawn, and the mark of an outcome that is too small to draw.

use omnilogs::Outcome;
use omnilogs::sink::Colour;

/// What a chart may be drawn with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ChartStyle {
    /// Colour tells what a part means, else a letter does.
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

/// What the marks mean; nothing when there are none.
pub(crate) fn legend_of_marks(marked: &[Outcome], style: ChartStyle) -> Option<String> {
    let names: Vec<_> = OUTCOMES
        .into_iter()
        .filter(|outcome| marked.contains(outcome))
        .map(|outcome| {
            let mark = style.paint(mark(outcome), outcome_colour(outcome));
            format!("{mark} {}", outcome_name(outcome))
        })
        .collect();
    (!names.is_empty()).then(|| format!("too few to draw: {}", names.join("  ")))
}
