//! Why one attempt returned no page, and whether another one may succeed.

use crate::source::{Hint, SourceError};

use super::retry::Remedy;

/// A failed attempt: the error if it was the last one, and what can be done about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AttemptError {
    pub(super) error: SourceError,
    pub(super) remedy: Remedy,
}

/// Where a request goes, for messages.
#[derive(Clone, Debug)]
pub(super) struct Target {
    /// The host, with its port when that is not the scheme's own.
    pub(super) host: String,
    /// The host with its port.
    pub(super) address: String,
    /// The proxy between, without its password.
    pub(super) proxy: Option<String>,
}

impl Target {
    /// What a connection is made to.
    pub(super) fn next(&self) -> String {
        self.proxy
            .as_ref()
            .map_or_else(|| self.address.clone(), |proxy| format!("the proxy {proxy}"))
    }
}

impl AttemptError {
    /// Not reached or cut off, and another attempt may succeed.
    pub(super) fn transient(message: String) -> Self {
        Self::unreachable(message, None, Remedy::Later { retry_after: None })
    }

    /// Not reached, and the next attempt would fail in the same way.
    pub(super) fn permanent(message: String, hint: Option<&str>) -> Self {
        Self::unreachable(message, hint, Remedy::None)
    }

    /// The response, complete or not, cannot be used.
    pub(super) fn not_understood(message: String, hint: Option<String>) -> Self {
        let hint = hint.map(Hint::from);
        Self { error: SourceError::NotUnderstood { message, hint }, remedy: Remedy::None }
    }

    /// The run is to stop.
    pub(super) fn interrupted() -> Self {
        Self { error: SourceError::Interrupted, remedy: Remedy::None }
    }

    pub(super) fn unreachable(message: String, hint: Option<&str>, remedy: Remedy) -> Self {
        let transient = remedy != Remedy::None;
        let hint = hint.map(Hint::from);
        Self { error: SourceError::Unreachable { message, hint, transient }, remedy }
    }

    /// The same error with a hint that names a setting.
    pub(super) fn with_hint(mut self, setting: Hint) -> Self {
        if let SourceError::Unreachable { hint, .. } | SourceError::NotUnderstood { hint, .. } =
            &mut self.error
        {
            *hint = Some(setting);
        }
        self
    }

    /// A failure while the body was read.
    pub(super) fn in_body(target: &Target) -> Self {
        Self::transient(format!("the response of {} was cut off", target.host))
    }

    /// More or longer headers than any response needs.
    pub(super) fn head_too_large(host: &str) -> Self {
        Self::not_understood(format!("the headers of {host}'s response are too large"), None)
    }
}
