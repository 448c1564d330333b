//! How the levels of a bar are shared out among what it is made of.

/// Shares levels out in proportion; what is there at all gets one where there are enough, so that
/// three failures among a thousand messages are seen.
pub(crate) fn shared_out(levels: usize, counts: &[u64]) -> Vec<usize> {
    let there = counts.iter().filter(|count| **count > 0).count();
    if there > levels {
        return in_proportion(levels, counts);
    }
    let mut shares = in_proportion(levels - there, counts);
    for (share, count) in shares.iter_mut().zip(counts) {
        *share += usize::from(*count > 0);
    }
    shares
}

/// Shares levels out in proportion, to the greatest remainders what is left over.
pub(crate) fn in_proportion(levels: usize, counts: &[u64]) -> Vec<usize> {
    let sum: u128 = counts.iter().map(|count| u128::from(*count)).sum();
    if sum == 0 {
        return vec![0; counts.len()];
    }
    let due = |count: u64| u128::from(count) * levels as u128;
    let whole = |count: &u64| usize::try_from(due(*count) / sum).unwrap_or(0);
    let mut shares: Vec<_> = counts.iter().map(whole).collect();
    let left = levels - shares.iter().sum::<usize>();
    let mut order: Vec<_> = shares.iter_mut().zip(counts).collect();
    order.sort_by_key(|(_, count)| std::cmp::Reverse((due(**count) % sum, **count)));
    for (share, _) in order.into_iter().take(left) {
        *share += 1;
    }
    shares
}

/// How many of the levels a count takes beside the greatest one; one at least if there is any.
pub(crate) fn scaled(count: u64, greatest: u64, levels: usize) -> usize {
    if count == 0 || greatest == 0 {
        return 0;
    }
    let exact = (u128::from(count) * levels as u128 * 2 + u128::from(greatest))
        / (u128::from(greatest) * 2);
    usize::try_from(exact).unwrap_or(levels).clamp(1, levels.max(1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn levels_go_by_proportion() {
        assert_eq!(shared_out(10, &[50, 30, 20]), [5, 3, 2]);
        assert_eq!(shared_out(4, &[0, 7, 0]), [0, 4, 0]);
        assert_eq!(shared_out(0, &[1]), [0]);
        assert_eq!(shared_out(5, &[]), Vec::<usize>::new());
    }

    #[test]
    fn a_few_failures_are_seen_and_too_little_room_shows_the_most() {
        assert_eq!(shared_out(10, &[997, 3]), [9, 1]);
        assert_eq!(shared_out(1, &[2, 900, 3]), [0, 1, 0]);
    }

    #[test]
    fn the_greatest_count_takes_every_level() {
        assert_eq!([0, 1, 500, 1000].map(|count| scaled(count, 1000, 8)), [0, 1, 4, 8]);
    }

    proptest! {
        #[test]
        fn every_level_is_shared_out_once(
            levels in 0_usize..100,
            counts in prop::collection::vec(prop_oneof![Just(0), 0_u64..1000, any::<u64>()], 1..8),
        ) {
            let shares = shared_out(levels, &counts);
            let wanted = if counts.iter().all(|count| *count == 0) { 0 } else { levels };
            prop_assert_eq!(shares.iter().sum::<usize>(), wanted);
            for (share, count) in shares.iter().zip(&counts) {
                prop_assert!(*count > 0 || *share == 0);
            }
        }
    }
}
