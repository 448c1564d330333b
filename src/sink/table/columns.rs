//! The columns of a table: which ones, their titles, and how much room they need.

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
}

/// As long as `PENDING → DELIVERED_TO_HANDSET, 14.2 s`.
const CHANGE: usize = 38;

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

/// The columns that are shown when nothing is said: from how many columns of the terminal on, and
/// whether into a pipe.
const FITTING: [(TableColumn, usize, bool); 11] = [
    (field(Field::SentAt), 0, true),
    (TableColumn::One(Column::Latency), 160, false),
    (field(Field::Channel), 60, true),
    (field(Field::From), 100, true),
    (field(Field::To), 0, true),
    (field(Field::StatusName), 0, true),
    (TableColumn::Error, 190, false),
    (TableColumn::Price, 140, true),
    (field(Field::MessageId), 200, true),
    (field(Field::BulkId), 260, false),
    (field(Field::Text), 76, true),
];

/// Which columns suit a terminal of this width, or a pipe.
pub(super) fn fitting(width: Option<usize>) -> Vec<TableColumn> {
    let is_shown = |(_, from, piped): &&(TableColumn, usize, bool)| match width {
        Some(width) => *from <= width,
        None => *piped,
    };
    FITTING.iter().filter(is_shown).map(|(column, _, _)| *column).collect()
}

/// The fields that are shown one per line, where more of them take no more width.
pub(super) fn fitting_fields() -> Vec<TableColumn> {
    fitting(Some(FIELDS_LIKE))
}

/// One field per line shows the fields that a table of this width has.
const FIELDS_LIKE: usize = 100;

/// The columns of [`Selection::Wide`](super::Selection::Wide), and from how many columns of the terminal on: no
/// later than in [`FITTING`].
const WIDE: [(TableColumn, usize); 15] = [
    (field(Field::SentAt), 0),
    (field(Field::DoneAt), 290),
    (TableColumn::One(Column::Latency), 0),
    (field(Field::Channel), 0),
    (field(Field::From), 0),
    (field(Field::To), 0),
    (field(Field::StatusName), 0),
    (TableColumn::Error, 0),
    (TableColumn::One(Column::Why), 0),
    (field(Field::Mccmnc), 246),
    (field(Field::MessageCount), 256),
    (TableColumn::Price, 0),
    (field(Field::MessageId), 200),
    (field(Field::BulkId), 260),
    (field(Field::Text), 0),
];

/// Below this not even the first of them make a table.
const MIN_WIDE: usize = 190;

/// Which columns suit a terminal that is wide enough for a table of them; all of them for a pipe, and
/// where they are shown one field per line.
pub(super) fn wide(width: Option<usize>) -> Vec<TableColumn> {
    let width = width.filter(|width| *width >= MIN_WIDE).unwrap_or(usize::MAX);
    WIDE.iter().filter(|(_, from)| *from <= width).map(|(column, _)| *column).collect()
}

impl TableColumn {
    pub(super) fn title(self) -> &'static str {
        let field = match self {
            Self::Price => return "PRICE",
            Self::Error => return "ERROR",
            Self::One(Column::Latency) => return "LATENCY",
            Self::One(Column::Final) => return "FINAL",
            Self::One(Column::Why) => return "WHY",
            Self::One(Column::Country) => return "COUNTRY",
            Self::One(Column::Field(field)) => field,
        };
        match field {
            Field::BulkId => "BULK ID",
            Field::MessageId => "MESSAGE ID",
            Field::Channel => "CHANNEL",
            Field::To => "TO",
            Field::From => "FROM",
            Field::Text => "TEXT",
            Field::SentAt => "SENT AT",
            Field::DoneAt => "DONE AT",
            Field::MessageCount => "SEGMENTS",
            Field::Mccmnc => "NETWORK",
            Field::PricePerMessage => "PRICE",
            Field::Currency => "CURRENCY",
            Field::StatusGroupId => "GROUP ID",
            Field::StatusGroupName => "GROUP",
            Field::StatusId => "STATUS ID",
            Field::StatusName => "STATUS",
            Field::StatusDescription => "DESCRIPTION",
            Field::StatusAction => "ACTION",
            Field::ErrorGroupId => "ERROR GROUP ID",
            Field::ErrorGroupName => "ERROR GROUP",
            Field::ErrorId => "ERROR ID",
            Field::ErrorName => "ERROR",
            Field::ErrorDescription => "ERROR DESCRIPTION",
            Field::ErrorPermanent => "PERMANENT",
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

    /// Room that is kept for rows of later pages, whatever the first page needs. `changes`: rows
    /// will be shown again with what changed.
    pub(super) fn reserved(self, changes: bool) -> usize {
        match self {
            Self::One(Column::Why) => MAX_SHORT,
            _ if changes && self.is_status() => CHANGE,
            _ => 0,
        }
    }

    /// How much room the column needs when times are shown in this form.
    pub(super) fn room(self, times: &TimeFormat) -> Room {
        let left = |least, typical| Room { least, fair: least, typical, right: false };
        let right = |least, typical| Room { right: true, ..left(least, typical) };
        let field = match self {
            _ if self.is_time() => return left(times.width(), times.width()),
            Self::Price => return right(10, 10),
            Self::Error => return left(12, 24),
            Self::One(Column::Latency) => return right(7, 7),
            Self::One(Column::Final) => return left(5, 5),
            // A sentence that is cut explains little, and rows of later pages fail, too.
            Self::One(Column::Why) => return left(MAX_SHORT, MAX_SHORT),
            Self::One(Column::Country) => return left(8, 14),
            Self::One(Column::Field(field)) => field,
        };
        match field {
            // An id that is cut cannot be copied.
            Field::BulkId | Field::MessageId => left(36, 36),
            Field::Channel => left(8, 8),
            // As long as most numbers; longer ones take what they need.
            Field::To => left(12, 12),
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
