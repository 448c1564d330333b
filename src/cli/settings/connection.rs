//! How the API is reached: limits, patience, pace, trust, proxies.

use std::time::Duration;

use omnilogs::Query;
use omnilogs::client::{
    Accept, Attempts, Authorities, ClientOptions, Credentials, Endpoint, Limits, ProxySettings,
};

use crate::args::ConnectionArgs;
use crate::args::values::Rate;
use crate::choices::BodyName;
use crate::credentials::Asked;
use crate::failure::Failure;
use crate::io::environment::{Surroundings, Var};

/// One attempt, body included.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);
/// All waits for one page together.
const MAX_WAIT: Duration = Duration::from_secs(60);
/// Further attempts after a passing fault.
const RETRIES: u32 = 3;

/// What the program calls itself to the server.
pub(crate) const USER_AGENT: &str = concat!("omnilogs/", env!("CARGO_PKG_VERSION"));

/// What the command line says about the account.
pub(crate) fn asked(connection: &ConnectionArgs) -> Asked<'_> {
    Asked {
        profile: connection.profile.as_deref(),
        config: connection.config.as_deref(),
        base_url: connection.base_url.as_deref(),
        api_key_file: connection.api_key_file.as_deref(),
    }
}

/// How a client is to ask this endpoint as this account.
///
/// # Errors
/// When the file of certificate authorities cannot be used.
pub(crate) fn client_options(
    args: &ConnectionArgs,
    endpoint: Endpoint,
    credentials: Credentials,
    surroundings: &Surroundings,
) -> Result<ClientOptions, Failure> {
    Ok(ClientOptions {
        endpoint,
        credentials,
        accept: accept(args),
        timeout: request_timeout(args),
        attempts: Attempts::Bounded(args.retries.unwrap_or(RETRIES)),
        max_wait: args.max_wait.unwrap_or(MAX_WAIT),
        rate: args.rate.unwrap_or(Rate(Some(Query::PUBLISHED_RATE))).0,
        authorities: authorities(args)?,
        proxies: proxies(surroundings),
        user_agent: USER_AGENT.to_owned(),
        limits: Limits::default(),
    })
}

/// How long one attempt may take.
pub(crate) fn request_timeout(args: &ConnectionArgs) -> Duration {
    args.request_timeout.unwrap_or(REQUEST_TIMEOUT)
}

/// Which body is asked for.
pub(crate) fn accept(args: &ConnectionArgs) -> Accept {
    match args.accept {
        Some(BodyName::Xml) => Accept::Xml,
        Some(BodyName::Json) | None => Accept::Json,
    }
}

/// The authorities to trust in place of the system's.
///
/// # Errors
/// When their file cannot be used.
pub(crate) fn authorities(args: &ConnectionArgs) -> Result<Option<Authorities>, Failure> {
    let Some(path) = args.cacert.as_deref() else { return Ok(None) };
    let refused = |why: String| {
        Failure::usage(format!("--cacert: cannot use {}", path.display())).because(why)
    };
    let pem = std::fs::read(path).map_err(|error| refused(error.to_string()))?;
    Authorities::from_pem(&pem).map(Some).map_err(|error| refused(error.to_string()))
}

/// Variables that name the proxy for https; lower case first, as curl reads them.
const HTTPS_PROXY: [&str; 2] = ["https_proxy", "HTTPS_PROXY"];
/// Variables that name the proxy for what has none of its own.
const ALL_PROXY: [&str; 2] = ["all_proxy", "ALL_PROXY"];

/// The proxies of the environment.
pub(crate) fn proxies(surroundings: &Surroundings) -> ProxySettings {
    let first = |names| first(names, surroundings).map(|(_, text)| text.to_owned());
    ProxySettings {
        https: first(HTTPS_PROXY),
        all: first(ALL_PROXY),
        no_proxy: first(["no_proxy", "NO_PROXY"]),
    }
}

/// The variable that names the proxy for https.
pub(crate) fn proxy_variable(surroundings: &Surroundings) -> Option<&'static str> {
    let named = first(HTTPS_PROXY, surroundings).or_else(|| first(ALL_PROXY, surroundings));
    named.map(|(name, _)| name)
}

fn first<'a>(
    names: [&'static str; 2],
    surroundings: &'a Surroundings,
) -> Option<(&'static str, &'a str)> {
    names.into_iter().find_map(|name| match surroundings.var(name) {
        Var::Text(text) => Some((name, text)),
        _ => None,
    })
}
