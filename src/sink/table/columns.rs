//! The columns of a table: which ones, their titles, and the width that they need.

use std::ops::Range;

use super::super::Column;
use super::time_format::TimeFormat;
use crate::model::Field;
use crate::model::codes::MAX_SHORT;

/// A column of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TableColumn {
    /// A column that machine formats have, too.
    One(Column),
    /// The amount and the currency.
    Price,
    /// The name of the error; empty without an error.
    Error,
    /// The first characters of the message id, with which the command `show` finds the message.
    ShortId,
}

/// The width of a changed status: `PENDING → DELIVERED_TO_HANDSET, 14.2 s`.
const CHANGE_WIDTH: usize = 38;

/// How many characters of a message id are shown: enough to find the message by them.
pub(super) const SHORT_ID_CHARS: usize = 8;

/// The width of a delivery result: a mark, a blank and the longest reason.
const RESULT_WIDTH: usize = 2 + MAX_SHORT;

/// The width that a column needs, and the alignment of its cells.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    /// The least width at which the column is useful.
    pub(super) least: usize,
    /// The width that each column receives before any column receives more than its own.
    pub(super) fair: usize,
    /// The width that most of its cells need, and its width on an empty page.
    pub(super) typical: usize,
    /// Whether cells are aligned to the right, as numbers are.
    pub(super) right: bool,
}

const fn field(field: Field) -> TableColumn {
    TableColumn::One(Column::Field(field))
}

/// The columns of [`ColumnSelection::Fitting`](super::ColumnSelection::Fitting), each with the widths of
/// terminals that show it, and whether a pipe has it.
const FITTING: [(TableColumn, Range<usize>, bool); 10] = [
    (field(Field::SentAt), 0..ANY, true),
    (field(Field::Channel), 0..ANY, true),
    (field(Field::From), 140..ANY, true),
    (field(Field::To), 0..ANY, true),
    (TableColumn::One(Column::Result), 0..ANY, true),
    (TableColumn::Price, 160..ANY, false),
    (TableColumn::ShortId, 0..240, false),
    (field(Field::MessageId), 240..ANY, true),
    (field(Field::BulkId), 290..ANY, false),
    (field(Field::Text), 110..ANY, true),
];

/// No upper limit of the width.
const ANY: usize = usize::MAX;

/// The columns of [`ColumnSelection::Fitting`](super::ColumnSelection::Fitting) on a terminal where rows
/// are shown again when their status changes, each with the least width that shows it. The result is the
/// last one, where a changed result has room.
const CHANGING: [(TableColumn, usize); 6] = [
    (field(Field::SentAt), 0),
    (field(Field::Channel), 60),
    (field(Field::From), 140),
    (field(Field::To), 0),
    (field(Field::Text), 130),
    (TableColumn::One(Column::Result), 0),
];

/// The columns for a terminal of this width, or for a pipe; `changes` as in
/// [`TableOptions`](super::TableOptions::changes).
pub(super) fn fitting(width: Option<usize>, changes: bool) -> Vec<TableColumn> {
    if let Some(width) = width.filter(|_| changes) {
        let shown = CHANGING.iter().filter(|(_, least)| *least <= width);
        return shown.map(|(column, _)| *column).collect();
    }
    let is_shown = |(_, widths, piped): &&(TableColumn, Range<usize>, bool)| match width {
        Some(width) => widths.contains(&width),
        None => *piped,
    };
    FITTING.iter().filter(is_shown).map(|(column, _, _)| *column).collect()
}

/// The columns for one field per line, where more columns do not take more width.
pub(super) fn fitting_fields() -> Vec<TableColumn> {
    fitting(Some(FIELDS_WIDTH), false)
}

/// One field per line shows the columns of a table of this width.
const FIELDS_WIDTH: usize = 140;

/// The columns of [`ColumnSelection::Wide`](super::ColumnSelection::Wide), each with the widths of
/// terminals that show it: those of [`FITTING`] at that width, and fields of the API.
const WIDE: [(TableColumn, Range<usize>); 16] = [
    (field(Field::SentAt), 0..ANY),
    (field(Field::DoneAt), 280..ANY),
    (TableColumn::One(Column::Latency), 230..ANY),
    (field(Field::Channel), 0..ANY),
    (field(Field::From), 0..ANY),
    (field(Field::To), 0..ANY),
    (TableColumn::One(Column::Result), 0..ANY),
    (field(Field::StatusName), 0..ANY),
    (TableColumn::Error, 0..ANY),
    (field(Field::Mccmnc), 246..ANY),
    (field(Field::MessageCount), 256..ANY),
    (TableColumn::Price, 0..ANY),
    (TableColumn::ShortId, 0..FULL_ID_WHEN_WIDE),
    (field(Field::MessageId), FULL_ID_WHEN_WIDE..ANY),
    (field(Field::BulkId), 290..ANY),
    (field(Field::Text), 0..ANY),
];

/// From this width on, the complete message id fits beside the exact status and error.
const FULL_ID_WHEN_WIDE: usize = 216;

/// The narrowest terminal with a table of these columns.
pub(super) const MIN_WIDE: usize = 190;

/// The columns for a terminal that is wide enough for a table of them; all of them for a pipe and for
/// one field per line.
pub(super) fn wide(width: Option<usize>) -> Vec<TableColumn> {
    let width = width.filter(|width| *width >= MIN_WIDE).unwrap_or(ANY - 1);
    WIDE.iter().filter(|(_, widths)| widths.contains(&width)).map(|(column, _)| *column).collect()
}

/// The columns that make room first for what the default columns show, the least important one first.
/// The exact status and error are not among them: without these the default columns say as much.
const LESS_IMPORTANT: [TableColumn; 6] = [
    field(Field::BulkId),
    field(Field::MessageCount),
    field(Field::Mccmnc),
    field(Field::DoneAt),
    TableColumn::One(Column::Latency),
    field(Field::MessageId),
];

/// The columns without the least important one that is not among the default columns. The beginning of
/// the message id takes the place of the complete one.
pub(super) fn without_least_important(
    columns: &[TableColumn],
    default: &[(TableColumn, usize)],
) -> Option<Vec<TableColumn>> {
    let is_default = |column: &TableColumn| default.iter().any(|(it, _)| it == column);
    let least = LESS_IMPORTANT.iter().find(|it| columns.contains(it) && !is_default(it))?;
    let replace = |column: &TableColumn| match column {
        column if column != least => Some(*column),
        TableColumn::One(Column::Field(Field::MessageId)) => Some(TableColumn::ShortId),
        _ => None,
    };
    Some(columns.iter().filter_map(replace).collect())
}

impl TableColumn {
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Price => "PRICE",
            Self::Error => "ERROR",
            Self::ShortId => "ID",
            Self::One(column) => column.heading(),
        }
    }

    pub(super) fn is_time(self) -> bool {
        matches!(self, Self::One(Column::Field(Field::SentAt | Field::DoneAt)))
    }

    pub(super) fn is_destination(self) -> bool {
        matches!(self, Self::One(Column::Field(Field::To)))
    }

    pub(super) fn is_channel(self) -> bool {
        matches!(self, Self::One(Column::Field(Field::Channel)))
    }

    pub(super) fn is_text(self) -> bool {
        matches!(self, Self::One(Column::Field(Field::Text)))
    }

    /// Whether the column may contain phone numbers.
    pub(super) fn is_address(self) -> bool {
        self.is_destination() || matches!(self, Self::One(Column::Field(Field::From)))
    }

    pub(super) fn is_id(self) -> bool {
        matches!(self, Self::One(Column::Field(Field::MessageId | Field::BulkId)))
    }

    pub(super) fn is_status(self) -> bool {
        matches!(self, Self::One(Column::Field(Field::StatusName | Field::StatusGroupName)))
    }

    /// Whether the column shows the outcome, the most important information of a row.
    pub(super) fn is_outcome(self) -> bool {
        self.is_status() || self == Self::One(Column::Result)
    }

    /// The width that is reserved for rows of later pages, whatever the first page needs. `changes` says
    /// whether rows will be shown again when their status changes.
    pub(super) fn reserved(self, changes: bool) -> usize {
        match self {
            Self::One(Column::Why) => MAX_SHORT,
            _ if changes && self.is_outcome() => CHANGE_WIDTH,
            Self::One(Column::Result) => RESULT_WIDTH,
            _ => 0,
        }
    }

    /// The width that the column needs with times in this format.
    pub(super) fn room(self, times: &TimeFormat) -> Room {
        let left = |least, typical| Room { least, fair: least, typical, right: false };
        let right = |least, typical| Room { right: true, ..left(least, typical) };
        let field = match self {
            _ if self.is_time() => {
                return Room { right: times.is_right(), ..left(times.width(), times.width()) };
            }
            Self::ShortId => return left(SHORT_ID_CHARS, SHORT_ID_CHARS),
            Self::Price => return right(10, 10),
            Self::Error => return Room { fair: 24, ..left(12, 24) },
            Self::One(Column::Latency) => return right(7, 7),
            Self::One(Column::Final) => return left(5, 5),
            Self::One(Column::Encoding) => return left(5, 8),
            Self::One(Column::SegmentsExpected) => return right(4, 17),
            // A truncated sentence explains little, and messages of later pages may fail, too.
            Self::One(Column::Why) => return left(MAX_SHORT, MAX_SHORT),
            Self::One(Column::Country) => return left(8, 14),
            Self::One(Column::Result) => return Room { fair: 30, ..left(11, RESULT_WIDTH) },
            Self::One(Column::Field(field)) => field,
        };
        match field {
            // A truncated id cannot be copied.
            Field::BulkId | Field::MessageId => left(36, 36),
            // The length of most names, and of KAKAO_CHINGU.
            Field::Channel => Room { fair: 12, ..left(8, 8) },
            // The length of most numbers, and of the longest number.
            Field::To => Room { fair: 15, ..left(12, 15) },
            Field::From => left(8, 11),
            Field::Text => Room { fair: 16, ..left(12, 40) },
            // The length of DELIVERED_TO_OPERATOR~, and of UNDELIVERABLE_NOT_DELIVERED.
            Field::StatusName => Room { fair: 22, ..left(11, 27) },
            Field::StatusGroupName => left(8, 14),
            Field::PricePerMessage | Field::MessageCount => right(6, 6),
            Field::StatusGroupId | Field::StatusId | Field::ErrorGroupId | Field::ErrorId => {
                right(4, 4)
            }
            Field::Mccmnc | Field::Currency | Field::ErrorPermanent => left(5, 6),
            Field::ErrorGroupName | Field::ErrorName => left(12, 20),
            _ => left(12, 28),
        }
    }
}

/// The titles of the header. A title of times has the UTC offset that most of them share.
pub(super) fn titles(columns: &[TableColumn], times: &TimeFormat) -> Vec<String> {
    let title = |column: &TableColumn| match times.offset_in_title() {
        Some(offset) if column.is_time() => format!("{} {offset}", column.title()),
        _ => column.title().to_owned(),
    };
    columns.iter().map(title).collect()
}
