//! Every help text, and messages for each exit code, as snapshots: a review sees each change of
//! wording. `INSTA_UPDATE=always cargo test wording` accepts a change.

use serde_json::json;

use crate::support::documentation::commands;
use crate::support::messages::{message, message_with, results, seconds_before};
use crate::support::{Omnilogs, Response, Server, omnilogs};

/// Compares a text with the snapshot of this name.
#[track_caller]
fn assert_wording(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

fn help(command: &[&str], flag: &str) -> String {
    omnilogs().args(command).args([flag]).env("COLUMNS", "80").run().code(0).stdout
}

/// Compares the help of a command and of the commands below it. Returns their number.
fn compare_help(command: &[&str]) -> usize {
    let (short, long) = (help(command, "-h"), help(command, "--help"));
    let line = [&["omnilogs"], command].concat();
    let text = format!("$ {0} -h\n{short}\n$ {0} --help\n{long}", line.join(" "));
    assert_wording(&format!("help_{}", line.join("_")), &text);
    let below = commands(&long).into_iter();
    1 + below.map(|name| compare_help(&[command, &[&name]].concat())).sum::<usize>()
}

#[test]
fn the_wording_of_every_help_text_is_as_reviewed() {
    assert!(compare_help(&[]) > 10);
}

/// The command lines and messages of runs that fail with one exit code, without parts that differ from
/// run to run.
struct Messages(String);

impl Messages {
    fn of(code: i32, args: &[&str]) -> Self {
        Self(String::new()).and(omnilogs(), code, args)
    }

    fn at(server: &Server, code: i32, args: &[&str]) -> Self {
        Self(String::new()).and_at(server, code, args)
    }

    fn and_at(self, server: &Server, code: i32, args: &[&str]) -> Self {
        let url = server.url();
        let authority = url.trim_start_matches("http://");
        let command = omnilogs().at(&url);
        Self(self.and(command, code, args).0.replace(authority, "127.0.0.1:PORT"))
    }

    fn and(mut self, command: Omnilogs, code: i32, args: &[&str]) -> Self {
        let home = command.home().display().to_string();
        let stderr = command.args(args).run().code(code).stderr.replace(&home, "HOME");
        let quoted = args
            .iter()
            .map(|word| if word.contains(' ') { format!("'{word}'") } else { (*word).to_owned() });
        let line = quoted.collect::<Vec<_>>().join(" ");
        self.0.extend(["$ omnilogs ", &line, "\n", &stderr, "\n"]);
        self
    }
}

fn api_error(status: &str, id: &str, text: &str) -> Server {
    let body = json!({"requestError": {"serviceException": {"messageId": id, "text": text}}});
    let headers = [("Content-Type", "application/json")];
    Server::always(Response::new(status, &headers, body.to_string()))
}

#[test]
fn the_wording_of_local_failures_is_as_reviewed() {
    let messages = Messages::of(1, &["--sandbox", "--output-file", "/nowhere/messages.csv"]);
    assert_wording("exit_01", &messages.0);
}

#[test]
fn the_wording_of_usage_errors_is_as_reviewed() {
    let mut messages = Messages(String::new());
    for args in [
        &["--colums", "to"] as &[&str],
        &["--channel", "psuh"],
        &["--since", "tomorow"],
        &["--since", "1764000000"],
        &["--since", "2026-03-29 02:30", "--timezone", "Europe/Zagreb"],
        &["--from", "14:00"],
        &["--to", "07700 900456"],
        &["--limit", "0"],
        &["--rate", "fast"],
        &["--message-id", "a,,b"],
        &["--grep", "("],
        &["--jq", ".", "-o", "csv"],
        &["--all", "--sort", "to"],
        &["--resume", "--all", "-o", "jsonl"],
        &["--input", "x.json", "--param", "a=b"],
        &["--for", "10s"],
        &["--channel", "SMS", "follow"],
        &["follow", "--all"],
        &["follow", "--until", "2h"],
        &["wait"],
        &["explain"],
        &["stats", "--by", "chanel"],
        &["stats", "--fail-if", "delivered"],
        &["stats", "--fail-if", "delivered<0.95"],
        &["--timeout", "5s"],
        &["--profile", "none"],
    ] {
        messages = messages.and(omnilogs(), 2, args);
    }
    assert_wording("exit_02", &messages.0);
}

#[test]
fn the_wording_of_incomplete_results_is_as_reviewed() {
    let page = Response::json(results((0..1000).map(|n| seconds_before(n, "text"))));
    let server = Server::sequence([page, Response::error("400 Bad Request")]);
    let window = ["--since", "2026-11-22T10:00:00Z", "--until", "2026-11-22T11:00:00Z"];
    let all = [&["-q", "--all", "--retries", "0", "-o", "jsonl"], window.as_slice()].concat();
    let pending = message_with(
        "m1",
        &[("status.name", json!("PENDING_ENROUTE")), ("status.groupName", json!("PENDING"))],
    );
    let waiting = Server::always(Response::json(results([pending])));
    let damaged = omnilogs().stdin(format!("{}\n{{]\n", message("m1", "text")));
    let messages = Messages::at(&server, 3, &all)
        .and_at(&waiting, 3, &["wait", "--message-id", "m1,m2", "--timeout", "0s"])
        .and(damaged, 3, &["--input", "-"]);
    assert_wording("exit_03", &messages.0);
}

#[test]
fn the_wording_of_refused_credentials_is_as_reviewed() {
    let unauthorized = api_error("401 Unauthorized", "UNAUTHORIZED", "Invalid login details");
    let forbidden = api_error("403 Forbidden", "FORBIDDEN", "No permission");
    let portal = Server::always(Response::new("403 Forbidden", &[], "<html>Blocked</html>"));
    let messages = Messages::of(4, &[])
        .and_at(&unauthorized, 4, &[])
        .and_at(&forbidden, 4, &[])
        .and_at(&portal, 4, &[]);
    assert_wording("exit_04", &messages.0);
}

#[test]
fn the_wording_of_server_errors_is_as_reviewed() {
    let server = Server::always(Response::error("503 Service Unavailable"));
    assert_wording("exit_05", &Messages::at(&server, 5, &["--retries", "0"]).0);
}

#[test]
fn the_wording_of_connection_failures_is_as_reviewed() {
    let silent = Server::always(Response::nothing());
    let cut = Server::always(Response::raw(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{",
    ));
    let messages =
        Messages::at(&silent, 6, &["--retries", "0"]).and_at(&cut, 6, &["--retries", "0"]);
    assert_wording("exit_06", &messages.0);
}

#[test]
fn the_wording_of_throttling_is_as_reviewed() {
    let server = Server::always(Response::new(
        "429 Too Many Requests",
        &[("Retry-After", "42")],
        r#"{"errorCode":"E429","description":"Too many requests."}"#,
    ));
    let args = ["--max-wait", "1s", "-o", "json"];
    assert_wording("exit_07", &Messages::at(&server, 7, &args).0);
}

#[test]
fn the_wording_of_responses_that_are_not_understood_is_as_reviewed() {
    let page = Server::always(Response::new("200 OK", &[("Content-Type", "text/html")], "<html>"));
    let redirect =
        Server::always(Response::new("302 Found", &[("Location", "https://example.com/")], ""));
    let broken = omnilogs().stdin("{\"results\":[{]}");
    let messages =
        Messages::at(&page, 8, &[]).and_at(&redirect, 8, &[]).and(broken, 8, &["--input", "-"]);
    assert_wording("exit_08", &messages.0);
}

#[test]
fn the_wording_of_refused_queries_is_as_reviewed() {
    let bad = api_error("400 Bad Request", "BAD_REQUEST", "Bad Request");
    let missing = api_error("404 Not Found", "NOT_FOUND", "Not Found");
    assert_wording("exit_09", &Messages::at(&bad, 9, &[]).and_at(&missing, 9, &[]).0);
}

#[test]
fn the_wording_of_conditions_that_were_not_met_is_as_reviewed() {
    let empty = Server::always(Response::json(results([])));
    let failed = message_with(
        "m1",
        &[
            ("status.name", json!("UNDELIVERABLE_NOT_DELIVERED")),
            ("status.groupName", json!("UNDELIVERABLE")),
        ],
    );
    let saved = results([failed]);
    let undelivered = Server::always(Response::json(&saved));
    let window = ["--since", "2026-11-22T10:00:00Z", "--until", "2026-11-22T11:00:00Z"];
    let messages =
        Messages::at(&empty, 10, &[&["-q", "--fail-on-empty"], window.as_slice()].concat())
            .and_at(&undelivered, 10, &["wait", "--message-id", "m1", "--settle", "0s"])
            .and_at(&undelivered, 10, &["-q", "--fail-on-match", "-o", "jsonl"])
            .and(
                omnilogs().stdin(saved),
                10,
                &["stats", "--input", "-", "--by", "channel", "--fail-if", "delivered<95%"],
            );
    assert_wording("exit_10", &messages.0);
}

#[test]
fn the_wording_of_an_interrupted_run_is_as_reviewed() {
    let server =
        Server::always(Response::new("429 Too Many Requests", &[("Retry-After", "50")], ""));
    let run = omnilogs().at(&server.url()).start();
    run.until(|| server.targets().len() == 1);
    run.signal(rustix::process::Signal::INT);
    assert_wording("exit_130", &run.end().code(130).stderr);
}
