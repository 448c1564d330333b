//! What a part of a chart means, and how that is shown.

use std::fmt::Write as _;

use omnilogs::StatusGroup;

/// What a chart may be drawn with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    /// Colour tells what a part means, else a letter does.
    pub(crate) colour: bool,
    /// Nothing but ASCII.
    pub(crate) ascii: bool,
}

/// A colour with a meaning, of the terminal's own palette, so that it suits its background.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ink {
    /// It arrived.
    Good,
    /// Nobody knows yet.
    Open,
    /// It did not arrive.
    Bad,
    /// Time ran out.
    Late,
    /// A status that nobody has published.
    Unknown,
    /// Says nothing of success.
    Plain,
}

impl Ink {
    /// The colour of a status group, as everywhere in this program.
    pub(crate) fn of(group: Option<StatusGroup>) -> Self {
        match group {
            Some(StatusGroup::Delivered) => Self::Good,
            Some(StatusGroup::Accepted | StatusGroup::Pending) => Self::Open,
            Some(StatusGroup::Undeliverable | StatusGroup::Rejected) => Self::Bad,
            Some(StatusGroup::Expired) => Self::Late,
            None => Self::Unknown,
        }
    }

    /// The number of the colour: 3 before it is the foreground, 4 the background.
    fn number(self) -> u8 {
        match self {
            Self::Bad => 1,
            Self::Good => 2,
            Self::Open => 3,
            Self::Late => 5,
            Self::Unknown => 6,
            Self::Plain => 9,
        }
    }
}

/// Puts a text in its colour on, on the background of another, if there is one.
pub(crate) fn paint(line: &mut String, text: &str, ink: Ink, behind: Option<Ink>) {
    // Writing to a String cannot fail.
    let _ = match behind {
        Some(behind) => {
            write!(line, "\x1b[3{};4{}m{text}\x1b[0m", ink.number(), behind.number())
        }
        None if ink == Ink::Plain => write!(line, "{text}"),
        None => write!(line, "\x1b[3{}m{text}\x1b[0m", ink.number()),
    };
}
