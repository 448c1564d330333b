//! The whole run by hour: how many messages of each status group were sent, and how long they took.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset};

use super::hours::Hours;
use super::latency::{ClassLimit, Latencies, Latency, Precision};
use super::tally::Row;
use crate::model::StatusGroup;

/// Messages of hours beyond these are counted, but are not on the timeline: a year has 8760.
const MAX_HOURS: usize = 10_000;

/// One hour of the timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HourFigures {
    /// When it began, as clocks in the zone show it.
    pub start: DateTime<FixedOffset>,
    /// Messages sent in it, by status group in the order of [`StatusGroup::ALL`]; the last number
    /// counts those of any other group.
    pub by_status: [u64; StatusGroup::ALL.len() + 1],
    /// How long they took, right to two digits where they are more than a thousand, or to one when
    /// there are very many hours.
    pub latency: Option<Latency>,
}

impl HourFigures {
    /// All messages sent in the hour.
    #[must_use]
    pub fn messages(&self) -> u64 {
        self.by_status.iter().sum()
    }
}

/// Counts by hour.
#[derive(Clone, Debug)]
pub(super) struct Timeline {
    hours: BTreeMap<i64, Hour>,
    limit: ClassLimit,
    /// Messages that are in no hour.
    untimed: u64,
}

#[derive(Clone, Debug, Default)]
struct Hour {
    by_status: [u64; StatusGroup::ALL.len() + 1],
    latencies: Latencies,
}

impl Timeline {
    pub(super) fn new() -> Self {
        let limit = ClassLimit::new(Precision::MEDIUM);
        Self { hours: BTreeMap::new(), limit, untimed: 0 }
    }

    pub(super) fn add(&mut self, start: Option<i64>, row: &Row<'_>) {
        let has_room = self.hours.len() < MAX_HOURS;
        let place = start.filter(|start| has_room || self.hours.contains_key(start));
        let Some(hour) = place.map(|start| self.hours.entry(start).or_default()) else {
            self.untimed += 1;
            return;
        };
        let at = row.group.map_or(StatusGroup::ALL.len(), |group| group as usize);
        if let Some(count) = hour.by_status.get_mut(at) {
            *count += 1;
        }
        if let Some(millis) = row.latency {
            self.limit.add(&mut hour.latencies, millis);
            if self.limit.exceeded().is_some() {
                self.hours.values_mut().for_each(|hour| self.limit.coarsen(&mut hour.latencies));
            }
        }
    }

    /// The hours that have messages, the earliest first; and the messages that lie in none.
    pub(super) fn result(&self, hours: &Hours) -> (Vec<HourFigures>, u64) {
        let figures = self.hours.iter().filter_map(|(start, hour)| {
            Some(HourFigures {
                start: hours.shown(*start)?,
                by_status: hour.by_status,
                latency: hour.latencies.result(),
            })
        });
        (figures.collect(), self.untimed)
    }
}
