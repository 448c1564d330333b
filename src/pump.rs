//! The loop: pages in, rows out, until the pages end, the sink has enough or the run is interrupted.

use crate::clock::Interrupt;
use crate::pages::{Pages, RunReport};
use crate::sink::{Flow, RunEnd, Sink, SinkError};
use crate::source::SourceError;

/// The outcome of a run.
#[derive(Debug)]
pub struct RunOutcome {
    /// The number of rows that the sink received.
    pub rows: u64,
    /// What the pages requested and found.
    pub report: RunReport,
    /// Why the pages ended early, if they did. The sink received the rows before the failure.
    pub failure: Option<SourceError>,
}

/// Passes every row to the sink, and finishes the sink even when a page fails. If the first page
/// fails, the sink is not called at all.
///
/// # Errors
/// When the sink cannot write. A failure of the pages is part of the [`RunOutcome`].
pub fn pump(
    pages: &mut dyn Pages,
    sink: &mut dyn Sink,
    interrupt: &Interrupt,
) -> Result<RunOutcome, SinkError> {
    let mut rows = 0;
    let mut failure = None;
    let (mut has_started, mut stopped) = (false, false);
    'pages: while let Some(page) = pages.next_page() {
        let page = match page {
            Ok(page) => page,
            Err(error) => {
                failure = Some(error);
                break;
            }
        };
        // Only after the first response: the beginning of an output alone looks like an empty list.
        if !std::mem::replace(&mut has_started, true) {
            sink.begin()?;
        }
        // Each row is freed when it is written, which makes room for the next page, which is being
        // fetched meanwhile.
        let range = page.covers;
        for log in page.logs {
            if interrupt.is_raised() {
                failure = Some(SourceError::Interrupted);
                break 'pages;
            }
            rows += 1;
            if sink.log(&log)? == Flow::Stop {
                stopped = true;
                break 'pages;
            }
        }
        sink.end_page(&pages.report().coverage(range))?;
    }
    // A page that was the last only because of the signal must not count as the end.
    if failure.is_none() && !stopped && interrupt.is_raised_by_now() {
        failure = Some(SourceError::Interrupted);
    }
    if !has_started && failure.is_none() {
        sink.begin()?;
        has_started = true;
    }
    let report = pages.report();
    if has_started {
        sink.finish(&run_end(&report, failure.as_ref(), stopped))?;
    }
    Ok(RunOutcome { rows, report, failure })
}

/// How a run ended, for the sink.
fn run_end(report: &RunReport, failure: Option<&SourceError>, stopped: bool) -> RunEnd {
    if failure.is_none() && stopped {
        return RunEnd::Stopped;
    }
    if failure.is_none() && report.gaps.is_empty() {
        return RunEnd::Complete;
    }
    let failure = failure.map(ToString::to_string);
    RunEnd::Incomplete { gaps: report.gaps.clone(), failure }
}
