//! `<omniLogsResponse>` with one `<results>` per message, as the API itself prints it.
//!
//! Elements are in the order of the row, with numbers digit for digit and unknown fields. Lists are
//! repeated elements, because XML has no lists. A null is marked `xsi:nil`, which tells it from an
//! empty text.

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
        let mut row = Row { xml: Writer::new(Vec::new()), open: Vec::new(), key: None };
        row.write(log.json())?;
        self.write(row.xml)?;
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

/// Turns the JSON tokens of a row into elements, without recursion, so that no row is too deep.
struct Row {
    xml: Writer<Vec<u8>>,
    /// The objects and lists that are open.
    open: Vec<Open>,
    /// The key whose value comes next.
    key: Option<String>,
}

struct Open {
    /// Of an object, its element's; of a list, that of each item.
    name: String,
    is_list: bool,
    /// The element that ends with it. A member that is a list has none: its items are elements of their own.
    element: Option<String>,
    is_empty: bool,
}

impl Row {
    fn write(&mut self, json: &str) -> io::Result<()> {
        space(&mut self.xml, "  ")?;
        let mut tokens = Tokens::new(json).peekable();
        while let Some(token) = tokens.next() {
            match token {
                Token::String(key) if tokens.peek() == Some(&Token::Colon) => {
                    let text = unquote(key).map(|(text, _)| name(&text).into_owned());
                    self.key = Some(text.unwrap_or_else(|| name(key).into_owned()));
                }
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
        }
        space(&mut self.xml, "\n")
    }

    /// What the next element is called. Each field is on its own line.
    fn next_name(&mut self) -> io::Result<String> {
        let elements = || self.open.iter().filter(|open| open.element.is_some()).count();
        if self.open.len() <= 2 && elements() == 1 {
            space(&mut self.xml, "\n    ")?;
        }
        let Some(parent) = self.open.last_mut() else { return Ok(ROW.to_owned()) };
        parent.is_empty = false;
        Ok(if parent.is_list {
            parent.name.clone()
        } else {
            self.key.take().unwrap_or_else(|| ITEM.to_owned())
        })
    }

    fn text(&mut self, text: &str) -> io::Result<()> {
        let name = self.next_name()?;
        self.xml.write_event(Event::Start(BytesStart::new(name.as_str())))?;
        self.xml.write_event(Event::Text(BytesText::from_escaped(escaped(text))))?;
        self.xml.write_event(Event::End(BytesEnd::new(name.as_str())))
    }

    fn null(&mut self) -> io::Result<()> {
        let name = self.next_name()?;
        // Declared where it is used: rows hold few nulls, and the root stays the API's own.
        let nil = [("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"), ("xsi:nil", "true")];
        self.xml.write_event(Event::Empty(BytesStart::new(name).with_attributes(nil)))
    }

    fn open(&mut self, is_list: bool) -> io::Result<()> {
        let is_member = self.open.last().is_some_and(|parent| !parent.is_list);
        if is_list && is_member {
            let name = self.key.take().unwrap_or_else(|| ITEM.to_owned());
            self.open.push(Open { name, is_list, element: None, is_empty: true });
            return Ok(());
        }
        let is_row = self.open.is_empty();
        let element = self.next_name()?;
        self.xml.write_event(Event::Start(BytesStart::new(element.as_str())))?;
        let name = if is_row { ITEM.to_owned() } else { element.clone() };
        self.open.push(Open { name, is_list, element: Some(element), is_empty: true });
        Ok(())
    }

    fn close(&mut self) -> io::Result<()> {
        let Some(mut closed) = self.open.pop() else { return Ok(()) };
        let Some(element) = closed.element.take() else {
            if closed.is_empty {
                self.key = Some(closed.name);
                let name = self.next_name()?;
                self.xml.write_event(Event::Empty(BytesStart::new(name)))?;
            } else if let Some(parent) = self.open.last_mut() {
                parent.is_empty = false;
            }
            return Ok(());
        };
        if self.open.is_empty() && !closed.is_empty {
            space(&mut self.xml, "\n  ")?;
        }
        self.xml.write_event(Event::End(BytesEnd::new(element)))
    }
}

fn space(xml: &mut Writer<Vec<u8>>, space: &str) -> io::Result<()> {
    xml.write_event(Event::Text(BytesText::from_escaped(space)))
}

#[cfg(test)]
mod tests;
