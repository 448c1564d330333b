//! A simulated server and clock for tests: messages arrive, come late and change, and requests fail.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::Resume;
use crate::clock::Clock;
use crate::model::{Log, Page, Timestamp};
use crate::query::{Query, RowFilter};
use crate::source::{ErrorBody, Source, SourceError, SourceKind};

/// The time at which every simulation starts: 22 November 2026, 12:00 UTC.
pub(crate) const START: i64 = 1_795_348_800_000;

/// The point at which a run continues an earlier one that proved the order and found no gap.
pub(crate) fn resume_from(since: Timestamp) -> Resume {
    Resume {
        since,
        gaps: Vec::new(),
        order_proved: true,
        expired_before: None,
        undated: Vec::new(),
        edges: Vec::new(),
        unproved_end: None,
        awaited: Vec::new(),
    }
}

/// A message of a simulation. Its times are in seconds since the start, and can be negative.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) bulk: String,
    pub(crate) channel: &'static str,
    pub(crate) sent: i64,
    /// Milliseconds after that second.
    pub(crate) millis: i64,
    /// When the API begins to return it.
    pub(crate) shown: i64,
    /// The statuses, each with the time from which on it holds.
    pub(crate) states: Vec<(i64, &'static str)>,
}

impl Message {
    pub(crate) fn new(id: &str, sent: i64) -> Self {
        let bulk = "b".to_owned();
        let states = vec![(sent, "PENDING_ENROUTE")];
        Self { id: id.to_owned(), bulk, channel: "SMS", sent, millis: 0, shown: sent, states }
    }

    pub(crate) fn over(self, channel: &'static str) -> Self {
        Self { channel, ..self }
    }

    pub(crate) fn late(self, shown: i64) -> Self {
        Self { shown, ..self }
    }

    pub(crate) fn then(mut self, at: i64, status: &'static str) -> Self {
        self.states.push((at, status));
        self
    }

    pub(crate) fn in_bulk(self, bulk: &str) -> Self {
        Self { bulk: bulk.to_owned(), ..self }
    }

    /// The status at this time, with the time from which on it holds.
    fn state(&self, at: i64) -> (i64, &'static str) {
        self.states.iter().rev().find(|(from, _)| *from <= at).copied().unwrap_or_default()
    }

    fn row(&self, (since, status): (i64, &'static str)) -> Log {
        let time_text = |seconds: i64, millis: i64| {
            Timestamp::from_millis(START + seconds * 1000 + millis).to_wire()
        };
        let group = match status.split('_').next() {
            Some("MISSING") | None => "REJECTED",
            Some(group) => group,
        };
        let json = format!(
            r#"{{"bulkId":"{}","messageId":"{}","channel":"{}","to":"41793026727","sentAt":"{}","doneAt":"{}","status":{{"groupName":"{group}","name":"{status}"}}}}"#,
            self.bulk,
            self.id,
            self.channel,
            time_text(self.sent, self.millis),
            time_text(since, 0),
        );
        Log::read(json, |_| ())
    }
}

struct SimulationState {
    elapsed: Duration,
    /// The time for which the machine was suspended, which is part of the current time but not of
    /// [`Clock::elapsed`].
    jumped: Duration,
    /// By how many seconds the clock of this machine is ahead of the server's.
    ahead: i64,
    /// Whether responses state the time.
    states_time: bool,
    /// The times in which responses state a time that is too late: the first second, the second after
    /// the last one, and by how many seconds.
    wrong_times: Vec<(i64, i64, i64)>,
    messages: Vec<Message>,
    /// The rows that were returned already, by message and the time of its status: a follow reads the
    /// same rows again and again.
    rows: HashMap<(usize, i64), Log>,
    /// The failures, each with its first second and the second after its last one.
    faults: Vec<(i64, i64, SourceError)>,
    /// The second of each request, and the number of rows that it returned.
    requests: Vec<(i64, usize)>,
    cap: usize,
    shows_future: bool,
    /// The times in which requests get no response, each as its first second and the second after its
    /// last one.
    silences: Vec<(i64, i64)>,
    /// How long each request takes.
    latency: Duration,
    deadline: Option<Duration>,
    /// Whether messages expire 48 hours after they were sent.
    has_retention: bool,
}

/// How long a request to a silent server takes, retries included, when no deadline is set.
const SILENCE: Duration = Duration::from_secs(300);

/// A simulated server, which is also the clock. Clones share its state.
#[derive(Clone)]
pub(crate) struct Simulation(Arc<Mutex<SimulationState>>);

impl Simulation {
    pub(crate) fn new(messages: Vec<Message>) -> Self {
        Self(Arc::new(Mutex::new(SimulationState {
            elapsed: Duration::ZERO,
            jumped: Duration::ZERO,
            ahead: 0,
            states_time: false,
            wrong_times: Vec::new(),
            messages,
            rows: HashMap::new(),
            faults: Vec::new(),
            requests: Vec::new(),
            cap: 1000,
            shows_future: false,
            silences: Vec::new(),
            latency: Duration::ZERO,
            deadline: None,
            has_retention: false,
        })))
    }

    /// The server returns at most this many rows, whatever the limit is.
    pub(crate) fn capped(self, cap: usize) -> Self {
        self.0.lock().unwrap().cap = cap;
        self
    }

    /// The server returns rows with a time of sending in the future.
    pub(crate) fn showing_the_future(self) -> Self {
        self.0.lock().unwrap().shows_future = true;
        self
    }

    /// The server fails with this error from one second until before another.
    pub(crate) fn fails(self, from: i64, to: i64, error: SourceError) -> Self {
        self.0.lock().unwrap().faults.push((from, to, error));
        self
    }

    /// Messages expire 48 hours after they were sent.
    pub(crate) fn with_retention(self) -> Self {
        self.0.lock().unwrap().has_retention = true;
        self
    }

    /// The server accepts requests but does not respond, from one second until before another.
    pub(crate) fn silent(self, from: i64, to: i64) -> Self {
        self.0.lock().unwrap().silences.push((from, to));
        self
    }

    /// Each request takes this long.
    pub(crate) fn slow(self, latency: Duration) -> Self {
        self.0.lock().unwrap().latency = latency;
        self
    }

    /// The machine is suspended for this many seconds.
    pub(crate) fn jump(&self, seconds: u64) {
        self.0.lock().unwrap().jumped += Duration::from_secs(seconds);
    }

    /// Responses state the time, by the server's clock.
    pub(crate) fn stating_the_time(self) -> Self {
        self.0.lock().unwrap().states_time = true;
        self
    }

    /// From one second until before another, responses state a time that is this many seconds too late.
    pub(crate) fn states_too_late(self, from: i64, to: i64, seconds: i64) -> Self {
        self.0.lock().unwrap().wrong_times.push((from, to, seconds));
        self
    }

    /// Sets the clock of this machine to this many seconds ahead of the server's.
    pub(crate) fn set_clock_ahead(&self, seconds: i64) {
        self.0.lock().unwrap().ahead = seconds;
    }

    /// Seconds since the start, by the server's clock.
    pub(crate) fn second(&self) -> i64 {
        let state = self.0.lock().unwrap();
        i64::try_from((state.elapsed + state.jumped).as_secs()).unwrap()
    }

    /// The second of each request, and the number of rows that it returned.
    pub(crate) fn requests(&self) -> Vec<(i64, usize)> {
        self.0.lock().unwrap().requests.clone()
    }

    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(self.clone())
    }
}

impl Clock for Simulation {
    fn now(&self) -> DateTime<Utc> {
        let state = self.0.lock().unwrap();
        DateTime::from_timestamp_millis(START).unwrap()
            + TimeDelta::from_std(state.elapsed + state.jumped).unwrap()
            + TimeDelta::seconds(state.ahead)
    }

    fn elapsed(&self) -> Duration {
        self.0.lock().unwrap().elapsed
    }

    fn sleep(&self, how_long: Duration) -> bool {
        self.0.lock().unwrap().elapsed += how_long;
        false
    }
}

impl Source for Simulation {
    fn fetch(&mut self, query: &Query) -> Result<Page, SourceError> {
        let second = self.second();
        let mut state = self.0.lock().unwrap();
        let left = state.deadline.map_or(SILENCE, |at| at.saturating_sub(state.elapsed));
        if left.is_zero() {
            return Err(SourceError::OutOfTime);
        }
        let is_silent = state.silences.iter().any(|(from, to)| (*from..*to).contains(&second));
        let latency = if is_silent { SILENCE } else { state.latency };
        state.elapsed += latency.min(left);
        if is_silent || latency > left {
            return Err(no_response());
        }
        if let Some((_, _, error)) =
            state.faults.iter().find(|(from, to, _)| (*from..*to).contains(&second))
        {
            return Err(error.clone());
        }
        let SimulationState { messages, rows, shows_future, has_retention, cap, .. } = &mut *state;
        let inside = |message: &Message| {
            let millis = START + message.sent * 1000 + message.millis;
            query.since.is_none_or(|since| millis >= since.millis())
                && query.until.is_none_or(|until| millis <= until.millis())
        };
        let mut shown: Vec<_> = messages
            .iter()
            .enumerate()
            .filter(|(_, message)| message.shown <= second)
            .filter(|(_, message)| *shows_future || message.sent <= second)
            .filter(|(_, message)| !*has_retention || message.sent >= second - 48 * 3600)
            .filter(|(_, message)| inside(message))
            .collect();
        shown.sort_by_key(|(_, message)| std::cmp::Reverse((message.sent, message.millis)));
        let most = (*cap).min(query.limit.unwrap_or(Query::DEFAULT_ROWS) as usize);
        let filter = RowFilter::new(&Query { since: None, until: None, ..query.clone() });
        let mut logs = Vec::new();
        for (number, message) in shown {
            if logs.len() == most {
                break;
            }
            let state = message.state(second);
            let row = rows.entry((number, state.0)).or_insert_with(|| message.row(state));
            if filter.matches(row) {
                logs.push(row.clone());
            }
        }
        state.requests.push((second, logs.len()));
        let is_wrong = |(from, to, _): &&(i64, i64, i64)| (*from..*to).contains(&second);
        let too_late = state.wrong_times.iter().find(is_wrong).map_or(0, |wrong| wrong.2);
        let stated = START + (second + too_late) * 1000;
        let server_time = state.states_time.then(|| Timestamp::from_millis(stated));
        Ok(Page { logs, server_time, ..Page::default() })
    }

    fn kind(&self) -> SourceKind {
        SourceKind::Api
    }

    fn set_deadline(&mut self, deadline: Option<Duration>) {
        self.0.lock().unwrap().deadline = deadline;
    }
}

/// The error of a server that does not respond.
pub(crate) fn no_response() -> SourceError {
    SourceError::Unreachable {
        message: "no response".into(),
        hint: None,
        transient: true,
        at_proxy: false,
        status: None,
    }
}

/// The error of a server that fails.
pub(crate) fn broken() -> SourceError {
    let body =
        ErrorBody::Api { reason: String::new(), violations: Box::default(), omitted_violations: 0 };
    SourceError::Server { host: "h".into(), status: 503, body }
}

/// The error of a server that receives too many requests.
pub(crate) fn throttled() -> SourceError {
    throttled_for(Some(Duration::from_secs(60)))
}

/// As [`throttled`], with this wait.
pub(crate) fn throttled_for(retry_after: Option<Duration>) -> SourceError {
    let body =
        ErrorBody::Api { reason: String::new(), violations: Box::default(), omitted_violations: 0 };
    SourceError::Throttled { host: "h".into(), status: 429, body, retry_after }
}

/// The error for credentials that are refused.
pub(crate) fn refused() -> SourceError {
    let body =
        ErrorBody::Api { reason: String::new(), violations: Box::default(), omitted_violations: 0 };
    SourceError::Unauthorized { host: "h".into(), status: 401, body }
}
