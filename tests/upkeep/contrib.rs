//! The files of `contrib/`: each is checked by the program that reads it, and its commands run.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::thread;

use omnilogs::sandbox::Sandbox;
use serde_json::{Value, json};

use crate::support::account::account;
use crate::support::command::set_mode;
use crate::support::documentation::{blocks, file};
use crate::support::programs::found;
use crate::support::server::read_head;
use crate::support::{Omnilogs, omnilogs};

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("contrib").join(name)
}

/// The output of a command that must succeed, both streams.
#[track_caller]
fn output(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = [stdout, stderr].map(|text| String::from_utf8(text).unwrap()).concat();
    assert!(status.success(), "{command:?}\n{text}");
    text
}

/// A run with the base URL of an account, and its key in a file as a service has it.
fn service(account: &Sandbox, key: &Path) -> Omnilogs {
    fs::write(key, format!("{}\n", account.api_key())).unwrap();
    set_mode(key, 0o400);
    omnilogs().env("OMNILOGS_BASE_URL", account.base_url())
}

#[test]
fn promtool_accepts_the_alerts_and_their_tests_pass() {
    let Some(promtool) = found("promtool") else { return };
    let text = output(
        Command::new(&promtool).args(["check", "rules"]).arg(path("prometheus/omnilogs.rules.yml")),
    );
    assert!(text.contains("4 rules found"), "{text}");
    let tests = path("prometheus/omnilogs.rules.test.yml");
    output(Command::new(&promtool).args(["test", "rules"]).arg(tests));
}

#[test]
fn the_alerts_use_only_metrics_that_stats_writes() {
    let words = ["stats", "--sandbox", "--since", "1h", "-o", "prometheus"];
    let metrics = omnilogs().args(words).run().code(0).stdout;
    let names = |text: &str| -> BTreeSet<String> {
        let is_end = |c: char| !(c.is_ascii_lowercase() || c == '_');
        let all = text
            .match_indices("omnilogs_")
            .map(|(at, _)| text[at..].split(is_end).next().unwrap().to_owned());
        all.collect()
    };
    let known = names(&metrics);
    let rules = file("contrib/prometheus/omnilogs.rules.yml");
    let expressions: String =
        rules.lines().filter(|line| line.trim().starts_with("expr:")).collect();
    let used = names(&expressions);
    assert!(used.len() >= 4 && used.is_subset(&known), "{used:?} {known:?}");
}

/// The units for systemd, with the built program in its place.
fn units() -> (tempfile::TempDir, Vec<PathBuf>) {
    let folder = tempfile::tempdir().unwrap();
    let program = assert_cmd::cargo::cargo_bin!("omnilogs").display().to_string();
    let mut units = Vec::new();
    for entry in fs::read_dir(path("systemd")).unwrap() {
        let unit = entry.unwrap().path();
        let text = fs::read_to_string(&unit).unwrap().replace("/usr/bin/omnilogs", &program);
        let copy = folder.path().join(unit.file_name().unwrap());
        fs::write(&copy, text).unwrap();
        units.push(copy);
    }
    units.sort();
    (folder, units)
}

#[test]
fn systemd_finds_no_fault_in_the_units() {
    let Some(systemd_analyze) = found("systemd-analyze") else { return };
    let (_folder, units) = units();
    assert_eq!(units.len(), 5);
    let text = output(Command::new(systemd_analyze).arg("verify").args(&units));
    assert_eq!(text, "");
}

/// Standard error goes where standard output goes unless the unit says otherwise.
#[test]
fn the_journal_gets_the_messages_of_every_service() {
    let (_folder, units) = units();
    let mut discarding = 0;
    for unit in &units {
        let text = fs::read_to_string(unit).unwrap();
        if text.contains("StandardOutput=") {
            discarding += 1;
            assert!(text.contains("\nStandardError=journal\n"), "{}", unit.display());
        }
    }
    assert_eq!(discarding, 1);
}

/// A home folder without access makes a default configuration file an error; an empty one has none.
#[test]
fn a_service_that_runs_as_root_has_an_empty_home_folder() {
    let (_folder, units) = units();
    let services = units.iter().filter(|unit| unit.extension().unwrap() == "service");
    let texts = services.map(|unit| fs::read_to_string(unit).unwrap());
    let (dynamic, root): (Vec<_>, Vec<_>) =
        texts.partition(|text| text.contains("DynamicUser=yes"));
    assert_eq!((dynamic.len(), root.len()), (2, 1));
    assert!(root[0].contains("\nProtectHome=tmpfs\n"));
}

/// The command of a unit, as systemd runs it with these folders. Files for other folders go into `state`.
fn command_of(unit: &str, credentials: &Path, state: &Path) -> String {
    let text = file(&format!("contrib/systemd/{unit}"));
    let line = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    let credentials = credentials.display().to_string();
    let environment = line("Environment=").replace("%d", &credentials);
    let command = line("ExecStart=/usr/bin/").replace("%%", "%");
    let state = state.display().to_string();
    let command = command
        .replace("${STATE_DIRECTORY}", &state)
        .replace("/var/lib/prometheus/node-exporter", &state);
    let words = command.split(' ').map(|word| format!("'{word}'"));
    format!("export '{environment}'; {}", words.collect::<Vec<_>>().join(" "))
}

#[test]
fn the_commands_of_the_units_run_with_a_credential_of_systemd() {
    let account = account(24);
    let (credentials, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let run = |unit: &str, more: &str| {
        let key = credentials.path().join("api-key");
        let _ = fs::remove_file(&key);
        let command = command_of(unit, credentials.path(), state.path());
        // At night, an hour has fewer messages than the alarm needs.
        let command = command.replace("'1h'", "'1d'");
        service(&account, &key).in_bash(&format!("{command}{more}")).run()
    };
    for _ in 0..2 {
        run("omnilogs-follow.service", " --for 1s").code(0);
    }
    let rows = fs::read_to_string(state.path().join("messages.jsonl")).unwrap();
    assert!(rows.lines().count() >= 10, "{rows}");
    assert!(state.path().join("follow.state").is_file());
    assert_eq!(run("omnilogs-metrics.service", "").code(0).stdout, "");
    let metrics = fs::read_to_string(state.path().join("omnilogs.prom")).unwrap();
    assert!(metrics.contains("omnilogs_delivered_ratio{channel="), "{metrics}");
    let alarm = run("omnilogs-alarm.service", " --fail-if 'messages>0'");
    alarm.code(10).says("the limit is messages>0");
}

#[test]
fn kustomize_accepts_the_job_and_its_command_runs_with_a_mounted_secret() {
    let Some(kubectl) = found("kubectl") else { return };
    let (account, folder) = (account(24), tempfile::tempdir().unwrap());
    for entry in fs::read_dir(path("kubernetes")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
    }
    fs::write(folder.path().join("api-key"), account.api_key()).unwrap();
    let job = output(Command::new(kubectl).arg("kustomize").arg(folder.path()));
    assert!(job.contains("kind: CronJob") && job.contains("kind: Secret"), "{job}");
    // 0440 in the notation of the API.
    assert!(job.contains("defaultMode: 288"), "{job}");
    let lines = job.lines().map(str::trim).skip_while(|line| *line != "- args:").skip(1);
    let args: Vec<_> = lines
        .map_while(|line| line.strip_prefix("- "))
        .take_while(|word| !word.contains(": "))
        .collect();
    assert_eq!((args[0], args.len()), ("stats", 6), "{job}");
    // The files of a mounted secret are links.
    let mount = folder.path().join("mount");
    fs::create_dir_all(mount.join("..1")).unwrap();
    let run = service(&account, &mount.join("..1/api-key"));
    set_mode(&mount.join("..1/api-key"), 0o440);
    symlink("..1", mount.join("..data")).unwrap();
    symlink("..data/api-key", mount.join("api-key")).unwrap();
    let run = run.env("OMNILOGS_API_KEY_FILE", mount.join("api-key")).args(args);
    let ran = run.run();
    assert!([0, 10].contains(&ran.code), "{}", ran.stderr);
}

/// The command of a line as cron runs it: up to the first `%` without a backslash.
fn command_of_cron(line: &str) -> String {
    let command = &line[line.find("omnilogs ").unwrap()..];
    let end = command.match_indices('%').find(|(at, _)| !command[..*at].ends_with('\\'));
    command[..end.map_or(command.len(), |(at, _)| at)].replace("\\%", "%")
}

#[test]
fn cron_accepts_the_crontab_and_its_commands_run() {
    let account = account(24);
    let page = file("docs/automation.md");
    let of_page = blocks(&page).into_iter().filter(|block| block.language == "crontab");
    let text: String =
        of_page.map(|block| block.text).chain([file("contrib/cron/crontab")]).collect();
    let lines = text.lines().filter(|line| !line.starts_with('#') && line.contains("omnilogs "));
    let commands: Vec<String> = lines.map(command_of_cron).collect();
    assert_eq!(commands.len(), 5);
    let folder = tempfile::tempdir().unwrap();
    for command in &commands {
        let key = folder.path().join("api-key");
        let _ = fs::remove_file(&key);
        let run = service(&account, &key).env("OMNILOGS_API_KEY_FILE", &key);
        let home = run.home().to_owned();
        // The names of the files that it wrote: the home is removed after the run.
        let ran =
            run.in_bash(&format!("sh -c {}; status=$?; ls; exit $status", quoted(command))).run();
        assert!([0, 10].contains(&ran.code), "{command}: {}", ran.stderr);
        let written = command.contains("$HOME");
        assert_eq!(
            ran.stdout.contains("messages-20") || ran.stdout.contains("omnilogs.prom"),
            written
        );
        drop(home);
    }
    if let Some(crontab) = found("crontab") {
        output(Command::new(crontab).arg("-n").arg(path("cron/crontab")));
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[test]
fn lnav_reads_json_lines_with_the_format() {
    let Some(lnav) = found("lnav") else { return };
    let home = tempfile::tempdir().unwrap();
    let formats = home.path().join(".lnav/formats/omnilogs");
    fs::create_dir_all(&formats).unwrap();
    fs::copy(path("lnav/omnilogs.json"), formats.join("omnilogs.json")).unwrap();
    let rows = home.path().join("rows.jsonl");
    let words =
        ["--sandbox", "--since", "2h", "-n", "100", "-c", "push", "-o", "jsonl", "--output-file"];
    omnilogs().args(words).args([&rows]).run().code(0);
    let read = |commands: &[&str]| {
        let mut lnav = Command::new(&lnav);
        lnav.env("HOME", home.path()).env_remove("XDG_CONFIG_HOME").arg("-n");
        output(lnav.args(commands).arg(&rows))
    };
    let text = fs::read_to_string(&rows).unwrap();
    let rows: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    // The oldest first, by the time of sending.
    let oldest = rows.last().unwrap();
    let shown = read(&[]);
    let sent = &oldest["sentAt"].as_str().unwrap()[..23];
    assert!(shown.starts_with(&format!("{sent}  PUSH ")), "{sent}\n{shown}");
    assert!(shown.contains(oldest["status"]["name"].as_str().unwrap()), "{shown}");
    let failed = ["UNDELIVERABLE", "REJECTED", "EXPIRED"];
    let wanted =
        rows.iter().filter(|row| failed.iter().any(|group| row["status"]["groupName"] == **group));
    let errors = read(&["-c", ":set-min-log-level error"]);
    let lines = errors.lines().filter(|line| line.contains("  PUSH "));
    assert_eq!(lines.count(), wanted.count(), "{errors}");
    // SQL has a table of the format. Without a terminal, lnav fails on an error only by what it prints.
    let columns = "channel || '/' || trim(log_body) || '/' || json_extract(log_raw_text, '$.from')";
    let query = format!(";SELECT {columns} || '/' || length(text) FROM omnilogs LIMIT 1");
    let [to, from, text] = ["to", "from", "text"].map(|name| oldest[name].as_str().unwrap());
    let wanted = format!("PUSH/{to}/{from}/{}", text.chars().count());
    let row = read(&["-c", &query]);
    assert!(row.contains(&wanted), "{wanted}\n{row}");
}

#[test]
fn the_browser_for_fzf_lists_messages_and_shows_the_one_that_is_selected() {
    let (Some(_), Some(bash)) = (found("fzf"), found("bash")) else { return };
    let script = path("fzf/omnilogs-browse.sh").display().to_string();
    let line =
        format!(". {} && omnilogs-browse --sandbox --seed 5 --failed --since 6h", quoted(&script));
    let run = omnilogs().env("TERM", "xterm").env("SHELL", bash.to_str().unwrap());
    let mut screen = run.in_bash(&line).on_terminal(160);
    // The list, and the message that is selected beside it.
    screen.until("SMS");
    screen.until("Meaning");
    screen.type_in("\r");
    let screen = screen.end().code(0);
    let text = screen.lines().join("\n");
    assert!(text.contains("Meaning"), "{text}");
}

#[test]
fn the_browser_passes_the_account_on_and_no_filter() {
    for shell in ["bash", "zsh"] {
        let Some(shell) = found(shell) else { continue };
        let script = path("fzf/omnilogs-browse.sh").display().to_string();
        // Functions in place of both programs print how they are called.
        let stand_in =
            "omnilogs() { echo \"omnilogs $*\" >&2; }; fzf() { echo \"fzf $*\" >&2; echo id; }";
        let line = format!(
            "{stand_in}; . {}; omnilogs-browse -p 'my shop' --failed --base-url=h.example --since 2h",
            quoted(&script)
        );
        let ran = omnilogs().in_shell(&shell, &["-c", &line]).run().code(0);
        let shown: Vec<_> =
            ran.stderr.lines().filter(|line| line.contains("omnilogs show")).collect();
        assert!(
            shown[0].contains("omnilogs show -p my\\ shop --base-url=h.example --color"),
            "{}",
            ran.stderr
        );
        assert_eq!(shown[1], "omnilogs show -p my shop --base-url=h.example id");
    }
}

/// Responds to one request after another with these statuses, or closes the connection, and returns the bodies.
fn receive_pushes(listener: &TcpListener, statuses: &[Option<u16>]) -> Vec<Value> {
    let bodies = statuses.iter().map(|status| {
        let mut stream = listener.accept().unwrap().0;
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let head = read_head(&mut reader).unwrap().to_lowercase();
        assert!(head.starts_with("post /loki/api/v1/push "), "{head}");
        assert!(head.contains("\r\ncontent-type: application/json\r\n"), "{head}");
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        let mut body = vec![0; length.parse().unwrap()];
        reader.read_exact(&mut body).unwrap();
        if let Some(status) = status {
            let reason = if *status == 204 { "" } else { "entry too far behind\n" };
            write!(stream, "HTTP/1.0 {status} Status\r\n\r\n{reason}").unwrap();
        }
        serde_json::from_slice(&body).unwrap()
    });
    bodies.collect()
}

#[test]
fn rows_are_sent_to_loki_in_their_order_until_it_refuses_one() {
    if found("jq").is_none() || found("curl").is_none() {
        return;
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    // A connection that closes without a response, as when Loki is killed, and a rate limit are retried.
    let statuses = [None, Some(204), Some(429), Some(204), Some(400)];
    let loki = thread::spawn(move || receive_pushes(&listener, &statuses));
    let script = quoted(&path("loki/omnilogs-loki").display().to_string());
    let line = format!(
        "omnilogs --sandbox -n 5 -o jsonl > rows; {script} {url} < rows; status=$?; cat rows; exit $status"
    );
    let ran = omnilogs().in_bash(&line).run().code(22);
    let bodies = loki.join().unwrap();
    let rows: Vec<&str> = ran.stdout.lines().collect();
    let refused: Value = serde_json::from_str(rows[2]).unwrap();
    let id = refused["messageId"].as_str().unwrap();
    assert!(ran.stderr.contains("entry too far behind\nHTTP 400\n"), "{}", ran.stderr);
    assert!(ran.stderr.contains(&format!("Loki did not store message {id};")), "{}", ran.stderr);
    // A retry has the timestamp of the first request, and Loki shows the row once.
    assert_eq!((&bodies[0], &bodies[2]), (&bodies[1], &bodies[3]));
    let mut previous = String::new();
    for (body, line) in [&bodies[0], &bodies[2], &bodies[4]].into_iter().zip(rows) {
        let row: Value = serde_json::from_str(line).unwrap();
        let outcome = &row["status"]["groupName"];
        let level = match outcome.as_str().unwrap() {
            "DELIVERED" => "info",
            "ACCEPTED" | "PENDING" => "warn",
            _ => "error",
        };
        let channel = &row["channel"];
        let labels =
            json!({"job": "omnilogs", "channel": channel, "outcome": outcome, "level": level});
        let time = body["streams"][0]["values"][0][0].as_str().unwrap().to_owned();
        assert_eq!(*body, json!({"streams": [{"stream": labels, "values": [[time, line]]}]}));
        // Nanoseconds of this century.
        assert!(time.len() == 19 && time > previous, "{time} {previous}");
        assert!(time.bytes().all(|byte| byte.is_ascii_digit()), "{time}");
        previous = time;
    }
}

#[test]
fn every_file_of_contrib_is_named_in_the_documentation() {
    let page = file("docs/automation.md");
    for folder in fs::read_dir(path("")).unwrap() {
        for entry in fs::read_dir(folder.unwrap().path()).unwrap() {
            let entry = entry.unwrap().path();
            let name = entry.strip_prefix(path("")).unwrap().display().to_string();
            assert!(
                page.contains(&format!("contrib/{name}")),
                "docs/automation.md does not name {name}"
            );
        }
    }
}
