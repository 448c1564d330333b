//! `omnilogs doctor`: each problem of a set-up is found and named, with its fix.

mod configuration;
mod network;

use serde_json::Value;

use crate::support::{Omnilogs, Ran, Response, Server, omnilogs};

const EMPTY: &str = r#"{"results":[]}"#;
const KEY: &str = "canary-7f3a";

fn doctor(words: &[&str]) -> Omnilogs {
    omnilogs().args(["doctor"]).args(words)
}

/// Checks this base URL with an API key from the environment.
fn at(base_url: &str) -> Omnilogs {
    doctor(&["-o", "json"]).env("OMNILOGS_BASE_URL", base_url).env("OMNILOGS_API_KEY", KEY)
}

/// A check by its name.
#[track_caller]
fn check(ran: &Ran, name: &str) -> Value {
    let shown: Value = serde_json::from_str(&ran.stdout).expect(&ran.stdout);
    let checks = shown["checks"].as_array().unwrap().clone();
    checks.into_iter().find(|check| check["name"] == name).unwrap_or_else(|| panic!("no {name}"))
}

/// The outcome and the detail of a check.
#[track_caller]
fn found(ran: &Ran, name: &str) -> (String, String) {
    let check = check(ran, name);
    let text = |key: &str| check[key].as_str().unwrap().to_owned();
    (text("outcome"), text("detail"))
}

#[track_caller]
fn outcome(ran: &Ran, name: &str) -> String {
    found(ran, name).0
}

#[test]
fn the_sandbox_passes_every_check() {
    let ran = doctor(&["--sandbox"]).run().code(0);
    let lines: Vec<_> = ran.stdout.lines().collect();
    assert_eq!(lines.len(), 13, "{}", ran.stdout);
    for line in &lines {
        assert!(line.starts_with("ok ") || line.starts_with("skipped "), "{line}");
    }
    for wanted in [
        "ok       config       none; ",
        "ok       base_url     http://127.0.0.1:",
        "skipped  tls          plain http",
        "ok       credentials  api_key (--sandbox), accepted",
        "ok       scope        may read logs",
        "ok       response     HTTP 200, application/json",
        "ok       clock        ",
    ] {
        assert!(lines.iter().any(|line| line.starts_with(wanted)), "{wanted}: {}", ran.stdout);
    }
    assert_eq!(ran.stderr, "");
}

#[test]
fn doctor_requests_one_row_once_and_does_not_show_it() {
    let row = r#"{"results":[{"messageId":"m-1","to":"447700900123","text":"hello there"}]}"#;
    let server = Server::always(Response::json(row));
    let ran = at(&server.url()).run().code(0);
    assert_eq!(server.targets(), ["/omni/1/logs?limit=1"]);
    for hidden in ["447700900123", "hello", "m-1"] {
        assert!(!ran.stdout.contains(hidden), "{}", ran.stdout);
    }
}

#[test]
fn json_has_every_check_in_order_with_its_fix() {
    let ran = at(&Server::always(Response::json(EMPTY)).url()).run().code(0);
    let shown: Value = serde_json::from_str(&ran.stdout).unwrap();
    let checks = shown["checks"].as_array().unwrap();
    let names: Vec<_> = checks.iter().map(|check| check["name"].as_str().unwrap()).collect();
    let order = "config profile settings base_url proxy lookup connection tls certificate \
                 credentials scope response clock";
    assert_eq!(names, order.split(' ').collect::<Vec<_>>());
    let first = r#"{"checks":[{"name":"config","outcome":"ok","detail":"none; "#;
    assert!(ran.stdout.starts_with(first), "{}", ran.stdout);
    assert!(checks.iter().all(|check| check["fix"].is_null()), "{}", ran.stdout);
}

#[test]
fn other_formats_are_refused() {
    for format in ["jsonl", "csv", "tsv", "xml"] {
        let ran = doctor(&["--sandbox", "-o", format]).run().code(2);
        assert!(ran.stdout.is_empty() && ran.stderr.contains("-o json"), "{}", ran.stderr);
    }
}

#[test]
fn a_dry_run_shows_the_request_and_sends_nothing() {
    let server = Server::always(Response::json(EMPTY));
    let ran = doctor(&["--dry-run"]).at(&server.url()).run().code(0);
    assert!(ran.stdout.starts_with("curl ") && ran.stdout.contains("limit=1"), "{}", ran.stdout);
    assert_eq!(server.connections(), 0);
}

#[test]
fn refused_credentials_are_reported_with_their_origin() {
    let body = r#"{"requestError":{"serviceException":{"messageId":"UNAUTHORIZED","text":"Invalid login details"}}}"#;
    let json = [("Content-Type", "application/json")];
    let server = Server::always(Response::new("401 Unauthorized", &json, body));
    let ran = at(&server.url()).run().code(4);
    let (outcome_of, detail) = found(&ran, "credentials");
    assert_eq!(outcome_of, "failed");
    assert!(detail.contains("Invalid login details"), "{detail}");
    assert!(detail.contains("the credentials came from OMNILOGS_API_KEY"), "{detail}");
    assert!(
        check(&ran, "credentials")["fix"].as_str().unwrap().contains("check that the key is valid")
    );
    assert_eq!(found(&ran, "scope"), ("skipped".into(), "needs credentials".into()));
    assert_eq!(ran.error_json()["error"]["code"], 4);
    assert_eq!(server.targets().len(), 1);
}

#[test]
fn missing_credentials_are_reported_after_the_network_checks() {
    let server = Server::always(Response::json(EMPTY));
    let ran = doctor(&["-o", "json", "--base-url", &server.url()]).run().code(4);
    assert_eq!(outcome(&ran, "connection"), "ok");
    let (outcome_of, detail) = found(&ran, "credentials");
    assert_eq!(outcome_of, "failed");
    assert!(detail.contains("looked at --api-key-file; OMNILOGS_API_KEY"), "{detail}");
    assert_eq!(outcome(&ran, "clock"), "skipped");
    assert_eq!(server.targets(), Vec::<String>::new());
}

#[test]
fn a_missing_scope_is_distinguished_from_wrong_credentials() {
    let body =
        r#"{"requestError":{"serviceException":{"messageId":"FORBIDDEN","text":"No scope"}}}"#;
    let ran = at(&Server::always(Response::new("403 Forbidden", &[], body)).url()).run().code(4);
    assert_eq!(outcome(&ran, "credentials"), "ok");
    assert_eq!(outcome(&ran, "scope"), "failed");
    assert!(check(&ran, "scope")["fix"].as_str().unwrap().contains("omni-failover:logs:read"));
}

#[test]
fn a_block_page_of_an_intermediary_proves_nothing_about_credentials_or_scope() {
    for (status, kind, body) in [
        ("401 Unauthorized", "text/html", "<title>Blocked</title>"),
        ("403 Forbidden", "text/html", "<title>Blocked</title>"),
        ("403 Forbidden", "text/plain", "Access denied by policy"),
        ("403 Forbidden", "application/json", r#"{"error":"blocked"}"#),
    ] {
        let page = Response::new(status, &[("Content-Type", kind)], body);
        let ran = at(&Server::always(page).url()).run().code(4);
        for wrong in ["accepted", "scope omni", "may read", "omnilogs doctor"] {
            assert!(!(ran.stdout.clone() + &ran.stderr).contains(wrong), "{wrong}: {}", ran.stdout);
        }
        assert_eq!(outcome(&ran, "credentials"), "skipped");
        assert_eq!(outcome(&ran, "scope"), "skipped");
        let (outcome_of, detail) = found(&ran, "response");
        assert_eq!(outcome_of, "failed");
        assert!(detail.contains("or from a proxy in front of it"), "{detail}");
        assert!(check(&ran, "response")["fix"].as_str().unwrap().contains("firewall"));
    }
}

#[test]
fn server_errors_have_the_exit_code_of_the_listing() {
    for (response, code) in [
        (Response::error("503 Service Unavailable"), 5),
        (Response::error("429 Too Many Requests"), 7),
        (Response::new("200 OK", &[("Content-Type", "text/html")], "<title>Log in</title>"), 8),
        (Response::new("302 Found", &[("Location", "https://elsewhere.example/")], ""), 8),
        (Response::error("404 Not Found"), 9),
    ] {
        let server = Server::always(response);
        let ran = at(&server.url()).run().code(code);
        assert_eq!(outcome(&ran, "response"), "failed");
        let (outcome_of, detail) = found(&ran, "credentials");
        assert_eq!(outcome_of, "skipped");
        assert!(detail.contains("not checked by the server"), "{detail}");
        assert_eq!(server.targets().len(), 1);
    }
}

#[test]
fn a_wrong_clock_is_warned_about() {
    let then = [("Date", "Sun, 06 Nov 1994 08:49:37 GMT"), ("Content-Type", "application/json")];
    let ran = at(&Server::always(Response::new("200 OK", &then, EMPTY)).url()).run().code(0);
    let (outcome_of, detail) = found(&ran, "clock");
    assert_eq!(outcome_of, "warning");
    assert!(detail.ends_with("ahead of the server's"), "{detail}");
    assert!(check(&ran, "clock")["fix"].as_str().unwrap().contains("clock"));
    // Also where the credentials are refused.
    let ran = at(&Server::always(Response::new("401 Unauthorized", &then, "")).url()).run().code(4);
    assert_eq!(outcome(&ran, "clock"), "warning");
}

#[test]
fn no_secret_is_shown_in_any_output_format() {
    let echo = format!(r#"{{"errorCode":"E401","description":"bad key App {KEY}"}}"#);
    let json = [("Content-Type", "application/json")];
    let server = Server::always(Response::new("401 Unauthorized", &json, echo));
    for words in [&["-vv"][..], &["-o", "json", "-vv"], &["--color", "always"]] {
        let run = doctor(words).env("OMNILOGS_BASE_URL", server.url());
        let ran = run.env("OMNILOGS_API_KEY", KEY).run().code(4);
        assert!(
            !ran.stdout.contains(KEY) && !ran.stderr.contains(KEY),
            "{}{}",
            ran.stdout,
            ran.stderr
        );
    }
    let file = format!("base_url = '{}'\nusername = 'u'\npassword = '{KEY}'\n", server.url());
    let ran = doctor(&["-vv"]).config(&file).run().code(4);
    assert!(!ran.stdout.contains(KEY) && !ran.stderr.contains(KEY), "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn colour_is_used_on_request_and_the_text_is_complete_without_it() {
    let plain = doctor(&["--sandbox"]).run().code(0).stdout;
    let coloured = doctor(&["--sandbox", "--color", "always"]).run().code(0).stdout;
    assert!(!plain.contains('\u{1b}') && plain.contains("ok "));
    assert!(coloured.contains('\u{1b}'));
}
