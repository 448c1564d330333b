//! Two archivers share an archive on a server, while they are killed and stopped, the server crashes, and
//! sessions are ended.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};
use omnilogs::sandbox::{Sandbox, SandboxOptions, Scenario};
use postgres::{Client, NoTls};
use proptest::prelude::Rng as _;
use proptest::test_runner::{RngAlgorithm, TestRng};
use rustix::process::Signal;
use serde_json::Value;

use crate::support::account::on_account;
use crate::support::postgres_cluster::{Cluster, Database, own_cluster};
use crate::support::running::Running;
use crate::support::{Omnilogs, omnilogs};

/// The variable with the number of seconds of the test. Without it, each fault happens once.
const SECONDS_VARIABLE: &str = "OMNILOGS_SOAK_SECONDS";

/// A fault.
#[derive(Clone, Copy, Debug)]
enum Fault {
    /// An archiver is killed, and another one takes its place.
    Kill,
    /// An archiver is stopped until its lease is over and the other one has taken it.
    Stop,
    /// The server crashes and starts again.
    Crash,
    /// The administrator ends every session of the archivers.
    Terminate,
}

const FAULTS: [Fault; 4] = [Fault::Kill, Fault::Stop, Fault::Crash, Fault::Terminate];

/// The server of the messages.
struct Traffic(Sandbox);

impl Traffic {
    fn start(scenario: Scenario) -> Self {
        let mut options = SandboxOptions::default();
        options.scenario = scenario;
        options.rate_per_minute = 0;
        // Traffic begins 48 hours before this time; the pages of 18 hours are enough for every fault.
        options.now = Utc::now() + TimeDelta::hours(30);
        Self(Sandbox::start(options).unwrap())
    }

    /// A run that queries this server, and has the archive at this address.
    fn run(&self, archive: &str) -> Omnilogs {
        on_account(&self.0).env("OMNILOGS_ARCHIVE", archive)
    }
}

/// The archivers and what they share.
struct Soak<'c> {
    cluster: &'c Cluster,
    database: Database<'c>,
    traffic: Traffic,
    archivers: [Running; 2],
}

impl<'c> Soak<'c> {
    fn start(cluster: &'c Cluster, scenario: Scenario) -> Self {
        let database = cluster.database();
        omnilogs().args(["archive", "init", "-q", "--archive", &database.url()]).run().code(0);
        let traffic = Traffic::start(scenario);
        let archivers = [archiver(&traffic, &database), archiver(&traffic, &database)];
        Self { cluster, database, traffic, archivers }
    }

    /// The number of the lease, and the time until which it is valid. `None` while the server is
    /// unreachable.
    fn lease(&self) -> Option<(i64, i64)> {
        let mut client = Client::connect(&self.database.url(), NoTls).ok()?;
        let row = client.query_one("SELECT fence, until FROM omnilogs.lease", &[]).ok()?;
        Some((row.get(0), row.get(1)))
    }

    /// Waits until an archiver has written something, and a little longer.
    fn until_written(&self, after: Duration) {
        let before = self.lease();
        let is_new = |lease: Option<(i64, i64)>| {
            lease != before && lease.is_some_and(|(_, until)| until > 0)
        };
        self.archivers[0].until(|| is_new(self.lease()));
        std::thread::sleep(after);
    }

    /// Ends the lease as soon as the server can be reached.
    fn two_minutes_pass(&self) {
        self.archivers[0].until(|| end_lease(&self.database));
    }

    /// Fails, and shows why, if one of the archivers has ended by itself.
    fn check_running(&mut self) {
        for archiver in &mut self.archivers {
            if !archiver.until_or_end(|| true) {
                archiver.until_stderr_contains("the reason why the archiver has ended");
            }
        }
    }

    fn cause(&mut self, fault: Fault, which: usize) {
        match fault {
            Fault::Kill => {
                let new = archiver(&self.traffic, &self.database);
                let old = std::mem::replace(&mut self.archivers[which], new);
                old.signal(Signal::KILL);
                old.end().code(137);
                self.two_minutes_pass();
            }
            Fault::Stop => {
                self.archivers[which].signal(Signal::STOP);
                self.two_minutes_pass();
                let before = self.lease();
                self.archivers[0].until(|| self.lease().is_some_and(|now| Some(now) != before));
                self.archivers[which].signal(Signal::CONT);
            }
            Fault::Crash => {
                self.cluster.stop();
                self.cluster.start_again();
                self.archivers[0].until(|| self.lease().is_some());
            }
            Fault::Terminate => {
                let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE application_name = 'omnilogs'";
                self.database.client().batch_execute(sql).unwrap();
            }
        }
    }

    /// Ends the archivers, syncs once more, and fails unless the archive has what the server has.
    fn compare(self) {
        let Self { database, traffic, archivers, .. } = self;
        let url = database.url();
        for archiver in archivers {
            archiver.signal(Signal::TERM);
            archiver.end().code(143);
        }
        // A signal ends an archiver after two seconds at most, on a busy machine before it could give its
        // lease back.
        assert!(end_lease(&database));
        // The server says its time in whole seconds.
        let until = Utc::now() - TimeDelta::seconds(2);
        let since = (until - TimeDelta::hours(47)).to_rfc3339();
        let until = until.to_rfc3339();
        let window = ["--all", "--since", &since, "--until", &until, "-o", "jsonl", "-q"];
        let ran = traffic.run(&url).args(["archive", "sync", "--rate", "0"]).run();
        // On a slow machine, the oldest messages expire while no archiver can list them. The window
        // begins an hour later.
        assert!([0, 3].contains(&ran.code), "{}", ran.stderr);
        let held = traffic.run(&url).args(["--archive"]).args(window).run().code(0).stdout;
        let sent = traffic.run(&url).args(["--rate", "0"]).args(window).run().code(0).stdout;
        omnilogs().args(["archive", "verify", "--full", "--archive", &url]).run().code(0);
        let (held, sent) = (by_id(&held), by_id(&sent));
        assert!(sent.len() > 1000 && held.len() == sent.len(), "{} {}", held.len(), sent.len());
        // What was not final when it was read is read again at certain ages only.
        let mut client = database.client();
        let rank = "SELECT rank FROM omnilogs.message WHERE ident = $1 AND channel = $2";
        let mut stale = 0;
        for (id, row) in &sent {
            let mine = held.get(id).unwrap_or_else(|| panic!("{id:?} is not in the archive"));
            if mine != row {
                let rank: i64 = client.query_one(rank, &[&id.0, &id.1]).unwrap().get(0);
                assert!(rank < 2, "{mine}\n{row}");
                stale += 1;
            }
        }
        if std::env::var_os(SECONDS_VARIABLE).is_some() {
            eprintln!("{} messages in both, of which {stale} became final later", sent.len());
        }
    }
}

fn archiver(traffic: &Traffic, database: &Database<'_>) -> Running {
    let words = ["archive", "sync", "--rate", "0", "--every", "1s"];
    traffic.run(&database.url()).args(words).start()
}

/// Ends the lease, and each session that is idle in a transaction, as if two minutes had passed. Returns
/// `false` while the server is unreachable.
fn end_lease(database: &Database<'_>) -> bool {
    let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name = 'omnilogs' AND state LIKE 'idle in transaction%';
        UPDATE omnilogs.lease SET until = 1";
    let client = Client::connect(&database.url(), NoTls);
    client.is_ok_and(|mut client| client.batch_execute(sql).is_ok())
}

/// Rows by their ids and channels. None may come twice.
fn by_id(rows: &str) -> HashMap<(String, String), Value> {
    let mut found = HashMap::new();
    for row in rows.lines() {
        let row: Value = serde_json::from_str(row).unwrap();
        let text = |field: &str| row[field].as_str().unwrap().to_owned();
        let id = (text("messageId"), text("channel"));
        assert!(found.insert(id, row).is_none(), "twice");
    }
    found
}

#[test]
fn two_archivers_that_are_killed_stopped_and_cut_off_store_what_the_server_has_once() {
    let Some(cluster) = own_cluster(&[], "") else { return };
    let seconds = std::env::var(SECONDS_VARIABLE).map(|text| text.parse().unwrap());
    let scenario = if seconds.is_ok() { Scenario::Busy } else { Scenario::Normal };
    let (seconds, started) = (Duration::from_secs(seconds.unwrap_or(0)), Instant::now());
    let mut soak = Soak::start(&cluster, scenario);
    let mut random = TestRng::deterministic_rng(RngAlgorithm::default());
    let mut counts = [0; FAULTS.len()];
    for step in 0.. {
        if step >= FAULTS.len() && started.elapsed() >= seconds {
            break;
        }
        let (number, which) = (random.next_u32() as usize, random.next_u32() as usize % 2);
        let at = if step < FAULTS.len() { step } else { number % FAULTS.len() };
        soak.until_written(Duration::from_millis(number as u64 % 300));
        soak.check_running();
        soak.cause(FAULTS[at], which);
        counts[at] += 1;
    }
    if !seconds.is_zero() {
        eprintln!("{:?}", FAULTS.iter().zip(counts).collect::<Vec<_>>());
    }
    soak.compare();
}
