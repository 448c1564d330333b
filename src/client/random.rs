//! Random numbers for the jitter of retries, so that many clients do not retry at the same instant.
//!
//! Not for secrets: the generator is predictable.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};

use crate::splitmix;

/// A small generator: SplitMix64.
#[derive(Clone, Debug)]
pub(super) struct Random(u64);

impl Random {
    /// A generator seeded with the random keys of the standard library.
    pub(super) fn new() -> Self {
        Self::seeded(RandomState::new().build_hasher().finish())
    }

    /// A generator that returns the same numbers for the same seed.
    pub(super) fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number: at least 0, less than 1.
    pub(super) fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(splitmix::STEP);
        let bits = splitmix::mix(self.0);
        // 32 bits are enough for a delay, and an f64 holds them exactly.
        f64::from(u32::try_from(bits >> 32).unwrap_or(u32::MAX)) / (f64::from(u32::MAX) + 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_spread_over_the_whole_unit() {
        let mut random = Random::seeded(1);
        let numbers: Vec<f64> = (0..1000).map(|_| random.unit()).collect();
        assert!(numbers.iter().all(|n| (0.0..1.0).contains(n)));
        for tenth in 0..10 {
            let low = f64::from(tenth) / 10.0;
            let found = numbers.iter().filter(|n| (low..low + 0.1).contains(*n)).count();
            assert!((50..200).contains(&found), "{found} in the tenth from {low}");
        }
    }

    #[test]
    fn two_runs_differ() {
        assert!(Random::new().unit().to_bits() != Random::new().unit().to_bits());
    }
}
