//! The result as data: JSON by serde, and a group as the cells of a row.
//!
//! Amounts are exact decimals, latencies are in milliseconds, and shares are from 0 to 1. Both forms use
//! the same names; in the name of a column, a dot separates the levels of JSON.

use std::borrow::Cow;

use serde::ser::{Error, SerializeMap};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::summary::bucket_text;
use super::{Amount, BucketFigures, Cost, Delivery, Figures, Findings, Group, Incident};
use super::{Key, Latency, Summary, WorstValue};
use crate::model::{Cell, StatusGroup};

/// The columns after those of the keys.
#[doc(hidden)]
pub const FIGURE_COLUMNS: [&str; 17] = [
    "messages",
    "segments",
    "final",
    "delivered",
    "deliveredShare",
    "pending",
    "failed",
    "latencyMs.p50",
    "latencyMs.p90",
    "latencyMs.p99",
    "latencyMs.max",
    "latencyMs.clamped",
    "cost",
    "currency",
    "failedCost",
    "refusedPrices",
    "unpriced",
];

/// The cells of a group: one for each key, then one for each of [`FIGURE_COLUMNS`]. With several
/// currencies, the cells `cost`, `failedCost` and `currency` have one word per currency, in the same
/// order. The word for prices without a currency is `(none)`.
#[must_use]
#[doc(hidden)]
pub fn cells(group: &Group) -> Vec<Cell<'_>> {
    let figures = &group.figures;
    let latency = |of: fn(&Latency) -> u64| figures.latency.as_ref().map(of);
    let share = figures.delivered_share().map(|share| rounded(share).to_string());
    let words = |costs: &[Cost], of: fn(&Cost) -> String| {
        let words: Vec<_> = costs.iter().map(of).collect();
        (!words.is_empty()).then(|| words.join(" "))
    };
    // One word per currency, in the same order: a currency without a failed message has 0.
    let failed_costs: Vec<Cost> = figures
        .cost
        .iter()
        .map(|Cost { currency, .. }| {
            let failed = figures.failed_cost.iter().find(|cost| cost.currency == *currency);
            failed.cloned().unwrap_or(Cost { currency: currency.clone(), ..Cost::default() })
        })
        .collect();
    let count = |count: u64| Some(count.to_string());
    let currency = |cost: &Cost| match cost.currency.split_whitespace().collect::<Vec<_>>() {
        words if words.is_empty() => "(none)".to_owned(),
        words => words.join("_"),
    };
    let values = group.values.iter().map(|value| value.text().map_or(Cell::Missing, Cell::Text));
    let figures = [
        count(figures.messages),
        Some(figures.segments.to_string()),
        count(figures.finals),
        count(figures.delivered),
        share,
        count(figures.pending()),
        count(figures.failed()),
        latency(|l| l.p50).and_then(count),
        latency(|l| l.p90).and_then(count),
        latency(|l| l.p99).and_then(count),
        latency(|l| l.max).and_then(count),
        latency(|l| l.clamped).and_then(count),
        words(&figures.cost, |cost| cost.amount.to_string()),
        words(&figures.cost, currency),
        words(&failed_costs, |cost| cost.amount.to_string()),
        count(figures.refused_prices),
        count(figures.unpriced),
    ];
    let figures =
        figures.map(|text| text.map_or(Cell::Missing, |text| Cell::Text(Cow::Owned(text))));
    values.chain(figures).collect()
}

/// The columns of the earlier window, after [`FIGURE_COLUMNS`].
#[doc(hidden)]
pub const BEFORE_COLUMNS: [&str; 4] =
    ["before.messages", "before.final", "before.delivered", "before.deliveredShare"];

/// The cells of a group for [`BEFORE_COLUMNS`], empty when it had no message in the earlier window.
#[must_use]
#[doc(hidden)]
pub fn cells_before(figures: Option<&Figures>) -> Vec<Cell<'static>> {
    let Some(figures) = figures else { return vec![Cell::Missing; BEFORE_COLUMNS.len()] };
    let share = figures.delivered_share().map(|share| rounded(share).to_string());
    let counts = [figures.messages, figures.finals, figures.delivered];
    let texts = counts.map(|count| Some(count.to_string())).into_iter().chain([share]);
    texts.map(|text| text.map_or(Cell::Missing, |text| Cell::Text(Cow::Owned(text)))).collect()
}

/// Rounds a share to six digits after the point, which are enough for people to compare.
fn rounded(share: f64) -> f64 {
    (share * 1e6).round() / 1e6
}

impl Serialize for Summary {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        ComparedSummary { summary: self, before: None }.serialize(to)
    }
}

/// A summary, and that of an earlier window to compare with, if there is one.
#[derive(Clone, Copy, Debug)]
#[doc(hidden)]
pub struct ComparedSummary<'s> {
    /// The summary.
    pub summary: &'s Summary,
    /// The summary of the earlier window, grouped by the same keys.
    pub before: Option<&'s Summary>,
}

impl Serialize for ComparedSummary<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let groups: Vec<_> = self.rows().collect();
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("groups", &groups)?;
        self.summary.put_into(&mut map)?;
        if let Some(before) = self.before {
            map.serialize_entry("before", &before.total)?;
        }
        map.end()
    }
}

impl<'s> ComparedSummary<'s> {
    /// The groups as JSON objects: the keys and the figures, and the figures of the earlier window in
    /// `before`, which is null for a group without messages in that window.
    pub fn rows(self) -> impl Iterator<Item = impl Serialize + use<'s>> {
        let before = self.before.map(Summary::by_values);
        self.summary.groups.iter().map(move |group| GroupRow {
            keys: &self.summary.keys,
            group,
            before: match before.as_ref().map(|before| before.get(&*group.values)) {
                None => Earlier::NotCompared,
                Some(None) => Earlier::Nothing,
                Some(Some(figures)) => Earlier::Figures(figures),
            },
        })
    }
}

impl Summary {
    fn put_into<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("total", &self.total)?;
        map.serialize_entry("bucketSeconds", &(self.width.minutes() * 60))?;
        map.serialize_entry("timeline", &self.timeline)?;
        self.findings.put_into(map)?;
        map.serialize_entry("untimed", &self.untimed)?;
        map.serialize_entry("overflow", &self.overflow)?;
        map.serialize_entry("latencyDigits", &self.latency_digits)
    }
}

struct GroupRow<'s> {
    keys: &'s [Key],
    group: &'s Group,
    before: Earlier<'s>,
}

/// The figures of a group in the earlier window.
enum Earlier<'s> {
    /// There is no earlier window.
    NotCompared,
    /// The group had no message in it.
    Nothing,
    Figures(&'s Figures),
}

impl Serialize for GroupRow<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        for (key, value) in self.keys.iter().zip(&self.group.values) {
            map.serialize_entry(key.name(), &value.text())?;
        }
        self.group.figures.put_into(&mut map)?;
        match self.before {
            Earlier::NotCompared => {}
            Earlier::Nothing => map.serialize_entry("before", &())?,
            Earlier::Figures(figures) => map.serialize_entry("before", figures)?,
        }
        map.end()
    }
}

impl Serialize for Figures {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        self.put_into(&mut map)?;
        map.end()
    }
}

impl Figures {
    fn put_into<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("messages", &self.messages)?;
        map.serialize_entry("segments", &self.segments)?;
        map.serialize_entry("final", &self.finals)?;
        map.serialize_entry("delivered", &self.delivered)?;
        map.serialize_entry("deliveredShare", &self.delivered_share().map(rounded))?;
        map.serialize_entry("pending", &self.pending())?;
        map.serialize_entry("failed", &self.failed())?;
        map.serialize_entry("latencyMs", &self.latency)?;
        map.serialize_entry("cost", &CostMap(&self.cost))?;
        map.serialize_entry("failedCost", &CostMap(&self.failed_cost))?;
        map.serialize_entry("refusedPrices", &self.refused_prices)?;
        map.serialize_entry("unpriced", &self.unpriced)
    }
}

impl Serialize for Latency {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self { p50, p90, p99, max, clamped, .. } = self;
        let named = [("p50", p50), ("p90", p90), ("p99", p99), ("max", max), ("clamped", clamped)];
        to.collect_map(named)
    }
}

/// An object with the exact amount for each currency.
struct CostMap<'c>(&'c [Cost]);

impl Serialize for CostMap<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(self.0.len()))?;
        for cost in self.0 {
            map.serialize_entry(&cost.currency, &number(&cost.amount)?)?;
        }
        map.end()
    }
}

/// A JSON number with every digit of the amount.
fn number<E: Error>(amount: &Amount) -> Result<Box<RawValue>, E> {
    RawValue::from_string(amount.to_string()).map_err(E::custom)
}

impl Serialize for BucketFigures {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("bucket", &bucket_text(&self.start))?;
        map.serialize_entry("messages", &self.messages())?;
        Delivery { finals: self.finals, delivered: self.delivered }.put_into(&mut map)?;
        map.serialize_entry("status", &ByStatus(self))?;
        map.serialize_entry("latencyMs", &self.latency)?;
        map.end()
    }
}

struct ByStatus<'b>(&'b BucketFigures);

impl Serialize for ByStatus<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let names = StatusGroup::ALL.iter().map(|group| group.as_str()).chain(["other"]);
        to.collect_map(names.zip(self.0.by_status))
    }
}

impl Delivery {
    fn put_into<M: SerializeMap>(self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("final", &self.finals)?;
        map.serialize_entry("delivered", &self.delivered)?;
        map.serialize_entry("deliveredShare", &self.delivered_share().map(rounded))
    }
}

impl Serialize for Delivery {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        self.put_into(&mut map)?;
        map.end()
    }
}

impl Findings {
    fn put_into<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("incident", &self.incident)?;
        let worst = [("network", &self.network), ("error", &self.reason), ("sender", &self.sender)];
        map.serialize_entry("worst", &WorstValues(worst))
    }
}

struct WorstValues<'w>([(&'static str, &'w Option<WorstValue>); 3]);

impl Serialize for WorstValues<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0)
    }
}

impl Serialize for Incident {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("since", &bucket_text(&self.start))?;
        map.serialize_entry("until", &self.end.as_ref().map(bucket_text))?;
        self.inside.put_into(&mut map)?;
        map.serialize_entry("failedCost", &CostMap(&self.failed_cost))?;
        map.serialize_entry("otherTimes", &self.outside)?;
        map.end()
    }
}

impl Serialize for WorstValue {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        if let Some(channel) = &self.channel {
            map.serialize_entry("channel", channel)?;
        }
        map.serialize_entry("name", &self.name)?;
        self.inside.put_into(&mut map)?;
        map.serialize_entry("otherTimes", &self.outside)?;
        map.end()
    }
}
