//! The checks of the configuration: file, profile, settings, base URL. Nothing is sent.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::check::Checks;
use super::target::DoctorTarget;
use crate::args::ConnectionArgs;
use crate::config_file::FileWarning;
use crate::credentials::{self, AccountArgs, RefusedSetting, ResolvedAccount};
use crate::session::context::Context;
use crate::settings;

/// Resolves the account, and adds the checks of the file and the profile; `None` when a setting is
/// refused, which is a failed check.
pub(super) fn account(
    args: &AccountArgs<'_>,
    context: &Context,
    checks: &mut Checks,
) -> Option<ResolvedAccount> {
    match credentials::resolve_in_parts(args, &context.environment) {
        Ok(account) => {
            let chosen = &account.chosen;
            config(chosen.path.as_deref(), chosen.file_found, &chosen.file_warnings, checks);
            profile(&account, checks);
            Some(account)
        }
        Err((part, failure)) => {
            if part != RefusedSetting::Config {
                // The file was read without an error before that.
                let path = credentials::config_path(args, &context.environment);
                let found = path.as_deref().is_some_and(Path::exists);
                config(path.as_deref(), found, &[], checks);
            }
            let name = match part {
                RefusedSetting::Config => "config",
                RefusedSetting::BaseUrl => "base_url",
                RefusedSetting::Credentials => "credentials",
            };
            checks.failed(name, failure);
            None
        }
    }
}

fn config(path: Option<&Path>, found: bool, file_warnings: &[FileWarning], checks: &mut Checks) {
    let Some(path) = path else {
        return checks.ok("config", "none: the home folder is unknown");
    };
    if !found {
        return checks.ok("config", format!("none; {} does not exist", path.display()));
    }
    let shown = format!("{}{}", path.display(), mode(path).unwrap_or_default());
    match file_warnings {
        [] => checks.ok("config", shown),
        file_warnings => {
            let what: Vec<_> = file_warnings.iter().map(|warning| warning.what).collect();
            let fixes = file_warnings.iter().map(|warning| warning.fix.clone()).collect();
            checks.warning("config", format!("{shown}; it {}", what.join("; it ")), fixes);
        }
    }
}

/// The permissions of the file, in the form that `chmod` takes.
fn mode(path: &Path) -> Option<String> {
    let mode = std::fs::metadata(path).ok()?.permissions().mode();
    Some(format!(", mode {:03o}", mode & 0o7777))
}

fn profile(account: &ResolvedAccount, checks: &mut Checks) {
    let chosen = &account.chosen;
    let others = match chosen.others.as_slice() {
        [] => String::new(),
        others => format!("; there are also {}", others.join(", ")),
    };
    checks.ok("profile", format!("{} ({}){others}", chosen.name, chosen.name_origin));
}

/// Adds the check of the settings that are not of the account; `trust` names the authorities that
/// are trusted instead of the system's.
pub(super) fn settings(
    account: &ResolvedAccount,
    connection: &ConnectionArgs,
    trust: Option<&str>,
    context: &Context,
    checks: &mut Checks,
) {
    let mut parts: Vec<String> = account
        .defaults
        .written
        .iter()
        .map(|(key, written)| format!("{key} {} (line {})", written.value, written.line))
        .collect();
    let is_given = connection.request_timeout.is_some();
    let origin = if is_given { "--request-timeout" } else { "the built-in default" };
    let timeout = settings::request_timeout(connection).as_secs_f64();
    parts.push(format!("request timeout {timeout} s ({origin})"));
    parts.extend(trust.map(|origin| format!("authorities of {origin}")));
    let of_file = account.chosen.warnings();
    let of_settings = account.warnings.iter().filter(|warning| !of_file.contains(warning));
    let warnings: Vec<_> = of_settings
        .map(String::as_str)
        .chain(settings::zone_note(connection, &account.defaults, &context.environment))
        .map(str::to_owned)
        .collect();
    if warnings.is_empty() {
        checks.ok("settings", parts.join("; "));
    } else {
        parts.extend(warnings);
        let fix = "correct these settings, or unset them".to_owned();
        checks.warning("settings", parts.join("; "), vec![fix]);
    }
}

/// Adds the check of the base URL, which was parsed when the account was resolved.
pub(super) fn base_url(target: &DoctorTarget, checks: &mut Checks) {
    let origin = &target.base_url_origin;
    checks.ok("base_url", format!("{} ({origin})", target.endpoint.origin()));
}
