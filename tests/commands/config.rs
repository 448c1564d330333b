//! `config edit`: the editor, and the check after it.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use tempfile::TempDir;

use crate::support::{Omnilogs, omnilogs};

fn edit(folder: &TempDir, editor: &str) -> Omnilogs {
    omnilogs()
        .env("PATH", "/usr/bin:/bin")
        .env("XDG_CONFIG_HOME", folder.path())
        .env("EDITOR", editor)
        .args(["config", "edit"])
}

/// An editor that writes this text into the file.
fn writing(text: &str) -> String {
    format!("printf '{text}' >")
}

#[test]
fn a_file_that_does_not_exist_is_created_and_the_edited_file_is_checked() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("omnilogs/config.toml");
    edit(&folder, "true").run().code(0).says("config.toml is valid");
    let example = fs::read_to_string(&path).unwrap();
    assert!(example.starts_with("# Configuration of omnilogs"), "{example}");
    edit(&folder, &writing("api_kye = \"secret\"\\n")).run().code(2).says("unknown key api_kye");
    let run = edit(&folder, &writing("api_key = \"k\"\\n")).run().code(0);
    assert_eq!(run.stdout, "");
    assert_eq!(fs::read_to_string(&path).unwrap(), "api_key = \"k\"\n");
}

#[test]
fn the_editor_of_visual_comes_first_and_may_have_options() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("omnilogs/config.toml");
    edit(&folder, "false").env("VISUAL", "touch -c").run().code(0);
    edit(&folder, "sed -i '1s/^/# first\\n/'").run().code(0);
    assert!(fs::read_to_string(&path).unwrap().starts_with("# first\n"));
}

#[test]
fn without_a_terminal_and_an_editor_nothing_is_opened_or_written() {
    let folder = TempDir::new().unwrap();
    let run = omnilogs().env("XDG_CONFIG_HOME", folder.path()).args(["config", "edit"]).run();
    let run = run.code(2);
    assert!(run.stderr.contains("config edit needs a terminal"), "{}", run.stderr);
    assert!(run.stderr.contains("set VISUAL or EDITOR"), "{}", run.stderr);
    assert_eq!(run.stdout, "");
    assert!(!folder.path().join("omnilogs").exists());
}

#[test]
fn an_editor_that_fails_is_an_error() {
    let folder = TempDir::new().unwrap();
    edit(&folder, "exit 3;").run().code(1).says("exit status: 3");
    edit(&folder, "no-such-editor").run().code(1).says("set VISUAL or EDITOR");
}

#[test]
fn a_file_that_an_editor_makes_readable_for_others_is_private_again() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("omnilogs/config.toml");
    edit(&folder, "chmod 644").run().code(0);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn config_init_ends_with_the_next_step_on_a_terminal() {
    let screen = omnilogs().args(["config", "init"]).on_terminal(80).end().code(0);
    assert!(screen.text().contains("next: omnilogs login"), "{}", screen.text());
    let run = omnilogs().args(["config", "init"]).run().code(0);
    assert_eq!(run.stderr, "");
}
