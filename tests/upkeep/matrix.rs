//! Each row of the fault matrix has a test whose doc comment names it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The rows: H for servers and networks, C for command lines and the environment, T for the text of
/// messages, K for complete results against servers, clocks, files and signals that misbehave, A for
/// the archive.
const ROWS: [(char, usize); 5] = [('H', 51), ('C', 30), ('T', 20), ('K', 24), ('A', ARCHIVE.len())];

/// The faults of a sync, its machine and its disk: A01, A02 and so on.
const ARCHIVE: [&str; 29] = [
    "killed at any time",
    "writes that a power failure loses",
    "two syncs at once",
    "a reader during a write",
    "a full disk",
    "a limit of the size of files, a read-only file system, a file that is deleted",
    "an overwritten page, a cut file, another file",
    "a newer or foreign format",
    "killed while the format is changed",
    "the same page twice, in any order",
    "a status that takes 40 hours",
    "a response of a server that is behind",
    "pending after 48 hours",
    "no sync for over 48 hours",
    "one page that fails",
    "a row that cannot be read",
    "bytes that are not UTF-8, and NUL",
    "a database server that is away or ends a transaction",
    "TLS that is not verified",
    "a network file system, links, a deleted log",
    "permissions, and a umask that protects nothing",
    "a clock that jumps, a machine that sleeps",
    "SIGTERM during a commit",
    "millions of rows read during a sync",
    "copies that stay after a change or an erasure",
    "an erased number that the server still has",
    "a hole that an interrupted run leaves",
    "a database server that lacks what distributed engines lack",
    "a statement that is prepared again for each row",
];

fn rows() -> BTreeSet<String> {
    let ids = |(letter, count): (char, usize)| (1..=count).map(move |n| format!("{letter}{n:02}"));
    ROWS.into_iter().flat_map(ids).collect()
}

/// The rows that a text names in the doc comments of its tests, and the ids that are not rows.
fn named(text: &str) -> BTreeSet<String> {
    let mut comment: Vec<&str> = Vec::new();
    let mut named = BTreeSet::new();
    for line in text.lines().map(str::trim) {
        if let Some(words) = line.strip_prefix("///") {
            comment.extend(words.split(|c: char| !c.is_ascii_alphanumeric()));
        } else if line == "#[test]" {
            named.extend(comment.drain(..).filter(|word| is_id(word)).map(str::to_owned));
        } else if !line.starts_with("#[") {
            comment.clear();
        }
    }
    named
}

fn is_id(word: &str) -> bool {
    word.len() == 3
        && word.starts_with(ROWS.map(|(letter, _)| letter))
        && word[1..].bytes().all(|byte| byte.is_ascii_digit())
}

fn named_in(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            named_in(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.extend(named(&fs::read_to_string(&path).unwrap()));
        }
    }
}

#[test]
fn every_row_of_the_fault_matrix_is_named_by_a_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = BTreeSet::new();
    named_in(&root.join("tests"), &mut found);
    named_in(&root.join("src"), &mut found);
    let unnamed: Vec<_> = rows().difference(&found).cloned().collect();
    assert_eq!(unnamed, Vec::<String>::new(), "rows without a test");
    let unknown: Vec<_> = found.difference(&rows()).cloned().collect();
    assert_eq!(unknown, Vec::<String>::new(), "tests of rows that do not exist");
}

#[test]
fn only_the_doc_comment_of_a_test_names_a_row() {
    let test = "/// C01. And T20, H07, A29.\n#[test]\nfn a() {}\n";
    assert_eq!(named(test), ["A29", "C01", "H07", "T20"].map(String::from).into());
    for no_test in
        ["/// C01.\nfn helper() {}\n", "// C01.\n#[test]\nfn a() {}\n", "/// C1, C001.\n#[test]\n"]
    {
        assert_eq!(named(no_test), BTreeSet::new(), "{no_test}");
    }
}
