//! Finds where JSON values end, without holding more than one of them.
//!
//! It looks at brackets and quotes alone; whether a value is JSON is for the caller to find out.

use std::io::{self, BufRead};

use serde_json::value::RawValue;

use super::ReadError;

/// Bytes of the longest value that is taken.
pub(super) const MAX_VALUE_BYTES: usize = 64 * 1024 * 1024;

pub(super) const VALUE_TOO_LONG: ReadError =
    ReadError::TooLong("it holds a row of more than 64 MiB");

/// The reader's buffer; a read that a signal interrupted is repeated.
pub(super) fn filled<R: BufRead + ?Sized>(reader: &mut R) -> io::Result<&[u8]> {
    while let Err(error) = reader.fill_buf() {
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
    reader.fill_buf()
}

/// Bytes of a text of JSON values.
pub(super) struct Scanner<R> {
    reader: R,
    /// How many bytes were taken.
    pub(super) bytes: u64,
}

impl<R: BufRead> Scanner<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader, bytes: 0 }
    }

    /// What is read from.
    pub(super) fn reader(&mut self) -> &mut R {
        &mut self.reader
    }

    /// The next byte, which stays; `None` at the end.
    pub(super) fn peek(&mut self) -> Result<Option<u8>, ReadError> {
        Ok(self.chunk()?.first().copied())
    }

    /// Takes the next byte.
    pub(super) fn take(&mut self, into: &mut Vec<u8>) -> Result<(), ReadError> {
        let byte = self.peek()?.ok_or(ReadError::Cut)?;
        if into.len() >= MAX_VALUE_BYTES {
            return Err(VALUE_TOO_LONG);
        }
        into.push(byte);
        self.consume(1);
        Ok(())
    }

    /// Takes white space and returns the byte after it, which stays; `None` at the end.
    pub(super) fn white_space(&mut self, into: &mut Vec<u8>) -> Result<Option<u8>, ReadError> {
        loop {
            let chunk = self.chunk()?;
            let end = chunk.iter().position(|byte| !is_space(*byte));
            let next = end.and_then(|end| chunk.get(end).copied());
            let length = end.unwrap_or(chunk.len());
            into.extend_from_slice(chunk.get(..length).unwrap_or_default());
            self.consume(length);
            if into.len() > MAX_VALUE_BYTES {
                return Err(VALUE_TOO_LONG);
            }
            if next.is_some() || length == 0 {
                return Ok(next);
            }
        }
    }

    /// Takes the next value, if the buffer holds it whole, it is an object in strict JSON, and
    /// `read` makes something of it.
    pub(super) fn buffered_object<T>(
        &mut self,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, ReadError> {
        let chunk = self.chunk()?;
        if !chunk.starts_with(b"{") {
            return Ok(None);
        }
        let mut values = serde_json::Deserializer::from_slice(chunk).into_iter::<&RawValue>();
        let Some(Ok(object)) = values.next() else { return Ok(None) };
        let object = read(object.get());
        if object.is_some() {
            let length = values.byte_offset();
            self.consume(length);
        }
        Ok(object)
    }

    /// Takes one value, as far as brackets and quotes delimit it; nothing when a comma or a closing
    /// bracket is in its place.
    pub(super) fn value(&mut self, into: &mut Vec<u8>) -> Result<(), ReadError> {
        let bare = !matches!(self.peek()?.ok_or(ReadError::Cut)?, b'{' | b'[' | b'"');
        let mut nesting = Nesting::default();
        loop {
            let chunk = self.chunk()?;
            if chunk.is_empty() {
                return if bare { Ok(()) } else { Err(ReadError::Cut) };
            }
            let end = if bare {
                chunk.iter().position(|byte| is_space(*byte) || matches!(byte, b',' | b']' | b'}'))
            } else {
                chunk.iter().position(|byte| nesting.ends(*byte)).map(|last| last + 1)
            };
            let length = end.unwrap_or(chunk.len());
            into.extend_from_slice(chunk.get(..length).unwrap_or_default());
            self.consume(length);
            if end.is_some() {
                return Ok(());
            }
            if into.len() > MAX_VALUE_BYTES {
                return Err(VALUE_TOO_LONG);
            }
        }
    }

    fn chunk(&mut self) -> io::Result<&[u8]> {
        filled(&mut self.reader)
    }

    fn consume(&mut self, count: usize) {
        self.reader.consume(count);
        self.bytes += count as u64;
    }
}

/// White space between JSON values.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// How deep in brackets and strings a byte is.
#[derive(Default)]
struct Nesting {
    depth: u64,
    in_string: bool,
    escaped: bool,
}

impl Nesting {
    /// Whether the value that began with the first byte ends with this one.
    fn ends(&mut self, byte: u8) -> bool {
        if self.in_string {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_string = false,
                _ => {}
            }
            return byte == b'"' && !self.in_string && self.depth == 0;
        }
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                return self.depth == 0;
            }
            _ => {}
        }
        false
    }
}
