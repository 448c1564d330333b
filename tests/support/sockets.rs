//! Listening sockets that do not speak HTTP: one that sends fixed bytes, and those that cannot be
//! connected to.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use socket2::{Domain, Socket, Type};

/// Sends the same bytes to every client that has sent something.
pub struct Greeter {
    pub port: u16,
    connections: Arc<AtomicUsize>,
}

impl Greeter {
    pub fn sending(bytes: impl AsRef<[u8]>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::new(AtomicUsize::new(0));
        let (bytes, count) = (bytes.as_ref().to_vec(), Arc::clone(&connections));
        thread::spawn(move || {
            for mut stream in listener.incoming().map_while(Result::ok) {
                count.fetch_add(1, Ordering::SeqCst);
                // Closes after the client; otherwise a reset could arrive before the bytes.
                let mut received = [0; 4096];
                let _ = stream.read(&mut received).and_then(|_| stream.write_all(&bytes));
                while stream.read(&mut received).is_ok_and(|count| count > 0) {}
            }
        });
        Self { port, connections }
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// A port of 127.0.0.1 where every connection is refused: it is bound and does not listen.
pub struct ClosedPort {
    pub port: u16,
    _taken: Socket,
}

impl ClosedPort {
    pub fn new() -> Self {
        let taken = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        taken.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
        let port = taken.local_addr().unwrap().as_socket().unwrap().port();
        Self { port, _taken: taken }
    }
}

/// A port where a connection is neither accepted nor refused: its queue is full, so the system
/// drops new connections.
pub struct UnresponsivePort {
    pub port: u16,
    _queued: Vec<TcpStream>,
    _listener: Socket,
}

impl UnresponsivePort {
    /// Opens the port at this address; `None` if the address is not available.
    pub fn at(address: SocketAddr) -> Option<Self> {
        let listener = Socket::new(Domain::for_address(address), Type::STREAM, None).ok()?;
        listener.bind(&address.into()).ok()?;
        listener.listen(0).ok()?;
        let address = listener.local_addr().ok()?.as_socket()?;
        let mut queued = Vec::new();
        while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(200)) {
            queued.push(stream);
        }
        Some(Self { port: address.port(), _queued: queued, _listener: listener })
    }
}
