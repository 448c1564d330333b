//! A server inside the program that implements the API (`GET /omni/1/logs`) over real HTTP on
//! loopback, with generated traffic, for use without an account. It must never listen beyond
//! loopback, and must not share code with the client, so that a mistake in one is not hidden by the
//! same mistake in the other.

mod access;
mod body;
mod parameters;
mod scenario;
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

pub use scenario::Scenario;
use server::ServerState;
use throttle::Throttle;
use traffic::Traffic;

use crate::query::Query;

/// Returns the current time.
type TimeSource = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// The options of a [`Sandbox`]. The default uses a free port and the clock of the system, and allows
/// as many requests as the API.
#[non_exhaustive]
pub struct SandboxOptions {
    /// The port on 127.0.0.1; 0 for any free port.
    pub port: u16,
    /// Selects the generated traffic. The same seed always generates the same messages at the same
    /// times.
    pub seed: u64,
    /// What is wrong with the traffic or the server.
    pub scenario: Scenario,
    /// The anchor of the traffic: the first messages are sent 48 hours before it.
    pub now: DateTime<Utc>,
    /// How many requests are accepted in any 60 seconds; further ones receive HTTP 429. The published
    /// limit of the API is 120; 0 means no limit.
    pub rate_per_minute: u32,
    /// Returns the current time; called for each request. As time passes the anchor, messages
    /// arrive, pending ones get a final status, and old ones leave the 48-hour window.
    pub clock: Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>,
}

impl Default for SandboxOptions {
    fn default() -> Self {
        Self {
            port: 0,
            seed: 1,
            scenario: Scenario::default(),
            now: Utc::now(),
            rate_per_minute: Query::PUBLISHED_RATE,
            clock: Arc::new(Utc::now),
        }
    }
}

impl fmt::Debug for SandboxOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SandboxOptions")
            .field("port", &self.port)
            .field("seed", &self.seed)
            .field("scenario", &self.scenario)
            .field("now", &self.now)
            .field("rate_per_minute", &self.rate_per_minute)
            .finish_non_exhaustive()
    }
}

/// A running sandbox server. Dropping it stops the server and closes its connections.
#[derive(Debug)]
pub struct Sandbox {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Sandbox {
    /// Starts a server on 127.0.0.1 in its own thread. It accepts connections once this returns.
    ///
    /// # Errors
    /// When the port is in use or not permitted, or when a thread cannot be started.
    pub fn start(options: SandboxOptions) -> io::Result<Self> {
        let SandboxOptions { port, seed, scenario, now, rate_per_minute, clock } = options;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _context = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        let throttle = match scenario {
            Scenario::Throttled => Throttle::new(rate_per_minute).with_pauses(),
            _ => Throttle::new(rate_per_minute),
        };
        let state = Arc::new(ServerState {
            traffic: Mutex::new(Traffic::new(seed, now.timestamp_millis(), scenario)),
            throttle: Mutex::new(throttle),
            clock,
        });
        let (stop, stopped) = oneshot::channel::<()>();
        let serve = move || {
            runtime.block_on(server::serve(listener, state, async {
                // An error means that the sender was dropped, which ends the server too.
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

    /// The API key that is accepted (`Authorization: App …`). A request with the key `sandbox-no-scope`
    /// receives HTTP 403.
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
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}
