use std::time::Duration;

use super::super::test_support::{Server, at, fetch, http, page, script, test_client};
use super::*;

#[test]
fn a_client_can_be_moved_to_another_thread() {
    fn is_send<T: Send>(_: &T) {}
    is_send(
        &test_client("https://h.example", |o| {
            o.authorities = Some(crate::client::tests::tls::authority());
        })
        .client,
    );
}

#[test]
fn one_get_sends_the_credentials_and_returns_a_page() {
    let server = Server::responding(vec![page()]);
    let mut fixture = at(&server);
    assert_eq!(fetch(&mut fixture).unwrap().logs.len(), 1);
    let head = server.heads().remove(0).to_ascii_lowercase();
    assert!(head.starts_with("get /omni/1/logs?to=41793026727 http/1.1\r\n"), "{head}");
    for line in
        ["authorization: app hunter2", "accept: application/json", "user-agent: omnilogs/test"]
    {
        assert_eq!(head.matches(&format!("\r\n{line}\r\n")).count(), 1, "{head}");
    }
    assert!(!head.contains("referer") && !head.contains("cookie"));
    let notes = fixture.notes.read();
    assert_eq!(notes[1], "response 200 32 32");
    assert!(notes[0].ends_with("/omni/1/logs?to=… None"), "{notes:?}");
}

#[test]
fn all_pages_go_over_one_connection() {
    // After a slow response, another thread runs the connections.
    for slow in [Duration::ZERO, Duration::from_millis(200)] {
        let server = Server::start(vec![script(move |mut connection| {
            let response = page().replace("Connection: close\r\n", "");
            let mut wait = slow;
            while connection.read_request() {
                std::thread::sleep(std::mem::take(&mut wait));
                connection.send(&response);
            }
        })]);
        let mut fixture = at(&server);
        for _ in 0..300 {
            fetch(&mut fixture).unwrap();
        }
        assert_eq!(server.heads().len(), 300);
    }
}

#[test]
fn a_throttled_client_waits_as_requested_and_reports_it() {
    let throttled = http("429 Too Many Requests", "Retry-After: 2\r\n", "");
    let server = Server::responding(vec![throttled, page()]);
    let mut fixture = at(&server);
    fetch(&mut fixture).unwrap();
    assert!(fixture.clock.slept() >= Duration::from_secs(2));
    let notes = fixture.notes.read();
    let throttled: Vec<_> = notes.iter().filter(|note| note.contains("Throttled")).collect();
    assert_eq!(throttled[..2], ["waiting Throttled 2 s", "waiting Throttled 1 s"], "{notes:?}");
    assert!(notes.contains(&"waited".to_owned()));
}

#[test]
fn a_wait_that_exceeds_the_limit_is_not_started_and_its_length_is_reported() {
    let throttled = http("429 Too Many Requests", "Retry-After: 61\r\n", "");
    let server = Server::responding(vec![throttled]);
    let mut fixture = at(&server);
    let error = fetch(&mut fixture).unwrap_err();
    let SourceError::Throttled { retry_after, .. } = error else { panic!("{error}") };
    assert_eq!(
        (retry_after, fixture.clock.slept()),
        (Some(Duration::from_secs(61)), Duration::ZERO)
    );
}

#[test]
fn a_server_that_always_throttles_is_given_up_with_the_wait_in_the_error() {
    let body = r#"{"errorCode":"E429","description":"Too many requests"}"#;
    let server = Server::responding(vec![http("429 Too Many Requests", "", body); 4]);
    let mut fixture = at(&server);
    let error = fetch(&mut fixture).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "HTTP 429: 127.0.0.1:{} is throttling requests: E429: Too many requests; retry after 16 s",
            server.port
        )
    );
    assert_eq!(server.heads().len(), 4);
}

#[test]
fn server_failures_are_retried_and_refusals_are_not() {
    let server =
        Server::responding(vec![http("503 Unavailable", "", ""), http("502 Bad", "", ""), page()]);
    fetch(&mut at(&server)).unwrap();
    for status in
        ["401 Unauthorized", "403 Forbidden", "404 Not Found", "501 Not Implemented", "302 Found"]
    {
        let server =
            Server::responding(vec![http(status, "Location: http://127.0.0.1:1/\r\n", ""); 2]);
        let mut fixture = at(&server);
        fetch(&mut fixture).unwrap_err();
        assert_eq!((server.heads().len(), fixture.clock.slept()), (1, Duration::ZERO), "{status}");
    }
}

#[test]
fn a_request_to_stop_ends_a_fetch_and_nothing_more_is_sent() {
    let (give, take) = std::sync::mpsc::channel::<Interrupt>();
    let server = Server::start(vec![script(move |mut connection| {
        connection.read_request();
        take.recv().unwrap().raise();
        connection.read_request();
    })]);
    let mut fixture = at(&server);
    give.send(fixture.interrupt.clone()).unwrap();
    for _ in 0..2 {
        assert_eq!(fetch(&mut fixture).unwrap_err(), SourceError::Interrupted);
        assert_eq!(server.heads().len(), 1);
    }
}

#[test]
fn a_request_to_stop_ends_a_wait() {
    let server =
        Server::responding(vec![http("503 Unavailable", "Retry-After: 30\r\n", ""), page()]);
    let mut fixture = at(&server);
    fixture.clock.stop_at(Duration::from_secs(3));
    assert_eq!(fetch(&mut fixture).unwrap_err(), SourceError::Interrupted);
    assert_eq!((fixture.clock.slept(), server.heads().len()), (Duration::from_secs(3), 1));
}

#[test]
fn the_rate_delays_requests_and_http_429_halves_it() {
    let mut responses = vec![page(), http("429 Too Many Requests", "Retry-After: 1\r\n", "")];
    responses.extend(vec![page(); 3]);
    let server = Server::responding(responses);
    let mut fixture =
        test_client(&format!("http://127.0.0.1:{}", server.port), |o| o.rate = Some(4));
    fetch(&mut fixture).unwrap();
    assert_eq!(fixture.clock.slept(), Duration::ZERO);
    // Two were sent, and two per minute are allowed now.
    fetch(&mut fixture).unwrap();
    assert!(fixture.clock.slept() >= Duration::from_secs(60), "{:?}", fixture.notes.read());
    assert!(fixture.notes.read().iter().any(|note| note.starts_with("waiting Pace")));
}

#[test]
fn a_proxy_in_the_environment_never_sees_a_plain_request() {
    let server = Server::responding(vec![page()]);
    let mut fixture = test_client(&format!("http://127.0.0.1:{}", server.port), |options| {
        options.proxies.all = Some("http://127.0.0.1:1".into());
    });
    assert_eq!(fixture.client.proxy(), None);
    assert_eq!(fetch(&mut fixture).unwrap().logs.len(), 1);
}

#[test]
fn no_failure_shows_the_secret_or_a_value() {
    for response in [
        http("400 Bad", "", r#"{"errorCode":"E400","description":"to=41793026727 hunter2"}"#),
        http("500 Bad", "", "<html><title>/omni/1/logs?to=41793026727 App hunter2</title>"),
        http("302 Found", "Location: https://hunter2.example/?to=41793026727\r\n", ""),
        http("200 OK", "", "<html><title>41793026727 hunter2</title>"),
        "HTTP/1.1 200 OK\r\nhunter2 41793026727\r\n\r\n".to_owned(),
        http("200 OK", "Content-Encoding: hunter2\r\n", "41793026727"),
        String::new(),
    ] {
        let server = Server::responding(vec![response; 5]);
        let mut fixture = at(&server);
        let error = fetch(&mut fixture).unwrap_err();
        let shown = format!("{error} {error:?} {:?}", fixture.notes.read());
        assert!(!shown.contains("hunter2") && !shown.contains("41793026727"), "{shown}");
    }
}

/// A server that accepts a request and never responds.
fn silent() -> Server {
    Server::start(vec![script(|mut connection| while connection.read_request() {})])
}

#[test]
fn a_deadline_ends_an_attempt_and_the_retries_after_it() {
    let server = silent();
    let mut fixture = at(&server);
    // Shorter than the shortest wait before a retry, so that the random delay does not matter.
    fixture.client.set_deadline(Some(Duration::from_millis(90)));
    let error = fetch(&mut fixture).unwrap_err();
    assert!(matches!(error, SourceError::Unreachable { transient: true, .. }), "{error:?}");
    assert!(error.to_string().ends_with("within 0.09 s"), "{error}");
    assert_eq!(fixture.clock.slept(), Duration::ZERO);
    assert!(server.heads().len() <= 1);
}

#[test]
fn a_deadline_ends_a_body_that_drips() {
    let server = Server::start(vec![script(|mut connection| {
        connection.read_request();
        let mut open = connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
        while open {
            std::thread::sleep(Duration::from_millis(5));
            open = connection.send(" ");
        }
    })]);
    let mut fixture = at(&server);
    fixture.client.set_deadline(Some(Duration::from_millis(200)));
    let error = fetch(&mut fixture).unwrap_err();
    assert!(matches!(error, SourceError::Unreachable { transient: true, .. }), "{error:?}");
}

#[test]
fn a_deadline_ends_the_waits_that_the_server_requires() {
    for status in ["429 Too Many Requests", "503 Unavailable"] {
        let server = Server::responding(vec![http(status, "Retry-After: 30\r\n", ""); 2]);
        let mut fixture = at(&server);
        fixture.client.set_deadline(Some(Duration::from_secs(20)));
        let error = fetch(&mut fixture).unwrap_err();
        assert_ne!(error, SourceError::OutOfTime);
        assert_eq!((fixture.clock.slept(), server.heads().len()), (Duration::ZERO, 1), "{status}");
    }
}

#[test]
fn a_deadline_ends_the_waits_for_the_rate() {
    let server = Server::responding(vec![page(); 3]);
    let mut fixture =
        test_client(&format!("http://127.0.0.1:{}", server.port), |o| o.rate = Some(1));
    fetch(&mut fixture).unwrap();
    fixture.client.set_deadline(Some(Duration::from_secs(30)));
    assert_eq!(fetch(&mut fixture).unwrap_err(), SourceError::OutOfTime);
    assert_eq!((fixture.clock.slept(), server.heads().len()), (Duration::ZERO, 1));
    fixture.client.set_deadline(None);
    fetch(&mut fixture).unwrap();
}

#[test]
fn the_last_failure_is_reported_when_the_rate_leaves_no_time_for_a_retry() {
    let server = Server::responding(vec![http("429 Too Many", "Retry-After: 1\r\n", ""); 2]);
    let mut fixture =
        test_client(&format!("http://127.0.0.1:{}", server.port), |o| o.rate = Some(1));
    fixture.client.set_deadline(Some(Duration::from_secs(30)));
    let error = fetch(&mut fixture).unwrap_err();
    assert!(matches!(error, SourceError::Throttled { .. }), "{error:?}");
    assert_eq!(server.heads().len(), 1);
}

#[test]
fn a_pace_that_http_429_has_lowered_is_reported() {
    let throttled = http("429 Too Many Requests", "Retry-After: 1\r\n", "");
    let server = Server::responding(vec![throttled, page(), page(), page()]);
    let mut fixture =
        test_client(&format!("http://127.0.0.1:{}", server.port), |o| o.rate = Some(4));
    for _ in 0..3 {
        fetch(&mut fixture).unwrap();
    }
    let notes = fixture.notes.read();
    assert!(notes.contains(&"slowed to 2".to_owned()), "{notes:?}");
}
