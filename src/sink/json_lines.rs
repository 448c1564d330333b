//! One row a line, each the row's own text.

use std::io::{self, Write};

use super::json_layout::compact;
use super::{Flow, Sink};
use crate::model::Log;
use crate::visible::escape_json;

/// Writes JSON lines. Without rows it writes nothing.
#[derive(Debug)]
pub struct JsonLines<W> {
    out: W,
    row: Vec<u8>,
}

impl<W: Write> JsonLines<W> {
    /// Into this writer.
    pub fn new(out: W) -> Self {
        Self { out, row: Vec::new() }
    }
}

impl<W: Write> Sink for JsonLines<W> {
    fn log(&mut self, log: &Log) -> io::Result<Flow> {
        self.row.clear();
        compact(&escape_json(log.json()), &mut self.row);
        self.row.push(b'\n');
        self.out.write_all(&self.row)?;
        Ok(Flow::Continue)
    }

    fn end_page(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    fn finish(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::testing::written;

    #[test]
    fn a_row_is_one_line_however_it_was_sent() {
        assert_eq!(
            written(JsonLines::new, &["{\n \"text\": \"a b\\n\",\n \"n\": 1.0\n}", "{\"x\":1}"]),
            "{\"text\":\"a b\\n\",\"n\":1.0}\n{\"x\":1}\n"
        );
        assert_eq!(written(JsonLines::new, &[]), "");
    }
}
