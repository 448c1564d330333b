//! Time ranges of equal length, one for each column of a chart over time.

use omnilogs::stats::{HourFigures, Latency};

const HOUR: i64 = 3_600_000;
/// The status groups, and those that are not known.
const KINDS: usize = 7;

/// Hours gathered into as many columns as there is room for.
#[derive(Debug)]
pub(crate) struct Bins<'h> {
    /// When the first column begins, in milliseconds since 1970.
    first: i64,
    /// Hours in a column.
    pub(crate) hours: i64,
    /// The hours of each column.
    gathered: Vec<Vec<&'h HourFigures>>,
}

impl<'h> Bins<'h> {
    /// `None` without any hour.
    pub(crate) fn new(timeline: &'h [HourFigures], most: usize) -> Option<Self> {
        let start = |hour: &HourFigures| hour.start.timestamp_millis();
        let (first, last) = (start(timeline.first()?), start(timeline.last()?));
        let all = (last - first) / HOUR + 1;
        let most = i64::try_from(most.max(1)).unwrap_or(i64::MAX);
        let hours = all.div_euclid(most) + i64::from(all.rem_euclid(most) > 0);
        let at = |hour| usize::try_from((start(hour) - first) / (hours * HOUR)).unwrap_or(0);
        let mut bins = vec![Vec::new(); at(timeline.last()?) + 1];
        for hour in timeline {
            if let Some(bin) = bins.get_mut(at(hour)) {
                bin.push(hour);
            }
        }
        Some(Self { first, hours, gathered: bins })
    }

    pub(crate) fn len(&self) -> usize {
        self.gathered.len()
    }

    /// When a column begins, in milliseconds since 1970.
    pub(crate) fn start(&self, at: usize) -> i64 {
        self.first + i64::try_from(at).unwrap_or(0) * self.hours * HOUR
    }

    /// The messages of each column by status group.
    pub(crate) fn counts(&self) -> Vec<[u64; KINDS]> {
        let sum = |bin: &Vec<&HourFigures>| {
            std::array::from_fn(|kind| {
                bin.iter().filter_map(|hour| hour.by_status.get(kind)).sum::<u64>()
            })
        };
        self.gathered.iter().map(sum).collect()
    }

    /// A latency of each column: the worst one of its hours, since percentiles do not add up.
    pub(crate) fn latencies(&self, of: fn(&Latency) -> u64) -> Vec<Option<u64>> {
        let worst = |bin: &Vec<&HourFigures>| {
            bin.iter().filter_map(|hour| hour.latency.as_ref().map(of)).max()
        };
        self.gathered.iter().map(worst).collect()
    }
}
