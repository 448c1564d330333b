//! What a file holds, told by how it begins.

use std::io::{BufRead, Cursor, Read};

use serde_json::value::RawValue;

use super::document::Document;
use super::lines::Lines;
use super::xml::Xml;
use super::{Fault, Rows};
use crate::wire;

/// How much of a file is looked at to tell what it is.
const LOOK: u64 = 64 * 1024;

/// The rows of a file, whatever its form.
pub(super) fn rows(mut reader: Box<dyn BufRead + Send>) -> Result<Box<dyn Rows>, Fault> {
    let mut start = Vec::new();
    reader.by_ref().take(LOOK).read_to_end(&mut start)?;
    if let Some((name, command)) = compression(&start) {
        return Err(Fault::Bad {
            message: format!("it is compressed ({name})"),
            hint: Some(format!("{command} FILE | omnilogs --input -")),
        });
    }
    wire::check_encoding(&start)?;
    if start.starts_with(wire::BYTE_ORDER_MARK) {
        start.drain(..wire::BYTE_ORDER_MARK.len());
    }
    let form = form(&start);
    let whole = Box::new(Cursor::new(start).chain(reader));
    Ok(match form {
        Form::Xml => Box::new(Xml::new(whole)),
        Form::Lines => Box::new(Lines::new(whole)),
        Form::Document => Box::new(Document::new(whole)),
    })
}

/// The compression of a file by its first bytes, and the command that undoes it.
fn compression(start: &[u8]) -> Option<(&'static str, &'static str)> {
    let known: [(&[u8], _, _); 5] = [
        (b"\x1F\x8B", "gzip", "gunzip -c"),
        (b"PK\x03\x04", "zip", "unzip -p"),
        (b"\x28\xB5\x2F\xFD", "zstd", "zstd -dc"),
        (b"BZh", "bzip2", "bunzip2 -c"),
        (b"\xFD7zXZ\0", "xz", "xz -dc"),
    ];
    let (_, name, command) = known.into_iter().find(|(bytes, _, _)| start.starts_with(bytes))?;
    Some((name, command))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Xml,
    /// Rows one a line, where a bad line costs that line.
    Lines,
    /// Responses, or lists of rows, laid out in any way.
    Document,
}

fn form(start: &[u8]) -> Form {
    let start = start.trim_ascii_start();
    if start.starts_with(b"<") {
        return Form::Xml;
    }
    let (first, rest) = line(start);
    match Line::read(first) {
        Line::Row | Line::Bad => Form::Lines,
        Line::Response => Form::Document,
        // A document over several lines; or a line that was cut, when the next one is whole.
        Line::Beginning => {
            let (second, _) = line(rest);
            let both = [first, b"\n", second].concat();
            match (Line::read(second), Line::read(&both)) {
                (Line::Row, Line::Bad) => Form::Lines,
                _ => Form::Document,
            }
        }
    }
}

/// The first line, and what follows it.
fn line(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| *byte == b'\n').unwrap_or(text.len());
    (text.get(..end).unwrap_or_default(), text.get(end + 1..).unwrap_or_default())
}

/// What a line is when it stands alone.
enum Line {
    /// A whole JSON value that may be a row.
    Row,
    /// A whole response, or a list.
    Response,
    /// The beginning of a JSON value.
    Beginning,
    /// No JSON.
    Bad,
}

impl Line {
    fn read(line: &[u8]) -> Self {
        #[derive(serde::Deserialize)]
        struct Response<'a> {
            #[serde(borrow)]
            #[expect(dead_code, reason = "that it is there is what is asked")]
            results: &'a RawValue,
        }
        match wire::row(line, |_| ()) {
            Ok(log) if log.json().starts_with('[') => Self::Response,
            Ok(log) if serde_json::from_str::<Response<'_>>(log.json()).is_ok() => Self::Response,
            Ok(_) => Self::Row,
            Err(wire::DecodeError::CutOff { .. }) => Self::Beginning,
            Err(_) => Self::Bad,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_a_file_begins_tells_what_it_holds() {
        for (start, wanted) in [
            ("", Form::Document),
            (" \n<results/>", Form::Xml),
            ("<?xml?>", Form::Xml),
            ("{\"results\":[{}]}\n{\"results\":[{}]}", Form::Document),
            ("{\"results\":[{\"a\":1,},", Form::Document),
            ("{\n\"results\":[\n{}\n]}", Form::Document),
            ("{\"results\":[\n{\"a\":1},\n{\"a\":2}]}", Form::Document),
            ("[\n{}\n]", Form::Document),
            ("[{},{}]", Form::Document),
            ("{\"to\":1}\n{\"to\":2}\n", Form::Lines),
            ("{\"to\":1,}", Form::Lines),
            ("\"DELIVERED\"}}\n{\"to\":2}\n", Form::Lines),
            ("{\"to\":\"4\n{\"to\":2}\n", Form::Lines),
            ("{\"to\":4,\n{\"to\":2}\n", Form::Lines),
        ] {
            assert_eq!(form(start.as_bytes()), wanted, "{start}");
        }
    }
}
