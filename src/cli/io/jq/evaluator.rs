//! Runs a jq program in a process of its own.
//!
//! The interpreter recurses without a limit, in a program such as `def f: f|f; f`, in a value of many
//! levels and in a program text of many brackets, and a stack overflow ends the process. Programs
//! therefore run in a child of the same executable: only the child ends, and the parent writes a
//! message and leaves no half-written file. The child gets no environment and no open files.

use std::io::{self, BufReader, BufWriter, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitCode, Stdio};
use std::sync::mpsc;
use std::thread;

use std::os::unix::process::CommandExt as _;

use jaq_json::{Val, write};

use super::frames::{self, FrameKind};
use super::program::{self, End, Program};
use crate::failure::Failure;

/// The only word on the command line of the child. People do not type it, so no help lists it.
const CHILD_FLAG: &str = "--evaluate-jq-for-omnilogs";

/// Why an evaluator ends by itself.
const USED_UP: &str = "the program used up its stack or its memory: it calls itself too deeply, or \
                       builds a value with too many levels";

/// The process that runs a valid program.
pub(crate) struct Evaluator {
    /// Whether the program contains a filter that can end it early.
    may_halt: bool,
    child: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
}

/// One result of a program.
pub(super) enum JqOutput {
    Text(Vec<u8>),
    Json(Vec<u8>),
}

/// Why an evaluation did not reach its end.
pub(super) enum EvaluationError {
    /// The program failed; the text is safe to show.
    Program(String),
    /// The results could not be written.
    Write(io::Error),
}

impl Evaluator {
    /// Starts a process for this program.
    ///
    /// # Errors
    /// When the text is not a jq program, or no process can be started.
    pub(crate) fn start(code: &str) -> Result<Self, Failure> {
        let unusable = |error: io::Error| {
            let kind = crate::failure::Kind::Local;
            Failure::new(kind, format!("--jq: no process for the program can be started: {error}"))
        };
        let mut evaluator = Self::spawn().map_err(unusable)?;
        evaluator.may_halt = code.contains("halt");
        let refused = |why: &str| {
            Failure::usage(format!("--jq: {why}"))
                .hint("a program that works: --jq '.results[].status.name'")
        };
        match evaluator.send(FrameKind::Program, code.as_bytes()) {
            Ok((FrameKind::Accepted, _)) => Ok(evaluator),
            Ok((_, text)) => {
                let text = String::from_utf8_lossy(&text);
                Err(match text.split_once('\n') {
                    Some((why, because)) => refused(why).because(because),
                    None => refused(&text),
                })
            }
            Err(_) => Err(refused("the program is nested too deeply")),
        }
    }

    fn spawn() -> io::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg(CHILD_FLAG)
            .env_clear()
            // Filters such as `localtime` read the zone.
            .envs(std::env::var_os("TZ").map(|zone| ("TZ", zone)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // A signal from the terminal goes to the parent only; the child ends with the parent.
            .process_group(0)
            .spawn()?;
        let pipes = (child.stdin.take(), child.stdout.take());
        let (Some(to), Some(from)) = pipes else { return Err(io::ErrorKind::BrokenPipe.into()) };
        Ok(Self { may_halt: false, child, to: Some(to), from: BufReader::new(from) })
    }

    /// Sends a frame, and waits for the response.
    fn send(&mut self, kind: FrameKind, body: &[u8]) -> io::Result<(FrameKind, Vec<u8>)> {
        let to = self.to.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        frames::write(to, kind, body)?;
        to.flush()?;
        frames::read(&mut self.from)
    }

    /// Whether the program may end before it has seen all rows.
    pub(super) fn may_halt(&self) -> bool {
        self.may_halt
    }

    /// Adds rows to the document, each on its own line.
    pub(super) fn add_to_document(&mut self, rows: &[u8]) -> Result<(), EvaluationError> {
        let to = self.to.as_mut();
        let sent = to.map(|to| frames::write(to, FrameKind::DocumentRows, rows));
        match sent {
            Some(Ok(())) => Ok(()),
            _ => Err(EvaluationError::Program(USED_UP.to_owned())),
        }
    }

    /// Runs the program over each of these rows, and passes each result to `emit`.
    pub(super) fn run_over_each(
        &mut self,
        rows: &[u8],
        emit: impl FnMut(JqOutput) -> io::Result<()>,
    ) -> Result<End, EvaluationError> {
        self.run(FrameKind::EachRow, rows, emit)
    }

    /// Runs the program over the document, and passes each result to `emit`.
    pub(super) fn run_over_document(
        &mut self,
        emit: impl FnMut(JqOutput) -> io::Result<()>,
    ) -> Result<End, EvaluationError> {
        self.run(FrameKind::Document, b"", emit)
    }

    fn run(
        &mut self,
        kind: FrameKind,
        rows: &[u8],
        mut emit: impl FnMut(JqOutput) -> io::Result<()>,
    ) -> Result<End, EvaluationError> {
        let mut frame = self.send(kind, rows);
        loop {
            let output = match frame {
                Ok((FrameKind::Text, text)) => JqOutput::Text(text),
                Ok((FrameKind::Json, json)) => JqOutput::Json(json),
                Ok((FrameKind::Done, _)) => return Ok(End::Done),
                Ok((FrameKind::Halted, _)) => return Ok(End::Halted),
                Ok((FrameKind::Failed, text)) => {
                    let text = String::from_utf8_lossy(&text).into_owned();
                    return Err(EvaluationError::Program(text));
                }
                Ok(_) | Err(_) => return Err(EvaluationError::Program(USED_UP.to_owned())),
            };
            emit(output).map_err(EvaluationError::Write)?;
            frame = frames::read(&mut self.from);
        }
    }
}

impl Drop for Evaluator {
    fn drop(&mut self) {
        // The child may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether this process was started to run a jq program.
pub(crate) fn is_evaluator() -> bool {
    let mut words = std::env::args_os().skip(1);
    words.next().is_some_and(|word| word == CHILD_FLAG) && words.next().is_none()
}

/// Runs the program that the parent sends, until the parent ends.
pub(crate) fn serve() -> ExitCode {
    // A channel without a buffer: rows stay in the parent until the program takes them.
    let (send, inputs) = mpsc::sync_channel(0);
    // This thread ends the process with the parent, since an endless program reads no further frame.
    let receive = move || {
        let mut from = BufReader::new(io::stdin());
        while let Ok(frame) = frames::read(&mut from) {
            if send.send(frame).is_err() {
                break;
            }
        }
        std::process::exit(0);
    };
    let listening = thread::Builder::new().name("parent".to_owned()).spawn(receive);
    match listening.and_then(|_| evaluate(&inputs)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn evaluate(inputs: &mpsc::Receiver<(FrameKind, Vec<u8>)>) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout());
    let Ok((_, code)) = inputs.recv() else { return Ok(()) };
    let program = match Program::parse(&String::from_utf8_lossy(&code)) {
        Ok(program) => program,
        Err(refusal) => {
            frames::write(&mut out, FrameKind::Refused, refusal.as_bytes())?;
            return out.flush();
        }
    };
    frames::write(&mut out, FrameKind::Accepted, b"")?;
    out.flush()?;
    let mut document = Ok(Vec::new());
    for (kind, body) in inputs {
        let end = match kind {
            FrameKind::DocumentRows => {
                add_rows(&mut document, &body);
                continue;
            }
            FrameKind::EachRow => run_over_each(&program, &body, &mut out)?,
            _ => match std::mem::replace(&mut document, Ok(Vec::new())) {
                Ok(rows) => run_over(&program, program::document(rows), &mut out)?,
                Err(why) => Err(why),
            },
        };
        match end {
            Ok(End::Done) => frames::write(&mut out, FrameKind::Done, b"")?,
            Ok(End::Halted) => frames::write(&mut out, FrameKind::Halted, b"")?,
            Err(why) => frames::write(&mut out, FrameKind::Failed, why.as_bytes())?,
        }
        out.flush()?;
    }
    Ok(())
}

/// The rows of a frame.
fn lines(rows: &[u8]) -> impl Iterator<Item = &[u8]> {
    rows.split(|byte| *byte == b'\n').filter(|row| !row.is_empty())
}

/// Adds rows to a document, unless one before them cannot be read.
fn add_rows(document: &mut Result<Vec<Val>, String>, rows: &[u8]) {
    for row in lines(rows) {
        let Ok(values) = document else { return };
        match program::value(row) {
            Ok(value) => values.push(value),
            Err(why) => *document = Err(why),
        }
    }
}

fn run_over_each(
    program: &Program,
    rows: &[u8],
    out: &mut impl io::Write,
) -> io::Result<Result<End, String>> {
    for row in lines(rows) {
        let value = match program::value(row) {
            Ok(value) => value,
            Err(why) => return Ok(Err(why)),
        };
        match run_over(program, value, out)? {
            Ok(End::Done) => {}
            end => return Ok(end),
        }
    }
    Ok(Ok(End::Done))
}

fn run_over(
    program: &Program,
    value: Val,
    out: &mut impl io::Write,
) -> io::Result<Result<End, String>> {
    program.run(value, |result| write_result(out, result))
}

fn write_result(out: &mut impl io::Write, value: &Val) -> io::Result<()> {
    if let Val::TStr(text) | Val::BStr(text) = value {
        return frames::write(out, FrameKind::Text, text);
    }
    let mut json = Vec::new();
    write::write(&mut json, &write::Pp::default(), 0, value)?;
    frames::write(out, FrameKind::Json, &json)
}
