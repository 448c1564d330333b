//! Exit 0 means complete, whatever the server does: a run lists exactly the messages that the
//! server holds, or it ends with 3 and says what may be missing.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use serde_json::{Value, json};

use crate::support::model::response_to;
use crate::support::unreliable::{
    ReturnedRows, ServerDeviations, messages_before, sent_at, unreliable,
};
use crate::support::{Omnilogs, Ran, Response, Server, omnilogs};

/// The time of a server whose clock does not depend on that of this machine. It is not a whole second.
fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 22, 12, 0, 0).unwrap() + TimeDelta::milliseconds(517)
}

fn at_noon() -> ServerDeviations {
    ServerDeviations { now: noon(), ..ServerDeviations::default() }
}

fn millis(count: i64) -> TimeDelta {
    TimeDelta::milliseconds(count)
}

fn everything(server: &Server) -> Omnilogs {
    omnilogs().at(&server.url()).args(["--all", "--rate", "0", "-o", "jsonl"])
}

fn rows(ran: &Ran) -> Vec<Value> {
    ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The ids of the rows; none comes twice.
fn ids(ran: &Ran) -> Vec<String> {
    let ids: Vec<_> =
        rows(ran).iter().map(|row| row["messageId"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len(), "a row came twice");
    ids
}

fn names(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("m{n}")).collect()
}

/// K01.
#[test]
fn an_empty_page_in_the_middle_is_requested_again() {
    let held = messages_before(noon(), 2300, millis(40));
    for empty_at in 0..5 {
        let deviations = ServerDeviations { empty_at: Some(empty_at), ..at_noon() };
        let server = unreliable(held.clone(), deviations);
        assert_eq!(ids(&everything(&server).run().code(0)), names(2300), "empty at {empty_at}");
    }
}

/// K01.
#[test]
fn an_empty_page_in_the_middle_costs_statistics_no_message() {
    let deviations = ServerDeviations { empty_at: Some(2), ..at_noon() };
    let server = unreliable(messages_before(noon(), 2300, millis(40)), deviations);
    let words = ["stats", "--rate", "0", "-o", "json"];
    let ran = omnilogs().at(&server.url()).args(words).run().code(0);
    let stats: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(stats["total"]["messages"], 2300);
}

/// K01.
#[test]
fn a_server_that_reads_the_end_to_the_second_or_the_minute_costs_no_row() {
    for (reads_to, each) in [(1000, 37), (60_000, 700)] {
        for includes_bounds in [true, false] {
            let deviations = ServerDeviations { reads_to, includes_bounds, ..at_noon() };
            let server = unreliable(messages_before(noon(), 2300, millis(each)), deviations);
            assert_eq!(ids(&everything(&server).run().code(0)), names(2300), "{reads_to}");
        }
    }
}

/// K01.
#[test]
fn thousands_in_one_second_of_a_server_that_reads_to_the_second_are_reported_as_missing() {
    let mut held = messages_before(noon(), 2500, TimeDelta::zero());
    for (n, row) in held.iter_mut().enumerate() {
        *row = sent_at(n, noon() - millis(i64::try_from(n / 5).unwrap()));
    }
    let server = unreliable(held, ServerDeviations { reads_to: 1000, ..at_noon() });
    let ran = everything(&server).run().code(3);
    assert!(ids(&ran).len() < 2500);
    assert_eq!(ran.error_json()["error"]["kind"], "incomplete");
}

/// K02.
#[test]
fn a_server_that_does_not_return_the_newest_rows_is_detected() {
    for returns in [ReturnedRows::Oldest, ReturnedRows::Any] {
        let server = unreliable(
            messages_before(noon(), 2300, millis(40)),
            ServerDeviations { returns, ..at_noon() },
        );
        let ran = everything(&server).run().code(3);
        ran.says("the server does not return the newest rows first");
    }
}

/// K03.
#[test]
fn small_responses_cost_no_row_though_several_share_an_instant() {
    // The smaller the responses, the more requests one row takes.
    for (cap, count) in [(1, 24), (2, 40), (7, 90), (49, 160)] {
        // Instants of one, two and up to seven rows, never more than a response holds.
        let held: Vec<_> = (0..count)
            .map(|n| sent_at(n, noon() - millis(i64::try_from(n / cap.min(7)).unwrap() * 90)))
            .collect();
        let server = unreliable(held, ServerDeviations { cap, ..at_noon() });
        let ran = everything(&server).run();
        // A response whose rows all have one instant may lack rows, which only requests by status
        // group show.
        match ran.code {
            0 => assert_eq!(ids(&ran).len(), count, "{cap} rows per response"),
            code => assert_eq!(code, 3, "{}", ran.stderr),
        }
    }
    let held = messages_before(noon(), 106, millis(90));
    let server = unreliable(held, ServerDeviations { cap: 49, ..at_noon() });
    assert_eq!(ids(&everything(&server).run().code(0)), names(106));
}

/// K03.
#[test]
fn more_rows_in_an_instant_than_a_response_holds_are_listed_by_status_group() {
    let held: Vec<_> = (0..100)
        .map(|n| {
            let mut row = sent_at(n, noon() - millis(i64::from(n < 10) * 5000));
            row["status"]["groupName"] = json!(["DELIVERED", "PENDING", "EXPIRED"][n % 3]);
            // A channel that the API does not publish.
            row["channel"] = json!("RCS");
            row
        })
        .collect();
    let server = unreliable(held.clone(), ServerDeviations { cap: 40, ..at_noon() });
    let mut listed = ids(&everything(&server).run().code(0));
    listed.sort();
    let mut all = names(100);
    all.sort();
    assert_eq!(listed, all);
    // One group alone is more than a response holds.
    let server = unreliable(held, ServerDeviations { cap: 20, ..at_noon() });
    everything(&server).run().code(3).says("some cannot be listed separately");
}

/// K04.
#[test]
fn rows_that_leave_the_retention_during_a_run_are_listed_before_they_expire() {
    let now = Utc::now();
    // Over the whole 48 hours; each request takes ten seconds.
    let held = messages_before(now, 4000, TimeDelta::seconds(43));
    let deviations =
        ServerDeviations { now, step: TimeDelta::seconds(10), ..ServerDeviations::default() };
    let server = unreliable(held.clone(), deviations.clone());
    let listed = ids(&everything(&server).run().code(0));
    // The window does not include the rows that expired before the first few requests.
    assert!(listed.len() >= 4000 - 2 && listed.len() <= 4000, "{}", listed.len());
    // In a window with a start, no row may be missing without an error.
    let since = (now - TimeDelta::hours(48) + TimeDelta::seconds(20)).to_rfc3339();
    let slow = ServerDeviations { step: TimeDelta::minutes(20), ..deviations };
    let server = unreliable(held, slow);
    let ran = everything(&server).args(["--since", &since]).run().code(3);
    ran.says("expired during the run");
}

/// K05.
#[test]
fn a_server_whose_clock_is_ahead_or_behind_hides_no_row() {
    for hours in [-30, -3, 3, 30] {
        let now = Utc::now() + TimeDelta::hours(hours);
        let server = unreliable(
            messages_before(now, 1300, millis(800)),
            ServerDeviations { now, ..ServerDeviations::default() },
        );
        assert_eq!(ids(&everything(&server).run().code(0)), names(1300), "{hours} hours");
    }
}

/// K06.
#[test]
fn a_bound_that_the_server_leaves_out_costs_no_row() {
    let held = messages_before(noon(), 50, TimeDelta::seconds(1));
    let server = unreliable(held, ServerDeviations { includes_bounds: false, ..at_noon() });
    let time = |n: i64| (noon() - TimeDelta::seconds(n)).to_rfc3339();
    let (since, until) = (time(40), time(10));
    let ran = everything(&server).args(["--since", &since, "--until", &until]).run().code(0);
    assert_eq!(ids(&ran), (10..=40).map(|n| format!("m{n}")).collect::<Vec<_>>());
}

/// K06.
#[test]
fn rows_without_an_id_that_are_alike_are_counted_and_not_merged() {
    let mut held = messages_before(noon(), 60, millis(900));
    for row in &mut held[20..26] {
        *row = sent_at(0, noon() - TimeDelta::seconds(18));
        row["messageId"] = Value::Null;
    }
    for cap in [8, 10, 13, 1000] {
        let server = unreliable(held.clone(), ServerDeviations { cap, ..at_noon() });
        let ran = everything(&server).run().code(0);
        assert_eq!(ran.stdout.lines().count(), 60, "{cap} rows per response");
    }
}

/// K07.
#[test]
fn all_rows_of_the_given_ids_are_listed_and_ids_without_a_row_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ids");
    let mut wanted = names(700);
    wanted.insert(300, "no-such-id".to_owned());
    std::fs::write(&file, wanted.join("\n")).unwrap();
    let server = unreliable(messages_before(noon(), 900, millis(40)), at_noon());
    let list = format!("@{}", file.display());
    let words = ["--message-id", &list, "--rate", "0", "-o", "jsonl"];
    let ran = omnilogs().at(&server.url()).args(words).run().code(0);
    assert_eq!(ids(&ran), names(700));
    assert!(ran.stderr.contains("no message has 1 of 701 ids: no-such-id"), "{}", ran.stderr);
    // The same over a saved response.
    let saved = folder.path().join("saved.jsonl");
    std::fs::write(&saved, &ran.stdout).unwrap();
    let words = ["--input", saved.to_str().unwrap(), "--message-id", "m1,m5,m9000"];
    let ran = omnilogs().args(words).args(["-o", "jsonl"]).run().code(0);
    assert_eq!(ids(&ran), ["m1", "m5"]);
    ran.says("no message has 1 of 3 ids: m9000");
}

/// Responses that a server may send instead of a page.
fn faults() -> Vec<(&'static str, Response)> {
    let json = |body: &str| Response::json(body);
    let with = |status: &str, headers: &[(&str, &str)]| Response::new(status, headers, "");
    let refusal = r#"{"requestError":{"serviceException":{"messageId":"E","text":"no"}}}"#;
    let cut = "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{\"results\":[";
    vec![
        ("no rows", json(r#"{"results":[]}"#)),
        ("null", json(r#"{"results":null}"#)),
        ("no results", json("{}")),
        ("an object", json(r#"{"results":{}}"#)),
        ("an error with 200", json(refusal)),
        ("cut off", json(r#"{"results":[{"messageId":"m1""#)),
        ("a web page", Response::new("200 OK", &[("Content-Type", "text/html")], "<html></html>")),
        ("XML without rows", Response::xml("<omniLogsResponse><results/></omniLogsResponse>")),
        ("nothing", json("")),
        ("204", with("204 No Content", &[])),
        ("302", with("302 Found", &[("Location", "http://127.0.0.1/")])),
        ("400", with("400 Bad Request", &[])),
        ("401", with("401 Unauthorized", &[])),
        ("429", with("429 Too Many Requests", &[("Retry-After", "600")])),
        ("503", with("503 Service Unavailable", &[])),
        ("not gzip", Response::new("200 OK", &[("Content-Encoding", "gzip")], "text")),
        ("a short body", Response::raw(cut)),
        ("a reset", Response::nothing().then_reset()),
    ]
}

/// H25. The manifest states that the result is complete exactly when the run ends with 0.
#[test]
fn the_manifest_and_the_exit_status_agree_whatever_the_server_sends_and_when() {
    let held = messages_before(noon(), 250, millis(40));
    for (what, fault) in faults() {
        // The first response, a later one, and all.
        for at in [Some(0), Some(3), None] {
            let (rows, fault) = (held.clone(), fault.clone());
            let server = Server::start(move |number, head| match at {
                Some(at) if at != number => response_to(&rows, head, 100),
                _ => fault.clone(),
            });
            let folder = tempfile::tempdir().unwrap();
            let manifest = folder.path().join("manifest");
            let run = everything(&server).args(["--retries", "0", "--max-wait", "1s"]);
            let ran = run.args(["--manifest".as_ref(), manifest.as_os_str()]).run();
            let manifest = std::fs::read(&manifest).unwrap();
            let manifest: Value = serde_json::from_slice(&manifest).unwrap();
            let case = format!("{what} at {at:?}: exit {}, {manifest}", ran.code);
            assert_eq!(manifest["complete"], ran.code == 0, "{case}");
            assert_eq!(manifest["rows"], rows_of(&ran), "{case}");
            assert!(ran.code != 0 || at.is_none() || rows_of(&ran) == 250, "{case}");
        }
    }
}

fn rows_of(ran: &Ran) -> usize {
    ran.stdout.lines().count()
}

#[test]
fn a_single_page_is_one_request_and_a_long_listing_needs_few_more_requests_than_pages() {
    let server = unreliable(messages_before(noon(), 5000, millis(40)), at_noon());
    omnilogs().at(&server.url()).run().code(0);
    assert_eq!(server.targets().len(), 1);
    everything(&server).run().code(0);
    // Six pages, two requests that prove the order, two for rows that are about to expire, and one
    // that proves that no row is left.
    assert!(server.targets().len() <= 1 + 11, "{}", server.targets().len() - 1);
}
