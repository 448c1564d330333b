//! Checks typed channels, status groups, senders and destinations.

use omnilogs::model::codes;
use omnilogs::query::{Filter, Form, PhoneNumberError, phone_number};
use omnilogs::{Channel, Query, StatusGroup};

use crate::args::values::FAILED;
use crate::failure::Failure;
use crate::text::{closest, counted, quoted};

/// Channels in the spelling of the API, each once. With `accepts_any` every word is accepted, since
/// saved messages may be of channels that are newer than this program.
pub(super) fn channels(words: &[String], accepts_any: bool) -> Result<Vec<String>, Failure> {
    let mut channels: Vec<String> = Vec::new();
    for word in words {
        let channel = match Channel::parse(word.trim()) {
            Some(channel) => channel.to_string(),
            None if accepts_any && !word.trim().is_empty() => word.clone(),
            None => return Err(unknown_channel(word)),
        };
        if !channels.iter().any(|known| known.eq_ignore_ascii_case(&channel)) {
            channels.push(channel);
        }
    }
    Ok(channels)
}

fn unknown_channel(word: &str) -> Failure {
    let known = Channel::ALL.map(Channel::as_str);
    let failure = if word.trim().is_empty() {
        Failure::usage("--channel: a channel is empty")
    } else {
        Failure::usage(format!("--channel: {} is not a channel of the API", quoted(word)))
    };
    let failure = failure.because(format!("the channels are {}", known.join(", ")));
    match closest(word, known) {
        Some(meant) => failure.hint(format!("--channel {meant}")),
        None => failure,
    }
}

/// Status groups, each once.
pub(super) fn statuses(words: &[String]) -> Result<Vec<String>, Failure> {
    let mut groups = Vec::new();
    for word in words {
        let word = word.trim();
        match StatusGroup::parse(word) {
            Some(group) => groups.push(group),
            None if word.eq_ignore_ascii_case(FAILED) => groups.extend(StatusGroup::FAILED),
            None => return Err(unknown_status(word)),
        }
    }
    groups.sort_unstable();
    groups.dedup();
    Ok(groups.iter().map(ToString::to_string).collect())
}

fn unknown_status(word: &str) -> Failure {
    let known = StatusGroup::ALL.map(StatusGroup::as_str);
    let failure = if word.is_empty() {
        Failure::usage("--status: a status group is empty")
    } else {
        Failure::usage(format!("--status: {} is not a status group", quoted(word)))
    };
    let failure = failure.because(format!(
        "the status groups are {}, and {FAILED} for {}",
        known.join(", "),
        StatusGroup::FAILED.map(StatusGroup::as_str).join(", ")
    ));
    if let Some(status) = codes::status(word) {
        return failure
            .hint(format!("--status {} for its whole group", status.group))
            .hint(format!("--status {} --error {} for this status", status.group, status.name));
    }
    match closest(word, known.into_iter().chain([FAILED])) {
        Some(meant) => failure.hint(format!("--status {meant}")),
        None => failure,
    }
}

/// Refuses a query that needs more requests for each page than the API allows in a minute.
pub(super) fn refuse_too_many_requests(query: &Query) -> Result<(), Failure> {
    let requests = query.requests_per_page();
    if requests <= Query::PUBLISHED_RATE as usize {
        return Ok(());
    }
    Err(Failure::usage(format!("the filters need {} for each page", counted(requests, "request")))
        .because(format!(
            "a request takes one value each of --channel, --status and --to: {}",
            factors(query)
        ))
        .because(format!("the API allows {} requests per minute", Query::PUBLISHED_RATE))
        .hint("give fewer values, or list without the filter into a file and filter that: omnilogs --all -o jsonl --output-file FILE, then omnilogs --input FILE"))
}

/// The factors of the number of requests for each page, such as `2 channels × 3 status groups`.
pub(crate) fn factors(query: &Query) -> String {
    let factors = query.factors().into_iter().rev();
    let text = |(filter, values): (&Filter, usize)| match filter.form {
        Form::StatusGroup => counted(values, "status group"),
        _ => counted(values, filter.noun),
    };
    factors.map(text).collect::<Vec<_>>().join(" × ")
}

/// Senders or destinations as they are sent, each once.
pub(super) fn parties(flag: &str, words: &[String]) -> Result<Vec<String>, Failure> {
    let mut parties = Vec::new();
    for word in words {
        let party = party(flag, word)?;
        if !parties.contains(&party) {
            parties.push(party);
        }
    }
    Ok(parties)
}

/// A sender or a destination as it is sent: not empty, not a time, a phone number as digits.
fn party(flag: &str, text: &str) -> Result<String, Failure> {
    let (time_flag, what) =
        if flag == "--from" { ("--since", "a sender") } else { ("--until", "a destination") };
    if text.trim().is_empty() {
        return Err(Failure::usage(format!("{flag} is empty"))
            .hint(format!("give {flag} a number, a name or an address, or omit it")));
    }
    if looks_like_a_time(text) {
        return Err(Failure::usage(format!("{flag} is {what}; did you mean {time_flag}?"))
            .hint(format!("{time_flag} 2026-11-22, {time_flag} 14:00 or {time_flag} 2h")));
    }
    match phone_number(text) {
        Ok(Some(number)) => Ok(number),
        Ok(None) => Ok(text.to_owned()),
        Err(error) => Err(invalid_phone_number(flag, error)),
    }
}

/// The failure for a text that has the form of a phone number but cannot be one.
pub(crate) fn invalid_phone_number(flag: &str, error: PhoneNumberError) -> Failure {
    let (message, hint) = match error {
        PhoneNumberError::National => (
            "starts with a single 0, and the API needs the country code",
            "the country code in place of the 0: '+44 7700 900456' for 07700 900456",
        ),
        PhoneNumberError::NoDigits => (
            "is not a number, a name or an address",
            "a number such as '+44 7700 900456', a name, an address or an id",
        ),
        PhoneNumberError::TooLong => (
            "is too long for a phone number",
            "at most 15 digits, or an id without spaces and punctuation",
        ),
    };
    Failure::usage(format!("{flag} {message}"))
        .because(error.to_string())
        .hint(format!("write {hint}"))
}

/// Whether a text is a date or a time of day: `2026-11-22`, also with `/` or `.`, the day first, or
/// with a time after it; `14:00`.
pub(crate) fn looks_like_a_time(text: &str) -> bool {
    let mut words = text.trim().split([' ', 'T']);
    let first = words.next().unwrap_or_default();
    let parts: Vec<&str> = first.split(['-', '/', '.']).collect();
    let number = |part: &str, digits: &[usize], from: u32, to: u32| {
        digits.contains(&part.len()) && part.parse().is_ok_and(|n: u32| (from..=to).contains(&n))
    };
    let (year, month, day) = (
        |part: &str| number(part, &[4], 1990, 2100),
        |part: &str| number(part, &[1, 2], 1, 12),
        |part: &str| number(part, &[1, 2], 1, 31),
    );
    match parts.as_slice() {
        [y, m, d] if year(y) && month(m) && day(d) => true,
        [d, m, y] if year(y) && day(d) && (month(m) || day(m) && month(d)) => true,
        _ => match first.split(':').collect::<Vec<_>>().as_slice() {
            [hour, minute] | [hour, minute, _] => {
                number(hour, &[1, 2], 0, 23) && number(minute, &[2], 0, 59)
            }
            _ => false,
        },
    }
}
