//! Converts errors of SQLite to errors of the store.

use std::path::Path;

use rusqlite::{ErrorCode, ffi};

use super::file;
use crate::archive::error::StoreError;

/// Why a transaction failed, before the name of the archive is known.
#[derive(Debug)]
pub(super) enum DatabaseFailure {
    /// SQLite failed.
    Database(rusqlite::Error),
    /// The archive contradicts itself, for this reason.
    Damage(&'static str),
    /// The store itself failed the transaction.
    Store(StoreError),
}

impl From<rusqlite::Error> for DatabaseFailure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

impl From<StoreError> for DatabaseFailure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl DatabaseFailure {
    /// The error of the store with this name.
    pub(super) fn named(self, name: &str) -> StoreError {
        match self {
            Self::Database(error) => store_error(name, &error),
            Self::Damage(reason) => {
                StoreError::Damaged { name: name.to_owned(), reason: reason.to_owned() }
            }
            Self::Store(error) => error,
        }
    }
}

/// Converts an error of SQLite to one of the store with this name.
pub(super) fn store_error(name: &str, error: &rusqlite::Error) -> StoreError {
    let name = name.to_owned();
    // The tables are strict, so that only damage gives a column a value of another type.
    if let rusqlite::Error::InvalidColumnType(..)
    | rusqlite::Error::FromSqlConversionFailure(..)
    | rusqlite::Error::IntegralValueOutOfRange(..)
    | rusqlite::Error::Utf8Error(..) = error
    {
        return StoreError::Damaged { name, reason: error.to_string() };
    }
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            StoreError::Damaged { name, reason: error.to_string() }
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            StoreError::Busy { name, holder: None }
        }
        Some(ErrorCode::ReadOnly) => StoreError::ReadOnly { name },
        Some(ErrorCode::DiskFull) => StoreError::Full { name },
        _ => match obstacle(Path::new(&name), error) {
            Some(Obstacle::FileSizeLimit) => StoreError::FileTooLarge { name },
            Some(Obstacle::NoSpace) => StoreError::Full { name },
            None => StoreError::Io { name, reason: error.to_string() },
        },
    }
}

/// Whether SQLite could not create the index of the log (`-shm`), or make it larger.
pub(super) fn lacks_log_index(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_extended_error_code(),
        Some(ffi::SQLITE_IOERR_SHMOPEN | ffi::SQLITE_IOERR_SHMSIZE | ffi::SQLITE_IOERR_SHMMAP)
    )
}

/// What keeps a file from growing.
enum Obstacle {
    FileSizeLimit,
    NoSpace,
}

/// Finds why the files of an archive could not grow. SQLite reports a full disk only for its database
/// and its log, and does not pass on the error number of the system: for the index of the log, for a new
/// file and at a file size limit, its message only says that it failed.
fn obstacle(path: &Path, error: &rusqlite::Error) -> Option<Obstacle> {
    let grows = match error.sqlite_extended_error_code()? {
        // These come only from `ftruncate` and `write` on a file that begins empty.
        ffi::SQLITE_IOERR_SHMOPEN | ffi::SQLITE_IOERR_SHMSIZE => Some(Obstacle::NoSpace),
        ffi::SQLITE_IOERR_WRITE
        | ffi::SQLITE_IOERR_TRUNCATE
        | ffi::SQLITE_IOERR_FSYNC
        | ffi::SQLITE_IOERR_DIR_FSYNC
        | ffi::SQLITE_IOERR_SHMMAP
        | ffi::SQLITE_CANTOPEN => file::has_no_space(path).then_some(Obstacle::NoSpace),
        _ => return None,
    };
    if file::is_at_size_limit(path) { Some(Obstacle::FileSizeLimit) } else { grows }
}
