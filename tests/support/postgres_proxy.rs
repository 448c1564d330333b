//! A proxy in front of a PostgreSQL server that disturbs the COMMIT of every second transaction.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

/// How the proxy disturbs a COMMIT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommitFault {
    /// The connection is cut before the server has received it.
    CutBefore,
    /// The connection is cut after the server has committed, before the client has the response.
    CutAfter,
    /// The COMMIT is held back, so that the server ends the session of an idle client.
    Held,
}

/// The start of a transaction that writes. Since every second one is disturbed, the client's retry
/// succeeds.
const BEGIN: &[u8] = b"BEGIN; SET LOCAL idle_in_transaction_session_timeout = 60000";
/// The same start, of the same length, with a timeout that the server reaches at once.
const BEGIN_SHORT: &[u8] = b"BEGIN; SET LOCAL idle_in_transaction_session_timeout = 00001";
const COMMIT: &[u8] = b"COMMIT\0";

/// A proxy, and how many transactions it has seen.
pub struct PostgresProxy {
    pub port: u16,
    transactions: Arc<AtomicUsize>,
}

impl PostgresProxy {
    /// Starts a proxy in front of the server at this address (`host:port`).
    pub fn start(server: String, fault: CommitFault) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let transactions = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&transactions);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let Ok(server) = TcpStream::connect(&server) else { continue };
                let is_cut = Arc::new(AtomicBool::new(false));
                let link = Link { client, server, fault, transactions: Arc::clone(&count), is_cut };
                thread::spawn(move || link.run());
            }
        });
        Self { port, transactions }
    }

    /// How many transactions that write were started so far.
    pub fn transactions(&self) -> usize {
        self.transactions.load(Ordering::SeqCst)
    }
}

/// One connection.
struct Link {
    client: TcpStream,
    server: TcpStream,
    fault: CommitFault,
    transactions: Arc<AtomicUsize>,
    /// Whether the connection is cut at the next bytes of the server, which are not passed on.
    is_cut: Arc<AtomicBool>,
}

impl Link {
    fn run(self) {
        let (client, server) = (self.client.try_clone().unwrap(), self.server.try_clone().unwrap());
        let is_cut = Arc::clone(&self.is_cut);
        let down = thread::spawn(move || pass_down(server, client, &is_cut));
        // The server itself ends the session whose COMMIT is held back.
        let is_held = matches!(self.pass_up(), Ok(true));
        if !is_held {
            let _ = self.server.shutdown(Shutdown::Both);
            let _ = self.client.shutdown(Shutdown::Both);
        }
        let _ = down.join();
    }

    /// Passes messages to the server. Returns whether a COMMIT is held back.
    fn pass_up(&self) -> io::Result<bool> {
        let (mut client, mut server) = (&self.client, &self.server);
        // The first message has no type.
        let mut head = vec![0; 4];
        client.read_exact(&mut head)?;
        let mut is_disturbed = false;
        loop {
            let length = head[head.len() - 4..].try_into().unwrap();
            let mut message = vec![0; u32::from_be_bytes(length) as usize - 4];
            client.read_exact(&mut message)?;
            if message.starts_with(BEGIN) {
                is_disturbed = self.transactions.fetch_add(1, Ordering::SeqCst).is_multiple_of(2);
                if is_disturbed && self.fault == CommitFault::Held {
                    message[..BEGIN_SHORT.len()].copy_from_slice(BEGIN_SHORT);
                }
            }
            if is_disturbed && message == COMMIT {
                match self.fault {
                    CommitFault::CutBefore => return Ok(false),
                    CommitFault::CutAfter => self.is_cut.store(true, Ordering::SeqCst),
                    CommitFault::Held => return Ok(true),
                }
            }
            server.write_all(&head)?;
            server.write_all(&message)?;
            head = vec![0; 5];
            client.read_exact(&mut head)?;
        }
    }
}

/// Passes bytes to the client until the server ends the connection, or it is cut.
fn pass_down(mut server: TcpStream, mut client: TcpStream, is_cut: &AtomicBool) {
    let mut bytes = [0; 1 << 14];
    while let Ok(read @ 1..) = server.read(&mut bytes) {
        if is_cut.load(Ordering::SeqCst) || client.write_all(&bytes[..read]).is_err() {
            break;
        }
    }
    let _ = server.shutdown(Shutdown::Both);
    let _ = client.shutdown(Shutdown::Both);
}
