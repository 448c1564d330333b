use std::fmt::Write as _;

use omnilogs::Log;
use omnilogs::zone::Zone;
use proptest::prelude::*;

use super::*;

const VIEW: View = View {
    format: FormatName::Table,
    width: Some(80),
    colour: false,
    zone: Zone::UTC,
    header: true,
    csv_safe: false,
};

/// Messages of three days, five an hour, one of which failed and one of which is pending.
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
    render(summary, view, &mut out).unwrap();
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
fn keys_are_channel_and_status_unless_others_are_named_each_once() {
    assert_eq!(parse_keys(None).unwrap(), [Key::Channel, Key::Status]);
    let keys = parse_keys(Some("bulk-id, hour,bulkId")).unwrap();
    assert_eq!(keys, [Key::BulkId, Key::Hour]);
}

#[test]
fn csv_has_a_header_and_a_group_a_line() {
    let summary = summary(&[Key::Sender, Key::Status], &rows(r#""Info,SMS""#));
    let text = shown(&summary, &View { format: FormatName::Csv, width: None, ..VIEW });
    let mut lines = text.lines();
    let header = "sender,status,messages,segments,final,delivered,deliveredShare,pending,failed,\
        latencyMs.p50,latencyMs.p90,latencyMs.p99,latencyMs.max,latencyMs.clamped,cost,currency,\
        refusedPrices,unpriced";
    assert_eq!(lines.next(), Some(header));
    let first =
        r#""Info,SMS",DELIVERED,216,216,216,216,1,0,0,3000,6000,6000,6000,0,2.2464,EUR,0,0"#;
    assert_eq!(lines.next(), Some(first));
    assert_eq!(lines.count(), 2);
    let bare = View { format: FormatName::Tsv, width: None, header: false, ..VIEW };
    assert!(shown(&summary, &bare).starts_with("Info,SMS\tDELIVERED\t216\t"));
}

#[test]
fn csv_without_messages_is_the_header_alone() {
    let text = shown(&summary(&[Key::Channel], &[]), &View { format: FormatName::Csv, ..VIEW });
    assert_eq!((text.lines().count(), text.starts_with("channel,messages,")), (1, true));
}

#[test]
fn json_is_one_document_and_jsonl_a_group_a_line() {
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
fn what_a_sender_calls_itself_cannot_drive_a_terminal() {
    let summary = summary(&[Key::Sender], &rows(r#""A\u202e\u001b[2J\n::error::""#));
    for format in [FormatName::Table, FormatName::Json, FormatName::Csv, FormatName::Tsv] {
        let text = shown(&summary, &View { format, ..VIEW });
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{format:?}");
    }
}

#[test]
fn a_pipe_gets_ascii_and_every_group() {
    let mut rows = rows(r#""InfoSMS""#);
    for at in 0..100 {
        rows.push(format!(r#"{{"from":"S{at}"}}"#));
    }
    let text = shown(&summary(&[Key::Sender], &rows), &View { width: None, ..VIEW });
    assert!(text.is_ascii(), "{text}");
    assert!((0..100).all(|at| text.contains(&format!("S{at} "))), "{text}");
    assert!(text.contains("in no hour of the timeline: 100 messages"));
}

#[test]
fn eighty_columns_show_the_groups_the_timeline_and_what_had_no_room() {
    let text = shown(&summary(&[Key::Channel, Key::Status], &rows(r#""InfoSMS""#)), &VIEW);
    let wanted = "\
360 messages · 360 segments · 75.0% of 288 final delivered · 72 pending
72 failed · latency p50 3.0 s · p90 6.0 s · p99 6.0 s · max 6.0 s
cost 3.7440 EUR

CHANNEL  STATUS     MSGS  DELIV  PEND  FAIL    P50    P90        COST
SMS      DELIVERED   216   100%     0     0  3.0 s  6.0 s  2.2464 EUR  ███████
SMS      PENDING      72      -    72     0      -      -  0.7488 EUR  ▒▒
SMS      REJECTED     72     0%     0    72  3.0 s  6.0 s  0.7488 EUR  ░░
█ delivered  ▒ pending  ░ failed
no room at 80 columns for P99, SHARE, MAX, SEGS; -o csv has all

Messages sent by hour, UTC
";
    assert!(text.starts_with(wanted), "{text}");
    assert!(text.contains("D DELIVERED 216  P PENDING 72  R REJECTED 72"), "{text}");
    assert!(text.contains("\nLatency by hour: p50 up to 4.0 s, p90 up to 6.0 s\n"), "{text}");
}

/// Columns that a line takes on a terminal, colours taken out.
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
            prop_assert!(columns(line) <= width, "{width}: {line}");
            prop_assert!(colour || !line.contains('\x1b'));
        }
    }
}
