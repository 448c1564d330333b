//! Which proxy serves an endpoint, if any.
//!
//! Plain http never goes through a proxy, which would see the credentials, and loopback never does.
//! This module does not read the environment: the caller passes the settings.

use std::fmt;

use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use reqwest::header::HeaderValue;

use crate::source::{Hint, SourceError};

use super::attempt_error::AttemptError;
use super::endpoint::Endpoint;

/// The proxies to use, as in the environment variables `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct ProxySettings {
    /// The proxy for https: `http://`, `https://` or `socks5://` (also `socks4`, `socks4a`,
    /// `socks5h`), with or without user name and password.
    pub https: Option<String>,
    /// The proxy for every scheme that has no other.
    pub all: Option<String>,
    /// Hosts, domains and networks that are reached without a proxy, separated by commas or blanks.
    pub no_proxy: Option<String>,
}

/// Hides the values, which may contain passwords.
impl fmt::Debug for ProxySettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |set: &Option<String>| set.as_ref().map(|_| "(redacted)");
        f.debug_struct("ProxySettings")
            .field("https", &shown(&self.https))
            .field("all", &shown(&self.all))
            .field("no_proxy", &self.no_proxy)
            .finish()
    }
}

/// A proxy setting that cannot be read. The text contains no part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the proxy cannot be read; it looks like http://HOST:PORT or socks5://HOST:PORT")]
pub struct ProxyError;

impl From<ProxyError> for SourceError {
    fn from(error: ProxyError) -> Self {
        AttemptError::permanent(error.to_string(), None)
            .with_hint(Hint::CheckProxySettings)
            .of_proxy()
            .error
    }
}

/// A kind of SOCKS proxy.
#[derive(Clone, Copy)]
pub(super) struct Socks {
    /// 4 or 5.
    pub(super) version: u8,
    /// Whether the proxy looks up the names of hosts, and not this machine.
    pub(super) resolves: bool,
}

/// The proxy that serves one host.
#[derive(Clone)]
pub(super) struct Proxy {
    intercept: Intercept,
}

impl Proxy {
    /// Finds the proxy for this endpoint.
    pub(super) fn of(
        endpoint: &Endpoint,
        settings: &ProxySettings,
    ) -> Result<Option<Self>, ProxyError> {
        let given = |set: &Option<String>| set.clone().filter(|value| !value.trim().is_empty());
        let Some(address) = given(&settings.https).or_else(|| given(&settings.all)) else {
            return Ok(None);
        };
        let address = with_scheme(&address);
        let is_readable = has_whole_authority(&address);
        if !endpoint.is_https() || endpoint.is_loopback() {
            return Ok(None);
        }
        let target = without_final_dot(endpoint).parse().map_err(|_| ProxyError)?;
        let no_proxy = exceptions(settings.no_proxy.as_deref().unwrap_or_default());
        let intercept = |proxy: &str| {
            Matcher::builder().https(proxy).no(no_proxy.as_str()).build().intercept(&target)
        };
        // A matcher finds no proxy also when it cannot read the proxy; check with one that it can read.
        if intercept("http://127.0.0.1:1").is_none() {
            return Ok(None);
        }
        let intercept = intercept(&address).filter(|_| is_readable).ok_or(ProxyError)?;
        Ok(Some(Self { intercept }))
    }

    /// Scheme, host and port, without user name and password.
    pub(super) fn name(&self) -> String {
        self.intercept.uri().to_string().trim_end_matches('/').to_owned()
    }

    /// Its host and port; the default port of its scheme when none was given.
    pub(super) fn host_and_port(&self) -> String {
        let uri = self.intercept.uri();
        let port = uri.port_u16().unwrap_or(match uri.scheme_str() {
            Some("https") => 443,
            Some("http") | None => 80,
            Some(_) => 1080,
        });
        format!("{}:{port}", uri.host().unwrap_or_default())
    }

    /// How it speaks SOCKS, if it does.
    pub(super) fn socks(&self) -> Option<Socks> {
        let (version, resolves) = match self.intercept.uri().scheme_str()? {
            "socks4" => (4, false),
            "socks4a" => (4, true),
            "socks5" => (5, false),
            "socks5h" => (5, true),
            _ => return None,
        };
        Some(Socks { version, resolves })
    }

    /// Whether its URL has a user name.
    pub(super) fn has_login(&self) -> bool {
        self.authorization().is_some() || self.login().is_some()
    }

    /// Whether the connection to the proxy itself uses TLS.
    pub(super) fn is_https(&self) -> bool {
        self.intercept.uri().scheme_str() == Some("https")
    }

    /// The user name and password for HTTP.
    pub(super) fn authorization(&self) -> Option<&HeaderValue> {
        self.intercept.basic_auth()
    }

    /// The user name and password for SOCKS.
    pub(super) fn login(&self) -> Option<(&str, &str)> {
        self.intercept.raw_auth()
    }
}

/// The URL of a proxy with a scheme in lower case, as the matcher compares it.
fn with_scheme(address: &str) -> String {
    match address.split_once("://") {
        Some((scheme, rest)) => format!("{}://{rest}", scheme.to_ascii_lowercase()),
        None => format!("http://{address}"),
    }
}

/// Whether all of the user name and password belongs to the authority of this URL, and its port, if it has
/// one, is a port. The authority ends at the first `/`, `?` or `#`: with such a character in a password,
/// the host would be the user name, and messages would show the rest of the password as its port.
fn has_whole_authority(url: &str) -> bool {
    let (_, rest) = url.split_once("://").unwrap_or_default();
    let (authority, after) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let (_, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    let port = host.rsplit_once(':').filter(|(_, port)| !port.ends_with(']'));
    let is_port = |port: &str| port.is_empty() || port.parse::<u16>().is_ok();
    !after.contains('@') && port.is_none_or(|(_, port)| is_port(port))
}

/// The origin of an endpoint, to compare with `NO_PROXY`, without the final dot of a fully qualified
/// name.
fn without_final_dot(endpoint: &Endpoint) -> String {
    let origin = endpoint.host_and_port();
    let (host, port) = origin.rsplit_once(':').unwrap_or((&origin, ""));
    format!("https://{}:{port}", host.strip_suffix('.').unwrap_or(host))
}

/// `NO_PROXY` in the one form that the matcher reads: separated by commas; no final dots, no `*` in
/// front of a domain, no brackets around an address. curl and Go accept the other forms as well.
fn exceptions(no_proxy: &str) -> String {
    let entries = no_proxy.split(|c: char| c == ',' || c.is_whitespace());
    let plain = entries.map(|entry| {
        let entry = entry.trim_matches(['[', ']']);
        let entry = entry.strip_suffix('.').unwrap_or(entry);
        entry.strip_prefix('*').filter(|rest| rest.starts_with('.')).unwrap_or(entry)
    });
    plain.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(https: &str, all: &str, no_proxy: &str) -> ProxySettings {
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        ProxySettings { https: given(https), all: given(all), no_proxy: given(no_proxy) }
    }

    fn name(base_url: &str, settings: &ProxySettings) -> Result<Option<String>, ProxyError> {
        let endpoint = Endpoint::parse(base_url).unwrap();
        Proxy::of(&endpoint, settings).map(|proxy| proxy.map(|proxy| proxy.name()))
    }

    #[test]
    fn https_goes_through_its_own_proxy_before_that_for_all() {
        let name = |https, all| name("https://api.infobip.com", &settings(https, all, "")).unwrap();
        assert_eq!(name("http://p:3128", "socks5://s:1080").unwrap(), "http://p:3128");
        assert_eq!(name("", "socks5://s:1080").unwrap(), "socks5://s:1080");
        assert_eq!(name("p:3128", "").unwrap(), "http://p:3128");
        assert_eq!(name("", ""), None);
    }

    /// RFC 3986, section 3.1.
    #[test]
    fn the_scheme_of_a_proxy_may_have_capital_letters() {
        for (proxy, expected) in [
            ("SOCKS5H://s:1", "socks5h://s:1"),
            ("Socks4://s:1", "socks4://s:1"),
            ("HTTP://p:1", "http://p:1"),
        ] {
            assert_eq!(name("https://h", &settings(proxy, "", "")).unwrap().unwrap(), expected);
        }
    }

    #[test]
    fn the_port_of_a_proxy_is_that_of_its_scheme_when_none_is_given() {
        let endpoint = Endpoint::parse("https://h").unwrap();
        for (proxy, reached) in [
            ("p", "p:80"),
            ("https://p", "p:443"),
            ("socks5h://p", "p:1080"),
            ("http://u:hunter2@p:3128", "p:3128"),
            ("http://[::1]:8", "[::1]:8"),
        ] {
            let found = Proxy::of(&endpoint, &settings(proxy, "", "")).unwrap().unwrap();
            assert_eq!(found.host_and_port(), reached);
        }
    }

    #[test]
    fn no_name_or_debug_output_of_a_proxy_holds_its_password() {
        let settings = settings("http://user:hunter2@p:3128", "", "");
        assert_eq!(name("https://h", &settings).unwrap().unwrap(), "http://p:3128");
        assert!(!format!("{settings:?}").contains("hunter2"));
    }

    #[test]
    fn plain_http_and_loopback_bypass_every_proxy() {
        let settings = settings("http://p:1", "http://p:1", "");
        for base_url in ["http://127.0.0.1:8080", "https://localhost:8443", "https://[::1]"] {
            assert_eq!(name(base_url, &settings), Ok(None), "{base_url}");
        }
    }

    #[test]
    fn no_proxy_names_hosts_that_are_reached_directly() {
        let of =
            |no_proxy| name("https://x.api.infobip.com", &settings("http://p:1", "", no_proxy));
        assert_eq!(of("infobip.com"), Ok(None));
        assert_eq!(of("a.com, .api.infobip.com"), Ok(None));
        assert_eq!(of("*"), Ok(None));
        for separated in
            ["a.com infobip.com", "a.com\tinfobip.com", " infobip.com ", "a.com ,infobip.com"]
        {
            assert_eq!(of(separated), Ok(None), "{separated}");
        }
        for same in ["infobip.com.", "*.infobip.com", "*.api.infobip.com.", "X.API.infobip.com"] {
            assert_eq!(of(same), Ok(None), "{same}");
        }
        for other in ["*bip.com", "*.x.api.infobip.com.de", "infobip.com:", "."] {
            assert!(of(other).unwrap().is_some(), "{other}");
        }
        let exempt =
            |base_url, list| name(base_url, &settings("http://p:1", "", list)).unwrap().is_none();
        assert!(exempt("https://x.api.infobip.com.", "infobip.com"));
        assert!(exempt("https://[2001:db8::1]", "[2001:db8::1]"));
        assert!(exempt("https://[2001:db8::1]", "2001:db8::/32"));
        assert!(of("bip.com").unwrap().is_some());
    }

    #[test]
    fn a_proxy_that_cannot_be_read_is_refused_rather_than_bypassed() {
        for proxy in [
            "ftp://p:1",
            "http://",
            "not a proxy",
            "http://u:a#b@p:1",
            "http://u:a/b@p:1",
            "u:a?b@p:1",
            "http://u:secret",
            "http://p:99999",
            "p:65536",
            "http://u:1@[::1]:99999",
            "socks5://s:99999",
        ] {
            assert_eq!(name("https://h", &settings(proxy, "", "")), Err(ProxyError), "{proxy}");
        }
        assert_eq!(name("https://h", &settings("ftp://p:1", "", "h")), Ok(None));
    }
}
