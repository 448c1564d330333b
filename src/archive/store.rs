//! What a database must do to hold an archive.
//!
//! The algorithm of the sync, the commands and the listings use this trait and nothing else of a
//! database. So there is no SQL here, no key that only one database has, and no clock: every time is
//! an argument, in milliseconds since 1970.
//!
//! Every method is one transaction, or one snapshot when it reads. A method that fails has changed
//! nothing, unless its documentation says otherwise, and can be called again.

use super::account::{Account, AccountId};
use super::error::StoreError;
use super::lease::{Lease, LeaseRequest};
use super::ledger::{GapRecord, Ledger, Scope};
use super::maintenance::{
    AccountFigures, Deleted, Erasure, ErasureReport, Prune, PruneStep, StoreFigures, Verification,
    VerifyDepth,
};
use super::message_columns::MessageKey;
use super::page_write::{PageCounts, PageWrite};
use super::run::{RunCounts, RunId, RunRecord, RunStart};
use super::selection::{Cursor, PendingMessage, Selection, StoredRow, StoredVersion};
use crate::model::TimeRange;

/// A database that holds an archive.
///
/// # Errors
/// Every method fails with [`StoreError::Busy`], [`StoreError::Damaged`], [`StoreError::Full`],
/// [`StoreError::ReadOnly`] or [`StoreError::Io`] when the database does. Methods that take a
/// [`Lease`] fail with [`StoreError::LeaseLost`] when another program has taken it since.
pub trait Store: Send {
    /// The path or address of the archive, as messages name it; without a password.
    fn name(&self) -> &str;

    /// Whether programs of several machines may use it, so that the process id of a holder of the
    /// lease says nothing about this machine.
    fn is_shared(&self) -> bool {
        false
    }

    /// Takes the lease for [`Lease::MILLIS`] from `request.now` on.
    ///
    /// # Errors
    /// [`StoreError::Busy`] with the holder when another program has it.
    fn take_lease(&mut self, request: &LeaseRequest<'_>) -> Result<Lease, StoreError>;

    /// Makes the lease valid for [`Lease::MILLIS`] from `now` on. Writing a page does so too; this
    /// is for long waits.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] when another program has taken it.
    fn renew_lease(&mut self, lease: &Lease, now: i64) -> Result<(), StoreError>;

    /// Gives the lease back. When another program has taken it, nothing happens.
    ///
    /// # Errors
    /// When the database fails.
    fn release_lease(&mut self, lease: &Lease) -> Result<(), StoreError>;

    /// The accounts, in the order of their numbers.
    ///
    /// # Errors
    /// When the database fails.
    fn accounts(&mut self) -> Result<Vec<Account>, StoreError>;

    /// The number of an account, which is added if the archive does not have it.
    ///
    /// # Errors
    /// [`StoreError::OtherServer`] when the archive has it with another base URL: the messages of
    /// two servers are never mixed.
    fn add_account(
        &mut self,
        lease: &Lease,
        name: &str,
        base_url: &str,
    ) -> Result<AccountId, StoreError>;

    /// Records that a run begins.
    ///
    /// # Errors
    /// When the database fails or the lease is lost.
    fn begin_run(&mut self, lease: &Lease, start: &RunStart<'_>) -> Result<RunId, StoreError>;

    /// Records how a run ended: a word for `outcome`, such as `complete` or `gaps`.
    ///
    /// # Errors
    /// When the database fails or the lease is lost.
    fn end_run(
        &mut self,
        lease: &Lease,
        run: RunId,
        ended: i64,
        outcome: &str,
        counts: &RunCounts,
    ) -> Result<(), StoreError>;

    /// The latest runs of an account, the newest first, `most` at most.
    ///
    /// # Errors
    /// When the database fails.
    fn runs(&mut self, account: AccountId, most: usize) -> Result<Vec<RunRecord>, StoreError>;

    /// Writes one page in one transaction: renews the lease, leaves out suppressed rows, keeps every
    /// text that is new, makes the version with the greatest (rank, time first seen) the one that
    /// counts, and records the coverage. The parts of recorded gaps that the page covers are removed
    /// from them, unless they are lost.
    ///
    /// When this returns, the page survives a power failure. Writing the same page again changes
    /// nothing, so that a page can be repeated when it is not known whether it was written. The order
    /// in which pages are written does not matter.
    ///
    /// # Errors
    /// When the database fails or the lease is lost; then nothing of the page is in the archive.
    fn write_page(&mut self, page: &PageWrite<'_>) -> Result<PageCounts, StoreError>;

    /// What was listed, and where messages may be missing.
    ///
    /// # Errors
    /// When the database fails.
    fn ledger(&mut self, account: AccountId, scope: Scope<'_>) -> Result<Ledger, StoreError>;

    /// Sets [`Ledger::start`], unless it is set: the earliest time of sending that the archive is
    /// meant to hold.
    ///
    /// # Errors
    /// When the database fails or the lease is lost.
    fn set_start(
        &mut self,
        lease: &Lease,
        account: AccountId,
        scope: Scope<'_>,
        start: i64,
    ) -> Result<(), StoreError>;

    /// Joins the pieces of the ledger that touch and end at or before this time. The server has
    /// forgotten those times, so that it no longer matters when each of them was listed.
    ///
    /// # Errors
    /// When the database fails or the lease is lost.
    fn fold_ledger(
        &mut self,
        lease: &Lease,
        account: AccountId,
        scope: Scope<'_>,
        before: i64,
    ) -> Result<(), StoreError>;

    /// Records a gap. One with the same range and reason stays as it was recorded first, except that
    /// it becomes lost when the new one is, and holds the greater `at_least`.
    ///
    /// # Errors
    /// When the database fails or the lease is lost.
    fn record_gap(
        &mut self,
        lease: &Lease,
        account: AccountId,
        scope: Scope<'_>,
        gap: &GapRecord,
    ) -> Result<(), StoreError>;

    /// Marks the gaps of an account that were not acknowledged; how many there were.
    ///
    /// # Errors
    /// When the database fails or the lease is lost.
    fn acknowledge_gaps(
        &mut self,
        lease: &Lease,
        account: AccountId,
        now: i64,
    ) -> Result<u64, StoreError>;

    /// A number that a program keeps under a name from run to run, such as the time of its last
    /// refresh; `None` when it was never set.
    ///
    /// # Errors
    /// When the database fails.
    fn bookmark(&mut self, account: AccountId, name: &str) -> Result<Option<i64>, StoreError>;

    /// Sets a number that [`bookmark`](Self::bookmark) returns.
    ///
    /// # Errors
    /// When the database fails or the lease is lost.
    fn set_bookmark(
        &mut self,
        lease: &Lease,
        account: AccountId,
        name: &str,
        value: i64,
    ) -> Result<(), StoreError>;

    /// Messages of a range that are not final, the oldest first, behind `after` if that is given,
    /// `most` at most.
    ///
    /// # Errors
    /// When the database fails.
    fn pending(
        &mut self,
        account: AccountId,
        range: TimeRange,
        after: Option<&PendingMessage>,
        most: usize,
    ) -> Result<Vec<PendingMessage>, StoreError>;

    /// How many messages of a range are not final.
    ///
    /// # Errors
    /// When the database fails.
    fn count_pending(&mut self, account: AccountId, range: TimeRange) -> Result<u64, StoreError>;

    /// How many messages of a range the archive has.
    ///
    /// # Errors
    /// When the database fails.
    fn count_messages(&mut self, account: AccountId, range: TimeRange) -> Result<u64, StoreError>;

    /// Reads the messages of a selection, the newest first, behind `after` if that is given, `most`
    /// at most; fewer only when there are no more.
    ///
    /// # Errors
    /// When the database fails.
    fn rows(
        &mut self,
        selection: &Selection,
        after: Option<&Cursor>,
        most: usize,
    ) -> Result<Vec<StoredRow>, StoreError>;

    /// Every text that the archive has of a message, in the order in which they were first seen;
    /// none for a message that it does not have.
    ///
    /// # Errors
    /// When the database fails.
    fn versions(
        &mut self,
        account: AccountId,
        key: &MessageKey,
    ) -> Result<Vec<StoredVersion>, StoreError>;

    /// The figures of an account.
    ///
    /// # Errors
    /// When the database fails.
    fn account_figures(&mut self, account: AccountId) -> Result<AccountFigures, StoreError>;

    /// The figures of the whole store.
    ///
    /// # Errors
    /// When the database fails.
    fn figures(&mut self) -> Result<StoreFigures, StoreError>;

    /// What pruning would delete. Nothing is deleted.
    ///
    /// # Errors
    /// When the database fails.
    fn count_prunable(&mut self, prune: &Prune) -> Result<Deleted, StoreError>;

    /// Deletes at most `most` old messages with their texts in one transaction, the oldest first.
    /// The first step, which has no `after`, also takes the time before [`Prune::before`] out of the
    /// ledger, which no longer proves anything about it.
    ///
    /// # Errors
    /// When the database fails or the lease is lost; what earlier steps deleted stays deleted.
    fn prune(
        &mut self,
        lease: &Lease,
        prune: &Prune,
        after: Option<&Cursor>,
        most: usize,
    ) -> Result<PruneStep, StoreError>;

    /// What erasing would delete. Nothing is deleted.
    ///
    /// # Errors
    /// When the database fails.
    fn count_erasable(&mut self, erasure: &Erasure) -> Result<Deleted, StoreError>;

    /// Deletes the messages of a target with every text of them, keeps a mark so that the next sync
    /// does not bring them back, and records that something was erased, without what. Then it looks
    /// for the number or id in the archive's bytes and says how often it is still there.
    ///
    /// # Errors
    /// When the database fails or the lease is lost.
    fn erase(&mut self, lease: &Lease, erasure: &Erasure) -> Result<ErasureReport, StoreError>;

    /// Returns free space to the system. It needs as much space again while it works, and no other
    /// program can write meanwhile.
    ///
    /// # Errors
    /// When the database fails or the lease is lost.
    fn compact(&mut self, lease: &Lease) -> Result<(), StoreError>;

    /// Checks the archive, and changes nothing.
    ///
    /// # Errors
    /// When the database fails for another reason than damage, which is reported.
    fn verify(&mut self, depth: VerifyDepth) -> Result<Verification, StoreError>;

    /// Computes the columns of every message again from its texts; how many messages that changed.
    ///
    /// # Errors
    /// When the database fails or the lease is lost; what was computed until then stays.
    fn rebuild(&mut self, lease: &Lease) -> Result<u64, StoreError>;
}
