//! The lease, one row of the table `lease`.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::database_error::DatabaseFailure;
use crate::archive::error::StoreError;
use crate::archive::lease::{Holder, Lease, LeaseRequest};

/// The name of the only lease.
const WRITER: &str = "writer";

pub(super) fn take(
    connection: &Connection,
    request: &LeaseRequest<'_>,
) -> Result<Lease, DatabaseFailure> {
    let holder = holder(connection)?;
    let fence = holder.as_ref().map_or(0, |holder| holder.fence);
    if let Some(holder) = holder
        && holder.until > request.now
        && request.replaces != Some(holder.fence)
    {
        return Err(StoreError::Busy { name: String::new(), holder: Some(Box::new(holder)) }.into());
    }
    let lease = Lease { fence: fence + 1 };
    connection.execute(
        "INSERT OR REPLACE INTO lease (name, program, pid, host, since, until, fence)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            WRITER,
            request.program,
            request.pid,
            request.host,
            request.now,
            request.now.saturating_add(Lease::MILLIS),
            lease.fence
        ],
    )?;
    Ok(lease)
}

/// The same error with the program that has the lease, if the archive is in use and can be read: a lock of
/// SQLite does not tell whose it is.
pub(super) fn with_holder(error: StoreError, connection: &Connection, now: i64) -> StoreError {
    let StoreError::Busy { name, holder: None } = error else { return error };
    let found = holder(connection).ok().flatten();
    let found = found.filter(|holder| holder.until > now && holder.pid != std::process::id());
    StoreError::Busy { name, holder: found.map(Box::new) }
}

/// The latest holder, even if its lease has expired.
fn holder(connection: &Connection) -> Result<Option<Holder>, DatabaseFailure> {
    let read = |row: &Row<'_>| {
        Ok(Holder {
            program: row.get(0)?,
            pid: row.get(1)?,
            host: row.get(2)?,
            since: row.get(3)?,
            until: row.get(4)?,
            fence: row.get(5)?,
        })
    };
    let sql = "SELECT program, pid, host, since, until, fence FROM lease WHERE name = ?1";
    Ok(connection.query_row(sql, [WRITER], read).optional()?)
}

/// Fails if another program has taken the lease.
pub(super) fn check(connection: &Connection, lease: &Lease) -> Result<(), DatabaseFailure> {
    let sql = "SELECT fence FROM lease WHERE name = ?1";
    let fence: Option<i64> =
        connection.prepare_cached(sql)?.query_row([WRITER], |row| row.get(0)).optional()?;
    if fence == Some(lease.fence) { Ok(()) } else { Err(lost()) }
}

pub(super) fn renew(
    connection: &Connection,
    lease: &Lease,
    now: i64,
) -> Result<(), DatabaseFailure> {
    let sql = "UPDATE lease SET until = ?3 WHERE name = ?1 AND fence = ?2";
    let until = now.saturating_add(Lease::MILLIS);
    let renewed = connection.prepare_cached(sql)?.execute(params![WRITER, lease.fence, until])?;
    if renewed == 1 { Ok(()) } else { Err(lost()) }
}

pub(super) fn release(connection: &Connection, lease: &Lease) -> Result<(), DatabaseFailure> {
    // The row stays, so that the next fence is greater.
    let sql = "UPDATE lease SET until = 0 WHERE name = ?1 AND fence = ?2";
    connection.execute(sql, params![WRITER, lease.fence])?;
    Ok(())
}

fn lost() -> DatabaseFailure {
    StoreError::LeaseLost { name: String::new() }.into()
}
