//! Times and durations as people write them on a command line.
//!
//! Nothing here reads a clock or looks for a time zone: both come in. Whether a time makes sense as
//! the edge of a window is for the settings to say.

mod display;
mod duration;
mod local_time;

pub(crate) use display::{moment_text, text_of};
pub(crate) use duration::duration;

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Utc};
use omnilogs::Timestamp;
use omnilogs::zone::Zone;

use crate::failure::Failure;
use crate::text::quoted;

/// The forms in which a time can be written, for help texts and for refusals.
pub(crate) const FORMS: &str = "a duration back from now (90s, 15m, 2h, 1h30m, 1d), now, today, \
    yesterday, 14:00 (today), 2026-11-22 (its first moment), 2026-11-22 10:00[:05[.123]], or with \
    an offset 2026-11-22T10:00:05+01:00";

/// Reads a time in any form that [`FORMS`] lists, and the API's own `+0100`. What names no offset
/// is a time of `zone`.
///
/// As in journalctl, a time of day is one of today even when it has yet to come, and a date alone
/// is its first moment, also where it ends a window.
///
/// # Errors
/// When the text is in no such form, and when a clock change skips or repeats the time it names.
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
        return back(now, millis, zone);
    }
    if let Some(moment) = with_offset(text) {
        return Ok(moment);
    }
    if let Some(day) = date(text) {
        return Ok(local_time::start_of(day, zone));
    }
    if let Some(shown) = local_time::date_time(text) {
        return local_time::moment(shown, zone);
    }
    if let Some(time) = local_time::time_of_day(text) {
        return local_time::moment(today.and_time(time), zone);
    }
    Err(refusal(text))
}

/// A duration back from now, told in the offset that holds then.
fn back(now: DateTime<Utc>, millis: u64, zone: Zone) -> Result<Timestamp, Failure> {
    i64::try_from(millis)
        .ok()
        .and_then(TimeDelta::try_milliseconds)
        .and_then(|span| now.checked_sub_signed(span))
        .filter(|moment| (1..=9999).contains(&moment.year()))
        .map(|moment| zone.at(moment).into())
        .ok_or_else(|| Failure::usage("the duration reaches back to before the year 1"))
}

/// RFC 3339 and the API's own form; seconds may be left out.
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
        .map(|m| m.date())
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

/// A number alone may be meant as seconds back or as seconds since 1970; neither is guessed.
fn bare_number(text: &str) -> Failure {
    let failure = Failure::usage("a number alone is not a time");
    let since_1970 = text.parse().ok().and_then(|number| match text.len() {
        10 => DateTime::<Utc>::from_timestamp(number, 0),
        13 => DateTime::<Utc>::from_timestamp_millis(number),
        _ => None,
    });
    match since_1970 {
        Some(moment) => failure.hint(format!(
            "counts since 1970 are not read; if it is one, write {}",
            local_time::written(moment.fixed_offset())
        )),
        None if text.len() <= 6 => failure.hint(format!("for {text} seconds back write {text}s")),
        None => failure,
    }
}

#[cfg(test)]
mod tests;
