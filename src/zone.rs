//! A time zone in which a person reads and writes times.
//!
//! Zone rules are built in, so that the same name means the same thing on every machine. Which zone
//! holds is the caller's business: nothing here looks at the environment.

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use chrono::{DateTime, FixedOffset, MappedLocalTime, NaiveDateTime, TimeDelta, TimeZone, Utc};
use jiff::tz::TimeZoneDatabase;

/// A time zone: one of the IANA database, or a fixed offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zone {
    /// Coordinated universal time.
    Utc,
    /// By name, with its clock changes: `Europe/Zagreb`.
    Named(&'static Named),
    /// Seconds east of UTC, the whole year round: `+02:00`.
    Fixed(FixedOffset),
}

/// A zone of the IANA database.
#[derive(Debug, PartialEq, Eq)]
pub struct Named {
    name: String,
    rules: jiff::tz::TimeZone,
}

/// The database, which is part of the program.
static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// Zones that were asked for: kept as long as the program runs, so that a zone is a plain value.
static ASKED: Mutex<BTreeMap<String, &'static Named>> = Mutex::new(BTreeMap::new());

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Self = Self::Utc;

    /// Reads `Europe/Zagreb` (any letter case), `UTC`, `Z`, `+02:00`, `+0200` or `+02`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        if name.eq_ignore_ascii_case("z") || name.eq_ignore_ascii_case("utc") {
            return Some(Self::Utc);
        }
        if name.starts_with(['+', '-']) {
            // The offset of any moment that is written with it.
            let moment = crate::model::Timestamp::parse(&format!("2000-01-01T00:00:00{name}"))?;
            return Some(Self::Fixed(*moment.to_datetime()?.offset()));
        }
        let rules = DATABASE.get(name).ok()?;
        let name = rules.iana_name()?.to_owned();
        let mut asked = ASKED.lock().unwrap_or_else(PoisonError::into_inner);
        let named =
            asked.entry(name.clone()).or_insert_with(|| Box::leak(Box::new(Named { name, rules })));
        Some(Self::Named(named))
    }

    /// The names of the database, in order.
    pub fn names() -> impl Iterator<Item = String> {
        DATABASE.available().map(|name| name.to_string())
    }

    /// An instant as clocks in this zone show it.
    #[must_use]
    pub fn at(self, instant: DateTime<Utc>) -> DateTime<FixedOffset> {
        instant.with_timezone(&self.offset(instant))
    }

    /// How far clocks in this zone are east of UTC at an instant, in whole minutes: no form of a
    /// date can write the seconds by which some differed before they followed a standard time.
    fn offset(self, instant: DateTime<Utc>) -> FixedOffset {
        let seconds = match self {
            Self::Utc => 0,
            Self::Fixed(offset) => return offset,
            Self::Named(zone) => jiff::Timestamp::from_second(instant.timestamp())
                .map_or(0, |moment| zone.rules.to_offset(moment).seconds() / 60 * 60),
        };
        FixedOffset::east_opt(seconds).unwrap_or_else(|| chrono::Offset::fix(&Utc))
    }

    /// The instants at which clocks in this zone show a time: none when a clock change skips it,
    /// two (the earlier first) when one repeats it.
    #[must_use]
    pub fn instants(self, shown: NaiveDateTime) -> MappedLocalTime<DateTime<FixedOffset>> {
        // Clocks change by less than a day, so the offset in force is that of a day before or after.
        let around = [-1, 1].map(|days| {
            let near = shown.and_utc().checked_add_signed(TimeDelta::days(days));
            self.offset(near.unwrap_or(shown.and_utc()))
        });
        let fits = |offset: FixedOffset| {
            let instant = offset.from_local_datetime(&shown).single()?;
            (self.offset(instant.to_utc()) == offset).then_some(instant)
        };
        let [before, after] = around;
        match (fits(before), fits(after)) {
            (Some(first), Some(second)) if before != after => {
                MappedLocalTime::Ambiguous(first.min(second), first.max(second))
            }
            (Some(instant), _) | (None, Some(instant)) => MappedLocalTime::Single(instant),
            (None, None) => MappedLocalTime::None,
        }
    }
}

impl std::fmt::Display for Zone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Utc => f.write_str("UTC"),
            Self::Named(zone) => f.write_str(&zone.name),
            Self::Fixed(offset) => write!(f, "{offset}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
    }

    #[test]
    fn a_clock_change_skips_one_hour_and_repeats_another() {
        let zagreb = Zone::parse("europe/zagreb").unwrap();
        assert_eq!(zagreb.instants(shown("2026-03-29 02:30")), MappedLocalTime::None);
        let MappedLocalTime::Ambiguous(first, second) = zagreb.instants(shown("2026-10-25 02:30"))
        else {
            panic!("the hour is repeated")
        };
        assert_eq!(
            (first.to_rfc3339(), second.to_rfc3339()),
            ("2026-10-25T02:30:00+02:00".into(), "2026-10-25T02:30:00+01:00".into())
        );
    }

    #[test]
    fn a_moment_before_standard_time_can_be_written_with_its_offset() {
        let paris = Zone::parse("Europe/Paris").unwrap();
        let MappedLocalTime::Single(moment) = paris.instants(shown("1800-01-01 00:00")) else {
            panic!("no clock changed then")
        };
        assert_eq!(DateTime::parse_from_rfc3339(&moment.to_rfc3339()), Ok(moment));
        assert_eq!(paris.at(moment.to_utc()), moment);
    }

    #[test]
    fn names_and_offsets_are_read_and_nonsense_is_not() {
        assert_eq!(Zone::parse("utc"), Some(Zone::UTC));
        assert_eq!(Zone::parse("+0230").map(|z| z.to_string()), Some("+02:30".into()));
        assert_eq!(Zone::parse("Mars/Olympus"), None);
        assert_eq!(Zone::parse("+99"), None);
    }
}
