use super::*;
use crate::model::Field;

fn redact(what: &str, json: &str) -> String {
    let redaction: Redaction = what.parse().unwrap();
    redaction.redact(&Log::read(json, |_| ())).json().to_owned()
}

#[test]
fn only_the_chosen_fields_change_and_every_other_byte_stays() {
    let row = r#"{ "to" :"41793026727", "from":"InfoSMS","text":"Your code\nis 1234","price":{"pricePerMessage":0.0100 }, "new":{"to":"41793026727"}}"#;
    assert_eq!(
        redact("to,from,text", row),
        r#"{ "to" :"41*******27", "from":"InfoSMS","text":"[17 characters]","price":{"pricePerMessage":0.0100 }, "new":{"to":"41793026727"}}"#
    );
    assert_eq!(redact("TO", row), row.replacen("41793026727", "41*******27", 1));
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
        r#"{"to":"41*******27","text":"***"}"#
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
fn a_row_that_cannot_be_read_is_hidden_whole() {
    assert_eq!(redact("to", r#"["41793026727"]"#), r#""[15 characters]""#);
    assert_eq!(redact("text", r#"{"\ud800":1,"to":"x"}"#), r#""[21 characters]""#);
}

#[test]
fn a_list_names_known_fields_only() {
    assert_eq!("to, Text".parse(), Ok(Redaction { to: true, from: false, text: true }));
    assert_eq!("to,phone".parse::<Redaction>(), Err(UnknownPart("phone".into())));
    assert_eq!("".parse::<Redaction>(), Err(UnknownPart(String::new())));
}
