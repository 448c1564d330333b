//! The ledgers: coverage and gaps.

use postgres::Row;

use super::failure::ServerFailure;
use super::index_text::plain;
use super::runs::text;
use super::session::{Session, counted, stored};
use crate::archive::account::AccountId;
use crate::archive::ledger::{self, GapRecord, Ledger, LedgerPiece, ListedRange, Scope};
use crate::archive::maintenance::PruneOptions;
use crate::archive::ranges;
use crate::model::TimeRange;

/// The ledger of an account and a scope.
pub(super) struct ScopedLedger {
    account: i64,
    scope: String,
}

impl ScopedLedger {
    pub(super) fn new(account: AccountId, scope: Scope<'_>) -> Self {
        Self { account: account.0, scope: plain(scope.0) }
    }

    pub(super) fn read(&self, session: &mut Session) -> Result<Ledger, ServerFailure> {
        let start = "SELECT start FROM omnilogs.scope WHERE account = $1 AND name = $2";
        Ok(Ledger {
            start: session.value(start, &[&self.account, &self.scope])?,
            listed: self.touching(session, TimeRange { since: i64::MIN, until: i64::MAX })?,
            gaps: self.gaps(session)?,
        })
    }

    /// The pieces that overlap or touch a range, oldest first.
    fn touching(
        &self,
        session: &mut Session,
        range: TimeRange,
    ) -> Result<Vec<LedgerPiece>, ServerFailure> {
        let sql = "SELECT since, until, listed_at FROM omnilogs.coverage WHERE account = $1
                   AND scope = $2 AND since <= $3 AND until >= $4 ORDER BY since";
        let read = |row: &Row| {
            let range = TimeRange { since: row.try_get(0)?, until: row.try_get(1)? };
            Ok(LedgerPiece { range, listed_at: row.try_get(2)? })
        };
        let rows = session.query(sql, &[&self.account, &self.scope, &range.until, &range.since])?;
        rows.iter().map(read).collect()
    }

    /// Replaces pieces by others.
    pub(super) fn replace(
        &self,
        session: &mut Session,
        old: &[LedgerPiece],
        new: &[LedgerPiece],
    ) -> Result<(), ServerFailure> {
        let gone: Vec<i64> = old
            .iter()
            .filter(|piece| !new.contains(piece))
            .map(|piece| piece.range.since)
            .collect();
        if !gone.is_empty() {
            let sql = "DELETE FROM omnilogs.coverage WHERE account = $1 AND scope = $2
                       AND since = ANY($3)";
            session.execute(sql, &[&self.account, &self.scope, &gone])?;
        }
        let added: Vec<_> = new.iter().filter(|piece| !old.contains(piece)).collect();
        if !added.is_empty() {
            let column =
                |of: fn(&LedgerPiece) -> i64| added.iter().map(|piece| of(piece)).collect();
            let since: Vec<i64> = column(|piece| piece.range.since);
            let until: Vec<i64> = column(|piece| piece.range.until);
            let listed_at: Vec<i64> = column(|piece| piece.listed_at);
            session.execute(
                "INSERT INTO omnilogs.coverage (account, scope, since, until, listed_at)
                 SELECT $1, $2, since, until, listed_at
                 FROM unnest($3::bigint[], $4::bigint[], $5::bigint[])
                 AS piece (since, until, listed_at)",
                &[&self.account, &self.scope, &since, &until, &listed_at],
            )?;
        }
        Ok(())
    }

    /// Records that a range was listed, and removes it from the gaps.
    pub(super) fn extend(
        &self,
        session: &mut Session,
        covers: &ListedRange<'_>,
    ) -> Result<(), ServerFailure> {
        let ListedRange { range, listed_at, .. } = *covers;
        if range.is_empty() {
            return Ok(());
        }
        let old = self.touching(session, range)?;
        let new = ledger::record(&old, LedgerPiece { range, listed_at });
        self.replace(session, &old, &new)?;
        for gap in self.gaps(session)? {
            if gap.lost.is_none() && ranges::intersection(gap.range, range).is_some() {
                self.delete_gap(session, &gap)?;
                for left in ranges::uncovered(gap.range, &[range]) {
                    // The number of messages in the rest is not known.
                    let left = GapRecord { range: left, at_least: 0, ..gap.clone() };
                    self.record_gap(session, &left)?;
                }
            }
        }
        Ok(())
    }

    pub(super) fn set_start(&self, session: &mut Session, start: i64) -> Result<(), ServerFailure> {
        let sql = "INSERT INTO omnilogs.scope (account, name, start) VALUES ($1, $2, $3)
                   ON CONFLICT DO NOTHING";
        session.execute(sql, &[&self.account, &self.scope, &start])?;
        Ok(())
    }

    pub(super) fn fold(&self, session: &mut Session, before: i64) -> Result<(), ServerFailure> {
        let old = self.touching(session, TimeRange { since: i64::MIN, until: i64::MAX })?;
        let new = ledger::fold(&old, before);
        self.replace(session, &old, &new)
    }

    fn gaps(&self, session: &mut Session) -> Result<Vec<GapRecord>, ServerFailure> {
        let sql = "SELECT since, until, reason, at_least, found, lost, acknowledged
                   FROM omnilogs.gap WHERE account = $1 AND scope = $2
                   ORDER BY since, until, reason";
        let read = |row: &Row| {
            Ok(GapRecord {
                range: TimeRange { since: row.try_get(0)?, until: row.try_get(1)? },
                reason: text(row, 2)?,
                at_least: counted(row.try_get(3)?),
                found: row.try_get(4)?,
                lost: row.try_get(5)?,
                acknowledged: row.try_get(6)?,
            })
        };
        session.query(sql, &[&self.account, &self.scope])?.iter().map(read).collect()
    }

    pub(super) fn record_gap(
        &self,
        session: &mut Session,
        gap: &GapRecord,
    ) -> Result<(), ServerFailure> {
        session.execute(
            "INSERT INTO omnilogs.gap AS gap (account, scope, since, until, reason, at_least, found,
             lost, acknowledged) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             ON CONFLICT (account, scope, since, until, reason) DO UPDATE SET
             at_least = greatest(gap.at_least, excluded.at_least),
             found = least(gap.found, excluded.found), lost = coalesce(gap.lost, excluded.lost),
             acknowledged = coalesce(gap.acknowledged, excluded.acknowledged)",
            &[
                &self.account,
                &self.scope,
                &gap.range.since,
                &gap.range.until,
                &plain(&gap.reason),
                &stored(gap.at_least),
                &gap.found,
                &gap.lost,
                &gap.acknowledged,
            ],
        )?;
        Ok(())
    }

    fn delete_gap(&self, session: &mut Session, gap: &GapRecord) -> Result<(), ServerFailure> {
        let TimeRange { since, until } = gap.range;
        let sql = "DELETE FROM omnilogs.gap WHERE account = $1 AND scope = $2 AND since = $3
                   AND until = $4 AND reason = $5";
        session.execute(sql, &[&self.account, &self.scope, &since, &until, &plain(&gap.reason)])?;
        Ok(())
    }
}

pub(super) fn acknowledge(
    session: &mut Session,
    account: AccountId,
    now: i64,
) -> Result<u64, ServerFailure> {
    let sql = "UPDATE omnilogs.gap SET acknowledged = $2
               WHERE account = $1 AND acknowledged IS NULL";
    Ok(session.execute(sql, &[&account.0, &now])?)
}

/// Removes the time before a prune from the ledgers.
pub(super) fn remove_before(
    session: &mut Session,
    prune: &PruneOptions,
) -> Result<(), ServerFailure> {
    let account = prune.account.map(|account| account.0);
    for sql in [
        "DELETE FROM omnilogs.coverage
         WHERE until <= $1 AND ($2::bigint IS NULL OR account = $2)",
        "UPDATE omnilogs.coverage SET since = $1
         WHERE since < $1 AND ($2::bigint IS NULL OR account = $2)",
        "DELETE FROM omnilogs.gap WHERE until <= $1 AND ($2::bigint IS NULL OR account = $2)",
        // Several gaps with the same end and reason may begin before that time. They become one.
        "INSERT INTO omnilogs.gap (account, scope, since, until, reason, at_least, found, lost,
         acknowledged)
         SELECT account, scope, $1::bigint, until, reason, max(at_least), min(found), min(lost),
         min(acknowledged) FROM omnilogs.gap
         WHERE since < $1 AND ($2::bigint IS NULL OR account = $2)
         GROUP BY account, scope, until, reason ON CONFLICT DO NOTHING",
        "DELETE FROM omnilogs.gap WHERE since < $1 AND ($2::bigint IS NULL OR account = $2)",
        "UPDATE omnilogs.scope SET start = $1
         WHERE start < $1 AND ($2::bigint IS NULL OR account = $2)",
    ] {
        session.execute(sql, &[&prune.before, &account])?;
    }
    Ok(())
}
