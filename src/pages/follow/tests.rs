use super::*;
use crate::model::Field;
use crate::pages::test_support::{
    Message, Simulation, broken, no_response, refused, throttled_for,
};

const OPTIONS: FollowOptions = FollowOptions {
    interval: Duration::from_secs(5),
    lookback: Duration::from_secs(15 * 60),
    duration: None,
    limit: 10,
};

fn follow(simulation: &Simulation, options: FollowOptions) -> Follow<Simulation> {
    Follow::new(simulation.clone(), Query::default(), options, simulation.clock())
}

/// Polls until this second. Returns the second and the text of each event, and the notes.
fn run(
    simulation: &Simulation,
    follow: &mut Follow<Simulation>,
    until: i64,
) -> (Vec<(i64, String)>, Vec<Note>) {
    let (mut events, mut notes) = (Vec::new(), Vec::new());
    while let Some(rest) = follow.time_to_next_poll() {
        if simulation.second() + i64::try_from(rest.as_secs()).unwrap() > until {
            break;
        }
        simulation.sleep(rest);
        let polled = follow.poll().unwrap();
        events.extend(polled.events.iter().map(|event| (simulation.second(), text_of(event))));
        notes.extend(polled.notes);
    }
    (events, notes)
}

fn text_of(event: &Event) -> String {
    let id = event.log().cell(Field::MessageId).into_text().into_owned();
    match event {
        Event::New(log) => format!("{id} {}", log.status_name()),
        Event::Changed { log, previous, after } => {
            format!("{id} {previous} → {} {after:?}", log.status_name())
        }
    }
}

fn texts(events: &[(i64, String)]) -> Vec<&str> {
    events.iter().map(|(_, text)| text.as_str()).collect()
}

fn many(count: i64, first: i64, spread: i64) -> Vec<Message> {
    let message = |n: i64| {
        let millis = first * 1000 + n * spread * 1000 / count;
        let message = Message::new(&format!("m{n}"), millis.div_euclid(1000));
        Message { millis: millis.rem_euclid(1000), ..message }
    };
    (0..count).map(message).collect()
}

#[test]
fn the_last_messages_are_shown_oldest_first_and_then_the_new_ones() {
    let mut messages = many(30, -300, 300);
    messages.push(Message::new("new", 7));
    messages.push(Message::new("newer", 8));
    let simulation = Simulation::new(messages);
    let (events, notes) = run(&simulation, &mut follow(&simulation, OPTIONS), 60);
    let ids: Vec<&str> = texts(&events).iter().map(|t| t.split(' ').next().unwrap()).collect();
    let wanted = ["m20", "m21", "m22", "m23", "m24", "m25", "m26", "m27", "m28", "m29"];
    assert_eq!(ids[..10], wanted);
    assert_eq!(ids[10..], ["new", "newer"]);
    assert_eq!((events[9].0, events[10].0, notes.len()), (0, 10, 0));
}

#[test]
fn a_message_is_shown_again_when_its_status_changes_and_late_ones_are_shown() {
    let simulation = Simulation::new(vec![
        Message::new("first", -700),
        Message::new("m", 1).then(4, "DELIVERED_TO_HANDSET"),
        Message::new("slow", 2).then(12, "PENDING_WAITING_DELIVERY").then(33, "EXPIRED_EXPIRED"),
        Message::new("late", -600).late(41),
        Message::new("too late", -1300).late(41),
        Message::new("end", 43),
    ]);
    let (events, _) = run(&simulation, &mut follow(&simulation, OPTIONS), 120);
    assert_eq!(
        texts(&events),
        [
            "first PENDING_ENROUTE",
            // At the first poll that read it, m was delivered already.
            "m DELIVERED_TO_HANDSET",
            "slow PENDING_ENROUTE",
            "slow PENDING_ENROUTE → PENDING_WAITING_DELIVERY None",
            "slow PENDING_WAITING_DELIVERY → EXPIRED_EXPIRED Some(31s)",
            "late PENDING_ENROUTE",
            "end PENDING_ENROUTE",
        ]
    );
}

#[test]
fn a_small_window_costs_one_request_per_poll() {
    let simulation = Simulation::new(many(300, -600, 1200));
    run(&simulation, &mut follow(&simulation, OPTIONS), 600);
    // 121 polls, and the proofs that a response is complete.
    let requests = simulation.requests().len();
    assert!((121..150).contains(&requests), "{requests}");
}

#[test]
fn a_large_window_costs_two_requests_per_poll_and_shows_every_change() {
    // A thousand per minute, each delivered after a while; the window holds 15,000.
    let messages: Vec<Message> = many(20_000, -900, 1_200)
        .into_iter()
        .enumerate()
        .map(|(n, message)| {
            let done = message.sent + 1 + i64::try_from(n).unwrap() % 200;
            message.then(done, "DELIVERED_TO_HANDSET")
        })
        .collect();
    let open_at_start = messages.iter().filter(|m| m.sent <= 0 && m.states[1].0 > 0).count();
    let after = messages.iter().filter(|message| message.sent > 0).count();
    let simulation = Simulation::new(messages);
    let (events, notes) = run(&simulation, &mut follow(&simulation, OPTIONS), 600);
    let changed = events.iter().filter(|(_, text)| text.contains('→')).count();
    let new = events.len() - changed;
    assert_eq!((new, notes.len()), (10 + after, 0));
    // Those that were delivered before a poll read them do not change any more.
    assert!(changed >= open_at_start + after - after / 20, "{changed}");
    let requests = simulation.requests().iter().filter(|(second, _)| *second > 0).count();
    assert!(requests < 3 * 120, "{requests} requests in 120 polls");
    let rows: usize = simulation.requests().iter().map(|(_, rows)| rows).sum();
    assert!(rows < 120 * 1_600 + 20_000, "{rows}");
}

/// The ages of the late rows that a follow misses in a window of this many rows per second.
fn missed_ages(per_second: i64, lookback: i64, interval: i64) -> Vec<i64> {
    let time = lookback + 2 * interval + 30;
    let mut messages = many(per_second * (lookback + time), -lookback, lookback + time);
    // Five late rows in each second, most of them as late as the lookback allows.
    let ages = (0..=lookback).step_by(9).chain(lookback * 2 / 3..=lookback);
    let ages: Vec<i64> = ages.cycle().take(usize::try_from(5 * time).unwrap()).collect();
    for (age, n) in ages.iter().zip(0..) {
        let shown = 5 + n / 5;
        messages.push(Message::new(&format!("late {n}"), shown - age).late(shown));
    }
    let simulation = Simulation::new(messages);
    let options = FollowOptions {
        interval: Duration::from_secs(interval.unsigned_abs()),
        lookback: Duration::from_secs(lookback.unsigned_abs()),
        ..OPTIONS
    };
    let mut follow = follow(&simulation, options);
    let (events, notes) = run(&simulation, &mut follow, 5 + time + lookback / 2);
    assert_eq!(notes, []);
    let shown: std::collections::HashSet<_> = texts(&events).into_iter().collect();
    let is_missed = |n: &usize| !shown.contains(format!("late {n} PENDING_ENROUTE").as_str());
    (0..ages.len()).filter(is_missed).map(|n| ages[n]).collect()
}

/// K20.
#[test]
fn no_row_that_comes_late_within_the_lookback_is_lost_in_a_busy_window() {
    for (per_second, lookback, interval) in [(50, 60, 5), (50, 60, 20), (12, 120, 5)] {
        let missed = missed_ages(per_second, lookback, interval);
        assert!(missed.is_empty(), "lookback {lookback}, interval {interval}: {missed:?}");
    }
}

#[test]
fn a_first_response_without_rows_does_not_make_what_was_there_come_as_new() {
    // A replica that is behind returns nothing at first, although the API has messages of two days.
    let mut messages: Vec<_> =
        many(3_000, -172_000, 172_000).into_iter().map(|message| message.late(3)).collect();
    messages.extend([Message::new("new", 1).late(4), Message::new("newer", 30)]);
    for ahead in [-1_800, 0, 1_800] {
        let simulation = Simulation::new(messages.clone()).stating_the_time();
        simulation.set_clock_ahead(ahead);
        let (events, notes) = run(&simulation, &mut follow(&simulation, OPTIONS), 60);
        assert_eq!(texts(&events), ["new PENDING_ENROUTE", "newer PENDING_ENROUTE"], "{ahead}");
        assert_eq!(notes, []);
    }
    // If the server does not state its time, the follow uses the clock of this machine.
    let simulation = Simulation::new(messages);
    let (events, _) = run(&simulation, &mut follow(&simulation, OPTIONS), 60);
    assert_eq!(events.len(), 2);
}

/// K20.
#[test]
fn a_clock_that_is_wrong_by_half_an_hour_costs_nothing() {
    let run_with = |ahead: i64| {
        let simulation = Simulation::new(many(2_000, -2_000, 4_000)).stating_the_time();
        simulation.set_clock_ahead(ahead);
        let mut follow = follow(&simulation, OPTIONS);
        let (events, notes) = run(&simulation, &mut follow, 300);
        assert_eq!((events.len(), notes.len()), (10 + 150, 0), "{ahead}");
        simulation.requests().iter().map(|(_, rows)| rows).sum::<usize>()
    };
    let right = run_with(0);
    for ahead in [-1_800, 1_800] {
        let rows = run_with(ahead);
        assert!(rows <= right + right / 20, "{ahead}: {rows} rows instead of {right}");
    }
}

#[test]
fn a_clock_that_is_set_during_a_follow_loses_and_reports_nothing() {
    for ahead in [-100_000_000, -3_600, 3_600, 100_000_000] {
        let simulation = Simulation::new(many(200, 1, 1_000)).stating_the_time();
        let mut follow = follow(&simulation, ends_after(1_200));
        let (before, _) = run(&simulation, &mut follow, 300);
        simulation.set_clock_ahead(ahead);
        let (after, notes) = run(&simulation, &mut follow, 2_000);
        assert_eq!((before.len() + after.len(), notes), (200, vec![]), "{ahead}");
        assert_eq!(follow.shortfall(), None, "{ahead}");
        assert!(simulation.requests().len() < 300, "{}", simulation.requests().len());
    }
}

#[test]
fn more_than_a_page_between_two_polls_is_caught_up_by_paging() {
    for cap in [1000, 70] {
        let mut messages = many(2_500, 1, 4);
        messages.push(Message::new("old", -5));
        let simulation = Simulation::new(messages).capped(cap);
        let (events, notes) = run(&simulation, &mut follow(&simulation, OPTIONS), 20);
        assert_eq!(events.len(), 2_501, "{cap}");
        assert_eq!(notes, [], "{cap}");
    }
}

#[test]
fn a_failure_is_reported_once_and_nothing_is_lost_or_shown_twice() {
    let messages = many(600, 1, 600);
    let simulation = Simulation::new(messages).fails(100, 190, broken()).fails(250, 255, broken());
    let (events, notes) = run(&simulation, &mut follow(&simulation, OPTIONS), 700);
    assert_eq!(events.len(), 600);
    assert_eq!(
        notes,
        [Note::Failure(broken()), Note::Recovered { after: Duration::from_secs(155) }]
    );
}

#[test]
fn a_machine_that_slept_longer_than_the_window_misses_nothing() {
    let messages = (0..1_000).map(|n| {
        Message::new(&format!("m{n}"), 1 + n * 30).then(n * 30 + 100, "DELIVERED_TO_HANDSET")
    });
    let simulation = Simulation::new(messages.collect());
    let mut follow = follow(&simulation, OPTIONS);
    let (before, _) = run(&simulation, &mut follow, 600);
    simulation.jump(20_000);
    let (after, notes) = run(&simulation, &mut follow, 30_600);
    assert_eq!(notes, []);
    let all: Vec<_> = before.into_iter().chain(after).collect();
    let new = all.iter().filter(|(_, text)| !text.contains('→')).count();
    assert_eq!(new, 1_000);
    // The messages that were pending when the machine fell asleep are shown as delivered.
    assert!(all.iter().any(|(second, text)| *second > 20_000 && text.starts_with("m17 PENDING")));
}

#[test]
fn messages_that_expired_during_an_interruption_are_reported_as_a_gap() {
    let simulation = Simulation::new(vec![Message::new("m", 1)]);
    let mut follow = follow(&simulation, OPTIONS);
    run(&simulation, &mut follow, 10);
    simulation.jump(50 * 3600);
    let (_, notes) = run(&simulation, &mut follow, 50 * 3600 + 60);
    assert!(matches!(&notes[..], [Note::Missing(gap)] if gap.reason.contains("48 hours")));
}

#[test]
fn memory_is_bounded_by_the_window() {
    let simulation = Simulation::new(many(3_000, 1, 3_000));
    let options = FollowOptions { lookback: Duration::from_secs(60), ..OPTIONS };
    let mut follow = follow(&simulation, options);
    let (events, _) = run(&simulation, &mut follow, 3_000);
    assert_eq!(events.len(), 3_000);
    // The lookback, a third of it and two intervals.
    assert!(follow.known.len() <= 91, "{}", follow.known.len());
}

#[test]
fn a_follow_ends_with_a_last_poll_when_its_time_is_over() {
    let simulation = Simulation::new(vec![Message::new("m", 12)]);
    let options = FollowOptions { duration: Some(Duration::from_secs(12)), ..OPTIONS };
    let (events, _) = run(&simulation, &mut follow(&simulation, options), 1_000);
    assert_eq!(events, [(12, "m PENDING_ENROUTE".to_owned())]);
    assert_eq!(simulation.second(), 12);
}

/// The latest poll failed; the one before it was complete at this second.
fn last_poll_failed(error: SourceError, second: i64) -> Shortfall {
    let since = Timestamp::from_millis(crate::pages::test_support::START + second * 1000);
    Shortfall::LastPollFailed { error, since }
}

fn ends_after(seconds: u64) -> FollowOptions {
    FollowOptions { duration: Some(Duration::from_secs(seconds)), ..OPTIONS }
}

#[test]
fn a_follow_of_a_server_that_never_responds_ends_in_its_time_with_the_error() {
    for (seconds, end) in [(0, 5), (1, 5), (15, 15)] {
        let simulation = Simulation::new(Vec::new()).silent(0, 1_000);
        let mut follow = follow(&simulation, ends_after(seconds));
        let (events, notes) = run(&simulation, &mut follow, 1_000);
        assert_eq!((events.len(), notes), (0, vec![Note::Failure(no_response())]));
        assert_eq!(follow.shortfall(), Some(Shortfall::NeverSucceeded(no_response())));
        assert_eq!(simulation.second(), end, "{seconds}");
    }
}

#[test]
fn a_follow_of_a_server_that_falls_silent_ends_in_its_time_as_incomplete() {
    let simulation = Simulation::new(many(20, -10, 20)).silent(4, 1_000);
    let mut follow = follow(&simulation, ends_after(12));
    run(&simulation, &mut follow, 1_000);
    assert_eq!(follow.shortfall(), Some(last_poll_failed(no_response(), 0)));
    assert_eq!(simulation.second(), 12);
}

#[test]
fn a_follow_is_complete_when_its_last_poll_succeeds() {
    let simulation = Simulation::new(many(200, 1, 200)).fails(50, 90, broken());
    let mut follow = follow(&simulation, ends_after(200));
    let (events, _) = run(&simulation, &mut follow, 1_000);
    assert_eq!((events.len(), follow.shortfall()), (200, None));
    let simulation = Simulation::new(many(200, 1, 200)).fails(198, 202, broken());
    let mut follow = self::follow(&simulation, ends_after(200));
    run(&simulation, &mut follow, 1_000);
    assert_eq!(follow.shortfall(), Some(last_poll_failed(broken(), 195)));
}

#[test]
fn the_last_poll_of_a_slow_server_starts_early_enough_to_end_in_time() {
    let simulation = Simulation::new(many(40, 1, 60)).slow(Duration::from_millis(1_900));
    let mut follow = follow(&simulation, ends_after(58));
    run(&simulation, &mut follow, 1_000);
    assert_eq!(follow.shortfall(), None);
    assert!((54..=58).contains(&simulation.second()), "{}", simulation.second());
}

#[test]
fn a_server_that_requires_a_wait_beyond_the_end_gets_no_more_requests() {
    let retry_after = Some(Duration::from_secs(600));
    let throttled = throttled_for(retry_after);
    let simulation = Simulation::new(Vec::new()).fails(0, 1_000, throttled.clone());
    let mut follow = follow(&simulation, ends_after(60));
    run(&simulation, &mut follow, 1_000);
    assert_eq!(follow.shortfall(), Some(Shortfall::NeverSucceeded(throttled)));
    assert_eq!(simulation.second(), 0);
}

#[test]
fn a_follow_that_ends_while_it_catches_up_is_incomplete() {
    let simulation = Simulation::new(many(20_000, 1, 10_000)).slow(Duration::from_secs(1));
    let mut follow = follow(&simulation, ends_after(30));
    run(&simulation, &mut follow, 12);
    simulation.jump(10_000);
    run(&simulation, &mut follow, 20_000);
    assert!(matches!(
        follow.shortfall(),
        Some(Shortfall::LastPollFailed { error: SourceError::OutOfTime, .. })
    ));
}

#[test]
fn a_gap_that_was_reported_leaves_a_follow_incomplete() {
    let simulation = Simulation::new(vec![Message::new("m", 1)]);
    let mut follow = follow(&simulation, ends_after(60));
    run(&simulation, &mut follow, 10);
    simulation.jump(50 * 3600);
    run(&simulation, &mut follow, 60 * 3600);
    assert_eq!(follow.shortfall(), Some(Shortfall::Gaps(1)));
}

#[test]
fn refused_credentials_end_a_follow_at_once_at_the_start_and_at_the_third_time_later() {
    let simulation = Simulation::new(Vec::new()).fails(0, 9, refused());
    assert_eq!(follow(&simulation, OPTIONS).poll().unwrap_err(), refused());
    let simulation = Simulation::new(Vec::new()).fails(4, 1_000, refused());
    let mut follow = follow(&simulation, OPTIONS);
    let mut polls = 0;
    let error = loop {
        match follow.poll() {
            Ok(_) => polls += 1,
            Err(error) => break error,
        }
        simulation.sleep(follow.time_to_next_poll().unwrap());
    };
    assert_eq!((error, polls), (refused(), 3));
}

#[test]
fn a_row_in_the_future_does_not_hide_the_present() {
    let mut messages = many(2_000, 1, 100);
    messages.push(Message { sent: 900_000, shown: 3, ..Message::new("future", 0) });
    let simulation = Simulation::new(messages).showing_the_future();
    let (events, _) = run(&simulation, &mut follow(&simulation, OPTIONS), 120);
    assert_eq!(events.len(), 2_001);
}

#[test]
fn a_follow_keeps_to_the_time_range_of_its_query() {
    let simulation = Simulation::new(many(100, -50, 100));
    let query = Query {
        since: Some(Timestamp::from_millis(crate::pages::test_support::START - 5_000)),
        until: Some(Timestamp::from_millis(crate::pages::test_support::START + 10_000)),
        ..Query::default()
    };
    let mut follow = Follow::new(simulation.clone(), query, OPTIONS, simulation.clock());
    let (events, _) = run(&simulation, &mut follow, 100);
    assert_eq!(events.len(), 16);
}
