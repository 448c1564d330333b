//! Counts messages: how many were delivered, how long they took, what they cost.
//!
//! A [`Stats`] is a sink; when the rows have passed, its [`Summary`] is the result. Memory does not
//! grow with the rows: groups and hours are bounded, and what is beyond is counted together. Nothing
//! here fetches rows, and nothing decides how figures look.

mod cost;
mod hours;
mod key;
mod latency;
mod serialization;
mod summary;
mod tally;
mod timeline;

pub use cost::{Amount, Cost, MAX_CURRENCIES};
pub use key::Key;
pub use latency::Latency;
pub use serialization::{FIGURES, cells};
pub use summary::{Group, Summary, Value};
pub use tally::Figures;
pub use timeline::HourFigures;

use std::collections::HashMap;

use self::cost::Currencies;
use self::hours::Hours;
use self::latency::{ClassLimit, Precision};
use self::summary::GroupTally;
use self::tally::{Row, Tally};
use self::timeline::Timeline;
use crate::model::{Log, Timestamp};
use crate::sink::{Flow, Sink, SinkError};
use crate::zone::Zone;

/// Groups that are counted on their own; the messages of all later ones are counted together.
pub const MAX_GROUPS: usize = 10_000;

/// Bytes of a key's text that count; texts that begin with the same bytes are one group.
const MAX_TEXT: usize = 256;

/// Counts the rows that go into it.
#[derive(Debug)]
pub struct Stats {
    keys: Vec<Key>,
    hours: Hours,
    /// Where in `groups` the one of these key texts is.
    index: HashMap<Box<[u8]>, usize>,
    groups: Vec<GroupTally>,
    /// The messages of groups for which there was no room.
    beyond: Tally,
    /// Bounds the latencies of all groups together.
    limit: ClassLimit,
    currencies: Currencies,
    timeline: Timeline,
    /// The key texts of the row at hand, kept so that rows allocate nothing.
    texts: Vec<u8>,
}

impl Stats {
    /// Groups by these keys; hours are those of the zone.
    #[must_use]
    pub fn new(keys: Vec<Key>, zone: Zone) -> Self {
        Self {
            keys,
            hours: Hours::new(zone),
            index: HashMap::new(),
            groups: Vec::new(),
            beyond: Tally::default(),
            limit: ClassLimit::new(Precision::FINE),
            currencies: Currencies::default(),
            timeline: Timeline::new(),
            texts: Vec::new(),
        }
    }

    /// The figures of all rows so far.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let mut total = self.beyond.clone();
        for group in &self.groups {
            total.merge(&group.tally);
        }
        let groups = self.groups.iter().map(|group| group.result(&self.hours, &self.currencies));
        let (timeline, untimed) = self.timeline.result(&self.hours);
        Summary {
            keys: self.keys.clone(),
            groups: summary::sorted(&self.keys, groups, self.beyond.result(&self.currencies)),
            total: total.result(&self.currencies),
            timeline,
            untimed,
            latency_digits: self.limit.digits(),
        }
    }

    /// Joins the key texts of a row, each with an end that no text holds.
    fn gather(&mut self, log: &Log, hour: Option<i64>) {
        /// No UTF-8 holds these bytes.
        const END: u8 = 0xFF;
        const MISSING: u8 = 0xFE;
        self.texts.clear();
        for key in &self.keys {
            match (key, hour) {
                // Always eight bytes long, so that it needs no end.
                (Key::Hour, Some(start)) => self.texts.extend_from_slice(&start.to_be_bytes()),
                (key, _) => match key.text(log) {
                    Some(text) => self.texts.extend_from_slice(start_of(&text).as_bytes()),
                    None => self.texts.push(MISSING),
                },
            }
            self.texts.push(END);
        }
    }

    /// Where the group whose key texts were gathered is; `None` when there is no room for it.
    fn group(&mut self, log: &Log, hour: Option<i64>) -> Option<usize> {
        let at = match self.index.get(self.texts.as_slice()) {
            Some(at) => *at,
            None if self.groups.len() < MAX_GROUPS => {
                let at = self.groups.len();
                self.index.insert(self.texts.as_slice().into(), at);
                self.groups.push(GroupTally::new(&self.keys, log, hour));
                at
            }
            None => return None,
        };
        Some(at)
    }
}

impl Sink for Stats {
    fn log(&mut self, log: &Log) -> Result<Flow, SinkError> {
        let row = Row::read(log);
        let hour = row.sent_at.and_then(|sent_at: Timestamp| self.hours.start(sent_at));
        self.gather(log, hour);
        let charge = self.currencies.charge(&row.price, &row.currency);
        let at = self.group(log, hour);
        let group = at.and_then(|at| self.groups.get_mut(at)).map(|group| &mut group.tally);
        group.unwrap_or(&mut self.beyond).add(&row, &charge, &mut self.limit);
        if self.limit.exceeded().is_some() {
            self.groups.iter_mut().for_each(|group| group.tally.coarsen(&mut self.limit));
            self.beyond.coarsen(&mut self.limit);
        }
        self.timeline.add(hour, &row);
        Ok(Flow::Continue)
    }
}

/// The text, or as much of its start as counts.
fn start_of(text: &str) -> &str {
    if text.len() <= MAX_TEXT {
        return text;
    }
    let end = (0..=MAX_TEXT).rev().find(|at| text.is_char_boundary(*at));
    text.get(..end.unwrap_or(0)).unwrap_or(text)
}

#[cfg(test)]
mod tests;
