//! Writes one page: its versions, the messages that they change, and the coverage.
//!
//! One statement first reads the messages and versions that the archive has of the rows. So a page
//! that was seen before is neither sent nor written, and any other page usually takes only two more
//! statements.

use std::cmp::Reverse;

use super::current_version::{self, hash};
use super::erasing;
use super::failure::ServerFailure;
use super::index_text::stored_key;
use super::leases;
use super::ledgers::ScopedLedger;
use super::message_row::{self, CurrentRow, MessageRow, RowKey};
use super::session::Session;
use crate::archive::keyed_row::KeyedRow;
use crate::archive::message_columns::HASH_BYTES;
use crate::archive::page_write::{PageCounts, PageWrite};

/// A distinct row of a page.
pub(super) struct PageRow<'l> {
    key: RowKey,
    row: &'l KeyedRow,
    /// How often the row occurs on the page.
    times: u64,
}

/// The distinct rows of a page, sorted by key.
pub(super) fn page_rows<'l>(page: &PageWrite<'l>) -> Vec<PageRow<'l>> {
    let mut rows: Vec<_> = page
        .rows
        .iter()
        .map(|row| {
            let key = RowKey { key: stored_key(&row.key), account: page.account.0 };
            PageRow { key, row, times: 1 }
        })
        .collect();
    rows.sort_by(|one, other| (&one.row.key, one.row.hash).cmp(&(&other.row.key, other.row.hash)));
    rows.dedup_by(|row, kept| {
        let is_same = row.key == kept.key && row.row.hash == kept.row.hash;
        kept.times += u64::from(is_same) * row.times;
        is_same
    });
    rows
}

pub(super) fn write(
    session: &mut Session,
    page: &PageWrite<'_>,
    rows: &[PageRow<'_>],
) -> Result<PageCounts, ServerFailure> {
    let first_number = leases::renew(session, page.lease, page.now, rows.len())?;
    let suppressed = erasing::suppressed(session, page.seen_at)?;
    let mut counts = PageCounts::default();
    let mut kept = Vec::with_capacity(rows.len());
    for row in rows {
        if suppressed.contains(&row.row.log, &row.row.key) {
            counts.suppressed += row.times;
            continue;
        }
        if row.row.fault.is_fault() {
            counts.faulty += row.times;
        }
        counts.unchanged += row.times - 1;
        kept.push(row);
    }
    if !kept.is_empty() {
        write_rows(session, page, (&kept, first_number), &mut counts)?;
    }
    if let Some(covers) = &page.covers {
        ScopedLedger::new(page.account, covers.scope).extend(session, covers)?;
    }
    Ok(counts)
}

fn write_rows(
    session: &mut Session,
    page: &PageWrite<'_>,
    (rows, first_number): (&[&PageRow<'_>], i64),
    counts: &mut PageCounts,
) -> Result<(), ServerFailure> {
    let known = known(session, page, rows)?;
    let rows: Vec<_> = rows.iter().copied().zip(known).collect();
    let mut plan = WritePlan::default();
    for message in rows.chunk_by(|(one, _), (other, _)| one.key == other.key) {
        plan.add(message, page, counts);
    }
    plan.sort_newest_first();
    insert_versions(session, page, &plan.new)?;
    for row in &plan.antedated {
        let RowKey { key, account } = &row.key;
        let sql = "UPDATE omnilogs.version SET seen_at = $5 WHERE ident = $1 AND channel = $2
                   AND account = $3 AND hash = $4";
        let hash = row.row.hash.as_slice();
        session.execute(sql, &[&key.ident, &key.channel, account, &hash, &page.seen_at])?;
    }
    message_row::write(session, &plan.messages, first_number)?;
    current_version::recompute(session, &plan.recomputed)?;
    Ok(())
}

/// The state of a message in the archive before the page is written.
struct ArchivedMessage {
    rank: i64,
    changed_at: i64,
    hash: [u8; HASH_BYTES],
    versions: i64,
    first_seen: i64,
    /// When the version of the row was first seen; `None` if the version is new.
    version_seen: Option<i64>,
}

/// Reads the state of the message of each row; `None` for a new message.
fn known(
    session: &mut Session,
    page: &PageWrite<'_>,
    rows: &[&PageRow<'_>],
) -> Result<Vec<Option<ArchivedMessage>>, ServerFailure> {
    let idents: Vec<_> = rows.iter().map(|row| row.key.key.ident.as_str()).collect();
    let channels: Vec<_> = rows.iter().map(|row| row.key.key.channel.as_str()).collect();
    let hashes: Vec<_> = rows.iter().map(|row| row.row.hash.as_slice()).collect();
    let found = session.query(
        "SELECT page.number, message.rank, message.changed_at, message.hash, message.versions,
         message.first_seen, version.seen_at
         FROM unnest($2::text[], $3::text[], $4::bytea[]) WITH ORDINALITY
         AS page (ident, channel, hash, number)
         JOIN omnilogs.message AS message ON message.ident = page.ident
         AND message.channel = page.channel AND message.account = $1
         LEFT JOIN omnilogs.version AS version ON version.ident = message.ident
         AND version.channel = message.channel AND version.account = message.account
         AND version.hash = page.hash",
        &[&page.account.0, &idents, &channels, &hashes],
    )?;
    let mut known: Vec<Option<ArchivedMessage>> = rows.iter().map(|_| None).collect();
    for row in found {
        let number: i64 = row.try_get(0)?;
        let place = usize::try_from(number - 1).ok().and_then(|at| known.get_mut(at));
        if let Some(place) = place {
            *place = Some(ArchivedMessage {
                rank: row.try_get(1)?,
                changed_at: row.try_get(2)?,
                hash: hash(row.try_get(3)?),
                versions: row.try_get(4)?,
                first_seen: row.try_get(5)?,
                version_seen: row.try_get(6)?,
            });
        }
    }
    Ok(known)
}

/// The changes that a page makes to the archive.
#[derive(Default)]
struct WritePlan<'r> {
    /// Rows that become new versions.
    new: Vec<&'r PageRow<'r>>,
    /// Rows whose versions were seen earlier than recorded.
    antedated: Vec<&'r PageRow<'r>>,
    /// Messages whose current version is on the page.
    messages: Vec<MessageRow>,
    /// Messages whose columns have to be computed again from all their versions.
    recomputed: Vec<RowKey>,
}

impl<'r> WritePlan<'r> {
    /// Sorts rows in the order in which listings read messages. Messages that are listed one after
    /// another then are neighbours in the table. The store in a file writes them in the same order,
    /// so that both stores list messages of one millisecond alike.
    fn sort_newest_first(&mut self) {
        self.new.sort_by_cached_key(|row| Reverse(row.row.log.sent_at()));
        self.messages.sort_by_cached_key(|row| Reverse(row.sent_at()));
    }

    /// Adds the rows of one message.
    fn add(
        &mut self,
        rows: &[(&'r PageRow<'r>, Option<ArchivedMessage>)],
        page: &PageWrite<'_>,
        counts: &mut PageCounts,
    ) {
        let Some((first, current)) = rows.first() else { return };
        let version_seen = |known: &Option<ArchivedMessage>| {
            known.as_ref().and_then(|known: &ArchivedMessage| known.version_seen)
        };
        let new: Vec<_> = rows
            .iter()
            .filter(|(_, known)| version_seen(known).is_none())
            .map(|(row, _)| *row)
            .collect();
        let is_earlier = |known: &Option<ArchivedMessage>| {
            version_seen(known).is_some_and(|at| at > page.seen_at)
        };
        let antedated = rows
            .iter()
            .filter(|(_, known)| is_earlier(known))
            .map(|(row, _)| *row)
            .collect::<Vec<_>>();
        counts.unchanged += (rows.len() - new.len()) as u64;
        counts.new += u64::from(current.is_none());
        counts.changed += new.len() as u64 - u64::from(current.is_none());
        // Of two versions of the same time and rank, the hash decides, so that the order of writing
        // does not.
        let order = |row: &PageRow<'_>| (row.row.columns().rank as i64, page.seen_at, row.row.hash);
        let greatest = new.iter().max_by_key(|row| order(row));
        if let Some(greatest) = greatest.filter(|_| antedated.is_empty())
            && current
                .as_ref()
                .is_none_or(|known| order(greatest) > (known.rank, known.changed_at, known.hash))
        {
            let (versions, first_seen) =
                current.as_ref().map_or((0, i64::MAX), |known| (known.versions, known.first_seen));
            let versions = versions + i64::try_from(new.len()).unwrap_or(i64::MAX);
            let (columns, hash) = (greatest.row.columns().clone(), greatest.row.hash);
            let seen_at = page.seen_at;
            self.messages.push(MessageRow::of(
                first.key.clone(),
                CurrentRow { columns, hash, seen_at },
                versions,
                first_seen.min(seen_at),
            ));
        } else if !new.is_empty() || !antedated.is_empty() {
            self.recomputed.push(first.key.clone());
        }
        self.new.extend(new);
        self.antedated.extend(antedated);
    }
}

fn insert_versions(
    session: &mut Session,
    page: &PageWrite<'_>,
    rows: &[&PageRow<'_>],
) -> Result<(), ServerFailure> {
    if rows.is_empty() {
        return Ok(());
    }
    let idents: Vec<_> = rows.iter().map(|row| row.key.key.ident.as_str()).collect();
    let channels: Vec<_> = rows.iter().map(|row| row.key.key.channel.as_str()).collect();
    let hashes: Vec<_> = rows.iter().map(|row| row.row.hash.as_slice()).collect();
    let faults: Vec<_> = rows.iter().map(|row| row.row.fault.code()).collect();
    let texts: Vec<_> = rows.iter().map(|row| row.row.log.bytes()).collect();
    session.execute(
        "INSERT INTO omnilogs.version (ident, channel, account, hash, seen_at, run, fault, raw)
         SELECT ident, channel, $1, hash, $2, $3, fault, raw
         FROM unnest($4::text[], $5::text[], $6::bytea[], $7::bigint[], $8::bytea[])
         AS page (ident, channel, hash, fault, raw) ON CONFLICT DO NOTHING",
        &[
            &page.account.0,
            &page.seen_at,
            &page.run.0,
            &idents,
            &channels,
            &hashes,
            &faults,
            &texts,
        ],
    )?;
    Ok(())
}
