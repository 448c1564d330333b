//! Flags become query parameters: each once, encoded once, and nothing that was not asked for.

use crate::support::{Answer, Server, omnilogs};

const EMPTY: &str = r#"{"results":[]}"#;

/// The query of the one request that these words send.
fn query(words: &[&str]) -> String {
    let server = Server::always(Answer::json(EMPTY));
    omnilogs().at(&server.url()).args(words).run().code(0);
    let targets = server.targets();
    assert_eq!(targets.len(), 1, "{targets:?}");
    let (path, query) = targets[0].split_once('?').unwrap_or((&targets[0], ""));
    assert_eq!(path, "/omni/1/logs");
    query.to_owned()
}

/// What the words are refused with; nothing may be sent.
fn refused(words: &[&str]) -> String {
    let server = Server::always(Answer::json(EMPTY));
    let ran = omnilogs().at(&server.url()).args(words).run().code(2);
    assert_eq!(server.targets(), Vec::<String>::new());
    assert_eq!(ran.stdout, "");
    ran.stderr
}

#[test]
fn no_filter_sends_no_parameter() {
    assert_eq!(query(&[]), "");
}

#[test]
fn every_filter_becomes_its_parameter() {
    let sent = query(&[
        "-c",
        "push",
        "--status",
        "rejected",
        "--from",
        "InfoSMS",
        "--to",
        "447700900123",
        "--bulk-id",
        "b1,b2",
        "--bulk-id",
        "b3",
        "--message-id",
        "m1",
        "-n",
        "20",
        "--mcc",
        "228",
        "--mnc",
        "01",
        "--param",
        "applicationId=shop",
        "--since",
        "2015-02-22T17:42:05.390+0100",
        "--until",
        "2015-02-23T00:00:00Z",
    ]);
    let mut parts: Vec<_> = sent.split('&').collect();
    parts.sort_unstable();
    let bulk = parts.iter().find(|part| part.starts_with("bulkId=")).unwrap();
    assert_eq!(bulk.replace("%2C", ","), "bulkId=b1,b2,b3");
    parts.retain(|part| !part.starts_with("bulkId="));
    assert_eq!(
        parts,
        [
            "applicationId=shop",
            "channel=PUSH",
            "from=InfoSMS",
            "generalStatus=REJECTED",
            "limit=20",
            "mcc=228",
            "messageId=m1",
            "mnc=01",
            "sentSince=2015-02-22T17:42:05.390%2B01:00",
            "sentUntil=2015-02-23T00:00:00.000%2B00:00",
            "to=447700900123",
        ]
    );
}

/// C09.
#[test]
fn reserved_characters_are_encoded_once_and_cannot_split_a_request() {
    assert_eq!(
        query(&["--from", "a&b#c+d e=f\r\nX: y 🙂"]),
        "from=a%26b%23c%2Bd%20e%3Df%0D%0AX:%20y%20%F0%9F%99%82"
    );
}

#[test]
fn the_long_names_of_the_api_work_too() {
    let sent = query(&["--general-status", "EXPIRED", "--sent-since", "2015-02-22T00:00:00Z"]);
    assert_eq!(sent, "generalStatus=EXPIRED&sentSince=2015-02-22T00:00:00.000%2B00:00");
}

#[test]
fn ids_are_read_from_a_file_and_from_standard_input() {
    let server = Server::always(Answer::json(EMPTY));
    let run = omnilogs().at(&server.url()).args(["--message-id", "@-"]).stdin("m1\n\nm2\n");
    run.run().code(0);
    assert_eq!(server.targets()[0].replace("%2C", ","), "/omni/1/logs?messageId=m1,m2");
}

/// C08.
#[test]
fn a_word_that_is_no_channel_is_refused_with_a_suggestion() {
    let said = refused(&["--channel", "PSUH"]);
    assert!(said.contains("PUSH"), "{said}");
    let said = refused(&["--status", "DELIVRED"]);
    assert!(said.contains("DELIVERED"), "{said}");
}

/// C07.
#[test]
fn a_date_as_sender_is_refused_and_since_is_named() {
    let said = refused(&["--from", "2026-11-01"]);
    assert!(said.contains("--from is a sender; did you mean --since?"), "{said}");
}

/// C04.
#[test]
fn a_limit_that_is_no_number_from_one_is_refused() {
    for limit in ["0", "-1", "1e3", "100000000000000000000", "", "ten"] {
        let said = refused(&["--limit", limit]);
        assert!(said.contains("from 1; --all for everything"), "{limit}: {said}");
    }
}

/// C02.
#[test]
fn a_time_that_cannot_be_read_names_the_forms_that_work() {
    let long = "9".repeat(1 << 16);
    for time in ["2026-13-40", "yesterdayy", "", &long] {
        let said = refused(&["--since", time]);
        assert!(said.contains("15m") && said.contains("2026-11-22"), "{said}");
        assert!(said.len() < 2000, "{}", said.len());
    }
}

/// C01.
#[test]
fn an_unknown_or_repeated_flag_is_refused() {
    assert!(refused(&["--chanel", "SMS"]).contains("--channel"));
    refused(&["-n", "1", "-n", "2"]);
    refused(&["lst"]);
    assert!(refused(&["--channel", "SMS", "man"]).contains("--channel"));
}

/// C05.
#[test]
fn a_range_that_ends_before_it_begins_is_refused() {
    let said = refused(&["--since", "1h", "--until", "2h"]);
    assert!(said.contains("--since is later than --until"), "{said}");
}

#[test]
fn an_empty_sender_or_destination_is_refused() {
    refused(&["--from", ""]);
    refused(&["--to", "  "]);
    refused(&["--mcc", "22a"]);
    refused(&["--param", "novalue"]);
    refused(&["--message-id", "a,,b"]);
}

/// C06.
#[test]
fn a_window_that_the_api_has_forgotten_is_warned_about_and_strict_refuses_it() {
    let server = Server::always(Answer::json(EMPTY));
    let run = |words: &[&str]| omnilogs().at(&server.url()).args(words).run();
    run(&["--since", "2015-02-22"]).code(0).says("the API keeps logs for 48 hours");
    run(&["--since", "2015-02-22", "--strict"]).code(2);
}
