//! The columns of table, CSV and TSV, in one list: each has a name and takes a value from a row.

use std::borrow::Cow;

use crate::model::{Cell, Field, Finality, Log, SortValue};

/// A column: a documented field, or something computed from a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Column {
    /// A documented field, by its dotted name in the API.
    Field(Field),
    /// Milliseconds from `sentAt` to `doneAt`, of final messages.
    Latency,
    /// `true` when the status of the message is final, `false` when it is not; empty when neither
    /// the status nor its group is known.
    Final,
    /// What went wrong, in a few words; empty for a message that did not fail.
    Why,
    /// The country of the mobile network, by its English name; empty where the row names no network
    /// of a country.
    Country,
}

impl Column {
    /// Every column, in the order of the help.
    pub fn all() -> impl Iterator<Item = Self> {
        let derived = [Self::Latency, Self::Final, Self::Why, Self::Country];
        Field::ALL.into_iter().map(Self::Field).chain(derived)
    }

    /// The fixed header of CSV and TSV.
    pub fn documented() -> impl Iterator<Item = Self> {
        Field::ALL.into_iter().map(Self::Field)
    }

    /// Its name, which [`Column::parse`] reads.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Field(field) => field.name(),
            Self::Latency => "latency",
            Self::Final => "final",
            Self::Why => "why",
            Self::Country => "country",
        }
    }

    /// The column of a name, in any letter case.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::all().find(|column| column.name().eq_ignore_ascii_case(name))
    }

    /// The value of a row; that of a documented field is exactly as sent.
    #[must_use]
    pub fn value(self, log: &Log) -> Cell<'_> {
        match self {
            Self::Field(field) => log.cell(field),
            Self::Latency => log
                .latency_millis()
                .map_or(Cell::Missing, |millis| Cell::Text(Cow::Owned(millis.to_string()))),
            Self::Final => match log.finality() {
                Finality::Final => Cell::Bool(true),
                Finality::Intermediate => Cell::Bool(false),
                Finality::Unknown => Cell::Missing,
            },
            Self::Why => log.failure().map_or(Cell::Missing, Cell::Text),
            Self::Country => log
                .country()
                .map_or(Cell::Missing, |country| Cell::Text(Cow::Borrowed(country.name))),
        }
    }

    /// The value of a row, for sorting.
    #[must_use]
    pub fn sort_value(self, log: &Log) -> SortValue {
        match self {
            Self::Field(field) => log.sort_value(field),
            Self::Latency => log.latency_millis().map_or(SortValue::Empty, SortValue::integer),
            Self::Final => self.value(log).boolean().map_or(SortValue::Empty, SortValue::Bool),
            Self::Why | Self::Country => SortValue::text(&self.value(log).into_text()),
        }
    }
}
