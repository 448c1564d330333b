//! The connection to SQLite, and how transactions are run on it.

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
    /// Which file it was when it was opened.
    file: FileId,
}

impl Database {
    /// The archive that is open under this path.
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
            // Nothing was written, so that ending the transaction has nothing to save.
            read(&transaction)
        };
        run().map_err(|failure| failure.named(name))
    }

    /// Writes in one transaction, which is undone when anything fails.
    pub(super) fn write<T>(
        &mut self,
        write: impl FnOnce(&Transaction<'_>) -> Result<T, DatabaseFailure>,
    ) -> Result<T, StoreError> {
        let (name, path, file) = (&self.name, &self.path, self.file);
        let run = || -> Result<T, DatabaseFailure> {
            let transaction =
                self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            // What is written to a file that was deleted is lost.
            if FileId::of(path).ok() != Some(file) {
                return Err(StoreError::Missing { name: name.clone() }.into());
            }
            let value = write(&transaction)?;
            transaction.commit()?;
            Ok(value)
        };
        run().map_err(|failure| failure.named(name)).map_err(|error| error.with_name(&self.name))
    }

    /// Writes in one transaction if the lease is still that of its holder.
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

    /// Writes the file again without its free space.
    pub(super) fn compact(&mut self) -> Result<(), StoreError> {
        self.run(|connection| {
            connection.execute_batch("VACUUM")?;
            Ok(())
        })?;
        self.empty_log()
    }

    /// Moves what is in the log into the archive, and empties the log. Where another program is
    /// reading, some of it stays for now.
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

/// What tells a file from another one that took its path.
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
