//! Properties of every body.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::wire::lenient::trailing_commas;
use crate::wire::text::Text;
use crate::wire::{decode as decode_with, *};

const FIXTURES: [&[u8]; 4] = [
    include_bytes!("../../../tests/fixtures/api/no-parameters.json"),
    include_bytes!("../../../tests/fixtures/api/no-parameters.xml"),
    include_bytes!("../../../tests/fixtures/api/channel.xml"),
    br#"<ApiException><requestError a="b"><serviceException><text>&lt;<![CDATA[x]]></text><!-- c -->
        </serviceException></requestError></ApiException>"#,
];

fn decode(body: &[u8], content_type: Option<&str>) -> Result<Page, DecodeError> {
    decode_with(body, content_type, DecodeOptions::default())
}

/// Any JSON value, with strings full of JSON syntax.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[,\\]}{\\[\"\\\\: a\u{e9}\n]{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[,\\]}\"a]{0,3}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// The value's text with a comma after the last member of every list and object.
fn with_trailing_commas(value: &Value) -> String {
    let close = |parts: Vec<String>, open: char, close: char| {
        let comma = if parts.is_empty() { "" } else { " ,\n" };
        format!("{open}{}{comma}{close}", parts.join(","))
    };
    match value {
        Value::Array(list) => close(list.iter().map(with_trailing_commas).collect(), '[', ']'),
        Value::Object(members) => {
            let member = |(name, value)| format!("{}:{}", json!(name), with_trailing_commas(value));
            close(members.iter().map(member).collect(), '{', '}')
        }
        other => other.to_string(),
    }
}

proptest! {
    #[test]
    fn strict_json_has_no_trailing_comma(value in value(), pretty: bool) {
        let text = if pretty { format!("{value:#}") } else { value.to_string() };
        prop_assert_eq!(trailing_commas(&text).count(), 0);
    }

    #[test]
    fn trailing_commas_change_no_value(value in value()) {
        let text = with_trailing_commas(&value);
        let read = Text::read(text.as_bytes()).unwrap();
        let strict = read.without(trailing_commas(&text)).unwrap_or(read);
        prop_assert_eq!(serde_json::from_str::<Value>(strict.as_str()).unwrap(), value);
    }

    #[test]
    fn rows_keep_the_text_of_the_body(rows in prop::collection::vec(value(), 0..5)) {
        let body = json!({"before": 1, "results": rows, "z": [{"results": []}]}).to_string();
        let page = decode(body.as_bytes(), None).unwrap();
        let texts: Vec<String> = rows.iter().map(Value::to_string).collect();
        prop_assert_eq!(page.logs.iter().map(|log| log.json().to_owned()).collect::<Vec<_>>(), texts);
    }

    #[test]
    fn text_in_xml_is_unchanged(text in "[^\0-\x08\x0B-\x1F\u{FFFE}\u{FFFF}]{0,20}") {
        let escaped = quick_xml::escape::escape(&text);
        let body = format!("<r><results><a>1</a><text>{escaped}</text></results></r>");
        let page = decode(body.as_bytes(), None).unwrap();
        let cell = page.logs[0].cell(crate::model::Field::Text).into_text().into_owned();
        prop_assert_eq!(cell, text);
    }

    #[test]
    fn no_bytes_make_decoding_panic(
        start in prop::sample::select(vec![&b""[..], b"{", b"<", b"{\"results\":[", b"<r><results>"]),
        rest: Vec<u8>,
    ) {
        let body = [start, &rest].concat();
        let _ = decode(&body, None);
        let _ = (refusal(&body), html_title(&body), row(&body, |_| ()));
    }

    #[test]
    fn no_markup_makes_decoding_panic(body in "[<>/!&;\\[\\]?x=\" -]{0,40}") {
        let _ = decode(format!("<{body}").as_bytes(), None);
        let _ = decode(format!("<r><results>{body}").as_bytes(), None);
    }

    #[test]
    fn no_mutation_of_a_response_makes_decoding_panic(
        which in 0..FIXTURES.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 1..6),
        cut: prop::sample::Index,
        keep: bool,
    ) {
        let mut body = FIXTURES[which].to_vec();
        for (at, byte, kind) in changes {
            let at = at.index(body.len());
            match kind {
                0 => body[at] = byte,
                1 => body.insert(at, byte),
                _ => { body.remove(at); }
            }
        }
        if !keep {
            body.truncate(cut.index(body.len()));
        }
        let _ = decode(&body, Some("application/json"));
        let _ = refusal(&body);
    }

    #[test]
    fn a_refusal_is_one_short_line_without_phone_numbers(text in any::<String>()) {
        let text = format!("{text} 41793026727 {text}");
        let body = json!({"errorCode": "E400", "description": text, "action": text}).to_string();
        let refusal = refusal(body.as_bytes()).unwrap();
        for line in [refusal.text.unwrap(), refusal.action.unwrap()] {
            prop_assert!(line.chars().count() <= 300 && !line.contains(['\n', '\r']));
            prop_assert!(!line.contains("41793026727"));
        }
    }
}
