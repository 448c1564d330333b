//! The archive on a PostgreSQL server, on the built program: every command, the rights of roles, and the
//! messages when the server cannot be used.

mod access;
mod tls;
mod two_programs;

use std::fs;

use postgres::Client;
use serde_json::{Value, json};

use crate::support::account::{account, on_account};
use crate::support::messages::{NUMBER, message_with, results};
use crate::support::postgres_cluster::{Cluster, Database, cluster};
use crate::support::{Omnilogs, Ran, omnilogs};

/// A run that uses the archive in this database.
fn on(database: &Database<'_>) -> Omnilogs {
    omnilogs().env("OMNILOGS_ARCHIVE", database.url())
}

/// Command lines in a shell, on an archive in this database.
#[track_caller]
fn run(database: &Database<'_>, lines: &str, code: i32) -> Ran {
    on(database).env("A", database.url()).in_bash(lines).run().code(code)
}

/// A new archive.
#[track_caller]
fn archive(cluster: &Cluster) -> Database<'_> {
    let database = cluster.database();
    run(&database, "omnilogs archive init -q", 0);
    database
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn number(client: &mut Client, sql: &str) -> i64 {
    client.query_one(sql, &[]).unwrap().get(0)
}

#[test]
fn an_archive_on_a_server_is_made_synced_checked_and_read() {
    let Some(cluster) = cluster() else { return };
    let database = cluster.database();
    let lines = "omnilogs archive init && omnilogs archive init -o json
        for _ in 1 2; do omnilogs archive sync --rate 0 -o json; done
        omnilogs archive status -o json && omnilogs archive verify --full -o json
        omnilogs --archive -n 4 -o jsonl --allow-gaps | wc -l
        omnilogs --archive=\"$A\" --failed --all -o jsonl | wc -l
        omnilogs stats --archive --allow-gaps -o json | wc -l
        omnilogs archive sync --rate 0 -q
        omnilogs archive verify --live 30m -o json";
    let account = account(24);
    let run = on_account(&account).env("OMNILOGS_ARCHIVE", database.url());
    let ran = run.env("A", database.url()).in_bash(lines).run().code(0);
    let mut stdout = ran.stdout.lines();
    let mut next = || parsed(stdout.next().unwrap());
    assert_eq!(next()["created"], false);
    let (first, second) = (next(), next());
    assert_eq!(
        (&first["outcome"], &first["archive"]),
        (&json!("complete"), &json!(database.url()))
    );
    let new = first["new"].as_u64().unwrap();
    assert!(new > 1000 && second["new"].as_u64().unwrap() < 100, "{}", ran.stdout);
    let status = next();
    assert!(status["messages"].as_u64().unwrap() >= new, "{status}");
    assert_eq!(
        (&status["freeBytes"], &status["accounts"][0]["name"]),
        (&json!(null), &json!("default"))
    );
    assert_eq!(next()["problems"], json!([]));
    assert_eq!(next(), json!(4));
    let failed = next();
    assert!(failed.as_u64().unwrap() > 100, "{failed}");
    assert_eq!(next(), json!(1));
    assert_eq!(next()["live"]["missing"], 0);
    assert!(ran.stderr.starts_with("created: postgres://"), "{}", ran.stderr);
}

/// Rows that databases often store wrongly: NUL, bytes that are not UTF-8, no id, no time, two versions.
fn odd_rows() -> Vec<u8> {
    let mut rows: Vec<Vec<u8>> = vec![
        b"{\"messageId\":\"a\",\"text\":\"\xFF\xC3(\",\"sentAt\":\"2024-01-02T03:04:05.006+0000\"}".into(),
        b"{\"messageId\":\"b\\u0000\",\"to\":\"4477\\u00001\",\"sentAt\":\"2024-01-02T03:04:05.006+0000\"}".into(),
        b"{\"messageId\" : \"c\\\\\",\"price\":{\"pricePerMessage\":0.0100}}".into(),
        b"{\"to\":\"447700900123\",\"channel\":\"SMS\"}".into(),
        b"{\"messageId\":\"\xE6\xBC\",\"bulkId\":\"\xE6\xBC\"}".into(),
    ];
    let long = "long ".repeat(1000);
    rows.push(
        json!({ "messageId": long, "channel": long, "bulkId": long, "to": long })
            .to_string()
            .into(),
    );
    rows.extend((0..40).map(|n| {
        let fields = [("sentAt", json!(format!("2024-01-02T03:04:0{}.000+0000", n % 7)))];
        message_with(&format!("m{n}"), &fields).to_string().into()
    }));
    rows.push(b"{\"messageId\":\"m1\",\"status\":{\"groupName\":\"REJECTED\"}}".into());
    rows.join(&b'\n')
}

/// A17.
#[test]
fn both_stores_give_equal_exports_of_the_same_rows() {
    let Some(cluster) = cluster() else { return };
    let database = archive(cluster);
    let home = on(&database);
    fs::write(home.home().join("odd.jsonl"), odd_rows()).unwrap();
    let lines = "for a in \"$A\" a.db; do
          omnilogs archive import --archive=\"$a\" -q odd.jsonl; echo $?
          omnilogs archive import --archive=\"$a\" -o json odd.jsonl | sed 's/.*\"faulty\"/faulty/'
          for o in jsonl json xml csv; do
            omnilogs --archive=\"$a\" --all --allow-gaps -q -o $o > out.$o
          done
          omnilogs --archive=\"$a\" --all --allow-gaps -q --versions -o jsonl | sed 's/,\"seenAt\":\"[^\"]*\"//' > out.v
          omnilogs --archive=\"$a\" --all --allow-gaps -q --message-id m7,m1 -o jsonl > out.ids
          cat out.jsonl out.json out.xml out.csv out.v out.ids | sha256sum; wc -l < out.jsonl
        done";
    let ran = home.env("A", database.url()).in_bash(lines).run().code(0);
    let lines: Vec<_> = ran.stdout.lines().collect();
    assert_eq!(lines.len(), 8, "{}", ran.stdout);
    assert_eq!(lines[..4], lines[4..], "{}", ran.stderr);
    assert_eq!(lines[3], "47");
}

#[test]
fn messages_are_pruned_and_erased_on_a_server() {
    let Some(cluster) = cluster() else { return };
    let database = archive(cluster);
    let home = on(&database);
    let row = |id: &str, to: &str, sent: &str| {
        message_with(id, &[("to", json!(to)), ("sentAt", json!(sent))])
    };
    let old = "2024-01-02T03:04:05.000+0000";
    let new = chrono::Utc::now().format("%Y-%m-%dT%H:%M:%S.000+0000").to_string();
    let rows = [row("m1", NUMBER, old), row("m2", "447700900777", &new), row("m3", NUMBER, &new)];
    fs::write(home.home().join("rows.json"), results(rows)).unwrap();
    let lines = format!(
        "omnilogs archive import -q rows.json
         omnilogs archive prune --older-than 400d --dry-run
         omnilogs archive prune --older-than 400d --compact --yes -o json
         omnilogs archive erase --to +{NUMBER} --dry-run
         omnilogs archive erase --to +{NUMBER} --yes
         omnilogs archive import rows.json -o json
         omnilogs --archive --all --allow-gaps -o jsonl -q | wc -l
         omnilogs archive status | grep erasures"
    );
    let ran = home.in_bash(&lines).run().code(0);
    let lines: Vec<_> = ran.stdout.lines().collect();
    assert_eq!(lines[0], "would delete 1 message; nothing was deleted");
    assert_eq!(parsed(lines[1])["messages"], 1);
    assert_eq!(lines[2], "would erase 1 message; nothing was deleted");
    assert!(lines[3].starts_with("erased 1 message, 1 version of the destination"), "{}", lines[3]);
    assert_eq!(lines[4], "found 0 times in the archive afterwards");
    assert!(lines[6].contains("write-ahead log of the server"), "{}", lines[6]);
    assert_eq!(parsed(lines[7])["suppressed"], 2);
    assert_eq!(lines[8..], ["1", "erasures    1"]);
}
