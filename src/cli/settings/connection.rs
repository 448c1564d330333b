//! How the API is reached: limits, patience, pace, trust, proxies.

use std::path::Path;
use std::time::Duration;

use omnilogs::client::{
    Accept, Attempts, Authorities, ClientOptions, Credentials, Endpoint, Limits, ProxySettings,
};

use crate::args::{BodyName, ConnectionArgs, Rate};
use crate::outcome::Failure;
use crate::surroundings::{Surroundings, Var};

/// One attempt, body included.
const TIMEOUT: Duration = Duration::from_secs(60);
/// All waits for one page together.
const MAX_WAIT: Duration = Duration::from_secs(60);
/// Further attempts after a passing fault.
const RETRIES: u32 = 3;
/// Requests a minute that the API publishes for this endpoint.
const PUBLISHED_RATE: u32 = 120;

/// What the program calls itself to the server.
pub(crate) const USER_AGENT: &str = concat!("omnilogs/", env!("CARGO_PKG_VERSION"));

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
        timeout: args.timeout.unwrap_or(TIMEOUT),
        attempts: Attempts::Bounded(args.retries.unwrap_or(RETRIES) + 1),
        max_wait: args.max_wait.unwrap_or(MAX_WAIT),
        rate: args.rate.unwrap_or(Rate(Some(PUBLISHED_RATE))).0,
        authorities: args.cacert.as_deref().map(authorities).transpose()?,
        proxies: proxies(surroundings),
        user_agent: USER_AGENT.to_owned(),
        limits: Limits::default(),
    })
}

/// Which body is asked for.
pub(crate) fn accept(args: &ConnectionArgs) -> Accept {
    match args.accept {
        Some(BodyName::Xml) => Accept::Xml,
        Some(BodyName::Json) | None => Accept::Json,
    }
}

fn authorities(path: &Path) -> Result<Authorities, Failure> {
    let refused = |why: String| {
        Failure::usage(format!("--cacert: cannot use {}", path.display())).because(why)
    };
    let pem = std::fs::read(path).map_err(|error| refused(error.to_string()))?;
    Authorities::from_pem(&pem).map_err(|error| refused(error.to_string()))
}

/// The proxies of the environment; lower case first, as curl reads them.
fn proxies(surroundings: &Surroundings) -> ProxySettings {
    let first = |names: [&str; 2]| {
        names.into_iter().find_map(|name| match surroundings.var(name) {
            Var::Text(text) => Some(text.to_owned()),
            _ => None,
        })
    };
    ProxySettings {
        https: first(["https_proxy", "HTTPS_PROXY"]),
        all: first(["all_proxy", "ALL_PROXY"]),
        no_proxy: first(["no_proxy", "NO_PROXY"]),
    }
}
