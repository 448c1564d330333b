//! A model of the API: a server that holds messages and responds as the API documents it, with
//! time range, limit and filters.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::messages::{message_with, results_of};
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
    Response::json(results_of(matching_rows(messages, head, cap)))
}

/// As [`response_to`], with the time of the server in `Date`.
pub fn dated_response_to(
    messages: &[Value],
    now: DateTime<Utc>,
    head: &str,
    cap: usize,
) -> Response {
    dated(matching_rows(messages, head, cap), now)
}

/// A response with these rows and the time of the server.
pub fn dated(rows: Vec<&Value>, now: DateTime<Utc>) -> Response {
    let date = now.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let headers = [("Content-Type", "application/json"), ("Date", date.as_str())];
    Response::new("200 OK", &headers, results_of(rows))
}

/// The path and query of a request.
fn target(head: &str) -> &str {
    head.split(' ').nth(1).unwrap_or_default()
}

/// The time range, the limit and the filters of a request.
pub struct RequestedRows {
    /// The start of the time range, in milliseconds since 1970.
    pub since: i64,
    /// Its last millisecond.
    pub until: i64,
    pub limit: usize,
    /// Each filter as the place of its field in a row, and the values that it accepts.
    filters: Vec<(&'static str, Vec<String>)>,
}

impl RequestedRows {
    /// Reads the head of a request. Times are rounded down to a multiple of `precision` milliseconds.
    pub fn of_request(head: &str, precision: i64) -> Self {
        let query = target(head).split_once('?').map_or("", |(_, query)| query);
        let (since, until, limit) = (i64::MIN, i64::MAX, 50);
        let mut requested = Self { since, until, limit, filters: Vec::new() };
        for (name, value) in query.split('&').filter_map(|part| part.split_once('=')) {
            let value = percent_decode_str(value).decode_utf8().unwrap().into_owned();
            let bound = || millis(&value).unwrap().div_euclid(precision) * precision;
            let field = match name {
                "sentSince" => {
                    requested.since = bound();
                    continue;
                }
                "sentUntil" => {
                    requested.until = bound();
                    continue;
                }
                "limit" => {
                    requested.limit = value.parse().unwrap();
                    continue;
                }
                "messageId" => {
                    let ids = value.split(',').map(str::to_owned).collect();
                    requested.filters.push(("/messageId", ids));
                    continue;
                }
                "channel" => "/channel",
                "generalStatus" => "/status/groupName",
                "from" => "/from",
                "to" => "/to",
                "bulkId" => "/bulkId",
                _ => continue,
            };
            requested.filters.push((field, vec![value]));
        }
        requested
    }

    /// Whether the filters select a row, whatever its time.
    pub fn selects(&self, row: &Value) -> bool {
        self.filters.iter().all(|(field, values)| {
            let text = row.pointer(field).and_then(Value::as_str);
            text.is_some_and(|text| values.iter().any(|value| value == text))
        })
    }
}

/// The rows of the response to the request with this head, at most `cap`.
pub fn matching_rows<'m>(messages: &'m [Value], head: &str, cap: usize) -> Vec<&'m Value> {
    let requested = RequestedRows::of_request(head, 1);
    let window = requested.since..=requested.until;
    let by_time = messages.iter().map(|row| (sent(row), row));
    let mut rows: Vec<_> =
        by_time.filter(|(at, row)| window.contains(at) && requested.selects(row)).collect();
    rows.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    rows.truncate(cap.min(requested.limit));
    rows.into_iter().map(|(_, row)| row).collect()
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
