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

#[cfg(test)]
mod tests {
    use super::*;

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
