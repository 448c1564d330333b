//! Every command on a terminal of 20 columns.

use omnilogs::sink::width::display_width;
use serde_json::json;

use crate::support::messages::{message_with, results};
use crate::support::{Omnilogs, Response, Server, at_once, omnilogs};

/// The lines that the program wrote, without colours, and without texts of a status line that were
/// replaced.
fn written(bytes: Vec<u8>) -> Vec<String> {
    let text = String::from_utf8(bytes).unwrap();
    let plain = |line: &str| {
        let mut parts = line.split('\u{1b}');
        let first = parts.next().unwrap().to_owned();
        parts.fold(first, |line, part| {
            line + part.split_once(|c: char| c.is_ascii_alphabetic()).unwrap().1
        })
    };
    let lines = text.split('\n').map(|line| plain(line.trim_end_matches('\r')));
    lines.map(|line| line.rsplit('\r').next().unwrap().trim_end().to_owned()).collect()
}

/// The command lines, with their exit status.
const RUNS: &[(&[&str], i32)] = &[
    (&["--sandbox", "-n", "20"], 0),
    (&["--sandbox", "-n", "20", "--wide"], 0),
    (&["--sandbox", "--channel", "LINE", "--since", "1m", "--until", "now"], 0),
    (&["447700900200", "--sandbox"], 0),
    (&["show", "447700900200", "--sandbox", "-n", "1"], 0),
    (&["07700900456", "--sandbox"], 2),
    (&["show", "82bf2748", "--sandbox", "-n", "5"], 2),
    (&["--sandbox", "--status", "delivrd"], 2),
    (&["stats", "--sandbox=outage", "--since", "1h"], 0),
    (&["stats", "--sandbox", "--since", "1h", "--chart", "--by", "network,error"], 0),
    (&["stats", "--sandbox", "--since", "1h", "--vs", "yesterday"], 0),
    (&["stats", "--sandbox", "--since", "30h", "--vs", "yesterday"], 2),
    (&["explain", "5", "EC_ABSENT_SUBSCRIBER", "PENDING"], 0),
    (&["explain", "--list"], 0),
    (&["explain", "EC_ABSENT"], 2),
    (&["config", "show"], 0),
    (&["login", "--profile", "p p"], 2),
];

/// Runs a command on a terminal of 20 columns, and checks that no line is wider unless it is one word.
fn check_lines(run: Omnilogs, words: &[&str], code: i32) {
    let run = run.env("TERM", "xterm").env("NO_COLOR", "").args(words);
    let screen = run.on_terminal(20).end().code(code);
    assert!(screen.cursor_is_shown());
    let is_broken = |line: &&String| display_width(line) > 20 && line.trim().contains(' ');
    let lines = written(screen.bytes);
    let wide: Vec<_> = lines.iter().filter(is_broken).collect();
    assert!(wide.is_empty(), "{words:?}: {wide:#?}");
}

#[test]
fn no_line_is_wider_than_a_terminal_of_20_columns_unless_it_is_one_word() {
    at_once(RUNS, |(words, code)| check_lines(omnilogs(), words, *code));
}

#[test]
fn the_time_and_the_channels_of_a_message_take_two_lines_where_one_is_too_narrow() {
    let row = |id, channel: &str| {
        let fields = [("channel", json!(channel)), ("sentAt", json!("2026-01-02T03:04:05Z"))];
        message_with(id, &fields)
    };
    for channel in ["SMS", "VIBER", "WHATSAPP"] {
        let server =
            Server::always(Response::json(results([row("m1", channel), row("m2", "SMS")])));
        check_lines(omnilogs().at(&server.url()), &["447700900200"], 0);
    }
}

#[test]
fn a_list_of_names_is_broken_between_its_names() {
    for (words, width) in
        [(&["--columns", "x"][..], 80), (&["--sort", "x"], 80), (&["stats", "--by", "x"], 40)]
    {
        let run = omnilogs().env("TERM", "xterm").env("NO_COLOR", "").args(words);
        let lines = written(run.on_terminal(width).end().code(2).bytes);
        let wide = lines.iter().find(|line| display_width(line) > usize::from(width));
        assert_eq!(wide, None, "{words:?}");
    }
}
