//! The hour of a timestamp, as clocks in a zone show it.

use chrono::{DateTime, FixedOffset, Timelike, Utc};

use crate::model::Timestamp;
use crate::zone::Zone;

const MINUTE: i64 = 60_000;

/// Finds hours. Neighbouring rows lie in one minute as a rule, so the last one is remembered.
#[derive(Clone, Debug)]
pub(super) struct Hours {
    zone: Zone,
    /// A minute since 1970 and the start of its hour. Clocks have changed on whole minutes only
    /// since 1972.
    last: Option<(i64, i64)>,
}

impl Hours {
    pub(super) fn new(zone: Zone) -> Self {
        Self { zone, last: None }
    }

    /// When the hour of this timestamp began, in milliseconds since 1970. An hour that a clock change
    /// repeats is two hours. `None` beyond the years that a calendar shows.
    pub(super) fn start(&mut self, timestamp: Timestamp) -> Option<i64> {
        let minute = timestamp.millis().div_euclid(MINUTE);
        if let Some((known, start)) = self.last
            && known == minute
        {
            return Some(start);
        }
        let local = self.shown(timestamp.millis())?;
        let past = i64::from(local.minute()) * MINUTE + i64::from(local.second()) * 1000;
        let start = timestamp.millis() - timestamp.millis().rem_euclid(1000) - past;
        self.last = Some((minute, start));
        Some(start)
    }

    /// The time as clocks in the zone show it.
    pub(super) fn shown(&self, millis: i64) -> Option<DateTime<FixedOffset>> {
        Some(self.zone.at(DateTime::<Utc>::from_timestamp_millis(millis)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hour(zone: &str, timestamp: &str) -> String {
        let mut hours = Hours::new(Zone::parse(zone).unwrap());
        let start = hours.start(Timestamp::parse(timestamp).unwrap()).unwrap();
        hours.shown(start).unwrap().format("%d %H:%M%:z").to_string()
    }

    #[test]
    fn an_hour_begins_where_clocks_in_the_zone_say() {
        assert_eq!(hour("UTC", "2026-11-22T10:59:59.999Z"), "22 10:00+00:00");
        assert_eq!(hour("Asia/Kolkata", "2026-11-22T10:59:59.999Z"), "22 16:00+05:30");
        assert_eq!(hour("-03:30", "2026-11-22T03:10:00Z"), "21 23:00-03:30");
    }

    #[test]
    fn the_hour_that_a_clock_change_repeats_is_two_hours() {
        assert_eq!(hour("Europe/Zagreb", "2026-10-25T00:30:00Z"), "25 02:00+02:00");
        assert_eq!(hour("Europe/Zagreb", "2026-10-25T01:30:00Z"), "25 02:00+01:00");
    }

    #[test]
    fn the_next_hour_is_not_taken_for_the_remembered_one() {
        let mut hours = Hours::new(Zone::UTC);
        let start = |hours: &mut Hours, text| hours.start(Timestamp::parse(text).unwrap()).unwrap();
        let first = start(&mut hours, "2026-11-22T10:59:30Z");
        assert_eq!(start(&mut hours, "2026-11-22T10:59:59Z"), first);
        assert_eq!(start(&mut hours, "2026-11-22T11:00:00Z"), first + 60 * MINUTE);
    }
}
