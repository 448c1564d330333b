//! Time ranges of equal width, as clocks in a zone divide the day. Counts nothing.

use chrono::{DateTime, FixedOffset, Utc};

use crate::model::Timestamp;
use crate::zone::Zone;

const MINUTE: i64 = 60_000;

/// How wide a bucket is: from five minutes to a day, a whole number of times in a day, and with a
/// whole number of them in an hour or a whole number of hours in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BucketWidth(u16);

impl BucketWidth {
    /// The finest.
    pub const FINEST: Self = Self(5);
    /// All widths, in minutes.
    const MINUTES: [u16; 13] = [5, 10, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440];
    /// Widths that each divide the next, from the finest.
    const CHAIN: [Self; 7] =
        [Self(5), Self(10), Self(30), Self(60), Self(120), Self(360), Self(1440)];
    /// The widths that are chosen from, in order.
    const CHOICES: [Self; 6] = [Self(5), Self(30), Self(60), Self(120), Self(360), Self(1440)];

    /// Every width, the finest first.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::MINUTES.into_iter().map(Self)
    }

    /// The width of this many minutes; `None` when there is no such width.
    #[must_use]
    pub fn of_minutes(minutes: u64) -> Option<Self> {
        Self::all().find(|width| width.minutes() == minutes)
    }

    /// How many minutes it has.
    #[must_use]
    pub fn minutes(self) -> u64 {
        u64::from(self.0)
    }

    /// How many milliseconds it has.
    #[must_use]
    pub fn millis(self) -> i64 {
        i64::from(self.0) * MINUTE
    }

    /// The width for a time range of this many milliseconds: fine enough to see a drop, and of at
    /// most 75 buckets where a day is enough for that.
    #[must_use]
    pub fn for_span(millis: i64) -> Self {
        let fits = |width: &Self| millis <= 75 * width.millis();
        Self::CHOICES.into_iter().find(fits).unwrap_or(Self(1440))
    }

    /// The next wider one that it divides; `None` for a day.
    pub(super) fn coarser(self) -> Option<Self> {
        Self::CHAIN.into_iter().find(|width| *width > self && width.0 % self.0 == 0)
    }
}

/// Finds the buckets of timestamps. Neighbouring rows lie in one minute as a rule, so the last one is
/// remembered.
#[derive(Clone, Debug)]
pub(super) struct Buckets {
    zone: Zone,
    width: BucketWidth,
    /// A minute since 1970 and the start of its bucket. Clocks have changed on whole minutes only
    /// since 1972.
    last: Option<(i64, i64)>,
}

impl Buckets {
    pub(super) fn new(zone: Zone, width: BucketWidth) -> Self {
        Self { zone, width, last: None }
    }

    pub(super) const fn width(&self) -> BucketWidth {
        self.width
    }

    /// The same zone with another width.
    pub(super) fn with_width(&self, width: BucketWidth) -> Self {
        Self::new(self.zone, width)
    }

    /// When the bucket of a time began, both in milliseconds since 1970. An hour that a clock change
    /// repeats is two hours. `None` beyond the years that a calendar shows.
    pub(super) fn start(&mut self, millis: i64) -> Option<i64> {
        let minute = millis.div_euclid(MINUTE);
        if let Some((known, start)) = self.last
            && known == minute
        {
            return Some(start);
        }
        let offset = i64::from(self.shown(millis)?.offset().local_minus_utc()) * 1000;
        let start = millis - (millis + offset).rem_euclid(self.width.millis());
        self.last = Some((minute, start));
        Some(start)
    }

    /// As [`Self::start`] of the time at which a message was sent.
    pub(super) fn start_of(&mut self, timestamp: Timestamp) -> Option<i64> {
        self.start(timestamp.millis())
    }

    /// The time as clocks in the zone show it.
    pub(super) fn shown(&self, millis: i64) -> Option<DateTime<FixedOffset>> {
        Some(self.zone.at(DateTime::<Utc>::from_timestamp_millis(millis)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(zone: &str, minutes: u64, timestamp: &str) -> String {
        let width = BucketWidth::of_minutes(minutes).unwrap();
        let mut buckets = Buckets::new(Zone::parse(zone).unwrap(), width);
        let start = buckets.start_of(Timestamp::parse(timestamp).unwrap()).unwrap();
        buckets.shown(start).unwrap().format("%d %H:%M%:z").to_string()
    }

    #[test]
    fn a_bucket_begins_where_clocks_in_the_zone_say() {
        assert_eq!(bucket("UTC", 60, "2026-11-22T10:59:59.999Z"), "22 10:00+00:00");
        assert_eq!(bucket("UTC", 5, "2026-11-22T10:59:59.999Z"), "22 10:55+00:00");
        assert_eq!(bucket("Asia/Kolkata", 60, "2026-11-22T10:59:59.999Z"), "22 16:00+05:30");
        assert_eq!(bucket("-03:30", 60, "2026-11-22T03:10:00Z"), "21 23:00-03:30");
        assert_eq!(bucket("Europe/Zagreb", 1440, "2026-11-22T10:59:00Z"), "22 00:00+01:00");
        assert_eq!(bucket("Europe/Zagreb", 360, "2026-11-22T10:59:00Z"), "22 06:00+01:00");
    }

    #[test]
    fn the_hour_that_a_clock_change_repeats_is_two_hours() {
        assert_eq!(bucket("Europe/Zagreb", 60, "2026-10-25T00:30:00Z"), "25 02:00+02:00");
        assert_eq!(bucket("Europe/Zagreb", 60, "2026-10-25T01:30:00Z"), "25 02:00+01:00");
    }

    #[test]
    fn the_next_bucket_is_not_taken_for_the_remembered_one() {
        let mut buckets = Buckets::new(Zone::UTC, BucketWidth::of_minutes(60).unwrap());
        let mut start = |text| buckets.start_of(Timestamp::parse(text).unwrap()).unwrap();
        let first = start("2026-11-22T10:59:30Z");
        assert_eq!(start("2026-11-22T10:59:59Z"), first);
        assert_eq!(start("2026-11-22T11:00:00Z"), first + 60 * MINUTE);
    }

    #[test]
    fn a_width_divides_every_coarser_one_up_to_a_day() {
        for width in BucketWidth::all() {
            assert_eq!(1440 % width.minutes(), 0);
            let mut coarser = width;
            while let Some(next) = coarser.coarser() {
                assert_eq!(next.minutes() % coarser.minutes(), 0);
                coarser = next;
            }
            assert_eq!(coarser.minutes(), 1440);
        }
        assert_eq!(BucketWidth::of_minutes(7), None);
    }

    #[test]
    fn the_width_is_chosen_from_the_window() {
        const HOUR: i64 = 60 * MINUTE;
        let minutes = |span| BucketWidth::for_span(span).minutes();
        assert_eq!([0, HOUR, 6 * HOUR].map(minutes), [5, 5, 5]);
        assert_eq!([24 * HOUR, 36 * HOUR, 48 * HOUR].map(minutes), [30, 30, 60]);
        assert_eq!([30 * 24 * HOUR, 9000 * 24 * HOUR].map(minutes), [1440, 1440]);
    }
}
