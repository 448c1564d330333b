//! The cells of a table: visible text, and what it means for colour.

use std::borrow::Cow;

use super::super::width::{display_width, truncate};
use super::super::{Colour, Column, DeliveryResult, duration};
use super::columns::{SHORT_ID, TableColumn};
use super::time_format::TimeFormat;
use crate::model::{Field, Finality, Log, Timestamp, codes};
use crate::visible::visible;

/// Follows a status that is not known to be final.
pub(super) const NOT_FINAL: &str = "~";

/// One cell as it is shown, not yet cut to size.
#[derive(Clone, Debug, Default)]
pub(super) struct TableCell {
    pub(super) text: String,
    /// A shorter text for where there is too little room.
    pub(super) brief: Option<String>,
    /// The colour that says how the message ended.
    pub(super) colour: Option<Colour>,
    /// What follows the text and is never cut.
    pub(super) mark: &'static str,
    /// Whether the cell is never cut, as a phone number is not: a part of it cannot be called.
    pub(super) is_whole: bool,
}

impl TableCell {
    /// A plain cell.
    pub(super) fn plain(text: String) -> Self {
        Self { text, ..Self::default() }
    }

    /// Columns that the whole cell takes.
    pub(super) fn width(&self) -> usize {
        display_width(&self.text) + self.mark.len()
    }

    /// The text for this many columns without the mark; it may still have to be cut.
    pub(super) fn fitting(&self, columns: usize) -> &str {
        match &self.brief {
            Some(brief) if display_width(&self.text) > columns => brief,
            _ => &self.text,
        }
    }

    /// Cuts the text so that the cell takes at most this many columns.
    pub(super) fn cut(&mut self, columns: usize) {
        if self.width() > columns {
            self.text = truncate(&self.text, columns.saturating_sub(self.mark.len())).into_owned();
        }
    }
}

/// The cells of a row, in the order of the columns.
pub(super) fn row_cells(log: &Log, columns: &[TableColumn], times: &TimeFormat) -> Vec<TableCell> {
    columns.iter().map(|column| shown(log, *column, times)).collect()
}

fn shown(log: &Log, column: TableColumn, times: &TimeFormat) -> TableCell {
    let text = match column {
        TableColumn::Price => price(log),
        TableColumn::Error => error(log),
        TableColumn::ShortId => return short_id(log),
        TableColumn::One(Column::Latency) => {
            log.latency_millis().map(duration).unwrap_or_default().into()
        }
        TableColumn::One(Column::Result) => return result_cell(log),
        TableColumn::One(Column::Field(Field::StatusName)) => status(log),
        TableColumn::One(column) => column.value(log).into_text(),
    };
    if column.is_time() {
        // A date that cannot be read is shown as it was sent.
        if let Some(text) = Timestamp::parse(&text).and_then(|timestamp| times.show(timestamp)) {
            return TableCell { text, is_whole: true, ..TableCell::default() };
        }
    }
    let is_whole = column.is_address() && is_number(&text);
    let cell = TableCell { text: printable(&text), is_whole, ..TableCell::default() };
    if !column.is_status() || text.is_empty() {
        return cell;
    }
    let is_final = log.finality() == Finality::Final;
    TableCell {
        brief: log.previous_status().map(|_| printable(&became(log))),
        colour: Some(Colour::of_group(log.status_group())),
        mark: if is_final { "" } else { NOT_FINAL },
        ..cell
    }
}

/// What became of the message; for a row that is shown again, with what it was before.
fn result_cell(log: &Log) -> TableCell {
    let result = DeliveryResult::of(log);
    let (mut text, mut brief) = (result.to_string(), result.brief());
    if let Some(before) = result.before(log) {
        let what_is = brief.as_ref().unwrap_or(&text);
        brief = Some(format!("→ {what_is}"));
        text = format!("{before} → {text}");
    }
    if result.is_own_text() && brief.is_none() {
        return TableCell { text, colour: Some(result.colour()), ..TableCell::default() };
    }
    TableCell {
        text: printable(&text),
        brief: brief.map(|brief| printable(&brief)),
        colour: Some(result.colour()),
        ..TableCell::default()
    }
}

/// The first characters of the message id, as they are shown.
fn short_id(log: &Log) -> TableCell {
    let id = printable(&log.cell(Field::MessageId).into_text());
    TableCell::plain(id.chars().take(SHORT_ID).collect())
}

/// Whether an address is a phone number: at most 15 digits by E.164.
fn is_number(address: &str) -> bool {
    let digits = address.strip_prefix('+').unwrap_or(address);
    (1..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The text as a terminal or a log can show it: dangerous characters are visible, and a build server
/// that reads its log sees no command. Its commands begin with `::` or `##`, also after blanks.
#[must_use]
#[doc(hidden)]
pub fn printable(text: &str) -> String {
    let shown = visible(text);
    if shown.trim_start().starts_with("::") || shown.trim_start().starts_with("##") {
        return format!("\\{shown}");
    }
    shown.into_owned()
}

/// The API's own word for the status. For a row that is shown again: what it was, what it is, and
/// how long the message took, as `PENDING → DELIVERED_TO_HANDSET, 4.2 s`.
fn status(log: &Log) -> Cow<'_, str> {
    match before(log) {
        None => log.status_name(),
        Some(before) => Cow::Owned(format!("{before} {}", became(log))),
    }
}

/// What a row that is shown again was before. The group says enough, unless it is still the same,
/// and leaves room for what the row is now.
fn before(log: &Log) -> Option<Cow<'_, str>> {
    let previous = log.previous_status()?;
    let known = codes::status(&previous);
    let group = known.map(|status| status.group).filter(|was| Some(*was) != log.status_group());
    Some(group.map_or(previous, |group| Cow::Borrowed(group.as_str())))
}

/// What a row is now, and how long the message took, as `→ DELIVERED_TO_HANDSET, 4.2 s`.
fn became(log: &Log) -> String {
    let took = log.latency_millis().map(|millis| format!(", {}", duration(millis)));
    format!("→ {}{}", log.status_name(), took.unwrap_or_default())
}

fn price(log: &Log) -> Cow<'_, str> {
    let amount = log.cell(Field::PricePerMessage).into_text();
    let currency = log.cell(Field::Currency).into_text();
    if amount.is_empty() || currency.is_empty() {
        return amount;
    }
    Cow::Owned(format!("{amount} {currency}"))
}

/// The error's name or else its id; nothing for the one that says that there was none.
fn error(log: &Log) -> Cow<'_, str> {
    let name = log.cell(Field::ErrorName).into_text();
    if name.eq_ignore_ascii_case("NO_ERROR") {
        return Cow::Borrowed("");
    }
    if name.is_empty() { log.cell(Field::ErrorId).into_text() } else { name }
}
