//! Configuration files that are malformed, missing, or not files.

use std::fs;
use std::os::unix::fs::symlink;

use crate::support::command::set_mode;
use crate::support::messages::results;
use crate::support::restricted::without_root_capabilities;
use crate::support::{Omnilogs, Ran, Response, Server, omnilogs};

fn server() -> Server {
    Server::always(Response::json(results([])))
}

/// A run with this configuration file at its default path.
fn with(text: &str) -> Ran {
    omnilogs().config(text).args(["-n", "1"]).run()
}

/// C11.
#[test]
fn a_malformed_file_is_refused_by_line_and_column_and_the_line_is_not_quoted() {
    for (text, place) in [
        ("base_url = \"x.api.infobip.com\"\napi_key = \"hunter2\" hunter3\n", "config.toml:2:"),
        ("api_key = \"hunter2\n", "config.toml:1:"),
        ("[profiles.a\napi_key = \"hunter2\"\n", "config.toml:1:"),
        ("api_key = \"hunter2\"\napi_key = \"hunter3\"\n", "config.toml:2:"),
    ] {
        let stderr = with(text).code(2).says(place).stderr;
        assert!(!stderr.contains("hunter"), "{stderr}");
    }
}

/// C11.
#[test]
fn a_file_that_is_not_text_is_refused_by_its_line() {
    let run = omnilogs().config("");
    let path = run.home().join(".config/omnilogs/config.toml");
    fs::write(path, b"# one\n# two \xFF\n").unwrap();
    run.run().code(2).says("config.toml:2: not valid UTF-8");
}

/// C12.
#[test]
fn a_file_at_the_default_path_is_optional_and_a_named_file_must_exist() {
    let server = server();
    let run = || omnilogs().at(&server.url());
    run().run().code(0);
    run().args(["--config", "none.toml"]).run().code(2).says("none.toml does not exist");
    run()
        .env("OMNILOGS_CONFIG", "none.toml")
        .run()
        .code(2)
        .says("it was selected by OMNILOGS_CONFIG");
    assert_eq!(server.targets().len(), 1);
}

/// A run whose `--config` path is created by `make`.
fn with_path(make: impl FnOnce(&std::path::Path)) -> Ran {
    let server = server();
    let run: Omnilogs = omnilogs().at(&server.url());
    make(&run.home().join("odd.toml"));
    let ran = run.args(["--config", "odd.toml"]).run().code(2);
    assert_eq!(server.targets(), Vec::<String>::new());
    ran
}

/// C13.
#[test]
fn a_folder_in_place_of_the_file_is_refused_plainly() {
    with_path(|path| fs::create_dir(path).unwrap()).says("odd.toml is a directory");
}

/// C13.
#[test]
fn a_fifo_in_place_of_the_file_is_refused_without_waiting_for_a_writer() {
    let fifo = |path: &std::path::Path| {
        assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
    };
    with_path(fifo).says("odd.toml is not a regular file");
}

/// C13.
#[test]
fn a_file_of_a_gigabyte_is_refused_at_a_mebibyte() {
    with_path(|path| fs::File::create(path).unwrap().set_len(1 << 30).unwrap())
        .says("odd.toml is larger than 1024 KiB");
}

/// C13.
#[test]
fn a_link_that_points_to_itself_is_refused_plainly() {
    with_path(|path| symlink(path, path).unwrap())
        .says("odd.toml cannot be read: Too many levels of symbolic links");
}

/// C13. Also when root runs the tests: the capability to read every file is dropped.
#[test]
fn a_file_that_its_user_may_not_read_is_refused_plainly() {
    let server = server();
    let run = omnilogs().at(&server.url()).args(["--config", "odd.toml"]);
    let path = run.home().join("odd.toml");
    fs::write(&path, "").unwrap();
    set_mode(&path, 0o000);
    let ran = without_root_capabilities(run);
    let stderr = String::from_utf8(ran.stderr).unwrap();
    assert_eq!(ran.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("odd.toml cannot be read: Permission denied"), "{stderr}");
    assert_eq!(server.targets(), Vec::<String>::new());
}

/// C13. `/proc/self/mem` is a regular file whose first byte cannot be read, not even by root.
#[test]
fn a_file_that_cannot_be_read_is_refused_plainly() {
    with_path(|path| symlink("/proc/self/mem", path).unwrap())
        .says("odd.toml cannot be read: Input/output error");
}

/// C15.
#[test]
fn an_unknown_key_is_refused_with_a_suggestion() {
    with("api_kye = \"hunter2\"\n").code(2).says("config.toml:1:").says("api_key");
    with("[defaults]\noutptu = \"json\"\n").code(2).says("config.toml:2:").says("output");
    with("[profiles.a]\nbase_ulr = \"x\"\n").code(2).says("config.toml:2:").says("base_url");
    with("[profile.a]\napi_key = \"hunter2\"\n").code(2).says("profiles");
}

/// K16. The line of each entry was once counted from the start of the file, which took minutes.
#[test]
fn a_file_of_twenty_thousand_profiles_is_read_without_delay() {
    let profile = |number: u32| format!("[profiles.p{number}]\napi_key = \"k\"");
    let text: Vec<String> = (0..20_000).map(profile).collect();
    let run = omnilogs().config(&text.join("\n")).args(["config", "show", "-p", "p19999"]);
    let shown = run.run().code(0).stdout;
    assert!(shown.contains("api_key ***  (profile p19999 in "), "no profile");
    assert!(shown.contains("config.toml, line 40000)"), "no line");
}
