//! Proxies between the program and a host that only the proxy can resolve.

use super::{KEY, ListRun, ids, list, two_rows, was_retried};
use crate::support::certificates::Authority;
use crate::support::proxy::Proxy;
use crate::support::sockets::ClosedPort;
use crate::support::{Ran, Response, Server};

/// A name that only the proxy resolves (RFC 6761).
const HOST: &str = "logs.example.test";
const PASSWORD: &str = "proxy-password-8c1d";

/// A TLS server of that name, and the certificate authority that signs for it.
fn origin() -> (Server, String) {
    let authority = Authority::named("Test");
    let config = authority.server(HOST, 2020, 2100);
    (Server::over_tls(config, [Response::json(two_rows())]), authority.pem())
}

fn list_through(variable: &str, proxy: &str, pem: &str) -> ListRun {
    list(&format!("https://{HOST}")).trusting(pem).env(variable, proxy)
}

#[track_caller]
fn check_invariants(ran: &Ran) {
    assert!(!ran.stderr.contains(PASSWORD) && !ran.stderr.contains("someone"), "{}", ran.stderr);
}

/// H49.
#[test]
fn https_goes_through_a_proxy_that_never_sees_the_key_and_is_named_without_its_password() {
    let (server, pem) = origin();
    for variable in ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
        let proxy = Proxy::connecting(server.port());
        let address = format!("http://someone:{PASSWORD}@127.0.0.1:{}", proxy.port);
        let ran = list_through(variable, &address, &pem).code(0);
        check_invariants(&ran);
        assert_eq!(ids(&ran), ["m1", "m2"]);
        let requests = proxy.requests();
        assert!(
            requests[0].starts_with(&format!("CONNECT {HOST}:443 HTTP/1.1\r\n")),
            "{requests:?}"
        );
        assert!(
            requests[0].to_lowercase().contains("\r\nproxy-authorization: basic "),
            "{requests:?}"
        );
        assert!(!requests[0].contains(KEY) && requests.len() == 1);
        ran.says(&format!("using the proxy http://127.0.0.1:{}", proxy.port));
    }
    let head = server.heads()[0].to_lowercase();
    assert!(head.contains("\r\nauthorization: app ") && !head.contains("proxy-authorization"));
}

/// H49.
#[test]
fn https_goes_through_a_socks_proxy_that_resolves_the_host() {
    let (server, pem) = origin();
    let proxy = Proxy::socks(server.port());
    let address = format!("socks5h://127.0.0.1:{}", proxy.port);
    let ran = list_through("ALL_PROXY", &address, &pem).code(0);
    assert_eq!(ids(&ran), ["m1", "m2"]);
    assert_eq!(proxy.requests(), [format!("{HOST}:443")]);
}

/// H49.
#[test]
fn a_host_in_no_proxy_is_reached_without_one() {
    let (server, pem) = origin();
    for no_proxy in [
        HOST,
        "example.test",
        ".example.test",
        "*",
        "a.example logs.example.test",
        "a.example\t*.example.test,b.example",
        "example.test.",
    ] {
        let proxy = Proxy::connecting(server.port());
        let address = format!("http://127.0.0.1:{}", proxy.port);
        let run = list_through("HTTPS_PROXY", &address, &pem).env("NO_PROXY", no_proxy);
        run.code(6).says(&format!("cannot find host {HOST}"));
        assert!(proxy.requests().is_empty(), "{no_proxy}");
    }
}

/// H49.
#[test]
fn a_proxy_that_requires_a_password_is_reported_and_not_retried() {
    let pem = Authority::named("Test").pem();
    let proxy = Proxy::refusing("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    let address = format!("http://someone:{PASSWORD}@127.0.0.1:{}", proxy.port);
    let ran = list_through("HTTPS_PROXY", &address, &pem).retries(3).code(6);
    check_invariants(&ran);
    assert_eq!((was_retried(&ran), proxy.requests().len()), (false, 1));
    ran.says("refuses the user name and the password in its URL (HTTP 407)");
    let address = format!("http://127.0.0.1:{}", proxy.port);
    let ran = list_through("HTTPS_PROXY", &address, &pem).retries(3).code(6);
    assert_eq!((was_retried(&ran), proxy.requests().len()), (false, 2));
    ran.says("requires a user name and a password (HTTP 407)").says("http://USER:PASSWORD@HOST");
}

/// H49. A password in the URL would not help.
#[test]
fn a_proxy_that_accepts_only_ntlm_or_negotiate_is_reported_as_such() {
    let pem = Authority::named("Test").pem();
    let proxy = Proxy::refusing(
        "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Negotiate\r\n\
         Proxy-Authenticate: NTLM\r\n\r\n",
    );
    let address = format!("http://someone:{PASSWORD}@127.0.0.1:{}", proxy.port);
    let ran = list_through("HTTPS_PROXY", &address, &pem).retries(3).code(6);
    check_invariants(&ran);
    assert_eq!((was_retried(&ran), proxy.requests().len()), (false, 1));
    assert!(!ran.stderr.contains("USER:PASSWORD"), "{}", ran.stderr);
    ran.says("not supported (HTTP 407): Negotiate, NTLM").says("a local proxy such as cntlm");
}

/// H49. The status line of the proxy is the reason.
#[test]
fn the_status_line_of_a_proxy_that_refuses_is_shown_and_a_refusal_is_not_retried() {
    let pem = Authority::named("Test").pem();
    let proxy = Proxy::refusing("HTTP/1.1 403 Blocked by policy \u{1b}[2J\r\n\r\n");
    let address = format!("http://127.0.0.1:{}", proxy.port);
    let ran = list_through("HTTPS_PROXY", &address, &pem).retries(3).code(6);
    assert_eq!((was_retried(&ran), proxy.requests().len()), (false, 1));
    ran.says(&format!("does not connect to {HOST}: HTTP 403 Blocked by policy ^[[2J"));
}

/// H49. Such as a proxy that blocks a host only after it has seen its name in the TLS handshake.
#[test]
fn a_connection_that_ends_after_the_proxy_accepted_it_is_not_blamed_on_the_way_to_the_proxy() {
    let pem = Authority::named("Test").pem();
    let http = Proxy::refusing("HTTP/1.1 200 Connection established\r\n\r\n");
    let socks = Proxy::accepting_socks(None);
    for (scheme, proxy) in [("http", http), ("socks5h", socks)] {
        let address = format!("{scheme}://127.0.0.1:{}", proxy.port);
        let ran = list_through("HTTPS_PROXY", &address, &pem).retries(1).code(6);
        assert_eq!((was_retried(&ran), proxy.requests().len()), (true, 2));
        ran.says(&format!(
            "error: the proxy {address} accepted the connection to {HOST}, but the connection ended \
             during the TLS handshake"
        ));
    }
}

/// H49. H04.
#[test]
fn an_ipv6_address_is_reached_through_a_proxy() {
    let authority = Authority::named("Test");
    let config = authority.server("2001:db8::1", 2020, 2100);
    let server = Server::over_tls(config, [Response::json(two_rows())]);
    let (http, socks) = (Proxy::connecting(server.port()), Proxy::socks(server.port()));
    for address in
        [format!("http://127.0.0.1:{}", http.port), format!("socks5h://127.0.0.1:{}", socks.port)]
    {
        let run = list("https://[2001:db8::1]:8443").trusting(&authority.pem());
        let ran = run.env("ALL_PROXY", &address).code(0);
        assert_eq!(ids(&ran), ["m1", "m2"]);
    }
    assert!(http.requests()[0].starts_with("CONNECT [2001:db8::1]:8443 HTTP/1.1\r\n"));
    assert_eq!(socks.requests(), ["[2001:db8::1]:8443"]);
}

/// H49. Later pages use the existing connection.
#[test]
fn a_connection_through_a_proxy_is_kept_for_the_next_page() {
    let authority = Authority::named("Test");
    let config = authority.server(HOST, 2020, 2100);
    let server =
        Server::over_tls(config, [Response::error("503 Busy"), Response::json(two_rows())]);
    let proxy = Proxy::connecting(server.port());
    let address = format!("http://127.0.0.1:{}", proxy.port);
    let ran = list_through("HTTPS_PROXY", &address, &authority.pem()).retries(1).code(0);
    assert_eq!((ids(&ran).len(), server.heads().len(), proxy.requests().len()), (2, 2, 1));
}

/// H49.
#[test]
fn a_proxy_that_cannot_connect_is_named_and_retried() {
    let pem = Authority::named("Test").pem();
    let proxy = Proxy::refusing("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    let address = format!("http://someone:{PASSWORD}@127.0.0.1:{}", proxy.port);
    let ran = list_through("HTTPS_PROXY", &address, &pem).retries(1).code(6);
    check_invariants(&ran);
    assert!(was_retried(&ran) && proxy.requests().len() == 2, "{}", ran.stderr);
    let name = format!("the proxy http://127.0.0.1:{}", proxy.port);
    let ran = ran.says(&format!("{name} does not connect to {HOST}: HTTP 502 Bad Gateway"));
    let ran = ran.says("because: the proxy came from HTTPS_PROXY");
    assert!(!ran.stderr.contains("the base URL came from"), "{}", ran.stderr);
}

/// H49.
#[test]
fn a_dead_proxy_is_named_without_its_password() {
    let pem = Authority::named("Test").pem();
    let closed = ClosedPort::new();
    for scheme in ["http", "socks5h", "socks5", "socks4a"] {
        // A name would have to be looked up.
        let url = if scheme == "socks5" { "https://192.0.2.1" } else { "https://h.example" };
        let address = format!("{scheme}://someone:{PASSWORD}@127.0.0.1:{}", closed.port);
        let ran = list(url).trusting(&pem).env("ALL_PROXY", &address).code(6);
        check_invariants(&ran);
        let name = format!("{scheme}://127.0.0.1:{}", closed.port);
        ran.says(&format!("nothing listens at the proxy {name}\n")).says("ALL_PROXY");
    }
}

/// H49.
#[test]
fn a_proxy_that_cannot_be_read_is_refused_rather_than_bypassed() {
    let pem = Authority::named("Test").pem();
    for address in [
        format!("ftp://someone:{PASSWORD}@127.0.0.1:1"),
        format!("http://{PASSWORD} x"),
        // The password of a URL ends at these characters, and its host would be `someone`.
        format!("http://someone:{PASSWORD}#1@127.0.0.1:1"),
        format!("http://someone:{PASSWORD}?1@127.0.0.1:1"),
        format!("socks5h://someone:{PASSWORD}/1@127.0.0.1:1"),
        format!("someone:{PASSWORD}#1@127.0.0.1:1"),
        format!("http://someone:{PASSWORD}"),
    ] {
        let ran = list_through("HTTPS_PROXY", &address, &pem).code(6);
        check_invariants(&ran);
        ran.says("the proxy cannot be read").says("HTTPS_PROXY").says("%23");
    }
}

/// H49.
#[test]
fn plain_http_and_loopback_never_go_through_a_proxy() {
    let authority = Authority::named("Test");
    let config = authority.server("localhost", 2020, 2100);
    let tls = Server::over_tls(config, [Response::json(two_rows())]);
    let plain = Server::always(Response::json(two_rows()));
    for url in [plain.url(), plain.url_by("localhost"), tls.url_by("localhost")] {
        let proxy = Proxy::connecting(plain.port());
        let mut run = list(&url).trusting(&authority.pem());
        for variable in ["http_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
            run = run.env(variable, &format!("http://127.0.0.1:{}", proxy.port));
        }
        assert_eq!(ids(&run.code(0)), ["m1", "m2"]);
        assert!(proxy.requests().is_empty(), "{url}");
    }
}
