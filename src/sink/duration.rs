//! Formats a duration for people.

/// Formats a duration in milliseconds for people, rounded to the nearest: `14 ms`, `4.2 s`, `3m 05s`,
/// `2h 10m`.
#[must_use]
#[doc(hidden)]
pub fn duration(millis: i64) -> String {
    let nearest = |unit: i64| millis.saturating_add(unit / 2) / unit;
    let (tenths, seconds, minutes) = (nearest(100), nearest(1000), nearest(60_000));
    if millis < 1000 {
        format!("{millis} ms")
    } else if tenths < 600 {
        format!("{}.{} s", tenths / 10, tenths % 10)
    } else if seconds < 3600 {
        format!("{}m {:02}s", seconds / 60, seconds % 60)
    } else {
        format!("{}h {:02}m", minutes / 60, minutes % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_rounded_and_never_shown_as_sixty_of_a_unit() {
        for (millis, shown) in [
            (-5, "-5 ms"),
            (0, "0 ms"),
            (999, "999 ms"),
            (1000, "1.0 s"),
            (2998, "3.0 s"),
            (59_949, "59.9 s"),
            (59_950, "1m 00s"),
            (185_499, "3m 05s"),
            (3_599_499, "59m 59s"),
            (3_599_500, "1h 00m"),
            (7_829_999, "2h 10m"),
            (i64::MAX, "2562047788015h 12m"),
        ] {
            assert_eq!(duration(millis), shown, "{millis}");
        }
    }
}
