//! The hosts to which credentials are sent, and those to which they are not.

use crate::support::messages::results;
use crate::support::{Response, Server, omnilogs};

/// C21.
#[test]
fn a_base_url_that_would_show_the_credentials_or_hides_another_host_is_refused() {
    for url in [
        "http://xxxxx.api.infobip.com",
        "http://localhost.evil.com",
        "http://127.0.0.1.nip.io",
        "http://128.0.0.1",
        "http://[::2]",
        "http://0.0.0.0",
        "https://a@b",
        "https://user:hunter2@xxxxx.api.infobip.com",
        "https://xxxxx.api.infobip.com/omni/1/logs",
        "https://xxxxx.api.infobip.com?key=hunter2",
        "https://xxxxx.api.infobip.com#x",
        "ftp://xxxxx.api.infobip.com",
        "file:///etc/passwd",
        "https://",
        "https://exa mple.com",
        "https://example.com\\@evil.com",
    ] {
        let run = omnilogs().env("OMNILOGS_API_KEY", "hunter2").args(["--base-url", url]);
        let stderr = run.run().code(2).says("--base-url").stderr;
        assert!(!stderr.contains("hunter2"), "{url}: {stderr}");
    }
}

/// C21.
#[test]
fn a_refused_base_url_is_refused_before_any_secret_is_read() {
    let text = "base_url = \"http://evil.example\"\ncredential_command = \"touch ran; echo key\"\n";
    let run = omnilogs().config(text);
    let marker = run.home().join("ran");
    let mut run = run.args(["-n", "1"]);
    assert_eq!(run.command.output().unwrap().status.code(), Some(2));
    assert!(!marker.exists(), "the command was run");
    // Reading the key would fail with another message.
    let words = ["--api-key-file", "/nowhere/key", "--base-url", "http://evil.example"];
    let stderr = omnilogs().args(words).run().code(2).says("--base-url").stderr;
    assert!(!stderr.contains("/nowhere/key"), "{stderr}");
}

/// C21.
#[test]
fn plain_http_is_only_allowed_to_this_machine() {
    let server = Server::always(Response::json(results([])));
    let port = server.url().rsplit(':').next().unwrap().to_owned();
    for host in ["127.0.0.1", "localhost", "LOCALHOST"] {
        let url = format!("http://{host}:{port}");
        let run = omnilogs().env("OMNILOGS_API_KEY", "key").args(["--base-url", &url]);
        run.run().code(0);
    }
    assert_eq!(server.targets().len(), 3);
    for url in ["http://127.9.9.9:1", "http://[::1]:1"] {
        let shown = omnilogs().args(["--dry-run", "--base-url", url]).run().code(0).stdout;
        assert!(shown.contains(url), "{shown}");
    }
}

/// C30.
#[test]
fn a_stored_credential_is_not_sent_to_a_base_url_from_another_origin() {
    let server = Server::always(Response::json(results([])));
    let text = "base_url = \"https://own.example\"\napi_key = \"hunter2\"\n";
    let run = || omnilogs().config(text);
    for run in [
        run().args(["--base-url", &server.url()]),
        run().env("OMNILOGS_BASE_URL", server.url()),
        run().env("INFOBIP_BASE_URL", server.url()),
    ] {
        let stderr = run.run().code(2).says("own.example").says("base_url").stderr;
        assert!(!stderr.contains("hunter2"), "{stderr}");
    }
    assert_eq!(server.heads(), Vec::<String>::new());
}

/// C30.
#[test]
fn a_stored_credential_without_a_base_url_is_only_for_the_default_host() {
    let server = Server::always(Response::json(results([])));
    let run = omnilogs().config("api_key = \"hunter2\"\n").args(["--base-url", &server.url()]);
    run.run().code(2).says("api.infobip.com");
    assert_eq!(server.heads(), Vec::<String>::new());
}

/// C30.
#[test]
fn a_command_that_prints_credentials_is_not_run_for_another_host() {
    let server = Server::always(Response::json(results([])));
    let text = "base_url = \"https://own.example\"\ncredential_command = \"touch ran; echo key\"\n";
    let run = omnilogs().config(text);
    let marker = run.home().join("ran");
    let mut run = run.args(["--base-url", &server.url()]);
    assert_eq!(run.command.output().unwrap().status.code(), Some(2));
    assert!(!marker.exists() && server.heads().is_empty());
}

/// C30.
#[test]
fn a_base_url_with_the_host_of_the_profile_needs_no_confirmation() {
    let server = Server::always(Response::json(results([])));
    let text = format!("base_url = \"{}\"\napi_key = \"hunter2\"\n", server.url());
    let same = format!("{}/", server.url());
    omnilogs().config(&text).args(["--base-url", &same]).run().code(0);
    assert!(server.heads()[0].contains("authorization: App hunter2\r\n"));
}
