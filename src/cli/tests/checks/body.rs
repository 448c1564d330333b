//! Checks what holds for every body: an error is one short line, and a file gives the same rows that
//! are objects.

use std::io::Cursor;

use omnilogs::model::{Anomaly, Log, Page};
use omnilogs::pages::Pages;
use omnilogs::query::Query;
use omnilogs::saved::SavedResponse;
use omnilogs::wire::{self, DecodeError, DecodeOptions};

/// Checks a body and returns its page when it can be read.
pub(super) fn check(bytes: &[u8], content_type: &str) -> Option<Page> {
    if let Some(title) = wire::html_title(bytes) {
        one_line(&title, 80);
    }
    let saved = saved(bytes);
    match wire::decode(bytes, Some(content_type), DecodeOptions::default()) {
        Ok(page) => {
            // Called only to check that it does not panic.
            let _ = page.field_anomalies();
            // Of two lists of rows, the last one counts in a response; a file is read in order.
            if !page.anomalies.has(Anomaly::DuplicateResults) {
                // A file leaves out rows that are not objects, and reports them as missing.
                let mut rows = texts(&page.logs);
                rows.retain(|row| row.starts_with('{'));
                assert_eq!(saved.as_deref().map(texts), Some(rows), "from a file");
            }
            Some(page)
        }
        Err(error) => {
            check_error(&error);
            None
        }
    }
}

fn texts(logs: &[Log]) -> Vec<&str> {
    logs.iter().map(Log::json).collect()
}

/// The rows of a file with these bytes; `None` when it cannot be read to its end.
fn saved(bytes: &[u8]) -> Option<Vec<Log>> {
    let file = Box::new(Cursor::new(bytes.to_vec()));
    let mut pages = SavedResponse::open("saved".to_owned(), file, &Query::default());
    let mut logs = Vec::new();
    while let Some(page) = pages.next_page() {
        logs.extend(page.ok()?.logs);
    }
    Some(logs)
}

/// An error is one line of limited length.
fn check_error(error: &DecodeError) {
    one_line(&error.to_string(), 700);
    if let DecodeError::Refusal(refusal) = error {
        for words in [&refusal.text, &refusal.action].into_iter().flatten() {
            one_line(words, 300);
        }
    }
}

fn one_line(words: &str, max: usize) {
    assert!(!words.contains(['\n', '\r']), "{words:?} is more than a line");
    assert!(words.chars().count() <= max, "{words:?} is longer than {max} characters");
    let mut digits = 0;
    for c in words.chars() {
        digits = if c.is_numeric() { digits + 1 } else { 0 };
        assert!(digits < 7, "{words:?} can have a phone number");
    }
}
