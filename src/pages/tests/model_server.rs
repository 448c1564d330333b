//! A model of a server with every fault that the API may have: many rows in one instant, few rows per
//! response, bounds that are excluded or read to the minute, rows in any order, messages that arrive or
//! expire meanwhile, and failures. A test can compare a run with its rows.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use crate::model::{Log, Page, Timestamp};
use crate::pages::test_support::broken;
use crate::query::Query;
use crate::source::{ErrorBody, Source, SourceError, SourceKind};

/// The start of the model's time, in milliseconds since 1970.
pub(super) const START: i64 = 1_762_000_000_000;

/// An instant of the model's time.
pub(super) fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(START + millis)
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct ModelRow {
    /// Identifies the message.
    pub(super) key: usize,
    /// When it was sent, in milliseconds after [`START`].
    pub(super) at: i64,
    /// Whether its row has this time in a readable form.
    pub(super) dated: bool,
    /// Whether it has a messageId.
    pub(super) named: bool,
    pub(super) channel: &'static str,
    pub(super) status: &'static str,
    pub(super) network: &'static str,
    pub(super) sender: &'static str,
    pub(super) bulk: &'static str,
}

impl ModelRow {
    pub(super) fn new(key: usize, at: i64) -> Self {
        Self {
            key,
            at,
            dated: true,
            named: true,
            channel: "SMS",
            status: "DELIVERED",
            network: "22801",
            sender: "InfoSMS",
            bulk: "b1",
        }
    }

    fn log(&self) -> Log {
        let Self { key, channel, status, network, sender, bulk, .. } = self;
        let id = if self.named { format!("\"m{key}\"") } else { "null".into() };
        let sent = if self.dated { at(self.at).to_wire() } else { "some time ago".into() };
        let json = format!(
            r#"{{"messageId":{id},"to":"{key}","sentAt":"{sent}","channel":"{channel}",
            "status":{{"groupName":"{status}"}},"mccmnc":"{network}","from":"{sender}","bulkId":"{bulk}"}}"#
        );
        Log::read(json, |_| ())
    }
}

/// The key of the message of a row.
pub(super) fn key(log: &Log) -> usize {
    log.cell(crate::model::Field::To).into_text().parse().unwrap()
}

/// Which of the matching rows a server returns, if it does not return all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Picks {
    Newest,
    Oldest,
    /// The same rows each time, in no order of time.
    Fixed,
    /// Other rows each time.
    Random,
}

/// The order of the rows of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RowOrder {
    Newest,
    Oldest,
    Mixed,
}

/// The messages of the server, and its behaviour.
#[derive(Clone, Debug)]
pub(super) struct Model {
    pub(super) rows: Vec<ModelRow>,
    /// The maximum number of rows of a response.
    pub(super) cap: usize,
    /// Whether the server includes the bound `sentSince`.
    pub(super) since_counts: bool,
    /// Whether the server includes the bound `sentUntil`.
    pub(super) until_counts: bool,
    pub(super) order: RowOrder,
    pub(super) picks: Picks,
    /// The precision with which the server reads bounds, in milliseconds.
    pub(super) reads_to: i64,
    /// The numbers of the requests to which a replica that is behind returns no rows.
    pub(super) empty_at: Vec<usize>,
    /// The time of the server at the first request, in milliseconds of the model's time, and how much
    /// later each further request is.
    pub(super) time: Option<(i64, i64)>,
    /// The retention of the server, in milliseconds.
    pub(super) keeps: Option<i64>,
    /// Whether rows of one millisecond come in another order each time.
    pub(super) mixes_ties: bool,
    /// Parameters that the server ignores.
    pub(super) ignores: Vec<&'static str>,
    /// A value that the server refuses with HTTP 400.
    pub(super) refuses: Option<&'static str>,
    /// Messages that arrive, each with the number of the request before which it does, from 0.
    pub(super) arrivals: Vec<(usize, ModelRow)>,
    /// Changes of statuses: the number of the request before which it takes place, the key of the
    /// message, and its new status.
    pub(super) moves: Vec<(usize, usize, &'static str)>,
    /// The number of the request that fails.
    pub(super) fails_at: Option<usize>,
    pub(super) queries: Vec<Query>,
    /// The times of the rows of each response.
    pub(super) returned: Vec<Vec<i64>>,
    /// The rows that were returned already, as they were sent.
    pub(super) sent: HashMap<ModelRow, Log>,
    pub(super) seed: u64,
}

impl Model {
    pub(super) fn new(rows: Vec<ModelRow>) -> Self {
        Self {
            rows,
            cap: 1000,
            since_counts: true,
            until_counts: true,
            order: RowOrder::Newest,
            picks: Picks::Newest,
            reads_to: 1,
            empty_at: Vec::new(),
            time: None,
            keeps: None,
            mixes_ties: false,
            ignores: Vec::new(),
            refuses: None,
            arrivals: Vec::new(),
            moves: Vec::new(),
            fails_at: None,
            queries: Vec::new(),
            returned: Vec::new(),
            sent: HashMap::new(),
            seed: 1,
        }
    }

    pub(super) fn server(self) -> ModelServer {
        ModelServer(Arc::new(Mutex::new(self)))
    }

    /// The rows that match a query, without its limit.
    pub(super) fn fitting(&self, query: &Query) -> Vec<ModelRow> {
        let parameters = query.parameters();
        let respected = parameters.iter().filter(|p| !self.ignores.contains(&p.name.as_ref()));
        let conditions: Vec<_> = respected.map(|p| self.condition(&p.name, &p.value)).collect();
        let fits = |row: &&ModelRow| conditions.iter().all(|condition| condition(row));
        self.rows.iter().filter(fits).cloned().collect()
    }

    /// The condition that a parameter sets for a row.
    fn condition<'p>(&'p self, name: &str, value: &'p str) -> Box<dyn Fn(&ModelRow) -> bool + 'p> {
        let bound = || {
            let millis = Timestamp::parse(value).unwrap().millis();
            millis.div_euclid(self.reads_to) * self.reads_to - START
        };
        match name {
            "from" => Box::new(move |row| row.sender == value),
            // Only a query that was not split into parts has several values.
            "channel" => Box::new(move |row| value.split(',').any(|name| row.channel == name)),
            "generalStatus" => Box::new(move |row| value.split(',').any(|name| row.status == name)),
            "mcc" => Box::new(move |row| row.network.starts_with(value)),
            "mnc" => Box::new(move |row| row.network.get(3..) == Some(value)),
            "bulkId" => Box::new(move |row| value.split(',').any(|bulk| bulk == row.bulk)),
            "messageId" => Box::new(move |row| {
                let id = format!("m{}", row.key);
                row.named && value.split(',').any(|wanted| wanted == id)
            }),
            "sentSince" => {
                let bound = bound();
                Box::new(move |row| row.at > bound || self.since_counts && row.at == bound)
            }
            "sentUntil" => {
                let bound = bound();
                Box::new(move |row| row.at < bound || self.until_counts && row.at == bound)
            }
            _ => Box::new(|_| true),
        }
    }

    /// The time of the server at the latest request.
    pub(super) fn now(&self) -> Option<i64> {
        let requests = i64::try_from(self.queries.len()).unwrap();
        self.time.map(|(start, step)| start + step * (requests - 1).max(0))
    }

    fn random(&mut self) -> u64 {
        self.seed ^= self.seed << 13;
        self.seed ^= self.seed >> 7;
        self.seed ^= self.seed << 17;
        self.seed
    }

    fn response(&mut self, query: &Query) -> Result<Page, SourceError> {
        let number = self.queries.len();
        assert!(query.channels.len().max(query.statuses.len()) <= 1, "not one request: {query:?}");
        self.queries.push(query.clone());
        if self.fails_at == Some(number) {
            return Err(broken());
        }
        if query.parameters().iter().any(|p| Some(p.value.as_str()) == self.refuses) {
            let body = ErrorBody::Api {
                reason: String::new(),
                violations: Box::default(),
                omitted_violations: 0,
            };
            return Err(SourceError::Refused { host: "model".into(), status: 400, body });
        }
        let arrived = self.arrivals.iter().filter(|(when, _)| *when == number);
        self.rows.extend(arrived.map(|(_, row)| row.clone()).collect::<Vec<_>>());
        for (_, moved, status) in self.moves.iter().filter(|(when, ..)| *when == number) {
            for row in self.rows.iter_mut().filter(|row| row.key == *moved) {
                row.status = status;
            }
        }
        let mut rows = self.fitting(query);
        let oldest = self.keeps.zip(self.now()).map_or(i64::MIN, |(keeps, now)| now - keeps);
        rows.retain(|row| row.at >= oldest);
        if self.empty_at.contains(&number) {
            rows.clear();
        }
        rows.sort_by_cached_key(|row| {
            let tie = if self.mixes_ties { self.random() } else { row.key as u64 };
            (std::cmp::Reverse(row.at), tie)
        });
        match self.picks {
            Picks::Newest => {}
            Picks::Oldest => rows.reverse(),
            Picks::Fixed => rows.sort_by_key(|row| row.key.wrapping_mul(0x9E37_79B9) % 1009),
            Picks::Random => rows.sort_by_cached_key(|_| self.random()),
        }
        let limit = query.limit.map_or(50, |limit| limit as usize);
        let most = if self.ignores.contains(&"limit") { usize::MAX } else { limit };
        rows.truncate(most.min(self.cap));
        match self.order {
            RowOrder::Newest => rows.sort_by_key(|row| std::cmp::Reverse(row.at)),
            RowOrder::Oldest => rows.sort_by_key(|row| row.at),
            RowOrder::Mixed => rows.sort_by_cached_key(|_| self.random()),
        }
        self.returned.push(rows.iter().map(|row| row.at).collect());
        let sent = &mut self.sent;
        let logs: Vec<_> = rows
            .into_iter()
            .map(|row| sent.entry(row).or_insert_with_key(ModelRow::log).clone())
            .collect();
        let bytes = logs.iter().map(|log| log.json().len()).sum();
        // Cut to the second, like an HTTP date.
        let server_time =
            self.now().map(|now| Timestamp::from_millis((now + START).div_euclid(1000) * 1000));
        Ok(Page { logs, bytes, server_time, ..Page::default() })
    }
}

/// A [`Model`] as a source. Clones share it, so that a test can inspect it.
#[derive(Clone, Debug)]
pub(super) struct ModelServer(Arc<Mutex<Model>>);

impl ModelServer {
    pub(super) fn model(&self) -> MutexGuard<'_, Model> {
        self.0.lock().unwrap()
    }
}

impl Source for ModelServer {
    fn fetch(&mut self, query: &Query) -> Result<Page, SourceError> {
        self.model().response(query)
    }

    fn kind(&self) -> SourceKind {
        SourceKind::Api
    }

    fn retention(&self) -> Option<Duration> {
        self.model().keeps.map(|keeps| Duration::from_millis(keeps.unsigned_abs()))
    }
}
