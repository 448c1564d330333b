//! Checks the version of an archive, and creates or migrates its tables.

use super::failure::ServerFailure;
use super::schema::{LEASE, SCHEMA, STEPS, VERSION, note_version};
use super::server::ArchiveServer;
use super::session::Session;
use crate::archive::error::StoreError;
use crate::archive::lease::Lease;

/// The version of the format; 0 if the database has no archive.
pub(super) fn version(session: &mut Session) -> Result<i64, ServerFailure> {
    let known = "SELECT to_regclass('omnilogs.meta') IS NOT NULL";
    if session.value::<bool>(known, &[])? != Some(true) {
        return Ok(0);
    }
    let sql = "SELECT value FROM omnilogs.meta WHERE key = 'version'";
    let version: Option<String> = session.value(sql, &[])?;
    Ok(version.and_then(|text| text.parse().ok()).unwrap_or(0))
}

/// Fails unless the database has an archive of the version of this program.
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

/// Creates the schema and the lease if they are missing. All other tables are created under the
/// lease.
pub(super) fn make_lease(server: &mut ArchiveServer) -> Result<(), StoreError> {
    server.write(|session| {
        require_utf8(session)?;
        let exists = |session: &mut Session, sql: &str| session.value::<bool>(sql, &[]);
        // `IF NOT EXISTS` alone fails for a role without the right to create, even if nothing has to
        // be created.
        let schema = "SELECT to_regnamespace('omnilogs') IS NOT NULL";
        if exists(session, schema)? != Some(true) {
            session.run(SCHEMA)?;
        }
        let lease = "SELECT to_regclass('omnilogs.lease') IS NOT NULL";
        if exists(session, lease)? != Some(true) {
            session.run(LEASE)?;
        }
        Ok(())
    })
}

/// Migrates the archive to the version of this program. Returns the version that it had.
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

/// Fails unless the encoding of the database is UTF-8: others lack characters of messages.
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
