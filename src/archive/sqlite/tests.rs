//! What only a store in a file can get wrong. What every store must do is in `archive/tests`.

use std::os::unix::fs::{PermissionsExt, symlink};

use super::*;

fn create(path: &Path) -> Result<SqliteStore, StoreError> {
    SqliteStore::open(path, SqliteOptions::new(OpenMode::Create))
}

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}

#[test]
fn a_new_archive_and_its_companions_and_folder_are_private() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data/omnilogs/archive.db");
    let mut store = create(&path).unwrap();
    store.take_lease(&crate::archive::test_support::lease_request(0)).unwrap();
    for suffix in ["", "-wal", "-shm"] {
        assert_eq!(mode(&file::companion(&path, suffix)), 0o600, "{suffix}");
    }
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    assert_eq!(mode(folder.path().join("data").as_path()), 0o700);
}

#[test]
fn an_archive_that_others_can_read_becomes_private_when_it_is_written_to() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    drop(create(&path).unwrap());
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o664)).unwrap();
    drop(SqliteStore::open(&path, SqliteOptions::new(OpenMode::Read)).unwrap());
    assert_eq!(mode(&path), 0o664);
    drop(SqliteStore::open(&path, SqliteOptions::new(OpenMode::Write)).unwrap());
    assert_eq!(mode(&path), 0o600);
}

#[test]
fn what_is_not_an_archive_is_refused_and_not_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let html = b"<!DOCTYPE html><html><body>Sign in</body></html>".repeat(10);
    let other = {
        let path = folder.path().join("other.db");
        let connection = rusqlite::Connection::open(&path).unwrap();
        connection.execute_batch("CREATE TABLE cookies (a)").unwrap();
        drop(connection);
        std::fs::read(path).unwrap()
    };
    for (contents, expected) in [
        (&html[..], "is not an archive: it is not a SQLite database"),
        (&html[..50], "is not an archive: it is not a SQLite database"),
        (&other[..], "is not an archive: it is a database of another program"),
    ] {
        std::fs::write(&path, contents).unwrap();
        for mode in [OpenMode::Read, OpenMode::Write, OpenMode::Create] {
            let error = SqliteStore::open(&path, SqliteOptions::new(mode)).unwrap_err();
            assert!(matches!(error, StoreError::Foreign { .. }), "{error:?}");
            assert!(error.to_string().ends_with(expected), "{error}");
        }
        assert_eq!(std::fs::read(&path).unwrap(), contents);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}

#[test]
fn a_newer_archive_is_refused_and_not_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    drop(create(&path).unwrap());
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.pragma_update(None, "journal_mode", "DELETE").unwrap();
    connection.pragma_update(None, "user_version", schema::VERSION + 1).unwrap();
    drop(connection);
    let before = std::fs::read(&path).unwrap();
    for mode in [OpenMode::Read, OpenMode::Write, OpenMode::Create] {
        let error = SqliteStore::open(&path, SqliteOptions::new(mode)).unwrap_err();
        assert!(matches!(error, StoreError::Newer { found: 2, known: 1, .. }), "{error:?}");
    }
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn an_archive_that_was_cut_is_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    drop(create(&path).unwrap());
    let whole = std::fs::read(&path).unwrap();
    for length in [100, whole.len() / 2, whole.len() - 1] {
        std::fs::write(&path, &whole[..length]).unwrap();
        let error = create(&path).unwrap_err();
        assert!(matches!(error, StoreError::Damaged { .. }), "{length}: {error:?}");
        assert_eq!(std::fs::read(&path).unwrap(), whole[..length]);
    }
}

#[test]
fn links_and_folders_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (path, link) = (folder.path().join("a.db"), folder.path().join("link.db"));
    drop(create(&path).unwrap());
    symlink(&path, &link).unwrap();
    let dangling = folder.path().join("dangling.db");
    symlink(folder.path().join("nothing"), &dangling).unwrap();
    for refused in [&link, &dangling, &folder.path().to_owned()] {
        let error = create(refused).unwrap_err();
        assert!(matches!(error, StoreError::UnsafePath { .. }), "{error:?}");
    }
    assert!(!folder.path().join("nothing").exists());
}

#[test]
fn a_folder_that_is_a_link_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    std::fs::create_dir(folder.path().join("disk")).unwrap();
    symlink(folder.path().join("disk"), &home).unwrap();
    drop(create(&home.join("a.db")).unwrap());
    assert!(folder.path().join("disk/a.db").is_file());
}

#[test]
fn an_archive_that_is_read_must_exist_and_an_empty_file_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sub/a.db");
    for mode in [OpenMode::Read, OpenMode::Write] {
        let error = SqliteStore::open(&path, SqliteOptions::new(mode)).unwrap_err();
        assert_eq!(error, StoreError::Missing { name: path.display().to_string() });
    }
    assert!(!path.parent().unwrap().exists());
    let empty = folder.path().join("empty.db");
    std::fs::write(&empty, "").unwrap();
    assert!(SqliteStore::open(&empty, SqliteOptions::new(OpenMode::Read)).is_err());
    drop(create(&empty).unwrap());
    drop(SqliteStore::open(&empty, SqliteOptions::new(OpenMode::Read)).unwrap());
}
