//! Sends one request and receives one complete response, within limits.
//!
//! Never follows a redirect, never retries, sends no `Referer`. `response` decides what a response
//! means.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_ENCODING, HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;

use crate::clock::Interrupt;
use crate::source::{Hint, SourceError};

use super::attempt_error::{AttemptError, Target};
use super::body::{BodyError, BodyReader, ResponseBody};
use super::endpoint::Endpoint;
use super::network_wait::NetworkWait;
use super::proxy::Proxy;
use super::request::Request;
use super::tls::{self, Authorities, HandshakeRecorder, Trust};
use super::tunnel::{self, Route, Tunnel};

/// The longest wait for the body of a response other than HTTP 200: its status says enough.
const MAX_ERROR_BODY_WAIT: Duration = Duration::from_secs(5);
/// How many bytes of such a body are read: its beginning is enough for a message.
const MAX_ERROR_BODY: usize = 1 << 20;

/// The limits of one request and its response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Time to connect, TLS included.
    pub connect: Duration,
    /// The longest pause between two parts of the body.
    pub stall: Duration,
    /// Bytes of the decompressed body.
    pub body: usize,
    /// Bytes of the headers.
    pub head: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            stall: Duration::from_secs(30),
            body: 64 << 20,
            head: 64 << 10,
        }
    }
}

/// A response with a decompressed body.
#[derive(Debug)]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: ResponseBody,
}

/// A connection to one endpoint, kept open between requests.
pub(super) struct Transport {
    waiting: NetworkWait,
    http: reqwest::Client,
    tunnel: Option<Tunnel>,
    target: Target,
    limits: Limits,
    /// The first handshake with the endpoint.
    handshake: HandshakeRecorder,
}

/// What a connection depends on.
pub(super) struct Setup<'a> {
    pub(super) endpoint: &'a Endpoint,
    pub(super) proxy: Option<Proxy>,
    pub(super) authorities: Option<&'a Authorities>,
    pub(super) limits: Limits,
    pub(super) user_agent: &'a str,
}

impl Setup<'_> {
    /// The settings of an HTTP client for this endpoint; `recorder` records its handshakes. The
    /// authorities of the system are loaded for https only.
    pub(super) fn builder(
        &self,
        recorder: HandshakeRecorder,
        waiting: &NetworkWait,
    ) -> Result<(reqwest::ClientBuilder, Option<Tunnel>), SourceError> {
        let tls = self.tls(recorder)?;
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .https_only(self.endpoint.is_https())
            .http1_only()
            .http1_max_headers(100)
            .redirect(Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .no_proxy()
            .connect_timeout(self.limits.connect)
            .pool_max_idle_per_host(1)
            .user_agent(self.user_agent);
        let Some(proxy) = &self.proxy else { return Ok((builder, None)) };
        let tls = proxy.is_https().then(|| self.tls(HandshakeRecorder::default())).transpose()?;
        let route = Route {
            proxy: proxy.clone(),
            target: self.target(),
            user_agent: self.user_agent.to_owned(),
            tls: tls.map(Arc::new),
            limit: self.limits.connect,
        };
        let tunnel = Tunnel::open(route, waiting)?;
        builder = builder.unix_socket(tunnel.address().to_owned());
        Ok((builder, Some(tunnel)))
    }

    fn tls(&self, recorder: HandshakeRecorder) -> Result<rustls::ClientConfig, SourceError> {
        let trust = match self.authorities {
            _ if !self.endpoint.is_https() => Trust::None,
            Some(authorities) => Trust::Only(authorities),
            None => Trust::System,
        };
        tls::config(&trust, recorder).map_err(|_| {
            let message = "no certificate authorities were found to verify the server with";
            AttemptError::permanent(message.to_owned(), None)
                .with_hint(Hint::ProvideAuthorities)
                .error
        })
    }

    /// Where requests go, for messages.
    pub(super) fn target(&self) -> Target {
        Target {
            host: self.endpoint.host(),
            address: self.endpoint.host_and_port(),
            proxy: self.proxy.as_ref().map(Proxy::name),
        }
    }
}

/// The HTTP client with these settings.
pub(super) fn built(builder: reqwest::ClientBuilder) -> Result<reqwest::Client, SourceError> {
    builder.build().map_err(|_| unusable("the HTTP client cannot be set up"))
}

fn unusable(message: &str) -> SourceError {
    AttemptError::permanent(message.to_owned(), None).error
}

impl Transport {
    /// Prepares the client; the first request connects.
    pub(super) fn new(setup: &Setup<'_>, interrupt: Interrupt) -> Result<Self, SourceError> {
        let waiting = NetworkWait::new(interrupt)?;
        let handshake = HandshakeRecorder::default();
        let (builder, tunnel) = setup.builder(handshake.clone(), &waiting)?;
        Ok(Self {
            http: built(builder)?,
            tunnel,
            waiting,
            target: setup.target(),
            limits: setup.limits,
            handshake,
        })
    }

    /// The URL of the proxy, if there is one, without user name and password.
    pub(super) fn proxy(&self) -> Option<&str> {
        self.target.proxy.as_deref()
    }

    /// Sends a request and waits for the complete response, for `limit` at most. The body is read
    /// into `buffer`.
    pub(super) fn exchange(
        &self,
        request: &Request,
        authorization: HeaderValue,
        buffer: Vec<u8>,
        limit: Duration,
    ) -> Result<Response, AttemptError> {
        // The status of an error must not be lost because its body is slow.
        let error_body = MAX_ERROR_BODY_WAIT.min(limit / 2);
        let status = Cell::new(None);
        let response = self.response(request, authorization, buffer, error_body, &status);
        self.waiting.wait(limit, response, || match (status.get(), &self.tunnel) {
            (Some(status), _) => self.too_slow(limit).with_status(status),
            (None, Some(tunnel)) if self.handshake.recorded().version.is_none() => {
                tunnel.too_slow(&self.target, &shown(limit))
            }
            (None, _) => self.too_slow(limit),
        })
    }

    /// Receives the response; stores its status as soon as the head has arrived.
    async fn response(
        &self,
        request: &Request,
        authorization: HeaderValue,
        buffer: Vec<u8>,
        error_body: Duration,
        received: &Cell<Option<u16>>,
    ) -> Result<Response, AttemptError> {
        let mut builder = self.http.get(request.url()).header(AUTHORIZATION, authorization);
        for (name, value) in request.headers() {
            builder = builder.header(name, value);
        }
        let mut response = builder.send().await.map_err(|error| {
            let limit = shown(self.limits.connect);
            tunnel::failure(self.tunnel.as_ref(), &error, &self.target, &limit)
        })?;
        let status = response.status().as_u16();
        received.set(Some(status));
        let headers = std::mem::take(response.headers_mut());
        let length: usize =
            headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
        if length > self.limits.head {
            return Err(AttemptError::head_too_large(&self.target.host).with_status(status));
        }
        let body = if status == 200 {
            let body = self.body(&mut response, &headers, buffer).await;
            body.map_err(|error| error.with_status(status))?
        } else {
            self.error_body(&mut response, &headers, error_body).await
        };
        Ok(Response { status, headers, body })
    }

    async fn body(
        &self,
        response: &mut reqwest::Response,
        headers: &HeaderMap,
        buffer: Vec<u8>,
    ) -> Result<ResponseBody, AttemptError> {
        let gzip = self.is_gzip(headers)?;
        let expected = response.content_length();
        let mut reader = BodyReader::new(gzip, expected, self.limits.body, buffer);
        loop {
            let chunk = tokio::time::timeout(self.limits.stall, response.chunk())
                .await
                .map_err(|_| self.stalled())?
                .map_err(|_| AttemptError::in_body(&self.target))?;
            let Some(chunk) = chunk else { break };
            reader.push(&chunk).map_err(|error| self.unusable(error))?;
            // A connection that always has bytes ready must not prevent the check of the limit.
            tokio::task::yield_now().await;
        }
        reader.finish().map_err(|error| self.unusable(error))
    }

    /// As much of the body as arrives in time: the status alone shows that there was an error.
    async fn error_body(
        &self,
        response: &mut reqwest::Response,
        headers: &HeaderMap,
        limit: Duration,
    ) -> ResponseBody {
        let gzip = self.is_gzip(headers).unwrap_or(false);
        let mut reader = BodyReader::new(gzip, None, MAX_ERROR_BODY, Vec::new());
        let read = async {
            while let Ok(Some(chunk)) = response.chunk().await
                && reader.push(&chunk).is_ok()
            {
                tokio::task::yield_now().await;
            }
        };
        // The bytes that arrive within the limit are enough.
        let _ = tokio::time::timeout(limit, read).await;
        reader.so_far()
    }

    /// Whether the body is compressed; gzip is the only coding that is requested.
    fn is_gzip(&self, headers: &HeaderMap) -> Result<bool, AttemptError> {
        let mut gzip = false;
        for value in headers.get_all(CONTENT_ENCODING) {
            let coding = String::from_utf8_lossy(value.as_bytes()).trim().to_ascii_lowercase();
            match coding.as_str() {
                "" | "identity" => {}
                "gzip" | "x-gzip" if !gzip => gzip = true,
                _ => {
                    let host = &self.target.host;
                    let message =
                        format!("{host} compresses its response in a way that was not requested");
                    return Err(AttemptError::not_understood(message, None));
                }
            }
        }
        Ok(gzip)
    }

    fn unusable(&self, error: BodyError) -> AttemptError {
        let host = &self.target.host;
        match error {
            BodyError::Truncated => AttemptError::in_body(&self.target),
            BodyError::NotGzip => AttemptError::not_understood(
                format!("{host} announces a gzip body and sends something else"),
                None,
            ),
            BodyError::TooLarge => AttemptError::not_understood(
                format!("the response of {host} is larger than {} MiB", self.limits.body >> 20),
                None,
            )
            .with_hint(Hint::RequestFewerRows),
        }
    }

    fn too_slow(&self, limit: Duration) -> AttemptError {
        let Target { host, proxy, .. } = &self.target;
        let through = proxy.as_ref().map(|proxy| format!(" through the proxy {proxy}"));
        let (through, limit) = (through.unwrap_or_default(), shown(limit));
        AttemptError::transient(format!("{host} sent no complete response{through} within {limit}"))
    }

    fn stalled(&self) -> AttemptError {
        let stall = shown(self.limits.stall);
        AttemptError::transient(format!(
            "{} stopped sending for {stall} in the middle of a response",
            self.target.host
        ))
    }
}

/// Rounded to the millisecond: the time until a deadline has nanoseconds.
pub(super) fn shown(time: Duration) -> String {
    format!("{} s", (time.as_secs_f64() * 1000.0).round() / 1000.0)
}

/// The text of a header; `None` when it is missing or not text.
pub(super) fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}
