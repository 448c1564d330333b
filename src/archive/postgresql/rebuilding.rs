//! Computes the table `message` again from the table `version`.

use super::current_version;
use super::message_row::RowKey;
use super::server::ArchiveServer;
use crate::archive::error::StoreError;
use crate::archive::lease::Lease;

/// The number of messages per transaction: a sync can write between two transactions.
const STEP: i64 = 1000;

pub(super) fn rebuild(server: &mut ArchiveServer, lease: &Lease) -> Result<u64, StoreError> {
    let (mut changed, mut after) = (0, None);
    loop {
        let step = server.write_under(lease, |session| {
            let (ident, channel, account) = match &after {
                Some(RowKey { key, account }) => (&*key.ident, &*key.channel, *account),
                None => ("", "", i64::MIN),
            };
            let sql = "SELECT DISTINCT ident, channel, account FROM omnilogs.version
                       WHERE (ident, channel, account) > ($1, $2, $3)
                       ORDER BY ident, channel, account LIMIT $4";
            let rows = session.query(sql, &[&ident, &channel, &account, &STEP])?;
            let keys: Vec<_> =
                rows.iter().map(|row| RowKey::read(row, 0)).collect::<Result<_, _>>()?;
            let changed = current_version::recompute(session, &keys)?;
            Ok(keys.into_iter().next_back().map(|last| (last, changed)))
        })?;
        let Some((last, more)) = step else { return Ok(changed) };
        after = Some(last);
        changed += more;
    }
}
