use proptest::prelude::*;
use serde_json::Value as Json;

use super::*;

/// A row as the API sends it.
#[derive(Clone, Debug)]
struct SampleMessage {
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

const SMS: SampleMessage = SampleMessage {
    channel: "SMS",
    status: DELIVERED,
    minute: 0,
    latency_millis: 1500,
    price: "0.0100",
    currency: "EUR",
    segments: 1,
};

impl SampleMessage {
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

fn counted(keys: &[Key], messages: &[SampleMessage]) -> Summary {
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
        SampleMessage { status: TO_OPERATOR, ..SMS },
        SampleMessage { status: PENDING, ..SMS },
        SampleMessage { status: EXPIRED, ..SMS },
        SampleMessage { status: UNHEARD_OF, ..SMS },
    ];
    let total = counted(&[], &messages).total;
    assert_eq!((total.messages, total.finals, total.delivered), (5, 2, 1));
    assert_eq!((total.pending(), total.failed()), (3, 1));
    assert_eq!(total.delivered_share(), Some(0.5));
    let none = counted(&[], &[SampleMessage { status: PENDING, ..SMS }]).total;
    assert_eq!((none.delivered_share(), none.latency), (None, None));
}

#[test]
fn a_status_of_delivery_counts_as_delivered_without_a_group() {
    let mut stats = Stats::new(Vec::new(), Zone::UTC);
    let row = r#"{"status":{"name":"DELIVERED_TO_HANDSET"}}"#;
    stats.log(&Log::read(row, |_| ())).unwrap();
    assert_eq!(stats.summary().total.delivered, 1);
}

#[test]
fn groups_are_sorted_by_failures_then_messages_and_buckets_by_time() {
    let viber = SampleMessage { channel: "VIBER", minute: 65, ..SMS };
    let messages = [viber.clone(), SMS, viber];
    let first = |keys: &[Key]| {
        let group = &counted(keys, &messages).groups[0];
        (group.values[0].text().unwrap().into_owned(), group.figures.messages)
    };
    assert_eq!(first(&[Key::Channel]), ("VIBER".into(), 2));
    let failed = SampleMessage { status: EXPIRED, channel: "PUSH", ..SMS };
    let summary = counted(&[Key::Channel], &[SMS, SMS, failed]);
    assert_eq!(summary.groups[0].values[0].text().unwrap(), "PUSH");
    assert_eq!(first(&[Key::Bucket]), ("2026-11-22T00:00:00+00:00".into(), 1));
}

#[test]
fn the_price_of_a_message_of_several_segments_counts_once() {
    let total = counted(&[], &[SampleMessage { segments: 3, ..SMS }]).total;
    assert_eq!((total.segments, total.cost[0].amount.to_string()), (3, "0.0100".into()));
}

#[test]
fn json_has_every_figure_and_every_digit() {
    let dear = SampleMessage { price: "1.5", currency: "USD", ..SMS };
    let summary = counted(&[Key::Channel, Key::Error], &[SMS, SMS, dear]);
    let text = serde_json::to_string(&summary).unwrap();
    assert!(text.contains(r#""cost":{"EUR":0.0200,"USD":1.5}"#), "{text}");
    let json = json(&summary);
    assert_eq!(json["groups"][0]["channel"], "SMS");
    assert_eq!(json["groups"][0]["error"], Json::Null);
    assert_eq!(json["total"]["latencyMs"]["p90"], 1500);
    assert_eq!(json["timeline"][0]["bucket"], "2026-11-22T00:00:00+00:00");
    assert_eq!(json["timeline"][0]["status"]["DELIVERED"], 3);
    assert_eq!((&json["untimed"], &json["overflow"]), (&Json::from(0), &Json::from(0)));
}

#[test]
fn a_row_has_a_cell_for_every_column() {
    let dear = SampleMessage { price: "1.5", currency: "USD", ..SMS };
    let summary = counted(&[Key::Channel], &[SMS, dear]);
    let cells: Vec<_> =
        cells(&summary.groups[0]).into_iter().map(|cell| cell.into_text().into_owned()).collect();
    assert_eq!(cells.len(), 1 + FIGURE_COLUMNS.len());
    assert_eq!(cells[..6], ["SMS", "2", "2", "2", "2", "1"]);
    assert_eq!(cells[13..], ["0.0100 1.5", "EUR USD", "0 0", "0", "0"]);
}

#[test]
fn groups_beyond_the_bound_are_counted_together() {
    let mut stats = Stats::new(vec![Key::BulkId], Zone::UTC);
    for bulk in 0..MAX_GROUPS + 5 {
        stats.log(&Log::read(format!(r#"{{"bulkId":"b{bulk}"}}"#), |_| ())).unwrap();
    }
    stats.log(&Log::read(r#"{"bulkId":"b7"}"#, |_| ())).unwrap();
    let summary = stats.summary();
    assert_eq!((summary.groups.len(), summary.overflow), (MAX_GROUPS + 1, 5));
    assert_eq!(summary.groups[0].values, [Value::Text("b7".into())]);
    assert_eq!(json(&summary)["overflow"], 5);
    assert_eq!(summary.groups[MAX_GROUPS].values, [Value::Other]);
    assert_eq!(summary.total.messages, MAX_GROUPS as u64 + 6);
    assert_eq!(summary.untimed, summary.total.messages);
}

#[test]
fn a_price_with_many_decimals_leaves_no_group_out_of_the_total() {
    let dear = SampleMessage { price: "1000", ..SMS };
    let tiny = SampleMessage { price: "1e-28", channel: "VIBER", ..SMS };
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
fn key_texts_of_different_rows_are_not_confused() {
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
fn a_text_of_a_megabyte_is_shortened() {
    let mut stats = Stats::new(vec![Key::Sender], Zone::UTC);
    let long = "ж".repeat(1 << 19);
    stats.log(&Log::read(format!(r#"{{"from":"x{long}"}}"#), |_| ())).unwrap();
    let text = stats.summary().groups[0].values[0].text().unwrap().into_owned();
    assert_eq!((text.len(), text.ends_with("ж…")), (1 + 254 + 3, true));
}

#[test]
fn the_cost_of_failed_messages_is_part_of_the_cost() {
    let failed = SampleMessage { status: EXPIRED, price: "0.5", ..SMS };
    let pending = SampleMessage { status: PENDING, price: "9", ..SMS };
    let summary = counted(&[Key::Channel], &[SMS, failed, pending]);
    for figures in [&summary.total, &summary.groups[0].figures] {
        let text = |costs: &[Cost]| costs.iter().map(|c| c.amount.to_string()).collect::<String>();
        assert_eq!(
            (text(&figures.cost), text(&figures.failed_cost)),
            ("9.5100".into(), "0.5".into())
        );
    }
    assert_eq!(json(&summary)["total"]["failedCost"]["EUR"].to_string(), "0.5");
}

#[test]
fn groups_are_sorted_by_the_chosen_order() {
    let row = |channel, status, price, latency_millis| SampleMessage {
        channel,
        status,
        latency_millis,
        price,
        ..SMS
    };
    let messages = [
        row("A", DELIVERED, "0.1", 10),
        row("A", DELIVERED, "0.1", 10),
        row("A", EXPIRED, "0.1", 10),
        row("B", EXPIRED, "0.01", 20),
        row("C", PENDING, "7", 0),
        row("C", PENDING, "7", 0),
        row("C", PENDING, "7", 0),
        row("C", PENDING, "7", 0),
    ];
    let mut summary = counted(&[Key::Channel], &messages);
    let mut order = |order| {
        summary.sort(order);
        summary.groups.iter().map(|g| g.values[0].text().unwrap().into_owned()).collect::<String>()
    };
    assert_eq!(order(Order::Failed), "ABC");
    assert_eq!(order(Order::Delivered), "BAC");
    assert_eq!(order(Order::Messages), "CAB");
    assert_eq!(order(Order::Cost), "CAB");
    assert_eq!(order(Order::Latency), "BAC");
}

/// A row of a message to a network, sent this many minutes after midnight.
fn row(minute: i64, network: &str, sender: &str, is_delivered: bool) -> Log {
    let sent = Timestamp::from_millis(1_795_305_600_000 + minute * 60_000);
    let status = if is_delivered {
        r#""status":{"name":"DELIVERED_TO_HANDSET"}"#
    } else {
        r#""status":{"name":"UNDELIVERABLE_NOT_DELIVERED"},"error":{"id":2048,"name":"EC_TIME_OUT"}"#
    };
    let json = format!(
        r#"{{"channel":"SMS","from":"{sender}","mccmnc":"{network}","sentAt":"{}","price":{{
        "pricePerMessage":0.25,"currency":"EUR"}},{status}}}"#,
        sent.to_wire()
    );
    Log::read(json, |_| ())
}

/// Three networks and two senders for three hours; one network fails between these minutes.
fn outage(from: i64, until: i64) -> Summary {
    let mut stats = Stats::new(vec![Key::Channel], Zone::UTC);
    for minute in 0..180 {
        for nth in 0..6 {
            let network = ["23410", "23415", "26201"][usize::try_from(nth % 3).unwrap()];
            let is_bad = network == "23415" && (from..until).contains(&minute);
            let is_delivered = if is_bad { minute % 3 == 0 } else { (minute + nth) % 12 != 0 };
            let sender = if network == "26201" { "Shop" } else { "Bank" };
            stats.log(&row(minute, network, sender, is_delivered)).unwrap();
        }
    }
    stats.summary()
}

#[test]
fn an_outage_of_one_network_is_found_with_its_start_network_error_and_sender() {
    let Findings { incident, network, reason, sender } = outage(145, 180).findings;
    let incident = incident.unwrap();
    assert_eq!((incident.start.format("%H:%M").to_string(), incident.end), ("02:25".into(), None));
    assert_eq!(incident.inside.finals + incident.outside.finals, 180 * 6);
    let quarters = incident.inside.failed();
    let cost = format!("{}.{:02}", quarters / 4, quarters % 4 * 25);
    assert_eq!(incident.failed_cost[0].amount.to_string(), cost);
    let network = network.unwrap();
    assert_eq!((network.channel.as_deref(), &*network.name), (Some("SMS"), "23415"));
    assert_eq!(network.inside.finals, 70);
    assert!(network.inside.delivered_share().unwrap() < 0.4);
    assert!(network.outside.delivered_share().unwrap() > 0.9);
    assert_eq!((&*reason.unwrap().name, &*sender.unwrap().name), ("EC_TIME_OUT", "Bank"));
}

#[test]
fn an_outage_that_is_over_has_an_end() {
    let incident = outage(60, 90).findings.incident.unwrap();
    assert_eq!(incident.start.format("%H:%M").to_string(), "01:00");
    assert_eq!(incident.end.unwrap().format("%H:%M").to_string(), "01:30");
}

#[test]
fn without_an_outage_the_worst_are_those_with_the_most_unusual_failures() {
    let findings = outage(0, 0).findings;
    assert_eq!(findings.incident, None);
    assert_eq!(&*findings.reason.unwrap().name, "EC_TIME_OUT");
    assert!(findings.network.is_some());
    let none = Stats::new(vec![Key::Channel], Zone::UTC).summary().findings;
    assert_eq!(none, Findings::default());
}

#[test]
fn where_nothing_was_delivered_the_worst_has_the_most_failures() {
    let mut stats = Stats::new(vec![Key::Channel], Zone::UTC);
    for (network, rows) in [("20815", 1), ("23415", 5), ("31026", 2)] {
        for minute in 0..rows {
            stats.log(&row(minute, network, "Bank", false)).unwrap();
        }
    }
    assert_eq!(&*stats.summary().findings.network.unwrap().name, "23415");
}

#[test]
fn json_has_the_incident_and_the_worst() {
    let json = json(&outage(145, 180));
    assert_eq!(json["incident"]["since"], "2026-11-22T02:25:00+00:00");
    assert_eq!(json["incident"]["until"], Json::Null);
    assert_eq!(json["worst"]["network"]["name"], "23415");
    assert_eq!(json["worst"]["network"]["channel"], "SMS");
    assert_eq!(json["worst"]["error"]["name"], "EC_TIME_OUT");
    assert_eq!(json["bucketSeconds"], 300);
}

#[test]
fn the_window_decides_the_width_of_buckets_unless_one_is_chosen() {
    const HOUR: i64 = 3_600_000;
    let width = |chosen: Option<u64>, hours: i64| {
        let chosen = chosen.and_then(BucketWidth::of_minutes);
        let window = Some((1_795_305_600_000, 1_795_305_600_000 + hours * HOUR));
        let mut stats = Stats::new(vec![Key::Bucket], Zone::UTC).with_buckets(chosen, window);
        for minute in 0..120 {
            stats.log(&row(minute, "23410", "Bank", true)).unwrap();
        }
        let summary = stats.summary();
        (summary.width.minutes(), summary.groups.len(), summary.timeline.len())
    };
    assert_eq!(width(None, 2), (5, 24, 24));
    assert_eq!(width(None, 48), (60, 2, 2));
    assert_eq!(width(Some(15), 48), (15, 8, 8));
}

#[test]
fn buckets_of_groups_become_wider_when_there_are_too_many_groups() {
    let mut stats = Stats::new(vec![Key::Bucket, Key::Sender], Zone::UTC);
    let rows = 3 * MAX_GROUPS as u64;
    for at in 0..rows {
        stats.log(&row(at.cast_signed() * 7, "23410", "Bank", true)).unwrap();
    }
    let summary = stats.summary();
    assert_eq!((summary.overflow, summary.total.messages), (0, rows));
    assert!(summary.groups.len() < MAX_GROUPS && summary.width.minutes() > 5);
    let sum: u64 = summary.groups.iter().map(|group| group.figures.messages).sum();
    assert_eq!(sum, rows);
    assert_eq!(summary.timeline.iter().map(BucketFigures::messages).sum::<u64>(), rows);
}

fn messages() -> impl Strategy<Value = Vec<SampleMessage>> {
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
        .prop_map(|(channel, status, minute, latency_millis, price, currency, segments)| {
            SampleMessage { channel, status, minute, latency_millis, price, currency, segments }
        });
    prop::collection::vec(message, 1..80)
}

proptest! {
    #[test]
    fn the_total_is_the_sum_of_the_groups(messages in messages()) {
        let summary = counted(&[Key::Channel, Key::Status, Key::Bucket], &messages);
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
        let by_bucket = summary.timeline.iter().map(BucketFigures::messages).sum::<u64>();
        prop_assert_eq!(by_bucket + summary.untimed, total.messages);
    }

    #[test]
    fn another_order_of_rows_gives_the_same_summary(messages in messages()) {
        let backwards: Vec<_> = messages.iter().rev().cloned().collect();
        let keys = [Key::Status, Key::Channel];
        prop_assert_eq!(json(&counted(&keys, &messages)), json(&counted(&keys, &backwards)));
    }
}
