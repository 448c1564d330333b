//! The result: the figures of each group, of all messages, and over time.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashMap;

use chrono::{DateTime, FixedOffset};

use super::buckets::Buckets;
use super::cost::{Amount, Currencies};
use super::tally::Tally;
use super::{BucketFigures, BucketWidth, Figures, Findings, Key, MAX_TEXT_BYTES};
use super::{push_bucket, push_text, start_of};
use crate::model::Log;

/// Everything that was counted.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Summary {
    /// The keys by which messages were grouped.
    pub keys: Vec<Key>,
    /// The groups, in the order of [`Order::Failed`], or by time when the first key is the bucket. The
    /// group of the messages beyond [`MAX_GROUPS`](super::MAX_GROUPS) is last.
    pub groups: Vec<Group>,
    /// The number of messages of groups beyond [`MAX_GROUPS`](super::MAX_GROUPS).
    pub overflow: u64,
    /// The figures of all messages.
    pub total: Figures,
    /// The width of the buckets of the timeline and of the groups.
    pub width: BucketWidth,
    /// The start and the end of the window, in milliseconds since 1970: as it was requested, or else
    /// from the first bucket with messages to the last. `None` without either.
    pub window: Option<(i64, i64)>,
    /// The buckets that have messages, the earliest first.
    pub timeline: Vec<BucketFigures>,
    /// The incident, and the values that account for the failures.
    pub findings: Findings,
    /// The number of messages in no bucket, because their rows have no readable time of sending.
    pub untimed: u64,
    /// The number of correct significant digits in the percentiles of groups with more than 1024
    /// messages: three, and fewer when very many groups have very different latencies.
    pub latency_digits: u8,
}

/// The figures of one group.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Group {
    /// The values that its messages have in common, one for each key.
    pub values: Vec<Value>,
    /// The figures of its messages.
    pub figures: Figures,
}

/// The value of a key that the messages of a group have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// The bucket with this start.
    Bucket(DateTime<FixedOffset>),
    /// The text as it was sent; a very long one is shortened.
    Text(Box<str>),
    /// The rows have no value.
    Missing,
    /// No common value: the messages of groups beyond [`MAX_GROUPS`](super::MAX_GROUPS).
    Other,
}

impl Value {
    /// The text of [`Value::Other`].
    pub(crate) const OTHER: &'static str = "(other)";

    /// The text for machine formats; `None` when the rows have no value.
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

/// The start of a bucket for machine formats: `2026-11-22T14:00:00+01:00`.
pub(super) fn bucket_text(start: &DateTime<FixedOffset>) -> String {
    start.format("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// A group while it is counted.
#[derive(Clone, Debug)]
pub(super) struct GroupTally {
    values: Vec<GroupValue>,
    pub(super) tally: Tally,
}

/// The value of a key while a group is counted; buckets become values of a zone only in the result.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum GroupValue {
    Bucket(i64),
    Text(Box<str>),
    Missing,
}

impl GroupTally {
    /// The group of this row, which was sent in the bucket with this start.
    pub(super) fn new(keys: &[Key], log: &Log, bucket: Option<i64>) -> Self {
        let known = |key: &Key| match (key, bucket) {
            (Key::Bucket, Some(start)) => GroupValue::Bucket(start),
            (key, _) => {
                key.text(log).map_or(GroupValue::Missing, |text| GroupValue::Text(shorten(&text)))
            }
        };
        Self { values: keys.iter().map(known).collect(), tally: Tally::default() }
    }

    /// The key texts of the group, as [`Stats`](super::Stats) joins them for a row.
    pub(super) fn texts(&self) -> Vec<u8> {
        let mut texts = Vec::new();
        for value in &self.values {
            match value {
                GroupValue::Bucket(start) => push_bucket(&mut texts, *start),
                GroupValue::Text(text) => push_text(&mut texts, Some(without_ellipsis(text))),
                GroupValue::Missing => push_text(&mut texts, None),
            }
        }
        texts
    }

    /// Moves the group to the wider bucket that contains its bucket. Returns its new values.
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
            GroupValue::Bucket(start) => starts.local(*start).map_or(Value::Missing, Value::Bucket),
            GroupValue::Text(text) => Value::Text(text.clone()),
            GroupValue::Missing => Value::Missing,
        };
        let figures = self.tally.result(currencies);
        Group { values: self.values.iter().map(value).collect(), figures }
    }
}

/// The text of a group without the ellipsis of [`shorten`], to compare with rows.
fn without_ellipsis(held: &str) -> &str {
    match held.strip_suffix('…') {
        Some(start) if held.len() >= MAX_TEXT_BYTES => start,
        _ => held,
    }
}

/// The text of a group: the start of a very long one, with an ellipsis.
fn shorten(text: &str) -> Box<str> {
    match start_of(text) {
        start if start.len() < text.len() => format!("{start}…").into(),
        whole => whole.into(),
    }
}

/// The order of groups. Equal groups are sorted by failed messages, then by all messages, the most
/// first, and then by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Order {
    /// The most failed messages first.
    Failed,
    /// The lowest delivered share first; groups without a final message last.
    Delivered,
    /// The most messages first.
    Messages,
    /// The highest cost first; with several currencies, the sum of the amounts.
    Cost,
    /// The longest 90th percentile of the latency first.
    Latency,
    /// The earliest bucket first.
    Time,
}

impl Order {
    /// Compares two groups.
    fn compare(self, a: &Group, b: &Group) -> Ordering {
        let (x, y) = (&a.figures, &b.figures);
        let by_failures = || y.failed().cmp(&x.failed()).then_with(|| y.messages.cmp(&x.messages));
        let first = match self {
            Self::Failed => Ordering::Equal,
            // Compared as fractions, without rounding.
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

/// The groups in the order of the summary, with the group of the messages beyond
/// [`MAX_GROUPS`](super::MAX_GROUPS).
pub(super) fn sorted(
    keys: &[Key],
    groups: impl Iterator<Item = Group>,
    overflow: Figures,
) -> Vec<Group> {
    let mut groups: Vec<_> = groups.collect();
    if overflow.messages > 0 {
        groups.push(Group { values: vec![Value::Other; keys.len()], figures: overflow });
    }
    let by_time = keys.first() == Some(&Key::Bucket);
    sort(&mut groups, if by_time { Order::Time } else { Order::Failed });
    groups
}

/// Sorts groups; [`Value::Other`] stays last.
fn sort(groups: &mut [Group], order: Order) {
    let is_other = |group: &Group| group.values.contains(&Value::Other);
    groups.sort_by(|a, b| is_other(a).cmp(&is_other(b)).then_with(|| order.compare(a, b)));
}

impl Summary {
    /// Sorts the groups.
    pub fn sort(&mut self, order: Order) {
        sort(&mut self.groups, order);
    }

    /// Adds the groups that only an earlier summary with the same keys has, with figures of 0, so that a
    /// group without messages now is not overlooked. Adds none where the result would be wrong: buckets
    /// of another time are not missing, and a group beyond [`MAX_GROUPS`](super::MAX_GROUPS) may have
    /// messages.
    pub fn add_groups_of(&mut self, earlier: &Self) {
        if self.overflow > 0 || self.keys.contains(&Key::Bucket) {
            return;
        }
        let known = self.by_values();
        let is_missing = |group: &&Group| {
            !known.contains_key(&*group.values) && !group.values.contains(&Value::Other)
        };
        let missing = earlier.groups.iter().filter(is_missing);
        let empty =
            |group: &Group| Group { values: group.values.clone(), figures: Figures::default() };
        let missing: Vec<Group> = missing.map(empty).collect();
        self.groups.extend(missing);
        self.sort(Order::Failed);
    }

    /// The figures of each group by its values.
    #[must_use]
    pub fn by_values(&self) -> HashMap<&[Value], &Figures> {
        self.groups.iter().map(|group| (&*group.values, &group.figures)).collect()
    }
}
