//! The result as data: JSON through serde, and a group as the cells of a row.
//!
//! Amounts are decimals to the last digit, latencies milliseconds, shares from 0 to 1. The names
//! are those of both forms; a dot separates what JSON nests.

use std::borrow::Cow;

use serde::ser::{Error, SerializeMap};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::summary::hour_text;
use super::{Amount, Cost, Figures, Group, HourFigures, Latency, Summary};
use crate::model::{Cell, StatusGroup};

/// The columns that follow those of the keys, whatever the groups hold.
pub const FIGURES: [&str; 16] = [
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
    "refusedPrices",
    "unpriced",
];

/// A group's cells: one for each key, then one for each of [`FIGURES`]. Where prices came in
/// several currencies, the cells `cost` and `currency` hold as many words, in the same order; prices
/// without a currency have the word `(none)`.
#[must_use]
pub fn cells(group: &Group) -> Vec<Cell<'_>> {
    let figures = &group.figures;
    let latency = |of: fn(&Latency) -> u64| figures.latency.as_ref().map(of);
    let share = figures.delivered_share().map(|share| rounded(share).to_string());
    let words = |of: fn(&Cost) -> String| {
        let words: Vec<_> = figures.cost.iter().map(of).collect();
        (!words.is_empty()).then(|| words.join(" "))
    };
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
        words(|cost| cost.amount.to_string()),
        words(currency),
        count(figures.refused_prices),
        count(figures.unpriced),
    ];
    let figures =
        figures.map(|text| text.map_or(Cell::Missing, |text| Cell::Text(Cow::Owned(text))));
    values.chain(figures).collect()
}

/// Six digits are enough for any share that a person can compare.
fn rounded(share: f64) -> f64 {
    (share * 1e6).round() / 1e6
}

impl Serialize for Summary {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let groups: Vec<_> = self.rows().collect();
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("groups", &groups)?;
        map.serialize_entry("total", &self.total)?;
        map.serialize_entry("timeline", &self.timeline)?;
        map.serialize_entry("untimed", &self.untimed)?;
        map.serialize_entry("overflow", &self.overflow())?;
        map.serialize_entry("latencyDigits", &self.latency_digits)?;
        map.end()
    }
}

impl Summary {
    /// The groups as JSON objects: the keys beside the figures.
    pub fn rows(&self) -> impl Iterator<Item = impl Serialize> {
        self.groups.iter().map(|group| Row { summary: self, group })
    }
}

struct Row<'s> {
    summary: &'s Summary,
    group: &'s Group,
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        for (key, value) in self.summary.keys.iter().zip(&self.group.values) {
            map.serialize_entry(key.name(), &value.text())?;
        }
        self.group.figures.put_into(&mut map)?;
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
        map.serialize_entry("cost", &Costs(&self.cost))?;
        map.serialize_entry("refusedPrices", &self.refused_prices)?;
        map.serialize_entry("unpriced", &self.unpriced)
    }
}

impl Serialize for Latency {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self { p50, p90, p99, max, clamped } = self;
        let named = [("p50", p50), ("p90", p90), ("p99", p99), ("max", max), ("clamped", clamped)];
        to.collect_map(named)
    }
}

/// An object with an amount for each currency, digit for digit.
struct Costs<'c>(&'c [Cost]);

impl Serialize for Costs<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(self.0.len()))?;
        for cost in self.0 {
            map.serialize_entry(&cost.currency, &number(&cost.amount)?)?;
        }
        map.end()
    }
}

/// A JSON number with just these digits.
fn number<E: Error>(amount: &Amount) -> Result<Box<RawValue>, E> {
    RawValue::from_string(amount.to_string()).map_err(E::custom)
}

impl Serialize for HourFigures {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("hour", &hour_text(&self.start))?;
        map.serialize_entry("messages", &self.messages())?;
        map.serialize_entry("status", &ByStatus(self))?;
        map.serialize_entry("latencyMs", &self.latency)?;
        map.end()
    }
}

struct ByStatus<'h>(&'h HourFigures);

impl Serialize for ByStatus<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let names = StatusGroup::ALL.iter().map(|group| group.as_str()).chain(["other"]);
        to.collect_map(names.zip(self.0.by_status))
    }
}
