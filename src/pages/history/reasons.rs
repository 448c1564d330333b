//! Why rows may be missing, as clauses for a gap.

/// No row of a response can be paged from.
pub(super) const UNDATED: &str =
    "no row of the last response has a readable sentAt, so older rows cannot be requested";
/// The server ignores the end of the window.
pub(super) const BEYOND: &str =
    "the server returns rows newer than requested, so older rows cannot be requested";
pub(super) const OUTSIDE: &str = "every row of a full response is from before the window";
pub(super) const NO_LINK: &str =
    "the server did not repeat the last row of the page before, so rows between may be missing";
pub(super) const WRONG: &str = "the server does not return the newest rows first";
pub(super) const UNPROVED: &str =
    "it cannot be proved that the server returns the newest rows first";
