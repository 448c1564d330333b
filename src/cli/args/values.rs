//! Parsers of values, which clap calls while it reads the command line. An error names the accepted
//! forms.

use std::ffi::OsStr;
use std::time::Duration;

use clap::builder::{PossibleValue, PossibleValuesParser, StringValueParser, TypedValueParser};
use omnilogs::redaction::Redaction;
use omnilogs::sandbox::Scenario;
use omnilogs::zone::Zone;
use omnilogs::{Channel, StatusGroup};

use crate::time_input;

/// The word for [`StatusGroup::FAILED`].
pub(crate) const FAILED: &str = "failed";

/// A parser that accepts any word, with the words that help and completion offer. `settings` checks the
/// word, since it knows the source, and its message can say more than a list.
#[derive(Clone)]
pub(crate) struct OfferedWords(fn() -> Vec<PossibleValue>);

impl OfferedWords {
    /// Offers the channels of the API. A saved response may have others.
    pub(crate) fn channels() -> Self {
        Self(|| Channel::ALL.map(Channel::as_str).map(PossibleValue::new).into())
    }

    /// Offers the status groups and [`FAILED`].
    pub(crate) fn statuses() -> Self {
        Self(|| {
            let words = StatusGroup::ALL.map(StatusGroup::as_str).into_iter().chain([FAILED]);
            words.map(PossibleValue::new).collect()
        })
    }
}

impl TypedValueParser for OfferedWords {
    type Value = String;

    fn parse_ref(
        &self,
        command: &clap::Command,
        arg: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<String, clap::Error> {
        StringValueParser::new().parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new((self.0)().into_iter()))
    }
}

/// A parser of the scenarios of the sandbox, each with its description.
pub(crate) fn scenario() -> impl TypedValueParser<Value = Scenario> {
    let value =
        |scenario: Scenario| PossibleValue::new(scenario.name()).help(scenario.description());
    PossibleValuesParser::new(Scenario::ALL.map(value)).try_map(|word| {
        let is_named = |scenario: &Scenario| scenario.name().eq_ignore_ascii_case(&word);
        let named = Scenario::ALL.into_iter().find(is_named);
        named.ok_or("not a scenario")
    })
}

/// Parses the character between the cells of CSV.
pub(crate) fn delimiter(text: &str) -> Result<u8, String> {
    if text.eq_ignore_ascii_case("tab") || text == "\\t" {
        return Ok(b'\t');
    }
    match text.as_bytes() {
        // A quotation mark and a line end have a meaning in CSV, and cells contain letters and digits.
        [byte] if *byte == b'\t' || *byte == b' ' => Ok(*byte),
        [byte] if byte.is_ascii_punctuation() && *byte != b'"' => Ok(*byte),
        _ => Err("not one character such as ; or |, and not tab".to_owned()),
    }
}

/// Parses a limit of 1 or more.
pub(crate) fn limit(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(limit) if limit > 0 => Ok(limit),
        _ => Err("not a whole number of 1 or more; use --all for everything in the window".into()),
    }
}

/// Parses the digits of a network code.
pub(crate) fn network_code(text: &str) -> Result<String, String> {
    let fits = (1..=6).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| text.to_owned())
        .ok_or_else(|| "not 1 to 6 digits, as in --mcc 228 --mnc 01".into())
}

/// Parses a parameter as `KEY=VALUE`.
pub(crate) fn parameter(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("not of the form KEY=VALUE, as in applicationId=shop".into()),
    }
}

/// Parses the parts of a row that `--redact=` hides.
pub(crate) fn redaction(text: &str) -> Result<Redaction, String> {
    text.parse().map_err(|error: omnilogs::redaction::NotRedactable| error.to_string())
}

/// Parses a time zone.
pub(crate) fn zone(text: &str) -> Result<Zone, String> {
    Zone::parse(text).ok_or_else(|| {
        "not a time zone such as Europe/Zagreb or UTC, and not a UTC offset such as +02:00"
            .to_owned()
    })
}

/// Parses a duration.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    time_input::duration(text)
        .map_err(|failure| [vec![failure.message], failure.hints].concat().join("; "))
}

/// Parses an interval of at least a second: faster polling shows nothing more, and is throttled.
pub(crate) fn interval(text: &str) -> Result<Duration, String> {
    let interval = duration(text)?;
    if interval < Duration::from_secs(1) { Err("shorter than 1s".to_owned()) } else { Ok(interval) }
}

/// Requests per minute; `None` for no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RateLimit(pub(crate) Option<u32>);

/// Parses a rate: `120/m`, `120` or `0`.
pub(crate) fn rate(text: &str) -> Result<RateLimit, String> {
    let number = text.strip_suffix("/m").or_else(|| text.strip_suffix("/min")).unwrap_or(text);
    match number.parse::<u32>() {
        Ok(0) => Ok(RateLimit(None)),
        Ok(number) if number <= 1_000_000 => Ok(RateLimit(Some(number))),
        _ => Err("not a number of requests per minute, as in 120/m, or 0 for no limit".into()),
    }
}
