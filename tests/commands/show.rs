//! `show`, and the same without the name of the command: ids, their beginnings, numbers, addresses.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::support::messages::{NUMBER, message_with, results, seconds_before};
use crate::support::{Omnilogs, Ran, Response, Server, omnilogs};

const ID: &str = "82bf2748-5c33-4c8a-9d7e-2f6d6a1c0b7e";

/// A message that VIBER could not deliver and SMS could, newest first as the API returns it.
fn failover() -> Vec<Value> {
    let of = |channel: &str, sent: &str, done: &str, price: f64, more: &[(&str, Value)]| {
        let fields = [
            ("channel", json!(channel)),
            ("sentAt", json!(format!("2026-11-22T10:00:{sent}.000+0000"))),
            ("doneAt", json!(format!("2026-11-22T10:00:{done}.000+0000"))),
            ("price.pricePerMessage", json!(price)),
        ];
        let mut row = message_with(ID, &[&fields, more].concat());
        row["mccmnc"] = json!("23410");
        row
    };
    let failed = [
        ("status.name", json!("UNDELIVERABLE_NOT_DELIVERED")),
        ("status.groupName", json!("UNDELIVERABLE")),
        ("status.id", json!(9)),
        ("error.name", json!("EC_ABSENT_SUBSCRIBER")),
        ("error.id", json!(27)),
        ("error.groupName", json!("HANDSET_ERRORS")),
    ];
    vec![of("SMS", "04", "06", 0.0052, &[]), of("VIBER", "01", "03", 0.0104, &failed)]
}

/// A server that has these rows, and returns them by message id, by destination, or all of them.
fn server(rows: Vec<Value>) -> Server {
    Server::start(move |_, head| {
        let target = head.split(' ').nth(1).unwrap();
        let value = |name: &str| {
            target.split(['?', '&']).find_map(|part| part.strip_prefix(name)).map(str::to_owned)
        };
        let (id, to) = (value("messageId="), value("to=").map(|to| to.replace("%40", "@")));
        let fits = |row: &&Value| {
            id.as_ref().is_none_or(|id| row["messageId"] == **id)
                && to.as_ref().is_none_or(|to| row["to"] == **to)
        };
        Response::json(results(rows.iter().filter(fits).cloned()))
    })
}

fn run(server: &Server, words: &[&str]) -> Ran {
    omnilogs().at(&server.url()).args(words).args(["--utc"]).run()
}

#[test]
fn a_failover_is_one_sentence_and_its_journey_in_order_of_time() {
    let server = server(failover());
    let ran = run(&server, &["show", ID]).code(0);
    for line in [
        "✓ Delivered over SMS after VIBER failed, 5.0 s after it was sent\n",
        "Message   82bf2748-5c33-4c8a-9d7e-2f6d6a1c0b7e\n",
        "From      InfoSMS → 447700900123 (United Kingdom, network 23410)\n",
        "Sent      2026-11-22 10:00:01.000 +00:00\n",
        "  VIBER  ✗ undeliverable: phone not on any network, 2.0 s\n",
        "  SMS    ✓ delivered, 2.0 s\n",
        "Codes     DELIVERED_TO_HANDSET (5)\n",
        "Meaning   The phone or the app confirmed that it received the message.\n",
        "Cost      0.0156 EUR: VIBER 0.0104 EUR, SMS 0.0052 EUR\n",
        "Text      Your code is 1234\n",
        "Bulk      b1\n",
    ] {
        assert!(ran.stdout.contains(line), "{line:?} is not in:\n{}", ran.stdout);
    }
    let at = |text: &str| ran.stdout.find(text).unwrap();
    assert!(at("  VIBER  ✗") < at("  SMS    ✓"), "{}", ran.stdout);
    assert_eq!(server.targets(), [format!("/omni/1/logs?messageId={ID}&limit=1000")]);
}

/// A row without a sender is usual for WhatsApp messages that were rejected.
#[test]
fn a_destination_without_a_sender_is_not_labelled_as_the_sender() {
    let place = "United Kingdom, network 23410";
    for (missing, text, markdown) in [
        (
            &["from"][..],
            format!("To        447700900123 ({place})\n"),
            format!("| To | 447700900123 ({place}) |\n"),
        ),
        (
            &["from", "mccmnc"],
            "To        447700900123\n".to_owned(),
            "| To | 447700900123 |\n".to_owned(),
        ),
        (&["to", "mccmnc"], "From      InfoSMS\n".to_owned(), "| From | InfoSMS |\n".to_owned()),
        (
            &["to"],
            format!("From      InfoSMS → {place}\n"),
            format!("| From | InfoSMS → {place} |\n"),
        ),
        (&["from", "to"], format!("To        {place}\n"), format!("| To | {place} |\n")),
    ] {
        let mut rows = failover();
        for row in &mut rows {
            row.as_object_mut().unwrap().retain(|name, _| !missing.contains(&name.as_str()));
        }
        let server = server(rows);
        for (words, line) in
            [(&["show", ID][..], text), (&["show", ID, "-o", "md", "--redact=none"], markdown)]
        {
            let stdout = run(&server, words).code(0).stdout;
            assert!(stdout.contains(&line), "{line:?} is not in:\n{stdout}");
            let parties = |line: &&str| {
                let label = line.trim_start_matches("| ");
                label.starts_with("From ") || label.starts_with("To ")
            };
            assert_eq!(stdout.lines().filter(parties).count(), 1, "{stdout}");
        }
    }
}

#[test]
fn a_failure_says_what_it_means_and_what_to_do() {
    let mut rows = failover();
    rows.remove(0);
    let ran = run(&server(rows), &[ID]).code(0);
    for line in [
        "✗ Not delivered over VIBER: phone not on any network\n",
        "Codes     UNDELIVERABLE_NOT_DELIVERED (9) · EC_ABSENT_SUBSCRIBER (27)\n",
        "Meaning   The phone has not been connected to any network for some time.\n",
        "Do        Send again after a day. ",
    ] {
        assert!(ran.stdout.contains(line), "{line:?} is not in:\n{}", ran.stdout);
    }
}

#[test]
fn the_beginning_of_an_id_takes_two_requests_where_the_newest_page_has_it() {
    for (start, words) in [
        ("82bf2748", &["show"][..]),
        ("82BF2748-5C", &["get"]),
        ("82bf27485c", &["view"]),
        ("82bf2748", &[]),
    ] {
        let server = server(failover());
        let ran = run(&server, &[words, &[start]].concat());
        assert_eq!(ran.code, 0, "{start}: {}", ran.stderr);
        assert!(ran.stdout.contains("Delivered over SMS after VIBER failed"), "{}", ran.stdout);
        assert_eq!(server.targets().len(), 2, "{:?}", server.targets());
    }
}

#[test]
fn an_id_that_is_not_found_where_rows_may_be_missing_is_incomplete() {
    // The server does not respect the end of the window, so that older rows cannot be requested.
    let ran = run(&server(failover()), &["show", "93bf2748"]).code(3);
    assert!(
        ran.stderr.contains("incomplete: no message with the id \"93bf2748\""),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("because: "), "{}", ran.stderr);
}

#[test]
fn the_beginning_of_an_id_is_searched_page_by_page() {
    let rows: Vec<Value> = (0..2500).map(|n| seconds_before(n, "text")).collect();
    let mut rows = rows;
    rows[2400]["messageId"] = json!(ID);
    let targets = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&targets);
    let server = Server::start(move |_, head| {
        let target = head.split(' ').nth(1).unwrap().to_owned();
        let value = |name: &str| target.split(['?', '&']).find_map(|it| it.strip_prefix(name));
        let until =
            value("sentUntil=").map(|until| until.replace("%2B", "+").replace("+00:00", "+0000"));
        let id = value("messageId=");
        let limit = value("limit=").map_or(50, |limit| limit.parse().unwrap());
        let fits = |row: &&Value| {
            until.as_ref().is_none_or(|until| row["sentAt"].as_str().unwrap() <= until.as_str())
                && id.is_none_or(|id| row["messageId"] == *id)
        };
        noted.lock().unwrap().push(target.clone());
        Response::json(results(rows.iter().filter(fits).take(limit).cloned()))
    });
    let ran = run(&server, &["show", "82bf2748"]).code(0);
    assert!(ran.stdout.contains(ID), "{}", ran.stdout);
    let targets = targets.lock().unwrap();
    assert!(targets.len() >= 4, "{targets:?}");
    assert!(targets.last().unwrap().contains(&format!("messageId={ID}")), "{targets:?}");
}

#[test]
fn an_ambiguous_beginning_lists_the_candidates_with_their_whole_ids() {
    let other = "82bf2748-0000-4c8a-9d7e-2f6d6a1c0b7e";
    let server = server(vec![message_with(ID, &[]), message_with(other, &[])]);
    let ran = run(&server, &["show", "82bf2748"]).code(10);
    assert!(ran.stdout.contains(ID) && ran.stdout.contains(other), "{}", ran.stdout);
    assert!(ran.stderr.contains("the ids of 2 messages begin with \"82bf2748\""), "{}", ran.stderr);
    assert!(ran.stderr.contains("give more characters of the id"), "{}", ran.stderr);

    let many = (0..30).map(|n| message_with(&format!("82bf2748-{n:04}"), &[])).collect();
    let ran = run(&self::server(many), &["show", "82bf2748"]).code(10);
    assert_eq!(ran.stdout.lines().count(), 40, "{}", ran.stdout);
    assert!(ran.stderr.contains("the newest 20 of them are listed"), "{}", ran.stderr);
}

#[test]
fn a_number_shows_its_messages_newest_first_in_two_lines_each() {
    let rows = vec![
        message_with("a1bf2748-1", &[("sentAt", json!("2026-11-22T09:00:00.000+0000"))]),
        message_with("b2bf2748-2", &[("sentAt", json!("2026-11-22T11:00:00.000+0000"))]),
        message_with("c3bf2748-3", &[("to", json!("447700900999"))]),
    ];
    let server = server(rows);
    let ran = run(&server, &["+44 7700 900123"]).code(0);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(lines.len(), 4, "{}", ran.stdout);
    assert!(lines[0].contains("11:00:00  SMS  ✓ delivered") && lines[0].ends_with("b2bf2748"));
    assert!(lines[1].ends_with("InfoSMS: Your code is 1234"), "{}", ran.stdout);
    assert!(lines[2].contains("09:00:00  SMS  ") && lines[2].ends_with("a1bf2748"));
    assert_eq!(server.targets(), [format!("/omni/1/logs?to={NUMBER}")]);
    assert_eq!(ran.stderr, "");
}

#[test]
fn the_only_message_of_a_number_or_an_address_is_opened() {
    let mail = message_with("m1", &[("to", json!("ana@example.com")), ("channel", json!("EMAIL"))]);
    let server = server(vec![message_with(ID, &[]), mail]);
    let ran = run(&server, &[NUMBER]).code(0);
    assert!(ran.stdout.starts_with("✓ Delivered over SMS in 1.0 s\n"), "{}", ran.stdout);
    let ran = run(&server, &["ana@example.com", "--sort-of"]);
    assert_eq!(ran.code, 2);
    let ran = run(&server, &["ana@example.com"]).code(0);
    assert!(ran.stdout.starts_with("✓ Delivered over EMAIL in 1.0 s\n"), "{}", ran.stdout);
}

#[test]
fn options_may_be_in_front_of_the_word_and_filters_are_sent() {
    let server = server(failover());
    run(&server, &["-c", "SMS", "--since", "2026-11-22T00:00:00Z", NUMBER, "-n", "7"]).code(0);
    let target = &server.targets()[0];
    for part in [&format!("to={NUMBER}"), "channel=SMS", "sentSince=2026-11-22", "limit=7"] {
        assert!(target.contains(part), "{part} in {target}");
    }
}

#[test]
fn a_word_of_no_known_form_is_an_unknown_command() {
    for (word, meant) in [("sttas", "did you mean stats?"), ("12345", ""), ("abcdefab", "")] {
        let ran = omnilogs().args([word]).run().code(2);
        assert!(ran.stderr.contains("unrecognized subcommand"), "{}", ran.stderr);
        assert!(ran.stderr.contains(meant), "{}", ran.stderr);
    }
}

#[test]
fn a_word_that_cannot_be_found_or_used_is_reported_with_the_reason() {
    let refused = |words: &[&str], wanted: &str| {
        let ran = omnilogs().args(words).run().code(2);
        assert!(ran.stderr.contains(wanted), "{words:?}: {}", ran.stderr);
        assert!(!ran.stderr.contains("7700"), "{}", ran.stderr.replace("7700 900456", ""));
    };
    let ran = omnilogs().args(["07700 900987"]).run().code(2);
    assert!(ran.stderr.contains("starts with a single 0") && !ran.stderr.contains("987"));
    refused(&["show", "82bf"], "\"82bf\" is too short for the beginning of an id");
    refused(&["show", "2026-11-22"], "this is a time");
    refused(&["show"], "required");
    refused(&["show", ""], "the id is empty");
    refused(&["show", ID, "--limit", "5"], "--limit cannot be used with show");
    refused(&["show", ID, "--all"], "--all cannot be used with show");
    refused(&["show", ID, "--message-id", "m2"], "--message-id cannot be used");
    refused(&["show", ID, "--to", "ana@example.com"], "--to cannot be used");

    let empty = server(vec![]);
    let ran = run(&empty, &["show", ID]).code(10);
    assert!(ran.stderr.contains(&format!("no message has the id \"{ID}\"")), "{}", ran.stderr);
    assert!(ran.stderr.contains("48 hours"), "{}", ran.stderr);
    assert_eq!(ran.stdout, "");
    let ran = run(&empty, &["show", ID, "-o", "json"]).code(10);
    assert_eq!(ran.error_json()["error"]["code"], 10);
    let ran = run(&empty, &[NUMBER]).code(0);
    assert!(ran.stderr.contains("no messages sent since"), "{}", ran.stderr);
    assert!(ran.stderr.contains("destination 44********23"), "{}", ran.stderr);
    assert_eq!(ran.stdout, "");
}

#[test]
fn an_id_of_another_form_is_looked_up_as_an_id_and_then_as_a_destination() {
    let registration = "261c3d574f185f19992c1daeb66088ec";
    let push = message_with(ID, &[("to", json!(registration))]);
    let server = server(vec![message_with("order-4711", &[]), push]);
    let ran = run(&server, &["show", "order-4711"]).code(0);
    assert!(ran.stdout.contains("Message   order-4711\n"), "{}", ran.stdout);
    let ran = run(&server, &[registration]).code(0);
    assert!(ran.stdout.contains(&format!("InfoSMS → {registration}\n")), "{}", ran.stdout);
    assert_eq!(server.targets().len(), 3, "{:?}", server.targets());
    // The first 8 characters of an id can all be digits, as those of a short phone number.
    let digits = "12345678-5c33-4c8a-9d7e-2f6d6a1c0b7e";
    let rows = vec![message_with(digits, &[])];
    let ran = run(&self::server(rows.clone()), &["12345678"]).code(0);
    assert!(ran.stdout.contains(digits), "{}", ran.stdout);
    let ran = omnilogs().args(["12345678", "--input", "-"]).stdin(results(rows)).run().code(0);
    assert!(ran.stdout.contains(digits), "{}", ran.stdout);
    // With a 0 in front, too, which is not a number of the API.
    let zero = "02345678-5c33-4c8a-9d7e-2f6d6a1c0b7e";
    let ran = run(&self::server(vec![message_with(zero, &[])]), &["02345678"]).code(0);
    assert!(ran.stdout.contains(zero), "{}", ran.stdout);
    let ran = run(&self::server(Vec::new()), &["02345678"]).code(10);
    assert!(ran.stderr.contains("country code in place of the first 0"), "{}", ran.stderr);
}

#[test]
fn without_a_word_the_error_names_the_help_of_the_command() {
    let ran = omnilogs().args(["show"]).run().code(2);
    ran.says("<ID|NUMBER|ADDRESS>").says("try: omnilogs show --help shows its options");
}

#[test]
fn several_words_are_shown_one_after_the_other_and_a_missing_one_is_reported() {
    let server = server(vec![message_with(ID, &[]), message_with("m2", &[])]);
    let ran = run(&server, &["show", ID, "m3", "m2"]).code(10);
    let (first, second) = (ran.stdout.find(ID).unwrap(), ran.stdout.find("Message   m2").unwrap());
    assert!(first < second && ran.stdout.contains("\n\n✓ Delivered"), "{}", ran.stdout);
    assert!(ran.stderr.contains("no message has the id \"m3\""), "{}", ran.stderr);
}

#[test]
fn machine_formats_have_the_rows_of_the_message() {
    let server = server(failover());
    let json = run(&server, &["show", ID, "-o", "json"]).code(0).stdout;
    let rows: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(rows["results"].as_array().unwrap().len(), 2);
    let lines = run(&server, &["show", "82bf2748", "-o", "jsonl"]).code(0).stdout;
    assert_eq!(lines.lines().count(), 2);
    let csv = run(&server, &[NUMBER, "-o", "csv"]).code(0).stdout;
    assert!(csv.starts_with("bulkId,messageId") && csv.lines().count() == 3, "{csv}");
}

#[test]
fn markdown_is_for_tickets_and_hides_personal_data_unless_the_options_say_none() {
    let server = server(failover());
    let page = run(&server, &["show", ID, "-o", "md"]).code(0).stdout;
    assert!(page.starts_with("**✓ Delivered over SMS after VIBER failed, 5.0 s"), "{page}");
    assert!(
        page.contains("| From | InfoSMS → 44\\*\\*\\*\\*\\*\\*\\*\\*23 (United Kingdom"),
        "{page}"
    );
    assert!(!page.contains(NUMBER) && !page.contains("1234"), "{page}");
    let page = run(&server, &["show", ID, "-o", "md", "--redact=none"]).code(0).stdout;
    assert!(page.contains(NUMBER) && page.contains("| Text | Your code is 1234 |"), "{page}");
    // A list, too.
    let page = run(&server, &["-o", "md"]).code(0).stdout;
    assert!(page.starts_with("| SENT | CHANNEL | TO | RESULT | MESSAGE ID | TEXT |\n"), "{page}");
    assert!(page.lines().count() == 4 && !page.contains(NUMBER), "{page}");
    let block = run(&server, &["show", ID, "--redact"]).code(0).stdout;
    assert!(block.contains("44********23") && block.contains("[17 characters]"), "{block}");
}

#[test]
fn saved_messages_are_shown_with_every_version_of_them() {
    let row = |status: &str, group: &str, done: Value| {
        let fields =
            [("status.name", json!(status)), ("status.groupName", json!(group)), ("doneAt", done)];
        message_with(ID, &fields).to_string()
    };
    let lines = [
        row("PENDING_ENROUTE", "PENDING", Value::Null),
        row("DELIVERED_TO_HANDSET", "DELIVERED", json!("2026-11-22T10:00:09.390+0000")),
    ]
    .join("\n");
    for word in [ID, "82bf2748", NUMBER] {
        let run = omnilogs().args([word, "--input", "-", "--utc"]).stdin(lines.clone());
        let ran = run.run().code(0);
        let journey: Vec<_> = ran.stdout.lines().filter(|line| line.contains("  SMS  ")).collect();
        assert_eq!(journey.len(), 2, "{word}: {}", ran.stdout);
        assert!(journey[0].contains("… pending: on its way"), "{}", ran.stdout);
        assert!(journey[1].contains("10:00:09  SMS  ✓ delivered, 4.0 s"), "{}", ran.stdout);
    }
    let ran = omnilogs().args(["show", "93bf2748", "--input", "-"]).stdin(lines).run().code(10);
    assert!(ran.stderr.contains("check the id and the file"), "{}", ran.stderr);
}

/// The channels of the messages that `show NUMBER` lists over a file, and standard error. The file
/// begins with messages to another number and has the oldest of this number first; the newest three
/// failed.
fn listed_over_a_file(words: &[&str]) -> (Vec<String>, String) {
    let row = |to: &str, second: usize, channel: &str, status: &str, group: &str| {
        let fields = [
            ("to", json!(to)),
            ("channel", json!(channel)),
            ("sentAt", json!(format!("2026-11-22T10:00:0{second}.000+0000"))),
            ("status.name", json!(status)),
            ("status.groupName", json!(group)),
        ];
        message_with(&format!("{to}-{second}"), &fields).to_string()
    };
    let delivered = ("DELIVERED_TO_HANDSET", "DELIVERED");
    let rejected = ("REJECTED_NETWORK", "REJECTED");
    let mut lines: Vec<_> =
        (0..6).map(|at| row("447700900999", at, "LINE", delivered.0, delivered.1)).collect();
    for (at, channel) in ["SMS", "PUSH", "EMAIL", "VOICE", "VIBER"].into_iter().enumerate() {
        let (status, group) = if at < 2 { delivered } else { rejected };
        lines.push(row(NUMBER, at, channel, status, group));
    }
    let run = omnilogs().args([NUMBER, "--input", "-", "--utc", "-v"]).args(words);
    let ran = run.stdin(lines.join("\n")).run().code(0);
    let channels = ["LINE", "SMS", "PUSH", "EMAIL", "VOICE", "VIBER"];
    let of_line = |line: &str| channels.iter().find(|it| line.contains(&format!("  {it}")));
    let listed = ran.stdout.lines().filter_map(of_line).map(|&it| it.to_owned()).collect();
    (listed, ran.stderr)
}

#[test]
fn over_a_file_the_limit_is_the_number_of_newest_messages_that_match() {
    let (all, stderr) = listed_over_a_file(&[]);
    assert_eq!(all, ["VIBER", "VOICE", "EMAIL", "PUSH", "SMS"]);
    assert!(!stderr.contains("--all"), "{stderr}");
    let (newest, stderr) = listed_over_a_file(&["-n", "2"]);
    assert_eq!(newest, ["VIBER", "VOICE"]);
    assert!(stderr.contains("2 messages: 2 failed") && stderr.contains("--all"), "{stderr}");
    let delivered = ["--exclude", "nothing", "--error", "DELIVERED_TO_HANDSET"];
    let (matching, stderr) = listed_over_a_file(&[&delivered[..], &["-n", "3"]].concat());
    assert_eq!(matching, ["PUSH", "SMS"]);
    assert!(stderr.contains("3 of 5 removed by local filters"), "{stderr}");
    assert_eq!(listed_over_a_file(&[&delivered[..], &["-n", "1"]].concat()).0.len(), 1);
    let none = listed_over_a_file(&["--grep", "no such text", "-n", "1"]);
    assert!(none.0.is_empty() && none.1.contains("looked at 5 messages sent"), "{}", none.1);
}

#[test]
fn a_terminal_of_any_width_shows_the_whole_block() {
    for columns in [20, 40, 80, 200] {
        let server = server(failover());
        let run = omnilogs().at(&server.url()).args(["show", ID, "--utc"]);
        let screen = run.on_terminal(columns).end().code(0);
        let words = screen.text().split_whitespace().collect::<Vec<_>>().join(" ");
        for text in ["Delivered over SMS after VIBER failed", "Your code is 1234", "0.0156 EUR"] {
            assert!(words.contains(text), "{columns}: {text} in\n{}", screen.text());
        }
        assert!(words.contains("next: omnilogs show 82bf2748 -o md"), "{}", screen.text());
    }
}

#[test]
fn a_dry_run_prints_a_request_for_each_word() {
    let words = ["show", ID, NUMBER, "82bf2748", "--dry-run"];
    let out = omnilogs().args(words).run().code(0).stdout;
    assert_eq!(out.lines().filter(|line| line.starts_with("curl")).count(), 3, "{out}");
    assert!(out.contains(&format!("messageId={ID}")) && out.contains(&format!("to={NUMBER}")));
}

#[test]
fn a_hostile_message_cannot_control_a_terminal_or_a_log() {
    let text = "\u{1b}[2J\u{1b}]0;t\u{7}\r\n::error::x|<img>";
    let row = message_with(ID, &[("text", json!(text)), ("from", json!(text))]);
    for words in [&["show", ID][..], &["show", ID, "-o", "md", "--redact=none"], &[NUMBER]] {
        let ran = run(&server(vec![row.clone(), row.clone()]), words).code(0);
        let dangerous = |c: char| c != '\n' && omnilogs::visible::is_dangerous(c);
        assert!(!ran.stdout.contains(dangerous), "{:?}", ran.stdout);
        assert!(!ran.stdout.lines().any(|line| line.trim_start().starts_with("::")));
    }
}

#[test]
fn the_help_names_the_short_form() {
    let help = |run: Omnilogs| run.args(["--help"]).run().code(0).stdout;
    assert!(help(omnilogs()).contains("omnilogs <ID | NUMBER | ADDRESS>"));
}

#[test]
fn each_result_of_the_journey_has_its_colour_and_the_labels_are_bold() {
    let server = server(failover());
    let coloured = run(&server, &["show", ID, "--color", "always"]).code(0).stdout;
    for shown in [
        "\u{1b}[38;5;2m✓ Delivered over SMS after VIBER failed, 5.0 s after it was sent\u{1b}[0m\n",
        "\u{1b}[1mJourney   \u{1b}[0m",
        "  VIBER  \u{1b}[38;5;1m✗ undeliverable: phone not on any network, 2.0 s\u{1b}[0m\n",
        "  SMS    \u{1b}[38;5;2m✓ delivered, 2.0 s\u{1b}[0m\n",
    ] {
        assert!(coloured.contains(shown), "{shown:?} is not in {coloured:?}");
    }
    assert!(!run(&server, &["show", ID]).code(0).stdout.contains('\u{1b}'));
}

/// H50. A server that ignores the filters returns other messages.
#[test]
fn a_message_that_was_not_requested_is_not_shown_in_place_of_the_one_that_was() {
    let (other, other_number) = ("aaaaaaaa-1111-4111-8111-111111111111", "447700900999");
    let row = message_with(other, &[("to", json!(other_number))]);
    let server = Server::always(Response::json(results([row])));
    let warning = "the server returned messages that were not requested; not shown";
    for (word, code) in [(ID, 10), ("order-4711", 10), (NUMBER, 0), ("a@b.example", 0)] {
        for more in [&["show", word][..], &["show", word, "-o", "jsonl"]] {
            let ran = run(&server, more).code(code).says(warning);
            assert_eq!(ran.stdout, "", "{word}");
        }
    }
    run(&server, &["show", ID]).says("no message has the id");
    run(&server, &["show", NUMBER]).says("no messages");
    // Another notation of the id names the same message.
    for word in [other.to_uppercase(), other_number.to_owned()] {
        let ran = run(&server, &["show", &word]).code(0);
        assert!(ran.stdout.contains(other), "{}", ran.stdout);
        assert!(!ran.stderr.contains(warning), "{}", ran.stderr);
    }
    // A row that only another filter does not match is shown with a warning, as in a listing.
    run(&server, &["show", other, "--channel", "VIBER"]).code(0).says("shown nevertheless");
}

#[test]
fn quotation_marks_around_an_id_are_not_part_of_it() {
    let server = server(failover());
    run(&server, &["show", &format!("\"{ID}\"")]).code(0);
    run(&server, &["show", " “order-4711”"]).code(10);
    let targets = server.targets();
    assert!(targets[0].contains(&format!("messageId={ID}&")), "{targets:?}");
    assert!(targets[1].contains("messageId=order-4711&"), "{targets:?}");
}
