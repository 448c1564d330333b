//! `omnilogs stats`: sums, groups, and warnings about rows that are in no group.

use std::fmt::Write as _;
use std::path::Path;

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
    assert!(table.contains("cost 0.01 (no currency), cost 0.01962345 USD"), "{table}");
    let note =
        "not in the cost: 1 price (not a plain number), 2 messages without a price per message";
    assert!(table.contains(note), "{table}");
    let json = run("json");
    let total = r#""cost":{"":0.01,"USD":0.01962345},"refusedPrices":1,"unpriced":2}"#;
    assert!(json.contains(total), "{json}");
    let csv = run("csv");
    assert!(csv.contains(",0.01 0.00962345,(none) USD,1,1\n"), "{csv}");
}

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
