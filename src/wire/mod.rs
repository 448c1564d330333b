//! Decodes the bytes of a response into a [`Page`], or an error.
//!
//! The first byte of a body decides whether it is JSON or XML; every shape that the API uses is read.
//! Nothing here sends a request or retries. Errors name places and kinds, never the content of a
//! message. Text of the server in an error is one short line, which the caller makes visible before
//! showing it.

mod description;
mod html;
mod json;
mod lenient;
mod lossy_utf8;
mod one_line;
mod refusal;
mod text;
mod violations;
mod xml;
mod xml_value;

pub(crate) use description::description;
pub use html::html_title;
pub use json::row;
pub(crate) use lossy_utf8::fill_buffer;
pub use refusal::Refusal;
pub(crate) use text::check_encoding;
pub(crate) use xml::{XmlError, XmlItem, XmlRows};

use self::text::Text;
use crate::model::{Anomaly, Page};

/// The byte order mark that some editors write in front of UTF-8.
pub(crate) const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The most rows of one response, unless the caller sets another limit: 20 times as many as the API
/// sends.
const DEFAULT_MAX_ROWS: usize = 20_000;

/// The most bytes of one row. No message is nearly that long, and some formats write several times as
/// many bytes.
const MAX_ROW_BYTES: usize = 4 * 1024 * 1024;

const ROW_TOO_LONG: &str = "the response holds a message of more than 4 MiB";

const CHECK_BASE_URL: &str = "check that the base URL leads to the API";

/// The limits for decoding one response.
///
/// The size of a body does not bound the memory that its rows need: 62 KiB of gzip can hold 63 MiB
/// of `{}`, which are 21 million rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DecodeOptions {
    /// A response with more rows than this is refused.
    pub max_rows: usize,
}

impl DecodeOptions {
    /// Refuses a response with more rows than this.
    #[must_use]
    pub const fn max_rows(max_rows: usize) -> Self {
        Self { max_rows }
    }
}

impl Default for DecodeOptions {
    fn default() -> Self {
        Self::max_rows(DEFAULT_MAX_ROWS)
    }
}

/// Why a body cannot be read as a page.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The body ends early. A retry may get the rest.
    #[error("{message}")]
    CutOff {
        /// Where the body ends.
        message: String,
    },
    /// The body is complete, but it is not a response of the logs endpoint.
    #[error("{message}")]
    NotUnderstood {
        /// What the body is instead.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// The body is an error body, whatever the HTTP status is.
    #[error("{0}")]
    Refusal(Refusal),
    /// The body holds more rows than [`DecodeOptions::max_rows`].
    #[error("the response holds more than {max_rows} rows")]
    TooManyRows {
        /// The limit.
        max_rows: usize,
    },
}

impl DecodeError {
    fn cut_off(bytes: u64) -> Self {
        Self::CutOff { message: format!("the response ends early, after {bytes} bytes") }
    }

    fn not_understood(message: String, hint: Option<&str>) -> Self {
        Self::NotUnderstood { message, hint: hint.map(str::to_owned) }
    }
}

/// Decodes a body: JSON or XML by its first byte, whatever the `Content-Type` says. A `Content-Type`
/// that does not fit is an anomaly of the page. This does not check the fields of the rows:
/// [`Page::field_anomalies`] does.
///
/// # Errors
/// When the body ends early, is an error body, contains too many rows, or is not a response.
pub fn decode(
    body: &[u8],
    content_type: Option<&str>,
    options: DecodeOptions,
) -> Result<Page, DecodeError> {
    let mut page = decode_content(body, options)?;
    let is_xml = body.iter().find(|byte| matches!(byte, b'{' | b'<')) == Some(&b'<');
    let suffix = if is_xml { "xml" } else { "json" };
    let media_type = content_type.unwrap_or_default().split(';').next().unwrap_or_default();
    if !media_type.trim().to_ascii_lowercase().ends_with(suffix) {
        page.anomalies.note(Anomaly::ContentType, 0);
    }
    Ok(page)
}

/// Decodes a body without a `Content-Type`, as from a file.
pub(crate) fn decode_content(body: &[u8], options: DecodeOptions) -> Result<Page, DecodeError> {
    check_encoding(body)?;
    let start = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body).trim_ascii_start();
    let mut page = match start.first() {
        None => {
            return Err(DecodeError::CutOff { message: "the response is empty".to_owned() });
        }
        Some(b'{') => json::decode(Text::read(body)?, options)?,
        Some(b'<') => xml::decode(body, options)?,
        Some(first) => return Err(unexpected(*first, start)),
    };
    page.bytes = body.len();
    Ok(page)
}

/// Decodes an error body in any of its shapes; `None` when the body is not one.
#[must_use]
pub(crate) fn refusal(body: &[u8]) -> Option<Refusal> {
    match decode_content(body, DecodeOptions::default()) {
        Err(DecodeError::Refusal(refusal)) => Some(refusal),
        _ => None,
    }
}

fn unexpected(first: u8, text: &[u8]) -> DecodeError {
    let what = match first {
        b'[' => "expected an object with results, got a bare JSON list",
        0x1F => "expected JSON, got compressed bytes",
        _ if serde_json::from_slice::<serde::de::IgnoredAny>(text).is_ok() => {
            "expected an object with results, got a single JSON value"
        }
        _ => "expected JSON, got something that is neither JSON nor XML",
    };
    DecodeError::not_understood(what.to_owned(), Some(CHECK_BASE_URL))
}

#[cfg(test)]
mod tests;
