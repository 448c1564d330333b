//! After each fault of a sync, its machine or its disk, the archive has every message whose time it
//! covers. The faults are in `tests/upkeep/matrix.rs`.

mod failing_server;
mod files;

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Mutex;

use chrono::Utc;
use omnilogs::archive::{
    LeaseRequest, OpenMode, Scope, Selection, SqliteOptions, SqliteStore, Store, VerifyDepth,
};
use rustix::process::Signal;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::model::{self, ServerBehavior, response_to, sent};
use crate::support::running::Running;
use crate::support::{Omnilogs, Ran, Response, Server, at_once, omnilogs};

/// How often a sync is killed, unless the variable says otherwise.
const KILLS: usize = 20;
const KILLS_VARIABLE: &str = "OMNILOGS_KILL_CYCLES";

/// The folder of an archive that several runs use.
struct ArchiveFolder(TempDir);

impl ArchiveFolder {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("a.db")
    }

    fn command(&self, server: &Server, words: &[&str]) -> Omnilogs {
        let archive = format!("--archive={}", self.path().display());
        omnilogs().at(&server.url()).args(words).args([archive.as_str(), "--rate", "0"])
    }

    fn sync(&self, server: &Server) -> Omnilogs {
        self.command(server, &["archive", "sync", "--retries", "0"])
    }

    /// Fails unless the archive is sound and has each of these messages whose time it covers. Returns the
    /// number of its messages.
    #[track_caller]
    fn check(&self, messages: &[Value]) -> usize {
        if !self.path().exists() {
            return 0;
        }
        let mut store =
            SqliteStore::open(&self.path(), SqliteOptions::new(OpenMode::Write)).unwrap();
        let problems = store.verify(VerifyDepth::Full).unwrap().problems;
        assert_eq!(problems, Vec::<String>::new());
        let rows = store.rows(&Selection::default(), None, usize::MAX >> 8).unwrap();
        let held: HashSet<_> = rows.iter().map(|row| row.key().ident).collect();
        for account in store.accounts().unwrap() {
            let covered = store.ledger(account.id, Scope::ALL).unwrap().covered();
            for message in messages {
                let is_covered = covered.iter().any(|range| range.contains(sent(message)));
                let id = message["messageId"].as_str().unwrap();
                assert!(!is_covered || held.contains(id), "{id} is covered and not there");
            }
        }
        held.len()
    }
}

fn serve(messages: &[Value], cap: usize) -> Server {
    model::serve(messages.to_vec(), ServerBehavior { cap, ..ServerBehavior::default() })
}

/// Waits until the server has received this many requests.
fn until_requests(running: &Running, server: &Server, count: usize) {
    running.until(|| server.heads().len() >= count);
}

/// A01.
#[test]
fn a_sync_that_is_killed_after_any_response_has_stored_what_it_covers_and_the_next_one_continues() {
    let kills = std::env::var(KILLS_VARIABLE).map_or(KILLS, |kills| kills.parse().unwrap());
    let messages = model::recent(1500, 1);
    let server = serve(&messages, 100);
    let mut killed = 0;
    while killed < kills {
        // A new archive each time that one is complete, which takes a few kills.
        let (folder, mut held) = (ArchiveFolder::new(), 0);
        loop {
            let wanted = server.heads().len() + 1 + killed % 9;
            let mut running = folder.sync(&server).start();
            // The requests before have their responses, and their pages are stored or not; at this one
            // the program waits, or has just got the response.
            if running.until_or_end(|| server.heads().len() >= wanted) {
                running.signal(Signal::KILL);
            }
            let is_killed = running.end().code == 137;
            let now = folder.check(&messages);
            assert!(now >= held, "{now} messages, {held} before");
            held = now;
            killed += usize::from(is_killed);
            if !is_killed || killed >= kills {
                break;
            }
        }
        folder.sync(&server).run().code(0);
        assert_eq!(folder.check(&messages), messages.len());
    }
}

/// A23.
#[test]
fn a_signal_after_any_response_ends_a_sync_in_order() {
    let messages = model::recent(300, 5);
    at_once([1, 2, 4, 7], |requests| {
        let (folder, server) = (ArchiveFolder::new(), serve(&messages, 20));
        let running = folder.sync(&server).start();
        until_requests(&running, &server, requests);
        running.signal(Signal::TERM);
        let ran = running.end().code(143);
        assert!(!ran.stderr.contains("error: HTTP"), "{}", ran.stderr);
        folder.check(&messages);
        // The lease was given back, so that no other program waits for it.
        let status = folder.command(&server, &["archive", "sync", "-vv"]).run().code(0);
        assert!(!status.stderr.contains("in use"), "{}", status.stderr);
        assert_eq!(folder.check(&messages), messages.len());
    });
}

/// A15.
#[test]
fn a_response_that_fails_leaves_a_gap_that_the_next_sync_fills() {
    let messages = model::recent(200, 10);
    at_once(1..8, |number| {
        let held = messages.clone();
        let server = Server::start(move |at, head| {
            if at == number { Response::error("500 Oops") } else { response_to(&held, head, 20) }
        });
        let folder = ArchiveFolder::new();
        folder.sync(&server).run().code(3).says("HTTP 500");
        folder.check(&messages);
        let status = folder.command(&server, &["archive", "status", "-o", "json"]).run().code(3);
        assert!(status.stdout.contains("\"gaps\":[{"), "{}", status.stdout);
        folder.sync(&server).run().code(0);
        assert_eq!(folder.check(&messages), messages.len());
    });
}

/// A16, A17.
#[test]
fn a_row_of_a_response_that_cannot_be_decoded_is_kept_beside_the_others() {
    let messages = model::recent(30, 60);
    let bad: [&[u8]; 3] = [
        b"{\"messageId\":\"bad\",\"text\":\"\xFF\xC3(\"}",
        b"{\"messageId\":{\"a\":[1]},\"to\":7,\"status\":\"none\"}",
        b"{\"messageId\":\"nul\",\"text\":\"\\u0000\",\"sentAt\":\"soon\"}",
    ];
    let held = messages.clone();
    let server = Server::start(move |_, head| {
        let requested = model::RequestedRows::of_request(head, 1);
        let good = model::matching_rows(&held, head, 1000);
        let has_room = good.len() + bad.len() <= requested.limit && !good.is_empty();
        let mut rows: Vec<Vec<u8>> = good.iter().map(|row| row.to_string().into_bytes()).collect();
        rows.extend(bad.iter().filter(|_| has_room).map(|row| row.to_vec()));
        Response::json([b"{\"results\":[", &*rows.join(&b","[..]), b"]}"].concat())
    });
    let folder = ArchiveFolder::new();
    for _ in 0..2 {
        let ran = folder.command(&server, &["archive", "sync", "-o", "json"]).run();
        let report: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert!(report["faulty"].as_u64().unwrap() >= 1, "{report}");
        assert_eq!(folder.check(&messages), messages.len() + bad.len());
    }
    let mut store = SqliteStore::open(&folder.path(), SqliteOptions::new(OpenMode::Read)).unwrap();
    let rows = store.rows(&Selection::default(), None, 100).unwrap();
    for row in bad {
        assert!(rows.iter().any(|stored| stored.log.bytes() == row), "{row:?}");
    }
    let list = ["list", "--all", "--allow-gaps", "-o", "jsonl"];
    let listed = folder.command(&server, &list).run().code(0).stdout;
    assert_eq!(listed.lines().count(), messages.len() + bad.len());
}

/// A03.
#[test]
fn a_sync_waits_for_an_archive_that_is_in_use_and_then_names_the_program_that_uses_it() {
    let folder = ArchiveFolder::new();
    let server = serve(&model::recent(3, 5), 1000);
    folder.sync(&server).run().code(0);
    let mut store = SqliteStore::open(&folder.path(), SqliteOptions::new(OpenMode::Write)).unwrap();
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let request = LeaseRequest {
        program: "omnilogs archive sync",
        pid: std::process::id(),
        host: &host,
        now: Utc::now().timestamp_millis(),
        replaces: None,
    };
    store.take_lease(&request).unwrap();
    let before = server.heads().len();
    let holder = format!("process {} on {host}", std::process::id());
    at_once(
        [&["archive", "sync"][..], &["archive", "prune", "--older-than", "1d", "--yes"]],
        |words| {
            folder.command(&server, words).run().code(11).says(&holder);
        },
    );
    assert_eq!(server.heads().len(), before);
    folder.command(&server, &["list", "--allow-gaps"]).run().code(0);
    folder.command(&server, &["archive", "status"]).run().code(0);
}

/// A22.
#[test]
fn a_wrong_or_jumping_clock_loses_no_message_while_the_server_sends_its_time() {
    let messages = model::recent(200, 12);
    let held = messages.clone();
    let server =
        Server::start(move |_, head| model::dated_response_to(&held, Utc::now(), head, 50));
    let folder = ArchiveFolder::new();
    for offset in [259_200, -259_200, 0, 40_000_000] {
        after(offset, folder.sync(&server)).run().code(0);
        after(offset, folder.command(&server, &["archive", "status"])).run().code(0);
        assert_eq!(folder.check(&messages), messages.len(), "{offset}");
    }
    let mut store = SqliteStore::open(&folder.path(), SqliteOptions::new(OpenMode::Read)).unwrap();
    let account = store.accounts().unwrap()[0].id;
    let ledger = store.ledger(account, Scope::ALL).unwrap();
    assert_eq!(ledger.gaps, []);
    // Nothing of the future counts as listed.
    assert!(ledger.newest().unwrap() <= Utc::now().timestamp_millis(), "{ledger:?}");
}

/// A run at this many seconds from now.
fn after(seconds: i64, run: Omnilogs) -> Omnilogs {
    run.with_preload("PRELOAD_TIME", &(Utc::now().timestamp() + seconds).to_string())
}

/// A14.
#[test]
fn the_status_says_what_was_lost_when_no_sync_ran_for_more_than_48_hours() {
    const HOUR: i64 = 3600;
    let (folder, server) = (ArchiveFolder::new(), serve(&model::recent(50, 10), 1000));
    folder.sync(&server).run().code(0);
    let status = |hours: i64, words: &[&str]| {
        let words = [&["archive", "status"], words].concat();
        after(hours * HOUR, folder.command(&server, &words)).run()
    };
    for hours in [0, 40, 47] {
        status(hours, &[]).code(0);
    }
    let ran = status(72, &[]).code(3);
    assert!(ran.stdout.contains("lost: the messages of this time expired"), "{}", ran.stdout);
    let ran = status(72, &["-o", "json"]).code(3);
    let account = &serde_json::from_str::<Value>(&ran.stdout).unwrap()["accounts"][0];
    assert_eq!(account["gaps"][0]["since"], account["newest"], "{}", ran.stdout);
    status(72, &["--acknowledge"]).code(0);
    // The same outage stays acknowledged for a day.
    status(72, &[]).code(0);
    status(95, &[]).code(0);
    status(97, &[]).code(3);
}

#[test]
fn the_status_of_an_account_whose_syncs_all_failed_is_incomplete() {
    let messages = model::recent(5, 10);
    let server = Server::start({
        let messages = messages.clone();
        move |number, head| match number {
            0 | 1 | 3 | 4 => Response::error("500 Oops"),
            // The third response says only the time of the server.
            _ => response_to(&messages, head, 1000),
        }
    });
    let folder = ArchiveFolder::new();
    let with =
        |words: &[&str]| folder.command(&server, &[&["archive", "status"], words].concat()).run();
    let status = || with(&[]);
    let incomplete = |ran: Ran| {
        let status: Value = serde_json::from_str(&ran.stdout).unwrap();
        status["accounts"][0]["incomplete"].clone()
    };
    let unlisted = "no sync of default has listed any time yet";
    for (reason, word) in
        [(unlisted, "unlisted"), (unlisted, "unlisted"), ("2 gaps in the archive", "gaps")]
    {
        assert_ne!(folder.sync(&server).run().code, 0);
        status().code(3).says(reason);
        assert_eq!(incomplete(with(&["-o", "json"]).code(3)), word);
        // Until the next sync fails.
        with(&["--acknowledge"]).code(0).says("acknowledged");
        assert_eq!(incomplete(with(&["-o", "json"]).code(0)), Value::Null);
        assert!(status().code(0).stdout.contains(", acknowledged"));
    }
    folder.sync(&server).run().code(0);
    status().code(0);
    let prune = ["archive", "prune", "--older-than", "0s", "--yes"];
    folder.command(&server, &prune).run().code(0);
    status().code(0);
}

#[test]
fn two_accounts_in_one_archive_do_not_mix() {
    let of = |count: i64, minutes| model::recent(count, minutes);
    // Both servers have messages with the same ids.
    let (shop, bank) = (serve(&of(5, 10), 1000), serve(&of(8, 7), 1000));
    let config = format!(
        "[profiles.shop]\nbase_url = \"{}\"\napi_key = \"one\"\n\
         [profiles.bank]\nbase_url = \"{}\"\napi_key = \"two\"\n",
        shop.url(),
        bank.url()
    );
    let line = "set -e; for p in shop bank; do omnilogs archive sync -q --archive=a.db --profile $p; done
        for p in shop bank; do omnilogs --archive=a.db --profile $p --all -o csv --no-header | wc -l; done
        omnilogs --archive=a.db --all -o csv --no-header | wc -l
        omnilogs archive status --archive=a.db -o json";
    let ran = omnilogs().config(&config).in_bash(line).run().code(0);
    let lines: Vec<_> = ran.stdout.lines().collect();
    assert_eq!(lines[..3].iter().map(|line| line.trim()).collect::<Vec<_>>(), ["5", "8", "13"]);
    let status: Value = serde_json::from_str(lines[3]).unwrap();
    let accounts = status["accounts"].as_array().unwrap();
    let found: Vec<_> = accounts
        .iter()
        .map(|account| (account["name"].as_str().unwrap(), account["messages"].as_u64().unwrap()))
        .collect();
    assert_eq!(found, [("shop", 5), ("bank", 8)]);
}

/// A04, A24.
#[test]
fn a_listing_during_a_sync_has_whole_pages() {
    let messages = model::recent(300, 5);
    let held = messages.clone();
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let wait = Mutex::new(wait);
    let server = Server::start(move |number, head| {
        if number == 6 {
            // Until the listing has ended.
            let _ = wait.lock().unwrap().recv();
        }
        response_to(&held, head, 100)
    });
    let folder = ArchiveFolder::new();
    let running = folder.sync(&server).start();
    until_requests(&running, &server, 7);
    let listed =
        folder.command(&server, &["list", "--all", "-o", "csv", "--no-header"]).run().code(3);
    assert!(listed.stderr.contains("incomplete"), "{}", listed.stderr);
    folder.check(&messages);
    go.send(()).unwrap();
    running.end().code(0);
    assert_eq!(folder.check(&messages), messages.len());
}
