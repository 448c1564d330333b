//! Parses times and durations of the command line.
//!
//! Nothing here reads the clock or the environment: the current time and the time zone are
//! arguments. Whether a time range makes sense is checked in `settings`.

mod display;
mod duration;
mod local_time;

pub(crate) use display::{day_time_text, format_time, short_time_text, time_text};
pub(crate) use duration::duration;

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Utc};
use omnilogs::Timestamp;
use omnilogs::zone::Zone;

use crate::failure::Failure;
use crate::text::quoted;

/// The forms of a time, for error messages.
pub(crate) const FORMS: &str = "a duration back from now (90s, 15m, 2h, 1h30m, 1d, 2w), now, today, \
    yesterday, 14:00 (today), 2026-11-22 (the start of that day), 2026-11-22 10:00[:05[.123]], or with \
    a UTC offset 2026-11-22T10:00:05+01:00";

/// Parses a time in any form that [`FORMS`] lists, and with an offset such as `+0100`, as the API
/// writes it. A time without an offset is in `zone`.
///
/// As in journalctl, a time of day is today's, even when it is in the future, and a date alone
/// means the start of that day, also as the end of a window.
///
/// # Errors
/// When the text is in none of these forms, and when a clock change skips or repeats the time.
pub(crate) fn parse(text: &str, now: DateTime<Utc>, zone: Zone) -> Result<Timestamp, Failure> {
    let text = text.trim();
    let today = zone.at(now).date_naive();
    let word = |wanted: &str| text.eq_ignore_ascii_case(wanted);
    if word("now") {
        return Ok(zone.at(now).into());
    }
    if word("today") {
        return Ok(local_time::start_of(today, zone));
    }
    if word("yesterday") {
        let day = today.checked_sub_days(Days::new(1)).unwrap_or(today);
        return Ok(local_time::start_of(day, zone));
    }
    if let Some(millis) = duration::millis(text) {
        return before_now(now, millis, zone);
    }
    if let Some(time) = with_offset(text) {
        return Ok(time);
    }
    if let Some(day) = date(text) {
        return Ok(local_time::start_of(day, zone));
    }
    if let Some(shown) = local_time::date_time(text) {
        return local_time::timestamp(shown, zone);
    }
    if let Some(time) = local_time::time_of_day(text) {
        return local_time::timestamp(today.and_time(time), zone);
    }
    Err(refusal(text))
}

/// The time that is this long before now, with the UTC offset of that time.
fn before_now(now: DateTime<Utc>, millis: u64, zone: Zone) -> Result<Timestamp, Failure> {
    i64::try_from(millis)
        .ok()
        .and_then(TimeDelta::try_milliseconds)
        .and_then(|span| now.checked_sub_signed(span))
        .filter(|instant| (1..=9999).contains(&instant.year()))
        .map(|instant| zone.at(instant).into())
        .ok_or_else(|| {
            Failure::usage("the duration is too long: it reaches back before the year 1")
        })
}

/// RFC 3339 and the form of the API; seconds may be omitted.
fn with_offset(text: &str) -> Option<Timestamp> {
    match text.as_bytes().get(16) {
        Some(b'Z' | b'z' | b'+' | b'-') => {
            let (minutes, offset) = text.split_at_checked(16)?;
            Timestamp::parse(&format!("{minutes}:00{offset}"))
        }
        _ => Timestamp::parse(text),
    }
}

fn date(text: &str) -> Option<NaiveDate> {
    (text.len() == 10)
        .then(|| local_time::date_time(&format!("{text}T00:00:00")))?
        .map(|time| time.date())
}

fn refusal(text: &str) -> Failure {
    let failure = if text.is_empty() {
        Failure::usage("a time is missing")
    } else if text.bytes().all(|byte| byte.is_ascii_digit()) {
        bare_number(text)
    } else {
        Failure::usage(format!("{} is not a time", quoted(text)))
    };
    failure.hint(format!("write {FORMS}"))
}

/// A number alone can mean seconds back or seconds since 1970, so neither is assumed.
fn bare_number(text: &str) -> Failure {
    let failure = Failure::usage("a number alone is not a time");
    let since_1970 = text.parse().ok().and_then(|number| match text.len() {
        10 => DateTime::<Utc>::from_timestamp(number, 0),
        13 => DateTime::<Utc>::from_timestamp_millis(number),
        _ => None,
    });
    match since_1970 {
        Some(instant) => failure.hint(format!(
            "seconds since 1970 are not accepted; write {}",
            local_time::rfc3339(instant.fixed_offset())
        )),
        None if text.len() <= 6 => {
            failure.hint(format!("write {text}s for {text} seconds back from now"))
        }
        None => failure,
    }
}

#[cfg(test)]
mod tests;
