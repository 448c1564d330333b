//! Every filter, compared with the rows of an unfiltered page.

use std::collections::HashSet;

use serde_json::Value;

use super::{ANCHOR, HOUR, TestSandbox, sent, text};

/// Requests the newest 1,000 rows, and those that match a filter. The second response must begin
/// with the matching rows of the first.
fn assert_filters(query: &str, passes: impl Fn(&Value) -> bool) {
    let mut sandbox = TestSandbox::new();
    let expected: Vec<Value> =
        sandbox.rows("limit=1000").into_iter().filter(|row| passes(row)).collect();
    assert!(!expected.is_empty(), "nothing matches {query}");
    let filtered = sandbox.rows(&format!("limit=1000&{query}"));
    assert!(filtered.iter().all(&passes), "{query}");
    assert_eq!(filtered[..expected.len()], expected, "{query}");
}

/// The newest row of the page for which `has` returns `true`.
fn find(rows: &[Value], has: impl Fn(&Value) -> bool) -> &Value {
    rows.iter().find(|row| has(row)).unwrap()
}

#[test]
fn rows_are_newest_first_fifty_by_default_and_a_thousand_at_most() {
    let mut sandbox = TestSandbox::new();
    assert_eq!(sandbox.rows("").len(), 50);
    assert_eq!(sandbox.rows("limit=7").len(), 7);
    let most = sandbox.rows("limit=100000");
    assert_eq!(most.len(), 1000);
    assert!(most.is_sorted_by_key(|row| -sent(row)));
    assert_eq!(most[..50], sandbox.rows("limit=50"));
}

#[test]
fn channel_chooses_the_channel() {
    assert_filters("channel=PUSH", |row| text(row, "channel") == "PUSH");
    assert_filters("channel=EMAIL", |row| text(row, "channel") == "EMAIL");
    let mut sandbox = TestSandbox::new();
    for channel in ["LINE", "VKONTAKTE", "KAKAO_CHINGU", "KAKAO_ALIM", "VOICE", "VIBER"] {
        let rows = sandbox.rows(&format!("channel={channel}&limit=10"));
        assert_eq!(rows.len(), 10);
        assert!(rows.iter().all(|row| text(row, "channel") == channel));
    }
}

#[test]
fn from_chooses_the_sender() {
    assert_filters("from=Demo+PUSH%20Application", |row| {
        text(row, "from") == "Demo PUSH Application"
    });
}

#[test]
fn to_chooses_the_destination() {
    let rows = TestSandbox::new().rows("limit=1000");
    for channel in ["SMS", "EMAIL", "PUSH"] {
        let row = find(&rows, |row| text(row, "channel") == channel);
        let to = text(row, "to");
        assert_filters(&format!("to={}", to.replace('@', "%40")), |row| text(row, "to") == to);
    }
}

#[test]
fn general_status_chooses_the_group() {
    for group in ["PENDING", "UNDELIVERABLE", "DELIVERED", "REJECTED"] {
        assert_filters(&format!("generalStatus={group}"), |row| {
            text(&row["status"], "groupName") == group
        });
    }
    let mut sandbox = TestSandbox::new();
    let expired = sandbox.rows("generalStatus=EXPIRED");
    assert!(expired.iter().all(|row| text(&row["status"], "groupName") == "EXPIRED"));
    assert_eq!(expired.len(), 50);
    assert!(sandbox.rows("generalStatus=ACCEPTED").is_empty());
}

#[test]
fn mcc_and_mnc_choose_the_network() {
    let code = |row: &Value| row["mccmnc"].as_str().unwrap_or_default().to_owned();
    assert_filters("mcc=234", |row| code(row).starts_with("234"));
    assert_filters("mnc=01", |row| code(row).get(3..) == Some("01"));
    assert_filters("mcc=310&mnc=260", |row| code(row) == "310260");
    assert!(TestSandbox::new().rows("mcc=999").is_empty());
}

#[test]
fn message_ids_choose_messages_in_one_list_and_in_several() {
    let page = TestSandbox::new().rows("limit=300");
    let [a, b, c] = [3, 30, 299].map(|nth: usize| text(&page[nth], "messageId").to_owned());
    assert_filters(&format!("messageId={a}%2C{b}&messageId={c},unknown"), |row| {
        [&a, &b, &c].iter().any(|id| *id == text(row, "messageId"))
    });
    assert!(TestSandbox::new().rows("messageId=unknown").is_empty());
}

#[test]
fn bulk_ids_choose_campaigns() {
    let mut sandbox = TestSandbox::new();
    let page = sandbox.rows("limit=1000&sentUntil=2025-11-24T10:00:00Z");
    let bulk = |row: &Value| row["bulkId"].as_str().map(str::to_owned);
    let id = page.iter().find_map(bulk).unwrap();
    let all = sandbox.rows(&format!("bulkId={id}&limit=1000"));
    assert!(all.len() >= 50);
    assert!(all.iter().all(|row| bulk(row).as_ref() == Some(&id)));
    let span = sent(&all[0]) - sent(&all[all.len() - 1]);
    assert!(span < 20 * 60_000, "{span}");
    let destinations: HashSet<&str> = all.iter().map(|row| text(row, "to")).collect();
    assert_eq!(destinations.len(), all.len());
    assert_eq!(sandbox.rows(&format!("bulkId=none&bulkId={id}&limit=1000")), all);
}

#[test]
fn sent_since_and_sent_until_are_inclusive() {
    let mut sandbox = TestSandbox::new();
    let page = sandbox.rows("limit=100");
    let [newest, oldest] =
        [20, 70].map(|nth: usize| text(&page[nth], "sentAt").replace('+', "%2B"));
    let between = sandbox.rows(&format!("sentUntil={newest}&sentSince={oldest}&limit=1000"));
    let (until, since) = (sent(&page[20]), sent(&page[70]));
    let expected: Vec<Value> =
        page.iter().filter(|row| (since..=until).contains(&sent(row))).cloned().collect();
    assert_eq!(between, expected);
    assert!(sandbox.rows(&format!("sentSince={newest}&sentUntil={oldest}")).is_empty());
}

#[test]
fn the_window_reaches_back_forty_eight_hours() {
    let mut sandbox = TestSandbox::new();
    let oldest = sandbox.rows("sentUntil=2025-11-22T12:10:00Z&limit=1000");
    let ages: Vec<i64> = oldest.iter().map(|row| ANCHOR - sent(row)).collect();
    assert!(ages.len() > 5);
    assert!(ages.iter().all(|age| (47 * HOUR..=48 * HOUR).contains(age)), "{ages:?}");
    assert!(sandbox.rows("sentUntil=2025-11-22T11:59:59.999Z").is_empty());
}
