//! The checks of the fuzz targets, over every input in their corpora, and over pages, texts and
//! dates that are generated in each run.

use std::fs;
use std::path::Path;

use chrono::{DateTime, FixedOffset};
use omnilogs::model::Field;
use omnilogs::wire::{self, DecodeOptions};
use proptest::prelude::*;
use serde_json::Value;

#[allow(unreachable_pub, reason = "the fuzz targets are crates of their own")]
mod checks;

/// Runs a target's check over its corpus. When it fails, the last printed path is that of the input.
fn replay(target: &str, check: fn(&[u8])) {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut inputs = 0;
    for entry in fs::read_dir(corpus).unwrap() {
        let path = entry.unwrap().path();
        println!("{}", path.display());
        check(&fs::read(path).unwrap());
        inputs += 1;
    }
    assert!(inputs >= 20, "{inputs} inputs for {target}");
}

#[test]
fn every_json_body_of_the_corpus_is_read_completely_or_refused() {
    replay("json_page", checks::json_page::check);
}

#[test]
fn every_xml_body_of_the_corpus_is_read_completely_or_refused() {
    replay("xml_page", checks::xml_page::check);
}

#[test]
fn every_configuration_of_the_corpus_is_accepted_or_refused() {
    replay("config_file", checks::config_file::check);
}

#[test]
fn every_date_of_the_corpus_is_the_same_in_every_form() {
    replay("dates", checks::dates::check);
}

#[test]
fn every_text_of_the_corpus_is_safe_to_display() {
    replay("visible", checks::visible::check);
}

/// Text in which characters that hide, reorder, quote or separate are frequent.
fn a_text() -> impl Strategy<Value = String> {
    let ranges = [
        '\0'..='\u{A0}',
        '\u{200B}'..='\u{206F}',
        '\u{FE00}'..='\u{FE0F}',
        '\u{1F3F0}'..='\u{1F3FF}',
        '\u{E0020}'..='\u{E007F}',
    ];
    let special = prop::char::ranges(ranges.to_vec().into());
    let quoting = prop::sample::select("\"',;<>&\\=+-@\n\r\t\u{FEFF}".chars().collect::<Vec<_>>());
    let character = prop_oneof![2 => special, 1 => quoting, 1 => any::<char>()];
    prop::collection::vec(character, 0..20).prop_map(|characters| characters.into_iter().collect())
}

/// A time with a UTC offset.
fn a_time() -> impl Strategy<Value = DateTime<FixedOffset>> {
    (0_i64..4_000_000_000_000, -48_i32..=56).prop_map(|(millis, quarters)| {
        let offset = FixedOffset::east_opt(quarters * 900).unwrap();
        DateTime::from_timestamp_millis(millis).unwrap().with_timezone(&offset)
    })
}

/// The JSON text of a value, including kinds of values that the API does not document.
fn a_value() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => a_text().prop_map(|text| Value::from(text).to_string()),
        2 => "-?(0|[1-9][0-9]{0,25})(\\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?",
        1 => a_time().prop_map(|time| format!("\"{}\"", time.format("%Y-%m-%dT%H:%M:%S%.3f%z"))),
        1 => prop::sample::select(vec!["null", "true", "false", "[]", "{}", "\"\\ud83d\""])
            .prop_map(str::to_owned),
        1 => a_text().prop_map(|text| serde_json::json!({ text.clone(): [text, null] }).to_string()),
    ]
}

/// The JSON text of a row. Its members are in any order, and some are unknown or repeated.
fn a_row() -> impl Strategy<Value = String> {
    let names: Vec<&str> = Field::ALL.iter().map(|field| field.name()).collect();
    let key = prop_oneof![5 => prop::sample::select(names).prop_map(str::to_owned), 1 => a_text()];
    prop::collection::vec((key, a_value()), 0..12).prop_map(|members| {
        let member = |(key, value): (String, String)| match key.split_once('.') {
            Some((group @ ("price" | "status" | "error"), key)) => {
                format!("\"{group}\":{{{}:{value}}}", Value::from(key))
            }
            _ => format!("{}: {value}", Value::from(key)),
        };
        format!("{{{}}}", members.into_iter().map(member).collect::<Vec<_>>().join(" ,"))
    })
}

proptest! {
    #[test]
    fn parsed_printed_and_parsed_again_a_page_of_any_rows_is_the_same_in_every_format(
        rows in prop::collection::vec(a_row(), 0..4)
    ) {
        let body = format!("{{\"results\":[{}]}}", rows.join(","));
        let page = wire::decode(body.as_bytes(), None, DecodeOptions::default()).unwrap();
        prop_assert_eq!(page.logs.iter().map(|log| log.json().to_owned()).collect::<Vec<_>>(), rows);
        checks::json_page::check(body.as_bytes());
    }

    #[test]
    fn a_text_of_any_characters_is_safe_to_display_and_keeps_its_meaning(text in a_text()) {
        checks::visible::check(text.as_bytes());
    }

    #[test]
    fn a_time_in_any_form_is_the_same_in_every_other(
        time in a_time(),
        form in prop::sample::select(vec![
            "%Y-%m-%dT%H:%M:%S%.3f%z", "%Y-%m-%d %H:%M:%S%:z", "%Y-%m-%dT%H:%M%z",
            "%Y-%m-%d %H:%M:%S%.3f", "%Y-%m-%dT%H:%M", "%Y-%m-%d", "%H:%M:%S%.3f", "%H:%M",
        ]),
    ) {
        checks::dates::check(time.format(form).to_string().as_bytes());
    }
}
