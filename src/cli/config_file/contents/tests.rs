use omnilogs::redaction::Redaction;
use omnilogs::sink::Column;
use omnilogs::zone::Zone;
use proptest::prelude::*;
use secrecy::ExposeSecret as _;

use super::*;
use crate::choices::{ColourChoice, FormatName};
use crate::config_file::MAX_BYTES;

const EXAMPLE: &str = include_str!("../../../../config.example.toml");

fn read(text: &str) -> Result<ConfigFile, Failure> {
    parse(Path::new("c.toml"), text.as_bytes())
}

fn refused(text: &str) -> Failure {
    read(text).expect_err(text)
}

#[test]
fn the_example_is_valid_unchanged_and_sets_nothing() {
    let config = read(EXAMPLE).unwrap();
    assert!(config.top.stored.is_none() && config.profiles.is_empty());
    assert_eq!(config.defaults, Defaults::default());
}

#[test]
fn the_example_is_valid_with_every_line_uncommented() {
    let in_force: String = EXAMPLE
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(rest) if rest.starts_with('[') || is_assignment(rest) => format!("{rest}\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    let config = read(&in_force).unwrap();
    assert_eq!(config.top.stored.unwrap().secrets.keys(), "api_key");
    let kinds: Vec<_> = config
        .profiles
        .values()
        .map(|profile| profile.stored.as_ref().unwrap().secrets.keys())
        .collect();
    assert_eq!(kinds, ["token", "credential_command", "ibsso_token", "username and password"]);
    assert_eq!(config.defaults.written.len(), keys::DEFAULTS.len());
    for key in keys::PROFILE.iter().chain(&keys::DEFAULTS) {
        assert!(in_force.lines().any(|line| line.starts_with(&format!("{key} = "))), "{key}");
    }
}

fn is_assignment(line: &str) -> bool {
    line.split_once(" = ")
        .is_some_and(|(key, _)| key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'))
}

#[test]
fn the_top_level_is_the_default_profile_and_tables_are_the_others() {
    let config = read(
        "base_url = 'a.example'\nusername = 'u'\npassword = 'p'\n\
         [profiles.staging]\napi_key = 'k'\nredact = 'to'\n\
         [defaults]\noutput = 'NDJSON'\ncolor = 'never'\ntimezone = 'europe/zagreb'\n\
         columns = ['sentAt', 'latency']\nredact = true\n",
    )
    .unwrap();
    assert_eq!(config.top.base_url, Some(WithLine { value: "a.example".into(), line: 1 }));
    let Some(StoredCredentials { secrets: Secrets::Basic { username, password }, line: 2 }) =
        config.top.stored
    else {
        panic!("a user name and a password on line 2")
    };
    assert_eq!((username.expose_secret(), password.expose_secret()), ("u", "p"));
    let staging = &config.profiles["staging"];
    assert_eq!(staging.stored.as_ref().unwrap().line, 5);
    let only_to = Redaction { to: true, from: false, text: false };
    assert_eq!(staging.redact, Some(WithLine { value: Some(only_to), line: 6 }));
    let defaults = config.defaults;
    assert_eq!(defaults.output, Some(FormatName::Jsonl));
    assert_eq!(defaults.color, Some(ColourChoice::Never));
    assert_eq!(defaults.timezone, Zone::parse("Europe/Zagreb"));
    assert_eq!(defaults.columns.unwrap(), [Column::parse("sentAt").unwrap(), Column::Latency]);
    assert_eq!(defaults.redact, Some(Redaction::default()));
}

#[test]
fn a_file_that_is_not_toml_is_refused_with_line_and_column_and_without_the_line() {
    let failure = refused("a = 1\napi_key = hunter2hunter2\n");
    assert!(failure.message.starts_with("c.toml:2:11: "), "{}", failure.message);
    assert!(!format!("{failure:?}").contains("hunter2"));
    assert!(refused("api_key = 'é\n").message.starts_with("c.toml:1:"));
    let bytes = b"# fine\napi_key = '\xff'\n";
    let failure = parse(Path::new("c.toml"), bytes).unwrap_err();
    assert_eq!(failure.message, "c.toml:2: not valid UTF-8");
}

#[test]
fn a_byte_order_mark_at_the_start_is_not_part_of_the_file() {
    let config = read("\u{feff}api_key = 'k'").unwrap();
    assert_eq!(config.top.stored.unwrap().line, 1);
    assert_eq!(profile_names("\u{feff}[profiles.a]".as_bytes()), ["a"]);
}

#[test]
fn an_unknown_key_is_refused_with_a_suggestion() {
    for (text, message, hint) in [
        ("\napi_kye = 'x'", "c.toml:2: unknown key api_kye", "did you mean api_key?"),
        ("[profiles.a]\nbase-url = 'x'", "c.toml:2: unknown key", "did you mean base_url?"),
        ("output = 'json'", "c.toml:1: unknown key output", "put output under [defaults]"),
        ("[defaults]\nouput = 'json'", "c.toml:2: unknown key ouput", "did you mean output?"),
        (
            "[defaults]\napi_key = 'x'",
            "c.toml:2: unknown key api_key",
            "put api_key above [defaults], or in a profile",
        ),
        ("[profile.a]\napi_key = 'x'", "c.toml:1: unknown key profile", "did you mean profiles?"),
        (
            "[profiles.a]\nxyz = 1",
            "c.toml:2: unknown key xyz",
            "keys that work there: base_url, username, password, api_key, token, ibsso_token, \
             credential_command, archive, archive_credential_command, redact",
        ),
    ] {
        let failure = refused(text);
        assert_eq!((&*failure.message, &*failure.hints[0]), (message, hint), "{text}");
    }
}

#[test]
fn a_secret_in_place_of_a_key_is_not_repeated() {
    let failure = refused("Hunter2-4711 = 'x'");
    assert_eq!(failure.message, "c.toml:1: unknown key");
    assert!(!format!("{failure:?}").contains("4711"));
    let failure = refused("[profiles]\nHunter2-4711 = 'x'");
    assert!(!format!("{failure:?}").contains("4711"), "{failure:?}");
}

#[test]
fn two_kinds_of_credentials_in_one_profile_are_refused() {
    for text in [
        "api_key = 'k'\ntoken = 't'",
        "username = 'u'\npassword = 'p'\napi_key = 'k'",
        "username = 'u'\napi_key = 'k'",
        "credential_command = 'c'\nibsso_token = 't'",
    ] {
        let failure = refused(text);
        assert!(failure.message.contains("two kinds of credentials"), "{}", failure.message);
        assert!(failure.message.ends_with("on line 1"), "{}", failure.message);
    }
    assert!(read("api_key = 'k'\n[profiles.a]\ntoken = 't'").is_ok());
}

#[test]
fn half_of_a_pair_is_refused() {
    assert_eq!(refused("\nusername = 'u'").message, "c.toml:2: username without password");
    assert_eq!(refused("password = 'p'").message, "c.toml:1: password without username");
}

#[test]
fn a_value_of_the_wrong_type_is_refused_with_its_key_and_line() {
    for (text, message) in [
        ("api_key = 5", "c.toml:1: api_key must be text in quotation marks, not integer"),
        ("base_url = ''", "c.toml:1: base_url is empty"),
        ("api_key = ' '", "c.toml:1: api_key is empty"),
        ("\nprofiles = 1", "c.toml:2: profiles must be a table, not integer"),
        ("[profiles]\na = 1", "c.toml:2: a profile must be a table, not integer"),
        ("[profiles]\napi_key = 'x'", "c.toml:2: api_key is outside a profile"),
        ("[[profiles]]\n", "c.toml:1: profiles must be a table, not array"),
        ("defaults = []", "c.toml:1: defaults must be a table, not array"),
        ("[defaults]\ncolumns = [1]", "c.toml:2: columns must list texts"),
        ("[defaults]\ncolumns = []", "c.toml:2: columns must list texts"),
        ("[defaults]\ncolor = 'blue'", "c.toml:2: color takes auto, always, never"),
        ("[profiles.'a b']\n", "c.toml:1: the name of this profile cannot be used"),
        ("[profiles.default]\n", "c.toml:1: the default profile is the top level of the file"),
    ] {
        assert_eq!(refused(text).message, message, "{text}");
    }
    for text in [
        "output = 'yaml'",
        "output = 'xlsx'",
        "timezone = 'Mars'",
        "columns = 'nope'",
        "redact = 'name'",
        "redact = 3",
    ] {
        let failure = refused(&format!("[defaults]\n{text}"));
        assert!(failure.message.contains(" takes "), "{}", failure.message);
    }
}

#[test]
fn a_megabyte_of_nesting_is_refused_and_overflows_nothing() {
    let most = MAX_BYTES / 2;
    for text in [
        format!("a = {}", "[".repeat(most)),
        format!("a = {}", "{a=".repeat(most / 3)),
        format!("{}a = 1", "a.".repeat(most / 2)),
        format!("[{}a]", "a.".repeat(most / 2)),
        format!("[profiles.{}a]", "a.".repeat(most / 2)),
        format!("[[{}a]]", "a.".repeat(most / 2)),
        format!("a = {{ {}a = 1 }}", "a.".repeat(most / 2)),
    ] {
        assert!(read(&text).is_err());
    }
}

proptest! {
    #[test]
    fn no_file_makes_it_panic_or_show_its_contents(
        lines in prop::collection::vec(
            "(api_key|base_url|\\[profiles\\.a\\]|\\[defaults\\]|output|redact|x|\\[\\[profiles\\]\\])? ?=? ?(\"CANARY7|'CANARY7'|CANARY7|\\[CANARY7|\\{CANARY7 = 1\\}|\"\\\\CANARY7\"|1CANARY7|2026-CANARY7)?",
            0..5,
        ),
    ) {
        if let Err(failure) = read(&lines.join("\n")) {
            prop_assert!(!format!("{failure:?}").contains("CANARY7"), "{:?}", failure);
        }
    }
}
