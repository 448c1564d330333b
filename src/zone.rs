//! A time zone in which a person reads and writes times.
//!
//! Zone rules are built in, so that the same name means the same thing on every machine. Which zone
//! holds is the caller's business: nothing here looks at the environment.

use chrono::{DateTime, FixedOffset, MappedLocalTime, NaiveDateTime, Offset, TimeZone, Utc};

/// A time zone: one of the IANA database, or a fixed offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zone {
    /// By name, with its clock changes: `Europe/Zagreb`.
    Named(chrono_tz::Tz),
    /// Seconds east of UTC, the whole year round: `+02:00`.
    Fixed(FixedOffset),
}

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Self = Self::Named(chrono_tz::Tz::UTC);

    /// Reads `Europe/Zagreb` (any letter case), `UTC`, `Z`, `+02:00`, `+0200` or `+02`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        if name.eq_ignore_ascii_case("z") {
            return Some(Self::UTC);
        }
        if name.starts_with(['+', '-']) {
            // The offset of any moment that is written with it.
            let moment = crate::model::Timestamp::parse(&format!("2000-01-01T00:00:00{name}"))?;
            return Some(Self::Fixed(*moment.to_datetime()?.offset()));
        }
        let mut zones = chrono_tz::TZ_VARIANTS.iter();
        zones.find(|zone| zone.name().eq_ignore_ascii_case(name)).copied().map(Self::Named)
    }

    /// An instant as clocks in this zone show it.
    #[must_use]
    pub fn at(self, instant: DateTime<Utc>) -> DateTime<FixedOffset> {
        match self {
            Self::Named(zone) => {
                let local = instant.with_timezone(&zone);
                local.with_timezone(&local.offset().fix())
            }
            Self::Fixed(offset) => instant.with_timezone(&offset),
        }
    }

    /// The instants at which clocks in this zone show a time: none when a clock change skips it,
    /// two (the earlier first) when one repeats it.
    #[must_use]
    pub fn instants(self, shown: NaiveDateTime) -> MappedLocalTime<DateTime<FixedOffset>> {
        match self {
            Self::Named(zone) => zone.from_local_datetime(&shown).map(|local| local.fixed_offset()),
            Self::Fixed(offset) => offset.from_local_datetime(&shown),
        }
    }
}

impl std::fmt::Display for Zone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Named(zone) => f.write_str(zone.name()),
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
    fn names_and_offsets_are_read_and_nonsense_is_not() {
        assert_eq!(Zone::parse("utc"), Some(Zone::UTC));
        assert_eq!(Zone::parse("+0230").map(|z| z.to_string()), Some("+02:30".into()));
        assert_eq!(Zone::parse("Mars/Olympus"), None);
        assert_eq!(Zone::parse("+99"), None);
    }
}
