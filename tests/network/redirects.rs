//! Redirects, which are never followed: the key and the query are for one host only.

use super::{KEY, NUMBER, ids, list, two_rows};
use crate::support::certificates::Authority;
use crate::support::{Ran, Response, Server};

fn redirect(status: &str, location: &str) -> Response {
    Response::new(status, &[("Location", location)], "")
}

fn list_redirected(status: &str, location: &str) -> Ran {
    let server = Server::always(redirect(status, location));
    let ran = list(&server.url()).retries(3).code(8);
    assert_eq!((ran.stdout.as_str(), server.heads().len()), ("", 1), "{status} {location}");
    ran
}

/// H48.
#[test]
fn a_redirect_to_another_host_is_named_and_the_target_sees_nothing() {
    let target = Server::always(Response::json(two_rows()));
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"] {
        let location = format!("{}/omni/1/logs?to={NUMBER}&key={KEY}", target.url());
        list_redirected(status, &location)
            .says(&format!("redirects to {}, and redirects are not followed", target.url()))
            .says("if you trust that host, set it as base_url");
    }
    assert_eq!(target.connections(), 0);
}

/// H48.
#[test]
fn a_redirect_within_the_same_host_or_to_itself_is_not_followed() {
    for location in ["/login", "/omni/1/logs", "?x=1", "//", "", &format!("/{NUMBER}")] {
        list_redirected("302 Found", location);
    }
}

/// H48.
#[test]
fn a_redirect_from_https_to_http_is_not_followed() {
    let target = Server::always(Response::json(two_rows()));
    let authority = Authority::named("Test");
    let config = authority.server("localhost", 2020, 2100);
    let server = Server::over_tls(config, [redirect("301 Moved", &target.url())]);
    let ran = list(&server.url_by("localhost")).trusting(&authority.pem()).code(8);
    ran.says(&format!("redirects to {}, and redirects are not followed", target.url()));
    assert_eq!(target.connections(), 0);
}

/// H48.
#[test]
fn a_redirect_to_a_file_or_to_nowhere_is_not_followed() {
    list_redirected("302 Found", "file:///etc/passwd").says("HTTP 302: ");
    list_redirected("302 Found", "javascript:alert(1)").says("an address that is not https");
    for location in ["http://[", "https://\u{9b}2J", "https://\u{202e}.example/"] {
        list_redirected("302 Found", location);
    }
}

/// H48.
#[test]
fn a_user_name_and_password_in_a_redirect_are_not_shown() {
    let ran = list_redirected("302 Found", "https://someone:secret@evil.example:8443/x?to=1");
    assert!(!ran.stderr.contains("secret") && !ran.stderr.contains("someone"), "{}", ran.stderr);
    ran.says("redirects to https://evil.example:8443, and redirects are not followed");
}

/// H48. A 3xx status without a redirect is not a page either.
#[test]
fn other_3xx_responses_are_not_understood() {
    for status in ["300 Choices", "304 Not Modified", "399 X"] {
        let server = Server::always(Response::error(status));
        let ran = list(&server.url()).retries(3).code(8);
        assert_eq!((ids(&ran).len(), server.heads().len()), (0, 1));
    }
}
