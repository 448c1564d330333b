//! How follow, wait, stats, doctor and explain show hostile text on a terminal.

use serde_json::{Value, json};

use crate::support::messages::{message_with, results};
use crate::support::terminal::{OnTerminal, Screen};
use crate::support::{Response, Server, at_once, omnilogs};

const WIDTHS: [u16; 3] = [20, 80, 200];

/// Clears the screen, sets the title and the clipboard, reverses the text, ends the line, and hides
/// characters.
const HOSTILE: &str = "x\u{1b}[2J\u{1b}]0;t\u{7}\u{1b}]52;c;aGk=\u{7}\u{9b}1A\u{202e}\r\n\u{200b}y";
/// Its visible form.
const SHOWN: &str = "x^[[2J^[]0;t^G^[]52;c;aGk=^G<U+009B>1A<U+202E>\\r\\n<U+200B>y";

/// A message of this status group in which every name is this word.
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

#[test]
fn settings_on_a_terminal_are_wrapped_between_words() {
    let screen = omnilogs().args(["config", "show"]).on_terminal(80).end().code(0);
    let lines = screen.lines();
    assert!(lines.len() > 5 && lines.iter().all(|line| line.chars().count() <= 80), "{lines:#?}");
    let at = lines.iter().position(|line| line.starts_with("credentials  none")).unwrap();
    assert!(lines[at + 1].starts_with(&format!("{:13}O", "")), "{lines:#?}");
    let piped = omnilogs().args(["config", "show"]).run().code(0).stdout;
    assert!(piped.lines().any(|line| line.chars().count() > 80), "{piped}");
}

/// Checks that only text was written, and nothing else was requested from the terminal.
#[track_caller]
fn check_text_only(screen: &Screen) {
    assert_eq!(screen.requests.0, Vec::<String>::new());
    let dangerous = |c: &char| omnilogs::visible::is_dangerous(*c) && !"\r\n".contains(*c);
    let text = String::from_utf8(screen.bytes.clone()).unwrap();
    assert_eq!(text.chars().find(dangerous), None, "{text:?}");
    assert!(screen.cursor_is_shown());
}

/// Checks that hostile text looks the same as its visible form on every line.
fn check_visible_form(server: impl Fn(&str) -> Server + Sync, words: &[&str], code: i32) {
    // Times differ from run to run, and so may their number of digits.
    let text = |screen: &Screen| {
        let text = screen.text();
        let words: Vec<_> = text.split(|c: char| c.is_ascii_digit()).collect();
        words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join("#")
    };
    at_once(WIDTHS, |columns| {
        let [hostile, plain] = [HOSTILE, SHOWN].map(|word| {
            let server = server(word);
            let run = run(&server, words, columns);
            (server, run)
        });
        let [hostile, plain] = [hostile, plain].map(|(_server, run)| run.end().code(code));
        check_text_only(&hostile);
        assert_eq!(text(&hostile), text(&plain), "{words:?} at {columns}");
    });
}

/// T01. T02. T03. T04. T05.
#[test]
fn a_follow_shows_hostile_text_and_changes_in_their_visible_form() {
    let server = |word: &str| {
        let page = |group| Response::json(results([row(word, group)]));
        Server::sequence([page("PENDING"), page("DELIVERED")])
    };
    let words = ["follow", "--since", "2026-11-20", "--interval", "1s", "--for", "1s", "--wide"];
    at_once([&words[..7], &words], |words| check_visible_form(server, words, 0));
}

/// T01. T02. T03. T04. T05.
#[test]
fn a_wait_shows_hostile_text_in_its_rows_and_in_its_progress() {
    let server = |word: &str| {
        let pending = row(word, "PENDING");
        // An unknown status is never treated as final.
        let mut delivered = row(word, "DELIVERED");
        delivered["status"]["name"] = json!("DELIVERED_TO_HANDSET");
        Server::sequence([pending, delivered].map(|row| Response::json(results([row]))))
    };
    let words = ["wait", "--bulk-id", "b1", "--interval", "1s", "--timeout", "300s"];
    check_visible_form(server, &words, 0);
    at_once([(80, "x^[[2J^[]0;t^G"), (200, SHOWN)], |(columns, progress)| {
        let server = server(HOSTILE);
        let mut run = run(&server, &words, columns);
        run.until(&format!("1 {progress}"));
        check_text_only(&run.end().code(0));
    });
}

/// T01. T02. T03. T04. T05.
#[test]
fn statistics_show_hostile_text_in_their_visible_form() {
    let server = |word: &str| Server::always(Response::json(results([row(word, "DELIVERED")])));
    let by = "channel,status,statusName,sender,bulkId,error";
    for words in [&["stats", "-n", "9"][..], &["stats", "-n", "9", "--by", by]] {
        check_visible_form(server, words, 0);
    }
    for format in ["csv", "tsv", "json", "jsonl"] {
        let server = server(HOSTILE);
        let words = ["stats", "-n", "9", "--by", "sender", "-o", format];
        let screen = run(&server, &words, 80).end().code(0);
        assert_eq!(screen.requests.0, Vec::<String>::new(), "{format}");
        assert_eq!(screen.escapes(), 0, "{format}");
    }
}

/// T14.
#[test]
fn doctor_shows_the_text_of_a_hostile_server_in_its_visible_form() {
    // No ASCII control characters: they are not valid in HTTP.
    let one_line = "x\u{9b}2J\u{202e}y";
    let refusal = |word: &str| {
        json!({ "requestError": { "serviceException": { "messageId": word, "text": word } } })
            .to_string()
    };
    for columns in WIDTHS {
        for (status, code) in [("401 X", 4), ("403 X", 4), ("400 X", 9), ("500 X", 5)] {
            let headers = [("Server", one_line), ("Date", one_line)];
            let server = Server::always(Response::new(status, &headers, refusal(HOSTILE)));
            let screen = run(&server, &["doctor", "-v"], columns).end().code(code);
            check_text_only(&screen);
            if columns == 200 {
                assert!(screen.text().contains("x^[[2J^[]0;t^G"), "{}", screen.text());
            }
        }
        let headers = [("Content-Type", one_line)];
        let server =
            Server::always(Response::new("200 OK", &headers, results([row(HOSTILE, "X")])));
        check_text_only(&run(&server, &["doctor", "-v"], columns).end());
    }
}

/// T14. An argument of the command line may be hostile, too.
#[test]
fn an_explanation_shows_a_hostile_code_in_its_visible_form() {
    let server = Server::always(Response::json(results([])));
    for columns in WIDTHS {
        let screen = run(&server, &["explain", "x\u{1b}[2J\u{202e}y"], columns).end().code(2);
        check_text_only(&screen);
        let text = screen.text().replace('\n', "");
        assert!(text.contains("x^[[2J<U+202E>y"), "{text}");
        check_text_only(
            &run(&server, &["explain", "5", "EC_ABSENT_SUBSCRIBER"], columns).end().code(0),
        );
    }
}
