//! An archive on a PostgreSQL server, which several machines can share.
//!
//! Only this module uses PostgreSQL. Its statements must stay within the subset that distributed
//! databases with the same protocol support: keys begin with the distribution column, and nothing
//! uses sequences, advisory locks, temporary tables or locks on several rows. One program writes at
//! a time, under the lease, whose row every writing transaction locks. So nothing that a transaction
//! has read changes before it writes.

mod address;
mod current_version;
mod erasing;
mod failure;
mod figures;
mod index_text;
mod leases;
mod ledgers;
mod message_row;
mod opening;
mod pages;
mod pruning;
mod reading;
mod rebuilding;
mod runs;
mod schema;
mod server;
mod session;
mod tls;
mod verifying;

pub use address::{PostgresAddress, PostgresAddressError};
pub use schema::{Distribution, schema_sql};

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
use crate::client::Authorities;
use crate::model::TimeRange;
use ledgers::ScopedLedger;
use server::ArchiveServer;
use session::Connector;

/// How an archive on a server may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PostgresAccess {
    /// For reading only, from the server itself or from a standby.
    Read,
    /// For reading and writing.
    Write,
}

/// An archive on a PostgreSQL server.
pub struct PostgresStore {
    server: ArchiveServer,
}

impl PostgresStore {
    /// Connects to an archive, which must exist. A connection to another machine is encrypted, and
    /// trusts `authorities` instead of those of the system. If the address names an
    /// [authorities file](PostgresAddress::authorities_file), the caller reads it and passes its
    /// contents.
    ///
    /// If the connection is lost, the store connects again and repeats the transaction, for up to ten
    /// seconds.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses the user, or has no archive of this version.
    pub fn open(
        address: PostgresAddress,
        access: PostgresAccess,
        authorities: Option<&Authorities>,
    ) -> Result<Self, StoreError> {
        let mut server = ArchiveServer::new(Connector::new(address, access, authorities)?);
        opening::check(&mut server)?;
        Ok(Self { server })
    }

    /// Connects to a database in which [`make`](Self::make) creates or migrates an archive. Creates
    /// the table of the lease, which `make` needs.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses the user, or the archive has a newer version.
    pub fn prepare(
        address: PostgresAddress,
        authorities: Option<&Authorities>,
    ) -> Result<Self, StoreError> {
        let access = PostgresAccess::Write;
        let mut server = ArchiveServer::new(Connector::new(address, access, authorities)?);
        match opening::check(&mut server) {
            Err(StoreError::Missing { .. }) => opening::make_lease(&mut server)?,
            Err(StoreError::Older { .. }) | Ok(()) => {}
            Err(error) => return Err(error),
        }
        Ok(Self { server })
    }

    /// Whether the archive has the tables of the version of this program.
    ///
    /// # Errors
    /// When the server fails.
    pub fn is_made(&mut self) -> Result<bool, StoreError> {
        Ok(self.server.once(opening::version)? == schema::VERSION)
    }

    /// Creates the tables of the archive, or migrates them to the version of this program. Returns
    /// whether it created them.
    ///
    /// # Errors
    /// When the server fails or does not allow it, or the lease is lost; then nothing was changed.
    pub fn make(&mut self, lease: &Lease) -> Result<bool, StoreError> {
        Ok(opening::migrate(&mut self.server, lease)? == 0)
    }
}

impl Store for PostgresStore {
    fn name(&self) -> &str {
        self.server.name()
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn take_lease(&mut self, request: &LeaseRequest<'_>) -> Result<Lease, StoreError> {
        let mut is_repeated = false;
        self.server.write(|session| {
            let lease = leases::take(session, request, is_repeated);
            is_repeated = true;
            lease
        })
    }

    fn renew_lease(&mut self, lease: &Lease, now: i64) -> Result<(), StoreError> {
        self.server.write(|session| leases::renew(session, lease, now, 0).map(|_| ()))
    }

    fn release_lease(&mut self, lease: &Lease) -> Result<(), StoreError> {
        self.server.write(|session| leases::release(session, lease))
    }

    fn accounts(&mut self) -> Result<Vec<Account>, StoreError> {
        self.server.once(runs::accounts)
    }

    fn add_account(
        &mut self,
        lease: &Lease,
        name: &str,
        base_url: &str,
    ) -> Result<AccountId, StoreError> {
        self.server.write_under(lease, |session| runs::add_account(session, name, base_url))
    }

    fn begin_run(&mut self, lease: &Lease, start: &RunStart<'_>) -> Result<RunId, StoreError> {
        self.server.write_under(lease, |session| runs::begin(session, start))
    }

    fn end_run(
        &mut self,
        lease: &Lease,
        run: RunId,
        ended: i64,
        outcome: &str,
        counts: &RunCounts,
    ) -> Result<(), StoreError> {
        self.server.write_under(lease, |session| runs::end(session, run, ended, outcome, counts))
    }

    fn runs(&mut self, account: AccountId, limit: usize) -> Result<Vec<RunRecord>, StoreError> {
        self.server.once(|session| runs::latest(session, account, limit))
    }

    fn write_page(&mut self, page: &PageWrite<'_>) -> Result<PageCounts, StoreError> {
        let rows = pages::page_rows(page);
        self.server.write(|session| pages::write(session, page, &rows))
    }

    fn ledger(&mut self, account: AccountId, scope: Scope<'_>) -> Result<Ledger, StoreError> {
        self.server.read(|session| ScopedLedger::new(account, scope).read(session))
    }

    fn set_start(
        &mut self,
        lease: &Lease,
        account: AccountId,
        scope: Scope<'_>,
        start: i64,
    ) -> Result<(), StoreError> {
        let ledger = ScopedLedger::new(account, scope);
        self.server.write_under(lease, |session| ledger.set_start(session, start))
    }

    fn correct_ledger(
        &mut self,
        lease: &Lease,
        account: AccountId,
        scope: Scope<'_>,
        piece: LedgerPiece,
        part: Option<LedgerPiece>,
    ) -> Result<(), StoreError> {
        let ledger = ScopedLedger::new(account, scope);
        self.server.write_under(lease, |session| ledger.replace(session, &[piece], part.as_slice()))
    }

    fn fold_ledger(
        &mut self,
        lease: &Lease,
        account: AccountId,
        scope: Scope<'_>,
        before: i64,
    ) -> Result<(), StoreError> {
        let ledger = ScopedLedger::new(account, scope);
        self.server.write_under(lease, |session| ledger.fold(session, before))
    }

    fn record_gap(
        &mut self,
        lease: &Lease,
        account: AccountId,
        scope: Scope<'_>,
        gap: &GapRecord,
    ) -> Result<(), StoreError> {
        let ledger = ScopedLedger::new(account, scope);
        self.server.write_under(lease, |session| ledger.record_gap(session, gap))
    }

    fn acknowledge_gaps(
        &mut self,
        lease: &Lease,
        account: AccountId,
        now: i64,
    ) -> Result<u64, StoreError> {
        self.server.write_under(lease, |session| ledgers::acknowledge(session, account, now))
    }

    fn bookmark(&mut self, account: AccountId, name: &str) -> Result<Option<i64>, StoreError> {
        self.server.once(|session| runs::bookmark(session, account, name))
    }

    fn set_bookmark(
        &mut self,
        lease: &Lease,
        account: AccountId,
        name: &str,
        value: i64,
    ) -> Result<(), StoreError> {
        self.server.write_under(lease, |session| runs::set_bookmark(session, account, name, value))
    }

    fn pending(
        &mut self,
        account: AccountId,
        range: TimeRange,
        after: Option<&PendingMessage>,
        limit: usize,
    ) -> Result<Vec<PendingMessage>, StoreError> {
        self.server.once(|session| reading::pending(session, account, range, after, limit))
    }

    fn count_pending(&mut self, account: AccountId, range: TimeRange) -> Result<u64, StoreError> {
        self.server.once(|session| reading::count_pending(session, account, range))
    }

    fn count_messages(&mut self, account: AccountId, range: TimeRange) -> Result<u64, StoreError> {
        self.server.once(|session| reading::count_messages(session, account, range))
    }

    fn read_rows(
        &mut self,
        selection: &Selection,
        after: Option<&Cursor>,
        limit: usize,
        rows: &mut StoredRows,
    ) -> Result<(), StoreError> {
        self.server.once(|session| reading::rows(session, selection, after, limit, rows))
    }

    fn versions(
        &mut self,
        account: AccountId,
        key: &MessageKey,
    ) -> Result<Vec<StoredVersion>, StoreError> {
        self.server.once(|session| reading::versions(session, account, key))
    }

    fn account_figures(&mut self, account: AccountId) -> Result<AccountFigures, StoreError> {
        self.server.read(|session| figures::of_account(session, account))
    }

    fn figures(&mut self) -> Result<StoreFigures, StoreError> {
        self.server.read(figures::of_store)
    }

    fn count_prunable(&mut self, prune: &PruneOptions) -> Result<DeletedCounts, StoreError> {
        self.server.once(|session| pruning::count(session, prune))
    }

    fn prune(
        &mut self,
        lease: &Lease,
        prune: &PruneOptions,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<PruneStep, StoreError> {
        self.server.write_under(lease, |session| pruning::step(session, prune, after, limit))
    }

    fn count_erasable(&mut self, erasure: &Erasure) -> Result<DeletedCounts, StoreError> {
        self.server.read(|session| erasing::count(session, &erasure.target))
    }

    fn erase(&mut self, lease: &Lease, erasure: &Erasure) -> Result<ErasureReport, StoreError> {
        erasing::erase(&mut self.server, lease, erasure)
    }

    fn compact(&mut self, lease: &Lease) -> Result<(), StoreError> {
        let is_owner = self.server.write_under(lease, pruning::may_vacuum)?;
        if !is_owner {
            let reason = "only the owner of the tables may run VACUUM".to_owned();
            return Err(StoreError::Refused { name: self.name().to_owned(), reason });
        }
        self.server.once(|session| {
            for table in ["message", "version"] {
                session.run(&format!("VACUUM omnilogs.{table}"))?;
            }
            Ok(())
        })
    }

    fn verify(&mut self, depth: VerifyDepth) -> Result<Verification, StoreError> {
        self.server.read(|session| verifying::verify(session, depth))
    }

    fn rebuild(&mut self, lease: &Lease) -> Result<u64, StoreError> {
        rebuilding::rebuild(&mut self.server, lease)
    }
}
