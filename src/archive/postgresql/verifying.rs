//! Checks an archive without changing it. What the server keeps of its own files, it checks itself.

use postgres::Row;

use super::current_version::hash;
use super::failure::ServerFailure;
use super::index_text::stored_key;
use super::message_row::{COLUMN_COUNT, COLUMNS, CurrentText, MessageRow};
use super::session::Session;
use crate::archive::error::StoreError;
use crate::archive::maintenance::{Verification, VerifyDepth};
use crate::archive::message_columns::{message_key, row_hash};
use crate::archive::stored_bytes::{self, Fault};

/// Texts that are read at once.
const STEP: usize = 1000;

/// References that must hold, and ranges that must make sense: how many do not, and what to say. `$1`
/// are the accounts, `$2` the runs.
const COUNTS: [(&str, &str); 8] = [
    (
        "SELECT count(*) FROM omnilogs.version AS version
         WHERE NOT EXISTS (SELECT 1 FROM omnilogs.message AS message
         WHERE message.ident = version.ident AND message.channel = version.channel
         AND message.account = version.account)",
        "texts belong to no message",
    ),
    (
        "SELECT count(*) FROM omnilogs.message AS message
         WHERE NOT EXISTS (SELECT 1 FROM omnilogs.version AS version
         WHERE version.ident = message.ident AND version.channel = message.channel
         AND version.account = message.account AND version.hash = message.hash)",
        "messages have no text that counts",
    ),
    (
        "SELECT count(*) FROM omnilogs.message AS message LEFT JOIN
         (SELECT ident, channel, account, count(*) AS texts FROM omnilogs.version
         GROUP BY ident, channel, account) AS held ON held.ident = message.ident
         AND held.channel = message.channel AND held.account = message.account
         WHERE message.versions <> coalesce(held.texts, 0)",
        "messages record another number of texts than they have",
    ),
    (
        "SELECT count(*) FROM omnilogs.message WHERE account <> ALL($1)",
        "messages belong to no account",
    ),
    ("SELECT count(*) FROM omnilogs.version WHERE run <> ALL($1)", "texts belong to no run"),
    (
        "SELECT count(*) FROM omnilogs.coverage WHERE since >= until OR account <> ALL($1)",
        "covered ranges are empty or belong to no account",
    ),
    (
        "SELECT count(*) FROM (SELECT until, lead(since)
         OVER (PARTITION BY account, scope ORDER BY since) AS next FROM omnilogs.coverage) AS piece
         WHERE until > next",
        "pairs of covered ranges overlap",
    ),
    (
        "SELECT count(*) FROM omnilogs.gap WHERE since >= until OR account <> ALL($1)",
        "gaps are empty or belong to no account",
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
            verification.problems.push(format!("{wrong} {what}"));
        }
    }
    verification.messages = session.count("SELECT count(*) FROM omnilogs.message", &[])?;
    verification.versions = session.count("SELECT count(*) FROM omnilogs.version", &[])?;
    if depth == VerifyDepth::Full {
        check_texts(session, verification)?;
    }
    Ok(())
}

/// Compares every text with its hash, and the columns of its message, if it counts, with the text.
fn check_texts(
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
        verification.problems.push(format!("{changed} texts have changed since they were written"));
    }
    Ok(())
}

/// What is wrong with a text.
struct CheckedText {
    /// It does not have its hash.
    is_changed: bool,
    /// Its message has other columns.
    is_stale: bool,
}

fn checked(row: &Row) -> Result<CheckedText, ServerFailure> {
    let stored: &[u8] = row.try_get(COLUMN_COUNT + 3)?;
    let seen_at = row.try_get(COLUMN_COUNT + 4)?;
    let fault = Fault::from_code(row.try_get(COLUMN_COUNT + 5)?);
    let raw: &[u8] = row.try_get(COLUMN_COUNT + 6)?;
    let counts = row.try_get::<_, Option<&str>>(0)?.is_some();
    let mut is_stale = false;
    if counts {
        let log = stored_bytes::log(raw, fault);
        let current = CurrentText { log: &log, hash: hash(stored), seen_at };
        let key = stored_key(&message_key(&log, stored));
        is_stale = !MessageRow::read(row)?.agrees_with(key, &current);
    }
    Ok(CheckedText { is_changed: row_hash(raw) != stored, is_stale })
}
