//! `omnilogs stats`: sums, groups, and warnings about rows that are in no group.

use std::fmt::Write as _;
use std::path::Path;

use crate::support::messages::message_with;
use crate::support::model::{self, ServerBehavior};
use crate::support::{Omnilogs, omnilogs};

fn fixture(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name).display().to_string()
}

/// Statistics over a saved file with this text.
fn over(text: &str) -> Omnilogs {
    let run = omnilogs().args(["stats", "--input", "rows.json"]);
    std::fs::write(run.home().join("rows.json"), text).unwrap();
    run
}

#[test]
fn prices_are_added_exactly_by_currency_and_what_cannot_be_added_is_counted() {
    let run = |format| {
        let words = ["stats", "--input", &fixture("cost.json"), "-o", format];
        omnilogs().args(words).run().code(0).stdout
    };
    let table = run("table");
    assert!(table.contains("cost 0.01 (no currency) + 0.01962345 USD"), "{table}");
    let note =
        "not in the cost: 1 price (not a plain number), 2 messages without a price per message";
    assert!(table.contains(note), "{table}");
    let json = run("json");
    let total = r#""cost":{"":0.01,"USD":0.01962345},"failedCost":{"USD":0.01},"refusedPrices":1,"unpriced":2}"#;
    assert!(json.contains(total), "{json}");
    let csv = run("csv");
    assert!(csv.contains(",0.01 0.01962345,(none) USD,0 0.01,1,1\n"), "{csv}");
}

/// K17.
#[test]
fn one_price_with_28_decimals_leaves_nothing_out_of_the_total() {
    let mut rows = String::new();
    for at in 0..100 {
        let (channel, price) = match at {
            0 => ("SMS", "1e-28"),
            1..50 => ("SMS", "20"),
            _ => ("VIBER", "0.1"),
        };
        writeln!(
            rows,
            r#"{{"channel":"{channel}","price":{{"pricePerMessage":{price},"currency":"EUR"}}}}"#
        )
        .unwrap();
    }
    let json = over(&rows).args(["--by", "channel", "-o", "json"]).run().code(0).stdout;
    assert!(json.contains(r#"{"EUR":980.0000000000000000000000000001}"#), "{json}");
    assert!(json.contains(r#"{"EUR":985.0000000000000000000000000001}"#), "{json}");
}

/// K15.
#[test]
fn ten_thousand_groups_with_a_latency_of_millennia_take_little_memory() {
    let mut rows = String::new();
    for at in 0..20_000 {
        writeln!(
            rows,
            r#"{{"bulkId":"b{}","sentAt":"2026-11-22T00:00:00Z","doneAt":"9999-12-31T00:00:00Z","status":{{"groupName":"DELIVERED","name":"DELIVERED_TO_HANDSET"}}}}"#,
            at % 10_000
        )
        .unwrap();
    }
    let words = ["--by", "bulkId", "-o", "csv", "--output-file", "out.csv"];
    let (ran, peak) = over(&rows).args(words).run_measured();
    ran.code(0);
    assert!(peak < 100 << 10, "{peak} KiB");
}

#[test]
fn the_screen_of_an_outage_says_since_when_where_why_and_at_what_cost() {
    let screen = omnilogs().args(["stats", "--sandbox=outage", "--since", "3h"]).on_terminal(80);
    let screen = screen.end().code(0);
    let lines = screen.lines();
    assert!(lines.len() <= 22, "{lines:#?}");
    assert!(lines.iter().all(|line| line.chars().count() <= 80), "{lines:#?}");
    let text = lines.join("\n");
    let first = &lines[0];
    assert!(first.contains("% delivered of ") && first.contains(" since "), "{text}");
    assert!(first.contains(" before (-"), "{text}");
    assert!(lines[2].contains("failed messages ") && lines[2].contains(" since then "), "{text}");
    assert!(text.contains("\nDelivered share by 5 minutes, "), "{text}");
    let line = |start: &str| lines.iter().find(|line| line.starts_with(start)).unwrap();
    assert!(
        line("worst network").starts_with("worst network  SMS 310410 United States  "),
        "{text}"
    );
    assert!(line("worst error").starts_with("worst error    EC_TIME_OUT  "), "{text}");
    assert!(text.contains("operator did not respond"), "{text}");
    assert!(line("CHANNEL").contains("FAIL"), "{text}");
    assert!(
        lines[lines.iter().position(|l| l.starts_with("CHANNEL")).unwrap() + 1].starts_with("SMS ")
    );
}

#[test]
fn ordinary_traffic_has_no_incident() {
    let words = ["stats", "--sandbox", "--since", "12h", "-o", "json"];
    let json: serde_json::Value =
        serde_json::from_str(&omnilogs().args(words).run().code(0).stdout).unwrap();
    assert_eq!(json["incident"], serde_json::Value::Null);
    assert!(json["worst"]["network"]["name"].is_string());
}

#[test]
fn a_network_of_two_messages_is_not_the_worst_one_beside_larger_ones() {
    let rows = |network: &str, delivered: usize, failed: usize| -> String {
        let row = |status| {
            format!(
                "{{\"channel\":\"SMS\",\"mccmnc\":\"{network}\",\"sentAt\":\"2026-11-22T10:00:00Z\",\"status\":{{\"name\":\"{status}\"}}}}\n"
            )
        };
        row("DELIVERED_TO_HANDSET").repeat(delivered) + &row("REJECTED_NETWORK").repeat(failed)
    };
    let few = rows("20810", 0, 2);
    let worst = |rows: &str| over(rows).run().code(0).stdout;
    let all = format!("{few}{}{}", rows("23410", 54, 6), rows("26201", 95, 5));
    assert!(worst(&all).contains("worst network  SMS 23410 United Kingdom  90.0% of 60"));
    // Without a larger one, it is.
    assert!(worst(&few).contains("worst network  SMS 20810 France  0% of 2"));
}

#[test]
fn countries_and_networks_have_the_names_of_countries() {
    let rows = r#"{"mccmnc":"23415"}
{"mccmnc":"90128"}"#;
    let table = |key| over(rows).args(["--by", key]).run().code(0).stdout;
    assert!(table("country").contains("\nUnited Kingdom  "), "{}", table("country"));
    assert!(table("network").contains("\n23415 United Kingdom  "), "{}", table("network"));
    assert!(table("network").contains("\n90128  "), "{}", table("network"));
}

const MINUTE: i64 = 60_000;

/// Runs a comparison over messages that were sent this many minutes ago. Returns whether each message is
/// in the range of a request, and the number of messages in both windows.
fn compared(minutes_ago: &[i64], words: &[&str]) -> (Vec<bool>, [u64; 2]) {
    let now = chrono::Utc::now().timestamp_millis();
    let times: Vec<i64> = minutes_ago.iter().map(|minutes| now - minutes * MINUTE).collect();
    let row = |(at, millis): (usize, &i64)| {
        let time = chrono::DateTime::from_timestamp_millis(*millis).unwrap();
        message_with(&format!("m{at}"), &[("sentAt", time.to_rfc3339().into())])
    };
    let rows = times.iter().enumerate().map(row).collect();
    let server = model::serve(rows, ServerBehavior::default());
    let run = omnilogs().at(&server.url()).args(["stats", "-o", "json"]).args(words);
    let json: serde_json::Value = serde_json::from_str(&run.run().code(0).stdout).unwrap();
    let ranges: Vec<_> = server.targets().iter().filter_map(|target| range(target)).collect();
    let is_requested =
        |time: &i64| ranges.iter().any(|(since, until)| (*since..=*until).contains(time));
    // No request reaches over the time between the two windows.
    let longest = ranges.iter().map(|(since, until)| (*until).min(now) - since).max().unwrap();
    assert!(longest <= 4 * 60 * MINUTE + MINUTE, "{ranges:?}");
    let counts = [&json["total"], &json["before"]].map(|of| of["messages"].as_u64().unwrap());
    (times.iter().map(is_requested).collect(), counts)
}

/// The time range of a request, in milliseconds since 1970; `None` for a request without a range, which
/// finds the order of the source.
fn range(target: &str) -> Option<(i64, i64)> {
    let value = |name: &str| {
        let (_, rest) = target.split_once(&format!("{name}="))?;
        let text = rest.split('&').next()?.replace("%3A", ":").replace("%2B", "+");
        model::millis(&text)
    };
    Some((value("sentSince")?, value("sentUntil").unwrap_or(i64::MAX)))
}

#[test]
fn a_comparison_requests_two_windows_and_nothing_between_them() {
    let (requested, counts) = compared(
        &[30, 12 * 60, 24 * 60 + 10, 24 * 60 + 50],
        &["--since", "1h", "--vs", "yesterday"],
    );
    assert_eq!((requested, counts), (vec![true, false, true, true], [1, 2]));
}

#[test]
fn adjacent_windows_are_requested_as_one_and_each_message_is_counted_once() {
    let (requested, counts) = compared(&[30, 119, 121, 200, 300], &["--since", "2h", "--vs", "2h"]);
    assert_eq!((requested, counts), (vec![true, true, true, true, false], [2, 2]));
}

#[test]
fn a_dry_run_of_a_comparison_prints_the_request_of_each_window() {
    let printed = |words: &[&str]| -> Vec<(i64, i64)> {
        let ran = omnilogs().args(["stats", "--dry-run"]).args(words).run().code(0);
        ran.stdout.lines().map(|line| range(line).unwrap()).collect()
    };
    let now = chrono::Utc::now().timestamp_millis() / 1000 * 1000;
    let time = |millis| chrono::DateTime::from_timestamp_millis(millis).unwrap().to_rfc3339();
    let (since, until) = (now - 120 * MINUTE, now - 60 * MINUTE);
    let window = ["--since", &time(since), "--until", &time(until)];
    let day = 24 * 60 * MINUTE;
    assert_eq!(
        printed(&[&window[..], &["--vs", "yesterday"]].concat()),
        [(since, until), (since - day, until - day - 1)]
    );
    // Each for every channel.
    let both = [&window[..], &["--vs", "yesterday", "-c", "sms,push"]].concat();
    assert_eq!(printed(&both).len(), 4);
    // Adjacent windows are one request, even if both are typed as durations.
    let [(since, until)] = printed(&["--since", "2h", "--vs", "2h"])[..] else { panic!() };
    assert!((now - 240 * MINUTE..now - 239 * MINUTE).contains(&since) && until == i64::MAX);
}

#[test]
fn a_comparison_counts_each_row_in_its_own_window() {
    let mut rows = String::new();
    for (time, status) in [
        ("2026-11-22T10:00:00Z", "DELIVERED_TO_HANDSET"),
        ("2026-11-22T10:59:59Z", "REJECTED_NETWORK"),
        ("2026-11-21T10:30:00Z", "DELIVERED_TO_HANDSET"),
        ("2026-11-21T12:30:00Z", "REJECTED_NETWORK"),
    ] {
        writeln!(rows, r#"{{"channel":"SMS","sentAt":"{time}","status":{{"name":"{status}"}}}}"#)
            .unwrap();
    }
    let window = ["--since", "2026-11-22 10:00", "--until", "2026-11-22 11:00"];
    let run = |format| {
        over(&rows).args(window).args(["--vs", "yesterday", "-o", format]).run().code(0).stdout
    };
    let table = run("table");
    assert!(
        table.starts_with("50.0% delivered of 2 final, yesterday 100% of 1 (-50.0 points)\n"),
        "{table}"
    );
    assert!(run("csv").contains(",1,1,1,1\n"), "{}", run("csv"));
}

#[test]
fn a_comparison_with_a_window_that_the_api_no_longer_has_is_refused_before_anything_is_sent() {
    let refused = omnilogs().args(["stats", "--sandbox", "--since", "30h", "--vs", "yesterday"]);
    let refused = refused.run().code(2);
    assert!(
        refused.stderr.contains("6h before the oldest messages of the API"),
        "{}",
        refused.stderr
    );
    let limited = omnilogs().args(["stats", "--sandbox", "-n", "5", "--vs", "1h"]).run().code(2);
    assert!(limited.stderr.contains("--vs cannot be used with --limit"), "{}", limited.stderr);
    for words in [["--every", "7m"], ["--vs", "soon"], ["--top", "0"], ["--sort", "name"]] {
        omnilogs().args(["stats", "--sandbox"]).args(words).run().code(2);
    }
}

/// Delivered messages sent at noon, one on each of these days of 2026.
fn at_noon(days: &[&str]) -> String {
    let row = |day: &&str| {
        format!(
            "{{\"channel\":\"SMS\",\"sentAt\":\"2026-{day}T12:00:00.000+0000\",\
             \"status\":{{\"groupName\":\"DELIVERED\",\"name\":\"DELIVERED_TO_HANDSET\",\"id\":5}}}}\n"
        )
    };
    days.iter().map(row).collect()
}

#[test]
fn a_day_with_a_clock_change_is_one_bucket_and_one_column() {
    // Clocks go back on 25 October and forward on 29 March; the second row of that day is sent before.
    for (days, night, month) in [
        (["10-24", "10-25", "10-26", "10-27"], "10-25T00:30:00.000+0000", "10-25"),
        (["03-28", "03-29", "03-30", "03-31"], "03-29T00:30:00.000+0000", "03-29"),
    ] {
        let mut rows = at_noon(&days);
        rows.push_str(&at_noon(&["x"]).replace("xT12:00:00.000+0000", night));
        let zone = ["--timezone", "Europe/Zagreb", "--every", "1d"];
        let csv = over(&rows).args(zone).args(["--by", "bucket", "-o", "csv"]).run().code(0).stdout;
        let counts: Vec<_> =
            csv.lines().skip(1).map(|line| line.split(',').nth(1).unwrap()).collect();
        assert_eq!(counts, ["1", "2", "1", "1"], "{csv}");
        assert!(csv.contains(&format!("2026-{month}T00:00:00+0")), "{csv}");
        let chart = over(&rows).args(zone).args(["--chart", "-o", "table"]).run().code(0).stdout;
        assert!(chart.contains("Messages sent by day, Europe/Zagreb"), "{chart}");
        // Four columns of four characters, the second one twice as high.
        assert!(chart.contains("\n   2 |    DDD\n"), "{chart}");
        assert!(chart.contains("+----------------\n"), "{chart}");
    }
}

#[test]
fn a_long_time_is_counted_by_week_from_monday() {
    let days = ["02-01", "02-02", "02-08", "02-09", "07-01"];
    let json = over(&at_noon(&days)).args(["-o", "json"]).run().code(0).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["bucketSeconds"], 604_800, "{json}");
    let weeks: Vec<_> = json["timeline"].as_array().unwrap().iter().collect();
    let starts: Vec<_> = weeks.iter().map(|week| week["bucket"].as_str().unwrap()).collect();
    let of = |day: &str| format!("2026-{day}T00:00:00+00:00");
    assert_eq!(starts, ["01-26", "02-02", "02-09", "06-29"].map(of), "{json}");
    assert_eq!(weeks[1]["messages"], 2, "{json}");
    let chart = over(&at_noon(&days)).args(["--chart"]).run().code(0).stdout;
    assert!(chart.contains("Messages sent by week, UTC"), "{chart}");
    over(&at_noon(&days)).args(["--every", "2d"]).run().code(2).says("8h, 12h, 1d, 7d");
}

/// Two delivered SMS of one day, and the options that compare the day after with it.
fn stopped() -> (String, [&'static str; 6]) {
    let options = ["--since", "2026-11-22", "--until", "2026-11-22 23:59", "--vs", "yesterday"];
    (at_noon(&["11-21", "11-21"]), options)
}

#[test]
fn a_comparison_says_that_traffic_has_stopped_and_how_many_messages_there_were_before() {
    let (rows, options) = stopped();
    let ran = over(&rows).args(options).run().code(0);
    ran.says("no messages sent since 2026-11-22 00:00:00")
        .says("the earlier window (yesterday) has 2 messages");
    let filtered = over(&rows).args(options).args(["--error", "5"]).run().code(0);
    filtered
        .says("matches the local filters")
        .says("the earlier window (yesterday) has 2 messages");
    let none = over("").args(options).run().code(0);
    assert!(!none.stderr.contains("earlier window"), "{}", none.stderr);
    let some = over(&at_noon(&["11-21", "11-22"])).args(options).run().code(0);
    assert_eq!(some.stderr, "");
}

#[test]
fn a_comparison_over_two_requests_says_once_that_traffic_has_stopped() {
    let sent = chrono::Utc::now() - chrono::Duration::minutes(24 * 60 + 30);
    let row = message_with("m1", &[("sentAt", sent.to_rfc3339().into())]);
    let server = model::serve(vec![row], ServerBehavior::default());
    let run = omnilogs().at(&server.url()).args(["stats", "--since", "1h", "--vs", "yesterday"]);
    let ran = run.run().code(0);
    assert_eq!(ran.stderr.matches("no messages sent since ").count(), 1, "{}", ran.stderr);
    ran.says("the earlier window (yesterday) has 1 message");
}

#[test]
fn a_group_without_messages_since_the_earlier_window_is_shown_with_0() {
    let (rows, options) = stopped();
    let rows = rows + &at_noon(&["11-22"]).replace("SMS", "PUSH");
    let run = |format| over(&rows).args(options).args(["-o", format]).run().code(0).stdout;
    let csv = run("csv");
    assert!(csv.contains("\nPUSH,1,"), "{csv}");
    let gone = csv.lines().find(|line| line.starts_with("SMS,0,")).unwrap();
    assert!(gone.ends_with(",2,2,2,1"), "{csv}");
    assert!(run("table").contains("\nSMS  "), "{}", run("table"));
    assert!(run("md").contains("\n| SMS | 0 | - | 100% |"), "{}", run("md"));
    // Buckets of different days are never the same group.
    let by_time = over(&rows).args(options).args(["--by", "bucket", "-o", "csv"]).run().code(0);
    assert_eq!(by_time.stdout.lines().count(), 2, "{}", by_time.stdout);
}

#[test]
fn a_published_code_is_one_group_in_any_letter_case() {
    let rows = r#"{"sentAt":"2026-11-22T10:00:00Z","status":{"groupName":"REJECTED","name":"REJECTED_DND"},"error":{"name":"EC_TIME_OUT"}}
{"sentAt":"2026-11-22T10:00:00Z","status":{"groupName":"Rejected","name":"Rejected_Dnd"},"error":{"name":"ec_time_out"}}
{"sentAt":"2026-11-22T10:00:00Z","status":{"groupName":"Seen","name":"Seen_By_Reader"},"error":{"name":"Ec_New"}}"#;
    for (key, names) in [
        ("status", ["REJECTED", "Seen"]),
        ("statusName", ["REJECTED_DND", "Seen_By_Reader"]),
        ("error", ["EC_TIME_OUT", "Ec_New"]),
    ] {
        let csv = over(rows).args(["--by", key, "-o", "csv", "--no-header"]).run().code(0).stdout;
        let groups: Vec<_> = csv.lines().map(|line| line.split(',').next().unwrap()).collect();
        assert_eq!(groups, names, "{csv}");
    }
    let table = over(rows).run().code(0).stdout;
    assert!(table.contains("worst error    EC_TIME_OUT  2 (100% of failures)"), "{table}");
}
