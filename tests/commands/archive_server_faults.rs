//! After each fault of the server of an archive or of the connection, the archive has every message whose
//! time it covers, once.
//!
//! Where each fault is tested: in this module, in `archive_server` where it is named, and the rows that
//! both stores share in `archive_faults`.
//!
//! | fault | tests |
//! |---|---|
//! | a restart: before the first run, between runs, in the middle of a page | `a_server_that_restarts_…` |
//! | a session that the administrator ends, a serialization failure, a deadlock | `a_transaction_that_the_server_ends_…` |
//! | a connection that is cut at COMMIT, before and after the server has committed; a session that the server ends because it is idle | `a_connection_that_is_lost_at_any_commit_…` |
//! | a failure that does not end | `a_failure_that_does_not_end_…` |
//! | a full disk | `a_full_disk_of_the_server_…` |
//! | a standby | `archive_server::access::a_standby_…` |
//! | wrong password, no password | `archive_server::access::the_password_comes_from_…` |
//! | no server, no database, another encoding, a newer format | `archive_server::access::a_server_that_cannot_be_reached_…` |
//! | TLS: unknown authority, none, another host, another time; `sslmode` off this machine | `archive_server::tls::tls_is_verified_…`, `a_certificate_of_another_host_…`, `addresses_that_cannot_be_used_…` |
//! | an archiver that is stopped past its lease | `archive_server::two_programs::of_two_archivers_…` |
//! | two archivers, killed, stopped and cut off at random | `archive_server_soak` |

use postgres::{Client, NoTls};
use rustix::process::Signal;

use crate::support::model::{self, ServerBehavior};
use crate::support::postgres_cluster::{Cluster, Database, cluster, own_cluster};
use crate::support::postgres_proxy::{CommitFault, PostgresProxy};
use crate::support::running::Running;
use crate::support::{Omnilogs, Server, at_once, omnilogs};

/// The number of messages of the API in a test.
const MESSAGES: i64 = 300;

/// A password in the address. The server does not need one, and no message may show it.
const PASSWORD: &str = "hunter2";

fn messages() -> Server {
    let behavior = ServerBehavior { cap: 100, ..ServerBehavior::default() };
    model::serve(model::recent(MESSAGES, 5), behavior)
}

fn archive(cluster: &Cluster) -> Database<'_> {
    let database = cluster.database();
    omnilogs().args(["archive", "init", "-q", "--archive", &database.url()]).run().code(0);
    database
}

/// A sync from a server into the archive at this address.
fn sync(server: &Server, address: &str) -> Omnilogs {
    let address = address.replace("postgres@", &format!("postgres:{PASSWORD}@"));
    let run = omnilogs().at(&server.url()).env("OMNILOGS_ARCHIVE", address);
    run.args(["archive", "sync", "--rate", "0"])
}

fn number(client: &mut Client, sql: &str) -> i64 {
    client.query_one(sql, &[]).unwrap().get(0)
}

/// Fails unless the archive has every message of the server once, covers their time without a gap, and has
/// nothing else from attempts that failed.
#[track_caller]
fn check_complete(database: &Database<'_>, runs: i64) {
    let mut client = database.client();
    for (sql, wanted) in [
        ("SELECT count(*) FROM omnilogs.message", MESSAGES),
        ("SELECT count(*) FROM omnilogs.version", MESSAGES),
        ("SELECT count(*) FROM omnilogs.account", 1),
        ("SELECT count(*) FROM omnilogs.run", runs),
        ("SELECT count(*) FROM omnilogs.run WHERE outcome <> 'complete'", runs - 1),
        ("SELECT count(DISTINCT number) FROM omnilogs.message", MESSAGES),
        ("SELECT count(*) FROM omnilogs.gap", 0),
        ("SELECT until FROM omnilogs.lease", 0),
    ] {
        assert_eq!(number(&mut client, sql), wanted, "{sql}");
    }
    let pieces = "SELECT count(*) FROM (SELECT since, lag(until) OVER (ORDER BY since) AS before
        FROM omnilogs.coverage) AS piece WHERE since IS DISTINCT FROM before";
    assert_eq!(number(&mut client, pieces), 1);
    omnilogs().args(["archive", "verify", "--full", "--archive", &database.url()]).run().code(0);
}

/// Makes every write of a page run this PL/pgSQL, in which `times` is the number of earlier writes.
fn disturb(database: &Database<'_>, timing: &str, body: &str) {
    let sql = format!(
        "CREATE SEQUENCE public.times MINVALUE 0;
         CREATE FUNCTION public.disturb() RETURNS trigger LANGUAGE plpgsql AS $$
         DECLARE times bigint := nextval('public.times'); BEGIN {body} RETURN NULL; END $$;
         {timing} EXECUTE FUNCTION public.disturb()"
    );
    database.client().batch_execute(&sql).unwrap();
}

/// Once for each page.
const AT_PAGE: &str = "CREATE TRIGGER disturb BEFORE INSERT ON omnilogs.version FOR EACH STATEMENT";
/// When the transaction of a page is committed.
const AT_COMMIT: &str = "CREATE CONSTRAINT TRIGGER disturb AFTER INSERT ON omnilogs.version
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW";

/// A18.
#[test]
fn a_transaction_that_the_server_ends_is_repeated_and_stores_everything_once() {
    let Some(cluster) = cluster() else { return };
    let raise = |code: &str| {
        format!("IF times < 3 THEN RAISE EXCEPTION 'disturbed' USING ERRCODE = '{code}'; END IF;")
    };
    let terminate = "IF times < 3 THEN PERFORM pg_terminate_backend(pg_backend_pid());
        PERFORM pg_sleep(60); END IF;";
    let cases = [
        (AT_PAGE, raise("40001")),
        (AT_PAGE, raise("40P01")),
        (AT_COMMIT, raise("40001")),
        (AT_PAGE, terminate.to_owned()),
    ];
    at_once(cases, |(timing, body)| {
        let (database, server) = (archive(cluster), messages());
        disturb(&database, timing, &body);
        let ran = sync(&server, &database.url()).run().code(0);
        assert!(ran.stderr.contains(&format!("synced: {MESSAGES} new")), "{}", ran.stderr);
        let times = number(&mut database.client(), "SELECT last_value FROM public.times");
        assert!(times >= 3, "{body}");
        check_complete(&database, 1);
    });
}

/// A18.
#[test]
fn a_connection_that_is_lost_at_any_commit_stores_everything_once() {
    let Some(cluster) = cluster() else { return };
    at_once([CommitFault::CutBefore, CommitFault::CutAfter, CommitFault::Held], |fault| {
        let (database, server) = (archive(cluster), messages());
        let proxy = PostgresProxy::start(cluster.host(), fault);
        let address = database.url().replace(&cluster.host(), &format!("127.0.0.1:{}", proxy.port));
        sync(&server, &address).run().code(0);
        // The lease, the account, the run, its start, its pages, its end, each of them twice.
        assert!(proxy.transactions() >= 16, "{fault:?}: {}", proxy.transactions());
        check_complete(&database, 1);
    });
}

#[test]
fn a_failure_that_does_not_end_is_reported_without_the_password() {
    let Some(cluster) = cluster() else { return };
    let cases = [("40001", "cannot reach the archive postgres://"), ("XX000", "SQLSTATE XX000")];
    at_once(cases, |(code, expected)| {
        let (database, server) = (archive(cluster), messages());
        let raise = format!("RAISE EXCEPTION 'disturbed' USING ERRCODE = '{code}';");
        disturb(&database, AT_PAGE, &raise);
        let mut service = sync(&server, &database.url()).args(["--every", "1s"]).start();
        service.until_stderr_contains("disturbed");
        if code == "40001" {
            service.until_stderr_contains("still trying");
            // The next round takes over the lease that this one could not give back.
            database.client().batch_execute("DROP TRIGGER disturb ON omnilogs.version").unwrap();
            service.until_stderr_contains("synced: ");
            service.signal(Signal::TERM);
        }
        let ran = service.end().code(if code == "40001" { 143 } else { 1 });
        assert!(ran.stderr.contains(expected), "{}", ran.stderr);
        // It does not wait for its own lease.
        assert!(!ran.stderr.contains("in use"), "{}", ran.stderr);
        assert!(!ran.stderr.contains(PASSWORD), "{}", ran.stderr);
    });
}

#[test]
fn a_full_disk_of_the_server_stores_no_page_and_does_not_end_a_service() {
    let Some(cluster) = cluster() else { return };
    let messages = model::recent(MESSAGES, 5);
    let server = model::serve(messages.clone(), ServerBehavior::default());
    let database = archive(cluster);
    disturb(&database, AT_PAGE, "RAISE EXCEPTION 'no space' USING ERRCODE = '53100';");
    let ran = sync(&server, &database.url()).run().code(1);
    let expected = format!("there is no space left for the archive {}", database.url());
    assert!(ran.stderr.contains(&expected), "{}", ran.stderr);
    assert!(ran.stderr.contains("try: free space on the server"), "{}", ran.stderr);
    assert!(!ran.stderr.contains(PASSWORD), "{}", ran.stderr);
    let mut client = database.client();
    for table in ["message", "version"] {
        let sql = format!("SELECT count(*) FROM omnilogs.{table}");
        assert_eq!(number(&mut client, &sql), 0, "{table}");
    }
    // Times without a message may be covered.
    let times: Vec<_> = messages.iter().map(model::sent).collect();
    let covered = "SELECT count(*) FROM unnest($1::bigint[]) AS message (at)
        JOIN omnilogs.coverage ON since <= at AND at < until";
    let covered: i64 = client.query_one(covered, &[&times]).unwrap().get(0);
    assert_eq!(covered, 0);
    // The lease was given back.
    assert_eq!(number(&mut client, "SELECT until FROM omnilogs.lease"), 0);
    let mut service = sync(&server, &database.url()).args(["--every", "1s"]).start();
    service.until_stderr_contains("no space left");
    client.batch_execute("DROP TRIGGER disturb ON omnilogs.version").unwrap();
    service.until_stderr_contains(&format!("synced: {MESSAGES} new"));
    service.signal(Signal::TERM);
    service.end().code(143);
}

/// A18.
#[test]
fn a_server_that_restarts_at_any_time_does_not_end_a_service_or_lose_a_page() {
    let Some(cluster) = own_cluster(&[], "") else { return };
    let (database, server) = (archive(&cluster), messages());
    // The second page waits in the middle of its transaction.
    disturb(&database, AT_PAGE, "IF times = 1 THEN PERFORM pg_sleep(3600); END IF;");
    let mut service = sync(&server, &database.url()).args(["--every", "1s"]).start();
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
    until(&service, &database, waits, |waiting| waiting == 1);
    cluster.stop();
    cluster.start_again();
    service.until_stderr_contains("synced: ");
    // Between two runs.
    cluster.stop();
    service.until_stderr_contains("still trying");
    cluster.start_again();
    let runs = "SELECT count(*) FROM omnilogs.run WHERE outcome = 'complete'";
    until(&service, &database, runs, |complete| complete >= 2);
    service.signal(Signal::TERM);
    let ran = service.end().code(143);
    assert!(!ran.stderr.contains(PASSWORD), "{}", ran.stderr);
    let mut client = database.client();
    assert_eq!(number(&mut client, "SELECT count(*) FROM omnilogs.message"), MESSAGES);
    assert_eq!(number(&mut client, "SELECT count(*) FROM omnilogs.version"), MESSAGES);
    omnilogs().args(["archive", "verify", "--full", "--archive", &database.url()]).run().code(0);
    // Before the service has reached it even once.
    cluster.stop();
    let mut service = sync(&server, &database.url()).args(["--every", "1s"]).start();
    service.until_stderr_contains("still trying");
    cluster.start_again();
    service.until_stderr_contains("synced: 0 new");
    service.signal(Signal::TERM);
    service.end().code(143);
}

/// Waits until the count of a statement is right. The server may be unreachable meanwhile.
#[track_caller]
fn until(running: &Running, database: &Database<'_>, sql: &str, is_right: impl Fn(i64) -> bool) {
    running.until(|| count(database, sql).is_some_and(&is_right));
}

/// The count of a statement; `None` while the server is unreachable.
fn count(database: &Database<'_>, sql: &str) -> Option<i64> {
    let mut client = Client::connect(&database.url(), NoTls).ok()?;
    client.query_one(sql, &[]).ok()?.try_get(0).ok()
}
