//! What the screens of the other commands show of hostile words: follow, wait, stats, doctor,
//! explain.

use serde_json::{Value, json};

use crate::support::messages::{message_with, results};
use crate::support::terminal::{OnTerminal, Screen};
use crate::support::{Answer, Server, omnilogs};

const WIDTHS: [u16; 3] = [20, 80, 200];

/// Clears the screen, sets a title, fills the clipboard, turns the line round, ends it, hides.
const HOSTILE: &str = "x\u{1b}[2J\u{1b}]0;t\u{7}\u{1b}]52;c;aGk=\u{7}\u{9b}1A\u{202e}\r\n\u{200b}y";
/// How it is to be seen.
const SHOWN: &str = "x^[[2J^[]0;t^G^[]52;c;aGk=^G<U+009B>1A<U+202E>\\r\\n<U+200B>y";

/// A message whose every name is this word, of this status group.
fn row(word: &str, group: &str) -> Value {
    let word = json!(word);
    let names = ["messageId", "from", "to", "text", "channel", "price.currency"];
    let nested = ["status.name", "status.description", "error.name", "error.groupName"];
    let mut fields: Vec<_> = names.iter().chain(&nested).map(|n| (*n, word.clone())).collect();
    fields.push(("status.groupName", json!(group)));
    message_with("m1", &fields)
}

fn run(server: &Server, words: &[&str], columns: u16) -> OnTerminal {
    let run = omnilogs().at(&server.url()).env("TERM", "xterm-256color");
    run.args(words).args(["--color", "never"]).on_terminal(columns)
}

/// Nothing but text was written, and nothing else asked of the terminal.
#[track_caller]
fn is_harmless(screen: &Screen) {
    assert_eq!(screen.asked.0, Vec::<String>::new());
    let dangerous = |c: &char| omnilogs::visible::is_dangerous(*c) && !"\r\n".contains(*c);
    let text = String::from_utf8(screen.bytes.clone()).unwrap();
    assert_eq!(text.chars().find(dangerous), None, "{text:?}");
    assert!(screen.cursor_is_shown());
}

/// Runs with hostile words and with what they are to look like: every line is the same.
fn looks_as_shown(server: impl Fn(&str) -> Server + Sync, words: &[&str], code: i32) {
    // Times differ from run to run, and so may their number of digits.
    let text = |screen: &Screen| {
        let text = screen.text();
        let words: Vec<_> = text.split(|c: char| c.is_ascii_digit()).collect();
        words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join("#")
    };
    std::thread::scope(|scope| {
        for columns in WIDTHS {
            let server = &server;
            scope.spawn(move || {
                let shown = |word| run(&server(word), words, columns).end().code(code);
                let (hostile, plain) = (shown(HOSTILE), shown(SHOWN));
                is_harmless(&hostile);
                assert_eq!(text(&hostile), text(&plain), "{words:?} at {columns}");
            });
        }
    });
}

/// T01. T02. T03. T04. T05.
#[test]
fn a_follow_shows_hostile_words_and_changes_in_their_visible_form() {
    let server = |word: &str| {
        let page = |group| Answer::json(results([row(word, group)]));
        Server::sequence([page("PENDING"), page("DELIVERED")])
    };
    for words in [
        &["follow", "--since", "2026-11-20", "--interval", "1s", "--for", "1s"][..],
        &["follow", "--since", "2026-11-20", "--interval", "1s", "--for", "1s", "--wide"],
    ] {
        looks_as_shown(server, words, 0);
    }
}

/// T01. T02. T03. T04. T05.
#[test]
fn a_wait_shows_hostile_words_in_its_rows_and_in_its_progress() {
    let server = |word: &str| {
        let pending = row(word, "PENDING");
        // A status that is not known is never taken for an end.
        let mut delivered = row(word, "DELIVERED");
        delivered["status"]["name"] = json!("DELIVERED_TO_HANDSET");
        Server::sequence([pending, delivered].map(|row| Answer::json(results([row]))))
    };
    let words = ["wait", "--bulk-id", "b1", "--interval", "1s", "--timeout", "20s"];
    looks_as_shown(server, &words, 0);
    for (columns, progress) in [(80, "x^[[2J^[]0;t^G"), (200, SHOWN)] {
        let server = server(HOSTILE);
        let mut run = run(&server, &words, columns);
        run.until(&format!("1 {progress}"));
        is_harmless(&run.end().code(0));
    }
}

/// T01. T02. T03. T04. T05.
#[test]
fn statistics_show_hostile_words_in_their_visible_form() {
    let server = |word: &str| Server::always(Answer::json(results([row(word, "DELIVERED")])));
    let by = "channel,status,statusName,sender,bulkId,error";
    for words in [&["stats", "-n", "9"][..], &["stats", "-n", "9", "--by", by]] {
        looks_as_shown(server, words, 0);
    }
    for format in ["csv", "tsv", "json", "jsonl"] {
        let server = server(HOSTILE);
        let words = ["stats", "-n", "9", "--by", "sender", "-o", format];
        let screen = run(&server, &words, 80).end().code(0);
        assert_eq!(screen.asked.0, Vec::<String>::new(), "{format}");
        assert_eq!(screen.escapes(), 0, "{format}");
    }
}

/// T14.
#[test]
fn a_doctor_shows_what_a_hostile_server_says_in_its_visible_form() {
    // No control characters of ASCII: with those it would be no HTTP.
    let one_line = "x\u{9b}2J\u{202e}y";
    let refusal = |word: &str| {
        json!({ "requestError": { "serviceException": { "messageId": word, "text": word } } })
            .to_string()
    };
    for columns in WIDTHS {
        for (status, code) in [("401 X", 4), ("403 X", 4), ("400 X", 9), ("500 X", 5)] {
            let headers = [("Server", one_line), ("Date", one_line)];
            let server = Server::always(Answer::new(status, &headers, refusal(HOSTILE)));
            let screen = run(&server, &["doctor", "-v"], columns).end().code(code);
            is_harmless(&screen);
            if columns == 200 {
                assert!(screen.text().contains("x^[[2J^[]0;t^G"), "{}", screen.text());
            }
        }
        let headers = [("Content-Type", one_line)];
        let server = Server::always(Answer::new("200 OK", &headers, results([row(HOSTILE, "X")])));
        is_harmless(&run(&server, &["doctor", "-v"], columns).end());
    }
}

/// T14. A word of the command line is a stranger's word, too.
#[test]
fn an_explanation_shows_a_hostile_code_in_its_visible_form() {
    let server = Server::always(Answer::json(results([])));
    for columns in WIDTHS {
        let screen = run(&server, &["explain", "x\u{1b}[2J\u{202e}y"], columns).end().code(2);
        is_harmless(&screen);
        let text = screen.text().replace('\n', "");
        assert!(text.contains("x^[[2J<U+202E>y"), "{text}");
        is_harmless(
            &run(&server, &["explain", "5", "EC_ABSENT_SUBSCRIBER"], columns).end().code(0),
        );
    }
}
