//! Measures how many columns a text takes on a terminal, and truncates or wraps it.
//!
//! The width is measured in the way of comfy-table, so that cells align. The text must be in its
//! visible form. A grapheme is never split. The time is linear in the length of the text.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::visible::is_printable_ascii;

/// Replaces the part of a text that does not fit.
const ELLIPSIS: &str = "…";

/// The most characters of one grapheme that are shown. No writing system needs more (the stream-safe
/// text format of Unicode allows 30 marks); a grapheme with more could cover other lines, and is
/// replaced by [`ELLIPSIS`].
const MAX_CHARACTERS: usize = 32;

/// How many columns a text takes: 2 for ideographs and emoji sequences, 0 for combining marks.
#[must_use]
pub fn display_width(text: &str) -> usize {
    if is_printable_ascii(text) { text.len() } else { text.width() }
}

/// The text in at most this many columns; a longer text ends in `…`. In 0 columns it is empty.
#[must_use]
pub fn truncate(text: &str, columns: usize) -> Cow<'_, str> {
    if is_printable_ascii(text) {
        return match text.get(..columns.saturating_sub(ELLIPSIS.width())) {
            Some(front) if text.len() > columns && columns > 0 => {
                Cow::Owned(format!("{front}{ELLIPSIS}"))
            }
            _ if text.len() > columns => Cow::Borrowed(""),
            _ => Cow::Borrowed(text),
        };
    }
    // A text this short has no grapheme that is too long. Most delivery results are this short.
    let is_short = text.len() <= 4 * MAX_CHARACTERS && text.chars().count() <= MAX_CHARACTERS;
    if is_short && display_width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let mut fitted = String::new();
    // The length at which the text is cut when a later grapheme does not fit.
    let mut cut = 0;
    let mut used = 0;
    for grapheme in text.graphemes(true).map(limit_grapheme) {
        used += grapheme.width();
        if used > columns {
            fitted.truncate(cut);
            fitted.push_str(if columns > 0 { ELLIPSIS } else { "" });
            break;
        }
        fitted.push_str(grapheme);
        if used < columns {
            cut = fitted.len();
        }
    }
    Cow::Owned(fitted)
}

/// The complete text, wrapped to lines of at most this many columns. A line is broken at a space, or
/// inside a word that is longer than a line.
#[must_use]
pub fn wrap(text: &str, columns: usize) -> Cow<'_, str> {
    if display_width(text) <= columns {
        return truncate(text, columns);
    }
    Cow::Owned(lines_of(text, columns, 0, true))
}

/// The complete text, wrapped to lines of at most this many columns, never inside a word. A word that
/// is longer than a line, such as a path, is on a line of its own, which the terminal breaks, so that
/// the word can be copied. Lines after the first are indented by `indent` columns, or fewer on a narrow
/// terminal.
#[must_use]
pub fn wrap_words(text: &str, columns: usize, indent: usize) -> String {
    let indent = if indent * 3 > columns { 2.min(columns / 8) } else { indent };
    lines_of(text, columns, indent, false)
}

fn lines_of(text: &str, columns: usize, indent: usize, splits_words: bool) -> String {
    let text_len = text.len() + text.len() / columns.max(1) * (indent + 1);
    let mut lines = Lines { text: String::with_capacity(text_len), indent, start: 0, used: 0 };
    for word in text.split_inclusive(' ') {
        let needed = display_width(word.trim_end_matches(' '));
        if lines.used > lines.start && lines.used + needed > columns {
            lines.end_line();
        }
        if !splits_words {
            lines.push(word, display_width(word));
            continue;
        }
        for grapheme in word.graphemes(true).map(limit_grapheme) {
            // A grapheme that is wider than a line cannot be shown.
            let grapheme = if grapheme.width() > columns { ELLIPSIS } else { grapheme };
            let width = grapheme.width();
            if lines.used > lines.start && lines.used + width > columns {
                lines.end_line();
                if grapheme == " " {
                    continue;
                }
            }
            lines.push(grapheme, width);
        }
    }
    lines.text
}

/// Wrapped lines under construction.
struct Lines {
    text: String,
    /// The number of spaces before each line except the first.
    indent: usize,
    /// The columns of indentation on the last line.
    start: usize,
    /// The columns that are used on the last line.
    used: usize,
}

impl Lines {
    fn push(&mut self, text: &str, width: usize) {
        self.text.push_str(text);
        self.used += width;
    }

    fn end_line(&mut self) {
        self.text.truncate(self.text.trim_end_matches(' ').len());
        self.text.push('\n');
        self.text.push_str(&" ".repeat(self.indent));
        (self.start, self.used) = (self.indent, self.indent);
    }
}

/// The grapheme, or [`ELLIPSIS`] when it has more than [`MAX_CHARACTERS`].
fn limit_grapheme(grapheme: &str) -> &str {
    let too_long =
        grapheme.len() > MAX_CHARACTERS && grapheme.chars().nth(MAX_CHARACTERS).is_some();
    if too_long { ELLIPSIS } else { grapheme }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FAMILY: &str = "👨\u{200D}👩\u{200D}👧";

    #[test]
    fn a_text_that_does_not_fit_ends_in_an_ellipsis() {
        assert_eq!(truncate("InfoSMS", 7), "InfoSMS");
        assert_eq!(truncate("InfoSMS", 6), "InfoS…");
        assert_eq!(truncate("InfoSMS", 1), "…");
        assert_eq!(truncate("InfoSMS", 0), "");
        assert_eq!(truncate("", 0), "");
        assert_eq!(truncate("日本語", 6), "日本語");
        assert_eq!(truncate("日本語", 5), "日本…");
        assert_eq!(truncate("日本語", 4), "日…");
        assert_eq!(truncate("日", 1), "…");
    }

    #[test]
    fn a_grapheme_is_kept_whole_or_not_at_all() {
        let text = format!("a{FAMILY}e\u{301}🇨🇭b");
        assert_eq!(display_width(&text), 7);
        assert_eq!(truncate(&text, 7), text);
        assert_eq!(truncate(&text, 6), format!("a{FAMILY}e\u{301}…"));
        assert_eq!(truncate(&text, 4), format!("a{FAMILY}…"));
        assert_eq!(truncate(&text, 3), "a…");
    }

    #[test]
    fn a_grapheme_of_too_many_marks_is_replaced() {
        let smeared = format!("a{}bc", "\u{301}".repeat(10_000));
        assert_eq!(truncate(&smeared, 10), "…bc");
        assert_eq!(wrap(&smeared, 2), "…b\nc");
    }

    #[test]
    fn a_megabyte_of_text_is_truncated_and_wrapped() {
        let long = "ж".repeat(1 << 20);
        assert_eq!(truncate(&long, 5), "жжжж…");
        assert_eq!(wrap(&long, 64).lines().count(), (1 << 20) / 64);
    }

    #[test]
    fn a_sentence_is_wrapped_at_words_and_a_longer_word_stays_whole() {
        assert_eq!(
            wrap_words("error: no such file is here", 21, 7),
            "error: no such file\n       is here"
        );
        assert_eq!(
            wrap_words("try: /a/very/long/path/to/a/file now", 12, 0),
            "try:\n/a/very/long/path/to/a/file\nnow"
        );
        assert_eq!(wrap_words("fits in one", 11, 4), "fits in one");
        assert_eq!(wrap_words("a b c d", 3, 11), "a b\nc d");
    }

    #[test]
    fn a_wrapped_text_is_broken_at_spaces_where_possible() {
        assert_eq!(wrap("Your code is 1234", 9), "Your code\nis 1234");
        assert_eq!(wrap("abcdefghij kl", 4), "abcd\nefgh\nij\nkl");
        assert_eq!(wrap("a日本", 4), "a日\n本");
    }

    proptest! {
        #[test]
        fn no_line_exceeds_the_columns(text in any::<String>(), columns in 2_usize..40) {
            let text = crate::visible::visible(&text);
            let cut = truncate(&text, columns);
            prop_assert!(display_width(&cut) <= columns, "{cut:?}");
            for line in wrap(&text, columns).split('\n') {
                prop_assert!(display_width(line) <= columns, "{line:?}");
            }
            for line in wrap_words(&text, columns, 4).split('\n') {
                let fits = display_width(line) <= columns || !line.trim().contains(' ');
                prop_assert!(fits, "{line:?}");
            }
        }
    }
}
