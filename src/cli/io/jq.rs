//! `--jq`: a jq program over the JSON output, without jq.
//!
//! With `-o json` the program sees the whole envelope at once, as it would behind a pipe; with
//! `-o jsonl` it sees one row at a time, which keeps memory flat. Strings come out raw, as with
//! `jq -r`; on a terminal they are made safe to look at.

use std::borrow::Cow;
use std::io::Write;

use jaq_core::load::{Arena, Error, File, Loader};
use jaq_core::{Ctx, Vars, data, unwrap_valr};
use jaq_json::{Val, read, write};
use omnilogs::Log;
use omnilogs::model::Coverage;
use omnilogs::sink::{Flow, Json, JsonLines, RunEnd, Sink, SinkError};
use omnilogs::visible::visible;

use crate::failure::Failure;

type Filter = jaq_core::Filter<data::JustLut<Val>>;

/// The reader, the writer and programs such as `..` go down a nested value by recursion, which ends
/// in a crash when the stack does; no answer that means something is nested this deep.
const DEEPEST: usize = 500;

/// A program that was understood.
pub(crate) struct Program(Filter);

impl Program {
    /// Reads a program.
    ///
    /// # Errors
    /// When it is no jq; the error tells where, and does not quote the program, which may name a
    /// phone number.
    pub(crate) fn parse(code: &str) -> Result<Self, Failure> {
        let definitions = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs());
        let functions = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs());
        let arena = Arena::default();
        let at = |rest: &str| {
            let bytes = rest.as_ptr().addr().wrapping_sub(code.as_ptr().addr());
            code.get(..bytes).map_or(1, |before| before.chars().count() + 1)
        };
        let refused = |why: String| {
            Failure::usage(format!("--jq: {why}"))
                .hint("a program that works: --jq '.results[].status.name'")
        };
        let loaded = Loader::new(definitions).load(&arena, File { code, path: () });
        let modules = loaded.map_err(|errors| {
            refused(match errors.into_iter().next().map(|(_, error)| error) {
                Some(Error::Lex(errors)) => {
                    errors.first().map_or_else(String::new, |(what, rest)| {
                        format!("{} expected at character {}", what.as_str(), at(rest))
                    })
                }
                Some(Error::Parse(errors)) => {
                    errors.first().map_or_else(String::new, |(what, rest)| {
                        format!("{} expected at character {}", what.as_str(), at(rest))
                    })
                }
                Some(Error::Io(_)) | None => "modules cannot be loaded here".to_owned(),
            })
        })?;
        let compiled = jaq_core::Compiler::default().with_funs(functions).compile(modules);
        let filter = compiled.map_err(|errors| {
            let first = errors.into_iter().flat_map(|(_, undefined)| undefined).next();
            refused(first.map_or_else(String::new, |(name, what)| {
                format!("undefined {} at character {}", what.as_str(), at(name))
            }))
        })?;
        Ok(Self(filter))
    }

    fn run(&self, json: &[u8], out: &mut dyn Write, terminal: bool) -> Result<(), SinkError> {
        let failed = |error: String| SinkError::other(JqError(error));
        if nesting(json) > DEEPEST {
            return Err(failed(format!("an answer is nested deeper than {DEEPEST} values")));
        }
        let input = read::parse_single(json).map_err(|error| failed(error.to_string()))?;
        let context = Ctx::<data::JustLut<Val>>::new(&self.0.lut, Vars::new([]));
        for value in self.0.id.run((context, input)).map(unwrap_valr) {
            match value {
                Ok(Val::TStr(text) | Val::BStr(text)) if terminal => {
                    let text = String::from_utf8_lossy(&text);
                    out.write_all(visible_lines(&text).as_bytes())?;
                }
                Ok(Val::TStr(text) | Val::BStr(text)) => out.write_all(&text)?,
                Ok(value) => {
                    let mut text = Vec::new();
                    write::write(&mut text, &write::Pp::default(), 0, &value)?;
                    let text = String::from_utf8_lossy(&text);
                    out.write_all(omnilogs::visible::escape_json(&text).as_bytes())?;
                }
                // An error of jq quotes the value that it could not take: a number, a text.
                Err(_) => return Err(failed("the program failed on a value".to_owned())),
            }
            out.write_all(b"\n")?;
        }
        Ok(())
    }
}

/// The program, not the writer, failed.
#[derive(Debug, thiserror::Error)]
#[error("--jq: {0}")]
pub(crate) struct JqError(pub(crate) String);

/// How deep the brackets of a JSON text are nested.
fn nesting(json: &[u8]) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let mut bytes = json.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'[' | b'{' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            b'"' => skip_string(&mut bytes),
            _ => {}
        }
    }
    deepest
}

fn skip_string(bytes: &mut std::slice::Iter<'_, u8>) {
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => return,
            b'\\' => {
                bytes.next();
            }
            _ => {}
        }
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
    program: Program,
    out: W,
    terminal: bool,
    input: Input,
}

enum Input {
    Envelope(Json<Vec<u8>>),
    Rows(JsonLines<Vec<u8>>),
}

impl<W: Write> Jq<W> {
    /// Runs the program over the envelope, or over each row.
    pub(crate) fn new(program: Program, out: W, terminal: bool, by_row: bool) -> Self {
        let input = if by_row {
            Input::Rows(JsonLines::new(Vec::new()))
        } else {
            Input::Envelope(Json::compact(Vec::new()))
        };
        Self { program, out, terminal, input }
    }
}

impl<W: Write> Sink for Jq<W> {
    fn begin(&mut self) -> Result<(), SinkError> {
        match &mut self.input {
            Input::Envelope(json) => json.begin(),
            Input::Rows(rows) => rows.begin(),
        }
    }

    fn log(&mut self, log: &Log) -> Result<Flow, SinkError> {
        match &mut self.input {
            Input::Envelope(json) => json.log(log),
            Input::Rows(rows) => {
                let flow = rows.log(log)?;
                let mut row = std::mem::take(rows.get_mut());
                self.program.run(&row, &mut self.out, self.terminal)?;
                row.clear();
                *rows.get_mut() = row;
                Ok(flow)
            }
        }
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
            self.program.run(json.get_mut(), &mut self.out, self.terminal)?;
        }
        Ok(self.out.flush()?)
    }
}
