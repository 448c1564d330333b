//! A server that behaves as a real one may on a bad day: each habit can be switched on by itself.

use std::cmp::Reverse;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::messages::{message, results};
use super::{Response, Server};

/// Which of the rows that fit a server returns, where it does not return all.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Picks {
    Newest,
    Oldest,
    /// The same ones each time, whenever they were sent.
    Any,
}

/// The habits of a server. By default it is as the API documents it.
#[derive(Clone)]
pub struct Habits {
    /// The most rows of one response, whatever the limit.
    pub cap: usize,
    /// Times are cut to this many milliseconds when a bound is read.
    pub reads_to: i64,
    /// Whether the bounds themselves are part of the window.
    pub includes_bounds: bool,
    pub picks: Picks,
    /// The request, counted from 0, to which a replica that is behind responds with nothing.
    pub empty_at: Option<usize>,
    /// The request, counted from 0, that is refused with 400.
    pub refuses_at: Option<usize>,
    /// What one row in this many has in the place of its time of sending.
    pub undated: Option<(usize, &'static str)>,
    /// The time of the server, which it sends in `Date`.
    pub now: DateTime<Utc>,
    /// How much later it is at each further request.
    pub step: TimeDelta,
    /// Messages that are older than this are not returned.
    pub keeps: TimeDelta,
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            cap: 1000,
            reads_to: 1,
            includes_bounds: true,
            picks: Picks::Newest,
            empty_at: None,
            refuses_at: None,
            undated: None,
            now: Utc::now(),
            step: TimeDelta::zero(),
            keeps: TimeDelta::hours(48),
        }
    }
}

/// A message `mN` of this time.
pub fn sent_at(n: usize, at: DateTime<Utc>) -> Value {
    let mut row = message(&format!("m{n}"), "hello");
    row["sentAt"] = json!(at.format("%Y-%m-%dT%H:%M:%S%.3f+0000").to_string());
    row
}

/// Messages `m0` to `mN`, each this much older than the one before it.
pub fn messages_before(newest: DateTime<Utc>, count: usize, each: TimeDelta) -> Vec<Value> {
    (0..count).map(|n| sent_at(n, newest - each * i32::try_from(n).unwrap())).collect()
}

/// Serves these messages.
pub fn unreliable(messages: Vec<Value>, habits: Habits) -> Server {
    let mut rows: Vec<(i64, Value)> =
        messages.into_iter().map(|row| (super::model::sent(&row), row)).collect();
    if let Some((one_in, text)) = habits.undated {
        rows.iter_mut().skip(1).step_by(one_in).for_each(|(_, row)| row["sentAt"] = json!(text));
    }
    let now = AtomicI64::new(habits.now.timestamp_millis());
    Server::start(move |number, head| {
        if habits.refuses_at == Some(number) {
            return Response::error("400 Bad Request");
        }
        let now = now.fetch_add(habits.step.num_milliseconds(), Ordering::SeqCst);
        let now = DateTime::from_timestamp_millis(now).unwrap();
        let rows = match habits.empty_at {
            Some(at) if at == number => Vec::new(),
            _ => habits.select(&rows, now, head.split(' ').nth(1).unwrap_or_default()),
        };
        let date = now.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let headers = [("Content-Type", "application/json"), ("Date", date.as_str())];
        Response::new("200 OK", &headers, results(rows))
    })
}

impl Habits {
    fn select(&self, rows: &[(i64, Value)], now: DateTime<Utc>, target: &str) -> Vec<Value> {
        let query = target.split_once('?').map_or("", |(_, query)| query);
        let (mut since, mut until, mut limit) = (i64::MIN, i64::MAX, 50);
        let mut filters = Vec::new();
        for (name, value) in query.split('&').filter_map(|part| part.split_once('=')) {
            let value = percent_decode_str(value).decode_utf8().unwrap().into_owned();
            let bound = || {
                let millis = super::model::millis(&value).unwrap();
                millis.div_euclid(self.reads_to) * self.reads_to
            };
            match name {
                "sentSince" => since = bound(),
                "sentUntil" => until = bound(),
                "limit" => limit = value.parse().unwrap(),
                "channel" => filters.push(("/channel", vec![value])),
                "generalStatus" => filters.push(("/status/groupName", vec![value])),
                "messageId" => {
                    filters.push(("/messageId", value.split(',').map(str::to_owned).collect()));
                }
                _ => (),
            }
        }
        let kept = (now - self.keeps).timestamp_millis();
        let is_inside = |at: i64| {
            let is_strict = !self.includes_bounds;
            at >= kept
                && if is_strict { since < at && at < until } else { since <= at && at <= until }
        };
        let fits = |row: &Value| {
            filters.iter().all(|(pointer, values)| {
                let text = row.pointer(pointer).and_then(Value::as_str);
                text.is_some_and(|text| values.iter().any(|value| value == text))
            })
        };
        let mut rows: Vec<_> =
            rows.iter().filter(|(at, row)| is_inside(*at) && fits(row)).collect();
        match self.picks {
            Picks::Newest => rows.sort_by_key(|(at, _)| Reverse(*at)),
            Picks::Oldest => rows.sort_by_key(|(at, _)| *at),
            // Spread over the window, and always the same.
            Picks::Any => rows.sort_by_key(|(at, _)| at.wrapping_mul(2_654_435_761) % 1009),
        }
        rows.truncate(self.cap.min(limit));
        rows.into_iter().map(|(_, row)| row.clone()).collect()
    }
}
