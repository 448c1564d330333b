//! Values that clap checks while it reads the command line; an error here names what would work.

use std::ffi::OsStr;
use std::time::Duration;

use clap::builder::{PossibleValue, PossibleValuesParser, StringValueParser, TypedValueParser};
use omnilogs::redaction::Redaction;
use omnilogs::zone::Zone;
use omnilogs::{Channel, StatusGroup};

use crate::time_input;

/// Any word; help and shells offer the channels of the API. Whether the word must be one of them
/// depends on the source, which is not known here.
#[derive(Clone)]
pub(crate) struct ChannelWord;

impl TypedValueParser for ChannelWord {
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
        Some(Box::new(Channel::ALL.map(Channel::as_str).into_iter().map(PossibleValue::new)))
    }
}

/// The status groups, in any letter case.
pub(crate) fn groups() -> impl TypedValueParser<Value = StatusGroup> {
    PossibleValuesParser::new(StatusGroup::ALL.map(StatusGroup::as_str))
        .try_map(|word| StatusGroup::parse(&word).ok_or("not a status group"))
}

/// A limit from 1 on.
pub(crate) fn limit(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(limit) if limit > 0 => Ok(limit),
        _ => Err("a whole number from 1; --all for everything in the window".into()),
    }
}

/// The digits of a network code.
pub(crate) fn network_code(text: &str) -> Result<String, String> {
    let fits = (1..=6).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| text.to_owned()).ok_or_else(|| "digits, as in --mcc 228 --mnc 01".into())
}

/// A parameter as `KEY=VALUE`.
pub(crate) fn parameter(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("KEY=VALUE, as in applicationId=shop".into()),
    }
}

/// What `--redact=` hides.
pub(crate) fn redaction(text: &str) -> Result<Redaction, String> {
    text.parse().map_err(|error: omnilogs::redaction::UnknownPart| error.to_string())
}

/// A time zone.
pub(crate) fn zone(text: &str) -> Result<Zone, String> {
    Zone::parse(text)
        .ok_or_else(|| "a zone such as Europe/Zagreb, UTC or an offset such as +02:00".to_owned())
}

/// A length of time.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    time_input::duration(text)
        .map_err(|failure| [vec![failure.message], failure.hints].concat().join("; "))
}

/// An interval of a second at least: polling faster shows nothing more, and is throttled.
pub(crate) fn interval(text: &str) -> Result<Duration, String> {
    let interval = duration(text)?;
    if interval < Duration::from_secs(1) { Err("at least 1s".to_owned()) } else { Ok(interval) }
}

/// Requests a minute; `None` for no limit of our own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate(pub(crate) Option<u32>);

/// A pace: `120/m`, `120` or `0`.
pub(crate) fn rate(text: &str) -> Result<Rate, String> {
    let number = text.strip_suffix("/m").or_else(|| text.strip_suffix("/min")).unwrap_or(text);
    match number.parse::<u32>() {
        Ok(0) => Ok(Rate(None)),
        Ok(number) if number <= 1_000_000 => Ok(Rate(Some(number))),
        _ => Err("requests a minute, as in 120/m; 0 for no limit".into()),
    }
}
