//! The expressions of `--fail-if`: a metric, a comparison and a value, such as `delivered<95%`. They
//! are parsed here; the module `check` compares them with figures.

use std::cmp::Ordering;
use std::fmt;

use omnilogs::stats::Amount;

use crate::failure::Failure;
use crate::text::{closest, quoted};
use crate::time_input;

const FLAG: &str = "--fail-if";

/// Decimal places of a percentage. Finer limits need more messages than a run counts.
const SHARE_PLACES: usize = 6;
/// A hundred percent in the units of [`Threshold::Share`].
pub(super) const WHOLE_SHARE: u64 = 100_000_000;

/// The figure that a limit is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Metric {
    Delivered,
    Failed,
    Pending,
    Messages,
    P50,
    P90,
    P99,
    Cost,
}

impl Metric {
    const ALL: [Self; 8] = [
        Self::Delivered,
        Self::Failed,
        Self::Pending,
        Self::Messages,
        Self::P50,
        Self::P90,
        Self::P99,
        Self::Cost,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Pending => "pending",
            Self::Messages => "messages",
            Self::P50 => "p50",
            Self::P90 => "p90",
            Self::P99 => "p99",
            Self::Cost => "cost",
        }
    }

    /// An expression with this metric, for the hint of an error.
    const fn example(self) -> &'static str {
        match self {
            Self::Delivered => "'delivered<95%' or 'delivered<1000'",
            Self::Failed => "'failed>5%' or 'failed>100'",
            Self::Pending => "'pending>20%' or 'pending>1000'",
            Self::Messages => "'messages<100'",
            Self::P50 => "'p50>5s'",
            Self::P90 => "'p90>30s'",
            Self::P99 => "'p99>1m30s'",
            Self::Cost => "'cost>100' or 'cost>100EUR'",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    /// The comparison at the start of a text, and the rest of the text.
    fn strip(text: &str) -> Option<(Self, &str)> {
        // The longer signs come first, since they begin with the shorter ones.
        let signs = [Self::LessOrEqual, Self::GreaterOrEqual, Self::Less, Self::Greater];
        signs.into_iter().find_map(|sign| Some((sign, text.strip_prefix(sign.sign())?)))
    }

    const fn sign(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    const fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }
}

/// The value that a metric is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Threshold {
    Count(u64),
    /// In millionths of a percent.
    Share(u64),
    Millis(u64),
    /// In any currency, where none is named.
    Cost {
        amount: Amount,
        currency: Option<String>,
    },
}

/// An expression of `--fail-if`. Its display is a form that can be parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Limit {
    pub(super) metric: Metric,
    comparison: Comparison,
    pub(super) threshold: Threshold,
    /// The text of the threshold.
    value: String,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", self.metric.name(), self.comparison.sign(), self.value)
    }
}

impl Limit {
    /// Parses an expression.
    ///
    /// # Errors
    /// When the expression is malformed, or can never be true.
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        let text = text.trim();
        let sign_at = text.find(['<', '>', '=', '!', '≤', '≥']);
        let (name, rest) = text.split_at(sign_at.unwrap_or(text.len()));
        let metric = metric(name.trim())?;
        let Some((comparison, value)) = Comparison::strip(rest) else {
            return Err(no_comparison(rest, metric));
        };
        let value = value.trim();
        if value.is_empty() {
            return Err(invalid(format!("there is no value after {}", comparison.sign()), metric));
        }
        let threshold = threshold(metric, value)?;
        let value = value.split_whitespace().collect();
        let limit = Self { metric, comparison, threshold, value };
        if limit.is_impossible() {
            return Err(invalid(format!("{limit} is never true"), metric));
        }
        Ok(limit)
    }

    /// Refuses a limit that only groups with fewer than `min` messages can break: these are not
    /// checked.
    ///
    /// # Errors
    /// When this is such a limit.
    pub(super) fn check_min(&self, min: u64) -> Result<(), Failure> {
        let Threshold::Count(count) = self.threshold else { return Ok(()) };
        let is_excluded = self.metric == Metric::Messages
            && match self.comparison {
                Comparison::Less => count <= min,
                Comparison::LessOrEqual => count < min,
                Comparison::Greater | Comparison::GreaterOrEqual => false,
            };
        if !is_excluded {
            return Ok(());
        }
        Err(Failure::usage(format!("{FLAG} '{self}' is never true with --min {min}"))
            .because(format!("fewer than {min} final messages are not checked"))
            .hint("check it in a run of its own, without --min"))
    }

    /// Whether a figure that compares like this with the threshold breaks the limit.
    pub(super) fn is_broken_by(&self, order: Ordering) -> bool {
        self.comparison.holds(order)
    }

    fn is_impossible(&self) -> bool {
        match (self.comparison, &self.threshold) {
            (
                Comparison::Less,
                Threshold::Count(0) | Threshold::Share(0) | Threshold::Millis(0),
            ) => true,
            (Comparison::Greater, Threshold::Share(share)) => *share == WHOLE_SHARE,
            _ => false,
        }
    }
}

/// The failure for an invalid expression, with an example of the metric.
fn invalid(what: impl fmt::Display, metric: Metric) -> Failure {
    Failure::usage(format!("{FLAG}: {what}")).hint(format!("use {FLAG} {}", metric.example()))
}

fn metric(name: &str) -> Result<Metric, Failure> {
    let known = Metric::ALL.into_iter().find(|metric| metric.name().eq_ignore_ascii_case(name));
    known.ok_or_else(|| {
        let names = Metric::ALL.map(Metric::name);
        let what = if name.is_empty() {
            "the expression begins with no metric".to_owned()
        } else {
            format!("{} is not a metric", quoted(name))
        };
        let failure = Failure::usage(format!("{FLAG}: {what}"));
        let failure = match closest(name, names) {
            Some(meant) => failure.hint(format!("did you mean {meant}?")),
            None => failure,
        };
        let form = "METRIC<VALUE, with <, <=, > or >=, as in 'delivered<95%'";
        failure.hint(format!("metrics: {}", names.join(", "))).hint(form)
    })
}

fn no_comparison(rest: &str, metric: Metric) -> Failure {
    if rest.is_empty() {
        let name = metric.name();
        return invalid(format!("{name} is not compared with anything"), metric)
            .because("without quotation marks, < and > are redirections of the shell");
    }
    let sign: String =
        rest.chars().take_while(|c| !c.is_alphanumeric() && !c.is_whitespace()).take(3).collect();
    invalid(format!("{} is not a comparison", quoted(&sign)), metric)
        .because("the comparisons are <, <=, > and >=")
}

fn threshold(metric: Metric, value: &str) -> Result<Threshold, Failure> {
    match metric {
        Metric::Delivered | Metric::Failed | Metric::Pending => match value.strip_suffix('%') {
            Some(percent) => share(percent.trim_end(), metric),
            None => count(value, metric),
        },
        Metric::Messages if value.ends_with('%') => {
            Err(invalid("messages is a count, and has no share", metric))
        }
        Metric::Messages => count(value, metric),
        Metric::P50 | Metric::P90 | Metric::P99 => {
            let millis = time_input::duration(value).map_err(|failure| {
                let failed = Failure::usage(format!("{FLAG}: {}", failure.message));
                failure.hints.into_iter().fold(failed, Failure::hint)
            })?;
            Ok(Threshold::Millis(u64::try_from(millis.as_millis()).unwrap_or(u64::MAX)))
        }
        Metric::Cost => cost(value),
    }
}

fn count(value: &str, metric: Metric) -> Result<Threshold, Failure> {
    if value.bytes().all(|byte| byte.is_ascii_digit()) {
        let too_large = |_| invalid(format!("{} is too large", quoted(value)), metric);
        return Ok(Threshold::Count(value.parse().map_err(too_large)?));
    }
    let failure = invalid(format!("{} is not a count", quoted(value)), metric);
    Err(match metric {
        Metric::Messages => failure.because("a count is a whole number, without separators"),
        _ => failure.because("a count is a whole number, and a share ends with %"),
    })
}

fn share(percent: &str, metric: Metric) -> Result<Threshold, Failure> {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = percent.split_once('.').unwrap_or((percent, "0"));
    let is_number = !whole.is_empty() && !fraction.is_empty() && digits(whole) && digits(fraction);
    if !is_number {
        return Err(invalid(format!("{} is not a percentage", quoted(percent)), metric));
    }
    if fraction.len() > SHARE_PLACES {
        let what = format!("a share has at most {SHARE_PLACES} decimal places");
        return Err(invalid(what, metric));
    }
    let value = format!("{whole}{fraction:0<SHARE_PLACES$}").parse::<u64>();
    match value {
        Ok(value) if value <= WHOLE_SHARE => Ok(Threshold::Share(value)),
        _ => Err(invalid("a share is from 0% to 100%", metric)),
    }
}

fn cost(value: &str) -> Result<Threshold, Failure> {
    let end = value.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(value.len());
    let (number, currency) = value.split_at(end);
    let currency = currency.trim();
    let amount = Amount::parse(number)
        .ok_or_else(|| invalid(format!("{} is not an amount", quoted(value)), Metric::Cost))?;
    if !currency.chars().all(char::is_alphabetic) {
        let what = format!("{} is not a currency", quoted(currency));
        return Err(invalid(what, Metric::Cost));
    }
    // Codes of ISO 4217 are in upper case, also in the figures.
    let currency = if currency.len() == 3 { currency.to_uppercase() } else { currency.to_owned() };
    Ok(Threshold::Cost { amount, currency: Some(currency).filter(|name| !name.is_empty()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(text: &str) -> Limit {
        Limit::parse(text).unwrap_or_else(|failure| panic!("{text}: {}", failure.message))
    }

    #[test]
    fn each_metric_has_values_of_its_own_kind() {
        for (text, wanted) in [
            ("delivered<95%", Threshold::Share(95_000_000)),
            ("delivered < 99.95 %", Threshold::Share(99_950_000)),
            ("FAILED>=0.000001%", Threshold::Share(1)),
            ("pending>100", Threshold::Count(100)),
            ("messages<=0", Threshold::Count(0)),
            ("p90>1m30s", Threshold::Millis(90_000)),
            ("p50 >500ms", Threshold::Millis(500)),
        ] {
            assert_eq!(limit(text).threshold, wanted, "{text}");
        }
        let cost = |text| match limit(text).threshold {
            Threshold::Cost { amount, currency } => (amount.to_string(), currency),
            other => panic!("{other:?}"),
        };
        assert_eq!(cost("cost>100"), ("100".to_owned(), None));
        assert_eq!(cost("cost>0.0100 eur"), ("0.0100".to_owned(), Some("EUR".to_owned())));
    }

    #[test]
    fn a_limit_is_shown_as_it_can_be_typed() {
        for (typed, shown) in [
            (" Delivered <  95 % ", "delivered<95%"),
            ("cost>=10 EUR", "cost>=10EUR"),
            ("p99<=2s", "p99<=2s"),
        ] {
            assert_eq!(limit(typed).to_string(), shown);
            assert_eq!(limit(shown), limit(typed));
        }
    }

    #[test]
    fn a_malformed_expression_says_what_works() {
        for (text, what, hint) in [
            ("", "--fail-if: the expression begins with no metric", "METRIC<VALUE"),
            ("<95%", "--fail-if: the expression begins with no metric", "METRIC<VALUE"),
            ("deliverd<95%", "--fail-if: \"deliverd\" is not a metric", "did you mean delivered?"),
            ("p95>3s", "--fail-if: \"p95\" is not a metric", "p50, p90, p99"),
            ("delivered", "--fail-if: delivered is not compared with anything", "'delivered<95%'"),
            ("delivered=95%", "--fail-if: \"=\" is not a comparison", "'delivered<95%'"),
            ("delivered==95%", "--fail-if: \"==\" is not a comparison", "'delivered<95%'"),
            ("delivered!=95%", "--fail-if: \"!=\" is not a comparison", "'delivered<95%'"),
            ("delivered≤95%", "--fail-if: \"≤\" is not a comparison", "'delivered<95%'"),
            ("delivered<", "--fail-if: there is no value after <", "'delivered<95%'"),
            ("delivered<>95%", "--fail-if: \">95\" is not a percentage", "'delivered<95%'"),
            ("delivered<0.95", "--fail-if: \"0.95\" is not a count", "'delivered<95%'"),
            ("delivered<many", "--fail-if: \"many\" is not a count", "'delivered<95%'"),
            ("delivered<%", "--fail-if: \"\" is not a percentage", "'delivered<95%'"),
            ("delivered<9.%", "--fail-if: \"9.\" is not a percentage", "'delivered<95%'"),
            ("delivered<-5%", "--fail-if: \"-5\" is not a percentage", "'delivered<95%'"),
            ("delivered<101%", "--fail-if: a share is from 0% to 100%", "'delivered<95%'"),
            ("delivered<1.0000001%", "--fail-if: a share has at most 6", "'delivered<95%'"),
            ("messages<95%", "--fail-if: messages is a count", "'messages<100'"),
            ("messages<1,000", "--fail-if: \"1,000\" is not a count", "'messages<100'"),
            ("messages<99999999999999999999", "--fail-if: ", "'messages<100'"),
            ("p90>30", "--fail-if: the duration 30 has no unit", "write 30s for seconds"),
            ("p90>fast", "--fail-if: \"fast\" is not a duration", "write a duration such as"),
            ("cost>10%", "--fail-if: \"%\" is not a currency", "'cost>100EUR'"),
            ("cost>-1", "--fail-if: \"-1\" is not an amount", "'cost>100EUR'"),
            ("delivered<0%", "--fail-if: delivered<0% is never true", "'delivered<95%'"),
            ("failed>100%", "--fail-if: failed>100% is never true", "'failed>5%'"),
            ("messages<0", "--fail-if: messages<0 is never true", "'messages<100'"),
        ] {
            let failure = Limit::parse(text).unwrap_err();
            assert!(failure.message.starts_with(what), "{text}: {}", failure.message);
            let hints = failure.hints.join("\n");
            assert!(hints.contains(hint), "{text}: {hints}");
        }
    }

    #[test]
    fn a_value_of_any_length_is_refused_and_not_repeated_in_full() {
        for text in [format!("delivered<{}", "9".repeat(100_000)), "x".repeat(100_000)] {
            let failure = Limit::parse(&text).unwrap_err();
            assert!(failure.message.len() < 200, "{}", failure.message.len());
        }
    }

    #[test]
    fn a_number_of_messages_that_the_minimum_excludes_is_refused() {
        for text in ["messages<100", "messages<=99"] {
            assert!(limit(text).check_min(99).is_ok(), "{text}");
            assert!(limit(text).check_min(100).is_err(), "{text}");
        }
        assert!(limit("messages>5").check_min(100).is_ok());
        assert!(limit("delivered<5").check_min(100).is_ok());
    }
}
