//! A page that is written to a store, and the counts of its rows.

use super::account::AccountId;
use super::keyed_row::KeyedRow;
use super::lease::Lease;
use super::ledger::ListedRange;
use super::run::RunId;

/// One page to write, in one transaction: rows and coverage, or nothing.
#[derive(Clone, Debug)]
pub struct PageWrite<'a> {
    /// The right to write; the same transaction checks and renews it.
    pub lease: &'a Lease,
    /// The time of this machine, in milliseconds since 1970; the renewed lease is valid from it on.
    pub now: i64,
    /// The account that the messages belong to.
    pub account: AccountId,
    /// The run that received them.
    pub run: RunId,
    /// When the server sent the rows, by its own clock, in milliseconds since 1970.
    pub seen_at: i64,
    /// The rows, in any order; a row may occur more than once.
    pub rows: &'a [KeyedRow],
    /// The range that the page lists completely; `None` if it lists none, as for imported rows.
    pub covers: Option<ListedRange<'a>>,
}

/// The number of rows of one or more pages, by what the store did with them. Each row counts once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PageCounts {
    /// Rows of messages that the archive did not have.
    pub new: u64,
    /// Rows that became a new version of a message that the archive had.
    pub changed: u64,
    /// Rows that the archive had already.
    pub unchanged: u64,
    /// Rows that were left out because their destination or id was erased.
    pub suppressed: u64,
    /// New, changed and unchanged rows that are not a JSON object in UTF-8. They are kept as they
    /// are.
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

    /// The number of all rows.
    #[must_use]
    pub fn rows(self) -> u64 {
        self.new + self.changed + self.unchanged + self.suppressed
    }
}
