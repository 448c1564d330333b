use std::fmt::Write as _;

use omnilogs::Log;
use omnilogs::sink::Sink;
use omnilogs::zone::Zone;
use proptest::prelude::*;

use super::*;
use crate::failure::Kind;
use crate::settings::CsvSettings;

const VIEW: View = View {
    format: FormatName::Table,
    width: Some(80),
    colour: false,
    json_colour: false,
    zone: Zone::UTC,
    header: true,
    csv: CsvSettings { safe: false, delimiter: b',', bom: false },
    chart: false,
    finished: 1_795_305_600_000,
};

/// Messages of three days, five per hour, of which one failed and one is pending.
fn rows(sender: &str) -> Vec<String> {
    let statuses = ["DELIVERED_TO_HANDSET", "PENDING_ENROUTE", "REJECTED_NETWORK"];
    let row = |at: usize| {
        let hour = format!("2026-11-2{}T{:02}", at / 24 % 3, at % 24);
        let status = statuses[[0, 0, 0, 1, 2][at % 5]];
        let group = status.split('_').next().unwrap();
        format!(
            r#"{{"channel":"SMS","from":{sender},"sentAt":"{hour}:10:00Z","doneAt":"{hour}:10:0{}Z",
            "messageCount":1,"price":{{"pricePerMessage":0.0104,"currency":"EUR"}},
            "status":{{"groupName":"{group}","name":"{status}"}}}}"#,
            at % 7
        )
    };
    (0..360).map(row).collect()
}

fn summary(keys: &[Key], rows: &[String]) -> Summary {
    let mut stats = Stats::new(keys.to_vec(), Zone::UTC);
    for row in rows {
        stats.log(&Log::read(row.as_str(), |odd| panic!("{odd:?}"))).unwrap();
    }
    stats.summary()
}

fn shown(summary: &Summary, view: &View) -> String {
    let mut out = Vec::new();
    render(summary, None, GroupChoice::default(), view, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn an_unknown_key_is_refused_with_the_nearest_and_all_of_them() {
    let failure = parse_keys(Some("channel,sendr")).unwrap_err();
    assert_eq!(failure.kind, Kind::Usage);
    assert_eq!(failure.message, "--by: \"sendr\" is not a key");
    assert_eq!(failure.hints[0], "did you mean sender?");
    for key in Key::ALL {
        assert!(failure.hints[1].contains(key.name()), "{}", key.name());
    }
    assert_eq!(parse_keys(Some("")).unwrap_err().message, "--by: a key is empty");
}

#[test]
fn the_key_is_the_channel_unless_others_are_named_each_once() {
    assert_eq!(parse_keys(None).unwrap(), [Key::Channel]);
    let keys = parse_keys(Some("bulk-id, bucket,bulkId")).unwrap();
    assert_eq!(keys, [Key::BulkId, Key::Bucket]);
    let hints = parse_keys(Some("hour")).unwrap_err().hints;
    assert_eq!(hints[0], "use --by bucket --every 1h");
}

#[test]
fn csv_has_a_header_and_one_line_per_group() {
    let summary = summary(&[Key::Sender, Key::Status], &rows(r#""Info,SMS""#));
    let text = shown(&summary, &View { format: FormatName::Csv, width: None, ..VIEW });
    let mut lines = text.lines();
    let header = "sender,status,messages,segments,final,delivered,deliveredShare,pending,failed,\
        latencyMs.p50,latencyMs.p90,latencyMs.p99,latencyMs.max,latencyMs.clamped,cost,currency,\
        failedCost,refusedPrices,unpriced";
    assert_eq!(lines.next(), Some(header));
    let first =
        r#""Info,SMS",REJECTED,72,72,72,0,0,0,72,3000,6000,6000,6000,0,0.7488,EUR,0.7488,0,0"#;
    assert_eq!(lines.next(), Some(first));
    assert_eq!(lines.count(), 2);
    let bare = View { format: FormatName::Tsv, width: None, header: false, ..VIEW };
    assert!(shown(&summary, &bare).starts_with("Info,SMS\tREJECTED\t72\t"));
}

#[test]
fn csv_without_messages_is_only_the_header() {
    let text = shown(&summary(&[Key::Channel], &[]), &View { format: FormatName::Csv, ..VIEW });
    assert_eq!((text.lines().count(), text.starts_with("channel,messages,")), (1, true));
}

#[test]
fn json_is_one_document_and_jsonl_has_one_line_per_group() {
    let summary = summary(&[Key::Status], &rows(r#""A\u202e\u001b[2J""#));
    for width in [None, Some(80)] {
        let text = shown(&summary, &View { format: FormatName::Json, width, ..VIEW });
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(json["total"]["messages"], 360);
        assert_eq!(text.lines().count() > 1, width.is_some());
    }
    let text = shown(&summary, &View { format: FormatName::Jsonl, ..VIEW });
    assert_eq!(text.lines().count(), 3);
    for line in text.lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(row["status"].is_string() && row["cost"]["EUR"].is_number());
    }
}

#[test]
fn the_name_of_a_sender_cannot_drive_a_terminal() {
    let summary = summary(&[Key::Sender], &rows(r#""A\u202e\u001b[2J\n::error::""#));
    for format in [FormatName::Table, FormatName::Json, FormatName::Csv, FormatName::Tsv] {
        let text = shown(&summary, &View { format, ..VIEW });
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{format:?}");
    }
}

#[test]
fn a_pipe_gets_ascii_and_a_machine_format_every_group() {
    let mut rows = rows(r#""InfoSMS""#);
    for at in 0..100 {
        rows.push(format!(r#"{{"from":"S{at}"}}"#));
    }
    let summary = summary(&[Key::Sender], &rows);
    let text = shown(&summary, &View { width: None, ..VIEW });
    assert!(text.is_ascii(), "{text}");
    assert!(text.contains("\n96 more groups, see --top"), "{text}");
    assert!(text.contains("without a time of sending: 100 messages"));
    let choice = GroupChoice { min: 2, top: Some(2), ..GroupChoice::default() };
    let mut out = Vec::new();
    render(&summary, None, choice, &View { width: None, ..VIEW }, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(text.contains("\n100 small groups, see --min"), "{text}");
    assert!(!text.contains("--top"), "{text}");
    let text = shown(&summary, &View { format: FormatName::Tsv, ..VIEW });
    assert!((0..100).all(|at| text.contains(&format!("S{at}\t"))), "{text}");
}

#[test]
fn top_and_min_choose_the_groups_of_every_format_and_sort_their_order() {
    let mut rows = rows(r#""Big""#);
    rows.extend(
        (0..3).map(|_| r#"{"from":"Small","status":{"name":"REJECTED_NETWORK"}}"#.to_owned()),
    );
    rows.push(r#"{"from":"One"}"#.to_owned());
    let summary = summary(&[Key::Sender], &rows);
    let names = |choice: GroupChoice| {
        let view = View { format: FormatName::Tsv, width: None, header: false, ..VIEW };
        let mut out = Vec::new();
        render(&summary, None, choice, &view, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        text.lines().map(|line| line.split('\t').next().unwrap()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(names(GroupChoice::default()), "Big Small One");
    assert_eq!(names(GroupChoice { top: Some(2), ..GroupChoice::default() }), "Big Small");
    assert_eq!(names(GroupChoice { min: 3, ..GroupChoice::default() }), "Big Small");
    let sort = Some(OrderName::Delivered);
    assert_eq!(names(GroupChoice { sort, top: Some(1), min: 2 }), "Small");
}

#[test]
fn eighty_columns_and_twenty_two_lines_show_the_share_over_time_and_the_worst() {
    let text = shown(&summary(&[Key::Channel], &rows(r#""InfoSMS""#)), &VIEW);
    let wanted = "\
75.0% delivered of 288 final · last 1h 75.0%, 75.0% before (0.0 points)
360 messages · 72 failed · 72 pending · latency p50 3.0 s · p90 6.0 s
cost 3.7440 EUR · failed messages 0.7488 EUR

Delivered share by hour, UTC
100% ▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂
     ████████████████████████████████████████████████████████████████████████
  0% ████████████████████████████████████████████████████████████████████████
     11-20 00:00 12:00       11-21 00:00 12:00       11-22 00:00 12:00

CHANNEL  MSGS  DELIV  PEND  FAIL    P50    P90    P99        COST
SMS       360  75.0%    72    72  3.0 s  6.0 s  6.0 s  3.7440 EUR  ███████▒▒░░
█ delivered  ▒ pending  ░ failed

worst error    REJECTED_NETWORK  72 (100% of failures)
               network is not available: omnilogs explain REJECTED_NETWORK
worst sender   InfoSMS  75.0% of 288
";
    assert_eq!(text, wanted);
    assert!(text.lines().count() <= 22);
}

#[test]
fn a_narrow_terminal_shortens_bars_before_the_headings_of_keys() {
    let rows = rows(r#""InfoSMS""#);
    for (keys, title) in
        [(Key::Channel, "CHANNEL"), (Key::StatusName, "STATUS NAME"), (Key::Country, "COUNTRY")]
    {
        let summary = summary(&[keys], &rows);
        for width in 40..=80 {
            let text = shown(&summary, &View { width: Some(width), ..VIEW });
            assert!(text.contains(&format!("\n{title}  ")), "{width}:\n{text}");
            assert!(text.lines().all(|line| columns(line) <= width), "{width}:\n{text}");
        }
    }
}

#[test]
fn the_large_chart_is_shown_on_request() {
    let summary = summary(&[Key::Channel], &rows(r#""InfoSMS""#));
    let text = shown(&summary, &View { chart: true, ..VIEW });
    assert!(text.contains("\nMessages sent by hour, UTC\n"), "{text}");
    assert!(text.contains("D DELIVERED 216  P PENDING 72  R REJECTED 72"), "{text}");
    assert!(text.contains("\nLatency by hour: p50 up to 4.0 s, p90 up to 6.0 s\n"), "{text}");
}

#[test]
fn another_window_is_shown_beside_each_group_and_in_each_format() {
    let now = summary(&[Key::Channel], &rows(r#""InfoSMS""#));
    let earlier = vec![rows(r#""A""#)[0].clone()];
    let earlier = EarlierWindow {
        label: "yesterday".to_owned(),
        summary: summary(&[Key::Channel], &earlier),
    };
    let of = |format| {
        let mut out = Vec::new();
        let view = View { format, ..VIEW };
        render(&now, Some(&earlier), GroupChoice::default(), &view, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    let table = of(FormatName::Table);
    assert!(
        table.starts_with("75.0% delivered of 288 final · yesterday 100% of 1 (-25.0 points)\n")
    );
    assert!(table.contains("DELIV  BEFORE") && table.contains("75.0%    100%"), "{table}");
    let csv = of(FormatName::Csv);
    assert!(csv.lines().next().unwrap().ends_with(
        ",unpriced,before.messages,before.final,before.delivered,before.deliveredShare"
    ));
    assert!(csv.lines().nth(1).unwrap().ends_with(",1,1,1,1"), "{csv}");
    let json: serde_json::Value = serde_json::from_str(&of(FormatName::Json)).unwrap();
    assert_eq!(json["before"]["messages"], 1);
    assert_eq!(json["groups"][0]["before"]["deliveredShare"], 1.0);
    let line: serde_json::Value = serde_json::from_str(&of(FormatName::Jsonl)).unwrap();
    assert_eq!(line["before"]["final"], 1);
}

#[test]
fn markdown_has_the_sentences_as_a_list_and_the_groups_as_a_table() {
    let summary = summary(&[Key::Sender, Key::Status], &rows(r#""A|B @all""#));
    let text = shown(&summary, &View { format: FormatName::Md, width: None, ..VIEW });
    assert!(text.starts_with("- 75.0% delivered of 288 final · "), "{text}");
    let table = "\n\n| sender | status | messages | delivered | pending | failed | p50 | p90 | cost |\n\
        | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n\
        | A\\|B &#64;all | REJECTED | 72 | 0% | 0 | 72 | 3.0 s | 6.0 s | 0.7488 EUR |\n";
    assert!(text.contains(table), "{text}");
    let choice = GroupChoice { top: Some(1), ..GroupChoice::default() };
    let mut out = Vec::new();
    render(&summary, None, choice, &View { format: FormatName::Md, ..VIEW }, &mut out).unwrap();
    assert!(String::from_utf8(out).unwrap().ends_with("\n\n2 more groups not shown\n"));
}

#[test]
fn nothing_one_message_and_only_pending_ones_have_a_screen() {
    let nothing = summary(&[Key::Channel], &[]);
    assert_eq!(shown(&nothing, &VIEW), "");
    assert!(shown(&nothing, &View { width: None, ..VIEW }).starts_with("CHANNEL  MSGS"));
    let one = shown(&summary(&[Key::Channel], &rows(r#""A""#)[..1]), &VIEW);
    assert!(
        one.starts_with("100% delivered of 1 final\n1 message · 0 failed · 0 pending"),
        "{one}"
    );
    assert!(!one.contains("worst"), "{one}");
    let pending = rows(r#""A""#)[3..4].to_vec();
    let pending = shown(&summary(&[Key::Channel], &pending), &VIEW);
    assert!(
        pending.starts_with("no message with a final status yet\n1 message · 0 failed · 1 pending")
    );
    assert!(!pending.contains("Delivered share"), "{pending}");
}

/// The columns of a line on a terminal, where colours take none.
fn columns(line: &str) -> usize {
    let mut plain = String::new();
    let mut parts = line.split('\u{1b}');
    let _ = write!(plain, "{}", parts.next().unwrap());
    for part in parts {
        let (_, rest) = part.split_once('m').expect("a colour ends");
        let _ = write!(plain, "{rest}");
    }
    omnilogs::sink::width::display_width(&plain)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn nothing_is_wider_than_the_terminal(
        width in 1_usize..220,
        colour in any::<bool>(),
        sender in "[a-z日本é ]{1,60}",
        has_marks in any::<bool>(),
    ) {
        let mut rows = rows(&format!("{sender:?}"));
        if has_marks {
            // Enough of one hour and sender that the others are too few to draw.
            let row = rows[0].replacen(&format!("{sender:?}"), "\"Bulk\"", 1);
            rows.extend(std::iter::repeat_n(row, 1000));
        }
        let summary = summary(&[Key::Sender, Key::Status], &rows);
        let text = shown(&summary, &View { width: Some(width), colour, ..VIEW });
        for line in text.lines() {
            // No word is broken, so that a code can be copied; all words here fit 20 columns.
            prop_assert!(columns(line) <= width.max(20), "{width}: {line}");
            prop_assert!(colour || !line.contains('\x1b'));
        }
    }
}

#[test]
fn the_time_of_an_incident_has_a_date_only_if_the_window_has_that_time_of_day_twice() {
    let row = |minute: i64| {
        // From 22:00; the messages fail from 23:40.
        let sent = chrono::DateTime::from_timestamp(1_795_384_800 + minute * 60, 0).unwrap();
        let name =
            if minute >= 100 { "UNDELIVERABLE_NOT_DELIVERED" } else { "DELIVERED_TO_HANDSET" };
        let group = name.split('_').next().unwrap();
        let sent = sent.to_rfc3339();
        format!(
            r#"{{"channel":"SMS","sentAt":"{sent}","doneAt":"{sent}",
            "status":{{"groupName":"{group}","name":"{name}"}}}}"#
        )
    };
    let since = |minutes: std::ops::Range<i64>| {
        let rows: Vec<_> = minutes.flat_map(|minute| vec![row(minute); 6]).collect();
        let summary = summary(&[Key::Channel], &rows);
        headline::period(summary.findings.incident.as_ref().unwrap(), &summary)
    };
    assert_eq!(since(0..180), "since 23:40");
    assert_eq!(since(-1400..180), "since 11-22 23:40");
}
