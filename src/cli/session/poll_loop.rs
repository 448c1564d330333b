//! The loop of `follow` and `wait`: poll, show the rows, report the notes, sleep, with a status
//! line on a terminal. The commands decide what to poll and what the result means.

use std::io;
use std::time::Duration;

use omnilogs::Log;
use omnilogs::model::Coverage;
use omnilogs::pages::follow::Note;
use omnilogs::sink::{Flow, RunEnd, Sink, SinkError};
use omnilogs::source::{SourceError, ceil_seconds};
use omnilogs::zone::Zone;

use crate::failure::Failure;
use crate::io::output::{Output, ended_by_writing};
use crate::session::context::Context;
use crate::session::sink;
use crate::session::summary;
use crate::settings::OutputSettings;

/// How often the status line is drawn.
const STATUS_INTERVAL: Duration = Duration::from_secs(1);

/// A command that polls a source until it has reached its end.
pub(crate) trait Poll {
    /// How long to wait before the next poll; `None` at the end.
    fn time_to_next_poll(&self) -> Option<Duration>;

    /// Polls once. Returns the rows to show, oldest first, and the notes to report.
    fn poll(&mut self) -> Result<(Vec<Log>, Vec<Note>), SourceError>;

    /// Called before the rows of a poll are written.
    ///
    /// # Errors
    /// When the state of the command cannot be saved.
    fn begin_rows(&mut self) -> Result<(), SinkError> {
        Ok(())
    }

    /// Called after this many rows of the poll were written and flushed.
    ///
    /// # Errors
    /// When the state of the command cannot be saved.
    fn end_rows(&mut self, _rows: usize) -> Result<(), SinkError> {
        Ok(())
    }

    /// Whether the source has responded to any poll.
    fn has_succeeded(&self) -> bool;

    /// Whether polling continues after the reader of the rows has left.
    fn outlives_reader(&self) -> bool;

    /// The end of the run that the sink receives, when nothing ended it early.
    fn run_end(&self) -> RunEnd;

    /// The state so far, for the status line, in at most this many columns where possible.
    fn status(&self, columns: usize) -> String;
}

/// How a loop ended.
#[derive(Debug, Default)]
pub(crate) struct PollResult {
    /// Rows that went to the sink.
    pub(crate) rows: u64,
    /// Why it ended early, when it did.
    pub(crate) failure: Option<SourceError>,
    /// Whether the reader of the rows left before the end.
    reader_left: bool,
    /// Whether the sink needs no more rows, as after `halt` in a jq program.
    is_stopped: bool,
    /// Whether the format was opened, and closed unless the reader left.
    has_started: bool,
}

impl PollResult {
    /// Whether no more rows are written.
    pub(crate) fn output_is_over(&self) -> bool {
        self.reader_left || self.is_stopped
    }

    /// Closes the output. A file is put in place when a poll has succeeded, unless the run failed
    /// before its first row.
    ///
    /// # Errors
    /// When the rest cannot be written.
    fn close(&self, output: Output) -> Result<(), Failure> {
        if self.reader_left {
            return ended_by_writing(io::Error::from(io::ErrorKind::BrokenPipe), output);
        }
        let is_cut_short = self.failure.is_some() && self.rows == 0;
        output.close(self.has_started && !is_cut_short)
    }
}

/// Polls until the end, writes the rows in the format of the settings, and closes the output; `None`
/// when writing failed because the reader of the output had left.
///
/// # Errors
/// When the output cannot be written.
pub(crate) fn write(
    poll: &mut dyn Poll,
    settings: OutputSettings,
    mut output: Output,
    context: &Context,
) -> Result<Option<PollResult>, Failure> {
    let zone = settings.zone;
    let mut sink = sink::sink(settings, &mut output, &context.report);
    let result = run(poll, &mut sink, zone, context);
    drop(sink);
    match result {
        Ok(result) => {
            result.close(output)?;
            Ok(Some(result))
        }
        Err(error) => ended_by_writing(error, output).map(|()| None),
    }
}

/// Polls until the end, or until a signal interrupts the run. The sink is finished in both cases.
/// Before a poll has succeeded nothing is written: an empty list would look like a response.
///
/// # Errors
/// When the sink cannot write, unless its reader has left.
fn run(
    poll: &mut dyn Poll,
    sink: &mut dyn Sink,
    zone: Zone,
    context: &Context,
) -> Result<PollResult, SinkError> {
    let mut result = PollResult::default();
    while let Some(time) = poll.time_to_next_poll() {
        if sleep(poll, time, zone, context) {
            result.failure = Some(SourceError::Interrupted);
            break;
        }
        let (rows, notes) = match poll.poll() {
            Ok(polled) => polled,
            Err(error) => {
                result.failure = Some(error);
                break;
            }
        };
        for note in &notes {
            report_note(note, zone, context);
        }
        if poll.has_succeeded() && !result.output_is_over() {
            poll.begin_rows()?;
            let before = result.rows;
            let shown = show(&rows, sink, &mut result, context);
            result.reader_left = has_left(shown)?;
            if !result.reader_left {
                let rows = usize::try_from(result.rows - before).unwrap_or(usize::MAX);
                context.signals.while_saving(|| poll.end_rows(rows))?;
            }
        }
        if result.failure.is_some() || (result.output_is_over() && !poll.outlives_reader()) {
            break;
        }
    }
    context.report.status("");
    if result.has_started && !result.reader_left {
        let end = if result.is_stopped { RunEnd::Stopped } else { poll.run_end() };
        let end = run_end(end, result.failure.as_ref());
        result.reader_left = has_left(sink.finish(&end))?;
    }
    Ok(result)
}

/// The end of the run that the sink receives: with the failure that ended it early, if one did.
fn run_end(end: RunEnd, failure: Option<&SourceError>) -> RunEnd {
    let Some(failure) = failure.map(ToString::to_string) else { return end };
    let gaps = match end {
        RunEnd::Incomplete { gaps, .. } => gaps,
        _ => Vec::new(),
    };
    RunEnd::Incomplete { gaps, failure: Some(failure) }
}

/// Whether the reader has closed the pipe.
fn has_left(written: Result<(), SinkError>) -> Result<bool, SinkError> {
    match written {
        Ok(()) => Ok(false),
        Err(SinkError::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(true),
        Err(error) => Err(error),
    }
}

/// Writes and flushes the rows of a poll. It checks for a signal before each row, since a slow reader
/// can block the writer for long.
fn show(
    rows: &[Log],
    sink: &mut dyn Sink,
    result: &mut PollResult,
    context: &Context,
) -> Result<(), SinkError> {
    if !std::mem::replace(&mut result.has_started, true) {
        sink.begin()?;
    }
    if rows.is_empty() {
        return Ok(());
    }
    context.report.status("");
    for row in rows {
        if context.interrupt.is_raised() {
            result.failure = Some(SourceError::Interrupted);
            break;
        }
        result.rows += 1;
        if sink.log(row)? == Flow::Stop {
            result.is_stopped = true;
            break;
        }
    }
    sink.end_page(&Coverage::default())
}

/// Sleeps until the next poll; `true` when a signal interrupts it.
fn sleep(poll: &dyn Poll, time: Duration, zone: Zone, context: &Context) -> bool {
    let (clock, report) = (&context.clock, &context.report);
    if context.interrupt.is_raised() {
        return true;
    }
    if !report.has_status_line() {
        return !time.is_zero() && clock.sleep(time);
    }
    let end = clock.elapsed() + time;
    loop {
        let now = zone.at(clock.now()).format("%H:%M:%S");
        let room = report.status_width().saturating_sub("00:00:00 · ".chars().count());
        report.status(&format!("{now} · {}", poll.status(room)));
        let left = end.saturating_sub(clock.elapsed());
        if left.is_zero() {
            return false;
        }
        if clock.sleep(left.min(STATUS_INTERVAL)) {
            return true;
        }
    }
}

fn report_note(note: &Note, zone: Zone, context: &Context) {
    let report = &context.report;
    match note {
        Note::Failure(error) => report.warn(&format!("{error}; still trying")),
        Note::Recovered { after } => {
            report.say(&format!("responds again after {} s", ceil_seconds(*after)));
        }
        Note::Missing(gap) => {
            report.warn(&format!("messages may be missing {}", summary::missing(gap, zone)));
        }
        _ => {}
    }
}
