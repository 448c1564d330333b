//! Opens an archive, or creates it.

use std::path::Path;
use std::time::{Duration, Instant};

use ring::rand::{SecureRandom, SystemRandom};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, TransactionBehavior, params};

use super::database::Database;
use super::database_error::{lacks_log_index, store_error};
use super::file::{self, FileState};
use super::{leases, migration, schema, verifying};
use crate::archive::error::StoreError;
use crate::archive::maintenance::VerifyDepth;

/// An archive that is smaller is checked each time it is opened for writing, which takes up to half a
/// second.
const MAX_QUICK_BYTES: i64 = 256 << 20;

const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// The pages of the write-ahead log, 256 MB, after which SQLite copies it into the archive. Each page of
/// rows changes most of the indexes of ids and destinations: the longer the log, the fewer times they
/// are copied.
const MAX_LOG_PAGES: i64 = 32_768;

/// The part of the archive that a connection for writing keeps in memory. It holds those indexes, which
/// are otherwise read again and again.
const WRITE_CACHE_KIB: i64 = 32 * 1024;

/// The time between two attempts to lock a file.
const LOCK_PAUSE: Duration = Duration::from_millis(50);

/// How an archive may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenMode {
    /// For reading only. The archive must exist.
    Read,
    /// For reading and writing. The archive must exist.
    Write,
    /// For reading and writing. The archive is created if it does not exist, or the file is empty.
    Create,
}

/// Options for opening an archive.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct SqliteOptions {
    /// How the archive may be used.
    pub mode: OpenMode,
    /// Allows an archive on a network file system, where it can be damaged.
    pub allows_network: bool,
    /// The current time, in milliseconds since 1970. If it is set, a large archive is checked once a
    /// day when it is opened for writing, which takes about two seconds per gigabyte.
    pub now: Option<i64>,
    /// How long a write waits for the write of another program.
    pub busy_timeout: Duration,
}

impl SqliteOptions {
    /// The default options for this mode.
    #[must_use]
    pub const fn new(mode: OpenMode) -> Self {
        Self { mode, allows_network: false, now: None, busy_timeout: Duration::from_secs(10) }
    }
}

pub(super) fn open(path: &Path, options: SqliteOptions) -> Result<Database, StoreError> {
    let name = path.display().to_string();
    let creates = options.mode == OpenMode::Create;
    match file::examine(path, &name)? {
        FileState::Archive => {}
        FileState::Nothing if !creates => return Err(StoreError::Missing { name }),
        FileState::Empty if !creates => return Err(StoreError::Empty { name }),
        FileState::Nothing | FileState::Empty => file::make_folder(path, &name)?,
    }
    let path = file::resolved(path, &name)?;
    if !options.allows_network {
        file::refuse_network(&path, &name)?;
    }
    if creates && file::examine(&path, &name)? != FileState::Archive {
        file::make_file(&path, &name)?;
        create(&path, &name, options)?;
    }
    let connection = if options.mode == OpenMode::Read {
        reader(&path, &name, options)?
    } else {
        writer(&path, &name, options)?
    };
    Database::new(connection, name, path)
}

/// Opens a connection that only reads, to an archive of this version.
fn reader(path: &Path, name: &str, options: SqliteOptions) -> Result<Connection, StoreError> {
    let connection = read_only(path, name, options)?;
    match migration::version(&connection).map_err(|error| store_error(name, &error))? {
        found if found < schema::VERSION => {
            Err(StoreError::Older { name: name.to_owned(), found, known: schema::VERSION })
        }
        _ => Ok(connection),
    }
}

/// Opens a connection that writes. A connection that only reads checks the archive first, so that a
/// file that is refused is not changed.
fn writer(path: &Path, name: &str, options: SqliteOptions) -> Result<Connection, StoreError> {
    let database = |error: rusqlite::Error| store_error(name, &error);
    file::refuse_read_only(path, name)?;
    let was_closed = file::log_is_empty(path);
    let connection = read_only(path, name, options)?;
    let check = due_check(&connection, was_closed, options).map_err(database)?;
    if check != StructureCheck::Skip {
        let problems = verifying::structure(&connection, VerifyDepth::Structure)
            .map_err(|failure| failure.named(name))?;
        if let Some(reason) = problems.into_iter().next() {
            return Err(StoreError::Damaged { name: name.to_owned(), reason });
        }
    }
    drop(connection);
    file::make_private(path, name)?;
    let access = OpenFlags::SQLITE_OPEN_READ_WRITE;
    let mut connection = connect(path, access, options).map_err(database)?;
    prepare_for_writing(&connection, options.busy_timeout, &mut std::thread::sleep).map_err(
        |error| leases::with_holder(database(error), &connection, options.now.unwrap_or_default()),
    )?;
    migration::migrate(&mut connection, path, name, &migration::STEPS)?;
    if let (StructureCheck::RunAndRecord, Some(now)) = (check, options.now) {
        let sql = "INSERT OR REPLACE INTO meta (key, value) VALUES ('checked_at', ?1)";
        connection.execute(sql, [now]).map_err(database)?;
    }
    Ok(connection)
}

/// Opens a connection that only reads, to an archive that is not newer than this program.
fn read_only(path: &Path, name: &str, options: SqliteOptions) -> Result<Connection, StoreError> {
    let open = |flags, path: &Path| {
        let connection = connect(path, flags, options)?;
        let version = migration::version(&connection)?;
        Ok((connection, version))
    };
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let opened = open(flags, path).or_else(|error: rusqlite::Error| {
        // On a read-only file system and on a full disk, SQLite cannot create the files of the log. If the
        // log is empty, it does not need them.
        let refused = [Some(ErrorCode::CannotOpen), Some(ErrorCode::ReadOnly)];
        let lacks_files = refused.contains(&error.sqlite_error_code()) || lacks_log_index(&error);
        if lacks_files && file::log_is_empty(path) {
            return open(flags | OpenFlags::SQLITE_OPEN_URI, &file::immutable(path));
        }
        Err(error)
    });
    let (connection, found) = opened.map_err(|error| {
        // SQLite does not say which file it cannot open, and that a permission is the reason.
        let is_vague = error.sqlite_error_code() == Some(ErrorCode::CannotOpen);
        match file::forbidden_action(path).filter(|_| is_vague) {
            Some(action) => StoreError::NoPermission { name: name.to_owned(), action },
            None => store_error(name, &error),
        }
    })?;
    if found > schema::VERSION {
        // The log can hold a newer header than the file, which was examined before.
        return Err(StoreError::Newer { name: name.to_owned(), found, known: schema::VERSION });
    }
    Ok(connection)
}

fn connect(path: &Path, access: OpenFlags, options: SqliteOptions) -> rusqlite::Result<Connection> {
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(options.busy_timeout)?;
    // With the stability guarantee of the query planner (QPSG), a partial index does not make SQLite
    // compile a statement again for every row.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cache_size", -16384)?;
    // Otherwise SQLite takes the rows of an overwritten page from wrong places, or skips them.
    connection.pragma_update(None, "cell_size_check", true)?;
    // Temporary files could keep contents of messages.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// Sets what a connection for writing needs. Waits up to `timeout` for another program that has locked the
/// file, in pauses that `sleep` makes.
pub(super) fn prepare_for_writing(
    connection: &Connection,
    timeout: Duration,
    sleep: &mut dyn FnMut(Duration),
) -> rusqlite::Result<()> {
    // With this setting, a commit survives a power failure.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "wal_autocheckpoint", MAX_LOG_PAGES)?;
    connection.pragma_update(None, "cache_size", -WRITE_CACHE_KIB)?;
    // SQLite does not wait by itself when it changes a file without a log to one with a log.
    let mut left = timeout;
    loop {
        let began = Instant::now();
        let changed = connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()));
        let is_busy =
            |error: &rusqlite::Error| error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy);
        left = left.saturating_sub(began.elapsed());
        match changed {
            Err(error) if is_busy(&error) && !left.is_zero() => sleep(LOCK_PAUSE.min(left)),
            changed => return changed,
        }
        left = left.saturating_sub(LOCK_PAUSE);
    }
}

/// Whether the structure of an archive is checked before it is written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum StructureCheck {
    /// The structure is not checked.
    Skip,
    /// The structure is checked.
    Run,
    /// The structure is checked, and the time of the check is recorded in the archive.
    RunAndRecord,
}

/// Decides which check is due: a small archive is checked each time, a large one if it was not closed
/// properly or was not checked for a day.
fn due_check(
    connection: &Connection,
    was_closed: bool,
    options: SqliteOptions,
) -> rusqlite::Result<StructureCheck> {
    let number = |pragma| connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    if number("page_count")?.saturating_mul(number("page_size")?) < MAX_QUICK_BYTES {
        return Ok(StructureCheck::Run);
    }
    let Some(now) = options.now else {
        return Ok(if was_closed { StructureCheck::Skip } else { StructureCheck::Run });
    };
    let sql = "SELECT value FROM meta WHERE key = 'checked_at'";
    let checked: Option<i64> = connection.query_row(sql, [], |row| row.get(0)).optional()?;
    let is_recent = checked.is_some_and(|checked| (now - checked).abs() < DAY_MILLIS);
    Ok(if was_closed && is_recent { StructureCheck::Skip } else { StructureCheck::RunAndRecord })
}

/// Creates the tables in an empty file. The file becomes an archive in one transaction. It does not
/// use the log yet, so that the header of the file identifies the archive from then on.
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
        let found: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
        // Another program may have created the tables since the file was examined.
        if found == 0 {
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

/// Makes the key of the marks that keep an erased number from coming back.
fn suppression_key(name: &str) -> Result<[u8; 32], StoreError> {
    let mut key = [0; 32];
    SystemRandom::new().fill(&mut key).map_err(|_| StoreError::Io {
        name: name.to_owned(),
        reason: "the system has no random numbers".to_owned(),
    })?;
    Ok(key)
}
