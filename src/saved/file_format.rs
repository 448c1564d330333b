//! Recognizes the format of a file by its first bytes.

use std::io::{BufRead, Cursor, Read};

use serde_json::value::RawValue;

use super::json_file::JsonFile;
use super::json_lines_file::JsonLinesFile;
use super::xml_file::XmlFile;
use super::{ReadError, RowReader};
use crate::wire;

/// How many bytes are read to recognize the format.
const MAX_PREFIX_BYTES: u64 = 64 * 1024;

/// A reader of the rows of a file in any format.
///
/// # Errors
/// When the file is compressed, UTF-16 or UTF-32, or cannot be read.
pub(super) fn rows(mut reader: Box<dyn BufRead + Send>) -> Result<Box<dyn RowReader>, ReadError> {
    let mut start = Vec::new();
    reader.by_ref().take(MAX_PREFIX_BYTES).read_to_end(&mut start)?;
    if let Some((name, command)) = compression(&start) {
        return Err(ReadError::Malformed {
            message: format!("it is compressed ({name})"),
            hint: Some(format!("decompress it first: {command}")),
        });
    }
    wire::check_encoding(&start)?;
    if start.starts_with(wire::BYTE_ORDER_MARK) {
        start.drain(..wire::BYTE_ORDER_MARK.len());
    }
    let format = file_format(&start);
    let whole = Box::new(Cursor::new(start).chain(reader));
    Ok(match format {
        FileFormat::Xml => Box::new(XmlFile::new(whole)),
        FileFormat::JsonLines => Box::new(JsonLinesFile::new(whole)),
        FileFormat::Json => Box::new(JsonFile::new(whole)),
    })
}

/// The compression of a file, by its first bytes, and the command that decompresses it.
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
enum FileFormat {
    Xml,
    /// One row per line; other lines are read when one is malformed.
    JsonLines,
    /// Responses or rows in any layout.
    Json,
}

fn file_format(start: &[u8]) -> FileFormat {
    let start = start.trim_ascii_start();
    if start.starts_with(b"<") {
        return FileFormat::Xml;
    }
    let (first, rest) = line(start);
    match Line::read(first) {
        Line::Row | Line::NotJson => FileFormat::JsonLines,
        Line::Response => FileFormat::Json,
        // A document of several lines; or a truncated line, when the next line is complete.
        Line::Beginning => {
            let (second, _) = line(rest);
            let both = [first, b"\n", second].concat();
            match (Line::read(second), Line::read(&both)) {
                (Line::Row, Line::NotJson) => FileFormat::JsonLines,
                _ => FileFormat::Json,
            }
        }
    }
}

/// The first line, and what follows it.
fn line(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| *byte == b'\n').unwrap_or(text.len());
    (text.get(..end).unwrap_or_default(), text.get(end + 1..).unwrap_or_default())
}

/// The content of one line.
enum Line {
    /// A complete JSON value that may be a row.
    Row,
    /// A complete response, or a list.
    Response,
    /// The beginning of a JSON value.
    Beginning,
    /// Not JSON.
    NotJson,
}

impl Line {
    fn read(line: &[u8]) -> Self {
        #[derive(serde::Deserialize)]
        struct ResponseLine<'a> {
            #[serde(borrow)]
            #[expect(dead_code, reason = "only its presence matters")]
            results: &'a RawValue,
        }
        match wire::row(line, |_| ()) {
            Ok(log) if log.json().starts_with('[') => Self::Response,
            Ok(log) if serde_json::from_str::<ResponseLine<'_>>(log.json()).is_ok() => {
                Self::Response
            }
            Ok(_) => Self::Row,
            Err(wire::DecodeError::CutOff { .. }) => Self::Beginning,
            Err(_) => Self::NotJson,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_of_a_file_shows_its_format() {
        for (start, wanted) in [
            ("", FileFormat::Json),
            (" \n<results/>", FileFormat::Xml),
            ("<?xml?>", FileFormat::Xml),
            ("{\"results\":[{}]}\n{\"results\":[{}]}", FileFormat::Json),
            ("{\"results\":[{\"a\":1,},", FileFormat::Json),
            ("{\n\"results\":[\n{}\n]}", FileFormat::Json),
            ("{\"results\":[\n{\"a\":1},\n{\"a\":2}]}", FileFormat::Json),
            ("[\n{}\n]", FileFormat::Json),
            ("[{},{}]", FileFormat::Json),
            ("{\"to\":1}\n{\"to\":2}\n", FileFormat::JsonLines),
            ("{\"to\":1,}", FileFormat::JsonLines),
            ("\"DELIVERED\"}}\n{\"to\":2}\n", FileFormat::JsonLines),
            ("{\"to\":\"4\n{\"to\":2}\n", FileFormat::JsonLines),
            ("{\"to\":4,\n{\"to\":2}\n", FileFormat::JsonLines),
        ] {
            assert_eq!(file_format(start.as_bytes()), wanted, "{start}");
        }
    }
}
