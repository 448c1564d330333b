//! Counts the contents of an archive.

use rusqlite::{Connection, OptionalExtension, params};

use super::database_error::DatabaseFailure;
use super::runs::count;
use crate::archive::account::AccountId;
use crate::archive::maintenance::{AccountFigures, StoreFigures};

pub(super) fn of_account(
    connection: &Connection,
    account: AccountId,
) -> Result<AccountFigures, DatabaseFailure> {
    // The index of keys contains the account, so that SQLite need not read the messages.
    let counted = "SELECT count(*) FROM message INDEXED BY message_key WHERE account = ?1";
    let end = |order| -> Result<Option<i64>, DatabaseFailure> {
        let sql =
            format!("SELECT at FROM message WHERE account = ?1 ORDER BY at {order}, id LIMIT 1");
        Ok(connection.query_row(&sql, [account.0], |row| row.get(0)).optional()?)
    };
    Ok(AccountFigures {
        messages: connection.query_row(counted, params![account.0], |row| count(row, 0))?,
        oldest: end("ASC")?,
        newest: end("DESC")?,
    })
}

pub(super) fn of_store(connection: &Connection) -> Result<StoreFigures, DatabaseFailure> {
    let number = |sql| connection.query_row(sql, [], |row| count(row, 0));
    let page_size = number("PRAGMA page_size")?;
    Ok(StoreFigures {
        messages: number("SELECT count(*) FROM message")?,
        versions: number("SELECT count(*) FROM version")?,
        bytes: page_size * number("PRAGMA page_count")?,
        free_bytes: Some(page_size * number("PRAGMA freelist_count")?),
        erasures: number("SELECT count(*) FROM erasure")?,
    })
}
