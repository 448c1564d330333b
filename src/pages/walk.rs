//! Where to go after an answer: further down, the same place again, into a tie, or to the end.

use super::boundary::Sifted;
use super::response_size::Fill;

/// Where the paging goes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Rows up to this end.
    Below(i64),
    /// The edge itself is the end: the server counts the end in, and newer rows fill the answer.
    AtEdge,
    /// The rows at the edge may be more than one answer holds.
    Tie {
        /// Whether that rests on a suspicion that the server gives fewer rows than it is asked for.
        suspected: bool,
    },
    /// Nowhere: the window is listed.
    End,
    /// Nowhere, though rows may be left.
    Stuck(&'static str),
}

/// No row of an answer can be paged from.
const UNDATED: &str =
    "no row of the last answer says readably when it was sent, so none older can be asked for";
/// The server ignores the end of the window.
pub(super) const BEYOND: &str =
    "the server gives rows newer than it is asked for, so none older can be asked for";

/// Decides by what an answer held. `ceiling` is the edge before it, `end` what it was asked for,
/// `until` the end of the window.
pub(super) fn next(
    sifted: &Sifted,
    fill: Fill,
    ceiling: Option<i64>,
    end: i64,
    until: i64,
) -> Next {
    if let Some(oldest) = sifted.oldest
        && ceiling.is_none_or(|ceiling| oldest < ceiling)
    {
        // One millisecond more, lest the server leaves out the bound itself.
        return Next::Below(oldest.saturating_add(1).min(until));
    }
    if fill == Fill::Short {
        return match sifted.oldest {
            _ if !sifted.any_new() => Next::End,
            Some(_) => Next::Below(end),
            None if sifted.undated => Next::Stuck(UNDATED),
            None => Next::End,
        };
    }
    if sifted.newest > Some(end) {
        return Next::Stuck(BEYOND);
    }
    if sifted.newest == Some(end) && ceiling.is_some_and(|ceiling| ceiling < end) {
        return Next::AtEdge;
    }
    match sifted.oldest {
        // Newest first: where rows from before the window follow, the window is listed.
        _ if sifted.before && !sifted.undated => Next::End,
        Some(_) => Next::Tie { suspected: fill == Fill::Perhaps },
        None => Next::Stuck(UNDATED),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: Fill = Fill::Full;

    fn sifted(oldest: Option<i64>, any_new: bool) -> Sifted {
        Sifted { oldest, newest: oldest, kept: vec![any_new], ..Sifted::default() }
    }

    #[test]
    fn the_end_moves_to_one_millisecond_above_the_oldest_row() {
        assert_eq!(next(&sifted(Some(10), true), FULL, None, 90, 90), Next::Below(11));
        assert_eq!(next(&sifted(Some(10), true), Fill::Short, Some(20), 21, 90), Next::Below(11));
        assert_eq!(next(&sifted(Some(90), true), FULL, None, 90, 90), Next::Below(90));
    }

    #[test]
    fn an_answer_with_room_left_that_brings_nothing_new_is_the_end() {
        assert_eq!(next(&sifted(Some(20), false), Fill::Short, Some(20), 21, 90), Next::End);
        assert_eq!(next(&sifted(Some(20), true), Fill::Short, Some(20), 21, 90), Next::Below(21));
    }

    #[test]
    fn a_full_answer_that_does_not_get_past_the_edge_is_a_tie_unless_newer_rows_fill_it() {
        let stuck = sifted(Some(20), false);
        assert_eq!(next(&stuck, FULL, Some(20), 21, 90), Next::Tie { suspected: false });
        assert_eq!(next(&stuck, Fill::Perhaps, Some(20), 21, 90), Next::Tie { suspected: true });
        let newer = Sifted { newest: Some(21), ..stuck };
        assert_eq!(next(&newer, FULL, Some(20), 21, 90), Next::AtEdge);
        let at_edge = sifted(Some(20), false);
        assert_eq!(next(&at_edge, FULL, Some(20), 20, 90), Next::Tie { suspected: false });
    }

    #[test]
    fn rows_without_a_readable_moment_are_no_edge() {
        let undated = Sifted { undated: true, ..sifted(None, true) };
        assert_eq!(next(&undated, Fill::Short, None, 90, 90), Next::Stuck(UNDATED));
        assert_eq!(next(&undated, FULL, Some(20), 21, 90), Next::Stuck(UNDATED));
        let repeated = Sifted { undated: true, ..sifted(None, false) };
        assert_eq!(next(&repeated, Fill::Short, Some(20), 20, 90), Next::End);
    }

    #[test]
    fn a_server_that_ignores_the_end_cannot_be_paged() {
        let beyond = Sifted { newest: Some(22), ..sifted(Some(20), false) };
        assert_eq!(next(&beyond, FULL, Some(20), 21, 90), Next::Stuck(BEYOND));
    }
}
