//! Exact sums of prices, one for each currency.
//!
//! The API gives the price per message, so the price of a row counts once, however many segments the
//! message has. No amount may be rounded. Whether a price is added depends on the price and on the
//! currencies of the whole run, never on a sum, so that a total is the sum of its groups.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use num_bigint::BigInt;

use crate::model::Cell;

/// The most currencies; prices in others are not added. A malicious response could name a new currency
/// in each row, and each group keeps a sum for each one. An account is billed in one currency.
pub const MAX_CURRENCIES: usize = 32;

/// The most digits of a price on each side of its decimal point. A longer number is not a price, and
/// `1e999999999` would fill the memory.
const MAX_DIGITS: usize = 100;

/// The most bytes of the name of a currency; a code of ISO 4217 has three.
const MAX_CURRENCY_NAME: usize = 100;

/// An exact decimal number of any length.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    digits: BigInt,
    /// How many of the digits are after the decimal point.
    places: usize,
}

impl Amount {
    /// Parses a number as in JSON, also `1E-5`. `None` when the text is not a number, or has more than
    /// a hundred digits on one side of its point.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (digits, exponent) = match text.split_once(['e', 'E']) {
            Some((digits, exponent)) => (digits, exponent.parse::<i64>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = match digits.split_once('.') {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (digits, ""),
        };
        let is_number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        let unsigned = whole.strip_prefix(['-', '+']).unwrap_or(whole);
        if unsigned.is_empty() || !is_number(unsigned) || !is_number(fraction) {
            return None;
        }
        if unsigned.len() > MAX_DIGITS || fraction.len() > MAX_DIGITS {
            return None;
        }
        let joined = if fraction.is_empty() {
            Cow::Borrowed(whole)
        } else {
            Cow::Owned(format!("{whole}{fraction}"))
        };
        let digits = match joined.parse::<i128>() {
            Ok(short) => BigInt::from(short),
            Err(_) => joined.parse().ok()?,
        };
        let places = i64::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
        let shift =
            usize::try_from(places.unsigned_abs()).ok().filter(|shift| *shift <= MAX_DIGITS)?;
        if places >= 0 {
            return Some(Self { digits, places: shift });
        }
        Some(Self { digits: digits * power_of_ten(shift), places: 0 })
    }

    pub(super) fn sum<'a>(amounts: impl Iterator<Item = &'a Self>) -> Self {
        let mut sum = Self::default();
        amounts.for_each(|amount| sum.add(amount));
        sum
    }

    fn add(&mut self, other: &Self) {
        match self.places.checked_sub(other.places) {
            Some(0) => self.digits += &other.digits,
            Some(more) => self.digits += &other.digits * power_of_ten(more),
            None => {
                self.digits *= power_of_ten(other.places - self.places);
                self.places = other.places;
                self.digits += &other.digits;
            }
        }
    }

    /// The sum of the amounts of all currencies, to sort costs by.
    pub(super) fn total(costs: &[Cost]) -> Self {
        Self::sum(costs.iter().map(|cost| &cost.amount))
    }

    /// Compares the values of two amounts: `0.10` and `0.1` are equal here, but not by `==`, because
    /// they have different digits.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Ordering {
        let places = self.places.max(other.places);
        let digits = |amount: &Self| &amount.digits * power_of_ten(places - amount.places);
        digits(self).cmp(&digits(other))
    }

    /// The number with at least this many digits after the decimal point, and never fewer than it has.
    #[must_use]
    pub fn with_places(&self, min_places: usize) -> String {
        let mut text = self.to_string();
        if min_places > self.places {
            text.push_str(if self.places == 0 { "." } else { "" });
            text.push_str(&"0".repeat(min_places - self.places));
        }
        text
    }
}

/// Writes the number without an exponent.
impl fmt::Display for Amount {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.digits.magnitude().to_string();
        let sign = if self.digits < BigInt::ZERO { "-" } else { "" };
        let digits = format!("{digits:0>width$}", width = self.places + 1);
        let (whole, fraction) = digits.split_at(digits.len() - self.places);
        let point = if fraction.is_empty() { "" } else { "." };
        write!(to, "{sign}{whole}{point}{fraction}")
    }
}

fn power_of_ten(exponent: usize) -> BigInt {
    match u32::try_from(exponent).ok().and_then(|exponent| 10_u64.checked_pow(exponent)) {
        Some(short) => BigInt::from(short),
        None => BigInt::from(10).pow(u32::try_from(exponent).unwrap_or(u32::MAX)),
    }
}

/// The sum of the prices in one currency.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cost {
    /// The currency; empty for prices without one. Codes of three letters are in upper case.
    pub currency: Box<str>,
    /// The exact sum.
    pub amount: Amount,
}

/// The price of a row.
#[derive(Debug)]
pub(super) enum Charge {
    /// The row has no price.
    Missing,
    /// The price cannot be added: it is not a number, or its currency is beyond [`MAX_CURRENCIES`].
    Refused,
    /// The price, in the currency with this index in [`Currencies`].
    Price { currency: usize, amount: Amount },
}

/// The currencies of the run, in the order in which they were first seen.
#[derive(Clone, Debug, Default)]
pub(super) struct Currencies(Vec<Box<str>>);

impl Currencies {
    /// The charge of a row with this price and currency.
    pub(super) fn charge(&mut self, price: &Cell<'_>, currency: &str) -> Charge {
        let text = match price {
            Cell::Missing | Cell::Null => return Charge::Missing,
            Cell::Text(text) if text.is_empty() => return Charge::Missing,
            Cell::Number(text) => text,
            Cell::Text(text) => text.as_ref(),
            Cell::Bool(_) | Cell::Other(_) => return Charge::Refused,
        };
        let Some(amount) = Amount::parse(text) else { return Charge::Refused };
        let index = self.index_of(currency);
        index.map_or(Charge::Refused, |currency| Charge::Price { currency, amount })
    }

    /// The index of a currency, which is added if it is new; `None` when that is not possible.
    fn index_of(&mut self, name: &str) -> Option<usize> {
        // Codes are in upper case by the standard; a lower-case code is the same currency.
        let is_code = name.len() == 3 && name.bytes().all(|b| b.is_ascii_alphabetic());
        let is_same = |known: &str| known == name || (is_code && known.eq_ignore_ascii_case(name));
        if let Some(index) = self.0.iter().position(|known| is_same(known)) {
            return Some(index);
        }
        if self.0.len() == MAX_CURRENCIES || name.len() > MAX_CURRENCY_NAME {
            return None;
        }
        let name = if is_code { name.to_ascii_uppercase() } else { name.to_owned() };
        self.0.push(name.into());
        Some(self.0.len() - 1)
    }
}

/// Adds up prices.
#[derive(Clone, Debug, Default)]
pub(super) struct Costs {
    /// The sums, each with the index of its currency.
    sums: Vec<(usize, Amount)>,
    refused: u64,
    missing: u64,
}

impl Costs {
    pub(super) fn add(&mut self, charge: &Charge) {
        match charge {
            Charge::Missing => self.missing += 1,
            Charge::Refused => self.refused += 1,
            Charge::Price { currency, amount } => self.add_to(*currency, amount),
        }
    }

    /// Adds other costs.
    pub(super) fn merge(&mut self, others: &Self) {
        for (currency, amount) in &others.sums {
            self.add_to(*currency, amount);
        }
        self.refused += others.refused;
        self.missing += others.missing;
    }

    fn add_to(&mut self, currency: usize, amount: &Amount) {
        match self.sums.iter_mut().find(|(known, _)| *known == currency) {
            Some((_, sum)) => sum.add(amount),
            None => self.sums.push((currency, amount.clone())),
        }
    }

    /// The sums, sorted by the name of their currency.
    pub(super) fn sums(&self, currencies: &Currencies) -> Vec<Cost> {
        let mut sums: Vec<Cost> = self
            .sums
            .iter()
            .filter_map(|(index, amount)| {
                let currency = currencies.0.get(*index)?.clone();
                Some(Cost { currency, amount: amount.clone() })
            })
            .collect();
        sums.sort_by(|a, b| a.currency.cmp(&b.currency));
        sums
    }

    /// How many prices are in no sum.
    pub(super) fn refused(&self) -> u64 {
        self.refused
    }

    /// How many rows have no price.
    pub(super) fn missing(&self) -> u64 {
        self.missing
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The result of these prices and their currencies: sums, refused, missing.
    fn added(prices: &[(Cell<'_>, &str)]) -> (Vec<String>, u64, u64) {
        let mut currencies = Currencies::default();
        let mut costs = Costs::default();
        for (price, currency) in prices {
            costs.add(&currencies.charge(price, currency));
        }
        let sums = costs.sums(&currencies);
        let text = |cost: &Cost| format!("{} {}", cost.amount, cost.currency);
        (sums.iter().map(text).collect(), costs.refused(), costs.missing())
    }

    fn sum(prices: &[&str]) -> (String, u64) {
        let prices: Vec<_> = prices.iter().map(|price| (Cell::Number(price), "")).collect();
        let (sums, refused, _) = added(&prices);
        (sums.first().map(|sum| sum.trim().to_owned()).unwrap_or_default(), refused)
    }

    #[test]
    fn cents_add_up_where_floats_would_not() {
        assert_eq!(sum(&["0.1", "0.2"]), ("0.3".into(), 0));
        assert_eq!(sum(&["0.01", "0.0100", "0", "-0"]), ("0.0200".into(), 0));
        assert_eq!(sum(&["1E-5", "1.5e3", "12e-1"]), ("1501.20001".into(), 0));
        assert_eq!(sum(&["0.5", "-0.75"]), ("-0.25".into(), 0));
    }

    #[test]
    fn a_very_small_or_very_great_price_is_added_to_the_last_digit() {
        let tiny = "0.0000000000000000000000000001";
        assert_eq!(sum(&["1000", "1e-28"]), (format!("1000{}", &tiny[1..]), 0));
        let great = "79228162514264337593543950335";
        assert_eq!(sum(&[great, "0.1", "1"]), ("79228162514264337593543950336.1".into(), 0));
        let long = "123456789012345678901234567890.123456789012345678901234567890";
        assert_eq!(sum(&[long, "1e50"]).1, 0);
    }

    #[test]
    fn a_price_that_is_not_a_number_or_too_long_is_refused_and_counted() {
        for price in [
            "1e400",
            "1E-350",
            "1e99999999999999999999",
            "1_0",
            "1e-9223372036854775808",
            "0,0075",
            "1.",
            ".5",
            "",
            "-",
            "1e",
            "0x10",
            "NaN",
            "--1",
            "1 ",
            "1e1.5",
            &"9".repeat(101),
        ] {
            assert_eq!(sum(&["0.5", price]).0, "0.5", "{price}");
        }
        let refused = [
            (Cell::Bool(true), "EUR"),
            (Cell::Other("{}"), "EUR"),
            (Cell::Text("0,01".into()), "EUR"),
        ];
        assert_eq!(added(&refused), (vec![], 3, 0));
    }

    #[test]
    fn a_row_without_a_price_is_counted_as_such() {
        let rows = [(Cell::Null, "USD"), (Cell::Missing, ""), (Cell::Text("".into()), "USD")];
        assert_eq!(added(&rows), (vec![], 0, 3));
    }

    #[test]
    fn currencies_are_never_mixed_and_a_missing_currency_is_separate() {
        let prices = [
            (Cell::Number("1"), "USD"),
            (Cell::Number("2.50"), "EUR"),
            (Cell::Text("0.01".into()), ""),
            (Cell::Number("3"), "Credits"),
            (Cell::Number("4"), "credits"),
        ];
        let sums = ["0.01 ", "3 Credits", "2.50 EUR", "1 USD", "4 credits"].map(String::from);
        assert_eq!(added(&prices), (sums.into(), 0, 0));
    }

    #[test]
    fn a_currency_code_in_lower_case_is_the_same_currency() {
        let prices = [(Cell::Number("1"), "usd"), (Cell::Number("2"), "USD")];
        assert_eq!(added(&prices), (vec!["3 USD".into()], 0, 0));
    }

    #[test]
    fn a_new_currency_in_every_row_does_not_fill_the_memory() {
        let names: Vec<_> = (0..1000).map(|row| format!("C{row}")).collect();
        let prices: Vec<_> = names.iter().map(|name| (Cell::Number("1"), name.as_str())).collect();
        let (sums, refused, _) = added(&prices);
        assert_eq!((sums.len(), refused), (MAX_CURRENCIES, 1000 - MAX_CURRENCIES as u64));
    }

    #[test]
    fn an_amount_has_at_least_the_requested_places() {
        let shown = |text: &str| Amount::parse(text).unwrap().with_places(2);
        assert_eq!(
            ["5", "0.1", "-0.05", "1.234", "0"].map(shown),
            ["5.00", "0.10", "-0.05", "1.234", "0.00"]
        );
    }

    /// A sum as on paper, digit by digit with carries.
    fn on_paper(prices: &[(u64, u8)]) -> String {
        let mut places = [0_u64; 40];
        for (digits, scale) in prices {
            let text = digits.to_string();
            for (at, digit) in text.bytes().rev().enumerate() {
                places[at + 20 - usize::from(*scale)] += u64::from(digit - b'0');
            }
        }
        for at in 0..39 {
            places[at + 1] += places[at] / 10;
            places[at] %= 10;
        }
        let digit = |place: &u64| char::from_digit(u32::try_from(*place).unwrap(), 10).unwrap();
        let (fraction, whole) = places.split_at(20);
        let line: String = whole.iter().rev().map(digit).chain(['.']).collect();
        line + &fraction.iter().rev().map(digit).collect::<String>()
    }

    proptest! {
        #[test]
        fn sums_are_exact(
            prices in prop::collection::vec((0..1_000_000_000_000_u64, 0_u8..12), 1..60)
        ) {
            let texts: Vec<_> = prices
                .iter()
                .map(|(digits, scale)| format!("{digits}e-{scale}"))
                .collect();
            let (text, refused) = sum(&texts.iter().map(String::as_str).collect::<Vec<_>>());
            let paper = on_paper(&prices);
            prop_assert_eq!(refused, 0);
            let paper = paper.trim_matches('0').trim_end_matches('.');
            let text = if text.contains('.') { text.trim_matches('0') } else { text.trim_start_matches('0') };
            prop_assert_eq!(text.trim_end_matches('.'), paper);
        }

        #[test]
        fn no_text_makes_parsing_a_price_panic(text in r"[-+0-9.eE]{0,20}|\PC*") {
            let _ = Amount::parse(&text);
        }
    }
}
