//! Shortens text of a server for a message: one line of limited length, without e-mail
//! addresses and numbers that may be phone numbers.
//!
//! Keeps control characters: the code that shows the text makes them visible.

use crate::visible::without_addresses;

/// The text on one line of at most `max` characters, with `…` in place of numbers that may be phone
/// numbers; `None` for blank text.
pub(super) fn one_line(text: &str, max: usize) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let masked = without_addresses(&words.join(" "));
    if masked.is_empty() {
        return None;
    }
    if masked.chars().count() <= max {
        return Some(masked);
    }
    let mut cut: String = masked.chars().take(max.saturating_sub(1)).collect();
    cut.push('…');
    Some(cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_becomes_one_short_line_without_phone_numbers() {
        let line = one_line(" Bad 'to':\r\n\t+41793026727, code 123456 ", 80);
        assert_eq!(line.unwrap(), "Bad 'to': +…, code 123456");
        assert_eq!(one_line("４１７９３０２６", 80).unwrap(), "…");
        assert_eq!(one_line("abcdef", 4).unwrap(), "abc…");
        assert_eq!(one_line(" \n ", 4), None);
    }
}
