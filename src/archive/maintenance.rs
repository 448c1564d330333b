//! What is done with an archive besides reading and syncing: counting, deleting, checking.

use super::account::AccountId;
use super::selection::Cursor;

/// The figures of one account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccountFigures {
    /// Messages in the archive.
    pub messages: u64,
    /// The earliest time of sending of a message; `None` when there is none.
    pub oldest: Option<i64>,
    /// The latest time of sending of a message; `None` when there is none.
    pub newest: Option<i64>,
}

/// The figures of a whole store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoreFigures {
    /// Messages in the archive, over all accounts.
    pub messages: u64,
    /// Texts in the archive, over all messages.
    pub versions: u64,
    /// Bytes that the archive takes on the disk.
    pub bytes: u64,
    /// Bytes of these that are free for further messages, and that compacting returns; `None` when
    /// the store cannot tell.
    pub free_bytes: Option<u64>,
    /// How often something was erased.
    pub erasures: u64,
}

/// Which messages are deleted because they are old.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prune {
    /// Whose messages; `None` for every account.
    pub account: Option<AccountId>,
    /// Those that were sent before this time, in milliseconds since 1970.
    pub before: i64,
    /// Keeps messages whose final status is a failure.
    pub keeps_failed: bool,
}

/// How much was deleted, or would be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deleted {
    /// Messages.
    pub messages: u64,
    /// Texts of these messages.
    pub versions: u64,
}

impl Deleted {
    /// Adds what another step deleted.
    pub fn add(&mut self, other: Self) {
        self.messages += other.messages;
        self.versions += other.versions;
    }
}

/// What one step of pruning did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PruneStep {
    /// What it deleted.
    pub deleted: Deleted,
    /// Where the next step continues; `None` when nothing is left to delete.
    pub next: Option<Cursor>,
}

/// Whose messages are erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErasureTarget {
    /// Those to this destination, in whatever notation it is.
    Destination(String),
    /// The one with this message id, on every channel.
    MessageId(String),
}

/// What is erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// Whose messages.
    pub target: ErasureTarget,
    /// When, in milliseconds since 1970.
    pub now: i64,
    /// Until when rows of the target are left out of pages, in milliseconds since 1970: until the
    /// server has forgotten them.
    pub suppressed_until: i64,
}

/// What was erased, and what is left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ErasureReport {
    /// What was deleted.
    pub deleted: Deleted,
    /// Other messages that contain the number or id, for example in their text. They were not
    /// deleted.
    pub mentions: u64,
    /// How often the number or id was found in the bytes of the archive afterwards.
    pub found: u64,
}

/// How closely an archive is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerifyDepth {
    /// Its structure, its references and the ledger.
    Structure,
    /// Also the hash of every text, and every column against the text.
    Full,
}

/// What checking an archive found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    /// Messages that were checked.
    pub messages: u64,
    /// Texts that were checked.
    pub versions: u64,
    /// What is wrong, one sentence each; empty when nothing is.
    pub problems: Vec<String>,
    /// Messages whose columns are not those that their text has. The texts themselves are right, and
    /// rebuilding corrects the columns.
    pub stale_messages: u64,
}
