//! Loopback proxies (CONNECT and SOCKS 5) that connect every host name to one port of this machine.

use std::io::{self, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use super::server::read_head;

/// A proxy, and the requests that it has received.
pub struct Proxy {
    pub port: u16,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// A CONNECT proxy that connects to this port whatever the host name.
    pub fn connecting(to: u16) -> Self {
        Self::start(move |mut client| {
            let request = read_head(&mut BufReader::new(&client))?;
            client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").ok()?;
            Some((request, client, Some(to)))
        })
    }

    /// Sends this response and does not connect.
    pub fn refusing(response: &'static str) -> Self {
        Self::start(move |mut client| {
            let request = read_head(&mut BufReader::new(&client))?;
            client.write_all(response.as_bytes()).ok()?;
            Some((request, client, None))
        })
    }

    /// Sends this part of a response, and then nothing until the client disconnects.
    pub fn stalling(start: &'static str) -> Self {
        Self::start(move |mut client| {
            read_head(&mut BufReader::new(&client))?;
            client.write_all(start.as_bytes()).ok()?;
            let _ = io::copy(&mut client, &mut io::sink());
            None
        })
    }

    /// A SOCKS 5 proxy (RFC 1928) without a password that connects to this port whatever the host
    /// name.
    pub fn socks(to: u16) -> Self {
        Self::accepting_socks(Some(to))
    }

    /// A SOCKS 5 proxy that accepts every connection; without a port it closes it at once.
    pub fn accepting_socks(to: Option<u16>) -> Self {
        Self::start(move |mut client| {
            let [_, methods] = read(&mut client)?;
            io::copy(&mut (&client).take(methods.into()), &mut io::sink()).ok()?;
            client.write_all(&[5, 0]).ok()?;
            // Version, CONNECT, reserved, and the kind of the address that follows: 3 is a name after
            // its length, 4 an IPv6 address.
            let [5, 1, 0, kind] = read(&mut client)? else { return None };
            let name = match kind {
                3 => {
                    let [length] = read(&mut client)?;
                    let mut name = vec![0; length.into()];
                    client.read_exact(&mut name).ok()?;
                    String::from_utf8(name).ok()?
                }
                4 => format!("[{}]", std::net::Ipv6Addr::from(read::<16>(&mut client)?)),
                _ => return None,
            };
            let port = u16::from_be_bytes(read(&mut client)?);
            client.write_all(&[5, 0, 0, 1, 127, 0, 0, 1, 0, 0]).ok()?;
            Some((format!("{name}:{port}"), client, to))
        })
    }

    fn start(
        greet: impl Fn(TcpStream) -> Option<(String, TcpStream, Option<u16>)> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (greet, notes) = (Arc::new(greet), Arc::clone(&requests));
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let (greet, notes) = (Arc::clone(&greet), Arc::clone(&notes));
                thread::spawn(move || {
                    let Some((request, mut client, to)) = greet(client) else { return };
                    notes.lock().unwrap().push(request);
                    let Some(to) = to else {
                        // To close it while bytes arrive would reset the connection, at times.
                        let _ = client.shutdown(Shutdown::Write);
                        let _ = io::copy(&mut client, &mut io::sink());
                        return;
                    };
                    join(client, TcpStream::connect(("127.0.0.1", to)).unwrap());
                });
            }
        });
        Self { port, requests }
    }

    /// Each request for a connection so far: the head, or the name with its port.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

fn read<const N: usize>(stream: &mut TcpStream) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes).ok()?;
    Some(bytes)
}

/// Forwards bytes in both directions until both sides have closed.
fn join(client: TcpStream, server: TcpStream) {
    let (mut to_server, mut from_client) =
        (server.try_clone().unwrap(), client.try_clone().unwrap());
    let up = thread::spawn(move || {
        let _ = io::copy(&mut from_client, &mut to_server);
        let _ = to_server.shutdown(Shutdown::Write);
    });
    let (mut from_server, mut to_client) = (server, client);
    let _ = io::copy(&mut from_server, &mut to_client);
    let _ = to_client.shutdown(Shutdown::Write);
    let _ = up.join();
}
