//! Reads a window with more messages than a page in rounds, slice by slice.
//!
//! To read the whole window at every poll would take a request for each thousand messages. Slices are
//! cut so that each has the same number of known messages; late messages make its response longer.
//!
//! A round goes from the oldest slice to the newest. Meanwhile, messages move towards the old end of
//! the window, so that the next round reaches each of them in less than the time of a round.

use std::time::Duration;

/// The number of known messages in a slice. A response has room for some late ones too.
const SLICE_ROWS: usize = 800;
/// The time between two slices, unless a round would take too long because the window has many.
const MAX_SLICE_INTERVAL: Duration = Duration::from_secs(5);
/// How often a message is read while it is younger than the lookback.
const ROUNDS: u32 = 3;

/// How much longer than the lookback the window is. A message that changes or arrives late at the age
/// of the lookback must be read once more: within a round, and the poll that requests its slice can
/// come two intervals after the slice is due.
pub(super) fn margin(lookback: Duration, interval: Duration) -> Duration {
    lookback / ROUNDS + interval.saturating_mul(2)
}

/// The progress of a round.
#[derive(Default)]
pub(super) struct Sweep {
    /// The slices that are left, by their first and last times of sending; the oldest is last.
    slices: Vec<(i64, i64)>,
    /// The time between two slices.
    slice_interval: Duration,
    /// When the next slice is due.
    due: Duration,
}

impl Sweep {
    /// The next slice between `start` and `end`, if one is due. `times` returns the times of sending
    /// of the known messages.
    pub(super) fn next(
        &mut self,
        at: Duration,
        (start, end): (i64, i64),
        lookback: Duration,
        times: impl FnOnce() -> Vec<i64>,
    ) -> Option<(i64, i64)> {
        if at < self.due {
            return None;
        }
        if self.slices.is_empty() {
            self.slices = cut(times(), start, end);
            self.slices.reverse();
            let slices = u32::try_from(self.slices.len()).unwrap_or(u32::MAX).max(1);
            self.slice_interval = MAX_SLICE_INTERVAL.min(lookback / ROUNDS / slices);
        }
        let (first, last) = self.slices.pop()?;
        // After a pause, several slices are due, but not more than one round.
        let round = self.slice_interval * u32::try_from(self.slices.len()).unwrap_or(u32::MAX);
        self.due = self.due.max(at.saturating_sub(round)) + self.slice_interval;
        // The window has moved on since the slices were cut.
        (last >= start).then_some((first.max(start), last))
    }

    /// Puts a slice back that could not be fetched.
    pub(super) fn put_back(&mut self, slice: (i64, i64)) {
        self.slices.push(slice);
    }
}

/// Cuts `start` to `end` into slices with about the same number of messages. Each slice starts where
/// the slice before it ends.
fn cut(mut times: Vec<i64>, start: i64, end: i64) -> Vec<(i64, i64)> {
    times.retain(|at| (start..end).contains(at));
    times.sort_unstable();
    let mut edges = vec![start];
    edges.extend(times.chunks(SLICE_ROWS).skip(1).filter_map(|chunk| chunk.first().copied()));
    edges.push(end);
    edges.dedup();
    edges.iter().zip(edges.iter().skip(1)).map(|(first, last)| (*first, *last)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn slices_cover_the_window_without_a_gap() {
        let times: Vec<i64> = (0..5_000).rev().collect();
        let slices = cut(times, 100, 4_100);
        assert_eq!(slices.len(), 5);
        assert_eq!((slices[0].0, slices[4].1), (100, 4_100));
        assert!(slices.windows(2).all(|pair| pair[0].1 == pair[1].0));
        assert_eq!(cut(vec![7; 5_000], 0, 10), [(0, 7), (7, 10)]);
        assert_eq!(cut(Vec::new(), 3, 9), [(3, 9)]);
    }

    #[test]
    fn the_oldest_slice_comes_first_and_one_at_a_time() {
        let mut sweep = Sweep::default();
        let mut next =
            |at: u32| sweep.next(at * SECOND, (0, 2_400), 900 * SECOND, || (0..2_400).collect());
        assert_eq!(next(0), Some((0, 800)));
        assert_eq!(next(0), None);
        assert_eq!(next(5), Some((800, 1_600)));
        assert_eq!(next(10), Some((1_600, 2_400)));
        assert_eq!(next(15), Some((0, 800)));
    }

    #[test]
    fn a_full_window_is_read_three_times_within_the_lookback() {
        let mut sweep = Sweep::default();
        let mut requested = 0;
        for poll in 0..60 {
            let at = poll * 5 * SECOND;
            while sweep.next(at, (0, 240_000), 300 * SECOND, || (0..240_000).collect()).is_some() {
                requested += 1;
            }
        }
        // 300 slices, three rounds in 300 seconds, the last poll at 295.
        assert!((850..=950).contains(&requested), "{requested}");
    }

    #[test]
    fn a_long_pause_does_not_cause_a_burst_of_requests() {
        let mut sweep = Sweep::default();
        let mut at = |at: u32| {
            let mut requested = 0;
            while sweep
                .next(at * SECOND, (0, 1_600), 900 * SECOND, || (0..1_600).collect())
                .is_some()
            {
                requested += 1;
            }
            requested
        };
        assert_eq!(at(0), 1);
        assert!(at(100_000) <= 3);
    }

    #[test]
    fn what_left_the_window_is_not_requested() {
        let mut sweep = Sweep::default();
        let window = |start| (start, 1_600);
        assert_eq!(
            sweep.next(SECOND, window(0), 900 * SECOND, || (0..1_600).collect()),
            Some((0, 800))
        );
        sweep.put_back((0, 800));
        assert_eq!(sweep.next(9 * SECOND, window(900), 900 * SECOND, Vec::new), None);
        assert_eq!(
            sweep.next(30 * SECOND, window(900), 900 * SECOND, Vec::new),
            Some((900, 1_600))
        );
    }
}
