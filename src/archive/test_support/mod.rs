//! Rows and stores for the tests of the archive.

#[cfg(feature = "archive-postgres")]
#[allow(dead_code, reason = "the integration tests use all of it")]
pub(crate) mod postgres_cluster;
#[cfg(feature = "archive-postgres")]
#[allow(dead_code, reason = "the integration tests use all of it")]
mod programs;
#[cfg(feature = "archive-postgres")]
mod unused_port;

use std::any::Any;

use super::{
    AccountId, KeyedRow, Lease, LeaseRequest, ListedRange, OpenMode, PageCounts, PageWrite, RunId,
    RunStart, Scope, SqliteOptions, SqliteStore, Store,
};
#[cfg(feature = "archive-postgres")]
use super::{PostgresAccess, PostgresAddress, PostgresStore};
use crate::model::{Log, TimeRange};

/// A store that is deleted at the end of its test.
pub(crate) struct TestStore {
    pub(crate) store: Box<dyn Store>,
    pub(crate) lease: Lease,
    pub(crate) account: AccountId,
    pub(crate) run: RunId,
    /// Opens the same archive once more.
    opens: Box<dyn Fn() -> Box<dyn Store>>,
    /// The folder or the database that the store is in, which dropping deletes.
    place: Box<dyn Any>,
}

/// Makes an empty store; the tests run for each of them.
pub(crate) type Factory = fn() -> TestStore;

/// A folder in memory, if the system has one: no test here simulates a power failure, and waiting for
/// a disk takes most of the time of a test.
fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// An empty SQLite archive with one account.
pub(crate) fn sqlite() -> TestStore {
    let folder = folder();
    let path = folder.path().join("archive.db");
    let open = move || -> Box<dyn Store> {
        let options = SqliteOptions::new(OpenMode::Create);
        Box::new(SqliteStore::open(&path, options).unwrap())
    };
    TestStore::new(Box::new(open), Box::new(folder))
}

/// An empty archive on a server, with one account.
#[cfg(feature = "archive-postgres")]
pub(crate) fn postgres() -> TestStore {
    let database = UsedDatabase::new();
    let address = PostgresAddress::parse(&database.url()).unwrap();
    let open = move || -> Box<dyn Store> {
        Box::new(PostgresStore::open(address.clone(), PostgresAccess::Write, None).unwrap())
    };
    TestStore::new(Box::new(open), Box::new(database))
}

/// A database with an archive. Tests use it one after another, because making a database takes longer
/// than most tests.
#[cfg(feature = "archive-postgres")]
struct UsedDatabase(Option<postgres_cluster::Database<'static>>);

#[cfg(feature = "archive-postgres")]
static UNUSED: std::sync::Mutex<Vec<postgres_cluster::Database<'static>>> =
    std::sync::Mutex::new(Vec::new());

#[cfg(feature = "archive-postgres")]
impl UsedDatabase {
    fn new() -> Self {
        let unused = UNUSED.lock().unwrap().pop();
        let database = unused.unwrap_or_else(|| {
            let database = postgres_cluster::cluster().unwrap().database();
            make_postgres(&PostgresAddress::parse(&database.url()).unwrap());
            database
        });
        Self(Some(database))
    }

    fn url(&self) -> String {
        self.0.as_ref().unwrap().url()
    }
}

#[cfg(feature = "archive-postgres")]
impl Drop for UsedDatabase {
    fn drop(&mut self) {
        const EMPTY: &str = "DELETE FROM omnilogs.account; DELETE FROM omnilogs.message;
            DELETE FROM omnilogs.version; DELETE FROM omnilogs.run; DELETE FROM omnilogs.scope;
            DELETE FROM omnilogs.coverage; DELETE FROM omnilogs.gap; DELETE FROM omnilogs.bookmark;
            DELETE FROM omnilogs.suppressed; DELETE FROM omnilogs.erasure;
            UPDATE omnilogs.lease SET until = 0, fence = 0, numbered = 0";
        let Some(database) = self.0.take() else { return };
        // A server that outlives the tests would keep their databases.
        if database.is_kept() || std::thread::panicking() {
            return;
        }
        if database.client().batch_execute(EMPTY).is_ok() {
            UNUSED.lock().unwrap().push(database);
        }
    }
}

/// Makes an archive at this address.
#[cfg(feature = "archive-postgres")]
pub(crate) fn make_postgres(address: &PostgresAddress) {
    let mut store = PostgresStore::prepare(address.clone(), None).unwrap();
    let lease = store.take_lease(&lease_request(0)).unwrap();
    store.make(&lease).unwrap();
    store.release_lease(&lease).unwrap();
}

/// The rows of a page.
pub(crate) fn keyed(logs: &[Log]) -> Vec<KeyedRow> {
    logs.iter().cloned().map(KeyedRow::new).collect()
}

/// A page that the server sent at this time and that covers no range.
pub(crate) fn page<'a>(
    lease: &'a Lease,
    account: AccountId,
    run: RunId,
    seen_at: i64,
    rows: &'a [KeyedRow],
) -> PageWrite<'a> {
    PageWrite { lease, now: 0, account, run, seen_at, rows, covers: None }
}

pub(crate) fn lease_request(now: i64) -> LeaseRequest<'static> {
    LeaseRequest { program: "test", pid: 7, host: "host", now, replaces: None }
}

impl TestStore {
    fn new(opens: Box<dyn Fn() -> Box<dyn Store>>, place: Box<dyn Any>) -> Self {
        let mut store = opens();
        let lease = store.take_lease(&lease_request(0)).unwrap();
        let account = store.add_account(&lease, "default", "https://api.example.com").unwrap();
        let start = RunStart { account, started: 0, program: "test", host: "host" };
        let run = store.begin_run(&lease, &start).unwrap();
        Self { store, lease, account, run, opens, place }
    }

    /// The same archive, opened once more.
    pub(crate) fn reopen(&self) -> Box<dyn Store> {
        (self.opens)()
    }

    /// The store, and the folder or database that must live as long as it does.
    pub(crate) fn into_store(self) -> (Box<dyn Store>, Box<dyn Any>) {
        (self.store, self.place)
    }

    /// Writes a page that covers no range.
    pub(crate) fn write(&mut self, seen_at: i64, logs: &[Log]) -> PageCounts {
        let (lease, account, run) = (&self.lease, self.account, self.run);
        let rows = keyed(logs);
        self.store.write_page(&page(lease, account, run, seen_at, &rows)).unwrap()
    }

    /// Writes a page without rows that covers a range.
    pub(crate) fn cover(&mut self, since: i64, until: i64, listed_at: i64) {
        let range = TimeRange { since, until };
        let covers = Some(ListedRange { scope: Scope::ALL, range, listed_at });
        let page = PageWrite { covers, ..page(&self.lease, self.account, self.run, 0, &[]) };
        self.store.write_page(&page).unwrap();
    }

    /// The versions of a message: when each was first seen, and whether it is the current one.
    pub(crate) fn history(&mut self, row: &super::StoredRow) -> Vec<(i64, bool)> {
        let versions = self.store.versions(row.account, &row.key()).unwrap();
        versions.iter().map(|version| (version.seen_at, version.is_current)).collect()
    }

    /// The rows of every message, newest first, read in pages of three.
    pub(crate) fn texts(&mut self, selection: &super::Selection) -> Vec<String> {
        let (mut texts, mut after) = (Vec::new(), None);
        loop {
            let rows = self.store.rows(selection, after.as_ref(), 3).unwrap();
            let is_last = rows.len() < 3;
            after = rows.last().map(|row| row.cursor.clone());
            texts.extend(rows.into_iter().map(|row| row.log.json().to_owned()));
            if is_last {
                return texts;
            }
        }
    }
}

/// A delivered text message, sent at this time in milliseconds.
pub(crate) fn message(id: &str, sent_at: i64) -> Log {
    with_status(id, sent_at, "DELIVERED", "DELIVERED_TO_HANDSET")
}

/// A text message with this status, sent at this time in milliseconds.
pub(crate) fn with_status(id: &str, sent_at: i64, group: &str, name: &str) -> Log {
    let time = crate::model::Timestamp::from_millis(sent_at).to_wire();
    Log::new(format!(
        r#"{{"messageId":"{id}","bulkId":"b-{}","channel":"SMS","to":"447700900{:03}","from":"Shop","text":"hi","sentAt":"{time}","mccmnc":"23410","status":{{"groupName":"{group}","name":"{name}"}}}}"#,
        sent_at % 2,
        sent_at.rem_euclid(1000)
    ))
}
