//! The rows of a sheet: which cells are text, numbers, dates or booleans, and their XML.

use std::borrow::Cow;
use std::io::Write as _;

use chrono::{DateTime, FixedOffset, NaiveDate};

use super::super::{Colour, Column, DeliveryResult};
use crate::model::{Cell, Field, Log, Timestamp};
use crate::zone::Zone;

/// The most UTF-16 code units of a cell; Excel reports a file with more as damaged.
const MAX_UTF16_UNITS: usize = 32_767;

/// The most digits of a number that a spreadsheet keeps.
const MAX_DIGITS: usize = 15;

/// The attributes of the styles of cells. The number is the index in the part with the styles.
const HEADER_STYLE: &str = r#" s="1""#;
const DATE_STYLE: &str = r#" s="2""#;
/// A cell in this style stays text when it is edited.
const TEXT_STYLE: &str = r#" s="3""#;

/// The style of a text in a colour.
fn coloured_style(colour: Colour) -> &'static str {
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
    /// How many cells were cut off.
    cut_cells: u64,
}

impl CellWriter {
    /// Writes rows of this many columns, with dates in this zone.
    pub(super) fn new(columns: usize, zone: Zone) -> Self {
        Self { zone, letters: (0..columns).map(letters).collect(), cut_cells: 0 }
    }

    /// How many cells were cut off.
    pub(super) fn cut_cells(&self) -> u64 {
        self.cut_cells
    }

    /// Writes the row that names the columns.
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
            self.text(&name, HEADER_STYLE, (at, &number), out);
        }
        out.extend_from_slice(b"</row>");
    }

    /// Writes the row of a message.
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
            let serial = Timestamp::parse(&text).and_then(|time| serial_date(time, self.zone));
            if let Some(serial) = serial {
                self.value(&serial, DATE_STYLE, place, out);
                return;
            }
        }
        if is_amount(column) && is_exact(&text) {
            self.value(&text, "", place, out);
            return;
        }
        self.text(&text, cell_style(column, log), place, out);
    }

    /// Writes a cell with a number, a date or a boolean.
    fn value(&self, value: &str, attributes: &str, (at, row): (usize, &str), out: &mut Vec<u8>) {
        self.begin_cell(at, row, out);
        for part in [attributes, "><v>", value, "</v></c>"] {
            out.extend_from_slice(part.as_bytes());
        }
    }

    fn text(&mut self, text: &str, style: &str, (at, row): (usize, &str), out: &mut Vec<u8>) {
        let whole = truncate(text);
        self.cut_cells += u64::from(whole.len() < text.len());
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

/// The letters of a column; those of column 0 are `A`.
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

/// Whether the column contains times.
pub(super) fn is_time(column: Column) -> bool {
    matches!(column, Column::Field(Field::SentAt | Field::DoneAt))
}

/// Whether the column contains amounts, which people add up. Ids of statuses are not amounts.
fn is_amount(column: Column) -> bool {
    matches!(
        column,
        Column::Field(Field::MessageCount | Field::PricePerMessage)
            | Column::Latency
            | Column::SegmentsExpected
    )
}

/// Whether a spreadsheet keeps every digit of a number.
fn is_exact(number: &str) -> bool {
    let mantissa = number.split(['e', 'E']).next().unwrap_or_default();
    let digits = mantissa.bytes().filter(u8::is_ascii_digit).skip_while(|digit| *digit == b'0');
    number.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte))
        && digits.count() <= MAX_DIGITS
        && number.parse::<f64>().is_ok_and(f64::is_finite)
}

/// The style of a text: the colour of the outcome in the columns that show it.
fn cell_style(column: Column, log: &Log) -> &'static str {
    match column {
        Column::Result => coloured_style(DeliveryResult::of(log).colour()),
        Column::Field(Field::StatusName | Field::StatusGroupName) => {
            coloured_style(Colour::of_group(log.status_group()))
        }
        _ => TEXT_STYLE,
    }
}

/// The serial number of a time in a zone: days since 30 December 1899. `None` for a time that
/// spreadsheets cannot represent.
fn serial_date(time: Timestamp, zone: Zone) -> Option<String> {
    let local: DateTime<FixedOffset> = zone.at(time.to_datetime()?.to_utc());
    let since =
        local.naive_local() - NaiveDate::from_ymd_opt(1899, 12, 30)?.and_hms_opt(0, 0, 0)?;
    let days = since.num_days();
    // Spreadsheets give the year 1900 a leap day, so that a number before 61 is another day in them.
    if !(61..=2_958_465).contains(&days) {
        return None;
    }
    let millis = (since - chrono::TimeDelta::days(days)).num_milliseconds();
    let fraction = (millis * 100_000_000_000 + 43_200_000) / 86_400_000;
    Some(format!("{days}.{fraction:011}"))
}

/// The part of a text that fits into a cell.
fn truncate(text: &str) -> &str {
    if text.len() <= MAX_UTF16_UNITS {
        return text;
    }
    let mut units = 0;
    let end = text.char_indices().find(|(_, c)| {
        units += c.len_utf16();
        units > MAX_UTF16_UNITS
    });
    end.and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

/// Escapes a text for XML. A character that XML cannot contain, or would change, is written as
/// `_x001B_`, which spreadsheets read back. A text that looks like this form is escaped as well.
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
