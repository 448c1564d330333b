//! Accounts, runs and bookmarks.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::database_error::DatabaseFailure;
use crate::archive::account::{Account, AccountId};
use crate::archive::error::StoreError;
use crate::archive::run::{RunCounts, RunId, RunRecord, RunStart};

pub(super) fn accounts(connection: &Connection) -> Result<Vec<Account>, DatabaseFailure> {
    let mut select = connection.prepare("SELECT id, name, base_url FROM account ORDER BY id")?;
    let read = |row: &Row<'_>| {
        Ok(Account { id: AccountId(row.get(0)?), name: row.get(1)?, base_url: row.get(2)? })
    };
    Ok(select.query_map([], read)?.collect::<Result<_, _>>()?)
}

pub(super) fn add_account(
    connection: &Connection,
    name: &str,
    base_url: &str,
) -> Result<AccountId, DatabaseFailure> {
    let known = accounts(connection)?.into_iter().find(|account| account.name == name);
    if let Some(account) = known {
        if base_url.is_empty() || account.base_url == base_url {
            return Ok(account.id);
        }
        if may_move(connection, &account)? {
            let sql = "UPDATE account SET base_url = ?2 WHERE id = ?1";
            connection.execute(sql, params![account.id.0, base_url])?;
            return Ok(account.id);
        }
        return Err(StoreError::OtherServer {
            name: String::new(),
            account: account.name,
            stored: account.base_url,
            given: base_url.to_owned(),
        }
        .into());
    }
    let sql = "INSERT INTO account (name, base_url) VALUES (?1, ?2)";
    connection.execute(sql, [name, base_url])?;
    Ok(AccountId(connection.last_insert_rowid()))
}

/// Whether an account may get another base URL: it has none yet, or holds nothing of its server.
fn may_move(connection: &Connection, account: &Account) -> Result<bool, DatabaseFailure> {
    if account.base_url.is_empty() {
        return Ok(true);
    }
    let sql = "SELECT NOT EXISTS (SELECT 1 FROM coverage WHERE account = ?1)
               AND NOT EXISTS (SELECT 1 FROM message WHERE account = ?1)";
    Ok(connection.query_row(sql, [account.id.0], |row| row.get(0))?)
}

pub(super) fn begin(
    connection: &Connection,
    start: &RunStart<'_>,
) -> Result<RunId, DatabaseFailure> {
    connection.execute(
        "INSERT INTO run (account, started, outcome, requests, rows, new, changed, program, host)
         VALUES (?1, ?2, '', 0, 0, 0, 0, ?3, ?4)",
        params![start.account.0, start.started, start.program, start.host],
    )?;
    Ok(RunId(connection.last_insert_rowid()))
}

pub(super) fn end(
    connection: &Connection,
    run: RunId,
    ended: i64,
    outcome: &str,
    counts: &RunCounts,
) -> Result<(), DatabaseFailure> {
    connection.execute(
        "UPDATE run SET ended = ?2, outcome = ?3, requests = ?4, rows = ?5, new = ?6, changed = ?7,
         clock_offset = ?8 WHERE id = ?1",
        params![
            run.0,
            ended,
            outcome,
            stored(counts.requests),
            stored(counts.rows),
            stored(counts.new),
            stored(counts.changed),
            counts.clock_offset
        ],
    )?;
    Ok(())
}

pub(super) fn latest(
    connection: &Connection,
    account: AccountId,
    limit: usize,
) -> Result<Vec<RunRecord>, DatabaseFailure> {
    let mut select = connection.prepare(
        "SELECT id, started, ended, outcome, requests, rows, new, changed, clock_offset, program,
         host FROM run WHERE account = ?1 ORDER BY id DESC LIMIT ?2",
    )?;
    let read = |row: &Row<'_>| {
        Ok(RunRecord {
            id: RunId(row.get(0)?),
            account,
            started: row.get(1)?,
            ended: row.get(2)?,
            outcome: row.get(3)?,
            counts: RunCounts {
                requests: count(row, 4)?,
                rows: count(row, 5)?,
                new: count(row, 6)?,
                changed: count(row, 7)?,
                clock_offset: row.get(8)?,
            },
            program: row.get(9)?,
            host: row.get(10)?,
        })
    };
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    Ok(select.query_map(params![account.0, limit], read)?.collect::<Result<_, _>>()?)
}

pub(super) fn bookmark(
    connection: &Connection,
    account: AccountId,
    name: &str,
) -> Result<Option<i64>, DatabaseFailure> {
    let sql = "SELECT value FROM bookmark WHERE account = ?1 AND name = ?2";
    Ok(connection.query_row(sql, params![account.0, name], |row| row.get(0)).optional()?)
}

pub(super) fn set_bookmark(
    connection: &Connection,
    account: AccountId,
    name: &str,
    value: i64,
) -> Result<(), DatabaseFailure> {
    let sql = "INSERT OR REPLACE INTO bookmark (account, name, value) VALUES (?1, ?2, ?3)";
    connection.execute(sql, params![account.0, name, value])?;
    Ok(())
}

/// Converts a count to an integer of SQLite.
pub(super) fn stored(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Reads a count from a column.
pub(super) fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    Ok(u64::try_from(row.get::<_, i64>(column)?).unwrap_or_default())
}
