//! Settings of the connection: timeouts, retries, rate, certificate authorities, proxies.

use std::path::Path;
use std::time::Duration;

use omnilogs::Query;
use omnilogs::client::{Accept, Authorities, ClientOptions, Credentials, Endpoint, ProxySettings};
use secrecy::zeroize::Zeroizing;

use crate::args::ConnectionArgs;
use crate::args::values::RateLimit;
use crate::choices::AcceptName;
use crate::credentials::AccountArgs;
use crate::failure::Failure;
use crate::io::environment::{Environment, Var};
use crate::io::private_file::{self, PrivateFileError};

/// The options of the command line that choose the account.
pub(crate) fn account_args(connection: &ConnectionArgs) -> AccountArgs<'_> {
    AccountArgs {
        profile: connection.profile.as_deref(),
        config: connection.config.as_deref(),
        base_url: connection.base_url.as_deref(),
        api_key_file: connection.api_key_file.as_deref(),
    }
}

/// The options of a client for this endpoint and these credentials.
///
/// # Errors
/// When the file of certificate authorities cannot be used.
pub(crate) fn client_options(
    args: &ConnectionArgs,
    endpoint: Endpoint,
    credentials: Credentials,
    environment: &Environment,
) -> Result<ClientOptions, Failure> {
    let trust = trust(args, endpoint.is_https(), environment)?;
    let mut options = ClientOptions::new(endpoint, credentials);
    options.accept = accept(args);
    options.timeout = request_timeout(args);
    options.retries = args.retries.unwrap_or(options.retries);
    options.max_wait = args.max_wait.unwrap_or(options.max_wait);
    options.rate = args.rate.map_or(options.rate, |RateLimit(rate)| rate);
    options.authorities = trust.authorities;
    options.proxies = proxies(environment);
    Ok(options)
}

/// Requests per minute; `None` for no limit.
pub(crate) fn rate(args: &ConnectionArgs) -> Option<u32> {
    args.rate.map_or(Some(Query::PUBLISHED_RATE), |RateLimit(rate)| rate)
}

/// The time limit of one attempt.
pub(crate) fn request_timeout(args: &ConnectionArgs) -> Duration {
    args.request_timeout.unwrap_or(ClientOptions::DEFAULT_TIMEOUT)
}

/// How many requests are allowed in a minute. Without a limit, the number of requests that the
/// published rate allows in a day.
pub(crate) fn requests_per_minute(args: &ConnectionArgs) -> u64 {
    const DAY: u64 = 24 * 60 * Query::PUBLISHED_RATE as u64;
    rate(args).map_or(DAY, u64::from)
}

/// The response format to request.
pub(crate) fn accept(args: &ConnectionArgs) -> Accept {
    match args.accept {
        Some(AcceptName::Xml) => Accept::Xml,
        Some(AcceptName::Json) | None => Accept::Json,
    }
}

/// The authorities to trust in place of those of the system, and the setting that names them.
#[derive(Debug, Default)]
pub(crate) struct TrustedAuthorities {
    /// `None`: those that the TLS library finds, in `SSL_CERT_DIR` or in the system.
    pub(crate) authorities: Option<Authorities>,
    /// Where they are; `None`: in the system.
    pub(crate) origin: Option<String>,
}

/// The largest file of certificates that is read; real ones are far smaller.
const MAX_CERTIFICATE_BYTES: usize = 4 << 20;

/// Finds the authorities to trust. Without `is_https`, only those of `--cacert` are read, since no
/// connection needs others.
///
/// # Errors
/// When the file or the folder that names them cannot be used.
pub(crate) fn trust(
    args: &ConnectionArgs,
    is_https: bool,
    environment: &Environment,
) -> Result<TrustedAuthorities, Failure> {
    let origin = authorities_origin(args, environment);
    if let Some(path) = args.cacert.as_deref() {
        return Ok(TrustedAuthorities {
            authorities: Some(authorities("--cacert", path)?),
            origin,
        });
    }
    if !is_https {
        return Ok(TrustedAuthorities::default());
    }
    let (file, folders) = (environment.var_os("SSL_CERT_FILE"), environment.path("SSL_CERT_DIR"));
    let Some(file) = file.map(Path::new) else {
        if let Some(folders) = &folders {
            require_folder(folders)?;
        }
        return Ok(TrustedAuthorities { authorities: None, origin });
    };
    if file.as_os_str().is_empty() {
        return Err(Failure::usage("SSL_CERT_FILE is set but empty")
            .hint("unset SSL_CERT_FILE to trust the certificate authorities of the system"));
    }
    let pem = certificates("SSL_CERT_FILE", file)?;
    let authorities = Authorities::from_bundle(&pem)
        .map_err(|error| unusable("SSL_CERT_FILE", file, &error.to_string()))?;
    if folders.is_some() {
        // The TLS library reads both itself.
        return Ok(TrustedAuthorities { authorities: None, origin });
    }
    Ok(TrustedAuthorities { authorities: Some(authorities), origin })
}

/// Where the authorities are that are trusted in place of those of the system: each path, and the flag
/// or the variable that names it.
pub(crate) fn authorities_origin(
    args: &ConnectionArgs,
    environment: &Environment,
) -> Option<String> {
    if let Some(path) = &args.cacert {
        return Some(format!("{} (--cacert)", path.display()));
    }
    let named = ["SSL_CERT_FILE", "SSL_CERT_DIR"].into_iter().filter_map(|name| {
        environment.path(name).map(|path| format!("{} ({name})", path.display()))
    });
    let named: Vec<_> = named.collect();
    (!named.is_empty()).then(|| named.join(" and "))
}

/// The authorities in a file, each of which must be valid. `origin` is the setting that names the file.
///
/// # Errors
/// When the file cannot be used.
pub(crate) fn authorities(origin: &str, path: &Path) -> Result<Authorities, Failure> {
    Authorities::from_pem(&certificates(origin, path)?)
        .map_err(|error| unusable(origin, path, &error.to_string()))
}

fn certificates(origin: &str, path: &Path) -> Result<Zeroizing<Vec<u8>>, Failure> {
    private_file::read_regular(path, MAX_CERTIFICATE_BYTES).map(|file| file.bytes).map_err(
        |error| match error {
            PrivateFileError::Missing => unusable(origin, path, "the file does not exist"),
            PrivateFileError::Because(why) => unusable(origin, path, &format!("it {why}")),
        },
    )
}

fn unusable(origin: &str, path: &Path, why: &str) -> Failure {
    Failure::usage(format!("{origin}: cannot use {}", path.display())).because(why)
}

/// Refuses a list of folders none of which exists.
fn require_folder(folders: &Path) -> Result<(), Failure> {
    if std::env::split_paths(folders).any(|folder| folder.is_dir()) {
        return Ok(());
    }
    let exists = std::env::split_paths(folders).any(|folder| folder.exists());
    let why = if exists { "it is not a folder" } else { "the folder does not exist" };
    Err(unusable("SSL_CERT_DIR", folders, why)
        .hint("unset SSL_CERT_DIR to trust the certificate authorities of the system"))
}

/// Variables that name the proxy for https; lower case first, as curl reads them.
const HTTPS_PROXY: [&str; 2] = ["https_proxy", "HTTPS_PROXY"];
/// Variables that name the proxy for every other scheme.
const ALL_PROXY: [&str; 2] = ["all_proxy", "ALL_PROXY"];

/// The proxies of the environment.
pub(crate) fn proxies(environment: &Environment) -> ProxySettings {
    let first = |names| first(names, environment).map(|(_, text)| text.to_owned());
    let mut proxies = ProxySettings::default();
    proxies.https = first(HTTPS_PROXY);
    proxies.all = first(ALL_PROXY);
    proxies.no_proxy = first(["no_proxy", "NO_PROXY"]);
    proxies
}

/// The variable that names the proxy for https.
pub(crate) fn proxy_variable(environment: &Environment) -> Option<&'static str> {
    let named = first(HTTPS_PROXY, environment).or_else(|| first(ALL_PROXY, environment));
    named.map(|(name, _)| name)
}

fn first<'a>(
    names: [&'static str; 2],
    environment: &'a Environment,
) -> Option<(&'static str, &'a str)> {
    names.into_iter().find_map(|name| match environment.var(name) {
        Var::Text(text) => Some((name, text)),
        _ => None,
    })
}
