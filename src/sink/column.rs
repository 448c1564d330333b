//! The columns of table, CSV and TSV in one list. Each has a name and computes a value from a row.

use std::borrow::Cow;

use super::DeliveryResult;
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
    /// The English name of the country of the mobile network; empty when the row does not name a
    /// network of a country.
    Country,
    /// The alphabet that an SMS needs for the text: `GSM-7` or `UCS-2`; empty for other channels.
    Encoding,
    /// The number of segments that an SMS needs for the text; empty for other channels.
    SegmentsExpected,
    /// The outcome of the message and its reason, as one phrase with a mark: `✓ delivered, 1.7 s`.
    Result,
}

impl Column {
    /// Every column, in the order of the help.
    pub fn all() -> impl Iterator<Item = Self> {
        let derived = [
            Self::Result,
            Self::Latency,
            Self::Final,
            Self::Why,
            Self::Country,
            Self::Encoding,
            Self::SegmentsExpected,
        ];
        Field::ALL.into_iter().map(Self::Field).chain(derived)
    }

    /// The columns of documented fields: the fixed header of CSV and TSV.
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
            Self::Result => "result",
            Self::Encoding => "encoding",
            Self::SegmentsExpected => "segmentsExpected",
        }
    }

    /// The column with this name or heading, in any letter case; blanks, `-` and `_` are ignored.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let is_meant = |known: &str| letters(known).eq(letters(name));
        // The table shortens the message id and its heading.
        if is_meant("ID") {
            return Some(Self::Field(Field::MessageId));
        }
        Self::all()
            .find(|column| is_meant(column.name()))
            .or_else(|| Self::all().find(|column| is_meant(column.heading())))
    }

    /// Its heading in the table.
    #[must_use]
    pub fn heading(self) -> &'static str {
        let field = match self {
            Self::Latency => return "LATENCY",
            Self::Final => return "FINAL",
            Self::Why => return "WHY",
            Self::Result => return "RESULT",
            Self::Country => return "COUNTRY",
            Self::Encoding => return "ENCODING",
            Self::SegmentsExpected => return "SEGMENTS EXPECTED",
            Self::Field(field) => field,
        };
        match field {
            Field::BulkId => "BULK ID",
            Field::MessageId => "MESSAGE ID",
            Field::Channel => "CHANNEL",
            Field::To => "TO",
            Field::From => "FROM",
            Field::Text => "TEXT",
            Field::SentAt => "SENT",
            Field::DoneAt => "DONE",
            Field::MessageCount => "SEGMENTS",
            Field::Mccmnc => "NETWORK",
            Field::PricePerMessage => "PRICE",
            Field::Currency => "CURRENCY",
            Field::StatusGroupId => "GROUP ID",
            Field::StatusGroupName => "GROUP",
            Field::StatusId => "STATUS ID",
            Field::StatusName => "STATUS",
            Field::StatusDescription => "DESCRIPTION",
            Field::StatusAction => "ACTION",
            Field::ErrorGroupId => "ERROR GROUP ID",
            Field::ErrorGroupName => "ERROR GROUP",
            Field::ErrorId => "ERROR ID",
            Field::ErrorName => "ERROR",
            Field::ErrorDescription => "ERROR DESCRIPTION",
            Field::ErrorPermanent => "PERMANENT",
        }
    }

    /// The value of the column in a row. The value of a documented field is exactly as sent.
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
            Self::Encoding => log
                .sms_encoding()
                .map_or(Cell::Missing, |it| Cell::Text(Cow::Borrowed(it.alphabet.name()))),
            Self::SegmentsExpected => log
                .sms_encoding()
                .map_or(Cell::Missing, |it| Cell::Text(Cow::Owned(it.segments.to_string()))),
            Self::Result => Cell::Text(Cow::Owned(DeliveryResult::of(log).to_string())),
        }
    }

    /// The value of the column in a row, for sorting.
    #[must_use]
    pub(crate) fn sort_value(self, log: &Log) -> SortValue {
        match self {
            Self::Field(field) => log.sort_value(field),
            Self::Latency => log.latency_millis().map_or(SortValue::Empty, SortValue::integer),
            Self::Final => self.value(log).boolean().map_or(SortValue::Empty, SortValue::Bool),
            Self::SegmentsExpected => {
                let segments = log.sms_encoding().and_then(|it| i64::try_from(it.segments).ok());
                segments.map_or(SortValue::Empty, SortValue::integer)
            }
            Self::Why | Self::Result | Self::Country | Self::Encoding => {
                SortValue::text(&self.value(log).into_text())
            }
        }
    }
}

/// The characters of a name in lower case, without the separators of words.
fn letters(name: &str) -> impl Iterator<Item = char> {
    name.chars().filter(|c| !matches!(c, ' ' | '-' | '_')).map(|c| c.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_known_by_its_name_and_by_its_heading() {
        for column in Column::all() {
            assert_eq!(Column::parse(column.name()), Some(column), "{}", column.name());
            assert_eq!(Column::parse(column.heading()), Some(column), "{}", column.heading());
            let typed = column.heading().to_lowercase().replace(' ', "-");
            assert_eq!(Column::parse(&typed), Some(column), "{typed}");
        }
        let id = Some(Column::Field(Field::MessageId));
        assert_eq!((Column::parse("ID"), Column::parse("message id")), (id, id));
        assert_eq!(Column::parse("sent at"), Some(Column::Field(Field::SentAt)));
        assert_eq!((Column::parse(""), Column::parse("recipient")), (None, None));
    }
}
