//! How wide each column of a table is.

use super::cell::TableCell;
use super::columns::{Room, TableColumn, titles};
use super::time_format::TimeFormat;

/// Spaces between two columns.
pub(super) const GAP: usize = 2;

/// comfy-table counts columns in 16 bits; wider cells are cut even into a pipe.
pub(super) const MAX_CELL_WIDTH: usize = 32_000;

/// How far a column may spread before every other one has what it needs.
const MAX_WIDTH_AT_FIRST: usize = 48;

/// What the cells of the rows so far need, column by column.
#[derive(Clone, Debug, Default)]
pub(super) struct Needs {
    /// To show every cell whole.
    whole: Vec<usize>,
    /// To show whole what is never cut, such as phone numbers.
    uncut: Vec<usize>,
}

impl Needs {
    /// The room that is kept for rows to come.
    pub(super) fn reserved(columns: &[TableColumn], changes: bool) -> Self {
        let whole = columns.iter().map(|column| column.reserved(changes)).collect();
        Self { whole, uncut: vec![0; columns.len()] }
    }

    /// Takes a row into account.
    pub(super) fn add(&mut self, row: &[TableCell]) {
        widen(&mut self.whole, row);
        for (width, cell) in self.uncut.iter_mut().zip(row) {
            *width = (*width).max(if cell.is_whole { cell.width() } else { 0 });
        }
    }

    /// The same with a phone number of 15 digits, the most there are, as a destination, and with
    /// times of another day.
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

    /// Whether something that is never cut would be cut in columns of these widths.
    pub(super) fn are_cut(&self, widths: &[usize]) -> bool {
        self.uncut.iter().zip(widths).any(|(uncut, width)| uncut > width)
    }
}

/// Makes room for a row's cells.
pub(super) fn widen(widths: &mut [usize], row: &[TableCell]) {
    for (width, cell) in widths.iter_mut().zip(row) {
        *width = (*width).max(cell.width().min(MAX_CELL_WIDTH));
    }
}

/// Widths with which most pages look alike, for a table that may grow.
pub(super) fn typical(columns: &[TableColumn], times: &TimeFormat) -> Vec<usize> {
    let titles = titles(columns, times);
    let widths = columns.iter().zip(&titles);
    widths.map(|(column, title)| column.room(times).typical.max(title.len())).collect()
}

/// Widths that fit the terminal, given what the cells so far need; `None` when the columns cannot
/// all have the least that makes sense.
pub(super) fn fit(
    columns: &[TableColumn],
    times: &TimeFormat,
    changes: bool,
    needs: &Needs,
    terminal: usize,
) -> Option<Vec<usize>> {
    let titles = titles(columns, times);
    // The time of a later page may have its UTC offset behind it.
    let own = |column: &TableColumn| if column.is_time() { times.width() } else { 0 };
    let needed: Vec<usize> = columns
        .iter()
        .zip(&needs.whole)
        .zip(&titles)
        .map(|((column, whole), title)| (*whole).max(title.len()).max(own(column)))
        .collect();
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
    // The outcome comes first: it says whether the message was delivered.
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
    // First what is fair, then what is usual, then what this page needs, then room for what later pages may need.
    grow(&|index| Some(rooms.get(index)?.fair.min(*needed.get(index)?)));
    grow(&|index| Some(rooms.get(index)?.typical.min(*needed.get(index)?)));
    grow(&|index| Some((*needed.get(index)?).min(MAX_WIDTH_AT_FIRST)));
    grow(&|index| needed.get(index).copied());
    grow(&|index| Some(rooms.get(index)?.typical));
    grow(&|index| (index + 1 == columns.len()).then_some(MAX_CELL_WIDTH));
    Some(widths)
}
