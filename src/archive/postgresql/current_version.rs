//! The current version of a message: the one with the greatest (rank, time first seen, hash).

use std::collections::{BTreeMap, HashMap};

use super::failure::ServerFailure;
use super::leases;
use super::message_row::{self, COLUMNS, CurrentRow, KeyLists, MessageRow, RowKey};
use super::session::Session;
use crate::archive::message_columns::{HASH_BYTES, MessageColumns, Rank};
use crate::archive::stored_bytes::{self, Fault};
use crate::model::Log;

/// The versions of one message.
struct Versions {
    count: i64,
    first_seen: i64,
    greatest: ((Rank, i64, [u8; HASH_BYTES]), Log),
}

/// Computes the columns of messages again from their versions. Returns the number of messages whose
/// columns changed.
pub(super) fn recompute(session: &mut Session, keys: &[RowKey]) -> Result<u64, ServerFailure> {
    if keys.is_empty() {
        return Ok(0);
    }
    let lists = KeyLists::of(keys);
    let sql = format!(
        "SELECT {COLUMNS} FROM unnest($1::text[], $2::text[], $3::bigint[])
         AS wanted (ident, channel, account)
         JOIN omnilogs.message AS message ON message.ident = wanted.ident
         AND message.channel = wanted.channel AND message.account = wanted.account"
    );
    let stored = session.query(&sql, &[&lists.idents, &lists.channels, &lists.accounts])?;
    let mut known = HashMap::new();
    for row in &stored {
        let row = MessageRow::read(row)?;
        known.insert(row.key.clone(), row);
    }
    let mut changed = Vec::new();
    for (key, versions) in of_messages(session, &lists)? {
        let Versions { count, first_seen, greatest: ((_, seen_at, hash), log) } = versions;
        let before = known.get(&key);
        let current = CurrentRow { columns: MessageColumns::of(&log), hash, seen_at };
        let row = MessageRow::of(key, current, count, first_seen);
        if before != Some(&row) {
            changed.push(row);
        }
    }
    // A message that is missing in the table is added again.
    let added = changed.iter().filter(|row| !known.contains_key(&row.key)).count();
    let first_number = if added > 0 { leases::reserve_numbers(session, changed.len())? } else { 0 };
    message_row::write(session, &changed, first_number)?;
    Ok(changed.len() as u64)
}

fn of_messages(
    session: &mut Session,
    lists: &KeyLists<'_>,
) -> Result<BTreeMap<RowKey, Versions>, ServerFailure> {
    let sql = "SELECT version.ident, version.channel, version.account, version.hash,
               version.seen_at, version.fault, version.raw
               FROM unnest($1::text[], $2::text[], $3::bigint[]) AS wanted (ident, channel, account)
               JOIN omnilogs.version AS version ON version.ident = wanted.ident
               AND version.channel = wanted.channel AND version.account = wanted.account";
    let mut messages: BTreeMap<RowKey, Versions> = BTreeMap::new();
    for row in session.query(sql, &[&lists.idents, &lists.channels, &lists.accounts])? {
        let key = RowKey::read(&row, 0)?;
        let hash = hash(row.try_get(3)?);
        let seen_at: i64 = row.try_get(4)?;
        let log = stored_bytes::log(row.try_get(6)?, Fault::from_code(row.try_get(5)?));
        let order = (Rank::of(&log), seen_at, hash);
        match messages.get_mut(&key) {
            None => {
                let first = Versions { count: 1, first_seen: seen_at, greatest: (order, log) };
                messages.insert(key, first);
            }
            Some(versions) => {
                versions.count += 1;
                versions.first_seen = versions.first_seen.min(seen_at);
                if order > versions.greatest.0 {
                    versions.greatest = (order, log);
                }
            }
        }
    }
    Ok(messages)
}

/// Converts a stored hash. A hash of another length becomes one that no version has.
pub(super) fn hash(bytes: &[u8]) -> [u8; HASH_BYTES] {
    bytes.try_into().unwrap_or_default()
}
