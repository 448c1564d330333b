//! Finds the end of each JSON value in a stream, with at most one value in memory.
//!
//! It examines brackets and quotes only. The caller must parse the value.

use std::io::{self, BufRead};

use serde_json::value::RawValue;

use super::ReadError;
use crate::wire::fill_buffer;

/// The longest value that is read, in bytes.
pub(super) const MAX_VALUE_BYTES: usize = 64 * 1024 * 1024;

pub(super) const VALUE_TOO_LONG: ReadError =
    ReadError::TooLong("it holds a row of more than 64 MiB");

/// Reads JSON values as bytes.
pub(super) struct Scanner<R> {
    reader: R,
    /// How many bytes were read.
    pub(super) bytes: u64,
}

impl<R: BufRead> Scanner<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader, bytes: 0 }
    }

    /// The inner reader.
    pub(super) fn reader(&mut self) -> &mut R {
        &mut self.reader
    }

    /// The next byte, which is not consumed; `None` at the end.
    pub(super) fn peek(&mut self) -> Result<Option<u8>, ReadError> {
        Ok(self.chunk()?.first().copied())
    }

    /// Moves the next byte to `into`.
    pub(super) fn take(&mut self, into: &mut Vec<u8>) -> Result<(), ReadError> {
        let byte = self.peek()?.ok_or(ReadError::CutOff)?;
        if into.len() >= MAX_VALUE_BYTES {
            return Err(VALUE_TOO_LONG);
        }
        into.push(byte);
        self.consume(1);
        Ok(())
    }

    /// Moves white space to `into` and returns the byte after it, which is not consumed; `None` at
    /// the end.
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

    /// Consumes the next value and returns the result of `read`, if the buffer holds the complete
    /// value, the value is an object in strict JSON, and `read` returns `Some`.
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

    /// Moves one value to `into`, as far as brackets and quotes delimit it; nothing when a comma or a
    /// closing bracket is in its place.
    pub(super) fn value(&mut self, into: &mut Vec<u8>) -> Result<(), ReadError> {
        let bare = !matches!(self.peek()?.ok_or(ReadError::CutOff)?, b'{' | b'[' | b'"');
        let mut nesting = Nesting::default();
        loop {
            let chunk = self.chunk()?;
            if chunk.is_empty() {
                return if bare { Ok(()) } else { Err(ReadError::CutOff) };
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
        fill_buffer(&mut self.reader)
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

/// How deep a byte is inside brackets, and whether it is inside a string.
#[derive(Default)]
struct Nesting {
    depth: u64,
    in_string: bool,
    escaped: bool,
}

impl Nesting {
    /// Whether the value ends with this byte; called with each byte of the value in turn.
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
