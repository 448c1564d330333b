use serde_json::{Value, json};

use crate::sink::table::test_support::{chosen, message, options, status, table};
use crate::sink::test_support::{Shared, log};
use crate::sink::{Sink, Table, TableOptions};
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
    let coloured = TableOptions { colour: true, ..options(Some(100)) };
    for (group, name, colour) in final_ones {
        let row = [message(&status(group, name))];
        let shown = table(coloured.clone(), &row);
        assert!(shown.contains(&format!("{ESC}[38;5;{colour}m{name}{ESC}[39m")), "{shown:?}");
        assert!(table(options(Some(100)), &row).contains(&format!("{name}  ")));
    }
    for (group, name, colour) in others {
        let row = [message(&status(group, name))];
        let shown = table(coloured.clone(), &row);
        assert!(shown.contains(&format!("{ESC}[38;5;{colour}m{name}~{ESC}[39m")), "{shown:?}");
        assert!(!shown.contains(&format!("{ESC}[2m")), "{shown:?}");
        let plain = table(options(Some(100)), &row);
        assert!(plain.contains(&format!("{name}~")) && !plain.contains(ESC), "{plain:?}");
    }
}

#[test]
fn a_cut_status_keeps_its_mark() {
    let row = message(&status("PENDING", "PENDING_WAITING_DELIVERY"));
    let shown = table(options(Some(44)), &[row]);
    assert!(shown.lines().nth(1).unwrap().ends_with("…~"), "{shown}");
}

#[test]
fn an_unknown_status_is_shown_as_sent_and_as_not_final() {
    let shown = table(options(Some(100)), &[message(&status("SEEN", "SEEN_BY_THE_MOON"))]);
    assert!(shown.contains("SEEN_BY_THE_MOON~"), "{shown}");
    let shown = table(options(Some(100)), &[message(&json!({"status": {"id": 5}}))]);
    assert!(shown.contains("  5  "), "{shown}");
}

#[test]
fn a_message_changes_no_cell_but_its_own() {
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
fn chosen_columns_come_in_the_chosen_order() {
    let columns = chosen("status.groupName,latency,price.pricePerMessage,sentAt");
    let shown = table(TableOptions { columns, ..options(None) }, &[message(&json!({}))]);
    assert_eq!(
        shown,
        "\
GROUP           LATENCY   PRICE  SENT AT
DELIVERED         4.2 s    0.01  2026-11-22 10:00:05.123+01:00
"
    );
}

#[test]
fn a_row_that_is_shown_again_says_what_changed_and_how_long_it_took() {
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
fn a_table_that_will_show_changes_keeps_room_for_them() {
    let to = message(&json!({"to": "261c3d574f185f19992c1daeb66088ec"}));
    let columns = chosen("sentAt,channel,to,status.name");
    let options = TableOptions { columns, changes: true, ..options(Some(80)) };
    let out = Shared::default();
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
fn a_change_with_too_little_room_leaves_out_what_was_and_not_what_is() {
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
    assert!(whole.contains("  DELIVERED_TO_OPERATOR → DELIVERED_TO_HANDSET, 4.2 s "), "{whole}");
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
    assert_eq!(starts, ["SENT AT +02:00", "10-25 02:30:00", "10-25 02:30:00+01:00"]);
    let utc = TableOptions { zone: Zone::UTC, ..options(Some(80)) };
    assert!(table(utc, &rows).starts_with("SENT AT UTC     "));
}

#[test]
fn a_length_of_time_is_shown_to_the_nearest_and_never_as_sixty_of_a_unit() {
    for (millis, shown) in [
        (-5, "-5 ms"),
        (0, "0 ms"),
        (999, "999 ms"),
        (1000, "1.0 s"),
        (2998, "3.0 s"),
        (59_949, "59.9 s"),
        (59_950, "1m 00s"),
        (185_499, "3m 05s"),
        (3_599_499, "59m 59s"),
        (3_599_500, "1h 00m"),
        (7_829_999, "2h 10m"),
        (i64::MAX, "2562047788015h 12m"),
    ] {
        assert_eq!(crate::sink::duration(millis), shown, "{millis}");
    }
}
