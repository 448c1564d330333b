//! The marks, and the encoded forms in which a mark could leak.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// A secret; it looks different when it is percent-encoded.
pub const KEY: &str = "Kanarienvogel/7f3a+9=c";
pub const USER: &str = "kanaria-user";
pub const NUMBER: &str = "447700900987";
pub const SENDER: &str = "Kanarista";
pub const TEXT: &str = "gelber Vogel singt";
pub const PARAMETER: &str = "vogelbauer-17";

type Forms = Vec<(&'static str, String)>;

/// The text itself, percent-encoded, and within any base64 text.
fn forms(name: &'static str, text: &str) -> Forms {
    let mut forms = vec![(name, text.to_owned())];
    forms.push((name, utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()));
    for before in 0..3 {
        let shifted = [vec![b'x'; before], text.as_bytes().to_vec()].concat();
        let encoded = BASE64_STANDARD.encode(&shifted);
        // The base64 characters that depend only on the mark.
        let start = (before * 8).div_ceil(6);
        let end = shifted.len() * 8 / 6;
        forms.push((name, encoded[start..end].to_owned()));
    }
    forms
}

/// Marks that must not appear anywhere.
pub fn secrets() -> Forms {
    [forms("secret", KEY), forms("user name", USER)].concat()
}

/// Marks that must not appear on standard error.
pub fn personal() -> Forms {
    let marks = [("number", NUMBER), ("sender", SENDER), ("text", TEXT), ("parameter", PARAMETER)];
    marks.into_iter().flat_map(|(name, text)| forms(name, text)).collect()
}

pub fn is_in(form: &str, bytes: &[u8]) -> bool {
    memchr::memmem::find(bytes, form.as_bytes()).is_some()
}
