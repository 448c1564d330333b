//! Erases the messages of one person, and looks through every text that is left for a copy.

use std::collections::BTreeSet;

use memchr::memmem::Finder;
use postgres::Row;

use super::failure::ServerFailure;
use super::index_text::{indexed, stored_ident};
use super::message_row::{KeyLists, RowKey};
use super::pruning;
use super::server::ArchiveServer;
use super::session::{Session, stored};
use crate::archive::erasure_form::{TargetRows, form, target_key};
use crate::archive::error::StoreError;
use crate::archive::lease::Lease;
use crate::archive::maintenance::{Deleted, Erasure, ErasureReport, ErasureTarget};
use crate::archive::message_columns::escaped;
use crate::archive::stored_bytes::{self, Fault};
use crate::archive::suppression::{Mark, Marker, Suppressed};

/// Texts that are read at once.
const STEP: usize = 1000;

pub(super) fn count(
    session: &mut Session,
    target: &ErasureTarget,
) -> Result<Deleted, ServerFailure> {
    let found = TargetRows::look(session, target)?;
    let lists = KeyLists::of(&found.messages);
    let versions = session.count(
        "SELECT count(*) FROM unnest($1::text[], $2::text[], $3::bigint[])
         AS wanted (ident, channel, account)
         JOIN omnilogs.version AS version ON version.ident = wanted.ident
         AND version.channel = wanted.channel AND version.account = wanted.account",
        &[&lists.idents, &lists.channels, &lists.accounts],
    )?;
    Ok(Deleted { messages: found.messages.len() as u64, versions })
}

pub(super) fn erase(
    server: &mut ArchiveServer,
    lease: &Lease,
    erasure: &Erasure,
) -> Result<ErasureReport, StoreError> {
    let (found, deleted) = server.write_under(lease, |session| {
        let found = TargetRows::look(session, &erasure.target)?;
        let deleted = pruning::delete(session, &KeyLists::of(&found.messages))?;
        let mark = marker(session)?.mark(&erasure.target);
        note(session, erasure, &mark, deleted)?;
        Ok((found, deleted))
    })?;
    let copies = server.read(|session| found.copies(session))?;
    Ok(ErasureReport { deleted, mentions: found.mentions, found: copies })
}

/// Keeps the mark, and records that something was erased.
fn note(
    session: &mut Session,
    erasure: &Erasure,
    mark: &Mark,
    deleted: Deleted,
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

/// Makes the marks of this archive.
fn marker(session: &mut Session) -> Result<Marker, ServerFailure> {
    let sql = "SELECT value FROM omnilogs.meta WHERE key = 'suppression_key'";
    let key: Option<String> = session.value(sql, &[])?;
    Ok(Marker::new(key.unwrap_or_default().as_bytes()))
}

/// The marks that are in force at a time.
pub(super) fn suppressed(session: &mut Session, now: i64) -> Result<Suppressed, ServerFailure> {
    let sql = "SELECT mark FROM omnilogs.suppressed WHERE until > $1";
    let mut marks = std::collections::HashSet::new();
    for row in session.query(sql, &[&now])? {
        marks.extend(Mark::try_from(row.try_get::<_, &[u8]>(0)?));
    }
    // Most of the time nothing was erased lately.
    let marker = if marks.is_empty() { Marker::new(&[]) } else { marker(session)? };
    Ok(Suppressed { marker, marks })
}

/// A text, and the message that it is of.
struct StoredText {
    key: RowKey,
    fault: Fault,
    bytes: Vec<u8>,
}

impl StoredText {
    /// From the columns of a statement for texts.
    fn read(row: &Row) -> Result<Self, ServerFailure> {
        let (key, fault) = (RowKey::read(row, 0)?, Fault::from_code(row.try_get(3)?));
        Ok(Self { key, fault, bytes: row.try_get(4)? })
    }
}

impl TargetRows<RowKey> {
    fn look(session: &mut Session, target: &ErasureTarget) -> Result<Self, ServerFailure> {
        let mut found = Self::new();
        let key = target_key(target);
        if key.is_empty() {
            return Ok(found);
        }
        let (column, value) = match target {
            ErasureTarget::Destination(_) => ("destination", indexed(&escaped(&key)).into_owned()),
            ErasureTarget::MessageId(_) => ("ident", stored_ident(&key)),
        };
        found.forms.insert(key.as_bytes().to_vec());
        let sql =
            format!("SELECT ident, channel, account FROM omnilogs.message WHERE {column} = $1");
        for row in session.query(&sql, &[&value])? {
            found.messages.insert(RowKey::read(&row, 0)?);
        }
        found.look_into_own(session, target, &key)?;
        found.look_into_others(session, target, &key)?;
        Ok(found)
    }

    /// Looks how the messages have the number or id.
    fn look_into_own(
        &mut self,
        session: &mut Session,
        target: &ErasureTarget,
        key: &str,
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
                let StoredText { fault, bytes, .. } = StoredText::read(&row)?;
                let form = form(&stored_bytes::log(&bytes, fault), target, key);
                self.forms.extend(form.map(String::into_bytes));
            }
        }
        Ok(())
    }

    /// Looks through every other text with the number or id: an earlier one may have had it where the
    /// current one has another, and others may mention it.
    fn look_into_others(
        &mut self,
        session: &mut Session,
        target: &ErasureTarget,
        key: &str,
    ) -> Result<(), ServerFailure> {
        let mut mentions = BTreeSet::new();
        each_text_with(session, key.as_bytes(), |text| {
            match form(&stored_bytes::log(&text.bytes, text.fault), target, key) {
                Some(form) => {
                    self.forms.insert(form.into_bytes());
                    self.messages.insert(text.key);
                }
                None => {
                    mentions.insert(text.key);
                }
            }
        })?;
        self.mentions = mentions.difference(&self.messages).count() as u64;
        Ok(())
    }

    /// How often a form is in the texts that are left.
    fn copies(&self, session: &mut Session) -> Result<u64, ServerFailure> {
        let mut copies = 0;
        for form in &self.forms {
            let finder = Finder::new(form);
            each_text_with(session, form, |text| {
                copies += finder.find_iter(&text.bytes).count() as u64;
            })?;
        }
        Ok(copies)
    }
}

/// Passes on each text that contains these bytes. The server looks for them.
fn each_text_with(
    session: &mut Session,
    bytes: &[u8],
    mut look: impl FnMut(StoredText),
) -> Result<(), ServerFailure> {
    let sql = format!(
        "SELECT ident, channel, account, fault, raw, hash FROM omnilogs.version
         WHERE (ident, channel, account, hash) > ($1, $2, $3, $4) AND position($5 IN raw) > 0
         ORDER BY ident, channel, account, hash LIMIT {STEP}"
    );
    let (mut ident, mut channel, mut account) = (String::new(), String::new(), i64::MIN);
    let mut hash: Vec<u8> = Vec::new();
    loop {
        let rows = session.query(&sql, &[&ident, &channel, &account, &hash, &bytes])?;
        for row in &rows {
            look(StoredText::read(row)?);
        }
        let Some(last) = rows.last().filter(|_| rows.len() == STEP) else { return Ok(()) };
        (ident, channel) = (last.try_get(0)?, last.try_get(1)?);
        (account, hash) = (last.try_get(2)?, last.try_get(5)?);
    }
}
