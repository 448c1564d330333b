//! Time ranges of equal length, one for each column of a chart over time.

use chrono::{DateTime, FixedOffset};
use omnilogs::stats::{BucketFigures, BucketWidth, Latency, Summary};
use omnilogs::zone::Zone;

/// The number of status groups, with one for all unknown ones.
const GROUPS: usize = 7;

/// Buckets that are combined into the columns of a chart, over the whole window, with those that have
/// no messages.
#[derive(Debug)]
pub(crate) struct Bins<'b> {
    width: BucketWidth,
    zone: Zone,
    /// The number of the first bucket.
    first: i64,
    /// The number of buckets in a column.
    buckets: i64,
    /// The buckets of each column that have messages.
    columns: Vec<Vec<&'b BucketFigures>>,
}

impl<'b> Bins<'b> {
    /// At most `max_columns` columns. `None` when no bucket has messages.
    pub(crate) fn new(summary: &'b Summary, zone: Zone, max_columns: usize) -> Option<Self> {
        let width = summary.width;
        let number = |bucket: &BucketFigures| width.number(bucket.start);
        let (mut first, mut last) =
            (number(summary.timeline.first()?), number(summary.timeline.last()?));
        if let Some((since, until)) = summary.window {
            first = first.min(number_of(width, zone, since)?);
            last = last.max(number_of(width, zone, until)?);
        }
        let all = last - first + 1;
        let max_columns = i64::try_from(max_columns.max(1)).unwrap_or(i64::MAX);
        let buckets = all.div_euclid(max_columns) + i64::from(all.rem_euclid(max_columns) > 0);
        let at = |number: i64| usize::try_from((number - first).div_euclid(buckets)).unwrap_or(0);
        let mut columns = vec![Vec::new(); at(last) + 1];
        for bucket in &summary.timeline {
            if let Some(column) = columns.get_mut(at(number(bucket))) {
                column.push(bucket);
            }
        }
        Some(Self { width, zone, first, buckets, columns })
    }

    /// The number of columns.
    pub(crate) fn len(&self) -> usize {
        self.columns.len()
    }

    /// When a column begins, as clocks in the zone show it.
    pub(crate) fn start(&self, at: usize) -> Option<DateTime<FixedOffset>> {
        let number = self.first + i64::try_from(at).ok()? * self.buckets;
        self.width.start(number, self.zone)
    }

    /// Whether a column begins before a time; `None` is a time after all of them.
    pub(crate) fn begins_before(&self, at: usize, end: Option<DateTime<FixedOffset>>) -> bool {
        end.is_none_or(|end| self.start(at).is_some_and(|start| start < end))
    }

    /// The column of a time.
    pub(crate) fn column_of(&self, time: DateTime<FixedOffset>) -> Option<usize> {
        let buckets = self.width.number(time) - self.first;
        let at = usize::try_from(buckets.div_euclid(self.buckets)).ok()?;
        (at < self.len()).then_some(at)
    }

    /// The length of time of a column, in words after "by": `hour`, `5 minutes`.
    pub(crate) fn column_time(&self) -> String {
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
    pub(crate) fn counts(&self) -> Vec<[u64; GROUPS]> {
        let sum = |column: &Vec<&BucketFigures>| {
            std::array::from_fn(|group| {
                column.iter().filter_map(|bucket| bucket.by_status.get(group)).sum::<u64>()
            })
        };
        self.columns.iter().map(sum).collect()
    }

    /// The messages of each column with a final status, and the delivered ones.
    pub(crate) fn deliveries(&self) -> Vec<[u64; 2]> {
        let sum = |column: &Vec<&BucketFigures>| {
            let finals = column.iter().map(|bucket| bucket.finals).sum();
            [finals, column.iter().map(|bucket| bucket.delivered).sum()]
        };
        self.columns.iter().map(sum).collect()
    }

    /// A percentile of the latency of each column: the worst one of its buckets, since percentiles
    /// cannot be added.
    pub(crate) fn latencies(&self, percentile: fn(&Latency) -> u64) -> Vec<Option<u64>> {
        let worst = |column: &Vec<&BucketFigures>| {
            column.iter().filter_map(|bucket| bucket.latency.as_ref().map(percentile)).max()
        };
        self.columns.iter().map(worst).collect()
    }
}

/// The number of the bucket of a time in milliseconds since 1970.
fn number_of(width: BucketWidth, zone: Zone, millis: i64) -> Option<i64> {
    Some(width.number(zone.at(DateTime::from_timestamp_millis(millis)?)))
}
