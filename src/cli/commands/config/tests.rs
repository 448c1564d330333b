use std::path::Path;

use super::*;

fn home(folder: &Path, env: &[(&str, &str)]) -> Environment {
    let env = env.iter().map(|&(name, value)| (name.into(), value.into())).collect();
    let mut environment = Environment::from_variables(env);
    environment.config_dir = Some(folder.to_owned());
    environment
}

fn output(command: ConfigCommand, json: bool, environment: &Environment) -> String {
    let output = config_output(command, &AccountArgs::default(), json, environment).unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn path_prints_the_path_of_a_file_that_does_not_exist() {
    let here = home(Path::new("/home/a/.config"), &[]);
    assert_eq!(output(ConfigCommand::Path, false, &here), "/home/a/.config/omnilogs/config.toml\n");
    let here = home(Path::new("/x"), &[("OMNILOGS_CONFIG", "/elsewhere.toml")]);
    assert_eq!(output(ConfigCommand::Path, false, &here), "/elsewhere.toml\n");
}

#[test]
fn without_a_home_the_error_shows_how_to_name_a_file() {
    let nowhere = Environment::from_variables([].into());
    for command in [ConfigCommand::Path, ConfigCommand::Init] {
        let failure = config_output(command, &AccountArgs::default(), false, &nowhere).unwrap_err();
        assert!(failure.hints[0].contains("--config FILE"));
    }
}

#[test]
fn init_writes_the_example_and_never_overwrites() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("deep");
    let here = home(&config, &[]);
    let path = output(ConfigCommand::Init, false, &here);
    let path = Path::new(path.trim_end());
    let example = include_str!("../../../../config.example.toml");
    assert_eq!(std::fs::read_to_string(path).unwrap(), example);
    let left_over: Vec<_> = std::fs::read_dir(config.join("omnilogs")).unwrap().collect();
    assert_eq!(left_over.len(), 1, "{left_over:?}");

    std::fs::write(path, "api_key = 'mine'").unwrap();
    let failure =
        config_output(ConfigCommand::Init, &AccountArgs::default(), false, &here).unwrap_err();
    assert!(failure.message.ends_with("already exists and was not changed"));
    assert_eq!(std::fs::read_to_string(path).unwrap(), "api_key = 'mine'");
}

#[test]
fn only_the_owner_can_read_what_init_writes() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("deep");
    output(ConfigCommand::Init, false, &home(&config, &[]));
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&config.join("omnilogs/config.toml")), 0o600);
    assert_eq!((mode(&config.join("omnilogs")), mode(&config)), (0o700, 0o700));
}

#[test]
fn init_does_not_follow_a_dangling_link() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("target");
    std::fs::create_dir(folder.path().join("omnilogs")).unwrap();
    std::os::unix::fs::symlink(&target, folder.path().join("omnilogs/config.toml")).unwrap();
    let here = home(folder.path(), &[]);
    assert!(config_output(ConfigCommand::Init, &AccountArgs::default(), false, &here).is_err());
    assert!(!target.exists());
}

const FILE: &str = "base_url = 'one.example'\napi_key = 'hunter2'\n\
    [profiles.staging]\n[defaults]\noutput = 'json'\n";

fn with_file() -> (tempfile::TempDir, Environment) {
    let folder = tempfile::tempdir().unwrap();
    let here = home(folder.path(), &[("INFOBIP_BASE_URL", "https://one.example")]);
    let path = output(ConfigCommand::Init, false, &here);
    std::fs::write(path.trim_end(), FILE).unwrap();
    (folder, here)
}

#[test]
fn show_says_where_each_value_comes_from_and_masks_the_secret() {
    let (folder, here) = with_file();
    let file = folder.path().join("omnilogs/config.toml").display().to_string();
    let shown = output(ConfigCommand::Show, false, &here);
    assert_eq!(
        shown,
        format!(
            "file         {file}\n\
             profile      default  (the built-in default)\n\
             base_url     https://one.example  (INFOBIP_BASE_URL)\n\
             output       json  ({file}, line 5)\n\
             credentials  api_key ***  (profile default in {file}, line 2)\n\
             profiles     staging\n"
        )
    );
}

#[test]
fn show_prints_the_same_as_json() {
    let (folder, here) = with_file();
    let file = folder.path().join("omnilogs/config.toml").display().to_string();
    let shown: serde_json::Value =
        serde_json::from_str(&output(ConfigCommand::Show, true, &here)).unwrap();
    assert_eq!(shown["file"], serde_json::json!({ "path": file, "found": true }));
    assert_eq!(shown["settings"]["base_url"]["origin"], "INFOBIP_BASE_URL");
    assert_eq!(shown["settings"]["output"]["value"], "json");
    assert_eq!(shown["credentials"]["value"], "***");
    assert_eq!(shown["profiles"], serde_json::json!(["staging"]));
    assert!(!shown.to_string().contains("hunter2"));
}

#[test]
fn json_of_a_path_cannot_drive_a_terminal() {
    let environment = home(Path::new("/a\u{202e}\u{9b}2J"), &[]);
    let shown = output(ConfigCommand::Show, true, &environment);
    assert!(!shown.contains(['\u{202e}', '\u{9b}']), "{shown}");
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["file"]["path"], "/a\u{202e}\u{9b}2J/omnilogs/config.toml");
}

#[test]
fn show_lists_the_places_looked_at_when_there_are_no_credentials() {
    let shown = output(ConfigCommand::Show, false, &Environment::from_variables([].into()));
    assert!(shown.contains("credentials  none  (looked at --api-key-file; OMNILOGS_API_KEY"));
    let shown = output(ConfigCommand::Show, true, &Environment::from_variables([].into()));
    assert!(shown.contains("\"credentials\":null"));
}
