//! Rejects words that are hard to understand for a newcomer; the terms to use instead are in the language
//! section of CONTRIBUTING.md.

use std::fs;
use std::path::{Path, PathBuf};

use memchr::memmem;

use crate::support::documentation::pages;
use crate::support::omnilogs;

/// Phrases that no text of the project may contain, each as whole words.
const REJECTED: &[&str] = &[
    "another try",
    "begun",
    "log line",
    "log lines",
    "nobody",
    "somebody",
    "stretch",
    "stretches",
    "mend",
    "mends",
    "mended",
    "parted",
    "anew",
    "heed",
    "heeds",
    "heeded",
    "lest",
    "whom",
    "so many",
    "come to its end",
    "come to their end",
    "comes to its end",
    "of our own",
    "gone on with",
    "handed on",
    "hands on",
    "is no",
    "are no",
    "was no",
    "as it stands",
    "as they stand",
    "undecided",
    "told",
    "asked",
    "answer",
    "answers",
    "answered",
    "answering",
    "stands",
    "hears",
    "heard",
    "oddity",
    "oddities",
    "amounts to",
    "question",
    "questions",
    "moment",
    "moments",
    "asks",
];

/// Phrases in which the words are plain English: "there is no", "is no longer", "is no more than", a call
/// that was or was not answered, and the user `nobody`.
const PLAIN: &[&str] = &[
    "no longer",
    "no more than",
    "there is no",
    "there are no",
    "there was no",
    "no answer",
    "call was not answered",
    "user `nobody`",
    "before it was answered",
    "answered call",
    "answered elsewhere",
    "voice answered",
];

fn is_word_byte(byte: Option<u8>) -> bool {
    byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80)
}

/// A line in small letters, the parts of names as words: `isNo` and `IS_NO` are "is no".
fn words_of(line: &str) -> String {
    let mut words = String::new();
    let mut is_inside = false;
    for letter in line.chars() {
        if letter.is_uppercase() && is_inside {
            words.push(' ');
        }
        is_inside = letter.is_lowercase();
        words.extend(if letter == '_' { ' ' } else { letter }.to_lowercase());
    }
    words
}

/// The rejected phrases of a text, with their line numbers.
fn rejected(text: &str) -> Vec<(usize, &'static str)> {
    let lines: Vec<_> = text.lines().map(words_of).collect();
    let mut text = lines.join("\n");
    for plain in PLAIN {
        // Few files have one, and replacing searches slowly.
        if memmem::find(text.as_bytes(), plain.as_bytes()).is_some() {
            text = text.replace(plain, "");
        }
    }
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    for &phrase in REJECTED {
        let places = memmem::find_iter(bytes, phrase).filter(|at| {
            let before = at.checked_sub(1).and_then(|at| bytes.get(at));
            let after = bytes.get(at + phrase.len());
            !is_word_byte(before.copied()) && !is_word_byte(after.copied())
        });
        let number = |at: usize| 1 + memchr::memchr_iter(b'\n', &bytes[..at]).count();
        found.extend(places.map(|at| (number(at), phrase)));
    }
    found
}

fn files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            // The texts of the sandbox are in many languages, and fixtures are data.
            if !["texts", "fixtures"].contains(&name.as_str()) {
                files(&path, into);
            }
        } else if path.extension().is_some_and(|kind| kind == "rs" || kind == "txt") {
            into.push(path);
        }
    }
}

#[test]
fn no_source_file_uses_a_rejected_word() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = Vec::new();
    for folder in ["src", "tests", "fuzz/src", "fuzz/fuzz_targets"] {
        files(&root.join(folder), &mut all);
    }
    // This file contains the words.
    all.retain(|path| !path.ends_with("upkeep/language.rs"));
    assert!(all.len() > 100, "{}", all.len());
    let strays: Vec<_> = all
        .iter()
        .flat_map(|path| {
            let name = path.strip_prefix(root).unwrap().display().to_string();
            let words = rejected(&fs::read_to_string(path).unwrap());
            words.into_iter().map(move |(line, word)| format!("{name}:{line}: {word}"))
        })
        .collect();
    assert_eq!(strays, Vec::<String>::new());
}

#[test]
fn no_document_and_no_help_text_uses_a_rejected_word() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let others = ["CHANGELOG.md", "SECURITY.md", "config.example.toml", "Cargo.toml", ".ci/run"];
    let documents = pages().into_iter().chain(others.map(str::to_owned));
    for name in documents {
        let text = fs::read_to_string(root.join(&name)).unwrap();
        assert_eq!(rejected(&text), [], "{name}");
    }
    for words in [
        &["--help"][..],
        &["follow", "--help"],
        &["wait", "--help"],
        &["show", "--help"],
        &["stats", "--help"],
        &["explain", "--help"],
        &["doctor", "--help"],
        &["config", "--help"],
        &["sandbox", "--help"],
        &["explain", "--list", "-o", "csv"],
    ] {
        let text = omnilogs().args(words).run().code(0).stdout;
        assert_eq!(rejected(&text), [], "{words:?}");
    }
}

#[test]
fn rejected_words_are_found_as_whole_words_and_inside_names() {
    assert_eq!(rejected("fn a_file_is_no_text() {}"), [(1, "is no")]);
    assert_eq!(rejected("enum Anomaly { NotAsAsked }"), [(1, "asked")]);
    assert_eq!(rejected("a\nWhom it concerns"), [(2, "whom")]);
    assert_eq!(rejected("It is no longer recommended, recommend and amendment"), []);
}
