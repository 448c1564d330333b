//! Times as the clocks of a zone show them, and what a clock change does to them.

use chrono::{
    DateTime, FixedOffset, MappedLocalTime, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat,
    TimeDelta, Utc,
};
use omnilogs::Timestamp;
use omnilogs::zone::Zone;

use crate::failure::Failure;

/// Reads `2026-11-22 10:00[:05[.123]]`, date and time parted by a space or `T`.
pub(super) fn date_time(text: &str) -> Option<NaiveDateTime> {
    let seconds = if text.len() == 16 { ":00" } else { "" };
    let moment = Timestamp::parse(&format!("{text}{seconds}Z"))?.to_datetime()?;
    Some(moment.naive_utc())
}

/// Reads `14:00[:05[.123]]`.
pub(super) fn time_of_day(text: &str) -> Option<NaiveTime> {
    date_time(&format!("2000-01-01T{text}")).map(|moment| moment.time())
}

/// The first instant of a day: midnight, or where a clock change skips midnight, the change.
pub(super) fn start_of(day: NaiveDate, zone: Zone) -> Timestamp {
    let midnight = day.and_time(NaiveTime::MIN);
    match zone.instants(midnight) {
        MappedLocalTime::Single(only) => only.into(),
        MappedLocalTime::Ambiguous(first, _) => first.into(),
        MappedLocalTime::None => Change::that_skips(midnight, zone).first_after().into(),
    }
}

/// The instant at which clocks show a time.
///
/// # Errors
/// When there is none or there are two; the message shows the instants that may be meant.
pub(super) fn moment(shown: NaiveDateTime, zone: Zone) -> Result<Timestamp, Failure> {
    let time = shown.format("%Y-%m-%d %H:%M:%S%.f");
    let (failure, one, other) = match zone.instants(shown) {
        MappedLocalTime::Single(only) => return Ok(only.into()),
        MappedLocalTime::Ambiguous(first, second) => {
            let failure = Failure::usage(format!("{time} comes twice in {zone}"))
                .because("clocks go back there, and show that time again");
            (failure, first, second)
        }
        MappedLocalTime::None => {
            let change = Change::that_skips(shown, zone);
            let failure =
                Failure::usage(format!("{time} does not exist in {zone}")).because(format!(
                    "clocks go there from {} straight to {}",
                    written(change.instant.with_timezone(&change.before)),
                    written(change.first_after())
                ));
            let (before, after) = change.readings(shown);
            (failure, before, after)
        }
    };
    Err(failure.hint(format!("write the one you mean: {} or {}", written(one), written(other))))
}

/// A moment as it can be typed in.
pub(super) fn written(moment: DateTime<FixedOffset>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::AutoSi, false)
}

/// A change by which clocks skip some time.
struct Change {
    instant: DateTime<Utc>,
    before: FixedOffset,
    after: FixedOffset,
}

impl Change {
    /// The change that skips a time; no zone has two within two days.
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

    /// What may be meant by a skipped time: as long before the end of what is skipped, or as long
    /// after its start.
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
        written(start_of(day, Zone::parse(zone).unwrap()).to_datetime().unwrap())
    }

    #[test]
    fn a_day_whose_midnight_is_skipped_starts_with_the_change() {
        assert_eq!(start("2018-11-04", "America/Sao_Paulo"), "2018-11-04T01:00:00-02:00");
        assert_eq!(start("2024-04-26", "Africa/Cairo"), "2024-04-26T01:00:00+03:00");
        assert_eq!(start("2022-03-27", "Asia/Beirut"), "2022-03-27T01:00:00+03:00");
    }

    #[test]
    fn a_day_that_was_skipped_whole_starts_with_the_next() {
        assert_eq!(start("2011-12-30", "Pacific/Apia"), "2011-12-31T00:00:00+14:00");
    }

    #[test]
    fn a_day_whose_midnight_comes_twice_starts_with_the_first() {
        assert_eq!(start("2026-11-01", "America/Havana"), "2026-11-01T00:00:00-04:00");
    }

    fn refused(time: &str, zone: &str) -> Failure {
        moment(date_time(time).unwrap(), Zone::parse(zone).unwrap()).unwrap_err()
    }

    #[test]
    fn a_skipped_time_is_refused_with_the_change_and_both_readings() {
        let failure = refused("2026-03-29 02:30", "Europe/Zagreb");
        assert_eq!(failure.message, "2026-03-29 02:30:00 does not exist in Europe/Zagreb");
        assert_eq!(
            failure.causes,
            [
                "clocks go there from 2026-03-29T02:00:00+01:00 straight to 2026-03-29T03:00:00+02:00"
            ]
        );
        assert_eq!(
            failure.hints,
            ["write the one you mean: 2026-03-29T01:30:00+01:00 or 2026-03-29T03:30:00+02:00"]
        );
    }

    #[test]
    fn the_change_is_found_also_for_a_time_with_a_fraction_and_a_half_hour_change() {
        let failure = refused("2026-10-04 02:10:05.250", "Australia/Lord_Howe");
        assert_eq!(
            failure.causes,
            [
                "clocks go there from 2026-10-04T02:00:00+10:30 straight to 2026-10-04T02:30:00+11:00"
            ]
        );
    }

    #[test]
    fn a_repeated_time_is_refused_with_both_instants() {
        let failure = refused("2026-10-25 02:30:00.5", "Europe/Zagreb");
        assert_eq!(failure.message, "2026-10-25 02:30:00.500 comes twice in Europe/Zagreb");
        assert_eq!(
            failure.hints,
            [
                "write the one you mean: 2026-10-25T02:30:00.500+02:00 or 2026-10-25T02:30:00.500+01:00"
            ]
        );
    }
}
