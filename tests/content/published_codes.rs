//! Published statuses and errors of every family, in saved responses.

use serde_json::{Value, json};

use crate::support::messages::{message_with, results};
use crate::support::{Ran, Response, Server, at_once, omnilogs};

/// Runs over a file of `tests/fixtures/cases` with these arguments.
fn over(case: &str, words: &[&str]) -> Ran {
    let path = format!("{}/tests/fixtures/cases/{case}", env!("CARGO_MANIFEST_DIR"));
    omnilogs().args(["--input", &path]).args(words).run()
}

fn stats(case: &str) -> Value {
    let path = format!("{}/tests/fixtures/cases/{case}", env!("CARGO_MANIFEST_DIR"));
    let ran = omnilogs().args(["stats", "--input", &path, "-o", "json"]).run().code(0);
    serde_json::from_str(&ran.stdout).unwrap()
}

fn column(ran: &Ran, name: &str) -> Vec<String> {
    let mut reader = csv::Reader::from_reader(ran.stdout.as_bytes());
    let at = reader.headers().unwrap().iter().position(|header| header == name).unwrap();
    reader.records().map(|row| row.unwrap()[at].to_owned()).collect()
}

#[test]
fn stats_count_the_published_failures_of_every_family_as_failed() {
    let total = &stats("email.json")["total"];
    assert_eq!((&total["failed"], &total["delivered"]), (&json!(2), &json!(3)), "{total}");
    assert_eq!(total["final"], 5, "{total}");
}

#[test]
fn a_status_without_a_published_group_stays_pending() {
    let total = &stats("channels.json")["total"];
    // RCS and OPEN_CHANNEL arrived, INSTAGRAM_DM failed; SEEN, DELIVERED_TO_OPERATOR and null are
    // not final.
    assert_eq!((&total["delivered"], &total["failed"]), (&json!(2), &json!(1)), "{total}");
    assert_eq!((&total["messages"], &total["final"]), (&json!(6), &json!(3)), "{total}");
}

#[test]
fn final_shows_the_published_failures_of_every_family() {
    let ran = over("email.json", &["--final", "-o", "csv"]).code(0);
    let mut ids = column(&ran, "messageId");
    ids.sort();
    assert_eq!(ids, ["00000000-0000-4000-8000-0000000000e1", "e2", "e3", "e4", "e5"]);
}

#[test]
fn wait_ends_at_once_on_a_failure_of_another_family_and_on_one_of_an_unknown_name() {
    let names =
        ["REJECTED_VALIDATION_FAILED", "rejected_validation_failed", "REJECTED_BY_A_NEW_RULE"];
    at_once(names, |name| {
        let status = json!({ "groupId": 5, "groupName": "REJECTED", "id": 90, "name": name });
        let row = message_with("m1", &[("status", status)]);
        let server = Server::always(Response::json(results([row])));
        let words = ["wait", "--message-id", "m1", "--interval", "1s", "--settle", "0s"];
        omnilogs().at(&server.url()).args(words).run().code(10);
        assert_eq!(server.targets().len(), 1, "{name}");
    });
}

#[test]
fn why_names_the_cause_from_the_table_or_from_the_row_itself() {
    let ran = over("why.json", &["--columns", "messageId,why", "-o", "csv", "--sort", "messageId"]);
    assert_eq!(
        column(&ran.code(0), "why"),
        [
            "template is not valid",
            "destination is blocked",
            "network is not available",
            "phone not on any network",
        ]
    );
}

#[test]
fn why_of_an_unknown_error_is_the_description_of_the_row() {
    let error = json!({ "groupId": 2, "groupName": "USER_ERRORS", "id": 7999, "name": "EC_NEW_THING", "description": "A new thing", "permanent": true });
    let status = json!({ "groupId": 2, "groupName": "UNDELIVERABLE", "name": "UNDELIVERABLE_NOT_DELIVERED" });
    let row = message_with("m1", &[("status", status), ("error", error)]);
    let ran = omnilogs()
        .args(["--input", "-", "--columns", "why", "-o", "csv"])
        .stdin(results([row]))
        .run()
        .code(0);
    assert_eq!(column(&ran, "why"), ["A new thing"]);
}

#[test]
fn explain_knows_a_code_of_each_family() {
    let names = [
        "UNDELIVERABLE_NOT_SENT",
        "REJECTED_INVALID_SSML",
        "EC_VOICE_USER_BUSY",
        "MACHINE_DETECTED",
        "EC_MMS_GENERAL_ERROR",
        "EC_SPAM_DETECTED",
        "EC_INVALID_APNS_CERT",
        "EC_INVALID_TEMPLATE",
        "EC_BLOCKED_BY_DLT",
    ];
    let ran = omnilogs().args(["explain", "-o", "jsonl"]).args(names).run().code(0);
    let codes: Vec<Value> =
        ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(codes.len(), names.len());
    let families: Vec<&str> = codes.iter().map(|code| code["family"].as_str().unwrap()).collect();
    assert_eq!(
        families,
        ["general", "voice", "voice", "webrtc", "mms", "email", "push", "chat", "dlt"]
    );
}

/// The columns of one row whose status and error have no names.
fn unnamed(channel: &str, status: &Value, error: &Value, columns: &str) -> String {
    let row = json!({"messageId": "x", "channel": channel, "to": "a@b.c",
        "sentAt": "2026-11-22T10:00:00Z", "status": status, "error": error});
    let words = ["--input", "-", "-o", "tsv", "--no-header", "--columns", columns];
    omnilogs().args(words).stdin(row.to_string()).run().code(0).stdout
}

#[test]
fn an_id_without_a_name_and_a_group_identifies_no_code() {
    let (status, error) = (
        json!({"id": 6, "description": "own status"}),
        json!({"id": 5, "description": "own error"}),
    );
    for channel in ["EMAIL", "SMS"] {
        let shown = unnamed(channel, &status, &error, "final,why,result");
        assert_eq!(shown, "\town error\t? 6: own error\n");
        let shown = unnamed(channel, &status, &Value::Null, "final,why,result");
        assert_eq!(shown, "\t\t? 6: own status\n");
    }
    let row = json!({"messageId": "x", "status": status, "error": error}).to_string();
    let run = |words: &[&str]| omnilogs().args(words).stdin(row.clone()).run().code(0).stdout;
    assert_eq!(run(&["--input", "-", "--final", "-o", "jsonl"]), "");
    assert_eq!(run(&["--input", "-", "--error", "network", "-o", "jsonl"]), "");
    // What was typed as an id is the id in the row.
    assert_ne!(run(&["--input", "-", "--error", "6", "-o", "jsonl"]), "");
    let total: Value =
        serde_json::from_str(&run(&["stats", "--input", "-", "-o", "json"])).unwrap();
    assert_eq!(total["total"]["final"], 0);
    assert!(run(&["show", "x", "--input", "-"]).contains("own error"));
}

#[test]
fn an_id_together_with_a_group_and_the_channel_identifies_a_code() {
    let shown = |channel, group: &str, id: u32| {
        let status = json!({"groupName": group, "id": id, "description": "own"});
        unnamed(channel, &status, &Value::Null, "final,result")
    };
    assert_eq!(shown("SMS", "DELIVERED", 2), "false\t… pending: accepted by the operator\n");
    assert_eq!(shown("EMAIL", "REJECTED", 6), "true\t✗ rejected: network is not available\n");
    assert_eq!(shown("SMS", "EXPIRED", 6), "true\t✗ expired: own\n");
    // Voice has another code with this id.
    assert_eq!(shown("VOICE", "REJECTED", 87), "true\t✗ rejected: own\n");
    let status = json!({"name": "PENDING_ENROUTE"});
    let why = |group: &str| {
        let error = json!({"groupName": group, "id": 5, "description": "own"});
        unnamed("SMS", &status, &error, "why")
    };
    assert_ne!(why("HANDSET_ERRORS"), "own\n");
    assert_eq!(why("DROPPED"), "own\n");
}

#[test]
fn wait_goes_on_for_a_status_of_which_only_the_id_is_known() {
    let row = message_with("m1", &[("status", json!({"id": 6})), ("error", Value::Null)]);
    let server = Server::always(Response::json(results([row])));
    let words = ["wait", "--message-id", "m1", "--timeout", "0s"];
    omnilogs().at(&server.url()).args(words).run().code(3).says("still pending: m1");
}
