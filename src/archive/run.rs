//! The record that each writing run leaves in the archive.

use super::account::AccountId;

/// The number of a run within one store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(pub i64);

/// What is known when a run begins.
#[derive(Clone, Debug)]
pub struct RunStart<'a> {
    /// Whose messages it writes.
    pub account: AccountId,
    /// The time of this machine, in milliseconds since 1970.
    pub started: i64,
    /// The program and what it does.
    pub program: &'a str,
    /// The machine that it runs on.
    pub host: &'a str,
}

/// What a run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunCounts {
    /// Requests that were sent.
    pub requests: u64,
    /// Rows that were received.
    pub rows: u64,
    /// Messages that the archive did not have.
    pub new: u64,
    /// New texts of messages that the archive had.
    pub changed: u64,
    /// The server's clock minus that of this machine, in milliseconds; `None` when the server was
    /// not reached.
    pub clock_offset: Option<i64>,
}

/// A run as the archive records it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRecord {
    /// Its number.
    pub id: RunId,
    /// Whose messages it wrote.
    pub account: AccountId,
    /// When it began, in milliseconds since 1970.
    pub started: i64,
    /// When it ended; `None` for a run that is in progress or was killed.
    pub ended: Option<i64>,
    /// How it ended: a word, such as `complete`; empty while it runs.
    pub outcome: String,
    /// What it did.
    pub counts: RunCounts,
    /// The program and what it did.
    pub program: String,
    /// The machine that it ran on.
    pub host: String,
}
