//! Rows that several parts of a query return: each is passed on once.

use std::collections::HashMap;

use crate::model::Identity;
use crate::pages::boundary::{RowCounts, count};

/// The rows of the latest time, and the latest rows without a usable time, by the parts that
/// returned them. A row that one part returns several times is several rows.
pub(super) struct Repeated {
    at: i64,
    met: Met,
    /// In two generations.
    undated: [Met; 2],
    most_undated: usize,
}

#[derive(Default)]
struct Met {
    /// How often each part returned a row.
    by_part: HashMap<usize, RowCounts>,
    /// How often it was passed on.
    passed_on: RowCounts,
}

impl Met {
    /// Notes that a part returned a row; whether no other part has returned it as often.
    fn note(&mut self, part: usize, identity: Identity) -> bool {
        let times = count(self.by_part.entry(part).or_default(), identity.clone());
        let passed_on = self.passed_on.entry(identity).or_default();
        let is_new = times > *passed_on;
        *passed_on = times.max(*passed_on);
        is_new
    }
}

impl Repeated {
    /// For rows without a usable time, this many are remembered at least.
    pub(super) fn new(most_undated: usize) -> Self {
        Self { at: i64::MAX, met: Met::default(), undated: Default::default(), most_undated }
    }

    /// Notes a row of a part, whose place is at this time; whether no other part has returned it.
    pub(super) fn note(
        &mut self,
        part: usize,
        at: i64,
        is_dated: bool,
        identity: Identity,
    ) -> bool {
        if self.at != at {
            self.at = at;
            self.met = Met::default();
        }
        if is_dated {
            return self.met.note(part, identity);
        }
        let [latest, before] = &mut self.undated;
        let times = |met: &Met| met.passed_on.get(&identity).copied().unwrap_or(0);
        let (known, was_known) = (times(latest), times(before));
        if known == 0 && was_known > 0 {
            latest.passed_on.insert(identity.clone(), was_known);
        }
        let is_new = latest.note(part, identity);
        if latest.passed_on.len() >= self.most_undated {
            self.undated.swap(0, 1);
            let [latest, _] = &mut self.undated;
            *latest = Met::default();
        }
        is_new
    }

    /// Whether a part has returned a row of the latest time that states it.
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
        let mut repeated = Repeated::new(10);
        assert!(repeated.note(0, 5, true, row("a")));
        assert!(!repeated.note(1, 5, true, row("a")));
        assert!(repeated.note(1, 5, true, row("a")), "the second part has it twice");
        assert!(!repeated.note(0, 5, true, row("a")));
        assert!(repeated.note(0, 4, true, row("a")), "it is of another time");
    }

    #[test]
    fn rows_without_a_time_are_remembered_whatever_time_goes_by() {
        let mut repeated = Repeated::new(2);
        assert!(repeated.note(0, 5, false, row("a")));
        assert!(!repeated.note(1, 3, false, row("a")));
        assert!(repeated.note(0, 3, false, row("b")));
        assert!(!repeated.note(1, 2, false, row("b")), "of the generation before");
    }
}
