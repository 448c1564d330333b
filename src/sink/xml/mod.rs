//! `<omniLogsResponse>` with one `<results>` per message, in the format of the API.
//!
//! Elements are in the order of the row and include unknown fields; numbers keep every digit. Lists are
//! repeated elements, because XML has no lists. A null is marked with `xsi:nil`, which distinguishes it
//! from an empty text.

use std::borrow::Cow;
use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::xml_text::{element_name, escape};
use super::{Flow, RunEnd, Sink, SinkError};
use crate::model::{Coverage, Log, Token, Tokens, unquote};

const ROOT: &str = "omniLogsResponse";
const ROW: &str = "results";
/// The element of each item of a row that is a list.
const ITEM: &str = "item";

/// How many bytes of a row are kept before they are written. The row of a message is usually shorter,
/// and is written at once.
const MAX_UNWRITTEN: usize = 1 << 20;

/// Writes one XML document. Without rows it is an empty `<omniLogsResponse>`.
#[derive(Debug)]
pub struct Xml<W> {
    out: W,
}

impl<W: Write> Xml<W> {
    /// Writes into this writer.
    pub fn new(out: W) -> Self {
        Self { out }
    }

    fn write(&mut self, xml: Writer<Vec<u8>>) -> io::Result<()> {
        self.out.write_all(&xml.into_inner())
    }
}

impl<W: Write> Sink for Xml<W> {
    fn begin(&mut self) -> Result<(), SinkError> {
        let mut xml = Writer::new(Vec::new());
        xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        space(&mut xml, "\n")?;
        xml.write_event(Event::Start(BytesStart::new(ROOT)))?;
        space(&mut xml, "\n")?;
        Ok(self.write(xml)?)
    }

    fn log(&mut self, log: &Log) -> Result<Flow, SinkError> {
        let xml = Writer::new(Vec::new());
        XmlRow { out: &mut self.out, xml, open: Vec::new(), key: None }.write(log.json())?;
        Ok(Flow::Continue)
    }

    fn end_page(&mut self, _coverage: &Coverage) -> Result<(), SinkError> {
        Ok(self.out.flush()?)
    }

    fn finish(&mut self, _end: &RunEnd) -> Result<(), SinkError> {
        let mut xml = Writer::new(Vec::new());
        xml.write_event(Event::End(BytesEnd::new(ROOT)))?;
        space(&mut xml, "\n")?;
        self.write(xml)?;
        Ok(self.out.flush()?)
    }
}

/// Writes the JSON tokens of a row as elements, part by part: a row of a few megabytes can be a
/// gigabyte of XML. It is not recursive, so that deep nesting does not overflow the stack.
struct XmlRow<'a, W> {
    out: &'a mut W,
    /// The XML that is not written yet.
    xml: Writer<Vec<u8>>,
    /// The open objects and lists. A malicious row opens millions, so each must be small.
    open: Vec<OpenValue<'a>>,
    /// The key of the next value, as in the row.
    key: Option<&'a str>,
}

/// An open object or list.
struct OpenValue<'a> {
    /// The key that names the element of an object, or that of each item of a list.
    key: Option<&'a str>,
    is_list: bool,
    /// Whether it has an element. A list that is a member of an object has none: each of its items has
    /// one.
    has_element: bool,
    is_empty: bool,
}

impl<'a, W: Write> XmlRow<'a, W> {
    fn write(&mut self, json: &'a str) -> io::Result<()> {
        space(&mut self.xml, "  ")?;
        let mut tokens = Tokens::new(json).peekable();
        while let Some(token) = tokens.next() {
            match token {
                Token::String(key) if tokens.peek() == Some(&Token::Colon) => self.key = Some(key),
                Token::String(literal) => {
                    let text = unquote(literal);
                    self.text(text.as_ref().map_or(literal, |(text, _)| text.as_ref()))?;
                }
                Token::Scalar("null") => self.null()?,
                Token::Scalar(text) => self.text(text)?,
                Token::Open(bracket) => self.open(bracket == "[")?,
                Token::Close(_) => self.close()?,
                Token::Comma | Token::Colon => (),
            }
            if self.xml.get_ref().len() >= MAX_UNWRITTEN {
                self.write_out()?;
            }
        }
        space(&mut self.xml, "\n")?;
        self.write_out()
    }

    fn write_out(&mut self) -> io::Result<()> {
        self.out.write_all(self.xml.get_ref())?;
        self.xml.get_mut().clear();
        Ok(())
    }

    /// The key that names the next element. Begins a line for each field.
    fn next_key(&mut self) -> io::Result<Option<&'a str>> {
        let elements = || self.open.iter().filter(|open| open.has_element).count();
        if self.open.len() <= 2 && elements() == 1 {
            space(&mut self.xml, "\n    ")?;
        }
        let Some(parent) = self.open.last_mut() else { return Ok(None) };
        parent.is_empty = false;
        Ok(if parent.is_list { parent.key } else { self.key.take() })
    }

    /// The name of an element with this key inside the values that are open now.
    fn name(&self, key: Option<&'a str>) -> Cow<'a, str> {
        if self.open.is_empty() { Cow::Borrowed(ROW) } else { name_of_key(key) }
    }

    fn text(&mut self, text: &str) -> io::Result<()> {
        let key = self.next_key()?;
        let name = self.name(key);
        self.xml.write_event(Event::Start(BytesStart::new(name.as_ref())))?;
        self.xml.write_event(Event::Text(BytesText::from_escaped(escape(text))))?;
        self.xml.write_event(Event::End(BytesEnd::new(name.as_ref())))
    }

    fn null(&mut self) -> io::Result<()> {
        let key = self.next_key()?;
        // Declared where it is used: rows have few nulls, and the root stays as in the API.
        let nil = [("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"), ("xsi:nil", "true")];
        self.xml.write_event(Event::Empty(BytesStart::new(self.name(key)).with_attributes(nil)))
    }

    fn open(&mut self, is_list: bool) -> io::Result<()> {
        let is_member = self.open.last().is_some_and(|parent| !parent.is_list);
        if is_list && is_member {
            let key = self.key.take();
            self.open.push(OpenValue { key, is_list, has_element: false, is_empty: true });
            return Ok(());
        }
        let key = self.next_key()?;
        self.xml.write_event(Event::Start(BytesStart::new(self.name(key))))?;
        self.open.push(OpenValue { key, is_list, has_element: true, is_empty: true });
        Ok(())
    }

    fn close(&mut self) -> io::Result<()> {
        let Some(closed) = self.open.pop() else { return Ok(()) };
        if closed.has_element {
            if self.open.is_empty() && !closed.is_empty {
                space(&mut self.xml, "\n  ")?;
            }
            return self.xml.write_event(Event::End(BytesEnd::new(self.name(closed.key))));
        }
        if closed.is_empty {
            self.key = closed.key;
            let key = self.next_key()?;
            self.xml.write_event(Event::Empty(BytesStart::new(self.name(key))))?;
        } else if let Some(parent) = self.open.last_mut() {
            parent.is_empty = false;
        }
        Ok(())
    }
}

/// The element name of a member, from its key in the row; [`ITEM`] without a key.
fn name_of_key(key: Option<&str>) -> Cow<'_, str> {
    let Some(key) = key else { return Cow::Borrowed(ITEM) };
    match unquote(key) {
        Some((Cow::Borrowed(text), _)) => element_name(text),
        Some((Cow::Owned(text), _)) => Cow::Owned(element_name(&text).into_owned()),
        None => element_name(key),
    }
}

fn space(xml: &mut Writer<Vec<u8>>, space: &str) -> io::Result<()> {
    xml.write_event(Event::Text(BytesText::from_escaped(space)))
}

#[cfg(test)]
mod tests;
