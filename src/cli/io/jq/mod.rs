//! `--jq`: a jq program over the JSON output, without jq.
//!
//! With `-o json` the program sees the whole document at once, as it would behind a pipe; with
//! `-o jsonl` it sees one row at a time, which keeps memory flat. What one response may take in the
//! program is limited. Texts come out raw, as with
//! `jq -r`; on a terminal they are made safe to look at.

mod cost;
mod evaluator;
mod frames;
mod program;

use std::borrow::Cow;
use std::io::{self, Write};

use omnilogs::Log;
use omnilogs::model::Coverage;
use omnilogs::sink::{Flow, JsonLines, RunEnd, Sink, SinkError};
use omnilogs::visible::{escape_json, visible};

use self::evaluator::{EvaluationError, JqOutput};
pub(crate) use self::evaluator::{Evaluator, is_evaluator, serve};
use self::program::End;

/// The program failed, not the writer.
#[derive(Debug, thiserror::Error)]
#[error("--jq: {0}")]
struct JqError(String);

/// As many bytes of rows are sent to the evaluator at once.
const BATCH: usize = 64 * 1024;

/// What the program is to run over does not fit into the memory that one response may take.
#[derive(Debug, thiserror::Error)]
#[error("--jq: {} would take more than {} MiB in the program", if *by_row { "a message" } else { "a response" }, cost::MAX >> 20)]
pub(crate) struct TooLargeForJq {
    by_row: bool,
}

impl TooLargeForJq {
    /// What may help.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        (!self.by_row).then_some("-o jsonl runs the program over one message at a time")
    }
}

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
    /// Whether the program runs over each row, and not over the document of all.
    by_row: bool,
    /// Rows that are not sent to the evaluator yet, each on its own line.
    rows: JsonLines<Vec<u8>>,
    /// What the rows of the page take in the evaluator.
    cost: usize,
    end: End,
}

impl<W: Write> Jq<W> {
    /// Runs the program over the document of all rows, or over each row.
    pub(crate) fn new(program: Evaluator, out: W, terminal: bool, by_row: bool) -> Self {
        let rows = JsonLines::new(Vec::new());
        Self { program, out, terminal, by_row, rows, cost: 0, end: End::Done }
    }

    /// Sends the rows that wait to the evaluator, and writes what the program gives for them.
    fn send_rows(&mut self) -> Result<Flow, SinkError> {
        let rows = self.rows.get_mut();
        if rows.is_empty() {
            return Ok(Flow::Continue);
        }
        let mut rows = std::mem::take(rows);
        let Self { program, out, terminal, .. } = self;
        let ran = if self.by_row {
            program.run_over_each(&rows, |output| emit(&output, out, *terminal))
        } else {
            program.add_to_document(&rows).map(|()| End::Done)
        };
        rows.clear();
        *self.rows.get_mut() = rows;
        self.flow(ran)
    }

    fn flow(&mut self, ran: Result<End, EvaluationError>) -> Result<Flow, SinkError> {
        match ran {
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
    fn log(&mut self, log: &Log) -> Result<Flow, SinkError> {
        if self.end == End::Halted {
            return Ok(Flow::Stop);
        }
        let before = self.rows.get_mut().len();
        self.rows.log(log)?;
        let rows = self.rows.get_mut();
        let cost = cost::cost(rows.get(before..).unwrap_or_default());
        self.cost = if self.by_row { cost } else { self.cost + cost };
        let length = rows.len();
        if self.cost > cost::MAX {
            rows.truncate(before);
            self.send_rows()?;
            self.out.flush()?;
            return Err(SinkError::other(TooLargeForJq { by_row: self.by_row }));
        }
        // Where the program can end at any row, no further one is read before it has seen this one.
        let batch = if self.program.may_halt() { 0 } else { BATCH };
        if length >= batch { self.send_rows() } else { Ok(Flow::Continue) }
    }

    fn end_page(&mut self, _coverage: &Coverage) -> Result<(), SinkError> {
        self.cost = 0;
        self.send_rows()?;
        Ok(self.out.flush()?)
    }

    fn finish(&mut self, _end: &RunEnd) -> Result<(), SinkError> {
        self.send_rows()?;
        if !self.by_row {
            let Self { program, out, terminal, .. } = self;
            let ran = program.run_over_document(|output| emit(&output, out, *terminal));
            self.flow(ran)?;
        }
        Ok(self.out.flush()?)
    }
}
