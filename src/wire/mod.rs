//! Bytes of an answer become a [`Page`], or the reason why not.
//!
//! An answer is read by what it holds: JSON or XML, in any of the API's shapes. Nothing here asks
//! or retries. Messages name places and kinds, never what a message says; words of the server in
//! them are one short line, and still have to be made visible before they are shown.

mod html;
mod json;
mod lenient;
mod one_line;
mod refusal;
mod text;
mod xml;
mod xml_value;

pub use html::html_title;
pub use json::row;
pub use refusal::Refusal;
pub(crate) use text::{Text, check_encoding};
pub(crate) use xml::{Document, only_comments};

use crate::model::{Oddity, Page};

/// Why a body is no page.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The body ends early: a transport fault, worth another try.
    #[error("{message}")]
    CutOff {
        /// Where it ends.
        message: String,
    },
    /// The body is complete, but nothing that can be read.
    #[error("{message}")]
    NotUnderstood {
        /// What it is instead.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// The body tells an error, whatever status it came with.
    #[error("{0}")]
    Refusal(Refusal),
}

impl DecodeError {
    fn cut_off(bytes: usize) -> Self {
        Self::CutOff { message: format!("the answer ends early, after {bytes} bytes") }
    }

    fn not_understood(message: String, hint: Option<&str>) -> Self {
        Self::NotUnderstood { message, hint: hint.map(str::to_owned) }
    }
}

/// Reads an answer: JSON or XML by what it holds, whatever the `Content-Type` says; one that does
/// not fit is an oddity of the page. The rows' own fields are not looked at:
/// [`Page::odd_fields`].
///
/// # Errors
/// When the body ends early, tells an error, or is nothing that can be read.
pub fn decode(body: &[u8], content_type: Option<&str>) -> Result<Page, DecodeError> {
    let mut page = decode_content(body)?;
    let is_xml = body.iter().find(|byte| matches!(byte, b'{' | b'<')) == Some(&b'<');
    let suffix = if is_xml { "xml" } else { "json" };
    let media_type = content_type.unwrap_or_default().split(';').next().unwrap_or_default();
    if !media_type.trim().to_ascii_lowercase().ends_with(suffix) {
        page.oddities.note(Oddity::ContentType, 0);
    }
    Ok(page)
}

/// Reads an answer that came without a `Content-Type`, as from a file.
pub(crate) fn decode_content(body: &[u8]) -> Result<Page, DecodeError> {
    let text = Text::read(body)?;
    let start = text.as_str().trim_ascii_start();
    let mut page = match start.as_bytes().first() {
        None => {
            return Err(DecodeError::CutOff { message: "the answer is empty".to_owned() });
        }
        Some(b'{') => json::decode(body, &text)?,
        Some(b'<') => xml::decode(&text)?,
        Some(first) => return Err(stranger(*first, start)),
    };
    page.bytes = body.len();
    Ok(page)
}

/// Reads what an error body says, in any of its shapes; `None` when the body is none.
#[must_use]
pub fn refusal(body: &[u8]) -> Option<Refusal> {
    match decode_content(body) {
        Err(DecodeError::Refusal(refusal)) => Some(refusal),
        _ => None,
    }
}

fn stranger(first: u8, text: &str) -> DecodeError {
    let what = match first {
        b'[' => "expected an object with results, got a bare JSON list",
        0x1F => "expected JSON, got compressed bytes",
        _ if serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() => {
            "expected an object with results, got a single JSON value"
        }
        _ => "expected JSON, got something that is neither JSON nor XML",
    };
    DecodeError::not_understood(what.to_owned(), Some("does the base URL lead to the API?"))
}

#[cfg(test)]
mod tests;
