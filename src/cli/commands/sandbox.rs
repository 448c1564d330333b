//! `sandbox`: runs the server alone, for tests of scripts.

use std::time::Duration;

use clap::Args;
use omnilogs::sandbox::Scenario;

use crate::args::values;
use crate::failure::Failure;
use crate::io::output::print;
use crate::session::context::Context;
use crate::session::sandbox_server::start;

/// Options of `sandbox`.
#[derive(Debug, Args)]
pub(crate) struct SandboxArgs {
    /// What happens in the traffic or with the server
    #[arg(
        value_name = "SCENARIO",
        default_value = "normal",
        ignore_case = true,
        value_parser = values::scenario()
    )]
    pub(crate) scenario: Scenario,
    /// Port on 127.0.0.1; 0 for any free port
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) port: u16,
    /// Seed of the traffic; the same seed gives the same messages
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
}

/// Serves until a signal ends the program.
pub(crate) fn run(args: &SandboxArgs, context: &Context) -> Result<(), Failure> {
    let sandbox = start(args.port, args.seed, args.scenario, context)?;
    context.signals.end_in_order();
    let text = format!(
        "OMNILOGS_BASE_URL={}\nOMNILOGS_API_KEY={}\n",
        sandbox.base_url(),
        sandbox.api_key()
    );
    print(text.as_bytes())?;
    context.report.say(&format!(
        "serving generated messages of the last 48 hours; the server also accepts user {} with password {}, or token {}; Ctrl-C ends it",
        sandbox.username(),
        sandbox.password(),
        sandbox.token()
    ));
    while !context.interrupt.wait(Duration::from_secs(3600)) {}
    // A signal is the normal end of a server, and not a failure.
    context.signals.end();
    Ok(())
}
