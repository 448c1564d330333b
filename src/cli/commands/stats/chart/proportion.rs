//! The lengths of the parts of a bar, in the steps in which it can be drawn.

use std::cmp::Reverse;

/// The length of each part of a bar that shows these counts, where a bar of `whole` is as long
/// as all steps. The bar as a whole has its exact length to half a step, each part to less than a
/// step, and no part is longer than one with a larger count.
pub(crate) fn lengths(counts: &[u64], whole: u64, steps: usize) -> Vec<usize> {
    let sum = counts.iter().copied().map(u128::from).sum();
    let product = |count: &u64| u128::from(*count) * steps as u128;
    let divisor = u128::from(whole.max(1));
    let mut lengths: Vec<usize> = counts
        .iter()
        .map(|count| usize::try_from(product(count) / divisor).unwrap_or(usize::MAX))
        .collect();
    let missing = rounded(sum, whole, steps).saturating_sub(lengths.iter().sum());
    // The remaining steps go to the parts with the largest remainders.
    let mut parts: Vec<usize> = (0..counts.len()).collect();
    parts.sort_by_key(|&part| Reverse(counts.get(part).map_or(0, product) % divisor));
    for part in parts.into_iter().take(missing) {
        if let Some(length) = lengths.get_mut(part) {
            *length += 1;
        }
    }
    lengths
}

/// The number of steps that a part of the whole takes, rounded to the nearest.
pub(super) fn rounded(part: u128, whole: u64, steps: usize) -> usize {
    if whole == 0 {
        return 0;
    }
    let whole = u128::from(whole);
    let nearest = (part * steps as u128 * 2 + whole) / (whole * 2);
    usize::try_from(nearest).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn parts_are_as_long_as_their_share() {
        assert_eq!(lengths(&[50, 30, 20], 100, 10), [5, 3, 2]);
        assert_eq!(lengths(&[0, 7, 0], 7, 4), [0, 4, 0]);
        assert_eq!(lengths(&[1], 1, 0), [0]);
        assert_eq!(lengths(&[0, 0], 0, 5), [0, 0]);
        assert_eq!(lengths(&[], 1, 5), Vec::<usize>::new());
    }

    #[test]
    fn a_few_failures_take_no_step() {
        assert_eq!(lengths(&[997, 3], 1000, 10), [10, 0]);
        assert_eq!(lengths(&[904, 0, 96], 1000, 3), [3, 0, 0]);
    }

    #[test]
    fn the_only_step_of_a_bar_is_for_its_largest_part() {
        assert_eq!(lengths(&[62, 1, 4], 3278, 26), [1, 0, 0]);
    }

    proptest! {
        #[test]
        fn no_part_is_wrong_by_a_step_and_none_is_longer_than_a_larger_one(
            steps in 0_usize..500,
            counts in prop::collection::vec(prop_oneof![Just(0), 0_u64..1000, 0_u64..1 << 40], 1..8),
            more in 0_u64..1 << 40,
        ) {
            let whole = counts.iter().sum::<u64>() + more;
            let lengths = lengths(&counts, whole, steps);
            // Multiplied by the whole, so that nothing is rounded.
            let wrong = |count: u64, length: usize| {
                let exact = u128::from(count) * steps as u128;
                exact.abs_diff(length as u128 * u128::from(whole))
            };
            for (&count, &length) in counts.iter().zip(&lengths) {
                prop_assert!(wrong(count, length) < u128::from(whole).max(1));
                for (&other, &longer) in counts.iter().zip(&lengths) {
                    prop_assert!(count > other || length <= longer || count == other);
                }
            }
            let all = wrong(counts.iter().sum(), lengths.iter().sum());
            prop_assert!(all * 2 <= u128::from(whole));
        }
    }
}
