//! The lease, one row of the table `lease`. A transaction that writes locks the row until it ends, so
//! that no other program can take the lease meanwhile.

use postgres::Row;

use super::failure::ServerFailure;
use super::session::Session;
use crate::archive::error::StoreError;
use crate::archive::lease::{Holder, Lease, LeaseRequest};

/// Takes the lease. If `is_repeated`, an earlier attempt may have taken it already.
pub(super) fn take(
    session: &mut Session,
    request: &LeaseRequest<'_>,
    is_repeated: bool,
) -> Result<Lease, ServerFailure> {
    let holder = holder(session)?;
    let is_own = |holder: &Holder| {
        (&*holder.program, holder.pid, &*holder.host, holder.since)
            == (request.program, request.pid, request.host, request.now)
    };
    if let Some(holder) = holder.as_ref().filter(|holder| is_repeated && is_own(holder)) {
        return Ok(Lease { fence: holder.fence });
    }
    let taken = session.value(
        "UPDATE omnilogs.lease SET program = $1, pid = $2, host = $3, since = $4, until = $5,
         fence = fence + 1 WHERE name = 'writer' AND (until <= $4 OR fence = $6) RETURNING fence",
        &[
            &request.program,
            &i64::from(request.pid),
            &request.host,
            &request.now,
            &request.now.saturating_add(Lease::MILLIS),
            &request.replaces,
        ],
    );
    match taken.map_err(ServerFailure::from) {
        Ok(Some(fence)) => Ok(Lease { fence }),
        Ok(None) => Err(busy(holder)),
        // The holder is in a transaction.
        Err(failure) if failure.is_locked() => Err(busy(holder)),
        Err(failure) => Err(failure),
    }
}

fn busy(holder: Option<Holder>) -> ServerFailure {
    StoreError::Busy { name: String::new(), holder: holder.map(Box::new) }.into()
}

/// The latest holder, even if its lease has expired.
fn holder(session: &mut Session) -> Result<Option<Holder>, ServerFailure> {
    let sql = "SELECT program, pid, host, since, until, fence FROM omnilogs.lease
               WHERE name = 'writer'";
    let read = |row: &Row| -> Result<Holder, ServerFailure> {
        Ok(Holder {
            program: row.try_get(0)?,
            pid: u32::try_from(row.try_get::<_, i64>(1)?).unwrap_or_default(),
            host: row.try_get(2)?,
            since: row.try_get(3)?,
            until: row.try_get(4)?,
            fence: row.try_get(5)?,
        })
    };
    session.query(sql, &[])?.first().map(read).transpose()
}

/// Fails if another program has taken the lease. Otherwise none can take it until the transaction
/// ends.
pub(super) fn check(session: &mut Session, lease: &Lease) -> Result<(), ServerFailure> {
    let sql = "SELECT fence FROM omnilogs.lease WHERE name = 'writer' FOR UPDATE";
    let fence: Option<i64> = session.value(sql, &[])?;
    if fence == Some(lease.fence) { Ok(()) } else { Err(lost()) }
}

/// Renews the lease, and reserves numbers for this many messages. Returns the first number.
pub(super) fn renew(
    session: &mut Session,
    lease: &Lease,
    now: i64,
    messages: usize,
) -> Result<i64, ServerFailure> {
    let sql = "UPDATE omnilogs.lease SET until = $2, numbered = numbered + $3
               WHERE name = 'writer' AND fence = $1 RETURNING numbered - $3 + 1";
    let until = now.saturating_add(Lease::MILLIS);
    let messages = i64::try_from(messages).unwrap_or_default();
    session.value(sql, &[&lease.fence, &until, &messages])?.ok_or_else(lost)
}

/// Reserves numbers for this many messages. Returns the first number.
pub(super) fn reserve_numbers(
    session: &mut Session,
    messages: usize,
) -> Result<i64, ServerFailure> {
    let sql = "UPDATE omnilogs.lease SET numbered = numbered + $1 WHERE name = 'writer'
               RETURNING numbered - $1 + 1";
    let messages = i64::try_from(messages).unwrap_or_default();
    session.value(sql, &[&messages])?.ok_or_else(lost)
}

pub(super) fn release(session: &mut Session, lease: &Lease) -> Result<(), ServerFailure> {
    // The row stays, so that the next fence is greater.
    let sql = "UPDATE omnilogs.lease SET until = 0 WHERE name = 'writer' AND fence = $1";
    session.execute(sql, &[&lease.fence])?;
    Ok(())
}

fn lost() -> ServerFailure {
    StoreError::LeaseLost { name: String::new() }.into()
}
