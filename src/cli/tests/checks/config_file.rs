//! A configuration file is accepted or refused with a line number; its settings can be written and
//! read again, and no secret in it is ever displayed.

use std::path::Path;

use omnilogs::redaction::Redaction;
use secrecy::ExposeSecret;

use super::failure;
use crate::config_file::{ConfigFile, Profile, Secrets, parse, redaction_words};
use crate::failure::Failure;

const NAME: &str = "config.toml";

/// Checks the bytes of a file.
pub fn check(data: &[u8]) {
    match parse(Path::new(NAME), data) {
        Ok(config) => understood(&config, data),
        Err(failure) => refused(&failure, data),
    }
}

fn understood(config: &ConfigFile, data: &[u8]) {
    let lines = data.split(|byte| *byte == b'\n').count();
    for profile in profiles(config) {
        let stored = profile.stored.as_ref().map(|stored| stored.line);
        let base_url = profile.base_url.as_ref().map(|placed| placed.line);
        let redact = profile.redact.as_ref().map(|placed| placed.line);
        for line in [stored, base_url, redact].into_iter().flatten() {
            assert!((1..=lines).contains(&line), "line {line} of {lines}");
        }
        hidden(profile, config, data);
    }
    let printed = printed(config);
    let again = parse(Path::new(NAME), printed.as_bytes());
    let again = again.unwrap_or_else(|failure| panic!("{failure:?} in {printed}"));
    assert_eq!(self::printed(&again), printed, "what was printed says the same");
    assert_eq!(again.defaults.output, config.defaults.output);
    assert_eq!(again.defaults.columns, config.defaults.columns);
    assert_eq!(again.defaults.timezone, config.defaults.timezone);
}

fn profiles(config: &ConfigFile) -> impl Iterator<Item = &Profile> {
    std::iter::once(&config.top).chain(config.profiles.values())
}

/// Debug output, which can end up in a crash report, has no secret that the file has once.
fn hidden(profile: &Profile, config: &ConfigFile, data: &[u8]) {
    let Some(stored) = &profile.stored else { return };
    for secret in secrets(&stored.secrets) {
        let times = data.windows(secret.len()).filter(|part| *part == secret.as_bytes()).count();
        let shown = format!("{config:?}").contains(secret);
        assert!(secret.len() < 8 || times != 1 || !shown, "a secret is in debug text");
    }
}

fn secrets(secrets: &Secrets) -> Vec<&str> {
    match secrets {
        Secrets::Basic { username, password } => {
            vec![username.expose_secret(), password.expose_secret()]
        }
        Secrets::ApiKey(secret) | Secrets::Token(secret) | Secrets::Ibsso(secret) => {
            vec![secret.expose_secret()]
        }
        Secrets::Command(command) => vec![command],
    }
}

fn refused(failure: &Failure, data: &[u8]) {
    failure::check(failure);
    let place = failure.message.strip_prefix("config.toml:").expect("the file's name");
    let line = place.split(':').next().expect("a line").parse::<usize>().expect("a number");
    assert!((1..=data.split(|byte| *byte == b'\n').count()).contains(&line), "line {line}");
    for word in String::from_utf8_lossy(data).split(|c: char| !c.is_alphanumeric()) {
        let repeated = failure::parts(failure).any(|part| part.contains(word));
        assert!(!looks_like_a_secret(word) || !repeated, "{failure:?} repeats {word}");
    }
}

/// Whether a word cannot be one of the program's own messages: seven characters or more, with
/// capitals and digits.
fn looks_like_a_secret(word: &str) -> bool {
    word.chars().count() >= 7
        && word.contains(|c: char| c.is_ascii_digit())
        && word.contains(|c: char| c.is_ascii_uppercase())
}

/// The file as the program understands it.
fn printed(config: &ConfigFile) -> String {
    let mut text = profile(&config.top);
    for (name, stored) in &config.profiles {
        text += &["[profiles.", &quoted(name), "]\n", &profile(stored)].concat();
    }
    text += "[defaults]\n";
    for (key, written) in &config.defaults.written {
        text += &match written.value.as_str() {
            "false" if *key == "redact" => "redact = false\n".to_owned(),
            value => line(key, value),
        };
    }
    text
}

fn profile(profile: &Profile) -> String {
    let mut text = String::new();
    if let Some(base_url) = &profile.base_url {
        text += &line("base_url", &base_url.value);
    }
    if let Some(redact) = &profile.redact {
        text += &redaction(redact.value);
    }
    if let Some(stored) = &profile.stored {
        let keys = stored.secrets.keys().split(" and ");
        for (key, value) in keys.zip(secrets(&stored.secrets)) {
            text += &line(key, value);
        }
    }
    text
}

fn redaction(redaction: Option<Redaction>) -> String {
    match redaction {
        None => "redact = false\n".to_owned(),
        some => line("redact", &redaction_words(some)),
    }
}

fn line(key: &str, value: &str) -> String {
    format!("{key} = {}\n", quoted(value))
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}
