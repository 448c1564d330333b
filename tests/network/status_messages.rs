//! The exit code, the reason and the hints for each HTTP status.

use httpmock::{Method::GET, MockServer};

use crate::support::omnilogs;

/// A server that sends this response for the logs endpoint.
fn responding(status: u16, headers: &[(&str, &str)], body: &str) -> MockServer {
    let server = MockServer::start();
    server.mock(|when, then| {
        when.method(GET).path("/omni/1/logs").header("Authorization", "App test-key");
        let mut then = then.status(status).body(body);
        for (name, value) in headers {
            then = then.header(*name, *value);
        }
    });
    server
}

const LOGIN: &str = r#"{"requestError":{"serviceException":{"messageId":"UNAUTHORIZED","text":"Invalid login details"}}}"#;

/// H41.
#[test]
fn refused_credentials_end_with_4_and_name_the_variable_they_came_from() {
    let server = responding(401, &[], LOGIN);
    let ran = omnilogs().at(&server.base_url()).run().code(4);
    let ran = ran.says("refused the credentials").says("Invalid login details");
    ran.says("the credentials came from OMNILOGS_API_KEY").says("omnilogs config show");
}

/// H41.
#[test]
fn refused_credentials_of_a_file_name_the_file_and_the_profile() {
    let server = responding(401, &[], LOGIN);
    let run = omnilogs().config(&format!(
        "[profiles.staging]\nbase_url = \"{}\"\napi_key = \"test-key\"\n",
        server.base_url()
    ));
    let ran = run.args(["-p", "staging"]).run().code(4);
    ran.says("profile staging in ").says("config.toml");
}

/// H41.
#[test]
fn a_missing_scope_ends_with_4_and_names_the_scope() {
    let server = responding(403, &[], LOGIN);
    omnilogs().at(&server.base_url()).run().code(4).says("omni-failover:logs:read");
}

/// H46.
#[test]
fn http_429_ends_with_7_and_gives_the_seconds_to_people_and_scripts() {
    let body = r#"{"errorCode":"E429","description":"Too many requests."}"#;
    let server = responding(429, &[("Retry-After", "3600")], body);
    let run = omnilogs().at(&server.base_url()).args(["-o", "json"]);
    let ran = run.run().code(7);
    let error = ran.error_json();
    assert_eq!(error["error"]["retryAfterSeconds"], 3600);
    assert_eq!(error["error"]["kind"], "throttled");
    ran.says(
        "the logs endpoint is made for single messages; for totals use the reports of the API",
    );
}

/// H42.
#[test]
fn a_refused_query_ends_with_9_and_gives_the_reason() {
    let body = r#"{"errorCode":"E400","description":"Request cannot be processed.","action":"Check the request."}"#;
    let server = responding(400, &[], body);
    omnilogs().at(&server.base_url()).run().code(9).says("Request cannot be processed.");
}

/// H47.
#[test]
fn a_failing_server_ends_with_5_after_the_retries() {
    let server = responding(503, &[], "<html><title>Service Unavailable</title></html>");
    omnilogs().at(&server.base_url()).args(["--retries", "1"]).run().code(5).says("HTTP 503");
}

#[test]
fn a_run_without_a_response_prints_nothing_that_looks_like_one() {
    let server = responding(401, &[], LOGIN);
    for format in ["table", "json", "jsonl", "csv", "tsv", "xml"] {
        let run = omnilogs().at(&server.base_url()).args(["-o", format]);
        assert_eq!(run.run().code(4).stdout, "", "{format}");
    }
}
