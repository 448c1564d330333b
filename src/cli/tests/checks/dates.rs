//! Timestamps: every form of a timestamp reads as the same time, and the error about an invalid one
//! is safe to display.

use chrono::{DateTime, Datelike, FixedOffset, Timelike, Utc};
use omnilogs::Timestamp;
use omnilogs::zone::Zone;

use super::failure;
use crate::time_input;

/// The forms in which the API and people write a timestamp with its offset, to the millisecond.
const FORMS: [&str; 4] = [
    "%Y-%m-%dT%H:%M:%S%.3f%z",
    "%Y-%m-%dT%H:%M:%S%.3f%:z",
    "%Y-%m-%d %H:%M:%S%.3f%:z",
    "%Y-%m-%dt%H:%M:%S,%3f%z",
];

/// Zones with clock changes of an hour and of half an hour, a skipped day, a skipped midnight, and
/// no changes.
const ZONES: [&str; 6] =
    ["UTC", "Europe/Zagreb", "Australia/Lord_Howe", "Pacific/Apia", "America/Havana", "+05:45"];

/// Noon on a day without a clock change, and a time in the hour that clocks in Europe repeat.
const NOW: [i64; 2] = [1_795_345_200_250, 1_792_888_200_001];

/// Checks a text as a timestamp of the API, as a typed time, as a duration and as a zone.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    sent(text);
    let zones = ZONES.map(|name| Zone::parse(name).expect("a zone"));
    for now in NOW.map(|now| DateTime::from_timestamp_millis(now).expect("a time")) {
        for zone in zones {
            typed(text, now, zone);
        }
        duration(text, now);
    }
    if let Some(zone) = Zone::parse(text) {
        assert_eq!(Zone::parse(&zone.to_string()), Some(zone), "a zone's own name");
    }
}

/// Checks a timestamp of the API.
fn sent(text: &str) {
    let read = Timestamp::parse(text);
    if let Some(time) = read {
        let shown = time.to_datetime().expect("a year of four digits");
        assert_eq!(Timestamp::from(shown), time);
        assert_eq!(Timestamp::parse(&time.to_wire()), Some(time), "what is sent to the API");
        forms(shown).for_each(|form| assert_eq!(Timestamp::parse(&form), Some(time), "{form}"));
        let next = time.plus_millis(1);
        assert!(next > time && next.millis() - time.millis() == 1);
    }
    if let Ok(wanted) = DateTime::parse_from_rfc3339(text)
        && !is_beyond(text, wanted)
    {
        assert_eq!(read, Some(Timestamp::from(wanted)), "another parser reads {text:?}");
    }
}

/// Every form of a complete timestamp.
fn forms(shown: DateTime<FixedOffset>) -> impl Iterator<Item = String> {
    let is_utc = shown.offset().local_minus_utc() == 0;
    let is_whole = shown.timestamp_subsec_millis() == 0;
    let shorter = [
        is_utc.then_some("%Y-%m-%dT%H:%M:%S%.3fZ"),
        is_whole.then_some("%Y-%m-%dT%H:%M:%S%z"),
        (is_utc && is_whole).then_some("%Y-%m-%d %H:%M:%Sz"),
    ];
    FORMS.into_iter().chain(shorter.into_iter().flatten()).map(move |f| shown.format(f).to_string())
}

/// Whether chrono accepts an RFC 3339 timestamp that [`Timestamp::parse`] refuses: leap seconds,
/// offsets that no zone has, fractions finer than a nanosecond, signs that are not ASCII.
fn is_beyond(text: &str, wanted: DateTime<FixedOffset>) -> bool {
    let fraction = text.split(['.', ',']).nth(1).unwrap_or_default();
    wanted.nanosecond() >= 1_000_000_000
        || wanted.offset().local_minus_utc().abs() >= 19 * 3600
        || fraction.bytes().take_while(u8::is_ascii_digit).count() > 9
        || !text.is_ascii()
}

/// Checks a time as `--since` accepts it.
fn typed(text: &str, now: DateTime<Utc>, zone: Zone) {
    let read = |text: &str| time_input::parse(text, now, zone);
    let time = match read(text) {
        Ok(time) => time,
        Err(failure) => return failure::check(&failure),
    };
    assert_eq!(read(&time.to_wire()), Ok(time), "what is sent to the API, in {zone}");
    let shown = zone.at(DateTime::from_timestamp_millis(time.millis()).expect("a time"));
    if !(1..=9998).contains(&shown.year()) {
        return;
    }
    for form in forms(shown) {
        assert_eq!(read(&form).map(Timestamp::millis), Ok(time.millis()), "{form} in {zone}");
    }
    for form in ["%Y-%m-%d %H:%M:%S%.3f", "%Y-%m-%dT%H:%M:%S%.3f"] {
        match read(&shown.format(form).to_string()) {
            Ok(again) => assert_eq!(again.millis(), time.millis(), "{shown} in {zone}"),
            // Clocks show that time twice; the hints offer both instants.
            Err(failure) => {
                failure::check(&failure);
                let meant = shown.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, false);
                assert!(failure.hints[0].contains(&meant), "{meant} is not in {:?}", failure.hints);
            }
        }
    }
}

/// Checks a duration, also as a time before now.
fn duration(text: &str, now: DateTime<Utc>) {
    let length = match time_input::duration(text) {
        Ok(length) => length,
        Err(failure) => return failure::check(&failure),
    };
    let millis = u64::try_from(length.as_millis()).expect("milliseconds that fit into 64 bits");
    let (seconds, rest) = (millis / 1000, millis % 1000);
    let (minutes, hours) = (seconds / 60, seconds / 3600);
    for form in [
        format!("{millis}ms"),
        format!("{seconds}s{rest}ms"),
        format!("{minutes}m{}s{rest}ms", seconds % 60),
        format!("{hours}h{}m{}s{rest}ms", minutes % 60, seconds % 60),
        format!("{}d{}h{}m{}s{rest}ms", hours / 24, hours % 24, minutes % 60, seconds % 60),
    ] {
        assert_eq!(time_input::duration(&form), Ok(length), "{form}");
    }
    if let Ok(time) = time_input::parse(text, now, Zone::UTC) {
        let back = now.timestamp_millis() - time.millis();
        assert_eq!(u64::try_from(back).ok(), Some(millis), "{text} back from now");
    }
}
