//! Why a request got no response, from the errors of the HTTP client.
//!
//! The texts of these errors may contain the URL with every query value, so none of them is shown;
//! causes are found by type along the chain of sources.

use std::error::Error;
use std::io::ErrorKind;

use super::attempt_error::{AttemptError, Target};
use super::retry::Remedy;
use super::tls_error;

impl AttemptError {
    /// An error before the head of the response was read. `is_connected` says whether a connection
    /// through a tunnel was set up.
    pub(super) fn before_response(
        error: &reqwest::Error,
        target: &Target,
        is_connected: bool,
    ) -> Self {
        if error.is_connect() {
            return Self::to_connect(error, target, is_connected);
        }
        let host = &target.host;
        if let Some(error @ rustls::Error::AlertReceived(_)) = cause(error) {
            return tls_error::of(error, target);
        }
        if error.is_builder() {
            return Self::permanent(format!("the request to {host} cannot be made"), None);
        }
        match cause::<hyper::Error>(error) {
            Some(http) if http.is_parse_too_large() => Self::head_too_large(host),
            Some(http) if http.is_parse() => Self::not_understood(
                format!("{host} does not speak HTTP/1.1"),
                Some("check the base URL and its port".to_owned()),
            ),
            // Not one byte of a response: an idle connection that the server closed looks like this.
            _ => Self::unreachable(
                format!("{host} closed the connection without a response"),
                None,
                Remedy::AtOnce,
            ),
        }
    }

    fn to_connect(error: &reqwest::Error, target: &Target, is_connected: bool) -> Self {
        if let Some(error) = cause(error) {
            return match (error, &target.proxy) {
                (rustls::Error::InvalidMessage(_), Some(proxy)) => not_tls_through(proxy, target),
                _ => tls_error::of(error, target),
            };
        }
        if error.is_dns() {
            return Self::name_lookup(&texts(error), target);
        }
        if is_connected && let Some(failure) = Self::behind_proxy(error, target) {
            return failure;
        }
        let kind = if error.is_timeout() {
            Some(ErrorKind::TimedOut)
        } else {
            cause::<std::io::Error>(error).map(std::io::Error::kind)
        };
        Self::no_connection(kind, &target.peer()).of_peer(target)
    }

    /// The connection to `peer` failed with this kind of error, if the system reported one.
    pub(super) fn no_connection(kind: Option<ErrorKind>, peer: &str) -> Self {
        match kind {
            Some(ErrorKind::TimedOut) => {
                Self::transient(format!("no connection to {peer} in time"))
            }
            Some(ErrorKind::ConnectionRefused) => {
                Self::transient(format!("nothing listens at {peer}"))
            }
            Some(ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable) => {
                Self::transient(format!("no route through the network to {peer}"))
            }
            Some(ErrorKind::ConnectionReset | ErrorKind::UnexpectedEof | ErrorKind::BrokenPipe) => {
                Self::transient(format!("{peer} closed the connection before it was set up"))
            }
            _ => Self::transient(format!("no connection to {peer}")),
        }
    }

    /// The host was not found. `resolver_text` is the text of the resolver, which is not shown.
    pub(super) fn name_lookup(resolver_text: &str, target: &Target) -> Self {
        let message = format!("cannot find host {}", target.host);
        if is_transient_lookup_failure(resolver_text) {
            Self::unreachable(
                message + ": the name lookup failed temporarily",
                Some("check the network, then the base URL"),
                Remedy::Later { retry_after: None },
            )
        } else {
            Self::permanent(message, Some("check the base URL"))
        }
    }

    /// The host of the proxy was not found. `resolver_text` is the text of the resolver, which is not
    /// shown.
    pub(super) fn proxy_lookup(resolver_text: &str, proxy: &str) -> Self {
        let message = format!("cannot find the host of {proxy}");
        if is_transient_lookup_failure(resolver_text) {
            Self::transient(message + ": the name lookup failed temporarily")
        } else {
            Self::permanent(message, None)
        }
        .of_proxy()
    }

    /// An error of the TLS handshake behind a proxy that has connected to the endpoint.
    fn behind_proxy(error: &reqwest::Error, target: &Target) -> Option<Self> {
        let (proxy, host) = (target.proxy.as_ref()?, &target.host);
        let how = if error.is_timeout() {
            "the TLS handshake took too long"
        } else {
            "the connection ended during the TLS handshake"
        };
        let message = format!("the proxy {proxy} accepted the connection to {host}, but {how}");
        Some(Self::transient(message).of_proxy())
    }
}

/// A web server can respond to CONNECT with HTTP 200 and a page, too.
fn not_tls_through(proxy: &str, target: &Target) -> AttemptError {
    let host = &target.host;
    AttemptError::permanent(
        format!(
            "the proxy {proxy} accepted the connection to {host}, but what it sent then is not TLS"
        ),
        Some("check that a proxy listens there, and not a web server"),
    )
    .of_proxy()
}

/// Whether another lookup may succeed. The standard library reports this only as the text of the
/// system: glibc, musl, macOS or Windows.
fn is_transient_lookup_failure(resolver_text: &str) -> bool {
    let resolver_text = resolver_text.to_lowercase();
    ["temporary failure", "try again", "temporary error"]
        .iter()
        .any(|word| resolver_text.contains(word))
}

/// The first error of this type along the chain of sources. `source()` of an `io::Error` skips the
/// error that it wraps, so that one is taken with `get_ref()`.
pub(super) fn cause<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        next = match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

/// The texts along the chain, to search in; they are never shown.
fn texts(error: &reqwest::Error) -> String {
    let mut texts = String::new();
    let mut next = error.source();
    while let Some(error) = next {
        texts.push_str(&error.to_string());
        texts.push('\n');
        next = error.source();
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    /// H01.
    #[test]
    fn a_temporary_lookup_failure_is_distinguished_from_an_unknown_name() {
        let resolver_text =
            |word: &str| format!("dns error\nfailed to lookup address information: {word}\n");
        for word in ["Temporary failure in name resolution", "Try again"] {
            assert!(is_transient_lookup_failure(&resolver_text(word)), "{word}");
        }
        for word in [
            "Name or service not known",
            "No address associated with hostname",
            "Non-recoverable failure in name resolution",
            "Name does not resolve",
            "nodename nor servname provided, or not known",
        ] {
            assert!(!is_transient_lookup_failure(&resolver_text(word)), "{word}");
        }
    }
}
