//! Recognizes rows that several parts of a query return, so that each is returned once.

use std::collections::HashMap;

use crate::model::Identity;
use crate::pages::boundary::{RowCounts, count};

/// The rows of the latest time, and the latest rows without a usable time, by the parts that returned
/// them. If one part returns a row several times, these are several rows.
pub(super) struct RepeatedRows {
    at: i64,
    met: RowsByPart,
    /// The rows without a usable time. The second value holds an older generation.
    undated: [RowsByPart; 2],
    min_undated: usize,
}

#[derive(Default)]
struct RowsByPart {
    /// How often each part returned a row.
    by_part: HashMap<usize, RowCounts>,
    /// How often each row was returned to the caller.
    returned: RowCounts,
}

impl RowsByPart {
    /// Records that a part returned a row. Returns whether no other part has returned it as often.
    fn note(&mut self, part: usize, identity: Identity) -> bool {
        let times = count(self.by_part.entry(part).or_default(), identity.clone());
        let returned = self.returned.entry(identity).or_default();
        let is_new = times > *returned;
        *returned = times.max(*returned);
        is_new
    }
}

impl RepeatedRows {
    /// Keeps at least this many rows without a usable time.
    pub(super) fn new(min_undated: usize) -> Self {
        Self { at: i64::MAX, met: RowsByPart::default(), undated: Default::default(), min_undated }
    }

    /// Records a row of a part, whose place in the order is at this time. Returns whether no other part
    /// has returned it. `is_dated` says whether the row itself has the time.
    pub(super) fn note(
        &mut self,
        part: usize,
        at: i64,
        is_dated: bool,
        identity: Identity,
    ) -> bool {
        if self.at != at {
            self.at = at;
            self.met = RowsByPart::default();
        }
        if is_dated {
            return self.met.note(part, identity);
        }
        let [latest, before] = &mut self.undated;
        let times = |met: &RowsByPart| met.returned.get(&identity).copied().unwrap_or(0);
        let (known, was_known) = (times(latest), times(before));
        if known == 0 && was_known > 0 {
            latest.returned.insert(identity.clone(), was_known);
        }
        let is_new = latest.note(part, identity);
        if latest.returned.len() >= self.min_undated {
            self.undated.swap(0, 1);
            let [latest, _] = &mut self.undated;
            *latest = RowsByPart::default();
        }
        is_new
    }

    /// Whether a part has returned a row that has the latest time.
    pub(super) fn has_row_of(&self, part: usize) -> bool {
        self.met.by_part.contains_key(&part)
    }

    /// The time of the latest row.
    pub(super) fn at(&self) -> i64 {
        self.at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str) -> Identity {
        Identity::Message { id: id.into(), channel: "SMS".into() }
    }

    #[test]
    fn a_row_of_two_parts_is_new_once_and_two_rows_of_one_part_are_two() {
        let mut repeated = RepeatedRows::new(10);
        assert!(repeated.note(0, 5, true, row("a")));
        assert!(!repeated.note(1, 5, true, row("a")));
        assert!(repeated.note(1, 5, true, row("a")), "the second part has it twice");
        assert!(!repeated.note(0, 5, true, row("a")));
        assert!(repeated.note(0, 4, true, row("a")), "it is of another time");
    }

    #[test]
    fn rows_without_a_time_are_recognized_whatever_rows_are_between_them() {
        let mut repeated = RepeatedRows::new(2);
        assert!(repeated.note(0, 5, false, row("a")));
        assert!(!repeated.note(1, 3, false, row("a")));
        assert!(repeated.note(0, 3, false, row("b")));
        assert!(!repeated.note(1, 2, false, row("b")), "of the generation before");
    }
}
