//! Checks the filters that were typed and builds the query.

use chrono::{DateTime, Utc};
use omnilogs::query::{Extent, PhoneNumberError, phone_number};
use omnilogs::zone::Zone;
use omnilogs::{Channel, Query, SourceKind, Timestamp};

use super::ids::ids;
use crate::args::{ExtentArgs, FilterArgs, OriginArgs};
use crate::failure::Failure;
use crate::text::{closest, quoted};
use crate::time_input;
use crate::time_input::time_text;

/// The kind of source that the options select.
pub(crate) fn source_kind(origin: &OriginArgs) -> SourceKind {
    match (&origin.input, origin.server.sandbox) {
        (Some(_), _) => SourceKind::File,
        (None, Some(_)) => SourceKind::Sandbox,
        (None, None) => SourceKind::Api,
    }
}

/// Checks every filter of a query to the selected source. Also returns warnings about it.
///
/// # Errors
/// When a filter is refused; nothing was sent.
pub(crate) fn query(
    args: &FilterArgs,
    extent: ExtentArgs,
    origin: &OriginArgs,
    now: DateTime<Utc>,
    zone: Zone,
) -> Result<(Query, Vec<String>), Failure> {
    let FilterArgs {
        channel,
        status,
        from,
        to,
        since,
        until,
        limit,
        message_id,
        bulk_id,
        mcc,
        mnc,
        param,
        strict,
    } = args;
    let ExtentArgs { all } = extent;
    let time = |flag: &str, text: &Option<String>| match text {
        Some(text) => time_input::parse(text, now, zone).map(Some).map_err(|mut failure| {
            failure.message = format!("{flag}: {}", failure.message);
            failure
        }),
        None => Ok(None),
    };
    if origin.input.is_some() && !param.is_empty() {
        return Err(Failure::usage("--param cannot be used with --input")
            .because("--param is sent to the API, and --input reads a file instead")
            .hint("omit --param, or omit --input to send the query to the API"));
    }
    let since = time("--since", since)?;
    let until = time("--until", until)?;
    let warnings = range_warnings((since, until), source_kind(origin), now, zone)?;
    if let (true, Some(first)) = (*strict, warnings.first()) {
        return Err(Failure::usage(first.clone()).because("--strict was given"));
    }
    let mut query = Query::default();
    query.from = party("--from", from.as_deref())?;
    query.to = party("--to", to.as_deref())?.into_iter().collect();
    query.bulk_ids = ids("--bulk-id", bulk_id)?;
    query.message_ids = ids("--message-id", message_id)?;
    let extent = match (all, limit) {
        (true, _) => Extent::All,
        (false, Some(limit)) if *limit > u64::from(Query::MAX_ROWS) => Extent::Rows(*limit),
        (false, None) if names_many_ids(&query) => Extent::All,
        _ => Extent::OnePage,
    };
    query.statuses = status.iter().copied().collect();
    query.since = since;
    query.until = until;
    if extent == Extent::OnePage {
        query.limit = limit.and_then(|limit| u32::try_from(limit).ok());
    }
    query.extent = extent;
    query.mcc.clone_from(mcc);
    query.mnc.clone_from(mnc);
    query.channels =
        channel.iter().map(|word| self::channel(word, origin)).collect::<Result<_, _>>()?;
    query.extra.clone_from(param);
    Ok((query, warnings))
}

/// A message has a row for each channel that was tried, which are ten at most; so the rows of this
/// many fit the default limit.
const MAX_IDS_OF_ONE_PAGE: usize = 5;

/// Whether the rows of the ids may be more than the default limit: whoever names ids wants all of
/// their rows.
fn names_many_ids(query: &Query) -> bool {
    !query.bulk_ids.is_empty() || query.message_ids.len() > MAX_IDS_OF_ONE_PAGE
}

/// A channel in the spelling of the API. Saved messages may be of channels that are newer than this
/// program.
fn channel(word: &str, origin: &OriginArgs) -> Result<String, Failure> {
    if let Some(channel) = Channel::parse(word) {
        return Ok(channel.to_string());
    }
    let known = Channel::ALL.map(Channel::as_str);
    if origin.input.is_some() && !word.trim().is_empty() {
        return Ok(word.to_owned());
    }
    let failure =
        Failure::usage(format!("--channel: {} is not a channel of the API", quoted(word)))
            .because(format!("the channels are {}", known.join(", ")));
    Err(match closest(word, known) {
        Some(meant) => failure.hint(format!("--channel {meant}")),
        None => failure,
    })
}

/// A sender or a destination as it is sent: not empty, not a time, a phone number as digits.
fn party(flag: &str, text: Option<&str>) -> Result<Option<String>, Failure> {
    let Some(text) = text else { return Ok(None) };
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
        Ok(Some(number)) => Ok(Some(number)),
        Ok(None) => Ok(Some(text.to_owned())),
        Err(error) => Err(invalid_phone_number(flag, error)),
    }
}

/// The failure for a text that has the form of a phone number and cannot be one.
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

/// Checks a time range; returns warnings about it.
fn range_warnings(
    (since, until): (Option<Timestamp>, Option<Timestamp>),
    kind: SourceKind,
    now: DateTime<Utc>,
    zone: Zone,
) -> Result<Vec<String>, Failure> {
    let mut warnings = Vec::new();
    let now_at = Timestamp::from(now);
    if let (Some(since), Some(until)) = (since, until)
        && since.millis() > until.millis()
    {
        return Err(Failure::usage("--since is later than --until")
            .because(format!("since {}, until {}", since.to_wire(), until.to_wire()))
            .hint("swap the two times"));
    }
    if let (Some(retention), Some(kept)) = (kind.retention(), kind.kept_since(now_at))
        && since.into_iter().chain(until).any(|time| time.millis() < kept.millis())
    {
        warnings.push(format!(
            "the API keeps logs for {} hours; messages sent before {} cannot be shown",
            retention.as_secs() / 3600,
            time_text(kept, zone)
        ));
    }
    if since.is_some_and(|since| since.millis() > now_at.millis()) {
        warnings.push("--since is in the future, so no message can match yet".to_owned());
    } else if until.is_some_and(|until| until.millis() > now_at.millis()) {
        warnings.push("--until is in the future; messages up to now are shown".to_owned());
    }
    Ok(warnings)
}
