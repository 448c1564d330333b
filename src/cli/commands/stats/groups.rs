//! The table of groups: the figures of each group, and a bar beside them.

use comfy_table::{Attribute, Cell, CellAlignment, ColumnConstraint, Row, Table, Width, presets};
use omnilogs::sink::Colour;
use omnilogs::sink::width::{display_width, truncate};
use omnilogs::stats::{Figures, Group, Key, Summary, Value};
use omnilogs::{Outcome, StatusGroup};

use super::figures::{costs, latency, percent, value_text};
use crate::commands::stats::chart::{
    ChartStyle, OUTCOMES, draw_bar, mark, outcome_colour, outcome_name, sample,
};
use crate::text::count;

/// Spaces between columns.
const GAP: usize = 2;
/// With fewer columns of the terminal, one figure per line is shown instead of a table.
const MIN_WIDTH: usize = 40;
/// The maximum rank of the figures that are shown one per line: a narrow screen is often short.
const MAX_NARROW_RANK: u8 = 4;
/// The width of the longest bar is between these two.
const MIN_BAR: usize = 12;
const MAX_BAR: usize = 30;
/// The text of a key is not cut to fewer columns than this.
const MIN_KEY: usize = 6;

/// A column of the table.
struct GroupColumn {
    title: &'static str,
    /// One cell per group.
    cells: Vec<String>,
    width: usize,
    /// Whether the cells are aligned to the right.
    right: bool,
    /// Columns that do not fit are left out, those with the greatest rank first. Those with rank 0
    /// never are.
    rank: u8,
}

/// The lines of the table, and the outcomes that have a mark instead of a part of a bar.
pub(super) fn lines(
    summary: &Summary,
    compared: Option<&Summary>,
    width: Option<usize>,
    style: ChartStyle,
) -> (Vec<String>, Vec<Outcome>) {
    let groups: Vec<&Group> = summary.groups.iter().collect();
    let mut columns = columns(summary, compared, &groups);
    if width.is_some_and(|width| width < MIN_WIDTH) {
        columns.retain(|column| column.rank <= MAX_NARROW_RANK);
        return (one_per_line(&columns, groups.len(), width.unwrap_or(MIN_WIDTH)), Vec::new());
    }
    if let Some(width) = width {
        fit(&mut columns, width);
    }
    let used: usize = columns.iter().map(|column| column.width + GAP).sum();
    let bar = width.map_or(MAX_BAR, |width| width.saturating_sub(used).clamp(1, MAX_BAR));
    let greatest = groups.iter().map(|group| group.figures.messages).max().unwrap_or(0);
    let mut lines = table_lines(&columns, summary, &groups, style.colour);
    let mut marked = Vec::new();
    for (line, group) in lines.iter_mut().skip(1).zip(&groups) {
        line.push_str(&" ".repeat(GAP));
        let figures = &group.figures;
        let counts = [figures.delivered, figures.pending(), figures.failed()];
        let (bar, missing) = draw_bar(counts, greatest, bar, style);
        line.push_str(&bar);
        marked.extend(missing);
    }
    for line in &mut lines {
        line.truncate(line.trim_end().len());
    }
    (lines, marked)
}

/// The meanings of the parts of bars and of the marks beside them, each text with its width.
pub(super) fn legend(marked: &[Outcome], style: ChartStyle) -> Vec<(String, usize)> {
    let part = |outcome: Outcome| {
        let name = outcome_name(outcome);
        (format!("{} {name}", sample(outcome, style)), 2 + name.len())
    };
    let mut parts = OUTCOMES.map(part).to_vec();
    let marks: Vec<_> = OUTCOMES.into_iter().filter(|outcome| marked.contains(outcome)).collect();
    if !marks.is_empty() {
        let painted = marks.iter().map(|o| style.paint(mark(*o), outcome_colour(*o)));
        let text = format!("{} too few to draw", painted.collect::<String>());
        parts.push((text, marks.len() + " too few to draw".len()));
    }
    parts
}

/// Every column, as wide as its cells need.
fn columns(summary: &Summary, compared: Option<&Summary>, groups: &[&Group]) -> Vec<GroupColumn> {
    let mut columns = Vec::new();
    let mut add = |title, right, rank, cell: &dyn Fn(&Group) -> String| {
        let cells: Vec<_> = groups.iter().map(|group| cell(group)).collect();
        let width = cells.iter().map(|cell| display_width(cell)).max().unwrap_or(0);
        columns.push(GroupColumn { title, width: width.max(title.len()), cells, right, rank });
    };
    for (at, key) in summary.keys.iter().enumerate() {
        add(title(*key), false, 0, &|group| {
            group.values.get(at).map(|value| value_text(*key, value)).unwrap_or_default()
        });
    }
    let all = summary.total.messages;
    let of = |figures: &Figures, of: fn(&omnilogs::stats::Latency) -> u64| {
        latency(figures.latency.as_ref().map(of))
    };
    add("MSGS", true, 0, &|g| count(g.figures.messages));
    add("SHARE", true, 7, &|g| percent(g.figures.messages, all));
    add("SEGS", true, 9, &|g| count(g.figures.segments));
    add("DELIV", true, 0, &|g| percent(g.figures.delivered, g.figures.finals));
    if let Some(compared) = compared {
        let before = compared.by_values();
        add("BEFORE", true, 0, &|g| {
            before.get(&*g.values).map_or("-".to_owned(), |f| percent(f.delivered, f.finals))
        });
    }
    add("PEND", true, 2, &|g| count(g.figures.pending()));
    add("FAIL", true, 1, &|g| count(g.figures.failed()));
    add("P50", true, 0, &|g| of(&g.figures, |l| l.p50));
    add("P90", true, 4, &|g| of(&g.figures, |l| l.p90));
    add("P99", true, 5, &|g| of(&g.figures, |l| l.p99));
    add("MAX", true, 8, &|g| of(&g.figures, |l| l.max));
    add("COST", true, 3, &|g| costs(&g.figures.cost).join(" + "));
    add("OF FAILED", true, 6, &|g| costs(&g.figures.failed_cost).join(" + "));
    columns
}

/// Leaves columns out, and then cuts keys, until a table with bars fits. A heading is cut only where even
/// the shortest bars leave no room for it.
fn fit(columns: &mut Vec<GroupColumn>, width: usize) {
    let needed = |columns: &[GroupColumn], bar: usize| {
        columns.iter().map(|column| column.width + GAP).sum::<usize>() + bar
    };
    while needed(columns, MIN_BAR) > width {
        let least = columns.iter().map(|column| column.rank).max().unwrap_or(0);
        // A long key is cut to a quarter of the terminal before any column is left out.
        let shortest = if least == 0 { MIN_KEY } else { width / 4 };
        if cut_longest_key(columns, |key| key.title.len().max(shortest)) {
            continue;
        }
        if least == 0 {
            break;
        }
        let at = columns.iter().position(|column| column.rank == least).unwrap_or(0);
        columns.remove(at);
    }
    while needed(columns, 1) > width && cut_longest_key(columns, |_| MIN_KEY) {}
}

/// Cuts one character from the longest key that is longer than this; `false` without such a key.
fn cut_longest_key(columns: &mut [GroupColumn], shortest: impl Fn(&GroupColumn) -> usize) -> bool {
    let keys = columns.iter_mut().filter(|column| !column.right);
    let longest = keys.filter(|key| key.width > shortest(key)).max_by_key(|key| key.width);
    let Some(key) = longest else { return false };
    key.width -= 1;
    true
}

/// The lines of the table without the bars, the header first, all of one width.
fn table_lines(
    columns: &[GroupColumn],
    summary: &Summary,
    groups: &[&Group],
    colour: bool,
) -> Vec<String> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).force_no_tty();
    if colour {
        // The caller has decided about colour; crossterm would read the environment once more.
        crossterm::style::force_color_output(true);
        table.enforce_styling();
        table.style_text_only();
    }
    table.add_row(Row::from(
        columns
            .iter()
            .map(|column| {
                Cell::new(truncate(column.title, column.width)).add_attribute(Attribute::Bold)
            })
            .collect::<Vec<_>>(),
    ));
    for (row, group) in groups.iter().enumerate() {
        let cells = columns.iter().enumerate().map(|(at, column)| {
            let text = column.cells.get(row).map_or("", String::as_str);
            let cell = Cell::new(truncate(text, column.width));
            match summary.keys.get(at).zip(group.values.get(at)) {
                Some((Key::Status, value)) => {
                    status_colour(value).map_or(cell.clone(), |colour| cell.fg(colour.into()))
                }
                _ => cell,
            }
        });
        table.add_row(Row::from(cells.collect::<Vec<_>>()));
    }
    let last = columns.len().saturating_sub(1);
    for (at, (table_column, column)) in table.column_iter_mut().zip(columns).enumerate() {
        let gap = if at == last { 0 } else { GAP };
        let width = u16::try_from(column.width + gap).unwrap_or(u16::MAX);
        table_column
            .set_padding((0, u16::try_from(gap).unwrap_or_default()))
            .set_constraint(ColumnConstraint::Absolute(Width::Fixed(width)));
        if column.right {
            table_column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.lines().collect()
}

fn status_colour(value: &Value) -> Option<Colour> {
    let group = StatusGroup::parse(&value.text()?)?;
    Some(Colour::of_group(Some(group)))
}

/// One figure per line, a blank line between groups.
fn one_per_line(columns: &[GroupColumn], groups: usize, width: usize) -> Vec<String> {
    let title = columns.iter().map(|column| column.title.len()).max().unwrap_or(0);
    let mut lines = Vec::new();
    for row in 0..groups {
        if row > 0 {
            lines.push(String::new());
        }
        for column in columns {
            let cell = column.cells.get(row).map_or("", String::as_str);
            let line = format!("{:title$}  {cell}", column.title);
            lines.push(truncate(line.trim_end(), width.max(1)).into_owned());
        }
    }
    lines
}

fn title(key: Key) -> &'static str {
    match key {
        Key::Channel => "CHANNEL",
        Key::Status => "STATUS",
        Key::StatusName => "STATUS NAME",
        Key::Sender => "SENDER",
        Key::Country => "COUNTRY",
        Key::Network => "NETWORK",
        Key::Bucket => "BUCKET",
        Key::BulkId => "BULK ID",
        Key::Error => "ERROR",
        other => other.name(),
    }
}
