//! Tests of a store in a file. The tests of what every store must do are in `archive/tests`.

use std::os::unix::fs::{PermissionsExt, symlink};

use super::*;

mod faults;

fn create(path: &Path) -> Result<SqliteStore, StoreError> {
    SqliteStore::open(path, SqliteOptions::new(OpenMode::Create))
}

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}

/// A21.
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

/// A08.
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

/// A08.
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

/// SQLite would delete the log, which may be the only copy of the latest messages.
#[test]
fn an_empty_file_beside_a_log_is_an_archive_that_was_cut() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let log = file::companion(&path, "-wal");
    std::fs::write(&path, "").unwrap();
    std::fs::write(&log, "messages").unwrap();
    for mode in [OpenMode::Read, OpenMode::Write, OpenMode::Create] {
        let error = SqliteStore::open(&path, SqliteOptions::new(mode)).unwrap_err();
        assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
        assert!(error.to_string().contains("it was cut to 0 bytes"), "{error}");
    }
    assert_eq!(std::fs::read(&log).unwrap(), b"messages");
}

/// A20.
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
fn an_archive_that_is_read_must_exist_and_an_empty_file_is_not_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sub/a.db");
    for mode in [OpenMode::Read, OpenMode::Write] {
        let error = SqliteStore::open(&path, SqliteOptions::new(mode)).unwrap_err();
        assert_eq!(error, StoreError::Missing { name: path.display().to_string() });
    }
    assert!(!path.parent().unwrap().exists());
    let empty = folder.path().join("empty.db");
    std::fs::write(&empty, "").unwrap();
    for mode in [OpenMode::Read, OpenMode::Write] {
        let error = SqliteStore::open(&empty, SqliteOptions::new(mode)).unwrap_err().to_string();
        assert!(error.ends_with("is not an archive: the file is empty"), "{error}");
    }
    assert_eq!(std::fs::read(&empty).unwrap(), b"");
    drop(create(&empty).unwrap());
    drop(SqliteStore::open(&empty, SqliteOptions::new(OpenMode::Read)).unwrap());
}

/// Creates an archive of three messages, one of which has two versions. Returns a plain connection to
/// it, which checks nothing.
fn archive_to_damage(path: &Path) -> rusqlite::Connection {
    use crate::archive::test_support::{keyed, lease_request, message, page, with_status};

    let mut store = create(path).unwrap();
    let lease = store.take_lease(&lease_request(0)).unwrap();
    let account = store.add_account(&lease, "default", "https://api.example.com").unwrap();
    let start = RunStart { account, started: 0, program: "test", host: "host" };
    let run = store.begin_run(&lease, &start).unwrap();
    let rows = keyed(&[message("a", 7), message("b", 8), with_status("c", 9, "PENDING", "P")]);
    store.write_page(&page(&lease, account, run, 1, &rows)).unwrap();
    store.write_page(&page(&lease, account, run, 2, &keyed(&[message("c", 9)]))).unwrap();
    store.release_lease(&lease).unwrap();
    rusqlite::Connection::open(path).unwrap()
}

fn verified(path: &Path) -> Verification {
    let mut store = SqliteStore::open(path, SqliteOptions::new(OpenMode::Read)).unwrap();
    store.verify(VerifyDepth::Full).unwrap()
}

#[test]
fn verifying_finds_what_another_program_changed_in_the_file() {
    for (change, expected) in [
        (
            "UPDATE version SET raw = x'20' WHERE id = 2",
            "versions that changed after they were written: 1",
        ),
        ("DELETE FROM version WHERE message = 1", "messages without a current version: 1"),
        ("DELETE FROM message WHERE ident = 'c'", "versions without a message: 2"),
        (
            "UPDATE message SET versions = 9 WHERE id = 1",
            "messages with a wrong number of versions: 1",
        ),
        ("UPDATE message SET account = 7 WHERE id = 1", "messages without an account: 1"),
        ("DELETE FROM run", "versions without a run: 4"),
        (
            "INSERT INTO coverage VALUES (1, '', 5, 5, 1)",
            "covered ranges that are empty or without an account: 1",
        ),
        (
            "INSERT INTO coverage VALUES (1, '', 5, 9, 1), (1, '', 8, 12, 1)",
            "pairs of overlapping covered ranges: 1",
        ),
        (
            "INSERT INTO gap (account, scope, since, until, reason, at_least, found)
             VALUES (1, '', 5, 4, '', 0, 0)",
            "gaps that are empty or without an account: 1",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let connection = archive_to_damage(&path);
        assert_eq!(verified(&path).problems, Vec::<String>::new());
        connection.execute_batch(change).unwrap();
        let problems = verified(&path).problems;
        assert!(problems.iter().any(|found| found == expected), "{change}: {problems:?}");
    }
}

#[test]
fn a_listing_ends_before_the_page_of_a_text_that_changed_wherever_the_text_is_compared() {
    use crate::archive::{ArchivePages, ArchivePrefetch};
    use crate::pages::{Pages, RunReport};
    use crate::query::{Extent, Query};
    use crate::source::SourceError;

    fn end(mut pages: impl Pages) -> (Option<String>, RunReport) {
        let Some(Err(SourceError::Archive { message, is_unusable: true })) = pages.next_page()
        else {
            return (None, pages.report());
        };
        assert!(pages.next_page().is_none());
        (Some(message), pages.report())
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let change = "UPDATE version SET raw = x'7B7D' WHERE id = 2";
    archive_to_damage(&path).execute_batch(change).unwrap();
    let all = Query { extent: Extent::All, ..Query::default() };
    // The changed text does not match this one.
    let filtered = Query { channels: vec!["SMS".to_owned()], ..all.clone() };
    for query in [all, filtered] {
        let pages = || {
            let store = SqliteStore::open(&path, SqliteOptions::new(OpenMode::Read)).unwrap();
            ArchivePages::new(Box::new(store), &query, None)
        };
        for (message, report) in [
            end(pages()),
            end(pages().with_all_versions()),
            end(ArchivePrefetch::new(pages()).unwrap()),
            end(ArchivePrefetch::new(pages().with_all_versions()).unwrap()),
        ] {
            let message = message.unwrap();
            assert!(message.ends_with("the text of a message changed after it was written"));
            assert_eq!((report.rows, report.pages, report.reached), (0, 0, None));
        }
    }
}

#[test]
fn a_message_whose_versions_are_not_found_is_damage() {
    use crate::archive::ArchivePages;
    use crate::pages::Pages;
    use crate::query::{Extent, Query};

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    // As a damaged index does, this hides the message from who looks it up by its key.
    let change = "UPDATE message SET ident = 'x' WHERE id = 2";
    archive_to_damage(&path).execute_batch(change).unwrap();
    let store = SqliteStore::open(&path, SqliteOptions::new(OpenMode::Read)).unwrap();
    let all = Query { extent: Extent::All, ..Query::default() };
    let mut pages = ArchivePages::new(Box::new(store), &all, None).with_all_versions();
    let error = pages.next_page().unwrap().unwrap_err().to_string();
    assert!(error.ends_with("the versions of a message that was read were not found"), "{error}");
}

#[test]
fn a_rebuild_restores_the_messages_from_their_versions() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let connection = archive_to_damage(&path);
    let dump = || -> Vec<String> {
        let sql = "SELECT id || ident || at || rank || status_name || versions || first_seen
                   || changed_at || version || destination FROM message ORDER BY id";
        let mut select = connection.prepare(sql).unwrap();
        select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let whole = dump();
    connection
        .execute_batch(
            "UPDATE message SET rank = 0, destination = '' WHERE id = 1;
             DELETE FROM message WHERE id = 3",
        )
        .unwrap();
    let mut store = SqliteStore::open(&path, SqliteOptions::new(OpenMode::Write)).unwrap();
    let lease = store.take_lease(&crate::archive::test_support::lease_request(0)).unwrap();
    assert_eq!(store.rebuild(&lease), Ok(2));
    assert_eq!(dump(), whole);
    assert_eq!(verified(&path).stale_messages, 0);
}

/// A07.
#[test]
fn a_damaged_page_is_found_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    drop(archive_to_damage(&path));
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    let page = middle - middle % 8192;
    bytes[page..page + 8192].fill(0x5A);
    std::fs::write(&path, &bytes).unwrap();
    let error = SqliteStore::open(&path, SqliteOptions::new(OpenMode::Write)).unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
    assert!(!verified(&path).problems.is_empty());
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
}

#[test]
fn a_copy_is_an_archive_for_its_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (path, target) = (folder.path().join("a.db"), folder.path().join("copy.db"));
    drop(archive_to_damage(&path));
    let store = SqliteStore::open(&path, SqliteOptions::new(OpenMode::Read)).unwrap();
    migration::copy(&store.database.connection, &target).unwrap();
    assert_eq!(mode(&target), 0o600);
    assert_eq!(verified(&target), verified(&path));
}

#[test]
fn the_view_shows_messages_to_other_programs() {
    let folder = tempfile::tempdir().unwrap();
    let connection = archive_to_damage(&folder.path().join("a.db"));
    let shown: (String, String, bool, String) = connection
        .query_row(
            r#"SELECT messageId, "to", final, sentAt FROM messages ORDER BY messageId LIMIT 1"#,
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
        )
        .unwrap();
    let expected = ("a", "447700900007", true, "1970-01-01T00:00:00.007Z");
    let (id, to, is_final, sent_at) = &shown;
    assert_eq!((id.as_str(), to.as_str(), *is_final, sent_at.as_str()), expected);
}

/// A29.
#[test]
fn every_selection_is_served_by_its_index_and_no_statement_is_prepared_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    drop(archive_to_damage(&path));
    let mut store = SqliteStore::open(&path, SqliteOptions::new(OpenMode::Write)).unwrap();
    let base = Selection::default();
    for (selection, expected) in [
        (base.clone(), "message_at (at>? AND at<?)"),
        (
            Selection { destinations: vec!["1".into()], ..base.clone() },
            "message_destination (destination=? AND at>? AND at<?)",
        ),
        (
            Selection { statuses: vec![crate::StatusGroup::Pending], ..base.clone() },
            "message_status (status_group=? AND at>? AND at<?)",
        ),
        (
            Selection { bulk_ids: vec!["b".into()], ..base.clone() },
            "message_bulk (bulk_id=? AND at>? AND at<?)",
        ),
        (Selection { message_ids: vec!["a".into()], ..base.clone() }, "message_key (ident=?)"),
        (
            Selection { message_id_prefix: Some("a".into()), ..base },
            "message_key (ident>? AND ident<?)",
        ),
    ] {
        for _ in 0..3 {
            store.rows(&selection, None, 10).unwrap();
        }
        let connection = &store.database.connection;
        let reading::Statement { sql, values } = reading::Statement::of(&selection, None, 10);
        let mut explained = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let lines = explained
            .query_map(rusqlite::params_from_iter(values), |row| row.get::<_, String>(3))
            .unwrap();
        let plan = lines.map(Result::unwrap).collect::<Vec<_>>().join("; ");
        assert!(plan.contains(expected), "{plan}");
        let sorts = !selection.message_ids.is_empty()
            || !selection.bulk_ids.is_empty()
            || selection.message_id_prefix.is_some();
        assert_eq!(plan.contains("TEMP B-TREE"), sorts, "{plan}");
        let statement = connection.prepare_cached(&sql).unwrap();
        assert_eq!(statement.get_status(rusqlite::StatementStatus::RePrepare), 0);
        assert_eq!(statement.get_status(rusqlite::StatementStatus::Run), 3);
    }
}
