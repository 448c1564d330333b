//! Buckets: time ranges of equal width in a time zone. This module does not count messages.

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};

use crate::model::Timestamp;
use crate::zone::Zone;

const MINUTE: i64 = 60_000;

/// The width of a bucket: from five minutes to a day, where each width divides a day, and divides an
/// hour or is a whole number of hours; or a week, which begins on Monday.
///
/// A bucket of more than an hour follows the local time of its zone: at a clock change it is an hour
/// shorter or longer. Narrower buckets all have the same length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BucketWidth(u16);

impl BucketWidth {
    /// The narrowest width: five minutes.
    pub(crate) const FINEST: Self = Self(5);
    /// A day, from midnight to midnight.
    pub const DAY: Self = Self(1440);
    /// A week, from Monday to Sunday.
    pub const WEEK: Self = Self(10080);
    /// All widths, in minutes.
    const MINUTES: [u16; 14] = [5, 10, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440, 10080];
    /// Widths of which each one divides the next, the narrowest first.
    const CHAIN: [Self; 8] =
        [Self(5), Self(10), Self(30), Self(60), Self(120), Self(360), Self::DAY, Self::WEEK];
    /// The widths that [`BucketWidth::for_span`] chooses from, the narrowest first.
    const CHOICES: [Self; 7] =
        [Self(5), Self(30), Self(60), Self(120), Self(360), Self::DAY, Self::WEEK];
    const HOUR: Self = Self(60);

    /// Every width, the narrowest first.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::MINUTES.into_iter().map(Self)
    }

    /// The width of this many minutes; `None` when there is no such width.
    #[must_use]
    pub fn of_minutes(minutes: u64) -> Option<Self> {
        Self::all().find(|width| width.minutes() == minutes)
    }

    /// The number of minutes, without a clock change.
    #[must_use]
    pub fn minutes(self) -> u64 {
        u64::from(self.0)
    }

    /// The number of milliseconds, without a clock change.
    #[must_use]
    pub fn millis(self) -> i64 {
        i64::from(self.0) * MINUTE
    }

    /// Whether its buckets follow local time, so that a clock change makes one shorter or longer.
    #[must_use]
    pub(crate) fn follows_clocks(self) -> bool {
        self > Self::HOUR
    }

    /// The width for a time range of this many milliseconds: the narrowest with at most 75 buckets, or
    /// else a week.
    #[must_use]
    pub(crate) fn for_span(millis: i64) -> Self {
        let fits = |width: &Self| millis <= 75 * width.millis();
        Self::CHOICES.into_iter().find(fits).unwrap_or(Self::WEEK)
    }

    /// The number of the bucket that contains a time. The number of the next bucket is greater by one,
    /// also when a clock change makes a bucket longer or shorter.
    #[must_use]
    pub fn number(self, time: DateTime<FixedOffset>) -> i64 {
        let millis = if self.follows_clocks() {
            time.naive_local().and_utc().timestamp_millis() + self.shift()
        } else {
            time.timestamp_millis() + part_of_hour(&time)
        };
        millis.div_euclid(self.millis())
    }

    /// The start of the bucket with this number in a zone; `None` outside the range of chrono.
    #[must_use]
    pub fn start(self, number: i64, zone: Zone) -> Option<DateTime<FixedOffset>> {
        let millis = number.checked_mul(self.millis())?.checked_sub(self.shift())?;
        let time = DateTime::<Utc>::from_timestamp_millis(millis)?;
        if self.follows_clocks() {
            return Some(zone.at(zone.first_instant(time.naive_utc())));
        }
        let part = TimeDelta::milliseconds(part_of_hour(&zone.at(time)));
        Some(zone.at(time.checked_sub_signed(part)?))
    }

    /// The milliseconds from the start of a bucket to the start of 1970, which was a Thursday.
    fn shift(self) -> i64 {
        if self == Self::WEEK { 3 * Self::DAY.millis() } else { 0 }
    }

    /// The next wider width of which it is a divisor; `None` for a week.
    pub(super) fn coarser(self) -> Option<Self> {
        Self::CHAIN.into_iter().find(|width| *width > self && width.0 % self.0 == 0)
    }
}

/// The part of a UTC offset that is less than an hour, in milliseconds.
fn part_of_hour(time: &DateTime<FixedOffset>) -> i64 {
    (i64::from(time.offset().local_minus_utc()) * 1000).rem_euclid(BucketWidth::HOUR.millis())
}

/// Finds the buckets of timestamps. It caches the bucket of the last minute, because neighbouring rows
/// were usually sent in the same minute.
#[derive(Clone, Debug)]
pub(super) struct Buckets {
    zone: Zone,
    width: BucketWidth,
    /// The last minute, since 1970, and the start of its bucket. Since 1972, clocks change only at whole
    /// minutes.
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

    /// The start of the bucket that contains a time, both in milliseconds since 1970. An hour that a
    /// clock change repeats is two buckets, and a day with a clock change is one. `None` outside the
    /// range of chrono.
    pub(super) fn start(&mut self, millis: i64) -> Option<i64> {
        let minute = millis.div_euclid(MINUTE);
        if let Some((known, start)) = self.last
            && known == minute
        {
            return Some(start);
        }
        let local = self.local(millis)?;
        let start = if self.width.follows_clocks() {
            self.width.start(self.width.number(local), self.zone)?.timestamp_millis()
        } else {
            let offset = i64::from(local.offset().local_minus_utc()) * 1000;
            millis - (millis + offset).rem_euclid(self.width.millis())
        };
        self.last = Some((minute, start));
        Some(start)
    }

    /// The end of the bucket with this start: the first millisecond of the next bucket.
    pub(super) fn end(&self, start: i64) -> i64 {
        let local = self.local(start).filter(|_| self.width.follows_clocks());
        let next =
            local.and_then(|local| self.width.start(self.width.number(local) + 1, self.zone));
        next.map_or(start.saturating_add(self.width.millis()), |next| next.timestamp_millis())
    }

    /// [`Self::start`] for a timestamp.
    pub(super) fn start_of(&mut self, timestamp: Timestamp) -> Option<i64> {
        self.start(timestamp.millis())
    }

    /// A time in milliseconds since 1970 as local time of the zone.
    pub(super) fn local(&self, millis: i64) -> Option<DateTime<FixedOffset>> {
        Some(self.zone.at(DateTime::<Utc>::from_timestamp_millis(millis)?))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOUR: i64 = 60 * MINUTE;

    fn bucket(zone: &str, minutes: u64, timestamp: &str) -> String {
        let width = BucketWidth::of_minutes(minutes).unwrap();
        let mut buckets = Buckets::new(Zone::parse(zone).unwrap(), width);
        let start = buckets.start_of(Timestamp::parse(timestamp).unwrap()).unwrap();
        buckets.local(start).unwrap().format("%d %H:%M%:z").to_string()
    }

    #[test]
    fn a_bucket_begins_at_a_local_time_of_the_zone() {
        assert_eq!(bucket("UTC", 60, "2026-11-22T10:59:59.999Z"), "22 10:00+00:00");
        assert_eq!(bucket("UTC", 5, "2026-11-22T10:59:59.999Z"), "22 10:55+00:00");
        assert_eq!(bucket("Asia/Kolkata", 60, "2026-11-22T10:59:59.999Z"), "22 16:00+05:30");
        assert_eq!(bucket("-03:30", 60, "2026-11-22T03:10:00Z"), "21 23:00-03:30");
        assert_eq!(bucket("Europe/Zagreb", 1440, "2026-11-22T10:59:00Z"), "22 00:00+01:00");
        assert_eq!(bucket("Europe/Zagreb", 360, "2026-11-22T10:59:00Z"), "22 06:00+01:00");
    }

    #[test]
    fn an_hour_that_a_clock_change_repeats_is_two_buckets() {
        assert_eq!(bucket("Europe/Zagreb", 60, "2026-10-25T00:30:00Z"), "25 02:00+02:00");
        assert_eq!(bucket("Europe/Zagreb", 60, "2026-10-25T01:30:00Z"), "25 02:00+01:00");
    }

    #[test]
    fn a_week_begins_on_monday() {
        assert_eq!(bucket("UTC", 10080, "2026-11-22T23:59:59.999Z"), "16 00:00+00:00");
        assert_eq!(bucket("UTC", 10080, "2026-11-23T00:00:00Z"), "23 00:00+00:00");
        assert_eq!(bucket("Asia/Kolkata", 10080, "2026-11-22T20:00:00Z"), "23 00:00+05:30");
    }

    #[test]
    fn a_day_or_a_week_with_a_clock_change_is_one_bucket() {
        let lengths = |zone: &str, minutes, from: &str, days: i64| {
            let width = BucketWidth::of_minutes(minutes).unwrap();
            let mut buckets = Buckets::new(Zone::parse(zone).unwrap(), width);
            let mut start = buckets.start_of(Timestamp::parse(from).unwrap()).unwrap();
            let until = start + days * 24 * HOUR;
            let mut lengths = Vec::new();
            while start < until {
                let end = buckets.end(start);
                assert_eq!(buckets.start(end - 1), Some(start));
                assert_eq!(buckets.start(end), Some(end));
                lengths.push((end - start) / HOUR);
                start = end;
            }
            lengths
        };
        assert_eq!(lengths("Europe/Zagreb", 1440, "2026-10-24T12:00:00Z", 3), [24, 25, 24]);
        assert_eq!(lengths("Europe/Zagreb", 1440, "2026-03-28T12:00:00Z", 3), [24, 23, 24, 24]);
        assert_eq!(lengths("Europe/Zagreb", 10080, "2026-10-24T12:00:00Z", 14), [169, 168]);
        assert_eq!(lengths("Europe/Zagreb", 360, "2026-10-25T00:30:00Z", 1), [7, 6, 6, 6]);
        assert_eq!(lengths("Europe/Zagreb", 120, "2026-03-29T00:30:00Z", 1)[..3], [2, 1, 2]);
        // Midnight is skipped, and occurs twice.
        assert_eq!(lengths("America/Havana", 1440, "2020-03-07T12:00:00Z", 3)[..2], [24, 23]);
        assert_eq!(lengths("America/Havana", 1440, "2020-10-31T12:00:00Z", 3), [24, 25, 24]);
        // A whole day is skipped.
        assert_eq!(lengths("Pacific/Apia", 1440, "2011-12-29T12:00:00Z", 3), [24, 24, 24]);
    }

    proptest! {
        #[test]
        fn every_time_of_a_bucket_has_the_same_start(
            zone in prop::sample::select(vec![
                "UTC", "Europe/Zagreb", "America/Havana", "Asia/Kathmandu", "Australia/Lord_Howe",
                "America/Toronto", "Africa/Cairo", "Pacific/Apia", "America/Sao_Paulo", "-03:30",
            ]),
            width in prop::sample::select(BucketWidth::all().collect::<Vec<_>>()),
            millis in -1_600_000_000_000_i64..2_200_000_000_000, part in 0.0..1.0_f64,
        ) {
            let mut buckets = Buckets::new(Zone::parse(zone).unwrap(), width);
            let start = buckets.start(millis).unwrap();
            prop_assert!(start <= millis);
            let number = width.number(buckets.local(start).unwrap());
            prop_assert_eq!(width.number(buckets.local(millis).unwrap()), number);
            if width.follows_clocks() {
                let end = buckets.end(start);
                prop_assert!(millis < end);
                #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "any time within")]
                let within = start + ((end - start - 1) as f64 * part) as i64;
                prop_assert_eq!(buckets.start(within), Some(start));
                prop_assert_eq!(buckets.start(end), Some(end));
                prop_assert_eq!(width.number(buckets.local(end).unwrap()), number + 1);
            }
        }
    }

    #[test]
    fn the_next_bucket_is_not_confused_with_the_cached_one() {
        let mut buckets = Buckets::new(Zone::UTC, BucketWidth::of_minutes(60).unwrap());
        let mut start = |text| buckets.start_of(Timestamp::parse(text).unwrap()).unwrap();
        let first = start("2026-11-22T10:59:30Z");
        assert_eq!(start("2026-11-22T10:59:59Z"), first);
        assert_eq!(start("2026-11-22T11:00:00Z"), first + 60 * MINUTE);
    }

    #[test]
    fn a_width_divides_every_coarser_one_up_to_a_week() {
        for width in BucketWidth::all() {
            assert_eq!(1440 % width.minutes().min(1440), 0);
            let mut coarser = width;
            while let Some(next) = coarser.coarser() {
                assert_eq!(next.minutes() % coarser.minutes(), 0);
                coarser = next;
            }
            assert_eq!(coarser, BucketWidth::WEEK);
        }
        assert_eq!(BucketWidth::of_minutes(7), None);
    }

    #[test]
    fn the_width_is_chosen_from_the_window() {
        let minutes = |span| BucketWidth::for_span(span).minutes();
        assert_eq!([0, HOUR, 6 * HOUR].map(minutes), [5, 5, 5]);
        assert_eq!([24 * HOUR, 36 * HOUR, 48 * HOUR].map(minutes), [30, 30, 60]);
        assert_eq!([30 * 24 * HOUR, 75 * 24 * HOUR].map(minutes), [1440, 1440]);
        assert_eq!([76 * 24 * HOUR, 9000 * 24 * HOUR].map(minutes), [10080, 10080]);
    }
}
