//! What was odd about an answer and was read all the same.
//!
//! An anomaly costs its cell at most; it is counted here so that a person can be told once.

use std::collections::BTreeMap;

/// Something in an answer that is not as the API documents it, and was read all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Anomaly {
    /// The body, or a row, held bytes that are no UTF-8; each shows as U+FFFD.
    InvalidUtf8,
    /// A string held half a surrogate pair; it shows as U+FFFD.
    LoneSurrogate,
    /// A row named a key twice; the last one counts.
    DuplicateKey,
    /// A row is no object, or could not be read; its cells are empty.
    UnreadableRow,
    /// A known field had a type that cannot be read as what it should be; it is shown as sent.
    WrongType,
    /// `sentAt` or `doneAt` names no instant; it is shown as sent.
    UnreadableDate,
    /// `results` was null: no rows, and no proof that there are none.
    NullResults,
    /// Trailing commas were forgiven (the API's page prints them).
    TrailingCommas,
    /// The `Content-Type` did not fit the body; the body decided.
    ContentType,
    /// An empty answer (204).
    NoContent,
    /// The server sent rows that the filters exclude, or more rows than were asked for.
    NotAsAsked,
    /// The rows were not newest first; they are shown so.
    Unsorted,
    /// A row was sent in the future.
    FutureSentAt,
    /// The server's clock and this machine's differ by more than five minutes.
    ClockSkew,
    /// Bytes after the end of a compressed body were ignored.
    TrailingBytes,
}

impl Anomaly {
    /// Whether a person should hear of it unasked; the others are told with `-v`.
    #[must_use]
    pub fn is_warning(self) -> bool {
        !matches!(
            self,
            Self::TrailingCommas | Self::ContentType | Self::NoContent | Self::TrailingBytes
        )
    }

    /// What it means, as the end of a sentence that starts with a count of rows.
    #[must_use]
    pub fn explanation(self) -> &'static str {
        match self {
            Self::InvalidUtf8 => "held bytes that are no UTF-8; each is shown as U+FFFD",
            Self::LoneSurrogate => "held half a surrogate pair, shown as U+FFFD",
            Self::DuplicateKey => "named a key twice; the last one counts",
            Self::UnreadableRow => {
                "could not be read; its cells are empty, JSON formats keep it as sent"
            }
            Self::WrongType => "had a field of an unexpected type, shown as sent",
            Self::UnreadableDate => "had a date that names no moment, shown as sent",
            Self::NullResults => {
                "the answer held null where the rows should be: it does not prove that there are none"
            }
            Self::TrailingCommas => "the answer had trailing commas, which were forgiven",
            Self::ContentType => {
                "the Content-Type did not fit the body, which was read by what it holds"
            }
            Self::NoContent => "the server answered 204 (no content), taken as no rows",
            Self::NotAsAsked => "did not fit what was asked; shown all the same",
            Self::Unsorted => "the server's rows were not newest first; they are shown so",
            Self::FutureSentAt => "carried a sentAt in the future",
            Self::ClockSkew => {
                "the server's clock and this machine's differ by more than five minutes: relative times are unsafe"
            }
            Self::TrailingBytes => "bytes after the end of the compressed body were ignored",
        }
    }

    /// Whether it speaks of the answer as a whole rather than of single rows.
    #[must_use]
    pub fn is_about_the_answer(self) -> bool {
        matches!(
            self,
            Self::NullResults
                | Self::TrailingCommas
                | Self::ContentType
                | Self::NoContent
                | Self::Unsorted
                | Self::ClockSkew
                | Self::TrailingBytes
        )
    }
}

/// How often each anomaly was met, and in which row (counted from 1) first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Anomalies {
    met: BTreeMap<Anomaly, (u64, u64)>,
}

impl Anomalies {
    /// Notes an anomaly of a row, counted from 1 (0: of the answer as a whole).
    pub fn note(&mut self, anomaly: Anomaly, row: u64) {
        let (count, _) = self.met.entry(anomaly).or_insert((0, row));
        *count += 1;
    }

    /// Adds those of a later page, whose rows follow `rows_before` earlier ones.
    pub fn add(&mut self, later: &Self, rows_before: u64) {
        for (anomaly, (count, first)) in &later.met {
            let (sum, _) = self.met.entry(*anomaly).or_insert((0, rows_before + first));
            *sum += count;
        }
    }

    /// Each anomaly met, with how often and in which row first.
    pub fn iter(&self) -> impl Iterator<Item = (Anomaly, u64, u64)> {
        self.met.iter().map(|(anomaly, (count, first))| (*anomaly, *count, *first))
    }

    /// Whether this anomaly was met.
    #[must_use]
    pub fn has(&self, anomaly: Anomaly) -> bool {
        self.met.contains_key(&anomaly)
    }

    /// Whether nothing was odd.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.met.is_empty()
    }
}
