//! Certificates good and bad, and proxies, tested through the whole client.

use std::io::{Read as _, Write as _};
use std::sync::Arc;
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::client::Authorities;
use crate::client::test_support::{Script, Server, TestClient, TestConnection, page, test_client};
use crate::query::Query;
use crate::source::{Hint, Source as _, SourceError};

use super::certificates::{Authority, self_signed};

pub(in crate::client) const NAME: &str = "Test Authority";

pub(in crate::client) fn trust(authority: &Authority) -> Authorities {
    Authorities::from_pem(authority.pem().as_bytes()).unwrap()
}

/// An authority for clients that only need one.
pub(in crate::client) fn authority() -> Authorities {
    trust(&Authority::named(NAME))
}

/// Reads one request over TLS and sends a response; does nothing if the handshake fails.
pub(in crate::client) fn over_tls(config: Arc<ServerConfig>, response: String) -> Script {
    Box::new(move |connection: TestConnection| {
        let tls = ServerConnection::new(config).unwrap();
        let mut stream = StreamOwned::new(tls, connection.stream);
        let mut head = [0; 4096];
        if stream.read(&mut head).is_ok_and(|count| count > 0) {
            let _ = stream.write_all(response.as_bytes());
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
    })
}

fn trusting(server: &Server, authorities: Authorities) -> TestClient {
    test_client(&format!("https://localhost:{}", server.port), |options| {
        options.authorities = Some(authorities);
    })
}

/// The message and the hint when a server has this certificate.
fn refusal(config: Arc<ServerConfig>, authorities: Authorities) -> String {
    let server = Server::start(vec![over_tls(config, page())]);
    let mut fixture = trusting(&server, authorities);
    let error = fixture.client.fetch(&Query::default()).unwrap_err();
    let SourceError::Unreachable { message, hint, transient: false, .. } = error else {
        panic!("{error:?}")
    };
    assert_eq!(fixture.clock.slept(), Duration::ZERO);
    let hint = match hint {
        Some(Hint::Text(text)) => text,
        hint => format!("{hint:?}"),
    };
    format!("{message}; {hint}").replace(&format!(":{}", server.port), "")
}

#[test]
fn a_certificate_of_the_given_authority_is_trusted() {
    let issuer = Authority::named(NAME);
    let server = Server::start(vec![over_tls(issuer.server("localhost", 2020, 2100), page())]);
    let mut fixture = trusting(&server, trust(&issuer));
    assert_eq!(fixture.client.fetch(&Query::default()).unwrap().logs.len(), 1);
}

#[test]
fn a_certificate_out_of_its_time_is_refused_with_the_day() {
    let issuer = Authority::named(NAME);
    assert_eq!(
        refusal(issuer.server("localhost", 2019, 2020), trust(&issuer)),
        "the certificate of localhost expired on 2020-01-01; check the clock of this machine"
    );
    assert_eq!(
        refusal(issuer.server("localhost", 2090, 2100), trust(&issuer)),
        "the certificate of localhost is not valid before 2090-01-01; check the clock of this machine"
    );
}

#[test]
fn an_unknown_authority_is_named_safely_with_the_hint_to_trust_it() {
    // The second has the name of the one that is trusted, and another key.
    for (name, shown) in [("Test \u{202e}", "Test <U+202E>"), ("Test Authority", "Test Authority")]
    {
        let message = refusal(Authority::named(name).server("localhost", 2020, 2100), authority());
        assert!(message.contains(shown) && message.contains("which is not trusted"), "{message}");
        assert!(message.contains("TrustAuthority"), "{message}");
    }
}

#[test]
fn a_self_signed_certificate_is_refused() {
    let message = refusal(self_signed("localhost"), authority());
    assert!(message.contains("is self-signed"), "{message}");
}

#[test]
fn a_certificate_of_another_host_is_refused_with_both_names() {
    let issuer = Authority::named(NAME);
    let message = refusal(issuer.server("other.example", 2020, 2100), trust(&issuer));
    assert_eq!(
        message,
        "the certificate that localhost sent is for other.example; check the base URL"
    );
}

#[test]
fn a_server_without_tls_is_reported_as_such() {
    for banner in ["HTTP/1.1 400 Bad Request\r\n\r\n", "SSH-2.0-OpenSSH_9.6\r\n"] {
        let server = Server::start(vec![Box::new(move |mut connection: TestConnection| {
            connection.send(banner);
            let _ = connection.stream.read(&mut [0; 4096]);
        })]);
        let error = trusting(&server, authority()).client.fetch(&Query::default()).unwrap_err();
        assert_eq!(error.to_string(), format!("localhost:{} is not a TLS server", server.port));
    }
}

#[test]
fn an_old_protocol_is_refused_with_the_note_that_tls_1_2_is_required() {
    // The alert "protocol version" (RFC 8446, 6.2), in a record of TLS 1.0.
    let server = Server::start(vec![Box::new(|mut connection: TestConnection| {
        let _ = connection.stream.read(&mut [0; 4096]);
        connection.send([21, 3, 1, 0, 2, 2, 70]);
    })]);
    let error = trusting(&server, authority()).client.fetch(&Query::default()).unwrap_err();
    assert!(
        error.to_string().ends_with("does not offer TLS 1.2 or newer, which is required"),
        "{error}"
    );
}

#[test]
fn a_connection_that_ends_during_the_handshake_is_a_transient_error() {
    let hang_up = || -> Script {
        Box::new(|mut connection: TestConnection| {
            let _ = connection.stream.read(&mut [0; 4096]);
        })
    };
    let server = Server::start((0..4).map(|_| hang_up()).collect());
    let error = trusting(&server, authority()).client.fetch(&Query::default()).unwrap_err();
    assert!(matches!(error, SourceError::Unreachable { transient: true, .. }), "{error}");
}

/// The error of a client whose proxy sends this response to CONNECT.
fn through_proxy(response: &'static str) -> (String, Vec<String>, String) {
    let server = Server::start(vec![Box::new(move |mut connection: TestConnection| {
        connection.respond(response);
    })]);
    let mut fixture = test_client("https://h.example", |options| {
        options.authorities = Some(authority());
        options.retries = 0;
        options.proxies.https = Some(format!("http://user:hunter3@127.0.0.1:{}", server.port));
    });
    let error = fixture.client.fetch(&Query::default()).unwrap_err();
    let shown = format!("{error} {error:?} {:?}", fixture.client.proxy());
    assert!(!shown.contains("hunter"), "{shown}");
    let port = format!(":{}", server.port);
    (error.to_string().replace(&port, ""), server.heads(), shown)
}

#[test]
fn https_goes_through_a_proxy_by_connect_which_sees_no_credentials() {
    let (message, heads, _) = through_proxy("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    assert_eq!(
        message,
        "the proxy http://127.0.0.1 refuses the user name and the password in its URL (HTTP 407)"
    );
    assert!(heads[0].starts_with("CONNECT h.example:443 HTTP/1.1\r\n"), "{heads:?}");
    let head = heads[0].to_ascii_lowercase();
    assert!(head.contains("proxy-authorization: basic ") && !head.contains("\r\nauthorization"));
    let (message, ..) = through_proxy("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    assert_eq!(
        message,
        "the proxy http://127.0.0.1 does not connect to h.example: HTTP 502 Bad Gateway"
    );
}

#[test]
fn a_dead_proxy_is_named() {
    for scheme in ["http", "socks5h"] {
        let proxy = format!("{scheme}://127.0.0.1:1");
        let mut fixture = test_client("https://h.example", |options| {
            options.authorities = Some(authority());
            options.proxies.all = Some(proxy.clone());
        });
        let error = fixture.client.fetch(&Query::default()).unwrap_err().to_string();
        assert!(error.contains(&format!("the proxy {proxy}")), "{error}");
    }
}
