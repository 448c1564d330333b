//! Marked secrets, phone numbers, texts and query values, and every place where they must not
//! appear.

mod failures;
mod marks;
mod run_bytes;
mod typed;

use std::thread;

use crate::support::command::set_mode;
use crate::support::sockets::ClosedPort;
use crate::support::{Omnilogs, Server, documentation, omnilogs};
use failures::Kind;
use marks::{KEY, NUMBER, PARAMETER, SENDER, TEXT, USER};
use run_bytes::{check, run};

/// The command lines under test; the listing has no command name.
const COMMANDS: [&[&str]; 26] = [
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
    &["show", "82bf2748"],
    &["wait", "--message-id", "m1"],
    &["stats"],
    &["archive", "sync", "--archive=a.db"],
    &["stats", "--plot", "out.svg", "--output-file", "out"],
    &["doctor"],
    &["explain", "5"],
    &["config", "show"],
    &["config", "path"],
    &["config", "init"],
    &["config", "edit"],
    &["login"],
    &["completions", "bash"],
    &["man"],
    &["sandbox"],
    &["help"],
];

/// C29.
#[test]
fn every_command_of_the_help_is_run() {
    let help = omnilogs().args(["--help"]).run().code(0).stdout;
    let names = documentation::commands(&help);
    assert!(names.contains(&"config".to_owned()) && names.contains(&"man".to_owned()), "{names:?}");
    let is_run = |name: &String| COMMANDS.iter().any(|words| words.first() == Some(&name.as_str()));
    assert_eq!(names.iter().find(|name| !is_run(name)), None);
}

/// Filters whose values are marked.
fn filters() -> Vec<String> {
    let number = format!("--to={NUMBER}");
    let parameter = format!("--param=application={PARAMETER}");
    vec![number, format!("--from={SENDER}"), parameter, format!("--exclude={TEXT}")]
}

/// Where the program reads the marked secret from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SecretSource {
    Key,
    Password,
    Vendor,
    File,
    Token,
    Ibsso,
    StoredPassword,
    Command,
}

const SECRET_SOURCES: [SecretSource; 8] = [
    SecretSource::Key,
    SecretSource::Password,
    SecretSource::Vendor,
    SecretSource::File,
    SecretSource::Token,
    SecretSource::Ibsso,
    SecretSource::StoredPassword,
    SecretSource::Command,
];

/// A run that has the marked secret and queries this URL.
fn with_secret(source: SecretSource, url: &str) -> Omnilogs {
    let at = |run: Omnilogs| run.env("OMNILOGS_BASE_URL", url);
    let stored = |lines: &str| omnilogs().config(&format!("base_url = \"{url}\"\n{lines}\n"));
    let key_file = |run: Omnilogs| {
        let path = run.home().join("key");
        std::fs::write(&path, KEY).unwrap();
        set_mode(&path, 0o600);
        run
    };
    match source {
        SecretSource::Key => at(omnilogs()).env("OMNILOGS_API_KEY", KEY),
        SecretSource::Password => {
            at(omnilogs()).env("OMNILOGS_USERNAME", USER).env("OMNILOGS_PASSWORD", KEY)
        }
        SecretSource::Vendor => at(omnilogs()).env("INFOBIP_API_KEY", KEY),
        SecretSource::File => key_file(at(omnilogs())).args(["--api-key-file", "key"]),
        SecretSource::Token => stored(&format!("token = \"{KEY}\"")),
        SecretSource::Ibsso => stored(&format!("ibsso_token = \"{KEY}\"")),
        SecretSource::StoredPassword => {
            stored(&format!("username = \"{USER}\"\npassword = \"{KEY}\""))
        }
        SecretSource::Command => {
            let command = "credential_command = \"/bin/cat key\"";
            key_file(omnilogs().config(&format!("base_url = \"{url}\"\n{command}\n")))
        }
    }
}

/// Verbosity flags, in an order in which each shows at least as much as the one before it. `-vvv` shows
/// the most.
const QUIETER: [&str; 4] = ["-q", "", "-v", "-vv"];

const FORMATS: [&str; 5] = ["json", "csv", "jsonl", "table", "xml"];

/// Chooses the flag for a command and a failure, by their numbers.
type Flag = fn(command: usize, failure: usize) -> &'static str;

/// Runs a command through every failure, each with another format and another source of the secret;
/// true if it sent a request.
fn through_every_failure(command: usize, flag: Flag, filters: &[String]) -> bool {
    let words = COMMANDS[command];
    for (number, kind) in Kind::all().enumerate() {
        let server = Server::start(move |_, head| kind.response(head));
        let closed = ClosedPort::new();
        let refusing = format!("http://127.0.0.1:{}", closed.port);
        let url = if kind == Kind::Refused { refusing } else { server.url() };
        let source = SECRET_SOURCES[(command + number) % SECRET_SOURCES.len()];
        let format = FORMATS[(command + number) % FORMATS.len()];
        let mut fixed = vec!["-o", format, "--retries=0", "--max-wait=0s"];
        fixed.extend(Some(flag(command, number)).filter(|word| !word.is_empty()));
        let program = with_secret(source, &url).args(words).args(filters).args(&fixed);
        std::fs::write(program.home().join("saved.json"), failures::odd()).unwrap();
        let has_server = kind != Kind::Refused;
        let seen = run(program, has_server, || !server.targets().is_empty());
        check(&seen, &format!("{words:?} {fixed:?}, {kind:?}, {source:?}"));
        if number == 0 && server.targets().is_empty() {
            // For a command that sends no request, every failure is the same.
            return false;
        }
    }
    true
}

/// Runs each command through every failure.
fn all_through_every_failure(flag: Flag) {
    let mut workers = Vec::new();
    for command in 0..COMMANDS.len() {
        workers.push(thread::spawn(move || {
            // Not every command takes filters; those that refuse them run without.
            let filtered = through_every_failure(command, flag, &filters());
            filtered || through_every_failure(command, flag, &[])
        }));
    }
    let querying = workers.into_iter().filter_map(|worker| worker.join().unwrap().then_some(()));
    let querying = querying.count();
    assert!((5..COMMANDS.len()).contains(&querying), "{querying}");
}

/// C29.
#[test]
fn no_mark_appears_where_it_must_not_in_any_failure_of_the_most_verbose_run() {
    all_through_every_failure(|_, _| "-vvv");
}

/// C29. Each command and each failure is combined with each flag.
#[test]
fn no_mark_appears_where_it_must_not_in_any_failure_of_a_quieter_run() {
    all_through_every_failure(|command, failure| QUIETER[(command + failure / 5) % 4]);
}

/// C29. Saved responses that cannot be read or have anomalies.
#[test]
fn no_mark_of_a_saved_response_appears_on_standard_error() {
    for body in failures::bodies() {
        for words in [&["-vvv", "--input", "saved"][..], &["stats", "-vvv", "--input", "saved"]] {
            let program = with_secret(SecretSource::Token, "https://x.example").args(words);
            std::fs::write(program.home().join("saved"), &body).unwrap();
            let mut seen = run(program, true, || false);
            seen.files.clear();
            check(&seen, &format!("{words:?}: {body}"));
        }
    }
}

/// C29. The counterpart: the request and the output do contain the marks.
#[test]
fn the_marks_are_in_the_request_and_in_the_output() {
    for source in SECRET_SOURCES {
        let server = Server::start(|_, head| Kind::Good.response(head));
        let ran = with_secret(source, &server.url()).args(&filters()[..3]).run().code(0);
        let head = server.heads().concat();
        let is_sent = |marks: Vec<(&'static str, String)>, mark: &str| {
            let mut forms = marks.into_iter().filter(|(name, _)| *name == mark);
            forms.any(|(_, form)| marks::is_in(&form, head.as_bytes()))
        };
        assert!(is_sent(marks::secrets(), "secret"), "{source:?}: {head}");
        for mark in ["number", "sender", "parameter"] {
            assert!(is_sent(marks::personal(), mark), "{mark}: {head}");
        }
        assert!(ran.stdout.contains(NUMBER) && ran.stdout.contains(SENDER), "{}", ran.stdout);
    }
}
