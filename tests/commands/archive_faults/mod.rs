//! Whatever happens to a sync, its machine and its disk, the archive holds what it claims to hold. The
//! faults are in `tests/upkeep/matrix.rs`.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use omnilogs::archive::{
    LeaseRequest, OpenMode, Scope, Selection, SqliteOptions, SqliteStore, Store, VerifyDepth,
};
use rustix::process::Signal;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::command::set_mode;
use crate::support::messages::{NUMBER, message_with, results};
use crate::support::model::{self, ServerBehavior, response_to, sent};
use crate::support::restricted::{can_mount, with_file_size_limit, without_root_capabilities};
use crate::support::running::Running;
use crate::support::{Omnilogs, Ran, Response, Server, at_once, omnilogs, preload};

/// How often a sync is killed, unless this variable says how often.
const KILLS: usize = 20;
const KILLS_VARIABLE: &str = "OMNILOGS_KILL_CYCLES";

/// A folder with an archive that several runs use.
struct Shelf(TempDir);

impl Shelf {
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

    /// Fails unless the archive is sound and has each of these messages whose time it covers; how many
    /// messages it has.
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
fn killed_after_any_response_a_sync_has_stored_what_it_covers_and_the_next_one_goes_on() {
    let kills = std::env::var(KILLS_VARIABLE).map_or(KILLS, |kills| kills.parse().unwrap());
    let messages = model::recent(1500, 1);
    let server = serve(&messages, 100);
    let mut killed = 0;
    while killed < kills {
        // A new archive each time that one is complete, which takes a few kills.
        let (shelf, mut held) = (Shelf::new(), 0);
        loop {
            let wanted = server.heads().len() + 1 + killed % 9;
            let mut running = shelf.sync(&server).start();
            // The requests before have their responses, and their pages are stored or not; at this one
            // the program waits, or has just got the response.
            if running.until_or_end(|| server.heads().len() >= wanted) {
                running.signal(Signal::KILL);
            }
            let is_killed = running.end().code == 137;
            let now = shelf.check(&messages);
            assert!(now >= held, "{now} messages, {held} before");
            held = now;
            killed += usize::from(is_killed);
            if !is_killed || killed >= kills {
                break;
            }
        }
        shelf.sync(&server).run().code(0);
        assert_eq!(shelf.check(&messages), messages.len());
    }
}

/// A23.
#[test]
fn a_signal_after_any_response_ends_a_sync_in_order() {
    let messages = model::recent(300, 5);
    at_once([1, 2, 4, 7], |requests| {
        let (shelf, server) = (Shelf::new(), serve(&messages, 20));
        let running = shelf.sync(&server).start();
        until_requests(&running, &server, requests);
        running.signal(Signal::TERM);
        let ran = running.end().code(143);
        assert!(!ran.stderr.contains("error: HTTP"), "{}", ran.stderr);
        shelf.check(&messages);
        // The lease was given back, so that no other program waits for it.
        let status = shelf.command(&server, &["archive", "sync", "-vv"]).run().code(0);
        assert!(!status.stderr.contains("in use"), "{}", status.stderr);
        assert_eq!(shelf.check(&messages), messages.len());
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
        let shelf = Shelf::new();
        shelf.sync(&server).run().code(3).says("HTTP 500");
        shelf.check(&messages);
        let status = shelf.command(&server, &["archive", "status", "-o", "json"]).run().code(3);
        assert!(status.stdout.contains("\"gaps\":[{"), "{}", status.stdout);
        shelf.sync(&server).run().code(0);
        assert_eq!(shelf.check(&messages), messages.len());
    });
}

/// Runs syncs that have room for less and less, and checks what each of them leaves.
fn with_little_room(messages: &[Value], room: impl Fn(usize, Omnilogs) -> Output) -> Vec<i32> {
    let mut codes = Vec::new();
    for kilobytes in [0, 8, 64, 200, 300, 400, 500, 600, 800, 40_000] {
        let (shelf, server) = (Shelf::new(), serve(messages, 100));
        let ran = Ran::from(room(kilobytes, shelf.sync(&server)));
        assert!(matches!(ran.code, 0 | 1), "{kilobytes} kB: {} {}", ran.code, ran.stderr);
        let held = shelf_of(&shelf, &ran, messages);
        assert_eq!(ran.code == 0, held == messages.len(), "{kilobytes} kB: {}", ran.stderr);
        codes.push(ran.code);
        shelf.sync(&server).run().code(0);
        assert_eq!(shelf.check(messages), messages.len());
    }
    codes
}

/// How much an archive has after a run for which there may not have been room to create it.
fn shelf_of(shelf: &Shelf, ran: &Ran, messages: &[Value]) -> usize {
    let is_empty = shelf.path().metadata().is_ok_and(|file| file.len() == 0);
    if is_empty {
        assert_eq!(ran.code, 1, "{}", ran.stderr);
        return 0;
    }
    shelf.check(messages)
}

/// A06.
#[test]
fn a_limit_of_the_file_size_undoes_a_page_and_leaves_what_was_stored() {
    let messages = model::recent(1000, 2);
    let codes = with_little_room(&messages, |kilobytes, run| {
        with_file_size_limit(run, kilobytes * 1024, std::process::Stdio::piped())
    });
    assert_eq!((codes.first(), codes.last()), (Some(&1), Some(&0)), "{codes:?}");
}

/// Runs the program through a shell that may mount file systems which no other process sees. `before` is
/// what the shell does first, and `after` what it does last.
fn in_own_mounts(run: Omnilogs, before: &str, after: &str) -> Output {
    let script = format!("{before} || exit 90; \"$0\" \"$@\"; code=$?; {after}; exit $code");
    let flags = if rustix::process::geteuid().is_root() { "-m" } else { "-rm" };
    run.wrapped_by(&["unshare", flags, "sh", "-c", &script]).command.output().unwrap()
}

/// A05.
#[test]
fn a_disk_that_is_full_undoes_a_page_and_leaves_what_was_stored() {
    if !can_mount() {
        return;
    }
    let messages = model::recent(1000, 2);
    let codes = with_little_room(&messages, |kilobytes, run| {
        let archive = run.command.get_args().find_map(|word| {
            word.to_str().and_then(|word| word.strip_prefix("--archive=")).map(PathBuf::from)
        });
        let folder = archive.unwrap().parent().unwrap().to_path_buf();
        let (folder, out) = (folder.display(), folder.join("out").display().to_string());
        // What the program leaves in the small file system is moved out of it.
        let pages = (kilobytes / 4).max(1);
        let before = format!(
            "mkdir {out} && mount --bind {out} /mnt && \
             mount -t tmpfs -o nr_blocks={pages} tmpfs {folder}"
        );
        let after = format!("cp -p {folder}/a.db* /mnt/");
        let ran = in_own_mounts(run, &before, &after);
        for file in std::fs::read_dir(&out).unwrap().flatten() {
            std::fs::rename(file.path(), Path::new(&folder.to_string()).join(file.file_name()))
                .unwrap();
        }
        let stderr = String::from_utf8_lossy(&ran.stderr);
        assert!(
            ran.status.success() || stderr.contains("there is no space left"),
            "{kilobytes} kB: {stderr}"
        );
        ran
    });
    assert_eq!((codes.first(), codes.last()), (Some(&1), Some(&0)), "{codes:?}");
}

/// A06.
#[test]
fn a_read_only_file_system_can_be_read_and_is_not_written_to() {
    if !can_mount() {
        return;
    }
    let (shelf, messages) = (Shelf::new(), model::recent(30, 5));
    let server = serve(&messages, 1000);
    shelf.sync(&server).run().code(0);
    let before = std::fs::read(shelf.path()).unwrap();
    let folder = shelf.0.path().display().to_string();
    let read_only = format!("mount --bind {folder} {folder} && mount -o remount,ro,bind {folder}");
    let list = shelf.command(&server, &["list", "--all", "-o", "csv", "--allow-gaps"]);
    let ran = Ran::from(in_own_mounts(list, &read_only, ":")).code(0);
    assert_eq!(ran.stdout.lines().count(), 31, "{}", ran.stdout);
    let ran = Ran::from(in_own_mounts(shelf.sync(&server), &read_only, ":")).code(11);
    assert!(ran.stderr.contains("is read-only"), "{}", ran.stderr);
    assert_eq!(std::fs::read(shelf.path()).unwrap(), before);
}

/// A06.
#[test]
fn what_cannot_be_written_can_be_read_and_a_sync_says_why_it_cannot() {
    let messages = model::recent(30, 5);
    let server = serve(&messages, 1000);
    for (file_mode, folder_mode) in [(0o400, 0o700), (0o600, 0o500), (0o400, 0o500)] {
        let shelf = Shelf::new();
        shelf.sync(&server).run().code(0);
        set_mode(&shelf.path(), file_mode);
        set_mode(shelf.0.path(), folder_mode);
        let list = shelf.command(&server, &["list", "--all", "-o", "csv", "--allow-gaps"]);
        let listed = Ran::from(without_root_capabilities(list));
        let synced = Ran::from(without_root_capabilities(shelf.sync(&server)));
        set_mode(shelf.0.path(), 0o700);
        set_mode(&shelf.path(), 0o600);
        assert_eq!(listed.code, 0, "{}", listed.stderr);
        assert_eq!(listed.stdout.lines().count(), 31, "{}", listed.stdout);
        assert_eq!(synced.code, 11, "{file_mode:o} {folder_mode:o} {}", synced.stderr);
        assert!(
            synced.stderr.contains("make the file and its folder writable"),
            "{}",
            synced.stderr
        );
        shelf.sync(&server).run().code(0);
        assert_eq!(shelf.check(&messages), messages.len());
    }
}

/// A07, A08.
#[test]
fn a_cut_or_newer_archive_is_refused_and_not_changed() {
    let (whole, messages) = (Shelf::new(), model::recent(200, 5));
    let server = serve(&messages, 1000);
    whole.sync(&server).run().code(0);
    let bytes = std::fs::read(whole.path()).unwrap();
    let mut newer = bytes.clone();
    newer[60..64].copy_from_slice(&99_u32.to_be_bytes());
    let cuts = [100, 4096, bytes.len() / 2, bytes.len() - 1];
    let cases = cuts.map(|length| (bytes[..length].to_vec(), "it was cut to"));
    let newer = [(newer, "has version 99 of the archive's format")];
    at_once(cases.into_iter().chain(newer), |(bytes, reason)| {
        let shelf = Shelf::new();
        std::fs::write(shelf.path(), &bytes).unwrap();
        for words in [&["archive", "sync"][..], &["archive", "status"], &["list"]] {
            shelf.command(&server, words).run().code(11).says(reason);
        }
        assert!(std::fs::read(shelf.path()).unwrap() == bytes, "{reason}");
    });
}

#[test]
fn a_cut_file_is_imported_up_to_the_cut_and_the_exit_status_says_so() {
    let body = results(model::recent(20, 5));
    let whole_rows = body[..body.len() / 2].matches("\"messageId\"").count() - 1;
    let line = format!(
        "head -c {} whole.json > cut.json; omnilogs archive import cut.json --archive=a.db; echo $?; \
         omnilogs archive import whole.json --archive=a.db -o json",
        body.len() / 2
    );
    let run = omnilogs().in_bash(&line);
    std::fs::write(run.home().join("whole.json"), &body).unwrap();
    let ran = run.run().code(0);
    assert!(ran.stdout.starts_with("3\n"), "{}\n{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("cut.json"), "{}", ran.stderr);
    let report: Value = serde_json::from_str(ran.stdout.lines().nth(1).unwrap()).unwrap();
    let unchanged = report["unchanged"].as_u64().unwrap();
    let new = report["new"].as_u64().unwrap();
    assert_eq!(new + unchanged, 20, "{report}");
    assert!(unchanged <= whole_rows as u64 + 1, "{report}");
}

/// A03.
#[test]
fn an_archive_that_another_program_keeps_is_waited_for_and_then_said_to_be_in_use() {
    let shelf = Shelf::new();
    let server = serve(&model::recent(3, 5), 1000);
    shelf.sync(&server).run().code(0);
    let mut store = SqliteStore::open(&shelf.path(), SqliteOptions::new(OpenMode::Write)).unwrap();
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
            shelf.command(&server, words).run().code(11).says(&holder);
        },
    );
    assert_eq!(server.heads().len(), before);
    shelf.command(&server, &["list", "--allow-gaps"]).run().code(0);
    shelf.command(&server, &["archive", "status"]).run().code(0);
}

/// A21.
#[test]
fn an_archive_is_private_whatever_the_umask_is() {
    use std::os::unix::fs::PermissionsExt;

    let server = serve(&model::recent(100, 5), 10);
    let line = "umask 000; omnilogs archive sync --archive=new/folder/a.db --rate 0";
    let running = omnilogs().at(&server.url()).in_bash(line).start();
    until_requests(&running, &server, 4);
    let folder = running.home().join("new/folder");
    let seen = Mutex::new(HashSet::new());
    running.until(|| {
        for file in std::fs::read_dir(&folder).unwrap().flatten() {
            let Ok(metadata) = file.metadata() else { continue };
            assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "{file:?}");
            seen.lock().unwrap().insert(file.file_name());
        }
        seen.lock().unwrap().len() >= 3
    });
    assert_eq!(folder.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    running.end().code(0);
}

/// A22.
#[test]
fn a_clock_that_is_off_or_jumps_loses_nothing_while_the_server_states_the_time() {
    let messages = model::recent(200, 12);
    let held = messages.clone();
    let server =
        Server::start(move |_, head| model::dated_response_to(&held, Utc::now(), head, 50));
    let shelf = Shelf::new();
    for offset in [259_200, -259_200, 0, 40_000_000] {
        let time = (Utc::now().timestamp() + offset).to_string();
        let clock = preload::variables("PRELOAD_TIME", &time);
        let set = |run: Omnilogs, (name, value): (&str, _)| run.env(name, value);
        let run = clock.into_iter().fold(shelf.sync(&server), set);
        run.run().code(0);
        assert_eq!(shelf.check(&messages), messages.len(), "{offset}");
    }
    let mut store = SqliteStore::open(&shelf.path(), SqliteOptions::new(OpenMode::Read)).unwrap();
    let account = store.accounts().unwrap()[0].id;
    let ledger = store.ledger(account, Scope::ALL).unwrap();
    assert_eq!(ledger.gaps, []);
    // Nothing of the future counts as listed.
    assert!(ledger.newest().unwrap() <= Utc::now().timestamp_millis(), "{ledger:?}");
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
    let shelf = Shelf::new();
    let running = shelf.sync(&server).start();
    until_requests(&running, &server, 7);
    let listed =
        shelf.command(&server, &["list", "--all", "-o", "csv", "--no-header"]).run().code(3);
    assert!(listed.stderr.contains("incomplete"), "{}", listed.stderr);
    shelf.check(&messages);
    go.send(()).unwrap();
    running.end().code(0);
    assert_eq!(shelf.check(&messages), messages.len());
}

/// A server in a time of its own, which moves when a test says so and by a second with each request.
struct BadHours {
    start: DateTime<Utc>,
    seconds: AtomicI64,
}

impl BadHours {
    /// Messages per minute are one, from six hours before to two hours and a half after the start.
    const MINUTES: std::ops::Range<i64> = -360..150;

    fn now(&self) -> DateTime<Utc> {
        self.start + TimeDelta::seconds(self.seconds.load(Ordering::SeqCst))
    }

    /// The message of a minute as the server shows it: most are delivered after three minutes, every
    /// seventh after 20, and every tenth goes to one person.
    fn message(&self, minute: i64, now: DateTime<Utc>) -> Value {
        let sent = self.start + TimeDelta::minutes(minute);
        let time =
            |at: DateTime<Utc>| Value::from(at.format("%Y-%m-%dT%H:%M:%S%.3f%z").to_string());
        let done = sent + TimeDelta::minutes(if minute % 7 == 0 { 20 } else { 3 });
        let to = if minute % 10 == 0 {
            NUMBER.to_owned()
        } else {
            format!("4477008{:05}", 500 + minute)
        };
        let mut row = message_with(
            &format!("m{minute}"),
            &[("sentAt", time(sent)), ("doneAt", time(done.min(now))), ("to", to.into())],
        );
        if now < done {
            row["status"] =
                json!({ "groupId": 1, "groupName": "PENDING", "id": 7, "name": "PENDING_ENROUTE" });
        }
        row
    }

    /// The messages that were sent by now.
    fn messages(&self) -> Vec<Value> {
        let now = self.now();
        let sent = Self::MINUTES.filter(|minute| self.start + TimeDelta::minutes(*minute) <= now);
        sent.map(|minute| self.message(minute, now)).collect()
    }

    /// From the second sync on every fourth request of the first hour is throttled, and every one of
    /// the second hour fails.
    fn respond(&self, number: usize, head: &str) -> Response {
        match self.seconds.fetch_add(1, Ordering::SeqCst) {
            300..3600 if number % 4 == 3 => Response::error("429 Too Many Requests"),
            3600..7200 => Response::error("500 Oops"),
            _ => model::dated_response_to(&self.messages(), self.now(), head, 100),
        }
    }
}

/// Syncs every five minutes of the time of the server; how many of the runs were killed.
fn sync_through(hours: &BadHours, shelf: &Shelf, server: &Server) -> usize {
    let mut killed = 0;
    for round in 0..27 {
        hours.seconds.store(round * 300, Ordering::SeqCst);
        let wanted = server.heads().len() + 2;
        let mut running = shelf.sync(server).start();
        let is_ending = round % 3 != 1 || !running.until_or_end(|| server.heads().len() >= wanted);
        if !is_ending {
            running.signal(Signal::KILL);
        }
        let ran = running.end();
        killed += usize::from(ran.code == 137);
        let is_down = (12..24).contains(&round);
        assert!(!is_down || ran.code != 0, "{round}: {}", ran.stderr);
        shelf.check(&hours.messages());
    }
    killed
}

#[test]
fn an_archive_that_is_synced_every_five_minutes_through_bad_hours_holds_what_the_server_held() {
    let start = Utc::now() - TimeDelta::minutes(245);
    let hours = Arc::new(BadHours { start, seconds: AtomicI64::new(0) });
    let (shelf, serving) = (Shelf::new(), Arc::clone(&hours));
    let server = Server::start(move |number, head| serving.respond(number, head));
    let killed = sync_through(&hours, &shelf, &server);
    assert!(killed > 0);
    // When the youngest is old enough to be listed for the last time.
    hours.seconds.store(4 * 3600, Ordering::SeqCst);
    shelf.sync(&server).run().code(0);
    let messages = hours.messages();
    assert_eq!(shelf.check(&messages), messages.len());

    let status = shelf.command(&server, &["archive", "status", "-o", "json"]).run().code(0);
    let status: Value = serde_json::from_str(&status.stdout).unwrap();
    let account = &status["accounts"][0];
    assert_eq!((&account["messages"], &account["gaps"]), (&messages.len().into(), &json!([])));
    assert_eq!(account["pending"], 0);
    let time = |minute| (start + TimeDelta::minutes(minute)).to_rfc3339();
    let (since, until) = (time(-400), time(160));
    let window = ["--since", &since, "--until", &until, "-o", "json"];
    let within = |words: &[&str]| shelf.command(&server, &[words, &window].concat()).run().code(0);
    let listed: Value = serde_json::from_str(&within(&["list", "--all"]).stdout).unwrap();
    assert_eq!(listed["results"].as_array().unwrap().len(), messages.len());
    let counted: Value = serde_json::from_str(&within(&["stats"]).stdout).unwrap();
    assert_eq!(counted["total"]["messages"], messages.len(), "{counted}");
    let shown = shelf.command(&server, &["show", "m0", "-o", "table"]).run().code(0).stdout;
    assert!(shown.contains("pending") && shown.contains("delivered"), "{shown}");

    let erase = ["archive", "erase", "--to", NUMBER, "--yes"];
    let erased = shelf.command(&server, &erase).run().code(0).stdout;
    assert!(erased.contains("found 0 times"), "{erased}");
    for file in std::fs::read_dir(shelf.0.path()).unwrap().flatten() {
        let bytes = std::fs::read(file.path()).unwrap();
        assert!(memchr::memmem::find(&bytes, NUMBER.as_bytes()).is_none(), "{file:?}");
    }
    shelf.sync(&server).run().code(0);
    let left = messages.iter().filter(|row| row["to"] != NUMBER).count();
    assert_eq!(shelf.check(&[]), left);
}
