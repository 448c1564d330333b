//! Converts errors of SQLite to errors of the store.

use rusqlite::ErrorCode;

use crate::archive::error::StoreError;

/// Why a transaction failed, before the name of the archive is known.
#[derive(Debug)]
pub(super) enum DatabaseFailure {
    /// SQLite failed.
    Database(rusqlite::Error),
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
            Self::Store(error) => error,
        }
    }
}

/// Converts an error of SQLite to one of the store with this name.
pub(super) fn store_error(name: &str, error: &rusqlite::Error) -> StoreError {
    let name = name.to_owned();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            StoreError::Damaged { name, reason: error.to_string() }
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            StoreError::Busy { name, holder: None }
        }
        Some(ErrorCode::ReadOnly) => StoreError::ReadOnly { name },
        Some(ErrorCode::DiskFull) => StoreError::Full { name },
        _ => StoreError::Io { name, reason: error.to_string() },
    }
}
