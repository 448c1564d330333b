use serde_json::{Value, json};

use crate::sink::table::test_support::{chosen, message, options, status, table};
use crate::sink::test_support::{SharedBytes, log};
use crate::sink::{ColumnSelection, Sink, Table, TableOptions};
use crate::zone::Zone;

const ESC: char = '\u{1B}';

#[test]
fn colours_show_the_group_and_a_status_that_is_not_final_is_marked_and_never_dim() {
    let final_ones = [
        ("DELIVERED", "DELIVERED_TO_HANDSET", 2),
        ("UNDELIVERABLE", "UNDELIVERABLE_NOT_DELIVERED", 1),
        ("REJECTED", "REJECTED_NETWORK", 1),
        ("EXPIRED", "EXPIRED_EXPIRED", 5),
    ];
    let others = [
        ("PENDING", "PENDING_ENROUTE", 130),
        ("ACCEPTED", "MESSAGE_ACCEPTED", 130),
        ("DELIVERED", "DELIVERED_TO_OPERATOR", 2),
    ];
    let plain_options = TableOptions { columns: chosen("status.name,to"), ..options(Some(100)) };
    let coloured = TableOptions { colour: true, ..plain_options.clone() };
    for (group, name, colour) in final_ones {
        let row = [message(&status(group, name))];
        let shown = table(coloured.clone(), &row);
        assert!(shown.contains(&format!("{ESC}[38;5;{colour}m{name}{ESC}[39m")), "{shown:?}");
        assert!(table(plain_options.clone(), &row).contains(&format!("{name}  ")));
    }
    for (group, name, colour) in others {
        let row = [message(&status(group, name))];
        let shown = table(coloured.clone(), &row);
        assert!(shown.contains(&format!("{ESC}[38;5;{colour}m{name}~{ESC}[39m")), "{shown:?}");
        assert!(!shown.contains(&format!("{ESC}[2m")), "{shown:?}");
        let plain = table(plain_options.clone(), &row);
        assert!(plain.contains(&format!("{name}~")) && !plain.contains(ESC), "{plain:?}");
    }
}

#[test]
fn a_truncated_status_keeps_its_mark() {
    let row = message(&status("PENDING", "PENDING_WAITING_DELIVERY"));
    let columns = chosen("sentAt,to,status.name");
    let shown = table(TableOptions { columns, ..options(Some(52)) }, &[row]);
    assert!(shown.lines().nth(1).unwrap().ends_with("…~"), "{shown}");
}

#[test]
fn a_result_has_the_colour_of_its_group_and_says_the_same_without_colour() {
    let absent = json!({"error": {"id": 27, "name": "EC_ABSENT_SUBSCRIBER"},
        "status": {"groupName": "UNDELIVERABLE", "name": "UNDELIVERABLE_NOT_DELIVERED"}});
    for (changes, result, colour) in [
        (json!({}), "✓ delivered, 4.2 s", 2),
        (status("PENDING", "PENDING_ENROUTE"), "… on its way to the operator", 130),
        (status("DELIVERED", "DELIVERED_TO_OPERATOR"), "… accepted by the operator", 130),
        (absent, "✗ phone not on any network", 1),
        (status("REJECTED", "REJECTED_DND"), "✗ on a do-not-disturb list", 1),
        (status("EXPIRED", "EXPIRED_DLR_UNKNOWN"), "✗ expired: no delivery report", 5),
        (status("SEEN", "SEEN_BY_USER"), "? SEEN_BY_USER", 31),
    ] {
        let row = [message(&changes)];
        let coloured = table(TableOptions { colour: true, ..options(Some(80)) }, &row);
        let painted = format!("{ESC}[38;5;{colour}m{result}{ESC}[39m");
        assert!(coloured.contains(&painted), "{painted:?} in {coloured:?}");
        let plain = table(options(Some(80)), &row);
        assert!(plain.contains(&format!("  {result}  ")) && !plain.contains(ESC), "{plain}");
    }
}

#[test]
fn a_time_of_today_has_no_date_and_is_aligned_with_times_that_have_one() {
    let today = chrono::NaiveDate::from_ymd_opt(2026, 11, 22);
    let of_today = TableOptions { today, ..options(Some(80)) };
    let rows = [message(&json!({})), message(&json!({"sentAt": "2026-11-21T23:59:59+0100"}))];
    let shown = table(of_today.clone(), &rows);
    let starts: Vec<_> = shown.lines().map(|line| &line[..14]).collect();
    assert_eq!(starts, ["   SENT +01:00", "      10:00:05", "11-21 23:59:59"]);
    let shown = table(of_today.clone(), &rows[..1]);
    assert!(shown.lines().nth(1).unwrap().starts_with("   10:00:05  SMS "), "{shown}");
    // Output that may be read on another day has every date.
    for options in [
        TableOptions { width: None, ..of_today.clone() },
        TableOptions { columns: ColumnSelection::Wide, ..of_today },
    ] {
        assert!(table(options, &rows).contains("2026-11-22 10:00:05.123"));
    }
}

#[test]
fn a_later_page_of_another_day_has_its_dates() {
    let today = chrono::NaiveDate::from_ymd_opt(2026, 11, 22);
    for width in 75..=120 {
        let out = SharedBytes::default();
        let mut sink = Table::new(out.clone(), TableOptions { today, ..options(Some(width)) });
        for sent in ["2026-11-22T00:00:01+0100", "2026-11-21T23:59:59+0100"] {
            sink.log(&log(&message(&json!({"sentAt": sent})))).unwrap();
            sink.end_page(&crate::model::Coverage::default()).unwrap();
        }
        sink.finish(&crate::sink::RunEnd::Complete).unwrap();
        let text = out.text();
        assert!(text.contains("\n   00:00:01  ") && text.contains("\n11-21 23:59:59  "), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= width), "{width}:\n{text}");
    }
}

#[test]
fn the_short_id_is_the_beginning_of_the_id_in_characters() {
    for (id, shown) in
        [("07e03aae-fabc-44ad", "07e03aae"), ("abc", "abc"), ("ééééééééé", "éééééééé")]
    {
        let shown_id = table(options(Some(80)), &[message(&json!({ "messageId": id }))]);
        assert!(shown_id.ends_with(&format!("  {shown}\n")), "{shown_id}");
    }
}

#[test]
fn an_unknown_status_is_shown_as_sent_and_as_not_final() {
    let columns = chosen("status.name,to");
    let options = TableOptions { columns, ..options(Some(100)) };
    let shown = table(options.clone(), &[message(&status("SEEN", "SEEN_BY_THE_MOON"))]);
    assert!(shown.contains("SEEN_BY_THE_MOON~"), "{shown}");
    // Kinds of messages share ids, so that an id alone does not say which status it is.
    for (status, cell) in [
        (json!({"id": 5}), "\n5~  "),
        (json!({"id": 5, "groupName": "DELIVERED"}), "\nDELIVERED  "),
    ] {
        let shown = table(options.clone(), &[message(&json!({"status": status, "to": "x"}))]);
        assert!(shown.contains(cell), "{shown}");
    }
}

#[test]
fn a_message_cannot_change_other_cells() {
    let text = "\u{1B}[2J\u{1B}]52;c;eA\u{7}\r\nx\u{202E}\u{9B}";
    let row = message(&json!({"text": text, "from": "\u{1B}[31m"}));
    for width in [None, Some(20), Some(80), Some(200)] {
        for colour in [false, true] {
            let shown =
                table(TableOptions { colour, ..options(width) }, std::slice::from_ref(&row));
            let unstyled = shown.replace(&format!("{ESC}["), "");
            assert!(!unstyled.contains(|c: char| c != '\n' && c.is_control()), "{shown:?}");
            assert!(!shown.contains("\u{1B}[2J") && !shown.contains("\u{1B}[31m"), "{shown:?}");
        }
    }
    let shown = table(options(None), &[row]);
    assert_eq!(shown.lines().count(), 2);
    assert!(shown.ends_with("  ^[[2J^[]52;c;eA^G\\r\\nx<U+202E><U+009B>\n"), "{shown}");
}

#[test]
fn no_line_begins_with_a_command_to_a_build_server() {
    for text in ["::error::x", "  ::add-mask::x", "##vso[task]"] {
        let columns = chosen("text,to");
        let row = message(&json!({"text": text}));
        let shown = table(TableOptions { columns, ..options(None) }, &[row]);
        let line = shown.lines().nth(1).unwrap();
        assert!(line.starts_with(&format!("\\{text}")), "{line}");
    }
}

#[test]
fn chosen_columns_have_the_chosen_order() {
    let columns = chosen("status.groupName,latency,price.pricePerMessage,sentAt");
    let shown = table(TableOptions { columns, ..options(None) }, &[message(&json!({}))]);
    assert_eq!(
        shown,
        "\
GROUP           LATENCY   PRICE  SENT
DELIVERED         4.2 s    0.01  2026-11-22 10:00:05.123+01:00
"
    );
}

#[test]
fn a_changed_status_is_shown_with_the_previous_status_and_the_latency() {
    let again = |previous: &str, changes: &Value| {
        let changed = log(&message(changes)).with_previous_status(previous).json().to_owned();
        let columns = chosen("to,status.name");
        table(TableOptions { columns, ..options(Some(60)) }, &[changed])
    };
    let shown = again("PENDING_ENROUTE", &json!({}));
    assert!(shown.contains("  PENDING → DELIVERED_TO_HANDSET, 4.2 s\n"), "{shown}");
    let shown = again(
        "PENDING_ENROUTE",
        &json!({"status": {"name": "PENDING_ACCEPTED", "groupName": "PENDING"}}),
    );
    assert!(shown.contains("  PENDING_ENROUTE → PENDING_ACCEPTED~\n"), "{shown}");
}

#[test]
fn a_changed_result_is_shown_with_the_previous_result() {
    let again = |previous: &str, changes: &Value| {
        let changed = log(&message(changes)).with_previous_status(previous).json().to_owned();
        let columns = chosen("to,result");
        table(TableOptions { columns, ..options(Some(60)) }, &[changed])
    };
    for (previous, changes, expected) in [
        ("PENDING_ENROUTE", json!({}), "pending → ✓ delivered, 4.2 s"),
        ("DELIVERED_TO_OPERATOR", json!({}), "pending → ✓ delivered, 4.2 s"),
        ("MESSAGE_SEEN", json!({}), "MESSAGE_SEEN → ✓ delivered, 4.2 s"),
        (
            "PENDING_ENROUTE",
            status("DELIVERED", "DELIVERED_TO_OPERATOR"),
            "→ … accepted by the operator",
        ),
        (
            "PENDING_ACCEPTED",
            status("PENDING", "PENDING_ENROUTE"),
            "→ … on its way to the operator",
        ),
        (
            "PENDING_ENROUTE",
            status("EXPIRED", "EXPIRED_DLR_UNKNOWN"),
            "pending → ✗ expired: no delivery report",
        ),
    ] {
        let shown = again(previous, &changes);
        assert!(shown.ends_with(&format!("  {expected}\n")), "{expected}: {shown}");
    }
}

#[test]
fn a_table_that_will_show_changes_reserves_width_for_them() {
    let to = message(&json!({"to": "261c3d574f185f19992c1daeb66088ec"}));
    let columns = chosen("sentAt,channel,to,status.name");
    let options = TableOptions { columns, changes: true, ..options(Some(80)) };
    let out = SharedBytes::default();
    let mut table = Table::new(out.clone(), options);
    table.log(&log(&to)).unwrap();
    table.end_page(&crate::model::Coverage::default()).unwrap();
    table.log(&log(&to).with_previous_status("PENDING_ENROUTE")).unwrap();
    table.finish(&crate::sink::RunEnd::Complete).unwrap();
    let shown = out.text();
    assert!(shown.contains("  PENDING → DELIVERED_TO_HANDSET, 4.2 s\n"), "{shown}");
    assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
}

#[test]
fn a_change_in_a_narrow_column_leaves_out_the_previous_status() {
    let columns = chosen("sentAt,channel,to,status.name");
    let options = TableOptions { columns, changes: true, ..options(Some(80)) };
    let again = |name: &str| {
        let group = name.split('_').next().unwrap();
        log(&message(&status(group, name))).with_previous_status("DELIVERED_TO_OPERATOR")
    };
    let delivered = again("DELIVERED_TO_HANDSET").json().to_owned();
    let shown = table(options.clone(), std::slice::from_ref(&delivered));
    assert!(shown.contains("  → DELIVERED_TO_HANDSET, 4.2 s\n"), "{shown}");
    let shown = table(options, &[again("UNDELIVERABLE_NOT_DELIVERED").json().to_owned()]);
    assert!(shown.contains("  → UNDELIVERABLE_NOT_DELIVERED, 4.2 s\n"), "{shown}");
    let whole = table(
        TableOptions { changes: true, ..super::super::test_support::options(None) },
        &[delivered],
    );
    assert!(whole.contains("  pending → ✓ delivered, 4.2 s "), "{whole}");
}

#[test]
fn a_date_that_cannot_be_read_is_shown_as_sent() {
    let shown = table(options(Some(100)), &[message(&json!({"sentAt": "2026-02-30T00:00"}))]);
    assert!(shown.contains("\n2026-02-30T00"), "{shown}");
}

#[test]
fn times_around_a_clock_change_have_their_offset() {
    let rows = ["2026-10-25T02:30:00+0200", "2026-10-25T02:30:00+0100"]
        .map(|sent| message(&json!({"sentAt": sent})));
    let shown = table(options(Some(80)), &rows);
    let starts: Vec<_> = shown.lines().map(|line| line.split("  ").next().unwrap()).collect();
    assert_eq!(starts, ["SENT +02:00", "10-25 02:30:00", "10-25 02:30:00+01:00"]);
    let utc = TableOptions { zone: Zone::UTC, ..options(Some(80)) };
    assert!(table(utc, &rows).starts_with("SENT UTC        "));
}
