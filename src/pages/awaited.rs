//! Rows that an interrupted run received and its output does not contain: the run that resumes it must
//! receive them again.
//!
//! A row without a readable time of sending can belong to any time range, so the range that was listed
//! does not tell whether the source will return the row again. Nothing here sends a request.

use super::boundary::RowCounts;
use crate::model::{Identity, Log};
use crate::query::Query;
use crate::source::Gap;

const NOT_RETURNED: &str =
    "a row without a readable sentAt that the interrupted run received was not returned again";

/// How often each row must still be received.
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

    /// Records that a row was received and returned.
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

    /// The gap of the rows that were not received again. It begins at the start of the window and has
    /// no end: if the newest row with a time fixed the end of the window, the rows may be newer.
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
