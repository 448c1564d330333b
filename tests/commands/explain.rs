//! `omnilogs explain`: the published codes, without an account.

use serde_json::{Value, json};

use crate::support::messages::{message, message_with, results};
use crate::support::omnilogs;

#[test]
fn codes_are_explained_without_an_account() {
    let ran = omnilogs().args(["explain", "5", "pending"]).run().code(0);
    for name in ["DELIVERED_TO_HANDSET", "EC_UNIDENTIFIED_SUBSCRIBER", "PENDING  status group 1"] {
        assert!(ran.stdout.contains(name), "{}", ran.stdout);
    }
    let ran = omnilogs().args(["explain", "EC_ABSENT_SUBSCRIBR", "-o", "json"]).run().code(2);
    assert_eq!(ran.stdout, "");
    assert_eq!(ran.error_json()["error"]["kind"], "usage");
    ran.says("omnilogs explain EC_ABSENT_SUBSCRIBER");
    omnilogs().args(["explain"]).run().code(2);
    let list = omnilogs().args(["explain", "--list", "-o", "csv"]).run().code(0);
    // Groups of statuses, statuses, groups of errors, errors, and the header.
    assert_eq!(list.stdout.lines().count(), 6 + 64 + 11 + 394 + 1);
}

/// Two delivered messages, two that failed for one reason, and one with a status of its own.
fn rows() -> String {
    let failed = [
        ("status.groupName", json!("UNDELIVERABLE")),
        ("status.name", json!("UNDELIVERABLE_NOT_DELIVERED")),
        ("error.name", json!("EC_ABSENT_SUBSCRIBER")),
        ("error.groupName", json!("HANDSET_ERRORS")),
    ];
    let odd = [("status.name", json!("TELEPORTED"))];
    results([
        message("m1", "hi"),
        message("m2", "hi"),
        message_with("m3", &failed),
        message_with("m4", &failed),
        message_with("m5", &odd),
    ])
}

#[test]
fn the_codes_of_the_messages_in_an_archive_are_explained_most_frequent_first() {
    let line = "omnilogs archive import rows.json --archive=a.db -q && rm rows.json
        omnilogs explain --archive=a.db -o json --allow-gaps && omnilogs explain --archive=a.db --failed";
    let run = omnilogs().in_bash(line);
    std::fs::write(run.home().join("rows.json"), rows()).unwrap();
    // Imported messages prove nothing about the rest.
    let ran = run.run().code(3);
    let (json, text) = ran.stdout.split_once('\n').unwrap();
    let json: Value = serde_json::from_str(json).unwrap();
    let found: Vec<_> = json["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|code| (code["name"].as_str().unwrap(), code["messages"].as_u64().unwrap()))
        .collect();
    let names = ["DELIVERED_TO_HANDSET", "EC_ABSENT_SUBSCRIBER", "UNDELIVERABLE_NOT_DELIVERED"];
    assert_eq!(found[..3], names.map(|name| (name, 2)));
    assert_eq!(found[3..], [("TELEPORTED", 1)]);
    assert!(text.starts_with("2 messages\nEC_ABSENT_SUBSCRIBER  error 27, "), "{text}");
    assert!(!text.contains("DELIVERED_TO_HANDSET"), "{text}");
    ran.says("1 message with a status that is not published");
}

#[test]
fn a_code_and_a_group_have_the_number_of_their_messages_even_if_it_is_0() {
    let run = omnilogs().args([
        "explain",
        "--input",
        "rows.json",
        "-o",
        "csv",
        "PENDING",
        "DELIVERED",
        "27",
    ]);
    std::fs::write(run.home().join("rows.json"), rows()).unwrap();
    let ran = run.run().code(0);
    let lines: Vec<_> = ran.stdout.lines().collect();
    assert!(lines[0].ends_with(",advice,messages"), "{}", ran.stdout);
    let counts: Vec<_> = lines[1..].iter().map(|line| line.rsplit(',').next().unwrap()).collect();
    assert_eq!(counts[..3], ["0", "3", "2"], "{}", ran.stdout);
}

#[test]
fn filters_of_an_explanation_need_a_source() {
    omnilogs().args(["explain", "27", "--failed"]).run().code(2).says("add --archive");
    omnilogs().args(["explain", "--grep", "x"]).run().code(2).says("add --archive");
    omnilogs().args(["explain", "--list", "--archive"]).run().code(2);
    omnilogs().args(["explain", "--archive=none.db"]).run().code(11);
}

/// An explanation of the codes of these rows.
fn over(rows: &str) -> crate::support::Omnilogs {
    let run = omnilogs().args(["explain", "--input", "rows.json"]);
    std::fs::write(run.home().join("rows.json"), rows).unwrap();
    run
}

/// The kind, the name, the group and the number of messages of each explained code.
fn explained(rows: &str) -> Vec<(String, String, String, u64)> {
    let json = over(rows).args(["-o", "json"]).run().code(0).stdout;
    let json: Value = serde_json::from_str(&json).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let code = |code: &Value| {
        let messages = code["messages"].as_u64().unwrap();
        (text(&code["kind"]), text(&code["name"]), text(&code["group"]), messages)
    };
    json["results"].as_array().unwrap().iter().map(code).collect()
}

fn code(kind: &str, name: &str, group: &str) -> (String, String, String, u64) {
    (kind.to_owned(), name.to_owned(), group.to_owned(), 1)
}

#[test]
fn a_status_of_dlt_is_a_published_code_and_a_row_without_a_status_has_none() {
    let rows = r#"{"status":{"groupId":5,"groupName":"REJECTED","id":4106,"name":"EC_BLOCKED_BY_DLT"},"error":{"id":4106,"name":"EC_BLOCKED_BY_DLT"}}
{"messageId":"x","status":null}"#;
    assert_eq!(explained(rows), [code("error", "EC_BLOCKED_BY_DLT", "")]);
    assert_eq!(over(rows).run().code(0).stderr, "");
}

const UNPUBLISHED: &str = r#"{"to":"447700900123","status":{"groupId":2,"groupName":"UNDELIVERABLE","name":"UNDELIVERABLE_NOT_DELIVERED","id":9},"error":{"id":99999,"name":"EC_TOTALLY_NEW","groupName":"NEW_ERRORS","description":"Brand \u001b[2J new reason for 447700900123"}}
{"status":{"groupName":"REJECTED","name":"REJECTED_BRAND_NEW","description":"Not wanted"}}
{"status":{"groupName":"rejected","name":"Rejected_Brand_New"}}
{"status":{"id":7001,"description":"Only a number"}}"#;

#[test]
fn a_code_that_is_not_published_is_explained_by_its_group_and_the_description_in_the_row() {
    let mut found = explained(UNPUBLISHED);
    assert_eq!((found[0].1.as_str(), found[0].3), ("REJECTED_BRAND_NEW", 2));
    found.remove(0);
    assert_eq!(
        found,
        [
            code("status", "", ""),
            code("error", "EC_TOTALLY_NEW", "NEW_ERRORS"),
            code("status", "UNDELIVERABLE_NOT_DELIVERED", "UNDELIVERABLE"),
        ]
    );
    let ran = over(UNPUBLISHED).run().code(0);
    let text = &ran.stdout;
    assert!(
        text.starts_with(
            "2 messages\nREJECTED_BRAND_NEW  status, group REJECTED, final, not published\n  The message describes it as \"Not wanted\". The"
        ),
        "{text}"
    );
    assert!(
        text.contains("\nEC_TOTALLY_NEW  error 99999, group NEW_ERRORS, not published\n"),
        "{text}"
    );
    assert!(
        text.contains("\nstatus 7001  not final, not published\n  The message describes it as \"Only a number\".\n"),
        "{text}"
    );
    assert!(text.contains("Brand ^[[2J new reason") && !text.contains('\u{1b}'), "{text}");
    ran.says("3 messages with a status that is not published");
    let json = over(UNPUBLISHED).args(["-o", "json"]).run().code(0).stdout;
    assert!(!json.contains('\u{1b}'), "{json}");
    // One of its own words finds it, too.
    let one = over(UNPUBLISHED).args(["ec_totally_new", "-o", "csv"]).run().code(0).stdout;
    assert!(
        one.lines().nth(1).unwrap().starts_with("error,99999,EC_TOTALLY_NEW,NEW_ERRORS,"),
        "{one}"
    );
    let of_group = over(UNPUBLISHED).args(["REJECTED"]).run().code(0).stdout;
    assert!(of_group.starts_with("2 messages\nREJECTED  "), "{of_group}");
}

#[test]
fn the_description_in_a_row_is_redacted_as_the_configuration_says() {
    let run = over(UNPUBLISHED).args(["--config", "c.toml"]);
    std::fs::write(run.home().join("c.toml"), "[defaults]\nredact = \"to\"\n").unwrap();
    let ran = run.run().code(0);
    assert!(ran.stdout.contains("new reason for"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("447700900123"), "{}", ran.stdout);
}

#[test]
fn a_code_of_two_groups_is_explained_with_the_group_of_the_row() {
    for group in ["EXPIRED", "REJECTED"] {
        let rows = format!(r#"{{"status":{{"groupName":"{group}","name":"SIGNALS_BLOCKED"}}}}"#);
        assert_eq!(explained(&rows), [code("status", "SIGNALS_BLOCKED", group)]);
    }
    let rows = r#"{"status":{"name":"PENDING_ENROUTE"},"error":{"name":"EC_NOTSUBMITTEDTOSMPPCHANNEL","groupName":"OPERATOR_ERRORS"}}"#;
    let wanted = code("error", "EC_NOTSUBMITTEDTOSMPPCHANNEL", "OPERATOR_ERRORS");
    assert!(explained(rows).contains(&wanted), "{:?}", explained(rows));
}
