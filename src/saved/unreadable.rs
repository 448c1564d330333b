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
}

impl UnreadableRows {
    /// Adds a row, counted from 1, after which reading continued.
    pub(super) fn add(&mut self, row: u64, why: &str) {
        self.count += 1;
        if self.named.len() < MAX_NAMED {
            self.named.push(format!("row {row} cannot be read ({why})"));
        }
    }

    /// Adds the row, counted from 1, at which reading ended.
    pub(super) fn end(&mut self, row: u64, why: &str) {
        self.count += 1;
        self.last = Some(format!("row {row} and all after it cannot be read ({why})"));
    }

    /// The gap that these rows leave; `None` when every row was read. Its time range is open, because
    /// the times of these messages are unknown.
    pub(super) fn gap(&self) -> Option<Gap> {
        let more = self.count - self.named.len() as u64 - u64::from(self.last.is_some());
        let more = match more {
            0 => None,
            1 => Some("1 more row cannot be read".to_owned()),
            more => Some(format!("{more} more rows cannot be read")),
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
