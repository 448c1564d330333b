//! The cells of a table: visible text, and its colour.

use std::borrow::Cow;

use super::super::width::{display_width, truncate};
use super::super::{Colour, Column, DeliveryResult, duration};
use super::columns::{SHORT_ID_CHARS, TableColumn};
use super::time_format::TimeFormat;
use crate::model::{Channel, Field, Finality, Log, Timestamp, codes};
use crate::visible::visible;

/// Follows a status that is not known to be final.
pub(super) const NOT_FINAL: &str = "~";

/// One cell as it is shown, before it is cut to the width of its column.
#[derive(Clone, Debug, Default)]
pub(super) struct TableCell {
    pub(super) text: String,
    /// A shorter text for a narrow column.
    pub(super) brief: Option<String>,
    /// The colour of the outcome.
    pub(super) colour: Option<Colour>,
    /// Text that follows and is never cut off.
    pub(super) mark: &'static str,
    /// Whether the cell is never cut off, such as a phone number, of which a part is of no use.
    pub(super) is_whole: bool,
}

impl TableCell {
    /// A plain cell.
    pub(super) fn plain(text: String) -> Self {
        Self { text, ..Self::default() }
    }

    /// How many columns the complete cell takes.
    pub(super) fn width(&self) -> usize {
        display_width(&self.text) + self.mark.len()
    }

    /// How many columns the cell takes with its shorter text, if it has one.
    pub(super) fn brief_width(&self) -> usize {
        let whole = self.width();
        let brief = self.brief.as_ref().map(|brief| display_width(brief) + self.mark.len());
        brief.map_or(whole, |brief| brief.min(whole))
    }

    /// The text for this many columns without the mark; it may still be too long.
    pub(super) fn fitting(&self, columns: usize) -> &str {
        match &self.brief {
            Some(brief) if display_width(&self.text) > columns => brief,
            _ => &self.text,
        }
    }

    /// Truncates the text so that the cell takes at most this many columns.
    pub(super) fn cut(&mut self, columns: usize) {
        if self.width() > columns {
            self.text = truncate(&self.text, columns.saturating_sub(self.mark.len())).into_owned();
        }
    }
}

/// The cells of a row, in the order of the columns.
pub(super) fn row_cells(log: &Log, columns: &[TableColumn], times: &TimeFormat) -> Vec<TableCell> {
    // A text has room to give to a channel, of which a part can look like another one.
    let has_text = columns.iter().any(|column| column.is_text());
    let cell = |column: &TableColumn| {
        let cell = cell_of(log, *column, times);
        let is_channel = has_text && column.is_channel() && Channel::parse(&cell.text).is_some();
        TableCell { is_whole: cell.is_whole || is_channel, ..cell }
    };
    columns.iter().map(cell).collect()
}

fn cell_of(log: &Log, column: TableColumn, times: &TimeFormat) -> TableCell {
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
        brief: log.previous_status().map(|_| printable(&change(log))),
        colour: Some(Colour::of_group(log.status_group())),
        mark: if is_final { "" } else { NOT_FINAL },
        ..cell
    }
}

/// The delivery result; for a row whose status has changed, with the previous result.
fn result_cell(log: &Log) -> TableCell {
    let result = DeliveryResult::of(log);
    let (mut text, mut brief) = (result.to_string(), result.brief());
    if let Some(before) = result.before(log) {
        let now = brief.as_ref().unwrap_or(&text);
        brief = Some(format!("→ {now}"));
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

/// The first characters of the message id in its visible form.
fn short_id(log: &Log) -> TableCell {
    let id = printable(&log.cell(Field::MessageId).into_text());
    TableCell::plain(id.chars().take(SHORT_ID_CHARS).collect())
}

/// Whether an address is a phone number: at most 15 digits by E.164.
fn is_number(address: &str) -> bool {
    let digits = address.strip_prefix('+').unwrap_or(address);
    (1..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Makes a text safe for a terminal and for the log of a build server: dangerous characters are
/// visible, and a `\` precedes `::` or `##`, with which commands to a build server begin, also after
/// blanks.
#[must_use]
#[doc(hidden)]
pub fn printable(text: &str) -> String {
    let shown = visible(text);
    if shown.trim_start().starts_with("::") || shown.trim_start().starts_with("##") {
        return format!("\\{shown}");
    }
    shown.into_owned()
}

/// The name of the status. For a row whose status has changed: the previous status, the status and the
/// latency, as `PENDING → DELIVERED_TO_HANDSET, 4.2 s`.
fn status(log: &Log) -> Cow<'_, str> {
    match previous(log) {
        None => log.status_name(),
        Some(before) => Cow::Owned(format!("{before} {}", change(log))),
    }
}

/// The previous status of a row whose status has changed: its group, which is short, or its name when
/// the group is the same as now.
fn previous(log: &Log) -> Option<Cow<'_, str>> {
    let previous = log.previous_status()?;
    let known = codes::status(&previous);
    let group = known.map(|status| status.group).filter(|was| Some(*was) != log.status_group());
    Some(group.map_or(previous, |group| Cow::Borrowed(group.as_str())))
}

/// The status and the latency of a row whose status has changed, as `→ DELIVERED_TO_HANDSET, 4.2 s`.
fn change(log: &Log) -> String {
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

/// The name of the error, or else its id; empty for `NO_ERROR`.
fn error(log: &Log) -> Cow<'_, str> {
    let name = log.cell(Field::ErrorName).into_text();
    if name.eq_ignore_ascii_case("NO_ERROR") {
        return Cow::Borrowed("");
    }
    if name.is_empty() { log.cell(Field::ErrorId).into_text() } else { name }
}
