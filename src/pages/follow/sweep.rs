//! A window that holds more than a page is read in rounds, a slice at a time.
//!
//! Reading all of it at every poll would cost a request for each thousand messages. Slices are cut
//! by the messages that are known; what comes late into one only makes its response longer.
//!
//! A round goes from the oldest slice to the newest. Messages move towards the old end meanwhile,
//! so the next round comes to each of them sooner than the time of a round after this one.

use std::time::Duration;

/// Messages in a slice: some room is left for those that come late.
const ROWS: usize = 800;
/// One slice in this time, unless the window is so full that a round would take too long.
const PACE: Duration = Duration::from_secs(5);
/// A message is read this often while it is younger than the lookback.
const ROUNDS: u32 = 3;

/// How much older than the lookback the window reaches: a message that changes, or comes late, at
/// an age of the whole lookback is read once more within a round, and a poll or two passes until a
/// slice that is due is requested.
pub(super) fn margin(lookback: Duration, interval: Duration) -> Duration {
    lookback / ROUNDS + interval.saturating_mul(2)
}

/// How far the round has come.
#[derive(Default)]
pub(super) struct Sweep {
    /// Slices that are left, first and last time of sending; the oldest is last.
    slices: Vec<(i64, i64)>,
    /// Time between two slices.
    pace: Duration,
    /// When the next one is due.
    due: Duration,
}

impl Sweep {
    /// The next slice between `start` and `end`, when one is due.
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
            self.pace = PACE.min(lookback / ROUNDS / slices);
        }
        let (first, last) = self.slices.pop()?;
        // After a pause several slices are due, but not more than one round.
        let round = self.pace * u32::try_from(self.slices.len()).unwrap_or(u32::MAX);
        self.due = self.due.max(at.saturating_sub(round)) + self.pace;
        // Time went on since the slices were cut.
        (last >= start).then_some((first.max(start), last))
    }

    /// A slice that could not be fetched is due again.
    pub(super) fn put_back(&mut self, slice: (i64, i64)) {
        self.slices.push(slice);
    }
}

/// Cuts `start` to `end` into slices of about as many messages; each starts where the one before ends.
fn cut(mut times: Vec<i64>, start: i64, end: i64) -> Vec<(i64, i64)> {
    times.retain(|at| (start..end).contains(at));
    times.sort_unstable();
    let mut edges = vec![start];
    edges.extend(times.chunks(ROWS).skip(1).filter_map(|chunk| chunk.first().copied()));
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
