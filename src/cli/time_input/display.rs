//! Formats times for people.

use chrono::{Datelike, NaiveDate, Utc};
use omnilogs::Timestamp;
use omnilogs::zone::Zone;

/// A timestamp as local time in the zone.
pub(crate) fn time_text(timestamp: Timestamp, zone: Zone) -> String {
    format_time(timestamp, zone, "%Y-%m-%d %H:%M:%S %:z")
}

/// A timestamp as the time of the day with its zone, with the date only when it is not today, and
/// with the year only when it is another one: `01:49:08 UTC`, `11-25 23:49:08 UTC`.
pub(crate) fn short_time_text(timestamp: Timestamp, zone: Zone, today: NaiveDate) -> String {
    let Some(instant) = timestamp.to_datetime() else { return timestamp.to_wire() };
    let offset = *zone.at(instant.with_timezone(&Utc)).offset();
    let time = day_time_text(timestamp, zone, today);
    match offset.local_minus_utc() {
        0 => format!("{time} UTC"),
        _ => format!("{time} {offset}"),
    }
}

/// As [`short_time_text`], without the zone, for a place where the reader knows the zone.
pub(crate) fn day_time_text(timestamp: Timestamp, zone: Zone, today: NaiveDate) -> String {
    let Some(instant) = timestamp.to_datetime() else { return timestamp.to_wire() };
    let local = zone.at(instant.with_timezone(&Utc));
    let form = match local.date_naive() {
        date if date == today => "%H:%M:%S",
        date if date.year() == today.year() => "%m-%d %H:%M:%S",
        _ => "%Y-%m-%d %H:%M:%S",
    };
    local.format(form).to_string()
}

/// A timestamp in the zone, in a format of strftime.
pub(crate) fn format_time(timestamp: Timestamp, zone: Zone, form: &str) -> String {
    match timestamp.to_datetime() {
        Some(instant) => zone.at(instant.with_timezone(&Utc)).format(form).to_string(),
        None => timestamp.to_wire(),
    }
}
