//! Checks an archive without changing it.

use rusqlite::{Connection, Row};

use super::database_error::DatabaseFailure;
use super::runs::count;
use crate::archive::error::StoreError;
use crate::archive::maintenance::{Verification, VerifyDepth};
use crate::archive::message_columns::{HASH_BYTES, MessageColumns, message_key, row_hash};
use crate::archive::stored_bytes::{self, Fault};
use crate::model::Log;

/// The maximum number of structural problems that SQLite lists.
const MAX_PROBLEMS: usize = 100;

/// Statements that count invalid references and ranges, with the description of what they count.
const COUNTS: [(&str, &str); 8] = [
    (
        "SELECT count(*) FROM version
         WHERE NOT EXISTS (SELECT 1 FROM message WHERE message.id = version.message)",
        "versions without a message",
    ),
    (
        "SELECT count(*) FROM message LEFT JOIN version ON version.id = message.version
         WHERE version.message IS NOT message.id",
        "messages without a current version",
    ),
    (
        "SELECT count(*) FROM message
         WHERE versions <> (SELECT count(*) FROM version WHERE version.message = message.id)",
        "messages with a wrong number of versions",
    ),
    (
        "SELECT count(*) FROM message WHERE account NOT IN (SELECT id FROM account)",
        "messages without an account",
    ),
    (
        "SELECT count(*) FROM version WHERE run NOT IN (SELECT id FROM run)",
        "versions without a run",
    ),
    (
        "SELECT count(*) FROM coverage WHERE since >= until
         OR account NOT IN (SELECT id FROM account)",
        "covered ranges that are empty or without an account",
    ),
    (
        "SELECT count(*) FROM (SELECT until, lead(since)
         OVER (PARTITION BY account, scope ORDER BY since) AS next FROM coverage) WHERE until > next",
        "pairs of overlapping covered ranges",
    ),
    (
        "SELECT count(*) FROM gap WHERE since >= until OR account NOT IN (SELECT id FROM account)",
        "gaps that are empty or without an account",
    ),
];

pub(super) fn verify(
    connection: &Connection,
    depth: VerifyDepth,
) -> Result<Verification, DatabaseFailure> {
    let mut verification = Verification::default();
    match check(connection, depth, &mut verification) {
        Err(failure) => match failure.named("") {
            StoreError::Damaged { reason, .. } => {
                verification.problems.push(format!("the file cannot be read: {reason}"));
                Ok(verification)
            }
            error => Err(error.into()),
        },
        Ok(()) => Ok(verification),
    }
}

fn check(
    connection: &Connection,
    depth: VerifyDepth,
    verification: &mut Verification,
) -> Result<(), DatabaseFailure> {
    verification.problems.extend(structure(connection, depth)?);
    if !verification.problems.is_empty() {
        return Ok(());
    }
    let number = |sql| connection.query_row(sql, [], |row| count(row, 0));
    for (sql, what) in COUNTS {
        let wrong = number(sql)?;
        if wrong > 0 {
            verification.problems.push(format!("{what}: {wrong}"));
        }
    }
    verification.messages = number("SELECT count(*) FROM message")?;
    verification.versions = number("SELECT count(*) FROM version")?;
    if depth == VerifyDepth::Full {
        check_hashes(connection, verification)?;
        check_columns(connection, verification)?;
    }
    Ok(())
}

/// The problems that SQLite finds in the structure of the file.
pub(super) fn structure(
    connection: &Connection,
    depth: VerifyDepth,
) -> Result<Vec<String>, DatabaseFailure> {
    let pragma = match depth {
        VerifyDepth::Structure => "quick_check",
        VerifyDepth::Full => "integrity_check",
    };
    let mut select = connection.prepare(&format!("PRAGMA {pragma}({MAX_PROBLEMS})"))?;
    let lines: Vec<String> = select.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    // SQLite puts all problems of a database into one row, below a line with its name.
    let problems = lines.iter().flat_map(|row| row.lines());
    let is_problem = |line: &&str| *line != "ok" && !line.starts_with("*** in database");
    Ok(problems.filter(is_problem).map(str::to_owned).collect())
}

fn check_hashes(
    connection: &Connection,
    verification: &mut Verification,
) -> Result<(), DatabaseFailure> {
    let mut select = connection.prepare("SELECT hash, raw FROM version")?;
    let mut versions = select.query([])?;
    let mut changed = 0_u64;
    while let Some(row) = versions.next()? {
        let hash: [u8; HASH_BYTES] = row.get(0)?;
        let raw = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
        changed += u64::from(row_hash(raw) != hash);
    }
    if changed > 0 {
        verification
            .problems
            .push(format!("versions that changed after they were written: {changed}"));
    }
    Ok(())
}

/// Compares the columns of every message with its current version.
fn check_columns(
    connection: &Connection,
    verification: &mut Verification,
) -> Result<(), DatabaseFailure> {
    let mut select = connection.prepare(
        "SELECT fault, raw, hash, ident, channel, bulk_id, sender, destination, sent_at, done_at,
         status_group, status_name, status_id, rank, mccmnc, at, first_seen, changed_at, seen_at
         FROM message CROSS JOIN version ON version.id = message.version",
    )?;
    let mut messages = select.query([])?;
    while let Some(row) = messages.next()? {
        verification.stale_messages += u64::from(!agrees(row)?);
    }
    Ok(())
}

fn agrees(row: &Row<'_>) -> rusqlite::Result<bool> {
    let log: Log = stored_bytes::log(row.get_ref(1)?.as_blob()?, Fault::from_code(row.get(0)?));
    let hash: [u8; HASH_BYTES] = row.get(2)?;
    let text = |column: usize, expected: &str| -> rusqlite::Result<bool> {
        Ok(row.get_ref(column)?.as_str()? == expected)
    };
    let number = |column: usize| row.get::<_, Option<i64>>(column);
    let (key, columns) = (message_key(&log, &hash), MessageColumns::of(&log));
    let at = match columns.sent_at {
        Some(at) => Some(at),
        None => number(16)?,
    };
    // The key of a message without an id is the hash of its first version.
    let has_key = key.message_id().is_none() || text(3, &key.ident)?;
    Ok(has_key
        && text(4, &key.channel)?
        && text(5, &columns.bulk_id)?
        && text(6, &columns.sender)?
        && text(7, &columns.destination)?
        && number(8)? == columns.sent_at
        && number(9)? == columns.done_at
        && text(10, &columns.status_group)?
        && text(11, &columns.status_name)?
        && number(12)? == columns.status_id
        && number(13)? == Some(columns.rank as i64)
        && text(14, &columns.mccmnc)?
        && number(15)? == at
        && number(17)? == number(18)?)
}
