//! Erases the messages of one person, and searches the file for copies that are left.

use std::collections::{BTreeSet, HashSet};
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use memchr::memmem::Finder;
use rusqlite::{Connection, params};

use super::database::Database;
use super::database_error::DatabaseFailure;
use super::{file, pruning};
use crate::archive::erasure_rows::{TargetRows, target_key, written_form};
use crate::archive::error::StoreError;
use crate::archive::lease::Lease;
use crate::archive::maintenance::{DeletedCounts, Erasure, ErasureReport, ErasureTarget};
use crate::archive::message_columns::escaped;
use crate::archive::stored_bytes::{self, Fault};
use crate::archive::suppression::{Marker, SuppressionList};

/// The number of bytes of a file that are searched at once.
const CHUNK_BYTES: usize = 1 << 20;

pub(super) fn count(
    connection: &Connection,
    target: &ErasureTarget,
) -> Result<DeletedCounts, DatabaseFailure> {
    let found = TargetRows::find(connection, target)?;
    let mut select = connection.prepare("SELECT count(*) FROM version WHERE message = ?1")?;
    let mut deleted = DeletedCounts { messages: found.messages.len() as u64, versions: 0 };
    for message in &found.messages {
        deleted.versions += select.query_row([message], |row| super::runs::count(row, 0))?;
    }
    Ok(deleted)
}

pub(super) fn erase(
    database: &mut Database,
    lease: &Lease,
    erasure: &Erasure,
) -> Result<ErasureReport, StoreError> {
    let (found, deleted) = database.write_under(lease, |transaction| {
        let found = TargetRows::find(transaction, &erasure.target)?;
        let deleted = pruning::delete(transaction, found.messages.iter().copied())?;
        let mark = marker(transaction)?.mark(&erasure.target);
        transaction.execute("DELETE FROM suppressed WHERE until <= ?1", [erasure.now])?;
        transaction.execute(
            "INSERT OR REPLACE INTO suppressed (mark, until) VALUES (?1, ?2)",
            params![mark, erasure.suppressed_until],
        )?;
        transaction.execute(
            "INSERT INTO erasure (at, messages, versions) VALUES (?1, ?2, ?3)",
            params![
                erasure.now,
                super::runs::stored(deleted.messages),
                super::runs::stored(deleted.versions)
            ],
        )?;
        Ok((found, deleted))
    })?;
    // The log can still hold older pages with the erased messages.
    database.empty_log()?;
    let mut copies = found.copies_in_file(database)?;
    if copies > 0 && found.mentions == 0 {
        // The free space of a page that SQLite rearranged can hold a copy.
        database.compact()?;
        copies = found.copies_in_file(database)?;
    }
    Ok(ErasureReport { deleted, mentions: found.mentions, found: copies })
}

/// The marker with the key of this archive.
fn marker(connection: &Connection) -> Result<Marker, DatabaseFailure> {
    let sql = "SELECT value FROM meta WHERE key = 'suppression_key'";
    Ok(connection.query_row(sql, [], |row| Ok(Marker::new(row.get_ref(0)?.as_blob()?)))?)
}

/// The marks that are in force at a time.
pub(super) fn suppressed(
    connection: &Connection,
    now: i64,
) -> Result<SuppressionList, DatabaseFailure> {
    let marks: HashSet<_> = connection
        .prepare_cached("SELECT mark FROM suppressed WHERE until > ?1")?
        .query_map([now], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    Ok(SuppressionList { marker: marker(connection)?, marks })
}

impl TargetRows<i64> {
    fn find(connection: &Connection, target: &ErasureTarget) -> Result<Self, DatabaseFailure> {
        let mut found = Self::new();
        let key = target_key(target);
        let sql = match target {
            ErasureTarget::Destination(_) => "SELECT id FROM message WHERE destination = ?1",
            ErasureTarget::MessageId(_) => "SELECT id FROM message WHERE ident = ?1",
        };
        if key.is_empty() {
            return Ok(found);
        }
        found.forms.insert(key.as_bytes().to_vec());
        let mut select = connection.prepare(sql)?;
        for message in select.query_map([escaped(&key)], |row| row.get(0))? {
            found.messages.insert(message?);
        }
        found.search_versions(connection, target, &key)?;
        Ok(found)
    }

    /// Searches every version: an earlier version of a message may have the number although the
    /// current one has another, and other messages may mention it.
    fn search_versions(
        &mut self,
        connection: &Connection,
        target: &ErasureTarget,
        key: &str,
    ) -> Result<(), DatabaseFailure> {
        let mut mentions = BTreeSet::new();
        let mut select = connection.prepare("SELECT message, fault, raw FROM version")?;
        let mut versions = select.query([])?;
        let finder = Finder::new(key.as_bytes());
        while let Some(row) = versions.next()? {
            let message = row.get(0)?;
            let bytes = row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?;
            let is_known = self.messages.contains(&message);
            if !is_known && finder.find(bytes).is_none() {
                continue;
            }
            let log = stored_bytes::log(bytes, Fault::from_code(row.get(1)?));
            if let Some(form) = written_form(&log, target, key) {
                self.messages.insert(message);
                self.forms.insert(form.into_bytes());
            } else if !is_known {
                mentions.insert(message);
            }
        }
        self.mentions = mentions.difference(&self.messages).count() as u64;
        Ok(())
    }

    /// Counts how often the file of the archive and its log contain a form.
    fn copies_in_file(&self, database: &Database) -> Result<u64, StoreError> {
        let mut copies = 0;
        for suffix in ["", "-wal", "-journal"] {
            let path = file::companion(&database.path, suffix);
            copies += copies_in(&path, &self.forms)
                .map_err(|error| file::io_error(&database.name, &error))?;
        }
        Ok(copies)
    }
}

/// Counts how often a file contains any of the forms; 0 for a file that does not exist.
fn copies_in(path: &Path, forms: &BTreeSet<Vec<u8>>) -> io::Result<u64> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error),
    };
    let finders: Vec<_> = forms.iter().map(Finder::new).collect();
    let longest = forms.iter().map(Vec::len).max().unwrap_or_default();
    let (mut copies, mut chunk) = (0, Vec::new());
    loop {
        let read = file.by_ref().take(CHUNK_BYTES as u64).read_to_end(&mut chunk)?;
        let is_last = read == 0;
        // A form can continue in the next chunk: the end of this chunk is searched with that one.
        let kept = if is_last { 0 } else { longest.saturating_sub(1).min(chunk.len()) };
        let end = chunk.len() - kept;
        for finder in &finders {
            copies += finder.find_iter(&chunk).filter(|at| *at < end).count() as u64;
        }
        if is_last {
            return Ok(copies);
        }
        chunk.drain(..end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_are_found_where_chunks_meet() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let forms = BTreeSet::from([b"447700900123".to_vec(), b"+44 7700".to_vec()]);
        assert_eq!(copies_in(&path, &forms).unwrap(), 0);
        for shift in 0..14 {
            let mut bytes = vec![b'4'; CHUNK_BYTES - shift];
            bytes.extend_from_slice(b"447700900123");
            bytes.extend(std::iter::repeat_n(b'x', CHUNK_BYTES));
            bytes.extend_from_slice(b"+44 7700447700900123");
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(copies_in(&path, &forms).unwrap(), 3, "{shift}");
        }
    }
}
