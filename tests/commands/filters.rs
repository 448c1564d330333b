//! Filters of several values, which are several requests, and filters that are applied locally.

use serde_json::{Value, json};

use crate::support::messages::{message_with, results};
use crate::support::model::{ServerBehavior, serve};
use crate::support::{Ran, Response, Server, omnilogs};

/// The message with this number, which decides its channel, its status and its destination.
fn row(n: usize) -> Value {
    let channel = ["SMS", "PUSH", "VIBER"][n % 3];
    let (group, name, error) = [
        ("DELIVERED", "DELIVERED_TO_HANDSET", "NO_ERROR"),
        ("REJECTED", "REJECTED_DND", "EC_ABSENT_SUBSCRIBER"),
        ("EXPIRED", "EXPIRED_UNKNOWN", "EC_SM_DELIVERY_FAILURE"),
        ("PENDING", "PENDING_ENROUTE", "NO_ERROR"),
    ][n % 4];
    let second = 3599 - n;
    let mut row = message_with(
        &format!("m{n}"),
        &[
            ("channel", channel.into()),
            ("status.groupName", group.into()),
            ("status.name", name.into()),
            ("error.name", error.into()),
            ("to", format!("44770090012{}", n % 5).into()),
            (
                "sentAt",
                format!("2026-11-22T10:{:02}:{:02}.000+0000", second / 60, second % 60).into(),
            ),
        ],
    );
    row["status"]["id"] = Value::Null;
    row["status"]["groupId"] = Value::Null;
    row["error"]["id"] = Value::Null;
    row["mccmnc"] = if n.is_multiple_of(2) { "23410".into() } else { "22801".into() };
    row
}

fn rows(count: usize) -> Vec<Value> {
    (0..count).map(row).collect()
}

fn list(server: &Server, words: &[&str]) -> Ran {
    omnilogs().at(&server.url()).args(["--rate", "0", "-o", "jsonl"]).args(words).run()
}

/// The numbers of the messages, in the order in which they came.
fn numbers(ran: &Ran) -> Vec<usize> {
    let number = |line: &str| {
        let row: Value = serde_json::from_str(line).unwrap();
        row["messageId"].as_str().unwrap()[1..].parse().unwrap()
    };
    ran.stdout.lines().map(number).collect()
}

/// Standard error of a command line that is refused before anything is sent.
fn refused(words: &[&str]) -> String {
    let server = Server::always(Response::json(results([])));
    let ran = omnilogs().at(&server.url()).args(words).run().code(2);
    assert_eq!(server.targets(), Vec::<String>::new());
    ran.stderr
}

fn matching(count: usize, fits: impl Fn(usize) -> bool) -> Vec<usize> {
    (0..count).filter(|n| fits(*n)).collect()
}

#[test]
fn one_value_of_each_filter_is_one_request() {
    let server = serve(rows(100), ServerBehavior::default());
    let ran =
        list(&server, &["-c", "sms", "--status", "pending", "--to", "+44 7700 900121"]).code(0);
    assert_eq!(
        server.targets(),
        ["/omni/1/logs?to=447700900121&generalStatus=PENDING&channel=SMS"]
    );
    assert!(!ran.stderr.contains("requests"), "{}", ran.stderr);
}

#[test]
fn several_values_are_several_requests_merged_by_time() {
    let server = serve(rows(240), ServerBehavior::default());
    let words =
        ["-c", "sms,push", "--status", "expired", "--status", "rejected", "-n", "1000", "-v"];
    let ran = list(&server, &words).code(0);
    let expected = matching(240, |n| n % 3 < 2 && [1, 2].contains(&(n % 4)));
    assert_eq!(numbers(&ran), expected);
    ran.says("4 requests for each page: 2 channels × 2 status groups");
    for target in server.targets() {
        assert!(!target.contains("%2C") && !target.contains("SMS,"), "{target}");
    }
}

#[test]
fn a_limit_is_the_newest_of_all_values_together() {
    let server = serve(rows(400), ServerBehavior::default());
    let ran = list(&server, &["--failed", "-n", "7"]).code(0);
    assert_eq!(numbers(&ran), matching(400, |n| [1, 2].contains(&(n % 4)))[..7]);
    let to = ["--to", "447700900121,447700900122", "--to", "447700900121", "-n", "9"];
    let ran = list(&server, &to).code(0);
    assert_eq!(numbers(&ran), matching(400, |n| [1, 2].contains(&(n % 5)))[..9]);
}

#[test]
fn all_rows_of_several_values_come_from_a_server_of_short_pages() {
    let behavior = ServerBehavior { cap: 20, ..ServerBehavior::default() };
    let server = serve(rows(300), behavior);
    let ran = list(&server, &["--pending", "--delivered", "--all"]).code(0);
    assert_eq!(numbers(&ran), matching(300, |n| [0, 3].contains(&(n % 4))));
}

#[test]
fn short_forms_are_status_groups_and_add_up() {
    let groups = |words: &[&str]| {
        let server = Server::always(Response::json(results([])));
        list(&server, words).code(0);
        let group = |target: &String| {
            let value = target.split("generalStatus=").nth(1).unwrap_or_default();
            value.split('&').next().unwrap().to_owned()
        };
        server.targets().iter().map(group).collect::<Vec<_>>()
    };
    let failed = ["UNDELIVERABLE", "EXPIRED", "REJECTED"];
    assert_eq!(groups(&["--failed"]), failed);
    assert_eq!(groups(&["--status", "Failed"]), failed);
    assert_eq!(groups(&["--failed", "--status", "rejected,expired"]), failed);
    assert_eq!(groups(&["--delivered"]), ["DELIVERED"]);
    assert_eq!(groups(&["--pending"]), ["ACCEPTED", "PENDING"]);
    let both = ["UNDELIVERABLE", "DELIVERED", "EXPIRED", "REJECTED"];
    assert_eq!(groups(&["--failed", "--delivered"]), both);
}

#[test]
fn several_values_work_over_a_file_and_the_sandbox() {
    let body = results(rows(60));
    let words = ["--input", "-", "--failed", "-c", "sms,push", "-o", "jsonl"];
    let ran = omnilogs().args(words).stdin(body).run().code(0);
    assert_eq!(numbers(&ran), matching(60, |n| n % 3 < 2 && [1, 2].contains(&(n % 4))));

    let words = ["--sandbox", "--failed", "--country", "GB,US", "-n", "5", "-o", "csv"];
    let columns = ["--columns", "status.groupName,country"];
    let ran = omnilogs().args(words).args(columns).run().code(0);
    let lines: Vec<_> = ran.stdout.lines().skip(1).collect();
    assert_eq!(lines.len(), 5);
    for line in lines {
        let (group, country) = line.split_once(',').unwrap();
        assert!(["UNDELIVERABLE", "EXPIRED", "REJECTED"].contains(&group), "{line}");
        assert!(["United Kingdom", "United States"].contains(&country), "{line}");
    }
}

#[test]
fn the_manifest_and_the_dry_run_have_every_value() {
    let server = serve(rows(20), ServerBehavior::default());
    let folder = tempfile::tempdir().unwrap();
    let manifest = folder.path().join("manifest.json");
    let words = ["--failed", "-c", "sms,push", "--to", "447700900121,447700900122", "--manifest"];
    list(&server, &[&words[..], &[manifest.to_str().unwrap()]].concat()).code(0);
    let written: Value = serde_json::from_slice(&std::fs::read(manifest).unwrap()).unwrap();
    let value = |name: &str| {
        let all = written["query"].as_array().unwrap();
        all.iter().find(|parameter| parameter["name"] == name).unwrap()["value"].clone()
    };
    assert_eq!(value("channel"), json!("SMS,PUSH"));
    assert_eq!(value("generalStatus"), json!("UNDELIVERABLE,EXPIRED,REJECTED"));
    assert_eq!(value("to"), Value::Null);

    assert_eq!(written["localFilters"], json!([]));

    let ran = omnilogs().args(["--failed", "-c", "sms,push", "--dry-run"]).run().code(0);
    assert_eq!(ran.stdout.matches("curl").count(), 6, "{}", ran.stdout);
}

#[test]
fn the_manifest_lists_local_filters_without_personal_data() {
    let server = serve(rows(20), ServerBehavior::default());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("manifest.json");
    let words = ["--grep", "Ana", "-i", "--exclude", "447700900123", "--final", "--slow", "1h30m"];
    let more = ["--error", "EC_ABSENT_SUBSCRIBER,5", "--country", "France,gb", "--manifest"];
    list(&server, &[&words[..], &more[..], &[path.to_str().unwrap()]].concat()).code(0);
    let text = std::fs::read_to_string(path).unwrap();
    let written: Value = serde_json::from_str(&text).unwrap();
    let filter = |name: &str, value: Value| json!({ "name": name, "value": value });
    let wanted = json!([
        filter("grep", Value::Null),
        filter("exclude", Value::Null),
        filter("ignore-case", json!(true)),
        filter("final", json!(true)),
        filter("error", json!("EC_ABSENT_SUBSCRIBER,5")),
        filter("country", json!("FR,GB")),
        filter("slow", json!("5400000ms")),
    ]);
    assert_eq!(written["localFilters"], wanted);
    assert!(!text.contains("Ana") && !text.contains("447700900123"), "{text}");
}

#[test]
fn an_unknown_status_group_or_channel_is_refused_with_a_suggestion() {
    assert!(refused(&["--status", "expird"]).contains("--status EXPIRED"));
    let status = refused(&["--status", "PENDING,REJECTED_DND"]);
    assert!(status.contains("--status REJECTED --error REJECTED_DND"), "{status}");
    assert!(refused(&["--status", "sms"]).contains("the status groups are ACCEPTED"));
    assert!(refused(&["-c", "sms,psuh"]).contains("--channel PUSH"));
    assert!(refused(&["-c", "sms,"]).contains("a channel is empty"));
    assert!(refused(&["--status", ""]).contains("a status group is empty"));
    assert!(refused(&["--to", "447700900121,,x"]).contains("--to is empty"));
}

#[test]
fn more_values_than_the_api_allows_requests_per_minute_are_refused() {
    let to: Vec<_> = (0..200).map(|n| format!("447700900{n:03}")).collect();
    let text = refused(&["--to", &to.join(",")]);
    assert!(text.contains("the filters need 200 requests for each page"), "{text}");
    assert!(
        text.contains("200 destinations") && text.contains("120 requests per minute"),
        "{text}"
    );
    // A file is read once, whatever the number of values.
    let words = ["--input", "-", "--to", &to.join(","), "-o", "jsonl"];
    let ran = omnilogs().args(words).stdin(results(rows(5))).run().code(0);
    assert_eq!(numbers(&ran).len(), 5);
}

#[test]
fn with_a_local_filter_a_limit_counts_the_rows_that_match() {
    let server = serve(rows(3000), ServerBehavior::default());
    let ran = list(&server, &["--error", "absent", "-n", "300", "-v"]).code(0);
    assert_eq!(numbers(&ran), matching(3000, |n| n % 4 == 1)[..300]);
    ran.says("300 messages").says("removed by local filters");
    let few = list(&server, &["--grep", "no such text", "-n", "5", "-v"]).code(0);
    assert_eq!(few.stdout, "");
    few.says("no message matches the local filters: looked at 3,000 messages sent since");
}

#[test]
fn without_a_limit_a_local_filter_needs_no_further_request() {
    let server = serve(rows(300), ServerBehavior::default());
    let ran = list(&server, &["--error", "27,dnd", "-v"]).code(0);
    assert_eq!(numbers(&ran), matching(50, |n| n % 4 == 1));
    assert_eq!(server.targets(), ["/omni/1/logs"]);
    ran.says("37 of 50 removed by local filters");
    // Older messages may match, so the sentence must not say that no message matches.
    let none = list(&server, &["--grep", "no such text", "-v"]).code(0);
    none.says("no message matches the local filters: looked at the newest 50 messages sent since")
        .says("next: -n 200 or --all");
}

#[test]
fn rows_are_filtered_by_country_and_latency() {
    let server = serve(rows(40), ServerBehavior::default());
    assert_eq!(numbers(&list(&server, &["--country", "switzerland"]).code(0)).len(), 20);
    assert_eq!(numbers(&list(&server, &["--country", "CH,GBR"]).code(0)).len(), 40);
    assert_eq!(list(&server, &["--slow", "1000h"]).code(0).stdout, "");
    assert!(refused(&["--country", "korea"]).contains("North Korea (KP), South Korea (KR)"));
    assert!(refused(&["--country", "Switzerlnd"]).contains("--country 'Switzerland'"));
    assert!(refused(&["--slow", "5"]).contains("5s"));
    assert!(refused(&["--error", ""]).contains("a code is empty"));
}

#[test]
fn a_code_that_is_not_published_is_a_warning() {
    let server = serve(rows(4), ServerBehavior::default());
    let ran = list(&server, &["--error", "absnt"]).code(0);
    ran.says("did you mean ABSENT?");
}

#[test]
fn statistics_count_only_rows_that_match_the_filters() {
    let server = serve(rows(240), ServerBehavior::default());
    let count = |words: &[&str]| {
        let words = [&["stats", "--rate", "0", "-o", "json", "--by", "status"], words].concat();
        let ran = omnilogs().at(&server.url()).args(words).run().code(0);
        let json: Value = serde_json::from_str(&ran.stdout).unwrap();
        json["total"]["messages"].as_u64().unwrap()
    };
    assert_eq!(count(&["--failed"]), 120);
    assert_eq!(count(&["--error", "absent", "--country", "CH"]), 60);
    assert_eq!(count(&["--error", "absent", "-n", "7"]), 7);
}
