//! Answers whose status tells that there are no rows.

use super::{KEY, NUMBER, ask, ids, tried_again, two_rows};
use crate::support::{Answer, Ran, Server, omnilogs};

/// The words of a server that repeats what it was sent, and drives a terminal.
fn reason() -> String {
    let text = format!("Bad to {NUMBER}, App {KEY}\\u001b[2J\\u202e");
    format!(r#"{{"requestError":{{"serviceException":{{"messageId":"BAD","text":"{text}"}}}}}}"#)
}

/// What comes of this status; asked for as often as is said, though a retry is left.
fn given(status: &str, body: &str, code: i32, requests: usize) -> Ran {
    let server = Server::always(Answer::new(status, &[("Content-Type", "application/json")], body));
    let ran = ask(&server.url()).retries(1).code(code);
    assert_eq!((ran.stdout.as_str(), server.heads().len()), ("", requests), "{status}");
    ran
}

/// H41.
#[test]
fn refused_credentials_are_told_with_where_they_came_from_and_not_sent_again() {
    given("401 Unauthorized", &reason(), 4, 1)
        .says("refused the credentials: BAD: Bad to")
        .says("the credentials came from OMNILOGS_API_KEY");
    given("403 Forbidden", &reason(), 4, 1)
        .says("accepted the credentials but does not let them read logs")
        .says("omni-failover:logs:read");
    given("401 Unauthorized", "", 4, 1);
}

/// H41.
#[test]
fn refused_credentials_of_a_file_name_the_file_and_not_the_value() {
    let server = Server::always(Answer::new("401 Unauthorized", &[], reason()));
    let config = format!("base_url = \"{}\"\napi_key = \"{KEY}\"\n", server.url());
    let ran = omnilogs().config(&config).args(["-vv", "--to", NUMBER, "-o", "jsonl"]).run().code(4);
    super::hold(&ran, "jsonl");
    assert!(ran.stderr.contains("the credentials came from") && ran.stderr.contains("config.toml"));
}

/// H42.
#[test]
fn a_refused_query_is_told_with_the_reason_made_safe() {
    given("400 Bad Request", &reason(), 9, 1)
        .says("refused the query with HTTP 400: BAD: Bad to ")
        .says("^[[2J<U+202E>");
    given("404 Not Found", &reason(), 9, 1).says("check the base URL");
    given("404 Not Found", "<html><title>Not \u{1b}[2J here</title>", 9, 1)
        .says("a page titled «Not ^[[2J here»");
    for status in ["405 Method Not Allowed", "413 Too Large", "422 X", "451 \u{9b}[2J"] {
        given(status, "", 9, 1);
    }
}

/// H42. 408 is the one other 4xx that may pass.
#[test]
fn a_timeout_of_the_server_is_tried_again() {
    given("408 Request Timeout", "", 9, 2);
}

const HTML: &str = "<html><head><title>502 Bad Gateway</title></head></html>";

/// H47.
#[test]
fn failures_of_the_server_that_may_pass_are_tried_again() {
    for status in ["500 Oops", "502 Bad Gateway", "503 Busy", "504 Gateway Timeout"] {
        let ran = given(status, HTML, 5, 2);
        assert!(tried_again(&ran), "{}", ran.stderr);
        ran.says(&format!("failed with HTTP {}: a page titled «502 Bad Gateway»", &status[..3]));
        let server = Server::sequence([Answer::error(status), Answer::json(two_rows())]);
        assert_eq!(ids(&ask(&server.url()).retries(1).code(0)), ["m1", "m2"]);
    }
}

/// H47.
#[test]
fn failures_of_the_server_that_do_not_pass_are_not_tried_again() {
    for status in ["501 Not Implemented", "505 HTTP Version Not Supported", "599 X"] {
        given(status, HTML, 5, 1);
    }
}

/// H47. Four tries unless told otherwise: one, and three more.
#[test]
fn a_server_that_keeps_failing_is_asked_four_times() {
    let server = Server::always(Answer::error("503 Busy"));
    omnilogs().at(&server.url()).run().code(5);
    assert_eq!(server.heads().len(), 4);
}
