//! A loopback server that answers raw bytes: whole, cut, dripped, reset or late.

use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What the server does with one request.
#[derive(Clone, Default)]
pub struct Answer {
    steps: Vec<Step>,
    keep: bool,
}

#[derive(Clone)]
enum Step {
    Send(Vec<u8>),
    Drip(Vec<u8>, Duration),
    Pause(Duration),
    Reset,
}

impl Answer {
    /// A whole answer, after which the connection stays.
    pub fn new(status: &str, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let mut head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n", body.len());
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(body);
        Self { steps: vec![Step::Send(bytes)], keep: true }
    }

    pub fn json(body: impl AsRef<[u8]>) -> Self {
        Self::new("200 OK", &[("Content-Type", "application/json")], body)
    }

    pub fn xml(body: impl AsRef<[u8]>) -> Self {
        Self::new("200 OK", &[("Content-Type", "application/xml")], body)
    }

    pub fn error(status: &str) -> Self {
        Self::new(status, &[], "")
    }

    /// These bytes and then the end of the connection.
    pub fn raw(bytes: impl AsRef<[u8]>) -> Self {
        Self { steps: vec![Step::Send(bytes.as_ref().to_vec())], keep: false }
    }

    /// Nothing, and the end of the connection.
    pub fn nothing() -> Self {
        Self::default()
    }

    pub fn then_reset(mut self) -> Self {
        self.steps.push(Step::Reset);
        self.keep = false;
        self
    }

    pub fn then_pause(mut self, pause: Duration) -> Self {
        self.steps.push(Step::Pause(pause));
        self
    }

    pub fn then_send(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.steps.push(Step::Send(bytes.as_ref().to_vec()));
        self
    }

    pub fn then_drip(mut self, bytes: impl AsRef<[u8]>, each: Duration) -> Self {
        self.steps.push(Step::Drip(bytes.as_ref().to_vec(), each));
        self
    }

    pub fn then_close(mut self) -> Self {
        self.keep = false;
        self
    }
}

/// A server with a rule that gives the answer to the N-th request (from 0).
pub struct Server {
    port: u16,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub fn start(rule: impl Fn(usize, &str) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let (seen, count, rule) =
            (Arc::clone(&heads), Arc::new(AtomicUsize::new(0)), Arc::new(rule));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (seen, count, rule) =
                    (Arc::clone(&seen), Arc::clone(&count), Arc::clone(&rule));
                thread::spawn(move || serve(stream, &seen, &count, rule.as_ref()));
            }
        });
        Self { port, heads }
    }

    /// The same answer to every request.
    pub fn always(answer: Answer) -> Self {
        Self::start(move |_, _| answer.clone())
    }

    /// These answers in turn, the last one for ever.
    pub fn sequence(answers: impl Into<Vec<Answer>>) -> Self {
        let answers = answers.into();
        Self::start(move |n, _| answers[n.min(answers.len() - 1)].clone())
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The heads of all requests so far, request line first.
    pub fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
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

fn serve(
    stream: TcpStream,
    seen: &Mutex<Vec<String>>,
    count: &AtomicUsize,
    rule: &(dyn Fn(usize, &str) -> Answer + Send + Sync),
) {
    let _ = stream.set_nodelay(true);
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    loop {
        let mut head = String::new();
        loop {
            let mut line = String::new();
            match reader.read_line(&mut line) {
                Ok(0) | Err(_) => return,
                Ok(_) if line == "\r\n" => break,
                Ok(_) => head.push_str(&line),
            }
        }
        seen.lock().unwrap().push(head.clone());
        let answer = rule(count.fetch_add(1, Ordering::SeqCst), &head);
        if !play(&stream, &answer) {
            return;
        }
    }
}

/// Plays an answer; whether the connection stays.
fn play(mut stream: &TcpStream, answer: &Answer) -> bool {
    for step in &answer.steps {
        match step {
            Step::Send(bytes) => {
                if stream.write_all(bytes).is_err() {
                    return false;
                }
            }
            Step::Drip(bytes, each) => {
                for byte in bytes {
                    if stream.write_all(&[*byte]).is_err() {
                        return false;
                    }
                    thread::sleep(*each);
                }
            }
            Step::Pause(pause) => thread::sleep(*pause),
            Step::Reset => {
                // Without lingering, closing sends a reset instead of the end.
                let socket = socket2::SockRef::from(stream);
                let _ = socket.set_linger(Some(Duration::ZERO));
                return false;
            }
        }
    }
    if !answer.keep {
        let _ = stream.shutdown(Shutdown::Both);
    }
    answer.keep
}
