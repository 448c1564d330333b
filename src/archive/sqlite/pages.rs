//! Writes one page: its versions, the messages that they change, and the coverage.

use rusqlite::{CachedStatement, Connection, OptionalExtension, params};

use super::database_error::DatabaseFailure;
use super::{current_version, erasing, leases, ledgers};
use crate::archive::keyed_row::KeyedRow;
use crate::archive::message_columns::{HASH_BYTES, MessageKey};
use crate::archive::page_write::{PageCounts, PageWrite};
use crate::archive::suppression::SuppressionList;

pub(super) fn write(
    connection: &Connection,
    page: &PageWrite<'_>,
) -> Result<PageCounts, DatabaseFailure> {
    leases::renew(connection, page.lease, page.now)?;
    let mut counts = PageCounts::default();
    let mut writer = PageWriter::new(connection, page)?;
    for row in newest_first(page) {
        writer.write(row, &mut counts)?;
    }
    if let Some(covers) = &page.covers {
        ledgers::extend(connection, page.account, covers)?;
    }
    Ok(counts)
}

/// The rows in the order in which listings read messages. Messages that are listed one after another
/// then are neighbours in the file, so that SQLite reads them without a search for each.
fn newest_first<'l>(page: &PageWrite<'l>) -> Vec<&'l KeyedRow> {
    let mut rows: Vec<_> = page.rows.iter().collect();
    // The order does not depend on the order of the page, not even within a millisecond.
    rows.sort_by(|one, other| {
        let newest_first = other.log.sent_at().cmp(&one.log.sent_at());
        newest_first.then_with(|| (&one.key, one.hash).cmp(&(&other.key, other.hash)))
    });
    rows
}

/// The current version of a message.
struct CurrentVersion {
    message: i64,
    version: i64,
    rank: i64,
    seen_at: i64,
    hash: [u8; HASH_BYTES],
}

/// The statements of one page, prepared once.
struct PageWriter<'c> {
    connection: &'c Connection,
    page: &'c PageWrite<'c>,
    suppressed: SuppressionList,
    find: CachedStatement<'c>,
    find_version: CachedStatement<'c>,
    insert_message: CachedStatement<'c>,
    insert_version: CachedStatement<'c>,
    count_version: CachedStatement<'c>,
    replace: CachedStatement<'c>,
    antedate: CachedStatement<'c>,
    next_message: i64,
    next_version: i64,
    /// Whether the row before this one was new.
    expects_new: bool,
}

impl<'c> PageWriter<'c> {
    fn new(connection: &'c Connection, page: &'c PageWrite<'c>) -> Result<Self, DatabaseFailure> {
        let next = |sql| -> Result<i64, DatabaseFailure> {
            Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
        };
        Ok(Self {
            connection,
            page,
            suppressed: erasing::suppressed(connection, page.seen_at)?,
            find: connection.prepare_cached(
                "SELECT message.id, version.id, rank, changed_at, hash
                 FROM message CROSS JOIN version ON version.id = message.version
                 WHERE ident = ?1 AND channel = ?2 AND account = ?3",
            )?,
            find_version: connection.prepare_cached(
                "SELECT id, seen_at FROM version WHERE message = ?1 AND hash = ?2",
            )?,
            insert_message: connection.prepare_cached(
                "INSERT INTO message (id, account, ident, channel, bulk_id, sender, destination, at,
                 sent_at, done_at, status_group, status_name, status_id, rank, mccmnc, version,
                 versions, first_seen, changed_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, 1,
                 ?17, ?17) ON CONFLICT (ident, channel, account) DO NOTHING",
            )?,
            insert_version: connection.prepare_cached(
                "INSERT INTO version (id, message, hash, seen_at, run, fault, raw)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?,
            count_version: connection.prepare_cached(
                "UPDATE message SET versions = versions + 1, first_seen = min(first_seen, ?2),
                 at = coalesce(sent_at, min(first_seen, ?2)) WHERE id = ?1",
            )?,
            replace: connection.prepare_cached(current_version::SET)?,
            antedate: connection.prepare_cached("UPDATE version SET seen_at = ?2 WHERE id = ?1")?,
            next_message: next("SELECT coalesce(max(id), 0) + 1 FROM message")?,
            next_version: next("SELECT coalesce(max(id), 0) + 1 FROM version")?,
            expects_new: false,
        })
    }

    fn write(&mut self, row: &KeyedRow, counts: &mut PageCounts) -> Result<(), DatabaseFailure> {
        if self.suppressed.contains(&row.log, &row.key) {
            counts.suppressed += 1;
            return Ok(());
        }
        if row.fault.is_fault() {
            counts.faulty += 1;
        }
        // Usually, either all rows of a page are new or none is. Adding a row without looking for it
        // first saves a search of the largest index.
        if self.expects_new && self.add_message(row)? {
            counts.new += 1;
            return Ok(());
        }
        let current = self.current(&row.key)?;
        self.expects_new = current.is_none();
        match current {
            None => {
                counts.new += 1;
                self.add_message(row).map(|_| ())
            }
            Some(current) if current.hash == row.hash => {
                counts.unchanged += 1;
                self.record_sighting(current.message, current.version, current.seen_at)
            }
            Some(current) => {
                let known = self
                    .find_version
                    .query_row(params![current.message, row.hash], |known| {
                        Ok((known.get(0)?, known.get(1)?))
                    })
                    .optional()?;
                if let Some((version, seen_at)) = known {
                    counts.unchanged += 1;
                    return self.record_sighting(current.message, version, seen_at);
                }
                counts.changed += 1;
                self.add_version(row, &current)
            }
        }
    }

    fn current(&mut self, key: &MessageKey) -> Result<Option<CurrentVersion>, DatabaseFailure> {
        let key = params![key.ident, key.channel, self.page.account.0];
        let read = |row: &rusqlite::Row<'_>| {
            Ok(CurrentVersion {
                message: row.get(0)?,
                version: row.get(1)?,
                rank: row.get(2)?,
                seen_at: row.get(3)?,
                hash: row.get(4)?,
            })
        };
        Ok(self.find.query_row(key, read).optional()?)
    }

    /// Adds a message with its first version. Returns `false` if the archive has the message already.
    fn add_message(&mut self, row: &KeyedRow) -> Result<bool, DatabaseFailure> {
        let (message, columns) = (self.next_message, row.columns());
        let added = self.insert_message.execute(params![
            message,
            self.page.account.0,
            row.key.ident,
            row.key.channel,
            columns.bulk_id,
            columns.sender,
            columns.destination,
            columns.sent_at.unwrap_or(self.page.seen_at),
            columns.sent_at,
            columns.done_at,
            columns.status_group,
            columns.status_name,
            columns.status_id,
            columns.rank as i64,
            columns.mccmnc,
            self.next_version,
            self.page.seen_at,
        ])?;
        if added == 0 {
            return Ok(false);
        }
        self.next_message += 1;
        self.insert_version(row, message)?;
        Ok(true)
    }

    fn insert_version(&mut self, row: &KeyedRow, message: i64) -> Result<i64, DatabaseFailure> {
        let version = self.next_version;
        self.next_version += 1;
        self.insert_version.execute(params![
            version,
            message,
            row.hash,
            self.page.seen_at,
            self.page.run.0,
            row.fault.code(),
            row.log.bytes(),
        ])?;
        Ok(version)
    }

    /// Adds a version of a known message, and makes it the current one if it is the greatest.
    fn add_version(
        &mut self,
        row: &KeyedRow,
        current: &CurrentVersion,
    ) -> Result<(), DatabaseFailure> {
        let version = self.insert_version(row, current.message)?;
        self.count_version.execute(params![current.message, self.page.seen_at])?;
        let columns = row.columns();
        // Of two versions of the same time and rank, the hash decides, so that the order of writing
        // does not.
        let new = (columns.rank as i64, self.page.seen_at, row.hash);
        if new > (current.rank, current.seen_at, current.hash) {
            let (message, seen_at) = (current.message, self.page.seen_at);
            current_version::set(&mut self.replace, message, version, columns, seen_at)?;
        }
        Ok(())
    }

    /// Records that a known version was seen. This changes the version only if it was seen earlier
    /// than recorded.
    fn record_sighting(
        &mut self,
        message: i64,
        version: i64,
        seen_at: i64,
    ) -> Result<(), DatabaseFailure> {
        if self.page.seen_at >= seen_at {
            return Ok(());
        }
        self.antedate.execute(params![version, self.page.seen_at])?;
        current_version::recompute(self.connection, message)?;
        Ok(())
    }
}
