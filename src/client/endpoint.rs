//! The base URL: the host of the API, and the URL of a request to it.
//!
//! Plain http is for loopback only, because every request carries credentials. Nothing here
//! connects. No error contains the text that was typed, because it may contain a password.

use std::fmt::Write as _;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Url;

use crate::query::Query;

/// The path of the logs endpoint.
const PATH: &str = "/omni/1/logs";

/// The characters that are escaped in a query: all except the unreserved characters of RFC 3986, and
/// the comma and the colon, which the examples of the API do not escape in lists of ids and in times.
pub(super) const ESCAPED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b',').remove(b':');

/// A base URL that is safe to send credentials to: https, or plain http to this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    https: bool,
    host: String,
    port: u16,
    loopback: bool,
}

/// Why a base URL is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointError {
    /// Empty text.
    #[error("the base URL is empty")]
    Empty,
    /// Text that is not a URL.
    #[error("the base URL cannot be read; it looks like https://xxxxx.api.infobip.com")]
    Unreadable,
    /// Quotation marks around it, which no shell has removed.
    #[error("the base URL is in quotation marks, which are not part of it")]
    Quoted,
    /// A scheme other than https and http.
    #[error("the base URL must start with https:// (or be the bare host)")]
    Scheme,
    /// `http://` to another machine.
    #[error("plain http would show the credentials to the network; use https://")]
    PlainHttp,
    /// `user:password@host`.
    #[error(
        "the base URL must not hold a user name or password; credentials are set apart from it"
    )]
    UserInfo,
    /// A path, a query or a fragment.
    #[error("the base URL must be the scheme and the host alone, without a path or a query")]
    MoreThanHost,
}

impl Endpoint {
    /// Reads a base URL: `https://host[:port]` with at most one slash after it, or the bare host,
    /// which means https. `http://` is accepted only for 127.0.0.0/8, `[::1]` and `localhost`.
    ///
    /// # Errors
    /// When it is anything else. The text of the error contains no part of it.
    pub fn parse(text: &str) -> Result<Self, EndpointError> {
        let text = text.trim_matches([' ', '\t', '\r', '\n']);
        if text.is_empty() {
            return Err(EndpointError::Empty);
        }
        if text.contains('@') {
            return Err(EndpointError::UserInfo);
        }
        if text.starts_with(['"', '\'']) || text.ends_with(['"', '\'']) {
            return Err(EndpointError::Quoted);
        }
        // The URL standard drops or rewrites these characters without an error.
        if text.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
            return Err(EndpointError::Unreadable);
        }
        let (scheme, rest) = text.split_once("://").unwrap_or(("https", text));
        let https = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return Err(EndpointError::Scheme),
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, after) = rest.split_at(end);
        if authority.is_empty() {
            return Err(EndpointError::Unreadable);
        }
        if !matches!(after, "" | "/") {
            return Err(EndpointError::MoreThanHost);
        }
        let url = Url::parse(&format!("{}://{authority}/", if https { "https" } else { "http" }))
            .map_err(|_| EndpointError::Unreadable)?;
        let host = url.host_str().ok_or(EndpointError::Unreadable)?.to_owned();
        let port = url.port_or_known_default().ok_or(EndpointError::Unreadable)?;
        // Decided from the host as the URL standard reads it, because the client connects to that one.
        let loopback = is_loopback(&host);
        if !https && !loopback {
            return Err(EndpointError::PlainHttp);
        }
        Ok(Self { https, host, port, loopback })
    }

    /// The host, with its port when that is not the default of the scheme.
    #[must_use]
    pub fn host(&self) -> String {
        let default = if self.https { 443 } else { 80 };
        if self.port == default { self.host.clone() } else { self.host_and_port() }
    }

    /// The host with its port, always.
    #[must_use]
    pub fn host_and_port(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// Scheme, host and port, which all URLs of one server share; without the default port.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("{}://{}", if self.https { "https" } else { "http" }, self.host())
    }

    /// Whether the host is this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.loopback
    }

    /// Whether requests use TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.https
    }

    /// The URL of a request for this query, each name and value encoded once.
    #[must_use]
    pub fn url(&self, query: &Query) -> String {
        self.address(query, |url, value| url.extend(utf8_percent_encode(value, ESCAPED)))
    }

    /// The URL of a request for this query, with `…` in place of each value, because values may be
    /// phone numbers.
    #[must_use]
    pub(crate) fn masked_url(&self, query: &Query) -> String {
        self.address(query, |url, _| url.push('…'))
    }

    fn address(&self, query: &Query, mut write_value: impl FnMut(&mut String, &str)) -> String {
        let mut url = self.origin() + PATH;
        for (number, parameter) in query.parameters().iter().enumerate() {
            let name = utf8_percent_encode(&parameter.name, ESCAPED);
            // Writing to a String cannot fail.
            let _ = write!(url, "{}{name}=", if number == 0 { '?' } else { '&' });
            write_value(&mut url, &parameter.value);
        }
        url
    }
}

/// Whether a host, as the URL standard writes it, is this machine: 127.0.0.0/8, `[::1]`, or
/// `localhost` (RFC 6761). Other spellings, which another machine may have, are not accepted.
fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host == "[::1]"
        || host.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{StatusGroup, Timestamp};

    fn origin(text: &str) -> Result<String, EndpointError> {
        Endpoint::parse(text).map(|endpoint| endpoint.origin())
    }

    #[test]
    fn a_bare_host_means_https() {
        for text in [
            "xxxxx.api.infobip.com",
            "https://xxxxx.api.infobip.com",
            "HTTPS://XXXXX.api.infobip.com/",
            "https://xxxxx.api.infobip.com:443",
            " xxxxx.api.infobip.com\n",
        ] {
            assert_eq!(origin(text).unwrap(), "https://xxxxx.api.infobip.com", "{text}");
        }
        assert_eq!(origin("localhost:8443").unwrap(), "https://localhost:8443");
        assert_eq!(origin("https://[::1]:8443").unwrap(), "https://[::1]:8443");
    }

    #[test]
    fn plain_http_is_for_this_machine_alone() {
        for text in
            ["http://127.0.0.1:8080", "http://127.9.9.9", "http://[::1]:1", "http://localhost:5/"]
        {
            let endpoint = Endpoint::parse(text).unwrap();
            assert!(endpoint.is_loopback() && !endpoint.is_https(), "{text}");
        }
        for text in [
            "http://localhost.evil.com",
            "http://127.0.0.1.nip.io",
            "http://0.0.0.0",
            "http://[::ffff:127.0.0.1]",
            "http://localhost.",
            "http://api.infobip.com",
            "http://10.0.0.1",
        ] {
            assert_eq!(origin(text), Err(EndpointError::PlainHttp), "{text}");
        }
    }

    #[test]
    fn a_base_url_with_more_than_a_host_is_refused() {
        use EndpointError::{Empty, MoreThanHost, Quoted, Scheme, Unreadable, UserInfo};
        for (text, expected) in [
            ("", Empty),
            (" \n", Empty),
            ("\"https://host\"", Quoted),
            ("'host'", Quoted),
            ("https://", Unreadable),
            ("https:///host", Unreadable),
            ("https://a@b", UserInfo),
            ("user:secret@host", UserInfo),
            ("https://host/path", MoreThanHost),
            ("https://host//", MoreThanHost),
            ("https://host?query=1", MoreThanHost),
            ("https://host#fragment", MoreThanHost),
            ("ftp://host", Scheme),
            ("https:host", Unreadable),
            ("https://ho st", Unreadable),
            ("https://host\\evil.com", Unreadable),
            ("https://host:99999", Unreadable),
            ("https://ho\u{7}st", Unreadable),
        ] {
            assert_eq!(origin(text), Err(expected), "{text:?}");
        }
    }

    #[test]
    fn no_refusal_repeats_the_password() {
        for text in ["https://user:hunter2@host", "user:hunter2@host/x", "http://hunter2@localhost"]
        {
            let error = Endpoint::parse(text).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hunter2"));
        }
    }

    fn query() -> Query {
        Query {
            from: Some("A&B #1/é".into()),
            to: vec!["+41793026727".into()],
            bulk_ids: vec!["b1".into(), "b2".into()],
            statuses: vec![StatusGroup::Rejected],
            since: Timestamp::parse("2015-02-22T17:42:05.390+01:00"),
            extra: vec![("new key".into(), "\r\nHost: x%".into())],
            ..Query::default()
        }
    }

    #[test]
    fn every_value_is_encoded_once() {
        let url = Endpoint::parse("api.infobip.com").unwrap().url(&query());
        assert_eq!(
            url,
            "https://api.infobip.com/omni/1/logs?from=A%26B%20%231%2F%C3%A9&to=%2B41793026727\
             &bulkId=b1,b2&generalStatus=REJECTED&sentSince=2015-02-22T17:42:05.390%2B01:00\
             &new%20key=%0D%0AHost:%20x%25"
        );
        // The HTTP client does not change it.
        assert_eq!(Url::parse(&url).unwrap().as_str(), url);
    }

    #[test]
    fn a_masked_url_shows_which_parameters_and_no_value() {
        let url = Endpoint::parse("http://localhost:1234").unwrap().masked_url(&query());
        assert_eq!(
            url,
            "http://localhost:1234/omni/1/logs?from=…&to=…&bulkId=…&generalStatus=…&sentSince=…&new%20key=…"
        );
        assert_eq!(
            Endpoint::parse("h").unwrap().masked_url(&Query::default()),
            "https://h/omni/1/logs"
        );
    }
}
