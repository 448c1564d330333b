//! The result: figures by group, of the whole, and by hour; as rows for any format.

use std::borrow::Cow;
use std::cmp::Ordering;

use chrono::{DateTime, FixedOffset};

use super::cost::Currencies;
use super::hours::Hours;
use super::tally::Tally;
use super::{Figures, HourFigures, Key, start_of};
use crate::model::Log;

/// Everything that was counted.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Summary {
    /// What messages were grouped by.
    pub keys: Vec<Key>,
    /// The groups: those with the most messages first, or by time where the first key is the hour.
    /// The messages of groups for which there was no room come last, together.
    pub groups: Vec<Group>,
    /// The figures of all messages.
    pub total: Figures,
    /// The hours that have messages, the earliest first.
    pub timeline: Vec<HourFigures>,
    /// Messages in none of these hours: their rows have no readable time of sending.
    pub untimed: u64,
    /// Significant digits that are right in the percentiles of groups with more than a thousand
    /// messages: three, and fewer when very many groups have very different latencies.
    pub latency_digits: u8,
}

/// The figures of one group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What its messages have in common, key by key.
    pub values: Vec<Value>,
    /// Their figures.
    pub figures: Figures,
}

/// What the messages of a group have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// The hour that began then.
    Hour(DateTime<FixedOffset>),
    /// The text as it was sent; a very long one is cut.
    Text(Box<str>),
    /// Their rows do not have it.
    Missing,
    /// Nothing: they are of the groups for which there was no room.
    Other,
}

impl Value {
    /// The name of the group of messages for whose groups there was no room.
    pub const OTHER: &'static str = "(other)";

    /// As machine formats have it; `None` when the rows do not have it.
    #[must_use]
    pub fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Hour(start) => Some(hour_text(start).into()),
            Self::Text(text) => Some(Cow::Borrowed(text)),
            Self::Missing => None,
            Self::Other => Some(Cow::Borrowed(Self::OTHER)),
        }
    }
}

/// An hour as machine formats have it: `2026-11-22T14:00:00+01:00`.
pub(super) fn hour_text(start: &DateTime<FixedOffset>) -> String {
    start.format("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// A group while it is counted.
#[derive(Debug)]
pub(super) struct GroupTally {
    values: Vec<GroupValue>,
    pub(super) tally: Tally,
}

#[derive(Debug)]
enum GroupValue {
    Hour(i64),
    Text(Box<str>),
    Missing,
}

impl GroupTally {
    /// The group of this row, sent in this hour.
    pub(super) fn new(keys: &[Key], log: &Log, hour: Option<i64>) -> Self {
        let known = |key: &Key| match (key, hour) {
            (Key::Hour, Some(start)) => GroupValue::Hour(start),
            (key, _) => {
                key.text(log).map_or(GroupValue::Missing, |text| GroupValue::Text(held(&text)))
            }
        };
        Self { values: keys.iter().map(known).collect(), tally: Tally::default() }
    }

    pub(super) fn result(&self, hours: &Hours, currencies: &Currencies) -> Group {
        let value = |known: &GroupValue| match known {
            GroupValue::Hour(start) => hours.shown(*start).map_or(Value::Missing, Value::Hour),
            GroupValue::Text(text) => Value::Text(text.clone()),
            GroupValue::Missing => Value::Missing,
        };
        let figures = self.tally.result(currencies);
        Group { values: self.values.iter().map(value).collect(), figures }
    }
}

/// The text as a group holds it.
fn held(text: &str) -> Box<str> {
    match start_of(text) {
        start if start.len() < text.len() => format!("{start}…").into(),
        whole => whole.into(),
    }
}

/// The groups in the order of the summary, with the messages for whose groups there was no room.
pub(super) fn sorted(
    keys: &[Key],
    groups: impl Iterator<Item = Group>,
    beyond: Figures,
) -> Vec<Group> {
    let mut groups: Vec<_> = groups.collect();
    let by_time = keys.first() == Some(&Key::Hour);
    groups.sort_by(|a, b| {
        let order =
            if by_time { Ordering::Equal } else { b.figures.messages.cmp(&a.figures.messages) };
        order.then_with(|| a.values.cmp(&b.values))
    });
    if beyond.messages > 0 {
        groups.push(Group { values: vec![Value::Other; keys.len()], figures: beyond });
    }
    groups
}

impl Summary {
    /// The messages of groups for which there was no room.
    #[must_use]
    pub fn overflow(&self) -> u64 {
        let last = self.groups.last().filter(|group| group.values.contains(&Value::Other));
        last.map_or(0, |group| group.figures.messages)
    }
}
