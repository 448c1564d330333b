//! The ledgers: coverage and gaps.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::database_error::DatabaseFailure;
use super::runs::{count, stored};
use crate::archive::account::AccountId;
use crate::archive::ledger::{self, GapRecord, Ledger, LedgerPiece, ListedRange, Scope};
use crate::archive::ranges;
use crate::model::TimeRange;

pub(super) fn ledger(
    connection: &Connection,
    account: AccountId,
    scope: Scope<'_>,
) -> Result<Ledger, DatabaseFailure> {
    let start = "SELECT start FROM scope WHERE account = ?1 AND name = ?2";
    let every = TimeRange { since: i64::MIN, until: i64::MAX };
    Ok(Ledger {
        start: connection
            .query_row(start, params![account.0, scope.0], |row| row.get(0))
            .optional()?,
        listed: touching(connection, account, scope, every)?,
        gaps: gaps(connection, account, scope)?,
    })
}

/// The pieces that overlap or touch a range, oldest first.
fn touching(
    connection: &Connection,
    account: AccountId,
    scope: Scope<'_>,
    range: TimeRange,
) -> Result<Vec<LedgerPiece>, DatabaseFailure> {
    // Pieces do not overlap. So in descending order, the first piece that ends before the range is
    // followed by none that touches it.
    let mut select = connection.prepare_cached(
        "SELECT since, until, listed_at FROM coverage
         WHERE account = ?1 AND scope = ?2 AND since <= ?3 ORDER BY since DESC",
    )?;
    let mut rows = select.query(params![account.0, scope.0, range.until])?;
    let mut pieces = Vec::new();
    while let Some(row) = rows.next()? {
        let piece = TimeRange { since: row.get(0)?, until: row.get(1)? };
        if piece.until < range.since {
            break;
        }
        pieces.push(LedgerPiece { range: piece, listed_at: row.get(2)? });
    }
    pieces.reverse();
    Ok(pieces)
}

/// Replaces pieces by others.
pub(super) fn replace(
    connection: &Connection,
    account: AccountId,
    scope: Scope<'_>,
    old: &[LedgerPiece],
    new: &[LedgerPiece],
) -> Result<(), DatabaseFailure> {
    let mut delete = connection
        .prepare_cached("DELETE FROM coverage WHERE account = ?1 AND scope = ?2 AND since = ?3")?;
    for piece in old.iter().filter(|piece| !new.contains(piece)) {
        delete.execute(params![account.0, scope.0, piece.range.since])?;
    }
    let mut insert = connection.prepare_cached(
        "INSERT INTO coverage (account, scope, since, until, listed_at) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for LedgerPiece { range, listed_at } in new.iter().filter(|piece| !old.contains(piece)) {
        insert.execute(params![account.0, scope.0, range.since, range.until, listed_at])?;
    }
    Ok(())
}

/// Records that a range was listed, and removes it from the gaps.
pub(super) fn extend(
    connection: &Connection,
    account: AccountId,
    covers: &ListedRange<'_>,
) -> Result<(), DatabaseFailure> {
    let ListedRange { scope, range, listed_at } = *covers;
    if range.is_empty() {
        return Ok(());
    }
    let old = touching(connection, account, scope, range)?;
    let new = ledger::record(&old, LedgerPiece { range, listed_at });
    replace(connection, account, scope, &old, &new)?;
    for gap in gaps(connection, account, scope)? {
        if gap.lost.is_none() && ranges::intersection(gap.range, range).is_some() {
            delete_gap(connection, account, scope, &gap)?;
            for left in ranges::uncovered(gap.range, &[range]) {
                // The number of messages in the rest is not known.
                let left = GapRecord { range: left, at_least: 0, ..gap.clone() };
                record_gap(connection, account, scope, &left)?;
            }
        }
    }
    Ok(())
}

pub(super) fn set_start(
    connection: &Connection,
    account: AccountId,
    scope: Scope<'_>,
    start: i64,
) -> Result<(), DatabaseFailure> {
    let sql = "INSERT OR IGNORE INTO scope (account, name, start) VALUES (?1, ?2, ?3)";
    connection.execute(sql, params![account.0, scope.0, start])?;
    Ok(())
}

pub(super) fn fold(
    connection: &Connection,
    account: AccountId,
    scope: Scope<'_>,
    before: i64,
) -> Result<(), DatabaseFailure> {
    let every = TimeRange { since: i64::MIN, until: i64::MAX };
    let old = touching(connection, account, scope, every)?;
    let new = ledger::fold(&old, before);
    replace(connection, account, scope, &old, &new)
}

fn gaps(
    connection: &Connection,
    account: AccountId,
    scope: Scope<'_>,
) -> Result<Vec<GapRecord>, DatabaseFailure> {
    let mut select = connection.prepare_cached(
        "SELECT since, until, reason, at_least, found, lost, acknowledged FROM gap
         WHERE account = ?1 AND scope = ?2 ORDER BY since, until, reason",
    )?;
    let read = |row: &Row<'_>| {
        Ok(GapRecord {
            range: TimeRange { since: row.get(0)?, until: row.get(1)? },
            reason: row.get(2)?,
            at_least: count(row, 3)?,
            found: row.get(4)?,
            lost: row.get(5)?,
            acknowledged: row.get(6)?,
        })
    };
    Ok(select.query_map(params![account.0, scope.0], read)?.collect::<Result<_, _>>()?)
}

pub(super) fn record_gap(
    connection: &Connection,
    account: AccountId,
    scope: Scope<'_>,
    gap: &GapRecord,
) -> Result<(), DatabaseFailure> {
    connection.execute(
        "INSERT INTO gap (account, scope, since, until, reason, at_least, found, lost, acknowledged)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT DO UPDATE SET at_least = max(at_least, excluded.at_least),
         found = min(found, excluded.found), lost = coalesce(lost, excluded.lost),
         acknowledged = coalesce(acknowledged, excluded.acknowledged)",
        params![
            account.0,
            scope.0,
            gap.range.since,
            gap.range.until,
            gap.reason,
            stored(gap.at_least),
            gap.found,
            gap.lost,
            gap.acknowledged
        ],
    )?;
    Ok(())
}

fn delete_gap(
    connection: &Connection,
    account: AccountId,
    scope: Scope<'_>,
    gap: &GapRecord,
) -> Result<(), DatabaseFailure> {
    connection.execute(
        "DELETE FROM gap WHERE account = ?1 AND scope = ?2 AND since = ?3 AND until = ?4
         AND reason = ?5",
        params![account.0, scope.0, gap.range.since, gap.range.until, gap.reason],
    )?;
    Ok(())
}

pub(super) fn acknowledge(
    connection: &Connection,
    account: AccountId,
    now: i64,
) -> Result<u64, DatabaseFailure> {
    let sql = "UPDATE gap SET acknowledged = ?2 WHERE account = ?1 AND acknowledged IS NULL";
    Ok(connection.execute(sql, params![account.0, now])? as u64)
}
