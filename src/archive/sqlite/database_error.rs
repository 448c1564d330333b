//! Converts errors of SQLite to errors of the store.

use rusqlite::ErrorCode;

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
        _ => StoreError::Io { name, reason: error.to_string() },
    }
}
