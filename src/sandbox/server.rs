//! The HTTP server: accepts connections on loopback and responds to each request from the traffic.
//! One thread serves all connections; a slow reader on one connection does not delay the others.

use std::convert::Infallible;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};

use super::TimeSource;
use super::access::{self, Authorization};
use super::body::{self, BodyFormat};
use super::parameters::{self, InvalidParameter};
use super::throttle::Throttle;
use super::traffic::Traffic;

/// The only path that is served.
const PATH: &str = "/omni/1/logs";

/// State shared by all connections.
pub(super) struct ServerState {
    pub(super) traffic: Mutex<Traffic>,
    pub(super) throttle: Mutex<Throttle>,
    pub(super) clock: TimeSource,
}

/// Serves until `stopped` completes.
pub(super) async fn serve(
    listener: TcpListener,
    state: Arc<ServerState>,
    stopped: impl Future<Output = ()>,
) {
    let mut stopped = std::pin::pin!(stopped);
    loop {
        tokio::select! {
            () = &mut stopped => return,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    tokio::spawn(serve_connection(stream, Arc::clone(&state)));
                }
                // Out of file descriptors, or the peer closed at once: a later attempt may succeed.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            },
        }
    }
}

/// Responds to the requests of one connection until its peer closes it.
async fn serve_connection(stream: TcpStream, state: Arc<ServerState>) {
    // Without this option, the last part of a large response waits for an acknowledgement of the peer.
    // When it cannot be set, responses are only slower.
    drop(stream.set_nodelay(true));
    let service = service_fn(move |request: Request<Incoming>| {
        let response = respond(&state, request.method(), request.uri(), request.headers());
        async move { Ok::<_, Infallible>(response) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service);
    // A peer that disconnects or does not speak HTTP is not an error of the server.
    drop(connection.await);
}

fn respond(
    state: &ServerState,
    method: &Method,
    uri: &hyper::Uri,
    headers: &HeaderMap,
) -> Response<Full<Bytes>> {
    let now = (state.clock)();
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let format = BodyFormat::from_accept(text(header::ACCEPT));
    let authorization = text(header::AUTHORIZATION);
    let result = check(state, method, uri.path(), authorization, now)
        .and_then(|()| {
            parameters::parse(uri.query().unwrap_or_default()).map_err(RefusedRequest::from)
        })
        .map(|parameters| {
            let mut traffic = state.traffic.lock().unwrap_or_else(PoisonError::into_inner);
            parameters.rows(&mut traffic, now.timestamp_millis())
        });
    let (status, extra, body) = match result {
        Ok(rows) => (StatusCode::OK, None, body::rows(format, &rows)),
        Err(RefusedRequest { status, message_id, text, extra }) => {
            (status, extra, body::error(format, message_id, &text))
        }
    };
    let mut response = Response::default();
    match body {
        Ok(body) => {
            *response.status_mut() = status;
            *response.body_mut() = Full::from(body);
        }
        Err(_) => *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR,
    }
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(format.content_type()));
    // The date of the clock of the sandbox, so that the ages of messages are correct with any clock.
    let date = now.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    headers.extend(HeaderValue::try_from(date).ok().map(|date| (header::DATE, date)));
    headers.extend(extra);
    response
}

/// A refused request: the status of the response, the texts of its body, and an additional header.
struct RefusedRequest {
    status: StatusCode,
    message_id: &'static str,
    text: String,
    extra: Option<(HeaderName, HeaderValue)>,
}

impl RefusedRequest {
    fn new(status: StatusCode, message_id: &'static str, text: &str) -> Self {
        Self { status, message_id, text: text.to_owned(), extra: None }
    }

    fn with(self, name: HeaderName, value: HeaderValue) -> Self {
        Self { extra: Some((name, value)), ..self }
    }
}

impl From<InvalidParameter> for RefusedRequest {
    fn from(refused: InvalidParameter) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", &refused.to_string())
    }
}

/// Checks path, method, credentials and rate before the parameters are parsed.
fn check(
    state: &ServerState,
    method: &Method,
    path: &str,
    authorization: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), RefusedRequest> {
    if path != PATH {
        let text = "Requested URL not found";
        return Err(RefusedRequest::new(StatusCode::NOT_FOUND, "NOT_FOUND", text));
    }
    if method != Method::GET {
        let text = "Request method is not supported; use GET";
        let problem =
            RefusedRequest::new(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", text);
        return Err(problem.with(header::ALLOW, HeaderValue::from_static("GET")));
    }
    match access::check(authorization) {
        Authorization::Granted => {}
        Authorization::Forbidden => {
            let text = "Forbidden: the scope omni-failover:logs:read is missing";
            return Err(RefusedRequest::new(StatusCode::FORBIDDEN, "UNAUTHORIZED", text));
        }
        Authorization::Unknown => {
            let text = "Invalid login details";
            let problem = RefusedRequest::new(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", text);
            let challenge = HeaderValue::from_static("Basic realm=\"sandbox\"");
            return Err(problem.with(header::WWW_AUTHENTICATE, challenge));
        }
    }
    let mut throttle = state.throttle.lock().unwrap_or_else(PoisonError::into_inner);
    throttle.accept(now).map_err(|seconds| {
        let text = "Too many requests";
        RefusedRequest::new(StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_REQUESTS", text)
            .with(header::RETRY_AFTER, HeaderValue::from(seconds))
    })
}
