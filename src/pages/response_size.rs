//! Whether an answer is as full as this server makes them.
//!
//! A server may give fewer rows than it is asked for, so a short answer proves nothing by itself.

/// How full an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fill {
    /// There was room for more rows.
    Short,
    /// Fewer rows than asked for, but no answer has held more: it may be cut off.
    Perhaps,
    /// There was no room for more rows.
    Full,
}

/// What is known of the most rows that the server gives.
pub(super) struct Cap {
    /// Rows of the fullest answer.
    largest: usize,
    /// Whether the answer before this one held fewer rows than asked for.
    was_short: bool,
    /// Whether rows were seen that a short answer ought to have held.
    lower_than_asked: bool,
    /// Answers with fewer rows are not taken for cut off without proof.
    least: usize,
}

impl Cap {
    pub(super) fn new(least: usize) -> Self {
        Self { largest: 0, was_short: false, lower_than_asked: false, least }
    }

    /// Takes note of an answer that continues the one before it, and judges it. `brought_new` says
    /// that it held rows which the one before it ought to have held, had there been room.
    pub(super) fn note(&mut self, sent: usize, asked: usize, brought_new: bool) -> Fill {
        self.lower_than_asked |= self.was_short && brought_new;
        self.was_short = sent < asked;
        self.largest = self.largest.max(sent);
        if sent >= asked || (self.lower_than_asked && sent >= self.largest) {
            Fill::Full
        } else if sent >= self.largest.max(self.least).max(1) {
            Fill::Perhaps
        } else {
            Fill::Short
        }
    }

    /// Takes it for known that the server gives fewer rows than it is asked for.
    pub(super) fn is_lower_than_asked(&mut self) {
        self.lower_than_asked = true;
    }

    /// Whether an answer may have been cut off.
    pub(super) fn may_cut(&self, sent: usize, asked: usize) -> bool {
        sent >= asked.min(self.largest.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_answer_is_full_once_it_was_seen_to_be_cut_off() {
        let mut cap = Cap::new(50);
        assert_eq!(cap.note(100, 1000, false), Fill::Perhaps);
        assert_eq!(cap.note(100, 1000, true), Fill::Full);
        assert_eq!(cap.note(99, 1000, false), Fill::Short);
    }

    #[test]
    fn a_handful_of_rows_is_not_taken_for_a_cut_off_answer() {
        let mut cap = Cap::new(50);
        assert_eq!(cap.note(3, 1000, false), Fill::Short);
        assert_eq!(cap.note(0, 1000, false), Fill::Short);
        assert_eq!(cap.note(1000, 1000, false), Fill::Full);
    }
}
