use super::*;
use crate::model::Field;
use crate::pages::test_support::{Message, Simulation, broken, no_response, refused};

const OPTIONS: WaitOptions = WaitOptions {
    interval: Duration::from_secs(5),
    timeout: Duration::from_secs(600),
    settle: Duration::from_secs(10),
};

fn messages(ids: &[&str]) -> WaitIds {
    WaitIds::Messages(ids.iter().map(|&id| id.to_owned()).collect())
}

/// Polls until the wait ends. Returns the second at which each row came, and the notes.
fn run(
    simulation: &Simulation,
    waiting: &mut FinalStatusWait<Simulation>,
) -> (Vec<(i64, String)>, Vec<Note>) {
    let (mut rows, mut notes) = (Vec::new(), Vec::new());
    while let Some(rest) = waiting.time_to_next_poll() {
        simulation.sleep(rest);
        let update = waiting.poll().unwrap();
        let id = |log: &Log| log.cell(Field::MessageId).into_text().into_owned();
        rows.extend(update.rows.iter().map(|log| (simulation.second(), id(log))));
        notes.extend(update.notes);
    }
    (rows, notes)
}

fn wait(simulation: &Simulation, ids: WaitIds) -> FinalStatusWait<Simulation> {
    FinalStatusWait::new(simulation.clone(), ids, OPTIONS, simulation.clock())
}

#[test]
fn a_wait_ends_when_every_message_is_delivered_and_returns_each_row_as_it_becomes_final() {
    let simulation = Simulation::new(vec![
        Message::new("a", 0).then(7, "DELIVERED_TO_HANDSET"),
        Message::new("b", 0).then(1, "DELIVERED_TO_OPERATOR").then(12, "DELIVERED_TO_HANDSET"),
        Message::new("other", 0),
    ]);
    let mut waiting = wait(&simulation, messages(&["a", "b", "a"]));
    let (rows, _) = run(&simulation, &mut waiting);
    assert_eq!(rows, [(10, "a".to_owned()), (15, "b".to_owned())]);
    assert_eq!((waiting.outcome(), simulation.second()), (WaitOutcome::Delivered, 15));
    // A message that is done is not requested again.
    assert_eq!(simulation.requests().last(), Some(&(15, 1)));
}

#[test]
fn messages_that_were_not_delivered_are_counted() {
    let simulation = Simulation::new(vec![
        Message::new("a", 0).then(7, "DELIVERED_TO_HANDSET"),
        Message::new("b", 0).then(9, "UNDELIVERABLE_NOT_DELIVERED"),
        Message::new("c", 0).then(9, "MISSING_TO"),
    ]);
    let mut waiting = wait(&simulation, messages(&["a", "b", "c"]));
    run(&simulation, &mut waiting);
    assert_eq!(waiting.outcome(), WaitOutcome::NotDelivered(2));
    assert_eq!(
        waiting.progress().statuses,
        ["DELIVERED_TO_HANDSET", "MISSING_TO", "UNDELIVERABLE_NOT_DELIVERED"]
            .map(|status| (status.to_owned(), 1))
    );
}

/// A message over VIBER that fails after a second.
fn failing_first() -> Message {
    Message::new("a", 0).over("VIBER").then(1, "UNDELIVERABLE_NOT_DELIVERED")
}

#[test]
fn a_failover_that_delivers_seconds_after_the_first_channel_failed_is_a_delivery() {
    for ids in [messages(&["a"]), WaitIds::Bulks(vec!["b".to_owned()])] {
        let second = Message::new("a", 3).then(9, "DELIVERED_TO_HANDSET");
        let simulation = Simulation::new(vec![failing_first(), second]);
        let mut waiting = wait(&simulation, ids);
        let (rows, _) = run(&simulation, &mut waiting);
        assert_eq!((rows.len(), waiting.outcome()), (2, WaitOutcome::Delivered));
    }
    // The row of the second channel appears as late as the time to settle allows.
    let second = Message::new("a", 3).late(14).then(9, "DELIVERED_TO_HANDSET");
    let simulation = Simulation::new(vec![failing_first(), second]);
    let mut waiting = wait(&simulation, messages(&["a"]));
    run(&simulation, &mut waiting);
    assert_eq!((waiting.outcome(), simulation.second()), (WaitOutcome::Delivered, 15));
}

#[test]
fn a_failover_that_fails_too_is_a_failure_once_it_has_settled() {
    let second = Message::new("a", 3).then(9, "REJECTED_DND");
    let simulation = Simulation::new(vec![failing_first(), second]);
    let mut waiting = wait(&simulation, messages(&["a"]));
    run(&simulation, &mut waiting);
    // The poll at 10 shows the second failure; those at 15 and 20 show nothing new.
    assert_eq!((waiting.outcome(), simulation.second()), (WaitOutcome::NotDelivered(1), 20));
}

#[test]
fn what_any_channel_delivered_is_delivered_though_another_is_pending() {
    for ids in [messages(&["a"]), WaitIds::Bulks(vec!["b".to_owned()])] {
        let pending = Message::new("a", 0).over("VIBER");
        let delivered = Message::new("a", 3).then(4, "DELIVERED_TO_HANDSET");
        let simulation = Simulation::new(vec![pending, delivered]);
        let mut waiting = wait(&simulation, ids);
        run(&simulation, &mut waiting);
        assert_eq!(waiting.outcome(), WaitOutcome::Delivered);
        assert!(simulation.second() <= 10, "{}", simulation.second());
    }
}

#[test]
fn a_delivery_report_after_a_failure_over_the_same_channel_is_a_delivery() {
    let message = Message::new("a", 0).then(1, "EXPIRED_EXPIRED").then(9, "DELIVERED_TO_HANDSET");
    let simulation = Simulation::new(vec![message]);
    let mut waiting = wait(&simulation, messages(&["a"]));
    let (rows, _) = run(&simulation, &mut waiting);
    assert_eq!((rows.len(), waiting.outcome()), (2, WaitOutcome::Delivered));
}

#[test]
fn a_failure_counts_at_once_when_it_has_no_time_to_settle() {
    let simulation = Simulation::new(vec![failing_first()]);
    let options = WaitOptions { settle: Duration::ZERO, ..OPTIONS };
    let mut waiting =
        FinalStatusWait::new(simulation.clone(), messages(&["a"]), options, simulation.clock());
    run(&simulation, &mut waiting);
    assert_eq!((waiting.outcome(), simulation.second()), (WaitOutcome::NotDelivered(1), 5));
    // The time of the wait is over before the failure has settled.
    let simulation = Simulation::new(vec![failing_first()]);
    let options = WaitOptions { timeout: Duration::from_secs(7), ..OPTIONS };
    let mut waiting =
        FinalStatusWait::new(simulation.clone(), messages(&["a"]), options, simulation.clock());
    run(&simulation, &mut waiting);
    assert_eq!((waiting.outcome(), simulation.second()), (WaitOutcome::NotDelivered(1), 7));
}

#[test]
fn a_wait_for_a_server_that_never_responds_ends_in_its_time_with_the_error() {
    for (seconds, end) in [(0, 5), (8, 8)] {
        let simulation = Simulation::new(Vec::new()).silent(0, 1_000);
        let options = WaitOptions { timeout: Duration::from_secs(seconds), ..OPTIONS };
        let mut waiting =
            FinalStatusWait::new(simulation.clone(), messages(&["a"]), options, simulation.clock());
        run(&simulation, &mut waiting);
        assert_eq!((simulation.second(), waiting.outcome()), (end, WaitOutcome::TimeRanOut));
        assert_eq!((waiting.has_succeeded(), waiting.failure()), (false, Some(&no_response())));
        assert_eq!((waiting.never_shown(), waiting.never_checked()), (vec![], vec!["a"]));
    }
}

#[test]
fn a_wait_for_a_server_that_falls_silent_ends_in_its_time() {
    let simulation = Simulation::new(vec![Message::new("a", 0)]).silent(4, 1_000);
    let options = WaitOptions { timeout: Duration::from_secs(12), ..OPTIONS };
    let mut waiting =
        FinalStatusWait::new(simulation.clone(), messages(&["a"]), options, simulation.clock());
    run(&simulation, &mut waiting);
    assert_eq!((simulation.second(), waiting.outcome()), (12, WaitOutcome::TimeRanOut));
    assert_eq!((waiting.has_succeeded(), waiting.failure()), (true, Some(&no_response())));
    assert_eq!(waiting.pending(), ["a"]);
}

#[test]
fn of_more_ids_than_the_time_allows_none_that_was_not_checked_is_called_unknown() {
    let ids: Vec<String> = (0..5_000).map(|n| format!("{n:0>36}")).collect();
    let message = |(id, n): (&String, i64)| Message::new(id, -n).then(0, "DELIVERED_TO_HANDSET");
    let simulation = Simulation::new(ids.iter().zip(1..=100).map(message).collect());
    let simulation = simulation.slow(Duration::from_secs(1));
    let options = WaitOptions { timeout: Duration::from_secs(30), ..OPTIONS };
    let mut waiting = FinalStatusWait::new(
        simulation.clone(),
        WaitIds::Messages(ids),
        options,
        simulation.clock(),
    );
    run(&simulation, &mut waiting);
    // 55 ids fit into a request. Two further requests prove that the first response was complete.
    assert_eq!((simulation.second(), waiting.progress().done), (30, 100));
    assert_eq!(waiting.never_shown().len(), 28 * 55 - 100);
    assert_eq!(waiting.never_checked().len(), 5_000 - 28 * 55);
    assert_eq!(waiting.outcome(), WaitOutcome::TimeRanOut);
}

#[test]
fn a_gap_is_reported_once_and_leaves_a_bulk_pending() {
    // More rows of one millisecond than a response holds cannot be distinguished by time.
    let message =
        |n: i64| Message::new(&format!("m{n}"), 0).in_bulk("B").then(1, "DELIVERED_TO_HANDSET");
    let simulation = Simulation::new((0..1_500).map(message).collect());
    let options = WaitOptions { timeout: Duration::from_secs(12), ..OPTIONS };
    let ids = WaitIds::Bulks(vec!["B".to_owned()]);
    let mut waiting = FinalStatusWait::new(simulation.clone(), ids, options, simulation.clock());
    let (_, notes) = run(&simulation, &mut waiting);
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert_eq!(waiting.outcome(), WaitOutcome::TimeRanOut);
}

#[test]
fn when_time_runs_out_a_pending_id_differs_from_one_without_a_row() {
    let simulation = Simulation::new(vec![
        Message::new("a", 0).then(7, "DELIVERED_TO_HANDSET"),
        Message::new("b", 0),
    ]);
    let mut waiting = wait(&simulation, messages(&["a", "b", "c"]));
    run(&simulation, &mut waiting);
    assert_eq!((waiting.outcome(), simulation.second()), (WaitOutcome::TimeRanOut, 600));
    assert_eq!((waiting.pending(), waiting.never_shown()), (vec!["b"], vec!["c"]));
    let progress = waiting.progress();
    assert_eq!((progress.done, progress.pending, progress.never_shown), (1, 1, 1));
}

#[test]
fn a_bulk_is_done_only_when_no_more_rows_arrive() {
    let done = |id: &str, shown: i64| {
        Message::new(id, 0).in_bulk("B").then(1, "DELIVERED_TO_HANDSET").late(shown)
    };
    let simulation = Simulation::new(vec![done("a", 2), done("b", 8), done("c", 13)]);
    let mut waiting = wait(&simulation, WaitIds::Bulks(vec!["B".to_owned()]));
    let (rows, _) = run(&simulation, &mut waiting);
    assert_eq!(rows.len(), 3);
    assert_eq!((waiting.outcome(), simulation.second()), (WaitOutcome::Delivered, 20));
}

#[test]
fn a_bulk_without_a_row_is_never_done() {
    let simulation = Simulation::new(Vec::new());
    let mut waiting = wait(&simulation, WaitIds::Bulks(vec!["B".to_owned()]));
    run(&simulation, &mut waiting);
    assert_eq!((waiting.outcome(), waiting.never_shown()), (WaitOutcome::TimeRanOut, vec!["B"]));
}

#[test]
fn a_large_bulk_is_paged_through() {
    let message =
        |n: i64| Message::new(&format!("m{n}"), n).in_bulk("B").then(2_000, "DELIVERED_TO_HANDSET");
    let simulation = Simulation::new((-2_500..0).map(message).collect());
    simulation.sleep(Duration::from_secs(2_000));
    let mut waiting = wait(&simulation, WaitIds::Bulks(vec!["B".to_owned()]));
    let (rows, _) = run(&simulation, &mut waiting);
    assert_eq!((rows.len(), waiting.outcome()), (2_500, WaitOutcome::Delivered));
}

#[test]
fn long_lists_of_ids_are_requested_in_parts() {
    let ids: Vec<String> = (0..200).map(|n| format!("{n:0>36}")).collect();
    let message = |(id, n): (&String, i64)| Message::new(id, -n).then(0, "DELIVERED_TO_HANDSET");
    let simulation = Simulation::new(ids.iter().zip(1..).map(message).collect());
    let mut waiting = wait(&simulation, WaitIds::Messages(ids));
    let (rows, _) = run(&simulation, &mut waiting);
    assert_eq!((rows.len(), waiting.outcome()), (200, WaitOutcome::Delivered));
    assert_eq!(
        simulation.requests().len(),
        4 + 2,
        "four parts, and two requests that prove the first one complete"
    );
}

#[test]
fn a_wait_outlasts_a_failing_server_and_ends_when_credentials_are_refused() {
    let simulation = Simulation::new(vec![Message::new("a", 0).then(1, "DELIVERED_TO_HANDSET")])
        .fails(0, 60, broken());
    let mut waiting = wait(&simulation, messages(&["a"]));
    let (rows, notes) = run(&simulation, &mut waiting);
    assert_eq!((rows.len(), notes.len()), (1, 2));
    let simulation = Simulation::new(Vec::new()).fails(0, 60, refused());
    assert_eq!(wait(&simulation, messages(&["a"])).poll().unwrap_err(), refused());
}
