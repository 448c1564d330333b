//! What the ledger claims when the clock of the server was wrong.
//!
//! A response proves what was sent before it. If it states a time that is too late, the ledger claims
//! times that had not come, and no later run would list them. A run withdraws such claims: those of
//! listings that are still to come, and those of the runs before it by whose responses the server's
//! clock was ahead of what it is now. That also happens when the clock of this machine was set forward.
//! What the run itself has listed since is not withdrawn for the sake of an earlier run, unless the
//! server's clock turns out to be another meanwhile.

use super::super::ledger::LedgerPiece;
use super::super::run::RunRecord;
use crate::model::TimeRange;

/// The number of runs whose clocks are compared.
pub(super) const RECENT_RUNS: usize = 100;

/// Servers that share the load may differ by this many milliseconds. What a claim misses by it is
/// listed again, because each run begins earlier than the run before ended.
const MAX_DIFFERENCE: i64 = 60_000;

/// The latest time of listing that is believed at the server's time `now`. `runs` are the latest runs,
/// the newest first, and `offset` is the server's clock minus that of this machine.
pub(super) fn believed_until(runs: &[RunRecord], offset: Option<i64>, now: i64) -> i64 {
    let Some(offset) = offset else { return i64::MAX };
    let clocks = runs.iter().filter_map(|run| Some((run.started, run.counts.clock_offset?)));
    clocks
        .take_while(|(_, earlier)| earlier.saturating_sub(offset) > MAX_DIFFERENCE)
        .map(|(started, earlier)| started.saturating_add(earlier).saturating_sub(MAX_DIFFERENCE))
        .min()
        .unwrap_or(i64::MAX)
        .min(now.saturating_add(MAX_DIFFERENCE))
}

/// The part of a piece that its listing proved whatever the server stated: the times before the newest
/// message that this listing or an earlier one returned, because that message was sent before. `newest`
/// has the newest message of each piece of `listed`.
pub(super) fn proved_part(
    piece: &LedgerPiece,
    listed: &[LedgerPiece],
    newest: &[Option<i64>],
) -> Option<LedgerPiece> {
    let is_earlier = |other: &LedgerPiece| other.listed_at <= piece.listed_at;
    let earlier = listed.iter().zip(newest).filter(|(other, _)| is_earlier(other));
    let newest = earlier.filter_map(|(_, newest)| *newest).max()?;
    let range = TimeRange { until: piece.range.until.min(newest), ..piece.range };
    (!range.is_empty()).then_some(LedgerPiece { range, listed_at: newest })
}
