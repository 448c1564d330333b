//! Deletes old messages in steps, so that a sync can write between them.

use postgres::types::ToSql;

use super::failure::ServerFailure;
use super::ledgers;
use super::message_row::{KeyLists, RowKey};
use super::session::{Session, counted};
use crate::archive::maintenance::{DeletedCounts, PruneOptions, PruneStep};
use crate::archive::selection::Cursor;

/// The condition for the messages that a prune deletes.
const OLD: &str = "at < $1 AND ($2::bigint IS NULL OR account = $2)
    AND NOT ($3::boolean AND rank = 2 AND status_group <> 'DELIVERED')";

pub(super) fn count(
    session: &mut Session,
    prune: &PruneOptions,
) -> Result<DeletedCounts, ServerFailure> {
    let sql = format!(
        "SELECT count(*), coalesce(sum(versions), 0)::bigint FROM omnilogs.message WHERE {OLD}"
    );
    let account = prune.account.map(|account| account.0);
    let rows = session.query(&sql, &[&prune.before, &account, &prune.keeps_failed])?;
    let Some(row) = rows.first() else { return Ok(DeletedCounts::default()) };
    Ok(DeletedCounts { messages: counted(row.try_get(0)?), versions: counted(row.try_get(1)?) })
}

pub(super) fn step(
    session: &mut Session,
    prune: &PruneOptions,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<PruneStep, ServerFailure> {
    if after.is_none() {
        ledgers::remove_before(session, prune)?;
    }
    let sql = format!(
        "SELECT at, number, ident, channel, account FROM omnilogs.message
         WHERE {OLD} AND (at, number) > ($4, $5) ORDER BY at, number LIMIT {limit}"
    );
    let (at, number) = after.map_or((i64::MIN, i64::MIN), |after| (after.at, after.number));
    let account = prune.account.map(|account| account.0);
    let values: [&(dyn ToSql + Sync); 5] =
        [&prune.before, &account, &prune.keeps_failed, &at, &number];
    let mut old = Vec::new();
    for row in session.query(&sql, &values)? {
        let cursor = Cursor { at: row.try_get(0)?, number: row.try_get(1)? };
        old.push((cursor, RowKey::read(&row, 2)?));
    }
    let deleted = delete(session, &KeyLists::of(old.iter().map(|(_, key)| key)))?;
    let is_last = old.len() < limit;
    let next = old.pop().filter(|_| !is_last).map(|(cursor, _)| cursor);
    Ok(PruneStep { deleted, next })
}

/// Deletes messages with all their versions.
pub(super) fn delete(
    session: &mut Session,
    keys: &KeyLists<'_>,
) -> Result<DeletedCounts, ServerFailure> {
    let mut of = |table: &str| {
        let sql = format!(
            "DELETE FROM omnilogs.{table} AS {table}
             USING unnest($1::text[], $2::text[], $3::bigint[]) AS gone (ident, channel, account)
             WHERE {table}.ident = gone.ident AND {table}.channel = gone.channel
             AND {table}.account = gone.account"
        );
        session.execute(&sql, &[&keys.idents, &keys.channels, &keys.accounts])
    };
    Ok(DeletedCounts { versions: of("version")?, messages: of("message")? })
}

/// Whether the role owns the tables, and so may return the space of deleted rows: `VACUUM` skips the
/// tables of other owners without an error.
pub(super) fn may_vacuum(session: &mut Session) -> Result<bool, ServerFailure> {
    let sql = "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class
               WHERE oid = 'omnilogs.message'::regclass";
    Ok(session.value(sql, &[])? == Some(true))
}
