//! A loopback server, plain or over TLS, that sends the responses that a test defines.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::response::{Response, play};

/// A server with a rule that makes the response to the N-th request (from 0).
pub struct Server {
    port: u16,
    tls: bool,
    shared: Arc<Shared>,
}

type Rule = dyn Fn(usize, &str) -> Response + Send + Sync;

/// The state that the connections of a server share.
struct Shared {
    rule: Box<Rule>,
    heads: Mutex<Vec<String>>,
    connections: AtomicUsize,
}

impl Server {
    pub fn start(rule: impl Fn(usize, &str) -> Response + Send + Sync + 'static) -> Self {
        Self::listen("127.0.0.1", None, rule)
    }

    /// The same response to every request.
    pub fn always(response: Response) -> Self {
        Self::start(move |_, _| response.clone())
    }

    /// These responses in turn; the last one repeats.
    pub fn sequence(responses: impl Into<Vec<Response>>) -> Self {
        Self::start(in_turn(responses.into()))
    }

    /// As [`Self::sequence`], over TLS.
    pub fn over_tls(config: Arc<ServerConfig>, responses: impl Into<Vec<Response>>) -> Self {
        Self::listen("127.0.0.1", Some(config), in_turn(responses.into()))
    }

    /// A server at `[::1]`; `None` on a machine without IPv6.
    pub fn over_ipv6(config: Option<Arc<ServerConfig>>, response: Response) -> Option<Self> {
        TcpListener::bind("[::1]:0").ok()?;
        Some(Self::listen("[::1]", config, move |_, _| response.clone()))
    }

    fn listen(
        host: &str,
        config: Option<Arc<ServerConfig>>,
        rule: impl Fn(usize, &str) -> Response + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(format!("{host}:0")).unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            rule: Box::new(rule),
            heads: Mutex::default(),
            connections: AtomicUsize::new(0),
        });
        let (tls, for_connections) = (config.is_some(), Arc::clone(&shared));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (shared, config) = (Arc::clone(&for_connections), config.clone());
                shared.connections.fetch_add(1, Ordering::SeqCst);
                thread::spawn(move || shared.handle(&stream, config));
            }
        });
        Self { port, tls, shared }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its URL with the IP address.
    pub fn url(&self) -> String {
        self.url_by("127.0.0.1")
    }

    /// Its URL with this host name.
    pub fn url_by(&self, host: &str) -> String {
        format!("{}://{host}:{}", if self.tls { "https" } else { "http" }, self.port)
    }

    /// How many connections were made so far.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// How many requests were received so far.
    pub fn requests(&self) -> usize {
        self.shared.heads.lock().unwrap().len()
    }

    /// The heads of all requests so far, request line first.
    pub fn heads(&self) -> Vec<String> {
        self.shared.heads.lock().unwrap().clone()
    }

    /// The targets of all requests so far: path and query as they were received.
    pub fn targets(&self) -> Vec<String> {
        let target = |head: &String| head.split(' ').nth(1).unwrap_or_default().to_owned();
        self.heads().iter().map(target).collect()
    }
}

impl Drop for Server {
    /// The program only reads, so every request of every test is a GET.
    fn drop(&mut self) {
        let heads = self.heads();
        let written = heads.iter().find(|head| !head.starts_with("GET "));
        assert!(written.is_none() || thread::panicking(), "not a GET: {written:?}");
    }
}

fn in_turn(responses: Vec<Response>) -> impl Fn(usize, &str) -> Response {
    move |n, _| responses[n.min(responses.len() - 1)].clone()
}

impl Shared {
    fn handle(&self, stream: &TcpStream, config: Option<Arc<ServerConfig>>) {
        let _ = stream.set_nodelay(true);
        let own = stream.try_clone().unwrap();
        match config {
            None => self.serve(own, stream),
            Some(config) => {
                let connection = ServerConnection::new(config).unwrap();
                self.serve(StreamOwned::new(connection, own), stream);
            }
        }
    }

    fn serve(&self, stream: impl Read + Write, socket: &TcpStream) {
        let mut reader = BufReader::new(stream);
        while let Some(head) = read_head(&mut reader) {
            let number = {
                let mut heads = self.heads.lock().unwrap();
                heads.push(head.clone());
                heads.len() - 1
            };
            let response = (self.rule)(number, &head);
            if !play(reader.get_mut(), socket, &response) {
                return;
            }
        }
    }
}

/// The head of a request; `None` when the client has disconnected.
pub fn read_head(reader: &mut impl BufRead) -> Option<String> {
    let mut head = String::new();
    loop {
        let mut line = String::new();
        match reader.read_line(&mut line) {
            Ok(0) | Err(_) => return None,
            Ok(_) if line == "\r\n" => return Some(head),
            Ok(_) => head.push_str(&line),
        }
    }
}
