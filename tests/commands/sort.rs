//! `--sort`: the rows of one page in another order, in every format.

use serde_json::{Value, json};

use crate::support::messages::{message_with, results};
use crate::support::{Response, Server, omnilogs};

/// Messages with different values to sort by; `e` has almost no fields.
fn server() -> Server {
    let row = |id: &str, sent: &str, price: &Value, status: &str| {
        let status = json!({"groupName": status.split('_').next(), "name": status});
        let price = json!({"pricePerMessage": price, "currency": "EUR"});
        let sent = json!(sent);
        message_with(id, &[("sentAt", sent), ("price", price), ("status", status)])
    };
    Server::always(Response::json(results(vec![
        row("a", "2026-11-22T12:00:00.000+0000", &json!(0.10), "DELIVERED_TO_HANDSET"),
        row("b", "2026-11-22T12:30:00.000+0100", &json!("0.099"), "REJECTED_DND"),
        row("c", "2026-11-22T14:00:00.000+0200", &json!(10), "PENDING_ENROUTE"),
        row("d", "2026-11-22T11:00:00.000+0000", &json!(9), "REJECTED_DND"),
        json!({"messageId": "e"}),
    ])))
}

fn order(sort: &str) -> String {
    let words = ["--sort", sort, "-o", "csv", "--no-header", "--columns", "messageId"];
    let ran = omnilogs().at(&server().url()).args(words).run().code(0);
    ran.stdout.split_whitespace().collect()
}

#[test]
fn rows_are_sorted_by_the_kind_of_their_values_and_empty_ones_come_last() {
    assert_eq!(order("sentAt"), "dbace");
    assert_eq!(order("-sentAt"), "acbde");
    assert_eq!(order("price.pricePerMessage"), "badce");
    assert_eq!(order("-price.pricePerMessage"), "cdabe");
    assert_eq!(order("status.name"), "acbde");
    assert_eq!(order("status.name,-sentAt"), "acbde");
    assert_eq!(order("status.name,price.pricePerMessage"), "acbde");
    assert_eq!(order("-status.name,-price.pricePerMessage"), "dbcae");
    assert_eq!(order("final"), "cabde");
    assert_eq!(order("WHY"), "bdace");
}

#[test]
fn every_format_has_the_rows_in_that_order() {
    for format in ["table", "json", "jsonl", "csv", "tsv", "xml"] {
        let words = ["--sort", "sentAt", "-o", format, "--redact"];
        let ran = omnilogs().at(&server().url()).args(words).run().code(0);
        let places: Vec<_> = ["11:00:00", "12:30:00", "12:00:00", "14:00:00"]
            .iter()
            .map(|time| match format {
                // A table shows each timestamp in its zone.
                "table" => ran.stdout.find(&time.replace("12:30", "11:30").replace("14:", "12:")),
                _ => ran.stdout.find(time),
            })
            .collect();
        assert!(places.iter().all(Option::is_some), "{}", ran.stdout);
        assert!(places.is_sorted(), "{format}: {}", ran.stdout);
    }
    let ran = omnilogs()
        .at(&server().url())
        .args(["--sort", "-price.pricePerMessage", "--jq", ".results[0].messageId"])
        .run()
        .code(0);
    assert_eq!(ran.stdout, "c\n");
}

#[test]
fn all_rows_of_an_input_file_are_sorted() {
    let run = omnilogs();
    let file = run.home().join("saved.jsonl");
    let row =
        |n: usize| json!({"messageId": format!("m{n}"), "messageCount": n % 2400}).to_string();
    let rows = (0..2500).map(row).collect::<Vec<_>>().join("\n");
    std::fs::write(&file, rows).unwrap();
    let words = [
        "--sort",
        "-messageCount",
        "-o",
        "csv",
        "--no-header",
        "--columns",
        "messageId",
        "--input",
    ];
    let ran = run.args(words).args([&file]).run().code(0);
    let ids: Vec<_> = ran.stdout.lines().collect();
    assert_eq!(
        (ids.len(), ids[0], ids[2399], ids[2400], ids[2499]),
        (2500, "m2399", "m2450", "m49", "m2400")
    );
}

#[test]
fn sorting_more_than_one_page_is_refused_with_an_alternative() {
    let server = server();
    let refused = |words: &[&str], says: &str| {
        let ran = omnilogs().at(&server.url()).args(words).run().code(2);
        ran.says(says);
    };
    let all = "--sort cannot be used with --all";
    refused(&["--all", "--sort", "sentAt"], all);
    refused(&["--all", "--sort", "sentAt"], "--limit 1000 --sort KEY");
    refused(
        &["--limit", "1001", "--sort", "sentAt"],
        "--sort cannot be used with --limit above 1000",
    );
    refused(&["follow", "--sort", "sentAt"], "--sort cannot be used with follow");
    refused(&["-f", "--sort", "sentAt"], "--sort cannot be used with follow");
    refused(&["wait", "--message-id", "m", "--sort", "sentAt"], "--sort cannot be used with wait");
    refused(&["--sort", "latncy"], "did you mean latency?");
    refused(&["--sort", "-latncy"], "columns: bulkId,");
    refused(&["--sort", ""], "--sort: a column name is empty");
    refused(&["--sort", "--all"], "--sort: \"-all\" is not a column");
    refused(&["--columns", "finale"], "latency, final, why");
    assert_eq!(server.targets(), [""; 0]);
}
