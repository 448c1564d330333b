//! Codes explained to a person.

use std::fmt::Write as _;
use std::io::{self, Write};

use omnilogs::StatusGroup;
use omnilogs::model::codes::{self, Code, ErrorGroup, Family};

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
        paragraph("  ", &code.meaning(), width, out)?;
        paragraph("  → ", &code.advice(), width, out)?;
        let members = members(*code);
        if !members.is_empty() {
            paragraph("  = ", &members.join(", "), width, out)?;
        }
    }
    Ok(())
}

/// One line per code: those of each group below its name, then those without a group below their
/// family.
pub(super) fn list(found: &[Code], manner: Manner, out: &mut dyn Write) -> io::Result<()> {
    for group in found.iter().filter(|c| matches!(c, Code::StatusGroup(_) | Code::ErrorGroup(_))) {
        let codes: Vec<Code> = found.iter().filter(|code| is_in(**code, *group)).copied().collect();
        let title = paint(group.name(), "1", manner.colour);
        section(&format!("{title}  {}", head(*group, manner.colour)), &codes, manner, out)?;
    }
    for family in [Family::Mms, Family::Dlt] {
        let codes: Vec<Code> =
            found.iter().filter(|code| is_ungrouped(**code, family)).copied().collect();
        let title = paint(&family.as_str().to_uppercase(), "1", manner.colour);
        section(&title, &codes, manner, out)?;
    }
    writeln!(out, "● final or permanent   ○ can change, or not known")
}

fn section(title: &str, codes: &[Code], manner: Manner, out: &mut dyn Write) -> io::Result<()> {
    let width = manner.width.unwrap_or(MOST_COLUMNS).min(MOST_COLUMNS);
    writeln!(out, "{title}")?;
    let longest = codes.iter().map(|code| code.name().len()).max().unwrap_or_default();
    let short = |code: &Code| code.short().unwrap_or_default();
    let one_line = codes.iter().all(|c| 10 + longest + 2 + short(c).len() <= width);
    for code in codes {
        let (_, colour) = lasting(*code);
        let mark = paint(if lasts(*code) { "●" } else { "○" }, colour, manner.colour);
        let (id, name, short) = (code.id(), code.name(), short(code));
        if short.is_empty() {
            writeln!(out, "{id:>6} {mark} {name}")?;
        } else if one_line {
            writeln!(out, "{id:>6} {mark} {name:<longest$}  {short}")?;
        } else {
            writeln!(out, "{id:>6} {mark} {name}\n{:9}{short}", "")?;
        }
    }
    writeln!(out)
}

/// What kind of code it is, its id, its family, its group, and whether it is final or permanent.
fn head(code: Code, colour: bool) -> String {
    let (kind, group) = match code {
        Code::Status(status) => ("status", Some(status.group.as_str())),
        Code::Error(error) => ("error", error.group.map(ErrorGroup::as_str)),
        Code::StatusGroup(_) => return format!("status group {}", code.id()),
        Code::ErrorGroup(_) => return format!("error group {}", code.id()),
    };
    let mut head = format!("{kind} {}", code.id());
    if let Some(family) = code.family().filter(|family| *family != Family::General) {
        // Writing to a String cannot fail.
        let _ = write!(head, ", {}", family.as_str());
    }
    if let Some(group) = group {
        let _ = write!(head, ", group {group}");
    }
    let (word, tint) = lasting(code);
    if !word.is_empty() {
        let _ = write!(head, ", {}", paint(word, tint, colour));
    }
    head
}

/// Whether it is known not to change.
fn lasts(code: Code) -> bool {
    match code {
        Code::Status(status) => status.is_final,
        Code::Error(error) => error.permanent == Some(true),
        Code::StatusGroup(_) | Code::ErrorGroup(_) => false,
    }
}

/// Whether a code is final or permanent, and the colour for it: green for success, red for a
/// failure that stays, yellow for what can change.
fn lasting(code: Code) -> (&'static str, &'static str) {
    match code {
        Code::Status(status) if !status.is_final => ("not final", "33"),
        Code::Status(status) if status.group == StatusGroup::Delivered => ("final", "32"),
        Code::Status(_) => ("final", "31"),
        Code::Error(error) => match error.permanent {
            _ if error.group == Some(ErrorGroup::Ok) => ("no failure", "32"),
            Some(true) => ("permanent", "31"),
            Some(false) => ("not permanent", "33"),
            None => ("", ""),
        },
        Code::StatusGroup(_) | Code::ErrorGroup(_) => ("", ""),
    }
}

fn is_ungrouped(code: Code, family: Family) -> bool {
    matches!(code, Code::Error(error) if error.group.is_none() && error.family == family)
}

fn is_in(code: Code, group: Code) -> bool {
    match (code, group) {
        (Code::Status(status), Code::StatusGroup(group)) => status.group == group,
        (Code::Error(error), Code::ErrorGroup(group)) => error.group == Some(group),
        _ => false,
    }
}

/// The names in a group, each once.
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
