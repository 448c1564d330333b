//! Checks an archive without changing it. The structure of its files is the concern of the server.

use postgres::Row;

use super::current_version::hash;
use super::failure::ServerFailure;
use super::index_text::stored_key;
use super::message_row::{COLUMN_COUNT, COLUMNS, CurrentRow, MessageRow};
use super::session::Session;
use crate::archive::error::StoreError;
use crate::archive::maintenance::{Verification, VerifyDepth};
use crate::archive::message_columns::{MessageColumns, message_key, row_hash};
use crate::archive::stored_bytes::{self, Fault};

/// The number of versions that are read at once.
const STEP: usize = 1000;

/// Statements that count invalid references and ranges, with the description of what they count.
/// Their parameter, if they have one, is the list of all runs after `run <>`, otherwise that of all
/// accounts.
const COUNTS: [(&str, &str); 8] = [
    (
        "SELECT count(*) FROM omnilogs.version AS version
         WHERE NOT EXISTS (SELECT 1 FROM omnilogs.message AS message
         WHERE message.ident = version.ident AND message.channel = version.channel
         AND message.account = version.account)",
        "versions without a message",
    ),
    (
        "SELECT count(*) FROM omnilogs.message AS message
         WHERE NOT EXISTS (SELECT 1 FROM omnilogs.version AS version
         WHERE version.ident = message.ident AND version.channel = message.channel
         AND version.account = message.account AND version.hash = message.hash)",
        "messages without a current version",
    ),
    (
        "SELECT count(*) FROM omnilogs.message AS message LEFT JOIN
         (SELECT ident, channel, account, count(*) AS versions FROM omnilogs.version
         GROUP BY ident, channel, account) AS held ON held.ident = message.ident
         AND held.channel = message.channel AND held.account = message.account
         WHERE message.versions <> coalesce(held.versions, 0)",
        "messages with a wrong number of versions",
    ),
    (
        "SELECT count(*) FROM omnilogs.message WHERE account <> ALL($1)",
        "messages without an account",
    ),
    ("SELECT count(*) FROM omnilogs.version WHERE run <> ALL($1)", "versions without a run"),
    (
        "SELECT count(*) FROM omnilogs.coverage WHERE since >= until OR account <> ALL($1)",
        "covered ranges that are empty or without an account",
    ),
    (
        "SELECT count(*) FROM (SELECT until, lead(since)
         OVER (PARTITION BY account, scope ORDER BY since) AS next FROM omnilogs.coverage) AS piece
         WHERE until > next",
        "pairs of overlapping covered ranges",
    ),
    (
        "SELECT count(*) FROM omnilogs.gap WHERE since >= until OR account <> ALL($1)",
        "gaps that are empty or without an account",
    ),
];

pub(super) fn verify(
    session: &mut Session,
    depth: VerifyDepth,
) -> Result<Verification, ServerFailure> {
    let mut verification = Verification::default();
    match check(session, depth, &mut verification) {
        Err(failure) if failure.is_transient() => Err(failure),
        Err(failure) => match failure.named("", "") {
            StoreError::Damaged { reason, .. } => {
                verification.problems.push(format!("the database cannot be read: {reason}"));
                Ok(verification)
            }
            error => Err(error.into()),
        },
        Ok(()) => Ok(verification),
    }
}

fn check(
    session: &mut Session,
    depth: VerifyDepth,
    verification: &mut Verification,
) -> Result<(), ServerFailure> {
    let mut ids = |sql| -> Result<Vec<i64>, ServerFailure> {
        let rows = session.query(sql, &[])?;
        Ok(rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?)
    };
    let accounts = ids("SELECT id FROM omnilogs.account")?;
    let runs = ids("SELECT id FROM omnilogs.run")?;
    for (sql, what) in COUNTS {
        let wrong = if sql.contains("run <>") {
            session.count(sql, &[&runs])?
        } else if sql.contains("$1") {
            session.count(sql, &[&accounts])?
        } else {
            session.count(sql, &[])?
        };
        if wrong > 0 {
            verification.problems.push(format!("{what}: {wrong}"));
        }
    }
    verification.messages = session.count("SELECT count(*) FROM omnilogs.message", &[])?;
    verification.versions = session.count("SELECT count(*) FROM omnilogs.version", &[])?;
    if depth == VerifyDepth::Full {
        check_versions(session, verification)?;
    }
    Ok(())
}

/// Compares every version with its hash, and the current ones with the columns of their messages.
fn check_versions(
    session: &mut Session,
    verification: &mut Verification,
) -> Result<(), ServerFailure> {
    let sql = format!(
        "SELECT {COLUMNS}, version.ident, version.channel, version.account, version.hash,
                version.seen_at, version.fault, version.raw
         FROM (SELECT * FROM omnilogs.version
               WHERE (ident, channel, account, hash) > ($1, $2, $3, $4)
               ORDER BY ident, channel, account, hash LIMIT {STEP}) AS version
         LEFT JOIN omnilogs.message AS message ON message.ident = version.ident
         AND message.channel = version.channel AND message.account = version.account
         AND message.hash = version.hash
         ORDER BY version.ident, version.channel, version.account, version.hash"
    );
    let (mut ident, mut channel, mut account) = (String::new(), String::new(), i64::MIN);
    let (mut last_hash, mut changed): (Vec<u8>, u64) = (Vec::new(), 0);
    loop {
        let rows = session.query(&sql, &[&ident, &channel, &account, &last_hash])?;
        for row in &rows {
            let found = checked(row)?;
            changed += u64::from(found.is_changed);
            verification.stale_messages += u64::from(found.is_stale);
        }
        let Some(last) = rows.last() else { break };
        (ident, channel) = (last.try_get(COLUMN_COUNT)?, last.try_get(COLUMN_COUNT + 1)?);
        (account, last_hash) = (last.try_get(COLUMN_COUNT + 2)?, last.try_get(COLUMN_COUNT + 3)?);
    }
    if changed > 0 {
        verification
            .problems
            .push(format!("versions that changed after they were written: {changed}"));
    }
    Ok(())
}

/// The result of checking one version.
struct CheckedVersion {
    /// Whether its bytes do not have the stored hash.
    is_changed: bool,
    /// Whether it is the current version, and the columns of its message differ from it.
    is_stale: bool,
}

fn checked(row: &Row) -> Result<CheckedVersion, ServerFailure> {
    let stored: &[u8] = row.try_get(COLUMN_COUNT + 3)?;
    let seen_at = row.try_get(COLUMN_COUNT + 4)?;
    let fault = Fault::from_code(row.try_get(COLUMN_COUNT + 5)?);
    let raw: &[u8] = row.try_get(COLUMN_COUNT + 6)?;
    let is_current = row.try_get::<_, Option<&str>>(0)?.is_some();
    let mut is_stale = false;
    if is_current {
        let log = stored_bytes::log(raw, fault);
        let current = CurrentRow { columns: MessageColumns::of(&log), hash: hash(stored), seen_at };
        let key = stored_key(&message_key(&log, stored));
        is_stale = !MessageRow::read(row)?.agrees_with(key, current);
    }
    Ok(CheckedVersion { is_changed: row_hash(raw) != stored, is_stale })
}
