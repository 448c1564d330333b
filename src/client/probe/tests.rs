use std::net::TcpListener;
use std::time::Duration;

use super::super::test_support::{Script, Server, TestConnection, unused_address};
use super::*;
use crate::client::tests::certificates::Authority;
use crate::client::tests::tls::{NAME, authority, over_tls, trust};

fn options(base_url: &str) -> ProbeOptions {
    ProbeOptions {
        endpoint: Endpoint::parse(base_url).unwrap(),
        proxies: ProxySettings::default(),
        authorities: None,
        user_agent: "omnilogs/test".into(),
        limits: Limits::default(),
    }
}

fn probe(options: ProbeOptions) -> Probe {
    Probe::new(options, Interrupt::new()).unwrap()
}

#[test]
fn an_address_needs_no_resolver_and_a_name_may_have_several() {
    let found = probe(options("https://127.0.0.1:8443")).lookup().unwrap();
    assert_eq!(found, ["127.0.0.1:8443".parse().unwrap()]);
    let found = probe(options("https://localhost:8443")).lookup().unwrap();
    assert!(found.iter().all(|address| address.ip().is_loopback() && address.port() == 8443));
}

#[test]
fn an_unknown_host_name_is_named() {
    let error = probe(options("https://nowhere.invalid")).lookup().unwrap_err().to_string();
    assert!(error.starts_with("cannot find host nowhere.invalid"), "{error}");
}

#[test]
fn the_first_address_that_accepts_is_used_and_those_that_failed_are_named() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let good = listener.local_addr().unwrap();
    let (_kept, dead) = unused_address();
    let probe = probe(options("https://localhost"));
    let reached = probe.connect(&[dead, good]).unwrap();
    assert_eq!(reached, ProbeConnection { address: good, failed: vec![dead] });
    let error = probe.connect(&[dead]).unwrap_err().to_string();
    assert_eq!(error, "nothing listens at localhost:443");
}

#[test]
fn a_handshake_shows_the_certificate_and_sends_no_request() {
    let issuer = Authority::named(NAME);
    let script = over_tls(issuer.server("localhost", 2020, 2100), String::new());
    let server = Server::start(vec![script]);
    let mut options = options(&format!("https://localhost:{}", server.port));
    options.authorities = Some(trust(&issuer));
    let shown = probe(options).handshake().unwrap();
    assert_eq!(shown.version, Some("TLS 1.3"));
    let certificate = shown.certificate.unwrap();
    assert_eq!(certificate.not_after.to_rfc3339(), "2100-01-01T00:00:00+00:00");
    assert!(certificate.issuer.contains("Test Authority"), "{}", certificate.issuer);
    assert_eq!(server.heads(), Vec::<String>::new());
}

#[test]
fn a_handshake_goes_through_the_proxy_and_its_refusal_is_reported() {
    let refuse: Script = Box::new(|mut connection: TestConnection| {
        connection.respond("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    });
    let server = Server::start(vec![refuse]);
    let mut options = options("https://h.example");
    options.authorities = Some(authority());
    options.proxies.https = Some(format!("http://user:hunter3@127.0.0.1:{}", server.port));
    let probe = probe(options);
    assert_eq!(probe.peer(), format!("127.0.0.1:{}", server.port));
    let error = probe.handshake().unwrap_err().to_string();
    assert!(
        error.ends_with("refuses the user name and the password in its URL (HTTP 407)"),
        "{error}"
    );
    assert!(!error.contains("hunter3") && !probe.proxy().unwrap().contains("hunter3"));
    assert!(server.heads()[0].starts_with("CONNECT h.example:443"));
}

#[test]
fn a_step_ends_at_its_limit_and_when_the_run_is_interrupted() {
    // Accepts connections and sends nothing.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut limited = options(&format!("https://127.0.0.1:{port}"));
    limited.authorities = Some(authority());
    limited.limits.connect = Duration::from_millis(50);
    let error = probe(limited).handshake().unwrap_err().to_string();
    assert_eq!(error, format!("no connection to 127.0.0.1:{port} in time"));

    let interrupt = Interrupt::new();
    interrupt.raise();
    let mut unlimited = options(&format!("https://127.0.0.1:{port}"));
    unlimited.authorities = Some(authority());
    let stopped = Probe::new(unlimited, interrupt).unwrap();
    assert_eq!(stopped.handshake(), Err(SourceError::Interrupted));
}
