//! The checks of the network path to the server: name lookup, connection, TLS, proxies.

use super::{EMPTY, at, check, found, outcome};
use crate::support::certificates::Authority;
use crate::support::proxy::Proxy;
use crate::support::sockets::ClosedPort;
use crate::support::{Ran, Response, Server, at_once};

#[test]
fn a_refused_connection_skips_the_checks_that_need_it() {
    let closed = ClosedPort::new();
    let port = closed.port;
    let ran = at(&format!("http://127.0.0.1:{port}")).run().code(6);
    assert_eq!(found(&ran, "lookup"), ("ok".into(), "127.0.0.1 is an address".into()));
    let (outcome_of, detail) = found(&ran, "connection");
    assert_eq!(outcome_of, "failed");
    assert!(detail.contains(&format!("nothing listens at 127.0.0.1:{port}")), "{detail}");
    assert!(check(&ran, "connection")["fix"].as_str().unwrap().contains("port"));
    for name in ["tls", "certificate", "credentials", "scope", "response", "clock"] {
        assert_eq!(found(&ran, name), ("skipped".into(), "needs connection".into()), "{name}");
    }
}

#[test]
fn an_unknown_host_name_skips_the_checks_that_need_it() {
    let ran = at("https://nowhere.invalid").run().code(6);
    let (outcome_of, detail) = found(&ran, "lookup");
    assert_eq!(outcome_of, "failed");
    assert!(detail.contains("nowhere.invalid") && detail.contains("OMNILOGS_BASE_URL"), "{detail}");
    assert_eq!(found(&ran, "connection").1, "needs lookup");
}

/// Checks a server whose certificate is valid between these years; the run trusts its authority or
/// another one.
fn over_tls(from: i32, until: i32, trusted: bool) -> (Ran, Server) {
    let ours = Authority::named("Ours");
    let other = Authority::named("Theirs");
    let server = Server::over_tls(ours.server("localhost", from, until), [Response::json(EMPTY)]);
    let run = at(&server.url_by("localhost"));
    let file = run.home().join("ca.pem");
    std::fs::write(&file, if trusted { ours.pem() } else { other.pem() }).unwrap();
    (run.args(["--cacert".as_ref(), file.as_os_str()]).run(), server)
}

#[test]
fn a_certificate_that_can_be_trusted_is_shown_with_its_end_and_issuer() {
    let (ran, server) = over_tls(2020, 2100, true);
    let ran = ran.code(0);
    let (outcome_of, detail) = found(&ran, "tls");
    assert_eq!(outcome_of, "ok");
    assert!(detail.starts_with("TLS 1.3, verified by /"), "{detail}");
    assert!(detail.contains("/ca.pem (--cacert), "), "{detail}");
    let (outcome_of, detail) = found(&ran, "certificate");
    assert_eq!(outcome_of, "ok");
    assert!(detail.starts_with("valid until 2100-01-01, "), "{detail}");
    assert!(detail.contains("Ours"), "{detail}");
    assert_eq!(server.targets(), ["/omni/1/logs?limit=1"]);
}

#[test]
fn an_untrusted_certificate_is_reported_with_the_reason_and_nothing_is_sent() {
    for (from, until, trusted, why) in [
        (2019, 2020, true, "expired on 2020-01-01"),
        (2090, 2100, true, "not valid before 2090-01-01"),
        (2020, 2100, false, "which is not trusted"),
    ] {
        let (ran, server) = over_tls(from, until, trusted);
        let ran = ran.code(6);
        let (outcome_of, detail) = found(&ran, "tls");
        assert_eq!(outcome_of, "failed");
        assert!(detail.contains(why), "{detail}");
        assert!(check(&ran, "tls")["fix"].is_string());
        assert_eq!(found(&ran, "credentials").1, "needs tls");
        assert_eq!(server.targets(), Vec::<String>::new());
    }
}

#[test]
fn a_proxy_is_named_without_its_password_and_its_name_is_looked_up() {
    let ran = at("https://h.example")
        .env("HTTPS_PROXY", "http://user:canary-9b1c@nowhere.invalid:3128")
        .run()
        .code(6);
    let (_, detail) = found(&ran, "proxy");
    assert_eq!(detail, "http://nowhere.invalid:3128 (HTTPS_PROXY)");
    let (outcome_of, detail) = found(&ran, "lookup");
    assert_eq!(outcome_of, "failed");
    assert!(detail.contains("nowhere.invalid") && !detail.contains("h.example"), "{detail}");
    assert!(check(&ran, "lookup")["fix"].as_str().unwrap().contains("HTTPS_PROXY"));
    assert!(!ran.stdout.contains("canary-9b1c") && !ran.stderr.contains("canary-9b1c"));

    let ran = at("https://h.example").env("ALL_PROXY", "ftp://canary-9b1c@p").run().code(6);
    let (outcome_of, detail) = found(&ran, "proxy");
    assert_eq!(outcome_of, "failed");
    assert!(detail.contains("ALL_PROXY") && !detail.contains("canary"), "{detail}");

    let server = Server::always(Response::json(EMPTY));
    let ran = at(&server.url()).env("HTTPS_PROXY", "http://p:1").run().code(0);
    let (_, detail) = found(&ran, "proxy");
    assert!(detail.starts_with("none; 127.0.0.1:") && detail.contains("HTTPS_PROXY"), "{detail}");
}

#[test]
fn through_a_proxy_the_handshake_is_with_the_server_behind_it() {
    let ours = Authority::named("Ours");
    let config = ours.server("h.example", 2020, 2100);
    let server = Server::over_tls(config, [Response::json(EMPTY)]);
    for (proxy, scheme) in
        [(Proxy::connecting(server.port()), "http"), (Proxy::socks(server.port()), "socks5h")]
    {
        let run = at("https://h.example");
        let file = run.home().join("ca.pem");
        std::fs::write(&file, ours.pem()).unwrap();
        let name = format!("{scheme}://127.0.0.1:{}", proxy.port);
        let ran = run.args(["--cacert".as_ref(), file.as_os_str()]).env("ALL_PROXY", &name).run();
        let ran = ran.code(0);
        assert_eq!(found(&ran, "proxy"), ("ok".into(), format!("{name} (ALL_PROXY)")));
        assert_eq!(found(&ran, "lookup").1, "127.0.0.1 is an address");
        assert!(found(&ran, "certificate").1.starts_with("valid until 2100-01-01"));
        assert_eq!(outcome(&ran, "response"), "ok");
        // One for the handshake, one for the request.
        assert_eq!(proxy.requests().len(), 2, "{:?}", proxy.requests());
    }
    assert_eq!(server.targets().len(), 2);
}

/// The limit is enough for a connection on a busy machine, and shorter than that of a connection.
#[test]
fn a_proxy_that_stalls_is_named_after_the_request_timeout_and_not_the_base_url() {
    at_once(
        [
            ("", "did not respond within 5 s to the request to connect to h.example"),
            (
                "HTTP/1.1 200 OK\r\n\r\n",
                "accepted the connection to h.example, but the TLS handshake took longer than 5 s",
            ),
        ],
        |(start, what)| {
            let proxy = Proxy::stalling(start);
            let name = format!("http://user:canary-9b1c@127.0.0.1:{}", proxy.port);
            let run = at("https://h.example").args(["--request-timeout", "5s"]);
            let ran = run.env("HTTPS_PROXY", &name).run().code(6);
            let (outcome_of, detail) = found(&ran, "tls");
            assert_eq!(outcome_of, "failed");
            let named = format!("the proxy http://127.0.0.1:{} {what}", proxy.port);
            assert!(detail.starts_with(&named), "{detail}");
            assert!(detail.contains("the proxy came from HTTPS_PROXY"), "{detail}");
            assert!(!detail.contains("OMNILOGS_BASE_URL"), "{detail}");
            assert!(!ran.stdout.contains("canary"), "{}", ran.stdout);

            let name = format!("http://127.0.0.1:{}", proxy.port);
            let ran = at("https://h.example").env("HTTPS_PROXY", &name).run().code(6);
            let command = format!(
                "openssl s_client -proxy 127.0.0.1:{} -connect h.example:443 shows",
                proxy.port
            );
            assert!(
                check(&ran, "tls")["fix"].as_str().unwrap().starts_with(&command),
                "{}",
                ran.stdout
            );
        },
    );
}

#[test]
fn a_proxy_that_refuses_is_distinguished_from_the_server_behind_it() {
    let proxy = Proxy::refusing("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    let name = format!("http://127.0.0.1:{}", proxy.port);
    let ran = at("https://h.example").env("HTTPS_PROXY", &name).run().code(6);
    let (outcome_of, detail) = found(&ran, "tls");
    assert_eq!(outcome_of, "failed");
    assert!(detail.contains("requires a user name and a password (HTTP 407)"), "{detail}");

    let proxy = Proxy::refusing("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    let name = format!("http://user:canary-9b1c@127.0.0.1:{}", proxy.port);
    let ran = at("https://h.example").env("HTTPS_PROXY", &name).run().code(6);
    assert!(found(&ran, "tls").1.contains("does not connect to h.example: HTTP 502 Bad Gateway"));
    let command = format!(
        "openssl s_client -proxy 127.0.0.1:{} -proxy_user USER -proxy_pass stdin -connect \
         h.example:443 shows what responds there; put the proxy's user name in place of USER, and type \
         its password",
        proxy.port
    );
    assert!(check(&ran, "tls")["fix"].as_str().unwrap().starts_with(&command), "{}", ran.stdout);
    assert!(!ran.stdout.contains("canary"), "{}", ran.stdout);
}
