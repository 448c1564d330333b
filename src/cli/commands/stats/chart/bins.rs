//! Time ranges of equal length, one for each column of a chart over time.

use chrono::{DateTime, FixedOffset};
use omnilogs::stats::{BucketFigures, BucketWidth, Latency, Summary};
use omnilogs::zone::Zone;

/// The status groups, and those that are not known.
const KINDS: usize = 7;

/// Buckets gathered into as many columns as there is room for, over the whole window: the ones
/// without messages are there, too.
#[derive(Debug)]
pub(crate) struct Bins<'b> {
    width: BucketWidth,
    zone: Zone,
    /// The number of the first bucket.
    first: i64,
    /// Buckets in a column.
    buckets: i64,
    /// The buckets of each column that have messages.
    gathered: Vec<Vec<&'b BucketFigures>>,
}

impl<'b> Bins<'b> {
    /// At most this many columns. `None` without any bucket that has messages.
    pub(crate) fn new(summary: &'b Summary, zone: Zone, most: usize) -> Option<Self> {
        let width = summary.width;
        let number = |bucket: &BucketFigures| width.number(bucket.start);
        let (mut first, mut last) =
            (number(summary.timeline.first()?), number(summary.timeline.last()?));
        if let Some((since, until)) = summary.window {
            first = first.min(number_of(width, zone, since)?);
            last = last.max(number_of(width, zone, until)?);
        }
        let all = last - first + 1;
        let most = i64::try_from(most.max(1)).unwrap_or(i64::MAX);
        let buckets = all.div_euclid(most) + i64::from(all.rem_euclid(most) > 0);
        let at = |number: i64| usize::try_from((number - first).div_euclid(buckets)).unwrap_or(0);
        let mut gathered = vec![Vec::new(); at(last) + 1];
        for bucket in &summary.timeline {
            if let Some(bin) = gathered.get_mut(at(number(bucket))) {
                bin.push(bucket);
            }
        }
        Some(Self { width, zone, first, buckets, gathered })
    }

    pub(crate) fn len(&self) -> usize {
        self.gathered.len()
    }

    /// When a column begins, as clocks in the zone show it.
    pub(crate) fn start(&self, at: usize) -> Option<DateTime<FixedOffset>> {
        let number = self.first + i64::try_from(at).ok()? * self.buckets;
        self.width.start(number, self.zone)
    }

    /// Whether a column begins before a time; each does if there is none.
    pub(crate) fn begins_before(&self, at: usize, end: Option<DateTime<FixedOffset>>) -> bool {
        end.is_none_or(|end| self.start(at).is_some_and(|start| start < end))
    }

    /// The column that a time lies in.
    pub(crate) fn place(&self, time: DateTime<FixedOffset>) -> Option<usize> {
        let buckets = self.width.number(time) - self.first;
        let at = usize::try_from(buckets.div_euclid(self.buckets)).ok()?;
        (at < self.len()).then_some(at)
    }

    /// How much time a column covers, in words after "by".
    pub(crate) fn every(&self) -> String {
        let of = |count: i64, unit: &str| match count {
            1 => unit.to_owned(),
            count => format!("{count} {unit}s"),
        };
        let minutes = self.buckets * self.width.millis() / 60_000;
        match (minutes % 60, minutes % 1440) {
            _ if self.width == BucketWidth::WEEK => of(self.buckets, "week"),
            (_, 0) => of(minutes / 1440, "day"),
            (0, _) => of(minutes / 60, "hour"),
            _ => of(minutes, "minute"),
        }
    }

    /// The messages of each column by status group.
    pub(crate) fn counts(&self) -> Vec<[u64; KINDS]> {
        let sum = |bin: &Vec<&BucketFigures>| {
            std::array::from_fn(|kind| {
                bin.iter().filter_map(|bucket| bucket.by_status.get(kind)).sum::<u64>()
            })
        };
        self.gathered.iter().map(sum).collect()
    }

    /// The messages of each column with a final status, and the delivered ones.
    pub(crate) fn deliveries(&self) -> Vec<[u64; 2]> {
        let sum = |bin: &Vec<&BucketFigures>| {
            let finals = bin.iter().map(|bucket| bucket.finals).sum();
            [finals, bin.iter().map(|bucket| bucket.delivered).sum()]
        };
        self.gathered.iter().map(sum).collect()
    }

    /// A latency of each column: the worst one of its buckets, since percentiles do not add up.
    pub(crate) fn latencies(&self, of: fn(&Latency) -> u64) -> Vec<Option<u64>> {
        let worst = |bin: &Vec<&BucketFigures>| {
            bin.iter().filter_map(|bucket| bucket.latency.as_ref().map(of)).max()
        };
        self.gathered.iter().map(worst).collect()
    }
}

/// The number of the bucket of a time in milliseconds since 1970.
fn number_of(width: BucketWidth, zone: Zone, millis: i64) -> Option<i64> {
    Some(width.number(zone.at(DateTime::from_timestamp_millis(millis)?)))
}
