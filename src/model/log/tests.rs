use super::*;

fn read(json: &str) -> (Log, Vec<Anomaly>) {
    let mut anomalies = Vec::new();
    let log = Log::read(json, |anomaly| anomalies.push(anomaly));
    (log, anomalies)
}

#[test]
fn every_documented_field_is_found_in_its_object() {
    let (log, anomalies) = read(
        r#"{"messageId":"m1","channel":"PUSH","messageCount": 2,"mccMnc":"22801",
            "price":{"pricePerMessage":0.0100,"currency":"EUR"},
            "status":{"groupId":3,"groupName":"DELIVERED","id":5,"name":"DELIVERED_TO_HANDSET"},
            "error":{"id":0,"permanent":false},"sentAt":"2015-02-23T17:40:31.773+0100",
            "doneAt":"2015-02-23T17:40:31.787+0100"}"#,
    );
    assert_eq!(anomalies, []);
    assert_eq!(log.cell(Field::PricePerMessage), Cell::Number("0.0100"));
    assert_eq!(log.cell(Field::Mccmnc).into_text(), "22801");
    assert_eq!(log.cell(Field::ErrorPermanent), Cell::Bool(false));
    assert_eq!(log.cell(Field::BulkId), Cell::Missing);
    assert_eq!(log.status_group(), Some(StatusGroup::Delivered));
    assert_eq!(log.latency_millis(), Some(14));
}

#[test]
fn the_last_of_two_equal_keys_counts_and_the_row_is_reported() {
    let (log, anomalies) = read(r#"{"to":"a","to":"b"}"#);
    assert_eq!(
        (log.cell(Field::To).into_text().as_ref(), anomalies),
        ("b", vec![Anomaly::DuplicateKey])
    );
    let (log, anomalies) = read(r#"{"new":1,"new":2,"to":"c"}"#);
    assert_eq!(
        (log.cell(Field::To).into_text().as_ref(), anomalies),
        ("c", vec![Anomaly::DuplicateKey])
    );
}

#[test]
fn a_field_of_the_wrong_type_costs_its_cell_and_not_the_row() {
    let (log, anomalies) =
        read(r#"{"status":"gone","messageCount":{"a":1},"to":41793026727,"text":null}"#);
    assert_eq!(anomalies, [Anomaly::WrongType]);
    assert_eq!(log.cell(Field::StatusName), Cell::Missing);
    assert_eq!(log.cell(Field::MessageCount).into_text(), r#"{"a":1}"#);
    assert_eq!(log.cell(Field::To).into_text(), "41793026727");
    assert_eq!(log.cell(Field::Text), Cell::Null);
}

#[test]
fn a_group_that_cannot_be_read_costs_its_own_cells_only() {
    for group in
        ["null", "7", "1e999", "[{\"id\":1}]", "\"gone\"", "\"\\ud800\"", "{\"\\ud800\":1}"]
    {
        let row = format!(
            r#"{{"price":{{"currency":"EUR"}},"status":{group},"error":{{"id":5}},"to":"x"}}"#
        );
        let (log, anomalies) = read(&row);
        assert!(!anomalies.contains(&Anomaly::UnreadableRow), "{row}");
        assert_eq!(log.cell(Field::StatusId), Cell::Missing, "{row}");
        let cells = [Field::Currency, Field::ErrorId, Field::To].map(|field| log.cell(field));
        assert_eq!(cells.map(Cell::into_text), ["EUR", "5", "x"], "{row}");
    }
}

#[test]
fn a_row_that_is_not_an_object_is_kept_as_sent() {
    let (log, anomalies) = read("[1,2]");
    assert_eq!((log.json(), anomalies), ("[1,2]", vec![Anomaly::UnreadableRow]));
    assert_eq!(log.cell(Field::To), Cell::Missing);
}

#[test]
fn a_date_that_is_not_valid_is_reported() {
    let (log, anomalies) = read(r#"{"sentAt":"2015-02-30T00:00:00+0100"}"#);
    assert_eq!((log.sent_at(), anomalies), (None, vec![Anomaly::UnreadableDate]));
}

#[test]
fn rows_without_an_id_are_identified_by_their_text() {
    let (one, _) = read(r#"{"messageId":"","to":"1"}"#);
    let (two, _) = read(r#"{"messageId":null,"to":"1"}"#);
    let (with, _) = read(r#"{"messageId":"x","channel":"SMS"}"#);
    let (other, _) = read(r#"{"messageId":"x","channel":"VIBER"}"#);
    assert_ne!(one.identity(), two.identity());
    assert_ne!(with.identity(), other.identity());
}

#[test]
fn an_unknown_field_can_be_nested_a_hundred_thousand_levels_deep() {
    let deep = format!(r#"{{"new":{}{},"to":"x"}}"#, "[".repeat(100_000), "]".repeat(100_000));
    let (log, anomalies) = read(&deep);
    assert_eq!((log.cell(Field::To).into_text().as_ref(), anomalies), ("x", vec![]));
}

#[test]
fn names_of_other_endpoints_are_read_unless_the_documented_name_is_there() {
    let text = |json: &str, field| Log::new(json).cell(field).into_text().into_owned();
    let newer = r#"{"sender":"S","destination":"D","content":{"text":"T","x":1},"smsCount":3}"#;
    assert_eq!(text(newer, Field::From), "S");
    assert_eq!(text(newer, Field::To), "D");
    assert_eq!(text(newer, Field::Text), "T");
    assert_eq!(text(newer, Field::MessageCount), "3");
    let anomalies = |json: &str| {
        let mut anomalies = Vec::new();
        Log::new(json).check(|anomaly| anomalies.push(anomaly));
        anomalies
    };
    for both in [
        r#"{"to":"a","destination":"b","content":{"text":"b"},"text":"a"}"#,
        r#"{"destination":"b","to":"a","text":"a","content":{"text":"b"}}"#,
    ] {
        assert_eq!((text(both, Field::To), text(both, Field::Text)), ("a".into(), "a".into()));
        assert_eq!(anomalies(both), []);
    }
    let twice = r#"{"destination":"a","destination":"b"}"#;
    assert_eq!(
        (text(twice, Field::To), anomalies(twice)),
        ("b".into(), vec![Anomaly::DuplicateKey])
    );
    for content in [r#"[{"text":"a"}]"#, "null", r#"{"text":{"a":1}}"#] {
        let row = format!(r#"{{"content":{content},"destination":"D"}}"#);
        assert_eq!(text(&row, Field::To), "D", "{content}");
    }
}

#[test]
fn a_documented_name_without_a_value_gives_way_to_the_other_name() {
    for none in ["null", r#""""#] {
        for members in [
            format!(r#""to":{none},"text":{none},"destination":"b","content":{{"text":"c"}}"#),
            format!(r#""destination":"b","content":{{"text":"c"}},"to":{none},"text":{none}"#),
        ] {
            let (log, anomalies) = read(&format!("{{{members}}}"));
            assert_eq!(log.cell(Field::To).into_text(), "b", "{members}");
            assert_eq!(log.cell(Field::Text).into_text(), "c", "{members}");
            assert_eq!(anomalies, [], "{members}");
        }
        for row in [
            format!(r#"{{"to":"a","destination":{none}}}"#),
            format!(r#"{{"destination":{none},"to":"a"}}"#),
        ] {
            let (log, anomalies) = read(&row);
            assert_eq!((&*log.cell(Field::To).into_text(), anomalies), ("a", vec![]), "{row}");
        }
        let (log, anomalies) = read(&format!(r#"{{"to":{none},"destination":"b","to":"a"}}"#));
        let expected = ("a", vec![Anomaly::DuplicateKey]);
        assert_eq!((&*log.cell(Field::To).into_text(), anomalies), expected);
    }
    let (log, _) = read(r#"{"destination":"","to":null}"#);
    assert_eq!(log.cell(Field::To), Cell::Null);
}

#[test]
fn a_content_that_is_a_string_is_the_text() {
    let (log, anomalies) = read(r#"{"content":"a text","text":null,"destination":"D"}"#);
    assert_eq!(log.cell(Field::Text).into_text(), "a text");
    assert_eq!((&*log.cell(Field::To).into_text(), anomalies), ("D", vec![]));
    let (log, _) = read(r#"{"content":"b","text":"a"}"#);
    assert_eq!(log.cell(Field::Text).into_text(), "a");
    // No other group has a text in its place.
    let (log, _) = read(r#"{"price":"b","error":"c","destination":"D"}"#);
    assert_eq!(log.cell(Field::Text), Cell::Missing);
}
