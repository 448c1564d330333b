//! The archive, from the first sync to its state, on the built program and a real database.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;

use crate::support::omnilogs;

/// Command lines in a shell, in one home folder; what the last one prints.
fn run(lines: &str, code: i32) -> (String, String) {
    let ran = omnilogs().in_bash(lines).run().code(code);
    (ran.stdout, ran.stderr)
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

const SYNC: &str = "omnilogs archive sync --sandbox --archive=a.db --rate 0";

#[test]
fn a_second_sync_finds_next_to_nothing_new_and_the_status_says_how_much_is_held() {
    let (stdout, _) = run(
        &format!(
            "{SYNC} -o json && {SYNC} -o json && omnilogs archive status --archive=a.db -o json \
             && stat -c '\"%a\"' a.db"
        ),
        0,
    );
    let lines: Vec<_> = stdout.lines().map(json).collect();
    assert_eq!(lines[0]["outcome"], "complete");
    let new = lines[0]["new"].as_u64().unwrap();
    assert!(new > 1000, "{stdout}");
    assert!(lines[1]["new"].as_u64().unwrap() < 100, "{stdout}");
    assert!(lines[2]["messages"].as_u64().unwrap() >= new, "{stdout}");
    let account = &lines[2]["accounts"][0];
    assert_eq!(account["name"], "sandbox");
    assert_eq!(account["holes"].as_array().unwrap().len(), 0);
    assert_eq!(lines[3], "600");
}

#[test]
fn the_sandbox_never_gets_into_the_default_archive() {
    let run = omnilogs()
        .in_bash("omnilogs archive sync --sandbox=empty -q && ls .local/share/omnilogs/*.db");
    let ran = run.run().code(0);
    assert_eq!(ran.stdout, ".local/share/omnilogs/sandbox.db\n");
}

#[test]
fn a_file_that_is_no_archive_is_refused_and_not_changed() {
    let run = omnilogs().in_bash(
        "echo '<html>not found</html>' > a.db; omnilogs archive status --archive=a.db; \
         echo $?; cat a.db",
    );
    let ran = run.run().code(0);
    assert_eq!(ran.stdout, "11\n<html>not found</html>\n");
    assert!(ran.stderr.contains("is not an archive"), "{}", ran.stderr);
}

#[test]
fn the_status_of_an_archive_that_does_not_exist_names_the_command_that_creates_it() {
    let (_, stderr) = run("omnilogs archive status", 11);
    assert!(stderr.contains("try: omnilogs archive sync creates it"), "{stderr}");
}

#[test]
fn an_address_of_a_server_is_refused_without_its_password() {
    let line = "OMNILOGS_ARCHIVE=postgres://u:secret@db/x omnilogs archive status";
    let (_, stderr) = run(line, 2);
    assert!(stderr.contains("OMNILOGS_ARCHIVE names a server"), "{stderr}");
    assert!(!stderr.contains("secret"), "{stderr}");
}

#[test]
fn a_sync_that_is_repeated_ends_when_its_time_is_over() {
    let line = "omnilogs archive sync --sandbox=empty --archive=a.db --every 1s --for 2s";
    let (stdout, stderr) = run(line, 0);
    assert_eq!(stdout, "");
    assert!(stderr.matches("synced:").count() >= 1, "{stderr}");
}

#[test]
fn the_archive_of_a_profile_is_used_and_two_servers_do_not_share_an_account() {
    let run = omnilogs();
    fs::write(run.home().join("c.toml"), "archive = \"own.db\"\napi_key = \"k\"\n").unwrap();
    fs::set_permissions(run.home().join("c.toml"), fs::Permissions::from_mode(0o600)).unwrap();
    let ran = run
        .in_bash(
            "omnilogs archive sync --sandbox=empty --archive=own.db -q; \
             omnilogs archive sync --sandbox=normal --archive=own.db -q; echo $?; \
             omnilogs --config c.toml archive status -o json",
        )
        .run()
        .code(0);
    let mut lines = ran.stdout.lines();
    assert_eq!(lines.next(), Some("2"), "{}", ran.stderr);
    assert_eq!(json(lines.next().unwrap())["archive"], "own.db");
}
