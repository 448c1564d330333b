//! Local times in a time zone, and the effect of clock changes.

use chrono::{
    DateTime, FixedOffset, MappedLocalTime, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat,
    TimeDelta, Utc,
};
use omnilogs::Timestamp;
use omnilogs::zone::Zone;

use crate::failure::Failure;

/// Parses `2026-11-22 10:00[:05[.123]]`, date and time separated by a space or `T`.
pub(super) fn date_time(text: &str) -> Option<NaiveDateTime> {
    let seconds = if text.len() == 16 { ":00" } else { "" };
    let timestamp = Timestamp::parse(&format!("{text}{seconds}Z"))?.to_datetime()?;
    Some(timestamp.naive_utc())
}

/// Parses `14:00[:05[.123]]`.
pub(super) fn time_of_day(text: &str) -> Option<NaiveTime> {
    date_time(&format!("2000-01-01T{text}")).map(|time| time.time())
}

/// The start of a day: midnight, or if a clock change skips midnight, the change.
pub(super) fn start_of(day: NaiveDate, zone: Zone) -> Timestamp {
    let midnight = day.and_time(NaiveTime::MIN);
    match zone.instants(midnight) {
        MappedLocalTime::Single(only) => only.into(),
        MappedLocalTime::Ambiguous(first, _) => first.into(),
        MappedLocalTime::None => Change::that_skips(midnight, zone).first_after().into(),
    }
}

/// The timestamp of a local time.
///
/// # Errors
/// When a clock change skips or repeats the local time; the message shows both possible times.
pub(super) fn timestamp(shown: NaiveDateTime, zone: Zone) -> Result<Timestamp, Failure> {
    let time = shown.format("%Y-%m-%d %H:%M:%S%.f");
    let (failure, one, other) = match zone.instants(shown) {
        MappedLocalTime::Single(only) => return Ok(only.into()),
        MappedLocalTime::Ambiguous(first, second) => {
            let failure = Failure::usage(format!("{time} occurs twice in {zone}"))
                .because("clocks are set back there, so that time is repeated");
            (failure, first, second)
        }
        MappedLocalTime::None => {
            let change = Change::that_skips(shown, zone);
            let failure =
                Failure::usage(format!("{time} does not exist in {zone}")).because(format!(
                    "clocks are set forward there from {} to {}",
                    rfc3339(change.instant.with_timezone(&change.before)),
                    rfc3339(change.first_after())
                ));
            let (before, after) = change.readings(shown);
            (failure, before, after)
        }
    };
    Err(failure.hint(format!(
        "write the time that you mean: {} or {}",
        rfc3339(one),
        rfc3339(other)
    )))
}

/// A timestamp in a form that the command line accepts.
pub(super) fn rfc3339(timestamp: DateTime<FixedOffset>) -> String {
    timestamp.to_rfc3339_opts(SecondsFormat::AutoSi, false)
}

/// A clock change that skips some time.
struct Change {
    instant: DateTime<Utc>,
    before: FixedOffset,
    after: FixedOffset,
}

impl Change {
    /// The change that skips a local time; no zone has two changes within two days.
    fn that_skips(shown: NaiveDateTime, zone: Zone) -> Self {
        let near = shown.and_utc();
        let offset_at = |instant: DateTime<Utc>| *zone.at(instant).offset();
        let before = offset_at(near - TimeDelta::days(2));
        let after = offset_at(near + TimeDelta::days(2));
        let (mut low, mut high) = (near - after, near - before);
        while high - low > TimeDelta::seconds(1) {
            let middle = low + TimeDelta::seconds((high - low).num_seconds() / 2);
            if offset_at(middle) == before { low = middle } else { high = middle }
        }
        // Changes happen at whole seconds.
        let instant = DateTime::from_timestamp(high.timestamp(), 0).unwrap_or(high);
        Self { instant, before, after }
    }

    fn first_after(&self) -> DateTime<FixedOffset> {
        self.instant.with_timezone(&self.after)
    }

    /// The two possible meanings of a skipped time: with the offset after the change, or with the
    /// offset before it.
    fn readings(&self, shown: NaiveDateTime) -> (DateTime<FixedOffset>, DateTime<FixedOffset>) {
        let shown = shown.and_utc();
        (
            (shown - self.after).with_timezone(&self.before),
            (shown - self.before).with_timezone(&self.after),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(day: &str, zone: &str) -> String {
        let day = date_time(&format!("{day} 00:00")).unwrap().date();
        rfc3339(start_of(day, Zone::parse(zone).unwrap()).to_datetime().unwrap())
    }

    #[test]
    fn a_day_whose_midnight_is_skipped_starts_with_the_change() {
        assert_eq!(start("2018-11-04", "America/Sao_Paulo"), "2018-11-04T01:00:00-02:00");
        assert_eq!(start("2024-04-26", "Africa/Cairo"), "2024-04-26T01:00:00+03:00");
        assert_eq!(start("2022-03-27", "Asia/Beirut"), "2022-03-27T01:00:00+03:00");
    }

    #[test]
    fn a_day_that_was_skipped_entirely_starts_with_the_next() {
        assert_eq!(start("2011-12-30", "Pacific/Apia"), "2011-12-31T00:00:00+14:00");
    }

    #[test]
    fn a_day_whose_midnight_occurs_twice_starts_with_the_first() {
        assert_eq!(start("2026-11-01", "America/Havana"), "2026-11-01T00:00:00-04:00");
    }

    fn refused(time: &str, zone: &str) -> Failure {
        timestamp(date_time(time).unwrap(), Zone::parse(zone).unwrap()).unwrap_err()
    }

    #[test]
    fn a_skipped_time_is_refused_with_the_change_and_both_readings() {
        let failure = refused("2026-03-29 02:30", "Europe/Zagreb");
        assert_eq!(failure.message, "2026-03-29 02:30:00 does not exist in Europe/Zagreb");
        assert_eq!(
            failure.causes,
            [
                "clocks are set forward there from 2026-03-29T02:00:00+01:00 to 2026-03-29T03:00:00+02:00"
            ]
        );
        assert_eq!(
            failure.hints,
            [
                "write the time that you mean: 2026-03-29T01:30:00+01:00 or 2026-03-29T03:30:00+02:00"
            ]
        );
    }

    #[test]
    fn the_change_is_found_also_for_a_time_with_a_fraction_and_a_half_hour_change() {
        let failure = refused("2026-10-04 02:10:05.250", "Australia/Lord_Howe");
        assert_eq!(
            failure.causes,
            [
                "clocks are set forward there from 2026-10-04T02:00:00+10:30 to 2026-10-04T02:30:00+11:00"
            ]
        );
    }

    #[test]
    fn a_repeated_time_is_refused_with_both_timestamps() {
        let failure = refused("2026-10-25 02:30:00.5", "Europe/Zagreb");
        assert_eq!(failure.message, "2026-10-25 02:30:00.500 occurs twice in Europe/Zagreb");
        assert_eq!(
            failure.hints,
            [
                "write the time that you mean: 2026-10-25T02:30:00.500+02:00 or 2026-10-25T02:30:00.500+01:00"
            ]
        );
    }
}
