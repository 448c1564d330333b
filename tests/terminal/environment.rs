//! Widths, colours and time zones of the environment, valid or not.

use chrono::Utc;
use serde_json::json;

use crate::support::messages::{message, message_with, results};
use crate::support::model::{ServerBehavior, serve};
use crate::support::terminal::Screen;
use crate::support::{Omnilogs, Response, Server, omnilogs};

fn server() -> Server {
    Server::always(Response::json(results([message("m1", "hello"), message("m2", "there")])))
}

fn on_terminal(run: Omnilogs, columns: u16) -> Screen {
    run.at(&server().url()).on_terminal(columns).end().code(0)
}

/// C26.
#[test]
fn an_invalid_width_is_replaced_by_the_width_of_the_terminal() {
    let plain = on_terminal(omnilogs(), 80).text();
    assert!(plain.contains("SENT UTC"), "{plain}");
    for columns in ["0", "1000000000", "-1", "wide", ""] {
        assert_eq!(on_terminal(omnilogs().env("COLUMNS", columns), 80).text(), plain, "{columns}");
    }
}

/// The lines with rows, without the summary.
fn rows(screen: &Screen) -> Vec<String> {
    let lines = screen.lines();
    lines.into_iter().take_while(|line| !line.starts_with("2 messages")).collect()
}

/// C26.
#[test]
fn a_narrow_terminal_shows_one_field_per_line_and_no_line_is_wider() {
    for screen in [on_terminal(omnilogs().env("COLUMNS", "20"), 200), on_terminal(omnilogs(), 20)] {
        let rows = rows(&screen);
        assert!(rows.iter().all(|line| line.chars().count() <= 20), "{rows:#?}");
        assert!(rows.iter().any(|line| line == "TEXT     hello"), "{rows:#?}");
    }
}

/// C26. Nothing fits into one column: names and values take the narrowest readable width.
#[test]
fn a_terminal_of_one_column_still_shows_one_field_per_line() {
    let rows = rows(&on_terminal(omnilogs().env("COLUMNS", "1"), 200));
    assert!(rows.iter().all(|line| line.chars().count() <= 20), "{rows:#?}");
    assert!(rows.iter().any(|line| line == "TEXT     hello"), "{rows:#?}");
}

/// C26.
#[test]
fn resizing_the_terminal_while_waiting_for_the_server_is_safe() {
    let server = Server::sequence([
        Response::new("429 Too Many Requests", &[("Retry-After", "1")], ""),
        Response::json(results([message("m1", "hello")])),
    ]);
    let mut run = omnilogs().at(&server.url()).on_terminal(80);
    run.until("throttled");
    run.resize(20);
    assert!(run.end().code(0).text().contains("delivered, 1.0 s"));
}

/// C26.
#[test]
fn resizing_the_terminal_during_a_follow_is_safe() {
    let now = || json!(Utc::now().format("%Y-%m-%dT%H:%M:%S%.3f+0000").to_string());
    let row =
        move |id: &str, text: &str| message_with(id, &[("sentAt", now()), ("text", json!(text))]);
    let server = Server::start(move |number, _| {
        let first = row("m1", "hello");
        let rows = if number == 0 { vec![first] } else { vec![row("m2", "there"), first] };
        Response::json(results(rows))
    });
    let words = ["follow", "--interval", "1s", "--columns", "messageId,text"];
    let mut run = omnilogs().at(&server.url()).args(words).on_terminal(80);
    run.until("hello");
    run.resize(20);
    run.until("there");
    run.type_in("\x03");
    run.end().code(130);
}

/// C26. A pipe has no width: lines are as long as the rows.
#[test]
fn a_width_in_the_environment_does_not_truncate_output_into_a_pipe() {
    let run = omnilogs().at(&server().url()).env("COLUMNS", "20");
    let ran = run.run().code(0);
    assert!(ran.stdout.lines().all(|line| line.len() > 100), "{}", ran.stdout);
}

/// Runs that succeed, fail, and warn.
fn runs() -> Vec<(&'static str, Omnilogs)> {
    let fails = Server::always(Response::error("401 Unauthorized"));
    let (good, fails) = (server().url(), fails.url());
    vec![
        ("rows", omnilogs().at(&good)),
        ("wide", omnilogs().at(&good).args(["--wide", "-v"])),
        ("json", omnilogs().at(&good).args(["-o", "json"])),
        ("csv", omnilogs().at(&good).args(["-o", "csv"])),
        ("warning", omnilogs().at(&good).args(["--since", "3d"])),
        ("refused", omnilogs().at(&fails).args(["-vv"])),
        ("usage", omnilogs().args(["--nonsense"])),
        ("help", omnilogs().args(["--help"])),
        ("config", omnilogs().args(["config", "show"])),
        ("stats", omnilogs().at(&good).args(["stats", "-n", "9"])),
        ("doctor", omnilogs().at(&good).args(["doctor"])),
        ("explain", omnilogs().args(["explain", "5"])),
        ("follow", omnilogs().at(&good).args(["follow", "--for", "1s", "--interval", "1s"])),
        ("wait", omnilogs().at(&good).args(["wait", "--message-id", "m1,m2", "--timeout", "1s"])),
    ]
}

/// C27.
#[test]
fn no_escape_is_written_to_a_terminal_without_colours() {
    for (name, value) in [("TERM", "dumb"), ("NO_COLOR", "1"), ("CI", "true")] {
        for (what, run) in runs() {
            let screen = run.env("TERM", "xterm").env(name, value).on_terminal(100).end();
            assert_eq!(screen.escapes(), 0, "{name}, {what}:\n{}", screen.text());
        }
    }
}

/// C27.
#[test]
fn no_escape_is_written_into_a_pipe() {
    for (what, run) in runs() {
        let ran = run.env("TERM", "xterm-256color").run();
        assert!(!(ran.stdout + &ran.stderr).contains('\u{1b}'), "{what}");
    }
}

/// C27. The counterpart of the tests above.
#[test]
fn a_terminal_that_shows_colours_gets_them_on_both_streams() {
    let screen = on_terminal(omnilogs().env("TERM", "xterm"), 100);
    assert!(screen.escapes() > 0);
    let fails = Server::always(Response::error("401 Unauthorized"));
    let failed = omnilogs().at(&fails.url()).env("TERM", "xterm");
    assert!(failed.on_terminal_without_output(100).end().escapes() > 0);
}

/// C28.
#[test]
fn an_unknown_zone_in_the_environment_becomes_utc_with_a_note() {
    for zone in ["Mars/Olympus_Mons", "   ", "EST5EDT4,M3.2.0"] {
        let ran = omnilogs().at(&server().url()).env("TZ", zone).run().code(0);
        assert!(ran.stdout.contains("2026-11-22 10:00:05.390+00:00"), "{}", ran.stdout);
        assert!(ran.stderr.contains("TZ does not name a time zone"), "{}", ran.stderr);
    }
}

/// C28. Issue 9, point 9.
#[test]
fn every_command_warns_once_about_an_unknown_zone() {
    let commands = [
        "",
        "follow --for 1s",
        "-f --for 1s",
        "wait --message-id m1",
        "stats",
        "stats --dry-run",
        "archive sync",
        "archive init",
        "explain 5",
        "config init",
        "config path",
        "config show",
        "completions bash",
        "man",
        "doctor",
        "show m1 -o json",
        "sandbox --port 1",
        "login",
    ];
    // Statistics need a server that respects the time range: only then is a result complete.
    let held = vec![message("m1", "hello"), message("m2", "there")];
    let server = serve(held, ServerBehavior::default());
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let run = |command: &str, quiet: Option<&str>| {
        let words = command.split_whitespace().map(|word| if word == "1" { &*port } else { word });
        let run = omnilogs().at(&server.url()).env("TZ", "Mars/Olympus_Mons");
        run.args(words).args(quiet).run()
    };
    let warning = "warning: TZ does not name a time zone";
    for command in commands {
        // Login needs a terminal, and the port of the sandbox is in use.
        let is_refused = ["login", "sandbox --port 1"].contains(&command);
        let ran = run(command, None);
        assert_eq!(ran.code != 0, is_refused, "{command}: {}", ran.stderr);
        assert_eq!(ran.stderr.matches(warning).count(), 1, "{command}: {}", ran.stderr);
        let ran = run(command, Some("-q"));
        assert!(!ran.stderr.contains(warning), "{command}: {}", ran.stderr);
    }
}

/// C28. The help, and the completion at the Tab key, which shares the terminal with the line that is
/// being typed.
#[test]
fn neither_help_nor_completion_warns_about_an_unknown_zone() {
    for words in [&["--help"][..], &["--version"], &["help"], &["help", "time"], &["man", "-h"]] {
        let ran = omnilogs().env("TZ", "Mars/Olympus_Mons").args(words).run().code(0);
        assert_eq!(ran.stderr, "", "{words:?}");
    }
    let run = omnilogs().env("TZ", "Mars/Olympus_Mons").env("OMNILOGS_COMPLETE", "fish");
    assert_eq!(run.args(["--", "omnilogs", "--chan"]).run().code(0).stderr, "");
}

/// C28. A command that needs no configuration still reads which zone the user chose there.
#[test]
fn a_zone_of_the_configuration_makes_the_unknown_one_unused_in_every_command() {
    for command in ["explain 5", "completions bash", "config path", "doctor -o json"] {
        let run = omnilogs().at(&server().url()).config("[defaults]\ntimezone = \"UTC\"\n");
        let run = run.env("TZ", "Mars/Olympus_Mons").args(command.split(' '));
        let ran = run.run().code(0);
        assert!(!ran.stderr.contains("TZ does not"), "{command}: {}", ran.stderr);
        assert!(!ran.stdout.contains("TZ does not"), "{command}: {}", ran.stdout);
    }
}

#[test]
fn the_archive_commands_show_times_in_the_zone_of_the_options_and_of_the_configuration() {
    let server = serve(vec![message("m1", "hello")], ServerBehavior::default());
    let synced = omnilogs().at(&server.url()).in_bash(
        "omnilogs archive sync --archive a.db -z Asia/Tokyo
         omnilogs archive status --archive a.db --utc
         omnilogs archive status --archive a.db --timezone Asia/Tokyo
         printf '[defaults]\ntimezone = \"Asia/Kolkata\"\n' > c.toml
         omnilogs archive status --archive a.db --config c.toml
         TZ=Mars/Olympus_Mons omnilogs archive status --archive a.db --utc",
    );
    let ran = synced.run().code(0);
    assert!(ran.stderr.contains("+09:00"), "{}", ran.stderr);
    let runs: Vec<_> = ran.stdout.lines().filter(|line| line.starts_with("last run")).collect();
    for (line, offset) in runs.iter().zip(["+00:00", "+09:00", "+05:30", "+00:00"]) {
        assert!(line.contains(offset), "{offset}: {}", ran.stdout);
    }
    assert_eq!(runs.len(), 4, "{}", ran.stdout);
    assert!(!ran.stderr.contains("TZ does not name"), "{}", ran.stderr);
}

/// C28.
#[test]
fn an_unused_unknown_zone_causes_no_note() {
    let zone = "Mars/Olympus_Mons";
    let run = || omnilogs().at(&server().url()).env("TZ", zone);
    for run in [run().args(["-z", "Europe/Zagreb"]), run().args(["--utc"]), run().args(["-q"])] {
        assert_eq!(run.run().code(0).stderr, "");
    }
}

/// C28. The program contains the zones, so it needs no zone database of the system.
#[test]
fn a_zone_is_known_on_a_machine_without_a_zone_database() {
    let run = omnilogs().at(&server().url()).env("TZ", "Asia/Tokyo").env("TZDIR", "/nowhere");
    let ran = run.run().code(0);
    assert!(ran.stdout.contains("2026-11-22 19:00:05.390+09:00"), "{}", ran.stdout);
}

/// C28.
#[test]
fn an_unknown_zone_on_the_command_line_is_refused() {
    let run = omnilogs().at(&server().url()).args(["--timezone", "Mars/Olympus_Mons"]);
    run.run().code(2).says("Europe/Zagreb");
}
