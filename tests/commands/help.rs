//! Help texts: their length and order, topics, aliases, colour.

use crate::support::documentation::commands;
use crate::support::{Ran, omnilogs};

fn run(args: &[&str]) -> Ran {
    omnilogs().args(args).env("COLUMNS", "80").run()
}

fn text(args: &[&str]) -> String {
    run(args).code(0).stdout
}

#[test]
fn the_short_help_is_one_screen_of_eighty_columns() {
    let help = text(&["-h"]);
    let lines: Vec<&str> = help.lines().collect();
    assert!(lines.len() <= 24, "{} lines\n{help}", lines.len());
    let widest = lines.iter().map(|line| line.chars().count()).max().unwrap();
    assert!(widest <= 80, "{help}");
    let examples = lines.iter().skip_while(|line| **line != "Examples:").skip(1);
    assert_eq!(examples.take_while(|line| !line.is_empty()).count(), 5, "{help}");
    for group in ["Commands ", "Filters ", "Output ", "Source ", "General ", "Connection "] {
        assert_eq!(lines.iter().filter(|line| line.starts_with(group)).count(), 1, "{group}");
    }
    for name in commands(&text(&["--help"])) {
        assert!(help.split_whitespace().any(|word| word == name), "{name} is not in:\n{help}");
    }
    assert!(help.contains("omnilogs --help") && help.contains("exit-codes"), "{help}");
}

#[test]
fn every_help_text_fits_its_width_and_is_not_broken_inside_words() {
    let names = commands(&text(&["--help"]));
    for columns in ["20", "40", "80", "200"] {
        for name in names.iter().map(String::as_str).chain(["-q"]) {
            for flag in ["-h", "--help"] {
                let run = omnilogs().args([name, flag]).env("COLUMNS", columns);
                let help = run.run().code(0).stdout;
                let width: usize = columns.parse().unwrap();
                // A command to copy and a single word that is longer than the line stay whole.
                let is_long = |line: &&str| {
                    let has_words = line.trim().contains(' ') && !line.contains("omnilogs");
                    line.chars().count() > width.min(100) && has_words
                };
                let long: Vec<_> = help.lines().filter(is_long).collect();
                // clap cannot break the names of options.
                let long: Vec<_> =
                    long.into_iter().filter(|line| !line.trim().starts_with('-')).collect();
                assert!(long.is_empty() || width < 40, "{name} {flag} at {columns}: {long:?}");
            }
        }
    }
}

#[test]
fn the_help_of_the_program_is_the_same_beside_other_options() {
    for flag in ["-h", "--help"] {
        assert_eq!(text(&[flag]), text(&["-q", flag]), "{flag}");
        assert_eq!(text(&[flag]), text(&["--channel", "SMS", flag]), "{flag}");
    }
    assert_eq!(text(&["--help"]), text(&["help"]));
}

#[test]
fn help_with_a_name_is_the_long_help_of_the_command() {
    assert_eq!(text(&["help"]), text(&["--help"]));
    assert_eq!(text(&["help", "stats"]), text(&["stats", "--help"]));
    assert_eq!(text(&["help", "config", "init"]), text(&["config", "init", "--help"]));
    assert_eq!(text(&["help", "tail"]), text(&["follow", "--help"]));
}

#[test]
fn examples_come_before_options_and_the_options_of_a_command_before_global_ones() {
    for name in ["follow", "wait", "stats", "explain"] {
        let help = text(&[name, "--help"]);
        let at = |what: &str| help.find(what).unwrap_or_else(|| panic!("no {what} in\n{help}"));
        assert!(at("\nExamples:") < at("\nOptions:"), "{name}");
        assert!(at("\nOptions:") < at("\nGlobal options:"), "{name}");
        assert!(at("\nGlobal options:") < at("omnilogs help connection"), "{name}");
        assert!(!help.contains("--base-url <URL>"), "{name} repeats options of the connection");
    }
    let follow = text(&["follow", "--help"]);
    assert!(follow.find("--interval").unwrap() < follow.find("\nFilters").unwrap(), "{follow}");
}

#[test]
fn topics_describe_exit_codes_environment_time_and_connection() {
    for (topic, wanted) in [
        ("exit-codes", &["  7 ", "HTTP 429", "130"][..]),
        ("environment", &["OMNILOGS_API_KEY", "NO_COLOR", "TZ"]),
        ("time", &["1h30m", "RFC 3339", "Europe/Zagreb"]),
        ("connection", &["--base-url <URL>", "credential_command", "NO_PROXY"]),
    ] {
        let help = text(&["help", topic]);
        for word in wanted {
            assert!(help.contains(word), "{word} is not in\n{help}");
        }
        assert!(help.lines().all(|line| line.chars().count() <= 80), "{help}");
    }
}

#[test]
fn an_unknown_name_is_refused_with_a_suggestion() {
    run(&["help", "exit-code"]).code(2).says("omnilogs help exit-codes");
    run(&["help", "statz"]).code(2).says("omnilogs help stats");
    run(&["help", "connections", "time"]).code(2).says("is not a command or a topic");
}

#[test]
fn aliases_run_the_same_commands() {
    let rows =
        |words: &[&str]| omnilogs().args(words).stdin("{\"results\":[]}").run().code(0).stdout;
    let input = ["--input", "-", "-o", "json"];
    let plain = rows(&input);
    for alias in ["list", "logs"] {
        assert_eq!(rows(&[&[alias], &input[..]].concat()), plain, "{alias}");
    }
    assert_eq!(text(&["completion", "bash"]), text(&["completions", "bash"]));
    assert_eq!(text(&["tail", "-h"]), text(&["follow", "-h"]));
    run(&["list", "--for", "5s"]).code(2).says("--for works with follow only");
}

#[test]
fn headings_are_bold_where_colour_is_used() {
    let bold = "\u{1b}[1mExamples:\u{1b}[0m";
    for args in [&["--help"][..], &["-h"], &["follow", "-h"], &["help", "time"]] {
        let coloured = omnilogs().args(args).env("CLICOLOR_FORCE", "1").run().code(0).stdout;
        let plain = omnilogs().args(args).run().code(0).stdout;
        assert!(coloured.contains("\u{1b}[1m"), "{args:?}");
        assert!(!plain.contains('\u{1b}'), "{args:?}");
        let stripped: String = coloured.split("\u{1b}[").enumerate().map(strip).collect();
        assert_eq!(stripped, plain, "{args:?}");
    }
    let always = omnilogs().args(["--color", "always", "-h"]).run().code(0).stdout;
    assert!(always.contains(bold), "{always}");
    let never = omnilogs().args(["--color=never", "-h"]).env("CLICOLOR_FORCE", "1");
    assert!(!never.run().code(0).stdout.contains('\u{1b}'));
}

/// The part of a text after an escape sequence, without the rest of the sequence.
fn strip((at, part): (usize, &str)) -> &str {
    if at == 0 { part } else { part.split_once('m').unwrap().1 }
}
