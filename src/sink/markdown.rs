//! Markdown: a table for tickets and chats, and the text of its cells.
//!
//! No text of a message may end the table, become a link, an image or a mention, or run as HTML.

use std::borrow::Cow;
use std::io::Write;

use super::{Column, Flow, RunEnd, Sink, SinkError, duration};
use crate::model::{Coverage, Field, Log, Timestamp};
use crate::visible::visible;
use crate::zone::Zone;

/// The columns when none are chosen.
const COLUMNS: [Column; 6] = [
    Column::Field(Field::SentAt),
    Column::Field(Field::Channel),
    Column::Field(Field::To),
    Column::Result,
    Column::Field(Field::MessageId),
    Column::Field(Field::Text),
];

/// Escapes a text so that Markdown shows it unchanged, on one line.
#[must_use]
#[doc(hidden)]
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
            // An entity is shown as its character, and does not mention a user.
            '@' => shown.push_str("&#64;"),
            c => shown.push(c),
        }
    }
    // Many renderers make a link of a bare URL.
    shown.replace("://", "&#58;//")
}

/// Writes a table with one row per message. Without rows it writes only the header.
#[derive(Debug)]
pub struct Markdown<W> {
    out: W,
    columns: Vec<Column>,
    zone: Zone,
}

impl<W: Write> Markdown<W> {
    /// Writes into this writer, with these columns or the default ones, and with times in this zone.
    pub fn new(out: W, columns: Option<Vec<Column>>, zone: Zone) -> Self {
        Self { out, columns: columns.unwrap_or_else(|| COLUMNS.to_vec()), zone }
    }

    /// Writes a line of the table; `cell` returns the cell of a column.
    fn line<C: AsRef<str>>(&mut self, cell: impl Fn(Column) -> C) -> Result<(), SinkError> {
        for column in self.columns.iter().copied() {
            write!(self.out, "| {} ", cell(column).as_ref())?;
        }
        Ok(writeln!(self.out, "|")?)
    }
}

/// The value of a column, formatted for people.
fn shown(column: Column, log: &Log, zone: Zone) -> Cow<'_, str> {
    if column == Column::Latency {
        return log.latency_millis().map(duration).unwrap_or_default().into();
    }
    let text = column.value(log).into_text();
    if !matches!(column, Column::Field(Field::SentAt | Field::DoneAt)) {
        return text;
    }
    // A time that cannot be read is shown as it was sent.
    let time = Timestamp::parse(&text).and_then(Timestamp::to_datetime);
    time.map_or(text, |time| {
        zone.at(time.to_utc()).format("%Y-%m-%d %H:%M:%S %:z").to_string().into()
    })
}

impl<W: Write> Sink for Markdown<W> {
    fn begin(&mut self) -> Result<(), SinkError> {
        self.line(Column::heading)?;
        self.line(|_| "---")
    }

    fn log(&mut self, log: &Log) -> Result<Flow, SinkError> {
        let zone = self.zone;
        self.line(|column| markdown_text(&shown(column, log, zone)))?;
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
    fn a_text_is_shown_unchanged_and_has_no_effect() {
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
        let zone = Zone::parse("Europe/Zagreb").unwrap();
        let shown = written(|out| Markdown::new(out, None, zone), &[row]);
        assert_eq!(
            shown,
            "\
| SENT | CHANNEL | TO | RESULT | MESSAGE ID | TEXT |
| --- | --- | --- | --- | --- | --- |
| 2026-11-22 10:00:05 +01:00 | SMS | 41793026727 | ✓ delivered | m1 | a\\|b |
"
        );
        let columns = Some(vec![Column::Field(Field::To)]);
        let empty = written(|out| Markdown::new(out, columns, Zone::UTC), &[]);
        assert_eq!(empty, "| TO |\n| --- |\n");
    }

    #[test]
    fn an_unreadable_time_is_shown_as_it_was_sent_and_a_duration_is_formatted() {
        let row = r#"{"sentAt":"soon|","doneAt":null}"#;
        let columns = ["sentAt", "doneAt", "latency"].map(|name| Column::parse(name).unwrap());
        let lines = |row| {
            let table = written(|out| Markdown::new(out, Some(columns.into()), Zone::UTC), &[row]);
            table.lines().next_back().unwrap().to_owned()
        };
        assert_eq!(lines(row), "| soon\\| |  |  |");
        let row = r#"{"sentAt":"2026-11-22T10:00:05Z","doneAt":"2026-11-22T10:00:09.2Z",
            "status":{"name":"DELIVERED_TO_HANDSET"}}"#;
        let expected = "| 2026-11-22 10:00:05 +00:00 | 2026-11-22 10:00:09 +00:00 | 4.2 s |";
        assert_eq!(lines(row), expected);
    }
}
