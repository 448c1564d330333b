//! Listings on a terminal: whatever the messages contain, the screen shows text only.

use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

use crate::support::messages::{message, message_with, results};
use crate::support::terminal::Screen;
use crate::support::{Response, Server, omnilogs};

const WIDTHS: [u16; 3] = [20, 80, 200];

fn screen(rows: Vec<Value>, columns: u16, words: &[&str]) -> Screen {
    let server = Server::always(Response::json(results(rows)));
    let run = omnilogs().at(&server.url()).env("TERM", "xterm-256color").args(words);
    run.on_terminal(columns).end().code(0)
}

/// Texts that attack a terminal, and their visible forms.
const ATTACKS: [(&str, &str); 22] = [
    ("\u{1b}[2J\u{1b}[H", "^[[2J^[[H"),
    ("\u{1b}[31;41m", "^[[31;41m"),
    ("\u{1b}[8m", "^[[8m"),
    ("\u{1b}[5A\u{1b}[10D", "^[[5A^[[10D"),
    ("\u{1b}]0;owned\u{7}", "^[]0;owned^G"),
    ("\u{1b}]8;;http://evil\u{1b}\\x", "^[]8;;http://evil^[\\x"),
    ("\u{1b}]52;c;aGk=\u{7}", "^[]52;c;aGk=^G"),
    ("\u{1b}P+q544e\u{1b}\\", "^[P+q544e^[\\"),
    ("\u{1b}_Gi=1\u{1b}\\", "^[_Gi=1^[\\"),
    ("\u{1b}[?1049h", "^[[?1049h"),
    ("\u{1b}c", "^[c"),
    ("end\u{1b}", "end^["),
    ("\u{9b}2J", "<U+009B>2J"),
    ("\u{9d}0;x\u{9c}", "<U+009D>0;x<U+009C>"),
    ("a\u{7f}b\u{8}c", "a^?b^Hc"),
    ("one\r\ntwo\rthree", "one\\r\\ntwo\\rthree"),
    ("a\tb\u{b}c\u{c}d", "a\\tb^Kc^Ld"),
    ("a\u{202e}b\u{2066}c\u{200f}d\u{61c}e", "a<U+202E>b<U+2066>c<U+200F>d<U+061C>e"),
    ("a\u{200b}b\u{2060}c\u{feff}d\u{ad}e", "a<U+200B>b<U+2060>c<U+FEFF>d<U+00AD>e"),
    ("a\u{e0041}\u{e0042}b", "a<U+E0041><U+E0042>b"),
    ("a\u{2028}b\u{2029}c\u{85}d", "a<U+2028>b<U+2029>c<U+0085>d"),
    ("a\0b", "a\\0b"),
];

/// Hostile texts between plain ones, in three fields of their rows.
fn rows(text: impl Fn(&(&str, &str)) -> String) -> Vec<Value> {
    let mut rows = vec![message("first", "before")];
    for attack in &ATTACKS {
        let text = json!(text(attack));
        let fields = [("text", text.clone()), ("from", text.clone()), ("messageId", text)];
        rows.push(message_with("m", &fields));
        rows.push(message("plain", "after"));
    }
    rows
}

fn hostile() -> Vec<Value> {
    rows(|(hostile, _)| (*hostile).to_owned())
}

/// T01. T02. T03. T04. T05.
#[test]
fn a_hostile_text_looks_as_its_visible_form_and_changes_no_other_cell() {
    for columns in WIDTHS {
        let words = ["--columns", "messageId,from,text,to"];
        let attacked = screen(hostile(), columns, &words);
        let plain = screen(rows(|(_, shown)| (*shown).to_owned()), columns, &words);
        assert_eq!(attacked.lines(), plain.lines(), "at {columns}");
        assert_eq!(attacked.cells(), plain.cells(), "at {columns}");
        assert_eq!(attacked.requests.0, Vec::<String>::new(), "at {columns}");
        assert_eq!(attacked.bytes, plain.bytes, "at {columns}");
    }
}

/// T01. T02. T03. T04. T05. The complete form, on a wide terminal.
#[test]
fn the_visible_form_is_on_the_screen() {
    let lines = screen(hostile(), 200, &["--columns", "to,text"]).lines();
    for (_, shown) in ATTACKS {
        assert!(lines.iter().any(|line| line.contains(shown)), "{shown}: {lines:#?}");
    }
}

/// T01. T03. Every format on a terminal.
#[test]
fn no_format_controls_a_terminal() {
    for format in ["table", "json", "jsonl", "csv", "tsv", "xml"] {
        let screen = screen(hostile(), 200, &["-o", format, "--color", "never"]);
        assert_eq!(screen.escapes(), 0, "{format}");
        // Line ends, and the tabs between the cells of TSV.
        let own = if format == "tsv" { "\r\n\t" } else { "\r\n" };
        let dangerous = |c: &char| omnilogs::visible::is_dangerous(*c) && !own.contains(*c);
        let text = String::from_utf8(screen.bytes).unwrap();
        assert_eq!(text.chars().find(dangerous), None, "{format}");
    }
}

/// T01. T06. A line feed is kept: the user's program may print several lines.
#[test]
fn a_raw_text_of_a_jq_program_does_not_control_a_terminal() {
    let screen = screen(hostile(), 200, &["--jq", ".results[].text"]);
    assert_eq!(screen.escapes(), 0);
    let text = screen.text().replace('\n', "\\n");
    for (_, shown) in ATTACKS {
        assert!(text.contains(shown), "{shown}: {text}");
    }
}

/// T04. T05.
#[test]
fn characters_that_scripts_need_are_kept() {
    for text in [
        "مرحبا بكم",
        "שלום עולם",
        "👩\u{200d}👩\u{200d}👧",
        "❤\u{fe0f}",
        "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
        "नमस्\u{200d}ते",
    ] {
        let screen = screen(vec![message("m1", text)], 200, &["--columns", "to,text"]);
        assert!(String::from_utf8(screen.bytes).unwrap().contains(text), "{text}");
    }
}

/// T07.
#[test]
fn csv_on_a_terminal_is_in_visible_form() {
    let text = "a\u{1b}[2Jb\u{202e}\n";
    for (format, cell) in [("csv", "a^[[2Jb<U+202E>\\n"), ("tsv", "a^[[2Jb<U+202E>\\n")] {
        let words = ["-o", format, "--columns", "to,text"];
        let screen = screen(vec![message("m1", text)], 200, &words);
        assert!(screen.text().contains(cell), "{}", screen.text());
    }
}

/// Senders whose display width differs from their number of characters.
const SENDERS: [&str; 8] = [
    "InfoSMS",
    "日本語サービス",
    "株式会社",
    "e\u{301}cole",
    "تطبيق",
    "שירות",
    "ＦＵＬＬ",
    "한국어",
];

/// T11.
#[test]
fn columns_align_cell_by_cell_for_wide_and_combining_and_right_to_left_letters() {
    let rows: Vec<_> = SENDERS
        .iter()
        .map(|sender| message_with("m1", &[("from", json!(sender)), ("text", json!("HERE"))]))
        .collect();
    let narrow = screen(rows.clone(), 20, &["--columns", "to,from,text"]);
    let values = narrow.lines().iter().filter(|line| line.contains("HERE")).count();
    let aligned = (0..narrow.lines().len()).filter_map(|line| narrow.column_of(line, "HERE"));
    assert!(values == SENDERS.len() && aligned.eq(vec![6; values]), "{}", narrow.text());
    for columns in [80, 200] {
        let screen = screen(rows.clone(), columns, &["--columns", "to,from,text"]);
        let places: Vec<_> =
            (1..=SENDERS.len()).map(|line| screen.column_of(line, "HERE")).collect();
        assert!(places[0].is_some(), "{}", screen.text());
        assert!(places.iter().all(|place| *place == places[0]), "{places:?}\n{}", screen.text());
        assert_eq!(screen.column_of(0, "TEXT"), places[0]);
    }
}

/// T11. An emoji sequence is one picture of two columns; the emulator draws its parts separately,
/// as old terminals do, so this test measures Unicode widths.
#[test]
fn columns_align_by_display_width_for_emoji_sequences() {
    let senders = [
        "👩\u{200d}👩\u{200d}👧\u{200d}👦",
        "🇨🇭🇭🇷",
        "👍🏽",
        "❤\u{fe0f}",
        "plain",
        "1\u{fe0f}\u{20e3}",
    ];
    let rows: Vec<_> = senders
        .iter()
        .map(|sender| message_with("m1", &[("from", json!(sender)), ("text", json!("HERE"))]))
        .collect();
    let words = ["--columns", "to,from,text", "--color", "never"];
    let screen = screen(rows, 200, &words);
    let written = String::from_utf8(screen.bytes).unwrap();
    let places: Vec<_> = written
        .lines()
        .filter_map(|line| line.split_once("HERE"))
        .map(|(before, _)| before.width())
        .collect();
    assert_eq!(places.len(), senders.len(), "{written}");
    assert!(places.iter().all(|place| *place == places[0]), "{places:?}\n{written}");
}

/// T11. T12.
#[test]
fn text_that_does_not_fit_is_cut_between_graphemes_and_ends_with_an_ellipsis() {
    let family = "👩\u{200d}👩\u{200d}👧";
    let text = family.repeat(200);
    for columns in [80, 200] {
        let words = ["--columns", "to,text", "--color", "never"];
        let screen = screen(vec![message("m1", &text)], columns, &words);
        let written = String::from_utf8(screen.bytes).unwrap();
        let line = written.lines().nth(1).unwrap().trim_end();
        assert!(line.width() <= usize::from(columns), "{line}");
        let cut = line.rsplit("  ").next().unwrap().strip_suffix('…').unwrap();
        assert_eq!(cut.replace(family, ""), "", "{line}");
    }
}

/// T12.
#[test]
fn a_text_of_a_megabyte_takes_one_line_of_a_terminal() {
    let rows = vec![message("m1", &"long ".repeat(1 << 18)), message("m2", "after")];
    let screen = screen(rows, 80, &["--columns", "to,text"]);
    let lines = screen.lines();
    assert!(lines[1].ends_with('…') && lines[2].ends_with("after"), "{lines:#?}");
}

/// A status line would overwrite the first lines of a pager on the same terminal.
#[test]
fn only_the_summary_is_drawn_while_standard_output_goes_to_another_program() {
    let server = Server::always(Response::json(results([message("m1", "hello")])));
    let words = ["follow", "--interval", "1s", "--for", "1s"];
    let run = omnilogs().at(&server.url()).env("TERM", "xterm").args(words);
    let (run, _reader) = run.on_terminal_piped(80);
    let screen = run.end().code(0);
    let written = String::from_utf8(screen.bytes.clone()).unwrap();
    assert!(!written.replace("\r\n", "").contains('\r'), "{written:?}");
    assert_eq!(screen.lines().len(), 1, "{}", screen.text());
}

/// Standard error has its own width.
#[test]
fn a_status_line_has_the_width_of_the_terminal_of_standard_error() {
    let row = message_with("m1", &[("status.name", json!("PENDING_WAITING_DELIVERY"))]);
    let server = Server::always(Response::json(results([row])));
    let words = ["wait", "--message-id", "m1", "--interval", "1s", "--timeout", "2s"];
    let run = omnilogs().at(&server.url()).env("TERM", "xterm").env("COLUMNS", "200").args(words);
    let mut run = run.on_terminal_without_output(60);
    run.until("PENDING");
    let screen = run.end().code(3);
    let written = String::from_utf8(screen.bytes).unwrap();
    let status = written.split('\r').find(|line| line.contains("PENDING")).unwrap();
    assert!(!status.contains('…') && status.trim_end().width() < 60, "{status}");
}
