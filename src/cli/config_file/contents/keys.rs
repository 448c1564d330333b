//! The keys that a file may contain, and the error about an unknown key.

use super::document::{Document, KeyValue};
use crate::failure::Failure;
use crate::text::closest;

/// Keys of a profile.
pub(super) const PROFILE: [&str; 10] = [
    "base_url",
    "username",
    "password",
    "api_key",
    "token",
    "ibsso_token",
    "credential_command",
    "archive",
    "archive_credential_command",
    "redact",
];
/// The tables of the top level, which is also a profile.
pub(super) const TABLES: [&str; 2] = ["profiles", "defaults"];
/// Keys of `[defaults]`.
pub(super) const DEFAULTS: [&str; 6] =
    ["output", "color", "timezone", "columns", "redact", "pager"];

/// The error about a key that is not in `known`.
pub(super) fn unknown(
    document: &Document<'_>,
    entry: &KeyValue<'_, '_>,
    known: &[&str],
) -> Failure {
    // A secret in the wrong place must not be repeated; the name of a key looks different.
    let looks_like_a_key = entry.key.len() <= 30
        && entry.key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let what =
        if looks_like_a_key { format!("unknown key {}", entry.key) } else { "unknown key".into() };
    let failure = document.refuse(entry.at, what);
    if DEFAULTS.contains(&entry.key) {
        return failure.hint(format!("put {} under [defaults]", entry.key));
    }
    if PROFILE.contains(&entry.key) {
        return failure.hint(format!("put {} above [defaults], or in a profile", entry.key));
    }
    match closest(entry.key, known.iter().copied()) {
        Some(near) => failure.hint(format!("did you mean {near}?")),
        None => failure.hint(format!("keys that work there: {}", known.join(", "))),
    }
}

/// Whether a profile can have that name: one that can be typed and shown without quoting.
pub(crate) fn is_profile_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
        && !name.starts_with('-')
}
