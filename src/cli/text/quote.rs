//! Quotes typed text in an error message: short, with visible escapes, and without phone numbers.

use omnilogs::visible::{has_phone_number, visible};

/// Maximum number of quoted characters.
const MAX_CHARACTERS: usize = 40;

/// The text in quotation marks, truncated, with visible escapes for control characters. A text that
/// may contain a phone number is replaced by a phrase.
pub(crate) fn quoted(text: &str) -> String {
    let shown: String = text.chars().take(MAX_CHARACTERS).collect();
    if has_phone_number(&shown) {
        return "the given text (not shown, since it may be a phone number)".to_owned();
    }
    let more = if shown.len() < text.len() { "…" } else { "" };
    format!("\"{}{more}\"", visible(&shown))
}

/// A thing with its name in quotation marks: `the id "82bf2748"`. A name that may be a phone number is
/// not shown.
pub(crate) fn quoted_name(noun: &str, name: &str) -> String {
    if has_phone_number(name) {
        return format!("the given {noun} (not shown, since it may be a phone number)");
    }
    format!("the {noun} {}", quoted(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_truncated_and_hidden_characters_are_made_visible() {
        assert_eq!(quoted("tomorow"), "\"tomorow\"");
        let long = quoted(&"x".repeat(1_000_000));
        assert_eq!(long, format!("\"{}…\"", "x".repeat(40)));
        assert_eq!(quoted("a\u{1b}[2J\n\u{202e}b"), "\"a^[[2J\\n<U+202E>b\"");
    }

    #[test]
    fn a_name_that_may_be_a_phone_number_is_replaced_by_its_noun() {
        assert_eq!(quoted_name("id", "82bf2748"), "the id \"82bf2748\"");
        let hidden = "the given id (not shown, since it may be a phone number)";
        assert_eq!(quoted_name("id", "447700900123"), hidden);
        assert_eq!(quoted_name("id", &format!("{}447700900123", "x".repeat(50))), hidden);
    }

    #[test]
    fn a_phone_number_is_not_repeated() {
        for number in ["41793026727", "+44 7700 900123", "(202) 555.0100"] {
            assert!(!quoted(number).contains(|c: char| c.is_ascii_digit()), "{number}");
        }
        assert_eq!(quoted("2026-13-40"), "\"2026-13-40\"");
    }
}
