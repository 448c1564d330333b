//! Reads messages by keyset: each page continues after the last row of the page before it, so that
//! the last page of ten million rows costs as much as the first, and memory holds one page.

use std::fmt::Write as _;

use postgres::Row;
use postgres::types::ToSql;

use super::current_version::hash;
use super::failure::ServerFailure;
use super::index_text::{indexed, stored_ident, stored_key};
use super::session::{Session, Values};
use crate::archive::account::AccountId;
use crate::archive::message_columns::{MessageKey, escaped, texts_with_prefix};
use crate::archive::selection::{Cursor, PendingMessage, Selection, StoredVersion};
use crate::archive::stored_bytes::{self, Fault};
use crate::archive::stored_rows::{RowHead, StoredRows};
use crate::model::{Log, TimeRange};

pub(super) fn rows(
    session: &mut Session,
    selection: &Selection,
    after: Option<&Cursor>,
    limit: usize,
    rows: &mut StoredRows,
) -> Result<(), ServerFailure> {
    let PostgresStatement { sql, values } = PostgresStatement::of(selection, after, limit);
    let values: Vec<_> = values.iter().map(|value| &**value as &(dyn ToSql + Sync)).collect();
    rows.clear();
    for row in &session.query(&sql, &values)? {
        rows.push(row_head(row)?, row.try_get(5)?);
    }
    Ok(())
}

fn row_head(row: &Row) -> Result<RowHead, ServerFailure> {
    let (at, number) = (row.try_get(0)?, row.try_get(1)?);
    Ok(RowHead {
        account: AccountId(row.try_get(2)?),
        at,
        hash: hash(row.try_get(3)?),
        fault: Fault::from_code(row.try_get(4)?),
        cursor: Cursor { at, number },
    })
}

/// The text of a version, from its columns `fault` and `raw`, the first of which is `column`.
fn log(row: &Row, column: usize) -> Result<Log, ServerFailure> {
    let fault = Fault::from_code(row.try_get(column)?);
    Ok(stored_bytes::log(row.try_get(column + 1)?, fault))
}

/// An SQL statement with its values.
struct PostgresStatement {
    sql: String,
    values: Vec<Box<dyn ToSql + Sync>>,
}

impl PostgresStatement {
    fn of(selection: &Selection, after: Option<&Cursor>, limit: usize) -> Self {
        let range = selection.range.unwrap_or(TimeRange { since: i64::MIN, until: i64::MAX });
        let first = (range.until, i64::MIN);
        let (at, number) = after.map_or(first, |after| (after.at, after.number).min(first));
        let mut statement = Self {
            sql: String::new(),
            values: vec![Box::new(at), Box::new(number), Box::new(range.since)],
        };
        let mut conditions = String::new();
        if let Some(AccountId(account)) = selection.account {
            statement.add(&mut conditions, "account = ", account);
        }
        if !selection.statuses.is_empty() {
            let groups = selection.statuses.iter().map(|group| group.as_str().to_owned());
            statement.add_one_of(&mut conditions, "status_group", groups.collect());
        }
        let text = |text: &String| indexed(&escaped(text)).into_owned();
        let mut is_small = false;
        for (values, column) in [
            (selection.destinations.iter().map(text).collect(), "destination"),
            (selection.bulk_ids.iter().map(text).collect(), "bulk_id"),
            (selection.message_ids.iter().map(|id| stored_ident(id)).collect(), "ident"),
        ] {
            let values: Vec<String> = values;
            is_small |= values.len() > 1 || (column != "bulk_id" && !values.is_empty());
            statement.add_one_of(&mut conditions, column, values);
        }
        if let Some(prefix) = &selection.message_id_prefix {
            is_small = true;
            let (start, end) = texts_with_prefix(prefix);
            statement.add(&mut conditions, "ident >= ", start);
            statement.add(&mut conditions, "ident < ", end);
        }
        statement.sql = sql(&conditions, is_small, limit);
        statement
    }

    fn add(&mut self, conditions: &mut String, left: &str, value: impl ToSql + Sync + 'static) {
        self.values.push(Box::new(value));
        let _ = write!(conditions, " AND {left}${}", self.values.len());
    }

    fn add_one_of(&mut self, conditions: &mut String, column: &str, mut values: Vec<String>) {
        match values.len() {
            0 => {}
            1 => self.add(conditions, &format!("{column} = "), values.remove(0)),
            _ => {
                self.values.push(Box::new(values));
                let _ = write!(conditions, " AND {column} = ANY(${})", self.values.len());
            }
        }
    }
}

/// The statement for these conditions. It looks up the versions for the rows of the page alone. If
/// only a few messages are expected (`is_small`), it applies the conditions before it sorts:
/// otherwise the server may scan all messages, the newest first, for the few that match.
fn sql(conditions: &str, is_small: bool, limit: usize) -> String {
    let wanted = format!(
        "SELECT at, number, ident, channel, account, hash
         FROM omnilogs.message AS message WHERE (at, number) < ($1, $2) AND at >= $3{conditions}"
    );
    let (before, source) = if is_small {
        (format!("WITH wanted AS MATERIALIZED ({wanted})"), "wanted".to_owned())
    } else {
        (String::new(), format!("({wanted}) AS wanted"))
    };
    format!(
        "{before} SELECT page.at, page.number, page.account, version.hash, version.fault, version.raw
         FROM (SELECT * FROM {source} ORDER BY at DESC, number DESC LIMIT {limit}) AS page
         JOIN omnilogs.version AS version ON version.ident = page.ident
         AND version.channel = page.channel AND version.account = page.account
         AND version.hash = page.hash ORDER BY page.at DESC, page.number DESC"
    )
}

pub(super) fn versions(
    session: &mut Session,
    account: AccountId,
    key: &MessageKey,
) -> Result<Vec<StoredVersion>, ServerFailure> {
    let sql = "SELECT version.seen_at, version.hash = message.hash, version.hash, version.fault,
                      version.raw
               FROM omnilogs.message AS message
               JOIN omnilogs.version AS version ON version.ident = message.ident
               AND version.channel = message.channel AND version.account = message.account
               WHERE message.ident = $1 AND message.channel = $2 AND message.account = $3
               ORDER BY version.seen_at, version.hash";
    let read = |row: &Row| {
        Ok(StoredVersion {
            seen_at: row.try_get(0)?,
            is_current: row.try_get(1)?,
            hash: hash(row.try_get(2)?),
            log: log(row, 3)?,
        })
    };
    let MessageKey { ident, channel } = stored_key(key);
    session.query(sql, &[&ident, &channel, &account.0])?.iter().map(read).collect()
}

pub(super) fn pending(
    session: &mut Session,
    account: AccountId,
    range: TimeRange,
    after: Option<&PendingMessage>,
    limit: usize,
) -> Result<Vec<PendingMessage>, ServerFailure> {
    let sql = format!(
        "SELECT ident, channel, at FROM omnilogs.message
         WHERE rank < 2 AND at >= $1 AND at < $2 AND account = $3
         AND (at, ident, channel) > ($4, $5, $6)
         ORDER BY at, ident, channel LIMIT {limit}"
    );
    let (at, ident, channel) = match after {
        Some(PendingMessage { key, at }) => (*at, key.ident.as_str(), key.channel.as_str()),
        None => (i64::MIN, "", ""),
    };
    let since = range.since.max(at);
    let read = |row: &Row| {
        let key = MessageKey { ident: row.try_get(0)?, channel: row.try_get(1)? };
        Ok(PendingMessage { key, at: row.try_get(2)? })
    };
    let values: Values<'_> = &[&since, &range.until, &account.0, &at, &ident, &channel];
    session.query(&sql, values)?.iter().map(read).collect()
}

pub(super) fn count_pending(
    session: &mut Session,
    account: AccountId,
    range: TimeRange,
) -> Result<u64, ServerFailure> {
    let sql = "SELECT count(*) FROM omnilogs.message
               WHERE rank < 2 AND at >= $1 AND at < $2 AND account = $3";
    Ok(session.count(sql, &[&range.since, &range.until, &account.0])?)
}

pub(super) fn count_messages(
    session: &mut Session,
    account: AccountId,
    range: TimeRange,
) -> Result<u64, ServerFailure> {
    let sql = "SELECT count(*) FROM omnilogs.message
               WHERE at >= $1 AND at < $2 AND account = $3";
    Ok(session.count(sql, &[&range.since, &range.until, &account.0])?)
}
