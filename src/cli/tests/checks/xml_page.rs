//! An XML body is read whole or refused with a reason; its rows are the rows of a JSON body, and a
//! document type is never among what is read.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::{body, rows};

/// Checks a body that is asked for as XML.
pub fn check(bytes: &[u8]) {
    let Some(page) = body::check(bytes, "application/xml") else { return };
    rows::check(&page.logs);
    assert!(!declares_a_document_type(bytes), "a document type was taken");
}

/// Whether an XML reader meets a document type before anything that it cannot read.
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
