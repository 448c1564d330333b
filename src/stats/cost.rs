//! Exact sums of prices, one for each currency.
//!
//! A price is what the API calls the price of one message, so a row costs it once, however many
//! segments the message has. Nothing is ever rounded: a price that cannot be held exactly, or
//! that would make a sum inexact, is left out and counted.

use rust_decimal::Decimal;

use crate::model::Cell;

/// Currencies beyond these are left out: a hostile answer could name a new one in each row.
const MOST_CURRENCIES: usize = 100;

/// The sum of the prices in one currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cost {
    /// The currency as it was sent; empty when prices came without one.
    pub currency: Box<str>,
    /// The exact sum.
    pub amount: Decimal,
}

/// Adds up prices.
#[derive(Clone, Debug, Default)]
pub(super) struct Costs {
    sums: Vec<Cost>,
    refused: u64,
}

impl Costs {
    /// Adds a row's price; a row without one costs nothing that is known.
    pub(super) fn add(&mut self, price: &Cell<'_>, currency: &str) {
        let text = match price {
            Cell::Missing | Cell::Null => return,
            Cell::Number(text) => text,
            Cell::Text(text) if text.is_empty() => return,
            Cell::Text(text) => text.as_ref(),
            Cell::Truth(_) | Cell::Other(_) => {
                self.refused += 1;
                return;
            }
        };
        if exact(text).and_then(|amount| self.put(currency, amount)).is_none() {
            self.refused += 1;
        }
    }

    /// Adds the sums of others.
    pub(super) fn merge(&mut self, others: &Self) {
        for Cost { currency, amount } in &others.sums {
            if self.put(currency, *amount).is_none() {
                self.refused += 1;
            }
        }
        self.refused += others.refused;
    }

    /// The sums by currency, and how many prices are in none of them.
    pub(super) fn result(&self) -> (Vec<Cost>, u64) {
        let mut sums = self.sums.clone();
        sums.sort_by(|a, b| a.currency.cmp(&b.currency));
        (sums, self.refused)
    }

    fn put(&mut self, currency: &str, amount: Decimal) -> Option<()> {
        if let Some(sum) = self.sums.iter_mut().find(|sum| *sum.currency == *currency) {
            sum.amount = exact_sum(sum.amount, amount)?;
        } else if self.sums.len() < MOST_CURRENCIES && currency.len() <= 100 {
            self.sums.push(Cost { currency: currency.into(), amount });
        } else {
            return None;
        }
        Some(())
    }
}

/// The number that a text writes, also as `1E-5`; `None` when it cannot be held digit for digit.
fn exact(text: &str) -> Option<Decimal> {
    if text.contains('_') {
        return None;
    }
    let Some((digits, exponent)) = text.split_once(['e', 'E']) else {
        return Decimal::from_str_exact(text).ok();
    };
    let digits = Decimal::from_str_exact(digits).ok()?;
    let scale = i64::from(digits.scale()).checked_sub(exponent.parse().ok()?)?;
    if let Ok(scale) = u32::try_from(scale) {
        return Decimal::try_from_i128_with_scale(digits.mantissa(), scale).ok();
    }
    let power = 10_i128.checked_pow(u32::try_from(scale.unsigned_abs()).ok()?)?;
    Decimal::try_from_i128_with_scale(digits.mantissa().checked_mul(power)?, 0).ok()
}

/// The sum, with the longer fraction of the two; `None` where `Decimal` itself would round.
fn exact_sum(a: Decimal, b: Decimal) -> Option<Decimal> {
    let scale = a.scale().max(b.scale());
    let widened = |d: Decimal| d.mantissa().checked_mul(10_i128.checked_pow(scale - d.scale())?);
    Decimal::try_from_i128_with_scale(widened(a)?.checked_add(widened(b)?)?, scale).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sum(prices: &[&str]) -> (String, u64) {
        let mut costs = Costs::default();
        for price in prices {
            costs.add(&Cell::Number(price), "EUR");
        }
        let (sums, refused) = costs.result();
        (sums.first().map(|sum| sum.amount.to_string()).unwrap_or_default(), refused)
    }

    #[test]
    fn cents_add_up_where_floats_would_not() {
        assert_eq!(sum(&["0.1", "0.2"]), ("0.3".into(), 0));
        assert_eq!(sum(&["0.01", "0.0100", "0", "-0"]), ("0.0200".into(), 0));
        assert_eq!(sum(&["1E-5", "1.5e3", "12e-1"]), ("1501.20001".into(), 0));
    }

    #[test]
    fn a_price_that_cannot_be_held_exactly_is_left_out_and_counted() {
        let long = "0.000000000000000000000000000000000000001";
        for price in
            ["1e400", "1E-35", long, "1e99999999999999999999", "1_0", "1e-9223372036854775808"]
        {
            assert_eq!(sum(&["0.5", price]), ("0.5".into(), 1), "{price}");
        }
    }

    #[test]
    fn a_sum_that_would_have_to_be_rounded_is_refused() {
        let great = "79228162514264337593543950335";
        assert_eq!(sum(&[great, "0.1"]), (great.into(), 1));
        assert_eq!(sum(&[great, "1"]), (great.into(), 1));
        assert_eq!(sum(&["1000", "1e-28"]), ("1000".into(), 1));
    }

    #[test]
    fn currencies_are_never_mixed_and_a_missing_one_is_its_own() {
        let mut costs = Costs::default();
        costs.add(&Cell::Number("1"), "USD");
        costs.add(&Cell::Number("2.50"), "EUR");
        costs.add(&Cell::Text("0.01".into()), "");
        costs.add(&Cell::Missing, "EUR");
        costs.add(&Cell::Truth(true), "EUR");
        let (sums, refused) = costs.result();
        let sums: Vec<_> = sums.iter().map(|s| format!("{} {}", s.currency, s.amount)).collect();
        assert_eq!((sums, refused), (vec![" 0.01".into(), "EUR 2.50".into(), "USD 1".into()], 1));
    }

    #[test]
    fn a_currency_in_every_row_does_not_grow_without_end() {
        let mut costs = Costs::default();
        for row in 0..1000 {
            costs.add(&Cell::Number("1"), &format!("C{row}"));
        }
        let (sums, refused) = costs.result();
        assert_eq!((sums.len() as u64, refused), (100, 900));
    }

    /// A sum on paper: every digit at its own place, carried from the right.
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
        fn sums_are_those_on_paper(
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
    }
}
