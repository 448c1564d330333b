//! A server inside the program that speaks the API (`GET /omni/1/logs`) over real HTTP on
//! loopback, with made-up traffic, for trying things out without an account. It must never reach
//! out of the machine, and shares no code with the client, so that neither hides the other's
//! mistakes.

mod access;
mod answer;
mod query;
mod select;
mod server;
#[cfg(test)]
mod tests;
mod throttle;
mod traffic;

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use chrono::{DateTime, Utc};
use tokio::sync::oneshot;

use server::State;
use throttle::Throttle;
use traffic::Traffic;

/// Tells what time it is.
type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// How a sandbox is set up.
pub struct Options {
    /// The port on 127.0.0.1; 0 takes any that is free.
    pub port: u16,
    /// Which of the many stories of traffic is told. One seed tells the same messages at the same
    /// moments, whenever it is asked.
    pub seed: u64,
    /// The moment that traffic is anchored at: its first message is sent in the 48 hours before.
    pub now: DateTime<Utc>,
    /// Requests answered in any sixty seconds; more get 429. The API publishes 120; 0 is no end.
    pub rate_per_minute: u32,
    /// What time it is, asked at each request. As it moves past the anchor, messages arrive,
    /// pending ones come to their end, and old ones leave the window of 48 hours.
    pub clock: Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>,
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("port", &self.port)
            .field("seed", &self.seed)
            .field("now", &self.now)
            .field("rate_per_minute", &self.rate_per_minute)
            .finish_non_exhaustive()
    }
}

/// A running sandbox. Dropping it stops the server and breaks its connections off.
#[derive(Debug)]
pub struct Sandbox {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Sandbox {
    /// Starts a server on 127.0.0.1, in a thread of its own. It takes connections when this
    /// returns.
    ///
    /// # Errors
    /// When the port is taken or may not be used, or when the system gives no thread.
    pub fn start(options: Options) -> io::Result<Self> {
        let Options { port, seed, now, rate_per_minute, clock } = options;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _context = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        let state = Arc::new(State {
            traffic: Mutex::new(Traffic::new(seed, now.timestamp_millis())),
            throttle: Mutex::new(Throttle::new(rate_per_minute)),
            clock,
        });
        let (stop, stopped) = oneshot::channel::<()>();
        let serve = move || {
            runtime.block_on(server::serve(listener, state, async {
                // Told to stop, or its owner is gone: the end either way.
                drop(stopped.await);
            }));
        };
        let thread = thread::Builder::new().name("sandbox".to_owned()).spawn(serve)?;
        Ok(Self { address, stop: Some(stop), thread: Some(thread) })
    }

    /// The base URL, `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The API key that is accepted (`Authorization: App …`). The key `sandbox-no-scope` is known
    /// too, but gets 403.
    #[must_use]
    pub const fn api_key(&self) -> &str {
        access::API_KEY
    }

    /// The user name that is accepted, with [`Self::password`] (`Authorization: Basic …`).
    #[must_use]
    pub const fn username(&self) -> &str {
        access::USERNAME
    }

    /// The password that is accepted, with [`Self::username`].
    #[must_use]
    pub const fn password(&self) -> &str {
        access::PASSWORD
    }

    /// The token that is accepted (`Authorization: Bearer …` and `Authorization: IBSSO …`).
    #[must_use]
    pub const fn token(&self) -> &str {
        access::TOKEN
    }

    /// Serves until the process ends.
    pub fn join(mut self) {
        if let Some(thread) = self.thread.take() {
            // Only a panic in the server's thread ends it first, and that has been reported there.
            drop(thread.join());
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}
