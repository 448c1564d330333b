//! Figures as people read them.

use omnilogs::model::Country;
use omnilogs::sink::width::{display_width, wrap};
use omnilogs::sink::{duration, printable};
use omnilogs::stats::{Cost, Key, Value};
use omnilogs::visible::visible;

/// A share as a percentage. It is `100%` or `0%` only if the share is exactly that.
pub(crate) fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "-".to_owned();
    }
    let (wide_part, wide_whole) = (u128::from(part), u128::from(whole));
    let rounded = (wide_part * 2000 + wide_whole) / (wide_whole * 2);
    match (rounded, part) {
        (_, part) if part == whole => "100%".to_owned(),
        (_, 0) => "0%".to_owned(),
        (0, _) => "<0.1%".to_owned(),
        (1000, _) => "99.9%".to_owned(),
        (tenths, _) => format!("{}.{}%", tenths / 10, tenths % 10),
    }
}

/// A latency in milliseconds.
pub(crate) fn latency(millis: Option<u64>) -> String {
    millis.map_or_else(
        || "-".to_owned(),
        |millis| duration(i64::try_from(millis).unwrap_or(i64::MAX)),
    )
}

/// The exact sum of each currency, with at least two decimal places.
pub(crate) fn costs(costs: &[Cost]) -> Vec<String> {
    let text = |cost: &Cost| {
        let amount = cost.amount.with_places(2);
        match visible(&cost.currency) {
            none if none.is_empty() => format!("{amount} (no currency)"),
            currency => format!("{amount} {currency}"),
        }
    };
    costs.iter().map(text).collect()
}

/// Clauses on as many lines as they need, with a mark between two on one line.
pub(crate) fn joined_clauses(clauses: &[String], mark: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines: Vec<String> = Vec::new();
    for clause in clauses {
        match lines.last_mut() {
            Some(line)
                if display_width(line) + display_width(mark) + display_width(clause) <= width =>
            {
                line.push_str(mark);
                line.push_str(clause);
            }
            // A clause is broken and not cut, since a part of a sum is another sum.
            _ => lines.extend(wrap(clause, width).lines().map(str::to_owned)),
        }
    }
    lines
}

/// The value of a key for people: networks have the names of their countries.
pub(crate) fn value_text(key: Key, value: &Value) -> String {
    match (key, value) {
        (_, Value::Bucket(start)) => start.format("%m-%d %H:%M").to_string(),
        (_, Value::Missing) => "(none)".to_owned(),
        (_, value) => {
            let text = value.text().unwrap_or_default();
            match Country::of_network(&text) {
                Some(country) if key == Key::Network => {
                    format!("{} {}", printable(&text), country.name)
                }
                _ => printable(&text),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentage_does_not_hide_the_last_failure() {
        assert_eq!(percent(9999, 10_000), "99.9%");
        assert_eq!([percent(87, 9686), percent(1, 3), percent(2, 3)], ["0.9%", "33.3%", "66.7%"]);
        assert_eq!(percent(1, 10_000), "<0.1%");
        assert_eq!([percent(5, 5), percent(0, 5), percent(0, 0)], ["100%", "0%", "-"]);
    }
}
