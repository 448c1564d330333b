//! `--jq`: a jq program over the JSON output, without jq.
//!
//! With `-o json` the input of the program is the whole document, as behind a pipe; with `-o jsonl` it
//! is one row at a time, which keeps memory constant. The memory that one response may take in the
//! program is limited. Texts are written raw, as by `jq -r`; on a terminal they are made safe to show.

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

/// The error of a program, as opposed to an error of writing.
#[derive(Debug, thiserror::Error)]
#[error("--jq: {0}")]
struct JqError(String);

/// How many bytes of rows are sent to the evaluator at once.
const BATCH: usize = 64 * 1024;

/// The error of an input that takes more memory than one response may.
#[derive(Debug, thiserror::Error)]
#[error("--jq: {} would take more than {} MiB in the program", if *by_row { "a message" } else { "a response" }, cost::MAX_BYTES >> 20)]
pub(crate) struct TooLargeForJq {
    by_row: bool,
}

impl TooLargeForJq {
    /// The option that may help; `None` when it is already set.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        (!self.by_row).then_some("-o jsonl runs the program over one message at a time")
    }
}

/// A text that may have several lines, made safe to show.
fn visible_lines(text: &str) -> Cow<'_, str> {
    if text.contains('\n') {
        Cow::Owned(text.split('\n').map(visible).collect::<Vec<_>>().join("\n"))
    } else {
        visible(text)
    }
}

/// A sink that runs a jq program over the rows and writes its results.
pub(crate) struct Jq<W: Write> {
    program: Evaluator,
    out: W,
    terminal: bool,
    /// Whether the program runs over each row, and not over the document of all rows.
    by_row: bool,
    /// Rows that are not sent to the evaluator yet, each on its own line.
    rows: JsonLines<Vec<u8>>,
    /// The estimated memory that the rows of the page take in the evaluator, in bytes.
    cost: usize,
    end: End,
}

impl<W: Write> Jq<W> {
    /// Runs the program over the document of all rows, or over each row.
    pub(crate) fn new(program: Evaluator, out: W, terminal: bool, by_row: bool) -> Self {
        let rows = JsonLines::new(Vec::new());
        Self { program, out, terminal, by_row, rows, cost: 0, end: End::Done }
    }

    /// Sends the waiting rows to the evaluator, and writes the results of the program.
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
                // The results before the failure are kept.
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
        if self.cost > cost::MAX_BYTES {
            rows.truncate(before);
            self.send_rows()?;
            self.out.flush()?;
            return Err(SinkError::other(TooLargeForJq { by_row: self.by_row }));
        }
        // A program that can end at any row gets each row at once, so that no page is requested after
        // its end.
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
