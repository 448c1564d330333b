//! Times as people read them.

use chrono::Utc;
use omnilogs::Timestamp;
use omnilogs::zone::Zone;

/// A moment as clocks in the zone show it.
pub(crate) fn moment_text(moment: Timestamp, zone: Zone) -> String {
    text_of(moment, zone, "%Y-%m-%d %H:%M:%S %:z")
}

/// A moment in this form of strftime, in the zone.
pub(crate) fn text_of(moment: Timestamp, zone: Zone, form: &str) -> String {
    match moment.to_datetime() {
        Some(instant) => zone.at(instant.with_timezone(&Utc)).format(form).to_string(),
        None => moment.to_wire(),
    }
}
