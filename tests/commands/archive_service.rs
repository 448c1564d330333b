//! `omnilogs archive sync --every` as a service: its notifications to systemd, the failures that do not end
//! it, and the units of the documentation.

use std::fs;
use std::os::unix::net::UnixDatagram;
use std::process::Command;

use omnilogs::archive::{LeaseRequest, OpenMode, SqliteOptions, SqliteStore, Store};
use rustix::process::Signal;

use crate::support::command::set_mode;
use crate::support::documentation::{blocks, file};
use crate::support::model::{self, response_to};
use crate::support::programs::found;
use crate::support::shells::until_synced;
use crate::support::{Omnilogs, PATIENCE, Response, Server, omnilogs};

/// A sync that runs again and again.
fn service(server: &Server, every: &str) -> Omnilogs {
    let words = ["archive", "sync", "--archive=a.db", "--rate", "0", "--every", every];
    omnilogs().at(&server.url()).args(words)
}

#[test]
fn a_service_is_ready_with_the_first_page_and_notifies_the_watchdog_while_it_waits_for_the_server()
{
    let messages = model::recent(60, 10);
    let server = Server::start(move |number, head| match number {
        0..3 => response_to(&messages, head, 20),
        _ => Response::new("429 Too Many Requests", &[("Retry-After", "50")], ""),
    });
    let run = service(&server, "1h");
    let path = run.home().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let running = run.env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", "300000").start();
    let mut buffer = [0; 4096];
    let mut receive = || {
        let length = socket.recv(&mut buffer).unwrap();
        String::from_utf8_lossy(&buffer[..length]).into_owned()
    };
    while !receive().contains("READY=1") {}
    let status = loop {
        let text = receive();
        if text.contains("STATUS=") {
            break text;
        }
    };
    assert!(status.contains("STATUS=syncing: 3 requests, "), "{status}");
    running.until(|| server.heads().len() == 4);
    for _ in 0..5 {
        while !receive().contains("WATCHDOG=1") {}
    }
    // All of these are from one round, which waits for the server.
    assert_eq!(server.heads().len(), 4);
    running.signal(Signal::TERM);
    running.end().code(143);
}

#[test]
fn a_service_that_a_signal_ends_closes_the_archive() {
    let server = model::serve(model::recent(3, 10), model::ServerBehavior::default());
    for signal in [Signal::TERM, Signal::HUP] {
        let mut running = service(&server, "1h").start();
        running.until_stderr_contains("synced: 3 new");
        let log = running.home().join("a.db-wal");
        assert!(log.exists(), "it holds what the archive does not hold yet");
        running.signal(signal);
        let (_, is_left) = running.end_and_inspect(|| log.exists());
        assert!(!is_left, "{signal:?} left the log");
    }
}

#[test]
fn a_service_whose_credentials_are_refused_ends_and_was_never_ready() {
    let server = Server::always(Response::error("401 Unauthorized"));
    let run = service(&server, "1h");
    let path = run.home().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    run.env("NOTIFY_SOCKET", &path).run().code(4).says("sync failed: 0 new, 0 changed (1 request)");
    socket.set_nonblocking(true).unwrap();
    let mut buffer = [0; 4096];
    while let Ok(length) = socket.recv(&mut buffer) {
        let text = String::from_utf8_lossy(&buffer[..length]);
        assert!(!text.contains("READY=1"), "{text}");
    }
}

#[test]
fn an_archive_that_another_program_uses_does_not_end_a_service() {
    let server = model::serve(model::recent(3, 10), model::ServerBehavior::default());
    let run = service(&server, "1s");
    let path = run.home().join("a.db");
    let mut store = SqliteStore::open(&path, SqliteOptions::new(OpenMode::Create)).unwrap();
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let request = LeaseRequest {
        program: "omnilogs archive prune",
        pid: std::process::id(),
        host: &host,
        now: chrono::Utc::now().timestamp_millis(),
        replaces: None,
    };
    let lease = store.take_lease(&request).unwrap();
    let mut running = run.start();
    running.until_stderr_contains("is in use");
    running.until_stderr_contains("still trying");
    store.release_lease(&lease).unwrap();
    running.until_stderr_contains("synced: 3 new");
    running.signal(Signal::INT);
    running.end().code(130);
}

/// The service and the timer of the documentation.
fn units() -> [String; 2] {
    let page = file("docs/archive.md");
    let units = blocks(&page).into_iter().filter(|block| block.language == "ini");
    units.map(|block| block.text).collect::<Vec<_>>().try_into().unwrap()
}

/// The service without the lines that the documentation says to remove when a timer starts it.
fn once(service: &str) -> String {
    let left_out = ["TimeoutStartSec=", "WatchdogSec=", "Restart=", "RestartSec="];
    let lines = service.lines().filter(|line| !left_out.iter().any(|name| line.starts_with(name)));
    let lines = lines.map(|line| match line {
        "Type=notify" => "Type=oneshot\n".to_owned(),
        _ => format!("{}\n", line.replace(" --every 5m", "")),
    });
    lines.collect()
}

#[test]
fn systemd_finds_no_fault_in_the_units_of_the_documentation() {
    let Some(systemd_analyze) = found("systemd-analyze") else { return };
    let program = assert_cmd::cargo::cargo_bin!("omnilogs").display().to_string();
    let [service, timer] = units();
    for service in [once(&service), service] {
        let folder = tempfile::tempdir().unwrap();
        let [service_path, timer_path] =
            ["service", "timer"].map(|kind| folder.path().join(format!("omnilogs-sync.{kind}")));
        fs::write(&service_path, service.replace("/usr/local/bin/omnilogs", &program)).unwrap();
        fs::write(&timer_path, &timer).unwrap();
        let mut verify = Command::new(&systemd_analyze);
        let output = verify.arg("verify").args([service_path, timer_path]).output().unwrap();
        let faults = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && faults.is_empty(), "{faults}\n{service}");
    }
}

#[test]
fn the_services_and_the_line_for_cron_of_the_documentation_fill_an_archive() {
    let server = model::serve(model::recent(3, 10), model::ServerBehavior::default());
    let [service, _] = units();
    let page = file("docs/archive.md");
    let cron = page.lines().find_map(|line| line.strip_prefix("*/5 * * * *")).unwrap();
    for unit in [service.clone(), once(&service)] {
        let command = unit.lines().find_map(|line| line.strip_prefix("ExecStart=/usr/local/bin/"));
        let run = omnilogs().at(&server.url()).env("OMNILOGS_ARCHIVE", "archive.db");
        let folder = run.home().display().to_string();
        // Systemd puts the credential there.
        let key = run.home().join("api-key");
        fs::write(&key, "key\n").unwrap();
        set_mode(&key, 0o400);
        let command = command.unwrap().replace("%d", &folder);
        let command = if unit == service { until_synced(&command) } else { command };
        let line = format!(
            "{command} && {cron} && omnilogs -q --all --allow-gaps -o csv --no-header --archive | wc -l"
        );
        let ran = run.in_bash(&line).run().code(0);
        assert!(ran.stdout.ends_with("3\n"), "{}\n{}", ran.stdout, ran.stderr);
    }
}
