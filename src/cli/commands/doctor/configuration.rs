//! What is set, and where it comes from: file, profile, settings, base URL. Nothing is sent.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::check::Checkup;
use super::target::Subject;
use crate::args::ConnectionArgs;
use crate::config_file::Doubt;
use crate::credentials::{self, Account, Asked, Part};
use crate::session::context::Context;
use crate::settings;

/// Finds out which account is asked; `None` when the settings do not say.
pub(super) fn account(
    asked: &Asked<'_>,
    context: &Context,
    checkup: &mut Checkup,
) -> Option<Account> {
    match credentials::resolve_in_parts(asked, &context.surroundings) {
        Ok(account) => {
            let chosen = &account.chosen;
            config(chosen.path.as_deref(), chosen.file_found, &chosen.doubts, checkup);
            profile(&account, checkup);
            Some(account)
        }
        Err((part, failure)) => {
            if part != Part::Config {
                // The file was read before, and gave no offence.
                let path = credentials::config_path(asked, &context.surroundings);
                let found = path.as_deref().is_some_and(Path::exists);
                config(path.as_deref(), found, &[], checkup);
            }
            let name = match part {
                Part::Config => "config",
                Part::BaseUrl => "base_url",
                Part::Credentials => "credentials",
            };
            checkup.failed(name, failure);
            None
        }
    }
}

fn config(path: Option<&Path>, found: bool, doubts: &[Doubt], checkup: &mut Checkup) {
    let Some(path) = path else {
        return checkup.ok("config", "none, and no home folder is known to look in");
    };
    if !found {
        return checkup.ok("config", format!("none; {} is not there", path.display()));
    }
    let shown = format!("{}{}", path.display(), mode(path).unwrap_or_default());
    match doubts {
        [] => checkup.ok("config", shown),
        doubts => {
            let what: Vec<_> = doubts.iter().map(|doubt| doubt.what).collect();
            let mends = doubts.iter().map(|doubt| doubt.mend.clone()).collect();
            checkup.warning("config", format!("{shown}; it {}", what.join("; it ")), mends);
        }
    }
}

/// Who may do what with the file, as `chmod` takes it.
fn mode(path: &Path) -> Option<String> {
    let mode = std::fs::metadata(path).ok()?.permissions().mode();
    Some(format!(", mode {:03o}", mode & 0o7777))
}

fn profile(account: &Account, checkup: &mut Checkup) {
    let chosen = &account.chosen;
    let others = match chosen.others.as_slice() {
        [] => String::new(),
        others => format!("; there are also {}", others.join(", ")),
    };
    checkup.ok("profile", format!("{} ({}){others}", chosen.name, chosen.name_origin));
}

/// What holds besides the account.
pub(super) fn settings(
    account: &Account,
    connection: &ConnectionArgs,
    trust: Option<&str>,
    context: &Context,
    checkup: &mut Checkup,
) {
    let mut parts: Vec<String> = account
        .defaults
        .written
        .iter()
        .map(|(key, placed)| format!("{key} {} (line {})", placed.value, placed.line))
        .collect();
    let is_given = connection.request_timeout.is_some();
    let origin = if is_given { "--request-timeout" } else { "the built-in default" };
    let timeout = settings::request_timeout(connection).as_secs_f64();
    parts.push(format!("request timeout {timeout} s ({origin})"));
    match (&connection.cacert, trust) {
        (Some(path), _) => parts.push(format!("authorities of {} (--cacert)", path.display())),
        (None, Some(origin)) => parts.push(format!("authorities of {origin}")),
        (None, None) => {}
    }
    let of_file = account.chosen.warnings();
    let warnings = account.warnings.iter().filter(|warning| !of_file.contains(warning));
    let doubts: Vec<_> = warnings.chain(&context.surroundings.zone_note).cloned().collect();
    if doubts.is_empty() {
        checkup.ok("settings", parts.join("; "));
    } else {
        parts.extend(doubts);
        let mend = "unset what is not meant, or set it right".to_owned();
        checkup.warning("settings", parts.join("; "), vec![mend]);
    }
}

/// The base URL, which has the right form by now.
pub(super) fn base_url(subject: &Subject, checkup: &mut Checkup) {
    let origin = &subject.base_url_origin;
    checkup.ok("base_url", format!("{} ({origin})", subject.endpoint.origin()));
}
