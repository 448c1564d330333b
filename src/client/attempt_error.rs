//! Why one attempt returned no page, and whether another one may succeed.

use crate::source::{Hint, SourceError};

use super::retry::Remedy;

/// A failed attempt: the error to report if it was the last one, and what can be done about it.
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
    /// The URL of the proxy, if there is one, without user name and password.
    pub(super) proxy: Option<String>,
}

impl Target {
    /// What the client connects to: the proxy, or else the endpoint.
    pub(super) fn peer(&self) -> String {
        self.proxy
            .as_ref()
            .map_or_else(|| self.address.clone(), |proxy| format!("the proxy {proxy}"))
    }
}

impl AttemptError {
    /// The server was not reached or the response was cut off; another attempt may succeed.
    pub(super) fn transient(message: String) -> Self {
        Self::unreachable(message, None, Remedy::Later { retry_after: None })
    }

    /// The server was not reached, and the next attempt would fail in the same way.
    pub(super) fn permanent(message: String, hint: Option<&str>) -> Self {
        Self::unreachable(message, hint, Remedy::None)
    }

    /// The response, complete or not, cannot be used.
    pub(super) fn not_understood(message: String, hint: Option<String>) -> Self {
        let hint = hint.map(Hint::from);
        let error = SourceError::NotUnderstood { message, hint, status: None };
        Self { error, remedy: Remedy::None }
    }

    /// The run was interrupted.
    pub(super) fn interrupted() -> Self {
        Self { error: SourceError::Interrupted, remedy: Remedy::None }
    }

    pub(super) fn unreachable(message: String, hint: Option<&str>, remedy: Remedy) -> Self {
        let transient = remedy != Remedy::None;
        let hint = hint.map(Hint::from);
        let error =
            SourceError::Unreachable { message, hint, transient, at_proxy: false, status: None };
        Self { error, remedy }
    }

    /// The same error with this hint.
    pub(super) fn with_hint(mut self, new: Hint) -> Self {
        if let SourceError::Unreachable { hint, .. } | SourceError::NotUnderstood { hint, .. } =
            &mut self.error
        {
            *hint = Some(new);
        }
        self
    }

    /// The same error, of the proxy or of the connection to it.
    pub(super) fn of_proxy(mut self) -> Self {
        if let SourceError::Unreachable { at_proxy, .. } = &mut self.error {
            *at_proxy = true;
        }
        self
    }

    /// The same error, of the proxy if there is one.
    pub(super) fn of_peer(self, target: &Target) -> Self {
        if target.proxy.is_some() { self.of_proxy() } else { self }
    }

    /// The same error of a response with this status.
    pub(super) fn with_status(mut self, of_response: u16) -> Self {
        if let SourceError::Unreachable { status, .. } | SourceError::NotUnderstood { status, .. } =
            &mut self.error
        {
            *status = Some(of_response);
        }
        self
    }

    /// The connection failed while the body was read.
    pub(super) fn in_body(target: &Target) -> Self {
        Self::transient(format!("the response of {} was cut off", target.host))
    }

    /// The response has more or longer headers than the limits allow.
    pub(super) fn head_too_large(host: &str) -> Self {
        Self::not_understood(format!("the headers of {host}'s response are too large"), None)
    }
}
