//! Commands that list messages of the archive, on the built program: they show the same rows as those of
//! the server, send nothing, and report times that may be incomplete.

use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::support::messages::{message_with, results};
use crate::support::{Ran, omnilogs};

/// The file of an archive of the sandbox, which is created once for all tests. It is kept in memory:
/// nothing would remove a folder that lasts until the tests end.
static ARCHIVE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let line = "omnilogs archive sync --sandbox --archive=\"$FOLDER/a.db\" --rate 0 -q";
    omnilogs().env("FOLDER", folder.path().to_str().unwrap()).in_bash(line).run().code(0);
    std::fs::read(folder.path().join("a.db")).unwrap()
});

/// Command lines in a shell, in one home folder, without an account.
fn run(lines: &str, code: i32) -> Ran {
    omnilogs().in_bash(lines).run().code(code)
}

/// As [`run`], with an archive of the sandbox in `a.db`.
fn run_on_archive(lines: &str, code: i32) -> Ran {
    let shell = omnilogs();
    std::fs::write(shell.home().join("a.db"), &*ARCHIVE).unwrap();
    shell.in_bash(lines).run().code(code)
}

/// The rows of JSON lines, sorted: rows of one millisecond have no order.
fn rows(text: &str) -> Vec<&str> {
    let mut rows: Vec<_> = text.lines().collect();
    rows.sort_unstable();
    rows
}

#[test]
fn a_listing_of_the_archive_has_the_rows_of_the_server_for_every_filter() {
    // A window of messages that are old enough not to change between the two listings: some expire a
    // day after they were sent. Which errors it has depends on the time of day.
    let filters = [
        "",
        "--failed",
        "-c push --from 'Demo PUSH Application'",
        "--status delivered --grep code -i",
        "--mcc 404 --final",
        "--to \"$TO\"",
        "-c sms,viber --error \"$ERROR\"",
    ];
    let list = |filters: &str, at: usize| {
        let options = format!("--since \"$S\" --until \"$U\" --all -o jsonl -q {filters}");
        format!(
            "omnilogs --archive=a.db {options} > archive{at}; echo $?; \
             omnilogs --sandbox --rate 0 {options} > server{at}\n"
        )
    };
    let lines: String = filters.iter().enumerate().map(|(at, it)| list(it, at)).collect();
    let times = "S=$(date -u -d '31 hours ago' +%FT%TZ); U=$(date -u -d '29 hours ago' +%FT%TZ)\n\
                 get() { omnilogs --archive=a.db --since $S --until $U -n 1 -o csv --no-header --columns \"$@\"; }\n\
                 TO=$(get to); ERROR=$(get error.name --failed -c sms,viber)";
    let kept = tempfile::tempdir().unwrap();
    let kept_path = kept.path().display();
    let ran = run_on_archive(&format!("{times}\n{lines}cp archive* server* {kept_path}"), 0);
    assert_eq!(ran.stdout, "0\n".repeat(filters.len()), "{}", ran.stderr);
    for (at, filter) in filters.iter().enumerate() {
        let read = |name| std::fs::read_to_string(kept.path().join(format!("{name}{at}"))).unwrap();
        let (archive, server) = (read("archive"), read("server"));
        assert!(!server.is_empty(), "{filter}");
        assert_eq!(rows(&archive), rows(&server), "{filter}");
        let sent = |text: &str| -> Vec<String> {
            let time = |line: &str| {
                let row: Value = serde_json::from_str(line).unwrap();
                row["sentAt"].as_str().unwrap().to_owned()
            };
            text.lines().map(time).collect()
        };
        assert!(sent(&archive).is_sorted_by(|one, next| one >= next), "{filter}");
    }
}

#[test]
fn the_formats_columns_limits_and_the_manifest_are_those_of_any_listing() {
    let ran = run_on_archive(
        "omnilogs --archive=a.db -n 3 -o csv --columns sentAt,channel | wc -l\n\
         omnilogs --archive=a.db -o jsonl | wc -l\n\
         omnilogs --archive=a.db -n 1500 -o jsonl | wc -l\n\
         omnilogs --archive=a.db -n 4 --jq '.results | length'\n\
         omnilogs --archive=a.db -n 1 -o jsonl --redact --to 447700900200 | grep -c 447700900200\n\
         omnilogs --archive=a.db -n 9 --sort sentAt -o csv --columns sentAt | tail -n +2 | sort -c && echo sorted\n\
         omnilogs --archive=a.db -n 2 -o jsonl --manifest m.json > rows && cat m.json",
        0,
    );
    let mut lines = ran.stdout.lines();
    let counts: Vec<_> = lines.by_ref().take(6).collect();
    assert_eq!(counts, ["4", "50", "1500", "4", "0", "sorted"], "{}", ran.stderr);
    let manifest: Value = serde_json::from_str(&lines.collect::<String>()).unwrap();
    assert_eq!((&manifest["complete"], &manifest["shown"]), (&Value::from(true), &Value::from(2)));
}

#[test]
fn a_window_that_the_archive_does_not_cover_is_incomplete_unless_gaps_are_allowed() {
    let ran = run_on_archive(
        "omnilogs --archive=a.db --since 30d --all -o jsonl > rows; echo $?\n\
         omnilogs --archive=a.db --since 30d --all -o jsonl --allow-gaps > all; echo $?\n\
         cmp rows all && echo same\n\
         omnilogs --archive=a.db --since 30d --until 20d > none; echo $?\n\
         omnilogs --archive=a.db --until 20d > none; echo $?\n\
         omnilogs stats --archive=a.db --until 20d > none; echo $?\n\
         omnilogs archive init -q --archive=empty.db; omnilogs --archive=empty.db --all > none; echo $?",
        0,
    );
    assert_eq!(ran.stdout, "3\n0\nsame\n3\n3\n3\n3\n", "{}", ran.stderr);
    assert!(ran.stderr.contains("the archive begins later"), "{}", ran.stderr);
    assert!(ran.stderr.contains("--allow-gaps accepts what is missing"), "{}", ran.stderr);
    assert!(ran.stderr.contains("warning: messages may be missing from the archive"));
    // The retention of the API does not apply to the archive.
    assert!(!ran.stderr.contains("48 hours"), "{}", ran.stderr);
}

#[test]
fn the_summary_says_up_to_when_the_archive_is_complete() {
    let ran = run_on_archive("omnilogs --archive=a.db -v -o jsonl -n 2 --timezone utc > rows", 0);
    assert!(ran.stderr.contains(" · from the archive, complete up to "), "{}", ran.stderr);
    let ran = run_on_archive("omnilogs stats --archive=a.db -v --since 2h > rows", 0);
    assert!(ran.stderr.contains("from the archive, complete up to "), "{}", ran.stderr);
}

#[test]
fn an_archive_that_is_missing_or_damaged_ends_with_11() {
    let ran = run("omnilogs --archive", 11);
    assert!(ran.stderr.contains("there is no archive at "), "{}", ran.stderr);
    let ran = run("echo '<html>' > a.db; omnilogs stats --archive=a.db", 11);
    assert!(ran.stderr.contains("is not an archive"), "{}", ran.stderr);
}

/// Rows of which one on the second page has another text than the one that was written.
const CHANGED_ROW: &str = r#"
    seq 0 1099 | awk '{ printf "{\"messageId\":\"m%d\",\"to\":\"4477\",\"text\":\"%d text\",", $1, $1
        printf "\"sentAt\":\"2024-01-02T00:%02d:%02d.000+0000\"}\n", int($1 / 60), $1 % 60 }' > rows.jsonl
    omnilogs archive import -q rows.jsonl --archive=a.db && cp a.db whole.db
    LC_ALL=C sed -i 's/"50 text"/"50 toxt"/' a.db"#;

#[test]
fn after_damage_a_listing_names_the_time_that_was_not_read_and_its_command_lists_the_rest() {
    let list = |options| {
        format!("{CHANGED_ROW}\nomnilogs --archive=a.db --all -o csv --no-header {options} | wc -l")
    };
    let rest = "--until 2024-01-02T00:01:40.000+00:00";
    for (options, start) in [
        ("--allow-gaps --since 2024-01-01T00:00:00Z", "2024-01-01 00:00:00.000 +00:00"),
        ("", "the start of the window"),
    ] {
        let line = format!("set -o pipefail; {}", list(options));
        let ran = run(&line, 3);
        assert_eq!(ran.stdout.trim(), "1000", "{}", ran.stderr);
        let because = format!("because: from {start} to 2024-01-02 00:01:40.000 +00:00: not every");
        assert!(ran.stderr.contains(&because), "{}", ran.stderr);
        let hints: Vec<_> =
            ran.stderr.lines().filter(|line| line.contains("try: omnilogs --all")).collect();
        assert!(matches!(&hints[..], [hint] if hint.contains(rest)), "{}", ran.stderr);
        // A gap that was accepted is not a cause.
        let is_cause = ran
            .stderr
            .lines()
            .any(|line| line.contains("because: ") && line.ends_with("nothing was listed yet"));
        assert_eq!(is_cause, options.is_empty(), "{}", ran.stderr);
    }
    // A row with the time of the last one can follow, so that one is listed again.
    let line = format!(
        "{CHANGED_ROW}\nomnilogs --archive=whole.db --all --allow-gaps -o csv --no-header {rest} | wc -l"
    );
    assert_eq!(run(&line, 0).stdout.trim(), "101");
}

#[test]
fn options_without_a_meaning_for_an_archive_are_refused() {
    for (words, reason) in [
        ("--archive --sandbox", "cannot be used with"),
        ("--archive --input x.json", "cannot be used with"),
        ("--archive=a.db --dry-run", "--dry-run cannot be used with --archive"),
        ("--archive=a.db --param a=b", "--param cannot be used with --archive"),
        ("--archive=a.db --all -o csv --output-file b --resume", "--resume cannot be used"),
        ("--archive=a.db -o csv --output-file a.db", "the same file"),
        ("--archive=postgres://u:secret@db/x", "--archive holds a password"),
        ("--archive=a.db --follow", "--archive"),
        ("--allow-gaps", "--archive"),
        ("--allow-gaps --sandbox", "cannot be used with"),
        ("--allow-network-archive --input x.json", "cannot be used with"),
    ] {
        let ran = run(
            &format!("omnilogs archive sync --sandbox=empty --archive=a.db -q\nomnilogs {words}"),
            2,
        );
        assert!(ran.stderr.contains(reason), "{words}: {}", ran.stderr);
        assert!(!ran.stderr.contains("secret"), "{}", ran.stderr);
    }
}

#[test]
fn the_archive_is_that_of_the_variable_or_of_the_profile() {
    let ran = run_on_archive(
        "OMNILOGS_ARCHIVE=a.db omnilogs --archive -n 2 -o jsonl | wc -l\n\
         umask 077; mkdir -p .config/omnilogs; echo 'archive = \"a.db\"' > .config/omnilogs/config.toml\n\
         omnilogs --archive -n 3 -o jsonl | wc -l\n\
         echo '[profiles.other]' >> .config/omnilogs/config.toml\n\
         omnilogs --archive=a.db -p other; echo $?",
        0,
    );
    assert_eq!(ran.stdout, "2\n3\n2\n", "{}", ran.stderr);
    assert!(ran.stderr.contains("no messages of the profile \"other\""), "{}", ran.stderr);
}

#[test]
fn a_query_for_times_that_the_api_has_forgotten_names_the_archive_if_there_is_one() {
    let query =
        "OMNILOGS_BASE_URL=http://127.0.0.1:9 OMNILOGS_API_KEY=k omnilogs --since 5d --dry-run";
    let ran = run_on_archive(&format!("OMNILOGS_ARCHIVE=a.db {query} > /dev/null"), 0);
    assert!(ran.stderr.contains("there is an archive, which may have them"), "{}", ran.stderr);
    let ran = run(&format!("{query} > /dev/null"), 0);
    assert!(ran.stderr.contains("48 hours") && !ran.stderr.contains("archive"), "{}", ran.stderr);
}

#[test]
fn a_message_of_the_archive_is_found_by_its_id_a_part_of_its_id_or_its_number() {
    let ran = run_on_archive(
        "ID=$(omnilogs --archive=a.db --pending --since 1h -n 1 --jq '.results[0].messageId')\n\
         omnilogs show --archive=a.db \"$ID\" -o jsonl | grep -c \"$ID\"\n\
         omnilogs show --archive=a.db \"${ID:0:8}\" -o jsonl | wc -l\n\
         omnilogs show --archive=a.db \"$(tr a-f A-F <<< \"${ID:0:8}\")\" -o jsonl | wc -l\n\
         omnilogs show --archive=a.db 447700900200 -n 3 -o jsonl | wc -l\n\
         omnilogs show --archive=a.db 00000000-0000-4000-8000-000000000000; echo $?",
        0,
    );
    let lines: Vec<_> = ran.stdout.lines().collect();
    assert_eq!(lines, ["1", "1", "1", "3", "10"], "{}", ran.stderr);
}

#[test]
fn two_windows_of_the_archive_are_compared_like_those_of_the_server() {
    let ran = run_on_archive(
        "S=$(date -u -d '31 hours ago' +%FT%TZ); U=$(date -u -d '29 hours ago' +%FT%TZ)\n\
         W=\"--since $S --until $U --vs 12h -o json\"\n\
         omnilogs stats --archive=a.db $W > archive && omnilogs stats --sandbox --rate 0 $W > server \
         && cmp archive server && cat archive",
        0,
    );
    let stats: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert!(stats["total"]["messages"].as_u64().unwrap() > 0, "{stats}");
}

/// A message in `a.db` that was pending and is delivered, and the command lines after that.
fn run_on_two_versions(lines: &str) -> Ran {
    let row = |status: &str| {
        let name = if status == "PENDING" { "PENDING_ENROUTE" } else { "DELIVERED_TO_HANDSET" };
        let fields = [
            ("sentAt", json!("2024-01-02T03:04:05.000+0000")),
            ("status.groupName", json!(status)),
            ("status.name", json!(name)),
        ];
        results([message_with("2f53f8ad-7fc0-4f1c-8b1e-94a3e1c8ad27", &fields)])
    };
    let home = omnilogs();
    std::fs::write(home.home().join("one.json"), row("PENDING")).unwrap();
    std::fs::write(home.home().join("two.json"), row("DELIVERED")).unwrap();
    let import = "omnilogs archive import --archive=a.db -q one.json two.json";
    home.in_bash(&format!("{import}\n{lines}")).run().code(0)
}

#[test]
fn a_message_is_shown_with_every_status_that_it_went_through_and_an_import_proves_nothing() {
    let ran = run_on_two_versions(
        "omnilogs show --archive=a.db 2f53f8ad -o table\n\
         echo; omnilogs show --archive=a.db 2f53f8ad -o jsonl | wc -l\n\
         omnilogs --archive=a.db -o jsonl > rows; echo $?\n\
         omnilogs --archive=a.db --allow-gaps -o jsonl | wc -l",
    );
    let (block, rest) =
        ran.stdout.split_once("\n\n1\n").unwrap_or_else(|| panic!("{}", ran.stdout));
    assert_eq!(rest, "3\n1\n", "{}", ran.stderr);
    assert!(block.contains("… pending: on its way to the operator"), "{block}");
    assert!(block.contains("SMS  ✓ delivered"), "{block}");
    assert!(ran.stderr.contains("at any time: nothing was listed yet"), "{}", ran.stderr);
}

/// The archive has what a server sent, whose clock can differ.
#[test]
fn the_clock_of_this_machine_does_not_limit_the_times_of_the_archive() {
    let home = omnilogs();
    let fields = [("sentAt", json!("2098-01-01T00:00:00.000+0000"))];
    std::fs::write(home.home().join("one.json"), results([message_with("fut", &fields)])).unwrap();
    let read = "--archive=a.db --allow-gaps --strict";
    let lines = format!(
        "omnilogs archive import --archive=a.db -q one.json\n\
         for range in '--since 2097-06-01' '--until 2099-01-01'; do\n\
         omnilogs {read} $range -o jsonl | wc -l; omnilogs stats {read} $range -o json > /dev/null; echo $?\n\
         done; true"
    );
    let ran = home.in_bash(&lines).run().code(0);
    assert_eq!(ran.stdout, "1\n0\n1\n0\n", "{}", ran.stderr);
    assert!(!ran.stderr.contains("future"), "{}", ran.stderr);
}

#[test]
fn show_has_the_whole_history_of_a_message_with_when_each_version_was_seen() {
    let ran = run_on_two_versions(
        "omnilogs show --archive=a.db 2f53f8ad -o jsonl\n\
         omnilogs show --archive=a.db 2f53f8ad -o jsonl --redact=to\n\
         omnilogs --archive=a.db --all --allow-gaps --versions -o jsonl\n\
         omnilogs show --archive=a.db 2f53f8ad -o table",
    );
    let lines: Vec<&str> = ran.stdout.lines().collect();
    let rows: Vec<Value> =
        lines[..4].iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows[0]["status"]["groupName"], "DELIVERED");
    assert_eq!(rows[0]["versions"], json!([rows[2], rows[3]]));
    let (shown, redacted) = (&rows[0]["versions"][1], &rows[1]["versions"][1]);
    assert_ne!(shown["to"], redacted["to"]);
    assert_eq!((&shown["seenAt"], &shown["status"]), (&redacted["seenAt"], &redacted["status"]));
    let journey: Vec<_> = lines[4..].iter().filter(|line| line.contains("  SMS  ")).collect();
    assert_eq!(journey.len(), 2, "{}", ran.stdout);
    assert!(journey[0].contains("2024-01-02 03:04:05  SMS  … pending"), "{}", ran.stdout);
    let block = lines[4..].join(" ");
    assert_eq!(block.matches("(seen 20").count(), 2, "{}", ran.stdout);
}

/// As when an account is archived under its old and its new base URL.
#[test]
fn messages_of_two_accounts_with_one_id_are_shown_one_by_one() {
    const ID: &str = "2f53f8ad-7fc0-4f1c-8b1e-94a3e1c8ad27";
    let row = |from: &str, group: &str, name: &str| {
        let fields = [
            ("from", json!(from)),
            ("status.groupName", json!(group)),
            ("status.name", json!(name)),
        ];
        results([message_with(ID, &fields)])
    };
    let profile = |name: &str| format!("[profiles.{name}]\napi_key = \"k\"\n");
    // The default profile has no account in the archive, so that the messages of both are read.
    let home = omnilogs().config(&(profile("one") + &profile("two")));
    let folder = home.home().to_owned();
    for (name, text) in [
        ("one.json", row("Bank", "DELIVERED", "DELIVERED_TO_HANDSET")),
        ("two.json", row("Shop", "REJECTED", "REJECTED_NETWORK")),
    ] {
        std::fs::write(folder.join(name), text).unwrap();
    }
    let ran = home.in_bash(&format!(
        "omnilogs archive import --archive=a.db -q -p one one.json\n\
         omnilogs archive import --archive=a.db -q -p two two.json\n\
         for word in {ID} 2f53f8ad 447700900123\n\
         do omnilogs show --archive=a.db --allow-gaps -q -o jsonl $word; done\n\
         omnilogs show --archive=a.db --allow-gaps -q -o table {ID}\n\
         omnilogs show --archive=a.db --allow-gaps -q -o jsonl -p two {ID}",
    ));
    let ran = ran.run().code(0);
    let lines: Vec<_> = ran.stdout.lines().collect();
    let rows: Vec<Value> = lines
        .iter()
        .filter(|line| line.starts_with('{'))
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let from: Vec<_> = rows.iter().map(|row| row["from"].as_str().unwrap()).collect();
    assert_eq!(from, ["Bank", "Shop", "Bank", "Shop", "Bank", "Shop", "Shop"], "{}", ran.stdout);
    for row in &rows {
        let versions = row["versions"].as_array().unwrap();
        assert_eq!((versions.len(), &versions[0]["from"]), (1, &row["from"]), "{row}");
    }
    for outcome in ["✓ Delivered over SMS", "✗ Rejected over SMS"] {
        assert!(lines.iter().any(|line| line.starts_with(outcome)), "{}", ran.stdout);
    }
}

#[test]
fn the_output_of_show_is_imported_as_the_versions_that_the_server_sent() {
    for format in ["json", "jsonl"] {
        let export = "--all --allow-gaps --versions -o jsonl";
        let ran = run_on_two_versions(&format!(
            "omnilogs show --archive=a.db 2f53f8ad -o {format} > shown\n\
             for n in 1 2; do omnilogs archive import --archive=b.db shown 2>&1 | tail -1; done\n\
             omnilogs --archive=a.db {export} > a; omnilogs --archive=b.db {export} > b; cmp a b\n\
             omnilogs archive verify --full --archive=b.db"
        ));
        assert!(ran.stdout.starts_with("imported 2 rows: 1 new, 1 changed"), "{}", ran.stdout);
        assert!(ran.stdout.contains("imported 2 rows: 0 new, 0 changed"), "{}", ran.stdout);
        assert!(ran.stdout.ends_with("no damage found\n"), "{}", ran.stdout);
    }
}

#[test]
fn every_version_is_exported_with_when_it_was_seen() {
    let ran = run_on_two_versions(
        "omnilogs --archive=a.db --all --allow-gaps --versions -o jsonl\n\
         omnilogs --archive=a.db --versions -o csv; echo $?\n\
         omnilogs --sandbox --versions -o jsonl; echo $?",
    );
    let (versions, codes) = ran.stdout.split_at(ran.stdout.find("\n2\n").unwrap() + 1);
    let versions: Vec<Value> =
        versions.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let statuses: Vec<_> = versions.iter().map(|row| &row["status"]["groupName"]).collect();
    assert_eq!(statuses, ["DELIVERED", "PENDING"]);
    assert!(versions.iter().all(|row| row["seenAt"].is_string()), "{versions:?}");
    assert_eq!(codes, "2\n2\n", "{}", ran.stderr);
    assert!(ran.stderr.contains("--versions works only with"), "{}", ran.stderr);
}

#[test]
fn filters_show_every_version_of_a_message_by_its_current_version_or_none() {
    let cases = [
        ("--final", 2),
        ("--failed", 0),
        ("--status DELIVERED", 2),
        ("--status PENDING", 0),
        ("--error DELIVERED_TO_HANDSET", 2),
        ("--error PENDING_ENROUTE", 0),
        ("--final -n 1", 1),
        ("--message-id 2f53f8ad-7fc0-4f1c-8b1e-94a3e1c8ad27 --final", 2),
    ];
    for pages in ["", "--all"] {
        let lines: Vec<_> = cases
            .iter()
            .filter(|(filter, _)| pages.is_empty() || !filter.contains("-n"))
            .map(|(filter, count)| {
                let list = "omnilogs --archive=a.db --allow-gaps --versions -o jsonl";
                format!("echo \"{filter}: $({list} {pages} {filter} | wc -l) of {count}\"")
            })
            .collect();
        let ran = run_on_two_versions(&lines.join("\n"));
        for line in ran.stdout.lines() {
            let (shown, wanted) = line.rsplit_once(": ").unwrap().1.split_once(" of ").unwrap();
            assert_eq!(shown, wanted, "{pages} {line}: {}", ran.stderr);
        }
    }
    let ran = run_on_two_versions(
        "omnilogs --archive=a.db --allow-gaps --versions -o jsonl --error PENDING_ENROUTE",
    );
    assert!(ran.stdout.is_empty() && ran.stderr.contains("local filters"), "{}", ran.stderr);
}

#[test]
fn a_month_of_the_archive_is_counted_by_day() {
    let stats = "omnilogs stats --archive=a.db -o json --since 30d";
    let ran = run_on_archive(&format!("{stats} --allow-gaps && {stats} > part; echo $?"), 0);
    let (stats, code) = ran.stdout.trim_end().rsplit_once('\n').unwrap();
    let stats: Value = serde_json::from_str(stats).unwrap();
    assert_eq!(stats["bucketSeconds"], 86_400, "{stats}");
    let total = stats["total"]["messages"].as_u64().unwrap();
    let days = stats["timeline"].as_array().unwrap();
    let of_days: u64 = days.iter().map(|day| day["messages"].as_u64().unwrap()).sum();
    assert!(total > 1000 && total == of_days, "{stats}");
    assert_eq!(code, "3", "{}", ran.stderr);
}
