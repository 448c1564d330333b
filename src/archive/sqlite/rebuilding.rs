//! Computes the table `message` again from the table `version`.

use rusqlite::{Connection, OptionalExtension, params};

use super::current_version;
use super::database::Database;
use super::database_error::DatabaseFailure;
use crate::archive::error::StoreError;
use crate::archive::lease::Lease;
use crate::archive::message_columns::{message_key, row_hash};
use crate::archive::stored_bytes::{self, Fault};

/// The number of messages per transaction: a sync can write between two transactions.
const STEP: i64 = 5000;

pub(super) fn rebuild(database: &mut Database, lease: &Lease) -> Result<u64, StoreError> {
    database.write_under(lease, restore_lost_messages)?;
    let (mut changed, mut after) = (0, 0);
    loop {
        let step = database.write_under(lease, |transaction| {
            let ids: Vec<i64> = transaction
                .prepare_cached("SELECT id FROM message WHERE id > ?1 ORDER BY id LIMIT ?2")?
                .query_map([after, STEP], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            let mut changed = 0;
            for id in &ids {
                changed += u64::from(current_version::recompute(transaction, *id)?);
            }
            Ok(ids.last().map(|last| (*last, changed)))
        })?;
        let Some((last, more)) = step else { return Ok(changed) };
        after = last;
        changed += more;
    }
}

/// Restores the messages of versions that have none. The run that wrote a version records its
/// account.
fn restore_lost_messages(connection: &rusqlite::Transaction<'_>) -> Result<(), DatabaseFailure> {
    let lost: Vec<i64> = connection
        .prepare(
            "SELECT DISTINCT message FROM version
             WHERE NOT EXISTS (SELECT 1 FROM message WHERE message.id = version.message)",
        )?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for message in lost {
        restore(connection, message)?;
    }
    Ok(())
}

fn restore(connection: &Connection, message: i64) -> Result<(), DatabaseFailure> {
    let (version, account, log) = connection.query_row(
        "SELECT version.id, run.account, fault, raw FROM version JOIN run ON run.id = version.run
         WHERE message = ?1 LIMIT 1",
        [message],
        |row| {
            let fault = Fault::from_code(row.get(2)?);
            let log = stored_bytes::log(row.get_ref(3)?.as_blob()?, fault);
            Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, log))
        },
    )?;
    let key = message_key(&log, &row_hash(log.bytes()));
    let known: Option<i64> = connection
        .query_row(
            "SELECT id FROM message WHERE ident = ?1 AND channel = ?2 AND account = ?3",
            params![key.ident, key.channel, account],
            |row| row.get(0),
        )
        .optional()?;
    if let Some(known) = known {
        let move_versions = "UPDATE version SET message = ?2 WHERE message = ?1";
        connection.execute(move_versions, [message, known])?;
        return Ok(());
    }
    connection.execute(
        "INSERT INTO message (id, account, ident, channel, bulk_id, sender, destination, at,
         status_group, status_name, rank, mccmnc, version, versions, first_seen, changed_at)
         VALUES (?1, ?2, ?3, ?4, '', '', '', 0, '', '', 0, '', ?5, 0, 0, 0)",
        params![message, account, key.ident, key.channel, version],
    )?;
    Ok(())
}
