//! Suggestions for unknown words: something that exists and is shown in the help.

use crate::support::omnilogs;

/// Typed words and their suggestions; `None` where nothing is similar.
const TYPED: [(&[&str], Option<&str>); 23] = [
    (&["--chanel", "SMS"], Some("--channel")),
    (&["--CHANEL=SMS"], Some("--channel")),
    (&["stats", "--bye", "channel"], Some("--by")),
    (&["wait", "--timout", "3s"], Some("--timeout")),
    (&["--timezon", "UTC"], Some("--timezone")),
    (&["-o", "jsn"], Some("json")),
    (&["-o", "JSN"], Some("json")),
    (&["-o", "yaml"], None),
    (&["--color", "allways"], Some("always")),
    (&["sttas"], Some("stats")),
    (&["config", "shwo"], Some("show")),
    (&["--columns", "latncy"], Some("latency")),
    (&["--columns", "recipient"], None),
    (&["--form", "Shop"], Some("--from")),
    (&["--columns", "stat"], Some("status")),
    (&["--sort", "sttaus"], Some("status")),
    (&["--sort", "-TETX"], Some("text")),
    (&["stats", "--by", "Sendr"], Some("sender")),
    // --fields is a hidden alias of --columns, --sent-since one of --since, and tail one of follow.
    (&["--field", "text"], Some("--columns")),
    (&["--feilds", "text"], Some("--columns")),
    (&["--fieldss", "text"], Some("--columns")),
    (&["--sent-sinc", "1h"], Some("--since")),
    (&["taill"], Some("follow")),
];

#[test]
fn a_misspelled_word_gets_a_similar_suggestion_or_none() {
    for (words, meant) in TYPED {
        let ran = omnilogs().args(words).run().code(2);
        let suggested =
            ran.stderr.lines().find_map(|line| line.trim().strip_prefix("try: did you mean "));
        let expected = meant.map(|meant| format!("{meant}?"));
        assert_eq!(suggested, expected.as_deref(), "{words:?}: {}", ran.stderr);
    }
}

#[test]
fn a_hidden_alias_is_never_suggested() {
    // --fields and ndjson are accepted, but the help does not show them.
    for words in [&["--failed-x"][..], &["--failed"], &["--field", "x"], &["-o", "ndjsn"]] {
        let ran = omnilogs().args(words).run();
        assert!(
            !ran.stderr.contains("--fields") && !ran.stderr.contains("ndjson"),
            "{}",
            ran.stderr
        );
    }
}
