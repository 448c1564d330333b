//! Writes one cell of CSV or TSV.
//!
//! The csv crate quotes all cells by one rule. Here the quotes also depend on whether the row has the
//! value, so the cells are not written by the crate; in the tests it reads them back.

use std::borrow::Cow;

use super::formula::guard;
use crate::model::Cell;
use crate::visible::visible;

/// How the text of a cell is changed, if at all.
#[derive(Clone, Copy, Debug)]
#[doc(hidden)]
pub struct CsvCellStyle {
    /// Guard spreadsheets against formulas.
    pub safe: bool,
    /// Write dangerous characters in their visible form, for a terminal.
    pub visible: bool,
    /// The character between the cells of CSV; a text that contains it is quoted.
    pub delimiter: u8,
}

impl Default for CsvCellStyle {
    /// Writes every cell as it was sent, with commas between them.
    fn default() -> Self {
        Self { safe: false, visible: false, delimiter: b',' }
    }
}

impl CsvCellStyle {
    /// Whether every text is written as it was sent.
    fn is_plain(self) -> bool {
        !self.safe && !self.visible
    }

    /// Whether a reader needs quotes around the text, also to keep a byte order mark at the start of
    /// a file.
    fn needs_quotes(self, text: &str) -> bool {
        has_special(text)
            || text.starts_with('\u{FEFF}')
            || (!is_special(self.delimiter) && text.as_bytes().contains(&self.delimiter))
    }

    fn apply(self, text: &str) -> Cow<'_, str> {
        // Guarded before it is made visible, because the visible form may begin with another
        // character.
        let text = if self.safe { guard(text) } else { Cow::Borrowed(text) };
        if !self.visible {
            return text;
        }
        match visible(&text) {
            Cow::Borrowed(_) => text,
            Cow::Owned(shown) => Cow::Owned(shown),
        }
    }
}

/// Appends one cell to a line.
pub(super) type WriteCell = fn(Cell<'_>, CsvCellStyle, &mut Vec<u8>);

/// Writes a CSV cell: nothing for a missing value and for null; in quotes when the text needs them or
/// could be mistaken for a missing value.
#[doc(hidden)]
pub fn write_csv(cell: Cell<'_>, style: CsvCellStyle, line: &mut Vec<u8>) {
    let is_text = matches!(cell, Cell::Text(_));
    if cell.is_empty() {
        return;
    }
    let sent = cell.into_text();
    let text = if style.is_plain() { Cow::Borrowed(sent.as_ref()) } else { style.apply(&sent) };
    if style.needs_quotes(&text) || (is_text && looks_missing(&sent)) {
        line.push(b'"');
        for (index, part) in text.split('"').enumerate() {
            if index > 0 {
                line.extend_from_slice(b"\"\"");
            }
            line.extend_from_slice(part.as_bytes());
        }
        line.push(b'"');
    } else {
        line.extend_from_slice(text.as_bytes());
    }
}

/// Writes a TSV cell in the way of jq's `@tsv`: tab, line ends and backslash as `\t`, `\n`, `\r`, `\\`.
#[doc(hidden)]
pub fn write_tsv(cell: Cell<'_>, style: CsvCellStyle, line: &mut Vec<u8>) {
    let sent = cell.into_text();
    let safe = CsvCellStyle { visible: false, ..style }.apply(&sent);
    let is_special = |byte: u8| matches!(byte, b'\t' | b'\n' | b'\r' | b'\\');
    let text = if safe.bytes().any(is_special) {
        let escaped = safe.replace('\\', "\\\\").replace('\t', "\\t");
        Cow::Owned(escaped.replace('\n', "\\n").replace('\r', "\\r"))
    } else {
        safe
    };
    let text = if style.visible { visible(&text) } else { Cow::Borrowed(text.as_ref()) };
    line.extend_from_slice(text.as_bytes());
}

/// The separators of every reader (a semicolon in much of Europe), quotes and control characters.
#[expect(clippy::indexing_slicing, reason = "no byte is beyond 255")]
const SPECIAL: [bool; 256] = {
    let mut special = [false; 256];
    let mut bytes: &[u8] = b"\",;\n\r\t\0";
    while let [byte, rest @ ..] = bytes {
        special[*byte as usize] = true;
        bytes = rest;
    }
    special
};

fn is_special(byte: u8) -> bool {
    SPECIAL.get(usize::from(byte)) == Some(&true)
}

/// Whether a text contains a special character. Looks them up in a table, because nearly every byte of
/// the output is checked.
fn has_special(text: &str) -> bool {
    text.bytes().any(is_special)
}

/// Whether many readers read the text as a missing value.
fn looks_missing(text: &str) -> bool {
    text.len() <= 4 && (text == "-" || text.eq_ignore_ascii_case("null"))
        || text.chars().all(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn csv(text: &str, safe: bool, shown: bool) -> String {
        let mut line = Vec::new();
        let style = CsvCellStyle { safe, visible: shown, ..CsvCellStyle::default() };
        write_csv(Cell::Text(text.into()), style, &mut line);
        String::from_utf8(line).unwrap()
    }

    fn tsv(text: &str, safe: bool, shown: bool) -> String {
        let mut line = Vec::new();
        let style = CsvCellStyle { safe, visible: shown, ..CsvCellStyle::default() };
        write_tsv(Cell::Text(text.into()), style, &mut line);
        String::from_utf8(line).unwrap()
    }

    #[test]
    fn a_cell_is_quoted_where_a_reader_needs_it() {
        assert_eq!(csv("InfoSMS", false, false), "InfoSMS");
        assert_eq!(csv("a,b", false, false), "\"a,b\"");
        assert_eq!(csv("a;b", false, false), "\"a;b\"");
        assert_eq!(csv("say \"hi\"\r\n", false, false), "\"say \"\"hi\"\"\r\n\"");
        assert_eq!(csv("a\0b", false, false), "\"a\0b\"");
        assert_eq!(csv("\u{FEFF}a", false, false), "\"\u{FEFF}a\"");
        assert_eq!(csv("a\u{FEFF}", false, false), "a\u{FEFF}");
    }

    #[test]
    fn a_text_that_contains_the_delimiter_is_quoted_for_every_delimiter() {
        for (delimiter, text, quoted) in [
            (b'|', "a|b", true),
            (b' ', "a b", true),
            (b'.', "0.01", true),
            (b'|', "a,b", true),
            (b'|', "a.b", false),
        ] {
            let mut line = Vec::new();
            let style = CsvCellStyle { delimiter, ..CsvCellStyle::default() };
            write_csv(Cell::Text(text.into()), style, &mut line);
            assert_eq!(line.starts_with(b"\""), quoted, "{text}");
        }
    }

    #[test]
    fn a_text_that_looks_like_a_missing_value_is_quoted() {
        for text in ["", "  ", "\u{A0}", "null", "NULL", "-"] {
            assert_eq!(csv(text, false, false), format!("\"{text}\""));
        }
        for cell in [Cell::Missing, Cell::Null] {
            let mut line = Vec::new();
            write_csv(cell, CsvCellStyle::default(), &mut line);
            assert!(line.is_empty());
        }
    }

    #[test]
    fn formulas_are_guarded_on_request() {
        assert_eq!(csv("=1+1", true, false), "'=1+1");
        assert_eq!(csv("=1+1", false, false), "=1+1");
        assert_eq!(csv("\t=1", true, false), "\"'\t'=1\"");
        assert_eq!(csv("hi;=1", true, false), "\"hi;'=1\"");
        assert_eq!(csv("-0.01", true, false), "-0.01");
        assert_eq!(tsv("=1\t", true, false), "'=1\\t");
    }

    #[test]
    fn a_terminal_receives_the_visible_form_and_a_pipe_the_exact_text() {
        assert_eq!(csv("a\u{1B}[2J\n", false, true), "a^[[2J\\n");
        assert_eq!(csv("a\u{1B}[2J\u{202E}", false, false), "a\u{1B}[2J\u{202E}");
        assert_eq!(tsv("a\u{1B}\tb", false, true), "a^[\\tb");
        assert_eq!(csv("\t=1", true, true), "'\\t'=1");
    }

    #[test]
    fn a_tsv_cell_is_escaped_as_jq_does() {
        assert_eq!(tsv("a\tb\\c\r\n\"d\"", false, false), "a\\tb\\\\c\\r\\n\"d\"");
    }
}
