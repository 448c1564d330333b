//! `config show`: the settings that apply, and where each comes from. It must not read a secret.

use serde_json::{Map, Value, json};

use crate::credentials::{Origin, ResolvedAccount};

/// Replaces every secret; it does not show the length of the secret.
const MASK: &str = "***";

/// The column at which values begin.
pub(super) const VALUE_COLUMN: usize = 13;

/// A setting: its name, its value, and where it comes from.
type Setting = (&'static str, String, Origin);

/// The settings that are not secret.
fn settings(account: &ResolvedAccount) -> Vec<Setting> {
    let chosen = &account.chosen;
    let mut settings = vec![
        ("profile", chosen.name.clone(), chosen.name_origin.clone()),
        ("base_url", account.endpoint.origin(), account.endpoint_origin.clone()),
    ];
    for (key, written) in &account.defaults.written {
        settings.push((key, written.value.clone(), chosen.line(written.line)));
    }
    settings
}

/// The settings for people, one line each.
pub(super) fn text(account: &ResolvedAccount) -> Vec<String> {
    let chosen = &account.chosen;
    let line = |name: &str, value: &str, origin: &str| format!("{name:<12} {value}  ({origin})");
    let mut lines = vec![match &chosen.path {
        Some(path) if chosen.file_found => format!("{:<12} {}", "file", path.display()),
        Some(path) => line("file", "none", &format!("{} does not exist", path.display())),
        None => line("file", "none", "the home folder is unknown"),
    }];
    lines.extend(
        settings(account).iter().map(|(name, value, from)| line(name, value, &from.to_string())),
    );
    lines.push(match &account.found {
        Some(found) => {
            line("credentials", &format!("{} {MASK}", found.kind()), &found.origin.to_string())
        }
        None => line("credentials", "none", &format!("looked at {}", account.looked_at.join("; "))),
    });
    if !chosen.others.is_empty() {
        lines.push(format!("{:<12} {}", "profiles", chosen.others.join(", ")));
    }
    lines
}

/// The settings as JSON.
pub(super) fn json(account: &ResolvedAccount) -> Value {
    let chosen = &account.chosen;
    let settings: Map<String, Value> = settings(account)
        .into_iter()
        .map(|(name, value, from)| {
            (name.to_owned(), json!({ "value": value, "origin": from.to_string() }))
        })
        .collect();
    let credentials = account.found.as_ref().map(
        |found| json!({ "kind": found.kind(), "value": MASK, "origin": found.origin.to_string() }),
    );
    let path = chosen.path.as_ref().map(|path| path.to_string_lossy().into_owned());
    json!({
        "file": { "path": path, "found": chosen.file_found },
        "settings": settings,
        "credentials": credentials,
        "lookedAt": account.looked_at,
        "profiles": chosen.others,
    })
}
