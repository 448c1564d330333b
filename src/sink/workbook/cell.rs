//! The rows of a sheet: which cells are text, numbers, dates or truth values, and their XML.

use std::borrow::Cow;
use std::io::Write as _;

use chrono::{DateTime, FixedOffset, NaiveDate};

use super::super::{Colour, Column, DeliveryResult};
use crate::model::{Cell, Field, Log, Timestamp};
use crate::zone::Zone;

/// The UTF-16 units that a cell holds: Excel calls a file with more damaged.
const MAX_UNITS: usize = 32_767;

/// The digits of a number that a spreadsheet keeps.
const MAX_DIGITS: usize = 15;

/// The formats of cells, each with its attribute: its place in the part with the styles.
const HEADER: &str = r#" s="1""#;
const DATE: &str = r#" s="2""#;
/// A text stays one when it is edited.
const TEXT: &str = r#" s="3""#;

/// The format of a text in a colour.
fn coloured(colour: Colour) -> &'static str {
    match colour {
        Colour::Green => r#" s="4""#,
        Colour::Amber => r#" s="5""#,
        Colour::Red => r#" s="6""#,
        Colour::Magenta => r#" s="7""#,
        Colour::Teal => r#" s="8""#,
    }
}

/// Writes rows.
#[derive(Debug)]
pub(super) struct CellWriter {
    zone: Zone,
    /// The letters of each column.
    letters: Vec<String>,
    /// Cells whose text was cut.
    cut: u64,
}

impl CellWriter {
    /// For this many columns, with dates in this zone.
    pub(super) fn new(columns: usize, zone: Zone) -> Self {
        Self { zone, letters: (0..columns).map(letters).collect(), cut: 0 }
    }

    /// How many cells were cut.
    pub(super) fn cut(&self) -> u64 {
        self.cut
    }

    /// The row that names the columns.
    pub(super) fn header(&mut self, columns: &[Column], number: u32, out: &mut Vec<u8>) {
        let number = number.to_string();
        begin_row(&number, out);
        for (at, column) in columns.iter().enumerate() {
            let name = match column {
                column if is_time(*column) => {
                    Cow::Owned(format!("{} ({})", column.name(), self.zone))
                }
                column => Cow::Borrowed(column.name()),
            };
            self.text(&name, HEADER, (at, &number), out);
        }
        out.extend_from_slice(b"</row>");
    }

    /// The row of a message.
    pub(super) fn row(&mut self, log: &Log, columns: &[Column], number: u32, out: &mut Vec<u8>) {
        let number = number.to_string();
        begin_row(&number, out);
        for (at, column) in columns.iter().copied().enumerate() {
            self.cell(column, log, (at, &number), out);
        }
        out.extend_from_slice(b"</row>");
    }

    fn cell(&mut self, column: Column, log: &Log, place: (usize, &str), out: &mut Vec<u8>) {
        let cell = column.value(log);
        if let Cell::Bool(truth) = cell {
            self.value(if truth { "1" } else { "0" }, r#" t="b""#, place, out);
            return;
        }
        let text = cell.into_text();
        if text.is_empty() {
            return;
        }
        if is_time(column) {
            let serial = Timestamp::parse(&text).and_then(|time| serial(time, self.zone));
            if let Some(serial) = serial {
                self.value(&serial, DATE, place, out);
                return;
            }
        }
        if is_amount(column) && is_exact(&text) {
            self.value(&text, "", place, out);
            return;
        }
        self.text(&text, style(column, log), place, out);
    }

    /// A cell with a number, a date or a truth value.
    fn value(&self, value: &str, attributes: &str, (at, row): (usize, &str), out: &mut Vec<u8>) {
        self.begin_cell(at, row, out);
        for part in [attributes, "><v>", value, "</v></c>"] {
            out.extend_from_slice(part.as_bytes());
        }
    }

    fn text(&mut self, text: &str, style: &str, (at, row): (usize, &str), out: &mut Vec<u8>) {
        let whole = cut(text);
        self.cut += u64::from(whole.len() < text.len());
        self.begin_cell(at, row, out);
        out.extend_from_slice(style.as_bytes());
        out.extend_from_slice(br#" t="inlineStr"><is><t xml:space="preserve">"#);
        escape(whole, out);
        out.extend_from_slice(b"</t></is></c>");
    }

    fn begin_cell(&self, at: usize, row: &str, out: &mut Vec<u8>) {
        let letters = self.letters.get(at).map_or("", String::as_str);
        for part in [r#"<c r=""#, letters, row, "\""] {
            out.extend_from_slice(part.as_bytes());
        }
    }
}

fn begin_row(number: &str, out: &mut Vec<u8>) {
    for part in [r#"<row r=""#, number, r#"">"#] {
        out.extend_from_slice(part.as_bytes());
    }
}

/// The letters of a column, the first being `A`.
pub(super) fn letters(mut column: usize) -> String {
    let mut letters = Vec::new();
    loop {
        letters.push(char::from(b'A' + u8::try_from(column % 26).unwrap_or_default()));
        match (column / 26).checked_sub(1) {
            Some(next) => column = next,
            None => return letters.into_iter().rev().collect(),
        }
    }
}

/// Whether the column holds times.
pub(super) fn is_time(column: Column) -> bool {
    matches!(column, Column::Field(Field::SentAt | Field::DoneAt))
}

/// Whether the column holds amounts, which are added up. Ids of statuses are names, not amounts.
fn is_amount(column: Column) -> bool {
    matches!(
        column,
        Column::Field(Field::MessageCount | Field::PricePerMessage)
            | Column::Latency
            | Column::SegmentsExpected
    )
}

/// Whether a number is one that a spreadsheet keeps digit for digit.
fn is_exact(number: &str) -> bool {
    let mantissa = number.split(['e', 'E']).next().unwrap_or_default();
    let digits = mantissa.bytes().filter(u8::is_ascii_digit).skip_while(|digit| *digit == b'0');
    number.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte))
        && digits.count() <= MAX_DIGITS
        && number.parse::<f64>().is_ok_and(f64::is_finite)
}

/// The colour of what became of the message, in the columns that say it.
fn style(column: Column, log: &Log) -> &'static str {
    match column {
        Column::Result => coloured(DeliveryResult::of(log).colour()),
        Column::Field(Field::StatusName | Field::StatusGroupName) => {
            coloured(Colour::of_group(log.status_group()))
        }
        _ => TEXT,
    }
}

/// The number of a time on the clock of a zone, in days since the end of 1899; `None` where a
/// spreadsheet has no date.
fn serial(time: Timestamp, zone: Zone) -> Option<String> {
    let local: DateTime<FixedOffset> = zone.at(time.to_datetime()?.to_utc());
    let since =
        local.naive_local() - NaiveDate::from_ymd_opt(1899, 12, 30)?.and_hms_opt(0, 0, 0)?;
    let days = since.num_days();
    // The year 1900 has a leap day in spreadsheets, so that days before March are another day.
    if !(61..=2_958_465).contains(&days) {
        return None;
    }
    let millis = (since - chrono::TimeDelta::days(days)).num_milliseconds();
    let fraction = (millis * 100_000_000_000 + 43_200_000) / 86_400_000;
    Some(format!("{days}.{fraction:011}"))
}

/// As much of a text as a cell holds.
fn cut(text: &str) -> &str {
    if text.len() <= MAX_UNITS {
        return text;
    }
    let mut units = 0;
    let end = text.char_indices().find(|(_, c)| {
        units += c.len_utf16();
        units > MAX_UNITS
    });
    end.and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

/// Writes a text for XML. What XML cannot hold, or would change, has the form `_x001B_`, which
/// spreadsheets read back; a text that looks like this form is written so that it stays.
fn escape(text: &str, out: &mut Vec<u8>) {
    let mut copied = 0;
    for (at, c) in text.char_indices() {
        let escaped = match c {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '_' if looks_escaped(text.get(at..).unwrap_or_default()) => "_x005F_",
            '\t' | '\n' => continue,
            '\0'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => "",
            _ => continue,
        };
        out.extend_from_slice(text.get(copied..at).unwrap_or_default().as_bytes());
        copied = at + c.len_utf8();
        if escaped.is_empty() {
            // Writing to a Vec cannot fail.
            let _ = write!(out, "_x{:04X}_", u32::from(c));
        } else {
            out.extend_from_slice(escaped.as_bytes());
        }
    }
    out.extend_from_slice(text.get(copied..).unwrap_or_default().as_bytes());
}

/// Whether a text begins like an escaped character: `_x001B_`.
fn looks_escaped(text: &str) -> bool {
    let [b'_', b'x', digits @ .., b'_'] = text.as_bytes().get(..7).unwrap_or_default() else {
        return false;
    };
    digits.iter().all(u8::is_ascii_hexdigit)
}
