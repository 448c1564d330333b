//! Error texts of a server, made safe to print.

use crate::support::messages::results;
use crate::support::{Response, Server, omnilogs};

/// Text that controls a terminal, reorders a line, or is a command to a build server.
const HOSTILE: &str = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{202e}\u{200b}\r\n::error::x";

/// Responses in which every text is hostile.
fn responses() -> Vec<(&'static str, Response)> {
    let one_line = HOSTILE.replace(['\r', '\n'], " ");
    let json = |status: &str, body: serde_json::Value| {
        Response::new(status, &[("Content-Type", "application/json")], body.to_string())
    };
    let refusal = serde_json::json!({
        "requestError": { "serviceException": { "messageId": HOSTILE, "text": HOSTILE } }
    });
    let newer = serde_json::json!({
        "errorCode": HOSTILE, "description": HOSTILE, "action": HOSTILE
    });
    let page = format!("<html><head><title>{HOSTILE}</title></head><body>x</body></html>");
    let html = |status| Response::new(status, &[("Content-Type", "text/html")], &page);
    let head = |line: &str, headers: &str| {
        Response::raw(format!("HTTP/1.1 {line}\r\n{headers}Content-Length: 0\r\n\r\n"))
    };
    let xml = format!(
        "<ApiException><requestError><serviceException><messageId>x&#27;[2J</messageId><text>&#x9b;2J&#x202e;{}</text></serviceException></requestError></ApiException>",
        "\u{200b}"
    );
    vec![
        ("the reason of a 400", json("400 Bad Request", refusal.clone())),
        ("the reason of a 401", json("401 Unauthorized", refusal.clone())),
        ("the reason of a 500", json("500 Internal Server Error", newer.clone())),
        ("an error under 200", json("200 OK", refusal)),
        ("the newer form", json("404 Not Found", newer)),
        (
            "the XML form",
            Response::new("403 Forbidden", &[("Content-Type", "application/xml")], xml),
        ),
        ("the title of a page under 200", html("200 OK")),
        ("the title of a page under 502", html("502 Bad Gateway")),
        ("the reason phrase", head(&format!("400 {one_line}"), "")),
        ("the content type", head("200 OK", &format!("Content-Type: text/{one_line}\r\n"))),
        ("the place of a redirect", head("302 Found", &format!("Location: {one_line}\r\n"))),
        ("another host", head("302 Found", "Location: https://x\u{202e}y.example/\u{1b}[2J\r\n")),
        ("Retry-After", head("429 Too Many", &format!("Retry-After: {one_line}\r\n"))),
        ("any header", head("400 Bad", &format!("X-Reason: {one_line}\r\n"))),
        ("a key of the body", json("200 OK", serde_json::json!({ HOSTILE: HOSTILE }))),
        ("no JSON", Response::json(format!("{{\"results\":[{{\"a\":{HOSTILE}"))),
        ("no HTTP", Response::raw(format!("{HOSTILE}\r\n\r\n"))),
        ("a good response", Response::json(results([]))),
    ]
}

/// T14. T10.
#[test]
fn no_text_of_a_server_controls_a_terminal_or_a_build_server() {
    for (what, response) in responses() {
        let server = Server::always(response);
        for words in [vec!["--retries", "0"], vec!["--retries", "0", "-vv", "-o", "json"]] {
            let ran = omnilogs().at(&server.url()).args(words).run();
            assert!((0..=10).contains(&ran.code), "{what}: {}", ran.code);
            let dangerous = |c: &char| omnilogs::visible::is_dangerous(*c) && *c != '\n';
            assert_eq!(ran.stderr.chars().find(dangerous), None, "{what}: {:?}", ran.stderr);
            let obeyed = |line: &str| line.trim_start().starts_with("::");
            assert!(!ran.stderr.lines().any(obeyed), "{what}: {}", ran.stderr);
        }
    }
}

/// T14.
#[test]
fn the_text_of_a_server_is_shown_in_its_visible_form() {
    let body =
        r#"{"requestError":{"serviceException":{"messageId":"BAD","text":"no\u001b[2J\u202e"}}}"#;
    let server = Server::always(Response::new("400 Bad Request", &[], body));
    omnilogs().at(&server.url()).run().code(9).says("no^[[2J<U+202E>");
}

/// T14. Names of files and profiles may be hostile, too.
#[test]
fn hostile_names_of_files_and_profiles_are_shown_safely_in_every_form_of_an_error() {
    let name = "x\u{1b}[2J\u{202e}\u{9b}y";
    for words in [
        vec!["--config", name],
        vec!["--profile", name],
        vec!["--input", name],
        vec!["--api-key-file", name],
        vec!["--cacert", name],
        vec!["--message-id", "@x\u{1b}[2J\u{202e}\u{9b}y"],
        vec!["--nonsense\u{1b}[2J\u{202e}\u{9b}"],
        vec!["--columns", name],
        vec!["--jq", name],
        vec!["--grep", "(\u{1b}[2J\u{202e}\u{9b}"],
    ] {
        for format in ["table", "json"] {
            let run = omnilogs().env("OMNILOGS_API_KEY", "key");
            let ran = run.args(["-o", format]).args(&words).run();
            assert_ne!(ran.code, 0, "{words:?}");
            let dangerous = |c: &char| omnilogs::visible::is_dangerous(*c) && *c != '\n';
            assert_eq!(ran.stderr.chars().find(dangerous), None, "{words:?}: {:?}", ran.stderr);
        }
    }
}

/// T14.
#[test]
fn a_hostile_path_is_shown_safely_as_the_cause_of_an_error() {
    let name = "x\u{202e}\u{9b}y";
    let run = omnilogs();
    std::fs::write(run.home().join(name), "base_url = \"http://evil.example\"\n").unwrap();
    let ran = run.args(["--config", name, "-o", "json"]).run().code(2);
    assert!(
        ran.error_json()["error"]["causes"][0].as_str().unwrap().contains("x<U+202E><U+009B>y")
    );
    assert!(!ran.stderr.contains('\u{202e}') && !ran.stderr.contains('\u{9b}'), "{}", ran.stderr);
}
