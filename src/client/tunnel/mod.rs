//! A connection to the endpoint through a proxy.
//!
//! The HTTP client connects to a socket inside this process, and the tunnel forwards its bytes through
//! the proxy. The proxy support of the HTTP client does not report the response of a proxy that
//! refuses, and does not reach IPv6 addresses through SOCKS. The tunnel cannot read requests: they are
//! encrypted by TLS between the client and the endpoint.

mod http;
mod socket;
mod socks;

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpStream, UnixListener, UnixStream};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;

use super::attempt_error::{AttemptError, Target};
use super::connect_error::cause;
use super::network_wait::NetworkWait;
use super::proxy::Proxy;
use super::tls_error;
use crate::source::SourceError;

/// A connection to the proxy, with or without TLS.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// The endpoint of a tunnel, and the proxy on the way to it.
pub(super) struct Route {
    pub(super) proxy: Proxy,
    /// The endpoint.
    pub(super) target: Target,
    /// The value of the header `User-Agent`, which the proxy receives.
    pub(super) user_agent: String,
    /// The TLS settings for a proxy that is itself reached over TLS.
    pub(super) tls: Option<Arc<ClientConfig>>,
    /// The longest time to connect to the proxy.
    pub(super) limit: Duration,
}

/// A socket inside this process that leads to an endpoint through a proxy.
pub(super) struct Tunnel {
    address: PathBuf,
    state: Arc<TunnelState>,
    task: JoinHandle<()>,
}

/// What became of the last connection.
#[derive(Default)]
struct TunnelState {
    failure: Mutex<Option<AttemptError>>,
    stage: Mutex<Stage>,
}

/// How far a connection has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    /// Looking up the endpoint, where this is left to this machine.
    #[default]
    Lookup,
    /// Connecting to the proxy.
    Connecting,
    /// In the TLS handshake with a proxy that is itself reached over TLS.
    Handshake,
    /// Waiting for the response of the proxy to the request to connect to the endpoint.
    Requesting,
    /// The proxy has connected to the endpoint.
    Connected,
}

impl TunnelState {
    fn enter(&self, stage: Stage) {
        *self.stage.lock().unwrap_or_else(PoisonError::into_inner) = stage;
    }

    fn stage(&self) -> Stage {
        *self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tunnel {
    /// Starts to listen; does not connect to the proxy yet.
    pub(super) fn open(route: Route, waiting: &NetworkWait) -> Result<Self, SourceError> {
        let unusable =
            || AttemptError::permanent("no socket for the proxy can be set up".into(), None);
        let _context = waiting.enter();
        let (listener, address) = socket::listen().map_err(|_| unusable().error)?;
        let state = Arc::default();
        let task = tokio::spawn(serve(listener, Arc::new(route), Arc::clone(&state)));
        Ok(Self { address, state, task })
    }

    /// The path of the socket that the HTTP client connects to.
    pub(super) fn address(&self) -> &Path {
        &self.address
    }

    /// Why the last connection failed, if the endpoint was not reached. Returns each error once.
    fn take_failure(&self) -> Option<AttemptError> {
        self.state.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Whether the proxy has connected to the endpoint for the last connection.
    fn is_connected(&self) -> bool {
        self.state.stage() == Stage::Connected
    }

    /// The error when the endpoint is not reached, TLS included, within this time.
    pub(super) fn too_slow(&self, target: &Target, limit: &str) -> AttemptError {
        let (proxy, host) = (target.peer(), &target.host);
        let message = match self.state.stage() {
            Stage::Lookup => format!("the lookup of {host} took longer than {limit}"),
            Stage::Connecting => format!("no connection to {proxy} in time"),
            Stage::Handshake => {
                format!("{proxy} did not complete the TLS handshake with it within {limit}")
            }
            Stage::Requesting => {
                format!(
                    "{proxy} did not respond within {limit} to the request to connect to {host}"
                )
            }
            Stage::Connected => format!(
                "{proxy} accepted the connection to {host}, but the TLS handshake took longer than \
                 {limit}"
            ),
        };
        AttemptError::transient(message).of_proxy()
    }
}

/// Why a request got no response, through this tunnel if there is one. `limit` is the time to connect.
pub(super) fn failure(
    tunnel: Option<&Tunnel>,
    error: &reqwest::Error,
    target: &Target,
    limit: &str,
) -> AttemptError {
    let Some(tunnel) = tunnel else {
        return AttemptError::before_response(error, target, false);
    };
    tunnel.take_failure().unwrap_or_else(|| {
        if error.is_connect() && error.is_timeout() {
            return tunnel.too_slow(target, limit);
        }
        AttemptError::before_response(error, target, tunnel.is_connected())
    })
}

impl Drop for Tunnel {
    fn drop(&mut self) {
        self.task.abort();
        socket::remove(&self.address);
    }
}

async fn serve(listener: UnixListener, route: Arc<Route>, state: Arc<TunnelState>) {
    while let Ok((client, _)) = listener.accept().await {
        if !socket::is_own(&client) {
            continue;
        }
        let (route, state) = (Arc::clone(&route), Arc::clone(&state));
        state.enter(Stage::Lookup);
        tokio::spawn(async move {
            match route.connect(&state).await {
                Ok((server, early)) => {
                    state.enter(Stage::Connected);
                    carry(client, server, &early).await;
                }
                // Stored before `client` is dropped, so that the error is there when the HTTP client
                // finds its connection closed.
                Err(error) => {
                    *state.failure.lock().unwrap_or_else(PoisonError::into_inner) =
                        Some(error.of_proxy());
                }
            }
        });
    }
}

async fn carry(mut client: UnixStream, mut server: Box<dyn Stream>, early: &[u8]) {
    // An error means that one side closed the connection; dropping both closes the other side.
    if client.write_all(early).await.is_ok() {
        let _ = copy_bidirectional(&mut client, &mut server).await;
    }
}

impl Route {
    /// Connects to the endpoint. Also returns the bytes that it has already sent.
    async fn connect(
        &self,
        state: &TunnelState,
    ) -> Result<(Box<dyn Stream>, Vec<u8>), AttemptError> {
        let socks = match self.proxy.socks() {
            Some(socks) => Some((socks, socks::Destination::of(&self.target, socks).await?)),
            None => None,
        };
        state.enter(Stage::Connecting);
        let address = self.proxy.host_and_port();
        let addresses = tokio::net::lookup_host(address.as_str())
            .await
            .map_err(|error| AttemptError::proxy_lookup(&error.to_string(), &self.target.peer()))?
            .collect::<Vec<_>>();
        let tcp = connect(&addresses, self.limit).await;
        let (tcp, ..) =
            tcp.map_err(|kind| AttemptError::no_connection(kind, &self.target.peer()))?;
        let mut stream: Box<dyn Stream> = match &self.tls {
            Some(tls) => {
                state.enter(Stage::Handshake);
                Box::new(over_tls(tcp, tls, &address, &self.target.peer()).await?)
            }
            None => Box::new(tcp),
        };
        state.enter(Stage::Requesting);
        let early = if let Some((socks, destination)) = &socks {
            socks::connect(&mut stream, &self.proxy, *socks, destination, &self.target).await?;
            Vec::new()
        } else {
            let authorization = self.proxy.authorization();
            http::connect(&mut stream, &self.target, &self.user_agent, authorization).await?
        };
        Ok((stream, early))
    }
}

async fn over_tls(
    tcp: TcpStream,
    config: &Arc<ClientConfig>,
    address: &str,
    proxy: &str,
) -> Result<tokio_rustls::client::TlsStream<TcpStream>, AttemptError> {
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    let host = host.trim_matches(['[', ']']).to_owned();
    let name = ServerName::try_from(host).map_err(|_| {
        AttemptError::permanent(format!("the host of {proxy} cannot be read"), None)
    })?;
    TlsConnector::from(Arc::clone(config)).connect(name, tcp).await.map_err(|error| {
        match cause::<rustls::Error>(&error) {
            Some(error) => tls_error::of_server(error, proxy, proxy),
            None => AttemptError::no_connection(Some(error.kind()), proxy),
        }
    })
}

/// Connects to the first of these addresses that accepts; also returns those that did not.
pub(super) async fn connect(
    addresses: &[SocketAddr],
    limit: Duration,
) -> Result<(TcpStream, SocketAddr, Vec<SocketAddr>), Option<ErrorKind>> {
    let end = Instant::now() + limit;
    let mut failed = Vec::new();
    let mut last = None;
    for &address in addresses {
        // Each gets an equal share of the remaining time, so that one that does not respond leaves
        // time for the others.
        let rest = u32::try_from(addresses.len() - failed.len()).unwrap_or(u32::MAX);
        let share = Instant::now() + end.duration_since(Instant::now()) / rest;
        last = Some(match timeout_at(share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok((stream, address, failed)),
            Ok(Err(error)) => error.kind(),
            Err(_) => ErrorKind::TimedOut,
        });
        failed.push(address);
    }
    Err(last)
}
