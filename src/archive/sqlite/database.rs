//! The connection to SQLite, and the transactions on it.

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::database_error::DatabaseFailure;
use super::{file, leases};
use crate::archive::error::StoreError;
use crate::archive::lease::Lease;

/// An open archive.
#[derive(Debug)]
pub(super) struct Database {
    pub(super) connection: Connection,
    /// The path, for messages.
    pub(super) name: String,
    /// The path with its folder resolved.
    pub(super) path: PathBuf,
    /// The identity of the file when it was opened.
    file: FileId,
}

impl Database {
    /// The archive at this path, which `connection` has opened.
    pub(super) fn new(
        connection: Connection,
        name: String,
        path: PathBuf,
    ) -> Result<Self, StoreError> {
        let file = FileId::of(&path).map_err(|error| file::io_error(&name, &error))?;
        Ok(Self { connection, name, path, file })
    }

    /// Reads within one snapshot.
    pub(super) fn read<T>(
        &mut self,
        read: impl FnOnce(&Connection) -> Result<T, DatabaseFailure>,
    ) -> Result<T, StoreError> {
        let name = &self.name;
        let run = || -> Result<T, DatabaseFailure> {
            let transaction =
                self.connection.transaction_with_behavior(TransactionBehavior::Deferred)?;
            // Dropping the transaction rolls it back, which is correct because it only reads.
            read(&transaction)
        };
        run().map_err(|failure| failure.named(name))
    }

    /// Writes in one transaction, which is rolled back if anything fails.
    pub(super) fn write<T>(
        &mut self,
        write: impl FnOnce(&Transaction<'_>) -> Result<T, DatabaseFailure>,
    ) -> Result<T, StoreError> {
        let (name, path, file) = (&self.name, &self.path, self.file);
        let run = || -> Result<T, DatabaseFailure> {
            let transaction =
                self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            // Data that is written to a deleted file is lost.
            if FileId::of(path).ok() != Some(file) {
                return Err(StoreError::Missing { name: name.clone() }.into());
            }
            let value = write(&transaction)?;
            transaction.commit()?;
            Ok(value)
        };
        run().map_err(|failure| failure.named(name)).map_err(|error| error.with_name(&self.name))
    }

    /// Writes in one transaction, if no other program has taken the lease.
    pub(super) fn write_under<T>(
        &mut self,
        lease: &Lease,
        write: impl FnOnce(&Transaction<'_>) -> Result<T, DatabaseFailure>,
    ) -> Result<T, StoreError> {
        self.write(|transaction| {
            leases::check(transaction, lease)?;
            write(transaction)
        })
    }

    /// Rewrites the file without its free space.
    pub(super) fn compact(&mut self) -> Result<(), StoreError> {
        self.run(|connection| {
            connection.execute_batch("VACUUM")?;
            Ok(())
        })?;
        self.empty_log()
    }

    /// Moves the contents of the log into the archive, and empties the log. While another program
    /// reads, a part of the log can stay.
    pub(super) fn empty_log(&mut self) -> Result<(), StoreError> {
        self.run(|connection| {
            let sql = "PRAGMA wal_checkpoint(TRUNCATE)";
            connection.query_row(sql, [], |_| Ok(()))?;
            Ok(())
        })
    }

    fn run(
        &self,
        run: impl FnOnce(&Connection) -> Result<(), DatabaseFailure>,
    ) -> Result<(), StoreError> {
        run(&self.connection).map_err(|failure| failure.named(&self.name))
    }
}

/// Identifies a file, so that another file that replaced it is noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileId {
    device: u64,
    inode: u64,
}

impl FileId {
    fn of(path: &Path) -> io::Result<Self> {
        let metadata = path.symlink_metadata()?;
        Ok(Self { device: metadata.dev(), inode: metadata.ino() })
    }
}
