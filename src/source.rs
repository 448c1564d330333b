//! Where rows come from: the trait [`Source`], its kinds, and why a page could not be fetched.

use std::fmt;
use std::time::Duration;

pub use crate::model::Gap;
use crate::model::{Page, Timestamp};
use crate::query::Query;

/// Something that fetches pages of messages: the API, or a saved response.
pub trait Source {
    /// Fetches one page: the response to one request, decoded whole.
    ///
    /// # Errors
    /// When no response could be read whole, after any retries.
    fn fetch(&mut self, query: &Query) -> Result<Page, SourceError>;

    /// Sets the time, by the steady counter of the clock that the source was given, at which
    /// every later fetch ends, whatever it is waiting for; `None` removes the limit. A source that
    /// never waits has nothing to limit.
    fn set_deadline(&mut self, deadline: Option<Duration>) {
        let _ = deadline;
    }

    /// What kind of source it is.
    fn kind(&self) -> SourceKind;

    /// How long it keeps a message after it was sent; `None` where messages do not expire.
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
    /// How long sources of this kind keep a message after it was sent; `None` where messages do not
    /// expire.
    #[must_use]
    pub const fn retention(self) -> Option<Duration> {
        match self {
            Self::Api | Self::Sandbox => Some(API_RETENTION),
            Self::File | Self::Archive => None,
        }
    }

    /// The earliest time of sending of messages that a source of this kind still has at this time;
    /// `None` where messages do not expire.
    #[must_use]
    pub fn kept_since(self, now: Timestamp) -> Option<Timestamp> {
        let retention = i64::try_from(self.retention()?.as_millis()).ok()?;
        Some(now.plus_millis(-retention))
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
    /// 401: the credentials were refused, if the body is one of the API.
    #[error("{}", refusal(host, *status, body, "refused the credentials"))]
    Unauthorized {
        /// Which server.
        host: String,
        /// The HTTP status.
        status: u16,
        /// The body of the response.
        body: ErrorBody,
    },
    /// 403: the credentials are known but may not read logs, if the body is one of the API.
    #[error("{}", refusal(host, *status, body, "accepted the credentials, but does not let them read logs"))]
    Forbidden {
        /// Which server.
        host: String,
        /// The HTTP status.
        status: u16,
        /// The body of the response.
        body: ErrorBody,
    },
    /// 429 for longer than the caller is ready to wait.
    #[error("HTTP 429: {host} is throttling requests{}", wait_text(*retry_after))]
    Throttled {
        /// Who throttles.
        host: String,
        /// How long the server, or else the retry policy, says to wait.
        retry_after: Option<Duration>,
    },
    /// The server failed (5xx), after retries.
    #[error("{}: {host} failed{}", http(*status), said(reason.as_deref()))]
    Server {
        /// Who failed.
        host: String,
        /// The HTTP status.
        status: u16,
        /// What the response said.
        reason: Option<String>,
    },
    /// The server was not reached, or the response was cut off.
    #[error("{message}")]
    Unreachable {
        /// What happened.
        message: String,
        /// What to do about it.
        hint: Option<Hint>,
        /// Whether a retry may help.
        transient: bool,
    },
    /// The response was complete, but cannot be read.
    #[error("{message}")]
    NotUnderstood {
        /// What it was instead.
        message: String,
        /// What to do about it.
        hint: Option<Hint>,
    },
    /// Any other 4xx: the query was refused, if the body is one of the API.
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
        /// Which file.
        name: String,
        /// What the system said.
        reason: String,
    },
    /// The archive could not be read.
    #[error("{message}")]
    Archive {
        /// What happened.
        message: String,
        /// Whether the archive itself cannot be used: it is damaged, in use, or of another version.
        /// Otherwise reading it failed.
        is_unusable: bool,
    },
    /// The rate allows no request before the deadline of [`Source::set_deadline`].
    #[error("the request rate allows no more requests in the remaining time")]
    OutOfTime,
    /// The run was interrupted.
    #[error("interrupted")]
    Interrupted,
}

/// What may help. Where that is a setting, the hint says which one, and the program words it: only
/// the program knows what its users call the setting.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hint {
    /// Advice that no setting is part of.
    Text(String),
    /// The certificate's authority may be one of the user's own: trust it
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
    /// The message names another address of the server: use it as the base URL if it is trusted.
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
    /// An error body of the API, which alone proves what the API decided.
    Api {
        /// What it says; may be empty.
        reason: String,
        /// The parameters that it refuses.
        violations: Vec<Violation>,
    },
    /// Anything else: it may come from a proxy or a firewall in between.
    Other {
        /// What it is: `an empty body`, `an HTML page titled «…»`.
        description: String,
    },
}

/// A parameter that the API refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The name of the parameter, where the API gives it; may be empty.
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
            | Self::Server { status, .. }
            | Self::Refused { status, .. } => Some(*status),
            Self::Throttled { .. } => Some(429),
            Self::Unreachable { .. }
            | Self::NotUnderstood { .. }
            | Self::File { .. }
            | Self::Archive { .. }
            | Self::OutOfTime
            | Self::Interrupted => None,
        }
    }

    /// The body of the response that refused the request.
    #[must_use]
    pub fn body(&self) -> Option<&ErrorBody> {
        match self {
            Self::Unauthorized { body, .. }
            | Self::Forbidden { body, .. }
            | Self::Refused { body, .. } => Some(body),
            _ => None,
        }
    }

    /// Whether every further request would fail too: the API refused this one, or the run has to end.
    #[must_use]
    pub fn stops_further_requests(&self) -> bool {
        self.body().is_some() || matches!(self, Self::Interrupted | Self::OutOfTime)
    }

    /// The parameters that the API refuses.
    #[must_use]
    pub fn violations(&self) -> &[Violation] {
        match self.body() {
            Some(ErrorBody::Api { violations, .. }) => violations,
            _ => &[],
        }
    }
}

/// What a response that refuses a request proves.
fn refusal(host: &str, status: u16, body: &ErrorBody, decision: &str) -> String {
    let http = http(status);
    match body {
        ErrorBody::Api { reason, .. } if reason.is_empty() => format!("{http}: {host} {decision}"),
        ErrorBody::Api { reason, .. } => format!("{http}: {host} {decision}: {reason}"),
        ErrorBody::Other { description } => format!(
            "{http} from {host} or from a proxy in front of it: the response is {description}, \
             not an error of the API"
        ),
    }
}

/// The status as it is named in a message; the API sends some errors with status 200.
fn http(status: u16) -> String {
    if status < 400 {
        format!("HTTP {status} with an error body")
    } else {
        format!("HTTP {status}")
    }
}

fn said(reason: Option<&str>) -> String {
    reason.map(|reason| format!(": {reason}")).unwrap_or_default()
}

fn wait_text(wait: Option<Duration>) -> String {
    wait.map(|wait| format!(": retry after {} s", ceil_seconds(wait))).unwrap_or_default()
}

/// Whole seconds, rounded up, so that a caller that waits this long is never too early.
#[must_use]
pub fn ceil_seconds(wait: Duration) -> u64 {
    wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0))
}
