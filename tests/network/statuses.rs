//! Responses with an HTTP status of an error.

use super::{KEY, NUMBER, ids, list, two_rows, was_retried};
use crate::support::{Ran, Response, Server, omnilogs};

/// An error body that repeats the request and contains terminal control characters.
fn reason() -> String {
    let text = format!("Bad to {NUMBER}, App {KEY}\\u001b[2J\\u202e");
    format!(r#"{{"requestError":{{"serviceException":{{"messageId":"BAD","text":"{text}"}}}}}}"#)
}

/// Lists from a server with this status, with one retry allowed, and checks the number of requests.
fn list_status(status: &str, body: &str, code: i32, requests: usize) -> Ran {
    let server =
        Server::always(Response::new(status, &[("Content-Type", "application/json")], body));
    let ran = list(&server.url()).retries(1).code(code);
    assert_eq!((ran.stdout.as_str(), server.heads().len()), ("", requests), "{status}");
    ran
}

/// H41.
#[test]
fn refused_credentials_are_reported_with_their_origin_and_not_sent_again() {
    list_status("401 Unauthorized", &reason(), 4, 1)
        .says("error: HTTP 401: 127.0.0.1:")
        .says("refused the credentials: BAD: Bad to")
        .says("the credentials came from OMNILOGS_API_KEY");
    list_status("403 Forbidden", &reason(), 4, 1)
        .says("error: HTTP 403: 127.0.0.1:")
        .says("accepted the credentials, but does not let them read logs")
        .says("omni-failover:logs:read");
    list_status("401 Unauthorized", "", 4, 1).says("error: HTTP 401 from 127.0.0.1:");
}

/// H41. A firewall, a proxy or a captive portal responds in place of the API.
#[test]
fn only_an_error_body_of_the_api_proves_that_credentials_or_a_scope_are_wrong() {
    for (body, described) in [
        (
            "<html><title>Access \u{1b}[2J denied</title></html>",
            "an HTML page titled «Access ^[[2J denied»",
        ),
        (
            "Access denied by policy 7.\nRay ID: 5",
            "the text «Access denied by policy 7. Ray ID: 5»",
        ),
        (r#"{"message":"Forbidden"}"#, "JSON"),
        ("", "an empty body"),
    ] {
        for (status, code) in
            [("401 Unauthorized", 4), ("403 Forbidden", 4), ("404 Not Found", 9), ("451 X", 9)]
        {
            let ran = list_status(status, body, code, 1);
            let number = &status[..3];
            assert_eq!(ran.error_json()["error"]["httpStatus"], number.parse::<u16>().unwrap());
            for claim in ["refused the", "accepted the credentials", "logs:read"] {
                assert!(!ran.stderr.contains(claim), "{claim}: {}", ran.stderr);
            }
            ran.says(&format!("error: HTTP {number} from 127.0.0.1:"))
                .says(&format!("or from a proxy in front of it: the response is {described}, not"));
        }
    }
    list_status("403 Forbidden", "", 4, 1).says("omnilogs doctor checks the network step by step");
}

/// H41.
#[test]
fn every_response_that_is_not_a_page_has_its_status_in_the_json_error() {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n";
    let cut = Response::raw(format!("{head}{{\"results\":[")).then_close();
    for (response, code, status) in [
        (Response::new("302 Found", &[("Location", "https://other.example/")], ""), 8, 302),
        (Response::new("302 Found", &[], ""), 8, 302),
        (Response::new("200 OK", &[], "<html><title>Log in</title></html>"), 8, 200),
        (Response::new("200 OK", &[], ""), 8, 200),
        (Response::new("206 Partial", &[], ""), 8, 206),
        (Response::new("408 Request Timeout", &[], ""), 6, 408),
        (cut, 6, 200),
    ] {
        let ran = list(&Server::always(response).url()).code(code);
        assert_eq!(ran.error_json()["error"]["httpStatus"], status, "{}", ran.stderr);
    }
    let ran = list("http://127.0.0.1:9").code(6);
    assert!(ran.error_json()["error"].get("httpStatus").is_none(), "{}", ran.stderr);
}

/// H41. An endless error body, from any server.
#[test]
fn the_body_of_an_error_is_read_up_to_a_mebibyte() {
    let page = format!("<html><title>Blocked</title>{}", "x".repeat(8 << 20));
    list_status("403 Forbidden", &page, 4, 1).says("an HTML page titled «Blocked»");
}

/// H41.
#[test]
fn refused_credentials_of_a_file_name_the_file_and_not_the_value() {
    let server = Server::always(Response::new("401 Unauthorized", &[], reason()));
    let config = format!("base_url = \"{}\"\napi_key = \"{KEY}\"\n", server.url());
    let ran = omnilogs().config(&config).args(["-vv", "--to", NUMBER, "-o", "jsonl"]).run().code(4);
    super::check_invariants(&ran, "jsonl");
    assert!(ran.stderr.contains("the credentials came from") && ran.stderr.contains("config.toml"));
}

/// H42.
#[test]
fn a_refused_query_is_reported_with_the_reason_made_safe_to_print() {
    list_status("400 Bad Request", &reason(), 9, 1)
        .says("refused the query: BAD: Bad to ")
        .says("^[[2J<U+202E>");
    list_status("404 Not Found", &reason(), 9, 1).says("check the base URL");
    list_status("404 Not Found", "<html><title>Not \u{1b}[2J here</title>", 9, 1)
        .says("an HTML page titled «Not ^[[2J here»");
    for status in ["405 Method Not Allowed", "413 Too Large", "422 X", "451 \u{9b}[2J"] {
        list_status(status, "", 9, 1);
    }
}

/// H42.
#[test]
fn the_parameters_that_the_api_refuses_are_named_with_the_reason_and_masked() {
    let newer = format!(
        r#"{{"errorCode":"E400","description":"Bad request","violations":[{{"property":"limit","violation":"must be at most 1000"}},{{"property":"to","violation":"{NUMBER} of jane.doe@example.com is unknown to {KEY}\u001b[2J"}}]}}"#
    );
    let older = format!(
        r#"{{"requestError":{{"serviceException":{{"messageId":"BAD_REQUEST","text":"Bad Request","validationErrors":{{"limit":["must be at most 1000"],"to":["{NUMBER} of jane.doe@example.com is unknown to {KEY}\u001b[2J"]}}}}}}}}"#
    );
    for body in [newer, older] {
        let ran = list_status("400 Bad Request", &body, 9, 1);
        let error = &ran.error_json()["error"];
        assert_eq!(error["httpStatus"], 400);
        assert_eq!(
            error["violations"],
            serde_json::json!([
                { "property": "limit", "violation": "must be at most 1000" },
                { "property": "to", "violation": "… of ***@example.com is unknown to ***^[[2J" },
            ])
        );
        ran.says("error: HTTP 400: 127.0.0.1:")
            .says("because: limit: must be at most 1000\n")
            .says("because: to: … of ***@example.com is unknown to ***^[[2J\n");
    }
}

/// H42.
#[test]
fn refused_parameters_are_named_by_their_path_and_those_that_are_not_shown_are_counted() {
    let older = |errors: &str| {
        format!(
            r#"{{"requestError":{{"serviceException":{{"messageId":"BAD_REQUEST","text":"Bad Request","validationErrors":{errors}}}}}}}"#
        )
    };
    list_status("400 X", &older(r#"{"messages":{"0":{"to":["bad number"]}}}"#), 9, 1)
        .says("because: messages.0.to: bad number\n");
    list_status("400 X", &older(r#"{"a":{"b":"bad"}}"#), 9, 1).says("because: a.b: bad\n");
    let members: Vec<_> = (0..25).map(|at| format!(r#""p{at}":"bad""#)).collect();
    let ran = list_status("400 X", &older(&format!("{{{}}}", members.join(","))), 9, 1);
    let ran = ran.says("because: p19: bad\n  because: and 5 more\n");
    let error = &ran.error_json()["error"];
    assert_eq!(error["violations"].as_array().unwrap().len(), 20);
    assert_eq!(
        error["violations"][19],
        serde_json::json!({ "property": "p19", "violation": "bad" })
    );
}

/// H42. HTTP 408 is the only other transient 4xx; the request did not reach the server in time.
#[test]
fn http_408_is_retried_and_ends_as_a_server_that_was_not_reached() {
    list_status("408 Request Timeout", "", 6, 2).says("error: HTTP 408: 127.0.0.1:");
}

const HTML: &str = "<html><head><title>502 Bad Gateway</title></head></html>";

/// H47.
#[test]
fn transient_server_errors_are_retried() {
    for status in ["500 Oops", "502 Bad Gateway", "503 Busy", "504 Gateway Timeout"] {
        let ran = list_status(status, HTML, 5, 2);
        assert!(was_retried(&ran), "{}", ran.stderr);
        ran.says(&format!("error: HTTP {} from 127.0.0.1:", &status[..3]))
            .says("in front of it: the response is an HTML page titled «502 Bad Gateway»");
        let server = Server::sequence([Response::error(status), Response::json(two_rows())]);
        assert_eq!(ids(&list(&server.url()).retries(1).code(0)), ["m1", "m2"]);
    }
}

/// H47.
#[test]
fn permanent_server_errors_are_not_retried() {
    for status in ["501 Not Implemented", "505 HTTP Version Not Supported", "599 X"] {
        list_status(status, HTML, 5, 1);
    }
}

/// H47. By default there are three retries, so four attempts.
#[test]
fn a_server_that_keeps_failing_gets_four_requests() {
    let server = Server::always(Response::error("503 Busy"));
    let ran = omnilogs().at(&server.url()).args(["-vv"]).run().code(5);
    let heads = server.heads();
    assert_eq!(heads.len(), 4, "{}\n{heads:#?}", ran.stderr);
}
