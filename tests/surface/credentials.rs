//! Secrets: who can read them, which one holds, and what they may be made of.

use std::fs;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::support::command::set_mode;
use crate::support::messages::results;
use crate::support::{Answer, Omnilogs, Ran, Server, omnilogs};

const STORED: &str = "api_key = \"hunter2\"\n";

fn server() -> Server {
    Server::always(Answer::json(results([])))
}

/// A run with stored credentials whose file has this mode.
fn stored(mode: u32) -> Omnilogs {
    let server = server();
    let run = omnilogs().config(&format!("base_url = \"{}\"\n{STORED}", server.url()));
    set_mode(&run.home().join(".config/omnilogs/config.toml"), mode);
    run
}

/// C14.
#[test]
fn a_file_with_a_secret_that_others_can_read_is_refused_with_the_line_that_mends_it() {
    for mode in [0o644, 0o604, 0o666] {
        let run = stored(mode);
        let path = run.home().join(".config/omnilogs/config.toml");
        let line = format!("chmod 600 {}", path.display());
        let said = run.run().code(2).says(&line).stderr;
        assert!(!said.contains("hunter2"), "{said}");
    }
    stored(0o600).run().code(0);
    stored(0o640).run().code(0).says("its group can read it");
}

/// C14.
#[test]
fn a_readable_file_is_taken_when_the_environment_allows_it() {
    stored(0o444).env("OMNILOGS_ALLOW_READABLE_CONFIG", "1").run().code(0);
    stored(0o444).env("OMNILOGS_ALLOW_READABLE_CONFIG", "0").run().code(2);
}

/// C14.
#[test]
fn a_key_file_that_others_can_read_is_refused_as_well() {
    let server = server();
    let run = omnilogs().env("OMNILOGS_BASE_URL", server.url());
    let path = run.home().join("key");
    fs::write(&path, "hunter2\n").unwrap();
    set_mode(&path, 0o644);
    run.args(["--api-key-file", "key"]).run().code(2).says("chmod 600 key");
    assert_eq!(server.targets(), Vec::<String>::new());
}

/// C16.
#[test]
fn two_kinds_of_credentials_at_one_level_are_refused() {
    let both = omnilogs()
        .env("OMNILOGS_API_KEY", "hunter2")
        .env("OMNILOGS_USERNAME", "me")
        .env("OMNILOGS_PASSWORD", "hunter3");
    both.run().code(2).says("two kinds of credentials").says("keep one");
    let text = "api_key = \"hunter2\"\nusername = \"me\"\npassword = \"hunter3\"\n";
    let said = omnilogs().config(text).run().code(2).says("two kinds of credentials").stderr;
    assert!(said.contains("keep one") && !said.contains("hunter"), "{said}");
}

/// C17.
#[test]
fn a_user_name_with_a_colon_is_refused_before_anything_is_sent() {
    let server = server();
    let run = omnilogs()
        .env("OMNILOGS_BASE_URL", server.url())
        .env("OMNILOGS_USERNAME", "me:you")
        .env("OMNILOGS_PASSWORD", "hunter2");
    let said = run.run().code(2).says("colon").stderr;
    assert!(!said.contains("you"), "{said}");
    assert_eq!(server.targets(), Vec::<String>::new());
}

/// What `Authorization` a key in a file becomes, or how it is refused.
fn key_in_file(key: &[u8], on_standard_input: bool) -> Result<String, Ran> {
    let server = server();
    let mut run = omnilogs().env("OMNILOGS_BASE_URL", server.url());
    if on_standard_input {
        run = run.args(["--api-key-file", "-"]).stdin(key);
    } else {
        let path = run.home().join("key");
        fs::write(&path, key).unwrap();
        set_mode(&path, 0o600);
        run = run.args(["--api-key-file", "key"]);
    }
    let ran = run.run();
    let Some(head) = server.heads().pop() else { return Err(ran.code(2)) };
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let header = head.lines().find_map(|line| line.strip_prefix("authorization: "));
    Ok(header.unwrap().to_owned())
}

/// C18.
#[test]
fn one_newline_at_the_end_of_a_key_is_cut_and_one_inside_is_refused() {
    for standard_input in [false, true] {
        for key in ["hunter2", "hunter2\n", "hunter2\r\n"] {
            let sent = key_in_file(key.as_bytes(), standard_input).ok();
            assert_eq!(sent.as_deref(), Some("App hunter2"), "{key:?}");
        }
        for key in ["hunter2\nhunter3\n", "hunter2\n\n", "hunt\x07er2", "hunt\x7Fer2\n", "\n", ""] {
            let refused = key_in_file(key.as_bytes(), standard_input).unwrap_err();
            assert!(!refused.stderr.contains("hunt"), "{}", refused.stderr);
        }
    }
}

/// C18.
#[test]
fn a_key_outside_ascii_is_sent_as_utf8_and_one_that_is_no_text_is_refused() {
    assert_eq!(key_in_file("ключ\n".as_bytes(), false).ok().unwrap(), "App ключ");
    assert!(key_in_file(b"hunter2\xFF\n", false).is_err());
    let server = server();
    let run = omnilogs()
        .env("OMNILOGS_BASE_URL", server.url())
        .env("OMNILOGS_USERNAME", "müller")
        .env("OMNILOGS_PASSWORD", "пароль:1");
    run.run().code(0);
    let wanted = format!("authorization: Basic {}\r\n", BASE64_STANDARD.encode("müller:пароль:1"));
    assert!(server.heads()[0].contains(&wanted), "{:?}", server.heads());
}

/// C18.
#[test]
fn a_newline_inside_a_variable_is_refused_and_starts_no_header() {
    let server = server();
    let run = omnilogs()
        .env("OMNILOGS_BASE_URL", server.url())
        .env("OMNILOGS_API_KEY", "hunter2\r\nX-Injected: 1");
    let said = run.run().code(2).stderr;
    assert!(!said.contains("hunter2"), "{said}");
    assert_eq!(server.targets(), Vec::<String>::new());
}

/// C19.
#[test]
fn a_variable_that_is_set_but_empty_counts_as_unset_with_a_note() {
    let said = omnilogs().env("OMNILOGS_API_KEY", "").run().code(4).stderr;
    assert!(said.contains("OMNILOGS_API_KEY is set but empty"), "{said}");
    assert!(said.contains("no credentials"), "{said}");
}

/// C19.
#[test]
fn a_variable_that_holds_only_blanks_is_refused() {
    for name in ["OMNILOGS_API_KEY", "OMNILOGS_BASE_URL", "OMNILOGS_PROFILE"] {
        omnilogs().env(name, " \t").run().code(2).says(name);
    }
}

/// C20.
#[test]
fn without_credentials_the_places_that_were_looked_at_are_listed() {
    let said = omnilogs().run().code(4).stderr;
    for place in ["--api-key-file", "OMNILOGS_API_KEY", "INFOBIP_API_KEY", "config.toml"] {
        assert!(said.contains(place), "{place} is not in:\n{said}");
    }
}

/// C20.
#[test]
fn without_a_home_and_a_terminal_it_neither_prompts_nor_waits() {
    let run = omnilogs().env("HOME", "").env("XDG_CONFIG_HOME", "/nowhere").stdin("typed\n");
    run.run().code(4).says("omnilogs config init").says("/nowhere/omnilogs/config.toml");
    omnilogs().args(["--api-key-file", "-"]).stdin("").run().code(2);
}

/// C20. As a service is started: neither of the variables is there.
#[test]
fn without_home_and_xdg_it_ends_with_4_and_lists_the_places() {
    let mut run = omnilogs();
    run.command.env_remove("HOME").env_remove("XDG_CONFIG_HOME");
    run.run().code(4).says("looked at --api-key-file; OMNILOGS_API_KEY").says("config.toml");
}
