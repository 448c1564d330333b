//! Which ranges a sync lists, and in which order. These functions are pure: they send no request and
//! use no store.

use super::super::ledger::LedgerPiece;
use super::super::ranges;
use crate::model::TimeRange;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// The age at which each time is listed again, because messages may appear this late.
pub(super) const LATE_AGE: i64 = HOUR;
/// The age at which each time is listed for the last time, four hours before its messages expire.
pub(super) const LAST_AGE: i64 = 44 * HOUR;
/// The least range that is worth listing again, so that a sync every minute does not send a further
/// request for each minute.
const MIN_SECOND_LISTING: i64 = 15 * MINUTE;
/// Times whose messages expire within this time are listed before newer ones.
const EXPIRES_SOON: i64 = 30 * MINUTE;
/// The longest range that is listed at once when its messages expire soon.
pub(super) const SLICE: i64 = HOUR;

/// The range to list next, of the ranges that are `left` (oldest first): first the ones that expire
/// soon, in slices, then the newest one. Messages from before `edge` have expired. `None` if nothing
/// is left that the server still has.
pub(super) fn next_range(left: &[TimeRange], edge: i64) -> Option<TimeRange> {
    let kept = TimeRange { since: edge, until: i64::MAX };
    let mut left = left.iter().filter_map(|range| ranges::intersection(*range, kept));
    let oldest = left.next()?;
    if expires_soon(oldest, edge) {
        let until = oldest.until.min(oldest.since.saturating_add(SLICE));
        return Some(TimeRange { until, ..oldest });
    }
    Some(left.next_back().unwrap_or(oldest))
}

/// Whether the messages at the beginning of a range expire soon.
pub(super) fn expires_soon(range: TimeRange, edge: i64) -> bool {
    range.since < edge.saturating_add(EXPIRES_SOON)
}

/// The ranges that were listed only when they were younger than `age`, and that are older at `now`:
/// oldest first, in slices of an hour at most. Messages from before `edge` have expired.
pub(super) fn due_again(listed: &[LedgerPiece], age: i64, now: i64, edge: i64) -> Vec<TimeRange> {
    let aged = TimeRange { since: edge, until: now.saturating_sub(age) };
    let young = |piece: &LedgerPiece| {
        let since = piece.listed_at.saturating_sub(age).saturating_add(1).max(piece.range.since);
        ranges::intersection(TimeRange { since, until: piece.range.until }, aged)
    };
    ranges::union(listed.iter().filter_map(young).collect())
        .into_iter()
        .filter(|range| {
            range.until < aged.until || aged.until.saturating_sub(range.since) >= MIN_SECOND_LISTING
        })
        .flat_map(slices)
        .collect()
}

/// Cuts a range into slices of an hour at most, oldest first.
fn slices(range: TimeRange) -> impl Iterator<Item = TimeRange> {
    let mut since = range.since;
    std::iter::from_fn(move || {
        let piece = TimeRange { since, until: range.until.min(since.saturating_add(SLICE)) };
        since = piece.until;
        (!piece.is_empty()).then_some(piece)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EDGE: i64 = 0;
    const NOW: i64 = 48 * HOUR;

    fn range(since: i64, until: i64) -> TimeRange {
        TimeRange { since, until }
    }

    #[test]
    fn what_expires_soon_is_listed_before_the_newest_range_and_in_slices_of_an_hour() {
        let holes = [range(-HOUR, 5 * HOUR), range(20 * HOUR, 21 * HOUR), range(30 * HOUR, NOW)];
        assert_eq!(next_range(&holes, EDGE), Some(range(0, HOUR)));
        let rest = [range(HOUR, 5 * HOUR), range(20 * HOUR, 21 * HOUR), range(30 * HOUR, NOW)];
        assert_eq!(next_range(&rest, EDGE), Some(range(30 * HOUR, NOW)));
        assert_eq!(next_range(&rest, 31 * MINUTE), Some(range(HOUR, 2 * HOUR)));
        assert_eq!(next_range(&rest[..1], EDGE), Some(range(HOUR, 5 * HOUR)));
        assert_eq!(next_range(&holes, 50 * HOUR), None);
    }

    #[test]
    fn a_time_is_due_again_when_it_was_listed_fresh_and_is_an_hour_old() {
        let listed = [
            LedgerPiece { range: range(40 * HOUR, 45 * HOUR), listed_at: 45 * HOUR },
            LedgerPiece { range: range(45 * HOUR, NOW), listed_at: NOW },
        ];
        let due = due_again(&listed, LATE_AGE, NOW, EDGE);
        assert_eq!(due, [range(44 * HOUR + 1, 45 * HOUR)]);
        assert_eq!(due_again(&listed, LAST_AGE, NOW, EDGE), []);
    }

    #[test]
    fn a_second_listing_waits_for_a_quarter_of_an_hour_to_list() {
        let listed = [LedgerPiece { range: range(0, NOW), listed_at: NOW }];
        assert_eq!(due_again(&listed, LATE_AGE, NOW + 14 * MINUTE, EDGE), []);
        assert_eq!(due_again(&listed, LATE_AGE, NOW + 20 * MINUTE, EDGE).len(), 1);
    }

    proptest! {
        #[test]
        fn exactly_the_times_that_were_listed_young_and_are_old_are_due(
            since in 0_i64..40, length in 1_i64..20, listed_after in 0_i64..10, now in 0_i64..80,
        ) {
            let (range, listed_at) = (range(since * HOUR, (since + length) * HOUR),
                (since + length + listed_after) * HOUR);
            let now = (now * HOUR).max(listed_at);
            let edge = now - 48 * HOUR;
            let due = due_again(&[LedgerPiece { range, listed_at }], LAST_AGE, now, edge);
            for hour in -1..70 {
                let at = hour * HOUR + MINUTE;
                let is_young = listed_at - at < LAST_AGE;
                let is_old = at < now - LAST_AGE && at >= edge;
                let expected = range.contains(at) && is_young && is_old;
                let is_due = due.iter().any(|piece| piece.contains(at));
                prop_assert_eq!(is_due, expected, "{}", hour);
            }
            prop_assert!(due.iter().all(|piece| piece.until - piece.since <= SLICE));
        }
    }
}
