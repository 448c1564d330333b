//! One page on its way into a store, and what became of its rows.

use super::account::AccountId;
use super::lease::Lease;
use super::ledger::ListedRange;
use super::run::RunId;
use crate::model::Log;

/// One page to write, in one transaction: rows and coverage, or nothing.
#[derive(Clone, Debug)]
pub struct PageWrite<'a> {
    /// The right to write; the same transaction checks and renews it.
    pub lease: &'a Lease,
    /// The time of this machine, in milliseconds since 1970; from it the renewed lease counts.
    pub now: i64,
    /// Whose messages they are.
    pub account: AccountId,
    /// The run that received them.
    pub run: RunId,
    /// When the server sent them, by its own clock, in milliseconds since 1970.
    pub seen_at: i64,
    /// The rows, in any order; the same row may be there more than once.
    pub logs: &'a [Log],
    /// What the page proves; `None` when it proves nothing, as for imported rows.
    pub covers: Option<ListedRange<'a>>,
}

/// What became of the rows of one or more pages. Each row counts once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PageCounts {
    /// Messages that the archive did not have.
    pub new: u64,
    /// New texts of messages that the archive had.
    pub changed: u64,
    /// Texts that the archive had.
    pub unchanged: u64,
    /// Rows that were left out because their destination or id was erased.
    pub suppressed: u64,
    /// Rows of the above, without the suppressed ones, that are not a JSON object in UTF-8. They are
    /// kept as they are.
    pub faulty: u64,
}

impl PageCounts {
    /// Adds the counts of another page.
    pub fn add(&mut self, other: Self) {
        self.new += other.new;
        self.changed += other.changed;
        self.unchanged += other.unchanged;
        self.suppressed += other.suppressed;
        self.faulty += other.faulty;
    }

    /// How many rows there were.
    #[must_use]
    pub fn rows(self) -> u64 {
        self.new + self.changed + self.unchanged + self.suppressed
    }
}
