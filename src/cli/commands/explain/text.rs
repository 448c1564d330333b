//! Codes explained to a person.

use std::io::{self, Write};

use omnilogs::StatusGroup;
use omnilogs::model::codes::{self, Code};

use super::Manner;

/// Lines are no longer than this, however wide the terminal is.
const MOST_COLUMNS: usize = 100;

/// Each code with its meaning and advice.
pub(super) fn explained(found: &[Code], manner: Manner, out: &mut dyn Write) -> io::Result<()> {
    let width = manner.width.unwrap_or(MOST_COLUMNS).min(MOST_COLUMNS);
    for (at, code) in found.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        let name = paint(code.name(), "1", manner.colour);
        let fits = code.name().len() + 2 + head(*code, false).len() <= width;
        let between = if fits { "  " } else { "\n  " };
        writeln!(out, "{name}{between}{}", head(*code, manner.colour))?;
        if !published(*code) {
            paragraph(
                "  ",
                "(known from practice; the platform's page does not list it)",
                width,
                out,
            )?;
        }
        paragraph("  ", code.meaning(), width, out)?;
        paragraph("  → ", code.advice(), width, out)?;
        let members = members(*code);
        if !members.is_empty() {
            paragraph("  = ", &members.join(", "), width, out)?;
        }
    }
    Ok(())
}

/// One line a code, under its group.
pub(super) fn list(found: &[Code], manner: Manner, out: &mut dyn Write) -> io::Result<()> {
    let width = manner.width.unwrap_or(MOST_COLUMNS).min(MOST_COLUMNS);
    let groups = found.iter().filter(|c| matches!(c, Code::StatusGroup(_) | Code::ErrorGroup(_)));
    for (at, group) in groups.enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        let name = paint(group.name(), "1", manner.colour);
        writeln!(out, "{name}  {}", head(*group, manner.colour))?;
        let codes: Vec<Code> = found.iter().filter(|code| is_in(**code, *group)).copied().collect();
        let longest = codes.iter().map(|code| code.name().len()).max().unwrap_or_default();
        let short = |code: &Code| code.short().unwrap_or_default();
        let one_line = codes.iter().all(|c| 10 + longest + 2 + short(c).len() <= width);
        for code in &codes {
            let (_, colour) = lasting(*code);
            let mark = paint(if lasts(*code) { "●" } else { "○" }, colour, manner.colour);
            if one_line {
                writeln!(
                    out,
                    "{:>6} {mark} {:<longest$}  {}",
                    code.id(),
                    code.name(),
                    short(code)
                )?;
            } else {
                writeln!(out, "{:>6} {mark} {}\n{:9}{}", code.id(), code.name(), "", short(code))?;
            }
        }
    }
    writeln!(out, "\n● final or permanent   ○ may change or pass")
}

/// What kind of code it is, its id, its group, and whether it lasts.
fn head(code: Code, colour: bool) -> String {
    let (word, tint) = lasting(code);
    match code {
        Code::Status(s) => {
            format!("status {}, group {}, {}", s.id, s.group, paint(word, tint, colour))
        }
        Code::Error(e) => {
            format!("error {}, group {}, {}", e.id, e.group, paint(word, tint, colour))
        }
        Code::StatusGroup(_) => format!("status group {}", code.id()),
        Code::ErrorGroup(_) => format!("error group {}", code.id()),
    }
}

/// Whether the platform's own page lists it.
fn published(code: Code) -> bool {
    match code {
        Code::Status(status) => status.published,
        Code::Error(error) => error.published,
        Code::StatusGroup(_) | Code::ErrorGroup(_) => true,
    }
}

/// Whether it will not change or pass.
fn lasts(code: Code) -> bool {
    match code {
        Code::Status(status) => status.is_final,
        Code::Error(error) => error.permanent,
        Code::StatusGroup(_) | Code::ErrorGroup(_) => false,
    }
}

/// Whether a code lasts, and the colour for it: green for the wished end, red for any other, yellow
/// for what may change.
fn lasting(code: Code) -> (&'static str, &'static str) {
    match code {
        Code::Status(status) if !status.is_final => ("not final", "33"),
        Code::Status(status) if status.group == StatusGroup::Delivered => ("final", "32"),
        Code::Status(_) => ("final", "31"),
        Code::Error(error) if error.permanent => ("permanent", "31"),
        Code::Error(error) if error.id == 0 => ("not permanent", "32"),
        Code::Error(_) => ("not permanent", "33"),
        Code::StatusGroup(_) | Code::ErrorGroup(_) => ("", ""),
    }
}

fn is_in(code: Code, group: Code) -> bool {
    match (code, group) {
        (Code::Status(status), Code::StatusGroup(group)) => status.group == group,
        (Code::Error(error), Code::ErrorGroup(group)) => error.group == group,
        _ => false,
    }
}

/// The names in a group; a name with two ids stands once.
pub(super) fn members(group: Code) -> Vec<&'static str> {
    let mut names: Vec<_> =
        codes::all().filter(|code| is_in(*code, group)).map(Code::name).collect();
    let mut seen = std::collections::HashSet::new();
    names.retain(|name| seen.insert(*name));
    names
}

fn paint(text: &str, colour: &str, wanted: bool) -> String {
    if wanted && !text.is_empty() {
        format!("\u{1b}[{colour}m{text}\u{1b}[0m")
    } else {
        text.to_owned()
    }
}

/// A text in lines that fit; those after the first are indented like it.
fn paragraph(start: &str, text: &str, width: usize, out: &mut dyn Write) -> io::Result<()> {
    let indent = start.chars().count();
    let room = width.saturating_sub(indent).max(20);
    let mut line = String::new();
    let mut first = true;
    let mut put = |line: &str| {
        let lead = if first { start.to_owned() } else { " ".repeat(indent) };
        first = false;
        writeln!(out, "{lead}{line}")
    };
    for word in text.split(' ') {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > room {
            put(&line)?;
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    put(&line)
}
