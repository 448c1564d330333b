//! The documented fields of a message, and the value of a field as it was sent.

use std::borrow::Cow;

use super::json_text::unquote;

/// A documented field of a message. The order is that of the CSV header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "name() gives each one's name in the API")]
#[non_exhaustive]
pub enum Field {
    BulkId,
    MessageId,
    Channel,
    To,
    From,
    Text,
    SentAt,
    DoneAt,
    MessageCount,
    Mccmnc,
    PricePerMessage,
    Currency,
    StatusGroupId,
    StatusGroupName,
    StatusId,
    StatusName,
    StatusDescription,
    StatusAction,
    ErrorGroupId,
    ErrorGroupName,
    ErrorId,
    ErrorName,
    ErrorDescription,
    ErrorPermanent,
}

/// The kind of value that a field is documented to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FieldKind {
    Text,
    Time,
    Integer,
    Decimal,
    Bool,
}

impl Field {
    /// The number of fields.
    pub(crate) const COUNT: usize = 24;

    /// Every field, in the order of the CSV header.
    pub const ALL: [Self; Self::COUNT] = [
        Self::BulkId,
        Self::MessageId,
        Self::Channel,
        Self::To,
        Self::From,
        Self::Text,
        Self::SentAt,
        Self::DoneAt,
        Self::MessageCount,
        Self::Mccmnc,
        Self::PricePerMessage,
        Self::Currency,
        Self::StatusGroupId,
        Self::StatusGroupName,
        Self::StatusId,
        Self::StatusName,
        Self::StatusDescription,
        Self::StatusAction,
        Self::ErrorGroupId,
        Self::ErrorGroupName,
        Self::ErrorId,
        Self::ErrorName,
        Self::ErrorDescription,
        Self::ErrorPermanent,
    ];

    /// The name in the API, with a dot between an object and its member: `status.groupName`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::BulkId => "bulkId",
            Self::MessageId => "messageId",
            Self::Channel => "channel",
            Self::To => "to",
            Self::From => "from",
            Self::Text => "text",
            Self::SentAt => "sentAt",
            Self::DoneAt => "doneAt",
            Self::MessageCount => "messageCount",
            Self::Mccmnc => "mccmnc",
            Self::PricePerMessage => "price.pricePerMessage",
            Self::Currency => "price.currency",
            Self::StatusGroupId => "status.groupId",
            Self::StatusGroupName => "status.groupName",
            Self::StatusId => "status.id",
            Self::StatusName => "status.name",
            Self::StatusDescription => "status.description",
            Self::StatusAction => "status.action",
            Self::ErrorGroupId => "error.groupId",
            Self::ErrorGroupName => "error.groupName",
            Self::ErrorId => "error.id",
            Self::ErrorName => "error.name",
            Self::ErrorDescription => "error.description",
            Self::ErrorPermanent => "error.permanent",
        }
    }

    pub(crate) fn kind(self) -> FieldKind {
        match self {
            Self::SentAt | Self::DoneAt => FieldKind::Time,
            Self::MessageCount
            | Self::StatusGroupId
            | Self::StatusId
            | Self::ErrorGroupId
            | Self::ErrorId => FieldKind::Integer,
            Self::PricePerMessage => FieldKind::Decimal,
            Self::ErrorPermanent => FieldKind::Bool,
            _ => FieldKind::Text,
        }
    }
}

/// The value of a field as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell<'a> {
    /// The row does not have the field.
    Missing,
    /// The row has the field as `null`.
    Null,
    /// A string, decoded.
    Text(Cow<'a, str>),
    /// A number, digit for digit.
    Number(&'a str),
    /// `true` or `false`.
    Bool(bool),
    /// An object or a list, as its JSON text.
    Other(&'a str),
}

impl<'a> Cell<'a> {
    /// Reads a value from its own JSON text.
    pub(crate) fn read(json: &'a str) -> Self {
        match json.as_bytes().first() {
            None => Self::Missing,
            Some(b'n') => Self::Null,
            Some(b't') => Self::Bool(true),
            Some(b'f') => Self::Bool(false),
            Some(b'-' | b'0'..=b'9') => Self::Number(json),
            Some(b'"') => unquote(json).map_or(Self::Other(json), |(text, _)| Self::Text(text)),
            Some(_) => Self::Other(json),
        }
    }

    /// The value as text, with a string decoded and a number digit for digit; empty for a missing
    /// value and for null.
    #[must_use]
    pub fn into_text(self) -> Cow<'a, str> {
        match self {
            Self::Missing | Self::Null => Cow::Borrowed(""),
            Self::Text(text) => text,
            Self::Number(text) | Self::Other(text) => Cow::Borrowed(text),
            Self::Bool(true) => Cow::Borrowed("true"),
            Self::Bool(false) => Cow::Borrowed("false"),
        }
    }

    /// Whether the value is missing or null.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Missing | Self::Null)
    }

    /// The integer of this value, which may be written as `1`, `1.0` or `"1"`; `None` for anything
    /// else.
    #[must_use]
    pub fn integer(&self) -> Option<i64> {
        let text = match self {
            Self::Number(text) => text,
            Self::Text(text) => text.as_ref(),
            _ => return None,
        };
        let whole = match text.split_once('.') {
            Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|b| b == b'0') => whole,
            Some(_) => return None,
            None => text,
        };
        whole.parse().ok()
    }

    /// The boolean of this value, which may be written as `true` or `"true"`; `None` for anything
    /// else.
    #[must_use]
    pub(crate) fn boolean(&self) -> Option<bool> {
        match self {
            Self::Bool(truth) => Some(*truth),
            Self::Text(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// Whether the value is of this kind. A missing value and null are of every kind.
    pub(crate) fn fits(&self, kind: FieldKind) -> bool {
        match kind {
            _ if self.is_empty() => true,
            FieldKind::Text | FieldKind::Time => matches!(self, Self::Text(_) | Self::Number(_)),
            FieldKind::Integer => self.integer().is_some(),
            FieldKind::Decimal => match self {
                Self::Number(_) => true,
                Self::Text(text) => is_number(text),
                _ => false,
            },
            FieldKind::Bool => self.boolean().is_some(),
        }
    }
}

/// Whether a text is one JSON number.
fn is_number(text: &str) -> bool {
    text.starts_with(|c: char| c == '-' || c.is_ascii_digit())
        && serde_json::from_str::<&serde_json::value::RawValue>(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_integer_is_read_with_zeros_after_the_point_and_in_quotes() {
        assert_eq!(Cell::read("1.0").integer(), Some(1));
        assert_eq!(Cell::read("\"1\"").integer(), Some(1));
        assert_eq!(Cell::read("2147483648").integer(), Some(1 << 31));
        assert_eq!(Cell::read("18446744073709551616").integer(), None);
        assert_eq!(Cell::read("1.5").integer(), None);
    }

    #[test]
    fn a_number_keeps_its_digits() {
        for number in
            ["0.0100", "1E-35", "1e400", "-0", "0.000000000000000000000000000000000000001"]
        {
            assert_eq!(Cell::read(number).into_text(), number);
        }
    }

    #[test]
    fn a_price_can_be_a_string() {
        assert!(Cell::read("\"0.01\"").fits(FieldKind::Decimal));
        assert!(!Cell::read("\"a lot\"").fits(FieldKind::Decimal));
    }
}
