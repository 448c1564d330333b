//! Rows that an earlier run met and that its file does not hold: this run must meet them again.
//!
//! A row that does not say when it was sent may be of any time, so that the time range that the
//! earlier run listed does not show whether it will be returned once more. Nothing here requests it.

use super::boundary::RowCounts;
use crate::model::{Identity, Log};
use crate::query::Query;
use crate::source::Gap;

const NOT_RETURNED: &str =
    "a row without a readable sentAt that the interrupted run met was not returned again";

/// How often each row is still to come.
#[derive(Default)]
pub(super) struct Awaited(RowCounts);

impl Awaited {
    pub(super) fn new(rows: Vec<Identity>) -> Self {
        let mut counts = RowCounts::new();
        for identity in rows {
            *counts.entry(identity).or_default() += 1;
        }
        Self(counts)
    }

    /// Takes note of a row that is passed on.
    pub(super) fn note(&mut self, log: &Log) {
        if self.0.is_empty() {
            return;
        }
        let identity = log.identity();
        if let Some(times) = self.0.get_mut(&identity) {
            *times -= 1;
            if *times == 0 {
                self.0.remove(&identity);
            }
        }
    }

    /// Where rows are missing at the end of the run: anywhere from the start of the window on. Where
    /// the newest row that states a time has fixed its end, they may be newer.
    pub(super) fn gap(&self, window: &Query) -> Option<Gap> {
        let at_least = self.0.values().map(|times| u64::from(*times)).sum();
        (at_least > 0).then(|| Gap {
            since: window.since,
            until: None,
            at_least,
            reason: NOT_RETURNED.to_owned(),
        })
    }
}
