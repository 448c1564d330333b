//! The ledger: which times of sending are listed completely, when they were listed, and where
//! messages may be missing.
//!
//! It is a function of time: the latest listing that covers a time counts. So the order in which
//! listings are recorded does not matter, and recording one again changes nothing.

use super::ranges;
use crate::model::TimeRange;

/// The filters of a listing, as one text; a listing with filters covers nothing of another scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Scope<'a>(pub &'a str);

impl Scope<'static> {
    /// Every message of the account.
    pub const ALL: Self = Self("");
}

/// A range of times of sending that was listed completely.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListedRange<'a> {
    /// The filters of the listing.
    pub scope: Scope<'a>,
    /// The times, in milliseconds of sending.
    pub range: TimeRange,
    /// When it was listed, by the server's clock, in milliseconds since 1970: a message that
    /// appears later with an earlier time of sending is not in it. The pages of one listing should
    /// state the same time (that of the first response), so that their ranges join.
    pub listed_at: i64,
}

/// A piece of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The times, in milliseconds of sending.
    pub range: TimeRange,
    /// When they were listed for the last time, by the server's clock.
    pub listed_at: i64,
}

/// A time range in which messages may be missing from the archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GapRecord {
    /// The times, in milliseconds of sending.
    pub range: TimeRange,
    /// Why, as a clause.
    pub reason: String,
    /// How many messages it holds at least, those in the archive included; 0 when that is not known.
    pub at_least: u64,
    /// When it was found, in milliseconds since 1970.
    pub found: i64,
    /// When it was found that the server cannot fill it any more; `None` while it can.
    pub lost: Option<i64>,
    /// When it was acknowledged; `None` while it was not.
    pub acknowledged: Option<i64>,
}

/// What an archive knows about one account and one scope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// The earliest time of sending that the archive is meant to hold; `None` before the first sync.
    pub start: Option<i64>,
    /// What was listed, oldest first. The pieces do not overlap; two that touch differ in when they
    /// were listed.
    pub listed: Vec<Listed>,
    /// Where messages may be missing, oldest first.
    pub gaps: Vec<GapRecord>,
}

impl Ledger {
    /// The ranges that were listed, joined, oldest first.
    #[must_use]
    pub fn covered(&self) -> Vec<TimeRange> {
        ranges::union(self.listed.iter().map(|piece| piece.range).collect())
    }

    /// The parts of a range that were never listed, oldest first.
    #[must_use]
    pub fn uncovered(&self, range: TimeRange) -> Vec<TimeRange> {
        ranges::uncovered(range, &self.covered())
    }

    /// The times between the start of the archive and the newest that was listed that were never
    /// listed and are not recorded as lost, oldest first. The next sync fills them, unless the server
    /// forgets them first.
    #[must_use]
    pub fn holes(&self) -> Vec<TimeRange> {
        let Some((since, until)) = self.start.zip(self.newest()) else { return Vec::new() };
        let lost = self.gaps.iter().filter(|gap| gap.lost.is_some()).map(|gap| gap.range);
        ranges::uncovered(
            TimeRange { since, until },
            &self.covered().into_iter().chain(lost).collect::<Vec<_>>(),
        )
    }

    /// The millisecond after the newest that was listed.
    #[must_use]
    pub fn newest(&self) -> Option<i64> {
        self.listed.last().map(|piece| piece.range.until)
    }
}

/// The pieces that replace `touching` (those that overlap or touch the new one, oldest first)
/// once `new` is recorded.
#[must_use]
pub(super) fn record(touching: &[Listed], new: Listed) -> Vec<Listed> {
    if new.range.is_empty() {
        return touching.to_vec();
    }
    let older_than_new: Vec<_> =
        touching.iter().copied().filter(|piece| piece.listed_at < new.listed_at).collect();
    let newer: Vec<_> =
        touching.iter().copied().filter(|piece| piece.listed_at >= new.listed_at).collect();
    let newer_ranges: Vec<_> = newer.iter().map(|piece| piece.range).collect();
    let mut pieces = newer;
    let visible = ranges::uncovered(new.range, &newer_ranges);
    pieces.extend(visible.into_iter().map(|range| Listed { range, ..new }));
    for piece in older_than_new {
        let left = ranges::uncovered(piece.range, &[new.range]);
        pieces.extend(left.into_iter().map(|range| Listed { range, ..piece }));
    }
    join(pieces)
}

/// Sorts pieces and joins those that touch and were listed at the same time.
fn join(mut pieces: Vec<Listed>) -> Vec<Listed> {
    pieces.sort_unstable_by_key(|piece| piece.range.since);
    let mut joined: Vec<Listed> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        match joined.last_mut() {
            Some(last)
                if last.range.until == piece.range.since && last.listed_at == piece.listed_at =>
            {
                last.range.until = piece.range.until;
            }
            _ => joined.push(piece),
        }
    }
    joined
}

/// Joins the pieces that end at or before this time, and that touch, into one with the earliest time
/// of listing. Such pieces cannot be listed again, so that only their range is of use.
#[must_use]
pub(super) fn fold(pieces: &[Listed], before: i64) -> Vec<Listed> {
    let mut folded: Vec<Listed> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        match folded.last_mut() {
            Some(last) if last.range.until == piece.range.since && piece.range.until <= before => {
                last.range.until = piece.range.until;
                last.listed_at = last.listed_at.min(piece.listed_at);
            }
            _ => folded.push(*piece),
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_piece() -> impl Strategy<Value = Listed> {
        (0_i64..40, 0_i64..15, 0_i64..6).prop_map(|(since, length, listed_at)| Listed {
            range: TimeRange { since, until: since + length },
            listed_at,
        })
    }

    /// When a time was listed for the last time.
    fn listed_at(pieces: &[Listed], at: i64) -> Option<i64> {
        pieces.iter().filter(|piece| piece.range.contains(at)).map(|piece| piece.listed_at).max()
    }

    fn recorded(listings: &[Listed]) -> Vec<Listed> {
        let mut ledger: Vec<Listed> = Vec::new();
        for new in listings {
            let touches = |piece: &Listed| {
                piece.range.since <= new.range.until && piece.range.until >= new.range.since
            };
            let (touching, mut others): (Vec<_>, Vec<_>) = ledger.into_iter().partition(touches);
            others.extend(record(&touching, *new));
            others.sort_by_key(|piece| piece.range.since);
            ledger = others;
        }
        ledger
    }

    proptest! {
        #[test]
        fn the_latest_listing_of_each_time_counts(
            listings in prop::collection::vec(any_piece(), 0..12),
        ) {
            let ledger = recorded(&listings);
            for at in -1..60 {
                prop_assert_eq!(listed_at(&ledger, at), listed_at(&listings, at), "{}", at);
            }
            prop_assert!(ledger.windows(2).all(|pair| pair[0].range.until <= pair[1].range.since));
            let is_joined = |pair: &[Listed]| {
                pair[0].range.until < pair[1].range.since || pair[0].listed_at != pair[1].listed_at
            };
            prop_assert!(ledger.windows(2).all(is_joined), "{:?}", ledger);
        }

        #[test]
        fn the_order_of_listings_does_not_matter_and_a_repeated_one_changes_nothing(
            (listings, shuffled) in prop::collection::vec(any_piece(), 0..10)
                .prop_flat_map(|listings| (Just(listings.clone()), Just(listings).prop_shuffle())),
        ) {
            let ledger = recorded(&listings);
            prop_assert_eq!(&recorded(&shuffled), &ledger);
            prop_assert_eq!(recorded(&[listings, shuffled].concat()), ledger);
        }

        #[test]
        fn folding_keeps_the_covered_times_and_joins_what_is_old(
            listings in prop::collection::vec(any_piece(), 0..10), before in 0_i64..50,
        ) {
            let ledger = recorded(&listings);
            let folded = fold(&ledger, before);
            for at in -1..60 {
                let (folded, whole) = (listed_at(&folded, at), listed_at(&ledger, at));
                prop_assert_eq!(folded.is_some(), whole.is_some(), "{}", at);
                prop_assert!(folded <= whole && (at < before || folded == whole), "{}", at);
            }
            let is_joined = |pair: &[Listed]| {
                pair[0].range.until < pair[1].range.since || pair[1].range.until > before
            };
            prop_assert!(folded.windows(2).all(is_joined));
        }
    }
}
