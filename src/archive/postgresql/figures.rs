//! Counts the contents of an archive.

use super::failure::ServerFailure;
use super::session::Session;
use crate::archive::account::AccountId;
use crate::archive::maintenance::{AccountFigures, StoreFigures};

pub(super) fn of_account(
    session: &mut Session,
    account: AccountId,
) -> Result<AccountFigures, ServerFailure> {
    let of = |session: &mut Session, what: &str| {
        let sql = format!("SELECT {what} FROM omnilogs.message WHERE account = $1");
        session.value::<Option<i64>>(&sql, &[&account.0])
    };
    Ok(AccountFigures {
        messages: session
            .count("SELECT count(*) FROM omnilogs.message WHERE account = $1", &[&account.0])?,
        oldest: of(session, "min(at)")?.flatten(),
        newest: of(session, "max(at)")?.flatten(),
    })
}

pub(super) fn of_store(session: &mut Session) -> Result<StoreFigures, ServerFailure> {
    let mut number = |sql| session.count(sql, &[]);
    Ok(StoreFigures {
        messages: number("SELECT count(*) FROM omnilogs.message")?,
        versions: number("SELECT count(*) FROM omnilogs.version")?,
        bytes: number(
            "SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint FROM pg_class
             WHERE relnamespace = 'omnilogs'::regnamespace AND relkind = 'r'",
        )?,
        free_bytes: None,
        erasures: number("SELECT count(*) FROM omnilogs.erasure")?,
    })
}
