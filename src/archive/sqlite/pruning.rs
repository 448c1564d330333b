//! Deletes old messages in steps, so that a sync can write between them.

use rusqlite::{Connection, params};

use super::database_error::DatabaseFailure;
use super::reading::cursor;
use super::runs::count as count_of;
use crate::archive::maintenance::{DeletedCounts, PruneOptions, PruneStep};
use crate::archive::selection::Cursor;

/// The condition for the messages that a prune deletes.
const OLD: &str = "at < ?1 AND (?2 IS NULL OR account = ?2)
    AND NOT (?3 AND rank = 2 AND status_group <> 'DELIVERED')";

pub(super) fn count(
    connection: &Connection,
    prune: &PruneOptions,
) -> Result<DeletedCounts, DatabaseFailure> {
    let sql = format!(
        "SELECT count(*), coalesce(sum(versions), 0) FROM message INDEXED BY message_at WHERE {OLD}"
    );
    let account = prune.account.map(|account| account.0);
    let values = params![prune.before, account, prune.keeps_failed];
    Ok(connection.query_row(&sql, values, |row| {
        Ok(DeletedCounts { messages: count_of(row, 0)?, versions: count_of(row, 1)? })
    })?)
}

pub(super) fn step(
    connection: &Connection,
    prune: &PruneOptions,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<PruneStep, DatabaseFailure> {
    if after.is_none() {
        remove_from_ledger(connection, prune)?;
    }
    let sql = format!(
        "SELECT at, id FROM message INDEXED BY message_at
         WHERE {OLD} AND (at, id) > (?4, ?5) ORDER BY at, id LIMIT ?6"
    );
    let (at, id) = after.map_or((i64::MIN, i64::MIN), |after| (after.at, after.number));
    let account = prune.account.map(|account| account.0);
    let row_limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let old: Vec<(i64, i64)> = connection
        .prepare_cached(&sql)?
        .query_map(params![prune.before, account, prune.keeps_failed, at, id, row_limit], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?
        .collect::<Result<_, _>>()?;
    let deleted = delete(connection, old.iter().map(|(_, id)| *id))?;
    let next = old.last().filter(|_| old.len() == limit).map(|(at, id)| cursor(*at, *id));
    Ok(PruneStep { deleted, next })
}

/// Deletes messages with all their versions.
pub(super) fn delete(
    connection: &Connection,
    messages: impl Iterator<Item = i64>,
) -> Result<DeletedCounts, DatabaseFailure> {
    let mut of_version = connection.prepare_cached("DELETE FROM version WHERE message = ?1")?;
    let mut of_message = connection.prepare_cached("DELETE FROM message WHERE id = ?1")?;
    let mut deleted = DeletedCounts::default();
    for message in messages {
        deleted.versions += of_version.execute([message])? as u64;
        deleted.messages += of_message.execute([message])? as u64;
    }
    Ok(deleted)
}

/// Removes the time before a prune from the ledger.
fn remove_from_ledger(
    connection: &Connection,
    prune: &PruneOptions,
) -> Result<(), DatabaseFailure> {
    let account = prune.account.map(|account| account.0);
    for sql in [
        "DELETE FROM coverage WHERE until <= ?1 AND (?2 IS NULL OR account = ?2)",
        "UPDATE coverage SET since = ?1 WHERE since < ?1 AND (?2 IS NULL OR account = ?2)",
        "DELETE FROM gap WHERE until <= ?1 AND (?2 IS NULL OR account = ?2)",
        "UPDATE OR REPLACE gap SET since = ?1 WHERE since < ?1 AND (?2 IS NULL OR account = ?2)",
        "UPDATE scope SET start = ?1 WHERE start < ?1 AND (?2 IS NULL OR account = ?2)",
    ] {
        connection.execute(sql, params![prune.before, account])?;
    }
    Ok(())
}
