//! Changes over time: messages arrive, get a final status, and leave the window.

use std::collections::HashMap;

use serde_json::Value;

use super::{ANCHOR, HOUR, TestSandbox, sent, text};

fn key(row: &Value) -> (String, String) {
    (text(row, "messageId").to_owned(), text(row, "channel").to_owned())
}

#[test]
fn messages_arrive_as_the_clock_moves() {
    let mut sandbox = TestSandbox::new();
    let before = sandbox.rows("limit=1000");
    sandbox.set_clock(HOUR / 4);
    let after = sandbox.rows("limit=1000&sentSince=2025-11-24T12:00:00.001Z");
    assert!(after.len() > 20, "{}", after.len());
    assert!(after.iter().all(|row| sent(row) > ANCHOR && sent(row) <= ANCHOR + HOUR / 4));
    assert!(before.iter().all(|row| sent(row) <= ANCHOR));
}

#[test]
fn nothing_changes_while_the_clock_does_not_advance() {
    let mut sandbox = TestSandbox::new();
    assert_eq!(sandbox.rows("limit=300"), sandbox.rows("limit=300"));
}

#[test]
fn pending_messages_get_a_final_status_and_final_ones_do_not_change() {
    let mut sandbox = TestSandbox::new();
    let query = "limit=1000&sentUntil=2025-11-24T12:00:00Z";
    let before = sandbox.rows(query);
    sandbox.set_clock(26 * HOUR);
    let after: HashMap<_, Value> =
        sandbox.rows(query).into_iter().map(|row| (key(&row), row)).collect();
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
fn the_operator_confirms_before_the_handset() {
    let mut sandbox = TestSandbox::new();
    let mut last: HashMap<(String, String), String> = HashMap::new();
    let mut passed = 0;
    for second in 0..90 {
        sandbox.set_clock(second * 1000);
        for row in sandbox.rows("channel=SMS&limit=40&sentSince=2025-11-24T12:00:00Z") {
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
    let mut sandbox = TestSandbox::new();
    let oldest = "limit=1000&sentUntil=2025-11-22T12:30:00Z";
    assert!(!sandbox.rows(oldest).is_empty());
    sandbox.set_clock(HOUR);
    assert!(sandbox.rows(oldest).is_empty());
    assert!(!sandbox.rows("sentUntil=2025-11-22T13:30:00Z").is_empty());
}

#[test]
fn the_date_header_has_the_time_of_the_sandbox_clock() {
    let mut sandbox = TestSandbox::new();
    sandbox.set_clock(61_000);
    let response = sandbox.get("limit=1", &[]);
    assert_eq!(response.header("date"), Some("Mon, 24 Nov 2025 12:01:01 GMT"));
}

#[test]
fn one_connection_carries_many_requests() {
    let mut sandbox = TestSandbox::new();
    for _ in 0..30 {
        let response = sandbox.get("limit=3", &[]);
        assert_eq!((response.status, response.header("connection")), (200, None));
    }
}
