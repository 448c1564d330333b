//! The record of each run that writes to an archive.

use super::account::AccountId;

/// The number of a run within one store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(pub i64);

/// The part of the record that is known when a run begins.
#[derive(Clone, Debug)]
pub struct RunStart<'a> {
    /// The account whose messages it writes.
    pub account: AccountId,
    /// The time of this machine, in milliseconds since 1970.
    pub started: i64,
    /// The program and its command.
    pub program: &'a str,
    /// The name of the machine that it runs on.
    pub host: &'a str,
}

/// The figures of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunCounts {
    /// Requests that were sent.
    pub requests: u64,
    /// Rows that were received.
    pub rows: u64,
    /// Messages that the archive did not have.
    pub new: u64,
    /// New versions of messages that the archive had.
    pub changed: u64,
    /// The server's clock minus the clock of this machine, in milliseconds; `None` if no response
    /// was received.
    pub clock_offset: Option<i64>,
}

/// A run as the archive records it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRecord {
    /// Its number.
    pub id: RunId,
    /// The account whose messages it wrote.
    pub account: AccountId,
    /// When it began, in milliseconds since 1970.
    pub started: i64,
    /// When it ended; `None` for a run that is in progress or was killed.
    pub ended: Option<i64>,
    /// How it ended: a word, such as `complete`; empty while it runs.
    pub outcome: String,
    /// Its figures.
    pub counts: RunCounts,
    /// The program and its command.
    pub program: String,
    /// The name of the machine that it ran on.
    pub host: String,
}
