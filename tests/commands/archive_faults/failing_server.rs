//! A server that throttles and fails for hours, and an archive that is synced meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use rustix::process::Signal;
use serde_json::{Value, json};

use super::ArchiveFolder;
use crate::support::messages::{NUMBER, message_with};
use crate::support::model;
use crate::support::{Response, Server};

/// A server that throttles and fails for some time. Its clock is set by the test, and advances by a second
/// with each request.
struct FailingServer {
    start: DateTime<Utc>,
    seconds: AtomicI64,
}

impl FailingServer {
    /// One message per minute, from six hours before the start to two and a half hours after it.
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

    /// After five minutes, every fourth request of the first hour is throttled. Every request of the
    /// second hour fails.
    fn respond(&self, number: usize, head: &str) -> Response {
        match self.seconds.fetch_add(1, Ordering::SeqCst) {
            300..3600 if number % 4 == 3 => Response::error("429 Too Many Requests"),
            3600..7200 => Response::error("500 Oops"),
            _ => model::dated_response_to(&self.messages(), self.now(), head, 100),
        }
    }
}

/// Syncs every five minutes by the clock of the server. Returns the number of runs that were killed.
fn sync_through(failing: &FailingServer, folder: &ArchiveFolder, server: &Server) -> usize {
    let mut killed = 0;
    for round in 0..27 {
        failing.seconds.store(round * 300, Ordering::SeqCst);
        let wanted = server.heads().len() + 2;
        let mut running = folder.sync(server).start();
        let is_ending = round % 3 != 1 || !running.until_or_end(|| server.heads().len() >= wanted);
        if !is_ending {
            running.signal(Signal::KILL);
        }
        let ran = running.end();
        killed += usize::from(ran.code == 137);
        let is_down = (12..24).contains(&round);
        assert!(!is_down || ran.code != 0, "{round}: {}", ran.stderr);
        folder.check(&failing.messages());
    }
    killed
}

#[test]
fn an_archive_that_is_synced_while_the_server_throttles_and_fails_has_every_message_in_the_end() {
    let start = Utc::now() - TimeDelta::minutes(245);
    let failing = Arc::new(FailingServer { start, seconds: AtomicI64::new(0) });
    let (folder, serving) = (ArchiveFolder::new(), Arc::clone(&failing));
    let server = Server::start(move |number, head| serving.respond(number, head));
    let killed = sync_through(&failing, &folder, &server);
    assert!(killed > 0);
    // When the newest message is old enough to be listed for the last time.
    failing.seconds.store(4 * 3600, Ordering::SeqCst);
    folder.sync(&server).run().code(0);
    let messages = failing.messages();
    assert_eq!(folder.check(&messages), messages.len());

    let status = folder.command(&server, &["archive", "status", "-o", "json"]).run().code(0);
    let status: Value = serde_json::from_str(&status.stdout).unwrap();
    let account = &status["accounts"][0];
    assert_eq!((&account["messages"], &account["gaps"]), (&messages.len().into(), &json!([])));
    assert_eq!(account["pending"], 0);
    let time = |minute| (start + TimeDelta::minutes(minute)).to_rfc3339();
    let (since, until) = (time(-400), time(160));
    let window = ["--since", &since, "--until", &until, "-o", "json"];
    let within = |words: &[&str]| folder.command(&server, &[words, &window].concat()).run().code(0);
    let listed: Value = serde_json::from_str(&within(&["list", "--all"]).stdout).unwrap();
    assert_eq!(listed["results"].as_array().unwrap().len(), messages.len());
    let counted: Value = serde_json::from_str(&within(&["stats"]).stdout).unwrap();
    assert_eq!(counted["total"]["messages"], messages.len(), "{counted}");
    let shown = folder.command(&server, &["show", "m0", "-o", "table"]).run().code(0).stdout;
    assert!(shown.contains("pending") && shown.contains("delivered"), "{shown}");

    let erase = ["archive", "erase", "--to", NUMBER, "--yes"];
    let erased = folder.command(&server, &erase).run().code(0).stdout;
    assert!(erased.contains("found 0 times"), "{erased}");
    for file in std::fs::read_dir(folder.0.path()).unwrap().flatten() {
        let bytes = std::fs::read(file.path()).unwrap();
        assert!(memchr::memmem::find(&bytes, NUMBER.as_bytes()).is_none(), "{file:?}");
    }
    folder.sync(&server).run().code(0);
    let left = messages.iter().filter(|row| row["to"] != NUMBER).count();
    assert_eq!(folder.check(&[]), left);
}
