//! `--resume`: the files of an interrupted run, the runs that may continue them, and the files that no
//! run must change.

use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::mpsc::channel;

use chrono::{Duration, Utc};
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

use super::output::listing;
use crate::support::command::set_mode;
use crate::support::messages::{NUMBER, results, seconds_before};
use crate::support::model::{ServerBehavior, response_to, serve};
use crate::support::unreliable::{ServerDeviations, messages_before, unreliable};
use crate::support::{Omnilogs, Response, Server, omnilogs};

/// A folder that several runs share.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn names(&self) -> Vec<String> {
        listing(self.0.path())
    }

    fn json(&self, name: &str) -> Value {
        serde_json::from_slice(&fs::read(self.path(name)).unwrap()).unwrap()
    }

    /// A resumable run into `rows` of this folder.
    fn run(&self, server: &Server, words: &[&str]) -> Omnilogs {
        let run = omnilogs().at(&server.url()).args(["--all", "--rate", "0", "--retries", "0"]);
        let run = if words.contains(&"-o") { run } else { run.args(["-o", "jsonl"]) };
        run.args(["--resume", "--output-file"]).args([self.path("rows")]).args(words)
    }
}

fn rows(count: usize) -> Vec<Value> {
    (0..count).map(|n| seconds_before(n, "hello")).collect()
}

/// More rows of one instant than can be listed, beside others.
fn rows_with_a_gap() -> Vec<Value> {
    let mut held = rows(300);
    for n in 0..2500 {
        let mut row = seconds_before(7, "hello");
        row["messageId"] = format!("tie{n}").into();
        held.push(row);
    }
    held
}

/// The rows that a run without interruption writes.
fn whole(held: &[Value]) -> String {
    let server = serve(held.to_vec(), ServerBehavior { cap: 100, ..ServerBehavior::default() });
    let words = ["--all", "--rate", "0", "-o", "jsonl"];
    omnilogs().at(&server.url()).args(words).run().code(0).stdout
}

/// A server with pages of 100 rows that refuses only the request with this number.
fn refusing(held: Vec<Value>, at: usize) -> Server {
    Server::start(move |number, head| {
        if number == at {
            Response::error("400 Bad Request")
        } else {
            response_to(&held, head, 100)
        }
    })
}

/// A folder in which a run has stopped after some pages, and its server.
fn stopped(held: &[Value]) -> (Folder, Server) {
    let (folder, server) = (Folder::new(), refusing(held.to_vec(), 3));
    folder.run(&server, &[]).run().code(3).says("the same command continues from here");
    assert_eq!(folder.names(), ["rows.checkpoint", "rows.partial"]);
    (folder, server)
}

/// K10.
#[test]
fn a_checkpoint_of_another_account_is_refused_and_one_of_the_same_account_continues() {
    let held = rows(450);
    let (folder, server) = stopped(&held);
    let checkpoint = fs::read_to_string(folder.path("rows.checkpoint")).unwrap();
    assert!(!checkpoint.contains("test-key") && !checkpoint.contains(NUMBER), "{checkpoint}");
    let requests = server.targets().len();
    let other = [
        ("OMNILOGS_API_KEY", "another-key"),
        ("OMNILOGS_BASE_URL", &server.url().replace("127.0.0.1", "localhost")),
    ];
    for (name, value) in other {
        let ran = folder.run(&server, &[]).env(name, value).run().code(2);
        ran.says("it belongs to another account or to other credentials");
    }
    let sandbox = omnilogs().args(["--sandbox", "--all", "-o", "jsonl", "--resume"]);
    let sandbox = sandbox.args(["--output-file"]).args([folder.path("rows")]);
    sandbox.run().code(2).says("another account");
    assert_eq!(server.targets().len(), requests);
    folder.run(&server, &[]).run().code(0);
    assert_eq!(fs::read_to_string(folder.path("rows")).unwrap(), whole(&held));
    assert_eq!(folder.names(), ["rows"]);
}

#[test]
fn a_continued_file_has_one_byte_order_mark_and_its_own_delimiter() {
    let (folder, server) = (Folder::new(), refusing(rows(450), 3));
    let words = ["-o", "csv", "--csv-bom", "--delimiter", ";", "--columns", "messageId,to"];
    folder.run(&server, &words).run().code(3);
    folder.run(&server, &words[..3]).run().code(2).says("another output format");
    folder.run(&server, &words).run().code(0);
    let file = fs::read_to_string(folder.path("rows")).unwrap();
    assert!(file.starts_with("\u{feff}messageId;to\nm0;"), "{file}");
    assert_eq!((file.matches('\u{feff}').count(), file.lines().count()), (1, 451));
}

#[test]
fn a_password_may_change_and_a_user_name_may_not() {
    let held = rows(450);
    let (folder, server) = (Folder::new(), refusing(held.clone(), 3));
    let basic = |user: &str, password: &str| {
        let words = ["--all", "--rate", "0", "-o", "jsonl", "--resume", "--output-file"];
        let run = omnilogs().args(words).args([folder.path("rows")]);
        let run = run.env("OMNILOGS_BASE_URL", server.url());
        run.env("OMNILOGS_USERNAME", user).env("OMNILOGS_PASSWORD", password).run()
    };
    basic("ana", "one").code(3);
    basic("eva", "one").code(2).says("another account");
    basic("ana", "two").code(0);
    assert_eq!(fs::read_to_string(folder.path("rows")).unwrap(), whole(&held));
}

#[test]
fn a_run_of_another_query_or_format_is_refused() {
    let (folder, server) = stopped(&rows(450));
    for words in [
        &["--channel", "SMS"][..],
        &["--to", NUMBER],
        &["--since", "2026-11-22"],
        &["--grep", "hello"],
        &["--pending"],
        &["-o", "csv"],
        &["--redact"],
        &["--param", "a=b"],
    ] {
        folder.run(&server, words).run().code(2).says("it belongs to another query");
    }
    folder.run(&server, &[]).run().code(0);
}

/// K08.
#[test]
fn a_gap_is_recorded_and_the_output_file_is_not_replaced() {
    let folder = Folder::new();
    let server = serve(rows_with_a_gap(), ServerBehavior::default());
    let manifest = folder.path("manifest");
    let words = ["--manifest", manifest.to_str().unwrap()];
    for _ in 0..3 {
        folder.run(&server, &words).run().code(3).says("the rows that could be listed are in ");
        assert_eq!(folder.names(), ["manifest", "rows.checkpoint", "rows.partial"]);
        let manifest = folder.json("manifest");
        assert_eq!(manifest["complete"], false);
        assert_eq!(manifest["gaps"][0]["atLeast"], 1000);
    }
}

/// Moves the times of a checkpoint back, as if its run had started earlier.
fn age(folder: &Folder, by: Duration) {
    let path = folder.path("rows.checkpoint");
    let mut checkpoint = folder.json("rows.checkpoint");
    for name in ["began", "since", "until", "expiredBefore"] {
        if let Some(time) = checkpoint[name].as_i64() {
            checkpoint[name] = (time - by.num_milliseconds()).into();
        }
    }
    fs::write(&path, checkpoint.to_string()).unwrap();
}

/// One row per minute; the newest was sent some hours ago.
fn recent(hours: i64, count: usize) -> Vec<Value> {
    messages_before(Utc::now() - Duration::hours(hours), count, Duration::minutes(1))
}

/// K09.
#[test]
fn a_relative_window_that_is_continued_much_later_is_reported_and_incomplete() {
    let held = recent(12, 450);
    let folder = Folder::new();
    let server = refusing(held.clone(), 3);
    let manifest = folder.path("manifest");
    let words = ["--since", "24h", "--manifest", manifest.to_str().unwrap()];
    folder.run(&server, &words).run().code(3);
    age(&folder, Duration::hours(11));
    let ran = folder.run(&server, &words).run().code(3);
    let stderr = &ran.stderr;
    assert!(stderr.contains("its window ends at "), "{stderr}");
    assert!(stderr.contains("the window of the first run ends before it"), "{stderr}");
    assert!(stderr.contains("try: omnilogs --all --since "), "{stderr}");
    // The window of the first run is complete, so its file is in place.
    assert_eq!(folder.names(), ["manifest", "rows"]);
    assert_eq!(fs::read_to_string(folder.path("rows")).unwrap().lines().count(), 450);
    assert_eq!(folder.json("manifest")["complete"], false);
    // The next run is a new run with a new window.
    folder.run(&server, &words).run().code(0);
    assert_eq!(folder.json("manifest")["complete"], true);
}

#[test]
fn a_relative_window_that_is_continued_soon_is_complete() {
    let folder = Folder::new();
    let server = refusing(recent(12, 450), 3);
    folder.run(&server, &["--since", "24h"]).run().code(3);
    age(&folder, Duration::hours(1));
    let ran = folder.run(&server, &["--since", "24h"]).run().code(0);
    assert!(ran.stderr.contains("its window ends at "), "{}", ran.stderr);
    assert_eq!(folder.names(), ["rows"]);
}

/// K04. K09.
#[test]
fn messages_that_expired_between_two_runs_are_reported_missing() {
    let folder = Folder::new();
    let server = refusing(recent(40, 450), 3);
    folder.run(&server, &["--since", "47h"]).run().code(3);
    age(&folder, Duration::hours(4));
    let ran = folder.run(&server, &["--since", "47h"]).run().code(3);
    let why = "expired during the run";
    assert!(ran.stderr.contains(why), "{}", ran.stderr);
    folder.run(&server, &["--since", "47h"]).run().code(3).says(why);
}

/// K04. K09. Without a start, the window of the first run begins with the retention of the API at
/// that time.
#[test]
fn messages_of_a_window_without_a_start_that_expired_between_two_runs_are_reported_missing() {
    let (folder, server) = stopped(&recent(40, 450));
    let before = folder.json("rows.checkpoint")["expiredBefore"].as_i64().unwrap();
    age(&folder, Duration::minutes(5));
    let manifest = folder.path("manifest");
    let ran = folder.run(&server, &["--manifest", manifest.to_str().unwrap()]).run().code(3);
    ran.says("expired during the run");
    let missing = &folder.json("manifest")["gaps"][0];
    let millis = |name: &str| {
        let time = missing[name].as_str().unwrap();
        chrono::DateTime::parse_from_str(time, "%Y-%m-%dT%H:%M:%S%.3f%:z")
            .unwrap()
            .timestamp_millis()
    };
    assert_eq!(millis("since"), before - 5 * 60_000);
    assert!((before..before + 60_000).contains(&millis("until")), "{missing}");
}

/// K05.
#[test]
fn a_server_whose_clock_is_ahead_hides_no_row_of_a_run_that_can_be_resumed() {
    for hours in [-3, 3] {
        let now = Utc::now() + Duration::hours(hours);
        let deviations =
            ServerDeviations { now, cap: 100, refuses_at: Some(3), ..ServerDeviations::default() };
        let server = unreliable(messages_before(now, 450, Duration::milliseconds(800)), deviations);
        let folder = Folder::new();
        folder.run(&server, &[]).run().code(3).says("the same command continues from here");
        let until = folder.json("rows.checkpoint")["until"].as_i64().unwrap();
        assert!((until - now.timestamp_millis()).abs() < 1000, "{hours}");
        folder.run(&server, &[]).run().code(0);
        assert_eq!(fs::read_to_string(folder.path("rows")).unwrap().lines().count(), 450);
        assert!(!server.targets()[0].contains("sentUntil"), "{hours}");
    }
}

/// Rows without a time that can be used are anywhere, also where the first run stops.
#[test]
fn rows_without_a_time_come_once_though_the_run_is_interrupted() {
    for text in ["some time ago", "1970-01-01T00:00:00.000+0000"] {
        for one_in in [2, 3, 100] {
            let now = Utc::now();
            let held = messages_before(now, 450, Duration::milliseconds(800));
            let deviations = ServerDeviations {
                now,
                cap: 100,
                refuses_at: Some(4),
                ..ServerDeviations::default()
            };
            let deviations = ServerDeviations { undated: Some((one_in, text)), ..deviations };
            let server = unreliable(held, deviations);
            let folder = Folder::new();
            folder.run(&server, &[]).run().code(3).says("the same command continues from here");
            folder.run(&server, &[]).run().code(0);
            let text = fs::read_to_string(folder.path("rows")).unwrap();
            let id = |line: &str| {
                let row: Value = serde_json::from_str(line).unwrap();
                row["messageId"].as_str().unwrap().to_owned()
            };
            let mut ids: Vec<_> = text.lines().map(id).collect();
            assert_eq!(ids.len(), 450, "one in {one_in}");
            ids.sort();
            ids.dedup();
            assert_eq!(ids.len(), 450, "one in {one_in}");
        }
    }
}

/// K10.
#[test]
fn a_second_run_on_the_same_file_is_refused_while_the_first_one_writes() {
    let held = rows(450);
    let (release, released) = channel::<()>();
    let released = Mutex::new(released);
    let shared = held.clone();
    let server = Server::start(move |number, head| {
        if number == 2 {
            released.lock().unwrap().recv().unwrap();
        }
        response_to(&shared, head, 100)
    });
    let folder = Folder::new();
    let first = folder.run(&server, &[]).start();
    first.until(|| server.targets().len() == 3);
    let other = serve(held.clone(), ServerBehavior::default());
    for words in [&[][..], &["--channel", "SMS"]] {
        let ran = folder.run(&other, words).run().code(2);
        ran.says("another run is writing ");
    }
    assert_eq!(other.targets(), [""; 0]);
    release.send(()).unwrap();
    first.end().code(0);
    assert_eq!(fs::read_to_string(folder.path("rows")).unwrap(), whole(&held));
    assert_eq!(folder.names(), ["rows"]);
}

/// Creates something at a path; the second path is an existing file.
type Put = fn(&Path, &Path);

/// K11.
#[test]
fn links_pipes_and_folders_in_the_place_of_its_files_are_refused_before_any_request() {
    let server = serve(rows(3), ServerBehavior::default());
    let place: [(&str, Put); 4] = [
        ("link", |at, precious| symlink(precious, at).unwrap()),
        ("hard link", |at, precious| fs::hard_link(precious, at).unwrap()),
        ("folder", |at, _| fs::create_dir(at).unwrap()),
        ("pipe", |at, _| assert!(Command::new("mkfifo").arg(at).status().unwrap().success())),
    ];
    for name in ["rows", "rows.partial", "rows.checkpoint"] {
        for (what, put) in place {
            // The other hard link of an output file stays unchanged.
            if (name, what) == ("rows", "hard link") {
                continue;
            }
            let folder = Folder::new();
            let precious = folder.path("precious");
            fs::write(&precious, "precious").unwrap();
            put(&folder.path(name), &precious);
            let ran = folder.run(&server, &[]).run();
            assert!([1, 2].contains(&ran.code), "{name}, {what}: {} {}", ran.code, ran.stderr);
            assert!(ran.stderr.contains("cannot write"), "{name}, {what}: {}", ran.stderr);
            assert_eq!(fs::read_to_string(&precious).unwrap(), "precious", "{name}, {what}");
            assert_eq!(folder.names(), ["precious", name], "{what}");
        }
    }
    assert_eq!(server.targets(), [""; 0]);
    // A link at the path of the next checkpoint is replaced and not followed.
    let folder = Folder::new();
    fs::write(folder.path("precious"), "precious").unwrap();
    symlink("precious", folder.path("rows.checkpoint.next")).unwrap();
    folder.run(&server, &[]).run().code(0);
    assert_eq!(fs::read_to_string(folder.path("precious")).unwrap(), "precious");
    assert_eq!(folder.names(), ["precious", "rows"]);
}

#[test]
fn a_file_that_only_looks_like_a_partial_file_is_refused_and_stays() {
    let server = serve(rows(3), ServerBehavior::default());
    let folder = Folder::new();
    fs::write(folder.path("rows.partial"), "of another program").unwrap();
    folder.run(&server, &[]).run().code(2).says("was not written by --resume");
    assert_eq!(fs::read_to_string(folder.path("rows.partial")).unwrap(), "of another program");
    for (checkpoint, why) in [
        ("", "it is damaged"),
        ("{\"version\":4}", "it is damaged"),
        ("{\"version\":3}", "another version of omnilogs wrote it"),
        ("{\"query\":\"0a\",\"edge\":1}", "another version of omnilogs wrote it"),
    ] {
        fs::write(folder.path("rows.checkpoint"), checkpoint).unwrap();
        folder.run(&server, &[]).run().code(2).says(why);
        assert_eq!(fs::read_to_string(folder.path("rows.checkpoint")).unwrap(), checkpoint);
    }
    assert_eq!(server.targets(), [""; 0]);
}

/// Runs the shell command after this text of a hint.
fn run_hint(stderr: &str, before: &str) {
    let line = stderr.lines().find_map(|line| line.split_once(before)).unwrap().1;
    assert!(Command::new("sh").arg("-c").arg(line).status().unwrap().success(), "{line}");
}

#[test]
fn the_command_of_a_hint_works_for_a_file_name_with_an_apostrophe() {
    let folder = Folder::new();
    let run = |server: &Server| {
        let words = ["--all", "--rate", "0", "-o", "jsonl", "--resume", "--output-file"];
        omnilogs().at(&server.url()).args(words).args([folder.path("it's")])
    };
    let server = serve(rows(3), ServerBehavior::default());
    fs::write(folder.path("it's.partial"), "of another program").unwrap();
    run_hint(&run(&server).run().code(2).stderr, "move it away: ");
    assert_eq!(folder.names(), ["it's.partial.old"]);
    let server = serve(rows_with_a_gap(), ServerBehavior::default());
    run_hint(&run(&server).run().code(3).stderr, "with the same command after ");
    assert_eq!(folder.names(), ["it's.partial.old"]);
}

#[test]
fn rows_that_were_changed_since_the_checkpoint_are_refused() {
    let (folder, server) = stopped(&rows(450));
    let partial = fs::read_to_string(folder.path("rows.partial")).unwrap();
    fs::write(folder.path("rows.partial"), partial.replacen("hello", "jello", 1)).unwrap();
    folder.run(&server, &[]).run().code(2).says("are not those of the checkpoint");
    fs::remove_file(folder.path("rows.partial")).unwrap();
    folder.run(&server, &[]).run().code(2).says("are not those of the checkpoint");
    assert_eq!(folder.names(), ["rows.checkpoint"]);
}

/// K11.
#[test]
fn an_old_file_keeps_its_mode_and_the_partial_file_is_not_more_readable() {
    let held = rows(450);
    let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
    for (old, new) in [(0o600, 0o600), (0o640, 0o640), (0o444, 0o444)] {
        let (folder, server) = (Folder::new(), refusing(held.clone(), 3));
        fs::write(folder.path("rows"), "old").unwrap();
        set_mode(&folder.path("rows"), old);
        folder.run(&server, &[]).run().code(3);
        assert_eq!(fs::read_to_string(folder.path("rows")).unwrap(), "old");
        assert_eq!(mode(&folder.path("rows.partial")) & !old, 0, "{old:o}");
        assert_eq!(mode(&folder.path("rows.checkpoint")), 0o600);
        folder.run(&server, &[]).run().code(0);
        assert_eq!(mode(&folder.path("rows")), new);
        // The same is true for a file that is written without --resume.
        let plain = omnilogs().at(&server.url()).args(["--output-file"]);
        plain.args([folder.path("rows")]).run().code(0);
        assert_eq!(mode(&folder.path("rows")), new);
    }
}

/// K11.
#[test]
fn a_name_that_is_too_long_is_refused_before_any_request() {
    let server = serve(rows(3), ServerBehavior::default());
    let folder = Folder::new();
    let resume = ["-o", "jsonl", "--resume", "--output-file"];
    let run = |words: &[&str], length: usize| {
        let path = folder.path(&"n".repeat(length));
        omnilogs().at(&server.url()).args(words).args([path]).run()
    };
    for (words, length) in [
        (&resume[..], 250),
        (&resume, 245),
        (&["--output-file"], 256),
        (&["--manifest"], 256),
        (&["stats", "--output-file"], 300),
    ] {
        let ran = run(words, length).code(1);
        assert!(ran.stderr.contains("File name too long"), "{words:?}: {}", ran.stderr);
    }
    assert_eq!((server.targets(), folder.names()), (vec![], vec![]));
    run(&["--output-file"], 255).code(0);
    run(&resume, 238).code(0);
    // Replaced as well.
    run(&["--output-file"], 255).code(0);
    assert_eq!(folder.names().len(), 2);
}

#[test]
fn a_saved_file_cannot_be_resumed() {
    let folder = Folder::new();
    fs::write(folder.path("saved"), results(rows(3))).unwrap();
    let run = omnilogs().args(["--input".as_ref(), folder.path("saved").as_os_str()]);
    let run = run.args(["-o", "jsonl", "--resume", "--output-file"]).args([folder.path("rows")]);
    run.run().code(2).says("--resume cannot be used with --input");
    assert_eq!(folder.names(), ["saved"]);
}

/// Otherwise the next run, with the correct key, would be refused.
#[test]
fn a_run_that_received_no_row_leaves_nothing_behind() {
    let held = rows(5);
    let shared = held.clone();
    let server = Server::start(move |number, head| match number {
        0 => Response::error("401 Unauthorized"),
        _ => response_to(&shared, head, 100),
    });
    let folder = Folder::new();
    folder.run(&server, &[]).env("OMNILOGS_API_KEY", "wrong").run().code(4);
    assert_eq!(folder.names(), [""; 0]);
    folder.run(&server, &[]).run().code(0);
    assert_eq!(fs::read_to_string(folder.path("rows")).unwrap(), whole(&held));
}

fn sha256(bytes: &[u8]) -> String {
    let hex = |text: String, byte: &u8| text + &format!("{byte:02x}");
    digest(&SHA256, bytes).as_ref().iter().fold(String::new(), hex)
}

/// K09. The run is killed after its last row, before or after it replaces the output file.
#[test]
fn a_complete_file_is_moved_into_place_by_the_next_run_which_sends_nothing() {
    let held = rows(450);
    let all = whole(&held);
    for is_in_place in [false, true] {
        let (folder, server) = stopped(&held);
        let mut checkpoint = folder.json("rows.checkpoint");
        checkpoint["complete"] = true.into();
        checkpoint["progress"]["bytes"] = all.len().into();
        checkpoint["progress"]["rows"] = 450.into();
        checkpoint["progress"]["sha256"] = sha256(all.as_bytes()).into();
        fs::write(folder.path("rows.checkpoint"), checkpoint.to_string()).unwrap();
        fs::remove_file(folder.path("rows.partial")).unwrap();
        let name = if is_in_place { "rows" } else { "rows.partial" };
        fs::write(folder.path(name), &all).unwrap();
        let requests = server.targets().len();
        let manifest = folder.path("manifest");
        let words = ["--manifest", manifest.to_str().unwrap()];
        folder.run(&server, &words).run().code(0);
        assert_eq!(server.targets().len(), requests);
        assert_eq!(fs::read_to_string(folder.path("rows")).unwrap(), all);
        assert_eq!(folder.names(), ["manifest", "rows"]);
        let manifest = folder.json("manifest");
        let output = &manifest["output"];
        assert_eq!((&manifest["complete"], &manifest["rows"]), (&json!(true), &json!(450)));
        let proof = (&output["bytes"], &output["sha256"]);
        assert_eq!(proof, (&json!(all.len()), &json!(sha256(all.as_bytes()))));
    }
}

/// The number of rows is the sum of both runs.
#[test]
fn the_manifest_of_a_continued_run_counts_all_rows() {
    let held = rows(450);
    let (folder, server) = (Folder::new(), refusing(held, 3));
    let manifest = folder.path("manifest");
    let words = ["--exclude", "nothing", "--fail-on-empty", "--manifest"];
    let run = || folder.run(&server, &words).args([&manifest]).run();
    run().code(3);
    let first = folder.json("manifest");
    assert_eq!((&first["complete"], &first["output"]), (&json!(false), &Value::Null));
    run().code(0);
    let second = folder.json("manifest");
    assert_eq!((&second["rows"], &second["shown"]), (&json!(450), &json!(450)));
    assert_eq!((&second["heldBack"], &second["complete"]), (&json!(0), &json!(true)));
    let bytes = fs::read(folder.path("rows")).unwrap();
    assert_eq!(second["output"]["sha256"], sha256(&bytes));
}
