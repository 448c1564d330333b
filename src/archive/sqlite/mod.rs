//! An archive in one SQLite file.
//!
//! Only this module uses SQLite. Every write is one transaction that takes the write lock when it
//! begins, so that it never fails halfway because of another writer.

mod current_version;
mod database;
mod database_error;
mod erasing;
mod figures;
mod file;
mod leases;
mod ledgers;
mod migration;
mod open;
mod pages;
mod pruning;
mod reading;
mod rebuilding;
mod runs;
mod schema;
mod verifying;

pub use open::{OpenMode, SqliteOptions};

use std::path::{Path, PathBuf};

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
use super::selection::{Cursor, PendingMessage, Selection, StoredVersion};
use super::store::Store;
use super::stored_rows::StoredRows;
use crate::model::TimeRange;
use database::Database;

/// An archive in one SQLite file.
#[derive(Debug)]
pub struct SqliteStore {
    database: Database,
}

impl SqliteStore {
    /// Opens the archive at this path, or creates it if the options say so.
    ///
    /// A file that is not an archive, is damaged, or was written by a newer version is refused and
    /// not changed. Only the owner can read and write a new file and a new folder.
    ///
    /// # Errors
    /// When the path cannot be used, or the file is not an archive that this version can use.
    pub fn open(path: &Path, options: SqliteOptions) -> Result<Self, StoreError> {
        Ok(Self { database: open::open(path, options)? })
    }

    /// The files of an archive at this path: the database, and the files beside it in which SQLite
    /// keeps its write-ahead log.
    #[must_use]
    pub fn files(path: &Path) -> [PathBuf; 3] {
        file::files(path)
    }
}

impl Store for SqliteStore {
    fn name(&self) -> &str {
        &self.database.name
    }

    fn take_lease(&mut self, request: &LeaseRequest<'_>) -> Result<Lease, StoreError> {
        let taken = self.database.write(|transaction| leases::take(transaction, request));
        taken.map_err(|error| leases::with_holder(error, &self.database.connection, request.now))
    }

    fn renew_lease(&mut self, lease: &Lease, now: i64) -> Result<(), StoreError> {
        self.database.write(|transaction| leases::renew(transaction, lease, now))
    }

    fn release_lease(&mut self, lease: &Lease) -> Result<(), StoreError> {
        self.database.write(|transaction| leases::release(transaction, lease))
    }

    fn accounts(&mut self) -> Result<Vec<Account>, StoreError> {
        self.database.read(runs::accounts)
    }

    fn add_account(
        &mut self,
        lease: &Lease,
        name: &str,
        base_url: &str,
    ) -> Result<AccountId, StoreError> {
        self.database
            .write_under(lease, |transaction| runs::add_account(transaction, name, base_url))
    }

    fn begin_run(&mut self, lease: &Lease, start: &RunStart<'_>) -> Result<RunId, StoreError> {
        self.database.write_under(lease, |transaction| runs::begin(transaction, start))
    }

    fn end_run(
        &mut self,
        lease: &Lease,
        run: RunId,
        ended: i64,
        outcome: &str,
        counts: &RunCounts,
    ) -> Result<(), StoreError> {
        self.database
            .write_under(lease, |transaction| runs::end(transaction, run, ended, outcome, counts))
    }

    fn runs(&mut self, account: AccountId, limit: usize) -> Result<Vec<RunRecord>, StoreError> {
        self.database.read(|connection| runs::latest(connection, account, limit))
    }

    fn write_page(&mut self, page: &PageWrite<'_>) -> Result<PageCounts, StoreError> {
        self.database.write(|transaction| pages::write(transaction, page))
    }

    fn ledger(&mut self, account: AccountId, scope: Scope<'_>) -> Result<Ledger, StoreError> {
        self.database.read(|connection| ledgers::ledger(connection, account, scope))
    }

    fn set_start(
        &mut self,
        lease: &Lease,
        account: AccountId,
        scope: Scope<'_>,
        start: i64,
    ) -> Result<(), StoreError> {
        self.database.write_under(lease, |transaction| {
            ledgers::set_start(transaction, account, scope, start)
        })
    }

    fn correct_ledger(
        &mut self,
        lease: &Lease,
        account: AccountId,
        scope: Scope<'_>,
        piece: LedgerPiece,
        part: Option<LedgerPiece>,
    ) -> Result<(), StoreError> {
        self.database.write_under(lease, |transaction| {
            ledgers::replace(transaction, account, scope, &[piece], part.as_slice())
        })
    }

    fn fold_ledger(
        &mut self,
        lease: &Lease,
        account: AccountId,
        scope: Scope<'_>,
        before: i64,
    ) -> Result<(), StoreError> {
        self.database
            .write_under(lease, |transaction| ledgers::fold(transaction, account, scope, before))
    }

    fn record_gap(
        &mut self,
        lease: &Lease,
        account: AccountId,
        scope: Scope<'_>,
        gap: &GapRecord,
    ) -> Result<(), StoreError> {
        self.database
            .write_under(lease, |transaction| ledgers::record_gap(transaction, account, scope, gap))
    }

    fn acknowledge_gaps(
        &mut self,
        lease: &Lease,
        account: AccountId,
        now: i64,
    ) -> Result<u64, StoreError> {
        self.database
            .write_under(lease, |transaction| ledgers::acknowledge(transaction, account, now))
    }

    fn bookmark(&mut self, account: AccountId, name: &str) -> Result<Option<i64>, StoreError> {
        self.database.read(|connection| runs::bookmark(connection, account, name))
    }

    fn set_bookmark(
        &mut self,
        lease: &Lease,
        account: AccountId,
        name: &str,
        value: i64,
    ) -> Result<(), StoreError> {
        self.database
            .write_under(lease, |transaction| runs::set_bookmark(transaction, account, name, value))
    }

    fn pending(
        &mut self,
        account: AccountId,
        range: TimeRange,
        after: Option<&PendingMessage>,
        limit: usize,
    ) -> Result<Vec<PendingMessage>, StoreError> {
        self.database.read(|connection| reading::pending(connection, account, range, after, limit))
    }

    fn count_pending(&mut self, account: AccountId, range: TimeRange) -> Result<u64, StoreError> {
        self.database.read(|connection| reading::count_pending(connection, account, range))
    }

    fn count_messages(&mut self, account: AccountId, range: TimeRange) -> Result<u64, StoreError> {
        self.database.read(|connection| reading::count_messages(connection, account, range))
    }

    fn change_number(&mut self) -> Result<Option<i64>, StoreError> {
        self.database.read(|connection| Ok(Some(reading::change_number(connection)?)))
    }

    fn count_without_index(
        &mut self,
        account: Option<AccountId>,
        change_number: i64,
        read: u64,
    ) -> Result<Option<u64>, StoreError> {
        self.database.read(|connection| {
            reading::count_without_index(connection, account, change_number, read)
        })
    }

    fn count_ids_without_index(
        &mut self,
        selection: &Selection,
        change_number: i64,
    ) -> Result<Option<u64>, StoreError> {
        self.database.read(|connection| {
            reading::count_ids_without_index(connection, selection, change_number)
        })
    }

    fn read_rows(
        &mut self,
        selection: &Selection,
        after: Option<&Cursor>,
        limit: usize,
        rows: &mut StoredRows,
    ) -> Result<(), StoreError> {
        self.database.read(|connection| reading::rows(connection, selection, after, limit, rows))
    }

    fn versions(
        &mut self,
        account: AccountId,
        key: &MessageKey,
    ) -> Result<Vec<StoredVersion>, StoreError> {
        self.database.read(|connection| reading::versions(connection, account, key))
    }

    fn account_figures(&mut self, account: AccountId) -> Result<AccountFigures, StoreError> {
        self.database.read(|connection| figures::of_account(connection, account))
    }

    fn figures(&mut self) -> Result<StoreFigures, StoreError> {
        self.database.read(figures::of_store)
    }

    fn count_prunable(&mut self, prune: &PruneOptions) -> Result<DeletedCounts, StoreError> {
        self.database.read(|connection| pruning::count(connection, prune))
    }

    fn prune(
        &mut self,
        lease: &Lease,
        prune: &PruneOptions,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<PruneStep, StoreError> {
        self.database
            .write_under(lease, |transaction| pruning::step(transaction, prune, after, limit))
    }

    fn count_erasable(&mut self, erasure: &Erasure) -> Result<DeletedCounts, StoreError> {
        self.database.read(|connection| erasing::count(connection, &erasure.target))
    }

    fn erase(&mut self, lease: &Lease, erasure: &Erasure) -> Result<ErasureReport, StoreError> {
        erasing::erase(&mut self.database, lease, erasure)
    }

    fn compact(&mut self, lease: &Lease) -> Result<(), StoreError> {
        self.database.write_under(lease, |_| Ok(()))?;
        self.database.compact()
    }

    fn verify(&mut self, depth: VerifyDepth) -> Result<Verification, StoreError> {
        let mut found = self.database.read(|connection| verifying::verify(connection, depth))?;
        let cut = file::cut(&self.database.path).filter(|_| !found.problems.is_empty());
        found.problems.splice(0..0, cut.map(|cut| format!("the file: {cut}")));
        Ok(found)
    }

    fn rebuild(&mut self, lease: &Lease) -> Result<u64, StoreError> {
        rebuilding::rebuild(&mut self.database, lease)
    }
}

#[cfg(test)]
mod tests;
