//! A server that knows what is true: it holds messages and answers as the API documents it,
//! bounds, limit and filters.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::messages::results;
use super::{Answer, Server};

/// The messages that the server holds; a test may change them between two requests.
pub type Held = Arc<Mutex<Vec<Value>>>;

/// How the server departs from the plain way.
#[derive(Clone, Copy)]
pub struct Manner {
    /// The most rows of one answer, whatever is asked for.
    pub cap: usize,
    /// Runs before the N-th answer (from 0) is made.
    pub before: fn(usize, &mut Vec<Value>),
}

impl Default for Manner {
    fn default() -> Self {
        Self { cap: 1000, before: |_, _| () }
    }
}

/// Serves these messages.
pub fn serve(messages: Vec<Value>, manner: Manner) -> Server {
    let held: Held = Arc::new(Mutex::new(messages));
    Server::start(move |number, head| {
        let mut held = held.lock().unwrap();
        (manner.before)(number, &mut held);
        answered(&held, head, manner.cap)
    })
}

/// The answer to the request with this head, of so many rows at most.
pub fn answered(messages: &[Value], head: &str, cap: usize) -> Answer {
    Answer::json(results(answer(messages, target(head), cap)))
}

/// The path and query of a request.
fn target(head: &str) -> &str {
    head.split(' ').nth(1).unwrap_or_default()
}

fn answer(messages: &[Value], target: &str, cap: usize) -> Vec<Value> {
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let (mut since, mut until, mut limit) = (i64::MIN, i64::MAX, 50);
    let mut filters = Vec::new();
    for (name, value) in query.split('&').filter_map(|part| part.split_once('=')) {
        let value = percent_decode_str(value).decode_utf8().unwrap().into_owned();
        match name {
            "sentSince" => since = millis(&value).unwrap(),
            "sentUntil" => until = millis(&value).unwrap(),
            "limit" => limit = value.parse().unwrap(),
            "channel" => filters.push(("/channel", value)),
            "generalStatus" => filters.push(("/status/groupName", value)),
            "from" => filters.push(("/from", value)),
            "bulkId" => filters.push(("/bulkId", value)),
            _ => (),
        }
    }
    let fits = |row: &&Value| {
        let at = sent(row);
        since <= at
            && at <= until
            && filters
                .iter()
                .all(|(pointer, value)| row.pointer(pointer).and_then(Value::as_str) == Some(value))
    };
    let mut rows: Vec<_> = messages.iter().filter(fits).cloned().collect();
    rows.sort_by_key(|row| std::cmp::Reverse(sent(row)));
    rows.truncate(cap.min(limit));
    rows
}

/// When a message was sent, in milliseconds.
pub fn sent(row: &Value) -> i64 {
    millis(row["sentAt"].as_str().unwrap()).unwrap()
}

fn millis(text: &str) -> Option<i64> {
    let moment = DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.3f%z"));
    Some(moment.ok()?.with_timezone(&Utc).timestamp_millis())
}
