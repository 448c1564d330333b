//! Marked secrets, numbers, texts and query values, and every place where they must not turn up.

mod failures;
mod marks;
mod typed;

use std::fs::File;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::support::command::set_mode;
use crate::support::running::Kept;
use crate::support::{Omnilogs, Server, omnilogs};
use failures::Kind;
use marks::{KEY, NUMBER, PARAMETER, SENDER, TEXT, USER};

/// Words after a command that make it do something; those that are not here need none.
const WORDS: [(&str, &[&str]); 6] = [
    ("config", &["show"]),
    ("completions", &["bash"]),
    ("explain", &["5"]),
    ("wait", &["m1"]),
    ("archive", &["status"]),
    ("", &["--dry-run"]),
];

/// A run that goes on for so long is asked to end.
const ENOUGH: Duration = Duration::from_millis(700);
/// Likewise when it has asked the server, and still goes on after this.
const ANSWERED: Duration = Duration::from_millis(150);

/// The commands of the program, as its help lists them, and what is asked of each.
fn commands() -> Vec<Vec<String>> {
    let help = omnilogs().args(["--help"]).run().code(0).stdout;
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names: Vec<_> = listed
        .take_while(|line| line.starts_with("  "))
        .filter(|line| !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(names.contains(&"config") && names.contains(&"man"), "{names:?}");
    let mut commands = vec![Vec::new()];
    for (name, words) in WORDS {
        if name.is_empty() || names.contains(&name) {
            let words = words.iter().map(|word| (*word).to_owned());
            commands.push(
                [name.to_owned()].into_iter().filter(|n| !n.is_empty()).chain(words).collect(),
            );
        }
    }
    let has_words = |name: &str| WORDS.iter().any(|(known, _)| *known == name);
    commands
        .extend(names.iter().filter(|name| !has_words(name)).map(|name| vec![(*name).to_owned()]));
    commands
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
    File,
    Stored,
    Command,
}

const GIVEN: [Given; 5] = [Given::Key, Given::Password, Given::File, Given::Stored, Given::Command];

/// A run that has the marked secret and asks this address.
fn with_secret(given: Given, url: &str) -> Omnilogs {
    let at = |run: Omnilogs| run.env("OMNILOGS_BASE_URL", url);
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
        Given::File => key_file(at(omnilogs())).args(["--api-key-file", "key"]),
        Given::Stored => omnilogs().config(&format!("base_url = \"{url}\"\ntoken = \"{KEY}\"\n")),
        Given::Command => {
            let command = "credential_command = \"/bin/cat key\"";
            key_file(omnilogs().config(&format!("base_url = \"{url}\"\n{command}\n")))
        }
    }
}

/// What came of a run, as bytes.
struct Seen {
    code: Option<i32>,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    /// The command lines of the program and of what it started.
    command_lines: Vec<u8>,
}

/// Runs to the end, or until it has had its answer and goes on all the same.
fn run(run: Omnilogs, asked: impl Fn() -> bool) -> Seen {
    let (mut command, home) = run.plain();
    let (out, err) = (home.path().join("stdout"), home.path().join("stderr"));
    command.stdin(Stdio::null());
    command.stdout(File::create(&out).unwrap()).stderr(File::create(&err).unwrap());
    let mut child = Kept(command.spawn().unwrap());
    let mut command_lines = Vec::new();
    let (started, mut answered) = (Instant::now(), None);
    let code = loop {
        command_lines.extend(command_lines_of(&child.0));
        if let Some(status) = child.0.try_wait().unwrap() {
            break status.code();
        }
        if answered.is_none() && asked() {
            answered = Some(Instant::now());
        }
        if started.elapsed() > ENOUGH || answered.is_some_and(|at| at.elapsed() > ANSWERED) {
            kill_process(Pid::from_child(&child.0), Signal::INT).unwrap();
        }
        thread::sleep(Duration::from_millis(4));
    };
    let read = |path| std::fs::read(path).unwrap();
    Seen { code, stdout: read(out), stderr: read(err), command_lines }
}

fn command_lines_of(child: &Child) -> Vec<u8> {
    let id = child.id();
    let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children"));
    let ids = children.unwrap_or_default();
    let ids = ids.split_whitespace().map(str::to_owned).chain([id.to_string()]);
    // A process that has just ended has none.
    ids.flat_map(|id| std::fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default()).collect()
}

/// Looks for every mark where it must not be.
#[track_caller]
fn check(seen: &Seen, what: &str) {
    let stderr = String::from_utf8_lossy(&seen.stderr);
    assert_ne!(seen.code, Some(101), "{what}: {stderr}");
    assert!(!stderr.contains("panicked"), "{what}: {stderr}");
    for (mark, form) in marks::secrets() {
        for (place, bytes) in [
            ("stdout", &seen.stdout),
            ("stderr", &seen.stderr),
            ("a command line", &seen.command_lines),
        ] {
            assert!(!marks::is_in(&form, bytes), "{what}: the {mark} is in {place}: {stderr}");
        }
    }
    for (mark, form) in marks::personal() {
        assert!(!marks::is_in(&form, &seen.stderr), "{what}: the {mark} is on stderr: {stderr}");
    }
}

/// How much is told, and in which format.
const TELLING: [(&str, &str); 4] = [("-q", "json"), ("", "csv"), ("-v", "jsonl"), ("-vv", "table")];

/// Runs a command through every failure; whether it asked the server at all.
fn through_every_failure(command: &[String], telling: usize, filters: &[String]) -> bool {
    let (verbosity, format) = TELLING[telling];
    let mut turn = GIVEN.iter().cycle().skip(telling);
    for (number, kind) in Kind::all().enumerate() {
        let server = Server::start(move |_, head| kind.answer(head));
        let url = if kind == Kind::Refused { failures::nobody() } else { server.url() };
        let given = *turn.next().unwrap();
        let mut words = vec!["-o", format, "--retries=0", "--max-wait=0s"];
        words.extend(Some(verbosity).filter(|word| !word.is_empty()));
        let program = with_secret(given, &url).args(command).args(filters).args(&words);
        let seen = run(program, || !server.targets().is_empty());
        check(&seen, &format!("{command:?} {words:?}, {kind:?}, {given:?}"));
        if number == 0 && server.targets().is_empty() {
            // A command that asks no server meets one failure as any other.
            return false;
        }
    }
    true
}

/// C29.
#[test]
fn no_mark_turns_up_where_it_must_not_whatever_fails_and_however_much_is_told() {
    let mut workers = Vec::new();
    for command in commands() {
        for telling in 0..TELLING.len() {
            let command = command.clone();
            workers.push(thread::spawn(move || {
                let filtered = through_every_failure(&command, telling, &filters());
                // Not every command takes filters, and what was not asked for is no one's to tell.
                let plain = (command.is_empty() || !filtered)
                    && through_every_failure(&command, telling, &[]);
                filtered || plain
            }));
        }
    }
    let all = workers.len();
    let asking =
        workers.into_iter().filter_map(|worker| worker.join().unwrap().then_some(())).count();
    assert!((4..all).contains(&asking), "{asking} of {all}");
}

/// C29. The search itself finds what it looks for.
#[test]
fn each_form_of_a_mark_would_be_found() {
    let server = Server::start(|_, head| Kind::first().answer(head));
    let program = with_secret(Given::Password, &server.url()).args(filters());
    assert_eq!(program.run().code, Kind::first().code());
    let head = server.heads().concat();
    let forms = marks::secrets().into_iter().chain(marks::personal());
    let found: Vec<_> = forms.filter(|(_, form)| marks::is_in(form, head.as_bytes())).collect();
    for mark in ["secret", "user name", "number", "sender", "parameter"] {
        assert!(found.iter().any(|(found, _)| *found == mark), "{mark}: {head}");
    }
}

/// C29. The files that a run leaves hold no secret, and its own records no personal data.
#[test]
fn the_files_that_a_run_leaves_hold_no_mark() {
    for kind in [Kind::Good, Kind::first()] {
        let server = Server::start(move |_, head| kind.answer(head));
        let words = ["--output-file=out.json", "--manifest=manifest.json", "-o", "json"];
        let (mut command, home): (Command, _) =
            with_secret(Given::Key, &server.url()).args(words).args(filters()).plain();
        command.output().unwrap();
        for entry in std::fs::read_dir(home.path()).unwrap() {
            let entry = entry.unwrap();
            let bytes = std::fs::read(entry.path()).unwrap();
            for (mark, form) in marks::secrets() {
                assert!(!marks::is_in(&form, &bytes), "{mark} in {:?}", entry.file_name());
            }
            if entry.file_name() != "out.json" {
                for (mark, form) in marks::personal() {
                    assert!(!marks::is_in(&form, &bytes), "{mark} in {:?}", entry.file_name());
                }
            }
        }
    }
}
