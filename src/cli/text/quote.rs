//! What a person typed, made fit for an error message: short, visible, and no phone number.

use omnilogs::visible::{has_phone_number, visible};

/// Characters of the input that a message may hold.
const MOST: usize = 40;

/// The text in quotation marks, cut and with every character that could drive a terminal shown; words
/// instead of it when it may hold a phone number.
pub(crate) fn quoted(text: &str) -> String {
    let shown: String = text.chars().take(MOST).collect();
    if has_phone_number(&shown) {
        return "the given text (not repeated: it may be a phone number)".to_owned();
    }
    let more = if shown.len() < text.len() { "…" } else { "" };
    format!("\"{}{more}\"", visible(&shown))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_cut_and_hidden_characters_are_made_visible() {
        assert_eq!(quoted("tomorow"), "\"tomorow\"");
        let long = quoted(&"x".repeat(1_000_000));
        assert_eq!(long, format!("\"{}…\"", "x".repeat(40)));
        assert_eq!(quoted("a\u{1b}[2J\n\u{202e}b"), "\"a^[[2J\\n<U+202E>b\"");
    }

    #[test]
    fn a_phone_number_is_not_repeated() {
        for number in ["41793026727", "+44 7700 900123", "(202) 555.0100"] {
            assert!(!quoted(number).contains(|c: char| c.is_ascii_digit()), "{number}");
        }
        assert_eq!(quoted("2026-13-40"), "\"2026-13-40\"");
    }
}
