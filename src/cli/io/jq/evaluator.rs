//! Runs a jq program in a process of its own.
//!
//! The interpreter recurses without a limit, in a program such as `def f: f|f; f`, in a value of many
//! levels and in a program text of many brackets, and a stack that is used up ends the process. So
//! that it ends this one alone, with a message and without a half-written file, programs run in a
//! child of the same executable. The child gets no environment and no open files.

use std::io::{self, BufReader, BufWriter, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitCode, Stdio};
use std::sync::mpsc;
use std::thread;

use std::os::unix::process::CommandExt as _;

use jaq_json::{Val, write};

use super::frames::{self, FrameKind};
use super::program::{End, Program};
use crate::failure::Failure;

/// The only word on the command line of the child. It is not for people, so no help names it.
const CHILD: &str = "--evaluate-jq-for-omnilogs";

/// A program that was understood, in its process.
pub(crate) struct Evaluator {
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
            .arg(CHILD)
            .env_clear()
            // `localtime` and its kin read the zone.
            .envs(std::env::var_os("TZ").map(|zone| ("TZ", zone)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // A signal from the terminal is for the parent, whose end is the end of the child.
            .process_group(0)
            .spawn()?;
        let pipes = (child.stdin.take(), child.stdout.take());
        let (Some(to), Some(from)) = pipes else { return Err(io::ErrorKind::BrokenPipe.into()) };
        Ok(Self { child, to: Some(to), from: BufReader::new(from) })
    }

    /// Sends a frame, and waits for the next.
    fn send(&mut self, kind: FrameKind, body: &[u8]) -> io::Result<(FrameKind, Vec<u8>)> {
        let to = self.to.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        frames::write(to, kind, body)?;
        to.flush()?;
        frames::read(&mut self.from)
    }

    /// Runs the program over one value, and gives each result to `emit`.
    pub(super) fn run(
        &mut self,
        json: &[u8],
        mut emit: impl FnMut(JqOutput) -> io::Result<()>,
    ) -> Result<End, EvaluationError> {
        let mut frame = self.send(FrameKind::Input, json);
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
                Ok(_) | Err(_) => {
                    let why = "the program used up its stack or its memory: it calls itself too \
                               deep, or builds a value of too many levels";
                    return Err(EvaluationError::Program(why.to_owned()));
                }
            };
            emit(output).map_err(EvaluationError::Write)?;
            frame = frames::read(&mut self.from);
        }
    }
}

impl Drop for Evaluator {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether this process was started to run a jq program.
pub(crate) fn is_evaluator() -> bool {
    let mut words = std::env::args_os().skip(1);
    words.next().is_some_and(|word| word == CHILD) && words.next().is_none()
}

/// Serves the parent until it ends.
pub(crate) fn serve() -> ExitCode {
    let (send, inputs) = mpsc::channel();
    // A program without end does not notice that nobody waits for it any more.
    let receive = move || {
        let mut from = BufReader::new(io::stdin());
        while let Ok((_, body)) = frames::read(&mut from) {
            if send.send(body).is_err() {
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

fn evaluate(inputs: &mpsc::Receiver<Vec<u8>>) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout());
    let Ok(code) = inputs.recv() else { return Ok(()) };
    let program = match Program::parse(&String::from_utf8_lossy(&code)) {
        Ok(program) => program,
        Err(refusal) => {
            frames::write(&mut out, FrameKind::Refused, refusal.as_bytes())?;
            return out.flush();
        }
    };
    frames::write(&mut out, FrameKind::Accepted, b"")?;
    out.flush()?;
    for json in inputs {
        let end = program.run(&json, |value| write_result(&mut out, value))?;
        match end {
            Ok(End::Done) => frames::write(&mut out, FrameKind::Done, b"")?,
            Ok(End::Halted) => frames::write(&mut out, FrameKind::Halted, b"")?,
            Err(why) => frames::write(&mut out, FrameKind::Failed, why.as_bytes())?,
        }
        out.flush()?;
    }
    Ok(())
}

fn write_result(out: &mut impl io::Write, value: &Val) -> io::Result<()> {
    if let Val::TStr(text) | Val::BStr(text) = value {
        return frames::write(out, FrameKind::Text, text);
    }
    let mut json = Vec::new();
    write::write(&mut json, &write::Pp::default(), 0, value)?;
    frames::write(out, FrameKind::Json, &json)
}
