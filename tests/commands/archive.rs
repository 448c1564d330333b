//! The commands of the archive, on the built program and a real database.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use crate::support::messages::{message_with, results};
use crate::support::{Omnilogs, Ran, Response, Server, omnilogs};

/// Command lines in a shell, in one home folder; what the last one prints.
fn run(lines: &str, code: i32) -> (String, String) {
    let ran = omnilogs().in_bash(lines).run().code(code);
    (ran.stdout, ran.stderr)
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

const SYNC: &str = "omnilogs archive sync --sandbox --archive=a.db --rate 0";

#[test]
fn a_second_sync_finds_few_new_messages_and_the_status_counts_all_messages() {
    let (stdout, _) = run(
        &format!(
            "{SYNC} -o json && {SYNC} -o json && omnilogs archive status --archive=a.db -o json \
             && stat -c '\"%a\"' a.db"
        ),
        0,
    );
    let lines: Vec<_> = stdout.lines().map(parsed).collect();
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
fn a_sync_of_the_sandbox_does_not_use_the_default_archive() {
    let run = omnilogs()
        .in_bash("omnilogs archive sync --sandbox=empty -q && ls .local/share/omnilogs/*.db");
    let ran = run.run().code(0);
    assert_eq!(ran.stdout, ".local/share/omnilogs/sandbox.db\n");
}

/// A07.
#[test]
fn a_file_that_is_not_an_archive_is_refused_and_not_changed() {
    let run = omnilogs().in_bash(
        "echo '<html>not found</html>' > a.db; omnilogs archive status --archive=a.db; \
         echo $?; cat a.db",
    );
    let ran = run.run().code(0);
    assert_eq!(ran.stdout, "11\n<html>not found</html>\n");
    assert!(ran.stderr.contains("is not an archive"), "{}", ran.stderr);
}

/// A07.
#[test]
fn an_empty_file_is_called_empty_until_a_command_makes_an_archive_of_it() {
    let (stdout, stderr) = run(
        "touch a.db b.db; for c in status 'verify --full' 'prune --older-than 1d --yes'
         do omnilogs archive $c --archive=a.db 2>&1; echo $?; done
         omnilogs archive init --archive=b.db -o json
         omnilogs archive sync --sandbox=empty --archive=a.db --rate 0 -o json",
        0,
    );
    assert_eq!(stdout.matches("a.db is not an archive: the file is empty").count(), 3, "{stdout}");
    assert_eq!(stdout.matches("\n11\n").count(), 3, "{stdout}");
    assert_eq!(stdout.matches("restore a copy").count(), 3, "{stdout}");
    let created = stdout.lines().find(|line| line.contains("created")).unwrap();
    assert_eq!(parsed(created)["created"], true);
    assert!(stderr.contains("warning: a.db was empty, and is a new archive now"), "{stderr}");
}

#[test]
fn a_dry_run_of_a_command_without_one_is_refused_and_sends_nothing() {
    let server = Server::always(Response::json(results([])));
    for command in ["sync", "status --acknowledge", "verify --live 1h", "init", "import rows.json"]
    {
        let line =
            format!("omnilogs archive {command} --dry-run --archive=a.db || {{ ls; exit 2; }}");
        let ran = omnilogs().at(&server.url()).in_bash(&line).run().code(2);
        assert_eq!(ran.stdout, "", "{command}");
        ran.says("has no dry run");
    }
    assert_eq!(server.targets(), Vec::<String>::new());
}

#[test]
fn the_status_of_an_archive_that_does_not_exist_names_the_command_that_creates_it() {
    let (_, stderr) = run("omnilogs archive status", 11);
    assert!(stderr.contains("try: omnilogs archive sync creates it"), "{stderr}");
}

#[test]
fn a_sync_that_is_repeated_ends_when_its_time_is_over() {
    let words =
        ["archive", "sync", "--sandbox=empty", "--archive=a.db", "--every", "1s", "--for", "2s"];
    let ran = omnilogs().args(words).run();
    assert_eq!(ran.stdout, "");
    // The time may be over within a round.
    if ran.code != 0 {
        ran.code(3).says("incomplete");
    } else {
        ran.says("synced:");
    }
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
    assert_eq!(parsed(lines.next().unwrap())["archive"], "own.db");
}

/// A server without messages; if it refuses, every response is HTTP 401.
fn empty_server(refuses: bool) -> Server {
    Server::start(move |_, _| {
        let date = chrono::Utc::now().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let headers = [("Content-Type", "application/json"), ("Date", date.as_str())];
        let status = if refuses { "401 Unauthorized" } else { "200 OK" };
        Response::new(status, &headers, results([]))
    })
}

/// Lines in a shell on a new archive of each kind: a file, and a database if this machine has
/// PostgreSQL.
#[track_caller]
fn in_each_archive(make: impl Fn() -> Omnilogs, lines: &str, check: impl Fn(&Ran)) {
    let lines = format!("omnilogs archive init -q && {{ {lines}\n}}");
    let run = |archive: &str| {
        let run = make().env("OMNILOGS_ARCHIVE", archive).env("OMNILOGS_API_KEY", "k");
        check(&run.in_bash(&lines).run().code(0));
    };
    run("a.db");
    #[cfg(feature = "archive-postgres")]
    if let Some(cluster) = crate::support::postgres_cluster::cluster() {
        run(&cluster.database().url());
    }
}

const STATUS_OF_SYNC: &str = "omnilogs archive sync -q --retries 0 --rate 0; echo $?";

#[test]
fn a_first_sync_that_failed_does_not_bind_the_account_to_its_base_url() {
    let (server, refusing) = (empty_server(false), empty_server(true));
    let lines = format!(
        "for url in http://127.0.0.1:9 {} {}; do export OMNILOGS_BASE_URL=$url; {STATUS_OF_SYNC}; done
         omnilogs archive status -o json",
        refusing.url(),
        server.url()
    );
    in_each_archive(omnilogs, &lines, |ran| {
        let lines: Vec<_> = ran.stdout.lines().collect();
        assert_eq!(lines[..3], ["6", "4", "0"], "{}", ran.stderr);
        assert_eq!(parsed(lines[3])["accounts"][0]["baseUrl"], server.url());
    });
}

#[test]
fn an_account_with_listed_times_keeps_its_server_and_the_refusal_says_how_to_keep_both() {
    let servers = [empty_server(false), empty_server(false)];
    let lines = format!(
        "for url in {} {}; do export OMNILOGS_BASE_URL=$url; {STATUS_OF_SYNC}; done",
        servers[0].url(),
        servers[1].url()
    );
    in_each_archive(omnilogs, &lines, |ran| {
        assert_eq!(ran.stdout, "0\n2\n", "{}", ran.stderr);
        for text in ["belongs to http://", "--profile NAME", "--archive=FILE"] {
            assert!(ran.stderr.contains(text), "{}", ran.stderr);
        }
    });
}

#[test]
fn an_import_binds_the_account_only_to_a_base_url_that_was_named() {
    let server = empty_server(false);
    let import = "omnilogs archive import -q one.json";
    let sync = format!("OMNILOGS_BASE_URL={} {STATUS_OF_SYNC}", server.url());
    let lines = format!(
        "{import}; omnilogs archive status | grep ^account; omnilogs archive status -o json
         {sync}; {import}; echo $?; omnilogs archive status -o json
         OMNILOGS_BASE_URL=http://127.0.0.1:9 {import}; echo $?"
    );
    in_each_archive(with_saved_files, &lines, |ran| {
        let lines: Vec<_> = ran.stdout.lines().collect();
        assert_eq!(lines[0], "account     default, only imported", "{}", ran.stderr);
        assert_eq!(parsed(lines[1])["accounts"][0]["baseUrl"], Value::Null);
        assert_eq!(lines[2..4], ["0", "0"], "{}", ran.stderr);
        assert_eq!(parsed(lines[4])["accounts"][0]["baseUrl"], server.url());
        assert_eq!(lines[5], "2", "{}", ran.stderr);
    });
}

/// Three messages in `a.db`: two of one person, of which one has two versions, and one of another
/// person.
const IMPORT: &str = "omnilogs archive import --archive=a.db -q one.json two.json";

/// A run in a folder with saved responses.
fn with_saved_files() -> Omnilogs {
    let run = omnilogs();
    let row = |id: &str, to: &str, sent: &str, group: &str, text: &str| {
        let fields = [
            ("to", json!(to)),
            ("sentAt", json!(sent)),
            ("status.groupName", json!(group)),
            ("text", json!(text)),
        ];
        message_with(id, &fields)
    };
    let old = "2024-01-02T03:04:05.000+0000";
    let new = chrono::Utc::now().format("%Y-%m-%dT%H:%M:%S.000+0000").to_string();
    let files = [
        (
            "one.json",
            results([
                row("m1", NUMBER, old, "PENDING", "hello"),
                row("m2", "447700900777", old, "REJECTED", "hello"),
            ]),
        ),
        (
            "two.json",
            results([
                row("m1", NUMBER, old, "DELIVERED", "hello"),
                row("m3", NUMBER, &new, "DELIVERED", "hello"),
            ]),
        ),
        (
            "mention.json",
            results([row("m4", "447700900777", &new, "DELIVERED", &format!("call {NUMBER}"))]),
        ),
    ];
    for (name, text) in files {
        fs::write(run.home().join(name), text).unwrap();
    }
    run
}

const NUMBER: &str = "447700900123";

/// Command lines after an import, and what they print; no number is on standard error.
fn run_on_import(lines: &str, code: i32) -> (String, String) {
    let ran = with_saved_files().in_bash(&format!("{IMPORT} && {lines}")).run().code(code);
    assert!(!ran.stderr.contains(NUMBER), "{}", ran.stderr);
    (ran.stdout, ran.stderr)
}

#[test]
fn an_archive_is_verified_by_its_structure_and_by_every_text() {
    let (stdout, _) = run_on_import(
        "omnilogs archive verify --archive=a.db && omnilogs archive verify --full --archive=a.db \
         -o json",
        0,
    );
    let lines: Vec<_> = stdout.lines().collect();
    assert_eq!(
        lines[..2],
        ["checked structure and ledger: 3 messages, 4 versions", "no damage found"]
    );
    let found = parsed(lines[2]);
    assert_eq!((&found["messages"], &found["versions"]), (&json!(3), &json!(4)));
    assert_eq!((&found["full"], &found["problems"]), (&json!(true), &json!([])));
}

/// Changes one letter of a stored text, which only the hash of the text shows.
#[test]
fn a_changed_text_is_found_by_the_full_check_and_the_file_is_not_changed() {
    let (stdout, stderr) = run_on_import(
        "LC_ALL=C sed -i '0,/hello/s//jello/' a.db && sha256sum a.db > before && \
         omnilogs archive verify --archive=a.db -q > quick && \
         { omnilogs archive verify --full --archive=a.db; code=$?; sha256sum -c --quiet before && \
         exit $code; }",
        11,
    );
    assert!(
        stdout.contains("damaged: versions that changed after they were written: 1"),
        "{stdout}"
    );
    assert!(stderr.contains("is damaged; nothing was changed"), "{stderr}");
}

/// A07.
#[test]
fn a_file_whose_pages_are_overwritten_is_damaged_for_verify_and_refused_by_the_others() {
    let (stdout, stderr) = run_on_import(
        "dd if=/dev/zero of=a.db bs=8192 seek=2 count=8 conv=notrunc status=none; \
         for command in verify 'prune --older-than 1d --yes' 'erase --to 447700900123 --yes'; do \
         omnilogs archive $command --archive=a.db > out; echo $?; done; \
         omnilogs --archive=a.db --all --allow-gaps -o csv > out; echo $?",
        0,
    );
    assert_eq!(stdout, "11\n11\n11\n11\n", "{stderr}");
    assert!(!stderr.contains("\\n") && !stderr.contains("***"), "{stderr}");
    assert!(
        stderr.contains("omnilogs archive verify --full says how much of it is damaged"),
        "{stderr}"
    );
}

#[test]
fn a_deletion_without_a_terminal_needs_the_option_yes() {
    for command in ["prune --older-than 1d", "erase --to 447700900123"] {
        let (stdout, stderr) = run_on_import(
            &format!(
                "{{ omnilogs archive {command} --archive=a.db < /dev/null; echo $?; \
                 omnilogs archive status --archive=a.db -o json; }}"
            ),
            0,
        );
        let mut lines = stdout.lines();
        assert_eq!(lines.next(), Some("2"), "{stderr}");
        assert_eq!(parsed(lines.next().unwrap())["messages"], 3);
        assert!(stderr.contains("--yes is needed without a terminal"), "{stderr}");
    }
}

#[test]
fn a_dry_run_deletes_nothing() {
    let (stdout, _) = run_on_import(
        "omnilogs archive prune --older-than 1d --dry-run --archive=a.db && \
         omnilogs archive erase --to +44-7700-900123 --dry-run --archive=a.db && \
         omnilogs archive prune --older-than 1d --dry-run --archive=a.db -o json && \
         omnilogs archive status --archive=a.db -o json",
        0,
    );
    let lines: Vec<_> = stdout.lines().collect();
    assert_eq!(lines[0], "would delete 2 messages; nothing was deleted");
    assert_eq!(lines[1], "would erase 2 messages; nothing was deleted");
    assert_eq!(parsed(lines[2])["versions"], 3);
    assert_eq!(parsed(lines[3])["messages"], 3);
}

#[test]
fn pruning_deletes_old_messages_and_keeps_failed_ones_on_request() {
    let (stdout, stderr) = run_on_import(
        "omnilogs archive prune --older-than 1d --keep-failed --yes --archive=a.db -o json && \
         omnilogs archive prune --older-than 1d --compact --yes --archive=a.db && \
         omnilogs archive status --archive=a.db -o json",
        0,
    );
    let lines: Vec<_> = stdout.lines().map(parsed).collect();
    assert_eq!((&lines[0]["messages"], &lines[0]["versions"]), (&json!(1), &json!(2)));
    assert!(stderr.contains("compacting the file, which needs up to"), "{stderr}");
    assert!(stderr.contains("deleted 1 message, 1 version;"), "{stderr}");
    assert_eq!(lines[1]["messages"], 1);
}

/// An import into two accounts, of which one is that of the profile `two`, and a command that counts
/// the messages of each account.
const TWO_ACCOUNTS: &str = "
    printf 'api_key = \"k\"\n[profiles.two]\napi_key = \"k\"\n' > c.toml; chmod 600 c.toml
    export OMNILOGS_CONFIG=c.toml; unset OMNILOGS_API_KEY
    omnilogs archive import -q one.json two.json; omnilogs archive import -q one.json two.json -p two
    messages() { omnilogs archive status -o json | grep -o '\"messages\": *[0-9]*' | tr -dc '0-9\\n' \
        | tr '\\n' ' '; echo; }";

#[test]
fn pruning_is_limited_to_a_profile_that_is_named_and_says_that_it_concerns_all_accounts_otherwise()
{
    let lines = format!(
        "{TWO_ACCOUNTS}
         prune() {{ omnilogs archive prune --older-than 1d \"$@\" 2>&1; echo $?; }}
         prune --dry-run; prune --dry-run -p two; prune -p two < /dev/null | grep this
         prune < /dev/null | grep this; prune -p two --yes; messages
         OMNILOGS_PROFILE=two prune --dry-run -o json; prune --yes; messages
         omnilogs archive prune --older-than 1d --yes --dry-run -p three; echo $?"
    );
    in_each_archive(with_saved_files, &lines, |ran| {
        let lines: Vec<_> = ran.stdout.lines().collect();
        let (stdout, stderr) = (&ran.stdout, &ran.stderr);
        let sorted_words = |line: &str| {
            let mut words: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
            words.sort_unstable();
            words
        };
        assert_eq!(lines[0], "would delete 4 messages in all 2 accounts; nothing was deleted");
        assert_eq!(lines[2], "would delete 2 messages in the account \"two\"; nothing was deleted");
        assert!(lines[4].contains(" in the account \"two\": --yes is needed"), "{stdout}{stderr}");
        assert!(lines[5].contains(" in all 2 accounts: --yes is needed"), "{stdout}{stderr}");
        assert!(
            lines[6].ends_with("deleted 2 messages, 3 versions in the account \"two\""),
            "{stdout}"
        );
        assert_eq!(sorted_words(lines[8]), ["1", "3", "4"], "{stdout}{stderr}");
        let json = parsed(lines[9]);
        assert_eq!((&json["accounts"], &json["messages"]), (&json!(["two"]), &json!(0)));
        assert!(
            lines[11].ends_with("deleted 2 messages, 3 versions in all 2 accounts"),
            "{stdout}"
        );
        assert_eq!(sorted_words(lines[13]), ["1", "1", "2"], "{stdout}{stderr}");
        assert_eq!(lines[14], "2", "{stdout}{stderr}");
    });
}

#[test]
fn an_account_that_the_archive_lacks_is_neither_pruned_nor_shown() {
    let lines = format!(
        "{TWO_ACCOUNTS}
         printf '[profiles.three]\napi_key = \"k\"\n' >> c.toml
         for command in 'prune --older-than 1d --yes' status 'status --acknowledge'
         do omnilogs archive $command -p three 2> error; echo $?; cat error >&2
            grep -c 'no messages of the profile \"three\"' error; done
         messages; omnilogs archive status -p two -o json"
    );
    in_each_archive(with_saved_files, &lines, |ran| {
        let lines: Vec<_> = ran.stdout.lines().collect();
        assert_eq!(lines[..6], ["2", "1"].repeat(3), "{}{}", ran.stdout, ran.stderr);
        assert!(lines[6].contains('6'), "{}", ran.stdout);
        let accounts = &parsed(lines[7])["accounts"];
        assert_eq!(accounts.as_array().unwrap().len(), 1, "{}", ran.stdout);
        assert_eq!(accounts[0]["name"], "two");
    });
}

#[test]
fn an_erasure_concerns_all_accounts_and_says_so() {
    let lines = format!(
        "{TWO_ACCOUNTS}
         erase() {{ omnilogs archive erase --to {NUMBER} \"$@\" 2>&1; }}
         erase --dry-run -p two; erase < /dev/null | grep this
         erase --dry-run -o json; erase --yes -p two; messages"
    );
    in_each_archive(with_saved_files, &lines, |ran| {
        let lines: Vec<_> = ran.stdout.lines().collect();
        assert_eq!(lines[0], "would erase 4 messages in all 2 accounts; nothing was deleted");
        assert!(lines[1].contains(" in all 2 accounts: --yes is needed"), "{}", ran.stdout);
        assert_eq!(parsed(lines[2])["accounts"], json!(["default", "two"]));
        assert!(lines[3].starts_with("erased 4 messages, 6 versions of "), "{}", ran.stdout);
        assert!(lines[3].ends_with(" in all 2 accounts"), "{}", ran.stdout);
    });
}

/// A25.
#[test]
fn nothing_of_an_erased_number_is_left_and_an_import_does_not_bring_it_back() {
    let (stdout, stderr) = run_on_import(
        "omnilogs archive erase --to '+44 7700 900123' --yes --archive=a.db && \
         grep -c 447700900123 a.db; ls a.db-wal 2> missing; \
         omnilogs archive import --archive=a.db one.json two.json && \
         omnilogs archive status --archive=a.db -o json",
        0,
    );
    let lines: Vec<_> = stdout.lines().collect();
    assert!(lines[0].starts_with("erased 2 messages, 3 versions of the destination "), "{stdout}");
    assert!(!lines[0].contains(NUMBER), "{stdout}");
    assert_eq!(lines[1], "found 0 times in the archive afterwards");
    assert!(lines[3].starts_with("not reached: backups"), "{stdout}");
    assert_eq!(lines[4], "0");
    assert!(stderr.contains("3 left out because they were erased"), "{stderr}");
    assert_eq!(parsed(lines[5])["messages"], 1);
}

/// A26.
#[test]
fn an_erased_number_does_not_come_back_with_the_next_sync() {
    let server = Server::start(|_, _| {
        let sent = chrono::Utc::now().format("%Y-%m-%dT%H:%M:00.000+0000").to_string();
        let row = message_with("m1", &[("to", json!(NUMBER)), ("sentAt", json!(sent))]);
        let date = chrono::Utc::now().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let headers = [("Content-Type", "application/json"), ("Date", date.as_str())];
        Response::new("200 OK", &headers, results([row]))
    });
    let sync = "omnilogs archive sync --archive=a.db --rate 0 -o json";
    let erase = format!("omnilogs archive erase --to {NUMBER} --archive=a.db");
    let line =
        format!("{sync}; {erase} --yes -o json && {sync}; {erase} --dry-run -o json || exit 9");
    let ran = omnilogs().at(&server.url()).in_bash(&line).run().code(0);
    let lines: Vec<_> = ran.stdout.lines().map(parsed).collect();
    assert!(lines[0]["new"].as_u64().unwrap() > 0, "{}", ran.stdout);
    assert_eq!((&lines[1]["messages"], &lines[1]["found"]), (&json!(1), &json!(0)));
    assert!(lines[2]["suppressed"].as_u64().unwrap() > 0, "{}", ran.stdout);
    assert_eq!((&lines[2]["new"], &lines[3]["messages"]), (&json!(0), &json!(0)));
}

#[test]
fn a_number_in_another_message_is_reported_as_left() {
    let (stdout, stderr) = run_on_import(
        "omnilogs archive import --archive=a.db -q mention.json && \
         omnilogs archive erase --to 447700900123 --yes --archive=a.db",
        3,
    );
    assert!(stdout.contains("found 1 time in the archive afterwards"), "{stdout}");
    assert!(stderr.contains("1 other message with it, for example in the text"), "{stderr}");
}

#[test]
fn one_message_is_erased_by_its_id() {
    let (stdout, _) = run_on_import(
        "omnilogs archive erase --message-id m1 --yes --archive=a.db -o json && \
         omnilogs archive erase --message-id m1 --dry-run --archive=a.db -o json",
        0,
    );
    let lines: Vec<_> = stdout.lines().map(parsed).collect();
    assert_eq!((&lines[0]["messages"], &lines[0]["versions"]), (&json!(1), &json!(2)));
    assert_eq!((&lines[1]["messages"], &lines[1]["dryRun"]), (&json!(0), &json!(true)));
}

#[test]
fn an_erasure_needs_one_target_that_is_not_empty() {
    for options in ["", "--to ''", "--message-id ' '", "--to 1 --message-id 2"] {
        run_on_import(&format!("omnilogs archive erase {options} --yes --archive=a.db"), 2);
    }
}

#[test]
fn an_erasure_refuses_a_number_without_its_country_code_as_a_listing_does() {
    for option in ["--yes", "--dry-run"] {
        let line = format!("omnilogs archive erase --to '07700 900123' {option} --archive=a.db");
        let (stdout, stderr) = run_on_import(&line, 2);
        assert_eq!(stdout, "");
        assert!(stderr.contains("--to starts with a single 0"), "{stderr}");
        assert!(stderr.contains("the country code in place of the 0"), "{stderr}");
    }
}

#[test]
fn importing_again_changes_nothing_and_standard_input_is_a_file_too() {
    let (stdout, _) = run_on_import(
        "cat one.json | omnilogs archive import --archive=a.db -o json - && \
         omnilogs archive status --archive=a.db -o json",
        0,
    );
    let lines: Vec<_> = stdout.lines().map(parsed).collect();
    assert_eq!((&lines[0]["rows"], &lines[0]["unchanged"]), (&json!(2), &json!(2)));
    let account = &lines[1]["accounts"][0];
    assert_eq!(lines[1]["messages"], 3);
    assert_eq!(account["name"], "default");
}

/// A16.
#[test]
fn an_export_of_every_version_is_imported_as_the_texts_that_the_server_sent() {
    let export = "omnilogs --archive=a.db --all --allow-gaps --versions";
    let (stdout, stderr) = run_on_import(
        &format!(
            "{export} -o jsonl > v.jsonl && {export} -o json > v.json && wc -l < v.jsonl \
             && omnilogs archive import --archive=a.db v.jsonl v.json -o json \
             && {export} -o jsonl | cmp - v.jsonl \
             && omnilogs archive import --archive=b.db v.jsonl -o json \
             && omnilogs --archive=b.db --all --allow-gaps --versions -o jsonl | cmp - v.jsonl \
             && omnilogs archive verify --full --archive=b.db > verified"
        ),
        0,
    );
    let values: Vec<_> = stdout.lines().collect();
    let (rows, values) = values.split_first().unwrap();
    let rows: u64 = rows.trim().parse().unwrap();
    let text = values.join("\n");
    let values: Vec<Value> =
        serde_json::Deserializer::from_str(&text).into_iter().map(Result::unwrap).collect();
    assert!(rows > 0, "{stderr}");
    assert_eq!((&values[0]["unchanged"], &values[0]["changed"]), (&json!(2 * rows), &json!(0)));
    assert_eq!(values[1]["unreadable"], json!([]));
}

#[test]
fn a_row_that_cannot_be_read_is_named_and_the_others_are_imported() {
    let (stdout, stderr) = run_on_import(
        "printf '%s\\n' '{\"messageId\":\"m8\"}' 'no json' '{\"messageId\":\"m9\"}' > bad.jsonl; \
         omnilogs archive import --archive=a.db -o json bad.jsonl",
        3,
    );
    assert_eq!(parsed(stdout.trim())["new"], 2, "{stdout}");
    assert!(stderr.contains("bad.jsonl: row 2 cannot be read (line 2 is not JSON)"), "{stderr}");
    assert!(stderr.contains("the other rows are in the archive"), "{stderr}");
}

#[test]
fn an_import_does_not_claim_rows_that_it_did_not_read() {
    let line = r#"{"results":[{"messageId":"a"},{"messageId":"b" "x":1},{"messageId":"c"}]}"#;
    for text in [line.to_owned(), line.replace("},", "},\n")] {
        let (stdout, stderr) = run_on_import(
            &format!(
                "printf %s '{text}' > bad.json; omnilogs archive import --archive=a.db -o json bad.json"
            ),
            3,
        );
        assert_eq!(parsed(stdout.trim())["new"], 1, "{stdout}");
        assert!(stderr.contains("bad.json: row 2 and all after it"), "{stderr}");
        assert!(!stderr.contains("the other rows are in the archive"), "{stderr}");
        assert!(stderr.contains("correct the file and import it again"), "{stderr}");
    }
}

#[test]
fn json_with_the_name_of_a_file_cannot_drive_a_terminal() {
    let (stdout, _) = run_on_import(
        r#"bad=$(printf 'bad\342\200\256.jsonl') && \
           printf '%s\n' '{"messageId":"m8"}' 'no json' > "$bad" && \
           omnilogs archive import --archive=a.db -o json "$bad""#,
        3,
    );
    assert!(!stdout.contains('\u{202e}'), "{stdout}");
    let unreadable = parsed(stdout.trim())["unreadable"][0].as_str().unwrap().to_owned();
    assert!(unreadable.starts_with("bad\u{202e}.jsonl: "), "{unreadable}");
}

#[test]
fn a_file_that_cannot_be_imported_creates_no_archive() {
    for (file, code) in [("missing.json", 2), (".", 2)] {
        let line = format!("omnilogs archive import --archive=a.db {file}; echo $?; ls a.db");
        let ran = omnilogs().in_bash(&line).run();
        assert_eq!(ran.stdout, format!("{code}\n"), "{}", ran.stderr);
        assert!(!ran.stderr.contains("--input"), "{}", ran.stderr);
    }
}

#[test]
fn an_archive_is_created_once_and_its_columns_can_be_computed_again() {
    let (stdout, stderr) = run(
        "omnilogs archive init --archive=a.db && omnilogs archive init --archive=a.db --rebuild \
         -o json && omnilogs archive verify --full --archive=a.db",
        0,
    );
    assert!(stderr.contains("created: a.db"), "{stderr}");
    let mut lines = stdout.lines();
    let second = parsed(lines.next().unwrap());
    assert_eq!((&second["created"], &second["rebuiltMessages"]), (&json!(false), &json!(0)));
    assert!(lines.next().unwrap().contains("0 messages, 0 versions"), "{stdout}");
}

#[test]
fn a_deletion_on_a_terminal_prompts_for_confirmation() {
    for (reply, code, left) in [("n\r", 2, 3), ("\r", 2, 3), ("y\r", 0, 1)] {
        let line = format!(
            "{IMPORT} && omnilogs archive prune --older-than 1d --archive=a.db; code=$?; \
             omnilogs archive status --archive=a.db -o json | tr , '\\n' | grep messages | head -1; \
             exit $code"
        );
        let mut run = with_saved_files().in_bash(&line).on_terminal(80);
        run.until("Continue? [y/N]");
        run.type_in(reply);
        let text = run.end().code(code).text();
        assert!(text.contains("this deletes 2 messages sent before"), "{text}");
        assert!(text.contains(&format!("\"messages\":{left}")), "{text}");
    }
}

#[test]
fn an_import_is_not_the_last_sync() {
    let (stdout, _) = run_on_import("omnilogs archive status --archive=a.db -o json", 0);
    assert_eq!(parsed(&stdout)["accounts"][0]["lastRun"], Value::Null, "{stdout}");
}

#[test]
fn an_hour_that_is_covered_is_compared_with_the_server() {
    let verify = "omnilogs archive verify --live 1h --sandbox --archive=a.db --rate 0 -o json";
    let (stdout, stderr) =
        run(&format!("{SYNC} -q; {verify}; echo $?; {verify} --seed 9; echo $?"), 0);
    let lines: Vec<_> = stdout.lines().map(parsed).collect();
    let live = &lines[0]["live"];
    assert!(live["listed"].as_u64().unwrap() > 20, "{stdout}");
    assert_eq!((&live["missing"], &live["unlisted"]), (&json!(0), &json!(0)), "{stdout}");
    assert_eq!(lines[1], 0, "{stderr}");
    assert_eq!(lines[2], 2, "{stderr}");
    assert!(stderr.contains("the archive has no account sandbox at sandbox:normal:9"), "{stderr}");
}

/// The server returns a message of 90 minutes ago to the second key only, as if it were late.
#[test]
fn a_message_of_a_covered_time_that_the_archive_lacks_is_reported() {
    let now = chrono::Utc::now();
    let ago = move |minutes| {
        (now - chrono::TimeDelta::minutes(minutes)).format("%Y-%m-%dT%H:%M:%S").to_string()
    };
    let server = Server::start(move |_, head| {
        let target = head.split(' ').nth(1).unwrap().replace("%3A", ":");
        let limit = |name| target.split(['?', '&']).find_map(|part| part.strip_prefix(name));
        let (since, until) =
            (limit("sentSince=").unwrap_or(""), limit("sentUntil=").unwrap_or("9"));
        let rows = (0..200)
            .filter(|minutes| *minutes != 90 || head.contains("App second"))
            .map(|minutes| (format!("m{minutes}"), ago(minutes)))
            .filter(|(_, at)| since.get(..19).unwrap_or("") <= at.as_str() && at.as_str() <= until)
            .map(|(id, at)| message_with(&id, &[("sentAt", json!(format!("{at}.000+0000")))]));
        let date = chrono::Utc::now().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let headers = [("Content-Type", "application/json"), ("Date", date.as_str())];
        Response::new("200 OK", &headers, results(rows))
    });
    let line = "omnilogs archive sync --archive=a.db --rate 0 -q && \
                OMNILOGS_API_KEY=second omnilogs archive verify --live 6h --archive=a.db -o json";
    let ran = omnilogs().at(&server.url()).in_bash(line).run().code(3);
    assert_ne!(ran.stdout, "", "{}", ran.stderr);
    let compared = &parsed(ran.stdout.trim())["live"];
    assert!(compared["listed"].as_u64().unwrap() > 100, "{}", ran.stdout);
    assert_eq!(
        (&compared["missing"], &compared["unlisted"]),
        (&json!(1), &json!(0)),
        "{}",
        ran.stdout
    );
    assert!(ran.stderr.contains("lacks 1 message of a time that it covers"), "{}", ran.stderr);
}
