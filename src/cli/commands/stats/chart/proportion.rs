//! How long the parts of a bar are, in the steps that it can be drawn in.

/// The length of each part of a bar that shows these counts, where a bar of `whole` is as long
/// as all steps. The ends of the parts are rounded, not their lengths: so none differs from its
/// exact length by a step or more, and neither does any run of them.
pub(crate) fn lengths(counts: &[u64], whole: u64, steps: usize) -> Vec<usize> {
    let (mut sum, mut begin) = (0_u128, 0);
    let length = |count: &u64| {
        sum += u128::from(*count);
        let end = rounded(sum, whole, steps);
        let length = end - begin;
        begin = end;
        length
    };
    counts.iter().map(length).collect()
}

/// How many of the steps, to the nearest, this part of the whole takes.
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

    proptest! {
        #[test]
        fn no_part_and_no_run_of_parts_is_wrong_by_a_step(
            steps in 0_usize..500,
            counts in prop::collection::vec(prop_oneof![Just(0), 0_u64..1000, 0_u64..1 << 40], 1..8),
            more in 0_u64..1 << 40,
        ) {
            let whole = counts.iter().sum::<u64>() + more;
            let lengths = lengths(&counts, whole, steps);
            for from in 0..counts.len() {
                for to in from + 1..=counts.len() {
                    let count: u64 = counts[from..to].iter().sum();
                    let drawn: usize = lengths[from..to].iter().sum();
                    // Multiplied by the whole, so that nothing is rounded.
                    let exact = u128::from(count) * steps as u128;
                    let drawn = drawn as u128 * u128::from(whole);
                    prop_assert!(exact.abs_diff(drawn) < u128::from(whole).max(1));
                }
            }
        }
    }
}
