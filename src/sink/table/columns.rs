//! The columns of a table: which ones, their titles, and how much room they need.

use std::ops::Range;

use super::super::Column;
use super::time_format::TimeFormat;
use crate::model::Field;
use crate::model::codes::MAX_SHORT;

/// A column as a person reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TableColumn {
    /// A column that machine formats have, too.
    One(Column),
    /// Amount and currency.
    Price,
    /// The error's name; nothing when there was no error.
    Error,
    /// The first characters of the message id, which are enough to show the message.
    ShortId,
}

/// As long as `PENDING → DELIVERED_TO_HANDSET, 14.2 s`.
const CHANGE: usize = 38;

/// How many characters of a message id are shown: enough to find the message by them.
pub(super) const SHORT_ID: usize = 8;

/// A mark, a blank and the longest reason.
const RESULT: usize = 2 + MAX_SHORT;

/// How much room a column needs, and how its cells are aligned.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    /// Below this it says little.
    pub(super) least: usize,
    /// What it is given before any column gets more than this.
    pub(super) fair: usize,
    /// What most of its cells need; the room it has when the page is empty.
    pub(super) typical: usize,
    /// Numbers are aligned to the right.
    pub(super) right: bool,
}

const fn field(field: Field) -> TableColumn {
    TableColumn::One(Column::Field(field))
}

/// The columns that are shown when nothing is said: from and below how many columns of the
/// terminal, and whether into a pipe.
const FITTING: [(TableColumn, Range<usize>, bool); 10] = [
    (field(Field::SentAt), 0..ANY, true),
    (field(Field::Channel), 56..ANY, true),
    (field(Field::From), 140..ANY, true),
    (field(Field::To), 0..ANY, true),
    (TableColumn::One(Column::Result), 0..ANY, true),
    (TableColumn::Price, 160..ANY, false),
    (TableColumn::ShortId, 72..240, false),
    (field(Field::MessageId), 240..ANY, true),
    (field(Field::BulkId), 290..ANY, false),
    (field(Field::Text), 110..ANY, true),
];

/// However wide the terminal is.
const ANY: usize = usize::MAX;

/// Which columns suit a terminal of this width, or a pipe.
pub(super) fn fitting(width: Option<usize>) -> Vec<TableColumn> {
    let is_shown = |(_, widths, piped): &&(TableColumn, Range<usize>, bool)| match width {
        Some(width) => widths.contains(&width),
        None => *piped,
    };
    FITTING.iter().filter(is_shown).map(|(column, _, _)| *column).collect()
}

/// The fields that are shown one per line, where more of them take no more width.
pub(super) fn fitting_fields() -> Vec<TableColumn> {
    fitting(Some(FIELDS_LIKE))
}

/// One field per line shows the fields that a table of this width has.
const FIELDS_LIKE: usize = 140;

/// The columns of [`ColumnSelection::Wide`](super::ColumnSelection::Wide), and from and below how many columns of
/// the terminal: whatever [`FITTING`] has at that width, and the API's own fields.
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

/// From this width on the whole message id fits beside the exact status and error.
const FULL_ID_WHEN_WIDE: usize = 216;

/// Below this not even the first of them make a table.
const MIN_WIDE: usize = 190;

/// Which columns suit a terminal that is wide enough for a table of them; all of them for a pipe, and
/// where they are shown one field per line.
pub(super) fn wide(width: Option<usize>) -> Vec<TableColumn> {
    let width = width.filter(|width| *width >= MIN_WIDE).unwrap_or(ANY - 1);
    WIDE.iter().filter(|(_, widths)| widths.contains(&width)).map(|(column, _)| *column).collect()
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

    /// Whether the column may hold phone numbers.
    pub(super) fn is_address(self) -> bool {
        self.is_destination() || matches!(self, Self::One(Column::Field(Field::From)))
    }

    pub(super) fn is_status(self) -> bool {
        matches!(self, Self::One(Column::Field(Field::StatusName | Field::StatusGroupName)))
    }

    /// Whether the column says how messages ended, which every reader looks for first.
    pub(super) fn is_outcome(self) -> bool {
        self.is_status() || self == Self::One(Column::Result)
    }

    /// Room that is kept for rows of later pages, whatever the first page needs. `changes`: rows
    /// will be shown again with what changed.
    pub(super) fn reserved(self, changes: bool) -> usize {
        match self {
            Self::One(Column::Why) => MAX_SHORT,
            _ if changes && self.is_outcome() => CHANGE,
            Self::One(Column::Result) => RESULT,
            _ => 0,
        }
    }

    /// How much room the column needs when times are shown in this form.
    pub(super) fn room(self, times: &TimeFormat) -> Room {
        let left = |least, typical| Room { least, fair: least, typical, right: false };
        let right = |least, typical| Room { right: true, ..left(least, typical) };
        let field = match self {
            _ if self.is_time() => {
                return Room { right: times.is_right(), ..left(times.width(), times.width()) };
            }
            Self::ShortId => return left(SHORT_ID, SHORT_ID),
            Self::Price => return right(10, 10),
            Self::Error => return left(12, 24),
            Self::One(Column::Latency) => return right(7, 7),
            Self::One(Column::Final) => return left(5, 5),
            Self::One(Column::Encoding) => return left(5, 8),
            Self::One(Column::SegmentsExpected) => return right(4, 17),
            // A sentence that is cut explains little, and rows of later pages fail, too.
            Self::One(Column::Why) => return left(MAX_SHORT, MAX_SHORT),
            Self::One(Column::Country) => return left(8, 14),
            Self::One(Column::Result) => return Room { fair: 30, ..left(11, RESULT) },
            Self::One(Column::Field(field)) => field,
        };
        match field {
            // An id that is cut cannot be copied.
            Field::BulkId | Field::MessageId => left(36, 36),
            Field::Channel => left(8, 8),
            // As long as most numbers, then as long as every number.
            Field::To => Room { fair: 15, ..left(12, 15) },
            Field::From => left(8, 11),
            Field::Text => Room { fair: 16, ..left(12, 40) },
            // As long as DELIVERED_TO_OPERATOR~, and as UNDELIVERABLE_NOT_DELIVERED.
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

/// The header's words. TimeFormat whose offset is the same in every row have it here.
pub(super) fn titles(columns: &[TableColumn], times: &TimeFormat) -> Vec<String> {
    let title = |column: &TableColumn| match times.offset_in_title() {
        Some(offset) if column.is_time() => format!("{} {offset}", column.title()),
        _ => column.title().to_owned(),
    };
    columns.iter().map(title).collect()
}
