//! Counts the contents of an archive.

use rusqlite::{Connection, OptionalExtension, params};

use super::database_error::DatabaseFailure;
use super::reading;
use super::runs::count;
use crate::archive::account::AccountId;
use crate::archive::maintenance::{AccountFigures, StoreFigures};
use crate::archive::message_columns::escaped;
use crate::archive::selection::Selection;

/// In a larger archive, no message is searched without an index, because that reads the table of all
/// messages.
const MAX_SCANNED_BYTES: u64 = 256 << 20;

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

/// Counts the messages with the ids of a selection, or with its id prefix, in the table itself, if no
/// other connection has written since and the archive is small.
pub(super) fn ids_without_index(
    connection: &Connection,
    selection: &Selection,
    since: i64,
) -> Result<Option<u64>, DatabaseFailure> {
    let number = |sql| connection.query_row(sql, [], |row| count(row, 0));
    let is_small = number("PRAGMA page_size")? * number("PRAGMA page_count")? <= MAX_SCANNED_BYTES;
    if !is_small || reading::change_number(connection)? != since {
        return Ok(None);
    }
    let ids: Vec<_> = selection.message_ids.iter().map(|id| escaped(id)).collect();
    let ids = serde_json::to_string(&ids).unwrap_or_default();
    let prefix = selection.message_id_prefix.as_deref().map(escaped);
    // No character sorts after this one.
    let end = prefix.as_ref().map(|prefix| format!("{prefix}\u{10FFFF}"));
    let account = selection.account.map(|AccountId(account)| account);
    let sql = "SELECT count(*) FROM message NOT INDEXED
               WHERE (?1 IS NULL OR account = ?1)
                 AND (ident IN (SELECT value FROM json_each(?2)) OR (ident >= ?3 AND ident < ?4))";
    let values = params![account, ids, prefix.as_deref(), end];
    Ok(Some(connection.query_row(sql, values, |row| count(row, 0))?))
}
