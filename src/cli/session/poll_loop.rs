//! The loop of a command that goes on for a while: poll, show, tell, rest, with a sign of life on a
//! terminal.

use std::time::Duration;

use omnilogs::Log;
use omnilogs::model::Coverage;
use omnilogs::pages::follow::Note;
use omnilogs::sink::{Flow, RunEnd, Sink, SinkError};
use omnilogs::source::{SourceError, ceil_seconds};
use omnilogs::zone::Zone;

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
}

/// Watches until it is over, or somebody asks to stop. The sink is closed however it ends; where not
/// even the first poll was answered, nothing is written.
///
/// # Errors
/// When the sink cannot write.
pub(crate) fn run(
    watch: &mut dyn Watch,
    sink: &mut dyn Sink,
    zone: Zone,
    context: &Context,
) -> Result<Watched, SinkError> {
    let mut watched = Watched::default();
    let mut begun = false;
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
        // Not before there is an answer: an empty list would look like one.
        if !std::mem::replace(&mut begun, true) {
            sink.begin()?;
        }
        if show(&rows, sink, &mut watched, context)? == Flow::Stop {
            break;
        }
    }
    context.report.status("");
    if begun || watched.failure.is_none() {
        if !begun {
            sink.begin()?;
        }
        let end = match &watched.failure {
            None => RunEnd::Complete,
            Some(failure) => {
                RunEnd::Incomplete { gaps: Vec::new(), failure: Some(failure.to_string()) }
            }
        };
        sink.finish(&end)?;
    }
    Ok(watched)
}

/// Shows what a poll brought, at once; row by row, since who reads may be slow and somebody ask to
/// stop meanwhile.
fn show(
    rows: &[Log],
    sink: &mut dyn Sink,
    watched: &mut Watched,
    context: &Context,
) -> Result<Flow, SinkError> {
    if rows.is_empty() {
        return Ok(Flow::Continue);
    }
    context.report.status("");
    for row in rows {
        if context.interrupt.is_raised() {
            watched.failure = Some(SourceError::Interrupted);
            return Ok(Flow::Stop);
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
        Note::Trouble(error) => report.warn(&format!("{error}; going on")),
        Note::Recovered { after } => {
            report.say(&format!("answers again after {} s", ceil_seconds(*after)));
        }
        Note::Missing(gap) => {
            report.warn(&format!("messages may be missing {}", summary::missing(gap, zone)));
        }
    }
}
