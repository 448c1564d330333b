//! `omnilogs wait`: final statuses, the time for the whole wait, failover, and the exit status.

use super::follow::{follow, page, row, silent_after};
use crate::support::{Omnilogs, Response, Server, at_once, omnilogs};

fn wait(server: &Server, args: &[&str]) -> Omnilogs {
    let fixed = [
        "wait",
        "--interval",
        "1s",
        "--settle",
        "0s",
        "--retries",
        "0",
        "-o",
        "jsonl",
        "--request-timeout",
        "1h",
    ];
    omnilogs().at(&server.url()).args(fixed).args(args)
}

#[test]
fn the_bar_of_a_wait_counts_by_group_where_statuses_have_no_room() {
    let rows = [
        row("m1", "55", "PENDING_WAITING_DELIVERY"),
        row("m2", "55", "PENDING_ENROUTE"),
        row("m3", "55", "UNDELIVERABLE_NOT_DELIVERED"),
        row("m4", "55", "DELIVERED_TO_OPERATOR"),
    ];
    let bars = [(80, "1/5 · 1 not found · 2 PENDING · "), (200, " · 1 PENDING_ENROUTE")];
    at_once(bars, |(columns, bar)| {
        let server = Server::always(page(&rows));
        let ids = ["--message-id", "m1,m2,m3,m4,m5", "--timeout", "300s", "--columns", "messageId"];
        let command = omnilogs().at(&server.url()).args(["wait", "--interval", "1s"]).args(ids);
        let mut screen = command.on_terminal(columns);
        screen.until(bar);
        screen.type_in("\x03");
        screen.end().code(130);
    });
}

#[test]
fn the_line_that_ends_a_wait_counts_ids_and_statuses() {
    let rows =
        [row("m1", "55", "UNDELIVERABLE_NOT_DELIVERED"), row("m2", "55", "DELIVERED_TO_HANDSET")];
    let server = Server::always(page(&rows));
    let words = ["wait", "--message-id", "m1,m2", "--settle", "0s"];
    let screen = omnilogs().at(&server.url()).args(words).on_terminal(120).end().code(10);
    let wanted = "2 of 2 ids final · 1 DELIVERED_TO_HANDSET · 1 UNDELIVERABLE_NOT_DELIVERED";
    assert!(screen.lines().iter().any(|line| line == wanted), "{}", screen.text());
}

#[test]
fn a_time_of_zero_seconds_is_enough_for_one_request() {
    let delivered = row("m1", "55", "DELIVERED_TO_HANDSET");
    let server = Server::always(page(std::slice::from_ref(&delivered)));
    let waited = wait(&server, &["--message-id", "m1", "--timeout", "0s"]).run().code(0);
    assert_eq!(waited.stdout, format!("{delivered}\n"));
    let followed = follow(&server, &["--for", "0s", "-o", "jsonl"]).run().code(0);
    assert_eq!(followed.stdout, format!("{delivered}\n"));
}

#[test]
fn a_refused_value_is_reported_with_one_that_works() {
    let refused = |args: &[&str], says: &str| {
        omnilogs().args(args).run().code(2).says(says);
    };
    refused(&["follow", "--for", "5x"], "write a duration such as 500ms, 90s, 15m");
    refused(&["follow", "--interval", "5"], "write 5s for seconds");
    refused(&["explain"], "omnilogs explain EC_ABSENT_SUBSCRIBER 5 PENDING");
    refused(&["explain", "EC_ABSENT_SUBSCRIBR"], "omnilogs explain EC_ABSENT_SUBSCRIBER");
    refused(&["stats", "--by", "chanel"], "did you mean channel?");
    refused(&["wait"], "omnilogs wait ID ID");
    refused(&["wait", "--message-id", "a b"], "an id with a space");
    refused(&["wait", "--message-id", "a,,b"], "--message-id ID,ID");
}

#[test]
fn a_wait_ends_with_0_when_all_are_delivered() {
    let server = Server::sequence([
        page(&[row("m1", "55", "PENDING_ENROUTE")]),
        page(&[row("m1", "55", "DELIVERED_TO_HANDSET")]),
    ]);
    let ran = wait(&server, &["--message-id", "m1"]).run().code(0);
    assert_eq!(ran.stdout, row("m1", "55", "DELIVERED_TO_HANDSET") + "\n");
    assert!(server.targets()[0].contains("messageId=m1"), "{:?}", server.targets());
}

#[test]
fn a_wait_ends_with_10_when_some_were_not_delivered() {
    let server = Server::always(page(&[
        row("m1", "55", "DELIVERED_TO_HANDSET"),
        row("m2", "56", "UNDELIVERABLE_NOT_DELIVERED"),
    ]));
    let ran = wait(&server, &["--bulk-id", "b"]).run().code(10);
    assert_eq!(ran.stdout.lines().count(), 2);
    assert_eq!(ran.error_json()["error"]["code"], 10);
    // Two polls in a row must show the same.
    assert_eq!(server.targets().len(), 2);
}

#[test]
fn a_wait_whose_time_runs_out_names_pending_ids_and_ids_that_were_not_found() {
    let server = Server::always(page(&[row("m1", "55", "PENDING_ENROUTE")]));
    wait(&server, &["--message-id", "m1,m2", "--timeout", "1s"])
        .run()
        .code(3)
        .says("still pending: m1\n")
        .says("not found in the logs: m2\n");
}

#[test]
fn a_wait_does_not_name_an_id_that_may_be_a_phone_number() {
    let server = Server::always(page(&[]));
    let ran = wait(&server, &["--message-id", "m2,447700900123", "--timeout", "1s"]).run().code(3);
    assert!(!ran.stderr.contains("447700900123"), "{}", ran.stderr);
    ran.says("not found in the logs: m2, …\n");
}

#[test]
fn a_wait_without_usable_ids_is_refused_with_the_form_that_works() {
    omnilogs().args(["wait"]).run().code(2).says("wait needs ids").says("omnilogs wait ID ID");
    omnilogs().args(["wait", "--message-id", "a b"]).run().code(2).says("--message-id");
    omnilogs().args(["wait", "--message-id", "a", "--bulk-id", "b"]).run().code(2);
}

#[test]
fn every_pending_id_is_named_when_time_runs_out() {
    let ids: Vec<_> = (0..150).map(|n| format!("never-{n:03}")).collect();
    let server = Server::always(page(&[]));
    let ran = omnilogs()
        .at(&server.url())
        .args(["wait", "--timeout", "0s", "--message-id", &ids.join(",")])
        .run()
        .code(3);
    for id in &ids {
        assert!(ran.stderr.contains(id.as_str()), "{id}: {}", ran.stderr);
    }
}

#[test]
fn a_timeout_is_the_time_of_a_wait_and_a_request_timeout_that_of_one_attempt() {
    let server = Server::always(page(&[row("m1", "55", "DELIVERED_TO_HANDSET")]));
    for args in [
        &["wait", "--message-id", "m1", "--timeout", "300s", "--request-timeout", "300s"][..],
        &["--request-timeout", "300s", "wait", "--message-id", "m1", "--timeout", "300s"],
        &["--request-timeout", "300s", "--message-id", "m1"],
    ] {
        omnilogs().at(&server.url()).args(args).run().code(0);
    }
    // Before the command, its meaning would be ambiguous: one attempt or the whole wait.
    for args in [&["--timeout", "2s", "wait", "--message-id", "m1"][..], &["--timeout", "2s"]] {
        let ran = omnilogs().at(&server.url()).args(args).run().code(2);
        ran.says("unexpected argument '--timeout'").says("--request-timeout limits one attempt");
    }
    assert_eq!(server.targets().len(), 3);
    // A misspelling of it does not suggest --timezone.
    for word in ["--timout", "--tiemout", "--time-out"] {
        let ran = omnilogs().args([word, "2s"]).run().code(2);
        let ran = ran.says(&format!("unexpected argument '{word}'"));
        let ran = ran.says("omnilogs wait --timeout limits");
        assert!(!ran.stderr.contains("--timezone"), "{}", ran.stderr);
    }
}

/// K18.
#[test]
fn a_wait_for_a_server_that_never_responds_ends_in_its_time_with_the_code_of_the_error() {
    let server = silent_after(0, Response::nothing());
    let ran = wait(&server, &["--message-id", "m1", "--timeout", "2s"]).run();
    let ran = ran.code(6);
    assert!(!ran.stderr.contains("not found"), "{}", ran.stderr);
}

#[test]
fn a_wait_for_a_server_that_stops_responding_names_the_pending_ids_and_the_error() {
    let server = silent_after(1, page(&[row("m1", "55", "PENDING_ENROUTE")]));
    let ran = wait(&server, &["--message-id", "m1", "--timeout", "5s"]).run();
    ran.code(3).says("still pending: m1").says("the last poll failed: ");
}

/// K21.
#[test]
fn a_failover_that_delivers_after_the_first_channel_failed_is_a_delivery() {
    let viber = row("m1", "55", "UNDELIVERABLE_NOT_DELIVERED").replace("SMS", "VIBER");
    let (pending, delivered) =
        (row("m1", "57", "PENDING_ENROUTE"), row("m1", "57", "DELIVERED_TO_HANDSET"));
    let both = |sms: &String| page(&[sms.clone(), viber.clone()]);
    let first = page(std::slice::from_ref(&viber));
    let server = Server::sequence([first.clone(), first, both(&pending), both(&delivered)]);
    let command = ["wait", "--interval", "1s", "-o", "jsonl", "--message-id", "m1"];
    let ran = omnilogs().at(&server.url()).args(command).run().code(0);
    assert_eq!(ran.stdout, format!("{viber}\n{delivered}\n"));
    // The failure counts when the time of the wait ends before the time for a failover.
    let server = Server::always(page(&[viber]));
    let ran = omnilogs().at(&server.url()).args(command).args(["--timeout", "4s"]).run();
    ran.code(10);
}

/// K21.
#[test]
fn a_reader_that_closes_the_pipe_does_not_change_the_exit_status_of_a_wait() {
    let (delivered, failed, pending) = (
        row("m1", "55", "DELIVERED_TO_HANDSET"),
        row("m2", "56", "UNDELIVERABLE_NOT_DELIVERED"),
        row("m2", "56", "PENDING_ENROUTE"),
    );
    let first = page(&[delivered.clone(), pending.clone()]);
    let mut cases = Vec::new();
    for (last, code) in [(failed, 10), (row("m2", "56", "DELIVERED_TO_HANDSET"), 0), (pending, 3)] {
        // Only a wait that runs out of time takes that time.
        let (timeout, formats) = match code {
            3 => ("3s", &["jsonl", "table"][..]),
            _ => ("60s", &["jsonl", "json", "table", "csv", "xml"][..]),
        };
        cases.extend(formats.iter().map(|format| (last.clone(), code, timeout, *format)));
    }
    at_once(cases, |(last, code, timeout, format)| {
        let server = Server::sequence([first.clone(), page(&[delivered.clone(), last])]);
        let ids = ["--message-id", "m1,m2", "--timeout", timeout, "-o", format];
        let command = omnilogs().at(&server.url()).args(["wait", "--interval", "1s"]);
        command.args(["--settle", "0s"]).args(ids).start().close_output().code(code);
    });
}

#[test]
fn ids_may_be_given_without_an_option() {
    let rows = ["m1", "m2", "m3"].map(|id| row(id, "55", "DELIVERED_TO_HANDSET"));
    let server = Server::always(page(&rows));
    let command = ["wait", "m1", "m2,m3", "-o", "jsonl"];
    let ran = omnilogs().at(&server.url()).args(command).run().code(0);
    assert_eq!(ran.stdout.lines().count(), 3);
    assert!(server.targets()[0].contains("messageId=m1,m2,m3"), "{:?}", server.targets());

    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "m1\nm2\n").unwrap();
    let ids = format!("@{}", file.path().display());
    omnilogs().at(&server.url()).args(["wait", &ids, "--message-id", "m3"]).run().code(0);
    assert!(server.targets()[1].contains("messageId=m1,m2,m3"), "{:?}", server.targets());
}

#[test]
fn a_number_or_an_address_is_refused_as_an_id_to_wait_for() {
    for (word, what) in [
        ("447700900123", "a phone number"),
        ("02135550166", "a phone number"),
        ("(0213) 5550166", "a phone number"),
        ("ana@example.com", "an e-mail address"),
    ] {
        let ran = omnilogs().args(["wait", "m1", word]).run().code(2);
        assert!(!ran.stderr.contains(word), "{}", ran.stderr);
        ran.says(what);
    }
    omnilogs().args(["wait", "m1", "--bulk-id", "b1"]).run().code(2);
}
