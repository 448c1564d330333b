use proptest::prelude::*;

use super::*;
use crate::pages::test_support::{broken, no_response};

/// A run, and the pause before it.
#[derive(Clone, Debug)]
struct PlannedRun {
    /// The length of the pause in seconds.
    pause: i64,
    /// The run is killed after this many pages.
    killed_after: Option<u64>,
}

fn a_message() -> impl Strategy<Value = Message> {
    let late = prop_oneof![5 => Just(0), 1 => 0..2 * HOUR, 1 => 0..40 * HOUR];
    let taken = prop_oneof![3 => 1..60_i64, 2 => 0..3 * HOUR, 1 => 0..60 * HOUR];
    (-50 * HOUR..60 * HOUR, 0_i64..1000, late, taken, any::<bool>()).prop_map(
        |(sent, millis, late, taken, has_second)| {
            let mut message = Message::new("", sent).late(sent + late);
            message.millis = millis;
            if has_second {
                message = message.then(sent + taken / 2, "PENDING_WAITING_DELIVERY");
            }
            message.then(sent + taken, "DELIVERED_TO_HANDSET")
        },
    )
}

fn messages() -> impl Strategy<Value = Vec<Message>> {
    prop::collection::vec(a_message(), 0..120).prop_map(|mut messages| {
        for (number, message) in messages.iter_mut().enumerate() {
            message.id = format!("m{number}");
        }
        messages
    })
}

fn runs() -> impl Strategy<Value = Vec<PlannedRun>> {
    let pause = prop_oneof![
        6 => 1..20 * MINUTE, 3 => 0..4 * HOUR, 1 => 0..30 * HOUR, 1 => 40 * HOUR..60 * HOUR
    ];
    let killed_after = prop::option::weighted(0.3, 1_u64..12);
    let run =
        (pause, killed_after).prop_map(|(pause, killed_after)| PlannedRun { pause, killed_after });
    prop::collection::vec(run, 1..25)
}

/// The outages of a server: when each begins, how long it is, and whether the server is silent.
fn outages() -> impl Strategy<Value = Vec<(i64, i64, bool)>> {
    let length = prop_oneof![3 => 1..20_i64, 1 => 1..3 * HOUR];
    prop::collection::vec((0..60 * HOUR, length, any::<bool>()), 0..12)
}

proptest! {
    // Few, because each case is a run of days.
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// A01.
    #[test]
    fn what_is_covered_is_in_the_archive_whatever_happens(
        messages in messages(), runs in runs(), outages in outages(),
        cap in 5_usize..60, latency in 0_u64..20, ahead in -HOUR..HOUR,
    ) {
        let mut simulation = Simulation::new(messages.clone())
            .with_retention()
            .stating_the_time()
            .capped(cap)
            .slow(Duration::from_secs(latency));
        for (from, length, is_silent) in outages {
            let error = if is_silent { no_response() } else { broken() };
            simulation = simulation.fails(from, from + length, error);
        }
        simulation.set_clock_ahead(ahead);
        let mut bench = Bench::with_world(simulation, messages);
        for run in runs {
            bench.sleep(run.pause);
            let report = bench.sync_until(run.killed_after.unwrap_or(u64::MAX));
            prop_assert_eq!(bench.broken_claim(), None);
            if let Some(report) = report.filter(SyncReport::is_complete) {
                let covered = bench.ledger().covered();
                let (start, newest) = (report.start.unwrap(), report.newest.unwrap());
                let is_whole = covered.iter().any(|range| range.contains(start))
                    && covered.len() == 1;
                prop_assert!(is_whole, "{:?} {} {}", covered, start, newest);
            }
        }
    }
}
