//! The trait of a database that holds an archive.
//!
//! Syncs, commands and listings use a database through this trait only. It must not contain SQL, a
//! key that only one database has, or a clock: every time is an argument, in milliseconds since
//! 1970.
//!
//! Every method is one transaction, or one snapshot if it reads. A method that fails changes
//! nothing, unless its documentation says otherwise, and can be called again.

use super::account::{Account, AccountId};
use super::error::StoreError;
use super::lease::{Lease, LeaseRequest};
use super::ledger::{GapRecord, Ledger, LedgerPiece, Scope};
use super::maintenance::{
    AccountFigures, DeletedCounts, Erasure, ErasureReport, PruneOptions, PruneStep, StoreFigures,
    Verification, VerifyDepth,
};
use super::message_columns::MessageKey;
use super::page_write::{PageCounts, PageWrite};
use super::run::{RunCounts, RunId, RunRecord, RunStart};
use super::selection::{Cursor, PendingMessage, Selection, StoredRow, StoredVersion};
use super::stored_rows::StoredRows;
use crate::model::TimeRange;

/// A database that holds an archive.
///
/// # Errors
/// Every method returns [`StoreError::Busy`], [`StoreError::Damaged`], [`StoreError::Full`],
/// [`StoreError::FileTooLarge`], [`StoreError::ReadOnly`], [`StoreError::Io`] or, for a database on a
/// server, [`StoreError::Unreachable`] or [`StoreError::Refused`] when the database fails. Methods that
/// take a [`Lease`] return [`StoreError::LeaseLost`] if another program has taken it since.
pub trait Store: Send {
    /// The path or address of the archive, as messages name it; without a password.
    fn name(&self) -> &str;

    /// Whether programs on several machines may use the archive. If so, the process id of a lease
    /// holder may be one of another machine.
    fn is_shared(&self) -> bool {
        false
    }

    /// Takes the lease for [`Lease::MILLIS`] from `request.now` on.
    ///
    /// # Errors
    /// [`StoreError::Busy`] with the holder if another program has the lease.
    fn take_lease(&mut self, request: &LeaseRequest<'_>) -> Result<Lease, StoreError>;

    /// Makes the lease valid for [`Lease::MILLIS`] from `now` on. Writing a page does so too; this
    /// method is for long waits between pages.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] if another program has taken the lease.
    fn renew_lease(&mut self, lease: &Lease, now: i64) -> Result<(), StoreError>;

    /// Gives the lease back. If another program has taken it, nothing happens.
    ///
    /// # Errors
    /// When the database fails.
    fn release_lease(&mut self, lease: &Lease) -> Result<(), StoreError>;

    /// The accounts, in the order of their numbers.
    ///
    /// # Errors
    /// When the database fails.
    fn accounts(&mut self) -> Result<Vec<Account>, StoreError>;

    /// Returns the number of an account, and adds the account if the archive does not have it.
    /// `base_url` is empty if the server is not known, which fits every account.
    ///
    /// An account whose server is not known, or that has no message and for which nothing was
    /// listed, gets this base URL: a first sync with a wrong one would otherwise spoil the account.
    ///
    /// # Errors
    /// [`StoreError::OtherServer`] if the archive has messages or coverage of the account from
    /// another base URL: the messages of two servers are never mixed.
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

    /// Records how a run ended; `outcome` is a word such as `complete` or `gaps`.
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

    /// The latest `limit` runs of an account, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    fn runs(&mut self, account: AccountId, limit: usize) -> Result<Vec<RunRecord>, StoreError>;

    /// Writes one page in one transaction: renews the lease, leaves out suppressed rows, adds a
    /// version for each new row text, makes the version with the greatest (rank, time first seen)
    /// the current one, and records the coverage. Recorded gaps lose the parts that the page covers,
    /// except gaps that are lost.
    ///
    /// When this method returns, the page survives a power failure. Writing the same page again
    /// changes nothing, so that a caller that does not know whether a page was written can repeat
    /// it. The order in which pages are written does not matter.
    ///
    /// # Errors
    /// When the database fails or the lease is lost; then the archive holds nothing of the page.
    fn write_page(&mut self, page: &PageWrite<'_>) -> Result<PageCounts, StoreError>;

    /// The ledger of an account and a scope: what was listed, and where messages may be missing.
    ///
    /// # Errors
    /// When the database fails.
    fn ledger(&mut self, account: AccountId, scope: Scope<'_>) -> Result<Ledger, StoreError>;

    /// Sets [`Ledger::start`], the earliest time of sending that the archive is meant to hold,
    /// unless it is set already.
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

    /// Replaces a piece of the ledger by a part of it, or removes it, because it claims more than the
    /// listing proved.
    ///
    /// # Errors
    /// When the database fails or the lease is lost.
    fn correct_ledger(
        &mut self,
        lease: &Lease,
        account: AccountId,
        scope: Scope<'_>,
        piece: LedgerPiece,
        part: Option<LedgerPiece>,
    ) -> Result<(), StoreError>;

    /// Joins the pieces of the ledger that touch and end at or before this time. Messages of those
    /// times have expired, so that it no longer matters when each piece was listed.
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

    /// Records a gap. If a gap with the same range and reason is recorded already, that one stays,
    /// takes the earlier `found` and the greater `at_least`, and becomes lost or acknowledged if the
    /// new one is.
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

    /// Acknowledges the gaps of an account, and returns how many were not acknowledged before.
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
    /// refresh; `None` if it was never set.
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

    /// The first `limit` messages of a range whose status is not final, the oldest first, from the
    /// one that follows `after` if that is given.
    ///
    /// # Errors
    /// When the database fails.
    fn pending(
        &mut self,
        account: AccountId,
        range: TimeRange,
        after: Option<&PendingMessage>,
        limit: usize,
    ) -> Result<Vec<PendingMessage>, StoreError>;

    /// The number of messages of a range whose status is not final.
    ///
    /// # Errors
    /// When the database fails.
    fn count_pending(&mut self, account: AccountId, range: TimeRange) -> Result<u64, StoreError>;

    /// The number of messages of a range.
    ///
    /// # Errors
    /// When the database fails.
    fn count_messages(&mut self, account: AccountId, range: TimeRange) -> Result<u64, StoreError>;

    /// A number that changes with each write of another program; `None` if
    /// [`count_without_index`](Self::count_without_index) is not needed, because the database itself
    /// notices a page that was replaced by another one.
    ///
    /// # Errors
    /// When the database fails.
    fn change_number(&mut self) -> Result<Option<i64>, StoreError> {
        Ok(None)
    }

    /// The number of messages of an account or of all accounts, found without the indexes by which
    /// they are read; `None` if another program has written since the
    /// [`change_number`](Self::change_number) was this one. A store that can prove that there are no
    /// others than those that were `read` does not need to count them.
    ///
    /// # Errors
    /// When the database fails.
    fn count_without_index(
        &mut self,
        _account: Option<AccountId>,
        _change_number: i64,
        _read: u64,
    ) -> Result<Option<u64>, StoreError> {
        Ok(None)
    }

    /// The number of messages with the ids of a selection or with its id prefix, of its account, found
    /// without the index of ids; `None` if another program has written since the
    /// [`change_number`](Self::change_number) was this one, or if it would take long.
    ///
    /// # Errors
    /// When the database fails.
    fn count_ids_without_index(
        &mut self,
        _selection: &Selection,
        _change_number: i64,
    ) -> Result<Option<u64>, StoreError> {
        Ok(None)
    }

    /// Reads the first `limit` messages of a selection into `rows`, in place of what these had: the
    /// newest first, from the one that follows `after` if that is given. Fewer rows mean that no
    /// further message fits. It does not compare the rows with their hashes: that can be done on any
    /// thread.
    ///
    /// # Errors
    /// When the database fails.
    fn read_rows(
        &mut self,
        selection: &Selection,
        after: Option<&Cursor>,
        limit: usize,
        rows: &mut StoredRows,
    ) -> Result<(), StoreError>;

    /// Like [`read_rows`](Self::read_rows), with a text of its own for each row.
    /// [`StoredRow::is_intact`] compares a row with its hash.
    ///
    /// # Errors
    /// When the database fails.
    fn rows(
        &mut self,
        selection: &Selection,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<Vec<StoredRow>, StoreError> {
        let mut rows = StoredRows::default();
        self.read_rows(selection, after, limit, &mut rows)?;
        Ok(rows.to_rows())
    }

    /// The versions of a message, in the order in which they were first seen; empty for a message
    /// that the archive does not have. It does not compare them with their hashes:
    /// [`StoredVersion::is_intact`] does.
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

    /// Counts what pruning would delete, and deletes nothing.
    ///
    /// # Errors
    /// When the database fails.
    fn count_prunable(&mut self, prune: &PruneOptions) -> Result<DeletedCounts, StoreError>;

    /// Deletes the `limit` oldest of the old messages, with their versions, in one transaction. The
    /// first step, which has no `after`, also removes the time before [`PruneOptions::before`] from
    /// the ledger, which can no longer prove that the archive holds every message of that time.
    ///
    /// # Errors
    /// When the database fails or the lease is lost; what earlier steps deleted stays deleted.
    fn prune(
        &mut self,
        lease: &Lease,
        prune: &PruneOptions,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<PruneStep, StoreError>;

    /// Counts what erasing would delete, and deletes nothing.
    ///
    /// # Errors
    /// When the database fails.
    fn count_erasable(&mut self, erasure: &Erasure) -> Result<DeletedCounts, StoreError>;

    /// Deletes the messages of a target with all their versions, keeps a mark so that the next sync
    /// does not bring them back, and records that an erasure took place, but not of what. Then
    /// searches the bytes of the archive for the number or id, and counts what it finds.
    ///
    /// # Errors
    /// When the database fails or the lease is lost.
    fn erase(&mut self, lease: &Lease, erasure: &Erasure) -> Result<ErasureReport, StoreError>;

    /// Returns free space to the system. While this runs, it can need as much disk space again as
    /// the archive takes, and no other program can write.
    ///
    /// # Errors
    /// When the database fails or the lease is lost.
    fn compact(&mut self, lease: &Lease) -> Result<(), StoreError>;

    /// Checks the archive, and changes nothing. Damage is part of the [`Verification`].
    ///
    /// # Errors
    /// When the database fails for another reason than damage.
    fn verify(&mut self, depth: VerifyDepth) -> Result<Verification, StoreError>;

    /// Computes the columns of every message again from its versions. Returns the number of
    /// messages whose columns changed.
    ///
    /// # Errors
    /// When the database fails or the lease is lost; the columns that were written until then stay.
    fn rebuild(&mut self, lease: &Lease) -> Result<u64, StoreError>;
}
