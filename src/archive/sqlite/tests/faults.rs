//! Programs that are killed, disks that are full, and files that are deleted or replaced.

use std::path::PathBuf;
use std::time::Duration;

use super::*;
use crate::archive::test_support::{lease_request, message, page};
use crate::archive::{ArchivePages, KeyedRow};
use crate::pages::Pages as _;
use crate::query::{Extent, Query};

/// An archive to which the tests write pages: page `n` has the messages that were sent at `10 n` to
/// `10 n + 9`, and covers these times.
struct TestArchive {
    store: SqliteStore,
    lease: Lease,
    account: AccountId,
    run: RunId,
}

impl TestArchive {
    fn new(path: &Path) -> Self {
        let mut store = create(path).unwrap();
        let lease = store.take_lease(&lease_request(0)).unwrap();
        let account = store.add_account(&lease, "default", "https://api.example.com").unwrap();
        let start = RunStart { account, started: 0, program: "test", host: "host" };
        let run = store.begin_run(&lease, &start).unwrap();
        Self { store, lease, account, run }
    }

    /// An archive with this many pages and an empty log.
    fn with_pages(path: &Path, count: i64) -> Self {
        let mut archive = Self::new(path);
        for number in 0..count {
            archive.write(number).unwrap();
        }
        archive.store.database.empty_log().unwrap();
        archive
    }

    fn write(&mut self, number: i64) -> Result<PageCounts, StoreError> {
        let range = TimeRange { since: number * 10, until: number * 10 + 10 };
        let rows: Vec<_> = (range.since..range.until)
            .map(|at| KeyedRow::new(message(&format!("m{at}"), at)))
            .collect();
        let covers = Some(crate::archive::ListedRange { scope: Scope::ALL, range, listed_at: 1 });
        let page = PageWrite { covers, ..page(&self.lease, self.account, self.run, 1, &rows) };
        self.store.write_page(&page)
    }

    fn number<T: rusqlite::types::FromSql>(&self, pragma: &str) -> T {
        self.store.database.connection.pragma_query_value(None, pragma, |row| row.get(0)).unwrap()
    }
}

/// The contents of an archive: the times of its messages, and the ranges that it covers.
fn contents(path: &Path) -> (Vec<i64>, Vec<TimeRange>) {
    let mut store = SqliteStore::open(path, SqliteOptions::new(OpenMode::Write)).unwrap();
    let verification = store.verify(VerifyDepth::Full).unwrap();
    assert_eq!(verification.problems, Vec::<String>::new());
    let rows = store.rows(&Selection::default(), None, 1000).unwrap();
    let mut times: Vec<_> = rows.iter().map(|row| row.at).collect();
    times.sort_unstable();
    (times, store.ledger(AccountId(1), Scope::ALL).unwrap().covered())
}

/// The contents that it must have after this many pages.
fn pages(count: i64) -> (Vec<i64>, Vec<TimeRange>) {
    let covered = TimeRange { since: 0, until: count * 10 };
    let covered = if covered.is_empty() { Vec::new() } else { vec![covered] };
    ((0..count * 10).collect(), covered)
}

/// A01.
#[test]
fn killed_at_any_step_of_a_page_the_archive_holds_every_acknowledged_page_and_nothing_of_the_next()
{
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let mut archive = TestArchive::new(&path);
    let log = file::companion(&path, "-wal");
    let length = || log.metadata().unwrap().len();
    let mut ends = vec![length()];
    for number in 0..3 {
        archive.write(number).unwrap();
        ends.push(length());
    }
    assert!(ends.is_sorted_by(|one, next| one < next), "{ends:?}");
    // A killed program leaves the archive and the part of the log that was written.
    let (whole, log) = (std::fs::read(&path).unwrap(), std::fs::read(&log).unwrap());
    let mut cuts: Vec<u64> = ends.clone();
    for pair in ends.windows(2) {
        let step = (pair[1] - pair[0]) / 7;
        cuts.extend((1..7).map(|n| pair[0] + n * step));
        cuts.extend([pair[0] + 1, pair[1] - 1]);
    }
    for cut in cuts {
        let copy = folder.path().join(format!("{cut}.db"));
        std::fs::write(&copy, &whole).unwrap();
        let written = usize::try_from(cut).unwrap();
        std::fs::write(file::companion(&copy, "-wal"), &log[..written]).unwrap();
        let acknowledged = ends.iter().filter(|end| **end <= cut).count() - 1;
        assert_eq!(contents(&copy), pages(i64::try_from(acknowledged).unwrap()), "{cut}");
    }
}

/// A02.
#[test]
fn a_commit_reaches_the_disk_before_it_is_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let archive = TestArchive::new(&folder.path().join("a.db"));
    assert_eq!(archive.number::<i64>("synchronous"), 2);
    assert_eq!(archive.number::<String>("journal_mode"), "wal");
    assert_eq!(archive.number::<i64>("secure_delete"), 1);
}

/// A07.
#[test]
fn verifying_an_archive_that_was_cut_beside_its_log_says_how_much_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let mut archive = TestArchive::with_pages(&path, 40);
    archive.write(40).unwrap();
    let (whole, log) = (std::fs::read(&path).unwrap(), file::companion(&path, "-wal"));
    let copy = folder.path().join("copy.db");
    std::fs::copy(log, file::companion(&copy, "-wal")).unwrap();
    let missing = 3 * 8192;
    std::fs::write(&copy, &whole[..whole.len() - missing]).unwrap();
    let problems = verified(&copy).problems;
    let text = format!("{missing} bytes less than its header says");
    assert!(problems[0].contains(&text), "{problems:?}");
    assert!(problems.iter().all(|problem| !problem.contains(['\n', '*'])), "{problems:?}");
    assert!(problems.len() > 1, "{problems:?}");
}

/// A07.
#[test]
fn a_page_of_an_index_that_is_replaced_by_another_one_hides_no_message() {
    for kept in ["TRUE", "id % 10 != 5"] {
        check_replaced_pages(kept);
    }
}

/// Replaces pages of the index of times in an archive of which these messages were kept.
fn check_replaced_pages(kept: &str) {
    const PAGE: usize = 8192;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let archive = TestArchive::with_pages(&path, 300);
    let others = format!("DELETE FROM message WHERE NOT ({kept})");
    archive.store.database.connection.execute(&others, []).unwrap();
    let root = "SELECT rootpage FROM sqlite_schema WHERE name = 'message_at'";
    let root: u32 =
        archive.store.database.connection.query_row(root, [], |row| row.get(0)).unwrap();
    let root = usize::try_from(root).unwrap();
    drop(archive);
    let bytes = std::fs::read(&path).unwrap();
    let number = |at: usize, length: usize| {
        bytes[at..at + length].iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte))
    };
    // The root page points to the pages with the entries (<https://www.sqlite.org/fileformat.html>,
    // section 1.6).
    let start = (root - 1) * PAGE;
    assert_eq!(bytes[start], 2);
    let cells = 0..number(start + 3, 2);
    let mut children: Vec<_> =
        cells.map(|cell| number(start + number(start + 12 + 2 * cell, 2), 4)).collect();
    children.push(number(start + 8, 4));
    assert!(children.len() > 3, "{children:?}");
    for (lost, copied) in children.iter().flat_map(|lost| children.iter().map(move |it| (lost, it)))
    {
        let place = |page: &usize| (page - 1) * PAGE..page * PAGE;
        let mut damaged = bytes.clone();
        damaged.copy_within(place(copied), place(lost).start);
        let copy = folder.path().join("copy.db");
        std::fs::write(&copy, damaged).unwrap();
        let store = SqliteStore::open(&copy, SqliteOptions::new(OpenMode::Read)).unwrap();
        let query = Query { extent: Extent::All, ..Query::default() };
        let mut listing = ArchivePages::new(Box::new(store), &query, None);
        let pages: Vec<_> = std::iter::from_fn(|| listing.next_page()).collect();
        let error = pages.iter().find_map(|page| page.as_ref().err());
        assert_eq!(error.is_some(), lost != copied, "{kept} {lost} {copied} {}", pages.len());
        // Messages can be missing between those that were read.
        let is_counted = error.is_some_and(|error| error.to_string().ends_with("were read"));
        assert!(!is_counted || listing.report().reached.is_none(), "{lost} {copied}");
    }
}

/// Damage of one byte in the index of ids hides a message from a search by its id.
#[test]
fn a_changed_byte_of_an_id_does_not_make_its_message_unknown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let archive = TestArchive::with_pages(&path, 100);
    drop(archive);
    let bytes = std::fs::read(&path).unwrap();
    let places: Vec<_> = memchr::memmem::find_iter(&bytes, "m999").collect();
    assert!(places.len() > 2, "{places:?}");
    let search = |path: &Path, id: Option<&str>| {
        let store = Box::new(SqliteStore::open(path, SqliteOptions::new(OpenMode::Read)).unwrap());
        let query = Query {
            extent: Extent::All,
            message_ids: id.map(str::to_owned).into_iter().collect(),
            ..Query::default()
        };
        let pages = ArchivePages::new(store, &query, None);
        let mut pages = if id.is_none() { pages.with_id_prefix("m999") } else { pages };
        let pages: Result<Vec<_>, _> = std::iter::from_fn(|| pages.next_page()).collect();
        pages.map(|pages| pages.iter().map(|page| page.logs.len()).sum::<usize>())
    };
    let mut refused = 0;
    for place in places {
        for at in place..place + 4 {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            let copy = folder.path().join("copy.db");
            std::fs::write(&copy, damaged).unwrap();
            for id in [Some("m999"), None] {
                let found = search(&copy, id);
                refused += usize::from(found.is_err());
                assert!(matches!(found, Ok(1) | Err(_)), "{at}: {id:?} {found:?}");
            }
        }
    }
    assert!(refused > 0);
    assert_eq!(search(&path, Some("m1000")).unwrap(), 0);
    assert_eq!(search(&path, None).unwrap(), 1);
}

/// A05.
#[test]
fn a_page_that_finds_the_disk_full_is_undone_and_can_be_written_later() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let mut archive = TestArchive::new(&path);
    let size: i64 = archive.number("page_count");
    let limit = |archive: &TestArchive, pages: i64| {
        let connection = &archive.store.database.connection;
        connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(())).unwrap();
    };
    limit(&archive, size + 6);
    let mut written = 0;
    let error = loop {
        match archive.write(written) {
            Ok(_) => written += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(error, StoreError::Full { name: path.display().to_string() });
    assert!(written > 0);
    assert_eq!(contents(&path), pages(written));
    limit(&archive, 1 << 30);
    archive.write(written).unwrap();
    assert_eq!(contents(&path), pages(written + 1));
}

/// A06.
#[test]
fn a_file_that_was_deleted_or_replaced_is_not_written_to() {
    for replaces in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let mut archive = TestArchive::new(&path);
        archive.write(0).unwrap();
        std::fs::rename(&path, folder.path().join("away")).unwrap();
        if replaces {
            std::fs::write(&path, "another").unwrap();
        }
        let error = archive.write(1).unwrap_err();
        assert_eq!(error, StoreError::Missing { name: path.display().to_string() });
    }
}

/// A02, A20.
#[test]
fn without_its_log_an_archive_holds_less_and_claims_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let mut archive = TestArchive::new(&path);
    archive.write(0).unwrap();
    archive.store.database.empty_log().unwrap();
    archive.write(1).unwrap();
    let copy = folder.path().join("copy.db");
    std::fs::copy(&path, &copy).unwrap();
    assert_eq!(contents(&copy), pages(1));
}

/// A04.
#[test]
fn two_programs_that_write_take_turns_and_a_reader_never_waits() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let mut archive = TestArchive::new(&path);
    archive.write(0).unwrap();
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE; DELETE FROM message").unwrap();
    archive.store.database.connection.busy_timeout(Duration::ZERO).unwrap();
    let error = archive.write(1).unwrap_err();
    assert_eq!(error, StoreError::Busy { name: path.display().to_string(), holder: None });
    let mut reader = SqliteStore::open(&path, SqliteOptions::new(OpenMode::Read)).unwrap();
    assert_eq!(reader.rows(&Selection::default(), None, 100).unwrap().len(), 10);
    other.execute_batch("ROLLBACK").unwrap();
    archive.write(1).unwrap();
    assert_eq!(reader.rows(&Selection::default(), None, 100).unwrap().len(), 20);
}

/// A03.
#[test]
fn a_file_without_a_log_that_another_program_has_locked_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    drop(create(&path).unwrap());
    let other = rusqlite::Connection::open(&path).unwrap();
    other.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(())).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let connection = rusqlite::Connection::open(&path).unwrap();
    let mut pauses = Vec::new();
    let timeout = Duration::from_secs(10);
    open::prepare_for_writing(&connection, timeout, &mut |pause| pauses.push(pause)).unwrap_err();
    assert!(pauses.iter().sum::<Duration>() > timeout * 9 / 10, "{pauses:?}");
    pauses.clear();
    open::prepare_for_writing(&connection, timeout, &mut |pause| {
        pauses.push(pause);
        other.execute_batch("ROLLBACK").unwrap();
    })
    .unwrap();
    assert_eq!(pauses.len(), 1);
}

/// A03.
#[test]
fn an_archive_that_is_locked_names_the_program_that_has_the_lease() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let mut store = create(&path).unwrap();
    store.database.connection.busy_timeout(Duration::ZERO).unwrap();
    let other = rusqlite::Connection::open(&path).unwrap();
    let mut holder_of = |until: i64, pid: u32| {
        let sql = "INSERT OR REPLACE INTO lease (name, program, pid, host, since, until, fence)
                   VALUES ('writer', 'omnilogs archive prune', ?2, 'host', 5, ?1, 7)";
        other.execute(sql, rusqlite::params![until, pid]).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let error = store.take_lease(&lease_request(1000)).unwrap_err();
        other.execute_batch("ROLLBACK").unwrap();
        let StoreError::Busy { holder, .. } = error else { panic!("{error:?}") };
        holder.map(|holder| (holder.pid, holder.host, holder.since))
    };
    let other_process = std::process::id() + 1;
    assert_eq!(holder_of(2000, other_process), Some((other_process, "host".to_owned(), 5)));
    assert_eq!(holder_of(999, other_process), None);
    // This program has the lease, and another one has locked the file.
    assert_eq!(holder_of(2000, std::process::id()), None);
}

#[test]
fn an_archive_that_cannot_be_changed_is_read_through_a_path_of_any_characters() {
    let folder = tempfile::tempdir().unwrap();
    let path: PathBuf = folder.path().join("a b?c#d%20é.db");
    drop(archive_to_damage(&path));
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY | rusqlite::OpenFlags::SQLITE_OPEN_URI;
    let connection = rusqlite::Connection::open_with_flags(file::immutable(&path), flags).unwrap();
    let count = "SELECT count(*) FROM message";
    assert_eq!(connection.query_row(count, [], |row| row.get::<_, i64>(0)).unwrap(), 3);
}

/// A20.
#[test]
#[cfg(target_os = "linux")]
fn file_systems_of_a_network_are_known_by_their_numbers() {
    for (number, name) in [(0x6969, Some("NFS")), (0xFE53_4D42, Some("SMB 2")), (0xEF53, None)] {
        assert_eq!(file::network_name(number), name);
    }
}
