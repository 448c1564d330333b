//! XML bodies: three shapes of the same rows.
//!
//! `smsLogsResponse/results/result`, `omniLogsResponse/results` once a row, and
//! `omniLogsResponse/results/result`. Document types, and so entity declarations, are refused;
//! nothing is ever looked up.

use quick_xml::Reader;
use quick_xml::errors::{Error, SyntaxError};
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::DecodeError;
use super::html::{self, is_html};
use super::refusal::Refusal;
use super::text::Text;
use super::xml_value::{Element, Member, object};
use crate::model::{Log, Oddity, Page};

/// How deep elements may be nested.
const DEEPEST: usize = 64;

/// Reads a body that is one document.
pub(super) fn decode(text: &Text<'_>) -> Result<Page, DecodeError> {
    let mut document = Document::read(text, 0);
    let end = document.end?;
    only_comments(text.as_str().get(end..).unwrap_or_default())?;
    if text.is_mended() && !document.page.oddities.has(Oddity::InvalidUtf8) {
        document.page.oddities.note(Oddity::InvalidUtf8, 0);
    }
    Ok(document.page)
}

/// One document out of a text that may hold several.
pub(crate) struct Document {
    /// The rows that were read whole.
    pub(crate) page: Page,
    /// Where the document ends, or why it could not be read to its end.
    pub(crate) end: Result<usize, DecodeError>,
}

impl Document {
    /// Reads the document that begins at this place of the text.
    pub(crate) fn read(text: &Text<'_>, from: usize) -> Self {
        let rest = text.as_str().get(from..).unwrap_or_default();
        if is_html(rest) {
            let hint = "a proxy or a login page answered, or the base URL is not the API's";
            let error = DecodeError::not_understood(html::message(rest), Some(hint));
            return Self { page: Page::default(), end: Err(error) };
        }
        let mut reader = Reader::from_str(rest);
        reader.config_mut().allow_dangling_amp = true;
        let mut walk = Walk { text, from, open: Vec::new(), results: false, page: Page::default() };
        let end = loop {
            let start = reader.buffer_position();
            let event = match reader.read_event() {
                Ok(event) => event,
                Err(error) => break Err(fault(&error, &reader, rest)),
            };
            let place = offset(start)..offset(reader.buffer_position());
            match walk.take(&event, place.start, place.end) {
                Ok(true) => break walk.judge().map(|()| from + place.end),
                Ok(false) => {}
                Err(error) => break Err(error),
            }
        };
        Self { page: walk.page, end }
    }
}

/// Walks through a document, the elements that are open on a stack.
struct Walk<'t> {
    text: &'t Text<'t>,
    from: usize,
    open: Vec<Element>,
    /// Whether an element that holds rows was met.
    results: bool,
    page: Page,
}

impl Walk<'_> {
    /// Takes an event that stands in this stretch; true when it ended the document.
    fn take(&mut self, event: &Event<'_>, start: usize, end: usize) -> Result<bool, DecodeError> {
        match event {
            Event::Start(tag) => {
                self.start(tag, start)?;
                Ok(false)
            }
            Event::Empty(tag) => {
                self.start(tag, start)?;
                Ok(self.end(end))
            }
            Event::End(_) => Ok(self.end(end)),
            Event::Text(text) => self.text(&text.xml10_content()),
            Event::CData(text) => self.text(&text.xml10_content()),
            Event::GeneralRef(reference) => self.text(&resolved(reference)),
            Event::DocType(_) => Err(no_document_type()),
            Event::Eof => Err(DecodeError::cut_off(self.text.as_str().len())),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => Ok(false),
        }
    }

    fn start(&mut self, tag: &BytesStart<'_>, start: usize) -> Result<(), DecodeError> {
        if self.open.len() >= DEEPEST {
            return Err(DecodeError::not_understood(
                format!("the XML is nested deeper than {DEEPEST} elements"),
                None,
            ));
        }
        let nil = tag.attributes().flatten().any(|attribute| {
            attribute.key.local_name().as_ref() == "nil"
                && matches!(attribute.value.as_ref(), "true" | "1")
        });
        self.open.push(Element::new(tag.local_name().as_ref(), nil, start));
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<bool, DecodeError> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if text.chars().all(|c| c.is_whitespace() || c == '\u{FEFF}') => {}
            None => {
                return Err(DecodeError::not_understood("text outside of XML".to_owned(), None));
            }
        }
        Ok(false)
    }

    /// Closes the innermost element; true when it was the outermost as well.
    fn end(&mut self, end: usize) -> bool {
        let path: Vec<&str> = self.open.iter().map(|element| element.name.as_str()).collect();
        let is_results = matches!(path.as_slice(), [_, "results"]);
        let in_row = match path.as_slice() {
            [_, "results", "result", in_row @ ..] | [_, "results", in_row @ ..] => in_row.join("."),
            _ => String::new(),
        };
        let Some(element) = self.open.pop() else { return true };
        if is_results {
            self.results = true;
            self.rows(element, end);
            return false;
        }
        if let Some(parent) = self.open.last_mut() {
            parent.members.push(element.into_member(&in_row, end));
            return false;
        }
        // The outermost stays, to be judged.
        self.open.push(element);
        true
    }

    /// Makes rows of an element that holds either a list of them or the members of one.
    fn rows(&mut self, results: Element, end: usize) {
        if results.members.iter().any(|member| member.name == "result") {
            for member in results.members.into_iter().filter(|member| member.name == "result") {
                self.row(member);
            }
        } else if !results.members.is_empty() {
            self.row(results.into_member("", end));
        }
    }

    fn row(&mut self, row: Member) {
        let Page { logs, oddities, .. } = &mut self.page;
        let number = logs.len() as u64 + 1;
        let place = self.from + row.place.start..self.from + row.place.end;
        if self.text.is_mended_in(&place) {
            oddities.note(Oddity::InvalidUtf8, number);
        }
        logs.push(Log::new(row.json));
    }

    /// Whether the document, read to its end, is an answer.
    fn judge(&mut self) -> Result<(), DecodeError> {
        let Some(root) = self.open.pop() else { return Ok(()) };
        let is_answer = self.results || root.name.to_ascii_lowercase().ends_with("logsresponse");
        let body = root.into_member("", 0);
        if self.page.logs.is_empty()
            && let Some(refusal) =
                Refusal::read(&body.json).or_else(|| Refusal::read(&object(vec![body])))
        {
            return Err(DecodeError::Refusal(refusal));
        }
        if is_answer {
            return Ok(());
        }
        Err(DecodeError::not_understood(
            "XML, but no answer of the logs endpoint: it has no results".to_owned(),
            Some("does the base URL lead to the API?"),
        ))
    }
}

/// What a reference stands for; one that names nothing stands for itself.
fn resolved(reference: &BytesRef<'_>) -> String {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return character.to_string();
    }
    match resolve_predefined_entity(reference) {
        Some(text) => text.to_owned(),
        None => format!("&{};", &**reference),
    }
}

/// Names may be words of a message, so that no text of the reader is passed on.
fn fault(error: &Error, reader: &Reader<&[u8]>, text: &str) -> DecodeError {
    let at = offset(reader.error_position());
    let is_cut = match error {
        Error::Syntax(SyntaxError::UnclosedDoctype) => return no_document_type(),
        Error::Syntax(_) => {
            let tail = text.get(at..).unwrap_or_default();
            offset(reader.buffer_position()) >= text.len()
                || ["<!--", "<![CDATA["].iter().any(|markup| markup.starts_with(tail))
        }
        _ => false,
    };
    if is_cut {
        return DecodeError::cut_off(text.len());
    }
    DecodeError::not_understood(
        format!("not XML that can be read: not well-formed at byte {at}"),
        None,
    )
}

/// After a document only comments and instructions may stand.
///
/// # Errors
/// When anything else does.
pub(crate) fn only_comments(rest: &str) -> Result<(), DecodeError> {
    let mut reader = Reader::from_str(rest);
    loop {
        match reader.read_event() {
            Ok(Event::Eof) => return Ok(()),
            Ok(Event::Comment(_) | Event::PI(_)) => {}
            Ok(Event::Text(text)) if text.trim().is_empty() => {}
            _ => {
                return Err(DecodeError::not_understood(
                    "XML, but something follows the end of the answer".to_owned(),
                    None,
                ));
            }
        }
    }
}

fn no_document_type() -> DecodeError {
    DecodeError::not_understood(
        "XML with a document type; document type not allowed".to_owned(),
        None,
    )
}

fn offset(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests;
