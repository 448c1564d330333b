//! `<omniLogsResponse>` with one `<results>` per message, as the API itself prints it.
//!
//! Elements are in the order of the row, with numbers digit for digit and unknown fields. Lists are
//! repeated elements, because XML has no lists. A null is marked `xsi:nil`, which distinguishes it
//! from an empty text.

use std::borrow::Cow;
use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::xml_text::{escaped, name};
use super::{Flow, RunEnd, Sink, SinkError};
use crate::model::{Coverage, Log, Token, Tokens, unquote};

const ROOT: &str = "omniLogsResponse";
const ROW: &str = "results";
/// The items of a row that is a list.
const ITEM: &str = "item";

/// How much of a row is kept before it is written. Rows of messages stay below, and are written as
/// one piece.
const MAX_UNWRITTEN: usize = 1 << 20;

/// Writes one XML document. Without rows it is an empty `<omniLogsResponse>`.
#[derive(Debug)]
pub struct Xml<W> {
    out: W,
}

impl<W: Write> Xml<W> {
    /// Into this writer.
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

/// Writes the JSON tokens of a row as elements, a part at a time: a row of a few megabytes can be a
/// gigabyte of XML. There is no recursion, so no row is too deep.
struct XmlRow<'a, W> {
    out: &'a mut W,
    /// What is not written yet.
    xml: Writer<Vec<u8>>,
    /// The objects and lists that are open. A hostile row opens millions, so each is kept small.
    open: Vec<Open<'a>>,
    /// The key whose value comes next, as it is in the row.
    key: Option<&'a str>,
}

struct Open<'a> {
    /// The key that names the element of an object, or that of each item of a list.
    key: Option<&'a str>,
    is_list: bool,
    /// Whether an element ends with it. A member that is a list has none: its items are elements of
    /// their own.
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
                self.pass_on()?;
            }
        }
        space(&mut self.xml, "\n")?;
        self.pass_on()
    }

    fn pass_on(&mut self) -> io::Result<()> {
        self.out.write_all(self.xml.get_ref())?;
        self.xml.get_mut().clear();
        Ok(())
    }

    /// The key that names the next element. Each field is on its own line.
    fn next_key(&mut self) -> io::Result<Option<&'a str>> {
        let elements = || self.open.iter().filter(|open| open.has_element).count();
        if self.open.len() <= 2 && elements() == 1 {
            space(&mut self.xml, "\n    ")?;
        }
        let Some(parent) = self.open.last_mut() else { return Ok(None) };
        parent.is_empty = false;
        Ok(if parent.is_list { parent.key } else { self.key.take() })
    }

    /// The name of the element with this key that is next in what is open now.
    fn name(&self, key: Option<&'a str>) -> Cow<'a, str> {
        if self.open.is_empty() { Cow::Borrowed(ROW) } else { element_name(key) }
    }

    fn text(&mut self, text: &str) -> io::Result<()> {
        let key = self.next_key()?;
        let name = self.name(key);
        self.xml.write_event(Event::Start(BytesStart::new(name.as_ref())))?;
        self.xml.write_event(Event::Text(BytesText::from_escaped(escaped(text))))?;
        self.xml.write_event(Event::End(BytesEnd::new(name.as_ref())))
    }

    fn null(&mut self) -> io::Result<()> {
        let key = self.next_key()?;
        // Declared where it is used: rows hold few nulls, and the root stays the API's own.
        let nil = [("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"), ("xsi:nil", "true")];
        self.xml.write_event(Event::Empty(BytesStart::new(self.name(key)).with_attributes(nil)))
    }

    fn open(&mut self, is_list: bool) -> io::Result<()> {
        let is_member = self.open.last().is_some_and(|parent| !parent.is_list);
        if is_list && is_member {
            let key = self.key.take();
            self.open.push(Open { key, is_list, has_element: false, is_empty: true });
            return Ok(());
        }
        let key = self.next_key()?;
        self.xml.write_event(Event::Start(BytesStart::new(self.name(key))))?;
        self.open.push(Open { key, is_list, has_element: true, is_empty: true });
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

/// The name of the element of a member, from its key in the row.
fn element_name(key: Option<&str>) -> Cow<'_, str> {
    let Some(key) = key else { return Cow::Borrowed(ITEM) };
    match unquote(key) {
        Some((Cow::Borrowed(text), _)) => name(text),
        Some((Cow::Owned(text), _)) => Cow::Owned(name(&text).into_owned()),
        None => name(key),
    }
}

fn space(xml: &mut Writer<Vec<u8>>, space: &str) -> io::Result<()> {
    xml.write_event(Event::Text(BytesText::from_escaped(space)))
}

#[cfg(test)]
mod tests;
