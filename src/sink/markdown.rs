//! Markdown: a table for tickets and chats, and the text of its cells.
//!
//! Nothing in a message can end the table, become a link, an image or a mention, or run as HTML.

use std::io::Write;

use super::{Column, Flow, RunEnd, Sink, SinkError};
use crate::model::{Coverage, Field, Log};
use crate::visible::visible;

/// The columns when none are chosen.
const COLUMNS: [Column; 6] = [
    Column::Field(Field::SentAt),
    Column::Field(Field::Channel),
    Column::Field(Field::To),
    Column::Result,
    Column::Field(Field::MessageId),
    Column::Field(Field::Text),
];

/// A text that Markdown shows as it is, on one line.
#[must_use]
pub fn markdown_text(text: &str) -> String {
    let text = visible(text);
    let mut shown = String::with_capacity(text.len());
    for c in text.trim().chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '|' | '[' | ']' | '#' | '~' | '$') {
            shown.push('\\');
        }
        match c {
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '&' => shown.push_str("&amp;"),
            // An entity is shown as its character and mentions nobody.
            '@' => shown.push_str("&#64;"),
            c => shown.push(c),
        }
    }
    // Many pages make a link of a bare address.
    shown.replace("://", "&#58;//")
}

/// Writes a table, one row per message. Without rows it is the header alone.
#[derive(Debug)]
pub struct Markdown<W> {
    out: W,
    columns: Vec<Column>,
}

impl<W: Write> Markdown<W> {
    /// Into this writer, with these columns or the usual ones.
    pub fn new(out: W, columns: Option<Vec<Column>>) -> Self {
        Self { out, columns: columns.unwrap_or_else(|| COLUMNS.to_vec()) }
    }

    fn line(&mut self, cells: impl Iterator<Item = String>) -> Result<(), SinkError> {
        let cells: Vec<String> = cells.collect();
        Ok(writeln!(self.out, "| {} |", cells.join(" | "))?)
    }
}

impl<W: Write> Sink for Markdown<W> {
    fn begin(&mut self) -> Result<(), SinkError> {
        let columns = self.columns.clone();
        self.line(columns.iter().map(|column| column.heading().to_owned()))?;
        self.line(columns.iter().map(|_| "---".to_owned()))
    }

    fn log(&mut self, log: &Log) -> Result<Flow, SinkError> {
        let columns = self.columns.clone();
        self.line(columns.iter().map(|column| markdown_text(&column.value(log).into_text())))?;
        Ok(Flow::Continue)
    }

    fn end_page(&mut self, _coverage: &Coverage) -> Result<(), SinkError> {
        Ok(self.out.flush()?)
    }

    fn finish(&mut self, _end: &RunEnd) -> Result<(), SinkError> {
        Ok(self.out.flush()?)
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_support::written;
    use super::*;

    #[test]
    fn a_text_is_shown_as_it_is_and_can_do_nothing() {
        for (text, shown) in [
            ("Your code is 1234.", "Your code is 1234."),
            ("a|b\nc", "a\\|b\\\\nc"),
            ("[x](http://evil) ![y](z)", "\\[x\\](http&#58;//evil) !\\[y\\](z)"),
            ("<img src=x>&amp;", "&lt;img src=x&gt;&amp;amp;"),
            ("@everyone #1 `c` *b* _i_ ~s~", "&#64;everyone \\#1 \\`c\\` \\*b\\* \\_i\\_ \\~s\\~"),
            ("\u{1b}[2J", "^\\[\\[2J"),
        ] {
            assert_eq!(markdown_text(text), shown, "{text}");
        }
    }

    #[test]
    fn messages_are_the_rows_of_a_table() {
        let row = r#"{"messageId":"m1","channel":"SMS","to":"41793026727","text":"a|b",
            "sentAt":"2026-11-22T10:00:05+0100","status":{"name":"DELIVERED_TO_HANDSET"}}"#;
        let shown = written(|out| Markdown::new(out, None), &[row]);
        assert_eq!(
            shown,
            "\
| SENT | CHANNEL | TO | RESULT | MESSAGE ID | TEXT |
| --- | --- | --- | --- | --- | --- |
| 2026-11-22T10:00:05+0100 | SMS | 41793026727 | ✓ delivered | m1 | a\\|b |
"
        );
        let columns = Some(vec![Column::Field(Field::To)]);
        assert_eq!(written(|out| Markdown::new(out, columns), &[]), "| TO |\n| --- |\n");
    }
}
