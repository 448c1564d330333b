//! A server that deviates from the documented API as a real one may. Each deviation is set by itself.

use std::cmp::Reverse;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::messages::message;
use super::model::{RequestedRows, dated, sent};
use super::{Response, Server};

/// The rows that a server returns when more rows match the query than it returns.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum ReturnedRows {
    Newest,
    Oldest,
    /// Rows of any time, the same ones for each request.
    Any,
}

/// How a server deviates from the documented API. By default it does not.
#[derive(Clone)]
pub struct ServerDeviations {
    /// The most rows of one response, whatever the limit.
    pub cap: usize,
    /// Times are cut to this many milliseconds when a bound is read.
    pub reads_to: i64,
    /// Whether the bounds themselves are part of the window.
    pub includes_bounds: bool,
    pub returns: ReturnedRows,
    /// The request, counted from 0, to which a replica without the latest rows responds with no row.
    pub empty_at: Option<usize>,
    /// The request, counted from 0, that is refused with 400.
    pub refuses_at: Option<usize>,
    /// One row in this many has this text in place of its `sentAt` time.
    pub undated: Option<(usize, &'static str)>,
    /// The time of the server, which it sends in `Date`.
    pub now: DateTime<Utc>,
    /// By how much the time of the server advances between two requests.
    pub step: TimeDelta,
    /// Messages that are older than this are not returned.
    pub keeps: TimeDelta,
}

impl Default for ServerDeviations {
    fn default() -> Self {
        Self {
            cap: 1000,
            reads_to: 1,
            includes_bounds: true,
            returns: ReturnedRows::Newest,
            empty_at: None,
            refuses_at: None,
            undated: None,
            now: Utc::now(),
            step: TimeDelta::zero(),
            keeps: TimeDelta::hours(48),
        }
    }
}

/// A message `mN` that was sent at this time.
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
pub fn unreliable(messages: Vec<Value>, deviations: ServerDeviations) -> Server {
    let mut rows: Vec<(i64, Value)> = messages.into_iter().map(|row| (sent(&row), row)).collect();
    if let Some((one_in, text)) = deviations.undated {
        rows.iter_mut().skip(1).step_by(one_in).for_each(|(_, row)| row["sentAt"] = json!(text));
    }
    let now = AtomicI64::new(deviations.now.timestamp_millis());
    Server::start(move |number, head| {
        if deviations.refuses_at == Some(number) {
            return Response::error("400 Bad Request");
        }
        let now = now.fetch_add(deviations.step.num_milliseconds(), Ordering::SeqCst);
        let now = DateTime::from_timestamp_millis(now).unwrap();
        let rows = match deviations.empty_at {
            Some(at) if at == number => Vec::new(),
            _ => deviations.select(&rows, now, head),
        };
        dated(rows, now)
    })
}

impl ServerDeviations {
    /// The rows of the response to the request with this head.
    fn select<'r>(
        &self,
        rows: &'r [(i64, Value)],
        now: DateTime<Utc>,
        head: &str,
    ) -> Vec<&'r Value> {
        let requested = RequestedRows::of_request(head, self.reads_to);
        let (since, until) = (requested.since, requested.until);
        let kept = (now - self.keeps).timestamp_millis();
        let is_inside = |at: i64| {
            let is_strict = !self.includes_bounds;
            at >= kept
                && if is_strict { since < at && at < until } else { since <= at && at <= until }
        };
        let mut rows: Vec<_> =
            rows.iter().filter(|(at, row)| is_inside(*at) && requested.selects(row)).collect();
        match self.returns {
            ReturnedRows::Newest => rows.sort_by_key(|(at, _)| Reverse(*at)),
            ReturnedRows::Oldest => rows.sort_by_key(|(at, _)| *at),
            // Spread over the window, and always the same.
            ReturnedRows::Any => rows.sort_by_key(|(at, _)| at.wrapping_mul(2_654_435_761) % 1009),
        }
        rows.truncate(self.cap.min(requested.limit));
        rows.into_iter().map(|(_, row)| row).collect()
    }
}
