//! The loop of a command that goes on for a while: poll, show, tell, rest, with a sign of life on a
//! terminal.

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
use crate::session::summary;

/// How often the sign of life changes.
const BEAT: Duration = Duration::from_secs(1);

/// Something that is polled until it is over.
pub(crate) trait Watch {
    /// How long to rest before the next poll; `None` when it is over.
    fn rest(&self) -> Option<Duration>;

    /// What is new: rows to show, oldest first, and what to tell.
    fn poll(&mut self) -> Result<(Vec<Log>, Vec<Note>), SourceError>;

    /// Whether the source has responded to any poll.
    fn has_succeeded(&self) -> bool;

    /// Whether it goes on when nobody reads the rows any more.
    fn outlives_reader(&self) -> bool;

    /// How it stands, for the sign of life, in so many columns if that can be.
    fn pulse(&self, columns: usize) -> String;
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    /// Rows that went to the sink.
    pub(crate) rows: u64,
    /// Why it ended early, when it did.
    pub(crate) failure: Option<SourceError>,
    /// Whether the reader of the rows had enough before the end.
    pub(crate) reader_left: bool,
    /// Whether the format was opened, and closed unless the reader left.
    has_begun: bool,
}

impl Watched {
    /// Ends the writing: a file takes its place when anything was written to it.
    ///
    /// # Errors
    /// When what is left cannot be written.
    pub(crate) fn close(&self, output: Output) -> Result<(), Failure> {
        if self.reader_left {
            return ended_by_writing(io::Error::from(io::ErrorKind::BrokenPipe), output);
        }
        let is_cut_short = self.failure.is_some() && self.rows == 0;
        output.close(self.has_begun && !is_cut_short)
    }
}

/// Watches until it is over, or a signal asks to stop. The format is closed however it ends. Before
/// a poll has succeeded nothing is written: an empty list would look like a response.
///
/// # Errors
/// When the sink cannot write, unless its reader has left.
pub(crate) fn run(
    watch: &mut dyn Watch,
    sink: &mut dyn Sink,
    zone: Zone,
    context: &Context,
) -> Result<Watched, SinkError> {
    let mut watched = Watched::default();
    while let Some(time) = watch.rest() {
        if rests(watch, time, zone, context) {
            watched.failure = Some(SourceError::Interrupted);
            break;
        }
        let (rows, notes) = match watch.poll() {
            Ok(polled) => polled,
            Err(error) => {
                watched.failure = Some(error);
                break;
            }
        };
        for note in &notes {
            tell(note, zone, context);
        }
        if watch.has_succeeded() && !watched.reader_left {
            let flow = show(&rows, sink, &mut watched, context);
            watched.reader_left = has_left(flow)?;
        }
        if watched.failure.is_some() || (watched.reader_left && !watch.outlives_reader()) {
            break;
        }
    }
    context.report.status("");
    if watched.has_begun && !watched.reader_left {
        let end = match &watched.failure {
            None => RunEnd::Complete,
            Some(failure) => {
                RunEnd::Incomplete { gaps: Vec::new(), failure: Some(failure.to_string()) }
            }
        };
        watched.reader_left = has_left(sink.finish(&end).map(|()| Flow::Continue))?;
    }
    Ok(watched)
}

/// Whether the reader wants no more rows, which it says by closing the pipe.
fn has_left(written: Result<Flow, SinkError>) -> Result<bool, SinkError> {
    match written {
        Ok(flow) => Ok(flow == Flow::Stop),
        Err(SinkError::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(true),
        Err(error) => Err(error),
    }
}

/// Shows what a poll brought, at once; row by row, since a reader may be slow and a signal may ask
/// to stop meanwhile.
fn show(
    rows: &[Log],
    sink: &mut dyn Sink,
    watched: &mut Watched,
    context: &Context,
) -> Result<Flow, SinkError> {
    if !std::mem::replace(&mut watched.has_begun, true) {
        sink.begin()?;
    }
    if rows.is_empty() {
        return Ok(Flow::Continue);
    }
    context.report.status("");
    for row in rows {
        if context.interrupt.is_raised() {
            watched.failure = Some(SourceError::Interrupted);
            return Ok(Flow::Continue);
        }
        watched.rows += 1;
        if sink.log(row)? == Flow::Stop {
            return Ok(Flow::Stop);
        }
    }
    sink.end_page(&Coverage::default())?;
    Ok(Flow::Continue)
}

/// Rests; whether it was asked to stop.
fn rests(watch: &dyn Watch, time: Duration, zone: Zone, context: &Context) -> bool {
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
        report.status(&format!("{now} · {}", watch.pulse(room)));
        let left = end.saturating_sub(clock.elapsed());
        if left.is_zero() {
            return false;
        }
        if clock.sleep(left.min(BEAT)) {
            return true;
        }
    }
}

fn tell(note: &Note, zone: Zone, context: &Context) {
    let report = &context.report;
    match note {
        Note::Failure(error) => report.warn(&format!("{error}; going on")),
        Note::Recovered { after } => {
            report.say(&format!("answers again after {} s", ceil_seconds(*after)));
        }
        Note::Missing(gap) => {
            report.warn(&format!("messages may be missing {}", summary::missing(gap, zone)));
        }
    }
}
