//! The result: figures by group, of the whole, and over time; as rows for any format.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashMap;

use chrono::{DateTime, FixedOffset};

use super::buckets::Buckets;
use super::cost::{Amount, Currencies};
use super::tally::Tally;
use super::{BucketFigures, BucketWidth, Figures, Findings, Key, MAX_TEXT};
use super::{push_bucket, push_text, start_of};
use crate::model::Log;

/// Everything that was counted.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Summary {
    /// What messages were grouped by.
    pub keys: Vec<Key>,
    /// The groups, in the order of [`Order::Failed`], or by time where the first key is the bucket.
    /// The messages of groups for which there was no room come last, together.
    pub groups: Vec<Group>,
    /// The messages of groups for which there was no room.
    pub overflow: u64,
    /// The figures of all messages.
    pub total: Figures,
    /// How wide the buckets of the timeline and of the groups are.
    pub width: BucketWidth,
    /// When the window begins and ends, in milliseconds since 1970: as it was requested, or else
    /// from the first bucket with messages to the last. `None` without either.
    pub window: Option<(i64, i64)>,
    /// The buckets that have messages, the earliest first.
    pub timeline: Vec<BucketFigures>,
    /// The incident, and what accounts for the failures.
    pub findings: Findings,
    /// Messages in none of these buckets: their rows have no readable time of sending.
    pub untimed: u64,
    /// Significant digits that are right in the percentiles of groups with more than a thousand
    /// messages: three, and fewer when very many groups have very different latencies.
    pub latency_digits: u8,
}

/// The figures of one group.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Group {
    /// What its messages have in common, key by key.
    pub values: Vec<Value>,
    /// Their figures.
    pub figures: Figures,
}

/// What the messages of a group have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// The bucket that began then.
    Bucket(DateTime<FixedOffset>),
    /// The text as it was sent; a very long one is cut.
    Text(Box<str>),
    /// Their rows do not have it.
    Missing,
    /// Nothing: they are of the groups for which there was no room.
    Other,
}

impl Value {
    /// The name of the group of messages for whose groups there was no room.
    pub(crate) const OTHER: &'static str = "(other)";

    /// As machine formats have it; `None` when the rows do not have it.
    #[must_use]
    pub fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Bucket(start) => Some(bucket_text(start).into()),
            Self::Text(text) => Some(Cow::Borrowed(text)),
            Self::Missing => None,
            Self::Other => Some(Cow::Borrowed(Self::OTHER)),
        }
    }
}

/// The start of a bucket as machine formats have it: `2026-11-22T14:00:00+01:00`.
pub(super) fn bucket_text(start: &DateTime<FixedOffset>) -> String {
    start.format("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// A group while it is counted.
#[derive(Clone, Debug)]
pub(super) struct GroupTally {
    values: Vec<GroupValue>,
    pub(super) tally: Tally,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum GroupValue {
    Bucket(i64),
    Text(Box<str>),
    Missing,
}

impl GroupTally {
    /// The group of this row, sent in the bucket that began then.
    pub(super) fn new(keys: &[Key], log: &Log, bucket: Option<i64>) -> Self {
        let known = |key: &Key| match (key, bucket) {
            (Key::Bucket, Some(start)) => GroupValue::Bucket(start),
            (key, _) => {
                key.text(log).map_or(GroupValue::Missing, |text| GroupValue::Text(held(&text)))
            }
        };
        Self { values: keys.iter().map(known).collect(), tally: Tally::default() }
    }

    /// The key texts by which the group is found.
    pub(super) fn texts(&self) -> Vec<u8> {
        let mut texts = Vec::new();
        for value in &self.values {
            match value {
                GroupValue::Bucket(start) => push_bucket(&mut texts, *start),
                GroupValue::Text(text) => push_text(&mut texts, Some(counted_part(text))),
                GroupValue::Missing => push_text(&mut texts, None),
            }
        }
        texts
    }

    /// Moves the group to the bucket of these that its own one lies in; what it has in common then.
    pub(super) fn widen(&mut self, starts: &mut Buckets) -> Vec<GroupValue> {
        for value in &mut self.values {
            if let GroupValue::Bucket(start) = value {
                *start = starts.start(*start).unwrap_or(*start);
            }
        }
        self.values.clone()
    }

    pub(super) fn result(&self, starts: &Buckets, currencies: &Currencies) -> Group {
        let value = |known: &GroupValue| match known {
            GroupValue::Bucket(start) => starts.shown(*start).map_or(Value::Missing, Value::Bucket),
            GroupValue::Text(text) => Value::Text(text.clone()),
            GroupValue::Missing => Value::Missing,
        };
        let figures = self.tally.result(currencies);
        Group { values: self.values.iter().map(value).collect(), figures }
    }
}

/// The part of a text of a group that rows are compared with: without the sign of a cut.
fn counted_part(held: &str) -> &str {
    match held.strip_suffix('…') {
        Some(start) if held.len() >= MAX_TEXT => start,
        _ => held,
    }
}

/// The text as a group holds it.
fn held(text: &str) -> Box<str> {
    match start_of(text) {
        start if start.len() < text.len() => format!("{start}…").into(),
        whole => whole.into(),
    }
}

/// What groups are sorted by. Groups that are equal in it are sorted by failed messages, then by all
/// messages, the most first, and then by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Order {
    /// The most failed messages first.
    Failed,
    /// The lowest delivered share first; groups without a final message last.
    Delivered,
    /// The most messages first.
    Messages,
    /// The highest cost first; where there are several currencies, the sum of the amounts.
    Cost,
    /// The longest usual latency first: the one that nine in ten messages did not exceed.
    Latency,
    /// The earliest bucket first.
    Time,
}

impl Order {
    /// How two groups follow each other.
    fn compare(self, a: &Group, b: &Group) -> Ordering {
        let (x, y) = (&a.figures, &b.figures);
        let by_failures = || y.failed().cmp(&x.failed()).then_with(|| y.messages.cmp(&x.messages));
        let first = match self {
            Self::Failed => Ordering::Equal,
            // Compared as fractions, so that nothing is rounded.
            Self::Delivered => match (x.finals, y.finals) {
                (0, 0) => Ordering::Equal,
                (0, _) => Ordering::Greater,
                (_, 0) => Ordering::Less,
                _ => (u128::from(x.delivered) * u128::from(y.finals))
                    .cmp(&(u128::from(y.delivered) * u128::from(x.finals))),
            },
            Self::Messages => y.messages.cmp(&x.messages),
            Self::Cost => Amount::total(&y.cost).compare(&Amount::total(&x.cost)),
            Self::Latency => {
                let p90 = |figures: &Figures| figures.latency.map(|latency| latency.p90);
                p90(y).cmp(&p90(x))
            }
            Self::Time => return a.values.cmp(&b.values),
        };
        first.then_with(by_failures).then_with(|| a.values.cmp(&b.values))
    }
}

/// The groups in the order of the summary, with the messages for whose groups there was no room.
pub(super) fn sorted(
    keys: &[Key],
    groups: impl Iterator<Item = Group>,
    beyond: Figures,
) -> Vec<Group> {
    let mut groups: Vec<_> = groups.collect();
    if beyond.messages > 0 {
        groups.push(Group { values: vec![Value::Other; keys.len()], figures: beyond });
    }
    let by_time = keys.first() == Some(&Key::Bucket);
    sort(&mut groups, if by_time { Order::Time } else { Order::Failed });
    groups
}

/// Sorts groups; the messages for whose groups there was no room stay last.
fn sort(groups: &mut [Group], order: Order) {
    let is_other = |group: &Group| group.values.contains(&Value::Other);
    groups.sort_by(|a, b| is_other(a).cmp(&is_other(b)).then_with(|| order.compare(a, b)));
}

impl Summary {
    /// Sorts the groups.
    pub fn sort(&mut self, order: Order) {
        sort(&mut self.groups, order);
    }

    /// The figures of the groups by what their messages have in common.
    #[must_use]
    pub fn by_values(&self) -> HashMap<&[Value], &Figures> {
        self.groups.iter().map(|group| (&*group.values, &group.figures)).collect()
    }
}
