//! The checks as a table for people, and as JSON.

use comfy_table::{Cell, ColumnConstraint, ContentArrangement, Table, Width, presets};
use omnilogs::sink::Colour;
use omnilogs::visible::visible;
use serde::Serialize;

use super::check::{Check, CheckOutcome};
use crate::failure::Failure;
use crate::io::output::json_document;

/// Spaces between columns.
const GAP: u16 = 2;
/// Columns of the longest outcome, and of the longest name of a check.
const WIDTHS: [u16; 2] = [7, 11];
/// A column of details that is narrower than this is not readable.
const MIN_DETAIL_WIDTH: u16 = 20;

/// One line per check, wrapped to `width` columns if that is given. The fixes are on lines of their
/// own below it.
pub(super) fn text(checks: &[Check], width: Option<usize>, colour: bool) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).force_no_tty();
    if colour {
        // The caller has decided about colour; crossterm would read the environment once more.
        crossterm::style::force_color_output(true);
        table.enforce_styling().style_text_only();
    }
    for check in checks {
        let mut detail = visible(&check.detail).into_owned();
        for fix in &check.fixes {
            detail.push_str("\ntry: ");
            detail.push_str(&visible(fix));
        }
        table.add_row([word(check.outcome), Cell::new(check.name), Cell::new(detail)]);
    }
    let first_widths = WIDTHS.map(|width| width + GAP);
    let detail_width = width.map(|width| {
        let width = u16::try_from(width).unwrap_or(u16::MAX);
        width.saturating_sub(first_widths.iter().sum()).max(MIN_DETAIL_WIDTH)
    });
    if detail_width.is_some() {
        table.set_content_arrangement(ContentArrangement::Dynamic);
    }
    let widths = first_widths.map(Some).into_iter().chain([detail_width]);
    for ((column, width), gap) in table.column_iter_mut().zip(widths).zip([GAP, GAP, 0]) {
        column.set_padding((0, gap));
        if let Some(width) = width {
            column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width)));
        }
    }
    table.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

fn word(outcome: CheckOutcome) -> Cell {
    let cell = Cell::new(outcome.word());
    match outcome {
        CheckOutcome::Ok => cell.fg(Colour::Green.into()),
        CheckOutcome::Warning => cell.fg(Colour::Amber.into()),
        CheckOutcome::Failed(_) => cell.fg(Colour::Red.into()),
        CheckOutcome::Skipped => cell,
    }
}

/// `{"checks":[{"name","outcome","detail","fix"}…]}`; `fix` is null where nothing is to be done.
pub(super) fn json(checks: &[Check], indented: bool) -> Result<String, Failure> {
    let checks = checks
        .iter()
        .map(|Check { name, outcome, detail, fixes }| CheckRow {
            name,
            outcome: outcome.word(),
            detail,
            fix: (!fixes.is_empty()).then(|| fixes.join("; ")),
        })
        .collect();
    json_document(&CheckRows { checks }, indented)
}

#[derive(Serialize)]
struct CheckRows<'a> {
    checks: Vec<CheckRow<'a>>,
}

#[derive(Serialize)]
struct CheckRow<'a> {
    name: &'a str,
    outcome: &'a str,
    detail: &'a str,
    fix: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::super::check::Checks;
    use super::*;
    use crate::failure::Kind;

    fn checks() -> Vec<Check> {
        let mut checks = Checks::default();
        checks.ok("config", "a\u{1b}[2J");
        let failure = Failure::new(Kind::Unreachable, "word ".repeat(30).trim().to_owned());
        checks.failed("lookup", failure.hint("fix it").hint("or that"));
        checks.finish()
    }

    #[test]
    fn lines_fit_the_width_and_the_fix_is_below() {
        for width in [42, 80, 132] {
            let shown = text(&checks(), Some(width), false);
            assert!(shown.lines().all(|line| line.chars().count() <= width), "{shown}");
            assert!(
                shown.contains(&format!("\n{0}try: fix it\n{0}try: or that\n", " ".repeat(22))),
                "{shown}"
            );
        }
        assert!(text(&checks(), Some(1), false).lines().all(|line| line.len() <= 42));
    }

    #[test]
    fn a_pipe_gets_one_whole_line_per_check() {
        let shown = text(&checks(), None, false);
        assert_eq!(shown.lines().count(), 15, "{shown}");
        assert!(shown.starts_with("ok       config       a^[[2J\nskipped  profile "), "{shown}");
    }

    #[test]
    fn only_the_outcome_is_coloured_and_nothing_depends_on_it() {
        let (plain, coloured) = (text(&checks(), None, false), text(&checks(), None, true));
        assert!(!plain.contains('\u{1b}'));
        assert!(
            coloured.contains("\u{1b}[38;5;2mok\u{1b}[39m") || coloured.contains("32mok"),
            "{coloured:?}"
        );
    }

    #[test]
    fn json_has_every_check_and_escapes_what_could_drive_a_terminal() {
        let shown = json(&checks(), false).unwrap();
        let value: serde_json::Value = serde_json::from_str(&shown).unwrap();
        assert_eq!(value["checks"][0]["detail"], "a\u{1b}[2J");
        assert_eq!(value["checks"][0]["fix"], serde_json::Value::Null);
        assert_eq!(value["checks"][5]["fix"], "fix it; or that");
        assert!(!shown.contains('\u{1b}'));
    }
}
