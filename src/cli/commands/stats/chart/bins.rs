//! Time ranges of equal length, one for each column of a chart over time.

use omnilogs::stats::{BucketFigures, Latency, Summary};

/// The status groups, and those that are not known.
const KINDS: usize = 7;

/// Buckets gathered into as many columns as there is room for, over the whole window: the ones
/// without messages are there, too.
#[derive(Debug)]
pub(crate) struct Bins<'b> {
    /// When the first column begins, in milliseconds since 1970.
    first: i64,
    /// Milliseconds in a column.
    millis: i64,
    /// The buckets of each column.
    gathered: Vec<Vec<&'b BucketFigures>>,
}

impl<'b> Bins<'b> {
    /// At most this many columns. `None` without any bucket that has messages.
    pub(crate) fn new(summary: &'b Summary, most: usize) -> Option<Self> {
        let width = summary.width.millis();
        let start = |bucket: &BucketFigures| bucket.start.timestamp_millis();
        let (mut first, mut last) =
            (start(summary.timeline.first()?), start(summary.timeline.last()?));
        if let Some((since, until)) = summary.window {
            let earlier = (first - since).max(0);
            first -= earlier.div_euclid(width) * width;
            if earlier.rem_euclid(width) > 0 {
                first -= width;
            }
            last = last.max(until);
        }
        let all = (last - first).div_euclid(width) + 1;
        let most = i64::try_from(most.max(1)).unwrap_or(i64::MAX);
        let buckets = all.div_euclid(most) + i64::from(all.rem_euclid(most) > 0);
        let millis = buckets * width;
        let at = |time: i64| usize::try_from((time - first).div_euclid(millis)).unwrap_or(0);
        let mut gathered = vec![Vec::new(); at(last) + 1];
        for bucket in &summary.timeline {
            if let Some(bin) = gathered.get_mut(at(start(bucket))) {
                bin.push(bucket);
            }
        }
        Some(Self { first, millis, gathered })
    }

    pub(crate) fn len(&self) -> usize {
        self.gathered.len()
    }

    /// When a column begins, in milliseconds since 1970.
    pub(crate) fn start(&self, at: usize) -> i64 {
        self.first + i64::try_from(at).unwrap_or(0) * self.millis
    }

    /// The column that a time lies in, in milliseconds since 1970.
    pub(crate) fn place(&self, time: i64) -> Option<usize> {
        let at = usize::try_from((time - self.first).div_euclid(self.millis)).ok()?;
        (at < self.len()).then_some(at)
    }

    /// How much time a column covers, in words after "by".
    pub(crate) fn every(&self) -> String {
        let minutes = self.millis / 60_000;
        match (minutes, minutes % 60, minutes % 1440) {
            (60, ..) => "hour".to_owned(),
            (1440, ..) => "day".to_owned(),
            (_, _, 0) => format!("{} days", minutes / 1440),
            (_, 0, _) => format!("{} hours", minutes / 60),
            _ => format!("{minutes} minutes"),
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
