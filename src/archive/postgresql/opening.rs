//! Finds the version of an archive, and makes a new one.

use super::failure::ServerFailure;
use super::schema::{LEASE, SCHEMA, STEPS, VERSION, note_version};
use super::server::ArchiveServer;
use super::session::Session;
use crate::archive::error::StoreError;
use crate::archive::lease::Lease;

/// The version of the format; 0 where there is no archive.
pub(super) fn version(session: &mut Session) -> Result<i64, ServerFailure> {
    let known = "SELECT to_regclass('omnilogs.meta') IS NOT NULL";
    if session.value::<bool>(known, &[])? != Some(true) {
        return Ok(0);
    }
    let sql = "SELECT value FROM omnilogs.meta WHERE key = 'version'";
    let version: Option<String> = session.value(sql, &[])?;
    Ok(version.and_then(|text| text.parse().ok()).unwrap_or(0))
}

/// Fails unless there is an archive of the version of this program.
pub(super) fn check(server: &mut ArchiveServer) -> Result<(), StoreError> {
    let found = server.once(version)?;
    let name = server.name().to_owned();
    match found {
        0 => Err(StoreError::Missing { name }),
        found if found > VERSION => Err(StoreError::Newer { name, found, known: VERSION }),
        found if found < VERSION => Err(StoreError::Older { name, found, known: VERSION }),
        _ => Ok(()),
    }
}

/// Makes the schema and the lease, if they are missing: everything else is made under the lease.
pub(super) fn make_lease(server: &mut ArchiveServer) -> Result<(), StoreError> {
    server.write(|session| {
        require_utf8(session)?;
        let is_there = |session: &mut Session, sql: &str| session.value::<bool>(sql, &[]);
        // A role that may not create anything may still find that nothing has to be created.
        let schema = "SELECT to_regnamespace('omnilogs') IS NOT NULL";
        if is_there(session, schema)? != Some(true) {
            session.run(SCHEMA)?;
        }
        let lease = "SELECT to_regclass('omnilogs.lease') IS NOT NULL";
        if is_there(session, lease)? != Some(true) {
            session.run(LEASE)?;
        }
        Ok(())
    })
}

/// Brings the archive to the version of this program; which version it had.
pub(super) fn migrate(server: &mut ArchiveServer, lease: &Lease) -> Result<i64, StoreError> {
    let name = server.name().to_owned();
    server.write_under(lease, |session| {
        let found = version(session)?;
        if found > VERSION {
            let name = name.clone();
            return Err(StoreError::Newer { name, found, known: VERSION }.into());
        }
        for step in STEPS.iter().skip(usize::try_from(found).unwrap_or_default()) {
            session.run(step)?;
        }
        if found < VERSION {
            session.run(&note_version(VERSION))?;
        }
        Ok(found)
    })
}

/// Texts of messages have characters that other encodings lack.
fn require_utf8(session: &mut Session) -> Result<(), ServerFailure> {
    let encoding: Option<String> =
        session.value("SELECT current_setting('server_encoding')", &[])?;
    match encoding.as_deref() {
        Some("UTF8") | None => Ok(()),
        Some(other) => {
            let reason = format!("the encoding of the database is {other}, and must be UTF8");
            Err(StoreError::Foreign { name: String::new(), reason }.into())
        }
    }
}
