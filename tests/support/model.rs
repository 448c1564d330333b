//! A model of the API: a server that holds messages and responds as the API documents it, with
//! time range, limit and filters.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::messages::{message_with, results};
use super::{Response, Server};

/// The messages that the server holds; a test may change them between two requests.
pub type StoredMessages = Arc<Mutex<Vec<Value>>>;

/// How the server differs from the documented behavior.
#[derive(Clone, Copy)]
pub struct ServerBehavior {
    /// The maximum number of rows in one response, whatever the limit in the request.
    pub cap: usize,
    /// Runs before the N-th response (from 0) is made.
    pub before: fn(usize, &mut Vec<Value>),
}

impl Default for ServerBehavior {
    fn default() -> Self {
        Self { cap: 1000, before: |_, _| () }
    }
}

/// This many messages, `minutes` apart; the newest was sent a minute ago.
pub fn recent(count: i64, minutes: i64) -> Vec<Value> {
    let now = Utc::now();
    let row = |number: i64| {
        let sent = now - chrono::TimeDelta::minutes(1 + number * minutes);
        let sent = sent.format("%Y-%m-%dT%H:%M:%S%.3f%z").to_string();
        message_with(&format!("m{number}"), &[("sentAt", sent.into())])
    };
    (0..count).map(row).collect()
}

/// Serves these messages.
pub fn serve(messages: Vec<Value>, behavior: ServerBehavior) -> Server {
    let held: StoredMessages = Arc::new(Mutex::new(messages));
    Server::start(move |number, head| {
        let mut held = held.lock().unwrap();
        (behavior.before)(number, &mut held);
        response_to(&held, head, behavior.cap)
    })
}

/// The response to the request with this head, with at most `cap` rows.
pub fn response_to(messages: &[Value], head: &str, cap: usize) -> Response {
    Response::json(results(matching_rows(messages, target(head), cap)))
}

/// The same, with the time of the server.
pub fn dated_response_to(
    messages: &[Value],
    now: DateTime<Utc>,
    head: &str,
    cap: usize,
) -> Response {
    let date = now.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let headers = [("Content-Type", "application/json"), ("Date", date.as_str())];
    Response::new("200 OK", &headers, results(matching_rows(messages, target(head), cap)))
}

/// The path and query of a request.
fn target(head: &str) -> &str {
    head.split(' ').nth(1).unwrap_or_default()
}

fn matching_rows(messages: &[Value], target: &str, cap: usize) -> Vec<Value> {
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let (mut since, mut until, mut limit) = (i64::MIN, i64::MAX, 50);
    let (mut filters, mut ids) = (Vec::new(), None);
    for (name, value) in query.split('&').filter_map(|part| part.split_once('=')) {
        let value = percent_decode_str(value).decode_utf8().unwrap().into_owned();
        match name {
            "sentSince" => since = millis(&value).unwrap(),
            "sentUntil" => until = millis(&value).unwrap(),
            "limit" => limit = value.parse().unwrap(),
            "channel" => filters.push(("/channel", value)),
            "generalStatus" => filters.push(("/status/groupName", value)),
            "from" => filters.push(("/from", value)),
            "to" => filters.push(("/to", value)),
            "messageId" => ids = Some(value.split(',').map(str::to_owned).collect::<Vec<_>>()),
            "bulkId" => filters.push(("/bulkId", value)),
            _ => (),
        }
    }
    let fits = |row: &Value| {
        ids.as_ref().is_none_or(|ids| ids.iter().any(|id| row["messageId"] == **id))
            && filters
                .iter()
                .all(|(pointer, value)| row.pointer(pointer).and_then(Value::as_str) == Some(value))
    };
    let dated = messages.iter().map(|row| (sent(row), row));
    let mut rows: Vec<_> =
        dated.filter(|(at, row)| since <= *at && *at <= until && fits(row)).collect();
    rows.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    rows.truncate(cap.min(limit));
    rows.into_iter().map(|(_, row)| row.clone()).collect()
}

/// When a message was sent, in milliseconds.
pub fn sent(row: &Value) -> i64 {
    millis(row["sentAt"].as_str().unwrap()).unwrap()
}

/// A time in milliseconds. Servers of tests read the time of each of their messages for each request,
/// and a time as RFC 3339 has it is read several times as fast as one by a pattern.
pub fn millis(text: &str) -> Option<i64> {
    let time = match text.split_at_checked(text.len().wrapping_sub(4)) {
        // The offset of the API has no colon.
        Some((before, zone)) if before.ends_with(['+', '-']) => {
            let (hours, minutes) = zone.split_at_checked(2)?;
            DateTime::parse_from_rfc3339(&format!("{before}{hours}:{minutes}"))
        }
        _ => DateTime::parse_from_rfc3339(text),
    };
    Some(time.ok()?.timestamp_millis())
}
