//! The reasons for gaps, as clauses.

/// Paging cannot continue from any row of a response.
pub(super) const UNDATED: &str =
    "no row of the last response has a readable sentAt, so older rows cannot be requested";
/// The server ignores the end of the window.
pub(super) const BEYOND: &str =
    "the server returns rows newer than requested, so older rows cannot be requested";
/// No older row can be in the window.
pub(super) const OUTSIDE: &str = "every row of a full response is from before the window";
/// See `Link`.
pub(super) const NO_LINK: &str = "the server did not repeat the last row of the previous page, so rows between the two may be missing";
pub(super) const WRONG_ORDER: &str = "the server does not return the newest rows first";
pub(super) const UNPROVED_ORDER: &str =
    "it cannot be proved that the server returns the newest rows first";
