//! Accounts, runs and bookmarks.

use postgres::Row;

use super::failure::ServerFailure;
use super::index_text::plain;
use super::session::{Session, counted, stored};
use crate::archive::account::{Account, AccountId};
use crate::archive::error::StoreError;
use crate::archive::message_columns::{escaped, unescaped};
use crate::archive::run::{RunCounts, RunId, RunRecord, RunStart};

/// Reads a column with an escaped text.
pub(super) fn text(row: &Row, column: usize) -> Result<String, postgres::Error> {
    Ok(unescaped(row.try_get(column)?).into_owned())
}

pub(super) fn accounts(session: &mut Session) -> Result<Vec<Account>, ServerFailure> {
    let sql = "SELECT id, name, base_url FROM omnilogs.account ORDER BY id";
    let read = |row: &Row| {
        Ok(Account { id: AccountId(row.try_get(0)?), name: text(row, 1)?, base_url: text(row, 2)? })
    };
    session.query(sql, &[])?.iter().map(read).collect()
}

pub(super) fn add_account(
    session: &mut Session,
    name: &str,
    base_url: &str,
) -> Result<AccountId, ServerFailure> {
    let known = accounts(session)?;
    if let Some(account) = known.iter().find(|account| account.name == name) {
        if base_url.is_empty() || account.base_url == base_url {
            return Ok(account.id);
        }
        if may_move(session, account)? {
            let sql = "UPDATE omnilogs.account SET base_url = $2 WHERE id = $1";
            session.execute(sql, &[&account.id.0, &escaped(base_url)])?;
            return Ok(account.id);
        }
        return Err(StoreError::OtherServer {
            name: String::new(),
            account: account.name.clone(),
            stored: account.base_url.clone(),
            given: base_url.to_owned(),
        }
        .into());
    }
    let id = known.last().map_or(1, |account| account.id.0 + 1);
    let sql = "INSERT INTO omnilogs.account (id, name, base_url) VALUES ($1, $2, $3)";
    session.execute(sql, &[&id, &escaped(name), &escaped(base_url)])?;
    Ok(AccountId(id))
}

/// Whether an account may get another base URL: it has none yet, or holds nothing of its server.
fn may_move(session: &mut Session, account: &Account) -> Result<bool, ServerFailure> {
    if account.base_url.is_empty() {
        return Ok(true);
    }
    let sql = "SELECT NOT EXISTS (SELECT 1 FROM omnilogs.coverage WHERE account = $1)
               AND NOT EXISTS (SELECT 1 FROM omnilogs.message WHERE account = $1)";
    Ok(session.value(sql, &[&account.id.0])? == Some(true))
}

/// Records that a run begins, unless an earlier attempt of this transaction has recorded it.
pub(super) fn begin(session: &mut Session, start: &RunStart<'_>) -> Result<RunId, ServerFailure> {
    let RunStart { account, started, program, host } = start;
    let (program, host) = (escaped(program), escaped(host));
    let sql = "SELECT id FROM omnilogs.run WHERE account = $1 AND started = $2 AND program = $3
               AND host = $4 AND ended IS NULL";
    let known: Option<i64> = session.value(sql, &[&account.0, started, &program, &host])?;
    if let Some(id) = known {
        return Ok(RunId(id));
    }
    let sql =
        "INSERT INTO omnilogs.run (id, account, started, outcome, requests, rows, new, changed,
               program, host) SELECT coalesce(max(id), 0) + 1, $1, $2, '', 0, 0, 0, 0, $3, $4
               FROM omnilogs.run RETURNING id";
    let id = session.value(sql, &[&account.0, started, &program, &host])?;
    Ok(RunId(id.unwrap_or_default()))
}

pub(super) fn end(
    session: &mut Session,
    run: RunId,
    ended: i64,
    outcome: &str,
    counts: &RunCounts,
) -> Result<(), ServerFailure> {
    session.execute(
        "UPDATE omnilogs.run SET ended = $2, outcome = $3, requests = $4, rows = $5, new = $6,
         changed = $7, clock_offset = $8 WHERE id = $1",
        &[
            &run.0,
            &ended,
            &escaped(outcome),
            &stored(counts.requests),
            &stored(counts.rows),
            &stored(counts.new),
            &stored(counts.changed),
            &counts.clock_offset,
        ],
    )?;
    Ok(())
}

pub(super) fn latest(
    session: &mut Session,
    account: AccountId,
    limit: usize,
) -> Result<Vec<RunRecord>, ServerFailure> {
    let sql = "SELECT id, started, ended, outcome, requests, rows, new, changed, clock_offset,
               program, host FROM omnilogs.run WHERE account = $1 ORDER BY id DESC LIMIT $2";
    let read = |row: &Row| {
        Ok(RunRecord {
            id: RunId(row.try_get(0)?),
            account,
            started: row.try_get(1)?,
            ended: row.try_get(2)?,
            outcome: text(row, 3)?,
            counts: RunCounts {
                requests: counted(row.try_get(4)?),
                rows: counted(row.try_get(5)?),
                new: counted(row.try_get(6)?),
                changed: counted(row.try_get(7)?),
                clock_offset: row.try_get(8)?,
            },
            program: text(row, 9)?,
            host: text(row, 10)?,
        })
    };
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    session.query(sql, &[&account.0, &limit])?.iter().map(read).collect()
}

pub(super) fn bookmark(
    session: &mut Session,
    account: AccountId,
    name: &str,
) -> Result<Option<i64>, ServerFailure> {
    let sql = "SELECT value FROM omnilogs.bookmark WHERE account = $1 AND name = $2";
    Ok(session.value(sql, &[&account.0, &plain(name)])?)
}

pub(super) fn set_bookmark(
    session: &mut Session,
    account: AccountId,
    name: &str,
    value: i64,
) -> Result<(), ServerFailure> {
    let sql = "INSERT INTO omnilogs.bookmark (account, name, value) VALUES ($1, $2, $3)
               ON CONFLICT (account, name) DO UPDATE SET value = excluded.value";
    session.execute(sql, &[&account.0, &plain(name), &value])?;
    Ok(())
}
