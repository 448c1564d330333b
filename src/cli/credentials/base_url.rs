//! The base URL in use, and the hosts to which stored credentials may be sent.

use omnilogs::client::{Endpoint, EndpointError};

use super::profile::SelectedProfile;
use super::{AccountArgs, Origin, QUOTED};
use crate::failure::Failure;
use crate::io::environment::Environment;

/// The API's shared host, for accounts without a base URL of their own.
const DEFAULT: &str = "https://api.infobip.com";
/// The variables that set the base URL, highest precedence first; the last is from the vendor's
/// examples.
const VARIABLES: [&str; 3] = ["OMNILOGS_BASE_URL", "INFOBIP_BASE_URL", "IB_BASE_URL"];

/// The base URL: of the flag, the environment, the profile, or the default.
pub(super) fn find(
    args: &AccountArgs<'_>,
    environment: &Environment,
    chosen: &SelectedProfile,
    warnings: &mut Vec<String>,
) -> Result<(Endpoint, Origin), Failure> {
    if let Some(text) = args.base_url {
        return parsed(text, Origin::Flag("--base-url"));
    }
    for name in VARIABLES {
        if let Some(text) = environment.text(name, warnings)? {
            return parsed(text, Origin::Env(name.into()));
        }
    }
    of_profile(chosen)
}

/// The base URL of the profile, or else the default.
fn of_profile(chosen: &SelectedProfile) -> Result<(Endpoint, Origin), Failure> {
    match &chosen.base_url {
        Some(placed) => parsed(&placed.value, chosen.origin(placed.line)),
        None => parsed(DEFAULT, Origin::Default),
    }
}

fn parsed(text: &str, origin: Origin) -> Result<(Endpoint, Origin), Failure> {
    match Endpoint::parse(text) {
        Ok(endpoint) => Ok((endpoint, origin)),
        Err(error) => {
            let failure = Failure::usage(error.to_string())
                .because(format!("the base URL came from {origin}"));
            Err(match error {
                EndpointError::Quoted => failure.hint(QUOTED),
                _ => failure.hint("write it as https://xxxxx.api.infobip.com"),
            })
        }
    }
}

/// Refuses to send the credentials of a profile to a host that is not that of its own base URL.
pub(super) fn require_own_host(
    endpoint: &Endpoint,
    origin: &Origin,
    chosen: &SelectedProfile,
) -> Result<(), Failure> {
    let (own, _) = of_profile(chosen)?;
    if own.origin() == endpoint.origin() {
        return Ok(());
    }
    let path = chosen.path.as_deref().unwrap_or_else(|| "config.toml".as_ref());
    Err(Failure::usage(format!(
        "the credentials of profile {} are for {}, and are not sent to {}",
        chosen.name,
        own.host(),
        endpoint.host()
    ))
    .because(format!("the base URL came from {origin}"))
    .hint(format!(
        "if that host may have them, set base_url = \"{}\" in that profile of {}",
        endpoint.origin(),
        path.display()
    ))
    .hint("or give credentials along with the base URL: OMNILOGS_API_KEY or --api-key-file"))
}
