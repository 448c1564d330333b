//! Messages as Markdown for tickets and chats.
//!
//! A cell is one line, and no text of a message can end the table, link to a page or notify a person.

use std::fmt::Write as _;

use omnilogs::sink::SinkError;

use super::block::{LabelledLine, ShowStyle, details};
use super::view::MessageView;

/// The outcome of a message in bold, and a table of the details.
pub(super) fn markdown(view: &MessageView, style: ShowStyle) -> Result<String, SinkError> {
    let mut page =
        format!("**{}**\n\n| | |\n|---|---|\n", omnilogs::sink::markdown_text(&view.sentence()));
    for LabelledLine { label, value, .. } in details(view, style)? {
        // Writing to a String cannot fail.
        let _ = writeln!(page, "| {label} | {} |", omnilogs::sink::markdown_text(&value));
    }
    Ok(page)
}
