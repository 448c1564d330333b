//! Test doubles of the client: a server that sends raw bytes, a clock, and a client that uses both.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::clock::{Clock, Interrupt};
use crate::model::Page;
use crate::query::Query;
use crate::source::{Source as _, SourceError};

use super::{
    Client, ClientOptions, Credentials, Endpoint, Observer, Request, ResponseSummary, Wait,
};

/// An address of this machine at which nothing listens while the socket is open.
pub(super) fn unused_address() -> (socket2::Socket, SocketAddr) {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    (socket, address)
}

/// The server's end of a connection.
pub(super) struct TestConnection {
    pub(super) stream: TcpStream,
    heads: Arc<Mutex<Vec<String>>>,
}

impl TestConnection {
    /// Reads the head of a request; `false` when the client has disconnected.
    pub(super) fn read_request(&mut self) -> bool {
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") {
            match self.stream.read(&mut byte) {
                Ok(1) => head.push(byte[0]),
                _ => return false,
            }
        }
        self.heads.lock().unwrap().push(String::from_utf8(head).unwrap());
        true
    }

    /// Sends bytes; ignores that the client may have disconnected.
    pub(super) fn send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.stream.write_all(bytes.as_ref()).is_ok()
    }

    /// Reads a request and sends a response.
    pub(super) fn respond(&mut self, bytes: impl AsRef<[u8]>) {
        self.read_request();
        self.send(bytes);
    }

    /// Ends the connection with a reset instead of an orderly end.
    pub(super) fn reset(self) {
        // Closing with bytes unread makes the kernel send a reset: the rest of the head is left.
        let mut some = [0; 1];
        let _ = self.stream.peek(&mut some);
    }
}

pub(super) type Script = Box<dyn FnOnce(TestConnection) + Send>;

/// What the server does on one connection.
pub(super) fn script(act: impl FnOnce(TestConnection) + Send + 'static) -> Script {
    Box::new(act)
}

/// A server on loopback that follows one script per connection.
pub(super) struct Server {
    pub(super) port: u16,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub(super) fn start(scripts: Vec<Script>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let recorded = heads.clone();
        std::thread::spawn(move || {
            for script in scripts {
                let Ok((stream, _)) = listener.accept() else { return };
                script(TestConnection { stream, heads: recorded.clone() });
            }
            // The port stays taken: another test's server would get the next connection otherwise.
            listener.incoming().for_each(drop);
        });
        Self { port, heads }
    }

    /// One connection for each of these responses, closed after it.
    pub(super) fn responding(responses: Vec<String>) -> Self {
        let script = |response: String| -> Script {
            Box::new(move |mut connection| connection.respond(response))
        };
        Self::start(responses.into_iter().map(script).collect())
    }

    /// The heads of the requests so far.
    pub(super) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

/// A response with this status line and these headers, closed at its end.
pub(super) fn http(status: &str, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n{body}",
        body.len()
    )
}

/// A page of one row.
pub(super) fn page() -> String {
    http("200 OK", "Content-Type: application/json\r\n", r#"{"results":[{"messageId":"m1"}]}"#)
}

/// A clock that advances only by its sleeps, which take no real time.
pub(super) struct TestClock {
    elapsed: Mutex<Duration>,
    stop_at: Mutex<Option<Duration>>,
    interrupt: Interrupt,
}

impl TestClock {
    pub(super) fn slept(&self) -> Duration {
        *self.elapsed.lock().unwrap()
    }

    /// Interrupts the run once this much has been slept.
    pub(super) fn stop_at(&self, slept: Duration) {
        *self.stop_at.lock().unwrap() = Some(slept);
    }
}

impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        // 22 February 2023, 10:00:00 UTC.
        DateTime::from_timestamp(1_677_060_000, 0).unwrap()
            + TimeDelta::from_std(self.slept()).unwrap()
    }

    fn elapsed(&self) -> Duration {
        self.slept()
    }

    fn sleep(&self, how_long: Duration) -> bool {
        *self.elapsed.lock().unwrap() += how_long;
        if self.stop_at.lock().unwrap().is_some_and(|stop| self.slept() >= stop) {
            self.interrupt.raise();
        }
        self.interrupt.is_raised()
    }
}

/// Records the calls of an observer.
#[derive(Clone, Default)]
pub(super) struct Notes(Arc<Mutex<Vec<String>>>);

impl Notes {
    fn write(&self, note: String) {
        self.0.lock().unwrap().push(note);
    }

    pub(super) fn read(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl Observer for Notes {
    fn request(&mut self, request: &Request, left: Option<u32>) {
        self.write(format!("request {} {left:?}", request.masked()[0]));
    }
    fn response(&mut self, response: &ResponseSummary) {
        let ResponseSummary { status, on_wire, decoded, .. } = response;
        self.write(format!("response {status} {on_wire} {decoded}"));
    }
    fn failure(&mut self, error: &SourceError, failed: u32) {
        self.write(format!("failure {failed} {error}"));
    }
    fn waiting(&mut self, wait: &Wait) {
        self.write(format!("waiting {:?} {} s", wait.reason, wait.left.as_secs()));
    }
    fn slowed(&mut self, rate: u32) {
        self.write(format!("slowed to {rate}"));
    }
    fn waited(&mut self) {
        self.write("waited".to_owned());
    }
}

/// A client with its test environment.
pub(super) struct TestClient {
    pub(super) client: Client,
    pub(super) clock: Arc<TestClock>,
    pub(super) notes: Notes,
    pub(super) interrupt: Interrupt,
}

/// Options for this base URL.
pub(super) fn options(base_url: &str) -> ClientOptions {
    let endpoint = Endpoint::parse(base_url).unwrap();
    ClientOptions {
        timeout: Duration::from_secs(20),
        rate: None,
        user_agent: "omnilogs/test".into(),
        ..ClientOptions::new(endpoint, Credentials::app("hunter2").unwrap())
    }
}

/// A client of this base URL, its options changed.
pub(super) fn test_client(base_url: &str, change: impl FnOnce(&mut ClientOptions)) -> TestClient {
    let mut options = options(base_url);
    change(&mut options);
    let interrupt = Interrupt::new();
    let clock = Arc::new(TestClock {
        elapsed: Mutex::default(),
        stop_at: Mutex::default(),
        interrupt: interrupt.clone(),
    });
    let notes = Notes::default();
    let client =
        Client::with_clock(options, clock.clone(), interrupt.clone(), Box::new(notes.clone()))
            .unwrap();
    TestClient { client, clock, notes, interrupt }
}

/// A client of a server on loopback.
pub(super) fn at(server: &Server) -> TestClient {
    test_client(&format!("http://127.0.0.1:{}", server.port), |_| ())
}

/// Fetches the messages to one number.
pub(super) fn fetch(fixture: &mut TestClient) -> Result<Page, SourceError> {
    fixture.client.fetch(&Query { to: vec!["41793026727".into()], ..Query::default() })
}
