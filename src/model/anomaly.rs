//! Anomalies: deviations of a response from its documentation that do not prevent reading it.
//!
//! Anomalies are counted, so that one sentence reports all of one kind.

use std::collections::BTreeMap;

/// A deviation of a response from its documentation. The response was read nevertheless.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Anomaly {
    /// The body or a row contained bytes that are not UTF-8. Each is shown as U+FFFD.
    InvalidUtf8,
    /// A string contained half of a surrogate pair, which is shown as U+FFFD.
    LoneSurrogate,
    /// A row had the same key twice; the last value counts.
    DuplicateKey,
    /// The response had `results` more than once; the rows of the last one count.
    DuplicateResults,
    /// A row was not an object or could not be read; its cells are empty.
    UnreadableRow,
    /// A known field had another type than documented; it is shown as sent.
    WrongType,
    /// `sentAt` or `doneAt` was not a valid time; it is shown as sent.
    UnreadableDate,
    /// Trailing commas were ignored (the examples of the API have some).
    TrailingCommas,
    /// The `Content-Type` did not match the body; the body was read by its content.
    ContentType,
    /// An empty response (HTTP 204).
    NoContent,
    /// The server sent rows that do not match the filters, or more rows than the limit.
    NotInQuery,
    /// The server did not send the newest rows first; they are sorted.
    Unsorted,
    /// The `sentAt` of a row is in the future.
    FutureSentAt,
    /// The clocks of the server and this machine differ by more than five minutes.
    ClockSkew,
    /// Bytes after the end of a compressed body were ignored.
    TrailingBytes,
}

impl Anomaly {
    /// Whether the anomaly is worth a warning. The others are details for a verbose output.
    #[must_use]
    pub fn is_warning(self) -> bool {
        !matches!(
            self,
            Self::TrailingCommas | Self::ContentType | Self::NoContent | Self::TrailingBytes
        )
    }

    /// The anomaly in words: for one [about the response](Self::is_about_response), a sentence; for
    /// one about rows, the end of a sentence whose subject is the rows.
    #[must_use]
    pub fn explanation(self) -> &'static str {
        match self {
            Self::InvalidUtf8 => "contained bytes that are not UTF-8; each is shown as U+FFFD",
            Self::LoneSurrogate => "contained half of a surrogate pair, shown as U+FFFD",
            Self::DuplicateKey => "had the same key twice; the last value counts",
            Self::DuplicateResults => {
                "the response had results more than once; the rows of the last one count"
            }
            Self::UnreadableRow => {
                "could not be read; the cells are empty, JSON formats keep the row as sent"
            }
            Self::WrongType => "had a field of an unexpected type, shown as sent",
            Self::UnreadableDate => "had a date that is not valid, shown as sent",
            Self::TrailingCommas => "the response had trailing commas, which were ignored",
            Self::ContentType => {
                "the Content-Type did not match the body, which was read by its content"
            }
            Self::NoContent => "the server responded with HTTP 204 (no content), read as no rows",
            Self::NotInQuery => "did not match the query; shown nevertheless",
            Self::Unsorted => "the server did not send the newest rows first; they were sorted",
            Self::FutureSentAt => "had a sentAt in the future",
            Self::ClockSkew => {
                "the clocks of the server and this machine differ by more than five minutes: relative times are not reliable"
            }
            Self::TrailingBytes => "bytes after the end of the compressed body were ignored",
        }
    }

    /// Whether the anomaly is about the response as a whole, not about single rows.
    #[must_use]
    pub fn is_about_response(self) -> bool {
        matches!(
            self,
            Self::DuplicateResults
                | Self::TrailingCommas
                | Self::ContentType
                | Self::NoContent
                | Self::Unsorted
                | Self::ClockSkew
                | Self::TrailingBytes
        )
    }
}

/// How often each anomaly occurred, and in which row (counted from 1) it occurred first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Anomalies {
    /// The count and the first row of each.
    counts: BTreeMap<Anomaly, (u64, u64)>,
}

impl Anomalies {
    /// Counts an anomaly of a row. Rows are counted from 1; 0 is the response as a whole.
    pub fn note(&mut self, anomaly: Anomaly, row: u64) {
        let (count, _) = self.counts.entry(anomaly).or_insert((0, row));
        *count += 1;
    }

    /// Adds the anomalies of a later page, whose rows follow `rows_before` earlier ones. Those of its
    /// response as a whole are not about one of the rows.
    pub fn add(&mut self, later: &Self, rows_before: u64) {
        for (anomaly, (count, first)) in &later.counts {
            let first = if *first == 0 { 0 } else { rows_before + first };
            let (sum, _) = self.counts.entry(*anomaly).or_insert((0, first));
            *sum += count;
        }
    }

    /// Removes all that was counted of an anomaly.
    pub fn remove(&mut self, anomaly: Anomaly) {
        self.counts.remove(&anomaly);
    }

    /// Each anomaly that occurred, how often, and in which row first.
    pub fn iter(&self) -> impl Iterator<Item = (Anomaly, u64, u64)> {
        self.counts.iter().map(|(anomaly, (count, first))| (*anomaly, *count, *first))
    }

    /// Whether this anomaly occurred.
    #[must_use]
    pub fn has(&self, anomaly: Anomaly) -> bool {
        self.counts.contains_key(&anomaly)
    }

    /// Whether there is no anomaly.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_anomaly_of_a_later_response_is_not_one_of_the_row_before_it() {
        let (mut all, mut later) = (Anomalies::default(), Anomalies::default());
        later.note(Anomaly::InvalidUtf8, 0);
        later.note(Anomaly::WrongType, 2);
        all.add(&later, 1000);
        let wanted = [(Anomaly::InvalidUtf8, 1, 0), (Anomaly::WrongType, 1, 1002)];
        assert_eq!(all.iter().collect::<Vec<_>>(), wanted);
    }
}
