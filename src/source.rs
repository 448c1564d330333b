//! Where rows come from: the trait [`Source`], its kinds, and why a page could not be fetched.

use std::fmt;
use std::time::Duration;

pub use crate::model::Gap;
use crate::model::{Page, Timestamp};
use crate::query::Query;

/// Something that fetches pages of messages: the API, a saved response or the archive.
pub trait Source {
    /// Fetches one page: the response to one request, decoded completely.
    ///
    /// # Errors
    /// When no complete response could be read, after any retries.
    fn fetch(&mut self, query: &Query) -> Result<Page, SourceError>;

    /// Sets the time at which every later fetch ends, whatever it is waiting for; `None` removes
    /// the limit. The time is one of [`Clock::elapsed`](crate::clock::Clock::elapsed), by the clock
    /// that the source was given. A source that never waits ignores it.
    fn set_deadline(&mut self, deadline: Option<Duration>) {
        let _ = deadline;
    }

    /// The kind of the source.
    fn kind(&self) -> SourceKind;

    /// How long the source keeps a message after it was sent; `None` if messages do not expire.
    fn retention(&self) -> Option<Duration> {
        self.kind().retention()
    }
}

/// How long the API keeps messages.
pub const API_RETENTION: Duration = Duration::from_secs(48 * 60 * 60);

/// The kinds of sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SourceKind {
    /// The OMNI API.
    Api,
    /// A server that speaks the API, with generated messages.
    Sandbox,
    /// A saved response.
    File,
    /// The archive.
    Archive,
}

impl SourceKind {
    /// How long sources of this kind keep a message after it was sent; `None` if messages do not
    /// expire.
    #[must_use]
    pub const fn retention(self) -> Option<Duration> {
        match self {
            Self::Api | Self::Sandbox => Some(API_RETENTION),
            Self::File | Self::Archive => None,
        }
    }

    /// The earliest time of sending of the messages that a source of this kind still keeps at `now`;
    /// `None` if messages do not expire.
    #[must_use]
    pub fn kept_since(self, now: Timestamp) -> Option<Timestamp> {
        let retention = i64::try_from(self.retention()?.as_millis()).ok()?;
        Some(now.plus_millis(-retention))
    }

    /// The latest time of sending of the messages that a source of this kind can have at `now`; `None`
    /// for messages that were saved, because the clock of the server that sent them is not known.
    #[must_use]
    pub const fn sent_until(self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Api | Self::Sandbox => Some(now),
            Self::File | Self::Archive => None,
        }
    }
}

impl<S: Source + ?Sized> Source for &mut S {
    fn fetch(&mut self, query: &Query) -> Result<Page, SourceError> {
        (**self).fetch(query)
    }

    fn set_deadline(&mut self, deadline: Option<Duration>) {
        (**self).set_deadline(deadline);
    }

    fn kind(&self) -> SourceKind {
        (**self).kind()
    }

    fn retention(&self) -> Option<Duration> {
        (**self).retention()
    }
}

impl<S: Source + ?Sized> Source for Box<S> {
    fn fetch(&mut self, query: &Query) -> Result<Page, SourceError> {
        (**self).fetch(query)
    }

    fn set_deadline(&mut self, deadline: Option<Duration>) {
        (**self).set_deadline(deadline);
    }

    fn kind(&self) -> SourceKind {
        (**self).kind()
    }

    fn retention(&self) -> Option<Duration> {
        (**self).retention()
    }
}

/// Why a page could not be fetched. Texts are safe to show: no secret, no query value, no message
/// text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// HTTP 401: the API refused the credentials, if the body is an error body of the API.
    #[error("{}", refusal(host, *status, body, "refused the credentials"))]
    Unauthorized {
        /// Which server.
        host: String,
        /// The HTTP status.
        status: u16,
        /// The body of the response.
        body: ErrorBody,
    },
    /// HTTP 403: the API accepted the credentials, but they may not read logs, if the body is an
    /// error body of the API.
    #[error("{}", refusal(host, *status, body, "accepted the credentials, but does not let them read logs"))]
    Forbidden {
        /// Which server.
        host: String,
        /// The HTTP status.
        status: u16,
        /// The body of the response.
        body: ErrorBody,
    },
    /// HTTP 429, for longer than the caller is ready to wait: the API throttles requests, if the body is
    /// an error body of the API.
    #[error("{}", throttling(host, *status, *retry_after, body))]
    Throttled {
        /// Which server.
        host: String,
        /// The HTTP status, which is another one if only the body says that the API throttles.
        status: u16,
        /// The body of the response.
        body: ErrorBody,
        /// How long to wait: what the server said, or else the retry policy.
        retry_after: Option<Duration>,
    },
    /// HTTP 5xx, also after retries: the API failed, if the body is an error body of the API.
    #[error("{}", refusal(host, *status, body, "failed"))]
    Server {
        /// The host that failed.
        host: String,
        /// The HTTP status.
        status: u16,
        /// The body of the response.
        body: ErrorBody,
    },
    /// The server was not reached, or the response was cut off.
    #[error("{}", with_status(*status, message))]
    Unreachable {
        /// What happened, without the status.
        message: String,
        /// What to do about it.
        hint: Option<Hint>,
        /// Whether a retry may help.
        transient: bool,
        /// Whether the proxy, or the connection to it, failed.
        at_proxy: bool,
        /// The HTTP status, if the head of a response arrived.
        status: Option<u16>,
    },
    /// The response was complete, but cannot be read.
    #[error("{}", with_status(*status, message))]
    NotUnderstood {
        /// What the response is, or what is wrong with it, without the status.
        message: String,
        /// What to do about it.
        hint: Option<Hint>,
        /// The HTTP status of the response; `None` when it is a file.
        status: Option<u16>,
    },
    /// Any other HTTP 4xx: the API refused the query, if the body is an error body of the API.
    #[error("{}", refusal(host, *status, body, "refused the query"))]
    Refused {
        /// Which server.
        host: String,
        /// The HTTP status.
        status: u16,
        /// The body of the response.
        body: ErrorBody,
    },
    /// A saved response could not be read.
    #[error("cannot read {name}: {reason}")]
    File {
        /// The name of the file.
        name: String,
        /// The error text of the system.
        reason: String,
    },
    /// The archive could not be read.
    #[error("{message}")]
    Archive {
        /// What happened.
        message: String,
        /// Whether the archive as it is cannot be used, for example because it is damaged, in use or
        /// of another version. Otherwise an I/O error occurred.
        is_unusable: bool,
    },
    /// The rate allows no request before the deadline of [`Source::set_deadline`].
    #[error("the request rate allows no more requests in the remaining time")]
    OutOfTime,
    /// The run was interrupted.
    #[error("interrupted")]
    Interrupted,
}

/// What may solve the problem. If that is a setting, the hint names the setting and the program
/// words the text, because only the program knows the name of the setting on its command line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hint {
    /// Advice that involves no setting.
    Text(String),
    /// The certificate may come from a private authority of the user: trust it
    /// ([`ClientOptions::authorities`](crate::ClientOptions::authorities)).
    TrustAuthority,
    /// The system has no certificate authorities: install them, or name some to trust
    /// ([`ClientOptions::authorities`](crate::ClientOptions::authorities)).
    ProvideAuthorities,
    /// The address of the proxy is wrong
    /// ([`ClientOptions::proxies`](crate::ClientOptions::proxies)).
    CheckProxySettings,
    /// Request fewer rows ([`Query::limit`]), or a shorter time range.
    RequestFewerRows,
    /// The server redirects to another address, which the message names: use that one as the base
    /// URL if it is trusted.
    ChangeBaseUrl,
}

impl From<String> for Hint {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Hint {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// The body of a response with an error status.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorBody {
    /// An error body of the API. Only such a body proves that the API itself refused the request.
    Api {
        /// The reason that the body gives; may be empty.
        reason: String,
        /// The parameters that the API refuses, at most 20.
        violations: Box<[Violation]>,
        /// The number of refused parameters after these.
        omitted_violations: usize,
    },
    /// Any other body, which may come from a proxy or a firewall in between.
    Other {
        /// A description of the body: `an empty body`, `an HTML page titled «…»`.
        description: String,
    },
}

/// A parameter that the API refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The name of the parameter; empty if the API does not give it.
    pub property: String,
    /// What is wrong with it.
    pub text: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.property.as_str(), self.text.as_str()) {
            ("", text) => f.write_str(text),
            (property, "") => f.write_str(property),
            (property, text) => write!(f, "{property}: {text}"),
        }
    }
}

impl SourceError {
    /// The HTTP status of the response, when that is what failed.
    #[must_use]
    pub fn http_status(&self) -> Option<u16> {
        match self {
            Self::Unauthorized { status, .. }
            | Self::Forbidden { status, .. }
            | Self::Throttled { status, .. }
            | Self::Server { status, .. }
            | Self::Refused { status, .. } => Some(*status),
            Self::Unreachable { status, .. } | Self::NotUnderstood { status, .. } => *status,
            Self::File { .. } | Self::Archive { .. } | Self::OutOfTime | Self::Interrupted => None,
        }
    }

    /// The body of the response that refused or throttled the request.
    #[must_use]
    pub fn body(&self) -> Option<&ErrorBody> {
        match self {
            Self::Unauthorized { body, .. }
            | Self::Forbidden { body, .. }
            | Self::Throttled { body, .. }
            | Self::Server { body, .. }
            | Self::Refused { body, .. } => Some(body),
            _ => None,
        }
    }

    /// Whether every further request would fail too: the API refused this one, or the run has to end.
    #[must_use]
    pub fn stops_further_requests(&self) -> bool {
        matches!(
            self,
            Self::Unauthorized { .. }
                | Self::Forbidden { .. }
                | Self::Refused { .. }
                | Self::Interrupted
                | Self::OutOfTime
        )
    }

    /// The number of parameters that the API refuses beyond those of [`violations`](Self::violations).
    #[must_use]
    pub fn omitted_violations(&self) -> usize {
        match self.body() {
            Some(ErrorBody::Api { omitted_violations, .. }) => *omitted_violations,
            _ => 0,
        }
    }

    /// The parameters that the API refuses, at most 20.
    #[must_use]
    pub fn violations(&self) -> &[Violation] {
        match self.body() {
            Some(ErrorBody::Api { violations, .. }) => violations,
            _ => &[],
        }
    }
}

/// The message for a response that refuses a request. It blames the API only for a body of the API.
fn refusal(host: &str, status: u16, body: &ErrorBody, decision: &str) -> String {
    let http = http(status);
    match body {
        ErrorBody::Api { reason, .. } if reason.is_empty() => format!("{http}: {host} {decision}"),
        ErrorBody::Api { reason, .. } => format!("{http}: {host} {decision}: {reason}"),
        ErrorBody::Other { description } => not_from_api(&http, host, description),
    }
}

/// The message for HTTP 429.
fn throttling(host: &str, status: u16, retry_after: Option<Duration>, body: &ErrorBody) -> String {
    let message = refusal(host, status, body, "is throttling requests");
    match retry_after {
        Some(wait) => format!("{message}; retry after {} s", ceil_seconds(wait)),
        None => message,
    }
}

fn not_from_api(http: &str, host: &str, description: &str) -> String {
    format!(
        "{http} from {host} or from a proxy in front of it: the response is {description}, not an \
         error of the API"
    )
}

/// The message for a response that arrived in part, or that cannot be read.
fn with_status(status: Option<u16>, message: &str) -> String {
    match status {
        Some(status) => format!("HTTP {status}: {message}"),
        None => message.to_owned(),
    }
}

/// The status as messages name it; the API sends some errors with status 200.
fn http(status: u16) -> String {
    if status < 400 {
        format!("HTTP {status} with an error body")
    } else {
        format!("HTTP {status}")
    }
}

/// Whole seconds, rounded up, so that a caller that waits this long is never too early.
#[must_use]
#[doc(hidden)]
pub fn ceil_seconds(wait: Duration) -> u64 {
    wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0))
}
