//! Starts the sandbox: the server inside the program that speaks this API.

use std::sync::Arc;

use omnilogs::client::{Credentials, Endpoint};
use omnilogs::sandbox::{Sandbox, SandboxOptions, Scenario};

use super::context::Context;
use crate::failure::{Failure, Kind};

/// The seed of `--sandbox` when none is given.
pub(crate) const SEED: u64 = 1;

/// Starts the server. Its messages are from the time before now.
///
/// # Errors
/// When the port cannot be used.
pub(crate) fn start(
    port: u16,
    seed: u64,
    scenario: Scenario,
    context: &Context,
) -> Result<Sandbox, Failure> {
    let clock = Arc::clone(&context.clock);
    let mut options = SandboxOptions::default();
    options.port = port;
    options.seed = seed;
    options.scenario = scenario;
    options.now = clock.now();
    options.clock = Arc::new(move || clock.now());
    Sandbox::start(options).map_err(|error| {
        let why = error.to_string();
        Failure::new(Kind::Local, format!("cannot start the sandbox on port {port}")).because(why)
    })
}

/// The base URL of the server, and a key that it accepts.
///
/// # Errors
/// When the program cannot use them, which is a mistake in the program.
pub(crate) fn account(server: &Sandbox) -> Result<(Endpoint, Credentials), Failure> {
    let unforeseen = |error: String| Failure::new(Kind::Local, error);
    let endpoint = Endpoint::parse(&server.base_url()).map_err(|e| unforeseen(e.to_string()))?;
    let key = Credentials::app(server.api_key()).map_err(|e| unforeseen(e.to_string()))?;
    Ok((endpoint, key))
}
