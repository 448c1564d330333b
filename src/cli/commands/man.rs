//! `man`: prints a manual page, made from the same descriptions as the help.

use std::io;

use anyhow::Context as _;
use clap::{Args, Command};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use crate::failure::Failure;
use crate::help::{ManualEntry, TOPICS, Topic, examples, manual_entry};
use crate::io::output::print;
use crate::text::{closest, quoted};

/// How roff writes an apostrophe, which some versions would show as a closing quotation mark.
const APOSTROPHE: &str = ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n";

/// Options of `man`.
#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// The command; without it, the page of the program
    #[arg(value_name = "COMMAND")]
    pub(crate) names: Vec<String>,
}

/// Prints the manual page of the program or of a command.
pub(crate) fn run(args: &ManArgs, program: &Command) -> Result<(), Failure> {
    let Some(entry) = manual_entry(program.clone(), &args.names) else {
        return Err(unknown(&args.names, program));
    };
    let page = page(entry).context("cannot write the manual page")?;
    print(page.as_bytes())
}

fn unknown(names: &[String], program: &Command) -> Failure {
    let name = names.join(" ");
    let commands = program.get_subcommands().filter(|command| !command.is_hide_set());
    let known: Vec<_> = commands.map(Command::get_name).collect();
    let failure = Failure::usage(format!("{} is not a command", quoted(&name)));
    match closest(&name, known.iter().copied()) {
        Some(meant) => failure.hint(format!("omnilogs man {meant}")),
        None => failure,
    }
    .hint(format!("the commands are {}", known.join(", ")))
}

/// The manual page in roff.
fn page(entry: ManualEntry) -> io::Result<String> {
    let ManualEntry { command, names, has_connection, related } = entry;
    let is_program = names.is_empty();
    let details =
        command.get_after_long_help().or(command.get_after_help()).map(ToString::to_string);
    let commands: Vec<String> =
        command.get_subcommands().map(|below| below.get_name().to_owned()).collect();
    let title = page_name(&names);
    let man = Man::new(command)
        .title(title.to_uppercase())
        .source(concat!("omnilogs ", env!("CARGO_PKG_VERSION")))
        // Without a date, every build makes the same page. An empty date would be left out, and the
        // fields after it would move.
        .date(" ")
        .manual("User Commands");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    let mut roff = Roff::new();
    if let Some(details) = details {
        paragraphs(&mut roff, &details);
    }
    roff.to_writer(&mut page)?;
    man.render_options_section(&mut page)?;
    if !commands.is_empty() {
        man.render_subcommands_section(&mut page)?;
    }
    let mut roff = Roff::new();
    if has_connection && !is_program {
        roff.control("PP", []).text([
            roman("Options of the connection, such as "),
            bold("--profile"),
            roman(" and "),
            bold("--base-url"),
            roman(", are described in "),
            bold("omnilogs"),
            roman("(1)."),
        ]);
    }
    write_examples(&mut roff, &names);
    for topic in TOPICS {
        match (topic.name, is_program) {
            ("exit-codes", _) | ("environment", true) => sections(&mut roff, topic),
            _ => {}
        }
    }
    if is_program {
        roff.control("SH", ["FILES"]);
        row(&mut roff, "config.toml", "configuration file; 'omnilogs config path' prints its path");
    }
    see_also(&mut roff, &names, &related);
    roff.to_writer(&mut page)?;
    let page = String::from_utf8_lossy(&page);
    // Each section defines the apostrophe again.
    Ok(format!("{APOSTROPHE}{}", page.replace(APOSTROPHE, "")))
}

/// The name of a page: `omnilogs-config-init`.
fn page_name(names: &str) -> String {
    format!("omnilogs {names}").trim().replace(' ', "-")
}

fn paragraphs(roff: &mut Roff, text: &str) {
    for paragraph in text.split("\n\n") {
        roff.control("PP", []);
        for line in paragraph.lines() {
            roff.text([roman(line.trim())]);
        }
    }
}

fn row(roff: &mut Roff, term: &str, text: &str) {
    roff.control("TP", []).text([bold(term)]).text([roman(text)]);
}

/// A topic as one section; its parts are subsections when there are several.
fn sections(roff: &mut Roff, topic: &Topic) {
    let heading = topic.name.replace("exit-codes", "exit status").to_uppercase();
    roff.control("SH", [heading.as_str()]);
    for section in topic.sections {
        if topic.sections.len() > 1 {
            roff.control("SS", [section.heading]);
        }
        for (term, text) in section.rows {
            row(roff, term, text);
        }
        if !section.text.is_empty() {
            paragraphs(roff, section.text);
        }
    }
}

fn write_examples(roff: &mut Roff, names: &str) {
    roff.control("SH", ["EXAMPLES"]);
    for example in examples(names) {
        row(roff, example.line, example.about);
    }
}

/// The section with the names of the other pages: that of the program, and the related ones.
fn see_also(roff: &mut Roff, names: &str, related: &[String]) {
    let mut pages: Vec<String> = related.iter().map(|names| page_name(names)).collect();
    if !names.is_empty() {
        pages.insert(0, page_name(""));
    }
    roff.control("SH", ["SEE ALSO"]);
    let last = pages.len().saturating_sub(1);
    for (at, page) in pages.iter().enumerate() {
        let end = if at == last { "(1)" } else { "(1)," };
        roff.text([bold(page.as_str()), roman(end)]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command_line::command;

    fn page_of(names: &[&str]) -> String {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        page(manual_entry(command(), &names).unwrap()).unwrap()
    }

    #[test]
    fn every_option_of_the_manual_page_has_a_text() {
        let page = page_of(&[]);
        let lines: Vec<&str> = page.lines().collect();
        let mut options = 0;
        for [tag, name, text] in lines.array_windows() {
            if *tag == ".TP" && name.starts_with("\\fB") {
                let text = text.trim();
                assert!(!text.is_empty() && !text.starts_with('.'), "{name} has no text");
                options += 1;
            }
        }
        assert!(options > 50, "{options}");
    }

    #[test]
    fn the_page_of_a_command_has_every_section() {
        let page = page_of(&["config", "show"]);
        for section in ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXAMPLES"] {
            assert!(page.contains(&format!("\n.SH {section}\n")), "{section} is missing:\n{page}");
        }
        for section in ["EXIT STATUS", "SEE ALSO"] {
            assert!(page.contains(&format!("\n.SH \"{section}\"\n")), "{section} is missing");
        }
        assert!(page.contains("\n.TH OMNILOGS-CONFIG-SHOW 1 "), "{page}");
        assert!(page.contains("\\fBomnilogs\\-config\\fR(1)"), "{page}");
    }

    #[test]
    fn every_option_of_every_command_has_a_help_text() {
        fn check(command: &Command) {
            for arg in command.get_arguments().filter(|arg| !arg.is_hide_set()) {
                let text = arg.get_help().map(ToString::to_string).unwrap_or_default();
                assert!(!text.trim().is_empty(), "{} {}", command.get_name(), arg.get_id());
            }
            command.get_subcommands().for_each(check);
        }
        let mut command = command();
        command.build();
        check(&command);
    }
}
