mod key_file;

use std::fs;
use std::path::PathBuf;

use omnilogs::client::Scheme;

use super::*;

/// A config folder with a file in it, and an environment.
struct Place {
    folder: tempfile::TempDir,
    here: Environment,
}

impl Place {
    fn new(file: Option<&str>, env: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let env = env.iter().map(|&(name, value)| (name.into(), value.into())).collect();
        let mut here = Environment::from_variables(env);
        here.config_dir = Some(folder.path().to_owned());
        let place = Self { folder, here };
        if let Some(text) = file {
            fs::create_dir(place.folder.path().join("omnilogs")).unwrap();
            place.write("omnilogs/config.toml", text.as_bytes(), 0o600);
        }
        place
    }

    fn write(&self, name: &str, bytes: &[u8], mode: u32) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        }
        path
    }

    fn resolve(&self, args: &AccountArgs<'_>) -> Result<ResolvedAccount, Failure> {
        resolve(args, &self.here)
    }

    fn account(&self) -> ResolvedAccount {
        self.resolve(&AccountArgs::default()).unwrap()
    }

    fn failure(&self, args: &AccountArgs<'_>) -> Failure {
        self.resolve(args).expect_err("a refusal")
    }
}

const NONE: AccountArgs<'static> =
    AccountArgs { profile: None, config: None, base_url: None, api_key_file: None };

fn origin(account: &ResolvedAccount) -> String {
    account.found.as_ref().unwrap().origin.to_string()
}

fn scheme(account: &ResolvedAccount) -> Scheme {
    account.credentials().unwrap().scheme()
}

#[test]
fn a_higher_level_wins_and_the_notes_say_which() {
    let file = Some("token = 't'");
    let all = [
        ("OMNILOGS_API_KEY", "1"),
        ("INFOBIP_USERNAME", "2"),
        ("INFOBIP_PASSWORD", "2"),
        ("IB_API_KEY", "3"),
    ];
    let wanted = [
        ("OMNILOGS_API_KEY", Scheme::App),
        ("INFOBIP_USERNAME and INFOBIP_PASSWORD", Scheme::Basic),
        ("IB_API_KEY", Scheme::App),
    ];
    for (from, (name, kind)) in [0, 1, 3].into_iter().zip(wanted) {
        let account = Place::new(file, &all[from..]).account();
        assert_eq!((origin(&account), scheme(&account)), (name.to_owned(), kind));
        let notes = account.notes();
        assert!(notes.contains(&format!("credentials from {name}")), "{notes:?}");
        assert!(notes.last().unwrap().ends_with("stores credentials too; they are not used"));
    }
    let place = Place::new(file, &[]);
    let account = place.account();
    assert_eq!(scheme(&account), Scheme::Bearer);
    let path = place.folder.path().join("omnilogs/config.toml");
    assert_eq!(origin(&account), format!("profile default in {}, line 1", path.display()));

    let place = Place::new(file, &all);
    let key = place.write("key", b"k\n", 0o600);
    let account = place.resolve(&AccountArgs { api_key_file: Some(&key), ..NONE }).unwrap();
    assert_eq!(origin(&account), "--api-key-file");
    assert!(account.notes().contains(&"OMNILOGS_API_KEY is set too, and not used".to_owned()));
}

#[test]
fn every_kind_that_a_profile_can_store_is_opened() {
    for (keys, kind) in [
        ("api_key = 'App k'", Scheme::App),
        ("token = 't'", Scheme::Bearer),
        ("ibsso_token = 't'", Scheme::Ibsso),
        ("username = 'u'\npassword = 'p'", Scheme::Basic),
        ("credential_command = 'echo Basic u:p'", Scheme::Basic),
    ] {
        assert_eq!(scheme(&Place::new(Some(keys), &[]).account()), kind, "{keys}");
    }
}

#[test]
fn the_kind_is_known_without_opening_any_secret() {
    for (keys, kind) in [
        ("", None),
        ("api_key = 'k'", Some(Scheme::App)),
        ("token = 't'", Some(Scheme::Bearer)),
        ("ibsso_token = 't'", Some(Scheme::Ibsso)),
        ("username = 'u'\npassword = 'p'", Some(Scheme::Basic)),
        ("credential_command = 'exit 1'", Some(Scheme::App)),
    ] {
        assert_eq!(Place::new(Some(keys), &[]).account().scheme(), kind, "{keys}");
    }
}

#[test]
fn two_kinds_or_half_a_pair_at_one_level_are_refused_unless_a_higher_one_wins() {
    let both = [("INFOBIP_API_KEY", "k"), ("INFOBIP_USERNAME", "u")];
    let failure = Place::new(None, &both).failure(&NONE);
    assert_eq!(failure.kind, Kind::Usage);
    assert_eq!(
        failure.message,
        "two kinds of credentials: INFOBIP_API_KEY and INFOBIP_USERNAME are both set"
    );
    let half = Place::new(None, &[("OMNILOGS_USERNAME", "u"), ("OMNILOGS_PASSWORD", "")]);
    assert_eq!(
        half.failure(&NONE).message,
        "OMNILOGS_USERNAME is set and OMNILOGS_PASSWORD is not"
    );
    let won = Place::new(None, &[both[0], both[1], ("OMNILOGS_API_KEY", "k")]);
    assert_eq!(origin(&won.account()), "OMNILOGS_API_KEY");
}

#[test]
fn an_empty_variable_counts_as_unset_with_a_warning_and_a_blank_one_is_refused() {
    let account = Place::new(None, &[("OMNILOGS_API_KEY", "")]).account();
    assert!(account.found.is_none());
    assert_eq!(account.warnings, ["OMNILOGS_API_KEY is set but empty; it counts as not set"]);
    let failure = Place::new(None, &[("OMNILOGS_API_KEY", " ")]).failure(&NONE);
    assert_eq!(failure.kind, Kind::Usage);
}

#[test]
fn missing_credentials_name_every_searched_place() {
    let place = Place::new(Some("redact = true"), &[]);
    let failure = place.account().credentials().unwrap_err();
    assert_eq!(failure.kind, Kind::Credentials);
    let places =
        ["--api-key-file", "OMNILOGS_API_KEY", "INFOBIP_USERNAME", "IB_API_KEY", "profile default"];
    for wanted in places {
        assert!(failure.causes[0].contains(wanted), "{wanted}: {failure:?}");
    }
}

#[test]
fn a_first_run_on_a_terminal_shows_three_ways_to_start_and_nothing_else() {
    let mut environment = Environment::from_variables([].into());
    let nowhere = resolve(&NONE, &environment).unwrap().missing();
    assert!(nowhere.causes[0].contains("the home folder is unknown"), "{nowhere:?}");
    environment.stderr_terminal = true;
    environment.stdin_terminal = true;
    let first = resolve(&NONE, &environment).unwrap().missing();
    assert_eq!(first.causes, Vec::<String>::new());
    assert_eq!(first.hints.len(), 3, "{first:?}");
}

#[test]
fn the_base_url_comes_from_the_flag_the_environment_the_profile_or_the_default() {
    let file = Some("base_url = 'of-profile.example'");
    let env = [
        ("OMNILOGS_BASE_URL", "ours.example"),
        ("INFOBIP_BASE_URL", "vendor.example"),
        ("IB_BASE_URL", "old.example"),
    ];
    let wanted = ["ours.example", "vendor.example", "old.example", "of-profile.example"];
    for (from, wanted) in wanted.into_iter().enumerate() {
        let account = Place::new(file, &env[from..]).account();
        assert_eq!(account.endpoint.host(), wanted);
    }
    assert_eq!(Place::new(None, &[]).account().endpoint.host(), "api.infobip.com");
    let flag = AccountArgs { base_url: Some("flag.example"), ..NONE };
    let account = Place::new(file, &env).resolve(&flag).unwrap();
    assert_eq!(account.endpoint_origin, Origin::Flag("--base-url"));
}

#[test]
fn a_base_url_that_is_not_safe_is_refused_before_any_secret_is_read() {
    let place = Place::new(None, &[("INFOBIP_BASE_URL", "http://127.0.0.1.nip.io")]);
    // Reading this file would fail with another message.
    let args = AccountArgs { api_key_file: Some(Path::new("/nowhere/at/all")), ..NONE };
    let failure = place.failure(&args);
    assert_eq!(failure.kind, Kind::Usage);
    assert_eq!(failure.causes, ["the base URL came from INFOBIP_BASE_URL"]);
}

#[test]
fn a_stored_credential_goes_to_no_other_host() {
    let elsewhere = AccountArgs { base_url: Some("https://evil.example"), ..NONE };
    for file in ["api_key = 'k'", "base_url = 'own.example'\ncredential_command = 'echo k'"] {
        let failure = Place::new(Some(file), &[]).failure(&elsewhere);
        assert_eq!(failure.kind, Kind::Usage);
        assert!(failure.message.ends_with("are not sent to evil.example"), "{}", failure.message);
        assert_eq!(failure.causes, ["the base URL came from --base-url"]);
        assert!(failure.hints[0].contains("base_url = \"https://evil.example\""));
    }
    let place = Place::new(Some("api_key = 'k'"), &[("IB_BASE_URL", "https://evil.example")]);
    assert_eq!(place.failure(&NONE).causes, ["the base URL came from IB_BASE_URL"]);
    // Another spelling of the host is the same host; another port is another host.
    let place = Place::new(Some("base_url = 'own.example'\napi_key = 'k'"), &[]);
    let same = AccountArgs { base_url: Some("https://OWN.example:443/"), ..NONE };
    assert!(place.resolve(&same).is_ok());
    assert!(place.resolve(&AccountArgs { base_url: Some("own.example:8443"), ..NONE }).is_err());
}

#[test]
fn a_credential_of_the_environment_goes_to_the_base_url_in_use() {
    let env = [("OMNILOGS_API_KEY", "k")];
    let place = Place::new(Some("base_url = 'own.example'\napi_key = 'k'"), &env);
    assert_eq!(place.account().endpoint.host(), "own.example");
    let other = AccountArgs { base_url: Some("other.example"), ..NONE };
    assert_eq!(origin(&place.resolve(&other).unwrap()), "OMNILOGS_API_KEY");
}

#[test]
fn a_profile_is_chosen_by_the_flag_before_the_variable() {
    let file = Some(
        "[profiles.one]\napi_key = '1'\nredact = true\n[profiles.two]\ntoken = '2'\n[defaults]\nredact = 'to'",
    );
    let place = Place::new(file, &[("OMNILOGS_PROFILE", "one")]);
    let account = place.account();
    assert_eq!((account.chosen.name.as_str(), scheme(&account)), ("one", Scheme::App));
    assert_eq!(account.defaults.redact, Some(omnilogs::redaction::Redaction::default()));
    let args = AccountArgs { profile: Some("two"), ..NONE };
    let account = place.resolve(&args).unwrap();
    assert_eq!((account.chosen.name.as_str(), scheme(&account)), ("two", Scheme::Bearer));
    assert!(account.defaults.redact.is_some_and(|redact| !redact.text));
    let default = place.resolve(&AccountArgs { profile: Some("default"), ..NONE }).unwrap();
    assert!(default.found.is_none());
}

#[test]
fn an_unknown_profile_is_refused_with_a_suggestion() {
    let place = Place::new(Some("[profiles.staging]\napi_key = 'k'"), &[]);
    let hint = |name| place.failure(&AccountArgs { profile: Some(name), ..NONE }).hints[0].clone();
    assert_eq!(hint("stagin"), "did you mean staging?");
    assert!(hint("x").ends_with("config.toml: staging"), "{}", hint("x"));
    let failure = Place::new(None, &[]).failure(&AccountArgs { profile: Some("x"), ..NONE });
    assert_eq!(failure.message, "the profile \"x\" does not exist");
    assert_eq!(failure.causes[0], "it was selected by --profile");
    assert!(failure.causes[1].ends_with("(the file does not exist)"), "{failure:?}");
}

#[test]
fn a_named_file_must_exist() {
    let missing = Path::new("/nowhere/c.toml");
    let failure = Place::new(None, &[]).failure(&AccountArgs { config: Some(missing), ..NONE });
    assert_eq!(failure.message, "/nowhere/c.toml does not exist");
    let failure = Place::new(None, &[("OMNILOGS_CONFIG", "/nowhere/d.toml")]).failure(&NONE);
    assert_eq!(failure.causes, ["it was selected by OMNILOGS_CONFIG"]);
}

#[test]
fn credentials_that_cannot_be_sent_are_refused_with_their_origin() {
    let env = [("INFOBIP_USERNAME", "a:b"), ("INFOBIP_PASSWORD", "hunter2")];
    let failure = Place::new(None, &env).account().credentials().unwrap_err();
    assert_eq!(failure.kind, Kind::Usage);
    assert!(failure.message.contains("INFOBIP_USERNAME and INFOBIP_PASSWORD"));
    let file = Some("api_key = \"hunter2\\nhunter2\"");
    let failure = Place::new(file, &[]).account().credentials().unwrap_err();
    assert_eq!(failure.causes, ["it holds a line break or another control character"]);
    assert!(!format!("{failure:?}").contains("hunter2"));
}

#[test]
fn no_debug_output_of_an_account_shows_a_secret() {
    for (file, env) in [
        ("api_key = 'hunter2'", &[][..]),
        ("credential_command = 'echo hunter2'", &[]),
        ("", &[("OMNILOGS_API_KEY", "hunter2")]),
    ] {
        assert!(!format!("{:?}", Place::new(Some(file), env).account()).contains("hunter2"));
    }
}
