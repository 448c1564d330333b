use proptest::prelude::*;
use serde_json::Value as Json;

use super::*;

/// A row as the API sends it.
#[derive(Clone, Debug)]
struct Message {
    channel: &'static str,
    status: (&'static str, &'static str),
    minute: u32,
    latency_millis: u32,
    price: &'static str,
    currency: &'static str,
    segments: u32,
}

const DELIVERED: (&str, &str) = ("DELIVERED", "DELIVERED_TO_HANDSET");
const TO_OPERATOR: (&str, &str) = ("DELIVERED", "DELIVERED_TO_OPERATOR");
const PENDING: (&str, &str) = ("PENDING", "PENDING_ENROUTE");
const EXPIRED: (&str, &str) = ("EXPIRED", "EXPIRED_EXPIRED");
const UNHEARD_OF: (&str, &str) = ("SEEN", "SEEN_BY_READER");

const SMS: Message = Message {
    channel: "SMS",
    status: DELIVERED,
    minute: 0,
    latency_millis: 1500,
    price: "0.0100",
    currency: "EUR",
    segments: 1,
};

impl Message {
    fn log(&self) -> Log {
        let sent = Timestamp::from_millis(1_795_305_600_000 + i64::from(self.minute) * 60_000);
        let done = sent.plus_millis(i64::from(self.latency_millis));
        let json = format!(
            r#"{{"channel":"{}","from":"InfoSMS","sentAt":"{}","doneAt":"{}","messageCount":{},
            "price":{{"pricePerMessage":{},"currency":"{}"}},
            "status":{{"groupName":"{}","name":"{}"}}}}"#,
            self.channel,
            sent.to_wire(),
            done.to_wire(),
            self.segments,
            self.price,
            self.currency,
            self.status.0,
            self.status.1
        );
        Log::read(json, |_| ())
    }
}

fn counted(keys: &[Key], messages: &[Message]) -> Summary {
    let mut stats = Stats::new(keys.to_vec(), Zone::UTC);
    for message in messages {
        assert_eq!(stats.log(&message.log()).unwrap(), Flow::Continue);
    }
    stats.summary()
}

fn json(summary: &Summary) -> Json {
    serde_json::from_str(&serde_json::to_string(summary).unwrap()).unwrap()
}

#[test]
fn a_share_is_of_messages_with_a_final_status() {
    let messages = [
        SMS,
        Message { status: TO_OPERATOR, ..SMS },
        Message { status: PENDING, ..SMS },
        Message { status: EXPIRED, ..SMS },
        Message { status: UNHEARD_OF, ..SMS },
    ];
    let total = counted(&[], &messages).total;
    assert_eq!((total.messages, total.finals, total.delivered), (5, 2, 1));
    assert_eq!((total.pending(), total.failed()), (3, 1));
    assert_eq!(total.delivered_share(), Some(0.5));
    let none = counted(&[], &[Message { status: PENDING, ..SMS }]).total;
    assert_eq!((none.delivered_share(), none.latency), (None, None));
}

#[test]
fn a_handset_that_has_it_counts_as_delivered_without_a_group() {
    let mut stats = Stats::new(Vec::new(), Zone::UTC);
    let row = r#"{"status":{"name":"DELIVERED_TO_HANDSET"}}"#;
    stats.log(&Log::read(row, |_| ())).unwrap();
    assert_eq!(stats.summary().total.delivered, 1);
}

#[test]
fn groups_are_sorted_by_messages_and_hours_by_time() {
    let viber = Message { channel: "VIBER", minute: 65, ..SMS };
    let messages = [viber.clone(), SMS, viber];
    let first = |keys: &[Key]| {
        let group = &counted(keys, &messages).groups[0];
        (group.values[0].text().unwrap().into_owned(), group.figures.messages)
    };
    assert_eq!(first(&[Key::Channel]), ("VIBER".into(), 2));
    assert_eq!(first(&[Key::Hour]), ("2026-11-22T00:00:00+00:00".into(), 1));
}

#[test]
fn the_price_of_a_message_counts_once_however_many_segments_it_has() {
    let total = counted(&[], &[Message { segments: 3, ..SMS }]).total;
    assert_eq!((total.segments, total.cost[0].amount.to_string()), (3, "0.0100".into()));
}

#[test]
fn json_has_every_figure_and_every_digit() {
    let dear = Message { price: "1.5", currency: "USD", ..SMS };
    let summary = counted(&[Key::Channel, Key::Error], &[SMS, SMS, dear]);
    let text = serde_json::to_string(&summary).unwrap();
    assert!(text.contains(r#""cost":{"EUR":0.0200,"USD":1.5}"#), "{text}");
    let json = json(&summary);
    assert_eq!(json["groups"][0]["channel"], "SMS");
    assert_eq!(json["groups"][0]["error"], Json::Null);
    assert_eq!(json["total"]["latencyMs"]["p90"], 1500);
    assert_eq!(json["timeline"][0]["hour"], "2026-11-22T00:00:00+00:00");
    assert_eq!(json["timeline"][0]["status"]["DELIVERED"], 3);
    assert_eq!((&json["untimed"], &json["overflow"]), (&Json::from(0), &Json::from(0)));
}

#[test]
fn a_row_has_a_cell_for_every_column() {
    let dear = Message { price: "1.5", currency: "USD", ..SMS };
    let summary = counted(&[Key::Channel], &[SMS, dear]);
    let cells: Vec<_> =
        cells(&summary.groups[0]).into_iter().map(|cell| cell.into_text().into_owned()).collect();
    assert_eq!(cells.len(), 1 + FIGURES.len());
    assert_eq!(cells[..6], ["SMS", "2", "2", "2", "2", "1"]);
    assert_eq!(cells[13..], ["0.0100 1.5", "EUR USD", "0", "0"]);
}

#[test]
fn groups_beyond_the_bound_are_counted_together() {
    let mut stats = Stats::new(vec![Key::BulkId], Zone::UTC);
    for bulk in 0..MAX_GROUPS + 5 {
        stats.log(&Log::read(format!(r#"{{"bulkId":"b{bulk}"}}"#), |_| ())).unwrap();
    }
    stats.log(&Log::read(r#"{"bulkId":"b7"}"#, |_| ())).unwrap();
    let summary = stats.summary();
    assert_eq!((summary.groups.len(), summary.overflow()), (MAX_GROUPS + 1, 5));
    assert_eq!(summary.groups[0].values, [Value::Text("b7".into())]);
    assert_eq!(summary.groups[MAX_GROUPS].values, [Value::Other]);
    assert_eq!(summary.total.messages, MAX_GROUPS as u64 + 6);
    assert_eq!(summary.untimed, summary.total.messages);
}

#[test]
fn a_price_with_many_decimals_leaves_no_group_out_of_the_total() {
    let dear = Message { price: "1000", ..SMS };
    let tiny = Message { price: "1e-28", channel: "VIBER", ..SMS };
    let summary = counted(&[Key::Channel], &[dear, SMS, tiny]);
    assert_eq!(summary.total.cost[0].amount.to_string(), "1000.0100000000000000000000000001");
    assert_eq!(summary.total.refused_prices, 0);
}

#[test]
fn a_currency_that_is_refused_in_a_group_is_refused_in_the_total() {
    let names: Vec<String> = (0..200).map(|at| format!("C{at}")).collect();
    let mut stats = Stats::new(vec![Key::BulkId], Zone::UTC);
    for (at, name) in names.iter().enumerate() {
        let row = format!(
            r#"{{"bulkId":"b{}","price":{{"pricePerMessage":1,"currency":"{name}"}}}}"#,
            at % 7
        );
        stats.log(&Log::read(row, |_| ())).unwrap();
    }
    let summary = stats.summary();
    let refused: u64 = summary.groups.iter().map(|group| group.figures.refused_prices).sum();
    let sums: usize = summary.groups.iter().map(|group| group.figures.cost.len()).sum();
    assert_eq!((summary.total.refused_prices, refused), (200 - MAX_CURRENCIES as u64, refused));
    assert_eq!((summary.total.cost.len(), sums), (MAX_CURRENCIES, MAX_CURRENCIES));
}

#[test]
fn segments_of_absurd_numbers_add_up() {
    let mut stats = Stats::new(vec![Key::BulkId], Zone::UTC);
    for bulk in ["a", "b", "b"] {
        let row = format!(r#"{{"bulkId":"{bulk}","messageCount":{}}}"#, i64::MAX);
        stats.log(&Log::read(row, |_| ())).unwrap();
    }
    assert_eq!(stats.summary().total.segments, 3 * (u128::MAX >> 65));
}

#[test]
fn a_latency_of_millennia_in_each_group_is_the_latency_of_the_total() {
    let mut stats = Stats::new(vec![Key::BulkId], Zone::UTC);
    for bulk in 0..MAX_GROUPS {
        let row = format!(
            r#"{{"bulkId":"b{bulk}","sentAt":"2026-11-22T00:00:00Z","doneAt":"9999-12-31T00:00:00Z",
            "status":{{"groupName":"DELIVERED","name":"DELIVERED_TO_HANDSET"}}}}"#
        );
        stats.log(&Log::read(row, |_| ())).unwrap();
    }
    let latency = stats.summary().total.latency.unwrap();
    assert_eq!((latency.p50, latency.max), (latency.max, 251_606_908_800_000));
}

#[test]
fn key_texts_do_not_run_into_each_other() {
    let mut stats = Stats::new(vec![Key::Sender, Key::BulkId], Zone::UTC);
    for row in [
        r#"{"from":"ab","bulkId":"c"}"#,
        r#"{"from":"a","bulkId":"bc"}"#,
        r#"{"from":"abc"}"#,
        r#"{"bulkId":"abc"}"#,
    ] {
        stats.log(&Log::read(row, |_| ())).unwrap();
    }
    assert_eq!(stats.summary().groups.len(), 4);
}

#[test]
fn a_text_of_a_megabyte_does_not_stay_whole() {
    let mut stats = Stats::new(vec![Key::Sender], Zone::UTC);
    let long = "ж".repeat(1 << 19);
    stats.log(&Log::read(format!(r#"{{"from":"x{long}"}}"#), |_| ())).unwrap();
    let text = stats.summary().groups[0].values[0].text().unwrap().into_owned();
    assert_eq!((text.len(), text.ends_with("ж…")), (1 + 254 + 3, true));
}

fn messages() -> impl Strategy<Value = Vec<Message>> {
    let message = (
        prop::sample::select(vec!["SMS", "VIBER", "PUSH"]),
        prop::sample::select(vec![DELIVERED, TO_OPERATOR, PENDING, EXPIRED, UNHEARD_OF]),
        0_u32..3000,
        0_u32..90_000,
        prop::sample::select(vec![
            "0",
            "0.0100",
            "-0.0104",
            "12.5",
            "1e-28",
            "79228162514264337593543950335",
            "1e400",
            "null",
            "\"0,01\"",
        ]),
        prop::sample::select(vec!["EUR", "USD", "usd", ""]),
        1_u32..4,
    )
        .prop_map(|(channel, status, minute, latency_millis, price, currency, segments)| Message {
            channel,
            status,
            minute,
            latency_millis,
            price,
            currency,
            segments,
        });
    prop::collection::vec(message, 1..80)
}

proptest! {
    #[test]
    fn the_whole_is_the_sum_of_its_groups(messages in messages()) {
        let summary = counted(&[Key::Channel, Key::Status, Key::Hour], &messages);
        let total = &summary.total;
        let sum = |of: fn(&Figures) -> u64| summary.groups.iter().map(|g| of(&g.figures)).sum::<u64>();
        prop_assert_eq!(total.messages, messages.len() as u64);
        prop_assert_eq!(total.messages, sum(|f| f.messages));
        let segments = summary.groups.iter().map(|group| group.figures.segments).sum::<u128>();
        prop_assert_eq!(total.segments, segments);
        prop_assert_eq!(total.refused_prices, sum(|f| f.refused_prices));
        prop_assert_eq!(total.unpriced, sum(|f| f.unpriced));
        prop_assert_eq!(total.finals, sum(|f| f.finals));
        prop_assert_eq!(total.delivered, sum(|f| f.delivered));
        prop_assert_eq!(total.pending(), sum(Figures::pending));
        prop_assert_eq!(total.failed(), sum(Figures::failed));
        for cost in &total.cost {
            let of_groups = summary.groups.iter().flat_map(|g| &g.figures.cost);
            let parts = of_groups.filter(|c| c.currency == cost.currency).map(|c| &c.amount);
            prop_assert_eq!(&cost.amount, &Amount::sum(parts));
        }
        let longest = summary.groups.iter().filter_map(|g| Some(g.figures.latency?.max)).max();
        prop_assert_eq!(total.latency.map(|l| l.max), longest);
        let by_hour = summary.timeline.iter().map(HourFigures::messages).sum::<u64>();
        prop_assert_eq!(by_hour + summary.untimed, total.messages);
    }

    #[test]
    fn another_order_of_rows_gives_the_same_summary(messages in messages()) {
        let backwards: Vec<_> = messages.iter().rev().cloned().collect();
        let keys = [Key::Status, Key::Channel];
        prop_assert_eq!(json(&counted(&keys, &messages)), json(&counted(&keys, &backwards)));
    }
}
