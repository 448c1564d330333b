//! Complete responses that are not the expected page.

use super::{NUMBER, ids, list, two_rows, warnings};
use crate::support::{Ran, Response, Server};

const JSON: (&str, &str) = ("Content-Type", "application/json");

/// Lists from a server that sends this body with HTTP 200; there is one request although retries
/// are allowed.
fn list_body(body: impl AsRef<[u8]>, code: i32) -> Ran {
    let server = Server::always(Response::json(body));
    let ran = list(&server.url()).retries(3).code(code);
    assert_eq!(server.heads().len(), 1, "{}", ran.stderr);
    ran
}

fn with_type(content_type: &str, body: &str) -> Server {
    Server::always(Response::new("200 OK", &[("Content-Type", content_type)], body))
}

/// H20.
#[test]
fn an_html_page_is_named_by_its_title_made_safe_and_short() {
    let title =
        format!("Log in\n\u{1b}]0;owned\u{7} \u{202e}to &amp; {NUMBER} {}", "x".repeat(200));
    let body =
        format!("<!DOCTYPE html><html><head><title>{title}</title></head><p>{NUMBER}</html>");
    let server = with_type("text/html", &body);
    let ran = list(&server.url()).retries(3).code(8);
    assert_eq!((ran.stdout.as_str(), server.heads().len()), ("", 1));
    let line = ran.stderr.lines().find(|line| line.starts_with("error: ")).unwrap();
    let title = line.split(['«', '»']).nth(1).unwrap();
    assert!(title.starts_with("Log in ^[]0;owned^G <U+202E>to &"), "{title}");
    assert!(title.len() < 120, "{title}");
    ran.says("error: HTTP 200: ").says("expected JSON, got an HTML page titled «");
}

/// H20. Whatever the content type says.
#[test]
fn an_html_page_with_the_type_json_is_still_recognized() {
    list_body("<html><body>login</body></html>", 8).says("expected JSON, got an HTML page");
}

/// H21.
#[test]
fn json_with_another_content_type_or_none_is_recognized_by_its_content() {
    let body = two_rows();
    let none = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    for server in [
        with_type("text/plain", &body),
        with_type("application/xml; charset=x", &body),
        Server::always(Response::raw(none)),
    ] {
        let ran = list(&server.url()).code(0);
        assert_eq!((ids(&ran).join(" ").as_str(), warnings(&ran).len()), ("m1 m2", 0));
        ran.says("the Content-Type did not match the body");
    }
}

/// H22.
#[test]
fn an_error_body_with_http_200_is_that_error() {
    let older = |id: &str, text: &str| {
        format!(
            r#"{{"requestError":{{"serviceException":{{"messageId":"{id}","text":"{text}"}}}}}}"#
        )
    };
    let newer = |code: &str| format!(r#"{{"errorCode":"{code}","description":"no {NUMBER}"}}"#);
    list_body(older("UNAUTHORIZED", "Invalid login details"), 4).says("refused the credentials");
    list_body(older("BAD_REQUEST", "Bad"), 9)
        .says("HTTP 200 with an error body: ")
        .says("refused the query: BAD_REQUEST");
    list_body(newer("E403"), 4).says("does not let them read logs");
    list_body(newer("E400"), 9).says("no …");
    let xml = "<ApiException><requestError><serviceException><messageId>UNAUTHORIZED</messageId>\
               <text>Invalid login details</text></serviceException></requestError></ApiException>";
    list_body(xml, 4);
    let server = Server::always(Response::json(newer("E429")));
    list(&server.url()).retries(0).code(7);
}

/// H23.
#[test]
fn http_204_means_zero_rows() {
    let server = Server::always(Response::raw("HTTP/1.1 204 No Content\r\n\r\n"));
    let ran = list(&server.url()).code(0);
    assert_eq!(ran.stdout, "");
    ran.says("the server responded with HTTP 204 (no content), read as no rows")
        .says("no messages sent");
}

/// H24.
#[test]
fn an_empty_body_is_retried_and_then_reported() {
    for body in ["", " \r\n"] {
        let server = Server::sequence([Response::json(body), Response::json(two_rows())]);
        assert_eq!(ids(&list(&server.url()).retries(1).code(0)), ["m1", "m2"]);
        let server = Server::always(Response::json(body));
        let ran = list(&server.url()).retries(1).code(8).says("sent an empty response");
        assert_eq!((ran.stdout.as_str(), server.heads().len()), ("", 2));
    }
}

/// H25.
#[test]
fn an_empty_list_means_zero_rows_and_null_does_not_prove_it() {
    let none = list_body(r#"{"results":[]}"#, 0);
    assert_eq!((none.stdout.as_str(), warnings(&none).len()), ("", 0));
    let null = list_body(r#"{"results":null}"#, 8);
    assert_eq!(null.stdout, "");
    null.says("got null, which does not prove that there are no rows");
}

/// H25.
#[test]
fn results_that_are_not_a_list_or_are_missing_are_not_understood() {
    for body in [
        "{}",
        "[]",
        "[{\"messageId\":\"m1\"}]",
        "null",
        "17",
        "\"results\"",
        r#"{"results":{"messageId":"m1"}}"#,
        r#"{"results":"m1"}"#,
        r#"{"results":0}"#,
        r#"{"result":[]}"#,
    ] {
        assert_eq!(list_body(body, 8).stdout, "", "{body}");
    }
}

/// H26.
#[test]
fn trailing_commas_give_the_same_rows_as_without_them() {
    let strict = list_body(two_rows(), 0);
    let lax = list_body(two_rows().replace('}', ",}").replace(']', " ,\n]"), 0);
    assert_eq!((lax.stdout.as_str(), warnings(&lax).len()), (strict.stdout.as_str(), 0));
    lax.says("the response had trailing commas");
    for wrong in ["{\"results\":[,]}", "{\"results\":[1,,2]}", "{\"results\":[],,}"] {
        assert_eq!(list_body(wrong, 8).stdout, "", "{wrong}");
    }
}

/// H26. Data after a complete document.
#[test]
fn json_with_trailing_data_is_not_understood() {
    for behind in ["x", "{}", "<html>", "\0"] {
        let server = Server::always(Response::new("200 OK", &[JSON], two_rows() + behind));
        assert_eq!(list(&server.url()).code(8).stdout, "", "{behind:?}");
    }
}
