//! Checks rows that are written as XML: the document is well-formed, and reading it gives the same
//! cells where XML can represent them.

use omnilogs::model::{Cell, Field, Log};
use omnilogs::sink::Xml;
use omnilogs::wire::{self, DecodeOptions};
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::Value;

use super::written::{safe, through, written};

/// Checks rows as XML.
pub(super) fn check(logs: &[Log]) {
    let whole = printed(logs);
    safe(&whole);
    well_formed(&whole);
    // XML cannot represent everything in other rows: see `is_plain`.
    let plain: Vec<Log> = logs.iter().filter(|log| is_plain(log)).cloned().collect();
    let once = read(&printed(&plain));
    assert_eq!(once.len(), plain.len(), "a row was lost");
    for (log, back) in plain.iter().zip(&once) {
        for field in Field::ALL {
            assert_eq!(text(back, field), text(log, field), "{} of {}", field.name(), log.json());
        }
    }
    let twice = read(&printed(&once));
    assert_eq!(texts(&twice), texts(&once), "rows that were read back are printed differently");
}

fn printed(logs: &[Log]) -> String {
    written(logs, |logs, out| through(Xml::new(out), logs))
}

fn read(xml: &str) -> Vec<Log> {
    let page = wire::decode(xml.as_bytes(), Some("application/xml"), DecodeOptions::default());
    page.expect("printed XML can be read").logs
}

fn texts(logs: &[Log]) -> Vec<&str> {
    logs.iter().map(Log::json).collect()
}

fn well_formed(xml: &str) {
    let mut reader = Reader::from_str(xml);
    let mut depth = 0_usize;
    loop {
        match reader.read_event().expect("well-formed XML") {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth -= 1,
            Event::GeneralRef(reference) => {
                let is_character = reference.resolve_char_ref().expect("a reference").is_some();
                let named = ["lt", "gt", "amp"].contains(&&*reference.xml10_content());
                assert!(is_character || named, "an unknown reference");
            }
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(depth, 0, "every element is closed");
}

/// Whether XML can represent the row unchanged: an object with members, none of them named like the
/// element around a row, no list or object where the API documents a plain value, and no deeper
/// nesting than a response may have.
fn is_plain(log: &Log) -> bool {
    let Ok(Value::Object(row)) = serde_json::from_str(log.json()) else { return false };
    let is_group =
        |key: &str| row.get(key).is_none_or(|group| group.is_object() || group.is_null());
    !row.is_empty()
        && !row.contains_key("result")
        && ["price", "status", "error"].into_iter().all(is_group)
        && Field::ALL.iter().all(|field| !matches!(log.cell(*field), Cell::Other(_)))
        && depth(&Value::Object(row)) < 60
}

fn depth(value: &Value) -> usize {
    let deepest = match value {
        Value::Array(items) => items.iter().map(depth).max(),
        Value::Object(members) => members.values().map(depth).max(),
        _ => None,
    };
    1 + deepest.unwrap_or_default()
}

/// A cell as XML can represent it: some characters are not allowed, and blanks around a number do
/// not count.
fn text(log: &Log, field: Field) -> String {
    let cannot = |c: char| {
        matches!(c, '\u{FFFE}' | '\u{FFFF}') || c < ' ' && !matches!(c, '\t' | '\n' | '\r')
    };
    let text = log.cell(field).into_text().replace(cannot, "\u{FFFD}");
    match field {
        Field::MessageCount
        | Field::PricePerMessage
        | Field::StatusGroupId
        | Field::StatusId
        | Field::ErrorGroupId
        | Field::ErrorId
        | Field::ErrorPermanent => text.trim().to_owned(),
        _ => text,
    }
}
