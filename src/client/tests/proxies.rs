//! Proxies that fail in every way, tested through the whole client.

use std::io::Read as _;
use std::thread;
use std::time::Duration;

use super::tls::authority;
use crate::client::test_support::{Server, TestConnection, fetch, script, test_client};

/// Enough for a connection on a busy machine.
const LIMIT: Duration = Duration::from_secs(5);

/// The error of a client whose proxy behaves like this. `PROXY` is the name of the proxy.
fn through(scheme: &str, act: impl FnOnce(TestConnection) + Send + 'static) -> String {
    let server = Server::start(vec![script(act)]);
    let mut fixture = test_client("https://h.example", |options| {
        options.authorities = Some(authority());
        options.retries = 0;
        options.timeout = LIMIT;
        options.proxies.https = Some(format!("{scheme}://user:hunter3@127.0.0.1:{}", server.port));
    });
    let error = fetch(&mut fixture).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hunter3"));
    error.to_string().replace(&format!("{scheme}://127.0.0.1:{}", server.port), "PROXY")
}

/// Receives until the client disconnects.
fn stall(mut connection: TestConnection) {
    let _ = connection.stream.read_to_end(&mut Vec::new());
}

#[test]
fn a_proxy_that_stalls_is_named_with_what_it_did_before() {
    let established = |mut connection: TestConnection| {
        connection.respond("HTTP/1.1 200 Connection established\r\n\r\n");
        stall(connection);
    };
    let half = |mut connection: TestConnection| {
        connection.respond("HTTP/1.1 200 Conn");
        stall(connection);
    };
    let no_response = "the proxy PROXY did not respond within 5 s to the request to connect to \
                       h.example";
    thread::scope(|scope| {
        let stalled = [
            (scope.spawn(|| through("http", stall)), no_response),
            (scope.spawn(move || through("http", half)), no_response),
            (
                scope.spawn(|| through("https", stall)),
                "the proxy PROXY did not complete the TLS handshake with it within 5 s",
            ),
            (
                scope.spawn(move || through("http", established)),
                "the proxy PROXY accepted the connection to h.example, but the TLS handshake took \
                 longer than 5 s",
            ),
            (
                scope.spawn(|| through("socks5h", stall)),
                "h.example sent no complete response through the proxy PROXY within 5 s",
            ),
        ];
        for (error, expected) in stalled {
            assert_eq!(error.join().unwrap(), expected);
        }
    });
}

#[test]
fn a_server_that_is_not_a_proxy_is_recognized_by_what_it_sends() {
    let sends = |bytes: &'static str| {
        through("http", move |mut connection| {
            connection.send(bytes);
            stall(connection);
        })
    };
    for banner in ["SSH-2.0-OpenSSH_9.6\r\n", "\u{15}\u{3}\u{1}", "<html>", "220 mail\r\n"] {
        assert_eq!(sends(banner), "the proxy PROXY does not speak HTTP", "{banner:?}");
    }
    let page = "<html><title>It works</title></html>".repeat(3);
    let not_proxy = through("http", move |mut connection| {
        let length = page.len();
        connection.respond(format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{page}"));
        stall(connection);
    });
    assert_eq!(
        not_proxy,
        "the proxy PROXY accepted the connection to h.example, but what it sent then is not TLS"
    );
}
