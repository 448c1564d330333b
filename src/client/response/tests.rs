use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use super::*;
use crate::client::body::ResponseBody;
use crate::client::credentials::Credentials;
use crate::query::Query;

/// Wed, 22 Feb 2023 10:00:00 GMT.
const NOW: Duration = Duration::from_secs(1_677_060_000);

fn response(status: u16, headers: &[(&'static str, &str)], body: &str) -> Response {
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()))
        .collect();
    let body = ResponseBody { bytes: body.into(), on_wire: body.len(), trailing: false };
    Response { status, headers, body }
}

fn read_response(response: &Response) -> Result<Page, AttemptError> {
    let credentials = Credentials::app("hunter2").unwrap();
    let query = Query { from: Some("MyShop".into()), ..Query::default() };
    let read_response = ResponseReader {
        host: "h.example".into(),
        origin: "https://h.example".into(),
        text_mask: TextMask::new(&credentials, &query),
        now: SystemTime::UNIX_EPOCH + NOW,
        max_rows: 3,
    };
    read_response.read(response)
}

fn failure(status: u16, headers: &[(&'static str, &str)], body: &str) -> AttemptError {
    read_response(&response(status, headers, body)).unwrap_err()
}

const REFUSED: &str = r#"{"requestError":{"serviceException":{"messageId":"UNAUTHORIZED","text":"Invalid login details"}}}"#;

fn reason(failure: &AttemptError) -> String {
    match failure.error.body() {
        Some(ErrorBody::Api { reason, .. }) => reason.clone(),
        Some(ErrorBody::Other { description }) => description.clone(),
        None => panic!("{:?}", failure.error),
    }
}

#[test]
fn the_http_status_decides_whatever_the_body_says() {
    let unauthorized = failure(401, &[], REFUSED);
    assert!(matches!(unauthorized.error, SourceError::Unauthorized { .. }));
    assert_eq!(unauthorized.remedy, Remedy::None);
    // A 403 can carry the word UNAUTHORIZED.
    assert!(matches!(failure(403, &[], REFUSED).error, SourceError::Forbidden { .. }));
    assert!(matches!(failure(404, &[], REFUSED).error, SourceError::Refused { status: 404, .. }));
    assert_eq!(reason(&failure(403, &[], REFUSED)), "UNAUTHORIZED: Invalid login details");
}

#[test]
fn a_message_names_the_status_that_was_sent_and_what_the_api_says() {
    let throttled =
        r#"{"errorCode":"E429","description":"Too many requests","action":"Slow down"}"#;
    for (status, expected) in [
        (429, "HTTP 429: HOST is throttling requests: "),
        (200, "HTTP 200 with an error body: HOST is throttling requests: "),
    ] {
        let error = failure(status, &[], throttled).error;
        let message = error.to_string();
        let host = message.split_whitespace().find(|word| word.contains('.')).unwrap_or_default();
        assert!(message.replace(host, "HOST").starts_with(expected), "{message}");
        assert!(
            message.contains("Too many requests") && message.contains("Slow down"),
            "{message}"
        );
        assert_eq!(error.http_status(), Some(status));
    }
    for status in [500, 502, 503, 504, 520] {
        for body in ["<html><title>Bad Gateway</title>", "upstream failed", "", r#"{"a":1}"#] {
            let message = failure(status, &[], body).error.to_string();
            assert!(message.starts_with(&format!("HTTP {status} from ")), "{message}");
            assert!(message.contains("or from a proxy in front of it"), "{message}");
        }
    }
}

/// The pages print `requestError`, and an `errorCode` such as `E429`.
#[test]
fn only_an_error_body_in_a_form_of_the_api_proves_that_it_refused_the_key() {
    let decides = |status, body: &str| {
        let error = failure(status, &[], body).error;
        assert!(matches!(error, SourceError::Unauthorized { .. } | SourceError::Forbidden { .. }));
        let is_of_api = matches!(error.body(), Some(ErrorBody::Api { .. }));
        assert_eq!(is_of_api, !error.to_string().contains("or from a proxy in front of it"));
        is_of_api
    };
    for status in [401, 403] {
        for body in [
            r#"{"errorCode":403,"description":"blocked by WAF"}"#,
            r#"{"errorCode":"403","description":"blocked by WAF"}"#,
            r#"{"errorCode":"WAF-12","description":"blocked"}"#,
            r#"{"errorCode":"E12","description":"blocked"}"#,
            r#"{"errorCode":"BLOCKED","message":"no"}"#,
        ] {
            assert!(!decides(status, body), "{status} {body}");
        }
        for body in [
            REFUSED,
            r#"{"requestError":{"policyException":{"messageId":"FORBIDDEN","text":"No"}}}"#,
            "<ApiException><requestError><serviceException><messageId>UNAUTHORIZED</messageId>\
             <text>Invalid login details</text></serviceException></requestError></ApiException>",
            r#"{"errorCode":"E403","description":"Forbidden","action":"Check the scopes."}"#,
        ] {
            assert!(decides(status, body), "{status} {body}");
        }
    }
    assert!(!decides(200, r#"{"errorCode":403,"description":"blocked by WAF"}"#));
    assert!(decides(200, r#"{"errorCode":"E401","description":"Unauthorized"}"#));
}

#[test]
fn every_error_of_a_response_begins_with_the_status_that_was_sent() {
    for (status, body) in [
        (200, ""),
        (200, "<html><title>Log in</title></html>"),
        (200, "welcome"),
        (200, "[]"),
        (200, r#"{"results":17}"#),
        (200, r#"{"results":[{},{},{},{}]}"#),
        (200, r#"{"results":[{"messageId":"m"#),
        (200, REFUSED),
        (200, r#"{"errorCode":"E408","description":"Timeout"}"#),
        (201, ""),
        (302, ""),
        (304, ""),
        (400, ""),
        (401, REFUSED),
        (408, ""),
        (429, ""),
        (503, ""),
        (600, ""),
    ] {
        let error = failure(status, &[], body).error;
        let message = error.to_string();
        assert!(message.starts_with(&format!("HTTP {status}")), "{message}");
        assert_eq!(message.matches("HTTP ").count(), 1, "{message}");
        assert_eq!(error.http_status(), Some(status), "{message}");
    }
}

#[test]
fn a_timeout_that_only_the_body_names_is_reported_as_the_error_code_of_the_api() {
    let own = failure(408, &[], r#"{"errorCode":"E408","description":"Timed out"}"#).error;
    assert_eq!(
        own.to_string(),
        "HTTP 408: h.example did not receive the request in time: E408: Timed out"
    );
    let other = failure(408, &[], "<html><title>Timeout</title></html>").error;
    assert_eq!(
        other.to_string(),
        "HTTP 408: h.example or a proxy in front of it did not receive the request in time: the \
         response is an HTML page titled «Timeout», not an error of the API"
    );
    for (code, named) in [("E408", "E408"), ("408", "error code 408")] {
        let body = format!(r#"{{"errorCode":"{code}","description":"Timed out"}}"#);
        let failure = failure(200, &[], &body);
        assert_eq!(failure.remedy, Remedy::Later { retry_after: None });
        assert_eq!(
            failure.error.to_string(),
            format!(
                "HTTP 200: an error body of h.example says that it did not receive the request in \
                 time: {named}: Timed out"
            )
        );
    }
}

#[test]
fn transient_server_errors_are_distinguished_from_permanent_ones() {
    for status in [500, 502, 503, 504] {
        let failure = failure(status, &[], "<html><title>Bad Gateway</title>");
        assert_eq!(failure.remedy, Remedy::Later { retry_after: None });
        assert!(
            matches!(failure.error, SourceError::Server { status: reported, .. } if reported == status)
        );
        assert_eq!(reason(&failure), "an HTML page titled «Bad Gateway»");
    }
    for status in [501, 505, 599] {
        assert_eq!(failure(status, &[], "").remedy, Remedy::None);
    }
    let timeout = failure(408, &[], "");
    assert_eq!(timeout.remedy, Remedy::Later { retry_after: None });
    assert!(matches!(timeout.error, SourceError::Unreachable { transient: true, .. }));
    for status in [400, 404, 405, 413, 422] {
        assert_eq!(failure(status, &[], "").remedy, Remedy::None);
    }
}

#[test]
fn a_requested_wait_counts_from_the_date_of_the_response() {
    let wait = |headers: &[(&'static str, &str)]| failure(429, headers, "").remedy;
    let throttled = |secs| Remedy::Throttled { retry_after: Some(Duration::from_secs(secs)) };
    assert_eq!(wait(&[("retry-after", "2")]), throttled(2));
    assert_eq!(
        wait(&[
            ("date", "Wed, 22 Feb 2023 09:00:00 GMT"),
            ("retry-after", "Wed, 22 Feb 2023 09:00:30 GMT"),
        ]),
        throttled(30)
    );
    assert_eq!(wait(&[("retry-after", "soon")]), Remedy::Throttled { retry_after: None });
    assert_eq!(
        failure(503, &[("retry-after", "7")], "").remedy,
        Remedy::Later { retry_after: Some(Duration::from_secs(7)) }
    );
}

#[test]
fn only_an_error_body_of_the_api_proves_that_the_api_refused() {
    let block_page = "<html><title>Blocked</title></html>";
    for (status, message) in [
        (
            401,
            "HTTP 401 from h.example or from a proxy in front of it: the response is an HTML page titled «Blocked», not an error of the API",
        ),
        (
            403,
            "HTTP 403 from h.example or from a proxy in front of it: the response is an HTML page titled «Blocked», not an error of the API",
        ),
        (
            451,
            "HTTP 451 from h.example or from a proxy in front of it: the response is an HTML page titled «Blocked», not an error of the API",
        ),
    ] {
        assert_eq!(failure(status, &[], block_page).error.to_string(), message);
    }
    assert!(failure(403, &[], "").error.to_string().contains("the response is an empty body"));
    assert!(failure(403, &[], "denied").error.to_string().contains("the text «denied»"));
    assert!(failure(403, &[], REFUSED).error.to_string().contains("accepted the credentials"));
}

#[test]
fn refused_parameters_are_reported_without_the_values_that_were_sent() {
    let body = r#"{"errorCode":"E400","description":"Bad","violations":[{"property":"from","violation":"MyShop is unknown"},{"property":"hunter2","violation":"no 447700900123"}]}"#;
    let error = failure(400, &[], body).error;
    assert_eq!(error.http_status(), Some(400));
    let violations: Vec<_> = error.violations().iter().map(ToString::to_string).collect();
    assert_eq!(violations, ["from: … is unknown", "***: no …"]);
}

#[test]
fn an_error_body_under_200_is_that_error() {
    assert!(matches!(failure(200, &[], REFUSED).error, SourceError::Unauthorized { .. }));
    let throttled = failure(
        200,
        &[("retry-after", "3")],
        r#"{"errorCode":"E429","description":"Too many requests"}"#,
    );
    assert!(matches!(throttled.error, SourceError::Throttled { .. }));
    assert_eq!(throttled.remedy, Remedy::Throttled { retry_after: Some(Duration::from_secs(3)) });
    assert_eq!(
        failure(200, &[], REFUSED).error.to_string(),
        "HTTP 200 with an error body: h.example refused the credentials: UNAUTHORIZED: Invalid login details"
    );
    let unknown = failure(200, &[], r#"{"errorCode":"NEW","description":"new"}"#);
    assert!(matches!(unknown.error, SourceError::Refused { status: 200, .. }));
}

#[test]
fn a_page_is_read_and_http_204_means_zero_rows() {
    let json = [("content-type", "application/json")];
    let page = read_response(&response(200, &json, r#"{"results":[{"messageId":"m"}]}"#)).unwrap();
    assert_eq!((page.logs.len(), page.anomalies.is_empty()), (1, true));
    let none = read_response(&response(204, &[], "")).unwrap();
    assert!(none.logs.is_empty() && none.anomalies.has(Anomaly::NoContent));
}

#[test]
fn a_response_with_many_times_the_requested_rows_is_refused_and_not_retried() {
    let rows = |count: usize| format!(r#"{{"results":[{}]}}"#, vec!["{}"; count].join(","));
    assert_eq!(read_response(&response(200, &[], &rows(3))).unwrap().logs.len(), 3);
    let refused = failure(200, &[], &rows(4));
    assert_eq!(refused.remedy, Remedy::None);
    assert!(matches!(refused.error, SourceError::NotUnderstood { .. }));
    assert!(refused.error.to_string().contains("more than 3 rows"));
    assert_eq!(
        [None, Some(50), Some(1000), Some(5000)].map(max_rows),
        [20_000, 20_000, 20_000, 100_000]
    );
}

#[test]
fn an_empty_response_is_retried_and_then_not_understood() {
    for body in ["", " \r\n"] {
        let empty = failure(200, &[], body);
        assert_eq!(empty.remedy, Remedy::Later { retry_after: None });
        assert!(matches!(empty.error, SourceError::NotUnderstood { .. }));
        assert_eq!(empty.error.to_string(), "HTTP 200: h.example sent an empty response");
    }
}

#[test]
fn a_body_that_ends_early_is_retried_and_a_malformed_one_is_not() {
    let cut = failure(200, &[], r#"{"results":[{"messageId":"m"#);
    assert_eq!(cut.remedy, Remedy::Later { retry_after: None });
    assert!(matches!(cut.error, SourceError::Unreachable { transient: true, .. }));
    let html = failure(200, &[], "<html><title>Log\u{9b}in hunter2</title></html>");
    assert_eq!(html.remedy, Remedy::None);
    let SourceError::NotUnderstood { message, .. } = html.error else { panic!("{html:?}") };
    assert!(message.contains("HTML page titled «Log") && message.contains("***"), "{message}");
    assert!(!message.contains('\u{9b}'));
}

#[test]
fn a_redirect_names_its_host_and_nothing_else_of_it() {
    let to = |location: &str| {
        let failure = failure(302, &[("location", location)], "");
        assert_eq!(failure.remedy, Remedy::None);
        assert!(matches!(failure.error, SourceError::NotUnderstood { .. }));
        failure.error.to_string()
    };
    assert_eq!(
        to("https://user:hunter2@evil.example:8443/omni/1/logs?from=MyShop"),
        "HTTP 302: h.example redirects to https://evil.example:8443, and redirects are not followed"
    );
    assert_eq!(
        to("http://h.example/"),
        "HTTP 302: h.example redirects to http://h.example, and redirects are not followed"
    );
    for own in ["/login?from=MyShop", "https://h.example/x", ""] {
        assert_eq!(to(own), "HTTP 302: h.example redirects to another of its pages, not to logs");
    }
    assert_eq!(
        to("file:///etc/passwd"),
        "HTTP 302: h.example redirects to an address that is not https"
    );
    assert_eq!(to("http://["), "HTTP 302: h.example sent no logs");
    let none = failure(304, &[], "");
    assert!(matches!(none.error, SourceError::NotUnderstood { .. }));
}

#[test]
fn other_successes_are_not_taken_for_rows() {
    for status in [201, 202, 206, 600] {
        let failure = failure(status, &[], r#"{"results":[]}"#);
        assert!(matches!(failure.error, SourceError::NotUnderstood { .. }), "{status}");
    }
}

#[test]
fn clocks_that_differ_by_more_than_five_minutes_are_reported() {
    let skewed = |date: &str| {
        let response = response(200, &[("date", date)], r#"{"results":[]}"#);
        read_response(&response).unwrap().anomalies.has(Anomaly::ClockSkew)
    };
    assert!(!skewed("Wed, 22 Feb 2023 10:05:00 GMT"));
    assert!(skewed("Wed, 22 Feb 2023 10:05:01 GMT"));
    assert!(skewed("Wed, 22 Feb 2023 09:54:59 GMT"));
    assert!(!skewed("nonsense"));
}

#[test]
fn a_reason_that_repeats_the_request_shows_none_of_it() {
    let body = r#"{"errorCode":"E400","description":"Bad sender MyShop, key hunter2\u001b[2J"}"#;
    assert_eq!(reason(&failure(400, &[], body)), "E400: Bad sender …, key ***^[[2J");
}
