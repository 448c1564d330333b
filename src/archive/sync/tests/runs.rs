use super::*;
use crate::model::TimeRange;
use crate::pages::test_support::{broken, refused, throttled};
use crate::source::SourceError;

fn hours_ago(hours: i64) -> i64 {
    -hours * HOUR
}

#[test]
fn the_first_run_lists_everything_that_the_server_keeps() {
    let mut bench = Bench::new(delivered((1..470).map(|number| -number * 6 * MINUTE)));
    let report = bench.sync();
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(report.counts.new, 469);
    assert_eq!((report.pending, report.unresolved), (0, 0));
    assert_eq!(report.start, Some(START - 48 * HOUR * 1000 + 5 * 60_000 + 999));
    assert_eq!(report.newest, Some(START));
    assert_eq!(report.holes, []);
    assert_eq!(bench.broken_claim(), None);
    let listed = bench.ledger().covered();
    let since = report.start.unwrap();
    assert_eq!(listed, [TimeRange { since, until: START }]);
}

#[test]
fn a_run_soon_after_another_sends_few_requests_and_changes_nothing() {
    let mut bench = Bench::new(delivered((1..470).map(|number| -number * 6 * MINUTE)));
    bench.sync();
    let before = bench.simulation.requests().len();
    bench.sleep(60);
    let report = bench.sync();
    assert!(report.is_complete(), "{report:?}");
    assert_eq!((report.counts.new, report.counts.changed), (0, 0));
    assert!(bench.requests_since(before) <= 3, "{:?}", &bench.simulation.requests()[before..]);
}

/// A27.
#[test]
fn a_run_that_is_killed_leaves_a_hole_and_the_next_one_fills_it() {
    let messages = delivered((1..400).map(|number| -number * 7 * MINUTE));
    let simulation =
        Simulation::new(messages.clone()).with_retention().stating_the_time().capped(60);
    let mut bench = Bench::with_world(simulation, messages);
    assert!(bench.sync_until(4).is_none());
    let ledger = bench.ledger();
    let holes = ledger.holes();
    assert!(!holes.is_empty(), "{ledger:?}");
    assert_eq!(bench.broken_claim(), None);
    bench.sleep(MINUTE);
    let report = bench.sync();
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(bench.rows().len(), 399);
    assert_eq!(bench.broken_claim(), None);
}

/// A27.
#[test]
fn what_expires_first_is_listed_first() {
    let messages = delivered((1..400).map(|number| -number * 7 * MINUTE));
    let simulation =
        Simulation::new(messages.clone()).with_retention().stating_the_time().capped(60);
    let mut bench = Bench::with_world(simulation, messages);
    assert!(bench.sync_until(1).is_none());
    let listed = bench.ledger().covered();
    let first = listed.first().unwrap();
    assert!(first.since <= START - 47 * HOUR * 1000, "{listed:?}");
}

/// A11.
#[test]
fn a_message_that_takes_forty_hours_has_every_status_and_the_final_one_counts() {
    let message = Message::new("slow", -MINUTE)
        .then(20 * HOUR, "DELIVERED_TO_OPERATOR")
        .then(40 * HOUR, "DELIVERED_TO_HANDSET");
    let mut bench = Bench::new(vec![message]);
    for _ in 0..95 {
        assert!(bench.sync().failure.is_none());
        bench.sleep(HOUR / 2);
    }
    let rows = bench.archive.store.rows(&Selection::default(), None, 10).unwrap();
    assert_eq!(rows.len(), 1);
    let versions = bench.archive.store.versions(rows[0].account, &rows[0].key()).unwrap();
    assert_eq!(versions.len(), 3);
    assert_eq!(rows[0].log.cell(Field::StatusName).into_text(), "DELIVERED_TO_HANDSET");
}

/// A13.
#[test]
fn a_message_that_is_pending_when_it_expires_is_unresolved() {
    let mut bench = Bench::new(vec![Message::new("lost", -MINUTE)]);
    for _ in 0..50 {
        bench.sync();
        bench.sleep(HOUR);
    }
    let report = bench.sync();
    assert_eq!((report.pending, report.unresolved), (0, 1));
    assert!(report.is_complete());
}

/// A14.
#[test]
fn times_that_expired_before_they_were_listed_are_lost_and_recorded_once() {
    let mut bench = Bench::new(delivered([-HOUR, 30 * HOUR, 60 * HOUR]));
    bench.sync();
    bench.sleep(70 * HOUR);
    let report = bench.sync();
    assert!(!report.is_complete());
    assert_eq!(report.outcome(), "gaps");
    assert_eq!(report.gaps.len(), 1, "{:?}", report.gaps);
    let gap = &report.gaps[0];
    assert_eq!(gap.range.since, START);
    assert!((gap.range.until - (START + 22 * HOUR * 1000)).abs() <= 2000, "{gap:?}");
    assert!(gap.lost.is_some());
    assert_eq!(bench.ids(), ["m0", "m1", "m2"]);
    bench.sleep(HOUR);
    assert_eq!(bench.sync().gaps, report.gaps);
    let lease = bench.archive.lease.clone();
    bench.archive.store.acknowledge_gaps(&lease, bench.archive.account, 0).unwrap();
    assert!(bench.sync().is_complete());
}

/// A15.
#[test]
fn a_range_that_fails_is_a_gap_until_a_later_run_lists_it() {
    let messages = delivered((1..300).map(|number| -number * 9 * MINUTE));
    let slow = Duration::from_secs(1);
    let simulation =
        Simulation::new(messages.clone()).with_retention().stating_the_time().capped(50).slow(slow);
    let mut bench = Bench::with_world(simulation.fails(6, 7, broken()), messages);
    let report = bench.sync();
    assert_eq!(report.outcome(), "gaps");
    assert!(matches!(report.failure, Some(SourceError::Server { .. })));
    assert!(!report.gaps.is_empty());
    assert!(report.gaps.iter().all(|gap| gap.lost.is_none()));
    assert_eq!(bench.broken_claim(), None);
    let report = bench.sync();
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(bench.rows().len(), 299);
}

#[test]
fn refused_credentials_end_the_run_and_record_no_gap() {
    let messages = delivered([-HOUR]);
    let simulation = Simulation::new(messages.clone()).with_retention().fails(0, HOUR, refused());
    let mut bench = Bench::with_world(simulation, messages);
    let report = bench.sync();
    assert_eq!(report.outcome(), "failed");
    assert_eq!((report.requests, report.gaps.len()), (1, 0));
    assert!(!report.has_received);
}

#[test]
fn a_server_that_is_down_is_left_alone_after_a_few_requests() {
    let messages = delivered([-HOUR]);
    let simulation = Simulation::new(messages.clone()).with_retention().stating_the_time();
    let mut bench = Bench::with_world(simulation.fails(HOUR, 2 * HOUR, broken()), messages);
    bench.sync();
    bench.sleep(HOUR);
    let report = bench.sync();
    assert!(report.requests <= 3);
    assert_eq!(report.outcome(), "failed");
    bench.sleep(2 * HOUR);
    assert!(bench.sync().is_complete());
}

#[test]
fn a_message_that_appears_late_is_found_an_hour_after_it_was_sent() {
    let late = delivered([0]).pop().unwrap().late(50 * MINUTE);
    let mut bench = Bench::new(vec![late]);
    for _ in 0..20 {
        bench.sync();
        bench.sleep(5 * MINUTE);
    }
    assert_eq!(bench.ids(), ["m0"]);
}

#[test]
fn a_message_that_appears_a_day_late_is_found_before_it_expires() {
    let late = delivered([0]).pop().unwrap().late(24 * HOUR);
    let mut bench = Bench::new(vec![late]);
    for _ in 0..47 {
        bench.sync();
        bench.sleep(HOUR);
    }
    assert_eq!(bench.ids(), ["m0"]);
}

#[test]
fn a_pending_message_is_read_again_by_its_id_as_it_ages() {
    let message = Message::new("m", -MINUTE).then(5 * HOUR, "DELIVERED_TO_HANDSET");
    let mut bench = Bench::new(vec![message]);
    for _ in 0..28 {
        bench.sync();
        bench.sleep(15 * MINUTE);
    }
    let row = bench.row("m").unwrap();
    assert_eq!(row.finality(), Finality::Final);
}

#[test]
fn the_budget_of_requests_bounds_the_refresh_and_the_next_run_continues() {
    let mut messages: Vec<_> = (0..200)
        .map(|number| Message::new(&format!("m{number:036}"), -2 * HOUR - number))
        .collect();
    for message in &mut messages {
        message.states.push((5 * HOUR, "DELIVERED_TO_HANDSET"));
    }
    let mut bench = Bench::new(messages);
    bench.options.refresh_requests = 0;
    for hours in [0, 5, 2] {
        bench.sleep(hours * HOUR);
        bench.sync();
    }
    let is_pending = |log: &&Log| log.finality() != Finality::Final;
    assert_eq!(bench.rows().iter().filter(is_pending).count(), 200);
    bench.options.refresh_requests = 60;
    bench.sync();
    assert_eq!(bench.rows().iter().filter(is_pending).count(), 0);
}

/// A22.
#[test]
fn a_clock_of_this_machine_that_is_off_changes_nothing() {
    for ahead in [-3 * HOUR, 3 * HOUR] {
        let mut bench = Bench::new(delivered((1..470).map(|number| -number * 6 * MINUTE)));
        bench.simulation.set_clock_ahead(ahead);
        let report = bench.sync();
        assert!(report.is_complete(), "{report:?}");
        assert_eq!(report.newest, Some(START));
        assert_eq!(bench.rows().len(), 469);
    }
}

/// A22. A clock of this machine that is set forward looks like a server's clock that was ahead before.
#[test]
fn a_run_keeps_what_it_listed_after_the_clock_of_this_machine_was_set() {
    const DAY: i64 = 24 * HOUR;
    let messages = || {
        let messages = delivered((0..200).map(|number| -MINUTE - number * 12 * MINUTE));
        let late = |message: Message| Message { millis: 500, ..message };
        messages.into_iter().map(late).collect::<Vec<_>>()
    };
    // The listings of a run are of one second, or of several.
    for latency in [0, 1] {
        let simulation = Simulation::new(messages()).with_retention().stating_the_time();
        let simulation = simulation.slow(Duration::from_secs(latency));
        let mut bench = Bench::with_world(simulation, messages());
        for ahead in [3 * DAY, -3 * DAY, 0, 460 * DAY] {
            bench.simulation.set_clock_ahead(ahead);
            let before = START + bench.simulation.second() * 1000;
            let report = bench.sync();
            assert!(report.is_complete(), "{latency} {ahead}: {report:?}");
            assert!(report.newest.unwrap() >= before, "{latency} {ahead}: {report:?}");
            assert_eq!(bench.broken_claim(), None);
        }
    }
}

/// A22.
#[test]
fn what_counts_as_listed_because_a_server_states_a_wrong_time_is_listed_when_the_time_is_right() {
    let messages = || delivered((-60..120).map(|number| number * 5 * MINUTE));
    for ahead in [2 * MINUTE, 30 * MINUTE, 24 * HOUR] {
        for wrong_runs in [1, 2, 5] {
            let until = 10 * MINUTE * (wrong_runs + 1);
            let simulation = Simulation::new(messages())
                .with_retention()
                .stating_the_time()
                .states_too_late(5 * MINUTE, until, ahead);
            let mut bench = Bench::with_world(simulation, messages());
            for round in 0..12 {
                bench.sync();
                let is_right = bench.simulation.second() >= until;
                assert!(!is_right || bench.broken_claim().is_none(), "{ahead} {round}");
                let now = START + bench.simulation.second() * 1000;
                assert!(!is_right || bench.ledger().newest().unwrap() <= now, "{ahead} {round}");
                bench.sleep(10 * MINUTE);
            }
            let report = bench.sync();
            assert!(report.is_complete(), "{report:?}");
            assert_eq!(report.newest, Some(START + bench.simulation.second() * 1000));
        }
    }
}

/// A22.
#[test]
fn a_machine_that_slept_for_three_days_says_what_was_lost() {
    let mut bench = Bench::new(delivered((0..80).map(|number| number * HOUR)));
    bench.sync();
    bench.simulation.jump(72 * 3600);
    let report = bench.sync();
    assert_eq!(report.gaps.len(), 1);
    assert!(report.gaps[0].lost.is_some());
    assert_eq!(bench.broken_claim(), None);
    assert_eq!(report.start, Some(START + hours_ago(48) * 1000 + 5 * 60_000 + 999));
}

#[test]
fn an_archive_that_is_synced_every_five_minutes_through_a_bad_hour_holds_what_the_server_held() {
    // Messages of two days before, of the bad hour, and of the hours before and after it. Every tenth
    // stays pending for half an hour. Some appear late, and are found when they are an hour old.
    let messages: Vec<_> = (-720..45)
        .map(|number| {
            let sent = number * 4 * MINUTE;
            let delivered = sent + if number % 10 == 0 { HOUR / 2 } else { 5 };
            let late = if number % 17 == 0 { 20 * MINUTE } else { 0 };
            Message::new(&format!("m{number}"), sent)
                .late(sent + late)
                .then(delivered, "DELIVERED_TO_HANDSET")
        })
        .collect();
    let mut simulation =
        Simulation::new(messages.clone()).with_retention().stating_the_time().capped(50);
    simulation = simulation.slow(Duration::from_secs(1));
    // The server throttles for a minute in every ten, and fails for a whole hour.
    for minute in (0..60).step_by(10) {
        let from = minute * MINUTE;
        simulation = simulation.fails(from, from + MINUTE, throttled());
    }
    simulation = simulation.fails(HOUR, 2 * HOUR, broken());
    let mut bench = Bench::with_world(simulation, messages);
    let mut killed = 0;
    for round in 0..48_u64 {
        // Every second run is killed after its first, second or third page, if it has that many.
        let pages = if round % 2 == 1 { round % 3 + 1 } else { u64::MAX };
        let report = bench.sync_until(pages);
        killed += u64::from(report.is_none());
        assert_eq!(bench.broken_claim(), None, "{round}");
        if let Some(report) = report {
            let is_down = (HOUR..2 * HOUR).contains(&bench.simulation.second());
            assert!(!is_down || !report.is_complete(), "{round}: {report:?}");
        }
        let next = (i64::try_from(round).unwrap() + 1) * 5 * MINUTE;
        bench.sleep((next - bench.simulation.second()).max(1));
    }
    assert!(killed >= 6, "{killed}");
    let report = bench.sync();
    assert!(report.is_complete(), "{report:?}");
    // Messages from before the start of the archive need not be there.
    let start = report.start.unwrap();
    let rows = bench.rows();
    let ids: std::collections::HashSet<_> = rows.iter().map(id_of).collect();
    for message in &bench.messages {
        let sent = START + message.sent * 1000;
        assert!(sent < start || ids.contains(&message.id), "{message:?}");
    }
    assert_eq!((report.pending, report.unresolved), (0, 0));
    assert!(rows.iter().all(|log| log.finality() == Finality::Final));
}
