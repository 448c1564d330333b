//! The current version of a message: the one with the greatest (rank, time first seen, hash).

use rusqlite::{CachedStatement, Connection, Row, params};

use super::database_error::DatabaseFailure;
use crate::archive::message_columns::{HASH_BYTES, MessageColumns};
use crate::archive::stored_bytes::{self, Fault};

/// The statement of [`set`].
pub(super) const SET: &str = "
    UPDATE message SET version = ?2, bulk_id = ?3, sender = ?4, destination = ?5,
    at = coalesce(?6, first_seen), sent_at = ?6, done_at = ?7, status_group = ?8, status_name = ?9,
    status_id = ?10, rank = ?11, mccmnc = ?12, changed_at = ?13
    WHERE id = ?1 AND (version, bulk_id, sender, destination, at, sent_at, done_at, status_group,
    status_name, status_id, rank, mccmnc, changed_at) IS NOT (?2, ?3, ?4, ?5,
    coalesce(?6, first_seen), ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";

/// Makes a version the current one, with the prepared statement [`SET`]. Returns whether that
/// changed a column.
pub(super) fn set(
    statement: &mut CachedStatement<'_>,
    message: i64,
    version: i64,
    columns: &MessageColumns,
    seen_at: i64,
) -> Result<bool, DatabaseFailure> {
    let changed = statement.execute(params![
        message,
        version,
        columns.bulk_id,
        columns.sender,
        columns.destination,
        columns.sent_at,
        columns.done_at,
        columns.status_group,
        columns.status_name,
        columns.status_id,
        columns.rank as i64,
        columns.mccmnc,
        seen_at,
    ])?;
    Ok(changed > 0)
}

/// One version of a message.
struct Version {
    id: i64,
    hash: [u8; HASH_BYTES],
    seen_at: i64,
    columns: MessageColumns,
}

impl Version {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let fault = Fault::from_code(row.get(3)?);
        let log = stored_bytes::log(row.get_ref(4)?.as_blob()?, fault);
        Ok(Self {
            id: row.get(0)?,
            hash: row.get(1)?,
            seen_at: row.get(2)?,
            columns: MessageColumns::of(&log),
        })
    }
}

/// Computes the columns of a message again from its versions. Returns whether that changed a column.
pub(super) fn recompute(connection: &Connection, message: i64) -> Result<bool, DatabaseFailure> {
    let mut select = connection
        .prepare_cached("SELECT id, hash, seen_at, fault, raw FROM version WHERE message = ?1")?;
    let (mut count, mut first_seen) = (0, i64::MAX);
    let mut greatest: Option<Version> = None;
    for version in select.query_map([message], Version::read)? {
        let version = version?;
        count += 1;
        first_seen = first_seen.min(version.seen_at);
        let order = |version: &Version| (version.columns.rank, version.seen_at, version.hash);
        if greatest.as_ref().is_none_or(|greatest| order(&version) > order(greatest)) {
            greatest = Some(version);
        }
    }
    let Some(Version { id, seen_at, columns, .. }) = greatest else { return Ok(false) };
    let counted = connection
        .prepare_cached(
            "UPDATE message SET versions = ?2, first_seen = ?3
             WHERE id = ?1 AND (versions, first_seen) IS NOT (?2, ?3)",
        )?
        .execute(params![message, count, first_seen])?;
    let is_set = set(&mut connection.prepare_cached(SET)?, message, id, &columns, seen_at)?;
    Ok(counted > 0 || is_set)
}
