//! The rows of a file that could not be read.

use crate::model::Gap;

/// How many rows are named; the others are only counted.
const MAX_NAMED: usize = 5;

/// The rows that could not be read.
#[derive(Debug, Default)]
pub(super) struct UnreadableRows {
    count: u64,
    /// A sentence for each of the first ones.
    named: Vec<String>,
    /// A sentence for the row at which reading ended.
    last: Option<String>,
    /// Whether rows after one of them were not read either.
    hides_rows: bool,
    /// Whether such a row is only counted.
    hides_unnamed: bool,
}

impl UnreadableRows {
    /// Adds a row, counted from 1, after which reading continued.
    pub(super) fn add(&mut self, row: u64, why: &str) {
        self.name(format!("row {row} cannot be read ({why})"));
    }

    /// Adds a row, counted from 1, after which reading continued on the line after this one.
    pub(super) fn add_rest_of_line(&mut self, row: u64, line: u64) {
        self.hides_rows = true;
        self.hides_unnamed |= self.named.len() >= MAX_NAMED;
        self.name(format!("row {row} and all after it on line {line} cannot be read (not JSON)"));
    }

    fn name(&mut self, sentence: String) {
        self.count += 1;
        if self.named.len() < MAX_NAMED {
            self.named.push(sentence);
        }
    }

    /// Whether rows after one of these were not read either, so that their number is not known.
    pub(super) fn hides_rows(&self) -> bool {
        self.hides_rows
    }

    /// Adds the row, counted from 1, at which reading ended.
    pub(super) fn end(&mut self, row: u64, why: &str) {
        self.count += 1;
        self.hides_rows = true;
        self.last = Some(format!("row {row} and all after it cannot be read ({why})"));
    }

    /// The gap that these rows leave; `None` when every row was read. Its time range is open, because
    /// the times of these messages are unknown.
    pub(super) fn gap(&self) -> Option<Gap> {
        let more = self.count - self.named.len() as u64 - u64::from(self.last.is_some());
        let after = if self.hides_unnamed { ", and others on the lines of these," } else { "" };
        let more = match more {
            0 => None,
            1 => Some(format!("1 more row{after} cannot be read")),
            more => Some(format!("{more} more rows{after} cannot be read")),
        };
        let parts: Vec<String> =
            self.named.iter().cloned().chain(more).chain(self.last.clone()).collect();
        (self.count > 0).then(|| Gap {
            since: None,
            until: None,
            at_least: self.count,
            reason: parts.join("; "),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_are_only_counted_do_not_conceal_that_others_follow_them() {
        let mut rows = UnreadableRows::default();
        for row in 1..6 {
            rows.add(row, "it is torn");
        }
        assert!(!rows.hides_rows());
        rows.add_rest_of_line(6, 9);
        rows.add(7, "it is torn");
        assert!(rows.hides_rows());
        let reason = rows.gap().unwrap().reason;
        let wanted = "; 2 more rows, and others on the lines of these, cannot be read";
        assert!(reason.ends_with(wanted), "{reason}");
    }

    #[test]
    fn the_first_rows_are_named_and_the_others_counted() {
        let mut rows = UnreadableRows::default();
        assert_eq!(rows.gap(), None);
        for row in 2..9 {
            rows.add(row, "it is torn");
        }
        rows.end(20, "the file ends within it");
        let gap = rows.gap().unwrap();
        assert_eq!(gap.at_least, 8);
        assert!(gap.reason.starts_with("row 2 cannot be read (it is torn); row 3"), "{gap:?}");
        assert!(
            gap.reason.ends_with(
                "row 6 cannot be read (it is torn); 2 more rows cannot be read; \
                 row 20 and all after it cannot be read (the file ends within it)"
            ),
            "{gap:?}"
        );
    }
}
