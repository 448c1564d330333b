//! Profiles: a host, its credentials, and whether personal data is hidden.

use std::collections::BTreeMap;

use omnilogs::archive::PostgresAddress;
use omnilogs::redaction::Redaction;

use super::credentials::{CredentialsReader, StoredCredentials};
use super::document::{Document, KeyValue, entries};
use super::{DEFAULT_PROFILE, WithLine, defaults, keys};
use crate::failure::Failure;

/// The command for the password of the archive.
const ARCHIVE_COMMAND: &str = "archive_credential_command";

/// One account at one host.
#[derive(Debug, Default)]
pub(crate) struct Profile {
    /// Not checked yet: only that of the profile in use is.
    pub(crate) base_url: Option<WithLine<String>>,
    pub(crate) stored: Option<StoredCredentials>,
    /// The archive of this account.
    pub(crate) archive: Option<WithLine<String>>,
    /// A command that prints the password for the server of that archive.
    pub(crate) archive_command: Option<WithLine<String>>,
    /// What is hidden; `Some` of `None` is a plain no, which beats `[defaults]`.
    pub(crate) redact: Option<WithLine<Option<Redaction>>>,
}

impl Profile {
    /// Whether it names a command that is run for a secret.
    pub(crate) fn has_command(&self) -> bool {
        self.archive_command.is_some()
            || self.stored.as_ref().is_some_and(|stored| !stored.is_secret())
    }

    /// Whether it holds credentials, or a password for the archive. An address that cannot be read
    /// may hold one.
    pub(crate) fn has_secret(&self) -> bool {
        let holds_password = |text: &str| {
            let address = PostgresAddress::parse(text);
            text.contains("://") && address.map_or(true, |address| address.has_password())
        };
        self.stored.as_ref().is_some_and(StoredCredentials::is_secret)
            || self.archive.as_ref().is_some_and(|archive| holds_password(&archive.value))
    }
}

/// Reads the entries of one profile.
pub(super) fn read<'i>(
    document: &Document<'i>,
    entries: Vec<KeyValue<'_, 'i>>,
    known: &[&str],
) -> Result<Profile, Failure> {
    let mut profile = Profile::default();
    let mut collected = CredentialsReader::default();
    let mut command_at = None;
    for entry in entries {
        match entry.key {
            "base_url" => {
                let WithLine { value, line } = document.text(&entry)?;
                profile.base_url = Some(WithLine { value: value.to_owned(), line });
            }
            "archive" => {
                let WithLine { value, line } = document.text(&entry)?;
                profile.archive = Some(WithLine { value: value.to_owned(), line });
            }
            ARCHIVE_COMMAND => {
                let WithLine { value, line } = document.text(&entry)?;
                profile.archive_command = Some(WithLine { value: value.to_owned(), line });
                command_at = Some(entry.at);
            }
            "redact" => profile.redact = Some(defaults::redaction(document, &entry)?),
            _ if collected.take(document, &entry)? => {}
            _ => return Err(keys::unknown(document, &entry, known)),
        }
    }
    if let Some(at) = command_at.filter(|_| profile.archive.is_none()) {
        // Its password is for the server that the profile names, and for no other.
        return Err(document
            .refuse(at, format!("{ARCHIVE_COMMAND} without archive"))
            .hint("name the server: archive = \"postgres://user@host/database\""));
    }
    profile.stored = collected.finish(document)?;
    Ok(profile)
}

/// Reads `[profiles.…]`.
pub(super) fn all<'i>(
    document: &Document<'i>,
    profiles: &KeyValue<'_, 'i>,
) -> Result<BTreeMap<String, Profile>, Failure> {
    let mut found = BTreeMap::new();
    for entry in entries(document.table(profiles)?) {
        if !keys::is_profile_name(entry.key) {
            return Err(document
                .refuse(entry.at, "the name of this profile cannot be used")
                .hint("use letters, digits, '.', '_' and '-', at most 64"));
        }
        if entry.key == DEFAULT_PROFILE {
            return Err(document
                .refuse(entry.at, "the default profile is the top level of the file")
                .hint("put its keys above the first [table], or take another name"));
        }
        if keys::PROFILE.contains(&entry.key) && entry.value.get_ref().as_table().is_none() {
            return Err(document
                .refuse(entry.at, format!("{} is outside a profile", entry.key))
                .hint("write [profiles.NAME] above it"));
        }
        // Without its name, which may be a secret in the wrong place.
        let table = document.table(&KeyValue { key: "a profile", ..entry })?;
        found.insert(entry.key.to_owned(), read(document, entries(table), &keys::PROFILE)?);
    }
    Ok(found)
}
