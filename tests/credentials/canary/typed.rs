//! Marks that a person types in the wrong place.

use super::marks::{self, KEY, NUMBER};
use crate::support::{Ran, omnilogs};

#[track_caller]
fn check(ran: &Ran, words: &[String]) {
    let output = format!("{}{}", ran.stdout, ran.stderr);
    for (mark, form) in marks::secrets().into_iter().chain(marks::personal()) {
        assert!(!output.contains(&form), "{words:?}: the {mark} is shown: {output}");
    }
    assert!([2, 4].contains(&ran.code), "{words:?}: {} {output}", ran.code);
}

/// C29.
#[test]
fn a_number_in_the_wrong_place_is_not_repeated() {
    for flag in [
        "--since",
        "--until",
        "--limit",
        "--mcc",
        "--param",
        "--columns",
        "--profile",
        "--timezone",
        "--channel",
        "--status",
        "--request-timeout",
        "--rate",
        "--output",
        "--redact",
        "--color",
        "--retries",
    ] {
        let words = [format!("{flag}={NUMBER}")];
        check(&omnilogs().args(&words).run(), &words);
    }
    for stray in [NUMBER.to_owned(), format!("+{NUMBER}"), format!("--{NUMBER}")] {
        let words = [stray];
        check(&omnilogs().args(&words).run(), &words);
    }
}

/// C29. The number is read as a code, a command or a name.
#[test]
fn a_number_in_place_of_a_word_is_not_repeated() {
    for words in [
        &["explain"][..],
        &["explain", "-o", "json"],
        &["config"],
        &["completions"],
        &["-o", "json", "--channel"],
        &["stats", "--by"],
        &["stats", "--plot"],
        &["follow", "--interval"],
        &["wait", "--timeout"],
        &["sandbox", "--port"],
    ] {
        let words: Vec<_> = words.iter().chain(&[NUMBER]).map(|w| (*w).to_owned()).collect();
        check(&omnilogs().args(&words).run(), &words);
    }
}

/// C29.
#[test]
fn a_number_written_with_spaces_is_not_repeated_either() {
    for words in [vec!["tel:+44 7700 900987"], vec!["--limit", "(0)7700 900 987"]] {
        let ran = omnilogs().args(&words).run().code(2);
        assert!(!ran.stderr.contains("900"), "{}", ran.stderr);
    }
}

/// C29.
#[test]
fn a_key_in_the_wrong_place_is_not_repeated() {
    for words in [
        vec![format!("--api-key={KEY}")],
        vec!["--api-key".into(), KEY.into()],
        vec!["--api-key-file".into(), KEY.into()],
        vec![format!("--base-url=https://me:{KEY}@example.com")],
        vec![format!("--base-url=https://example.com/{KEY}")],
        vec![format!("--base-url=https://example.com?key={KEY}")],
        vec![format!("--jq=.results[\"{KEY}\"")],
        vec![format!("--grep=({KEY}")],
    ] {
        check(&omnilogs().args(&words).run(), &words);
    }
}

/// C29.
#[test]
fn a_key_in_a_broken_configuration_is_not_repeated() {
    for text in [
        format!("api_key = \"{KEY}"),
        format!("api_key = {KEY}\n"),
        format!("api_key = \"{KEY}\"\napi_key = \"{KEY}\"\n"),
        format!("api_key = [\"{KEY}\"]\n"),
        format!("base_url = \"https://me:{KEY}@example.com\"\n"),
        format!("username = \"a:{KEY}\"\npassword = \"{KEY}\"\n"),
        format!("credential_command = \"echo {KEY}; exit 1\"\n"),
        format!("credential_command = \"echo {KEY} >&2; exit 1\"\n"),
    ] {
        let ran = omnilogs().config(&text).run();
        check(&ran, &[text]);
    }
}
