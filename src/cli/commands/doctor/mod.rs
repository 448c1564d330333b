//! `omnilogs doctor`: checks configuration, network and credentials one by one.
//!
//! Each check needs those before it; one that cannot be made is skipped. Nothing is changed, and one
//! request is sent.

mod check;
mod configuration;
mod network;
mod render;
mod request;
mod target;

use clap::Args;

use crate::args::{ConnectionArgs, SandboxSourceArgs};
use crate::choices::ColourChoice;
use crate::credentials;
use crate::failure::Failure;
use crate::io::output::print;
use crate::session::context::Context;
use crate::session::dry_run;
use crate::settings;
use check::Checks;
use target::DoctorTarget;

/// Options of `doctor`.
#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    pub(crate) source: SandboxSourceArgs,
}

/// Makes the checks and shows them.
pub(crate) fn run(
    args: &DoctorArgs,
    connection: &ConnectionArgs,
    context: &Context,
) -> Result<(), Failure> {
    let json = settings::is_json("doctor", connection)?;
    if connection.dry_run {
        return show_request(connection, context);
    }
    let mut checks = Checks::default();
    let of_file = make_checks(&mut checks, args, connection, context)?;
    let checks = checks.finish();
    let environment = &context.environment;
    let terminal = environment.stdout_terminal;
    let text = if json {
        render::json(&checks, terminal)?
    } else {
        let colour = settings::colour(connection.color.or(of_file), terminal, environment);
        let width = terminal.then(|| environment.width.unwrap_or(80));
        render::text(&checks, width, colour)
    };
    print(text.as_bytes())?;
    check::verdict(&checks)
}

/// Makes the checks, as far as they can be made. Returns the colour setting of the file.
///
/// # Errors
/// When the run is interrupted. A failed check is not an error.
fn make_checks(
    checks: &mut Checks,
    args: &DoctorArgs,
    connection: &ConnectionArgs,
    context: &Context,
) -> Result<Option<ColourChoice>, Failure> {
    let Some(account) =
        configuration::account(&settings::account_args(connection), context, checks)
    else {
        return Ok(None);
    };
    let colour = account.defaults.color;
    let is_https = args.source.sandbox.is_none() && account.endpoint.is_https();
    let trust = settings::trust(connection, is_https, &context.environment);
    if let Ok(trust) = &trust {
        configuration::settings(&account, connection, trust.origin.as_deref(), context, checks);
    }
    let target = match args.source.sandbox {
        Some(scenario) => DoctorTarget::sandbox(scenario, args.source.seed, context)?,
        None => DoctorTarget::account(account, context),
    };
    configuration::base_url(&target, checks);
    let trust = match trust {
        Ok(trust) => trust,
        Err(failure) => {
            checks.failed("settings", failure);
            return Ok(colour);
        }
    };
    let is_reached =
        network::check(&target, trust, settings::request_timeout(connection), context, checks)?;
    if let Some(failure) = target.missing_credentials() {
        checks.failed("credentials", failure);
    } else if is_reached {
        request::check(target, connection, context, checks)?;
    }
    Ok(colour)
}

/// `--dry-run`: prints the one request. Nothing is looked up or sent.
fn show_request(connection: &ConnectionArgs, context: &Context) -> Result<(), Failure> {
    let account = credentials::resolve(&settings::account_args(connection), &context.environment)?;
    dry_run::run(&[request::query()], &account, connection, context)
}
