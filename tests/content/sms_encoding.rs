//! The alphabet and the segments of SMS texts: columns, sorting, redaction, and the hint of `show`.

use serde_json::json;

use crate::support::messages::{message, message_with, results};
use crate::support::{Ran, Response, Server, omnilogs};

const COLUMNS: &str = "messageId,encoding,segmentsExpected";

/// A text that one character makes a second segment longer.
fn costly() -> String {
    format!("Don’t share this code{}", ".".repeat(60))
}

fn run(rows: impl IntoIterator<Item = serde_json::Value>, words: &[&str]) -> Ran {
    let server = Server::always(Response::json(results(rows)));
    omnilogs().at(&server.url()).args(words).run().code(0)
}

fn rows() -> [serde_json::Value; 6] {
    [
        message("plain", "Your code is 1234"),
        message("costly", &costly()),
        message("long", &"a".repeat(307)),
        message_with("viber", &[("channel", json!("VIBER")), ("text", json!("ж"))]),
        message_with("none", &[("text", json!(null))]),
        message("emoji", &"😀".repeat(67)),
    ]
}

#[test]
fn the_columns_say_what_an_sms_needs_and_nothing_of_other_channels() {
    let expected = "messageId,encoding,segmentsExpected\nplain,GSM-7,1\ncostly,UCS-2,2\nlong,GSM-7,3\n\
        viber,,\nnone,,\nemoji,UCS-2,3\n";
    let csv = ["-o", "csv", "--columns", COLUMNS];
    assert_eq!(run(rows(), &csv).stdout, expected);
    // They are those of the text that was sent, whether it is shown or not.
    assert_eq!(run(rows(), &[&csv[..], &["--redact"]].concat()).stdout, expected);
}

#[test]
fn rows_can_be_sorted_by_what_they_need() {
    let words = ["-o", "csv", "--no-header", "--columns", "messageId", "--sort"];
    let sorted = |key| run(rows(), &[&words[..], &[key]].concat()).stdout;
    assert_eq!(sorted("-segmentsExpected"), "long\nemoji\ncostly\nplain\nviber\nnone\n");
    assert_eq!(sorted("encoding,segmentsExpected"), "plain\nlong\ncostly\nemoji\nviber\nnone\n");
}

#[test]
fn show_names_the_one_character_that_makes_a_text_dearer() {
    let hint = "UCS-2: 2 segments. Without U+2019 (’) it would be GSM-7: 1 segment.";
    let shown = run([message("m1", &costly())], &["show", "m1"]);
    assert!(shown.stdout.contains(hint), "{}", shown.stdout);
    assert!(!shown.stderr.contains("share this code"), "{}", shown.stderr);
    let markdown = run([message("m1", &costly())], &["show", "m1", "-o", "md", "--redact=none"]);
    assert!(markdown.stdout.contains("Without U+2019 (’) it would"), "{}", markdown.stdout);
}

#[test]
fn a_character_that_is_not_seen_is_named_by_its_code_point_alone() {
    for (character, name) in [("\u{a0}", "U+00A0"), ("\u{200b}", "U+200B"), ("\u{202e}", "U+202E")]
    {
        let text = costly().replace('’', character);
        let shown = run([message("m1", &text)], &["show", "m1"]).stdout;
        assert!(shown.contains(&format!("Without {name} it would be GSM-7")), "{name}: {shown}");
    }
}

#[test]
fn show_gives_no_hint_where_it_would_not_help_or_the_text_is_hidden() {
    let two = costly().replace("code", "čode");
    for text in ["Don’t", "Your code is 1234", &two] {
        let shown = run([message("m1", text)], &["show", "m1"]).stdout;
        assert!(!shown.contains("Encoding"), "{shown}");
    }
    for words in [&["show", "m1", "-o", "md"][..], &["show", "m1", "--redact"]] {
        let shown = run([message("m1", &costly())], words).stdout;
        assert!(!shown.contains("U+2019") && !shown.contains("Encoding"), "{shown}");
    }
}
