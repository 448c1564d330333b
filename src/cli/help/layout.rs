//! Lays out a help text: headings, paragraphs and tables of two columns, never broken inside a word.

use omnilogs::sink::bold;
use omnilogs::sink::width::{display_width, wrap_words};

use super::HelpStyle;

/// Spaces in front of a table.
const INDENT: usize = 2;
/// Spaces between columns.
const GAP: usize = 2;
/// Spaces in front of the second column where it has a line of its own.
const NEXT_LINE_INDENT: usize = 6;
/// The first column of a table is at most this wide, or else its text begins on the next line.
const MAX_FIRST_COLUMN: usize = 40;
/// The second column is at least this wide.
const MIN_SECOND_COLUMN: usize = 18;

/// Builds the text of a help page.
pub(super) struct HelpPage {
    text: String,
    style: HelpStyle,
}

impl HelpPage {
    pub(super) fn new(style: HelpStyle) -> Self {
        Self { text: String::new(), style }
    }

    /// An empty line, unless the page is empty.
    pub(super) fn space(&mut self) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
    }

    /// A heading, after an empty line.
    pub(super) fn heading(&mut self, text: &str) {
        self.space();
        let text = format!("{text}:");
        self.text += &if self.style.colour { bold(&text) } else { text };
        self.text.push('\n');
    }

    /// A paragraph, after an empty line.
    pub(super) fn paragraph(&mut self, text: &str) {
        self.space();
        for line in text.lines() {
            if line.is_empty() {
                self.text.push('\n');
            }
            self.line(line, 0);
        }
    }

    /// A line; what does not fit is wrapped and indented.
    pub(super) fn line(&mut self, text: &str, indent: usize) {
        for line in wrap_words(text, self.style.width, indent).lines() {
            self.text += line.trim_end();
            self.text.push('\n');
        }
    }

    /// A text with a layout of its own, after an empty line.
    pub(super) fn formatted(&mut self, text: &str) {
        let text = text.trim_matches('\n');
        if text.is_empty() {
            return;
        }
        self.space();
        // clap writes blanks into empty lines.
        for line in text.lines() {
            self.text += line.trim_end();
            self.text.push('\n');
        }
    }

    /// Rows of two columns. The second is wrapped.
    pub(super) fn table<'t>(&mut self, rows: impl IntoIterator<Item = (&'t str, &'t str)>) {
        let rows: Vec<_> = rows.into_iter().collect();
        let widths = rows.iter().map(|(first, _)| display_width(first));
        let column = widths.filter(|width| *width <= MAX_FIRST_COLUMN).max().unwrap_or(0);
        let is_wide = INDENT + column + GAP + MIN_SECOND_COLUMN <= self.style.width;
        for (first, text) in rows {
            self.row(first, text, if is_wide { column } else { 0 });
        }
    }

    /// Commands and what they do. A command is never broken, so that it can be copied; what it does
    /// is beside it if all of that fits, and else on the next line.
    pub(super) fn commands<'t>(&mut self, rows: impl IntoIterator<Item = (&'t str, &'t str)>) {
        let rows: Vec<_> = rows.into_iter().collect();
        let page_width = self.style.width;
        let fits = |(first, text): &&(&str, &str), column: usize| {
            let is_beside = display_width(first) <= column;
            is_beside && INDENT + column + GAP + display_width(text) <= page_width
        };
        // Of the widths with which the most texts fit beside their commands, the narrowest.
        let widths = rows.iter().map(|(first, _)| display_width(first));
        let column = widths
            .max_by_key(|&width| {
                (rows.iter().filter(|row| fits(row, width)).count(), std::cmp::Reverse(width))
            })
            .unwrap_or(0);
        for row in &rows {
            self.row(row.0, row.1, if fits(&row, column) { column } else { 0 });
        }
    }

    /// A row whose first column has this width; the second begins on the next line if it has to.
    fn row(&mut self, first: &str, text: &str, column: usize) {
        let width = display_width(first);
        let shown = if self.style.colour { bold(first) } else { first.to_owned() };
        self.text += &" ".repeat(INDENT);
        if width > column {
            self.text.extend([shown.as_str(), "\n"]);
            let indent = " ".repeat(NEXT_LINE_INDENT);
            self.line(&format!("{indent}{text}"), NEXT_LINE_INDENT);
            return;
        }
        let second = INDENT + column + GAP;
        let lines = wrap_words(text, self.style.width.saturating_sub(second), 0);
        let lines = lines.replace('\n', &format!("\n{}", " ".repeat(second)));
        self.text.extend([shown, " ".repeat(second - INDENT - width)]);
        for line in lines.lines() {
            self.text += line.trim_end();
            self.text.push('\n');
        }
    }

    /// A label and as many of these words as fit into the line, then `…` if words are left out. With
    /// `is_partial`, the caller has left out some already.
    pub(super) fn one_line(
        &mut self,
        label: &str,
        label_width: usize,
        words: &[String],
        is_partial: bool,
    ) {
        const REST: &str = "  …";
        let padding = " ".repeat(label_width.saturating_sub(display_width(label)));
        let shown = if self.style.colour { bold(label) } else { label.to_owned() };
        let mut line = String::new();
        for (at, word) in words.iter().enumerate() {
            let is_last = at + 1 == words.len() && !is_partial;
            let rest = if is_last { 0 } else { display_width(REST) };
            let used = label_width + display_width(&line) + INDENT + display_width(word);
            if used + rest > self.style.width {
                line += REST;
                break;
            }
            line.extend(["  ", word.as_str()]);
            if at + 1 == words.len() && is_partial {
                line += REST;
            }
        }
        self.text.extend([shown, padding, line, "\n".to_owned()]);
    }

    pub(super) fn finish(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(width: usize) -> HelpPage {
        HelpPage::new(HelpStyle { width, colour: false })
    }

    #[test]
    fn a_table_has_aligned_columns_and_wraps_the_second() {
        let mut page = page(40);
        page.table([("one", "first"), ("thirteen", "words that do not fit on a line")]);
        let lines = "  one       first\n  thirteen  words that do not fit on a\n            line\n";
        assert_eq!(page.finish(), lines);
    }

    #[test]
    fn a_long_command_stays_whole_and_its_text_is_on_the_next_line() {
        let mut page = page(30);
        page.commands([(
            "omnilogs --sandbox --since 1h -o csv",
            "the last hour as CSV for a sheet",
        )]);
        let lines = "  omnilogs --sandbox --since 1h -o csv\n      the last hour as CSV for\n      a sheet\n";
        assert_eq!(page.finish(), lines);
    }

    #[test]
    fn a_line_of_flags_ends_with_an_ellipsis_when_some_are_left_out() {
        let words = ["--one", "--two", "--three"].map(str::to_owned);
        for (width, is_partial, line) in [
            (80, false, "Flags   --one  --two  --three\n"),
            (80, true, "Flags   --one  --two  --three  …\n"),
            (29, false, "Flags   --one  --two  --three\n"),
            (29, true, "Flags   --one  --two  …\n"),
            (22, false, "Flags   --one  …\n"),
        ] {
            let mut page = page(width);
            page.one_line("Flags", 6, &words, is_partial);
            assert_eq!(page.finish(), line, "{width}");
        }
    }
}
