//! Formats times for people.

use chrono::Utc;
use omnilogs::Timestamp;
use omnilogs::zone::Zone;

/// A timestamp as local time in the zone.
pub(crate) fn time_text(timestamp: Timestamp, zone: Zone) -> String {
    format_time(timestamp, zone, "%Y-%m-%d %H:%M:%S %:z")
}

/// A timestamp in the zone, in a format of strftime.
pub(crate) fn format_time(timestamp: Timestamp, zone: Zone, form: &str) -> String {
    match timestamp.to_datetime() {
        Some(instant) => zone.at(instant.with_timezone(&Utc)).format(form).to_string(),
        None => timestamp.to_wire(),
    }
}
