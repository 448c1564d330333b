//! XML bodies: three shapes of the same rows.
//!
//! `smsLogsResponse/results/result`, one `omniLogsResponse/results` per row, and
//! `omniLogsResponse/results/result`. Document types, and with them entity declarations, are refused,
//! so that a document cannot make the parser read files or expand entities.

use std::io::{self, BufRead};
use std::sync::Arc;

use quick_xml::Reader;
use quick_xml::errors::{Error, SyntaxError};
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::html::{self, is_html};
use super::lossy_utf8::{LimitExceeded, LossyUtf8};
use super::refusal::Refusal;
use super::xml_value::{Element, XmlMember, object};
use super::{CHECK_BASE_URL, DecodeError, DecodeOptions, MAX_ROW_BYTES, ROW_TOO_LONG};
use crate::model::{Anomaly, Log, Page};

/// How deep elements may be nested.
const MAX_DEPTH: usize = 64;

/// The most elements in memory at once. The four bytes `<a/>` take 30 times as much memory.
const MAX_HELD_ELEMENTS: usize = 20_000;

/// The most bytes of the JSON of the rows of one response. The limit on the body is not enough: a
/// control character takes six times as many bytes in JSON.
const MAX_PAGE_BYTES: usize = 80 * 1024 * 1024;

/// Why XML cannot be read.
#[derive(Debug)]
pub(crate) enum XmlError {
    /// It is not a response, or ends early.
    Decode(DecodeError),
    /// A message, or the text between two messages, is longer than [`MAX_ROW_BYTES`].
    MessageTooLong,
    /// Reading failed.
    Io(io::Error),
}

impl From<DecodeError> for XmlError {
    fn from(error: DecodeError) -> Self {
        Self::Decode(error)
    }
}

impl From<XmlError> for DecodeError {
    fn from(error: XmlError) -> Self {
        match error {
            XmlError::Decode(error) => error,
            XmlError::MessageTooLong => Self::not_understood(ROW_TOO_LONG.to_owned(), None),
            XmlError::Io(error) => Self::not_understood(error.to_string(), None),
        }
    }
}

/// Decodes a body that is one document.
pub(super) fn decode(body: &[u8], options: DecodeOptions) -> Result<Page, DecodeError> {
    decode_within(body, options, MAX_PAGE_BYTES)
}

fn decode_within(
    body: &[u8],
    options: DecodeOptions,
    max_bytes: usize,
) -> Result<Page, DecodeError> {
    let mut rows = XmlRows::new(body);
    let mut page = Page::default();
    let mut bytes = 0;
    while let Some(XmlItem::Row { json, has_replacement }) = rows.next()? {
        if page.logs.len() >= options.max_rows {
            return Err(DecodeError::TooManyRows { max_rows: options.max_rows });
        }
        bytes += json.len();
        if bytes > max_bytes {
            let limit = max_bytes >> 20;
            let message = format!("the messages of the response take more than {limit} MiB");
            return Err(DecodeError::not_understood(message, None));
        }
        if has_replacement {
            page.anomalies.note(Anomaly::InvalidUtf8, page.logs.len() as u64 + 1);
        }
        page.logs.push(Log::new(json));
    }
    rows.expect_end()?;
    if rows.reader.get_ref().last_replacement().is_some()
        && !page.anomalies.has(Anomaly::InvalidUtf8)
    {
        page.anomalies.note(Anomaly::InvalidUtf8, 0);
    }
    Ok(page)
}

/// The next item of [`XmlRows`].
pub(crate) enum XmlItem {
    /// A row, as JSON.
    Row {
        json: String,
        /// Whether U+FFFD replaces bytes in it that are not UTF-8.
        has_replacement: bool,
    },
    /// The end of a document that is a response.
    DocumentEnd,
}

/// Reads the rows of XML documents, one after the other. It keeps only the current message in memory.
pub(crate) struct XmlRows<R> {
    reader: Reader<LossyUtf8<R>>,
    buffer: Vec<u8>,
    document: DocumentState,
    /// Whether at least one document was read to its end.
    has_document: bool,
}

impl<R: BufRead> XmlRows<R> {
    pub(crate) fn new(reader: R) -> Self {
        let mut reader = Reader::from_reader(LossyUtf8::new(reader));
        reader.config_mut().allow_dangling_amp = true;
        Self { reader, buffer: Vec::new(), document: DocumentState::default(), has_document: false }
    }

    /// How many bytes were read so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.reader.get_ref().position()
    }

    /// Reads the next row or the end of its document; `None` at the end of all documents.
    ///
    /// # Errors
    /// When a document ends early, is not a response, or cannot be read.
    pub(crate) fn next(&mut self) -> Result<Option<XmlItem>, XmlError> {
        if !self.document.has_started() {
            self.refuse_html()?;
        }
        loop {
            let start = self.bytes();
            let (reader, buffer) = (&mut self.reader, &mut self.buffer);
            reader.get_mut().set_limit(self.document.message_start + MAX_ROW_BYTES as u64);
            buffer.clear();
            let event = match reader.read_event_into(buffer) {
                Ok(event) => event,
                Err(error) => return Err(read_error(error, reader)),
            };
            if matches!(event, Event::Eof) {
                if self.has_document && !self.document.has_started() {
                    return Ok(None);
                }
                return Err(DecodeError::cut_off(self.bytes()).into());
            }
            match self.document.handle(&event, start)? {
                ParsedEvent::Inside => {}
                ParsedEvent::Row(row) => {
                    let position = self.bytes();
                    self.document.message_start = position;
                    let last = self.reader.get_ref().last_replacement();
                    let has_replacement = last.is_some_and(|at| at >= row.start);
                    return Ok(Some(XmlItem::Row { json: row.json, has_replacement }));
                }
                ParsedEvent::End => {
                    let message_start = self.bytes();
                    let document = DocumentState { message_start, ..DocumentState::default() };
                    std::mem::replace(&mut self.document, document).finish()?;
                    self.has_document = true;
                    return Ok(Some(XmlItem::DocumentEnd));
                }
            }
        }
    }

    fn refuse_html(&mut self) -> Result<(), XmlError> {
        let start = self.reader.get_mut().fill_buf().map_err(XmlError::Io)?;
        let start = std::str::from_utf8(start).unwrap_or_default().trim_start_matches('\u{FEFF}');
        if !is_html(start) {
            return Ok(());
        }
        let hint = "check the base URL, and whether a proxy or a login page responded in its place";
        Err(DecodeError::not_understood(html::message(start), Some(hint)).into())
    }

    /// Checks that only comments and processing instructions follow the document.
    fn expect_end(&mut self) -> Result<(), DecodeError> {
        loop {
            self.buffer.clear();
            match self.reader.read_event_into(&mut self.buffer) {
                Ok(Event::Eof) => return Ok(()),
                Ok(Event::Comment(_) | Event::PI(_)) => {}
                Ok(Event::Text(text)) if text.trim().is_empty() => {}
                _ => {
                    return Err(DecodeError::not_understood(
                        "XML, but something follows the end of the response".to_owned(),
                        None,
                    ));
                }
            }
        }
    }
}

/// The result of one event of a document.
enum ParsedEvent {
    Inside,
    Row(XmlMember),
    End,
}

/// A document that is being read.
#[derive(Default)]
struct DocumentState {
    /// The open elements, outermost first.
    open: Vec<Element>,
    /// The number of elements in memory: the open ones, and the ones inside them that were read.
    held: usize,
    /// Whether an element `results` was read.
    has_results: bool,
    has_rows: bool,
    /// The byte offset at which the last message ended, or the document began.
    message_start: u64,
}

impl DocumentState {
    fn has_started(&self) -> bool {
        !self.open.is_empty()
    }

    /// Handles an event that starts at this byte offset.
    fn handle(&mut self, event: &Event<'_>, start: u64) -> Result<ParsedEvent, DecodeError> {
        match event {
            Event::Start(tag) => {
                self.start(tag, start)?;
                Ok(ParsedEvent::Inside)
            }
            Event::Empty(tag) => {
                self.start(tag, start)?;
                Ok(self.end())
            }
            Event::End(_) => Ok(self.end()),
            Event::Text(text) => self.text(&text.xml10_content()),
            Event::CData(text) => self.text(&text.xml10_content()),
            Event::GeneralRef(reference) => self.text(&resolve(reference)),
            Event::DocType(_) => Err(no_document_type()),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::Eof => {
                Ok(ParsedEvent::Inside)
            }
        }
    }

    fn start(&mut self, tag: &BytesStart<'_>, start: u64) -> Result<(), DecodeError> {
        if self.open.len() >= MAX_DEPTH {
            return Err(DecodeError::not_understood(
                format!("the XML is nested deeper than {MAX_DEPTH} elements"),
                None,
            ));
        }
        if self.held >= MAX_HELD_ELEMENTS {
            return Err(DecodeError::not_understood(
                format!("a message in the XML has more than {MAX_HELD_ELEMENTS} elements"),
                None,
            ));
        }
        let nil = tag.attributes().flatten().any(|attribute| {
            attribute.key.local_name().as_ref() == "nil"
                && matches!(attribute.value.as_ref(), "true" | "1")
        });
        self.held += 1;
        self.open.push(Element::new(tag.local_name().as_ref(), nil, start));
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<ParsedEvent, DecodeError> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if text.chars().all(|c| c.is_whitespace() || c == '\u{FEFF}') => {}
            None => {
                return Err(DecodeError::not_understood("text outside of XML".to_owned(), None));
            }
        }
        Ok(ParsedEvent::Inside)
    }

    /// Closes the innermost element.
    fn end(&mut self) -> ParsedEvent {
        let path: Vec<&str> = self.open.iter().map(|element| element.name.as_str()).collect();
        let is_results = matches!(path.as_slice(), [_, "results"]);
        let is_listed_row = matches!(path.as_slice(), [_, "results", "result"]);
        let in_row = match path.as_slice() {
            [_, "results", "result", in_row @ ..] | [_, "results", in_row @ ..] => in_row.join("."),
            _ => String::new(),
        };
        if self.open.len() <= 1 {
            // The outermost element stays for `finish`.
            return ParsedEvent::End;
        }
        let Some(element) = self.open.pop() else { return ParsedEvent::End };
        if is_results {
            self.has_results = true;
            self.held -= element.members.len() + 1;
            // It had either a list of rows, which were returned, or the members of one row.
            if element.members.is_empty() {
                return ParsedEvent::Inside;
            }
            return self.row(element);
        }
        let is_in_root = self.open.len() == 1;
        let Some(parent) = self.open.last_mut() else { return ParsedEvent::End };
        if is_listed_row {
            self.held -= element.members.len() + 1 + parent.members.len();
            parent.members.clear();
            parent.is_list = true;
            return self.row(element);
        }
        self.held -= element.members.len();
        // Once there are rows, other elements are dropped. Without rows, they may be an error body.
        if parent.is_list || self.has_rows && is_in_root {
            self.held -= 1;
        } else {
            parent.members.push(element.into_member(&in_row));
        }
        ParsedEvent::Inside
    }

    fn row(&mut self, element: Element) -> ParsedEvent {
        if !self.has_rows {
            self.has_rows = true;
            if let Some(root) = self.open.first_mut() {
                self.held -= root.members.len();
                root.members.clear();
            }
        }
        ParsedEvent::Row(element.into_member(""))
    }

    /// Checks that the document, which was read to its end, is a response.
    ///
    /// # Errors
    /// When it is an error body, or another document.
    fn finish(mut self) -> Result<(), DecodeError> {
        let Some(root) = self.open.pop() else { return Ok(()) };
        let is_response =
            self.has_results || root.name.to_ascii_lowercase().ends_with("logsresponse");
        let body = root.into_member("");
        if !self.has_rows
            && let Some(refusal) =
                Refusal::read(&body.json).or_else(|| Refusal::read(&object(vec![body])))
        {
            return Err(DecodeError::Refusal(refusal));
        }
        if is_response || self.has_rows {
            return Ok(());
        }
        Err(DecodeError::not_understood(
            "XML, but not a response of the logs endpoint: it has no results".to_owned(),
            Some(CHECK_BASE_URL),
        ))
    }
}

/// The text of a reference; an unknown one stays as written.
fn resolve(reference: &BytesRef<'_>) -> String {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return character.to_string();
    }
    match resolve_predefined_entity(reference) {
        Some(text) => text.to_owned(),
        None => format!("&{};", &**reference),
    }
}

/// The error for a failed read. It contains no text of the parser, which may quote a message.
fn read_error<R: BufRead>(error: Error, reader: &mut Reader<LossyUtf8<R>>) -> XmlError {
    let position = reader.get_ref().position();
    match error {
        Error::Io(error) if LimitExceeded::caused(&error) => return XmlError::MessageTooLong,
        Error::Io(error) => {
            return XmlError::Io(Arc::try_unwrap(error).unwrap_or_else(|e| e.kind().into()));
        }
        Error::Syntax(SyntaxError::UnclosedDoctype) => return no_document_type().into(),
        // Other syntax errors occur only at the end of the input.
        Error::Syntax(SyntaxError::InvalidBangMarkup)
            if reader.get_mut().fill_buf().is_ok_and(|rest| !rest.is_empty()) => {}
        Error::Syntax(_) => return DecodeError::cut_off(position).into(),
        _ => {}
    }
    let at = reader.error_position();
    DecodeError::not_understood(
        format!("not XML that can be read: not well-formed at byte {at}"),
        None,
    )
    .into()
}

fn no_document_type() -> DecodeError {
    DecodeError::not_understood("XML with a document type, which is not allowed".to_owned(), None)
}

#[cfg(test)]
mod tests;
