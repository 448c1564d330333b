//! The boundary between the part of a window that is listed and the rest: it tells which rows of a
//! response are new.
//!
//! Memory holds the rows of one instant and the latest rows without a usable time, however many rows
//! are listed.

use std::collections::HashMap;

use super::response_rows::ResponseRows;
use crate::model::{Identity, Log};

/// The number of rows without a usable time that are kept at least. A response can only repeat rows of
/// the response before it, which has at most this many.
const MIN_UNPLACED: usize = crate::query::Query::MAX_ROWS as usize;

/// The coarsest precision with which a server reads times: one minute. Such a server returns rows
/// that are outside the window by less than that, and they are left out. Rows that are farther outside
/// show that the server ignores the window; they are returned, with a warning.
const COARSEST_MILLIS: i64 = 60_000;

/// How often each row occurs. Equal rows without an id are counted, not merged.
pub(super) type RowCounts = HashMap<Identity, u32>;

/// The time down to which the window is listed, newest rows first.
#[derive(Default)]
pub(super) struct Boundary {
    /// All rows newer than this instant are listed; `None` before the first response.
    instant: Option<i64>,
    /// The rows of that instant that are listed.
    listed: RowCounts,
    /// Listed rows without a place in the window: they have no usable time, or one before the window.
    /// Only their identity shows that an overlapping response repeats them. The second map holds an
    /// older generation.
    unplaced: [RowCounts; 2],
    /// The listed rows of the millisecond above the boundary.
    above: RowCounts,
    /// Whether the millisecond above the boundary may have rows that are not listed; the next
    /// response shows that.
    pub(super) next_is_open: bool,
    /// The number of rows that the next response will probably repeat.
    pub(super) repeats: usize,
}

/// The window of a query, in milliseconds since 1970; both bounds are inclusive.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Window {
    pub(super) since: Option<i64>,
    pub(super) until: Option<i64>,
}

/// A response compared with the boundary and the window.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is an independent observation")]
pub(super) struct ResponseComparison {
    /// For each row, whether it is new and to be kept.
    pub(super) kept: Vec<bool>,
    /// The number of rows that are listed already.
    pub(super) repeated: u64,
    /// The newest time inside the window that is not above the boundary.
    pub(super) newest: Option<i64>,
    /// The oldest time inside the window that is not above the boundary.
    pub(super) oldest: Option<i64>,
    /// Whether a row inside the window is new.
    pub(super) any_new: bool,
    /// Whether a row is of the boundary's instant.
    pub(super) touches: bool,
    /// Whether a row is newer than the boundary, or than the window.
    pub(super) above: bool,
    /// Whether a row of the millisecond above the boundary is not listed.
    pub(super) unlisted_above: bool,
    /// Whether a row is older than the window.
    pub(super) below_window: bool,
    /// Whether a row has no usable time.
    pub(super) undated: bool,
}

impl Boundary {
    pub(super) fn instant(&self) -> Option<i64> {
        self.instant
    }

    /// The rows of the boundary's instant that are listed.
    pub(super) fn listed(&self) -> &RowCounts {
        &self.listed
    }

    /// Distinguishes new rows from listed ones.
    pub(super) fn compare(&self, response: &ResponseRows, window: Window) -> ResponseComparison {
        let mut found = ResponseComparison {
            kept: Vec::with_capacity(response.sent),
            ..ResponseComparison::default()
        };
        let mut met = RowCounts::new();
        for (at, log) in response.rows() {
            let new = self.is_new(at, log, window, &mut met, &mut found);
            found.kept.push(new);
        }
        found
    }

    fn is_new(
        &self,
        at: Option<i64>,
        log: &Log,
        window: Window,
        met: &mut RowCounts,
        found: &mut ResponseComparison,
    ) -> bool {
        let Some(at) = at else {
            found.undated = true;
            return self.is_new_unplaced(log, met, found);
        };
        if let Some(since) = window.since.filter(|since| at < *since) {
            found.below_window = true;
            let is_near = at >= since.saturating_sub(COARSEST_MILLIS);
            return !is_near && self.is_new_unplaced(log, met, found);
        }
        if let Some(instant) = self.instant.filter(|instant| at > *instant) {
            found.above = true;
            found.repeated += 1;
            if self.next_is_open && at == instant.saturating_add(1) {
                let identity = log.identity();
                let listed = self.above.get(&identity).copied().unwrap_or(0);
                found.unlisted_above |= count(met, identity) > listed;
            }
            return false;
        }
        if let Some(until) = window.until.filter(|until| at > *until) {
            found.above = true;
            let is_near = at <= until.saturating_add(COARSEST_MILLIS);
            return !is_near && self.instant.is_none();
        }
        found.oldest = Some(found.oldest.map_or(at, |oldest| oldest.min(at)));
        found.newest = found.newest.max(Some(at));
        let mut new = true;
        if self.instant == Some(at) {
            found.touches = true;
            let identity = log.identity();
            let listed = self.listed.get(&identity).copied().unwrap_or(0);
            new = count(met, identity) > listed;
        }
        found.any_new |= new;
        found.repeated += u64::from(!new);
        new
    }

    fn is_new_unplaced(
        &self,
        log: &Log,
        met: &mut RowCounts,
        found: &mut ResponseComparison,
    ) -> bool {
        let identity = log.identity();
        let listed = self.unplaced_count(&identity);
        let new = count(met, identity) > listed;
        found.repeated += u64::from(!new);
        new
    }

    pub(super) fn unplaced_count(&self, identity: &Identity) -> u32 {
        self.unplaced
            .iter()
            .filter_map(|unplaced| unplaced.get(identity))
            .copied()
            .max()
            .unwrap_or(0)
    }

    /// Moves the boundary down to `oldest`, and records the rows of the response as listed. Without
    /// `oldest`, the boundary stays where it is.
    pub(super) fn advance(&mut self, response: &ResponseRows, oldest: Option<i64>, window: Window) {
        if let Some(oldest) = oldest
            && self.instant != Some(oldest)
        {
            self.close(oldest);
        }
        self.repeats = 0;
        let mut met = RowCounts::new();
        for (at, log) in response.rows() {
            match at {
                Some(at) if window.since.is_none_or(|since| at >= since) => {
                    let distance = self.instant.map_or(i64::MAX, |it| at.saturating_sub(it));
                    self.repeats += usize::from((0..=1).contains(&distance));
                    if distance == 0 {
                        count(&mut met, log.identity());
                    } else if distance == 1 && self.next_is_open {
                        count(&mut self.above, log.identity());
                    }
                }
                _ => {
                    self.repeats += 1;
                    self.note_unplaced(log.identity(), &mut met);
                }
            }
        }
        if self.instant.is_some() {
            keep_most(&mut self.listed, met);
        }
    }

    /// Moves the boundary down to `instant`: all newer rows are listed, and none of this instant.
    pub(super) fn close(&mut self, instant: i64) {
        self.instant = Some(instant);
        self.listed.clear();
        self.above.clear();
        self.repeats = 0;
        if self.unplaced.first().is_some_and(|unplaced| unplaced.len() >= MIN_UNPLACED) {
            self.unplaced.swap(0, 1);
            let [unplaced, _] = &mut self.unplaced;
            unplaced.clear();
        }
    }

    /// Records rows without a place as listed, each as often as it occurs.
    pub(super) fn note_unplaced_rows(&mut self, rows: impl IntoIterator<Item = Identity>) {
        let mut met = RowCounts::new();
        for identity in rows {
            self.note_unplaced(identity, &mut met);
        }
    }

    /// Records a row without a place as listed. Returns whether it is new. `met` counts the rows of
    /// the response.
    pub(super) fn note_unplaced(&mut self, identity: Identity, met: &mut RowCounts) -> bool {
        let times = count(met, identity.clone());
        let listed = self.unplaced_count(&identity);
        let [unplaced, _] = &mut self.unplaced;
        unplaced.insert(identity, times.max(listed));
        times > listed
    }
}

/// Counts a row. Returns how often it has occurred so far.
pub(super) fn count(met: &mut RowCounts, identity: Identity) -> u32 {
    let times = met.entry(identity).or_default();
    *times += 1;
    *times
}

/// Adds the rows of a response to the listed ones. A row counts as often as it occurs in the response
/// that has it most often.
fn keep_most(listed: &mut RowCounts, met: RowCounts) {
    for (identity, times) in met {
        let most = listed.entry(identity).or_default();
        *most = times.max(*most);
    }
}
