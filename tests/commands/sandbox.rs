//! `--sandbox=SCENARIO` and `omnilogs sandbox SCENARIO`.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use omnilogs::client::{Client, ClientOptions, Credentials, Endpoint};
use omnilogs::clock::{Clock, Interrupt};
use omnilogs::sandbox::{Sandbox, SandboxOptions, Scenario};
use omnilogs::{Query, Source};

use crate::support::omnilogs;

#[test]
fn a_scenario_is_named_in_any_case_and_an_unknown_one_is_refused_with_all_of_them() {
    let empty = omnilogs().args(["--sandbox=EMPTY", "-o", "jsonl"]).run().code(0);
    assert_eq!(empty.stdout, "");
    for words in [["--sandbox=storm", "-n1"], ["sandbox", "storm"]] {
        let refused = omnilogs().args(words).run().code(2);
        for scenario in Scenario::ALL {
            assert!(refused.stderr.contains(scenario.name()), "{}", refused.stderr);
        }
    }
}

#[test]
fn an_outage_fails_with_one_error() {
    let words = ["--sandbox=outage", "--since", "30m", "--all", "-o", "jsonl"];
    let rows = omnilogs().args(words).run().code(0).stdout;
    let timed_out = rows.lines().filter(|row| row.contains("EC_TIME_OUT")).count();
    assert!(timed_out > 60, "{timed_out}");
}

#[test]
fn a_throttled_run_reports_the_seconds_when_it_may_not_wait() {
    let words = ["--sandbox=throttled", "--max-wait", "1s", "-o", "json"];
    let ran = omnilogs().args(words).run().code(7);
    assert_eq!(ran.error_json()["error"]["retryAfterSeconds"], 2);
}

/// A clock that advances only by its sleeps, which take no real time.
#[derive(Default)]
struct VirtualClock(Mutex<Duration>);

impl Clock for VirtualClock {
    fn now(&self) -> DateTime<Utc> {
        let start = DateTime::from_timestamp(1_763_985_600, 0).unwrap();
        start + TimeDelta::from_std(self.elapsed()).unwrap()
    }

    fn elapsed(&self) -> Duration {
        *self.0.lock().unwrap()
    }

    fn sleep(&self, how_long: Duration) -> bool {
        *self.0.lock().unwrap() += how_long;
        false
    }
}

#[test]
fn a_throttled_run_that_may_wait_gets_its_rows() {
    let clock = Arc::new(VirtualClock::default());
    let mut options = SandboxOptions::default();
    options.scenario = Scenario::Throttled;
    options.now = clock.now();
    let shown = Arc::clone(&clock);
    options.clock = Arc::new(move || shown.now());
    let sandbox = Sandbox::start(options).unwrap();
    let endpoint = Endpoint::parse(&sandbox.base_url()).unwrap();
    let credentials = Credentials::app(sandbox.api_key()).unwrap();
    let options = ClientOptions::new(endpoint, credentials);
    let clock: Arc<dyn Clock> = clock;
    let mut client =
        Client::with_clock(options, Arc::clone(&clock), Interrupt::new(), Box::new(())).unwrap();
    let mut query = Query::default();
    query.limit = Some(3);
    for _ in 0..25 {
        assert_eq!(client.fetch(&query).unwrap().logs.len(), 3);
    }
    // Three pauses of two seconds, of which the client waits for a little more than the rest.
    assert!(clock.elapsed() >= Duration::from_secs(5), "{:?}", clock.elapsed());
}
