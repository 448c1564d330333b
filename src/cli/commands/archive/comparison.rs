//! Compares the archive with what the API lists now, for a time range that the archive covers. It
//! changes nothing.

use std::collections::HashMap;
use std::time::Duration;

use omnilogs::archive::{Account, Ledger, Scope, Selection, Store};
use omnilogs::model::{Field, Gap, Log, TimeRange};
use omnilogs::pages::{self, Pages as _};
use omnilogs::query::Extent;
use omnilogs::{Query, Timestamp};
use serde_json::{Value, json};

use super::{json_range, millis};
use crate::failure::{Failure, Kind};
use crate::session::archive;
use crate::session::context::Context;
use crate::session::source::SourceHandle;
use crate::session::source_failure;
use crate::text::counted;
use crate::time_input::time_text;

/// The API can list a message some time after it was sent. A listing proves only that nothing is
/// missing of what was sent at least this long before it, in milliseconds.
const MAX_DELAY: i64 = 60 * 60 * 1000;

/// Rows that are read from the archive at once.
const ROWS_PER_READ: usize = 1000;

/// The result of a comparison: the numbers of messages that are the same and that differ.
#[derive(Clone, Copy, Debug)]
pub(super) struct LiveComparison {
    /// The time range that was compared.
    range: TimeRange,
    /// Whether the archive does not cover the rest of the requested time.
    is_partial: bool,
    /// Messages that the API lists.
    listed: u64,
    /// Listed messages that the archive does not have.
    missing: u64,
    /// Listed messages whose text is newer than in the archive, which the next sync may fetch.
    changed: u64,
    /// Messages of the archive that the API does not list.
    unlisted: u64,
}

impl LiveComparison {
    pub(super) fn text(&self, context: &Context) -> String {
        let Self { range, listed, missing, changed, unlisted, .. } = self;
        let time = |millis| time_text(Timestamp::from_millis(millis), context.environment.zone);
        format!(
            "compared with the API from {} to {}: {}, {missing} missing, {changed} changed since, \
             {unlisted} only in the archive",
            time(range.since),
            time(range.until),
            counted(*listed, "message")
        )
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "range": json_range(self.range),
            "partial": self.is_partial,
            "listed": self.listed,
            "missing": self.missing,
            "changed": self.changed,
            "unlisted": self.unlisted,
        })
    }

    /// The result of the run, in whose archive there were this many erasures.
    ///
    /// # Errors
    /// When messages are missing in the archive, or it does not cover all of the requested time.
    pub(super) fn verdict(&self, erasures: u64) -> Result<(), Failure> {
        if self.missing == 0 && self.is_partial {
            let text = "incomplete: only a part of the requested time was compared";
            return Err(Failure::new(Kind::Incomplete, text)
                .because("a comparison needs a time that a sync listed at least an hour later")
                .hint("omnilogs archive sync, or a shorter time with --live"));
        }
        if self.missing == 0 {
            return Ok(());
        }
        let missing = counted(self.missing, "message");
        let text = format!("incomplete: the archive lacks {missing} of a time that it covers");
        let failure = Failure::new(Kind::Incomplete, text).hint(
            "omnilogs --all -o jsonl > FILE and omnilogs archive import FILE add what the API still has",
        );
        Err(if erasures > 0 {
            failure.because("messages that were erased less than 49 hours ago count as missing")
        } else {
            failure
        })
    }
}

/// Lists the newest time range that the archive covers again, at most `length` of it, and compares.
///
/// # Errors
/// When the archive covers no time that the API still has, or either cannot be read.
pub(super) fn compare(
    store: &mut dyn Store,
    account: &Account,
    length: Duration,
    handle: SourceHandle,
    context: &Context,
) -> Result<LiveComparison, Failure> {
    let failed = |error| archive::store_failure(error, context);
    let ledger = store.ledger(account.id, Scope::ALL).map_err(failed)?;
    let kept_since = archive::edge(context.clock.now().timestamp_millis());
    let range = proven_range(&ledger, millis(length), kept_since).ok_or_else(|| {
        Failure::usage("the archive covers no time that the API still has")
            .because("a comparison needs a time that a sync listed at least an hour later")
            .hint("omnilogs archive sync")
    })?;
    let mut known = archived_messages(store, account, range, context)?;
    let is_partial = range.since > kept_since.max(range.until.saturating_sub(millis(length)));
    let mut comparison =
        LiveComparison { range, is_partial, listed: 0, missing: 0, changed: 0, unlisted: 0 };
    for log in listed_messages(handle, range, context)? {
        comparison.listed += 1;
        match known.remove(&identity(&log)) {
            None => comparison.missing += 1,
            Some(bytes) if bytes != log.bytes() => comparison.changed += 1,
            Some(_) => {}
        }
    }
    comparison.unlisted = known.len() as u64;
    Ok(comparison)
}

/// The newest time range that listings prove to be complete: at most `length` of it, and nothing
/// before `kept_since`. Listings of different times prove it together where they touch.
fn proven_range(ledger: &Ledger, length: i64, kept_since: i64) -> Option<TimeRange> {
    let mut proven = ledger.listed.iter().rev().filter_map(|piece| {
        let until = piece.range.until.min(piece.listed_at.saturating_sub(MAX_DELAY));
        let since = piece.range.since.max(kept_since);
        Some(TimeRange { since, until }).filter(|range| range.since < range.until)
    });
    let mut newest = proven.next()?;
    for earlier in proven {
        if earlier.until != newest.since {
            break;
        }
        newest.since = earlier.since;
    }
    let since = newest.since.max(newest.until.saturating_sub(length));
    Some(TimeRange { since, ..newest })
}

/// The id and the channel, which all versions of a message have in common.
fn identity(log: &Log) -> (String, String) {
    let text = |field| log.cell(field).into_text().into_owned();
    (text(Field::MessageId), text(Field::Channel))
}

/// The messages of a range that the archive has, each with the bytes of its newest version.
fn archived_messages(
    store: &mut dyn Store,
    account: &Account,
    range: TimeRange,
    context: &Context,
) -> Result<HashMap<(String, String), Vec<u8>>, Failure> {
    let selection =
        Selection { account: Some(account.id), range: Some(range), ..Selection::default() };
    let mut known = HashMap::new();
    let mut after = None;
    loop {
        let rows = store
            .rows(&selection, after.as_ref(), ROWS_PER_READ)
            .map_err(|error| archive::store_failure(error, context))?;
        let Some(last) = rows.last() else { return Ok(known) };
        after = Some(last.cursor.clone());
        known.extend(rows.iter().map(|row| (identity(&row.log), row.log.bytes().to_vec())));
    }
}

/// The messages of a range that the API has. The query has no end: whether the API includes the end
/// of a window does not matter then.
fn listed_messages(
    handle: SourceHandle,
    range: TimeRange,
    context: &Context,
) -> Result<Vec<Log>, Failure> {
    let mut query = Query::default();
    query.since = Some(Timestamp::from_millis(range.since));
    query.extent = Extent::All;
    let SourceHandle { source, origins, connection: _connection, .. } = handle;
    let mut pages = pages::list(source, query, context.clock.now().into(), None);
    let mut logs = Vec::new();
    while let Some(page) = pages.next_page() {
        let page = page
            .map_err(|error| source_failure::failure(&error, &origins, context.signals.kind()))?;
        let is_inside =
            |log: &Log| pages::paging_time(log).is_some_and(|at| range.contains(at.millis()));
        logs.extend(page.logs.into_iter().filter(is_inside));
        context.report.status(&format!("{} listed", counted(logs.len() as u64, "message")));
    }
    context.report.status("");
    let millis_or = |time: Option<Timestamp>, open| time.map_or(open, Timestamp::millis);
    let concerns = |gap: &Gap| {
        millis_or(gap.since, i64::MIN) < range.until
            && millis_or(gap.until, i64::MAX) >= range.since
    };
    if let Some(gap) = pages.report().gaps.iter().find(|gap| concerns(gap)) {
        return Err(Failure::new(Kind::Incomplete, "incomplete: the API did not list everything")
            .because(gap.reason.clone()));
    }
    Ok(logs)
}

#[cfg(test)]
mod tests {
    use omnilogs::archive::LedgerPiece;

    use super::*;

    #[test]
    fn listings_that_touch_prove_one_range() {
        let hour = MAX_DELAY;
        let piece = |since, until, listed_at| LedgerPiece {
            range: TimeRange { since: since * hour, until: until * hour },
            listed_at: listed_at * hour,
        };
        let listed = vec![piece(0, 2, 9), piece(3, 5, 9), piece(5, 6, 8), piece(6, 8, 8)];
        let ledger = Ledger { listed, ..Ledger::default() };
        let range = |length, kept_since| {
            let range = proven_range(&ledger, length * hour, kept_since * hour).unwrap();
            (range.since / hour, range.until / hour)
        };
        assert_eq!(range(1, 0), (6, 7));
        assert_eq!(range(3, 0), (4, 7));
        assert_eq!(range(9, 0), (3, 7));
        assert_eq!(range(9, 4), (4, 7));
        assert_eq!(proven_range(&ledger, hour, 9 * hour), None);
    }
}
