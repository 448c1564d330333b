//! Opens an archive, or creates it.

use std::path::Path;
use std::time::Duration;

use ring::rand::{SecureRandom, SystemRandom};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior, params};

use super::database::Database;
use super::database_error::store_error;
use super::file::{self, Found};
use super::schema;
use crate::archive::error::StoreError;

/// What is done with an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenMode {
    /// It is only read, and must exist. Nothing is written to it.
    Read,
    /// It is written to, and must exist.
    Write,
    /// It is written to, and created if it does not exist.
    Create,
}

/// How an archive is opened.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct SqliteOptions {
    /// What is done with it.
    pub mode: OpenMode,
    /// Uses it on a network file system too, where it can be damaged.
    pub allows_network: bool,
    /// How long a write waits for another program to finish its own.
    pub busy_timeout: Duration,
}

impl SqliteOptions {
    /// For this use.
    #[must_use]
    pub const fn new(mode: OpenMode) -> Self {
        Self { mode, allows_network: false, busy_timeout: Duration::from_secs(10) }
    }
}

pub(super) fn open(path: &Path, options: SqliteOptions) -> Result<Database, StoreError> {
    let name = path.display().to_string();
    if file::examine(path, &name)? == Found::Nothing {
        if options.mode != OpenMode::Create {
            return Err(StoreError::Missing { name });
        }
        file::make_folder(path, &name)?;
    }
    let path = file::resolved(path, &name)?;
    if !options.allows_network {
        file::refuse_network(&path, &name)?;
    }
    if options.mode == OpenMode::Create && file::examine(&path, &name)? == Found::Nothing {
        file::make_file(&path, &name)?;
        create(&path, &name, options)?;
    }
    if options.mode != OpenMode::Read {
        file::make_private(&path, &name)?;
    }
    let connection = connect(&path, options).map_err(|error| store_error(&name, &error))?;
    Ok(Database { connection, name })
}

fn connect(path: &Path, options: SqliteOptions) -> rusqlite::Result<Connection> {
    let access = match options.mode {
        OpenMode::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
        OpenMode::Write | OpenMode::Create => OpenFlags::SQLITE_OPEN_READ_WRITE,
    };
    // Without the flag for URIs: a path that begins with "file:" is a path.
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(options.busy_timeout)?;
    // With the query planner held stable, a partial index does not make SQLite compile a statement
    // again for every row.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cache_size", -16384)?;
    if options.mode != OpenMode::Read {
        // What is in the log after a commit survives a power failure.
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "secure_delete", true)?;
        connection.pragma_update(None, "wal_autocheckpoint", 8192)?;
        // Nothing of a message is to be left in a temporary file.
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        let mode: String =
            connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
        debug_assert_eq!(mode, "wal");
    }
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// Makes the tables in an empty file. It becomes an archive in one transaction, written before the
/// log is used, so that the header of the file says what it is from then on.
fn create(path: &Path, name: &str, options: SqliteOptions) -> Result<(), StoreError> {
    let key = suppression_key(name)?;
    let make = || -> rusqlite::Result<()> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        let mut connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(options.busy_timeout)?;
        connection.pragma_update(None, "page_size", 8192)?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let made: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
        // Another program may have made them since the file was examined.
        if made == 0 {
            transaction.execute_batch(schema::TABLES)?;
            let insert = "INSERT INTO meta (key, value) VALUES ('suppression_key', ?1)";
            transaction.execute(insert, params![key])?;
            transaction.pragma_update(None, "application_id", schema::APPLICATION_ID)?;
            transaction.pragma_update(None, "user_version", schema::VERSION)?;
        }
        transaction.commit()
    };
    make().map_err(|error| store_error(name, &error))
}

/// The key of the hashes that keep an erased number from coming back.
fn suppression_key(name: &str) -> Result<[u8; 32], StoreError> {
    let mut key = [0; 32];
    SystemRandom::new().fill(&mut key).map_err(|_| StoreError::Io {
        name: name.to_owned(),
        reason: "the system has no random numbers".to_owned(),
    })?;
    Ok(key)
}
