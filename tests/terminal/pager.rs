//! Listings that are longer than the screen, and the pager that shows them.

use std::io::Read;

use serde_json::json;

use crate::support::messages::{message_with, results, seconds_before};
use crate::support::programs::found;
use crate::support::terminal::OnTerminal;
use crate::support::{Omnilogs, Response, Server, at_once, omnilogs};

/// A pager that marks each line that it shows.
const MARKING: &str = "sed s/^/PAGED:/";

fn server(rows: usize) -> Server {
    Server::always(Response::json(results((0..rows).map(|n| seconds_before(n, "text")))))
}

/// A listing on a screen of 24 lines.
fn listing(server: &Server, args: &[&str], variables: &[(&str, &str)]) -> OnTerminal {
    let mut run: Omnilogs = omnilogs().at(&server.url()).env("TERM", "xterm").args(args);
    for (name, value) in variables {
        run = run.env(name, value);
    }
    run.on_screen(80, 24)
}

/// Whether the output of a listing went through the pager.
fn is_paged(server: &Server, args: &[&str], variables: &[(&str, &str)]) -> bool {
    let screen = listing(server, args, variables).end().code(0);
    String::from_utf8(screen.bytes).unwrap().contains("PAGED:")
}

#[test]
fn only_a_listing_that_is_longer_than_the_screen_goes_through_the_pager() {
    let (long, short) = (server(60), server(5));
    for variable in ["PAGER", "OMNILOGS_PAGER"] {
        assert!(is_paged(&long, &[], &[(variable, MARKING)]), "{variable}");
        assert!(!is_paged(&short, &[], &[(variable, MARKING)]), "{variable}");
    }
    for format in ["json", "jsonl", "csv", "xml"] {
        assert!(is_paged(&long, &["-o", format], &[("PAGER", MARKING)]), "{format}");
    }
    assert!(is_paged(&short, &["explain", "--list"], &[("PAGER", MARKING)]));
    let stats = |words: &[&str]| {
        let words = [&["stats", "--sandbox", "--since", "10m"], words].concat();
        is_paged(&short, &words, &[("PAGER", MARKING)])
    };
    assert!(stats(&["--chart"]) && stats(&["-o", "json"]));
    assert!(!stats(&["-o", "csv", "--by", "status"]) && !stats(&["--chart", "--no-pager"]));
    let file = ["stats", "--sandbox", "--since", "10m", "-o", "json", "--output-file", "f"];
    let screen = listing(&short, &file, &[("PAGER", MARKING)]).end();
    assert!(!String::from_utf8(screen.code(0).bytes).unwrap().contains("PAGED:"));
}

#[test]
fn the_screen_of_stats_fits_a_terminal_of_24_lines_without_a_pager() {
    let run = omnilogs().env("TERM", "xterm").env("PAGER", MARKING);
    let screen = run.args(["stats", "--sandbox=outage", "--since", "3h"]).on_screen(80, 24);
    let screen = screen.end().code(0);
    assert!(!String::from_utf8(screen.bytes.clone()).unwrap().contains("PAGED:"));
    // Its first line has not scrolled away.
    assert!(screen.lines().len() < 24, "{}", screen.text());
}

#[test]
fn the_summary_is_below_a_listing_that_fits_the_screen() {
    const ID: &str = "2f53f8ad-7fc0-4f1c-8b1e-94a3e1c8ad27";
    let one = Server::always(Response::json(results([message_with(ID, &[])])));
    for (server, args, last_row, summary) in [
        (server(3), &[][..], "✓ delivered", "3 messages: "),
        (server(3), &["show", "447700900123"], "InfoSMS: ", "3 messages: "),
        (one, &["show", ID], "Text ", "next: "),
    ] {
        let lines = listing(&server, args, &[]).end().code(0).lines();
        let row = lines.iter().rposition(|line| line.contains(last_row)).unwrap();
        let below = lines.iter().position(|line| line.starts_with(summary)).unwrap();
        assert!(row < below, "{args:?}: {lines:#?}");
    }
}

#[test]
fn options_variables_and_the_configuration_decide_about_the_pager() {
    let server = server(60);
    for (args, variables) in [
        (&["--no-pager"][..], &[("PAGER", MARKING)][..]),
        (&[], &[("OMNILOGS_PAGER", ""), ("PAGER", MARKING)]),
        (&[], &[("PAGER", "cat")]),
        (&[], &[("PAGER", MARKING), ("TERM", "dumb")]),
        (&["--output-file", "/dev/stdout"], &[("PAGER", MARKING)]),
        (&["follow", "--since", "2026-11-20", "--for", "0s"], &[("PAGER", MARKING)]),
        (
            &["wait", "--bulk-id", "b1", "--interval", "1s", "--timeout", "300s"],
            &[("PAGER", MARKING)],
        ),
    ] {
        assert!(!is_paged(&server, args, variables), "{args:?} {variables:?}");
    }
    let configured = |pager: &str, variables: &[(&str, &str)]| {
        let mut run = omnilogs().at(&server.url()).env("TERM", "xterm");
        run = run.config(&format!("[defaults]\npager = \"{pager}\"\n"));
        for (name, value) in variables {
            run = run.env(name, value);
        }
        let screen = run.on_screen(80, 24).end().code(0);
        String::from_utf8(screen.bytes).unwrap().contains("PAGED:")
    };
    assert!(configured(MARKING, &[("PAGER", "cat")]));
    assert!(!configured("", &[("PAGER", MARKING)]));
    assert!(!configured(MARKING, &[("OMNILOGS_PAGER", "cat")]));
}

#[test]
fn a_pager_that_cannot_be_started_costs_no_row() {
    let server = server(60);
    for pager in ["/no/such/pager -x", "no-such-pager \"x\"", "/etc/passwd"] {
        let screen = listing(&server, &["-o", "jsonl"], &[("OMNILOGS_PAGER", pager)]).end().code(0);
        let text = String::from_utf8(screen.bytes).unwrap();
        for row in ["m0", "m59"] {
            assert!(text.contains(&format!("\"{row}\"")), "{pager}: {row}\n{text}");
        }
        assert!(text.contains("the pager of OMNILOGS_PAGER cannot be started"), "{text}");
    }
}

#[test]
fn a_pager_that_quits_early_ends_the_listing_quietly() {
    let server = server(1000);
    for pager in ["true", "head -n 3", "sh -c 'exit 3'"] {
        let screen =
            listing(&server, &["-n", "1000", "-o", "jsonl"], &[("PAGER", pager)]).end().code(0);
        assert!(!screen.text().contains("error: "), "{}", screen.text());
        assert!(screen.cursor_is_shown());
    }
}

/// The last lines of the screen and the exit status do not depend on how the pager ends.
#[test]
fn no_pager_changes_how_a_command_ends() {
    let stats = ["stats", "--sandbox", "--since", "10m", "--chart", "--fail-if", "messages>0"];
    let server = server(60);
    let commands = [
        (&["show", "447700900123"][..], 0, ""),
        (&stats, 10, "error: a limit is broken"),
        (&["explain", "--list"], 0, ""),
    ];
    let pagers = ["/no/such/pager", "no-such-pager 'x'", "true", "false", "head -n 1", "cat >&2"];
    for (args, code, last) in commands {
        at_once(pagers, |pager| {
            let variables = [("PAGER", pager), ("NO_COLOR", "1")];
            let screen = listing(&server, args, &variables).end().code(code);
            let text = String::from_utf8(screen.bytes.clone()).unwrap();
            assert!(text.contains(last), "{pager}: {text}");
            let is_missing = pager.contains("no");
            assert_eq!(text.contains("the pager of PAGER cannot be started"), is_missing, "{text}");
            let errors = text.matches("error: ").count();
            assert_eq!(errors, usize::from(code != 0), "{pager}: {text}");
            assert!(screen.cursor_is_shown() && screen.requests.0.is_empty());
        });
    }
}

#[test]
fn the_exit_status_and_the_messages_of_a_run_come_after_the_pager() {
    let page = Response::json(results((0..1000).map(|n| seconds_before(n, "text"))));
    let server = Server::sequence([page, Response::error("400 Bad Request")]);
    let window = ["--since", "2026-11-22T10:00:00Z", "--until", "2026-11-22T11:00:00Z"];
    let args = [&["--all", "--retries", "0", "-o", "csv"], &window[..]].concat();
    let screen = listing(&server, &args, &[("PAGER", "sed s/^/PAGED:/; echo END-OF-PAGER")]);
    let screen = screen.end().code(3);
    let text = String::from_utf8(screen.bytes).unwrap();
    assert!(text.find("END-OF-PAGER").unwrap() < text.find("error:").unwrap(), "{text}");
}

#[test]
fn less_shows_the_listing_until_it_is_left_and_survives_ctrl_c() {
    if found("less").is_none() {
        return;
    }
    let server = server(60);
    let path = std::env::var("PATH").unwrap();
    let mut run = listing(&server, &["--color", "never"], &[("PATH", &path)]);
    // less shows a prompt below the first screen.
    run.until("\n:");
    // At the end of the listing, no row is left to be written.
    run.type_in_until("G", "(END)");
    run.type_in("\u{3}");
    // It still searches, so it was not ended.
    run.type_in_until("/no such row\n", "Pattern not found");
    run.type_in("q");
    let screen = run.end().code(0);
    // The summary comes when the pager is left.
    assert!(screen.text().contains("\n60 messages"), "{}", screen.text());
    assert!(screen.text().contains("✓ delivered"), "{}", screen.text());
    assert!(screen.cursor_is_shown());
}

#[test]
fn an_empty_table_on_a_terminal_has_no_header() {
    let empty = Server::always(Response::json(results([])));
    let screen = listing(&empty, &[], &[]).end().code(0);
    assert!(!screen.text().contains("SENT AT"), "{}", screen.text());
    assert!(screen.text().contains("no messages"), "{}", screen.text());
}

#[test]
fn json_is_coloured_on_a_terminal_and_where_colour_is_forced() {
    let row = message_with("m1", &[("text", json!("a \"quoted\" text"))]);
    let server = Server::always(Response::json(results([row])));
    for format in ["json", "jsonl"] {
        let coloured = |run: Omnilogs| run.at(&server.url()).args(["-o", format]);
        let screen = coloured(omnilogs().env("TERM", "xterm")).on_terminal(80).end().code(0);
        assert!(screen.escapes() > 20, "{format}");
        let plain = coloured(omnilogs()).run().code(0).stdout;
        assert!(!plain.contains('\u{1b}'), "{plain}");
        let forced = coloured(omnilogs()).args(["--color", "always"]).run().code(0).stdout;
        assert!(forced.contains("\u{1b}[1m\"messageId\"\u{1b}[0m"), "{forced}");
        // A variable that forces colour must not change the input of a script.
        let variable = coloured(omnilogs()).env("CLICOLOR_FORCE", "1").run().code(0).stdout;
        assert_eq!(variable, plain);
        let jq = coloured(omnilogs()).args(["--color", "always", "--jq", "."]).run().code(0);
        assert!(!jq.stdout.contains('\u{1b}'), "{}", jq.stdout);
        let words = ["stats", "--sandbox", "--since", "10m", "-o", format];
        let stats = |run: Omnilogs| run.args(words);
        let screen = stats(omnilogs().env("TERM", "xterm")).on_terminal(80).end().code(0);
        assert!(screen.escapes() > 20, "{format}");
        assert!(!stats(omnilogs()).run().code(0).stdout.contains('\u{1b}'));
        let forced = stats(omnilogs()).args(["--color", "always"]).run().code(0).stdout;
        assert!(forced.contains("\u{1b}[1m\"messages\"\u{1b}[0m"), "{forced}");
        let never = stats(omnilogs().env("TERM", "xterm")).args(["--color", "never"]);
        assert_eq!(never.on_terminal(80).end().code(0).escapes(), 0);
    }
}

/// The columns of the longest line, without its colours.
fn widest(text: &str) -> usize {
    let lines = text.lines().map(|line| {
        let mut parts = line.split('\u{1b}');
        let first = parts.next().unwrap().chars().count();
        first + parts.map(|part| part.split_once('m').unwrap().1.chars().count()).sum::<usize>()
    });
    lines.max().unwrap()
}

/// As in `omnilogs --color always | less -R`.
#[test]
fn a_table_with_forced_colour_in_a_pipe_fits_the_terminal_of_standard_error() {
    let server = server(3);
    let piped = |args: &[&str]| {
        let run = omnilogs().at(&server.url()).args(args);
        let (run, mut pipe) = run.on_terminal_piped(60);
        let mut text = String::new();
        pipe.read_to_string(&mut text).unwrap();
        run.end().code(0);
        widest(&text)
    };
    assert!(piped(&["--color", "always"]) <= 60);
    assert!(piped(&[]) > 60, "a program gets whole cells");
    assert!(piped(&["--color", "never"]) > 60);
}

#[test]
fn a_table_with_forced_colour_fits_the_columns_of_the_environment() {
    let server = server(3);
    let run = |args: &[&str]| {
        omnilogs().at(&server.url()).args(args).env("COLUMNS", "60").run().code(0).stdout
    };
    assert!(widest(&run(&["--color", "always"])) <= 60);
    assert!(widest(&run(&[])) > 60, "a pipe gets whole cells");
}
