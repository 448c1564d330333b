//! JSON lines: the text of one row per line.
//!
//! A row that was sent on one line is written unchanged, with its spaces. In any other row, white space
//! between tokens is removed.

use std::io::Write;

use memchr::memchr3;

use super::json_layout::compact;
use super::{Flow, RunEnd, Sink, SinkError};
use crate::model::{Coverage, Log};
use crate::visible::escape_json;

/// Writes JSON lines. Without rows it writes nothing.
#[derive(Debug)]
pub struct JsonLines<W> {
    out: W,
    row: Vec<u8>,
}

impl<W: Write> JsonLines<W> {
    /// Writes into this writer.
    pub fn new(out: W) -> Self {
        Self { out, row: Vec::new() }
    }

    /// The writer. Bytes that the caller removes from it are missing in the output.
    pub fn get_mut(&mut self) -> &mut W {
        &mut self.out
    }
}

impl<W: Write> Sink for JsonLines<W> {
    fn log(&mut self, log: &Log) -> Result<Flow, SinkError> {
        let json = escape_json(log.json());
        // Valid JSON contains no other control characters, and these only between tokens.
        if memchr3(b'\n', b'\r', b'\t', json.as_bytes()).is_none() {
            self.out.write_all(json.as_bytes())?;
        } else {
            self.row.clear();
            compact(&json, &mut self.row);
            self.out.write_all(&self.row)?;
        }
        self.out.write_all(b"\n")?;
        Ok(Flow::Continue)
    }

    fn end_page(&mut self, _coverage: &Coverage) -> Result<(), SinkError> {
        Ok(self.out.flush()?)
    }

    fn finish(&mut self, _end: &RunEnd) -> Result<(), SinkError> {
        Ok(self.out.flush()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::test_support::written;

    #[test]
    fn a_row_is_one_line_in_whatever_layout_it_was_sent() {
        assert_eq!(
            written(
                JsonLines::new,
                &["{\r\n \"text\": \"a b\\n\",\n\t\"n\": 1.0\n}", "{\"x\": 1}"]
            ),
            "{\"text\":\"a b\\n\",\"n\":1.0}\n{\"x\": 1}\n"
        );
        assert_eq!(written(JsonLines::new, &[]), "");
    }
}
