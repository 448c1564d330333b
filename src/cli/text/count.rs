//! Formats counts for people.

/// A count with a comma between thousands: `12,345`.
pub(crate) fn count(count: impl TryInto<u128>) -> String {
    let digits = count.try_into().unwrap_or(u128::MAX).to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count and its noun, in singular or plural: `1 page`, `12,345 pages`.
pub(crate) fn counted(number: impl TryInto<u128>, noun: &str) -> String {
    let number = number.try_into().unwrap_or(u128::MAX);
    format!("{} {noun}{}", count(number), if number == 1 { "" } else { "s" })
}

/// A size in bytes for people: `4.2 MB`.
pub(crate) fn byte_count(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return counted(bytes, "byte");
    }
    // In tenths of the unit, rounded down.
    let mut tenths = bytes / 100;
    let mut units = UNITS.iter();
    let mut unit = units.next();
    while tenths >= 10_000 {
        let Some(next) = units.next() else { break };
        tenths /= 1000;
        unit = Some(next);
    }
    format!("{}.{} {}", count(u128::from(tenths / 10)), tenths % 10, unit.unwrap_or(&"kB"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_has_the_unit_that_keeps_it_short() {
        let texts =
            [0, 999, 1000, 8_192, 999_949, 1_000_000, 4_200_000_000, u64::MAX].map(byte_count);
        let expected = [
            "0 bytes",
            "999 bytes",
            "1.0 kB",
            "8.1 kB",
            "999.9 kB",
            "1.0 MB",
            "4.2 GB",
            "18,446,744.0 TB",
        ];
        assert_eq!(texts, expected);
    }

    #[test]
    fn only_one_is_singular() {
        for (number, text) in [
            (0_u64, "0 pages"),
            (1, "1 page"),
            (2, "2 pages"),
            (1000, "1,000 pages"),
            (1_234_567, "1,234,567 pages"),
        ] {
            assert_eq!(counted(number, "page"), text);
        }
    }
}
