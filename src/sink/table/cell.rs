//! The cells of a table: visible text, and what it means for colour.

use std::borrow::Cow;

use super::super::Column;
use super::super::width::{display_width, truncate};
use super::columns::TableColumn;
use super::time_format::TimeFormat;
use crate::model::{Field, Finality, Log, StatusGroup, Timestamp, codes};
use crate::visible::visible;

/// Follows a status that is not known to be final.
pub(super) const NOT_FINAL: &str = "~";

/// One cell as it is shown, not yet cut to size.
#[derive(Clone, Debug)]
pub(super) struct TableCell {
    pub(super) text: String,
    /// A shorter text for where there is too little room.
    pub(super) brief: Option<String>,
    /// Of a status: its group and whether it is final.
    pub(super) status: Option<Status>,
    /// A phone number: one that is cut cannot be called.
    pub(super) is_number: bool,
}

/// What decides the colour of a status.
#[derive(Clone, Copy, Debug)]
pub(super) struct Status {
    pub(super) group: Option<StatusGroup>,
    pub(super) is_final: bool,
}

impl TableCell {
    /// A plain cell.
    pub(super) fn plain(text: String) -> Self {
        Self { text, brief: None, status: None, is_number: false }
    }

    /// What follows the text and is never cut.
    pub(super) fn mark(&self) -> &'static str {
        match self.status {
            Some(Status { is_final: false, .. }) => NOT_FINAL,
            _ => "",
        }
    }

    /// Columns that the whole cell takes.
    pub(super) fn width(&self) -> usize {
        display_width(&self.text) + self.mark().len()
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
            self.text =
                truncate(&self.text, columns.saturating_sub(self.mark().len())).into_owned();
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
        TableColumn::One(Column::Latency) => {
            log.latency_millis().map(duration).unwrap_or_default().into()
        }
        TableColumn::One(Column::Field(Field::StatusName)) => status(log),
        TableColumn::One(column) => column.value(log).into_text(),
    };
    if column.is_time() {
        // A date that cannot be read is shown as it was sent.
        if let Some(text) = Timestamp::parse(&text).and_then(|timestamp| times.show(timestamp)) {
            return TableCell::plain(text);
        }
    }
    let status = (column.is_status() && !text.is_empty())
        .then(|| Status { group: log.status_group(), is_final: log.finality() == Finality::Final });
    let brief = status.and_then(|_| log.previous_status()).map(|_| printable(&became(log)));
    let is_number = column.is_address() && is_number(&text);
    TableCell { text: printable(&text), brief, status, is_number }
}

/// Whether an address is a phone number: at most 15 digits by E.164.
fn is_number(address: &str) -> bool {
    let digits = address.strip_prefix('+').unwrap_or(address);
    (1..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The text as a terminal or a log can show it: dangerous characters are visible, and a build server
/// that reads its log sees no command. Its commands begin with `::` or `##`, also after blanks.
#[must_use]
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
    let name = log.status_name();
    let Some(previous) = log.previous_status() else { return name };
    // The group says enough of what was, unless it is still the same, and leaves room for what is.
    let known = codes::status(&previous);
    let group = known.map(|status| status.group).filter(|was| Some(*was) != log.status_group());
    let before = group.map_or(previous, |group| Cow::Borrowed(group.as_str()));
    Cow::Owned(format!("{before} {}", became(log)))
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

/// A length of time in milliseconds for people, to the nearest: `14 ms`, `4.2 s`, `3m 05s`,
/// `2h 10m`.
#[must_use]
pub fn duration(millis: i64) -> String {
    let nearest = |unit: i64| millis.saturating_add(unit / 2) / unit;
    let (tenths, seconds, minutes) = (nearest(100), nearest(1000), nearest(60_000));
    if millis < 1000 {
        format!("{millis} ms")
    } else if tenths < 600 {
        format!("{}.{} s", tenths / 10, tenths % 10)
    } else if seconds < 3600 {
        format!("{}m {:02}s", seconds / 60, seconds % 60)
    } else {
        format!("{}h {:02}m", minutes / 60, minutes % 60)
    }
}
