//! Checks the network up to an endpoint step by step: name lookup, connection, TLS handshake. Sends
//! no request and no credentials.
//!
//! Each step is separate, so that the first one that fails shows what is wrong. The handshake uses
//! the authorities and the proxy of a request, and stops where the request would follow. The caller
//! words the results.

use std::fmt;
use std::io::ErrorKind;
use std::net::SocketAddr;

use chrono::{DateTime, Utc};
use rustls::pki_types::CertificateDer;
use tower::BoxError;
use tower::util::MapResultLayer;
use x509_cert::der::Decode as _;

use crate::clock::Interrupt;
use crate::source::SourceError;
use crate::visible::visible;

use super::attempt_error::{AttemptError, Target};
use super::connect_error::cause;
use super::endpoint::Endpoint;
use super::network_wait::NetworkWait;
use super::proxy::{Proxy, ProxySettings};
use super::request::USER_AGENT;
use super::tls::{Authorities, HandshakeRecorder};
use super::transport::{Limits, Setup, built, shown};
use super::tunnel;

/// How to reach an endpoint; the fields are those of [`super::ClientOptions`].
#[derive(Debug)]
#[non_exhaustive]
pub struct ProbeOptions {
    /// The endpoint to reach.
    pub endpoint: Endpoint,
    /// The proxies to use.
    pub proxies: ProxySettings,
    /// Authorities to trust in place of the system's.
    pub authorities: Option<Authorities>,
    /// The value of the header `User-Agent`, which a proxy receives.
    pub user_agent: String,
    /// [`Limits::connect`] is the longest time for each step.
    pub limits: Limits,
}

impl ProbeOptions {
    /// Options for this endpoint: no proxy, the authorities of the system.
    #[must_use]
    pub fn new(endpoint: Endpoint) -> Self {
        Self {
            endpoint,
            proxies: ProxySettings::default(),
            authorities: None,
            user_agent: USER_AGENT.to_owned(),
            limits: Limits::default(),
        }
    }
}

/// Reaches an endpoint one step at a time.
pub struct Probe {
    options: ProbeOptions,
    proxy: Option<Proxy>,
    waiting: NetworkWait,
}

/// A connection that was established.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeConnection {
    /// The address that accepted the connection.
    pub address: SocketAddr,
    /// Addresses of the same name that were tried before it and did not accept.
    pub failed: Vec<SocketAddr>,
}

/// A completed handshake, in which the certificate was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handshake {
    /// `TLS 1.2` or `TLS 1.3`.
    pub version: Option<&'static str>,
    /// The server's certificate, when it can be read.
    pub certificate: Option<Certificate>,
}

/// The parts of a certificate that people want to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The last instant at which it is valid.
    pub not_after: DateTime<Utc>,
    /// The distinguished name of the issuer as in RFC 4514, shortened and made safe to show.
    pub issuer: String,
}

impl Probe {
    /// Prepares the steps; does not connect.
    ///
    /// # Errors
    /// When a proxy setting cannot be read.
    pub fn new(options: ProbeOptions, interrupt: Interrupt) -> Result<Self, SourceError> {
        let proxy = Proxy::of(&options.endpoint, &options.proxies)?;
        Ok(Self { options, proxy, waiting: NetworkWait::new(interrupt)? })
    }

    /// The URL of the proxy, if there is one, without user name and password.
    #[must_use]
    pub fn proxy(&self) -> Option<String> {
        self.proxy.as_ref().map(Proxy::name)
    }

    /// Whether the URL of the proxy has a user name.
    #[must_use]
    pub fn has_proxy_login(&self) -> bool {
        self.proxy.as_ref().is_some_and(Proxy::has_login)
    }

    /// Host and port that the steps connect to: those of the proxy, or else of the endpoint.
    #[must_use]
    pub fn peer(&self) -> String {
        self.proxy
            .as_ref()
            .map_or_else(|| self.options.endpoint.host_and_port(), Proxy::host_and_port)
    }

    /// Looks up the addresses of [`Probe::peer`], each once.
    ///
    /// # Errors
    /// When the name is not known, or the lookup takes longer than the limit.
    pub fn lookup(&self) -> Result<Vec<SocketAddr>, SourceError> {
        let peer = self.peer();
        let host = match &self.proxy {
            Some(_) => peer.clone(),
            None => self.options.endpoint.host(),
        };
        let target = Target { host, address: peer.clone(), proxy: None };
        let route = self.setup().target();
        let found = async {
            let found = tokio::net::lookup_host(peer.as_str()).await;
            let found =
                found.map_err(|error| AttemptError::name_lookup(&error.to_string(), &target))?;
            let mut addresses: Vec<SocketAddr> = Vec::new();
            for address in found {
                if !addresses.contains(&address) {
                    addresses.push(address);
                }
            }
            Ok(addresses)
        };
        let late = || AttemptError::transient(format!("the lookup of {peer} timed out"));
        let found = self.waiting.wait(self.options.limits.connect, found, late);
        found.map_err(|failed| failed.of_peer(&route).error)
    }

    /// Connects to the first of these addresses that accepts, and closes the connection.
    ///
    /// # Errors
    /// When none accepts within the limit.
    pub fn connect(&self, addresses: &[SocketAddr]) -> Result<ProbeConnection, SourceError> {
        let limit = self.options.limits.connect;
        let target = self.setup().target();
        let peer = target.peer();
        let late = || AttemptError::no_connection(Some(ErrorKind::TimedOut), &peer);
        let reached = async {
            let connected = tunnel::connect(addresses, limit).await;
            let (_, address, failed) =
                connected.map_err(|kind| AttemptError::no_connection(kind, &peer))?;
            Ok(ProbeConnection { address, failed })
        };
        let reached = self.waiting.wait(limit, reached, late);
        reached.map_err(|failed| failed.of_peer(&target).error)
    }

    /// Makes the TLS handshake of a request, through the proxy if there is one, and closes the
    /// connection.
    ///
    /// # Errors
    /// When the connection fails, or the certificate cannot be trusted.
    pub fn handshake(&self) -> Result<Handshake, SourceError> {
        let (setup, recorder) = (self.setup(), HandshakeRecorder::default());
        let layer = MapResultLayer::new(stop);
        let (builder, tunnel) = setup.builder(recorder.clone(), &self.waiting)?;
        let http = built(builder.connector_layer(layer))?;
        let (target, limit) = (setup.target(), self.options.limits.connect);
        let handshake = async {
            match http.get(self.options.endpoint.origin()).send().await {
                Err(error) if cause::<StopAfterConnect>(&error).is_some() => Ok(()),
                Err(error) => Err(tunnel::failure(tunnel.as_ref(), &error, &target, &shown(limit))),
                Ok(_) => Ok(()),
            }
        };
        let late = || match &tunnel {
            Some(tunnel) => tunnel.too_slow(&target, &shown(limit)),
            None => AttemptError::no_connection(Some(ErrorKind::TimedOut), &target.peer()),
        };
        self.waiting.wait(limit, handshake, late).map_err(|failed| failed.error)?;
        let seen = recorder.recorded();
        let certificate = seen.certificate.as_ref().and_then(Certificate::read);
        Ok(Handshake { version: seen.version, certificate })
    }

    fn setup(&self) -> Setup<'_> {
        Setup {
            endpoint: &self.options.endpoint,
            proxy: self.proxy.clone(),
            authorities: self.options.authorities.as_ref(),
            limits: self.options.limits,
            user_agent: &self.options.user_agent,
        }
    }
}

impl Certificate {
    fn read(der: &CertificateDer<'_>) -> Option<Self> {
        let parsed = x509_cert::Certificate::from_der(der).ok()?;
        let certificate = parsed.tbs_certificate();
        let not_after = certificate.validity().not_after.to_unix_duration().as_secs();
        let issuer: String = certificate.issuer().to_string().chars().take(120).collect();
        Some(Self {
            not_after: DateTime::from_timestamp(i64::try_from(not_after).ok()?, 0)?,
            issuer: visible(&issuer).into_owned(),
        })
    }
}

/// The error that takes the place of an established connection, so that no request follows.
#[derive(Debug)]
struct StopAfterConnect;

impl fmt::Display for StopAfterConnect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("connected")
    }
}

impl std::error::Error for StopAfterConnect {}

/// Drops a connection as soon as it is established.
fn stop<C>(connected: Result<C, BoxError>) -> Result<C, BoxError> {
    connected.and_then(|_| Err(StopAfterConnect.into()))
}

#[cfg(test)]
mod tests;
