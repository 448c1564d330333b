//! Where rows come from: one question goes in, one page comes out, or the reason why not.

use std::time::Duration;

pub use crate::model::Gap;
use crate::model::Page;
use crate::query::Query;

/// Something that answers a [`Query`]: the API, or a saved response.
pub trait Source {
    /// Asks one question and gives the whole answer.
    ///
    /// # Errors
    /// When there is no answer that can be read whole; retries are behind it by then.
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

/// Why there is no answer. Texts are safe to show: no secret, no query value, no message text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// 401: the credentials were refused.
    #[error("{host} refused the credentials{}", said(reason.as_deref()))]
    Unauthorized {
        /// Who refused.
        host: String,
        /// What the answer said.
        reason: Option<String>,
    },
    /// 403: the credentials are known, but may not read logs.
    #[error("{host} accepted the credentials but does not let them read logs{}", said(reason.as_deref()))]
    Forbidden {
        /// Who refused.
        host: String,
        /// What the answer said.
        reason: Option<String>,
    },
    /// 429 for longer than the caller is ready to wait.
    #[error("{host} is throttling this account{}", wait_text(*retry_after))]
    Throttled {
        /// Who throttles.
        host: String,
        /// How long the server, or else the retry policy, says to wait.
        retry_after: Option<Duration>,
    },
    /// The server failed (5xx), after retries.
    #[error("{host} failed with HTTP {status}{}", said(reason.as_deref()))]
    Server {
        /// Who failed.
        host: String,
        /// The HTTP status.
        status: u16,
        /// What the answer said.
        reason: Option<String>,
    },
    /// The server was not reached, or the answer was cut off.
    #[error("{message}")]
    Unreachable {
        /// What happened.
        message: String,
        /// What to do about it.
        hint: Option<String>,
        /// Whether another try may help.
        transient: bool,
    },
    /// The answer was complete, and is nothing that can be read.
    #[error("{message}")]
    NotUnderstood {
        /// What it was instead.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// The query was refused (a 4xx other than 401, 403 and 429).
    #[error("{host} refused the query with HTTP {status}{}", said(reason.as_deref()))]
    Refused {
        /// Who refused.
        host: String,
        /// The HTTP status.
        status: u16,
        /// What the answer said.
        reason: Option<String>,
    },
    /// A saved response could not be read.
    #[error("cannot read {name}: {reason}")]
    File {
        /// Which file.
        name: String,
        /// What the system said.
        reason: String,
    },
    /// The deadline of [`Source::set_deadline`] left no time to send a request.
    #[error("no time was left to send another request")]
    OutOfTime,
    /// The run was asked to stop.
    #[error("interrupted")]
    Interrupted,
}

fn said(reason: Option<&str>) -> String {
    reason.map(|reason| format!(": {reason}")).unwrap_or_default()
}

fn wait_text(wait: Option<Duration>) -> String {
    wait.map(|wait| format!(": asked to wait {} s", ceil_seconds(wait))).unwrap_or_default()
}

/// Whole seconds, rounded up, so that who waits them never comes too early.
#[must_use]
pub fn ceil_seconds(wait: Duration) -> u64 {
    wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0))
}
