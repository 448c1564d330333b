//! Requests to the sandbox over loopback, through a bare socket.

mod arrival;
mod bodies;
mod filters;
mod refusals;
mod scenarios;

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::DateTime;
use serde_json::Value;

use super::{Sandbox, SandboxOptions, Scenario};

/// A Monday noon.
const ANCHOR: i64 = 1_763_985_600_000;
const HOUR: i64 = 3_600_000;

/// A sandbox, its clock, which the test sets, and one persistent connection.
struct TestSandbox {
    sandbox: Sandbox,
    clock: Arc<AtomicI64>,
    stream: BufReader<TcpStream>,
}

struct TestResponse {
    status: u16,
    head: String,
    body: String,
}

impl TestSandbox {
    fn new() -> Self {
        Self::with(42, 0)
    }

    fn of(scenario: Scenario) -> Self {
        Self::start(42, 0, scenario)
    }

    fn with(seed: u64, rate_per_minute: u32) -> Self {
        Self::start(seed, rate_per_minute, Scenario::Normal)
    }

    fn start(seed: u64, rate_per_minute: u32, scenario: Scenario) -> Self {
        let clock = Arc::new(AtomicI64::new(ANCHOR));
        let shown = Arc::clone(&clock);
        let sandbox = Sandbox::start(SandboxOptions {
            port: 0,
            seed,
            scenario,
            now: DateTime::from_timestamp_millis(ANCHOR).unwrap(),
            rate_per_minute,
            clock: Arc::new(move || {
                DateTime::from_timestamp_millis(shown.load(Ordering::SeqCst)).unwrap()
            }),
        })
        .unwrap();
        let stream = connect(&sandbox);
        Self { sandbox, clock, stream }
    }

    /// Sets the clock to this many milliseconds after the anchor.
    fn set_clock(&self, after_anchor: i64) {
        self.clock.store(ANCHOR + after_anchor, Ordering::SeqCst);
    }

    fn send(&mut self, method: &str, target: &str, headers: &[(&str, &str)]) -> TestResponse {
        let mut request = format!("{method} {target} HTTP/1.1\r\nHost: sandbox\r\n");
        for (name, value) in headers {
            write!(request, "{name}: {value}\r\n").unwrap();
        }
        request.push_str("\r\n");
        self.stream.get_mut().write_all(request.as_bytes()).unwrap();
        self.receive(method == "HEAD")
    }

    fn receive(&mut self, without_body: bool) -> TestResponse {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(
                self.stream.read_line(&mut head).unwrap(),
                0,
                "the connection closed after {head:?}"
            );
        }
        let status = head[9..12].parse().unwrap();
        let mut response = TestResponse { status, head, body: String::new() };
        if !without_body {
            let length = response.header("content-length").unwrap().parse().unwrap();
            let mut body = vec![0; length];
            self.stream.read_exact(&mut body).unwrap();
            response.body = String::from_utf8(body).unwrap();
        }
        response
    }

    /// Sends a request with the API key and these headers.
    fn get(&mut self, query: &str, headers: &[(&str, &str)]) -> TestResponse {
        let key = format!("App {}", self.sandbox.api_key());
        let mut all = vec![("Authorization", key.as_str())];
        all.extend(headers);
        self.send("GET", &format!("/omni/1/logs?{query}"), &all)
    }

    /// The rows of the response to a query string.
    fn rows(&mut self, query: &str) -> Vec<Value> {
        let response = self.get(query, &[]);
        assert_eq!(response.status, 200, "{query}: {}", response.body);
        let mut body: Value = serde_json::from_str(&response.body).unwrap();
        let Value::Array(rows) = body["results"].take() else { panic!("{}", response.body) };
        rows
    }
}

impl TestResponse {
    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

fn connect(sandbox: &Sandbox) -> BufReader<TcpStream> {
    let url = sandbox.base_url();
    BufReader::new(TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap())
}

fn text<'a>(row: &'a Value, field: &str) -> &'a str {
    row[field].as_str().unwrap_or_else(|| panic!("{field} in {row}"))
}

/// When a row was sent, in milliseconds since 1970.
fn sent(row: &Value) -> i64 {
    time(text(row, "sentAt"))
}

/// A time of a row, in milliseconds since 1970.
fn time(text: &str) -> i64 {
    DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.3f%z").unwrap().timestamp_millis()
}

#[test]
fn dropping_the_sandbox_closes_its_connections() {
    let mut sandbox = TestSandbox::new();
    assert_eq!(sandbox.rows("limit=1").len(), 1);
    let TestSandbox { sandbox, mut stream, .. } = sandbox;
    drop(sandbox);
    assert_eq!(stream.read(&mut [0]).unwrap_or(0), 0);
}

#[test]
fn the_sandbox_listens_on_loopback_only() {
    assert!(TestSandbox::new().sandbox.base_url().starts_with("http://127.0.0.1:"));
}

#[test]
fn a_port_in_use_is_an_error() {
    let sandbox = TestSandbox::new();
    let port = sandbox.sandbox.address.port();
    let now = DateTime::from_timestamp_millis(ANCHOR).unwrap();
    let clock = Arc::new(move || now);
    let options = SandboxOptions { port, now, clock, ..SandboxOptions::default() };
    assert_eq!(Sandbox::start(options).unwrap_err().kind(), std::io::ErrorKind::AddrInUse);
}

#[test]
fn traffic_depends_on_the_seed() {
    let page = |seed| TestSandbox::with(seed, 0).get("limit=1000", &[]).body;
    let first = page(1);
    assert_eq!(first, page(1));
    assert_ne!(first, page(2));
}
