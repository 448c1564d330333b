//! Faults on the wire, tested through the whole client.

use std::io::Write as _;
use std::time::Duration;

use super::tls;
use crate::client::test_support::{
    Server, TestConnection, at, fetch, http, page, script, test_client, unused_address,
};
use crate::model::Anomaly;
use crate::source::{ErrorBody, SourceError};

const SHORT: Duration = Duration::from_millis(150);

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// The error when every connection behaves like this, and how many requests arrived.
fn each_time(act: impl Fn(TestConnection) + Send + Clone + 'static) -> (SourceError, usize) {
    let server = Server::start(
        (0..10)
            .map(|_| {
                let act = act.clone();
                script(act)
            })
            .collect(),
    );
    let error = fetch(&mut at(&server)).unwrap_err();
    (error, server.heads().len())
}

fn is_transient(error: &SourceError) -> bool {
    matches!(error, SourceError::Unreachable { transient: true, .. })
}

#[test]
fn an_idle_connection_that_the_server_closed_costs_no_wait() {
    let keep = page().replace("Connection: close\r\n", "");
    let second = keep.clone();
    let server = Server::start(vec![
        script(move |mut connection| {
            connection.respond(&keep);
            connection.read_request();
        }),
        script(move |mut connection| connection.respond(&second)),
    ]);
    let mut fixture = at(&server);
    fetch(&mut fixture).unwrap();
    fetch(&mut fixture).unwrap();
    assert_eq!((server.heads().len(), fixture.clock.slept()), (3, Duration::ZERO));
}

#[test]
fn a_server_that_only_closes_is_retried_at_once_and_then_by_the_policy() {
    let (error, requests) = each_time(|mut connection| {
        connection.read_request();
    });
    assert!(is_transient(&error), "{error}");
    assert_eq!(requests, 5);
    let (error, _) = each_time(TestConnection::reset);
    assert!(is_transient(&error), "{error}");
}

#[test]
fn a_failed_attempt_is_counted_even_when_it_is_retried_at_once() {
    let server = Server::start(vec![
        script(|mut connection| {
            connection.read_request();
        }),
        script(|mut connection| connection.respond(http("503 Unavailable", "", ""))),
        script(|mut connection| connection.respond(page())),
    ]);
    let mut fixture = at(&server);
    fetch(&mut fixture).unwrap();
    let notes = fixture.notes.read();
    let failures: Vec<_> =
        notes.iter().filter_map(|note| note.strip_prefix("failure ")?.split(' ').next()).collect();
    assert_eq!(failures, ["1", "2"], "{notes:?}");
}

#[test]
fn a_truncated_body_is_requested_again_and_none_of_its_rows_is_kept() {
    let row = r#"{"results":[{"messageId":"m1"}]}"#;
    let cut: Vec<Vec<u8>> = vec![
        format!("HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{row}").into(),
        format!(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{row}\r\n",
            row.len()
        )
        .into(),
        format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{row}").into(),
        format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n{row}").into(),
        b"HTTP/1.1 200 OK\r\n\r\n{\"results\":[{\"messageId\":".to_vec(),
        [&b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"[..], &gzip(row.as_bytes())[..20]]
            .concat(),
    ];
    for response in cut {
        let text = String::from_utf8_lossy(&response).into_owned();
        let server = Server::start(vec![
            script(move |mut connection| connection.respond(response)),
            script(|mut connection| connection.respond(page())),
        ]);
        let mut fixture = at(&server);
        assert_eq!(fetch(&mut fixture).unwrap().logs.len(), 1, "{text}");
        assert_eq!(server.heads().len(), 2, "{text}");
        assert!(!fixture.clock.slept().is_zero());
    }
}

#[test]
fn a_reset_in_the_middle_of_a_body_is_retried() {
    let (error, _) = each_time(|mut connection| {
        connection.send("HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{\"results\":[");
        std::thread::sleep(Duration::from_millis(30));
        connection.reset();
    });
    assert!(is_transient(&error), "{error}");
}

#[test]
fn headers_or_a_body_that_arrive_byte_by_byte_end_with_the_time_for_one_attempt() {
    for start in ["HTTP/1.1 200 OK\r\nX-Slow: ", "HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n"] {
        let server = Server::start(vec![script(move |mut connection| {
            connection.read_request();
            connection.send(start);
            while connection.send("x") {
                std::thread::sleep(Duration::from_millis(10));
            }
        })]);
        let mut fixture = test_client(&format!("http://127.0.0.1:{}", server.port), |options| {
            options.timeout = SHORT;
            options.retries = 0;
        });
        let error = fetch(&mut fixture).unwrap_err();
        assert!(is_transient(&error), "{error}");
        assert!(error.to_string().ends_with("sent no complete response within 0.15 s"), "{error}");
    }
}

/// H17. The limit of 30 s, shortened.
#[test]
fn a_body_that_stalls_ends_before_the_time_for_one_attempt() {
    let server = Server::start(vec![script(|mut connection| {
        connection.respond("HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{");
        connection.read_request();
    })]);
    let mut fixture = test_client(&format!("http://127.0.0.1:{}", server.port), |options| {
        options.limits.stall = SHORT;
        options.retries = 0;
    });
    let error = fetch(&mut fixture).unwrap_err();
    assert!(is_transient(&error) && error.to_string().contains("stopped sending"), "{error}");
    assert!(error.to_string().starts_with("HTTP 200: 127.0.0.1:"), "{error}");
}

#[test]
fn a_body_without_end_stops_at_the_cap_whether_compressed_or_not() {
    let bomb = gzip(&vec![b' '; 4 << 20]);
    let plain = |mut connection: TestConnection| {
        connection.respond("HTTP/1.1 200 OK\r\n\r\n");
        while connection.send([b' '; 4096]) {}
    };
    let packed = move |mut connection: TestConnection| {
        connection.respond("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n");
        connection.send(bomb);
    };
    for act in [script(plain), script(packed)] {
        let server = Server::start(vec![act]);
        let mut fixture = test_client(&format!("http://127.0.0.1:{}", server.port), |options| {
            options.limits.body = 2 << 20;
        });
        let error = fetch(&mut fixture).unwrap_err();
        assert!(matches!(error, SourceError::NotUnderstood { .. }), "{error}");
        assert!(error.to_string().ends_with("is larger than 2 MiB"), "{error}");
        assert_eq!(server.heads().len(), 1);
    }
}

#[test]
fn gzip_is_decompressed_even_when_not_requested_and_bytes_after_it_are_reported() {
    let body = [gzip(br#"{"results":[{"messageId":"m1"}]}"#), b"rest".to_vec()].concat();
    let head =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n\r\n";
    let server = Server::start(vec![script(move |mut connection| {
        connection.respond([head.as_bytes(), &body].concat());
    })]);
    let page = fetch(&mut at(&server)).unwrap();
    assert_eq!(page.logs.len(), 1);
    assert!(page.anomalies.has(Anomaly::TrailingBytes));
}

#[test]
fn a_body_with_an_unknown_content_coding_is_refused() {
    for (coding, body) in
        [("gzip", "{\"results\":[]}"), ("br", "x"), ("gzip, gzip", "x"), ("\u{9b}", "x")]
    {
        let headers = format!("Content-Encoding: {coding}\r\n");
        let server = Server::responding(vec![http("200 OK", &headers, body)]);
        let error = fetch(&mut at(&server)).unwrap_err();
        assert!(matches!(error, SourceError::NotUnderstood { .. }), "{coding}: {error}");
        assert!(!error.to_string().contains('\u{9b}'));
    }
}

#[test]
fn a_head_that_is_too_large_or_contradicts_itself_is_refused_once() {
    let many = "X-Many: 1\r\n".repeat(150);
    let long = format!("X-Long: {}\r\n", "x".repeat(70_000));
    let lengths = "Content-Length: 1\r\nContent-Length: 2\r\n".to_owned();
    for headers in [many, long, lengths] {
        let server = Server::responding(vec![http("200 OK", &headers, "{}"); 3]);
        let error = fetch(&mut at(&server)).unwrap_err();
        assert!(matches!(error, SourceError::NotUnderstood { .. }), "{error}");
        assert_eq!(server.heads().len(), 1);
    }
    let banner = Server::responding(vec!["SSH-2.0-OpenSSH_9.6\r\n".to_owned(); 3]);
    let error = fetch(&mut at(&banner)).unwrap_err();
    assert!(matches!(error, SourceError::NotUnderstood { .. }), "{error}");
}

#[test]
fn interim_responses_are_skipped() {
    let flood =
        "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n".repeat(20);
    let server = Server::responding(vec![flood + &page()]);
    assert_eq!(fetch(&mut at(&server)).unwrap().logs.len(), 1);
}

#[test]
fn an_error_status_counts_even_when_its_body_cannot_be_read() {
    let response =
        "HTTP/1.1 401 Unauthorized\r\nContent-Encoding: gzip\r\nContent-Length: 999\r\n\r\nx";
    let server = Server::responding(vec![response.to_owned()]);
    let error = fetch(&mut at(&server)).unwrap_err();
    assert!(
        matches!(error, SourceError::Unauthorized { body: ErrorBody::Other { .. }, .. }),
        "{error}"
    );
}

#[test]
fn a_refused_connection_is_distinguished_from_an_unknown_host() {
    let (_kept, free) = unused_address();
    let mut refused = test_client(&format!("http://{free}"), |_| ());
    let error = fetch(&mut refused).unwrap_err();
    assert_eq!(error.to_string(), format!("nothing listens at {free}"));
    assert!(is_transient(&error) && !refused.clock.slept().is_zero());
    // RFC 6761: no lookup ever finds a name under `.invalid`.
    let mut unknown = test_client("https://no-such-host.invalid", |options| {
        options.authorities = Some(tls::authority());
    });
    let error = fetch(&mut unknown).unwrap_err();
    assert!(error.to_string().starts_with("cannot find host no-such-host.invalid"), "{error}");
}
