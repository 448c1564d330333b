//! Checks that an XML body is read completely or refused with a reason, that its rows are like those
//! of a JSON body, and that a document type is always refused.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::{body, rows};

/// Checks a body of a request for XML.
pub fn check(bytes: &[u8]) {
    let Some(page) = body::check(bytes, "application/xml") else { return };
    rows::check(&page.logs);
    assert!(!declares_a_document_type(bytes), "a document type was accepted");
}

/// Whether an XML reader finds a document type before an error.
fn declares_a_document_type(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    if !text.trim_start_matches('\u{FEFF}').trim_start().starts_with('<') {
        return false;
    }
    let mut reader = Reader::from_str(&text);
    reader.config_mut().allow_dangling_amp = true;
    loop {
        match reader.read_event() {
            Ok(Event::DocType(_)) => return true,
            Ok(Event::Eof) | Err(_) => return false,
            Ok(_) => {}
        }
    }
}
