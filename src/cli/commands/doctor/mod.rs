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

/// What `doctor` takes.
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
    let chosen = examine(args, connection, context, &mut checks)?;
    let checks = checks.finish();
    let here = &context.environment;
    let text = if json {
        render::json(&checks, here.stdout_terminal)?
    } else {
        let colour = settings::colour(connection.color.or(chosen), here.stdout_terminal, here);
        let width = here.stdout_terminal.then(|| here.width.unwrap_or(80));
        render::text(&checks, width, colour)
    };
    print(text.as_bytes())?;
    check::verdict(&checks)
}

/// Makes the checks, as far as they can be made; returns the colour setting of the file.
fn examine(
    args: &DoctorArgs,
    connection: &ConnectionArgs,
    context: &Context,
    checks: &mut Checks,
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
        configuration::settings(&account, connection, trust.origin, context, checks);
    }
    let target = match args.source.sandbox {
        Some(scenario) => DoctorTarget::sandbox(scenario, args.source.seed, context)?,
        None => DoctorTarget::account(account),
    };
    configuration::base_url(&target, checks);
    let trust = match trust {
        Ok(trust) => trust,
        Err(failure) => {
            checks.failed("settings", failure);
            return Ok(colour);
        }
    };
    let arrived = network::check(&target, trust, context, checks)?;
    if let Some(failure) = target.missing() {
        checks.failed("credentials", failure);
    } else if arrived {
        request::check(target, connection, context, checks)?;
    }
    Ok(colour)
}

/// `--dry-run`: the one request, and nothing is looked up or sent.
fn show_request(connection: &ConnectionArgs, context: &Context) -> Result<(), Failure> {
    let account = credentials::resolve(&settings::account_args(connection), &context.environment)?;
    dry_run::run(&[request::query()], &account, connection, context)
}
