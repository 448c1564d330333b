//! Codes as text for people: explanations, and the list of all codes.

use std::fmt::Write as _;
use std::io::{self, Write};

use omnilogs::StatusGroup;
use omnilogs::model::codes::{self, Code, ErrorGroup, Family};
use omnilogs::sink::width::{display_width, wrap_words};
use omnilogs::sink::{Colour, bold, printable};

use super::{ExplainStyle, ExplainedCode, MatchedCodes};
use crate::text::counted;

/// Longer lines are hard to read, however wide the terminal is.
const MAX_WIDTH: usize = 100;

/// Columns of the id and the mark in front of a code in the list, with the blanks between them.
const INDENT: usize = 9;

/// Writes each code with its meaning and advice.
pub(super) fn write_explanations(
    found: MatchedCodes<'_>,
    style: ExplainStyle,
    out: &mut dyn Write,
) -> io::Result<()> {
    let width = style.width.unwrap_or(MAX_WIDTH).min(MAX_WIDTH);
    for (at, code) in found.codes.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        if let Some(messages) = found.messages(*code) {
            writeln!(out, "{}", counted(messages, "message"))?;
        }
        let code = match code {
            ExplainedCode::Published(code) => code,
            ExplainedCode::Unpublished(code) => {
                let titled = beside(&code.title(), &code.head(), width, style.colour);
                writeln!(out, "{titled}")?;
                paragraph("  ", &printable(&code.meaning()), width, out)?;
                paragraph("  → ", &code.advice(), width, out)?;
                continue;
            }
        };
        out.write_all(titled(*code, width, style.colour).as_bytes())?;
        paragraph("  ", &code.meaning(), width, out)?;
        paragraph("  → ", &code.advice(), width, out)?;
        let members = members(*code);
        if !members.is_empty() {
            paragraph("  Codes: ", &members.join(", "), width, out)?;
        }
    }
    Ok(())
}

/// Writes one line per code: the codes of each group below its name, then those without a group
/// below the name of their family.
pub(super) fn write_list(
    found: &[Code],
    style: ExplainStyle,
    out: &mut dyn Write,
) -> io::Result<()> {
    let width = style.width.unwrap_or(MAX_WIDTH).min(MAX_WIDTH);
    for group in found.iter().filter(|c| matches!(c, Code::StatusGroup(_) | Code::ErrorGroup(_))) {
        let codes: Vec<Code> = found.iter().filter(|code| is_in(**code, *group)).copied().collect();
        write_section(&titled(*group, width, style.colour), &codes, (width, style.colour), out)?;
    }
    for family in [Family::Mms, Family::Dlt] {
        let codes: Vec<Code> =
            found.iter().filter(|code| is_ungrouped(**code, family)).copied().collect();
        let title = title(&family.as_str().to_uppercase(), style.colour);
        write_section(&format!("{title}\n"), &codes, (width, style.colour), out)?;
    }
    let marks = wrap_words("● final or permanent   ○ can change, or not known", width, 2);
    writeln!(out, "{marks}")
}

fn write_section(
    title: &str,
    codes: &[Code],
    (width, has_colour): (usize, bool),
    out: &mut dyn Write,
) -> io::Result<()> {
    write!(out, "{title}")?;
    let longest = codes.iter().map(|code| code.name().len()).max().unwrap_or_default();
    let short = |code: &Code| code.short().unwrap_or_default();
    let fits_one_line = codes.iter().all(|c| INDENT + longest + 2 + short(c).len() <= width);
    for code in codes {
        let (_, colour) = permanence(*code);
        let mark = paint(if is_permanent(*code) { "●" } else { "○" }, colour, has_colour);
        let (id, name, short) = (code.id(), code.name(), short(code));
        if fits_one_line && !short.is_empty() {
            writeln!(out, "{id:>6} {mark} {name:<longest$}  {short}")?;
            continue;
        }
        let name = if INDENT + name.len() <= width {
            format!(" {name}\n")
        } else {
            format!("\n{}", indented(name, width, INDENT))
        };
        write!(out, "{id:>6} {mark}{name}{}", indented(short, width, INDENT))?;
    }
    writeln!(out)
}

/// The name of a code and its description, on one line if both fit.
fn titled(code: Code, width: usize, colour: bool) -> String {
    let text = beside(code.name(), &head(code), width, colour);
    let (word, tint) = permanence(code);
    let start = text.strip_suffix(word).filter(|_| !word.is_empty());
    match start {
        Some(start) => format!("{start}{}\n", paint(word, tint, colour)),
        None => format!("{text}\n"),
    }
}

/// A name and what is said of it, on one line if both fit.
fn beside(name: &str, head: &str, width: usize, colour: bool) -> String {
    if display_width(name) + 2 + display_width(head) <= width {
        return format!("{}  {head}", title(name, colour));
    }
    format!("{}\n{}", title(name, colour), indented(head, width, 2).trim_end())
}

/// A text in lines that fit, indented by this many blanks, or by fewer on a narrow terminal.
fn indented(text: &str, width: usize, indent: usize) -> String {
    let indent = if indent * 3 > width { 2 } else { indent };
    let lines = wrap_words(text, width.saturating_sub(indent), 0);
    let blanks = " ".repeat(indent);
    lines.lines().flat_map(|line| [blanks.as_str(), line, "\n"]).collect()
}

/// The kind of a code, its id, its family, its group, and whether it is final or permanent.
fn head(code: Code) -> String {
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
    let (word, _) = permanence(code);
    if !word.is_empty() {
        let _ = write!(head, ", {word}");
    }
    head
}

/// Whether a code is known to be final or permanent.
fn is_permanent(code: Code) -> bool {
    match code {
        Code::Status(status) => status.is_final,
        Code::Error(error) => error.permanent == Some(true),
        Code::StatusGroup(_) | Code::ErrorGroup(_) => false,
    }
}

/// Whether a code is final or permanent, in words, and the colour for it: green for success, red
/// for a permanent failure, amber for what can change.
fn permanence(code: Code) -> (&'static str, Option<Colour>) {
    match code {
        Code::Status(status) if !status.is_final => ("not final", Some(Colour::Amber)),
        Code::Status(status) if status.group == StatusGroup::Delivered => {
            ("final", Some(Colour::Green))
        }
        Code::Status(_) => ("final", Some(Colour::Red)),
        Code::Error(error) => match error.permanent {
            _ if error.group == Some(ErrorGroup::Ok) => ("no failure", Some(Colour::Green)),
            Some(true) => ("permanent", Some(Colour::Red)),
            Some(false) => ("not permanent", Some(Colour::Amber)),
            None => ("", None),
        },
        Code::StatusGroup(_) | Code::ErrorGroup(_) => ("", None),
    }
}

fn is_ungrouped(code: Code, family: Family) -> bool {
    matches!(code, Code::Error(error) if error.group.is_none() && error.family == family)
}

/// Whether a code is of a group.
pub(super) fn is_in(code: Code, group: Code) -> bool {
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

fn paint(text: &str, colour: Option<Colour>, is_wanted: bool) -> String {
    match colour {
        Some(colour) if is_wanted => colour.paint(text),
        _ => text.to_owned(),
    }
}

fn title(text: &str, is_bold: bool) -> String {
    if is_bold { bold(text) } else { text.to_owned() }
}

/// Writes a text in lines that fit; those after the first are indented by the width of `start`.
fn paragraph(start: &str, text: &str, width: usize, out: &mut dyn Write) -> io::Result<()> {
    let lines = wrap_words(&format!("{start}{text}"), width, start.chars().count());
    writeln!(out, "{lines}")
}
