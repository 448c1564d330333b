//! Migrates an archive of an older version to the current one: copies it first, then migrates it in
//! one transaction.

use std::path::Path;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::database_error::store_error;
use super::file;
use crate::archive::error::StoreError;

/// Migrates an archive from one version to the next one.
pub(super) type Step = fn(&Transaction<'_>) -> rusqlite::Result<()>;

/// The steps from version 1 to 2, from 2 to 3, and so on: one for each version but the first.
pub(super) const STEPS: [Step; 0] = [];

/// Migrates an archive to version `steps.len() + 1`. A copy of the old archive stays beside it, with
/// the old version in its name.
///
/// If the program is killed meanwhile, the archive stays as it was.
pub(super) fn migrate(
    connection: &mut Connection,
    path: &Path,
    name: &str,
    steps: &[Step],
) -> Result<(), StoreError> {
    let database = |error: rusqlite::Error| store_error(name, &error);
    let found = version(connection).map_err(database)?;
    let done = usize::try_from(found - 1).unwrap_or_default();
    let Some(steps) = steps.get(done..).filter(|steps| !steps.is_empty()) else { return Ok(()) };
    let backup = file::companion(path, &format!(".version-{found}"));
    // An interrupted migration can leave a copy, which is one of the same archive.
    match std::fs::remove_file(&backup) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(file::io_error(name, &error));
        }
        _ => {}
    }
    copy(connection, &backup)?;
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(database)?;
    // Another program may have migrated it since.
    if version(&transaction).map_err(database)? == found {
        for step in steps {
            step(&transaction).map_err(database)?;
        }
        let reached = found + i64::try_from(steps.len()).unwrap_or_default();
        transaction.pragma_update(None, "user_version", reached).map_err(database)?;
    }
    transaction.commit().map_err(database)
}

/// The version of the format of an open archive.
pub(super) fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Writes a copy to a new file, which only the owner can read and write.
pub(super) fn copy(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let name = path.display().to_string();
    if path.symlink_metadata().is_ok_and(|found| !found.is_file() || found.len() > 0) {
        return Err(StoreError::UnsafePath { name, reason: "it exists".to_owned() });
    }
    let Some(text) = path.to_str() else {
        let reason = "its path is not UTF-8, which SQLite needs for a copy".to_owned();
        return Err(StoreError::UnsafePath { name, reason });
    };
    file::make_file(path, &name)?;
    connection.execute("VACUUM INTO ?1", [text]).map_err(|error| store_error(&name, &error))?;
    // SQLite does not sync the file of a copy.
    let saved = std::fs::File::open(path).and_then(|file| file.sync_all());
    saved.map_err(|error| file::io_error(&name, &error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::{OpenMode, SqliteOptions, SqliteStore};

    const ADD_COLUMN: Step =
        |transaction| transaction.execute_batch("ALTER TABLE message ADD COLUMN country TEXT");
    const FAIL: Step = |transaction| transaction.execute_batch("ALTER TABLE nothing ADD COLUMN x");

    fn archive(path: &Path) -> Connection {
        drop(SqliteStore::open(path, SqliteOptions::new(OpenMode::Create)).unwrap());
        Connection::open(path).unwrap()
    }

    #[test]
    fn each_version_but_the_first_has_a_migration_step() {
        let versions = i64::try_from(STEPS.len()).unwrap() + 1;
        assert_eq!(versions, super::super::schema::VERSION);
    }

    /// A09.
    #[test]
    fn a_migration_leaves_a_copy_of_the_archive_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let mut connection = archive(&path);
        for _ in 0..2 {
            migrate(&mut connection, &path, "a.db", &[ADD_COLUMN]).unwrap();
            assert_eq!(version(&connection).unwrap(), 2);
            connection.prepare("SELECT country FROM message").unwrap();
        }
        let copy = Connection::open(folder.path().join("a.db.version-1")).unwrap();
        assert_eq!(version(&copy).unwrap(), 1);
        assert!(copy.prepare("SELECT country FROM message").is_err());
    }

    /// A09.
    #[test]
    fn a_migration_that_fails_halfway_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let mut connection = archive(&path);
        assert!(migrate(&mut connection, &path, "a.db", &[ADD_COLUMN, FAIL]).is_err());
        assert_eq!(version(&connection).unwrap(), 1);
        assert!(connection.prepare("SELECT country FROM message").is_err());
        migrate(&mut connection, &path, "a.db", &[ADD_COLUMN, ADD_COLUMN_OF_VERSION]).unwrap();
        assert_eq!(version(&connection).unwrap(), 3);
    }

    /// Changes more than SQLite keeps in memory, so that a part of it is in the log, and kills the program.
    const KILL: Step = |transaction| {
        transaction.execute_batch(
            "CREATE TABLE more AS WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n
             WHERE n < 400) SELECT n, randomblob(20000) AS bytes FROM n",
        )?;
        rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
    };

    /// The variables with the archive that this process migrates, and with the step that kills it.
    const MIGRATED: &str = "OMNILOGS_TEST_MIGRATED";
    const KILLED_IN: &str = "OMNILOGS_TEST_KILLED_IN";

    /// A09.
    #[test]
    fn a_migration_that_is_killed_before_its_commit_changes_nothing_and_can_run_again() {
        use std::os::unix::process::ExitStatusExt as _;

        if let (Some(path), Some(step)) = (std::env::var_os(MIGRATED), std::env::var_os(KILLED_IN))
        {
            let steps: [Step; 2] =
                if step == "first" { [KILL, ADD_COLUMN] } else { [ADD_COLUMN, KILL] };
            let mut connection = Connection::open(&path).unwrap();
            migrate(&mut connection, Path::new(&path), "a.db", &steps).unwrap();
            return;
        }
        let module = module_path!().split_once("::").unwrap().1;
        let own = format!(
            "{module}::a_migration_that_is_killed_before_its_commit_changes_nothing_and_can_run_again"
        );
        for step in ["first", "last"] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("a.db");
            drop(archive(&path));
            let mut killed = std::process::Command::new(std::env::current_exe().unwrap());
            killed.args(["--exact", own.as_str()]).env(MIGRATED, &path).env(KILLED_IN, step);
            let ran = killed.output().unwrap();
            assert_eq!(ran.status.signal(), Some(9), "{ran:?}");
            assert!(file::companion(&path, "-wal").metadata().unwrap().len() > 1 << 20, "{step}");
            let copy = folder.path().join("a.db.version-1");
            assert_eq!(version(&Connection::open(&copy).unwrap()).unwrap(), 1);

            drop(SqliteStore::open(&path, SqliteOptions::new(OpenMode::Write)).unwrap());
            let mut connection = Connection::open(&path).unwrap();
            assert_eq!(version(&connection).unwrap(), 1);
            for sql in ["SELECT country FROM message", "SELECT n FROM more"] {
                assert!(connection.prepare(sql).is_err(), "{step}: {sql}");
            }
            // A program that is killed while it copies leaves a part of the copy.
            std::fs::write(&copy, "a part").unwrap();
            migrate(&mut connection, &path, "a.db", &[ADD_COLUMN]).unwrap();
            connection.prepare("SELECT country FROM message").unwrap();
            assert_eq!(version(&Connection::open(&copy).unwrap()).unwrap(), 1);
        }
    }

    const ADD_COLUMN_OF_VERSION: Step =
        |transaction| transaction.execute_batch("ALTER TABLE version ADD COLUMN note TEXT");

    #[test]
    fn a_copy_does_not_replace_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let connection = archive(&folder.path().join("a.db"));
        let target = folder.path().join("copy.db");
        std::fs::write(&target, "mine").unwrap();
        assert!(copy(&connection, &target).is_err());
        assert_eq!(std::fs::read(&target).unwrap(), b"mine");
    }
}
