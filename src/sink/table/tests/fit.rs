use proptest::prelude::*;
use serde_json::json;

use crate::sink::table::columns::TableColumn;
use crate::sink::table::test_support::{chosen, message, options, status, table};
use crate::sink::table::{TableForm, cells_of};
use crate::sink::test_support::{SharedBytes, log};
use crate::sink::width::display_width;
use crate::sink::{ColumnSelection, Sink, Table, TableOptions};

#[test]
fn eighty_columns_show_the_most_important_columns() {
    let rows = [
        message(&json!({})),
        message(&json!({"channel": "WHATSAPP", "text": "Your parcel is on its way",
            "status": {"groupName": "DELIVERED", "name": "DELIVERED_TO_OPERATOR"}})),
        message(&json!({"to": "jane.doe@example.com", "channel": "EMAIL",
            "status": {"groupName": "UNDELIVERABLE", "name": "UNDELIVERABLE_NOT_DELIVERED"}})),
    ];
    assert_eq!(
        table(options(Some(80)), &rows),
        "\
SENT +01:00     CHANNEL   TO             RESULT                         ID
11-22 10:00:05  SMS       41793026727    ✓ delivered, 4.2 s             07e03aae
11-22 10:00:05  WHATSAPP  41793026727    … accepted by the operator     07e03aae
11-22 10:00:05  EMAIL     jane.doe@exa…  ✗ operator did not deliver it  07e03aae
"
    );
}

#[test]
fn eighty_columns_have_room_for_the_longest_reason_of_today() {
    let today = chrono::NaiveDate::from_ymd_opt(2026, 11, 22);
    let options = TableOptions { today, zone: crate::zone::Zone::UTC, ..options(Some(80)) };
    let flood = json!({"to": "123456789012345", "messageId": "82bf2748-0000-4cce-8762",
        "status": {"groupName": "REJECTED", "name": "REJECTED_FLOODING_FILTER"}});
    assert_eq!(
        table(options, &[message(&flood), message(&json!({"channel": "WHATSAPP"}))]),
        "\
SENT UTC  CHANNEL   TO               RESULT                             ID
09:00:05  SMS       123456789012345  ✗ too many messages to one number  82bf2748
09:00:05  WHATSAPP  41793026727      ✓ delivered, 4.2 s                 07e03aae
"
    );
}

#[test]
fn two_hundred_columns_show_more_columns_and_complete_results() {
    let absent = json!({"error": {"id": 27, "name": "EC_ABSENT_SUBSCRIBER"},
        "status": {"groupName": "UNDELIVERABLE", "name": "UNDELIVERABLE_NOT_DELIVERED"}});
    let shown = table(options(Some(200)), &[message(&json!({})), message(&absent)]);
    let lines: Vec<_> = shown.lines().collect();
    for title in ["SENT +01:00", "CHANNEL", "FROM", "TO", "RESULT", "PRICE", "ID", "TEXT"] {
        assert!(lines[0].contains(title), "{title} in {}", lines[0]);
    }
    for cell in ["11-22 10:00:05  ", " ✓ delivered, 4.2 s ", " 0.01 EUR ", " 07e03aae "] {
        assert!(lines[1].contains(cell), "{cell} in {}", lines[1]);
    }
    assert!(lines[2].contains("✗ undeliverable: phone not on any network  "), "{shown}");
    assert!(
        table(options(Some(240)), &[message(&json!({}))])
            .contains(" 07e03aae-fabc-44ad-b1ce-222e14094d70 ")
    );
}

#[test]
fn no_cell_is_cut_off_in_a_pipe() {
    let text = "x".repeat(500);
    let shown = table(options(None), &[message(&json!({"text": text, "from": "f".repeat(100)}))]);
    assert!(shown.ends_with(&format!("  {text}\n")), "{shown}");
    assert!(shown.contains(&"f".repeat(100)) && shown.contains("2026-11-22 10:00:05.123+01:00"));

    let out = SharedBytes::default();
    let mut sink = Table::new(out.clone(), options(None));
    sink.log(&log(&message(&json!({})))).unwrap();
    sink.end_page(&crate::model::Coverage::default()).unwrap();
    sink.log(&log(&message(&json!({"from": "A sender of a later page"})))).unwrap();
    sink.end_page(&crate::model::Coverage::default()).unwrap();
    sink.finish(&crate::sink::RunEnd::Complete).unwrap();
    assert!(out.text().contains("  A sender of a later page  41793026727"), "{}", out.text());
}

#[test]
fn a_terminal_keeps_the_widths_of_the_first_page() {
    let out = SharedBytes::default();
    let mut sink = Table::new(out.clone(), options(Some(110)));
    for text in ["Test SMS.", "A text that takes more room than the first page did"] {
        sink.log(&log(&message(&json!({"text": text})))).unwrap();
        sink.end_page(&crate::model::Coverage::default()).unwrap();
    }
    sink.finish(&crate::sink::RunEnd::Complete).unwrap();
    let text = out.text();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[1].find("Test"), lines[2].find("A text"));
    assert!(lines[2].ends_with('…') && display_width(lines[2]) <= 110, "{}", lines[2]);
}

#[test]
fn columns_align_by_display_width() {
    let senders = [
        "日本語",
        "👨\u{200D}👩\u{200D}👧 shop",
        "🇭🇷",
        "e\u{301}te\u{301}",
        "שלום",
        "Info",
        "中文发件人的名字很长",
    ];
    let rows: Vec<_> = senders.map(|from| message(&json!({"from": from, "text": from}))).into();
    for width in [None, Some(100), Some(110), Some(140), Some(200)] {
        let shown = table(options(width), &rows);
        let starts: Vec<_> = shown
            .lines()
            .skip(1)
            .map(|line| display_width(line.split('✓').next().unwrap()))
            .collect();
        assert!(starts.iter().all(|start| *start == starts[0]), "{starts:?}\n{shown}");
    }
}

#[test]
fn very_long_texts_are_cut_off() {
    let smeared = format!("a{}b", "\u{301}".repeat(10_000));
    let rows = [message(&json!({"text": "x".repeat(1 << 20)})), message(&json!({"text": smeared}))];
    let shown = table(options(Some(120)), &rows);
    assert!(shown.lines().all(|line| display_width(line) <= 120), "{shown}");
    assert!(shown.contains("…b"), "{shown}");
    let shown = table(options(None), &rows);
    assert!(shown.lines().all(|line| display_width(line) <= 33_000));
}

#[test]
fn a_narrow_terminal_shows_one_field_per_line() {
    assert_eq!(
        table(
            options(Some(39)),
            &[message(&json!({"text": "Your parcel 771 is on its way, at last", "from": ""}))]
        ),
        "\
SENT     11-22 10:00:05+01:00
CHANNEL  SMS
TO       41793026727
RESULT   ✓ delivered, 4.2 s
ID       07e03aae
TEXT     Your parcel 771 is on its way,
         at last

"
    );
}

#[test]
fn wide_shows_everything_as_a_table_or_as_fields() {
    let wide = |width| TableOptions { columns: ColumnSelection::Wide, ..options(width) };
    let rows = [message(&json!({}))];
    let fields = table(wide(Some(80)), &rows);
    assert!(fields.contains("\nBULK ID     bafdeb3d-719b-4cce-8762-54d47b40f3c5\n"), "{fields}");
    assert!(fields.starts_with("SENT        2026-11-22 10:00:05.123+01:00\n"), "{fields}");
    assert!(
        fields.contains("\nRESULT      ✓ delivered, 4.2 s\nSTATUS      DELIVERED_TO_HANDSET\n")
    );
    for width in [190, 200, 226, 238, 246, 256, 290, 330] {
        assert_eq!(table(wide(Some(width)), &rows).lines().count(), 2, "{width}");
    }
    for title in ["BULK ID", "MESSAGE ID", "STATUS", "ERROR", "DONE", "NETWORK"] {
        assert!(table(wide(Some(330)), &rows).contains(title), "{title}");
        assert!(table(wide(None), &rows).contains(title), "{title}");
    }
}

#[test]
fn wide_shows_the_reason_of_failed_messages_on_every_page() {
    let failing = json!({"error": {"id": 27, "name": "EC_ABSENT_SUBSCRIBER"},
        "status": {"groupName": "UNDELIVERABLE", "name": "UNDELIVERABLE_NOT_DELIVERED"}});
    let blocked = json!({"error": {"id": 2052, "name": "EC_BLACKLISTED_DESTINATIONADDRESS"},
        "status": {"groupName": "REJECTED", "name": "REJECTED_DESTINATION_BLOCKLISTED"}});
    for width in [190, 200, 240] {
        let out = SharedBytes::default();
        let wide = TableOptions { columns: ColumnSelection::Wide, ..options(Some(width)) };
        let mut sink = Table::new(out.clone(), wide);
        for changes in [json!({}), failing.clone(), blocked.clone()] {
            sink.log(&log(&message(&changes))).unwrap();
            sink.end_page(&crate::model::Coverage::default()).unwrap();
        }
        sink.finish(&crate::sink::RunEnd::Complete).unwrap();
        let text = out.text();
        let lines: Vec<_> = text.lines().collect();
        let at = lines[0].find("RESULT").unwrap();
        let cell = |line: &str| line.chars().skip(at).take(33).collect::<String>();
        let cells: Vec<_> = lines.iter().skip(1).map(|line| cell(line).trim().to_owned()).collect();
        let block = "✗ on the account's block list";
        assert_eq!(cells, ["✓ delivered, 4.2 s", "✗ phone not on any network", block], "{text}");
    }
    let fields = TableOptions { columns: ColumnSelection::Wide, ..options(Some(80)) };
    let shown = table(fields, &[message(&failing)]);
    let result = "\nRESULT      ✗ undeliverable: phone not on any network\n";
    assert!(shown.contains(result), "{shown}");
}

/// The titles of a table, or of one field per line.
fn titles(shown: &str) -> Vec<&str> {
    let mut lines = shown.lines();
    let first = lines.next().unwrap();
    let is_table = first.contains("RESULT");
    let titles: Vec<_> = if is_table {
        first.split("  ").map(str::trim).collect()
    } else {
        shown.lines().filter_map(|line| line.split("  ").next()).collect()
    };
    titles
        .into_iter()
        .filter(|title| !title.is_empty())
        .map(|title| title.trim_end_matches(" +01:00").trim_end_matches(" UTC"))
        .collect()
}

#[test]
fn a_destination_of_up_to_15_digits_is_never_cut_at_any_width() {
    for to in ["4179302672712", "123456789012345", "+123456789012345"] {
        let row = [message(&json!({"to": to, "from": to, "text": "x".repeat(99)}))];
        for width in 28..=330 {
            for columns in [ColumnSelection::Fitting, ColumnSelection::Wide] {
                let shown = table(TableOptions { columns, ..options(Some(width)) }, &row);
                assert!(shown.contains(to), "{width}:\n{shown}");
            }
        }
    }
}

#[test]
fn a_wider_terminal_never_shows_less_of_a_column_unless_a_column_joins() {
    let flood = json!({"to": "447700900123", "text": "A text that is not short at all",
        "status": {"groupName": "REJECTED", "name": "REJECTED_FLOODING_FILTER"}});
    let long: Vec<_> = long_rows().into_iter().map(|(row, _)| row).collect();
    let mut pages = vec![vec![message(&json!({}))], vec![message(&flood)], long.clone()];
    pages.extend(long.into_iter().map(|row| vec![row]));
    let today = chrono::NaiveDate::from_ymd_opt(2026, 11, 22);
    for (page, today) in pages.iter().zip([today, None].into_iter().cycle()) {
        let mut narrower: Vec<(TableColumn, usize)> = Vec::new();
        let mut result_without_text = 0;
        for width in 40..=240 {
            let shown = shown_widths(TableOptions { today, ..options(Some(width)) }, page);
            let had = |column: &TableColumn| narrower.iter().any(|(it, _)| it == column);
            let joins = shown.iter().any(|(column, _)| !had(column));
            for (column, now) in &shown {
                let before = narrower.iter().find(|(it, _)| it == column);
                let before = before.map_or(0, |(_, before)| *before);
                // Only a text takes the place of a part of a long result, and for a few widths only.
                let is_traded = joins && (!column.is_outcome() || width == 110);
                let least = if column.is_outcome() && width >= 120 {
                    before.max(result_without_text)
                } else {
                    before
                };
                assert!(
                    *now >= least || is_traded,
                    "{column:?} at {width}: {least}, {now}: {page:?}"
                );
                if column.is_outcome() && width < 110 {
                    result_without_text = *now;
                }
            }
            narrower = shown;
        }
    }
}

/// How many columns of the terminal each column of the table shows of its longest cell; none for one
/// field per line.
fn shown_widths(options: TableOptions, page: &[String]) -> Vec<(TableColumn, usize)> {
    let mut sink = Table::new(std::io::sink(), options);
    for row in page {
        sink.log(&log(row)).unwrap();
    }
    sink.end_page(&crate::model::Coverage::default()).unwrap();
    let layout = sink.layout.as_ref().unwrap();
    let TableForm::Fixed(widths, _) = &layout.form else { return Vec::new() };
    let logs: Vec<_> = page.iter().map(|row| log(row)).collect();
    let rows = cells_of(&logs, &sink.columns, &layout.times);
    let longest = |at: usize, width: usize| {
        let cells = rows.iter().filter_map(|row| row.get(at));
        cells.map(|cell| display_width(cell.fitting(width)).min(width)).max().unwrap_or_default()
    };
    let columns = sink.columns.iter().zip(widths).enumerate();
    columns.map(|(at, (column, width))| (*column, longest(at, *width))).collect()
}

#[test]
fn a_longer_destination_on_a_later_page_is_not_cut_either() {
    for width in 44..=230 {
        let out = SharedBytes::default();
        let mut sink = Table::new(out.clone(), options(Some(width)));
        for to in ["41793026727", "123456789012345"] {
            sink.log(&log(&message(&json!({"to": to, "text": "x".repeat(99)})))).unwrap();
            sink.end_page(&crate::model::Coverage::default()).unwrap();
        }
        sink.finish(&crate::sink::RunEnd::Complete).unwrap();
        let text = out.text();
        assert!(text.contains("123456789012345"), "{width}:\n{text}");
        assert!(text.lines().all(|line| display_width(line) <= width), "{width}:\n{text}");
    }
}

#[test]
fn wide_has_every_column_of_the_default_at_every_width() {
    let failing = json!({"error": {"id": 27, "name": "EC_ABSENT_SUBSCRIBER"},
        "status": {"groupName": "UNDELIVERABLE", "name": "UNDELIVERABLE_NOT_DELIVERED"}});
    let rows = [message(&failing)];
    for width in 20..=400 {
        let wide = TableOptions { columns: ColumnSelection::Wide, ..options(Some(width)) };
        let (wide, default) = (table(wide, &rows), table(options(Some(width)), &rows));
        for title in titles(&default) {
            // The complete id in place of its beginning.
            let title = if titles(&wide).contains(&"MESSAGE ID") && title == "ID" {
                "MESSAGE ID"
            } else {
                title
            };
            assert!(titles(&wide).contains(&title), "{title} at {width}:\n{wide}");
        }
    }
}

/// Rows with long cells, and what each of their cells says.
fn long_rows() -> Vec<(String, Vec<String>)> {
    let failed = |error: &str| {
        json!({"status": {"groupName": "UNDELIVERABLE", "name": "UNDELIVERABLE_NOT_DELIVERED"},
            "error": {"id": 1, "name": error}})
    };
    let changes = [
        (json!({}), "maria.125@example.org", "InfoSMS", "SMS", "Your code is 4711"),
        (
            failed("NO_ERROR"),
            "447700900123",
            "漢字漢字漢字漢字",
            "KAKAO_CHINGU",
            "Parcel 7 is late",
        ),
        (
            failed("EC_ABSENT_SUBSCRIBER"),
            "123456789012345",
            "Brand",
            "WHATSAPP",
            "A text of a length that many short messages have, with a link: https://example.com/7",
        ),
        (
            status("PENDING", "PENDING_WAITING_DELIVERY"),
            "a.long.address.of.a.person@mail.example.com",
            "A sender of twenty c",
            "EMAIL",
            "漢字 and a family 👨\u{200D}👩\u{200D}👧",
        ),
    ];
    let row = |(mut row, to, from, channel, text): (serde_json::Value, &str, &str, &str, &str)| {
        for (name, value) in [("to", to), ("from", from), ("channel", channel), ("text", text)] {
            row[name] = json!(value);
        }
        let row = message(&row);
        let result = crate::sink::DeliveryResult::of(&log(&row)).to_string();
        let cells = [to, from, channel, text, &result, "0.01 EUR", "07e03aae"].map(str::to_owned);
        (row, cells.into())
    };
    changes.map(row).into()
}

#[test]
fn wide_shows_every_cell_whole_that_the_default_shows_whole() {
    let without_blanks = |text: &str| text.split_whitespace().collect::<String>();
    let rows = long_rows();
    for (first, last) in [(0, 1), (1, 2), (2, 3), (3, 4), (0, 2), (0, 4)] {
        let rows = &rows[first..last];
        let lines: Vec<_> = rows.iter().map(|(row, _)| row.clone()).collect();
        for width in 60..=260 {
            let default = table(options(Some(width)), &lines);
            let wide = TableOptions { columns: ColumnSelection::Wide, ..options(Some(width)) };
            let wide = table(wide, &lines);
            let (default_text, wide_text) = (without_blanks(&default), without_blanks(&wide));
            for cell in rows.iter().flat_map(|(_, cells)| cells).map(|cell| without_blanks(cell)) {
                let is_less = default_text.contains(&cell) && !wide_text.contains(&cell);
                assert!(!is_less, "{cell} at {width}:\n{default}\n{wide}");
            }
        }
    }
}

#[test]
fn chosen_columns_are_a_table_where_they_are_readable_and_fields_elsewhere() {
    let is_table = |columns: &str, width: usize, row: &serde_json::Value| {
        let today = chrono::NaiveDate::from_ymd_opt(2026, 11, 22);
        let columns = chosen(columns);
        let options = TableOptions { columns, today, ..options(Some(width)) };
        let shown = table(options, &[message(row)]);
        assert!(shown.lines().all(|line| display_width(line) <= width), "{width}:\n{shown}");
        shown.lines().count() == 2
    };
    let mut failed = status("UNDELIVERABLE", "UNDELIVERABLE_NOT_DELIVERED");
    failed["channel"] = json!("KAKAO_CHINGU");
    // The least width from 20 with a table: that of the cells of the row, or else
    // of a number of 15 digits and a date.
    let cases = [
        ("to", json!({}), 20),
        ("id", json!({}), 36),
        ("sentAt,to", json!({}), 31),
        ("sentAt,to,result", failed.clone(), 55),
        ("messageId,to,result", failed.clone(), 80),
        ("sentAt,to,result,channel", failed, 69),
        ("to,text", json!({"text": "x".repeat(300)}), 29),
        ("to", json!({"to": "someone.else@example.org"}), 24),
    ];
    for (columns, row, least) in cases {
        for width in 20..=120 {
            let expected = width >= least;
            assert_eq!(is_table(columns, width, &row), expected, "{columns} at {width}");
        }
    }
}

#[test]
fn a_page_whose_results_do_not_fit_the_table_of_the_first_page_is_shown_as_fields() {
    let today = chrono::NaiveDate::from_ymd_opt(2026, 11, 22);
    let out = SharedBytes::default();
    let mut sink = Table::new(out.clone(), TableOptions { today, ..options(Some(66)) });
    let failed = status("UNDELIVERABLE", "UNDELIVERABLE_NOT_DELIVERED");
    for changes in [json!({}), failed, json!({})] {
        sink.log(&log(&message(&changes))).unwrap();
        sink.end_page(&crate::model::Coverage::default()).unwrap();
    }
    sink.finish(&crate::sink::RunEnd::Complete).unwrap();
    let text = out.text();
    assert!(text.starts_with("SENT +01:00  CHANNEL  TO  "), "{text}");
    let fields = "\nRESULT   ✗ undeliverable: operator did not deliver it\n";
    assert!(text.contains("  07e03aae\n\nSENT     2026-11-22") && text.contains(fields), "{text}");
    assert!(text.ends_with("TEXT     Test SMS.\n\n"), "{text}");
}

#[test]
fn an_id_and_an_address_are_never_cut_in_fields() {
    let address = format!("{}@example.com", "a".repeat(64));
    let id = "9b1f3c2e-5d60-4aaf-b3da-d35c62eb1610";
    let row = message(&json!({"to": address, "messageId": id, "text": "x".repeat(300)}));
    let columns = chosen("to,messageId,text");
    let shown = table(TableOptions { columns, ..options(Some(20)) }, &[row]);
    let joined = shown.split_whitespace().collect::<String>();
    assert!(joined.contains(&address) && joined.contains(id), "{shown}");
    assert!(joined.ends_with('…'), "{shown}");
}

#[test]
fn a_terminal_that_is_too_narrow_for_a_table_shows_every_field() {
    let zagreb_changes = json!({"sentAt": "2026-10-25T02:30:00+0200"});
    for (width, changes) in
        [(20, json!({})), (39, json!({})), (40, json!({})), (46, zagreb_changes), (64, json!({}))]
    {
        let fields = ["SENT", "CHANNEL", "FROM", "TO", "RESULT", "ID", "TEXT"];
        for of_follow in [false, true] {
            let options = TableOptions { changes: of_follow, ..options(Some(width)) };
            let shown = table(options, &[message(&changes)]);
            assert_eq!(titles(&shown), fields, "{width}:\n{shown}");
        }
    }
}

/// Whether a table shows the results and the channels of these rows completely, and all default columns.
fn is_complete(shown: &str, width: usize) -> bool {
    let titles = titles(shown);
    let has_columns =
        ["SENT", "CHANNEL", "TO", "RESULT", "ID"].iter().all(|it| titles.contains(it));
    has_columns && !shown.contains('…') && shown.lines().all(|line| display_width(line) <= width)
}

#[test]
fn no_table_is_narrower_than_its_five_default_columns() {
    let failed = json!({"to": "447700900123", "channel": "KAKAO_CHINGU",
        "status": {"groupName": "UNDELIVERABLE", "name": "UNDELIVERABLE_NOT_DELIVERED"}});
    let rows = [message(&json!({})), message(&failed)];
    let today = chrono::NaiveDate::from_ymd_opt(2026, 11, 22);
    let mut narrowest = usize::MAX;
    for width in (40..80).rev() {
        for today in [today, None] {
            let options =
                TableOptions { today, zone: crate::zone::Zone::UTC, ..options(Some(width)) };
            let shown = table(options, &rows);
            assert!(is_complete(&shown, width), "{width}:\n{shown}");
            if shown.lines().count() == 3 {
                narrowest = width;
            }
        }
    }
    assert_eq!(narrowest, 77);
    let options = TableOptions { today, zone: crate::zone::Zone::UTC, ..options(Some(72)) };
    assert_eq!(
        table(options, &rows[..1]),
        "\
SENT UTC  CHANNEL  TO           RESULT                          ID
09:00:05  SMS      41793026727  ✓ delivered, 4.2 s              07e03aae
"
    );
}

#[test]
fn a_channel_is_never_cut_beside_a_text() {
    let text = "x".repeat(300);
    for columns in [ColumnSelection::Fitting, ColumnSelection::Wide] {
        for width in 110..=330 {
            let out = SharedBytes::default();
            let columns = columns.clone();
            let mut sink =
                Table::new(out.clone(), TableOptions { columns, ..options(Some(width)) });
            for channel in ["SMS", "KAKAO_CHINGU"] {
                let row = message(&json!({"channel": channel, "text": text, "from": "InfoSMS"}));
                sink.log(&log(&row)).unwrap();
                sink.end_page(&crate::model::Coverage::default()).unwrap();
            }
            sink.finish(&crate::sink::RunEnd::Complete).unwrap();
            let shown = out.text();
            assert!(shown.contains("KAKAO_CHINGU"), "{width}:\n{shown}");
        }
    }
}

#[test]
fn without_truncation_long_cells_continue_on_further_lines() {
    let text = "Your parcel is on its way and will arrive tomorrow";
    let whole = TableOptions { truncate: false, ..options(Some(110)) };
    let shown = table(whole, &[message(&json!({"text": text}))]);
    assert!(!shown.contains('…') && shown.lines().count() > 2, "{shown}");
    let start = shown.find("TEXT").unwrap();
    let parts: Vec<_> = shown.lines().skip(1).map(|line| line[start..].trim()).collect();
    assert_eq!(parts.join(" "), text);
}

#[test]
fn a_table_without_rows_is_only_the_header_and_nothing_on_a_terminal() {
    let header = table(options(None), &[]);
    assert!(header.starts_with("SENT   ") && header.ends_with("  TEXT\n"), "{header:?}");
    assert_eq!(header.lines().count(), 1);
    assert_eq!(table(TableOptions { header: false, ..options(None) }, &[]), "");
    for width in [20, 43, 80, 200] {
        assert_eq!(table(options(Some(width)), &[]), "", "{width}");
    }
}

proptest! {
    #[test]
    fn no_width_makes_a_table_panic_and_no_line_is_too_long(
        width in prop_oneof![0_usize..300, Just(1_000_000_000)],
        texts in prop::collection::vec(any::<String>(), 0..4),
        truncate in any::<bool>(),
        wide in any::<bool>(),
    ) {
        let rows: Vec<_> =
            texts.iter().map(|text| message(&json!({"text": text, "from": text, "to": text}))).collect();
        let columns = if wide { ColumnSelection::Wide } else { ColumnSelection::Fitting };
        let shown = table(TableOptions { columns, truncate, ..options(Some(width)) }, &rows);
        prop_assert!(!shown.lines().any(|line| line.ends_with(' ')));
        if (20..300).contains(&width) {
            for line in shown.lines() {
                prop_assert!(display_width(line) <= width, "{line:?} in {width}");
            }
        }
    }
}
