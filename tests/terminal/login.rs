//! `omnilogs login` on a terminal.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tempfile::TempDir;

use crate::support::messages::{message, results};
use crate::support::terminal::OnTerminal;
use crate::support::{Omnilogs, Response, Server, omnilogs};

const RIGHT: &str = "0123456789abcdef-right-key";
const WRONG: &str = "0123456789abcdef-wrong-key";

/// The API for one account.
fn server() -> Server {
    Server::start(|_, head| {
        if head.to_lowercase().contains(&format!("authorization: app {RIGHT}\r\n")) {
            return Response::json(results([message("m1", "hello")]));
        }
        let body = "{\"requestError\":{\"serviceException\":{\"messageId\":\"UNAUTHORIZED\",\"text\":\"Invalid login details\"}}}";
        Response::new("401 Unauthorized", &[("Content-Type", "application/json")], body)
    })
}

/// A login that saves in this folder.
fn login(folder: &TempDir, args: &[&str]) -> Omnilogs {
    omnilogs().env("XDG_CONFIG_HOME", folder.path()).args(["login"]).args(args)
}

fn file(folder: &TempDir) -> std::path::PathBuf {
    folder.path().join("omnilogs/config.toml")
}

/// Types a base URL and a key.
fn type_account(run: &mut OnTerminal, url: &str, key: &str) {
    run.until("Base URL");
    run.type_in(&format!("{url}\n"));
    run.until("API key");
    run.until_input_is_shown(false);
    run.type_in(&format!("{key}\n"));
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_login_checks_the_key_with_the_api_and_saves_it_for_the_owner_alone() {
    let (server, folder) = (server(), TempDir::new().unwrap());
    let mut run = login(&folder, &[]).on_terminal(80);
    type_account(&mut run, &server.url(), RIGHT);
    let screen = run.end().code(0);
    let text = screen.text();
    assert!(!String::from_utf8(screen.bytes.clone()).unwrap().contains(RIGHT), "{text}");
    assert!(text.contains("omni-failover:logs:read"), "{text}");
    assert!(text.contains("Developer tools"), "{text}");
    assert!(text.contains("Next: omnilogs lists"), "{text}");
    assert_eq!(mode(&file(&folder)), 0o600);
    assert_eq!(server.targets(), ["/omni/1/logs?limit=1"]);
    // A listing uses the saved account.
    let rows = omnilogs().env("XDG_CONFIG_HOME", folder.path()).args(["-o", "csv"]).run().code(0);
    assert!(rows.stdout.contains("m1"), "{}", rows.stdout);
}

#[test]
fn a_key_that_the_api_refuses_is_not_saved() {
    let (server, folder) = (server(), TempDir::new().unwrap());
    let mut run = login(&folder, &[]).on_terminal(80);
    type_account(&mut run, &server.url(), WRONG);
    let screen = run.end().code(4);
    assert!(screen.text().contains("nothing was saved"), "{}", screen.text());
    assert!(!screen.text().contains(WRONG));
    assert!(!file(&folder).exists());
}

#[test]
fn another_profile_is_added_and_the_file_stays_as_it_is_otherwise() {
    let (server, folder) = (server(), TempDir::new().unwrap());
    let path = file(&folder);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let old = "# mine\ntoken = \"t\" # a comment\n\n[defaults]\noutput = \"json\"\n";
    fs::write(&path, old).unwrap();
    crate::support::command::set_mode(&path, 0o600);
    let mut run = login(&folder, &["-p", "staging", "--base-url", &server.url()]).on_terminal(80);
    run.until("API key");
    run.until_input_is_shown(false);
    run.type_in(&format!("{RIGHT}\n"));
    let screen = run.end().code(0);
    assert!(screen.text().contains("omnilogs -p staging"), "{}", screen.text());
    let new = fs::read_to_string(&path).unwrap();
    let url = server.url();
    let own = format!("\n[profiles.staging]\nbase_url = \"{url}\"\napi_key = \"{RIGHT}\"\n");
    assert_eq!(new, format!("{old}{own}"));
}

#[test]
fn credentials_are_replaced_only_when_the_person_agrees() {
    let (server, folder) = (server(), TempDir::new().unwrap());
    let path = file(&folder);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let old = format!("base_url = \"{}\"\nusername = \"u\"\npassword = \"p\"\n", server.url());
    fs::write(&path, &old).unwrap();
    crate::support::command::set_mode(&path, 0o600);
    let mut run = login(&folder, &[]).on_terminal(80);
    run.until("[y/N]");
    run.type_in("\n");
    run.end().code(2);
    assert_eq!(fs::read_to_string(&path).unwrap(), old);

    let mut run = login(&folder, &[]).on_terminal(80);
    run.until("[y/N]");
    run.type_in("y\n");
    // An empty line keeps the base URL.
    type_account(&mut run, "", &format!("App {RIGHT}"));
    run.end().code(0);
    let new = fs::read_to_string(&path).unwrap();
    assert_eq!(new, format!("base_url = \"{}\"\napi_key = \"{RIGHT}\"\n", server.url()));
}

#[test]
fn a_value_that_cannot_be_right_can_be_typed_again() {
    let (server, folder) = (server(), TempDir::new().unwrap());
    let mut run = login(&folder, &[]).on_terminal(80);
    run.until("Base URL");
    run.type_in("http://example.com\n");
    run.until("xxxxx.api.infobip.com\r\nBase URL");
    run.type_in(&format!("{}\n", server.url()));
    run.until("API key");
    run.until_input_is_shown(false);
    run.type_in("\"quoted\"\n");
    run.until("cannot be an API key");
    run.until_input_is_shown(false);
    run.type_in(&format!("{RIGHT}\n"));
    run.end().code(0);
}

#[test]
fn an_interrupted_login_leaves_a_terminal_that_shows_what_is_typed() {
    let (server, folder) = (server(), TempDir::new().unwrap());
    let mut run = login(&folder, &["--base-url", &server.url()]).on_terminal(80);
    run.until("API key");
    run.until_input_is_shown(false);
    run.type_in("\u{3}");
    run.until_input_is_shown(true);
    run.end().code(130);
    assert!(!file(&folder).exists());

    let mut run = login(&folder, &["--base-url", &server.url()]).on_terminal(80);
    run.until("API key");
    run.until_input_is_shown(false);
    run.type_in("\u{4}");
    let screen = run.end().code(2);
    assert!(screen.text().contains("login was cancelled"), "{}", screen.text());
}

#[test]
fn a_variable_that_takes_precedence_over_what_was_saved_is_named() {
    let (server, folder) = (server(), TempDir::new().unwrap());
    let run = login(&folder, &["--base-url", &server.url()]).env("INFOBIP_API_KEY", "another");
    let mut run = run.on_terminal(80);
    run.until("API key");
    run.until_input_is_shown(false);
    run.type_in(&format!("{RIGHT}\n"));
    let screen = run.end().code(0);
    assert!(screen.text().contains("INFOBIP_API_KEY takes precedence"), "{}", screen.text());
}

#[test]
fn without_a_terminal_a_login_is_refused_with_the_alternatives() {
    let run = omnilogs().args(["login"]).stdin("x\n").run().code(2);
    assert!(run.stderr.contains("needs a terminal"), "{}", run.stderr);
    assert!(run.stderr.contains("omnilogs config init"), "{}", run.stderr);
    assert!(run.stderr.contains("OMNILOGS_API_KEY"), "{}", run.stderr);
}

#[test]
fn the_first_run_shows_three_ways_to_start() {
    let text = omnilogs().on_terminal(80).end().code(4).text();
    assert!(!text.contains("because:"), "{text}");
    let ways: Vec<&str> =
        text.lines().filter_map(|line| line.trim().strip_prefix("try: ")).collect();
    assert_eq!(ways.len(), 3, "{text}");
    for (way, wanted) in ways.iter().zip(["--sandbox", "omnilogs login", "OMNILOGS_API_KEY"]) {
        assert!(way.contains(wanted), "{way}");
    }
}
