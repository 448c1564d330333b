//! The changes of each scenario.

use std::collections::HashMap;

use serde_json::Value;

use super::{ANCHOR, HOUR, Scenario, TestSandbox, sent, text};

const MINUTE: i64 = 60_000;

/// All rows of the last `age` milliseconds before the anchor, newest first.
fn since(sandbox: &mut TestSandbox, age: i64) -> Vec<Value> {
    let wire = |millis: i64| {
        let time = chrono::DateTime::from_timestamp_millis(millis).unwrap();
        time.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
    };
    let from = ANCHOR - age;
    let mut all: Vec<Value> = Vec::new();
    let mut until = ANCHOR;
    loop {
        let query = format!("limit=1000&sentSince={}&sentUntil={}", wire(from), wire(until));
        let page = sandbox.rows(&query);
        let full = page.len() == 1000;
        // Rows of the last millisecond of a full page may continue on the next one.
        let last = page.last().map_or(from, sent);
        all.extend(page.into_iter().filter(|row| !full || sent(row) > last));
        if !full {
            return all;
        }
        until = last;
    }
}

/// The delivered share in percent, and the number of final messages.
fn delivered<'r>(rows: impl Iterator<Item = &'r Value>) -> (usize, usize) {
    let (mut delivered, mut finals) = (0, 0);
    for row in rows.filter(|row| text(&row["status"], "groupName") != "PENDING") {
        finals += 1;
        delivered += usize::from(text(&row["status"], "groupName") == "DELIVERED");
    }
    (delivered * 100 / finals.max(1), finals)
}

fn network(row: &Value) -> (String, String) {
    (text(row, "channel").to_owned(), row["mccmnc"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn in_an_outage_one_network_of_one_channel_delivers_two_fifths_from_35_minutes_ago() {
    for seed in [1, 42] {
        let mut sandbox = TestSandbox::start(seed, 0, Scenario::Outage);
        let rows = since(&mut sandbox, 3 * HOUR / 2);
        let is_new = |row: &&Value| sent(row) >= ANCHOR - 35 * MINUTE;
        let mut networks: HashMap<_, Vec<&Value>> = HashMap::new();
        for row in rows.iter().filter(is_new) {
            networks.entry(network(row)).or_default().push(row);
        }
        let bad: Vec<_> = networks
            .iter()
            .filter(|(_, rows)| delivered(rows.iter().copied()).0 < 60 && rows.len() > 50)
            .collect();
        let [((channel, code), failing)] = bad[..] else { panic!("{seed}: {}", bad.len()) };
        let (share, finals) = delivered(failing.iter().copied());
        assert!((34..=46).contains(&share) && finals > 120, "{seed}: {share} of {finals}");
        assert_eq!(channel, "SMS");
        for row in failing.iter().filter(|row| text(&row["status"], "groupName") != "DELIVERED") {
            let name = text(&row["error"], "name");
            assert!(["EC_TIME_OUT", "NO_ERROR"].contains(&name), "{name}");
        }
        let before = rows.iter().filter(|row| !is_new(row));
        let same = before.clone().filter(|row| network(row) == (channel.clone(), code.clone()));
        assert!(delivered(same).0 >= 88, "{seed}");
        assert!(delivered(before).0 >= 88, "{seed}");
        let others = rows.iter().filter(is_new).filter(|row| network(row).1 != *code);
        assert!(delivered(others).0 >= 85, "{seed}");
    }
}

#[test]
fn an_outage_continues_as_time_passes() {
    let mut sandbox = TestSandbox::of(Scenario::Outage);
    let timed_out = |sandbox: &mut TestSandbox| {
        let rows = sandbox.rows("limit=1000&channel=SMS&generalStatus=UNDELIVERABLE");
        rows.iter().filter(|row| sent(row) > ANCHOR && row["error"]["id"] == 2048).count()
    };
    assert_eq!(timed_out(&mut sandbox), 0);
    sandbox.set_clock(HOUR / 2);
    assert!(timed_out(&mut sandbox) > 50);
}

#[test]
fn slow_traffic_takes_longer_from_35_minutes_ago() {
    let mut sandbox = TestSandbox::of(Scenario::Slow);
    sandbox.set_clock(2 * HOUR);
    let rows = since(&mut sandbox, 2 * HOUR);
    let median = |of: &dyn Fn(i64) -> bool| {
        let mut latencies: Vec<i64> = rows
            .iter()
            .filter(|row| of(sent(row)) && text(row, "channel") == "SMS")
            .filter(|row| text(&row["status"], "name") == "DELIVERED_TO_HANDSET")
            .map(|row| super::time(text(row, "doneAt")) - sent(row))
            .collect();
        latencies.sort_unstable();
        latencies[latencies.len() / 2]
    };
    let incident = ANCHOR - 35 * MINUTE;
    let (before, after) = (median(&|sent| sent < incident), median(&|sent| sent >= incident));
    assert!((1_000..10_000).contains(&before) && after > before * 12, "{before} {after}");
}

#[test]
fn the_empty_scenario_has_no_messages_and_the_busy_one_has_many() {
    assert_eq!(TestSandbox::of(Scenario::Empty).rows("limit=1000"), Vec::<Value>::new());
    let count = |scenario| since(&mut TestSandbox::of(scenario), HOUR).len();
    assert!(count(Scenario::Busy) > 3 * count(Scenario::Normal));
}

#[test]
fn a_throttled_server_says_when_it_accepts_requests_again() {
    let mut sandbox = TestSandbox::of(Scenario::Throttled);
    let refused = sandbox.get("limit=1", &[]);
    assert_eq!((refused.status, refused.header("retry-after")), (429, Some("2")));
    sandbox.set_clock(2_000);
    for _ in 0..9 {
        assert_eq!(sandbox.get("limit=1", &[]).status, 200);
    }
    assert_eq!(sandbox.get("limit=1", &[]).status, 429);
}

#[test]
fn a_scenario_is_the_same_for_the_same_seed() {
    for scenario in Scenario::ALL.into_iter().filter(|it| *it != Scenario::Throttled) {
        let page = |seed| TestSandbox::start(seed, 0, scenario).get("limit=300", &[]).body;
        assert_eq!(page(1), page(1), "{}", scenario.name());
        assert_eq!(page(1) == page(2), scenario == Scenario::Empty, "{}", scenario.name());
    }
}
