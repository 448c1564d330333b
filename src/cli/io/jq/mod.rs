//! `--jq`: a jq program over the JSON output, without jq.
//!
//! With `-o json` the program sees the whole envelope at once, as it would behind a pipe; with
//! `-o jsonl` it sees one row at a time, which keeps memory flat. Texts come out raw, as with
//! `jq -r`; on a terminal they are made safe to look at.

mod evaluator;
mod frames;
mod program;

use std::borrow::Cow;
use std::io::{self, Write};

use omnilogs::Log;
use omnilogs::model::Coverage;
use omnilogs::sink::{Flow, Json, JsonLines, RunEnd, Sink, SinkError};
use omnilogs::visible::{escape_json, visible};

use self::evaluator::{EvaluationError, JqOutput};
pub(crate) use self::evaluator::{Evaluator, is_evaluator, serve};
use self::program::End;

/// The program failed, not the writer.
#[derive(Debug, thiserror::Error)]
#[error("--jq: {0}")]
struct JqError(String);

/// A text that may have several lines, each safe to look at.
fn visible_lines(text: &str) -> Cow<'_, str> {
    if text.contains('\n') {
        Cow::Owned(text.split('\n').map(visible).collect::<Vec<_>>().join("\n"))
    } else {
        visible(text)
    }
}

/// Feeds rows to a program and writes what it gives.
pub(crate) struct Jq<W: Write> {
    program: Evaluator,
    out: W,
    terminal: bool,
    input: Input,
    end: End,
}

enum Input {
    Envelope(Json<Vec<u8>>),
    Rows(JsonLines<Vec<u8>>),
}

impl<W: Write> Jq<W> {
    /// Runs the program over the envelope, or over each row.
    pub(crate) fn new(program: Evaluator, out: W, terminal: bool, by_row: bool) -> Self {
        let input = if by_row {
            Input::Rows(JsonLines::new(Vec::new()))
        } else {
            Input::Envelope(Json::compact(Vec::new()))
        };
        Self { program, out, terminal, input, end: End::Done }
    }
}

impl<W: Write> Jq<W> {
    fn run(&mut self, json: &[u8]) -> Result<Flow, SinkError> {
        let Self { program, out, terminal, .. } = self;
        match program.run(json, |output| emit(&output, out, *terminal)) {
            Ok(end) => {
                self.end = end;
                Ok(if end == End::Halted { Flow::Stop } else { Flow::Continue })
            }
            Err(EvaluationError::Program(why)) => {
                // What the program gave before it failed is kept.
                self.out.flush()?;
                Err(SinkError::other(JqError(why)))
            }
            Err(EvaluationError::Write(error)) => Err(error.into()),
        }
    }
}

/// Writes one result and a line end.
fn emit(output: &JqOutput, out: &mut dyn Write, terminal: bool) -> io::Result<()> {
    match output {
        JqOutput::Text(text) if terminal => {
            out.write_all(visible_lines(&String::from_utf8_lossy(text)).as_bytes())?;
        }
        JqOutput::Text(text) => out.write_all(text)?,
        JqOutput::Json(json) => {
            out.write_all(escape_json(&String::from_utf8_lossy(json)).as_bytes())?;
        }
    }
    out.write_all(b"\n")
}

impl<W: Write> Sink for Jq<W> {
    fn begin(&mut self) -> Result<(), SinkError> {
        match &mut self.input {
            Input::Envelope(json) => json.begin(),
            Input::Rows(rows) => rows.begin(),
        }
    }

    fn log(&mut self, log: &Log) -> Result<Flow, SinkError> {
        if self.end == End::Halted {
            return Ok(Flow::Stop);
        }
        let mut row = match &mut self.input {
            Input::Envelope(json) => return json.log(log),
            Input::Rows(rows) => {
                rows.log(log)?;
                std::mem::take(rows.get_mut())
            }
        };
        let flow = self.run(&row)?;
        if let Input::Rows(rows) = &mut self.input {
            row.clear();
            *rows.get_mut() = row;
        }
        Ok(flow)
    }

    fn end_page(&mut self, _coverage: &Coverage) -> Result<(), SinkError> {
        match self.input {
            Input::Envelope(_) => Ok(()),
            Input::Rows(_) => Ok(self.out.flush()?),
        }
    }

    fn finish(&mut self, end: &RunEnd) -> Result<(), SinkError> {
        if let Input::Envelope(json) = &mut self.input {
            json.finish(end)?;
            let envelope = std::mem::take(json.get_mut());
            self.run(&envelope)?;
        }
        Ok(self.out.flush()?)
    }
}
