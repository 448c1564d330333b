//! Time zones, by name or as a fixed UTC offset.
//!
//! The rules of all zones are built in, so that a name means the same on every machine. Nothing here
//! reads the environment: the caller selects the zone.

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use chrono::{DateTime, FixedOffset, MappedLocalTime, NaiveDateTime, TimeDelta, TimeZone, Utc};
use jiff::tz::TimeZoneDatabase;

/// A time zone: one of the IANA time zone database, or a fixed UTC offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zone {
    /// Coordinated universal time.
    Utc,
    /// A named zone with its clock changes: `Europe/Zagreb`.
    Named(&'static NamedZone),
    /// A fixed UTC offset: `+02:00`.
    Fixed(FixedOffset),
}

/// A zone of the IANA database.
#[derive(Debug, PartialEq, Eq)]
pub struct NamedZone {
    name: String,
    rules: jiff::tz::TimeZone,
}

/// The time zone database, which is part of the program.
static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// The zones that were parsed so far. They live as long as the program, so that a [`Zone`] is `Copy`.
static PARSED: Mutex<BTreeMap<String, &'static NamedZone>> = Mutex::new(BTreeMap::new());

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Self = Self::Utc;

    /// Parses `Europe/Zagreb` (case-insensitive), `UTC`, `Z`, `+02:00`, `+0200` or `+02`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        if name.eq_ignore_ascii_case("z") || name.eq_ignore_ascii_case("utc") {
            return Some(Self::Utc);
        }
        if name.starts_with(['+', '-']) {
            // A timestamp with this offset, because the parser of timestamps knows every notation.
            let timestamp = crate::model::Timestamp::parse(&format!("2000-01-01T00:00:00{name}"))?;
            return Some(Self::Fixed(*timestamp.to_datetime()?.offset()));
        }
        let rules = DATABASE.get(name).ok()?;
        let name = rules.iana_name()?.to_owned();
        let mut parsed = PARSED.lock().unwrap_or_else(PoisonError::into_inner);
        let named = parsed
            .entry(name.clone())
            .or_insert_with(|| Box::leak(Box::new(NamedZone { name, rules })));
        Some(Self::Named(named))
    }

    /// The names of the time zones in the database, sorted.
    pub fn names() -> impl Iterator<Item = String> {
        DATABASE.available().map(|name| name.to_string())
    }

    /// An instant as local time in this zone.
    #[must_use]
    pub fn at(self, instant: DateTime<Utc>) -> DateTime<FixedOffset> {
        instant.with_timezone(&self.offset(instant))
    }

    /// The UTC offset of this zone at an instant, cut to whole minutes: before standard time was
    /// introduced, offsets had seconds, which RFC 3339 cannot express.
    fn offset(self, instant: DateTime<Utc>) -> FixedOffset {
        let seconds = match self {
            Self::Utc => 0,
            Self::Fixed(offset) => return offset,
            Self::Named(zone) => jiff::Timestamp::from_second(instant.timestamp())
                .map_or(0, |instant| zone.rules.to_offset(instant).seconds() / 60 * 60),
        };
        FixedOffset::east_opt(seconds).unwrap_or_else(|| chrono::Offset::fix(&Utc))
    }

    /// The instants at which clocks in this zone show a local time: none if a clock change skips
    /// it, two (the earlier first) if a clock change repeats it.
    #[must_use]
    pub fn instants(self, local: NaiveDateTime) -> MappedLocalTime<DateTime<FixedOffset>> {
        // An offset is less than a day, so that the instant is between these two, and its offset is
        // one of theirs: clocks do not change twice in two days.
        let around = [-1, 1].map(|days| {
            let near = local.and_utc().checked_add_signed(TimeDelta::days(days));
            self.offset(near.unwrap_or(local.and_utc()))
        });
        let fits = |offset: FixedOffset| {
            let instant = offset.from_local_datetime(&local).single()?;
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

    /// The first instant at which clocks in this zone show a local time or a later one. If a clock
    /// change skips the local time, that is the instant of the change.
    #[must_use]
    pub(crate) fn first_instant(self, local: NaiveDateTime) -> DateTime<Utc> {
        if let Some(instant) = self.instants(local).earliest() {
            return instant.to_utc();
        }
        // The clock change that skips it is at most a day away. Before the change, clocks show an
        // earlier time; the search finds the instant at which that ends.
        let is_before_change = |millis| {
            let instant = DateTime::from_timestamp_millis(millis);
            instant.is_some_and(|instant| self.at(instant).naive_local() < local)
        };
        let middle = local.and_utc().timestamp_millis();
        let day = TimeDelta::days(1).num_milliseconds();
        let (mut before, mut after) = (middle - day, middle + day);
        while after - before > 1 {
            let middle = before + (after - before) / 2;
            if is_before_change(middle) { before = middle } else { after = middle }
        }
        DateTime::from_timestamp_millis(after).unwrap_or(local.and_utc())
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

    fn local(text: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
    }

    #[test]
    fn a_clock_change_skips_one_hour_and_repeats_another() {
        let zagreb = Zone::parse("europe/zagreb").unwrap();
        assert_eq!(zagreb.instants(local("2026-03-29 02:30")), MappedLocalTime::None);
        let MappedLocalTime::Ambiguous(first, second) = zagreb.instants(local("2026-10-25 02:30"))
        else {
            panic!("the hour is repeated")
        };
        assert_eq!(
            (first.to_rfc3339(), second.to_rfc3339()),
            ("2026-10-25T02:30:00+02:00".into(), "2026-10-25T02:30:00+01:00".into())
        );
    }

    #[test]
    fn a_day_whose_midnight_is_skipped_begins_with_the_clock_change() {
        let first = |zone: &str, text: &str| {
            let instant = Zone::parse(zone).unwrap().first_instant(local(text));
            instant.format("%Y-%m-%d %H:%M:%S%.f").to_string()
        };
        assert_eq!(first("UTC", "2026-03-08 00:00"), "2026-03-08 00:00:00");
        assert_eq!(first("America/Havana", "2020-03-08 00:00"), "2020-03-08 05:00:00");
        assert_eq!(first("America/Havana", "2020-11-01 00:00"), "2020-11-01 04:00:00");
        assert_eq!(first("America/Toronto", "1919-03-31 00:00"), "1919-03-31 04:30:00");
    }

    #[test]
    fn a_time_before_standard_time_can_be_written_with_its_offset() {
        let paris = Zone::parse("Europe/Paris").unwrap();
        let MappedLocalTime::Single(time) = paris.instants(local("1800-01-01 00:00")) else {
            panic!("no clock changed then")
        };
        assert_eq!(DateTime::parse_from_rfc3339(&time.to_rfc3339()), Ok(time));
        assert_eq!(paris.at(time.to_utc()), time);
    }

    #[test]
    fn names_and_offsets_are_parsed_and_anything_else_is_refused() {
        assert_eq!(Zone::parse("utc"), Some(Zone::UTC));
        assert_eq!(Zone::parse("+0230").map(|z| z.to_string()), Some("+02:30".into()));
        assert_eq!(Zone::parse("Mars/Olympus"), None);
        assert_eq!(Zone::parse("+99"), None);
    }
}
