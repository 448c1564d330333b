//! `{"results":[…]}`: the envelope of the API around the text of the rows.
//!
//! Rows are not rebuilt from values, so that no part of them is lost. Only white space between tokens
//! changes, and dangerous characters are written as `\uXXXX`, which is the same value; see
//! [`crate::visible`].

use std::io::Write;

use super::json_layout::{compact, indent};
use super::{Flow, RunEnd, Sink, SinkError};
use crate::model::{Coverage, Log};
use crate::visible::escape_json;

/// Writes one JSON document. Without rows it is `{"results":[]}`.
#[derive(Debug)]
pub struct Json<W> {
    out: W,
    layout: &'static Layout,
    has_rows: bool,
    row: Vec<u8>,
}

#[derive(Debug)]
struct Layout {
    open: &'static str,
    between: &'static str,
    close: &'static str,
    row: fn(&str, &mut Vec<u8>),
}

static COMPACT: Layout =
    Layout { open: "{\"results\":[", between: ",", close: "]}\n", row: compact };

static INDENTED: Layout = Layout {
    open: "{\n  \"results\": [\n    ",
    between: ",\n    ",
    close: "\n  ]\n}\n",
    row: |json, out| indent(json, 2, out),
};

impl<W: Write> Json<W> {
    /// Writes one line, for pipes.
    pub fn compact(out: W) -> Self {
        Self { out, layout: &COMPACT, has_rows: false, row: Vec::new() }
    }

    /// Writes one value per line with two spaces per level, for people.
    pub fn indented(out: W) -> Self {
        Self { out, layout: &INDENTED, has_rows: false, row: Vec::new() }
    }
}

impl<W: Write> Sink for Json<W> {
    fn log(&mut self, log: &Log) -> Result<Flow, SinkError> {
        self.row.clear();
        let before = if self.has_rows { self.layout.between } else { self.layout.open };
        self.row.extend_from_slice(before.as_bytes());
        (self.layout.row)(&escape_json(log.json()), &mut self.row);
        self.out.write_all(&self.row)?;
        self.has_rows = true;
        Ok(Flow::Continue)
    }

    fn end_page(&mut self, _coverage: &Coverage) -> Result<(), SinkError> {
        Ok(self.out.flush()?)
    }

    fn finish(&mut self, _end: &RunEnd) -> Result<(), SinkError> {
        let close = if self.has_rows { self.layout.close } else { "{\"results\":[]}\n" };
        self.out.write_all(close.as_bytes())?;
        Ok(self.out.flush()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::test_support::written;

    const ROWS: [&str; 2] = [
        r#"{"to":"41793026727", "price":{"pricePerMessage":0.0100}, "new":[]}"#,
        "{\"text\":\"a\u{202E}b\u{200B}\"}",
    ];

    #[test]
    fn compact_json_has_the_text_of_the_rows_on_one_line() {
        assert_eq!(
            written(Json::compact, &ROWS),
            concat!(
                r#"{"results":[{"to":"41793026727","price":{"pricePerMessage":0.0100},"new":[]},"#,
                r#"{"text":"a\u202eb\u200b"}]}"#,
                "\n"
            )
        );
    }

    #[test]
    fn indented_json_has_one_value_per_line() {
        assert_eq!(
            written(Json::indented, &ROWS[..1]),
            r#"{
  "results": [
    {
      "to": "41793026727",
      "price": {
        "pricePerMessage": 0.0100
      },
      "new": []
    }
  ]
}
"#
        );
    }

    #[test]
    fn a_document_without_rows_has_an_empty_array() {
        assert_eq!(written(Json::compact, &[]), "{\"results\":[]}\n");
        assert_eq!(written(Json::indented, &[]), "{\"results\":[]}\n");
    }
}
