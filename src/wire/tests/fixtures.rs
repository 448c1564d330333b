//! The eleven responses in the documentation of the API, byte for byte.

use crate::model::{Field, Log};
use crate::wire::*;

macro_rules! fixture {
    ($name:literal) => {
        decode(
            include_bytes!(concat!("../../../tests/fixtures/api/", $name)),
            Some(if $name.ends_with("xml") { "application/xml" } else { "application/json" }),
            DecodeOptions::default(),
        )
        .unwrap()
    };
}

/// The cells of a row that are not empty; prices as numbers.
fn cells(log: &Log) -> Vec<(Field, String)> {
    let cell = |field: Field| {
        let text = log.cell(field).into_text().into_owned();
        match field {
            Field::PricePerMessage => {
                (field, text.parse::<f64>().map(|price| price.to_string()).unwrap())
            }
            _ => (field, text),
        }
    };
    Field::ALL.into_iter().filter(|field| !log.cell(*field).is_empty()).map(cell).collect()
}

/// Where two rows differ: the field, and the text in each row.
fn differences(one: &Log, other: &Log) -> Vec<(Field, String, String)> {
    assert_eq!(cells(one).len(), cells(other).len());
    let pairs = cells(one).into_iter().zip(cells(other));
    pairs.filter(|(a, b)| a != b).map(|((field, a), (_, b))| (field, a, b)).collect()
}

fn ids(page: &Page) -> Vec<String> {
    page.logs
        .iter()
        .map(|log| {
            let id = log.cell(Field::MessageId).into_text();
            format!("{} {}", &id[..8], log.cell(Field::Channel).into_text())
        })
        .collect()
}

#[test]
fn the_printed_responses_give_exactly_their_rows() {
    for (page, commas, wanted) in [
        (fixture!("first-response.json"), true, vec!["1f21d8d7 SMS"]),
        (fixture!("no-parameters.json"), true, vec!["07e03aae SMS", "1f21d8d7 PUSH"]),
        (fixture!("no-parameters.xml"), false, vec!["f97d3b99 SMS", "07e03aae PUSH"]),
        (fixture!("bulk-ids.json"), true, vec!["07e03aae SMS", "faa48fe6 VOICE"]),
        (fixture!("bulk-ids.xml"), false, vec!["07e03aae SMS", "faa48fe6 VOICE"]),
        (fixture!("channel.json"), false, vec!["07e03aae PUSH", "faa48fe6 PUSH"]),
        (fixture!("channel.xml"), false, vec!["07e03aae PUSH", "faa48fe6 PUSH"]),
        (fixture!("date-range-and-status.json"), false, vec!["fdf71ada VIBER"]),
        (fixture!("date-range-and-status.xml"), false, vec!["fdf71ada VIBER"]),
        (fixture!("from-to-limit.json"), true, vec!["fc0cbfb8 VIBER"]),
        (fixture!("from-to-limit.xml"), false, vec!["fc0cbfb8 VIBER"]),
    ] {
        assert_eq!(ids(&page), wanted);
        assert_eq!(page.anomalies.has(Anomaly::TrailingCommas), commas, "{wanted:?}");
        assert_eq!(page.anomalies.iter().count(), usize::from(commas), "{wanted:?}");
    }
}

#[test]
fn a_printed_row_has_every_cell_that_is_printed() {
    let page = fixture!("first-response.json");
    let cells: Vec<(Field, String)> = cells(&page.logs[0]);
    let wanted = [
        (Field::BulkId, "06479ba3-5977-47f6-9346-fee0369bc76b"),
        (Field::MessageId, "1f21d8d7-f306-4f53-9f6e-eddfce9849ea"),
        (Field::Channel, "SMS"),
        (Field::To, "41793026727"),
        (Field::From, "1234"),
        (Field::Text, "Test SMS."),
        (Field::SentAt, "2015-02-23T17:40:31.773+0100"),
        (Field::DoneAt, "2015-02-23T17:40:31.787+0100"),
        (Field::MessageCount, "1"),
        (Field::PricePerMessage, "0.01"),
        (Field::Currency, "EUR"),
        (Field::StatusGroupId, "3"),
        (Field::StatusGroupName, "DELIVERED"),
        (Field::StatusId, "5"),
        (Field::StatusName, "DELIVERED_TO_HANDSET"),
        (Field::StatusDescription, "Message delivered to handset"),
    ];
    assert_eq!(cells, wanted.map(|(field, text)| (field, text.to_owned())));
}

#[test]
fn a_message_printed_in_both_formats_is_the_same_cell_by_cell() {
    // Every difference is in the documentation itself.
    let differs = |field, a: &str, b: &str| vec![(field, a.to_owned(), b.to_owned())];
    let (json, xml) = (fixture!("channel.json"), fixture!("channel.xml"));
    assert_eq!(differences(&json.logs[0], &xml.logs[0]), []);
    assert_eq!(
        differences(&json.logs[1], &xml.logs[1]),
        differs(Field::Text, "Test message nr. 2", "PUSH message nr. 2")
    );
    let (json, xml) = (fixture!("bulk-ids.json"), fixture!("bulk-ids.xml"));
    assert_eq!(differences(&json.logs[0], &xml.logs[0]), []);
    assert_eq!(
        differences(&json.logs[1], &xml.logs[1]),
        differs(Field::Text, "Test Voice Message.", "Test Voice message.")
    );
    let (json, xml) = (fixture!("from-to-limit.json"), fixture!("from-to-limit.xml"));
    assert_eq!(differences(&json.logs[0], &xml.logs[0]), differs(Field::StatusId, "5", "6"));
    let json = fixture!("date-range-and-status.json");
    let xml = fixture!("date-range-and-status.xml");
    let dates = differences(&json.logs[0], &xml.logs[0]);
    assert_eq!(
        dates.iter().map(|(field, ..)| *field).collect::<Vec<_>>(),
        [Field::SentAt, Field::DoneAt]
    );
    assert!(dates.iter().all(|(_, a, b)| a[4..] == b[4..]));
}

#[test]
fn an_xml_row_is_the_json_row_without_its_layout() {
    let (json, xml) = (fixture!("channel.json"), fixture!("channel.xml"));
    let value = |log: &Log| serde_json::from_str::<serde_json::Value>(log.json()).unwrap();
    assert_eq!(value(&json.logs[0]), value(&xml.logs[0]));
    assert!(!xml.logs[0].json().contains('\n'));
}

#[test]
fn a_price_keeps_its_digits() {
    let page = fixture!("bulk-ids.xml");
    let price = |row: usize| page.logs[row].cell(Field::PricePerMessage).into_text().into_owned();
    assert_eq!((price(0).as_str(), price(1).as_str()), ("0.0100", "0.0000"));
}
