//! Asks the source, and keeps the account of what was asked, found and handed on.

use super::Account;
use super::answer::Answer;
use crate::model::{Anomalies, Anomaly, Page, Timestamp};
use crate::query::{Extent, Query, RowFilter};
use crate::source::{Gap, Source, SourceError};

/// Clocks may differ by this much before a row counts as sent in the future.
const FUTURE_MILLIS: i64 = 5 * 60 * 1000;

/// A source, and what became of it.
pub(super) struct Asker<S> {
    source: S,
    pub(super) account: Account,
    /// The filters other than the window; `None` when there are none to hold rows against.
    filters: Option<RowFilter>,
    now: i64,
}

impl<S: Source> Asker<S> {
    pub(super) fn new(source: S, query: &Query, now: Timestamp) -> Self {
        let filters = Query {
            since: None,
            until: None,
            limit: None,
            extent: Extent::OnePage,
            extra: Vec::new(),
            ..query.clone()
        };
        Self {
            source,
            account: Account { since: query.since, until: query.until, ..Account::default() },
            filters: (filters != Query::default()).then(|| RowFilter::new(&filters)),
            now: now.millis(),
        }
    }

    pub(super) fn ask(&mut self, query: &Query) -> Result<Answer, SourceError> {
        self.account.requests += 1;
        let page = self.source.fetch(query)?;
        self.account.pages += 1;
        self.account.bytes += page.bytes as u64;
        let answer = Answer::read(page, query.limit);
        self.account.anomalies.add(&answer.anomalies, self.account.rows);
        Ok(answer)
    }

    /// Counts the rows that are left as handed on; `None` when none are.
    pub(super) fn hand_on(&mut self, mut answer: Answer) -> Option<Page> {
        if answer.logs.is_empty() {
            return None;
        }
        let odd = self.odd_rows(&answer);
        answer.anomalies.add(&odd, 0);
        self.account.anomalies.add(&odd, self.account.rows);
        self.account.rows += answer.logs.len() as u64;
        if let Some(oldest) = answer.moments.iter().rev().flatten().next() {
            let before = self.account.reached.map_or(i64::MAX, Timestamp::millis);
            self.account.reached = Some(Timestamp::from_millis(before.min(*oldest)));
        }
        let Answer { logs, anomalies, bytes, server_time, .. } = answer;
        Some(Page { logs, anomalies, bytes, covers: None, server_time })
    }

    /// Rows that were not asked for, or that come from the future.
    fn odd_rows(&self, answer: &Answer) -> Anomalies {
        let mut odd = Anomalies::default();
        let (since, until) = (self.account.since, self.account.until);
        for ((at, log), row) in answer.rows().zip(1..) {
            let fits = row <= answer.asked
                && self.filters.as_ref().is_none_or(|filters| filters.matches(log))
                && at.is_none_or(|at| {
                    since.is_none_or(|since| at >= since.millis())
                        && until.is_none_or(|until| at <= until.millis())
                });
            if !fits {
                odd.note(Anomaly::NotAsAsked, row);
            }
            if at.is_some_and(|at| at > self.now.saturating_add(FUTURE_MILLIS)) {
                odd.note(Anomaly::FutureSentAt, row);
            }
        }
        odd
    }

    /// Notes that rows from `since` to `until` may be missing.
    pub(super) fn note_gap(
        &mut self,
        since: Option<Timestamp>,
        until: Option<Timestamp>,
        reason: impl Into<String>,
    ) {
        self.account.gaps.push(Gap { since, until, at_least: 0, reason: reason.into() });
    }

    /// Notes that some of the rows of one moment, at least so many, could not be listed.
    pub(super) fn note_tie(&mut self, moment: i64, at_least: usize) {
        let at = Some(Timestamp::from_millis(moment));
        let reason = "more were sent in one millisecond than an answer holds, and some cannot be listed apart";
        let at_least = at_least as u64;
        self.account.gaps.push(Gap { since: at, until: at, at_least, reason: reason.to_owned() });
    }
}
