//! The order of the values of a field: times by instant, numbers as exact decimals, `false` before
//! `true`, everything else as text. Values of different fields have no meaningful order.

use std::cmp::Ordering;

use super::cells::FieldKind;
use super::{Field, Log, Timestamp};

/// A value that can be compared with others of the same field.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SortValue {
    /// Milliseconds since 1970.
    Time(i64),
    /// A number, digit for digit.
    Decimal(Decimal),
    /// `true` or `false`.
    Bool(bool),
    /// A text, by its characters.
    Text(Box<str>),
    /// A value that is not of the kind that the field is documented to hold, as its text.
    Mismatched(Box<str>),
    /// No value, or an empty one.
    Empty,
}

impl SortValue {
    /// A whole number.
    #[must_use]
    pub(crate) fn integer(number: i64) -> Self {
        Self::Decimal(Decimal::read(&number.to_string()))
    }

    /// A text; an empty one counts as no value.
    #[must_use]
    pub(crate) fn text(text: &str) -> Self {
        if text.is_empty() { Self::Empty } else { Self::Text(text.into()) }
    }

    /// Compares with another value of the same field, the greatest first when `descending`. In both
    /// directions, mismatched values come after the others, and missing values come last.
    #[must_use]
    pub(crate) fn compare(&self, other: &Self, descending: bool) -> Ordering {
        let rank = |value: &Self| match value {
            Self::Empty => 2,
            Self::Mismatched(_) => 1,
            _ => 0,
        };
        let values = if descending { other.cmp(self) } else { self.cmp(other) };
        rank(self).cmp(&rank(other)).then(values)
    }
}

impl Log {
    /// The value of a field, for sorting rows.
    #[must_use]
    pub(crate) fn sort_value(&self, field: Field) -> SortValue {
        let cell = self.cell(field);
        let kind = field.kind();
        if kind == FieldKind::Bool
            && let Some(truth) = cell.boolean()
        {
            return SortValue::Bool(truth);
        }
        let is_number = matches!(kind, FieldKind::Integer | FieldKind::Decimal)
            && cell.fits(FieldKind::Decimal);
        let is_empty = cell.is_empty();
        let text = cell.into_text();
        if is_empty || text.is_empty() {
            return SortValue::Empty;
        }
        match kind {
            FieldKind::Text => SortValue::Text(text.into()),
            FieldKind::Time => match Timestamp::parse(&text) {
                Some(time) => SortValue::Time(time.millis()),
                None => SortValue::Mismatched(text.into()),
            },
            FieldKind::Integer | FieldKind::Decimal if is_number => {
                SortValue::Decimal(Decimal::read(&text))
            }
            FieldKind::Integer | FieldKind::Decimal | FieldKind::Bool => {
                SortValue::Mismatched(text.into())
            }
        }
    }
}

/// A decimal number with any number of digits. Two notations of the same number are equal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Decimal {
    negative: bool,
    /// The digits without zeros at the start and the end; empty for zero.
    digits: Box<[u8]>,
    /// The number of digits before the decimal point; negative for zeros after the point, before the
    /// first digit.
    point: i64,
}

impl Decimal {
    /// Reads a JSON number.
    fn read(json: &str) -> Self {
        let (negative, json) = json.strip_prefix('-').map_or((false, json), |rest| (true, rest));
        let (mantissa, exponent) = json.split_once(['e', 'E']).unwrap_or((json, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let limit = if exponent.starts_with('-') { i64::MIN } else { i64::MAX };
        let exponent: i64 = exponent.parse().unwrap_or(limit);
        let all: Vec<u8> = whole.bytes().chain(fraction.bytes()).collect();
        let zeros = all.iter().take_while(|digit| **digit == b'0').count();
        let end = all.iter().rposition(|digit| *digit != b'0').map_or(0, |last| last + 1);
        let Some(digits) = all.get(zeros..end).filter(|digits| !digits.is_empty()) else {
            return Self { negative: false, digits: Box::default(), point: 0 };
        };
        let whole_digits = i64::try_from(whole.len()).unwrap_or(i64::MAX);
        let zeros = i64::try_from(zeros).unwrap_or(i64::MAX);
        let point = exponent.saturating_add(whole_digits - zeros);
        Self { negative, digits: digits.into(), point }
    }

    /// -1, 0 or 1.
    fn sign(&self) -> i8 {
        match (self.digits.is_empty(), self.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        }
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let magnitude = self.point.cmp(&other.point).then_with(|| self.digits.cmp(&other.digits));
        let signed = if self.negative { magnitude.reverse() } else { magnitude };
        self.sign().cmp(&other.sign()).then(signed)
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sort_value(field: Field, json: &str) -> SortValue {
        Log::read(json, |_| ()).sort_value(field)
    }

    fn price(amount: &str) -> SortValue {
        sort_value(
            Field::PricePerMessage,
            &format!(r#"{{"price":{{"pricePerMessage":{amount}}}}}"#),
        )
    }

    fn sent(time: &str) -> SortValue {
        sort_value(Field::SentAt, &format!(r#"{{"sentAt":{time}}}"#))
    }

    #[test]
    fn prices_are_ordered_as_exact_decimals() {
        let rising = [
            "-1e400",
            "-2",
            "-1.5",
            "-0.01",
            "0",
            "1e-400",
            "0.0099",
            "0.01",
            "\"0.02\"",
            "0.1",
            "0.10000000000000000000000000000000000001",
            "9",
            "10",
            "1e99999999999999999999",
        ];
        for pair in rising.windows(2) {
            assert!(price(pair[0]) < price(pair[1]), "{pair:?}");
        }
        for (one, same) in [("0.0100", "1e-2"), ("-0", "0.000"), ("100", "1E2"), ("1e0", "\"1.0\"")]
        {
            assert_eq!(price(one), price(same), "{one} {same}");
        }
    }

    #[test]
    fn times_are_ordered_by_instant_and_not_by_offset() {
        let (noon, earlier) =
            ("\"2026-11-22T12:00:00.000+0000\"", "\"2026-11-22T12:30:00.000+0100\"");
        assert!(sent(earlier) < sent(noon));
        assert_eq!(sent(noon), sent("\"2026-11-22T13:00:00+01:00\""));
    }

    #[test]
    fn values_of_another_kind_and_missing_ones_come_last_in_both_directions() {
        for descending in [false, true] {
            for (first, then) in
                [("1", "\"a lot\""), ("\"a lot\"", "null"), ("1", "\"\""), ("0", "{}")]
            {
                let order = price(first).compare(&price(then), descending);
                assert_eq!(order, Ordering::Less, "{first} {then} {descending}");
            }
        }
        assert_eq!(price("1").compare(&price("2"), true), Ordering::Greater);
        assert_eq!(price("null"), sort_value(Field::PricePerMessage, "{}"));
    }

    #[test]
    fn false_comes_before_true_and_texts_are_ordered_by_their_characters() {
        let permanent = |value: &str| {
            sort_value(Field::ErrorPermanent, &format!(r#"{{"error":{{"permanent":{value}}}}}"#))
        };
        assert!(permanent("false") < permanent("\"true\""));
        let text = |value: &str| sort_value(Field::Mccmnc, &format!(r#"{{"mccmnc":{value}}}"#));
        assert!(text("\"1000\"") < text("22801"));
        assert_eq!(text("\"\""), SortValue::Empty);
    }

    proptest! {
        #[test]
        fn decimals_are_ordered_as_their_scaled_integers(a in -9_999_999_i64..9_999_999, b in -9_999_999_i64..9_999_999, scale in 0_usize..6) {
            let write = |n: i64| format!("{n}e-{scale}");
            prop_assert_eq!(Decimal::read(&write(a)).cmp(&Decimal::read(&write(b))), a.cmp(&b));
        }
    }
}
