//! Several programs that use one archive at the same time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use postgres::Client;
use rustix::process::Signal;
use serde_json::{Value, json};

use super::{archive, number, on, run};
use crate::support::Server;
use crate::support::messages::message_with;
use crate::support::model::response_to;
use crate::support::postgres_cluster::{Database, cluster};
use crate::support::running::Running;

/// A server with messages, one second apart, that waits before it responds to a request for the second
/// page of them, until it is released.
fn slow_server(released: Arc<AtomicBool>) -> Server {
    let now = chrono::Utc::now();
    let rows: Vec<Value> = (0..2500)
        .map(|n| {
            let sent = now - chrono::TimeDelta::seconds(60 + n);
            let sent = sent.format("%Y-%m-%dT%H:%M:%S.000+0000").to_string();
            message_with(&format!("m{n}"), &[("sentAt", json!(sent))])
        })
        .collect();
    let second_page = now - chrono::TimeDelta::hours(2);
    Server::start(move |_, head| {
        let until = head.split("sentUntil=").nth(1).and_then(|rest| rest.get(..13));
        while until.is_some_and(|until| *until > *second_page.format("%Y-%m-%dT%H").to_string())
            && !released.load(Ordering::SeqCst)
        {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        response_to(&rows, head, 1000)
    })
}

const HELD: &str = "SELECT count(*) FROM omnilogs.message";

/// Starts a sync, and waits until it has stored messages.
fn sync_until_stored(database: &Database<'_>, server: &Server, client: &mut Client) -> Running {
    let sync = on(database).at(&server.url()).args(["archive", "sync", "--rate", "0"]).start();
    while number(client, HELD) == 0 {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    sync
}

#[test]
fn of_two_archivers_one_that_was_stopped_past_its_lease_writes_nothing_more() {
    let Some(cluster) = cluster() else { return };
    let database = archive(cluster);
    let released = Arc::new(AtomicBool::new(false));
    let slow = slow_server(Arc::clone(&released));
    let mut client = database.client();
    let mut first = sync_until_stored(&database, &slow, &mut client);
    first.signal(Signal::STOP);
    // Two minutes pass.
    client.batch_execute("UPDATE omnilogs.lease SET until = 0 WHERE name = 'writer'").unwrap();
    released.store(true, Ordering::SeqCst);
    let second = on(&database).at(&slow.url()).args(["archive", "sync", "--rate", "0"]).run();
    second.code(0);
    let coverage =
        "SELECT string_agg(since || '-' || until, ',' ORDER BY since) FROM omnilogs.coverage";
    let contents = |client: &mut Client| {
        let coverage: Option<String> = client.query_one(coverage, &[]).unwrap().get(0);
        (number(client, HELD), number(client, "SELECT count(*) FROM omnilogs.version"), coverage)
    };
    let before = contents(&mut client);
    assert_eq!((before.0, before.1), (2500, 2500));
    first.signal(Signal::CONT);
    first.until_stderr_contains("another program took over the archive");
    assert_eq!(first.end().code, 11);
    assert_eq!(contents(&mut client), before);
    run(&database, "omnilogs archive verify --full", 0);
}

/// A04.
#[test]
fn a_listing_during_a_sync_into_a_server_has_whole_pages() {
    let Some(cluster) = cluster() else { return };
    let database = archive(cluster);
    let released = Arc::new(AtomicBool::new(false));
    let slow = slow_server(Arc::clone(&released));
    let writer = sync_until_stored(&database, &slow, &mut database.client());
    let list = "omnilogs --archive --all -o csv --no-header";
    let listed = run(&database, list, 3);
    assert_eq!(listed.stdout.lines().count(), 1000);
    assert!(listed.stderr.contains("incomplete"), "{}", listed.stderr);
    released.store(true, Ordering::SeqCst);
    writer.end().code(0);
    let listed = run(&database, list, 0);
    assert_eq!(listed.stdout.lines().count(), 2500);
}

#[test]
fn a_second_archiver_says_who_has_the_lease() {
    let Some(cluster) = cluster() else { return };
    let database = archive(cluster);
    let sql =
        "UPDATE omnilogs.lease SET program = 'omnilogs archive sync', pid = 4711, host = 'web1',
        since = 1764000000000, until = 9999999999999, fence = 5";
    database.client().batch_execute(sql).unwrap();
    let ran = run(&database, "omnilogs archive sync --sandbox=empty --archive=\"$A\"", 11);
    assert!(ran.stderr.contains("is in use by process 4711 on web1"), "{}", ran.stderr);
    run(&database, "omnilogs --archive --allow-gaps", 0);
}
