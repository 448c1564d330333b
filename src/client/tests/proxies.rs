//! Proxies that fail in every way, tested through the whole client.

use std::io::Read as _;
use std::thread;
use std::time::Duration;

use super::tls::authority;
use crate::client::test_support::{Server, TestConnection, fetch, script, test_client};
use crate::source::SourceError;

/// Enough for a connection on a busy machine.
const LIMIT: Duration = Duration::from_secs(5);

/// The error of a client whose proxy behaves like this. `PROXY` is the name of the proxy.
fn through(scheme: &str, act: impl FnOnce(TestConnection) + Send + 'static) -> String {
    error_through(scheme, act).to_string()
}

fn error_through(scheme: &str, act: impl FnOnce(TestConnection) + Send + 'static) -> SourceError {
    let server = Server::start(vec![script(act)]);
    let mut fixture = test_client("https://h.example", |options| {
        options.authorities = Some(authority());
        options.retries = 0;
        options.timeout = LIMIT;
        options.proxies.https = Some(format!("{scheme}://user:hunter3@127.0.0.1:{}", server.port));
    });
    let mut error = fetch(&mut fixture).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hunter3"));
    if let SourceError::Unreachable { message, .. } = &mut error {
        *message = message.replace(&format!("{scheme}://127.0.0.1:{}", server.port), "PROXY");
    }
    error
}

/// What a client says whose proxy sends these replies, one after each message that it receives, and
/// closes the connection; and whether another attempt may succeed.
fn socks(scheme: &str, replies: &[&[u8]]) -> (String, bool) {
    let replies: Vec<Vec<u8>> = replies.iter().map(|reply| reply.to_vec()).collect();
    let error = error_through(scheme, move |mut connection| {
        let mut received = [0; 1024];
        for reply in replies {
            if connection.stream.read(&mut received).is_err() || !connection.send(reply) {
                return;
            }
        }
        // To close it while bytes arrive would reset the connection, at times.
        let _ = connection.stream.shutdown(std::net::Shutdown::Write);
        stall(connection);
    });
    match error {
        SourceError::Unreachable { message, hint, transient, at_proxy: true, .. } => {
            assert!(transient || hint.is_some(), "{message}");
            (message, transient)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_reply_of_a_socks_5_proxy_is_the_reason() {
    let reply = |code| socks("socks5h", &[&[5, 0], &[5, code, 0, 1, 0, 0, 0, 0, 0, 0]]);
    for (code, reason, transient) in [
        (1, "a general failure", true),
        (2, "its rules do not allow the connection", false),
        (3, "it has no route to the network of the host", true),
        (4, "it cannot reach the host", true),
        (5, "the host refused the connection", true),
        (6, "the host did not respond in time", true),
        (7, "it does not support connections of this kind", false),
        (8, "it does not look up names", false),
        (9, "an unknown reason", true),
    ] {
        let message =
            format!("the proxy PROXY does not connect to h.example: {reason} (SOCKS reply {code})");
        assert_eq!(reply(code), (message, transient));
    }
}

#[test]
fn a_refused_login_at_a_socks_proxy_is_reported_and_not_retried() {
    let said = |text: &str| (format!("the proxy PROXY {text}"), false);
    assert_eq!(
        socks("socks5h", &[&[5, 2], &[1, 1]]),
        said("refuses the user name and the password in its URL")
    );
    assert_eq!(
        socks("socks5h", &[&[5, 0xff]]),
        said("does not accept a login with a user name and a password")
    );
    assert_eq!(
        socks("socks4a", &[&[0, 93, 0, 0, 0, 0, 0, 0]]),
        said("does not connect to h.example: it does not accept the user name (SOCKS reply 93)")
    );
}

#[test]
fn a_socks_4_proxy_that_refuses_is_reported_with_its_reply() {
    let message = "the proxy PROXY does not connect to h.example: it refused or could not (SOCKS \
                   reply 91)";
    assert_eq!(socks("socks4a", &[&[0, 91, 0, 0, 0, 0, 0, 0]]), (message.to_owned(), true));
}

#[test]
fn a_server_that_does_not_speak_socks_is_recognized_by_its_first_byte() {
    for banner in ["HTTP/1.1 400 Bad Request\r\n\r\n", "SSH-2.0-OpenSSH_9.6\r\n", "\u{15}"] {
        for (scheme, version) in [("socks5h", 5), ("socks4a", 4)] {
            let message = format!("the proxy PROXY does not speak SOCKS {version}");
            assert_eq!(socks(scheme, &[banner.as_bytes()]), (message, false), "{banner:?}");
        }
    }
}

#[test]
fn a_socks_reply_that_is_cut_off_is_reported_and_retried() {
    let message = "the proxy PROXY closed the connection before it was set up".to_owned();
    for replies in [&[&[5][..]][..], &[&[5, 0], &[5]], &[&[5, 0], &[5, 0, 0, 1, 0]], &[&[5, 2]]] {
        assert_eq!(socks("socks5h", replies), (message.clone(), true), "{replies:?}");
    }
    assert_eq!(socks("socks4a", &[&[0, 90, 0]]), (message, true));
}

#[test]
fn a_socks_proxy_receives_the_name_or_the_address_as_its_scheme_says() {
    let received = |scheme: &str, base_url: &str, greeting: &'static [u8]| {
        let (sender, receiver) = std::sync::mpsc::channel();
        let server = Server::start(vec![script(move |mut connection: TestConnection| {
            let mut bytes = [0; 1024];
            if !greeting.is_empty() {
                let _ = connection.stream.read(&mut bytes);
                connection.send(greeting);
            }
            let length = connection.stream.read(&mut bytes).unwrap();
            sender.send(bytes[..length].to_vec()).unwrap();
        })]);
        let mut fixture = test_client(base_url, |options| {
            options.authorities = Some(authority());
            options.retries = 0;
            options.proxies.https = Some(format!("{scheme}://me@127.0.0.1:{}", server.port));
        });
        fetch(&mut fixture).unwrap_err();
        receiver.recv().unwrap()
    };
    let name = b"\x09h.example\x01\xbb".as_slice();
    let (by_name, by_address) =
        ([&[5, 1, 0, 3], name].concat(), [&[5, 1, 0, 1], &[192, 0, 2, 1][..], &[1, 0xbb]].concat());
    assert_eq!(received("socks5h", "https://h.example", &[5, 0]), by_name);
    assert_eq!(received("socks5", "https://192.0.2.1", &[5, 0]), by_address);
    let by_name = [&[4, 1, 1, 0xbb, 0, 0, 0, 1], b"me\0h.example\0".as_slice()].concat();
    assert_eq!(received("socks4a", "https://h.example", &[]), by_name);
    let by_address = [&[4, 1, 1, 0xbb, 192, 0, 2, 1], b"me\0".as_slice()].concat();
    assert_eq!(received("socks4", "https://192.0.2.1", &[]), by_address);
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
            (scope.spawn(|| through("socks5h", stall)), no_response),
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
