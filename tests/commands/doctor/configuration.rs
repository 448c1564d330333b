//! The checks of file, profile, settings and base URL: each value and its origin.

use super::{EMPTY, KEY, at, check, doctor, found, outcome};
use crate::support::command::set_mode;
use crate::support::{Response, Server};

#[test]
fn an_unusable_file_is_a_problem_of_the_set_up() {
    let ran = doctor(&["-o", "json"]).config("api_kye = 'x'").run().code(2);
    let (outcome_of, detail) = found(&ran, "config");
    assert_eq!(outcome_of, "failed");
    assert!(detail.contains("config.toml:1"), "{detail}");
    assert!(check(&ran, "config")["fix"].as_str().unwrap().contains("api_key"));
    assert_eq!(found(&ran, "lookup"), ("skipped".into(), "needs config".into()));

    let run = doctor(&["-o", "json"]).config(&format!("api_key = '{KEY}'"));
    set_mode(&run.home().join(".config/omnilogs/config.toml"), 0o644);
    let ran = run.run().code(2);
    assert!(check(&ran, "config")["fix"].as_str().unwrap().contains("chmod 600"));
    doctor(&["--config", "/nowhere/at/all.toml"]).run().code(2);
}

#[test]
fn the_file_is_named_with_its_mode_and_each_value_with_its_line() {
    let server = Server::always(Response::json(EMPTY));
    let file = format!(
        "base_url = '{}'\napi_key = '{KEY}'\n[defaults]\noutput = 'csv'\n[profiles.staging]\n",
        server.url()
    );
    let ran = doctor(&["-o", "json", "--request-timeout", "7s"]).config(&file).run().code(0);
    assert!(found(&ran, "config").1.ends_with("config.toml, mode 600"));
    assert_eq!(found(&ran, "profile").1, "default (the built-in default); there are also staging");
    assert_eq!(
        found(&ran, "settings").1,
        "output csv (line 4); request timeout 7 s (--request-timeout)"
    );
    let (_, base_url) = found(&ran, "base_url");
    assert!(base_url.starts_with(&format!("{} (profile default in ", server.url())), "{base_url}");
    assert!(base_url.ends_with("config.toml, line 1)"), "{base_url}");
    let (_, credentials) = found(&ran, "credentials");
    assert!(credentials.starts_with("api_key (profile default in "), "{credentials}");
    assert!(credentials.ends_with("line 2), accepted"), "{credentials}");
}

#[test]
fn a_file_that_its_group_can_read_is_warned_about() {
    let run = doctor(&["--sandbox", "-o", "json"]).config(&format!("api_key = '{KEY}'"));
    set_mode(&run.home().join(".config/omnilogs/config.toml"), 0o640);
    let ran = run.run().code(0);
    let (outcome_of, detail) = found(&ran, "config");
    assert_eq!(outcome_of, "warning");
    assert!(detail.ends_with("mode 640; it holds a secret, and its group can read it"), "{detail}");
    assert!(check(&ran, "config")["fix"].as_str().unwrap().starts_with("chmod 600 "));
}

#[test]
fn overridden_settings_are_named() {
    let server = Server::always(Response::json(EMPTY));
    let ran = at(&server.url()).env("INFOBIP_API_KEY", KEY).env("IB_BASE_URL", "").run().code(0);
    let (_, detail) = found(&ran, "credentials");
    assert!(detail.ends_with("; INFOBIP_API_KEY is set too, and not used"), "{detail}");
    let ran = doctor(&["--sandbox", "-o", "json"]).env("OMNILOGS_API_KEY", "").run().code(0);
    let (outcome_of, detail) = found(&ran, "settings");
    assert_eq!(outcome_of, "warning");
    assert!(detail.contains("OMNILOGS_API_KEY is set but empty"), "{detail}");
}

#[test]
fn a_base_url_of_the_wrong_form_and_contradicting_credentials_end_with_2() {
    let ran = at("http://api.infobip.com").run().code(2);
    assert_eq!(outcome(&ran, "base_url"), "failed");
    let ran = at("https://127.0.0.1:1").env("OMNILOGS_USERNAME", "u").run().code(2);
    assert_eq!(outcome(&ran, "credentials"), "failed");
    assert_eq!(outcome(&ran, "config"), "ok");
    assert_eq!(found(&ran, "lookup").1, "not checked, because credentials failed");
    let ran = at("https://127.0.0.1:1").args(["--cacert", "/nowhere/ca.pem"]).run().code(2);
    assert_eq!(outcome(&ran, "settings"), "failed");
}
