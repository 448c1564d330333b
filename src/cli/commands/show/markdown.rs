//! Messages as Markdown for tickets and chats.
//!
//! A cell is one line, and nothing in a message can end a table, link to a page or call a person.

use std::fmt::Write as _;

use omnilogs::sink::SinkError;

use super::block::{LabelledLine, ShowStyle, entries};
use super::view::MessageView;

/// A heading with the outcome, and a table of everything that explains it.
pub(super) fn markdown(view: &MessageView, style: ShowStyle) -> Result<String, SinkError> {
    let mut page =
        format!("**{}**\n\n| | |\n|---|---|\n", omnilogs::sink::markdown_text(&view.sentence()));
    for LabelledLine { label, value, .. } in entries(view, style)? {
        // Writing to a String cannot fail.
        let _ = writeln!(page, "| {label} | {} |", omnilogs::sink::markdown_text(&value));
    }
    Ok(page)
}
