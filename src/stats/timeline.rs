//! All messages over time: for each bucket, the messages of each status group, the delivered ones, their
//! latency, and the cost of the failed ones.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset};

use super::buckets::{BucketWidth, Buckets};
use super::cost::{Charge, Cost, Costs, Currencies};
use super::latency::{ClassLimit, Latencies, Latency, Precision};
use super::tally::CountedRow;
use crate::model::StatusGroup;

/// The most buckets; with more, they become wider. A week has 2016 of five minutes.
const MAX_BUCKETS: usize = 2_500;

/// One bucket of the timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BucketFigures {
    /// Its start, in local time of the zone.
    pub start: DateTime<FixedOffset>,
    /// The number of messages sent in it, by status group in the order of [`StatusGroup::ALL`]; the last
    /// number counts those of any other group.
    pub by_status: [u64; StatusGroup::ALL.len() + 1],
    /// The number of messages with a final status.
    pub finals: u64,
    /// The number of delivered messages among them.
    pub delivered: u64,
    /// The latency. For more than 1024 messages, two significant digits are correct, or one when there
    /// are very many buckets.
    pub latency: Option<Latency>,
}

impl BucketFigures {
    /// All messages sent in the bucket.
    #[must_use]
    pub fn messages(&self) -> u64 {
        self.by_status.iter().sum()
    }
}

/// Counts messages by time.
#[derive(Clone, Debug)]
pub(super) struct Timeline {
    starts: Buckets,
    buckets: BTreeMap<i64, Bucket>,
    limit: ClassLimit,
    /// The number of messages in no bucket.
    untimed: u64,
}

#[derive(Clone, Debug, Default)]
struct Bucket {
    by_status: [u64; StatusGroup::ALL.len() + 1],
    finals: u64,
    delivered: u64,
    failed_costs: Costs,
    latencies: Latencies,
}

impl Bucket {
    fn merge(&mut self, other: &Self) {
        for (count, more) in self.by_status.iter_mut().zip(other.by_status) {
            *count += more;
        }
        self.finals += other.finals;
        self.delivered += other.delivered;
        self.failed_costs.merge(&other.failed_costs);
        self.latencies.merge(&other.latencies);
    }
}

impl Timeline {
    pub(super) fn new(finest: Buckets) -> Self {
        let limit = ClassLimit::new(Precision::MEDIUM);
        Self { starts: finest, buckets: BTreeMap::new(), limit, untimed: 0 }
    }

    pub(super) fn add(&mut self, row: &CountedRow<'_>, charge: &Charge) {
        let start = row.sent_at.and_then(|sent_at| self.starts.start_of(sent_at));
        let has_room = self.buckets.len() < MAX_BUCKETS;
        let Some(start) = start.filter(|start| has_room || self.buckets.contains_key(start)) else {
            match start.and_then(|_| self.starts.width().coarser()) {
                Some(width) => {
                    self.coarsen(width);
                    self.add(row, charge);
                }
                None => self.untimed += 1,
            }
            return;
        };
        let bucket = self.buckets.entry(start).or_default();
        let at = row.group.map_or(StatusGroup::ALL.len(), |group| group as usize);
        if let Some(count) = bucket.by_status.get_mut(at) {
            *count += 1;
        }
        bucket.finals += u64::from(row.is_final);
        bucket.delivered += u64::from(row.is_delivered);
        if row.is_failed() {
            bucket.failed_costs.add(charge);
        }
        if let Some(millis) = row.latency {
            self.limit.add(&mut bucket.latencies, millis);
            if self.limit.exceeded().is_some() {
                for bucket in self.buckets.values_mut() {
                    self.limit.coarsen(&mut bucket.latencies);
                }
            }
        }
    }

    /// Changes the buckets to this greater width.
    fn coarsen(&mut self, width: BucketWidth) {
        self.starts = self.starts.with_width(width);
        self.buckets = merged(&self.buckets, &mut self.starts);
    }

    /// The width of the buckets.
    pub(super) const fn width(&self) -> BucketWidth {
        self.starts.width()
    }

    /// The end of the bucket with this start.
    pub(super) fn end(&self, start: i64) -> i64 {
        self.starts.end(start)
    }

    /// The starts of the first and the last bucket, in milliseconds since 1970.
    pub(super) fn ends(&self) -> Option<(i64, i64)> {
        Some((*self.buckets.first_key_value()?.0, *self.buckets.last_key_value()?.0))
    }

    /// For each bucket, the earliest first: its start, the number of messages with a final status, and
    /// of the delivered ones among them.
    pub(super) fn shares(&self) -> impl Iterator<Item = (i64, [u64; 2])> {
        self.buckets.iter().map(|(start, bucket)| (*start, [bucket.finals, bucket.delivered]))
    }

    /// The cost of the failed messages that were sent in buckets of this range.
    pub(super) fn failed_cost(
        &self,
        range: std::ops::Range<i64>,
        currencies: &Currencies,
    ) -> Vec<Cost> {
        let mut costs = Costs::default();
        self.buckets.range(range).for_each(|(_, bucket)| costs.merge(&bucket.failed_costs));
        costs.sums(currencies)
    }

    /// The buckets of this width that have messages, the earliest first; and the number of messages in
    /// no bucket.
    pub(super) fn result(&self, starts: &Buckets) -> (Vec<BucketFigures>, u64) {
        let mut starts = starts.clone();
        let buckets = merged(&self.buckets, &mut starts);
        let figures = buckets.iter().filter_map(|(start, bucket)| {
            Some(BucketFigures {
                start: starts.local(*start)?,
                by_status: bucket.by_status,
                finals: bucket.finals,
                delivered: bucket.delivered,
                latency: bucket.latencies.result(),
            })
        });
        (figures.collect(), self.untimed)
    }
}

/// Merges buckets into wider ones.
fn merged(buckets: &BTreeMap<i64, Bucket>, starts: &mut Buckets) -> BTreeMap<i64, Bucket> {
    let mut wider: BTreeMap<i64, Bucket> = BTreeMap::new();
    for (start, bucket) in buckets {
        let start = starts.start(*start).unwrap_or(*start);
        wider.entry(start).or_default().merge(bucket);
    }
    wider
}
