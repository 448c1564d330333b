//! A row of the table `message`: the key of a message, and the columns of its current version.

use postgres::Row;

use super::failure::ServerFailure;
use super::index_text::indexed;
use super::session::Session;
use crate::archive::message_columns::{HASH_BYTES, MessageColumns, MessageKey};

/// The columns, in the order of [`MessageRow::read`].
pub(super) const COLUMNS: &str = "message.ident, message.channel, message.account, message.bulk_id,
    message.sender, message.destination, message.at, message.sent_at, message.done_at,
    message.status_group, message.status_name, message.status_id, message.rank, message.mccmnc,
    message.hash, message.versions, message.first_seen, message.changed_at";

/// The number of [`COLUMNS`].
pub(super) const COLUMN_COUNT: usize = 18;

/// The primary key of a message in the database.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct RowKey {
    /// The key of the message, as an index holds it.
    pub(super) key: MessageKey,
    pub(super) account: i64,
}

impl RowKey {
    /// Reads a key from three columns, beginning with `first`.
    pub(super) fn read(row: &Row, first: usize) -> Result<Self, postgres::Error> {
        let key = MessageKey { ident: row.try_get(first)?, channel: row.try_get(first + 1)? };
        Ok(Self { key, account: row.try_get(first + 2)? })
    }
}

/// Keys as lists, one for each column, which a statement takes as values.
pub(super) struct KeyLists<'k> {
    pub(super) idents: Vec<&'k str>,
    pub(super) channels: Vec<&'k str>,
    pub(super) accounts: Vec<i64>,
}

impl<'k> KeyLists<'k> {
    pub(super) fn of(keys: impl IntoIterator<Item = &'k RowKey>) -> Self {
        let mut lists = Self { idents: Vec::new(), channels: Vec::new(), accounts: Vec::new() };
        for RowKey { key, account } in keys {
            lists.idents.push(&key.ident);
            lists.channels.push(&key.channel);
            lists.accounts.push(*account);
        }
        lists
    }
}

/// A row of the table `message`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MessageRow {
    pub(super) key: RowKey,
    bulk_id: String,
    sender: String,
    destination: String,
    at: i64,
    sent_at: Option<i64>,
    done_at: Option<i64>,
    status_group: String,
    status_name: String,
    status_id: Option<i64>,
    rank: i64,
    mccmnc: String,
    hash: Vec<u8>,
    versions: i64,
    first_seen: i64,
    changed_at: i64,
}

/// The row of a current version.
pub(super) struct CurrentRow {
    pub(super) columns: MessageColumns,
    pub(super) hash: [u8; HASH_BYTES],
    pub(super) seen_at: i64,
}

impl MessageRow {
    /// The row of a message with this current version, which has `versions` versions and was first
    /// seen at `first_seen`.
    pub(super) fn of(key: RowKey, current: CurrentRow, versions: i64, first_seen: i64) -> Self {
        let CurrentRow { columns, hash, seen_at } = current;
        let short = |text: String| {
            if let std::borrow::Cow::Owned(cut) = indexed(&text) { cut } else { text }
        };
        Self {
            key,
            bulk_id: short(columns.bulk_id),
            sender: columns.sender,
            destination: short(columns.destination),
            at: columns.sent_at.unwrap_or(first_seen),
            sent_at: columns.sent_at,
            done_at: columns.done_at,
            status_group: short(columns.status_group),
            status_name: columns.status_name,
            status_id: columns.status_id,
            rank: columns.rank as i64,
            mccmnc: columns.mccmnc,
            hash: hash.to_vec(),
            versions,
            first_seen,
            changed_at: seen_at,
        }
    }

    /// When the message was sent, in milliseconds since 1970; `None` if that is not known.
    pub(super) fn sent_at(&self) -> Option<i64> {
        self.sent_at
    }

    /// Reads a row of a statement that selects [`COLUMNS`] first.
    pub(super) fn read(row: &Row) -> Result<Self, postgres::Error> {
        Ok(Self {
            key: RowKey::read(row, 0)?,
            bulk_id: row.try_get(3)?,
            sender: row.try_get(4)?,
            destination: row.try_get(5)?,
            at: row.try_get(6)?,
            sent_at: row.try_get(7)?,
            done_at: row.try_get(8)?,
            status_group: row.try_get(9)?,
            status_name: row.try_get(10)?,
            status_id: row.try_get(11)?,
            rank: row.try_get(12)?,
            mccmnc: row.try_get(13)?,
            hash: row.try_get(14)?,
            versions: row.try_get(15)?,
            first_seen: row.try_get(16)?,
            changed_at: row.try_get(17)?,
        })
    }

    /// Whether the columns are those of this current version.
    pub(super) fn agrees_with(&self, key: MessageKey, current: CurrentRow) -> bool {
        // The key of a message without an id is the hash of its first version.
        let ident = if key.message_id().is_some() { key.ident } else { self.key.key.ident.clone() };
        let key = MessageKey { ident, channel: key.channel };
        let key = RowKey { key, account: self.key.account };
        Self::of(key, current, self.versions, self.first_seen) == *self
    }
}

/// Writes rows. A row with an existing key replaces that one and keeps its number; new rows are
/// numbered from `first_number` on.
pub(super) fn write(
    session: &mut Session,
    rows: &[MessageRow],
    first_number: i64,
) -> Result<(), ServerFailure> {
    if rows.is_empty() {
        return Ok(());
    }
    let keys = KeyLists::of(rows.iter().map(|row| &row.key));
    let texts = |of: fn(&MessageRow) -> &str| rows.iter().map(of).collect::<Vec<_>>();
    let numbers = |of: fn(&MessageRow) -> i64| rows.iter().map(of).collect::<Vec<_>>();
    let options = |of: fn(&MessageRow) -> Option<i64>| rows.iter().map(of).collect::<Vec<_>>();
    let row_numbers: Vec<i64> = (first_number..).take(rows.len()).collect();
    let hashes: Vec<&[u8]> = rows.iter().map(|row| row.hash.as_slice()).collect();
    session.execute(
        "INSERT INTO omnilogs.message (ident, channel, account, bulk_id, sender, destination, at,
         sent_at, done_at, status_group, status_name, status_id, rank, mccmnc, hash, versions,
         first_seen, changed_at, number)
         SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[],
         $6::text[], $7::bigint[], $8::bigint[], $9::bigint[], $10::text[], $11::text[],
         $12::bigint[], $13::bigint[], $14::text[], $15::bytea[], $16::bigint[], $17::bigint[],
         $18::bigint[], $19::bigint[])
         ON CONFLICT (ident, channel, account) DO UPDATE SET bulk_id = excluded.bulk_id,
         sender = excluded.sender, destination = excluded.destination, at = excluded.at,
         sent_at = excluded.sent_at, done_at = excluded.done_at,
         status_group = excluded.status_group, status_name = excluded.status_name,
         status_id = excluded.status_id, rank = excluded.rank, mccmnc = excluded.mccmnc,
         hash = excluded.hash, versions = excluded.versions, first_seen = excluded.first_seen,
         changed_at = excluded.changed_at",
        &[
            &keys.idents,
            &keys.channels,
            &keys.accounts,
            &texts(|row| &row.bulk_id),
            &texts(|row| &row.sender),
            &texts(|row| &row.destination),
            &numbers(|row| row.at),
            &options(|row| row.sent_at),
            &options(|row| row.done_at),
            &texts(|row| &row.status_group),
            &texts(|row| &row.status_name),
            &options(|row| row.status_id),
            &numbers(|row| row.rank),
            &texts(|row| &row.mccmnc),
            &hashes,
            &numbers(|row| row.versions),
            &numbers(|row| row.first_seen),
            &numbers(|row| row.changed_at),
            &row_numbers,
        ],
    )?;
    Ok(())
}
