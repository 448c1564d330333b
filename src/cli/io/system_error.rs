//! Words the errors of the operating system for messages.

use std::io;

/// The text of an error, without the error number.
pub(crate) fn error_text(error: &io::Error) -> String {
    let text = error.to_string();
    text.split_once(" (os error").map_or(text.as_str(), |(words, _)| words).to_owned()
}

/// The text of an error of writing.
pub(crate) fn write_error_text(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::StorageFull => "no space left".to_owned(),
        _ => error_text(error),
    }
}
