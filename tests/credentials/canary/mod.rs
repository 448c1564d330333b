//! Marked secrets, numbers, texts and query values, and every place where they must not turn up.

mod failures;
mod marks;
mod seen;
mod typed;

use std::thread;

use crate::support::command::set_mode;
use crate::support::{Omnilogs, Server, omnilogs};
use failures::Kind;
use marks::{KEY, NUMBER, PARAMETER, SENDER, TEXT, USER};
use seen::{check, run};

/// What is asked of each command; the listing has no name.
const WAYS: [&[&str]; 22] = [
    &[],
    &["--dry-run"],
    &["--accept", "xml"],
    &["--redact"],
    &["--jq", ".results[]"],
    &["--all", "--output-file", "out", "--manifest", "manifest.json"],
    &["--limit", "3", "--output-file", "out", "--resume"],
    &["--input", "saved.json"],
    &["--sandbox"],
    &["follow", "--output-file", "out"],
    &["wait", "--message-id", "m1"],
    &["stats"],
    &["stats", "--plot", "out.svg", "--output-file", "out"],
    &["doctor"],
    &["explain", "5"],
    &["config", "show"],
    &["config", "path"],
    &["config", "init"],
    &["completions", "bash"],
    &["man"],
    &["sandbox"],
    &["help"],
];

/// C29. So that the table above leaves out no command.
#[test]
fn every_command_of_the_help_is_run() {
    let help = omnilogs().args(["--help"]).run().code(0).stdout;
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names: Vec<_> = listed
        .take_while(|line| line.starts_with("  "))
        .filter(|line| !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(names.contains(&"config") && names.contains(&"man"), "{names:?}");
    let is_run = |name: &&str| WAYS.iter().any(|words| words.first() == Some(name));
    assert_eq!(names.iter().find(|name| !is_run(name)), None);
}

/// Filters whose values are marked.
fn filters() -> Vec<String> {
    let number = format!("--to={NUMBER}");
    let parameter = format!("--param=application={PARAMETER}");
    vec![number, format!("--from={SENDER}"), parameter, format!("--exclude={TEXT}")]
}

/// How the marked secret gets to the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Given {
    Key,
    Password,
    Vendor,
    File,
    Token,
    Ibsso,
    StoredPassword,
    Command,
}

const GIVEN: [Given; 8] = [
    Given::Key,
    Given::Password,
    Given::Vendor,
    Given::File,
    Given::Token,
    Given::Ibsso,
    Given::StoredPassword,
    Given::Command,
];

/// A run that has the marked secret and asks this address.
fn with_secret(given: Given, url: &str) -> Omnilogs {
    let at = |run: Omnilogs| run.env("OMNILOGS_BASE_URL", url);
    let stored = |lines: &str| omnilogs().config(&format!("base_url = \"{url}\"\n{lines}\n"));
    let key_file = |run: Omnilogs| {
        let path = run.home().join("key");
        std::fs::write(&path, KEY).unwrap();
        set_mode(&path, 0o600);
        run
    };
    match given {
        Given::Key => at(omnilogs()).env("OMNILOGS_API_KEY", KEY),
        Given::Password => {
            at(omnilogs()).env("OMNILOGS_USERNAME", USER).env("OMNILOGS_PASSWORD", KEY)
        }
        Given::Vendor => at(omnilogs()).env("INFOBIP_API_KEY", KEY),
        Given::File => key_file(at(omnilogs())).args(["--api-key-file", "key"]),
        Given::Token => stored(&format!("token = \"{KEY}\"")),
        Given::Ibsso => stored(&format!("ibsso_token = \"{KEY}\"")),
        Given::StoredPassword => stored(&format!("username = \"{USER}\"\npassword = \"{KEY}\"")),
        Given::Command => {
            let command = "credential_command = \"/bin/cat key\"";
            key_file(omnilogs().config(&format!("base_url = \"{url}\"\n{command}\n")))
        }
    }
}

/// How much is told, and in which format.
const TELLING: [(&str, &str); 5] =
    [("-q", "json"), ("", "csv"), ("-v", "jsonl"), ("-vv", "table"), ("-vvv", "xml")];

/// Runs a command through every failure; whether it asked the server at all.
fn through_every_failure(words: &[&str], telling: usize, filters: &[String]) -> bool {
    let (verbosity, format) = TELLING[telling];
    let first = telling * 3 + words.iter().map(|word| word.len()).sum::<usize>();
    let mut turn = GIVEN.iter().cycle().skip(first);
    for (number, kind) in Kind::all().enumerate() {
        let server = Server::start(move |_, head| kind.answer(head));
        let url = if kind == Kind::Refused { failures::nobody() } else { server.url() };
        let given = *turn.next().unwrap();
        let mut fixed = vec!["-o", format, "--retries=0", "--max-wait=0s"];
        fixed.extend(Some(verbosity).filter(|word| !word.is_empty()));
        let program = with_secret(given, &url).args(words).args(filters).args(&fixed);
        std::fs::write(program.home().join("saved.json"), failures::odd()).unwrap();
        let seen = run(program, || !server.targets().is_empty());
        check(&seen, &format!("{words:?} {fixed:?}, {kind:?}, {given:?}"));
        if number == 0 && server.targets().is_empty() {
            // A command that asks no server meets one failure as any other.
            return false;
        }
    }
    true
}

/// Runs each of these through every failure with this much told; how many asked the server.
fn all_through_every_failure(telling: usize) -> usize {
    let mut workers = Vec::new();
    for words in WAYS {
        workers.push(thread::spawn(move || {
            // Not every command takes filters, and what was not asked for is no one's to tell.
            let filtered = through_every_failure(words, telling, &filters());
            filtered || through_every_failure(words, telling, &[])
        }));
    }
    workers.into_iter().filter_map(|worker| worker.join().unwrap().then_some(())).count()
}

/// C29.
#[test]
fn no_mark_turns_up_where_it_must_not_whatever_fails_when_little_is_told() {
    for telling in [0, 1] {
        let asking = all_through_every_failure(telling);
        assert!((5..WAYS.len()).contains(&asking), "{asking}");
    }
}

/// C29.
#[test]
fn no_mark_turns_up_where_it_must_not_whatever_fails_when_much_is_told() {
    for telling in [2, 3, 4] {
        let asking = all_through_every_failure(telling);
        assert!((5..WAYS.len()).contains(&asking), "{asking}");
    }
}

/// C29. Saved responses that cannot be read, or are odd.
#[test]
fn no_mark_of_a_saved_response_turns_up_on_standard_error() {
    for body in failures::bodies() {
        for words in [&["-vvv", "--input", "saved"][..], &["stats", "-vvv", "--input", "saved"]] {
            let program = with_secret(Given::Token, "https://x.example").args(words);
            std::fs::write(program.home().join("saved"), &body).unwrap();
            let mut seen = run(program, || false);
            seen.files.clear();
            check(&seen, &format!("{words:?}: {body}"));
        }
    }
}

/// C29. The marks do travel: the request holds them, and so does what is shown.
#[test]
fn the_marks_are_on_the_wire_and_in_what_is_shown() {
    for given in GIVEN {
        let server = Server::start(|_, head| Kind::Good.answer(head));
        let ran = with_secret(given, &server.url()).args(&filters()[..3]).run().code(0);
        let head = server.heads().concat();
        let is_sent = |marks: Vec<(&'static str, String)>, mark: &str| {
            let mut forms = marks.into_iter().filter(|(name, _)| *name == mark);
            forms.any(|(_, form)| marks::is_in(&form, head.as_bytes()))
        };
        assert!(is_sent(marks::secrets(), "secret"), "{given:?}: {head}");
        for mark in ["number", "sender", "parameter"] {
            assert!(is_sent(marks::personal(), mark), "{mark}: {head}");
        }
        assert!(ran.stdout.contains(NUMBER) && ran.stdout.contains(SENDER), "{}", ran.stdout);
    }
}
