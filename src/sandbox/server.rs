//! The HTTP side: takes connections on loopback, and answers each request from the traffic. One
//! thread does it all; no request waits for another's reader.

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

use super::Clock;
use super::access::{self, Access};
use super::answer::{self, Format};
use super::query::{self, Refused};
use super::select;
use super::throttle::Throttle;
use super::traffic::Traffic;

/// The one path that is served.
const PATH: &str = "/omni/1/logs";

/// What all connections share.
pub(super) struct State {
    pub(super) traffic: Mutex<Traffic>,
    pub(super) throttle: Mutex<Throttle>,
    pub(super) clock: Clock,
}

/// Serves until `stopped` comes about.
pub(super) async fn serve(
    listener: TcpListener,
    state: Arc<State>,
    stopped: impl Future<Output = ()>,
) {
    let mut stopped = std::pin::pin!(stopped);
    loop {
        tokio::select! {
            () = &mut stopped => return,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    tokio::spawn(converse(stream, Arc::clone(&state)));
                }
                // Out of file handles, or a peer that left at once: the next may fare better.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            },
        }
    }
}

/// Answers the requests of one connection until its peer has enough.
async fn converse(stream: TcpStream, state: Arc<State>) {
    // Else the last part of a large answer waits for the peer's acknowledgement; where the option
    // cannot be set, it does.
    drop(stream.set_nodelay(true));
    let service = service_fn(move |request: Request<Incoming>| {
        let answer = respond(&state, request.method(), request.uri(), request.headers());
        async move { Ok::<_, Infallible>(answer) }
    });
    let conversation = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service);
    // A peer that breaks off or talks no HTTP is its own concern, and nobody is there to be told.
    drop(conversation.await);
}

fn respond(
    state: &State,
    method: &Method,
    uri: &hyper::Uri,
    headers: &HeaderMap,
) -> Response<Full<Bytes>> {
    let now = (state.clock)();
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let format = Format::asked_by(text(header::ACCEPT));
    let authorization = text(header::AUTHORIZATION);
    let answered = check(state, method, uri.path(), authorization, now)
        .and_then(|()| query::parse(uri.query().unwrap_or_default()).map_err(Problem::from))
        .map(|query| {
            let mut traffic = state.traffic.lock().unwrap_or_else(PoisonError::into_inner);
            select::rows(&mut traffic, &query, now.timestamp_millis())
        });
    let (status, extra, body) = match answered {
        Ok(rows) => (StatusCode::OK, None, answer::rows(format, &rows)),
        Err(Problem { status, message_id, text, extra }) => {
            (status, extra, answer::refusal(format, message_id, &text))
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
    // The date of the sandbox's own clock, so that ages come out right whatever it is set to.
    let date = now.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    headers.extend(HeaderValue::try_from(date).ok().map(|date| (header::DATE, date)));
    headers.extend(extra);
    response
}

/// A request that gets no rows.
struct Problem {
    status: StatusCode,
    message_id: &'static str,
    text: String,
    extra: Option<(HeaderName, HeaderValue)>,
}

impl Problem {
    fn new(status: StatusCode, message_id: &'static str, text: &str) -> Self {
        Self { status, message_id, text: text.to_owned(), extra: None }
    }

    fn with(self, name: HeaderName, value: HeaderValue) -> Self {
        Self { extra: Some((name, value)), ..self }
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", &refused.to_string())
    }
}

/// What holds before the question is read: path, method, credentials, and not too often.
fn check(
    state: &State,
    method: &Method,
    path: &str,
    authorization: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    if path != PATH {
        let text = "Requested URL not found";
        return Err(Problem::new(StatusCode::NOT_FOUND, "NOT_FOUND", text));
    }
    if method != Method::GET {
        let text = "Request method is not supported; use GET";
        let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", text);
        return Err(problem.with(header::ALLOW, HeaderValue::from_static("GET")));
    }
    match access::judge(authorization) {
        Access::Granted => {}
        Access::Forbidden => {
            let text = "Forbidden: the scope omni-failover:logs:read is missing";
            return Err(Problem::new(StatusCode::FORBIDDEN, "UNAUTHORIZED", text));
        }
        Access::Unknown => {
            let text = "Invalid login details";
            let problem = Problem::new(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", text);
            let challenge = HeaderValue::from_static("Basic realm=\"sandbox\"");
            return Err(problem.with(header::WWW_AUTHENTICATE, challenge));
        }
    }
    let mut throttle = state.throttle.lock().unwrap_or_else(PoisonError::into_inner);
    throttle.pass(now).map_err(|seconds| {
        let text = "Too many requests";
        Problem::new(StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_REQUESTS", text)
            .with(header::RETRY_AFTER, HeaderValue::from(seconds))
    })
}
