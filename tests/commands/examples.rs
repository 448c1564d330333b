//! Every example of every help text, run as it is printed.

use std::fs;

use omnilogs::sandbox::{Sandbox, SandboxOptions, Scenario};
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::account::on_account;
use crate::support::documentation::commands;
use crate::support::messages::{message_with, results};
use crate::support::programs::found;
use crate::support::shells::until_synced;
use crate::support::{Omnilogs, Response, Server, at_once, omnilogs};

fn help(names: &[&str]) -> String {
    omnilogs().args(names).args(["--help"]).env("COLUMNS", "100").run().code(0).stdout
}

/// The commands of the examples of a help text, without their descriptions.
fn examples(help: &str) -> Vec<String> {
    let listed = help.lines().skip_while(|line| *line != "Examples:").skip(1);
    listed
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.strip_prefix("  "))
        .filter(|line| !line.starts_with(' '))
        .map(|line| line.split("  ").next().unwrap().to_owned())
        .collect()
}

/// The API with a delivered message for every id, and one message for other queries.
fn server() -> Server {
    Server::start(|_, head| {
        let target = head.split(' ').nth(1).unwrap();
        let value = |name| target.split(['?', '&']).find_map(|it| it.strip_prefix(name));
        let ids = value("messageId=").unwrap_or("m1").replace("%2C", ",");
        let bulk = json!(value("bulkId=").unwrap_or("b1"));
        let now = chrono::Utc::now().format("%Y-%m-%dT%H:%M:%S.000+0000").to_string();
        let row = |id: &str| -> Value {
            message_with(id, &[("sentAt", json!(now)), ("bulkId", bulk.clone())])
        };
        let date = chrono::Utc::now().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let headers = [("Content-Type", "application/json"), ("Date", date.as_str())];
        Response::new("200 OK", &headers, results(ids.split(',').map(row)))
    })
}

/// Runs an example of the archive, whose archive exists before, on a server that respects the times of
/// a query. The server has no messages, because storing them would take most of the time.
fn check_of_archive(line: &str) {
    let mut options = SandboxOptions::default();
    options.scenario = Scenario::Empty;
    options.now = chrono::Utc::now();
    let sandbox = Sandbox::start(options).unwrap();
    let line = if line.contains("--every") { until_synced(line) } else { line.to_owned() };
    let run = on_account(&sandbox);
    fs::write(run.home().join("saved.json"), results([message_with("m1", &[])])).unwrap();
    let ran = run.in_bash(&format!("omnilogs archive sync -q && {line}")).run();
    assert_eq!(ran.code, 0, "{line}\n{}\n{}", ran.stdout, ran.stderr);
}

/// The example in a shell, with an account, a profile and the files that examples name.
fn run_of(line: &str, server: &Server) -> Omnilogs {
    let mut run = omnilogs().at(&server.url()).env("MANPAGER", "cat");
    if !line.contains("config init") && !line.contains("login") {
        run = run.config(&format!(
            "[profiles.staging]\nbase_url = {:?}\napi_key = \"staging-key\"\n",
            server.url()
        ));
    }
    let home = run.home().to_owned();
    fs::write(home.join("ids.txt"), "m1\nm2\n").unwrap();
    fs::write(home.join("saved.json"), results([message_with("m1", &[])])).unwrap();
    for folder in [".local/share/bash-completion/completions", ".zfunc", ".config/fish/completions"]
    {
        fs::create_dir_all(home.join(folder)).unwrap();
    }
    // A free port, and an editor that ends at once on every machine.
    run.in_bash(&line.replace("--port 8080", "--port 0").replace("EDITOR=nano", "EDITOR=true"))
}

fn check(line: &str, server: &Server) {
    if line.contains("| man ") && found("man").is_none() {
        return;
    }
    if line.contains("omnilogs archive ") {
        return check_of_archive(line);
    }
    let run = run_of(line, server).env("EDITOR", "true");
    if line.starts_with("omnilogs login") {
        let mut run = run.on_terminal(80);
        run.until("Base URL");
        run.type_in(&format!("{}\n", server.url()));
        run.until("API key");
        run.until_input_is_shown(false);
        run.type_in("another-key\n");
        run.end().code(0);
        return;
    }
    let lasts = ["omnilogs follow ", "omnilogs sandbox", "omnilogs -f"];
    if lasts.iter().any(|start| line.starts_with(start)) {
        let mut run = run.start();
        run.until_it_prints();
        run.signal(Signal::INT);
        run.end().code(130);
        return;
    }
    let ran = run.run();
    assert_eq!(ran.code, 0, "{line}\n{}\n{}", ran.stdout, ran.stderr);
}

#[test]
fn every_example_runs_and_every_command_has_at_least_three() {
    let server = server();
    let mut lines = examples(&help(&[]));
    for name in commands(&help(&[])) {
        let of_command = help(&[&name]);
        let own = examples(&of_command);
        assert!(own.len() >= 3, "{name}: {own:?}");
        lines.extend(own);
        lines.extend(
            commands(&of_command).iter().flat_map(|below| examples(&help(&[&name, below]))),
        );
    }
    lines.sort_unstable();
    lines.dedup();
    assert!(lines.len() > 40, "{}", lines.len());
    at_once(lines.chunks(lines.len().div_ceil(4)), |some| {
        for line in some {
            check(line, &server);
        }
    });
}
