//! Checks that a JSON body is read completely or refused with a reason, and that trailing commas
//! change nothing.

use omnilogs::model::{Anomaly, Log, Page};
use omnilogs::wire::{self, DecodeOptions};

use super::{body, rows};

/// Checks a body of a request for JSON.
pub fn check(bytes: &[u8]) {
    let Some(page) = body::check(bytes, "application/json") else { return };
    rows::check(&page.logs);
    let is_json = bytes.iter().find(|byte| matches!(byte, b'{' | b'<')) == Some(&b'{');
    if is_json && !page.anomalies.has(Anomaly::TrailingCommas) {
        check_trailing_commas(&page, bytes);
    }
}

/// A valid body gives the same rows, byte for byte, with trailing commas added.
fn check_trailing_commas(strict: &Page, bytes: &[u8]) {
    let commas = with_trailing_commas(bytes);
    let lenient = wire::decode(&commas, None, DecodeOptions::default())
        .expect("trailing commas are accepted");
    assert!(
        commas == bytes || lenient.anomalies.has(Anomaly::TrailingCommas),
        "trailing commas are an anomaly"
    );
    let texts =
        |page: &Page| page.logs.iter().map(Log::json).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(texts(&lenient), texts(strict), "commas changed a row");
}

/// The body with a comma after the last member of every list and object that has one.
fn with_trailing_commas(json: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(json.len() * 2);
    let (mut in_string, mut escaped) = (false, false);
    let mut before = b' ';
    for byte in json {
        if in_string {
            in_string = escaped || *byte != b'"';
            escaped = !escaped && *byte == b'\\';
        } else {
            if matches!(byte, b'}' | b']') && !matches!(before, b'{' | b'[') {
                out.push(b',');
            }
            in_string = *byte == b'"';
        }
        if !byte.is_ascii_whitespace() {
            before = *byte;
        }
        out.push(*byte);
    }
    out
}
