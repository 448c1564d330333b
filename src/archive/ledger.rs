//! The ledger: which times of sending were listed completely, when they were listed, and where
//! messages may be missing.
//!
//! For each time of sending, the ledger keeps the latest listing that covers it. So the order in
//! which listings are recorded does not matter, and recording one again changes nothing.

use super::ranges;
use crate::model::TimeRange;

/// The reason of a gap that was not known before its messages expired.
const LOST: &str = "the messages of this time expired before they were listed";

/// How long after an acknowledgement the time that is lost next belongs to the same outage, in
/// milliseconds: until the next sync, more expires with every second.
const OUTAGE: i64 = 24 * 60 * 60 * 1000;

/// The filters of a listing, as one text. A listing covers nothing of another scope.
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
    /// The times of sending, in milliseconds since 1970.
    pub range: TimeRange,
    /// When the range was listed, by the server's clock, in milliseconds since 1970. The listing
    /// does not contain a message that appeared later, even if its time of sending is earlier. The
    /// pages of one listing should have the same time (that of the first response), so that their
    /// ranges join.
    pub listed_at: i64,
}

/// A time range of the ledger that one listing covers, or several listings of one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LedgerPiece {
    /// The times of sending, in milliseconds since 1970.
    pub range: TimeRange,
    /// When they were listed for the last time, by the server's clock, in milliseconds since 1970.
    pub listed_at: i64,
}

/// A time range in which messages may be missing from the archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GapRecord {
    /// The times of sending, in milliseconds since 1970.
    pub range: TimeRange,
    /// Why messages may be missing, as a clause.
    pub reason: String,
    /// The least number of messages that the server has in this range, including those in the
    /// archive; 0 if that is not known.
    pub at_least: u64,
    /// When the gap was found, in milliseconds since 1970.
    pub found: i64,
    /// Since when the server has no messages of this range any more, as far as a sync found out;
    /// `None` while a sync can fill the gap.
    pub lost: Option<i64>,
    /// When it was acknowledged; `None` if it was not.
    pub acknowledged: Option<i64>,
}

/// The coverage and the gaps of one account and one scope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// The earliest time of sending that the archive is meant to hold; `None` before the first sync.
    pub start: Option<i64>,
    /// The ranges that were listed, oldest first. The pieces do not overlap, and two pieces that
    /// touch were listed at different times.
    pub listed: Vec<LedgerPiece>,
    /// The ranges in which messages may be missing, oldest first.
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

    /// The ranges between the start of the archive and the newest listed time that were never
    /// listed and are not recorded as lost, oldest first. The next sync fills them, unless their
    /// messages expire first.
    #[must_use]
    pub fn holes(&self) -> Vec<TimeRange> {
        let Some((since, until)) = self.start.zip(self.newest()) else { return Vec::new() };
        let lost = self.gaps.iter().filter(|gap| gap.lost.is_some()).map(|gap| gap.range);
        ranges::uncovered(
            TimeRange { since, until },
            &self.covered().into_iter().chain(lost).collect::<Vec<_>>(),
        )
    }

    /// The gaps to record at a time `now` when the server no longer has messages from before `edge`: the
    /// earlier times that were never listed, and the recorded gaps that nothing can fill any more, oldest
    /// first. Each time is recorded once.
    #[must_use]
    pub fn losses(&self, edge: i64, now: i64) -> Vec<GapRecord> {
        let Some(since) = self.start else { return Vec::new() };
        let has_expired = |gap: &&GapRecord| gap.lost.is_some() || gap.range.until <= edge;
        let expired = self.gaps.iter().filter(has_expired);
        let recorded: Vec<_> =
            self.covered().into_iter().chain(expired.clone().map(|gap| gap.range)).collect();
        let unfilled = expired
            .filter(|gap| gap.lost.is_none())
            .map(|gap| GapRecord { lost: Some(now), ..gap.clone() });
        let unlisted = ranges::uncovered(TimeRange { since, until: edge }, &recorded);
        let mut losses: Vec<_> = unfilled
            .chain(unlisted.into_iter().map(|range| GapRecord {
                range,
                reason: LOST.to_owned(),
                at_least: 0,
                found: now,
                lost: Some(now),
                acknowledged: self.outage_acknowledged(range.since, now),
            }))
            .collect();
        losses.sort_by_key(|gap| gap.range.since);
        losses
    }

    /// When the outage was acknowledged in which the lost times end at `until`; `None` if it was not, or
    /// not recently.
    fn outage_acknowledged(&self, until: i64, now: i64) -> Option<i64> {
        let ends_there = |gap: &&GapRecord| gap.lost.is_some() && gap.range.until == until;
        let acknowledged = self.gaps.iter().filter(ends_there).filter_map(|gap| gap.acknowledged);
        acknowledged.max().filter(|at| now.saturating_sub(*at) <= OUTAGE)
    }

    /// The ledger with the [`losses`](Self::losses) that the next sync will record.
    #[must_use]
    pub fn with_losses(mut self, edge: i64, now: i64) -> Self {
        let losses = self.losses(edge, now);
        self.gaps.retain(|gap| losses.iter().all(|lost| lost.range != gap.range));
        self.gaps.extend(losses);
        self.gaps.sort_by_key(|gap| gap.range.since);
        self
    }

    /// The millisecond after the newest listed time; `None` if nothing was listed.
    #[must_use]
    pub fn newest(&self) -> Option<i64> {
        self.listed.last().map(|piece| piece.range.until)
    }
}

/// Records `new`: returns the pieces that replace `touching`, the pieces of the ledger that overlap
/// or touch it, oldest first.
#[must_use]
pub(super) fn record(touching: &[LedgerPiece], new: LedgerPiece) -> Vec<LedgerPiece> {
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
    pieces.extend(visible.into_iter().map(|range| LedgerPiece { range, ..new }));
    for piece in older_than_new {
        let left = ranges::uncovered(piece.range, &[new.range]);
        pieces.extend(left.into_iter().map(|range| LedgerPiece { range, ..piece }));
    }
    join(pieces)
}

/// Sorts pieces and joins those that touch and were listed at the same time.
fn join(mut pieces: Vec<LedgerPiece>) -> Vec<LedgerPiece> {
    pieces.sort_unstable_by_key(|piece| piece.range.since);
    let mut joined: Vec<LedgerPiece> = Vec::with_capacity(pieces.len());
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

/// Joins pieces that touch and end at or before this time into one piece with the earliest time of
/// listing. Their messages have expired: the pieces cannot be listed again, so that the time of
/// listing of each no longer matters.
#[must_use]
pub(super) fn fold(pieces: &[LedgerPiece], before: i64) -> Vec<LedgerPiece> {
    let mut folded: Vec<LedgerPiece> = Vec::with_capacity(pieces.len());
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

    fn any_piece() -> impl Strategy<Value = LedgerPiece> {
        (0_i64..40, 0_i64..15, 0_i64..6).prop_map(|(since, length, listed_at)| LedgerPiece {
            range: TimeRange { since, until: since + length },
            listed_at,
        })
    }

    /// When a time was listed for the last time.
    fn listed_at(pieces: &[LedgerPiece], at: i64) -> Option<i64> {
        pieces.iter().filter(|piece| piece.range.contains(at)).map(|piece| piece.listed_at).max()
    }

    #[test]
    fn what_expires_after_an_acknowledged_outage_is_acknowledged_for_a_day() {
        let piece = |since, until| LedgerPiece { range: TimeRange { since, until }, listed_at: 0 };
        let ledger = Ledger { start: Some(0), listed: vec![piece(0, 10)], ..Ledger::default() };
        let mut ledger = ledger.with_losses(20, 100);
        assert_eq!(ledger.gaps[0].acknowledged, None);
        ledger.gaps[0].acknowledged = Some(100);
        let acknowledged = |ledger: &Ledger, now| {
            let losses = ledger.losses(30, now);
            losses.iter().map(|gap| (gap.range.since, gap.acknowledged)).collect::<Vec<_>>()
        };
        assert_eq!(acknowledged(&ledger, 101), [(20, Some(100))]);
        assert_eq!(acknowledged(&ledger, 101 + OUTAGE), [(20, None)]);
        ledger.listed.push(piece(20, 25));
        assert_eq!(acknowledged(&ledger, 101), [(25, None)]);
    }

    fn recorded(listings: &[LedgerPiece]) -> Vec<LedgerPiece> {
        let mut ledger: Vec<LedgerPiece> = Vec::new();
        for new in listings {
            let touches = |piece: &LedgerPiece| {
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
            let is_joined = |pair: &[LedgerPiece]| {
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
            let is_joined = |pair: &[LedgerPiece]| {
                pair[0].range.until < pair[1].range.since || pair[1].range.until > before
            };
            prop_assert!(folded.windows(2).all(is_joined));
        }
    }
}
