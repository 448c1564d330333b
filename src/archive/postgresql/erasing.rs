//! Erases the messages of one person, and searches the versions that are left for copies.

use postgres::Row;
use postgres::types::ToSql;

use super::failure::ServerFailure;
use super::index_text::{indexed, stored_ident};
use super::message_row::{KeyLists, RowKey};
use super::pruning;
use super::server::ArchiveServer;
use super::session::{Session, stored};
use crate::archive::erasure_rows::{ErasureKey, TargetRows};
use crate::archive::error::StoreError;
use crate::archive::lease::Lease;
use crate::archive::maintenance::{DeletedCounts, Erasure, ErasureReport, ErasureTarget};
use crate::archive::message_columns::escaped;
use crate::archive::stored_bytes::{self, Fault};
use crate::archive::suppression::{Mark, Marker, SuppressionList};
use crate::archive::target_finder::CopyCounter;

/// The number of versions that are read at once.
const STEP: usize = 1000;

pub(super) fn count(
    session: &mut Session,
    target: &ErasureTarget,
) -> Result<DeletedCounts, ServerFailure> {
    let Some(target) = ErasureKey::new(target) else { return Ok(DeletedCounts::default()) };
    let found = TargetRows::find(session, &target)?;
    let lists = KeyLists::of(&found.messages);
    let versions = session.count(
        "SELECT count(*) FROM unnest($1::text[], $2::text[], $3::bigint[])
         AS wanted (ident, channel, account)
         JOIN omnilogs.version AS version ON version.ident = wanted.ident
         AND version.channel = wanted.channel AND version.account = wanted.account",
        &[&lists.idents, &lists.channels, &lists.accounts],
    )?;
    Ok(DeletedCounts { messages: found.messages.len() as u64, versions })
}

pub(super) fn erase(
    server: &mut ArchiveServer,
    lease: &Lease,
    erasure: &Erasure,
) -> Result<ErasureReport, StoreError> {
    let Some(target) = ErasureKey::new(&erasure.target) else {
        return Ok(ErasureReport::default());
    };
    let (found, deleted) = server.write_under(lease, |session| {
        let found = TargetRows::find(session, &target)?;
        let deleted = pruning::delete(session, &KeyLists::of(&found.messages))?;
        let mark = marker(session)?.mark(&erasure.target);
        record(session, erasure, &mark, deleted)?;
        Ok((found, deleted))
    })?;
    let copies = server.read(|session| found.copies(session, &target))?;
    Ok(ErasureReport { deleted, mentions: found.mentions(), found: copies })
}

/// Keeps the mark, and records that an erasure took place.
fn record(
    session: &mut Session,
    erasure: &Erasure,
    mark: &Mark,
    deleted: DeletedCounts,
) -> Result<(), ServerFailure> {
    session.execute("DELETE FROM omnilogs.suppressed WHERE until <= $1", &[&erasure.now])?;
    session.execute(
        "INSERT INTO omnilogs.suppressed (mark, until) VALUES ($1, $2)
         ON CONFLICT (mark) DO UPDATE SET until = excluded.until",
        &[&mark.as_slice(), &erasure.suppressed_until],
    )?;
    session.execute(
        "INSERT INTO omnilogs.erasure (id, at, messages, versions)
         SELECT coalesce(max(id), 0) + 1, $1, $2, $3 FROM omnilogs.erasure",
        &[&erasure.now, &stored(deleted.messages), &stored(deleted.versions)],
    )?;
    Ok(())
}

/// The marker with the key of this archive.
fn marker(session: &mut Session) -> Result<Marker, ServerFailure> {
    let sql = "SELECT value FROM omnilogs.meta WHERE key = 'suppression_key'";
    let key: Option<String> = session.value(sql, &[])?;
    Ok(Marker::new(key.unwrap_or_default().as_bytes()))
}

/// The marks that are in force at a time.
pub(super) fn suppressed(
    session: &mut Session,
    now: i64,
) -> Result<SuppressionList, ServerFailure> {
    let sql = "SELECT mark FROM omnilogs.suppressed WHERE until > $1";
    let mut marks = std::collections::HashSet::new();
    for row in session.query(sql, &[&now])? {
        marks.extend(Mark::try_from(row.try_get::<_, &[u8]>(0)?));
    }
    // Usually no mark is in force, so that the key need not be read.
    let marker = if marks.is_empty() { Marker::new(&[]) } else { marker(session)? };
    Ok(SuppressionList { marker, marks })
}

/// The bytes of a version, with the key of its message.
struct VersionBytes {
    key: RowKey,
    fault: Fault,
    bytes: Vec<u8>,
}

impl VersionBytes {
    /// Reads a row of a statement that selects the key, the fault and the bytes first.
    fn read(row: &Row) -> Result<Self, ServerFailure> {
        let (key, fault) = (RowKey::read(row, 0)?, Fault::from_code(row.try_get(3)?));
        Ok(Self { key, fault, bytes: row.try_get(4)? })
    }
}

impl TargetRows<RowKey> {
    fn find(session: &mut Session, target: &ErasureKey<'_>) -> Result<Self, ServerFailure> {
        let mut found = Self::new(&target.key);
        let (column, value) = match target.target {
            ErasureTarget::Destination(_) => {
                ("destination", indexed(&escaped(&target.key)).into_owned())
            }
            ErasureTarget::MessageId(_) => ("ident", stored_ident(&target.key)),
        };
        let sql =
            format!("SELECT ident, channel, account FROM omnilogs.message WHERE {column} = $1");
        for row in session.query(&sql, &[&value])? {
            found.messages.insert(RowKey::read(&row, 0)?);
        }
        found.search_own_versions(session, target)?;
        found.search_other_versions(session, target)?;
        Ok(found)
    }

    /// Collects the forms in which the messages that were found contain the number or id.
    fn search_own_versions(
        &mut self,
        session: &mut Session,
        target: &ErasureKey<'_>,
    ) -> Result<(), ServerFailure> {
        let messages: Vec<_> = self.messages.iter().cloned().collect();
        for some in messages.chunks(STEP) {
            let lists = KeyLists::of(some);
            let sql = "SELECT version.ident, version.channel, version.account, version.fault,
                       version.raw FROM unnest($1::text[], $2::text[], $3::bigint[])
                       AS wanted (ident, channel, account)
                       JOIN omnilogs.version AS version ON version.ident = wanted.ident
                       AND version.channel = wanted.channel AND version.account = wanted.account";
            for row in session.query(sql, &[&lists.idents, &lists.channels, &lists.accounts])? {
                self.add_version(VersionBytes::read(&row)?, target);
            }
        }
        Ok(())
    }

    /// Searches every version that contains the number or id: an earlier version of a message may
    /// have it although the current one has another, and other messages may mention it.
    fn search_other_versions(
        &mut self,
        session: &mut Session,
        target: &ErasureKey<'_>,
    ) -> Result<(), ServerFailure> {
        let pattern = target.finder.pattern();
        each_version(session, "encode(raw, 'escape') ~* $5", &pattern, |version| {
            self.add_version(version, target);
        })
    }

    fn add_version(&mut self, version: VersionBytes, target: &ErasureKey<'_>) {
        let VersionBytes { key, fault, bytes } = version;
        self.add(key, &stored_bytes::log(&bytes, fault), &bytes, target);
    }

    /// Counts how often the versions that are left contain a form.
    fn copies(&self, session: &mut Session, target: &ErasureKey<'_>) -> Result<u64, ServerFailure> {
        let counter = CopyCounter::new(&target.finder, &self.forms, &self.longer);
        let mut copies = 0;
        for form in counter.forms() {
            each_version(session, CONTAINS, &form.needle(), |VersionBytes { bytes, .. }| {
                copies += counter.count_form(form, &bytes, 0..bytes.len());
            })?;
        }
        Ok(copies)
    }
}

/// The condition for versions that contain the bytes in `$5`.
const CONTAINS: &str = "position($5 IN raw) > 0";

/// Calls `visit` with each version for which a condition on the value `$5` holds. The server does the
/// search.
fn each_version(
    session: &mut Session,
    condition: &str,
    value: &(dyn ToSql + Sync),
    mut visit: impl FnMut(VersionBytes),
) -> Result<(), ServerFailure> {
    let sql = format!(
        "SELECT ident, channel, account, fault, raw, hash FROM omnilogs.version
         WHERE (ident, channel, account, hash) > ($1, $2, $3, $4) AND {condition}
         ORDER BY ident, channel, account, hash LIMIT {STEP}"
    );
    let (mut ident, mut channel, mut account) = (String::new(), String::new(), i64::MIN);
    let mut hash: Vec<u8> = Vec::new();
    loop {
        let rows = session.query(&sql, &[&ident, &channel, &account, &hash, value])?;
        for row in &rows {
            visit(VersionBytes::read(row)?);
        }
        let Some(last) = rows.last().filter(|_| rows.len() == STEP) else { return Ok(()) };
        (ident, channel) = (last.try_get(0)?, last.try_get(1)?);
        (account, hash) = (last.try_get(2)?, last.try_get(5)?);
    }
}
