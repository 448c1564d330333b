//! Words of a server made short enough for a message: one line, cut to length, without numbers
//! that could be a phone number.
//!
//! Control characters are left to the code that shows the text.

use crate::visible::without_numbers;

/// The text on one line of at most `most` characters, without what can be a phone number;
/// `None` when nothing is left.
pub(super) fn one_line(text: &str, most: usize) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let masked = without_numbers(&words.join(" "));
    if masked.is_empty() {
        return None;
    }
    if masked.chars().count() <= most {
        return Some(masked);
    }
    let mut cut: String = masked.chars().take(most.saturating_sub(1)).collect();
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
