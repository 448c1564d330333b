//! The two body formats, and the contents of rows.

use std::collections::{BTreeMap, HashSet};

use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::value::RawValue;

use super::{TestSandbox, text};

type Fields = Vec<(String, String)>;

/// The fields of a JSON row as paths and texts; numbers keep every digit.
fn flatten(raw: &RawValue, path: &str, into: &mut Fields) {
    if let Ok(object) = serde_json::from_str::<BTreeMap<String, Box<RawValue>>>(raw.get()) {
        for (name, value) in object {
            flatten(&value, &format!("{path}/{name}"), into);
        }
        return;
    }
    let text = serde_json::from_str::<String>(raw.get()).unwrap_or_else(|_| raw.get().to_owned());
    into.push((path.to_owned(), text));
}

fn json_rows(body: &str) -> Vec<Fields> {
    let body: BTreeMap<String, Vec<Box<RawValue>>> = serde_json::from_str(body).unwrap();
    let rows = body["results"].iter().map(|row| {
        let mut fields = Vec::new();
        flatten(row, "", &mut fields);
        fields.sort();
        fields
    });
    rows.collect()
}

fn xml_rows(body: &str) -> Vec<Fields> {
    let mut reader = Reader::from_str(body);
    let (mut rows, mut path, mut content) =
        (Vec::<Fields>::new(), Vec::<String>::new(), String::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => {
                path.push(start.name().as_ref().to_owned());
                content.clear();
                if path.len() == 2 {
                    assert_eq!(path.join("/"), "omniLogsResponse/results");
                    rows.push(Vec::new());
                }
            }
            Event::Text(text) => content.push_str(&text),
            Event::GeneralRef(entity) => {
                content.push_str(quick_xml::escape::resolve_predefined_entity(&entity).unwrap());
            }
            Event::End(_) => {
                if path.len() > 2 && !content.is_empty() {
                    let field = (format!("/{}", path[2..].join("/")), std::mem::take(&mut content));
                    rows.last_mut().unwrap().push(field);
                }
                path.pop();
            }
            Event::Eof => break,
            _ => {}
        }
    }
    for row in &mut rows {
        row.sort();
    }
    rows
}

#[test]
fn xml_has_the_same_rows_as_json() {
    let mut sandbox = TestSandbox::new();
    let json = sandbox.get("limit=1000", &[("Accept", "application/json")]);
    let xml = sandbox.get("limit=1000", &[("Accept", "application/xml")]);
    assert_eq!(json.header("content-type"), Some("application/json"));
    assert_eq!(xml.header("content-type"), Some("application/xml"));
    let (json, xml) = (json_rows(&json.body), xml_rows(&xml.body));
    assert_eq!(json.len(), 1000);
    for (json, xml) in json.iter().zip(&xml) {
        assert_eq!(json, xml);
    }
    assert_eq!(json.len(), xml.len());
}

#[test]
fn a_response_without_rows_has_an_empty_list() {
    let mut sandbox = TestSandbox::new();
    let none = "to=unknown";
    assert_eq!(sandbox.get(none, &[]).body, r#"{"results":[]}"#);
    let xml = sandbox.get(none, &[("Accept", "application/xml")]).body;
    assert!(xml.ends_with("<omniLogsResponse></omniLogsResponse>"), "{xml}");
}

#[test]
fn fields_are_in_the_order_of_the_api() {
    let body = TestSandbox::new().get("channel=SMS&generalStatus=REJECTED&limit=300", &[]).body;
    let fields = [
        "bulkId",
        "messageId",
        "to",
        "from",
        "text",
        "sentAt",
        "doneAt",
        "messageCount",
        "mccmnc",
        "price",
        "pricePerMessage",
        "currency",
        "status",
        "groupId",
        "groupName",
        "id",
        "name",
        "description",
        "action",
        "error",
        "groupId",
        "groupName",
        "id",
        "name",
        "description",
        "permanent",
        "channel",
    ];
    let start = body.find("{\"bulkId\"").unwrap();
    let mut rest = &body[start..];
    for field in fields {
        let at = rest.find(&format!("\"{field}\":")).unwrap_or_else(|| panic!("{field}: {rest}"));
        assert!(!rest[..at].contains("},{"), "{field} is not in this row");
        rest = &rest[at + field.len()..];
    }
}

#[test]
fn a_pending_message_has_no_done_at_and_a_single_one_no_bulk_id() {
    let mut sandbox = TestSandbox::new();
    for row in sandbox.rows("limit=1000") {
        let pending = text(&row["status"], "groupName") == "PENDING";
        assert_eq!(row.get("doneAt").is_none(), pending, "{row}");
        if !pending {
            assert!(text(&row, "doneAt") > text(&row, "sentAt"), "{row}");
        }
    }
    let page = sandbox.rows("limit=1000");
    let single = page.iter().find(|row| row.get("bulkId").is_none());
    assert!(single.is_some_and(|row| !row["text"].is_null()));
}

#[test]
fn texts_prices_and_segments_vary() {
    let mut sandbox = TestSandbox::new();
    let mut rows = sandbox.rows("limit=1000&channel=SMS&generalStatus=DELIVERED");
    for until in ["2025-11-24T06:00:00Z", "2025-11-23T20:00:00Z", "2025-11-23T06:00:00Z"] {
        rows.extend(sandbox.rows(&format!("limit=1000&sentUntil={until}")));
    }
    for first in ['ć', 'é', 'ж', 'ل', 'ש', '您', 'の', '다', 'क', '🎉'] {
        assert!(rows.iter().any(|row| text(row, "text").contains(first)), "no {first}");
    }
    assert!(rows.iter().any(|row| row["messageCount"].as_u64() >= Some(3)));
    let prices: HashSet<String> =
        rows.iter().map(|row| row["price"]["pricePerMessage"].to_string()).collect();
    assert!(prices.len() > 10, "{prices:?}");
    let push = sandbox.rows("channel=PUSH");
    assert!(push.iter().all(|row| row["price"]["pricePerMessage"] == 0));
    let body = sandbox.get("mcc=234&channel=SMS&generalStatus=DELIVERED", &[]).body;
    assert!(body.contains(r#""price":{"pricePerMessage":0.0378,"currency":"EUR"}"#), "{body}");
}

#[test]
fn destinations_fit_the_channel() {
    let mut sandbox = TestSandbox::new();
    for row in sandbox.rows("channel=EMAIL") {
        let domain = text(&row, "to").split_once('@').unwrap().1.to_owned();
        assert!(["example.com", "example.org", "example.net"].contains(&domain.as_str()));
        assert!(row.get("mccmnc").is_none());
    }
    for row in sandbox.rows("channel=SMS&limit=1000") {
        assert!(text(&row, "to").bytes().all(|byte| byte.is_ascii_digit()));
        assert!(text(&row, "mccmnc").len() >= 5);
    }
    let push = sandbox.rows("channel=PUSH&limit=100");
    assert!(push.iter().any(|row| text(row, "to").len() == 32 && row.get("mccmnc").is_none()));
    assert!(push.iter().any(|row| text(row, "to").len() < 16 && row.get("mccmnc").is_some()));
}
