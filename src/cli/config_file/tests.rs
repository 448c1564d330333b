use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::*;

#[test]
fn profile_names_are_given_for_completion_whatever_else_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    assert!(profile_names(&path).is_empty());
    fs::write(&path, "api_kye = oops\n[profiles.b]\nx = 1\n[profiles.a]\n[profiles.'c d']\n")
        .unwrap();
    assert_eq!(profile_names(&path), ["a", "b"]);
    fs::write(&path, [0xff]).unwrap();
    assert!(profile_names(&path).is_empty());
    assert!(profile_names(folder.path()).is_empty());
}

fn load_with(text: &str, mode: u32, allow: bool) -> Result<Option<ConfigFile>, Failure> {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), text).unwrap();
    fs::set_permissions(file.path(), fs::Permissions::from_mode(mode)).unwrap();
    let env = allow.then(|| (ALLOW_READABLE.to_owned(), "1".into()));
    load(file.path(), &Environment::from_variables(env.into_iter().collect()))
}

#[test]
fn a_file_with_a_secret_that_others_can_read_is_refused_with_the_command_that_fixes_it() {
    for text in ["api_key = 'k'", "[profiles.a]\nusername = 'u'\npassword = 'p'"] {
        let failure = load_with(text, 0o644, false).unwrap_err();
        assert!(failure.hints[0].starts_with("chmod 600 /"), "{failure:?}");
        assert!(load_with(text, 0o644, true).unwrap().unwrap().file_warnings.is_empty());
        assert!(load_with(text, 0o600, false).unwrap().unwrap().file_warnings.is_empty());
        assert_eq!(load_with(text, 0o640, false).unwrap().unwrap().file_warnings.len(), 1);
    }
}

#[test]
fn a_file_without_a_secret_may_be_read_but_its_command_not_be_changed_by_others() {
    assert!(load_with("credential_command = 'c'", 0o644, false).is_ok());
    assert!(load_with("base_url = 'h'", 0o666, false).is_ok());
    assert!(load_with("credential_command = 'c'", 0o646, false).is_err());
}

#[test]
fn a_file_that_cannot_be_read_is_refused_with_a_plain_reason_and_a_missing_one_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let here = Environment::from_variables(BTreeMap::new());
    let failure = load(folder.path(), &here).unwrap_err();
    assert_eq!(failure.message, format!("{} is a directory", folder.path().display()));
    assert!(load(&folder.path().join("none"), &here).unwrap().is_none());
    let large = folder.path().join("large");
    fs::File::create(&large).unwrap().set_len(1 << 30).unwrap();
    assert!(load(&large, &here).unwrap_err().message.ends_with("is larger than 1024 KiB"));
}
