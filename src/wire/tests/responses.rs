use crate::model::{Field, Log};
use crate::wire::{decode as decode_with, *};

const JSON: Option<&str> = Some("application/json;charset=UTF-8");

fn decode(body: &[u8], content_type: Option<&str>) -> Result<Page, DecodeError> {
    decode_with(body, content_type, DecodeOptions::default())
}

/// The page, with the anomalies of its fields added.
fn page(body: &str) -> Page {
    let mut page = decode(body.as_bytes(), JSON).unwrap();
    let of_fields = page.field_anomalies();
    page.anomalies.add(&of_fields, 0);
    page
}

fn rows(page: &Page) -> Vec<&str> {
    page.logs.iter().map(Log::json).collect()
}

fn met(page: &Page) -> Vec<(Anomaly, u64, u64)> {
    page.anomalies.iter().collect()
}

fn not_understood(body: &[u8]) -> String {
    match decode(body, JSON) {
        Err(DecodeError::NotUnderstood { message, .. }) => message,
        other => panic!("{other:?}"),
    }
}

#[test]
fn rows_keep_their_own_text() {
    let body = "{\"x\":[1], \"results\": [ {\"to\" : 1.00},\n7 ,{} ]}\n";
    let page = page(body);
    assert_eq!(rows(&page), ["{\"to\" : 1.00}", "7", "{}"]);
    assert_eq!(met(&page), [(Anomaly::UnreadableRow, 1, 2)]);
    assert_eq!(page.bytes, body.len());
}

#[test]
fn trailing_commas_are_tolerated_and_reported() {
    let page = page(r#"{"results":[{"to":"a,}","x":[1,],},],}"#);
    assert_eq!(rows(&page), [r#"{"to":"a,}","x":[1]}"#]);
    assert_eq!(met(&page), [(Anomaly::TrailingCommas, 1, 0)]);
    for body in [r#"{"results":[,]}"#, r#"{"results":[1,,2]}"#, r#"{"results":[{"a":1,,}]}"#] {
        assert!(not_understood(body.as_bytes()).starts_with("not JSON that can be read"), "{body}");
    }
}

#[test]
fn an_empty_list_means_no_rows_and_null_does_not_prove_that() {
    assert_eq!(met(&page(r#"{"results":[]}"#)), []);
    let why = not_understood(br#"{"results":null}"#);
    assert!(why.ends_with("got null, which does not prove that there are no rows"), "{why}");
}

#[test]
fn other_values_are_not_a_response() {
    for (body, wanted) in [
        ("{}", "it has no results"),
        ("[]", "a bare JSON list"),
        ("null", "a single JSON value"),
        ("\"text\"", "a single JSON value"),
        ("not found", "neither JSON nor XML"),
        ("\u{B}<r><results><to>1</to></results></r>", "neither JSON nor XML"),
        ("\u{A0}{\"results\":[]}", "neither JSON nor XML"),
        (r#"{"results":{"a":1}}"#, "got an object"),
        (r#"{"results":"a"}"#, "got a string"),
        (r#"{"results":1.5}"#, "got a number"),
        (r#"{"results":true}"#, "got a boolean"),
        (r#"{"results":[]} {}"#, "trailing characters at line 1 column 16"),
        ("\u{FEFF}<!DOCTYPE html><title>Log\nin</title>", "an HTML page titled «Log in»"),
    ] {
        let message = not_understood(body.as_bytes());
        assert!(message.contains(wanted), "{body}: {message}");
    }
    assert!(not_understood(&"[".repeat(200_000).into_bytes()).contains("bare JSON list"));
    assert!(not_understood(b"\x1F\x8B\x08").contains("compressed"));
}

#[test]
fn every_cut_of_a_response_is_recognized() {
    let whole =
        r#"{"a":{"b":[1,"\u00e9"]},"results":[{"to":"é\ud83d\ude42","n":-1.5e3},{"b":true,}]}"#;
    for length in 0..whole.len() {
        let cut = &whole.as_bytes()[..length];
        let error = decode(cut, JSON).unwrap_err();
        assert!(matches!(error, DecodeError::CutOff { .. }), "{length}: {error}");
    }
    assert!(decode(whole.as_bytes(), JSON).is_ok());
}

#[test]
fn a_byte_order_mark_is_skipped() {
    assert_eq!(page("\u{FEFF}{\"results\":[{}]}").logs.len(), 1);
    assert_eq!(not_understood(b"\xFF\xFE{\0}\0"), "the body is UTF-16, not UTF-8");
}

#[test]
fn bytes_that_are_not_utf8_cost_no_row_and_the_row_with_them_is_named() {
    let body = b"{\"results\":[{\"to\":\"a\"},{\"to\":\"b\xFF\",\"new\":\"\xC3\"}]}";
    let page = decode(body, JSON).unwrap();
    assert_eq!(page.logs[1].cell(Field::To).into_text(), "b\u{FFFD}");
    assert_eq!(met(&page), [(Anomaly::InvalidUtf8, 1, 2)]);
    let outside = decode(b"{\"x\":\"\xFF\",\"results\":[{}]}", JSON).unwrap();
    assert_eq!(met(&outside), [(Anomaly::InvalidUtf8, 1, 0)]);
}

#[test]
fn half_a_surrogate_pair_costs_no_row() {
    let page = page(r#"{"results":[{"text":"a\ud83d"},{"new":"\udc00","text":"b\u0000"}]}"#);
    assert_eq!(page.logs[0].cell(Field::Text).into_text(), "a\u{FFFD}");
    assert_eq!(page.logs[1].cell(Field::Text).into_text(), "b\0");
    assert_eq!(met(&page), [(Anomaly::LoneSurrogate, 1, 1)]);
}

#[test]
fn the_last_of_two_equal_keys_counts() {
    let page = page(r#"{"results":[{"to":"a"}],"results":[{"to":"b","to":"c"}]}"#);
    assert_eq!(page.logs[0].cell(Field::To).into_text(), "c");
    assert_eq!(met(&page), [(Anomaly::DuplicateKey, 1, 1), (Anomaly::DuplicateResults, 1, 0)]);
}

#[test]
fn deeply_nested_json_is_read() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let field = page(&format!("{{\"results\":[{{\"new\":{deep},\"to\":\"x\"}}]}}"));
    assert_eq!(field.logs[0].cell(Field::To).into_text(), "x");
    assert_eq!(page(&format!("{{\"more\":{deep},\"results\":[{{}}]}}")).logs.len(), 1);
    let objects = format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000));
    assert!(not_understood(objects.as_bytes()).contains("no results"));
    assert!(not_understood(format!("{{\"results\":{objects}}}").as_bytes()).contains("an object"));
}

#[test]
fn an_error_body_under_200_is_that_error() {
    for body in [
        r#"{"errorCode":"E429","description":"Too many requests"}"#,
        r#"{"results":null,"requestError":{"serviceException":{"messageId":"TOO_MANY_REQUESTS"}}}"#,
        "<ApiException><requestError><serviceException><messageId>E429</messageId>\
         </serviceException></requestError></ApiException>",
    ] {
        let Err(DecodeError::Refusal(refusal)) = decode(body.as_bytes(), JSON) else {
            panic!("{body}")
        };
        assert_eq!(refusal.status(), Some(429));
    }
    assert_eq!(page(r#"{"errorCode":null,"results":[]}"#).logs.len(), 0);
}

#[test]
fn the_body_decides_and_a_content_type_that_does_not_fit_is_reported() {
    let is_odd = |body: &str, content_type| {
        decode(body.as_bytes(), content_type).unwrap().anomalies.has(Anomaly::ContentType)
    };
    let (json, xml) = (r#"{"results":[]}"#, "\u{FEFF} <omniLogsResponse/>");
    for fitting in ["application/json", "Text/JSON; charset=x", "application/problem+json"] {
        assert!(!is_odd(json, Some(fitting)));
        assert!(is_odd(xml, Some(fitting)));
    }
    for fitting in ["application/xml", "text/xml;charset=utf-8"] {
        assert!(!is_odd(xml, Some(fitting)));
        assert!(is_odd(json, Some(fitting)));
    }
    assert!(is_odd(json, None) && is_odd(json, Some("text/html")));
}

#[test]
fn a_response_with_more_rows_than_the_limit_is_refused() {
    let options = DecodeOptions::max_rows(2);
    let json = |rows: &str| format!("{{\"results\":[{rows}]}}");
    let xml = |rows: usize| format!("<r>{}</r>", "<results><to>1</to></results>".repeat(rows));
    let nested = |rows: usize| {
        format!("<r><results>{}</results></r>", "<result><to>1</to></result>".repeat(rows))
    };
    for fitting in [json("{},{}"), json("{},{},"), xml(2), nested(2)] {
        let page = decode_with(fitting.as_bytes(), JSON, options).unwrap();
        assert_eq!(page.logs.len(), 2, "{fitting}");
    }
    for body in [json("{},{},{}"), json("{},{},{},"), json("{},7,{},nope"), xml(3), nested(3)] {
        let error = decode_with(body.as_bytes(), JSON, options).unwrap_err();
        assert_eq!(error, DecodeError::TooManyRows { max_rows: 2 }, "{body}");
    }
    let long = json(&format!("{{\"text\":\"{}\"}}", "x".repeat(4 << 20)));
    let error = decode(long.as_bytes(), JSON).unwrap_err();
    assert_eq!(error.to_string(), "the response holds a message of more than 4 MiB");
    let many = json(&"{},".repeat(20_001));
    let error = decode(many.as_bytes(), JSON).unwrap_err();
    assert_eq!(error.to_string(), "the response holds more than 20000 rows");
}

#[test]
fn a_single_row_is_read_as_in_a_response() {
    let mut anomalies = Vec::new();
    let log = row(b" {\"to\":\"\xFF\",} ", |anomaly| anomalies.push(anomaly)).unwrap();
    assert_eq!(log.json(), "{\"to\":\"\u{FFFD}\"}");
    assert_eq!(anomalies, [Anomaly::InvalidUtf8, Anomaly::TrailingCommas]);
    assert!(matches!(row(b"{\"to\":", |_| ()), Err(DecodeError::CutOff { .. })));
    assert!(matches!(row(b"{to}", |_| ()), Err(DecodeError::NotUnderstood { .. })));
}

#[test]
fn a_row_keeps_the_bytes_that_are_not_utf8() {
    let body = b"{\"results\":[{\"text\":\"\xFFa\xE6\xBC\",},{\"text\":\"b\"},]}";
    let page = decode(body, JSON).unwrap();
    let texts: Vec<_> = page.logs.iter().map(Log::json).collect();
    assert_eq!(texts, ["{\"text\":\"\u{FFFD}a\u{FFFD}\"}", "{\"text\":\"b\"}"]);
    let bytes: Vec<_> = page.logs.iter().map(Log::bytes).collect();
    assert_eq!(bytes, [&b"{\"text\":\"\xFFa\xE6\xBC\"}"[..], b"{\"text\":\"b\"}"]);
}
