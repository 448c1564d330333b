//! How many keystrokes the common tasks take, and that their result fits a terminal of 80 columns and
//! 24 lines.

use omnilogs::sandbox::{Sandbox, SandboxOptions, Scenario};
use serde_json::json;

use crate::support::account::on_account;
use crate::support::messages::{message_with, results};
use crate::support::terminal::OnTerminal;
use crate::support::{Omnilogs, Response, Server, omnilogs};

/// The API during an outage.
fn outage() -> Sandbox {
    let mut options = SandboxOptions::default();
    (options.scenario, options.now) = (Scenario::Outage, chrono::Utc::now());
    Sandbox::start(options).unwrap()
}

/// A run of this line in a shell. Typing it must take at most this many keystrokes, Enter included.
#[track_caller]
fn typed(sandbox: &Sandbox, line: &str, max_keystrokes: usize) -> Omnilogs {
    typed_by(on_account(sandbox), line, max_keystrokes)
}

/// Like [`typed`], with the account of this run.
#[track_caller]
fn typed_by(run: Omnilogs, line: &str, max_keystrokes: usize) -> Omnilogs {
    assert!(line.len() < max_keystrokes, "{} keystrokes: {line}", line.len() + 1);
    run.env("TERM", "xterm").env("NO_COLOR", "1").in_bash(line)
}

/// The lines on the screen, all of which a person can scroll to.
fn lines(run: OnTerminal) -> Vec<String> {
    run.end().code(0).lines()
}

#[test]
fn the_number_alone_shows_whether_a_message_arrived() {
    let sandbox = outage();
    let run = typed(&sandbox, "omnilogs 447700900200", 22);
    let lines = lines(run.on_terminal(80));
    let newest = &lines[0];
    assert!(newest.contains('✓') || newest.contains('✗') || newest.contains('…'), "{lines:#?}");
}

#[test]
fn the_next_step_of_a_listing_explains_a_failure_and_needs_no_whole_id() {
    let failed = [
        ("status.name", json!("UNDELIVERABLE_NOT_DELIVERED")),
        ("status.groupName", json!("UNDELIVERABLE")),
        ("error.name", json!("EC_ABSENT_SUBSCRIBER")),
        ("error.id", json!(27)),
    ];
    let row = message_with("82bf2748-5c33-4c8a-9d7e-2f6d6a1c0b7e", &failed);
    let server = Server::always(Response::json(results([row])));
    let account = || omnilogs().at(&server.url());
    let list = lines(typed_by(account(), "omnilogs --failed", 27).on_terminal(80));
    let next = list.last().unwrap().strip_prefix("next: ").unwrap();
    let shown = next.split(" · ").next().unwrap();
    let block = lines(typed_by(account(), shown, 27).on_terminal(80));
    for label in ["Meaning ", "Do ", "Journey ", "Codes "] {
        assert!(block.iter().any(|line| line.starts_with(label)), "{label}: {block:#?}");
    }
    assert!(block[0].starts_with('✗'), "{block:#?}");
}

#[test]
fn two_options_list_all_failures_of_an_hour() {
    let sandbox = outage();
    let lines = lines(typed(&sandbox, "omnilogs --failed -as1h", 24).on_terminal(80));
    let summary = lines.iter().find(|line| line.contains(" messages: ")).unwrap();
    let count: usize = summary.split(' ').next().unwrap().replace(',', "").parse().unwrap();
    assert!(count > 100 && summary.contains(&format!("messages: {count} failed")), "{summary}");
}

#[test]
fn one_screen_shows_which_network_fails() {
    let sandbox = outage();
    let run =
        typed(&sandbox, "omnilogs stats --by network -s1h", 34).env("PAGER", "sed s/^/PAGED:/");
    let screen = run.on_screen(80, 24).end().code(0);
    let lines = screen.lines();
    assert!(lines.len() < 24 && !screen.text().contains("PAGED:"), "{lines:#?}");
    let groups = lines.iter().skip_while(|line| !line.starts_with("NETWORK ")).nth(1).unwrap();
    assert!(groups.starts_with("310410 United States "), "{lines:#?}");
}

#[test]
fn one_more_option_follows_failures_only() {
    let sandbox = outage();
    let mut run = typed(&sandbox, "omnilogs -f --failed", 21).on_terminal(80);
    run.until("✗");
    run.type_in("\u{3}");
    let screen = run.end().code(130);
    assert!(!screen.text().contains('✓'), "{}", screen.text());
}

#[test]
fn a_thousand_rows_can_be_scrolled() {
    let sandbox = outage();
    let run = typed(&sandbox, "omnilogs -n1000", 16).env("PAGER", "sed s/^/PAGED:/");
    let screen = run.on_screen(80, 24).end().code(0);
    let text = String::from_utf8(screen.bytes).unwrap();
    assert!(text.matches("PAGED:").count() > 1000, "{text}");
}
