//! The types for counting, pruning, erasing and verifying the contents of an archive.

use super::account::AccountId;
use super::selection::Cursor;

/// The size and the time range of one account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccountFigures {
    /// Messages in the archive.
    pub messages: u64,
    /// The earliest time of sending of a message, in milliseconds since 1970; `None` if the archive
    /// has no message.
    pub oldest: Option<i64>,
    /// The latest time of sending of a message, in milliseconds since 1970; `None` if the archive
    /// has no message.
    pub newest: Option<i64>,
}

/// The size of a whole store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoreFigures {
    /// Messages in the archive, over all accounts.
    pub messages: u64,
    /// Versions in the archive, over all messages.
    pub versions: u64,
    /// Bytes that the archive takes on the disk.
    pub bytes: u64,
    /// The part of these bytes that is free for further messages, and that compacting returns to the
    /// system; `None` if the store does not know it.
    pub free_bytes: Option<u64>,
    /// The number of erasures.
    pub erasures: u64,
}

/// Which messages a prune deletes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PruneOptions {
    /// The account; `None` for every account.
    pub account: Option<AccountId>,
    /// Deletes messages that were sent before this time, in milliseconds since 1970.
    pub before: i64,
    /// Keeps messages whose final status is a failure.
    pub keeps_failed: bool,
}

/// How much was deleted or, in a dry run, would be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeletedCounts {
    /// Messages.
    pub messages: u64,
    /// Versions of these messages.
    pub versions: u64,
}

impl DeletedCounts {
    /// Adds the counts of another step.
    pub fn add(&mut self, other: Self) {
        self.messages += other.messages;
        self.versions += other.versions;
    }
}

/// The result of one step of pruning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PruneStep {
    /// What it deleted.
    pub deleted: DeletedCounts,
    /// Where the next step continues; `None` if nothing is left to delete.
    pub next: Option<Cursor>,
}

/// Which messages an erasure deletes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErasureTarget {
    /// The messages to this destination, in any notation of its number.
    Destination(String),
    /// The messages with this message id, on every channel.
    MessageId(String),
}

/// An erasure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// Which messages it deletes.
    pub target: ErasureTarget,
    /// The current time, in milliseconds since 1970.
    pub now: i64,
    /// Until when [`Store::write_page`](super::Store::write_page) leaves out rows of the target, in
    /// milliseconds since 1970: until they expire on the server.
    pub suppressed_until: i64,
}

/// What an erasure deleted, and what it left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ErasureReport {
    /// What was deleted.
    pub deleted: DeletedCounts,
    /// Other messages that contain the number or id, for example in their text. They are not
    /// deleted.
    pub mentions: u64,
    /// How often the bytes of the archive contain the number or id after the erasure.
    pub found: u64,
}

/// How thoroughly an archive is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerifyDepth {
    /// Checks its structure, its references and the ledger.
    Structure,
    /// Also checks the hash of every version, and the columns of every message.
    Full,
}

/// The result of checking an archive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    /// Messages that were checked.
    pub messages: u64,
    /// Versions that were checked.
    pub versions: u64,
    /// The problems that were found, as clauses; empty if the archive is intact.
    pub problems: Vec<String>,
    /// Messages whose columns differ from their current version. The versions themselves are intact,
    /// and [`Store::rebuild`](super::Store::rebuild) corrects the columns.
    pub stale_messages: u64,
}
