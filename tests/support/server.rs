//! A loopback server, plain or over TLS, that gives each request the answer that a test tells it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::answer::{Answer, play};

/// A server with a rule that gives the answer to the N-th request (from 0).
pub struct Server {
    port: u16,
    tls: bool,
    talk: Arc<Talk>,
}

type Rule = dyn Fn(usize, &str) -> Answer + Send + Sync;

/// What the connections of a server share.
struct Talk {
    rule: Box<Rule>,
    heads: Mutex<Vec<String>>,
    connections: AtomicUsize,
}

impl Server {
    pub fn start(rule: impl Fn(usize, &str) -> Answer + Send + Sync + 'static) -> Self {
        Self::listen("127.0.0.1", None, rule)
    }

    /// The same answer to every request.
    pub fn always(answer: Answer) -> Self {
        Self::start(move |_, _| answer.clone())
    }

    /// These answers in turn, the last one for ever.
    pub fn sequence(answers: impl Into<Vec<Answer>>) -> Self {
        Self::start(in_turn(answers.into()))
    }

    /// The same over TLS.
    pub fn over_tls(config: Arc<ServerConfig>, answers: impl Into<Vec<Answer>>) -> Self {
        Self::listen("127.0.0.1", Some(config), in_turn(answers.into()))
    }

    /// A server at `[::1]`; `None` on a machine without IPv6.
    pub fn over_ipv6(config: Option<Arc<ServerConfig>>, answer: Answer) -> Option<Self> {
        TcpListener::bind("[::1]:0").ok()?;
        Some(Self::listen("[::1]", config, move |_, _| answer.clone()))
    }

    fn listen(
        host: &str,
        config: Option<Arc<ServerConfig>>,
        rule: impl Fn(usize, &str) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(format!("{host}:0")).unwrap();
        let port = listener.local_addr().unwrap().port();
        let talk = Arc::new(Talk {
            rule: Box::new(rule),
            heads: Mutex::default(),
            connections: AtomicUsize::new(0),
        });
        let (tls, shared) = (config.is_some(), Arc::clone(&talk));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (talk, config) = (Arc::clone(&shared), config.clone());
                talk.connections.fetch_add(1, Ordering::SeqCst);
                thread::spawn(move || talk.connected(&stream, config));
            }
        });
        Self { port, tls, talk }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its address by number.
    pub fn url(&self) -> String {
        self.url_by("127.0.0.1")
    }

    /// Its address by this name.
    pub fn url_by(&self, host: &str) -> String {
        format!("{}://{host}:{}", if self.tls { "https" } else { "http" }, self.port)
    }

    /// How many connections were made so far.
    pub fn connections(&self) -> usize {
        self.talk.connections.load(Ordering::SeqCst)
    }

    /// The heads of all requests so far, request line first.
    pub fn heads(&self) -> Vec<String> {
        self.talk.heads.lock().unwrap().clone()
    }

    /// The targets of all requests so far: path and query as they came.
    pub fn targets(&self) -> Vec<String> {
        let target = |head: &String| head.split(' ').nth(1).unwrap_or_default().to_owned();
        self.heads().iter().map(target).collect()
    }
}

impl Drop for Server {
    /// The tool reads and nothing else, whatever a test was about.
    fn drop(&mut self) {
        let heads = self.heads();
        let written = heads.iter().find(|head| !head.starts_with("GET "));
        assert!(written.is_none() || thread::panicking(), "not a GET: {written:?}");
    }
}

fn in_turn(answers: Vec<Answer>) -> impl Fn(usize, &str) -> Answer {
    move |n, _| answers[n.min(answers.len() - 1)].clone()
}

impl Talk {
    fn connected(&self, stream: &TcpStream, config: Option<Arc<ServerConfig>>) {
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
            let answer = (self.rule)(number, &head);
            if !play(reader.get_mut(), socket, &answer) {
                return;
            }
        }
    }
}

/// The head of a request; `None` when the client has gone.
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
