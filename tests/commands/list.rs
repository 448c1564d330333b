//! Listings: each option becomes a parameter of the request, once and encoded once; and the table on a
//! terminal.

use chrono::{Days, Utc};
use serde_json::{Value, json};

use crate::support::messages::{message_with, results};
use crate::support::terminal::Screen;
use crate::support::{Response, Server, omnilogs};

const EMPTY: &str = r#"{"results":[]}"#;

/// The query of the one request that these words send.
fn query(words: &[&str]) -> String {
    let server = Server::always(Response::json(EMPTY));
    omnilogs().at(&server.url()).args(words).run().code(0);
    let targets = server.targets();
    assert_eq!(targets.len(), 1, "{targets:?}");
    let (path, query) = targets[0].split_once('?').unwrap_or((&targets[0], ""));
    assert_eq!(path, "/omni/1/logs");
    query.to_owned()
}

/// Standard error of a refused command line; checks that nothing is sent.
fn refused(words: &[&str]) -> String {
    let server = Server::always(Response::json(EMPTY));
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
fn the_parameter_names_of_the_api_are_accepted_as_options() {
    let sent = query(&["--general-status", "EXPIRED", "--sent-since", "2015-02-22T00:00:00Z"]);
    assert_eq!(sent, "generalStatus=EXPIRED&sentSince=2015-02-22T00:00:00.000%2B00:00");
}

#[test]
fn ids_are_read_from_a_file_and_from_standard_input() {
    let server = Server::always(Response::json(EMPTY));
    let run = omnilogs().at(&server.url()).args(["--message-id", "@-"]).stdin("m1\n\nm2\n");
    run.run().code(0);
    assert_eq!(server.targets()[0].replace("%2C", ","), "/omni/1/logs?messageId=m1,m2");
}

/// C08.
#[test]
fn a_word_that_is_not_a_channel_is_refused_with_a_suggestion() {
    let stderr = refused(&["--channel", "PSUH"]);
    assert!(stderr.contains("try: --channel PUSH"), "{stderr}");
    let stderr = refused(&["--channel", "RCS"]);
    assert!(stderr.contains("\"RCS\" is not a channel of the API"), "{stderr}");
    assert!(stderr.contains("SMS, VOICE, VIBER"), "{stderr}");
    let stderr = refused(&["--status", "DELIVRED"]);
    assert!(stderr.contains("DELIVERED"), "{stderr}");
}

/// C07.
#[test]
fn a_date_as_sender_is_refused_and_since_is_named() {
    for time in ["2026-11-01", "2026-11-01 10:00", "2026/11/1", "01.11.2026", "14:00"] {
        let stderr = refused(&["--from", time]);
        assert!(stderr.contains("--from is a sender; did you mean --since?"), "{time}: {stderr}");
        let stderr = refused(&["--to", time]);
        assert!(
            stderr.contains("--to is a destination; did you mean --until?"),
            "{time}: {stderr}"
        );
    }
}

#[test]
fn a_typed_phone_number_is_sent_as_digits() {
    for typed in [
        "+12135550166",
        "+1 213 555 0166",
        "0012135550166",
        "+1 (213) 555-0166",
        "+0012135550166",
        "+1\u{A0}213\u{A0}555\u{A0}0166",
        "\u{FF11}\u{FF12}\u{FF11}\u{FF13}5550166",
    ] {
        assert_eq!(query(&["--to", typed]), "to=12135550166", "{typed}");
        assert_eq!(query(&["--from", typed]), "from=12135550166", "{typed}");
    }
    assert_eq!(query(&["--from", "12345"]), "from=12345");
    assert_eq!(query(&["--to", "1234567890123456"]), "to=1234567890123456");
    assert_eq!(query(&["--to", "ana+1@example.com"]), "to=ana%2B1%40example.com");
    assert_eq!(query(&["--from", "+Shop 24"]), "from=%2BShop%2024");
    let dry = omnilogs().args(["--dry-run", "--to", "+1 213 555 0166"]).run().code(0);
    assert!(dry.stdout.contains("to=12135550166"), "{}", dry.stdout);
}

#[test]
fn a_typed_phone_number_is_sent_as_digits_by_every_command() {
    for command in ["follow", "stats"] {
        let server = Server::always(Response::json(EMPTY));
        let words = [command, "--to", "+1 213 555 0166", "--from", "0012135550167"];
        let words =
            words.into_iter().chain(["--for", "1s"].into_iter().filter(|_| command == "follow"));
        omnilogs().at(&server.url()).args(words).run();
        let target = &server.targets()[0];
        assert!(target.contains("from=12135550167&to=12135550166"), "{command}: {target}");
    }
}

#[test]
fn a_national_number_is_refused_with_the_form_that_works() {
    for flag in ["--to", "--from"] {
        for typed in ["07700 900987", "(020) 7946 0987", "+0 7700 900987"] {
            let stderr = refused(&[flag, typed]);
            assert!(stderr.contains(&format!("{flag} starts with a single 0")), "{stderr}");
            assert!(stderr.contains("'+44 7700 900456' for 07700 900456"), "{stderr}");
            assert!(!stderr.contains("987"), "{stderr}");
        }
        for (typed, wanted) in [
            ("00", "it has no digits"),
            ("+", "it has no digits"),
            ("+1234567890123456", "15 digits"),
        ] {
            let stderr = refused(&[flag, typed]);
            assert!(stderr.contains(wanted), "{typed}: {stderr}");
        }
    }
}

#[test]
fn an_empty_result_names_the_number_as_it_was_sent_and_masked() {
    let stderr = |words: &[&str]| {
        let server = Server::always(Response::json(EMPTY));
        omnilogs().at(&server.url()).args(words).run().code(0).stderr
    };
    let text = stderr(&["--to", "+1 213 555 0166", "--from", "0044 7700 900987"]);
    assert!(text.contains("sender 44********87, destination 1********66"), "{text}");
    let text = stderr(&["stats", "--to", "+1 213 555 0166"]);
    assert!(text.contains("destination 1********66"), "{text}");
    let text = stderr(&["--from", "12345"]);
    assert!(text.contains("sender 12345"), "{text}");
    let text = stderr(&["--from", "Shop", "--to", "ana@example.com"]);
    assert!(text.contains("the given sender, the given destination"), "{text}");
}

/// C04.
#[test]
fn a_limit_that_is_not_a_positive_number_is_refused() {
    for limit in ["0", "-1", "1e3", "100000000000000000000", "", "ten"] {
        let stderr = refused(&["--limit", limit]);
        assert!(stderr.contains("1 or more; use --all for everything"), "{limit}: {stderr}");
    }
}

/// C02.
#[test]
fn a_time_that_cannot_be_read_is_refused_with_the_forms_that_work() {
    let long = "9".repeat(1 << 16);
    for time in ["2026-13-40", "yesterdayy", "", &long] {
        let stderr = refused(&["--since", time]);
        assert!(stderr.contains("15m") && stderr.contains("2026-11-22"), "{stderr}");
        assert!(stderr.len() < 2000, "{}", stderr.len());
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
    let stderr = refused(&["--since", "1h", "--until", "2h"]);
    assert!(stderr.contains("--since is later than --until"), "{stderr}");
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
fn a_window_before_the_retention_of_the_api_is_warned_about_and_strict_refuses_it() {
    let server = Server::always(Response::json(EMPTY));
    let run = |words: &[&str]| omnilogs().at(&server.url()).args(words).run();
    run(&["--since", "2015-02-22"]).code(0).says("the API keeps logs for 48 hours");
    run(&["--since", "2015-02-22", "--strict"]).code(2);
}

#[test]
fn a_saved_file_is_never_checked_against_the_retention_of_the_api() {
    let saved = std::fs::read("tests/fixtures/api/no-parameters.json").unwrap();
    for words in [&["--since", "2015-02-22"][..], &["--until", "2015-03-01", "--strict"]] {
        for command in [&[][..], &["stats"]] {
            let run = omnilogs().args(command).args(["--input", "-"]).args(words);
            let ran = run.stdin(saved.clone()).run().code(0);
            assert!(!ran.stderr.contains("hours"), "{}", ran.stderr);
            assert!(ran.stdout.contains("SMS"), "{}", ran.stdout);
        }
    }
    let run = omnilogs().args(["--input", "-", "--until", "2014-01-01"]).stdin(saved);
    let ran = run.run().code(0);
    assert!(ran.stderr.contains("no messages sent at any time until 2014"), "{}", ran.stderr);
}

/// A delivered, a pending and a rejected message of now and one of yesterday.
fn outcomes() -> Vec<Value> {
    let now = Utc::now();
    let yesterday = now.checked_sub_days(Days::new(1)).unwrap();
    let time =
        |time: chrono::DateTime<Utc>| json!(time.format("%Y-%m-%dT%H:%M:%S+0000").to_string());
    let row = |id: &str, fields: &[(&str, Value)]| {
        let now = [("sentAt", time(now)), ("doneAt", time(now))];
        message_with(id, &[&now, fields].concat())
    };
    vec![
        row("82bf2748-5c33-4c8a-9d7e-2f6d6a1c0b7e", &[]),
        row(
            "93bf2748-5c33-4c8a-9d7e-2f6d6a1c0b7e",
            &[
                ("status.name", json!("PENDING_WAITING_DELIVERY")),
                ("status.groupName", json!("PENDING")),
            ],
        ),
        row(
            "a4bf2748-5c33-4c8a-9d7e-2f6d6a1c0b7e",
            &[
                ("status.name", json!("REJECTED_SENDER")),
                ("status.groupName", json!("REJECTED")),
                ("sentAt", time(yesterday)),
            ],
        ),
    ]
}

fn screen(rows: Vec<Value>, columns: u16, words: &[&str]) -> Screen {
    let server = Server::always(Response::json(results(rows)));
    omnilogs().at(&server.url()).args(words).args(["--utc"]).on_terminal(columns).end().code(0)
}

#[test]
fn the_table_says_what_became_of_each_message_and_the_summary_counts_it() {
    // A day that ends during the run has other dates.
    let (day, lines) = loop {
        let day = Utc::now().date_naive();
        let lines = screen(outcomes(), 80, &[]).lines();
        if Utc::now().date_naive() == day {
            break (day, lines);
        }
    };
    assert!(lines[0].starts_with("      SENT UTC  CHANNEL  TO "), "{lines:#?}");
    for (line, end) in [
        (1, "447700900123  ✓ delivered, 0 ms               82bf2748"),
        (2, "447700900123  … pending: waiting for delivery  93bf2748"),
        (3, "447700900123  ✗ rejected: sender is blocked   a4bf2748"),
    ] {
        let shown = lines[line].split_whitespace().collect::<Vec<_>>().join(" ");
        let end = end.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(shown.ends_with(&end), "{end:?} in {lines:#?}");
    }
    // The date only when it is not today.
    let yesterday = day.checked_sub_days(Days::new(1)).unwrap().format("%m-%d ").to_string();
    assert!(lines[1].starts_with("      ") && lines[3].starts_with(&yesterday), "{lines:#?}");
    assert!(
        lines[4].starts_with("3 messages: 1 delivered, 1 pending, 1 failed · oldest "),
        "{lines:#?}"
    );
    assert!(lines[4].contains(&yesterday) && lines[4].ends_with(" UTC"), "{lines:#?}");
}

#[test]
fn the_next_steps_are_the_first_failure_all_failures_and_more_messages() {
    let last = |rows: Vec<Value>, words: &[&str]| screen(rows, 80, words).lines().pop().unwrap();
    let show = "next: omnilogs show a4bf2748";
    assert_eq!(last(outcomes(), &["-n3"]), format!("{show} · --failed · -n 200 or --all"));
    assert_eq!(last(outcomes(), &["-n200"]), format!("{show} · --failed"));
    // --failed adds nothing where all of them failed, or where the status is selected already.
    assert_eq!(last(outcomes().split_off(2), &[]), show);
    assert_eq!(last(outcomes(), &["--status", "delivered,rejected", "-n1000"]), show);
    // Without a failed message, the step is a pending one.
    assert_eq!(last(outcomes()[..2].to_vec(), &[]), "next: omnilogs show 93bf2748");
}

#[test]
fn an_empty_result_has_no_header_on_a_terminal() {
    for columns in [20, 80, 200] {
        let text = screen(vec![], columns, &[]).text();
        assert!(text.starts_with("no messages sent"), "{text}");
    }
    let server = Server::always(Response::json(EMPTY));
    let ran = omnilogs().at(&server.url()).run().code(0);
    assert!(ran.stdout.starts_with("SENT ") && ran.stdout.lines().count() == 1, "{}", ran.stdout);
}

#[test]
fn the_text_is_shown_from_110_columns_and_nothing_is_wider_than_the_terminal() {
    for columns in [20, 43, 44, 72, 78, 80, 109, 110, 200] {
        let screen = screen(outcomes(), columns, &[]);
        let lines = screen.lines();
        assert!(lines.iter().all(|line| line.chars().count() <= columns.into()), "{lines:#?}");
        let is_table = columns >= 72;
        let has_text = lines.iter().any(|line| line.contains("TEXT"));
        assert_eq!(has_text, !is_table || columns >= 110, "{columns}: {lines:#?}");
        assert!(columns < 28 || screen.text().contains("447700900123"), "{lines:#?}");
    }
}

#[test]
fn headings_and_derived_columns_are_column_names_in_every_format_with_columns() {
    let server = Server::always(Response::json(results(outcomes())));
    let run = |format: &str, columns: &str| {
        let words = ["-o", format, "--columns", columns];
        omnilogs().at(&server.url()).args(words).run().code(0).stdout
    };
    assert_eq!(
        run("csv", "ID,result,STATUS,latency,country")
            .lines()
            .nth(3)
            .unwrap()
            .split(',')
            .collect::<Vec<_>>()[1..3],
        ["✗ rejected: sender is blocked", "REJECTED_SENDER"]
    );
    assert!(run("csv", "message id,Sent").starts_with("messageId,sentAt\n82bf2748-5c33"));
    assert!(run("tsv", "RESULT,to").contains("… pending: waiting for delivery\t447700900123\n"));
    assert!(run("table", "TO,RESULT").starts_with("TO "));
    for (typed, format) in [("json", "json"), ("JSONL", "jsonl"), ("xml", "json")] {
        let stderr = refused(&["-o", typed, "--columns", "to"]);
        assert!(stderr.contains("--columns works only with formats that have columns"), "{stderr}");
        let program = stderr.split('\'').nth(1).unwrap();
        let words = ["-o", format, "--jq", program];
        let chosen = omnilogs().at(&server.url()).args(words).run().code(0).stdout;
        let rejected = chosen.lines().filter(|line| line.contains("\"REJECTED_SENDER\"")).count();
        assert!(rejected == 1 && !chosen.contains("\"text\""), "{chosen}");
    }
    // The columns of the configuration are for the formats that have them.
    let configured = omnilogs().config("[defaults]\ncolumns = \"to\"\n").at(&server.url());
    let json = configured.args(["-o", "json"]).run().code(0).stdout;
    assert!(json.contains("\"messageId\""), "{json}");
    let stderr = refused(&["--columns", "RESLT"]);
    assert!(stderr.contains("\"RESLT\" is not a column") && stderr.contains("result"), "{stderr}");
}
