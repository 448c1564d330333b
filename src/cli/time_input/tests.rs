use proptest::prelude::*;

use super::*;

/// Sunday noon in Zagreb, the day after a night without clock changes.
fn now() -> DateTime<Utc> {
    "2026-11-22T11:00:00.250Z".parse().unwrap()
}

fn zagreb() -> Zone {
    Zone::parse("Europe/Zagreb").unwrap()
}

fn read(text: &str) -> Result<String, Failure> {
    parse(text, now(), zagreb()).map(Timestamp::to_wire)
}

#[test]
fn every_form_is_parsed() {
    for (text, wanted) in [
        ("now", "2026-11-22T12:00:00.250+01:00"),
        ("NOW", "2026-11-22T12:00:00.250+01:00"),
        ("today", "2026-11-22T00:00:00.000+01:00"),
        ("yesterday", "2026-11-21T00:00:00.000+01:00"),
        ("90s", "2026-11-22T11:58:30.250+01:00"),
        ("500ms", "2026-11-22T11:59:59.750+01:00"),
        ("15m", "2026-11-22T11:45:00.250+01:00"),
        ("1h30m", "2026-11-22T10:30:00.250+01:00"),
        ("1d", "2026-11-21T12:00:00.250+01:00"),
        ("30d", "2026-10-23T13:00:00.250+02:00"),
        ("10:00", "2026-11-22T10:00:00.000+01:00"),
        ("10:00:05.123", "2026-11-22T10:00:05.123+01:00"),
        ("2026-11-20", "2026-11-20T00:00:00.000+01:00"),
        ("2026-11-20 10:00", "2026-11-20T10:00:00.000+01:00"),
        ("2026-11-20T10:00:05", "2026-11-20T10:00:05.000+01:00"),
        ("2026-11-20 10:00:05.123", "2026-11-20T10:00:05.123+01:00"),
        ("2026-11-20T10:00:05Z", "2026-11-20T10:00:05.000+00:00"),
        ("2026-11-20T10:00Z", "2026-11-20T10:00:00.000+00:00"),
        ("2026-11-20T10:00:05.123-03:30", "2026-11-20T10:00:05.123-03:30"),
        ("2026-11-20T10:00:05.123+0100", "2026-11-20T10:00:05.123+01:00"),
        ("  15m ", "2026-11-22T11:45:00.250+01:00"),
    ] {
        assert_eq!(read(text), Ok(wanted.to_owned()), "{text}");
    }
}

#[test]
fn a_time_of_day_in_the_future_is_today() {
    assert_eq!(read("23:30"), Ok("2026-11-22T23:30:00.000+01:00".into()));
}

#[test]
fn today_is_the_day_of_the_zone_and_not_of_utc() {
    let late = "2026-11-21T23:30:00Z".parse().unwrap();
    let today = parse("today", late, zagreb()).unwrap();
    assert_eq!(today.to_wire(), "2026-11-22T00:00:00.000+01:00");
}

#[test]
fn text_that_is_not_a_time_is_refused_with_the_accepted_forms() {
    for text in [
        "",
        "  ",
        "yesterdayy",
        "2026-13-40",
        "2026-02-30",
        "2026-11-22 25:00",
        "24:00",
        "14",
        "14:0",
        "2026-11-22 10",
        "2026/11/22",
        "22.11.2026",
        "2026-11-22T10:00:60Z",
        "-2h",
        "2 h",
        "é",
        "14:00é",
        "2026-11-22T10:00é0Z",
    ] {
        let failure = read(text).expect_err(text);
        let hint = failure.hints.last().expect("a hint");
        assert!(hint.contains("1h30m") && hint.contains("yesterday"), "{text}: {hint}");
    }
}

#[test]
fn a_megabyte_is_refused_in_one_short_message() {
    for text in ["9".repeat(1 << 20), "x".repeat(1 << 20), "1h".repeat(1 << 19)] {
        assert!(read(&text).unwrap_err().message.chars().count() < 100);
    }
}

#[test]
fn seconds_since_1970_are_refused_with_the_time_that_they_mean() {
    let hint = |text| read(text).unwrap_err().hints.remove(0);
    let wanted = "seconds since 1970 are not accepted; write 2026-11-22T11:00:00+00:00";
    assert_eq!(hint("1795345200"), wanted);
    assert_eq!(hint("1795345200000"), wanted);
    assert_eq!(hint("90"), "write 90s for 90 seconds back from now");
}

#[test]
fn a_duration_that_reaches_back_before_the_year_1_is_refused() {
    assert!(read("1000000d").is_err());
    assert!(read("213503982334601d").is_err());
}

#[test]
fn a_repeated_time_of_day_is_refused_on_that_day() {
    let day = "2026-10-25T11:00:00Z".parse().unwrap();
    assert!(parse("02:30", day, zagreb()).is_err());
    assert!(parse("02:30", now(), zagreb()).is_ok());
}

proptest! {
    #[test]
    fn a_time_with_an_offset_is_parsed_without_loss(
        millis in 0_i64..4_000_000_000_000,
        quarters in -48_i32..=56,
    ) {
        let offset = chrono::FixedOffset::east_opt(quarters * 900).unwrap();
        let time = DateTime::from_timestamp_millis(millis).unwrap().with_timezone(&offset);
        // Each form, and the milliseconds of its smallest unit.
        for (form, unit) in [
            ("%Y-%m-%dT%H:%M:%S%.3f%:z", 1),
            ("%Y-%m-%dT%H:%M:%S%.3f%z", 1),
            ("%Y-%m-%d %H:%M:%S%.3f%:z", 1),
            ("%Y-%m-%dT%H:%M:%S%z", 1000),
            ("%Y-%m-%d %H:%M:%S%:z", 1000),
            ("%Y-%m-%dT%H:%M%:z", 60_000),
            ("%Y-%m-%d %H:%M%z", 60_000),
        ] {
            let read = parse(&time.format(form).to_string(), now(), zagreb()).unwrap();
            let cut = Timestamp::from(time).plus_millis(-millis.rem_euclid(unit));
            prop_assert_eq!(read, cut, "{}", form);
        }
        let utc = time.to_utc().format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
        prop_assert_eq!(parse(&utc, now(), zagreb()), Ok(Timestamp::from_millis(millis)));
    }

    #[test]
    fn a_local_time_is_parsed_as_an_instant_with_that_local_time(
        millis in 0_i64..4_000_000_000_000, zone in 0..Zone::names().count()
    ) {
        let zone = Zone::parse(&Zone::names().nth(zone).unwrap()).unwrap();
        let shown = |millis: i64| DateTime::from_timestamp_millis(millis).unwrap().naive_utc();
        for (form, unit) in [
            ("%Y-%m-%d %H:%M:%S%.3f", 1),
            ("%Y-%m-%dT%H:%M:%S%.3f", 1),
            ("%Y-%m-%d %H:%M:%S", 1000),
            ("%Y-%m-%dT%H:%M", 60_000),
        ] {
            let shown = shown(millis - millis.rem_euclid(unit));
            match parse(&shown.format(form).to_string(), now(), zone) {
                Ok(read) => {
                    let instant = DateTime::from_timestamp_millis(read.millis()).unwrap();
                    prop_assert_eq!(zone.at(instant).naive_local(), shown, "{} in {}", form, zone);
                    prop_assert_eq!(read, zone.at(instant).into());
                }
                Err(failure) => prop_assert!(failure.hints[0].contains("write the time that you mean")),
            }
        }
    }

    #[test]
    fn an_instant_is_found_from_its_local_time_or_is_one_of_the_two_suggestions(
        millis in 0_i64..4_000_000_000_000, zone in 0..Zone::names().count()
    ) {
        let zone = Zone::parse(&Zone::names().nth(zone).unwrap()).unwrap();
        let instant = zone.at(DateTime::from_timestamp_millis(millis).unwrap());
        let typed = instant.format("%Y-%m-%d %H:%M:%S%.3f").to_string();
        match parse(&typed, now(), zone) {
            Ok(read) => prop_assert_eq!(read, instant.into(), "{} in {}", typed, zone),
            Err(failure) => {
                let offered = local_time::rfc3339(instant);
                prop_assert!(failure.hints[0].contains(&offered), "{}: {:?}", offered, failure.hints);
            }
        }
    }

    #[test]
    fn the_start_of_a_day_is_its_first_millisecond(day in 0_u64..40_000, zone in 0..Zone::names().count()) {
        let zone = Zone::parse(&Zone::names().nth(zone).unwrap()).unwrap();
        let day = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap() + Days::new(day);
        let first = parse(&day.to_string(), now(), zone).unwrap();
        let shown = |time: Timestamp| {
            zone.at(DateTime::from_timestamp_millis(time.millis()).unwrap()).date_naive()
        };
        // Equal but for the few days in history that a zone skipped whole.
        prop_assert!(shown(first) >= day);
        prop_assert!(shown(first.plus_millis(-1)) < shown(first));
    }

    #[test]
    fn a_time_of_day_is_parsed_as_a_time_of_today(seconds in 0_u32..86_400, millis in 0_u32..1000) {
        let time = |seconds, millis: u32| {
            chrono::NaiveTime::from_num_seconds_from_midnight_opt(seconds, millis * 1_000_000).unwrap()
        };
        for (form, wanted) in [
            ("%H:%M:%S%.3f", time(seconds, millis)),
            ("%H:%M:%S", time(seconds, 0)),
            ("%H:%M", time(seconds / 60 * 60, 0)),
        ] {
            let typed = time(seconds, millis).format(form).to_string();
            let read = parse(&typed, now(), zagreb()).unwrap().to_datetime().unwrap();
            prop_assert_eq!(read.naive_local(), now().date_naive().and_time(wanted), "{}", typed);
        }
    }

    #[test]
    fn a_duration_is_subtracted_from_now(parts in (0_i64..900, 0_i64..24, 0_i64..60, 0_i64..60, 0_i64..1000)) {
        let (d, h, m, s, ms) = parts;
        let read = parse(&format!("{d}d{h}h{m}m{s}s{ms}ms"), now(), zagreb()).unwrap();
        let span = (((d * 24 + h) * 60 + m) * 60 + s) * 1000 + ms;
        prop_assert_eq!(now().timestamp_millis() - read.millis(), span);
    }

    #[test]
    fn parsing_never_panics(text in "\\PC{0,40}|[0-9TZ:+. -]{0,40}") {
        let _ = parse(&text, now(), zagreb());
        let _ = duration(&text);
    }
}
