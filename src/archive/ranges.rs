//! Arithmetic of half-open time ranges. These functions are pure and do not depend on a store.

use crate::model::TimeRange;

/// Sorts ranges by their beginning, joins those that overlap or touch, and drops the empty ones.
#[must_use]
pub(crate) fn union(mut ranges: Vec<TimeRange>) -> Vec<TimeRange> {
    ranges.retain(|range| !range.is_empty());
    ranges.sort_unstable_by_key(|range| range.since);
    let mut joined: Vec<TimeRange> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match joined.last_mut() {
            Some(last) if range.since <= last.until => last.until = last.until.max(range.until),
            _ => joined.push(range),
        }
    }
    joined
}

/// The parts of `whole` that none of `covered` contains, oldest first. The covered ranges may be in
/// any order and may overlap.
#[must_use]
pub(crate) fn uncovered(whole: TimeRange, covered: &[TimeRange]) -> Vec<TimeRange> {
    let mut pieces = Vec::new();
    let mut since = whole.since;
    for range in union(covered.to_vec()) {
        if range.since >= whole.until {
            break;
        }
        if range.since > since {
            pieces.push(TimeRange { since, until: range.since });
        }
        since = since.max(range.until);
    }
    if since < whole.until {
        pieces.push(TimeRange { since, until: whole.until });
    }
    pieces
}

/// The intersection of two ranges; `None` if it is empty.
#[must_use]
pub(crate) fn intersection(one: TimeRange, other: TimeRange) -> Option<TimeRange> {
    let range = TimeRange { since: one.since.max(other.since), until: one.until.min(other.until) };
    (!range.is_empty()).then_some(range)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_range() -> impl Strategy<Value = TimeRange> {
        (0_i64..40, 0_i64..40).prop_map(|(since, until)| TimeRange { since, until })
    }

    proptest! {
        #[test]
        fn a_time_is_either_covered_or_in_an_uncovered_piece(
            whole in any_range(), covered in prop::collection::vec(any_range(), 0..8),
        ) {
            let pieces = uncovered(whole, &covered);
            for at in -1..41 {
                let is_covered = covered.iter().any(|range| range.contains(at));
                let expected = whole.contains(at) && !is_covered;
                prop_assert_eq!(pieces.iter().any(|piece| piece.contains(at)), expected, "{}", at);
            }
            prop_assert!(pieces.iter().all(|piece| !piece.is_empty()));
            prop_assert!(pieces.windows(2).all(|pair| pair[0].until < pair[1].since));
        }

        #[test]
        fn a_union_contains_the_same_times_and_its_ranges_do_not_touch(
            ranges in prop::collection::vec(any_range(), 0..8),
        ) {
            let joined = union(ranges.clone());
            for at in -1..41 {
                let expected = ranges.iter().any(|range| range.contains(at));
                prop_assert_eq!(joined.iter().any(|range| range.contains(at)), expected, "{}", at);
            }
            prop_assert!(joined.windows(2).all(|pair| pair[0].until < pair[1].since));
        }

        #[test]
        fn an_intersection_contains_what_both_ranges_contain(one in any_range(), other in any_range()) {
            for at in -1..41 {
                let is_in = intersection(one, other).is_some_and(|range| range.contains(at));
                prop_assert_eq!(is_in, one.contains(at) && other.contains(at), "{}", at);
            }
        }
    }
}
