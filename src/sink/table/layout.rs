//! Computes the width of each column of a table.

use super::super::Column;
use super::cell::TableCell;
use super::columns::{Room, TableColumn, titles};
use super::time_format::TimeFormat;

/// The number of spaces between two columns.
pub(super) const GAP: usize = 2;

/// The widest cell: comfy-table counts columns in 16 bits. A wider cell is cut off even in a pipe.
pub(super) const MAX_CELL_WIDTH: usize = 32_000;

/// The widest that a column becomes before every other column has the width that it needs.
const MAX_WIDTH_AT_FIRST: usize = 48;

/// The width that the cells of the rows so far need, for each column.
#[derive(Clone, Debug, Default)]
pub(super) struct Needs {
    /// To show every cell completely.
    whole: Vec<usize>,
    /// To show the cells that are never cut off completely, such as phone numbers.
    uncut: Vec<usize>,
    /// To show every cell completely, or its shorter text.
    brief: Vec<usize>,
}

impl Needs {
    /// The width that is reserved for rows of later pages.
    pub(super) fn reserved(columns: &[TableColumn], changes: bool) -> Self {
        let whole = columns.iter().map(|column| column.reserved(changes)).collect();
        Self { whole, uncut: vec![0; columns.len()], brief: vec![0; columns.len()] }
    }

    /// Adds the needs of a row.
    pub(super) fn add(&mut self, row: &[TableCell]) {
        widen(&mut self.whole, row);
        for (width, cell) in self.uncut.iter_mut().zip(row) {
            *width = (*width).max(if cell.is_whole { cell.width() } else { 0 });
        }
        for (width, cell) in self.brief.iter_mut().zip(row) {
            *width = (*width).max(cell.brief_width());
        }
    }

    /// Requires this width of a column.
    pub(super) fn require(&mut self, at: usize, required: usize) {
        if let Some(width) = self.uncut.get_mut(at) {
            *width = (*width).max(required);
        }
    }

    /// The same needs with a destination of 15 digits, the longest phone number, and with times of
    /// another day.
    pub(super) fn with_longest(&self, columns: &[TableColumn], times: &TimeFormat) -> Self {
        let mut needs = self.clone();
        for (at, column) in columns.iter().enumerate() {
            let longest = match column {
                column if column.is_destination() => 15,
                column if column.is_time() => times.longest(),
                _ => 0,
            };
            for widths in [&mut needs.whole, &mut needs.uncut] {
                if let Some(width) = widths.get_mut(at) {
                    *width = (*width).max(longest);
                }
            }
        }
        needs
    }

    /// Whether columns of these widths would cut off a cell that is never cut off.
    pub(super) fn are_exceeded_by(&self, widths: &[usize]) -> bool {
        self.uncut.iter().zip(widths).any(|(uncut, width)| uncut > width)
    }
}

/// Increases the widths to fit the cells of a row.
pub(super) fn widen(widths: &mut [usize], row: &[TableCell]) {
    for (width, cell) in widths.iter_mut().zip(row) {
        *width = (*width).max(cell.width().min(MAX_CELL_WIDTH));
    }
}

/// The typical widths, with which most pages look alike, for a table whose columns may grow.
pub(super) fn typical(columns: &[TableColumn], times: &TimeFormat) -> Vec<usize> {
    let titles = titles(columns, times);
    let widths = columns.iter().zip(&titles);
    widths.map(|(column, title)| column.room(times).typical.max(title.len())).collect()
}

/// The width that each column needs for its title and for the rows so far.
fn needed(columns: &[TableColumn], times: &TimeFormat, needs: &Needs) -> Vec<usize> {
    let titles = titles(columns, times);
    // The UTC offset may follow a time of a later page.
    let time_width = |column: &TableColumn| if column.is_time() { times.width() } else { 0 };
    let all = columns.iter().zip(&needs.whole).zip(&titles);
    all.map(|((column, whole), title)| (*whole).max(title.len()).max(time_width(column))).collect()
}

/// The width with which each column says as much of these rows as a person needs to read them: a result
/// needs its phrase or the shorter one, and other columns their fair width, or less if that is all that
/// they need.
fn readable(
    columns: &[TableColumn],
    times: &TimeFormat,
    changes: bool,
    needs: &Needs,
) -> Vec<usize> {
    let all = columns.iter().zip(needed(columns, times, needs)).zip(&needs.brief);
    all.map(|((column, needed), brief)| match column {
        // Nearly every row of a listing with changes is shown again with a longer result.
        TableColumn::One(Column::Result) if !changes => (*brief).min(column.room(times).typical),
        _ => column.room(times).fair.min(needed),
    })
    .collect()
}

/// Whether these widths show each cell but texts completely, or its shorter text.
pub(super) fn are_whole(widths: &[usize], columns: &[TableColumn], needs: &Needs) -> bool {
    let mut all = widths.iter().zip(&needs.brief).zip(columns);
    all.all(|((width, brief), column)| column.is_text() || width >= brief)
}

/// Whether every column of these widths is readable, for the needs of the rows so far.
pub(super) fn are_readable(
    widths: &[usize],
    columns: &[TableColumn],
    times: &TimeFormat,
    changes: bool,
    needs: &Needs,
) -> bool {
    let wanted = readable(columns, times, changes, needs);
    widths.iter().zip(wanted).all(|(width, wanted)| *width >= wanted)
}

/// The widths that fit the terminal, for the needs of the rows so far; `None` when the terminal is too
/// narrow for the least width of every column.
pub(super) fn fit(
    columns: &[TableColumn],
    times: &TimeFormat,
    changes: bool,
    needs: &Needs,
    terminal: usize,
) -> Option<Vec<usize>> {
    let titles = titles(columns, times);
    let needed = needed(columns, times, needs);
    let room = |column: &TableColumn| {
        let room = column.room(times);
        Room { typical: room.typical.max(column.reserved(changes)), ..room }
    };
    let rooms: Vec<Room> = columns.iter().map(room).collect();
    let least = |index: usize| {
        let title = titles.get(index).map_or(0, String::len);
        let least = rooms.get(index)?.least.max(*needs.uncut.get(index)?);
        Some(least.max(title).min(*needed.get(index)?))
    };
    let mut widths: Vec<usize> = (0..columns.len()).filter_map(least).collect();
    let gaps = GAP * columns.len().saturating_sub(1);
    let mut spare = terminal.checked_sub(widths.iter().sum::<usize>() + gaps)?;
    // The outcome is widened first, because it shows whether the message was delivered.
    let mut order: Vec<usize> = (0..columns.len()).collect();
    order.sort_by_key(|index| columns.get(*index).is_none_or(|column| !column.is_outcome()));
    let mut grow = |goal: &dyn Fn(usize) -> Option<usize>| {
        for index in &order {
            let Some(width) = widths.get_mut(*index) else { continue };
            let wanted = goal(*index).unwrap_or(0).saturating_sub(*width).min(spare);
            *width += wanted;
            spare -= wanted;
        }
    };
    // First the readable width, then the fair one, then the whole outcome, so that a text that joins on a
    // wider terminal does not shorten it, then the typical width, then the needs of this page, and then
    // the needs that later pages may have.
    let readable = readable(columns, times, changes, needs);
    grow(&|index| Some(rooms.get(index)?.fair.min(*readable.get(index)?)));
    grow(&|index| readable.get(index).copied());
    grow(&|index| Some(rooms.get(index)?.fair.min(*needed.get(index)?)));
    let outcome = |index: usize| columns.get(index).filter(|column| column.is_outcome());
    grow(&|index| outcome(index).and(Some((*needed.get(index)?).min(MAX_WIDTH_AT_FIRST))));
    grow(&|index| Some(rooms.get(index)?.typical.min(*needed.get(index)?)));
    grow(&|index| Some((*needed.get(index)?).min(MAX_WIDTH_AT_FIRST)));
    grow(&|index| needed.get(index).copied());
    grow(&|index| Some(rooms.get(index)?.typical));
    grow(&|index| (index + 1 == columns.len()).then_some(MAX_CELL_WIDTH));
    Some(widths)
}
