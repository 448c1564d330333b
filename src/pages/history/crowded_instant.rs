//! Pages through an instant that has more rows than a response can hold.

use super::{History, HistoryState, Link};
use crate::model::TimeRange;
use crate::pages::crowded_range::CrowdedRange;
use crate::pages::response_rows::ResponseRows;
use crate::pages::response_size::ResponseRoom;
use crate::source::{Source, SourceError};

impl<S: Source> History<S> {
    /// Begins to list the boundary's instant, or the shortest range around it that the server
    /// distinguishes, part by part. If `suspected`, the server may only return fewer rows than
    /// requested.
    pub(super) fn start_crowd(&mut self, suspected: bool) {
        let Some(instant) = self.boundary.instant() else { return };
        let unit = self.ends.slack.max(1);
        let since = instant.div_euclid(unit) * unit;
        let since = self.window.since.map_or(since, |start| since.max(start));
        let range = TimeRange { since, until: instant.saturating_add(1) };
        let end = self.end_above(instant, self.ends.slack);
        let query = self.request(None, self.page_rows);
        let listed = self.boundary.listed().clone();
        let crowd = CrowdedRange::new(&query, range, end, listed, suspected);
        self.state = HistoryState::Crowd(crowd);
    }

    /// Requests a part of a crowded range. After the last part, moves the boundary below the range.
    pub(super) fn part(&mut self, mut crowd: CrowdedRange) -> Result<ResponseRows, SourceError> {
        if let Some(response) = crowd.next(&mut self.requester, &mut self.boundary) {
            self.state = HistoryState::Crowd(crowd);
            let response = response?;
            self.note_listed(&response, ResponseRoom::None);
            return Ok(response);
        }
        let range = crowd.range();
        if let Some(at_least) = crowd.incomplete() {
            self.requester.note_crowd(range, at_least);
        } else {
            self.incomplete_if_capped =
                crowd.incomplete_if_capped().map(|at_least| (range, at_least));
        }
        if crowd.found_more() {
            self.requester.size.note_cap();
        }
        let below = range.since.saturating_sub(1);
        self.boundary.close(below);
        self.was_short = false;
        let is_exact = self.ends.slack == 0 && self.ends.is_included;
        self.link = Link::Below(if is_exact { below } else { range.since });
        let is_over = self.window.since.is_some_and(|start| below < start);
        self.state = if is_over { HistoryState::Last } else { HistoryState::Next };
        let response = crowd.take_rows();
        self.note_listed(&response, ResponseRoom::None);
        Ok(response)
    }
}
