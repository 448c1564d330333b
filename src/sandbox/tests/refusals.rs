//! Requests that are refused, and their error bodies.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::{TestResponse, TestSandbox, connect};

const PATH: &str = "/omni/1/logs";

fn assert_refused(response: &TestResponse, status: u16, message_id: &str, text: &str) {
    assert_eq!(response.status, status, "{}", response.body);
    assert_eq!(response.header("content-type"), Some("application/json"));
    let body: Value = serde_json::from_str(&response.body).unwrap();
    let exception = &body["requestError"]["serviceException"];
    assert_eq!(exception["messageId"], message_id);
    assert!(exception["text"].as_str().unwrap().contains(text), "{}", response.body);
}

#[test]
fn all_four_schemes_accept_the_right_credential() {
    let mut sandbox = TestSandbox::new();
    let pair = format!("{}:{}", sandbox.sandbox.username(), sandbox.sandbox.password());
    let values = [
        format!("Basic {}", STANDARD.encode(pair)),
        format!("App {}", sandbox.sandbox.api_key()),
        format!("Bearer {}", sandbox.sandbox.token()),
        format!("IBSSO {}", sandbox.sandbox.token()),
    ];
    for value in values {
        let response = sandbox.send("GET", PATH, &[("Authorization", &value)]);
        assert_eq!(response.status, 200, "{value}");
    }
}

#[test]
fn any_other_credential_is_refused_with_the_error_of_the_api() {
    let mut sandbox = TestSandbox::new();
    let wrong = STANDARD.encode("sandbox:guess");
    for value in
        ["", "App guess", "Bearer guess", "IBSSO", "Token guess", &format!("Basic {wrong}")]
    {
        let response = sandbox.send("GET", PATH, &[("Authorization", value)]);
        assert_refused(&response, 401, "UNAUTHORIZED", "Invalid login details");
    }
    assert_refused(&sandbox.send("GET", PATH, &[]), 401, "UNAUTHORIZED", "Invalid login details");
}

#[test]
fn a_key_without_the_scope_is_forbidden() {
    let response =
        TestSandbox::new().send("GET", PATH, &[("Authorization", "App sandbox-no-scope")]);
    assert_refused(&response, 403, "UNAUTHORIZED", "omni-failover:logs:read");
}

#[test]
fn an_error_is_xml_where_xml_is_requested() {
    let response = TestSandbox::new().send("GET", PATH, &[("Accept", "application/xml")]);
    assert_eq!(response.status, 401);
    assert_eq!(response.header("content-type"), Some("application/xml"));
    assert!(response.body.contains(
        "<ApiException><requestError><serviceException><messageId>UNAUTHORIZED</messageId>\
         <text>Invalid login details</text>"
    ));
}

#[test]
fn other_paths_are_not_found() {
    let mut sandbox = TestSandbox::new();
    for path in ["/", "/omni/1/reports", "/omni/1/logs/", "/sms/1/logs"] {
        assert_refused(&sandbox.send("GET", path, &[]), 404, "NOT_FOUND", "not found");
    }
}

#[test]
fn other_methods_are_not_allowed() {
    let mut sandbox = TestSandbox::new();
    for method in ["PUT", "DELETE", "OPTIONS"] {
        let response = sandbox.send(method, PATH, &[]);
        assert_refused(&response, 405, "METHOD_NOT_ALLOWED", "GET");
        assert_eq!(response.header("allow"), Some("GET"));
    }
    let response = sandbox.send("HEAD", PATH, &[]);
    assert_eq!((response.status, response.body.as_str()), (405, ""));
    let response = sandbox.send("POST", PATH, &[("Content-Length", "0")]);
    assert_eq!(response.status, 405);
}

#[test]
fn an_invalid_value_is_a_bad_request_that_names_the_parameter() {
    let mut sandbox = TestSandbox::new();
    for (query, parameter) in
        [("limit=0", "limit"), ("channel=PIGEON", "channel"), ("sentSince=soon", "sentSince")]
    {
        assert_refused(&sandbox.get(query, &[]), 400, "BAD_REQUEST", parameter);
    }
    let response = sandbox.get("to=x&mcc=private", &[]);
    assert!(!response.body.contains("private"), "{}", response.body);
}

#[test]
fn too_many_requests_in_a_minute_get_a_retry_after() {
    let mut sandbox = TestSandbox::with(42, 3);
    for time in [0, 10_000, 20_000] {
        sandbox.set_clock(time);
        assert_eq!(sandbox.get("limit=1", &[]).status, 200);
    }
    sandbox.set_clock(30_000);
    let response = sandbox.get("limit=1", &[]);
    assert_refused(&response, 429, "TOO_MANY_REQUESTS", "Too many requests");
    assert_eq!(response.header("retry-after"), Some("30"));
    sandbox.set_clock(60_000);
    assert_eq!(sandbox.get("limit=1", &[]).status, 200);
    assert_eq!(sandbox.get("limit=1", &[]).header("retry-after"), Some("10"));
}

#[test]
fn all_connections_share_the_throttle() {
    let mut sandbox = TestSandbox::with(42, 1);
    assert_eq!(sandbox.get("limit=1", &[]).status, 200);
    sandbox.stream = connect(&sandbox.sandbox);
    assert_eq!(sandbox.get("limit=1", &[]).status, 429);
}

#[test]
fn refused_credentials_do_not_count_for_the_throttle() {
    let mut sandbox = TestSandbox::with(42, 1);
    for _ in 0..5 {
        assert_eq!(sandbox.send("GET", PATH, &[]).status, 401);
    }
    assert_eq!(sandbox.get("limit=1", &[]).status, 200);
}
