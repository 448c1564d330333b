//! Rows that are identical, only look identical, or arrive while pages are read.

use serde_json::{Value, json};

use crate::support::messages::{self, message, message_with, results};
use crate::support::model::{ServerBehavior, sent, serve};
use crate::support::{Ran, Response, Server, omnilogs};

const UNTIL: &str = "2026-11-22T12:00:00Z";

/// Lists everything up to [`UNTIL`] as JSON lines.
fn everything(server: &Server) -> Ran {
    let words = ["--all", "-o", "jsonl", "--until", UNTIL];
    omnilogs().at(&server.url()).args(words).run()
}

fn rows(ran: &Ran) -> Vec<Value> {
    ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn ids(ran: &Ran) -> Vec<String> {
    rows(ran).iter().map(|row| row["messageId"].as_str().unwrap().to_owned()).collect()
}

fn seconds_before(n: usize) -> Value {
    messages::seconds_before(n, "Your code is 1234")
}

fn names(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("m{n}")).collect()
}

/// T15.
#[test]
fn a_message_id_that_is_twice_in_one_response_is_shown_twice() {
    let server = Server::always(Response::json(results([message("m1", "a"), message("m1", "a")])));
    let ran = omnilogs().at(&server.url()).args(["-o", "jsonl"]).run().code(0);
    assert_eq!(ids(&ran), ["m1", "m1"]);
}

/// T15.
#[test]
fn a_row_that_two_pages_share_is_shown_once_and_each_channel_of_a_message_once() {
    let mut held: Vec<_> = (0..30).map(seconds_before).collect();
    let mut failover = seconds_before(9);
    failover["channel"] = json!("VIBER");
    held.push(failover);
    let server = serve(held, ServerBehavior { cap: 10, ..ServerBehavior::default() });
    let shown = ids(&everything(&server).code(0));
    let mut wanted = names(30);
    wanted.insert(10, "m9".into());
    assert_eq!(shown, wanted);
}

/// T16.
#[test]
fn rows_without_a_message_id_are_never_merged_by_accident() {
    let nameless = |n: usize, id: Option<Value>| {
        let mut row = seconds_before(n);
        row["text"] = json!(format!("text {n}"));
        match id {
            Some(id) => row["messageId"] = id,
            None => drop(row.as_object_mut().unwrap().remove("messageId")),
        }
        row
    };
    // Three rows per timestamp, so that pages overlap within them.
    let held: Vec<_> = (0..60)
        .map(|n| {
            let id = [None, Some(Value::Null), Some(json!(""))][n % 3].clone();
            let mut row = nameless(n, id);
            row["sentAt"] = seconds_before(n / 3)["sentAt"].clone();
            row
        })
        .collect();
    let server = serve(held, ServerBehavior { cap: 10, ..ServerBehavior::default() });
    let shown = rows(&everything(&server).code(0));
    let texts: Vec<_> = shown.iter().map(|row| row["text"].as_str().unwrap().to_owned()).collect();
    let wanted: Vec<_> = (0..60).map(|n| format!("text {n}")).collect();
    assert_eq!(texts, wanted);
}

/// Rows of one millisecond over these status groups.
fn at_one_timestamp(count: usize, groups: &[&str]) -> Vec<Value> {
    (0..count)
        .map(|n| {
            let mut row = message(&format!("m{n}"), "same time");
            row["status"]["groupName"] = json!(groups[n % groups.len()]);
            row
        })
        .collect()
}

/// T17.
#[test]
fn more_rows_in_one_millisecond_than_a_response_can_hold_are_split_by_their_fields() {
    let held = at_one_timestamp(150, &["DELIVERED", "PENDING", "EXPIRED"]);
    let server = serve(held, ServerBehavior { cap: 60, ..ServerBehavior::default() });
    let ran = everything(&server).code(0);
    let mut shown = ids(&ran);
    shown.sort();
    let mut wanted = names(150);
    wanted.sort();
    assert_eq!(shown, wanted);
    assert!(server.targets().iter().any(|target| target.contains("generalStatus=PENDING")));
}

/// T17.
#[test]
fn rows_of_one_millisecond_that_cannot_be_distinguished_make_the_run_incomplete() {
    let server = serve(at_one_timestamp(1100, &["DELIVERED"]), ServerBehavior::default());
    let ran = everything(&server);
    assert_eq!(rows(&ran).len(), 1000);
    let ran = ran.code(3);
    assert!(ran.stderr.contains("which has at least 1,000 messages"), "{}", ran.stderr);
    assert_eq!(ran.error_json()["error"]["kind"], "incomplete");
}

/// T18.
#[test]
fn rows_that_arrive_while_pages_are_read_shift_and_repeat_nothing() {
    let newer = |number: usize, held: &mut Vec<Value>| {
        // New messages arrive before each response, inside the window and after it.
        let late = format!("2026-11-22T10:59:59.{:03}+0000", 900 + number);
        for at in [late, format!("2026-11-22T11:30:00.{number:03}+0000")] {
            held.push(message_with(&format!("new{number}-{at}"), &[("sentAt", json!(at))]));
        }
    };
    let held = (0..100).map(seconds_before).collect();
    let server = serve(held, ServerBehavior { cap: 10, before: newer });
    let shown = ids(&everything(&server).code(0));
    let old: Vec<_> = shown.iter().filter(|id| id.starts_with('m')).cloned().collect();
    assert_eq!(old, names(100));
    let mut once = shown.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), shown.len());
}

/// T18. A late row is listed in its place if paging has not passed its timestamp.
#[test]
fn a_late_row_with_an_old_timestamp_is_listed_where_it_belongs() {
    let late = |number: usize, held: &mut Vec<Value>| {
        if number == 3 {
            let mut row = seconds_before(70);
            row["messageId"] = json!("late");
            held.push(row);
        }
    };
    let held = (0..100).map(seconds_before).collect();
    let server = serve(held, ServerBehavior { cap: 10, before: late });
    let ran = everything(&server).code(0);
    let at = ids(&ran).iter().position(|id| id == "late").unwrap();
    assert_eq!(sent(&rows(&ran)[at]), sent(&seconds_before(70)));
    assert_eq!(ids(&ran).len(), 101);
}

/// T19.
#[test]
fn a_page_that_is_exactly_full_is_followed_by_one_more_request() {
    let server = serve((0..1000).map(seconds_before).collect(), ServerBehavior::default());
    let ran = everything(&server).code(0);
    assert_eq!(ids(&ran), names(1000));
    assert!(server.targets().len() >= 2, "{:?}", server.targets());
}

/// T19.
#[test]
fn fewer_rows_than_the_limit_do_not_prove_the_last_page() {
    let held = (0..500).map(seconds_before).collect();
    let server = serve(held, ServerBehavior { cap: 100, ..ServerBehavior::default() });
    assert_eq!(ids(&everything(&server).code(0)), names(500));
}

/// T20.
#[test]
fn rows_are_ordered_by_instant_and_each_is_shown_with_its_offset() {
    let at = |id: &str, at: &str| message_with(id, &[("sentAt", json!(at)), ("doneAt", json!(at))]);
    let server = Server::always(Response::json(results([
        at("first", "2026-10-25T02:30:00.000+0200"),
        at("third", "2026-10-25T02:10:00.000+0100"),
        at("second", "2026-10-25T00:45:00.000Z"),
    ])));
    let words = ["-z", "Europe/Zagreb", "--columns", "sentAt,messageId", "--since", "2026-10-24"];
    let ran = omnilogs().at(&server.url()).args(words).run().code(0);
    let lines: Vec<_> =
        ran.stdout.lines().skip(1).map(|line| line.split("  ").collect::<Vec<_>>()).collect();
    assert_eq!(lines[0], ["2026-10-25 02:10:00.000+01:00", "third"]);
    assert_eq!(lines[1], ["2026-10-25 02:45:00.000+02:00", "second"]);
    assert_eq!(lines[2], ["2026-10-25 02:30:00.000+02:00", "first"]);
    let json = omnilogs().at(&server.url()).args(["-o", "jsonl", "--since", "2026-10-24"]).run();
    assert_eq!(rows(&json)[2]["sentAt"], "2026-10-25T02:30:00.000+0200");
}

/// T20.
#[test]
fn a_terminal_shows_the_offset_of_each_timestamp_when_clocks_change_inside_the_window() {
    let at = |id: &str, at: &str| message_with(id, &[("sentAt", json!(at))]);
    let server = Server::always(Response::json(results([
        at("after", "2026-10-25T02:10:00.000+0100"),
        at("before", "2026-10-25T02:30:00.000+0200"),
    ])));
    let words = ["-z", "Europe/Zagreb", "--columns", "sentAt,messageId"];
    let screen = omnilogs().at(&server.url()).args(words).on_terminal(80).end().code(0);
    let lines = screen.lines();
    let offsets = ["+01:00", "+02:00"]
        .map(|offset| lines.iter().take(3).filter(|line| line.contains(offset)).count());
    assert!(offsets.iter().all(|count| *count >= 1), "{lines:#?}");
}
