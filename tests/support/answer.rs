//! What a server does with one request, byte by byte: whole, cut, dripped, reset, late, without end.

use std::io::Write;
use std::net::{Shutdown, TcpStream};
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
    Repeat(Vec<u8>, Duration),
    Pause(Duration),
    Reset,
}

impl Answer {
    /// A whole answer, after which the connection stays.
    pub fn new(status: &str, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let length = body.len().to_string();
        let mut bytes = format!("HTTP/1.1 {status}\r\n").into_bytes();
        for (name, value) in headers.iter().chain(&[("Content-Length", length.as_str())]) {
            bytes.extend(format!("{name}: {value}\r\n").into_bytes());
        }
        bytes.extend(b"\r\n");
        bytes.extend(body);
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

    /// These bytes again and again, until the client has gone.
    pub fn then_for_ever(mut self, bytes: impl AsRef<[u8]>, each: Duration) -> Self {
        self.steps.push(Step::Repeat(bytes.as_ref().to_vec(), each));
        self.then_close()
    }

    pub fn then_close(mut self) -> Self {
        self.keep = false;
        self
    }
}

/// Plays an answer into a stream over this socket; whether the connection stays.
pub(super) fn play(stream: &mut impl Write, socket: &TcpStream, answer: &Answer) -> bool {
    let mut say = |bytes: &[u8]| stream.write_all(bytes).and_then(|()| stream.flush()).is_ok();
    for step in &answer.steps {
        let said = match step {
            Step::Send(bytes) => say(bytes),
            Step::Drip(bytes, each) => bytes.iter().all(|byte| {
                thread::sleep(*each);
                say(&[*byte])
            }),
            Step::Repeat(bytes, each) => {
                while say(bytes) {
                    thread::sleep(*each);
                }
                false
            }
            Step::Pause(pause) => {
                thread::sleep(*pause);
                true
            }
            Step::Reset => {
                // Without lingering, closing sends a reset instead of the end.
                let _ = socket2::SockRef::from(socket).set_linger(Some(Duration::ZERO));
                false
            }
        };
        if !said {
            return false;
        }
    }
    if !answer.keep {
        let _ = socket.shutdown(Shutdown::Both);
    }
    answer.keep
}
