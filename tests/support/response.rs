//! The bytes that a server sends for one request: complete, truncated, dripping, reset, late or
//! endless.

use std::io::Write;
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::Duration;

/// The bytes and pauses that a server sends for one request.
#[derive(Clone, Default)]
pub struct Response {
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

impl Response {
    /// A complete response, after which the connection stays open.
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

    /// These bytes, then the connection closes.
    pub fn raw(bytes: impl AsRef<[u8]>) -> Self {
        Self { steps: vec![Step::Send(bytes.as_ref().to_vec())], keep: false }
    }

    /// Closes the connection without sending anything.
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

    /// Repeats these bytes until the client disconnects.
    pub fn then_repeat(mut self, bytes: impl AsRef<[u8]>, each: Duration) -> Self {
        self.steps.push(Step::Repeat(bytes.as_ref().to_vec(), each));
        self.then_close()
    }

    pub fn then_close(mut self) -> Self {
        self.keep = false;
        self
    }
}

/// Sends a response into a stream over this socket; true if the connection stays open.
pub(super) fn play(stream: &mut impl Write, socket: &TcpStream, response: &Response) -> bool {
    let mut send = |bytes: &[u8]| stream.write_all(bytes).and_then(|()| stream.flush()).is_ok();
    for step in &response.steps {
        let is_open = match step {
            Step::Send(bytes) => send(bytes),
            Step::Drip(bytes, each) => bytes.iter().all(|byte| {
                thread::sleep(*each);
                send(&[*byte])
            }),
            Step::Repeat(bytes, each) => {
                while send(bytes) {
                    thread::sleep(*each);
                }
                false
            }
            Step::Pause(pause) => {
                thread::sleep(*pause);
                true
            }
            Step::Reset => {
                // Without lingering, closing sends a reset instead of a regular close.
                let _ = socket2::SockRef::from(socket).set_linger(Some(Duration::ZERO));
                false
            }
        };
        if !is_open {
            return false;
        }
    }
    if !response.keep {
        let _ = socket.shutdown(Shutdown::Both);
    }
    response.keep
}
