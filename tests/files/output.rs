//! Files that a run writes: the old file stays, or the complete new file replaces it.

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::{FileTypeExt, symlink};
use std::path::Path;
use std::process::{Output, Stdio};

use rustix::process::Signal;

use super::write_errors::FORMATS;
use crate::support::command::set_mode;
use crate::support::messages::{message, results, seconds_before};
use crate::support::model::{ServerBehavior, serve};
use crate::support::restricted::{with_file_size_limit, without_root_capabilities};
use crate::support::{Omnilogs, Response, Server, omnilogs};

/// The names in a folder.
pub(super) fn listing(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn two_rows() -> Server {
    serve(vec![message("m1", "hi"), message("m2", "ho")], ServerBehavior::default())
}

/// A run in whose home this file exists already.
fn with_old(server: &Server, name: &str) -> Omnilogs {
    let run = omnilogs().at(&server.url());
    fs::write(run.home().join(name), "old").unwrap();
    run
}

fn stderr_of(ran: &Output) -> String {
    String::from_utf8(ran.stderr.clone()).unwrap()
}

/// Arguments that write one file, followed by its name.
const WRITING: [&[&str]; 4] = [
    &["stats", "-o", "json", "--output-file"],
    &["stats", "-o", "csv", "--output-file"],
    &["stats", "--output-file"],
    &["-n", "2", "--manifest"],
];

/// C23.
#[test]
fn an_output_file_is_the_old_one_or_the_complete_new_one_on_a_disk_of_any_size() {
    let server = two_rows();
    let formats = FORMATS.map(|format| [format, &["--output-file"]].concat());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out");
    for words in formats.iter().map(Vec::as_slice).chain(WRITING) {
        let run = || omnilogs().at(&server.url()).args(words).args([path.as_os_str()]);
        fs::write(&path, "old").unwrap();
        run().run().code(0);
        let length = fs::read(&path).unwrap().len();
        for room in [0, length / 2, length - 1] {
            fs::write(&path, "old").unwrap();
            let ran = with_file_size_limit(run(), room, Stdio::null());
            assert_eq!(ran.status.code(), Some(1), "{words:?}, {room} bytes: {}", stderr_of(&ran));
            assert!(
                stderr_of(&ran).contains("output incomplete"),
                "{words:?}: {}",
                stderr_of(&ran)
            );
            assert_eq!(fs::read_to_string(&path).unwrap(), "old", "{words:?}");
            assert_eq!(listing(folder.path()), ["out"]);
        }
        assert_eq!(with_file_size_limit(run(), length, Stdio::null()).status.code(), Some(0));
        assert_eq!(fs::read(&path).unwrap().len(), length, "{words:?}");
    }
}

/// C23.
#[test]
fn a_plot_is_the_old_one_or_the_complete_new_one_on_a_disk_of_any_size() {
    let server = two_rows();
    let folder = tempfile::tempdir().unwrap();
    for (name, start) in [("a.svg", &b"<svg"[..]), ("a.png", b"\x89PNG")] {
        let path = folder.path().join(name);
        // A window that does not depend on the clock, so that every run draws the same picture.
        let window = ["--since", "2026-11-22T09:00Z", "--until", "2026-11-22T11:00Z"];
        let run = || {
            let plot = ["stats", "--plot", path.to_str().unwrap()];
            omnilogs().at(&server.url()).args(plot).args(window)
        };
        run().run().code(0);
        let whole = fs::read(&path).unwrap();
        assert!(whole.starts_with(start), "{name}");
        for room in [0, whole.len() - 1] {
            fs::write(&path, "old").unwrap();
            let ran = with_file_size_limit(run(), room, Stdio::piped());
            assert_eq!(ran.status.code(), Some(1), "{name}: {}", stderr_of(&ran));
            assert_eq!(fs::read_to_string(&path).unwrap(), "old", "{name}");
        }
    }
    assert_eq!(listing(folder.path()), ["a.png", "a.svg"]);
}

/// C23.
#[test]
fn a_configuration_is_written_completely_or_not_at_all() {
    let run = omnilogs();
    let config = run.home().join("config");
    let words = |run: Omnilogs| run.env("XDG_CONFIG_HOME", &config).args(["config", "init"]);
    let ran = with_file_size_limit(words(omnilogs()), 100, Stdio::piped());
    assert_eq!((ran.status.code(), ran.stdout.len()), (Some(1), 0), "{}", stderr_of(&ran));
    assert_eq!(listing(&config.join("omnilogs")), [""; 0]);
    words(omnilogs()).run().code(0);
    assert_eq!(listing(&config.join("omnilogs")), ["config.toml"]);
}

/// C23. A run continues the file of a run that ended because the disk was full.
#[test]
fn a_run_that_can_be_resumed_continues_after_a_full_disk() {
    let row = |n| seconds_before(n, "hello");
    let server = Server::always(Response::json(results((0..40).map(row))));
    let folder = tempfile::tempdir().unwrap();
    let words = |name: &str| {
        let path = folder.path().join(name);
        let fixed = ["-o", "jsonl", "-n", "40", "--resume", "--output-file"];
        omnilogs().at(&server.url()).args(fixed).args([path])
    };
    words("whole").run().code(0);
    let whole = fs::read_to_string(folder.path().join("whole")).unwrap();
    for room in [0, 700, whole.len() - 1] {
        let ran = with_file_size_limit(words("out"), room, Stdio::piped());
        assert_eq!(ran.status.code(), Some(1), "{room}: {}", stderr_of(&ran));
        assert!(!folder.path().join("out").exists());
    }
    words("out").run().code(0);
    assert_eq!(fs::read_to_string(folder.path().join("out")).unwrap(), whole);
    assert_eq!(listing(folder.path()), ["out", "whole"]);
}

/// C23.
#[test]
fn an_old_file_stays_when_the_request_fails_in_every_command() {
    let failing = Server::always(Response::error("400 Bad Request"));
    for words in [
        &["--output-file", "out"][..],
        &["--all", "--output-file", "out"],
        &["stats", "--output-file", "out"],
        &["stats", "--plot", "out.svg"],
        &["follow", "--output-file", "out"],
        &["wait", "--message-id", "m1", "--output-file", "out"],
    ] {
        let name = words.last().unwrap();
        let run = with_old(&failing, name).args(words);
        let folder = run.home().to_owned();
        let (mut command, _home) = run.into_command();
        assert_eq!(command.output().unwrap().status.code(), Some(9), "{words:?}");
        assert_eq!(fs::read_to_string(folder.join(name)).unwrap(), "old", "{words:?}");
        assert_eq!(listing(&folder), [*name], "{words:?}");
    }
}

/// C23. C25. A run that is killed leaves no file of the given names.
#[test]
fn an_old_file_stays_when_the_run_is_killed() {
    let first = Response::json(results((0..3).map(|n| seconds_before(n, "hello"))));
    let stalls = Response::nothing().then_pause(std::time::Duration::from_secs(3600));
    let server = Server::sequence([first, stalls]);
    let run = with_old(&server, "out");
    fs::write(run.home().join("manifest"), "old").unwrap();
    let words = ["--all", "-o", "csv", "--output-file", "out", "--manifest", "manifest"];
    let run = run.args(words).start();
    run.until(|| server.targets().len() == 2);
    run.signal(Signal::KILL);
    let folder = run.home().to_owned();
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let (ran, seen) = run.end_and_inspect(|| [read("out"), read("manifest")]);
    ran.code(137);
    assert_eq!(seen, ["old", "old"]);
}

/// C23.
#[test]
fn a_folder_that_is_not_writable_is_reported_before_anything_is_sent() {
    let server = two_rows();
    for words in [
        &["--output-file", "locked/out"][..],
        &["--manifest", "locked/out"],
        &["-o", "csv", "--resume", "--output-file", "locked/out"],
        &["stats", "--output-file", "locked/out"],
        &["stats", "--plot", "locked/out.svg"],
        &["follow", "--output-file", "locked/out"],
        &["wait", "--message-id", "m1", "--output-file", "locked/out"],
    ] {
        let run = omnilogs().at(&server.url()).args(words);
        let folder = run.home().join("locked");
        fs::create_dir(&folder).unwrap();
        set_mode(&folder, 0o500);
        let ran = without_root_capabilities(run);
        assert_eq!(ran.status.code(), Some(1), "{words:?}: {}", stderr_of(&ran));
        assert!(
            stderr_of(&ran).contains("cannot write locked/out"),
            "{words:?}: {}",
            stderr_of(&ran)
        );
        assert!(stderr_of(&ran).contains("Permission denied"), "{words:?}: {}", stderr_of(&ran));
    }
    assert_eq!(server.targets(), [""; 0]);
}

/// C23.
#[test]
fn a_folder_in_place_of_a_file_is_refused_before_anything_is_sent() {
    let server = two_rows();
    for flag in ["--output-file", "--manifest"] {
        omnilogs().at(&server.url()).args([flag, "/"]).run().code(1).says("cannot write /");
    }
    assert_eq!(server.targets(), [""; 0]);
}

/// C23.
#[test]
fn a_named_pipe_is_written_to_and_not_replaced() {
    let server = two_rows();
    let expected = omnilogs().at(&server.url()).args(["-o", "csv"]).run().code(0).stdout;
    let run = omnilogs().at(&server.url()).args(["-o", "csv", "--output-file", "fifo"]);
    let fifo = run.home().join("fifo");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let run = run.start();
    let mut read = String::new();
    File::open(&fifo).unwrap().read_to_string(&mut read).unwrap();
    let (ran, stays) =
        run.end_and_inspect(|| fs::symlink_metadata(&fifo).unwrap().file_type().is_fifo());
    ran.code(0);
    assert_eq!((read, stays), (expected, true));
}

/// C23.
#[test]
fn a_link_stays_a_link_and_points_to_the_new_file() {
    let server = two_rows();
    for words in [&["-o", "csv", "--output-file", "link"][..], &["--manifest", "link"]] {
        let run = with_old(&server, "out").args(words);
        let folder = run.home().to_owned();
        symlink("out", folder.join("link")).unwrap();
        let (mut command, _home) = run.into_command();
        assert!(command.output().unwrap().status.success());
        assert!(fs::symlink_metadata(folder.join("link")).unwrap().is_symlink(), "{words:?}");
        assert_ne!(fs::read_to_string(folder.join("out")).unwrap(), "old", "{words:?}");
        assert_eq!(listing(&folder), ["link", "out"]);
    }
}

/// C23. A link in the home of the test leads to the device, which a faulty run as root would
/// replace.
#[test]
fn a_device_is_written_to_and_not_replaced() {
    let server = two_rows();
    let run = omnilogs().at(&server.url()).args(["--output-file", "full"]);
    let folder = run.home().to_owned();
    symlink("/dev/full", folder.join("full")).unwrap();
    let (mut command, _home) = run.into_command();
    let ran = command.output().unwrap();
    assert_eq!(ran.status.code(), Some(1), "{}", stderr_of(&ran));
    assert!(stderr_of(&ran).contains("output incomplete: no space left"), "{}", stderr_of(&ran));
    let device = fs::metadata(folder.join("full")).unwrap().file_type();
    assert!(device.is_char_device() && listing(&folder) == ["full"]);
}

/// C23. T07. A terminal that is opened by its path is still a terminal.
#[test]
fn output_to_the_path_of_a_terminal_cannot_control_it() {
    let server = Server::always(Response::json(results([message("m1", "a\u{1b}[2Jb\u{202e}c")])));
    for format in ["table", "csv", "tsv", "json", "xml"] {
        let words = ["-o", format, "--output-file", "/dev/tty", "--color", "never"];
        let run = omnilogs().at(&server.url()).args(words);
        let screen = run.on_terminal(200).end().code(0);
        assert_eq!(screen.escapes(), 0, "{format}");
        assert!(screen.text().contains("[2Jb"), "{format}: {}", screen.text());
    }
}
