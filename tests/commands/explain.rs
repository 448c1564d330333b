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
    assert_eq!(found, names.map(|name| (name, 2)));
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
    assert_eq!(counts[..3], ["0", "2", "2"], "{}", ran.stdout);
}

#[test]
fn filters_of_an_explanation_need_a_source() {
    omnilogs().args(["explain", "27", "--failed"]).run().code(2).says("add --archive");
    omnilogs().args(["explain", "--grep", "x"]).run().code(2).says("add --archive");
    omnilogs().args(["explain", "--list", "--archive"]).run().code(2);
    omnilogs().args(["explain", "--archive=none.db"]).run().code(11);
}
