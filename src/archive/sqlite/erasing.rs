//! Erases the messages of one person, and searches the file for copies that are left.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use rusqlite::{Connection, params};

use super::database::Database;
use super::database_error::DatabaseFailure;
use super::{file, pruning};
use crate::archive::erasure_rows::{ErasureKey, TargetRows};
use crate::archive::error::StoreError;
use crate::archive::lease::Lease;
use crate::archive::maintenance::{DeletedCounts, Erasure, ErasureReport, ErasureTarget};
use crate::archive::message_columns::escaped;
use crate::archive::stored_bytes::{self, Fault};
use crate::archive::suppression::{Marker, SuppressionList};
use crate::archive::target_finder::CopyCounter;

/// The number of bytes of a file that are searched at once.
const CHUNK_BYTES: usize = 1 << 20;

pub(super) fn count(
    connection: &Connection,
    target: &ErasureTarget,
) -> Result<DeletedCounts, DatabaseFailure> {
    let Some(target) = ErasureKey::new(target) else { return Ok(DeletedCounts::default()) };
    let found = TargetRows::find(connection, &target)?;
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
    let Some(target) = ErasureKey::new(&erasure.target) else {
        return Ok(ErasureReport::default());
    };
    let (found, deleted) = database.write_under(lease, |transaction| {
        let found = TargetRows::find(transaction, &target)?;
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
    let (mut copies, mentions) = (found.copies_in_file(&target, database)?, found.mentions());
    if copies > 0 && mentions == 0 {
        // The free space of a page that SQLite rearranged can hold a copy.
        database.compact()?;
        copies = found.copies_in_file(&target, database)?;
    }
    Ok(ErasureReport { deleted, mentions, found: copies })
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
    fn find(connection: &Connection, target: &ErasureKey<'_>) -> Result<Self, DatabaseFailure> {
        let mut found = Self::new(&target.key);
        let sql = match target.target {
            ErasureTarget::Destination(_) => "SELECT id FROM message WHERE destination = ?1",
            ErasureTarget::MessageId(_) => "SELECT id FROM message WHERE ident = ?1",
        };
        let mut select = connection.prepare(sql)?;
        for message in select.query_map([escaped(&target.key)], |row| row.get(0))? {
            found.messages.insert(message?);
        }
        found.search_versions(connection, target)?;
        Ok(found)
    }

    /// Searches every version: an earlier version of a message may have the number although the
    /// current one has another, and other messages may mention it.
    fn search_versions(
        &mut self,
        connection: &Connection,
        target: &ErasureKey<'_>,
    ) -> Result<(), DatabaseFailure> {
        let mut select = connection.prepare("SELECT message, fault, raw FROM version")?;
        let mut versions = select.query([])?;
        while let Some(row) = versions.next()? {
            let message = row.get(0)?;
            let bytes = row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?;
            let is_found = || target.finder.occurrences(bytes).next().is_some();
            if self.messages.contains(&message) || is_found() {
                let log = stored_bytes::log(bytes, Fault::from_code(row.get(1)?));
                self.add(message, &log, bytes, target);
            }
        }
        Ok(())
    }

    /// Counts how often the file of the archive and its log contain a form.
    fn copies_in_file(
        &self,
        target: &ErasureKey<'_>,
        database: &Database,
    ) -> Result<u64, StoreError> {
        let counter = CopyCounter::new(&target.finder, &self.forms, &self.longer);
        let mut copies = 0;
        for suffix in ["", "-wal", "-journal"] {
            let path = file::companion(&database.path, suffix);
            copies += copies_in(&path, &counter)
                .map_err(|error| file::io_error(&database.name, &error))?;
        }
        Ok(copies)
    }
}

/// Counts the copies in a file; 0 for a file that does not exist.
fn copies_in(path: &Path, counter: &CopyCounter<'_>) -> io::Result<u64> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error),
    };
    let reach = counter.reach();
    let (mut copies, mut chunk, mut begin) = (0, Vec::new(), 0);
    loop {
        let read = file.by_ref().take(CHUNK_BYTES as u64).read_to_end(&mut chunk)?;
        let is_last = read == 0;
        // A copy can continue in the next chunk: the end of this chunk is searched with that one.
        let kept = if is_last { 0 } else { reach.min(chunk.len() - begin) };
        let end = chunk.len() - kept;
        copies += counter.count(&chunk, begin..end);
        if is_last {
            return Ok(copies);
        }
        begin = reach.min(end);
        chunk.drain(..end - begin);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn copies_are_found_where_chunks_meet() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let forms = BTreeSet::from([b"447700900123".to_vec(), b"+44 7700".to_vec()]);
        let longer = HashSet::from([b"4477009001234".to_vec()]);
        let target = ErasureTarget::Destination("447700900123".to_owned());
        let target = ErasureKey::new(&target).unwrap();
        let counter = CopyCounter::new(&target.finder, &forms, &longer);
        assert_eq!(copies_in(&path, &counter).unwrap(), 0);
        for shift in 0..14 {
            let mut bytes = vec![b'4'; CHUNK_BYTES - shift];
            bytes.extend_from_slice(b"447700900123");
            bytes.extend(std::iter::repeat_n(b'x', CHUNK_BYTES));
            bytes.extend_from_slice(b"+44 7700447700900123");
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(copies_in(&path, &counter).unwrap(), 3, "{shift}");
            let mut bytes = vec![b'x'; CHUNK_BYTES - shift];
            bytes.extend_from_slice(b"4477009001234");
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(copies_in(&path, &counter).unwrap(), 0, "{shift}");
        }
    }
}
