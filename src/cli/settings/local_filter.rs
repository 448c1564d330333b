//! Filters that are applied locally, to the rows of a response.

use omnilogs::model::CountryError;
use omnilogs::{Country, Field, Finality, Log};
use regex::{Regex, RegexBuilder};

use super::code_filter::CodeFilter;
use crate::args::LocalFilterArgs;
use crate::failure::Failure;
use crate::text::{closest, quoted};

/// Decides which rows are shown.
#[derive(Clone, Debug, Default)]
pub(crate) struct LocalFilter {
    grep: Option<Regex>,
    exclude: Option<Regex>,
    only_final: bool,
    codes: Vec<CodeFilter>,
    countries: Vec<&'static Country>,
    /// In milliseconds.
    slower_than: Option<i64>,
}

impl LocalFilter {
    /// Reads the options.
    ///
    /// # Errors
    /// When an expression, a code or a country is refused.
    pub(crate) fn new(args: &LocalFilterArgs) -> Result<Self, Failure> {
        let LocalFilterArgs { grep, exclude, ignore_case, only_final, error, country, slow } = args;
        let expression = |flag: &str, text: &Option<String>| match text {
            Some(text) => RegexBuilder::new(text)
                .case_insensitive(*ignore_case)
                .build()
                .map(Some)
                .map_err(|error| refused(flag, &error)),
            None => Ok(None),
        };
        Ok(Self {
            grep: expression("--grep", grep)?,
            exclude: expression("--exclude", exclude)?,
            only_final: *only_final,
            codes: error.iter().map(|word| CodeFilter::parse(word)).collect::<Result<_, _>>()?,
            countries: country.iter().map(|word| self::country(word)).collect::<Result<_, _>>()?,
            slower_than: slow.map(|slow| i64::try_from(slow.as_millis()).unwrap_or(i64::MAX)),
        })
    }

    /// Whether every row is shown.
    pub(crate) fn is_empty(&self) -> bool {
        let Self { grep, exclude, only_final, codes, countries, slower_than } = self;
        let expressions = grep.is_none() && exclude.is_none();
        expressions
            && !only_final
            && codes.is_empty()
            && countries.is_empty()
            && slower_than.is_none()
    }

    /// Warnings about ids and names that no published code has.
    pub(crate) fn warnings(&self) -> Vec<String> {
        self.codes.iter().filter_map(CodeFilter::warning).collect()
    }

    /// Whether the row is shown.
    pub(crate) fn keeps(&self, log: &Log) -> bool {
        if self.only_final && log.finality() != Finality::Final {
            return false;
        }
        if !self.codes.is_empty() && !self.codes.iter().any(|code| code.fits(log)) {
            return false;
        }
        if !self.countries.is_empty()
            && !log.country().is_some_and(|country| self.countries.contains(&country))
        {
            return false;
        }
        if let Some(limit) = self.slower_than
            && log.latency_millis().is_none_or(|latency| latency <= limit)
        {
            return false;
        }
        if self.grep.is_none() && self.exclude.is_none() {
            return true;
        }
        let text = log.cell(Field::Text).into_text();
        self.grep.as_ref().is_none_or(|wanted| wanted.is_match(&text))
            && !self.exclude.as_ref().is_some_and(|unwanted| unwanted.is_match(&text))
    }
}

/// The most countries that a message lists.
const MAX_LISTED: usize = 8;

fn country(word: &str) -> Result<&'static Country, Failure> {
    const FORMS: &str = "an ISO code such as GB, or a name such as 'United Kingdom'";
    let word = word.trim();
    if word.is_empty() {
        return Err(Failure::usage("--country: a country is empty").hint(FORMS));
    }
    Country::parse(word).map_err(|error| {
        if let CountryError::Ambiguous(countries) = error {
            return ambiguous(word, &countries);
        }
        let names = Country::all().flat_map(Country::names);
        let failure = Failure::usage(format!("--country: {} is not a country", quoted(word)))
            .because("no country has that ISO code, name or mobile country code");
        match closest(word, names) {
            Some(meant) => failure.hint(format!("--country '{meant}'")),
            None => failure.hint(FORMS),
        }
    })
}

fn ambiguous(word: &str, countries: &[&Country]) -> Failure {
    let listed = countries.iter().take(MAX_LISTED);
    let names: Vec<_> = listed.map(|it| format!("{} ({})", it.name, it.iso)).collect();
    let more = if countries.len() > MAX_LISTED { ", …" } else { "" };
    let failure = Failure::usage(format!("--country: {} is several countries", quoted(word)))
        .because(format!("they are {}{more}", names.join(", ")));
    match countries.first() {
        Some(first) => failure.hint(format!("--country {}", first.iso)),
        None => failure,
    }
}

/// The failure for an expression that is not valid. The message of the crate quotes the expression,
/// which can contain personal data; only its last line, which has the reason, is shown.
fn refused(flag: &str, error: &regex::Error) -> Failure {
    let message = error.to_string();
    let why = match error {
        regex::Error::Syntax(_) => {
            message.lines().last().unwrap_or_default().replace("error: ", "")
        }
        _ => "its compiled form is too large".to_owned(),
    };
    Failure::usage(format!("{flag} is not a regular expression"))
        .because(why)
        .hint("put \\ in front of a character that has a special meaning, as in \\( or \\[")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_refused_expression_is_not_quoted() {
        let args = LocalFilterArgs { grep: Some("secret(".into()), ..LocalFilterArgs::default() };
        let failure = LocalFilter::new(&args).unwrap_err();
        assert!(!format!("{failure:?}").contains("secret"), "{failure:?}");
        assert_eq!(failure.causes, ["unclosed group"]);
    }

    fn keeps(args: &LocalFilterArgs, row: &str) -> bool {
        let filter = LocalFilter::new(args).unwrap();
        assert!(!filter.is_empty());
        filter.keeps(&Log::new(row))
    }

    #[test]
    fn final_goes_by_the_status_table_and_not_by_the_group() {
        let args = || LocalFilterArgs { only_final: true, ..LocalFilterArgs::default() };
        let row =
            |name: &str| format!(r#"{{"status":{{"groupName":"DELIVERED","name":"{name}"}}}}"#);
        assert!(!keeps(&args(), &row("DELIVERED_TO_OPERATOR")));
        assert!(keeps(&args(), &row("DELIVERED_TO_HANDSET")));
    }

    #[test]
    fn a_country_is_that_of_the_network_and_several_are_any_of_them() {
        let args = |words: &[&str]| LocalFilterArgs {
            country: words.iter().map(|&word| word.to_owned()).collect(),
            ..LocalFilterArgs::default()
        };
        let row = r#"{"mccmnc":"23410"}"#;
        assert!(keeps(&args(&["gb"]), row) && keeps(&args(&["France", "United Kingdom"]), row));
        assert!(!keeps(&args(&["FR"]), row) && !keeps(&args(&["FR"]), "{}"));
    }

    #[test]
    fn an_unknown_or_ambiguous_country_is_refused_with_what_may_be_meant() {
        let failure = |word: &str| {
            let country = vec![word.to_owned()];
            LocalFilter::new(&LocalFilterArgs { country, ..LocalFilterArgs::default() })
                .unwrap_err()
        };
        assert_eq!(failure("Switzerlnd").hints, ["--country 'Switzerland'"]);
        assert!(failure("Xyzzyx").hints[0].contains("an ISO code such as GB"));
        let ambiguous = failure("korea");
        assert!(
            ambiguous.causes[0].contains("North Korea (KP), South Korea (KR)"),
            "{ambiguous:?}"
        );
        assert!(failure("").message.contains("empty"));
    }

    #[test]
    fn slow_is_longer_than_the_time_given_and_final() {
        let args = |seconds| LocalFilterArgs {
            slow: Some(Duration::from_secs(seconds)),
            ..LocalFilterArgs::default()
        };
        let row = |status: &str| {
            format!(
                r#"{{"sentAt":"2026-11-22T10:00:00.000+0000","doneAt":"2026-11-22T10:00:30.000+0000",
            "status":{{"name":"{status}"}}}}"#
            )
        };
        let delivered = row("DELIVERED_TO_HANDSET");
        assert!(keeps(&args(29), &delivered) && !keeps(&args(30), &delivered));
        assert!(!keeps(&args(1), &row("PENDING_ENROUTE")));
    }

    #[test]
    fn no_filter_is_empty() {
        assert!(LocalFilter::new(&LocalFilterArgs::default()).unwrap().is_empty());
    }
}
