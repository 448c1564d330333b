//! Reads messages by keyset: each page continues after the last row of the page before it, so that
//! the last page of ten million rows costs as much as the first.

use rusqlite::types::Value;
use rusqlite::{Connection, Row, params, params_from_iter};

use super::database_error::DatabaseFailure;
use crate::archive::account::AccountId;
use crate::archive::message_columns::{MessageKey, escaped, texts_with_prefix};
use crate::archive::selection::{Cursor, PendingMessage, Selection, StoredVersion};
use crate::archive::stored_bytes::{self, Fault};
use crate::archive::stored_rows::{RowHead, StoredRows};
use crate::model::TimeRange;

/// In a larger archive, no message is searched without an index, because that reads the table of all
/// messages.
const MAX_SCANNED_BYTES: u64 = 256 << 20;

const NO_VERSION: &str = "a message has no current version";
const WRONG_ORDER: &str = "the messages are not in the order of their times";
const WRONG_COUNT: &str = "a message has a wrong number of versions";

pub(super) fn rows(
    connection: &Connection,
    selection: &Selection,
    after: Option<&Cursor>,
    limit: usize,
    rows: &mut StoredRows,
) -> Result<(), DatabaseFailure> {
    let Statement { sql, values } = Statement::of(selection, after, limit);
    let mut select = connection.prepare_cached(&sql)?;
    let mut found = select.query(params_from_iter(values))?;
    rows.clear();
    let range = selection.range.unwrap_or(TimeRange { since: i64::MIN, until: i64::MAX });
    let mut previous = place(after, range.until);
    while let Some(row) = found.next()? {
        let head = row_head(row)?;
        // The entries of a damaged index can be in another order, and the next page would then begin at
        // a wrong place.
        let current = (head.at, head.cursor.number);
        if current >= previous || head.at < range.since {
            return Err(DatabaseFailure::Damage(WRONG_ORDER));
        }
        previous = current;
        rows.push(head, text(row, 5)?);
    }
    Ok(())
}

fn row_head(row: &Row<'_>) -> Result<RowHead, DatabaseFailure> {
    let (at, id): (i64, i64) = (row.get(0)?, row.get(1)?);
    let Some(hash) = row.get(3)? else { return Err(DatabaseFailure::Damage(NO_VERSION)) };
    Ok(RowHead {
        account: AccountId(row.get(2)?),
        at,
        hash,
        fault: Fault::from_code(row.get(4)?),
        cursor: cursor(at, id),
    })
}

/// The text of a version, from its column `raw`.
fn text<'r>(row: &'r Row<'_>, column: usize) -> rusqlite::Result<&'r [u8]> {
    Ok(row.get_ref(column)?.as_blob()?)
}

/// The cursor after a message.
pub(super) fn cursor(at: i64, id: i64) -> Cursor {
    Cursor { at, number: id }
}

/// The place in the order (at, id) after which reading continues.
fn place(after: Option<&Cursor>, until: i64) -> (i64, i64) {
    let Some(cursor) = after else { return (until, i64::MIN) };
    (cursor.at, cursor.number).min((until, i64::MIN))
}

/// An SQL statement with its values.
pub(super) struct Statement {
    pub(super) sql: String,
    pub(super) values: Vec<Value>,
}

impl Statement {
    pub(super) fn of(selection: &Selection, after: Option<&Cursor>, limit: usize) -> Self {
        let range = selection.range.unwrap_or(TimeRange { since: i64::MIN, until: i64::MAX });
        let (at, id) = place(after, range.until);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut statement = Self {
            sql: String::new(),
            values: vec![at.into(), id.into(), range.since.into(), limit.into()],
        };
        let mut conditions = String::new();
        let mut index = "message_at";
        if let Some(AccountId(account)) = selection.account {
            conditions.push_str(&statement.condition("message.account = ", account.into()));
        }
        if let [group] = selection.statuses.as_slice() {
            index = "message_status";
            let group = group.as_str().to_owned();
            conditions.push_str(&statement.condition("message.status_group = ", group.into()));
        } else if !selection.statuses.is_empty() {
            // Several groups may have a large part of all messages: sorting these for every page
            // would cost more than skipping the others.
            let groups = selection.statuses.iter().map(|group| group.as_str());
            conditions.push_str(&statement.one_of("message.status_group", groups));
        }
        if let [destination] = selection.destinations.as_slice() {
            index = "message_destination";
            let destination = escaped(destination).into_owned();
            conditions.push_str(&statement.condition("message.destination = ", destination.into()));
        } else if !selection.destinations.is_empty() {
            index = "message_destination";
            let destinations = selection.destinations.iter().map(String::as_str);
            conditions.push_str(&statement.one_of("message.destination", destinations));
        }
        for (ids, column, of_ids) in [
            (&selection.bulk_ids, "message.bulk_id", "message_bulk"),
            (&selection.message_ids, "message.ident", "message_key"),
        ] {
            if !ids.is_empty() {
                index = of_ids;
                conditions.push_str(&statement.one_of(column, ids.iter().map(String::as_str)));
            }
        }
        if let Some(prefix) = &selection.message_id_prefix {
            index = "message_key";
            let (start, end) = texts_with_prefix(prefix);
            conditions.push_str(&statement.condition("message.ident >= ", start.into()));
            conditions.push_str(&statement.condition("message.ident < ", end.into()));
        }
        statement.sql = format!(
            "SELECT message.at, message.id, message.account, version.hash, version.fault, version.raw
             FROM message INDEXED BY {index}
             LEFT JOIN version ON version.id = message.version AND version.message = message.id
             WHERE (message.at, message.id) < (?1, ?2) AND message.at >= ?3{conditions}
             ORDER BY message.at DESC, message.id DESC LIMIT ?4"
        );
        statement
    }

    /// Adds a value, and returns its parameter.
    fn place(&mut self, value: Value) -> String {
        self.values.push(value);
        format!("?{}", self.values.len())
    }

    fn condition(&mut self, left: &str, value: Value) -> String {
        let place = self.place(value);
        format!(" AND {left}{place}")
    }

    /// A condition that a column has one of these values. They are passed as one JSON list, because
    /// the number of parameters of a statement is limited.
    fn one_of<'v>(&mut self, column: &str, values: impl Iterator<Item = &'v str>) -> String {
        let place = self.place(json_list(values).into());
        format!(" AND {column} IN (SELECT value FROM json_each({place}))")
    }
}

/// These values as the columns have them, in one JSON list.
fn json_list<'v>(values: impl Iterator<Item = &'v str>) -> String {
    let escaped: Vec<_> = values.map(escaped).collect();
    serde_json::to_string(&escaped).unwrap_or_default()
}

pub(super) fn versions(
    connection: &Connection,
    account: AccountId,
    key: &MessageKey,
) -> Result<Vec<StoredVersion>, DatabaseFailure> {
    let mut select = connection.prepare_cached(
        "SELECT message.versions, version.seen_at, version.id = message.version, version.hash,
                version.fault, version.raw
         FROM message LEFT JOIN version ON version.message = message.id
         WHERE ident = ?1 AND channel = ?2 AND account = ?3 ORDER BY version.seen_at, version.hash",
    )?;
    let mut found = select.query(params![key.ident, key.channel, account.0])?;
    let (mut versions, mut count) = (Vec::new(), 0_i64);
    while let Some(row) = found.next()? {
        count = row.get(0)?;
        let Some(seen_at) = row.get(1)? else { break };
        let (is_current, hash) = (row.get(2)?, row.get(3)?);
        let log = stored_bytes::log(text(row, 5)?, Fault::from_code(row.get(4)?));
        versions.push(StoredVersion { seen_at, is_current, hash, log });
    }
    if i64::try_from(versions.len()) != Ok(count) {
        return Err(DatabaseFailure::Damage(WRONG_COUNT));
    }
    Ok(versions)
}

pub(super) fn pending(
    connection: &Connection,
    account: AccountId,
    range: TimeRange,
    after: Option<&PendingMessage>,
    limit: usize,
) -> Result<Vec<PendingMessage>, DatabaseFailure> {
    let mut select = connection.prepare_cached(
        "SELECT ident, channel, at FROM message INDEXED BY message_pending
         WHERE rank < 2 AND at >= ?1 AND at < ?2 AND account = ?3
         AND (at, ident, channel) > (?4, ?5, ?6)
         ORDER BY at, ident, channel LIMIT ?7",
    )?;
    let (at, ident, channel) = match after {
        Some(PendingMessage { key, at }) => (*at, key.ident.as_str(), key.channel.as_str()),
        None => (i64::MIN, "", ""),
    };
    let since = range.since.max(at);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let read = |row: &Row<'_>| {
        Ok(PendingMessage {
            key: MessageKey { ident: row.get(0)?, channel: row.get(1)? },
            at: row.get(2)?,
        })
    };
    let found = params![since, range.until, account.0, at, ident, channel, limit];
    Ok(select.query_map(found, read)?.collect::<Result<_, _>>()?)
}

pub(super) fn count_pending(
    connection: &Connection,
    account: AccountId,
    range: TimeRange,
) -> Result<u64, DatabaseFailure> {
    let mut select = connection.prepare_cached(
        "SELECT count(*) FROM message INDEXED BY message_pending
         WHERE rank < 2 AND at >= ?1 AND at < ?2 AND account = ?3",
    )?;
    let count = params![range.since, range.until, account.0];
    Ok(select.query_row(count, |row| super::runs::count(row, 0))?)
}

/// A number that changes with each commit of another connection.
pub(super) fn change_number(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "data_version", |row| row.get(0))
}

/// Counts the messages in their table, if no other connection has written since. They need not be
/// counted if as many were `read` as there are ids between the first and the last one.
pub(super) fn count_without_index(
    connection: &Connection,
    account: Option<AccountId>,
    since: i64,
    read: u64,
) -> Result<Option<u64>, DatabaseFailure> {
    if change_number(connection)? != since {
        return Ok(None);
    }
    let number = |row: &Row<'_>| super::runs::count(row, 0);
    if let Some(AccountId(account)) = account {
        let others = "SELECT EXISTS (SELECT 1 FROM account WHERE id != ?1)";
        if connection.query_row(others, [account], |row| row.get(0))? {
            let sql = "SELECT count(*) FROM message NOT INDEXED WHERE account = ?1";
            return Ok(Some(connection.query_row(sql, [account], number)?));
        }
    }
    let ids = "SELECT (SELECT max(id) FROM message) - (SELECT min(id) FROM message) + 1 = ?1";
    let is_every_id: Option<bool> =
        connection.query_row(ids, [i64::try_from(read).ok()], |row| row.get(0))?;
    if is_every_id == Some(true) {
        return Ok(Some(read));
    }
    // Without a condition, SQLite counts the rows of each page without reading them.
    Ok(Some(connection.query_row("SELECT count(*) FROM message NOT INDEXED", [], number)?))
}

/// Counts the messages with the ids of a selection, or with its id prefix, in their table, if no other
/// connection has written since and the archive is small.
pub(super) fn count_ids_without_index(
    connection: &Connection,
    selection: &Selection,
    since: i64,
) -> Result<Option<u64>, DatabaseFailure> {
    let read = |row: &Row<'_>| super::runs::count(row, 0);
    let number = |sql| connection.query_row(sql, [], read);
    let is_small = number("PRAGMA page_size")? * number("PRAGMA page_count")? <= MAX_SCANNED_BYTES;
    if !is_small || change_number(connection)? != since {
        return Ok(None);
    }
    let ids = json_list(selection.message_ids.iter().map(String::as_str));
    let (start, end) = selection.message_id_prefix.as_deref().map(texts_with_prefix).unzip();
    let account = selection.account.map(|AccountId(account)| account);
    let sql = "SELECT count(*) FROM message NOT INDEXED
               WHERE (?1 IS NULL OR account = ?1)
                 AND (ident IN (SELECT value FROM json_each(?2)) OR (ident >= ?3 AND ident < ?4))";
    Ok(Some(connection.query_row(sql, params![account, ids, start, end], read)?))
}

pub(super) fn count_messages(
    connection: &Connection,
    account: AccountId,
    range: TimeRange,
) -> Result<u64, DatabaseFailure> {
    let mut select = connection.prepare_cached(
        "SELECT count(*) FROM message WHERE at >= ?1 AND at < ?2 AND account = ?3",
    )?;
    let count = params![range.since, range.until, account.0];
    Ok(select.query_row(count, |row| super::runs::count(row, 0))?)
}
