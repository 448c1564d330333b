use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::model::Field;
use crate::sink::{
    Column, ColumnSelection, Csv, CsvOptions, Dialect, Json, JsonLines, RunEnd, Sink, Table,
    TableOptions, Xml,
};
use crate::stats::{Key, Stats};
use crate::zone::Zone;

fn redact(what: &str, json: &str) -> String {
    let redaction: Redaction = what.parse().unwrap();
    redaction.redact(&Log::read(json, |_| ())).json().to_owned()
}

#[test]
fn the_documented_fields_that_are_not_personal_stay_byte_for_byte() {
    let row = r#"{ "bulkId":"b-1","to" :"41793026727", "from":"InfoSMS","text":"Your code\nis 1234","messageCount":1,"mccmnc":"22801","sentAt":"2026-11-25T10:00:00.000+0000","doneAt":null,"price":{"pricePerMessage":0.0100 ,"currency":"EUR"}, "status":{"groupId":3,"groupName":"DELIVERED","id":5,"name":"DELIVERED_TO_HANDSET","description":"Message delivered to handset"},"error":{"id":0,"name":"NO_ERROR","permanent":false},"channel":"SMS","messageId":"90000000000000001" }"#;
    let expected =
        row.replace("41793026727", "41*******27").replace(r"Your code\nis 1234", "[17 characters]");
    assert_eq!(redact("to,from,text", row), expected);
    assert_eq!(redact("TO", row), row.replace("41793026727", "41*******27"));
}

#[test]
fn unknown_fields_are_hidden_whatever_they_contain() {
    assert_eq!(
        redact(
            "to,from,text",
            r#"{"cleanText":"I choose","subject":"","callbackData":{"customer":"Jane","age":41,"vip":true,"Jane Doe":[1.5,"x"]},"destination2":447700900111,"status":{"reason":"Jane"},"new":null}"#
        ),
        r#"{"cleanText":"[8 characters]","subject":"","callbackData":{"customer":"[4 characters]","age":"[2 characters]","vip":true,"***":["***","[1 character]"]},"destination2":"[12 characters]","status":{"reason":"[4 characters]"},"new":null}"#
    );
    // For every choice of fields: such a field may contain a destination as well as a text.
    assert_eq!(redact("to", r#"{"cleanText":"I choose"}"#), r#"{"cleanText":"[8 characters]"}"#);
}

#[test]
fn known_numbers_and_addresses_are_hidden_in_every_field() {
    assert_eq!(
        redact(
            "to,from,text",
            r#"{"bulkId":"b-447700900123","messageId":"jane.doe-1","to":"447700900123","from":"Shop <jane.doe@example.com>","status":{"description":"no route to +44 (7700) 900-123 for jane.doe@example.com, ask 41793026727"}}"#
        ),
        r#"{"bulkId":"b-44********23","messageId":"***-1","to":"44********23","from":"***@example.com","status":{"description":"no route to +44 (****) ***-*23 for ***@example.com, ask 41*******27"}}"#
    );
    // A number that begins like a known one is hidden as a whole.
    assert_eq!(
        redact(
            "to",
            r#"{"to":"447700900555","error":{"description":"447700900133 not known, 0900555 is"}}"#
        ),
        r#"{"to":"44********55","error":{"description":"44********33 not known, *****55 is"}}"#
    );
    assert_eq!(
        redact("to", r#"{"to":447700900123,"text":"Hi 07700 900123","from":"447700900123"}"#),
        r#"{"to":"44********23","text":"Hi 0**** ****23","from":"44********23"}"#
    );
}

#[test]
fn a_known_field_with_an_unexpected_value_is_hidden_like_an_unknown_field() {
    assert_eq!(
        redact(
            "text",
            r#"{"channel":"for Jane","sentAt":"when Jane comes","messageCount":"Jane","mccmnc":"447700900123","price":{"currency":["Jane Doe"],"pricePerMessage":{"a":"b"}},"status":"Jane","error":["Jane"]}"#
        ),
        r#"{"channel":"[8 characters]","sentAt":"[15 characters]","messageCount":"[4 characters]","mccmnc":"[12 characters]","price":{"currency":["[8 characters]"],"pricePerMessage":{"a":"[1 character]"}},"status":"[4 characters]","error":["[4 characters]"]}"#
    );
}

#[test]
fn the_previous_status_of_a_row_stays() {
    let row = Log::read(r#"{"to":"41793026727","status":{"name":"B"}}"#, |_| ());
    let redacted = Redaction::default().redact(&row.with_previous_status("PENDING_ENROUTE"));
    assert_eq!(redacted.previous_status().as_deref(), Some("PENDING_ENROUTE"));
    let redacted = Redaction::default().redact(&row.with_previous_status("said by Jane"));
    assert_eq!(redacted.previous_status().as_deref(), Some("[12 characters]"));
}

#[test]
fn a_redacted_row_is_read_like_any_other() {
    let log = Redaction::default()
        .redact(&Log::read(r#"{"to":"41793026727","text":"é","messageId":"m"}"#, |_| ()));
    assert_eq!(log.cell(Field::To).into_text(), "41*******27");
    assert_eq!(log.cell(Field::Text).into_text(), "[1 character]");
    assert_eq!(log.cell(Field::MessageId).into_text(), "m");
}

#[test]
fn no_spelling_of_a_field_gets_through() {
    assert_eq!(
        redact("to,text", r#"{"to":"41793026727","\u0074o":"41793026727","text":"\ud800a"}"#),
        r#"{"to":"41*******27","\u0074o":"41*******27","text":"[2 characters]"}"#
    );
    assert_eq!(
        redact("to,text", r#"{"to":41793026727,"text":{"body":"secret"}}"#),
        r#"{"to":"41*******27","text":{"body":"[6 characters]"}}"#
    );
    assert_eq!(
        redact("to,from", r#"{"to":4.1793026727E10,"from":417930.26727e5}"#),
        r#"{"to":"***","from":"***"}"#
    );
    assert_eq!(redact("from", r#"{"from":1234}"#), r#"{"from":"1234"}"#);
}

#[test]
fn nothing_to_hide_stays_as_it_is() {
    let row = r#"{"to":null,"text":"","from":true}"#;
    assert_eq!(redact("to,from,text", row), row);
}

#[test]
fn a_row_that_cannot_be_read_is_hidden_completely() {
    assert_eq!(redact("to", r#"["41793026727"]"#), r#""[15 characters]""#);
    assert_eq!(redact("text", r#"{"\ud800":1,"to":"x"}"#), r#"{"***":"[1 character]","to":"x"}"#);
}

#[test]
fn a_list_names_known_fields_only() {
    assert_eq!("to, Text".parse(), Ok(Redaction { to: true, from: false, text: true }));
    assert_eq!("to,phone".parse::<Redaction>(), Err(NotRedactable("phone".into())));
    assert_eq!("".parse::<Redaction>(), Err(NotRedactable(String::new())));
}

/// A number in the notations of people and programs.
fn written(number: &'static str) -> impl Strategy<Value = String> {
    let (country, rest) = number.split_at(2);
    prop::sample::select(vec![
        number.to_owned(),
        format!("+{number}"),
        format!("00{number}"),
        format!("+{country} ({}) {}-{}", &rest[..4], &rest[4..7], &rest[7..]),
        format!("0{rest}"),
        rest.to_owned(),
        rest.to_owned() + "7",
    ])
}

/// A text that contains a number, an address or a name.
fn personal() -> impl Strategy<Value = String> {
    let secret = prop_oneof![
        written(NUMBER),
        Just(MAILBOX.to_owned()),
        Just(format!("{MAILBOX}@example.com")),
        Just(NAME.to_owned()),
    ];
    ("[ a-z,;:]{0,6}", secret, "[ .!?]{0,3}").prop_map(|(a, secret, b)| format!("{a}{secret}{b}"))
}

const NUMBER: &str = "447700900123";
const MAILBOX: &str = "jane.doe";
const NAME: &str = "SECRET words";

/// A value of a field that the API does not have yet.
fn unknown() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        personal().prop_map(Value::from),
        Just(Value::from(447_700_900_123_u64)),
        Just(Value::from(7_700_900_123.5)),
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 16, 4, |inner| {
        let key = prop_oneof!["[a-z]{1,6}".prop_map(String::from), personal()];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key, inner), 0..4)
                .prop_map(|members| members.into_iter().collect::<Value>()),
        ]
    })
}

/// A row with a known number and a known address, which may also occur, like a text, in every other
/// field.
fn row() -> impl Strategy<Value = Value> {
    // Fields that keep their text, apart from known numbers and addresses.
    let id = || prop_oneof![written(NUMBER), Just(format!("x-{MAILBOX}"))];
    let fields = (written(NUMBER), personal(), id(), id(), id(), personal());
    let unknown_members = prop::collection::vec(("[a-zA-Z]{3,8}", unknown()), 0..4);
    (fields, unknown_members, unknown(), unknown()).prop_map(|(fields, members, one, two)| {
        let (to, text, bulk, message, description, channel) = fields;
        let mut row = json!({
            "to": to, "from": format!("Shop <{MAILBOX}@example.com>"), "text": text,
            "bulkId": bulk, "messageId": message, "channel": channel,
            "status": { "description": description, "groupName": one, "reason": two },
            "sentAt": text, "price": { "currency": channel, "pricePerMessage": one },
            "error": one, "mccmnc": two, "doneAt": two, "messageCount": one,
        });
        for (key, value) in members {
            row[format!("new{key}")] = value;
        }
        row
    })
}

/// The row in every format and column, and in the statistics.
fn in_every_format(row: &Log) -> String {
    let zone = Zone::UTC;
    let csv = |dialect, terminal| CsvOptions {
        columns: Some(Column::all().collect()),
        terminal,
        ..CsvOptions::new(dialect)
    };
    let table = |columns| TableOptions {
        width: None,
        colour: false,
        columns,
        header: true,
        truncate: false,
        changes: true,
        zone,
        today: None,
    };
    let mut out = Vec::new();
    let mut stats = Stats::new(Key::ALL.to_vec(), zone);
    {
        let mut write = |sink: fn(&mut Vec<u8>) -> Box<dyn Sink + '_>| {
            let mut sink = sink(&mut out);
            sink.begin().unwrap();
            sink.log(row).unwrap();
            sink.finish(&RunEnd::Complete).unwrap();
        };
        write(|out| Box::new(Json::indented(out)));
        write(|out| Box::new(JsonLines::new(out)));
        write(|out| Box::new(Xml::new(out)));
    }
    for dialect in [Dialect::Csv, Dialect::Tsv] {
        for terminal in [false, true] {
            let mut sink = Csv::new(&mut out, csv(dialect, terminal));
            sink.begin().unwrap();
            sink.log(row).unwrap();
        }
    }
    for columns in [
        ColumnSelection::Fitting,
        ColumnSelection::Wide,
        ColumnSelection::Chosen(Column::all().collect()),
    ] {
        let mut sink = Table::new(&mut out, table(columns));
        sink.begin().unwrap();
        sink.log(row).unwrap();
        sink.finish(&RunEnd::Complete).unwrap();
    }
    stats.log(row).unwrap();
    out.extend(serde_json::to_vec(&stats.summary()).unwrap());
    String::from_utf8(out).unwrap()
}

proptest! {
    #[test]
    fn nothing_personal_of_any_row_is_left_in_any_format(row in row()) {
        let redacted = Redaction::default().redact(&Log::read(row.to_string(), |_| ()));
        prop_assert!(serde_json::from_str::<Value>(redacted.json()).is_ok(), "{}", redacted.json());
        let left = in_every_format(&redacted);
        let lower = left.to_lowercase();
        prop_assert!(!lower.contains(MAILBOX) && !left.contains(NAME), "{}", left);
        // In any notation: stars replace the digits.
        let digits: String =
            left.chars().filter(|c| c.is_ascii_digit() || *c == '*' || c.is_alphabetic()).collect();
        for part in NUMBER.as_bytes()[2..].windows(7) {
            prop_assert!(!digits.contains(std::str::from_utf8(part).unwrap()), "{}", left);
        }
    }
}
