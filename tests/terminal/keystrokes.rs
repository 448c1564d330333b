//! How much a person types for what they want to know, on a terminal of 80 columns and 24 lines.

use omnilogs::sandbox::{Sandbox, SandboxOptions, Scenario};

use crate::support::terminal::OnTerminal;
use crate::support::{Omnilogs, omnilogs};

/// The API during an outage.
fn outage() -> Sandbox {
    let mut options = SandboxOptions::default();
    (options.scenario, options.now) = (Scenario::Outage, chrono::Utc::now());
    Sandbox::start(options).unwrap()
}

/// What is typed, in a shell, when it is no more than this many keystrokes, with Enter.
#[track_caller]
fn typed(sandbox: &Sandbox, line: &str, most: usize) -> Omnilogs {
    assert!(line.len() < most, "{} keystrokes: {line}", line.len() + 1);
    let run = omnilogs().at(&sandbox.base_url()).env("OMNILOGS_API_KEY", sandbox.api_key());
    run.env("TERM", "xterm").env("NO_COLOR", "1").in_bash(line)
}

/// The lines on the screen, all of which a person can scroll to.
fn lines(run: OnTerminal) -> Vec<String> {
    run.end().code(0).lines()
}

#[test]
fn did_it_arrive_takes_the_number() {
    let sandbox = outage();
    let run = typed(&sandbox, "omnilogs 447700900200", 22);
    let lines = lines(run.on_terminal(80));
    let newest = &lines[0];
    assert!(newest.contains('✓') || newest.contains('✗') || newest.contains('…'), "{lines:#?}");
}

#[test]
fn why_and_what_now_is_the_next_step_of_a_listing_whose_id_need_not_be_copied() {
    let sandbox = outage();
    let list = lines(typed(&sandbox, "omnilogs --failed", 27).on_terminal(80));
    let next = list.last().unwrap().strip_prefix("next: ").unwrap();
    let shown = next.split(" · ").next().unwrap();
    let block = lines(typed(&sandbox, shown, 27).on_terminal(80));
    for label in ["Meaning ", "Do ", "Journey ", "Codes "] {
        assert!(block.iter().any(|line| line.starts_with(label)), "{label}: {block:#?}");
    }
    assert!(block[0].starts_with('✗'), "{block:#?}");
}

#[test]
fn all_failures_of_an_hour_are_two_options() {
    let sandbox = outage();
    let lines = lines(typed(&sandbox, "omnilogs --failed -as1h", 24).on_terminal(80));
    let summary = lines.iter().find(|line| line.contains(" messages: ")).unwrap();
    let count: usize = summary.split(' ').next().unwrap().replace(',', "").parse().unwrap();
    assert!(count > 100 && summary.contains(&format!("messages: {count} failed")), "{summary}");
}

#[test]
fn which_network_fails_is_one_screen() {
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
fn live_failures_are_one_option_more_than_live_messages() {
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
