//! What changes as the clock moves: messages arrive, come to their end, and leave the window.

use std::collections::HashMap;

use serde_json::Value;

use super::{ANCHOR, Bench, HOUR, sent, text};

fn key(row: &Value) -> (String, String) {
    (text(row, "messageId").to_owned(), text(row, "channel").to_owned())
}

#[test]
fn messages_arrive_as_the_clock_moves() {
    let mut bench = Bench::new();
    let before = bench.rows("limit=1000");
    bench.set_clock(HOUR / 4);
    let after = bench.rows("limit=1000&sentSince=2025-11-24T12:00:00.001Z");
    assert!(after.len() > 20, "{}", after.len());
    assert!(after.iter().all(|row| sent(row) > ANCHOR && sent(row) <= ANCHOR + HOUR / 4));
    assert!(before.iter().all(|row| sent(row) <= ANCHOR));
}

#[test]
fn a_standing_clock_changes_nothing() {
    let mut bench = Bench::new();
    assert_eq!(bench.rows("limit=300"), bench.rows("limit=300"));
}

#[test]
fn pending_messages_come_to_their_end_and_finished_ones_stay_as_they_are() {
    let mut bench = Bench::new();
    let query = "limit=1000&sentUntil=2025-11-24T12:00:00Z";
    let before = bench.rows(query);
    bench.set_clock(26 * HOUR);
    let after: HashMap<_, Value> =
        bench.rows(query).into_iter().map(|row| (key(&row), row)).collect();
    let mut ended = 0;
    for row in &before {
        let later = &after[&key(row)];
        let [group, later_group] = [row, later].map(|row| text(&row["status"], "groupName"));
        if group == "PENDING" {
            ended += usize::from(later_group != "PENDING");
        } else if text(&row["status"], "name") != "DELIVERED_TO_OPERATOR" {
            assert_eq!(row, later);
        }
        for field in ["to", "from", "text", "sentAt", "messageCount"] {
            assert_eq!(row[field], later[field]);
        }
    }
    let pending =
        before.iter().filter(|row| text(&row["status"], "groupName") == "PENDING").count();
    assert!(pending > 10 && ended * 10 >= pending * 8, "{ended} of {pending}");
}

#[test]
fn the_operator_comes_before_the_handset() {
    let mut bench = Bench::new();
    let mut last: HashMap<(String, String), String> = HashMap::new();
    let mut passed = 0;
    for second in 0..90 {
        bench.set_clock(second * 1000);
        for row in bench.rows("channel=SMS&limit=40&sentSince=2025-11-24T12:00:00Z") {
            let name = text(&row["status"], "name").to_owned();
            let before = last.insert(key(&row), name.clone());
            if before.as_deref() == Some("DELIVERED_TO_OPERATOR") && name == "DELIVERED_TO_HANDSET"
            {
                passed += 1;
            }
            if before.as_deref() == Some("DELIVERED_TO_HANDSET") {
                assert_eq!(name, "DELIVERED_TO_HANDSET");
            }
        }
    }
    assert!(passed > 0);
}

#[test]
fn the_window_slides_with_the_clock() {
    let mut bench = Bench::new();
    let oldest = "limit=1000&sentUntil=2025-11-22T12:30:00Z";
    assert!(!bench.rows(oldest).is_empty());
    bench.set_clock(HOUR);
    assert!(bench.rows(oldest).is_empty());
    assert!(!bench.rows("sentUntil=2025-11-22T13:30:00Z").is_empty());
}

#[test]
fn the_date_is_the_sandboxs_own() {
    let mut bench = Bench::new();
    bench.set_clock(61_000);
    let answer = bench.ask_with("limit=1", &[]);
    assert_eq!(answer.header("date"), Some("Mon, 24 Nov 2025 12:01:01 GMT"));
}

#[test]
fn one_connection_carries_many_requests() {
    let mut bench = Bench::new();
    for _ in 0..30 {
        let answer = bench.ask_with("limit=3", &[]);
        assert_eq!((answer.status, answer.header("connection")), (200, None));
    }
}
