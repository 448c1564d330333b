//! Whole answers that are not the one that was asked for.

use serde_json::Value;

use super::{NUMBER, ask, ids, two_rows, warnings};
use crate::support::{Answer, Ran, Server};

const JSON: (&str, &str) = ("Content-Type", "application/json");

/// What comes of this body under 200; asked for once however many retries are left.
fn given(body: impl AsRef<[u8]>, code: i32) -> Ran {
    let server = Server::always(Answer::json(body));
    let ran = ask(&server.url()).retries(3).code(code);
    assert_eq!(server.heads().len(), 1, "{}", ran.stderr);
    ran
}

fn with_type(content_type: &str, body: &str) -> Server {
    Server::always(Answer::new("200 OK", &[("Content-Type", content_type)], body))
}

/// H20.
#[test]
fn an_html_page_is_named_by_its_title_made_safe_and_short() {
    let title =
        format!("Log in\n\u{1b}]0;owned\u{7} \u{202e}to &amp; {NUMBER} {}", "x".repeat(200));
    let body =
        format!("<!DOCTYPE html><html><head><title>{title}</title></head><p>{NUMBER}</html>");
    let server = with_type("text/html", &body);
    let ran = ask(&server.url()).retries(3).code(8);
    assert_eq!((ran.stdout.as_str(), server.heads().len()), ("", 1));
    let line = ran.stderr.lines().find(|line| line.starts_with("error: ")).unwrap();
    let title = line.split(['«', '»']).nth(1).unwrap();
    assert!(title.starts_with("Log in ^[]0;owned^G <U+202E>to &"), "{title}");
    assert!(title.len() < 120, "{title}");
    ran.says("expected JSON, got an HTML page titled «");
}

/// H20. Whatever its type says.
#[test]
fn an_html_page_that_calls_itself_json_is_still_known() {
    given("<html><body>login</body></html>", 8).says("expected JSON, got an HTML page");
}

/// H21.
#[test]
fn json_under_another_type_or_none_is_read_by_what_it_holds() {
    let body = two_rows();
    let none = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    for server in [
        with_type("text/plain", &body),
        with_type("application/xml; charset=x", &body),
        Server::always(Answer::raw(none)),
    ] {
        let ran = ask(&server.url()).code(0);
        assert_eq!((ids(&ran).join(" ").as_str(), warnings(&ran).len()), ("m1 m2", 0));
        ran.says("the Content-Type did not match the body");
    }
}

/// H22.
#[test]
fn an_error_body_under_200_is_that_error() {
    let older = |id: &str, text: &str| {
        format!(
            r#"{{"requestError":{{"serviceException":{{"messageId":"{id}","text":"{text}"}}}}}}"#
        )
    };
    let newer = |code: &str| format!(r#"{{"errorCode":"{code}","description":"no {NUMBER}"}}"#);
    given(older("UNAUTHORIZED", "Invalid login details"), 4).says("refused the credentials");
    given(older("BAD_REQUEST", "Bad"), 9)
        .says("HTTP 200 with an error body: ")
        .says("refused the query: BAD_REQUEST");
    given(newer("E403"), 4).says("does not let them read logs");
    given(newer("E400"), 9).says("no …");
    let xml = "<ApiException><requestError><serviceException><messageId>UNAUTHORIZED</messageId>\
               <text>Invalid login details</text></serviceException></requestError></ApiException>";
    given(xml, 4);
    let server = Server::always(Answer::json(newer("E429")));
    ask(&server.url()).retries(0).code(7);
}

/// H23.
#[test]
fn no_content_is_no_rows() {
    let server = Server::always(Answer::raw("HTTP/1.1 204 No Content\r\n\r\n"));
    let ran = ask(&server.url()).code(0);
    assert_eq!(ran.stdout, "");
    ran.says("the server responded with HTTP 204 (no content), read as no rows")
        .says("no messages sent");
}

/// H24.
#[test]
fn an_empty_body_is_asked_for_again_and_then_told() {
    for body in ["", " \r\n"] {
        let server = Server::sequence([Answer::json(body), Answer::json(two_rows())]);
        assert_eq!(ids(&ask(&server.url()).retries(1).code(0)), ["m1", "m2"]);
        let server = Server::always(Answer::json(body));
        let ran = ask(&server.url()).retries(1).code(8).says("sent an empty response");
        assert_eq!((ran.stdout.as_str(), server.heads().len()), ("", 2));
    }
}

/// H25.
#[test]
fn an_empty_list_is_no_rows_and_null_is_no_proof_of_it() {
    let none = given(r#"{"results":[]}"#, 0);
    assert_eq!((none.stdout.as_str(), warnings(&none).len()), ("", 0));
    let null = given(r#"{"results":null}"#, 0);
    assert_eq!(null.stdout, "");
    assert!(warnings(&null)[0].contains("does not prove that there are none"), "{}", null.stderr);
}

/// H25.
#[test]
fn null_in_place_of_the_rows_is_never_put_down_as_a_complete_answer() {
    for (body, complete) in [(r#"{"results":[]}"#, true), (r#"{"results":null}"#, false)] {
        for rows in ["--all", "--limit=9"] {
            let server = Server::always(Answer::json(body));
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("manifest.json");
            ask(&server.url()).args([rows, "--manifest", path.to_str().unwrap()]).code(0);
            let manifest = std::fs::read_to_string(&path).unwrap();
            let read: Value = serde_json::from_str(&manifest).unwrap();
            assert_eq!(read["complete"], complete, "{rows}: {manifest}");
        }
    }
}

/// H25.
#[test]
fn results_that_are_no_list_or_are_not_there_are_not_understood() {
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
        assert_eq!(given(body, 8).stdout, "", "{body}");
    }
}

/// H26.
#[test]
fn trailing_commas_give_the_same_rows_as_without_them() {
    let strict = given(two_rows(), 0);
    let lax = given(two_rows().replace('}', ",}").replace(']', " ,\n]"), 0);
    assert_eq!((lax.stdout.as_str(), warnings(&lax).len()), (strict.stdout.as_str(), 0));
    lax.says("the response had trailing commas");
    for wrong in ["{\"results\":[,]}", "{\"results\":[1,,2]}", "{\"results\":[],,}"] {
        assert_eq!(given(wrong, 8).stdout, "", "{wrong}");
    }
}

/// H26. What follows a complete answer is no part of it.
#[test]
fn json_with_something_behind_it_is_not_understood() {
    for behind in ["x", "{}", "<html>", "\0"] {
        let server = Server::always(Answer::new("200 OK", &[JSON], two_rows() + behind));
        assert_eq!(ask(&server.url()).code(8).stdout, "", "{behind:?}");
    }
}
