//! The failure type of the program, and the table of exit codes.
//!
//! The texts in a failure are safe to show: they contain no secret, phone number or message text.
//! Nothing is printed here.

use std::time::Duration;

use omnilogs::source::Violation;

/// The kind of a failure; each kind has its own exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Local input or output failed, or anything unforeseen.
    Local,
    /// Usage or configuration; nothing was sent.
    Usage,
    /// Some rows of the result are missing.
    Incomplete,
    /// Credentials missing or refused.
    Credentials,
    /// The server failed after retries.
    Server,
    /// The server was not reached, or the connection was cut off.
    Unreachable,
    /// Throttled (HTTP 429) beyond `--max-wait`.
    Throttled,
    /// The response is not understood, is too large, or is a redirect.
    NotUnderstood,
    /// The API refused the query.
    Refused,
    /// A requested condition was not met.
    Condition,
    /// The archive cannot be used.
    Archive,
    /// Ctrl-C.
    Interrupted,
    /// SIGTERM.
    Terminated,
    /// SIGHUP: the terminal is gone.
    HungUp,
    /// SIGQUIT.
    Quit,
}

impl Kind {
    /// The exit status.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Local => 1,
            Self::Usage => 2,
            Self::Incomplete => 3,
            Self::Credentials => 4,
            Self::Server => 5,
            Self::Unreachable => 6,
            Self::Throttled => 7,
            Self::NotUnderstood => 8,
            Self::Refused => 9,
            Self::Condition => 10,
            Self::Archive => 11,
            Self::Interrupted => 130,
            Self::Terminated => 143,
            Self::HungUp => 129,
            Self::Quit => 131,
        }
    }

    /// The name of the kind in the JSON error line.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Usage => "usage",
            Self::Incomplete => "incomplete",
            Self::Credentials => "credentials",
            Self::Server => "server",
            Self::Unreachable => "unreachable",
            Self::Throttled => "throttled",
            Self::NotUnderstood => "notUnderstood",
            Self::Refused => "refused",
            Self::Condition => "condition",
            Self::Archive => "archive",
            Self::Interrupted => "interrupted",
            Self::Terminated => "terminated",
            Self::HungUp => "hungUp",
            Self::Quit => "quit",
        }
    }

    /// Whether a signal stopped the run.
    pub(crate) const fn is_signal(self) -> bool {
        matches!(self, Self::Interrupted | Self::Terminated | Self::HungUp | Self::Quit)
    }
}

/// A failure: what happened, why, and what to do next.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Failure {
    /// The kind, which decides the exit code.
    pub(crate) kind: Kind,
    /// What happened, as a clause without a full stop.
    pub(crate) message: String,
    /// Why, from the nearest cause to the farthest.
    pub(crate) causes: Vec<String>,
    /// What to do next, one sentence each.
    pub(crate) hints: Vec<String>,
    /// How long to wait before a retry can succeed.
    pub(crate) retry_after: Option<Duration>,
    /// The error response, if there was one. Boxed, since few failures have one.
    pub(crate) response: Option<Box<ErrorResponse>>,
    /// The limits of `--fail-if` that are broken, for the JSON form of a failure. Boxed, since few
    /// failures have any.
    pub(crate) alarm: Option<Box<Alarm>>,
}

/// The limits of `--fail-if` that a run has broken.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Alarm(pub(crate) Vec<BrokenLimit>);

/// A limit of `--fail-if` that is broken.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct BrokenLimit {
    /// The expression.
    pub(crate) limit: String,
    /// What the messages have in common, by the names of the keys; empty for all messages together.
    pub(crate) group: Vec<(&'static str, Option<String>)>,
    /// The figure that breaks the limit: a share from 0 to 1, or a number in the unit.
    pub(crate) value: f64,
    /// `share`, `messages`, `milliseconds`, or a currency.
    pub(crate) unit: String,
    /// The number of messages that the figure was computed from.
    pub(crate) messages: u64,
    /// The number of these that have a final status.
    pub(crate) final_messages: u64,
}

/// A response with an error status, for the JSON form of a failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ErrorResponse {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The parameters that the API refused.
    pub(crate) violations: Vec<Violation>,
}

impl Failure {
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            causes: Vec::new(),
            hints: Vec::new(),
            retry_after: None,
            response: None,
            alarm: None,
        }
    }

    /// A usage or configuration failure.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }

    /// Adds a cause, which is behind the causes that the failure has already.
    #[must_use]
    pub(crate) fn because(mut self, cause: impl Into<String>) -> Self {
        self.causes.push(cause.into());
        self
    }

    /// Adds a hint.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

/// Anything unforeseen, with the chain of its causes.
impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        let mut failure = Self::new(Kind::Local, error.to_string());
        failure.causes.extend(error.chain().skip(1).map(ToString::to_string));
        failure
    }
}
