//! The address of an archive on a server: its parameters, and when the connection is encrypted.
//!
//! An address can contain a password. No message and no name that this module makes may contain it.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use percent_encoding::percent_decode_str;
use postgres::Config;
use postgres::config::{Host, SslMode};

/// The schemes with which an address begins.
const SCHEMES: [&str; 2] = ["postgres://", "postgresql://"];

/// Parameters that the driver supports.
const DRIVER_PARAMETERS: [&str; 17] = [
    "user",
    "password",
    "dbname",
    "options",
    "application_name",
    "host",
    "hostaddr",
    "port",
    "connect_timeout",
    "tcp_user_timeout",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_retries",
    "channel_binding",
    "target_session_attrs",
    "load_balance_hosts",
];

/// Parameters that the manual of PostgreSQL lists and this program does not support. An error names
/// these only: any other word may be a part of a password.
const OTHER_PARAMETERS: [&str; 23] = [
    "client_encoding",
    "fallback_application_name",
    "gssdelegation",
    "gssencmode",
    "gsslib",
    "krbsrvname",
    "passfile",
    "replication",
    "require_auth",
    "requirepeer",
    "requiressl",
    "service",
    "ssl_max_protocol_version",
    "ssl_min_protocol_version",
    "sslcert",
    "sslcertmode",
    "sslcompression",
    "sslcrl",
    "sslcrldir",
    "sslkey",
    "sslnegotiation",
    "sslpassword",
    "sslsni",
];

/// How long the driver may take to connect to one host.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// After this time of silence the system probes the connection. Its default is two hours.
const KEEPALIVE: Duration = Duration::from_secs(30);

const DEFAULT_PORT: u16 = 5432;

/// The address of an archive on a PostgreSQL server, or on one that speaks its protocol.
#[derive(Clone, Debug)]
pub struct PostgresAddress {
    pub(super) config: Config,
    /// The file with the certificate authorities to trust.
    authorities: Option<PathBuf>,
    name: String,
}

/// Why an address cannot be used. The messages do not contain the address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PostgresAddressError {
    /// The text is not an address.
    #[error(
        "it cannot be read: in a password, characters such as @, / and ? must be percent-encoded (%40 for @)"
    )]
    Unreadable,
    /// The address names no host.
    #[error("it names no host")]
    NoHost,
    /// A parameter that is not supported.
    #[error("the parameter {0} is not supported")]
    Parameter(String),
    /// A parameter with an unknown value.
    #[error("the parameter {0} has an unknown value")]
    Value(String),
    /// The address requires a connection to another machine that is not encrypted.
    #[error("sslmode={0} sends passwords and messages without encryption, or to an unknown server")]
    Unencrypted(String),
}

impl PostgresAddress {
    /// Whether a text is an address, and not a path, by its scheme.
    #[must_use]
    pub fn is_address(text: &str) -> bool {
        SCHEMES.iter().any(|scheme| text.starts_with(scheme))
    }

    /// Parses an address such as `postgres://user@db.example.com/messages`.
    ///
    /// A connection to another machine is always encrypted, and its certificate verified; an
    /// `sslmode` that would allow less is refused. A connection on this machine, over loopback or a
    /// Unix socket, is encrypted if `sslmode` requires it.
    ///
    /// # Errors
    /// When the text is not an address, or has a parameter that is not supported.
    pub fn parse(text: &str) -> Result<Self, PostgresAddressError> {
        let mut parameters = Parameters::default();
        let base = parameters.take_own(text)?;
        let mut config: Config = base.parse().map_err(|_| PostgresAddressError::Unreadable)?;
        if config.get_hosts().is_empty() {
            return Err(PostgresAddressError::NoHost);
        }
        config.ssl_mode(ssl_mode(parameters.ssl_mode.as_deref(), is_local(&config))?);
        if config.get_application_name().is_none() {
            config.application_name("omnilogs");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        if !base.contains("keepalives") {
            config.keepalives_idle(KEEPALIVE).keepalives_interval(Duration::from_secs(10));
            config.keepalives_retries(3);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(KEEPALIVE * 2);
        }
        let name = name(&config);
        Ok(Self { config, authorities: parameters.authorities, name })
    }

    /// The address without the password and the parameters, as messages show it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the address contains a password.
    #[must_use]
    pub fn has_password(&self) -> bool {
        self.config.get_password().is_some()
    }

    /// Whether the connection is encrypted.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.config.get_ssl_mode() == SslMode::Require
    }

    /// Sets the password.
    #[must_use]
    pub fn with_password(mut self, password: &str) -> Self {
        self.config.password(password);
        self
    }

    /// The file with the certificate authorities to trust, which `sslrootcert` names. The store does
    /// not read it: the caller passes its contents to [`PostgresStore::open`](super::PostgresStore::open).
    #[must_use]
    pub fn authorities_file(&self) -> Option<&Path> {
        self.authorities.as_deref()
    }

    /// The user, if the address names one.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        self.config.get_user()
    }

    /// The database; if the address names none, PostgreSQL uses the name of the user.
    #[must_use]
    pub fn database(&self) -> Option<&str> {
        self.config.get_dbname().or_else(|| self.user())
    }

    /// The first host and its port; for a Unix socket, the host is `localhost`.
    #[must_use]
    pub fn host_and_port(&self) -> (&str, u16) {
        let host = match self.config.get_hosts().first() {
            Some(Host::Tcp(host)) => host.as_str(),
            _ => "localhost",
        };
        (host, self.config.get_ports().first().copied().unwrap_or(DEFAULT_PORT))
    }
}

/// The parameters of an address that the driver does not support.
#[derive(Default)]
struct Parameters {
    ssl_mode: Option<String>,
    authorities: Option<PathBuf>,
}

impl Parameters {
    /// Extracts these parameters, and returns the rest of the address for the driver.
    fn take_own(&mut self, text: &str) -> Result<String, PostgresAddressError> {
        let Some((base, query)) = text.split_once('?') else { return Ok(text.to_owned()) };
        let mut others = Vec::new();
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            let (key, value) = parameter.split_once('=').ok_or(PostgresAddressError::Unreadable)?;
            let value = percent_decode_str(value)
                .decode_utf8()
                .map_err(|_| PostgresAddressError::Unreadable)?;
            match key {
                "sslmode" => self.ssl_mode = Some(value.into_owned()),
                "sslrootcert" => self.authorities = Some(PathBuf::from(value.as_ref())),
                key if DRIVER_PARAMETERS.contains(&key) => others.push(parameter),
                key if OTHER_PARAMETERS.contains(&key) => {
                    return Err(PostgresAddressError::Parameter(key.to_owned()));
                }
                _ => return Err(PostgresAddressError::Unreadable),
            }
        }
        Ok(if others.is_empty() { base.to_owned() } else { format!("{base}?{}", others.join("&")) })
    }
}

/// How the connection is encrypted. Without encryption is allowed only on this machine, where the
/// connection crosses no network.
fn ssl_mode(mode: Option<&str>, is_local: bool) -> Result<SslMode, PostgresAddressError> {
    match mode {
        Some("disable" | "allow" | "prefer") | None if is_local => Ok(SslMode::Disable),
        Some("require" | "verify-ca" | "verify-full") | None => Ok(SslMode::Require),
        Some(mode @ ("disable" | "allow" | "prefer")) => {
            Err(PostgresAddressError::Unencrypted(mode.to_owned()))
        }
        Some(_) => Err(PostgresAddressError::Value("sslmode".to_owned())),
    }
}

/// Whether every host of the address is this machine.
fn is_local(config: &Config) -> bool {
    let is_local_host = |host: &Host| match host {
        Host::Unix(_) => true,
        Host::Tcp(host) => {
            host.eq_ignore_ascii_case("localhost")
                || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
        }
    };
    config.get_hosts().iter().all(is_local_host)
        && config.get_hostaddrs().iter().all(IpAddr::is_loopback)
}

fn name(config: &Config) -> String {
    let ports = config.get_ports();
    let hosts: Vec<_> = config
        .get_hosts()
        .iter()
        .enumerate()
        .map(|(at, host)| {
            let port = ports.get(at).or(ports.first()).copied().unwrap_or(DEFAULT_PORT);
            let host = match host {
                Host::Tcp(host) if host.contains(':') => format!("[{host}]"),
                Host::Tcp(host) => host.clone(),
                Host::Unix(path) => path.display().to_string(),
            };
            if port == DEFAULT_PORT { host } else { format!("{host}:{port}") }
        })
        .collect();
    let user = config.get_user().map(|user| format!("{user}@")).unwrap_or_default();
    let database = config.get_dbname().map(|name| format!("/{name}")).unwrap_or_default();
    format!("postgres://{user}{}{database}", hosts.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(text: &str) -> Result<SslMode, PostgresAddressError> {
        PostgresAddress::parse(text).map(|address| address.config.get_ssl_mode())
    }

    #[test]
    fn a_connection_to_another_machine_is_always_encrypted() {
        for address in [
            "postgres://db.example.com/m",
            "postgres://u@db.example.com/m?sslmode=require",
            "postgresql://db.example.com/m?sslmode=verify-ca&connect_timeout=3",
            "postgres://10.0.0.5/m?sslmode=verify-full",
            "postgres://localhost,db.example.com/m",
            "postgres://localhost/m?hostaddr=10.0.0.5",
            "postgres://localhost/m?host=db.example.com",
        ] {
            assert_eq!(mode(address), Ok(SslMode::Require), "{address}");
        }
        for sslmode in ["disable", "allow", "prefer"] {
            for host in ["db.example.com", "localhost,db.example.com", "128.0.0.1"] {
                let error = mode(&format!("postgres://{host}/m?sslmode={sslmode}")).unwrap_err();
                assert_eq!(error, PostgresAddressError::Unencrypted(sslmode.to_owned()));
            }
            let moved = format!("postgres://localhost/m?hostaddr=10.0.0.5&sslmode={sslmode}");
            assert!(mode(&moved).is_err());
        }
    }

    #[test]
    fn a_connection_on_this_machine_is_encrypted_where_it_is_required() {
        for host in ["localhost", "127.0.0.1", "127.9.9.9", "[::1]", "%2Fvar%2Frun%2Fpostgresql"] {
            for plain in ["", "?sslmode=disable", "?sslmode=allow", "?sslmode=prefer"] {
                assert_eq!(mode(&format!("postgres://{host}/m{plain}")), Ok(SslMode::Disable));
            }
            let verified = format!("postgres://{host}/m?sslmode=verify-full");
            assert_eq!(mode(&verified), Ok(SslMode::Require));
        }
        let socket = "postgres:///m?host=/var/run/postgresql";
        assert_eq!(mode(socket), Ok(SslMode::Disable));
    }

    #[test]
    fn what_cannot_be_read_or_is_not_supported_is_refused_without_the_password() {
        for (address, expected) in [
            ("postgres:///m", "it names no host"),
            ("postgres://u:secret@h/m?sslcert=a", "the parameter sslcert is not supported"),
            ("postgres://u:secret@h/m?sslmode=yes", "the parameter sslmode has an unknown value"),
            ("postgres://u:sec?ret@h/m", "it cannot be read"),
            ("postgres://u:sec?ret=@h/m", "it cannot be read"),
            ("postgres://u:secret@h:port/m", "it cannot be read"),
            ("postgres://u:secret@[::1/m", "it cannot be read"),
            ("postgres://u:secret@h/m?connect_timeout=soon", "it cannot be read"),
        ] {
            let error = PostgresAddress::parse(address).unwrap_err().to_string();
            assert!(error.contains(expected), "{address}: {error}");
            assert!(!error.contains("sec"), "{error}");
        }
    }

    #[test]
    fn the_name_of_an_address_has_no_password() {
        for (address, name) in [
            ("postgres://u:secret@db.example.com/m", "postgres://u@db.example.com/m"),
            (
                "postgresql://u:s%40@h:6432,[::2]:5432/m?application_name=x",
                "postgres://u@h:6432,[::2]/m",
            ),
            ("postgres://h?password=secret", "postgres://h"),
            ("postgres://%2Ftmp/m", "postgres:///tmp/m"),
        ] {
            let address = PostgresAddress::parse(address).unwrap();
            assert_eq!(address.name(), name);
            assert!(!format!("{address:?}").contains("secret"));
        }
    }
}
