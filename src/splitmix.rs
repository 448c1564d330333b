//! The mixing step of SplitMix64 (Steele, Lea and Flood, 2014): adjacent inputs give results that
//! differ widely. Not for secrets.

/// The distance between two states of the generator.
pub(crate) const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// Mixes the bits of a state.
pub(crate) const fn mix(state: u64) -> u64 {
    let state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    state ^ (state >> 31)
}
