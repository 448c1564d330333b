//! Lists time ranges and stores their messages.

use super::plan::{SLICE, expires_soon, next_range};
use super::tracked_source::lock;
use super::writer::gap_within;
use super::{StepError, Sync};
use crate::archive::ranges;
use crate::model::{Page, TimeRange, Timestamp};
use crate::pages::{END_MARGIN, History, Pages};
use crate::query::Query;
use crate::source::{Gap, Source, SourceError};

/// How a listing ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ListingEnd {
    /// The range was listed, as far as possible.
    Ended,
    /// The listing stopped early because another range expires soon and must be listed first.
    Yielded,
}

impl<S: Source + Send> Sync<'_, S> {
    /// Lists the parts of these ranges that this run has not listed yet, in the order of
    /// [`next_range`].
    pub(super) fn list_all(&mut self, wanted: &[TimeRange]) -> Result<(), StepError> {
        let mut attempted: Vec<TimeRange> = Vec::new();
        loop {
            let done = [self.writer.listed(), attempted.as_slice()].concat();
            let left: Vec<_> =
                wanted.iter().flat_map(|range| ranges::uncovered(*range, &done)).collect();
            let Some(range) = next_range(&left, self.edge()) else { return Ok(()) };
            match self.list(range, &left)? {
                ListingEnd::Ended => attempted.push(range),
                ListingEnd::Yielded => {}
            }
        }
    }

    /// Lists a range, newest messages first. Stops early if other ranges of `left` (oldest first)
    /// expire soon. A failure leaves the rest of the range uncovered and records it as a gap; it ends
    /// the run only if further requests would fail too.
    pub(super) fn list(
        &mut self,
        range: TimeRange,
        left: &[TimeRange],
    ) -> Result<ListingEnd, StepError> {
        // The query ends later than the range, because a server may round the end to the minute.
        let query = Query {
            since: Some(Timestamp::from_millis(range.since)),
            until: (range.until < i64::MAX)
                .then(|| Timestamp::from_millis(range.until.saturating_add(END_MARGIN))),
            ..self.filters()
        };
        let now = Timestamp::from_millis(self.server_now());
        lock(&self.tracking).begin_listing();
        let mut pages = History::new(&mut self.source, query, now).with_end_margin();
        let mut position = range.until;
        let mut failed = None;
        let mut yielded = false;
        while let Some(page) = pages.next_page() {
            if self.interrupt.is_raised() {
                failed = Some(SourceError::Interrupted);
                break;
            }
            let Page { logs, covers, .. } = match page {
                Ok(page) => page,
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            };
            self.failures = 0;
            self.writer.write_listed(logs, covers, range, &pages.report().gaps)?;
            position = covers.map_or(position, |covers| covers.since.min(position));
            yielded = must_yield(range, position, left, lock(&self.tracking).edge());
            if yielded {
                break;
            }
        }
        let gaps = pages.report().gaps;
        drop(pages);
        self.finish_listing(range, &gaps, failed)?;
        Ok(if yielded { ListingEnd::Yielded } else { ListingEnd::Ended })
    }

    /// Records the gaps that a listing left.
    fn finish_listing(
        &mut self,
        range: TimeRange,
        gaps: &[Gap],
        failed: Option<SourceError>,
    ) -> Result<(), StepError> {
        let Some(error) = failed else {
            for gap in gaps {
                if let Some(missing) = gap_within(gap, range) {
                    self.writer.record_gap(missing, &gap.reason, gap.at_least)?;
                }
            }
            return Ok(());
        };
        if !matches!(error, SourceError::Interrupted | SourceError::OutOfTime) {
            self.writer.record_gap(range, &error.to_string(), 0)?;
        }
        self.note_failure(error)
    }
}

/// Whether a listing of `range` that has reached `position` must yield to an older range of `left`
/// that expires soon. A range that is not longer than a slice is never interrupted.
fn must_yield(range: TimeRange, position: i64, left: &[TimeRange], edge: i64) -> bool {
    if range.until.saturating_sub(range.since.max(edge)) <= SLICE {
        return false;
    }
    let below = TimeRange { since: edge, until: position };
    let oldest = left.iter().find_map(|other| ranges::intersection(*other, below));
    oldest.is_some_and(|oldest| {
        expires_soon(oldest, edge) && position.saturating_sub(oldest.since) > SLICE
    })
}
